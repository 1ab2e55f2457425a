package locate

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"otklik/internal/russian"
)

// A house is the number of one house, or of several, as read from the text.
type house struct {
	first, last int    // tokens, with the word «дом» when it stands there
	text        string // «33/2», «16а», «12к3»; several: «6, 8»
	cued        bool   // the word «дом» stands before or behind
}

// scanHouse reads one house number from byte pos of src: up to four digits, then
// a letter, a fraction, a corpus, a building. It returns the canonical number
// and the byte behind it; end is pos when no house number stands there. It works
// on bytes, not tokens, so that «12к3», «12 к 3» and «12/3а» read alike.
func scanHouse(src string, pos int) (text string, end int) {
	i := pos
	for i < len(src) && src[i] >= '0' && src[i] <= '9' {
		i++
	}
	if i == pos || i-pos > 4 || src[pos] == '0' {
		return "", pos
	}
	number := src[pos:i]
	tail := ""
	if i < len(src) {
		switch src[i] {
		case '.', ':':
			if i+1 < len(src) && isDigit(src[i+1]) { // a date or a time
				return "", pos
			}
		case '%':
			return "", pos
		}
	}
	// A letter: «16а», «16-а», «1 «А»».
	if letter, n := houseLetter(src[i:]); n > 0 {
		tail, i = letter, i+n
	} else if c, n := utf8.DecodeRuneInString(src[i:]); unicode.IsLetter(c) {
		_ = n
		if b, _ := scanBlock(src[i:]); b == "" {
			return "", pos // «23день», «5й»
		}
	} else if strings.HasPrefix(src[i:], "-") || strings.HasPrefix(src[i:], "–") {
		rest := strings.TrimPrefix(strings.TrimPrefix(src[i:], "-"), "–")
		if c, _ := utf8.DecodeRuneInString(rest); unicode.IsLetter(c) {
			return "", pos // «5-й», «20-летний»
		}
	} else if c == '°' || c == '₽' {
		return "", pos
	}
	// A fraction: «33/2», «30/А».
	if i+1 < len(src) && (src[i] == '/' || src[i] == '\\') {
		j := i + 1
		for j < len(src) && isDigit(src[j]) && j-i <= 3 {
			j++
		}
		if j > i+1 {
			tail += "/" + src[i+1:j]
			i = j
			if letter, n := houseLetter(src[i:]); n > 0 {
				tail, i = tail+letter, i+n
			}
		} else if letter, n := houseLetter(src[i+1:]); n > 0 {
			tail, i = tail+"/"+letter, i+1+n
		}
	}
	// Blocks: «к 3», «корп. 2», «стр 1», «лит А».
	for range 2 {
		b, n := scanBlock(src[i:])
		if n == 0 {
			break
		}
		tail, i = tail+b, i+n
	}
	return number + tail, i
}

func isDigit(b byte) bool { return b >= '0' && b <= '9' }

// houseLetter reads the letter of a house number at the start of s: glued
// («а»), hyphened («-а»), or as a capital behind a blank (« А», « «А»»). It
// returns the letter in lower case and the bytes read.
func houseLetter(s string) (letter string, n int) {
	rest, skipped, blank := s, 0, false
	for {
		switch {
		case strings.HasPrefix(rest, " ") && !blank && skipped == 0:
			rest, skipped, blank = rest[1:], 1, true
			continue
		case strings.HasPrefix(rest, "-") && skipped == 0:
			rest, skipped = rest[1:], 1
			continue
		}
		break
	}
	quote := ""
	for _, q := range [...][2]string{{"«", "»"}, {"\"", "\""}, {"“", "”"}} {
		if strings.HasPrefix(rest, q[0]) {
			quote, rest, skipped = q[1], rest[len(q[0]):], skipped+len(q[0])
			break
		}
	}
	c, size := utf8.DecodeRuneInString(rest)
	if !unicode.IsLetter(c) {
		return "", 0
	}
	after := rest[size:]
	if quote != "" {
		if !strings.HasPrefix(after, quote) {
			return "", 0
		}
		return string(unicode.ToLower(c)), skipped + size + len(quote)
	}
	next, _ := utf8.DecodeRuneInString(after)
	if unicode.IsLetter(next) || unicode.IsDigit(next) {
		return "", 0
	}
	lower := unicode.ToLower(c)
	switch {
	case blank && c == lower:
		// «12 а яма» opens a clause, «12 а, яма» is a house.
		if !strings.ContainsRune("абве", c) || after != "" && !strings.ContainsAny(after[:1], ",;)\n") {
			return "", 0
		}
	case blank && !strings.ContainsRune("абвгдежзилмнАБВГДЕЖЗИЛМН", c):
		return "", 0
	case blank && strings.HasPrefix(after, "."):
		return "", 0 // an initial or «Г.»
	case skipped == 1 && !blank && strings.ContainsRune("йяехмго", lower):
		return "", 0 // «5-й», «7-я»
	case skipped == 0 && strings.ContainsRune("йчя", lower):
		return "", 0 // «5й», «18ч»
	}
	return string(lower), skipped + size
}

// scanBlock reads « к 3», «к3», «, корп. 2», « стр. 1», « лит. А» at the start
// of s and returns it as «к3», «стр1», «литА».
func scanBlock(s string) (text string, n int) {
	i := 0
	for i < len(s) && (s[i] == ' ' || s[i] == ',') && i < 3 {
		i++
	}
	start := i
	for i < len(s) {
		c, size := utf8.DecodeRuneInString(s[i:])
		if !unicode.IsLetter(c) {
			break
		}
		i += size
		if i-start > 22 {
			return "", 0
		}
	}
	short := ""
	switch strings.ToLower(s[start:i]) {
	case "к", "корп", "корпус", "корпуса", "кор":
		short = "к"
	case "стр", "строение":
		short = "стр"
	case "лит", "литер", "литера":
		short = "лит"
	case "вл":
		short = "вл"
	default:
		return "", 0
	}
	if i < len(s) && (s[i] == '.' || s[i] == '-') {
		i++
	}
	for i < len(s) && s[i] == ' ' {
		i++
	}
	if i < len(s) && isDigit(s[i]) {
		j := i
		for j < len(s) && isDigit(s[j]) {
			j++
		}
		if j-i > 2 {
			return "", 0
		}
		if next, _ := utf8.DecodeRuneInString(s[j:]); unicode.IsLetter(next) || strings.HasPrefix(s[j:], "-") {
			if letter, m := houseLetter(s[j:]); m > 0 {
				return short + s[i:j] + letter, j + m
			}
			return "", 0
		}
		return short + s[i:j], j
	}
	if c, size := utf8.DecodeRuneInString(s[i:]); unicode.IsUpper(c) && short != "стр" {
		if next, _ := utf8.DecodeRuneInString(s[i+size:]); !unicode.IsLetter(next) {
			return short + strings.ToUpper(string(c)), i + size
		}
	}
	return "", 0
}

// houseAt reads a house at token i: «33/2», «дом 16а», «д. 9, 23, 25», «дома 6
// и 8», «6-й дом». after tells that a street's name stands right before, where
// the word «дом» may be missing.
func (r *reader) houseAt(i int, after bool) (h house, ok bool) {
	h.first = i
	plural := false
	if from, to, last, ok := r.houseRange(i); ok && after && r.is(last+1, houseWord) { // «с 86 по 90 дом»
		return house{first: i, last: last + 1, text: from + "–" + to, cued: true}, true
	}
	switch {
	case r.is(i, houseWord) && !(r.is(i, townType) && !after && !r.punct(i+1, ".") && !r.digit(i+1)):
		n := r.norm(i)
		plural = n == "дома" || n == "домов" || n == "домах" || n == "домами" || n == "домам" || n == "д"
		h.cued = true
		i++
		for k := 0; k < 2 && (r.punct(i, ".,") || r.str(i) == "№" || r.norm(i) == "n" || r.norm(i) == "номер"); k++ {
			i++
		}
	case i < len(r.tok) && r.tok[i].Kind == russian.Mixed && !r.digit(i):
		return r.gluedHouse(i)
	case r.digit(i):
		if d, ok := r.ordinalHouse(i); ok {
			return d, true
		}
		if !after {
			return h, false
		}
	case after && r.str(i) == "№":
		i++
	default:
		return h, false
	}
	if from, to, last, ok := r.houseRange(i); ok && plural { // «дома с 5 по 15»
		h.last, h.text = last, from+"–"+to
		return h, true
	}
	if !r.digit(i) {
		return h, false
	}
	text, last := r.number(i)
	if last < i {
		return h, false
	}
	if r.counts(i, last, h.cued) {
		return h, false
	}
	h.last, h.text = last, text
	// A list: «6 и 8», «9, 23, 25»; a range of houses: «96-98».
	for plural || after {
		k := h.last + 1
		and := r.norm(k) == "и" || r.norm(k) == "или"
		dash := r.punct(k, "-–—") && plural && r.norm(h.first) != "д"      // «д. 12-45» is a house and its flat
		if r.str(k+1) == "№" && (r.punct(k, ",") || and) && r.digit(k+2) { // «№ 4, № 10»
			if text, last := r.number(k + 2); last >= k+2 && !r.used[k+2] && !r.counts(k+2, last, h.cued) {
				h.text, h.last = h.text+", "+text, last
				continue
			}
		}
		if !(r.punct(k, ",") || r.punct(k, ";") && plural || and || dash) || !r.digit(k+1) {
			break
		}
		text, last := r.number(k + 1)
		if and && !plural && r.governs(k+1, last) {
			break
		}
		if last < k+1 || r.counts(k+1, last, h.cued) || r.used[k+1] || r.is(last+1, flatWord) {
			break
		}
		if r.punct(last+1, "-") && !plural {
			break
		}
		sep := ", "
		if dash {
			sep = "–"
		}
		h.text, h.last = h.text+sep+text, last
	}
	return h, true
}

// gluedHouse reads «д5», «дом5»: the word and the number in one token.
func (r *reader) gluedHouse(i int) (house, bool) {
	n := r.norm(i)
	at := strings.IndexAny(n, "0123456789")
	if at < 0 || n[:at] != "д" && n[:at] != "дом" || r.tok[i].End-r.tok[i].Start != len(n) {
		return house{}, false
	}
	text, end := scanHouse(r.src, r.tok[i].Start+at)
	if text == "" || end < r.tok[i].End {
		return house{}, false
	}
	last := i
	for last+1 < len(r.tok) && r.tok[last+1].End <= end {
		last++
	}
	return house{first: i, last: last, text: text, cued: true}, true
}

// houseRange reads «с 5 по 15», «от 5 до 15» at token i.
func (r *reader) houseRange(i int) (from, to string, last int, ok bool) {
	a, b := r.norm(i), r.norm(i+2)
	if !(a == "с" && (b == "по" || b == "до") || a == "от" && b == "до") || !r.digit(i+1) || !r.digit(i+3) || r.broken(i+3) {
		return "", "", i, false
	}
	from, _ = r.number(i + 1)
	to, last = r.number(i + 3)
	return from, to, last, from != "" && to != "" && !r.counts(i+3, last, true)
}

// ordinalHouse reads «6-й дом», «14й дом».
func (r *reader) ordinalHouse(i int) (house, bool) {
	d := 0
	for k := r.tok[i].Start; k < len(r.src) && isDigit(r.src[k]); k++ {
		d++
	}
	if d == 0 || d > 3 {
		return house{}, false
	}
	if r.tok[i].Kind == russian.Number && r.is(i-1, placePrep|relWord) && !r.digit(i+2) {
		switch r.norm(i + 1) {
		case "дом", "дома", "доме", "дому", "домом": // «напротив 31 дома»
			return house{first: i, last: i + 1, text: r.norm(i), cued: true}, d == len(r.norm(i)) && r.norm(i) != "0"
		}
	}
	rest := strings.TrimPrefix(r.src[r.tok[i].Start+d:], "-")
	for _, s := range [...]string{"ый", "ой", "й", "м", "ом", "го"} {
		if !strings.HasPrefix(rest, s+" ") {
			continue
		}
		k := i + 1
		for k < len(r.tok) && r.tok[k].Start < len(r.src)-len(rest)+len(s) {
			k++
		}
		switch r.norm(k) {
		case "дом", "дома", "доме", "дому", "домом":
			return house{first: i, last: k, text: r.src[r.tok[i].Start : r.tok[i].Start+d], cued: true}, !r.digit(k + 1)
		}
		return house{}, false
	}
	return house{}, false
}

// number reads the house number that starts at token i and returns it with the
// last token that it covers; last < i when none is there.
func (r *reader) number(i int) (text string, last int) {
	text, end := scanHouse(r.src, r.tok[i].Start)
	if text == "" {
		return "", i - 1
	}
	last = i
	for last+1 < len(r.tok) && r.tok[last+1].End <= end {
		last++
	}
	if r.tok[last].End > end && r.tok[i].Start+len(text) < r.tok[last].End && last == i {
		// The tokenizer sees more in this token than a house number: «12-45» is
		// house and flat, all else is no house.
		if c := r.src[end]; c != '-' && c != '/' && c != ',' {
			return "", i - 1
		}
	}
	return text, last
}

// governs reports whether behind «Мира 15 и» the number of tokens first to last
// belongs to what follows it and is no second house: «и 3 дерева», «и 112 вызвали».
func (r *reader) governs(first, last int) bool {
	if n := r.norm(first); n == "112" || n >= "101" && n <= "104" && len(n) == 3 {
		return true
	}
	k := last + 1
	return r.word(k) && !r.broken(k) && (r.is(k, unitWord) || r.gram(k).Has(russian.Noun|russian.Gent))
}

// counts reports whether the number of tokens first to last counts something:
// «9 этажей», «10 деревьев», «8 марта».
func (r *reader) counts(first, last int, cued bool) bool {
	k := last + 1
	if k >= len(r.tok) || r.broken(k) {
		return false
	}
	if r.punct(k, "%°") || r.tok[k].Kind == russian.Symbol && r.str(k) != "№" && r.punct(k, "₽$€°%") {
		return true
	}
	if !r.word(k) {
		return false
	}
	if r.is(k, unitWord) && !(r.is(k, townType) || r.norm(k) == "р" && r.punct(k+1, "-")) {
		return true
	}
	if r.tok[k].Shape != russian.Lower || cued && r.is(k, flatWord) {
		return false
	}
	// Five and more take the genitive plural.
	g := r.gram(k)
	if !g.Has(russian.Noun|russian.Plur|russian.Gent) || g.Has(russian.Guessed) || g.Any(russian.Nomn) {
		return false
	}
	text := r.src[r.tok[first].Start:]
	n, d := 0, 0
	for d < len(text) && isDigit(text[d]) {
		n, d = n*10+int(text[d]-'0'), d+1
	}
	teens := n%100 >= 11 && n%100 <= 14
	return teens || n%10 == 0 || n%10 >= 5
}
