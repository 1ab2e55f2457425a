package personal

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"otklik/internal/russian"
)

// A run is a sequence of digits that a person may have parted by blanks,
// hyphens, brackets or full stops, as phones and cards are written.
type run struct {
	start, end int    // bytes of the source
	digits     string // digits alone
	groups     []int  // how many digits stand between two separators
	plus       bool
	dotted     bool // a full stop parts it: may be a date
	spaced     bool // a blank parts it: may be two numbers
}

// scanRun reads a run at byte pos; at most 20 digits, at most two signs between groups.
func scanRun(s string, pos int) (r run) {
	r.start = pos
	i, gap, group := pos, 0, 0
	var digits [20]byte
	n := 0
	if i < len(s) && s[i] == '+' {
		r.plus, i = true, i+1
	}
	for i < len(s) {
		c := s[i]
		if c >= '0' && c <= '9' {
			if n == len(digits) {
				break
			}
			if gap > 0 && group > 0 {
				r.groups, group = append(r.groups, group), 0
			}
			digits[n] = c
			n, group, gap = n+1, group+1, 0
			i++
			r.end = i
			continue
		}
		w := 1
		switch {
		case c == ' ' || c == '-' || c == '(' || c == ')' || c == '.':
		case strings.HasPrefix(s[i:], "\u00a0"), strings.HasPrefix(s[i:], "–"), strings.HasPrefix(s[i:], "—"), strings.HasPrefix(s[i:], "‑"):
			_, w = utf8.DecodeRuneInString(s[i:])
		default:
			w = 0
		}
		if gap++; w == 0 || gap > 3 {
			break
		}
		i += w
	}
	if group > 0 {
		r.groups = append(r.groups, group)
	}
	r.digits = string(digits[:n])
	between := s[r.start:max(r.end, r.start)]
	r.dotted, r.spaced = strings.Contains(between, "."), strings.Contains(between, " ")
	return r
}

// digits reads phones, cards and documents at token i and returns the last token read.
func (f *finder) digits(i int) int {
	start := f.tok[i].Start
	if i > 0 && f.tok[i-1].End == start {
		switch f.str(i - 1) { // the tail of a longer number or word
		case "/", "-", ".":
			if i > 1 && f.tok[i-2].End == f.tok[i-1].Start && f.tok[i-2].Kind != russian.Word {
				return i
			}
		}
	}
	r := scanRun(f.src, start)
	if f.src[start] == '(' && r.end > start && !strings.Contains(f.src[start:r.end], ")") {
		return i // the bracket is not the phone's; its digits come next
	}
	if len(r.digits) < 5 {
		return i
	}
	t := f.runType(i, &r)
	if t == "" {
		return i
	}
	if t == Phone && r.end < len(f.src) {
		if c, _ := utf8.DecodeRuneInString(f.src[r.end:]); unicode.IsLetter(c) && f.tok[i].Kind == russian.Mixed {
			return i
		}
	}
	f.add(r.start, r.end, t)
	return f.tokenAt(i, r.end) - 1
}

// runType decides what a run of digits is, and may shorten it when only its
// first groups belong together.
func (f *finder) runType(i int, r *run) Type {
	if t := f.phone(i, r); t {
		return Phone
	}
	n := len(r.digits)
	cue := f.cueBefore(i)
	switch {
	case n >= 16 && n <= 19 && (luhn(r.digits) || cue == Card) && !r.dotted:
		return Card
	case n == 11 && fits(r.groups, 3, 3, 3, 2) && (snils(r.digits) || cue == Document):
		return Document
	case n == 11 && cue == Document && snils(r.digits):
		return Document
	case (n == 10 || n == 12) && len(r.groups) == 1 && cue == Document:
		return Document
	case n == 12 && len(r.groups) == 1 && inn(r.digits):
		return Document
	case n == 10 && cue == Document:
		return Document
	case n == 16 && cue == Document:
		return Document
	}
	return ""
}

// phone reports whether r is a phone as Russians write them: +7 or 8 and ten
// digits, ten digits from 9 on, or a local number after a word for it.
func (f *finder) phone(i int, r *run) bool {
	d := r.digits
	n := len(d)
	word := f.phoneWord(i)
	if n > 11 && !r.plus {
		// «89131234567 89137654321»: two phones, read the first
		if cut := groupsTo(r.groups, 11); cut > 0 && (d[0] == '8' || d[0] == '7') && (d[1] == '9' || d[1] == '3' || d[1] == '4' || d[1] == '8') {
			f.shorten(r, 11)
			return true
		}
		return false
	}
	switch {
	case r.plus && n >= 10 && n <= 15:
		return true
	case n == 11 && (d[0] == '8' || d[0] == '7') && strings.IndexByte("34589", d[1]) >= 0:
		return !fits(r.groups, 3, 3, 3, 2) || word
	case n == 10 && d[0] == '9' && (len(r.groups) == 1 || len(r.groups) >= 3):
		return f.cueBefore(i) != Document
	case n == 10 && word:
		return true
	case n >= 5 && n <= 7 && word:
		return true
	case n == 6 && fits(r.groups, 2, 2, 2) && !r.dotted && !r.spaced:
		return !date(d)
	case n == 7 && fits(r.groups, 3, 2, 2) && !r.dotted && !r.spaced:
		return true
	}
	return false
}

// shorten cuts r behind its first n digits.
func (f *finder) shorten(r *run, n int) {
	seen := 0
	for i := r.start; i < r.end; i++ {
		if f.src[i] >= '0' && f.src[i] <= '9' {
			if seen++; seen == n {
				r.end, r.digits = i+1, r.digits[:n]
				return
			}
		}
	}
}

// groupsTo reports how many groups add up to n digits; 0 when none do.
func groupsTo(groups []int, n int) int {
	sum := 0
	for k, g := range groups {
		if sum += g; sum == n {
			return k + 1
		}
	}
	return 0
}

func fits(groups []int, want ...int) bool {
	if len(groups) != len(want) {
		return false
	}
	for k := range want {
		if groups[k] != want[k] {
			return false
		}
	}
	return true
}

// date reports whether six digits read as day, month and year: «22-11-26».
func date(d string) bool {
	day, month := (d[0]-'0')*10+d[1]-'0', (d[2]-'0')*10+d[3]-'0'
	return day >= 1 && day <= 31 && month >= 1 && month <= 12
}

// phoneWord reports whether a word for a phone stands up to three tokens before i.
func (f *finder) phoneWord(i int) bool {
	for k := i - 1; k >= 0 && k >= i-4; k-- {
		switch f.norm(k) {
		case "т", "тел", "телефон", "телефона", "телефону", "телефоном", "моб", "мобильный", "сот", "сотовый", "звоните", "звонить", "позвоните", "позвонить", "whatsapp", "ватсап", "вацап", "вотсап", "viber", "вайбер":
			return true
		case ".", ":", "(", "-", "№", "номер", "по", "домашний", "мой", "раб", "дом", "+", "на":
			continue
		}
		return false
	}
	return false
}

// cueBefore names the kind of number that the words up to four tokens before i
// announce: Card, Document or nothing.
func (f *finder) cueBefore(i int) Type {
	for k := i - 1; k >= 0 && k >= i-6; k-- {
		switch {
		case f.is(k, cardWord):
			return Card
		case f.is(k, paperWord):
			return Document
		case f.tok[k].Kind == russian.Punct, f.is(k, cueFiller):
			continue
		}
		return ""
	}
	return ""
}

// document reads «паспорт серия 95 12 № 345678», «паспорт 9512 345678».
func (f *finder) document(i int, what word) bool {
	if what&seriesless != 0 {
		return false
	}
	first, last, digits := -1, -1, 0
	for k := i + 1; k < len(f.tok) && k < i+12; k++ {
		t := &f.tok[k]
		switch {
		case t.Kind == russian.Number:
			if first < 0 {
				first = k
			}
			last = k
			digits += t.End - t.Start
		case t.Kind == russian.Punct && f.str(k) != ";" && f.str(k) != "!" && f.str(k) != "?", f.is(k, numberFiller), f.norm(k) == "о":
			continue
		case t.Kind == russian.Mixed && first < 0 && digits == 0: // «II-БА»
			continue
		default:
			k = len(f.tok)
		}
		if digits >= 10 {
			break
		}
	}
	if first < 0 || digits != 10 && digits != 16 && !(digits == 6 && what&shortPaper != 0) && !(digits == 9 && what&foreignPaper != 0) {
		return false
	}
	f.add(f.tok[first].Start, f.tok[last].End, Document)
	return true
}

// birth reads a date of birth: «12.03.1985 г. р.», «дата рождения 12.03.1985»,
// «родился 12 марта 1985», «1985 года рождения».
func (f *finder) birth(i int) bool {
	end, ok := f.date(i)
	if !ok {
		return false
	}
	if !f.bornBefore(i) && !f.bornBehind(f.tokenAt(i, end)) {
		return false
	}
	f.add(f.tok[i].Start, end, Document)
	return true
}

// date returns the end of a date or of a year that stands at token i.
func (f *finder) date(i int) (end int, ok bool) {
	s := f.str(i)
	switch {
	case f.tok[i].Kind != russian.Number:
		return 0, false
	case len(s) <= 2 && number(s) >= 1 && number(s) <= 31 && months[f.norm(i+1)]:
		if y := number(f.str(i + 2)); y >= 1900 && y < 2100 {
			return f.tok[i+2].End, true
		}
		return f.tok[i+1].End, true
	case len(s) == 4 && number(s) >= 1900 && number(s) < 2100:
		return f.tok[i].End, true
	}
	r := scanRun(f.src, f.tok[i].Start)
	if !r.dotted || r.spaced || !fits(r.groups, 2, 2, 4) && !fits(r.groups, 2, 2, 2) || !date(r.digits[:4]+"00") {
		return 0, false
	}
	return r.end, true
}

var months = map[string]bool{"января": true, "февраля": true, "марта": true, "апреля": true, "мая": true, "июня": true,
	"июля": true, "августа": true, "сентября": true, "октября": true, "ноября": true, "декабря": true}

// bornBefore reports whether the words before token i say that a birth follows.
func (f *finder) bornBefore(i int) bool {
	for k := i - 1; k >= 0 && k >= i-4; k-- {
		switch b := f.bits(k); {
		case b&birthWord != 0:
			return true
		case b&birthFiller == 0 && f.norm(k) != ":" && f.norm(k) != "." && f.norm(k) != "," && f.norm(k) != "в" && f.norm(k) != "-":
			return false
		}
	}
	return false
}

// bornBehind reports whether «г. р.», «г/р» or «года рождения» stands at token k.
func (f *finder) bornBehind(k int) bool {
	year := f.norm(k) == "г" || f.norm(k) == "гр" || f.bits(k)&birthFiller != 0
	if !year {
		return f.norm(k) == "г.р" || f.norm(k) == "г/р"
	}
	if f.norm(k) == "гр" {
		return true
	}
	for k++; f.norm(k) == "." || f.norm(k) == "/"; k++ {
	}
	return f.norm(k) == "р" || f.is(k, birthWord)
}

// luhn checks a card number (ISO/IEC 7812-1, annex B).
func luhn(d string) bool {
	sum, same := 0, true
	for k := range d {
		v := int(d[len(d)-1-k] - '0')
		if k%2 == 1 {
			if v *= 2; v > 9 {
				v -= 9
			}
		}
		sum += v
		same = same && d[k] == d[0]
	}
	return sum%10 == 0 && !same
}

// snils checks the last two of eleven digits of an insurance number: the first
// nine weighed 9 to 1, modulo 101, where 100 counts as 0.
func snils(d string) bool {
	if len(d) != 11 || d[:9] == "000000000" {
		return false
	}
	sum := 0
	for k := range 9 {
		sum += int(d[k]-'0') * (9 - k)
	}
	sum = sum % 101 % 100
	return sum == int(d[9]-'0')*10+int(d[10]-'0')
}

// inn checks the two check digits of a person's tax number of twelve digits.
func inn(d string) bool {
	if len(d) != 12 || d[:2] == "00" {
		return false
	}
	check := func(weights ...int) int {
		sum := 0
		for k, w := range weights {
			sum += w * int(d[k]-'0')
		}
		return sum % 11 % 10
	}
	return check(7, 2, 4, 10, 3, 5, 9, 4, 6, 8) == int(d[10]-'0') &&
		check(3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8) == int(d[11]-'0')
}

// plate reads a car's plate at token i: «А123ВС77», «а 123 вс 177», of the
// twelve letters that Cyrillic and Latin share (ГОСТ Р 50577).
func (f *finder) plate(i int) bool {
	if t := &f.tok[i]; t.Kind == russian.Word && t.End-t.Start > 2 {
		return false // a plate begins with one letter
	}
	end, ok := scanPlate(f.src, f.tok[i].Start)
	if !ok {
		return false
	}
	if f.tok[i].Start > 0 {
		if c, _ := utf8.DecodeLastRuneInString(f.src[:f.tok[i].Start]); unicode.IsLetter(c) || unicode.IsDigit(c) {
			return false
		}
	}
	f.add(f.tok[i].Start, end, Plate)
	return true
}

func scanPlate(s string, pos int) (end int, ok bool) {
	i := pos
	blank := func() {
		for range 2 {
			if i < len(s) && s[i] == ' ' {
				i++
			}
		}
	}
	letters := func(n int) bool {
		for range n {
			c, w := utf8.DecodeRuneInString(s[i:])
			if !strings.ContainsRune("авекмнорстухАВЕКМНОРСТУХabekmhopctyxABEKMHOPCTYX", c) {
				return false
			}
			i += w
		}
		return true
	}
	digits := func(low, high int) bool {
		n := 0
		for n < high && i < len(s) && s[i] >= '0' && s[i] <= '9' {
			i, n = i+1, n+1
		}
		return n >= low
	}
	if !letters(1) {
		return pos, false
	}
	blank()
	if !digits(3, 3) {
		return pos, false
	}
	blank()
	if !letters(2) {
		return pos, false
	}
	end = i
	spaced := strings.Contains(s[pos:end], " ")
	blank()
	region := digits(2, 3)
	if region {
		end = i
	}
	c, _ := utf8.DecodeRuneInString(s[end:])
	if end < len(s) && (unicode.IsLetter(c) || unicode.IsDigit(c)) {
		return pos, false
	}
	// «к 100 см»: parted and without a region it is a measure, not a plate.
	return end, region || !spaced
}
