package personal

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"otklik/internal/russian"
)

// flat reads «кв. 12», «квартира № 5», «квартире 7а».
func (f *finder) flat(i int) bool {
	switch f.norm(i) {
	case "кв", "кв-ра", "кв-ре", "кв-ры", "квартира", "квартиры", "квартире", "квартиру", "квартирой", "комн", "комната":
	default:
		return false
	}
	k := i + 1
	for j := 0; j < 3 && (f.str(k) == "." || f.str(k) == "№" || f.str(k) == ":" || f.norm(k) == "номер" || f.norm(k) == "n"); j++ {
		k++
	}
	if k >= len(f.tok) || f.tok[k].Kind != russian.Number && f.tok[k].Kind != russian.Mixed || f.src[f.tok[k].Start] < '0' || f.src[f.tok[k].Start] > '9' {
		return false
	}
	if f.tok[k].End-f.tok[k].Start > 6 {
		return false
	}
	switch f.norm(k + 1) {
	case "м", "метр", "метра", "метров", "кв", "руб", "рублей", "тыс", "лет", "раз", "года", "год":
		return false // «квартира 45 метров»
	}
	f.add(f.tok[i].Start, f.tok[k].End, Flat)
	return true
}

// flatAfterHouse reads the flat of «дом 12-45», «Мира 12-45»: the second number
// behind a house number. Two numbers of one side of a street that lie close, as
// «дома 12-18», are a range of houses.
func (f *finder) flatAfterHouse(i int) {
	if i+2 >= len(f.tok) || f.tok[i].Kind != russian.Number || f.str(i+1) != "-" || f.tok[i+2].Kind != russian.Number ||
		f.tok[i+1].Start != f.tok[i].End || f.tok[i+2].Start != f.tok[i+1].End || f.str(i+3) == "-" {
		return
	}
	b := i - 1
	for b >= 0 && (f.str(b) == "." || f.str(b) == "," || f.str(b) == "№") {
		b--
	}
	switch f.norm(b) {
	case "д", "дом", "доме", "дому":
	default:
		if b < 0 || !f.streetLike(b) || f.brokenBefore(i) {
			return
		}
	}
	house, flat := number(f.str(i)), number(f.str(i+2))
	if house == 0 || flat == 0 || flat > 1500 || flat > house && flat-house <= 20 && (flat-house)%2 == 0 {
		return
	}
	f.add(f.tok[i+2].Start, f.tok[i+2].End, Flat)
}

// streetLike reports whether token i may end a street's name: a surname in the
// genitive or an adjective with a capital.
func (f *finder) streetLike(i int) bool {
	c, _ := utf8.DecodeRuneInString(f.str(i))
	if f.tok[i].Kind != russian.Word || !unicode.IsUpper(c) {
		return false
	}
	for k := range f.tok[i].Forms {
		g := f.tok[i].Forms[k].Gram
		if g.Has(russian.Noun|russian.Gent) || g.Has(russian.Adj|russian.Femn) {
			return true
		}
	}
	return false
}

func number(s string) int {
	n := 0
	for k := 0; k < len(s) && k < 5; k++ {
		if s[k] < '0' || s[k] > '9' {
			return 0
		}
		n = n*10 + int(s[k]-'0')
	}
	return n
}

// A part is what a word can be in a person's full name.
type part uint8

const (
	firstName part = 1 << iota
	surname
	patronymic
	initial
)

// part returns what token i can be in a name. Words in small letters are names
// only beside a patronymic; words that the dictionary knows only as common ones never.
func (f *finder) part(i int) part {
	if i < 0 || i >= len(f.tok) || f.tok[i].Kind != russian.Word {
		return 0
	}
	s := f.str(i)
	c, n := utf8.DecodeRuneInString(s)
	if !unicode.IsUpper(c) && (n == len(s) || !f.besidePatronymic(i)) {
		return 0
	}
	if n == len(s) {
		if f.str(i+1) == "." && f.tok[i+1].Start == f.tok[i].End {
			return initial
		}
		return 0
	}
	var p part
	for k := range f.tok[i].Forms {
		g := f.tok[i].Forms[k].Gram
		if g.Has(russian.Guessed) && k > 0 && p != 0 {
			continue
		}
		if g.Any(russian.Patr) {
			p |= patronymic
		}
		if g.Any(russian.Name) && !g.Has(russian.Guessed) {
			p |= firstName
		}
		if g.Any(russian.Surn) {
			p |= surname
		}
	}
	if p&patronymic == 0 && patronymicEnding(f.tok[i].Norm) && f.guessed(i) {
		p |= patronymic
	}
	if p == 0 && f.guessed(i) && surnameEnding(f.tok[i].Norm) {
		p |= surname
	}
	return p
}

// patronymic reports whether token i is a patronymic and nothing else.
func (f *finder) patronymic(i int) bool {
	for k := range f.tok[i].Forms {
		if !f.tok[i].Forms[k].Gram.Has(russian.Patr) {
			return false
		}
	}
	return len(f.tok[i].Forms) > 0
}

// besidePatronymic reports whether token i stands within two words of a
// patronymic, with nothing but blanks between.
func (f *finder) besidePatronymic(i int) bool {
	if !f.patronymics {
		return false
	}
	for _, step := range [2]int{-1, 1} {
		for k := i; k >= 0 && k < len(f.tok) && k >= i-2 && k <= i+2 && f.tok[k].Kind == russian.Word; k += step {
			if f.patronymic(k) {
				return true
			}
		}
	}
	return false
}

func (f *finder) guessed(i int) bool {
	for k := range f.tok[i].Forms {
		if f.tok[i].Forms[k].Gram.Has(russian.Guessed) {
			return true
		}
	}
	return false
}

func patronymicEnding(w string) bool {
	return hasAny(w, "ович", "евич", "овича", "евича", "овичу", "евичу", "овичем", "евичем", "овна", "евна", "овны", "евны", "овне", "евне", "овну", "евну", "овной", "евной")
}

func surnameEnding(w string) bool {
	return hasAny(w, "ов", "ев", "ин", "ын", "ова", "ева", "ина", "ына", "ову", "еву", "овой", "евой", "иной", "овым", "евым", "иным", "ский", "ского", "скому", "ским", "ская", "ской", "скую", "енко", "чук", "юк", "дзе", "швили", "ян", "их", "ых")
}

func hasAny(s string, endings ...string) bool {
	for _, e := range endings {
		if strings.HasSuffix(s, e) {
			return true
		}
	}
	return false
}

// person reads a full name at token i: surname, name and patronymic in any
// order, a name with a patronymic or a surname, a surname with initials. A
// surname or a first name alone is none: too many streets bear them.
func (f *finder) person(i int) {
	if i > 0 && f.part(i-1) != 0 && f.inFound(f.tok[i-1].Start) {
		return
	}
	if f.part(i) == 0 {
		return
	}
	var have part
	last := i - 1
	end := 0
	initials, bears := 0, false // bears: some word may be a surname
	for k := i; k < len(f.tok) && k < i+7; k++ {
		p := f.part(k)
		if p == 0 || k > i && f.brokenBefore(k) {
			break
		}
		if p == initial {
			initials++
			if initials > 2 {
				break
			}
			k++ // its full stop
			last, end = k, f.tok[k].End
			continue
		}
		// Take the first role that is still open.
		switch {
		case p&patronymic != 0 && have&patronymic == 0 && have&(firstName|surname) != 0:
			have |= patronymic
		case p&surname != 0 && have == 0 && k+1 < len(f.tok) && f.part(k+1)&firstName != 0 && !f.brokenBefore(k+1):
			have |= surname // «Романова Анна»: the next word is the first name
		case p&firstName != 0 && have&firstName == 0 && !(p&surname != 0 && have&patronymic != 0 && have&surname == 0 && have&firstName != 0):
			have |= firstName
		case p&surname != 0 && have&surname == 0:
			have |= surname
		default:
			p = 0
		}
		if p == 0 {
			break
		}
		bears = bears || f.part(k)&surname != 0
		last, end = k, f.tok[k].End
	}
	if last < i {
		return
	}
	full := have&firstName != 0 && have&(surname|patronymic) != 0 || have&surname != 0 && have&patronymic != 0
	switch {
	case full:
		if have&patronymic == 0 && (f.street(i) || !f.agree(i, last) || f.monument(i)) {
			return
		}
		// «Бурлыка Игнат Львович»: beside a name and patronymic any
		// capital word that the dictionary does not know as another part of
		// speech is the surname.
		if b := i - 1; have&(firstName|patronymic) == firstName|patronymic && have&surname == 0 && !f.brokenBefore(i) && f.surnameLike(b) {
			i = b
		}
	case initials > 0 && bears:
		if f.street(i) {
			return
		}
	default:
		return
	}
	f.add(f.tok[i].Start, end, Name)
}

// surnameLike reports whether token i is written as a surname and is guessed, or
// ends as surnames do.
func (f *finder) surnameLike(i int) bool {
	if i < 0 || f.tok[i].Kind != russian.Word || utf8.RuneCountInString(f.str(i)) < 3 {
		return false
	}
	c, _ := utf8.DecodeRuneInString(f.str(i))
	return unicode.IsUpper(c) && (f.guessed(i) || surnameEnding(f.tok[i].Norm))
}

// inFound reports whether the name found last covers byte pos.
func (f *finder) inFound(pos int) bool {
	for k := len(f.found) - 1; k >= 0 && k >= len(f.found)-2; k-- {
		if s := f.found[k].Span; f.found[k].Type == Name && s.Start <= pos && pos < s.End {
			return true
		}
	}
	return false
}

func (f *finder) brokenBefore(k int) bool {
	return k > 0 && strings.IndexByte(f.src[f.tok[k-1].End:f.tok[k].Start], '\n') >= 0
}

// street reports whether the words before token i make the name a street's or
// an institution's: «улица Карла Маркса», «школа имени Ю. Гагарина».
func (f *finder) street(i int) bool {
	for k := i - 1; k >= 0 && k >= i-3; k-- {
		switch f.norm(k) {
		case ".", ",", "«", "\"":
			continue
		case "ул", "пр", "пр-т", "просп", "пер", "бул", "б-р", "пл", "наб", "ш", "им", "имени", "памяти":
			return true
		case "по", "на":
			return k == i-1 && f.houseBehind(i)
		}
		return f.is(k, streetWord) || f.houseBehind(i)
	}
	return f.houseBehind(i)
}

// houseBehind reports whether a house number follows the name: «Карла Маркса 5».
func (f *finder) houseBehind(i int) bool {
	k := i
	for k < len(f.tok) && k < i+4 && f.part(k) != 0 {
		if f.part(k) == initial {
			k++
		}
		k++
	}
	if f.str(k) == "," {
		k++
	}
	switch f.norm(k) {
	case "д", "дом", "дома", "доме":
		return true
	}
	return k < len(f.tok) && f.tok[k].Kind != russian.Word && f.src[f.tok[k].Start] >= '0' && f.src[f.tok[k].Start] <= '9' &&
		f.tok[k].End-f.tok[k].Start <= 6 && f.str(k-1) != "." && !f.nominative(i)
}

// nominative reports whether a first name from token i on is in the nominative,
// as persons are and streets are not: «Мария Иванова 25 лет», not «Карла Маркса 5».
func (f *finder) nominative(i int) bool {
	for k := i; k < len(f.tok) && k < i+3 && f.part(k) != 0; k++ {
		for j := range f.tok[k].Forms {
			if f.tok[k].Forms[j].Gram.Has(russian.Nomn | russian.Name) {
				return true
			}
		}
	}
	return false
}

const cases = russian.Nomn | russian.Gent | russian.Datv | russian.Accs | russian.Ablt | russian.Loct

// agree reports whether all words of the name have readings in one case.
func (f *finder) agree(first, last int) bool {
	all := cases
	for k := first; k <= last; k++ {
		if f.tok[k].Kind != russian.Word {
			continue
		}
		var own russian.Gram
		for j := range f.tok[k].Forms {
			if g := f.tok[k].Forms[j].Gram; g.Any(russian.Name | russian.Surn | russian.Patr) {
				own |= g & cases
			}
		}
		if own != 0 {
			all &= own
		}
	}
	return all != 0
}

// monument reports whether the name is of somebody whom streets are named
// after, said in the genitive without a patronymic: «Карла Маркса».
func (f *finder) monument(i int) bool {
	return f.is(i, monumentFirst) && f.is(i+1, monumentLast)
}

// child reads a child's name or age beside the word for it: «сын Миша», «дочери
// 5 лет», «ребёнок 2015 года рождения».
func (f *finder) child(i int) {
	if !f.is(i, childWord) {
		return
	}
	k := i + 1
	if f.str(k) == "," || f.str(k) == "(" {
		k++
	}
	end := 0
	if p := f.part(k); p&firstName != 0 {
		end = f.tok[k].End
		for j := k + 1; j < k+3 && f.part(j)&(surname|patronymic) != 0; j++ {
			end = f.tok[j].End
		}
		k = f.tokenAt(k, end)
		if f.str(k) == "," || f.str(k) == "(" {
			k++
		}
	}
	if k < len(f.tok) && f.tok[k].Kind == russian.Number && f.tok[k].End-f.tok[k].Start <= 2 {
		grown := len(f.str(k)) == 2 && f.str(k) >= "18"
		switch f.norm(k + 1) {
		case "лет", "год", "года", "годик", "годика":
			if !grown {
				end = f.tok[k+1].End
			}
		case "месяцев", "месяца", "мес":
			end = f.tok[k+1].End
		}
	}
	if end > 0 {
		f.add(f.tok[i].Start, end, Child)
	}
}
