package locate

import (
	"strings"
	"unicode/utf8"

	"otklik/internal/place"
	"otklik/internal/russian"
)

// A name is the run of tokens that name a street, with how sure its words are.
type name struct {
	first, last int
	ordinal     int  // «2-й» before the name or its type: its token + 1; 0 for none
	known       bool // found in every town: Ленина, Советская
	proper      bool // a surname, a person's name or a place, or a word that the dictionary lacks
	adjective   bool // feminine or of the type's gender: Лесопарковая
	genitive    bool // a noun in the genitive: Мира, Победы
}

// streetAdj reports whether token i is an adjective as streets bear it: of the
// given gender, in the singular.
func (r *reader) streetAdj(i int, gender byte) bool {
	if !r.word(i) {
		return false
	}
	g := russian.Femn
	switch gender {
	case 'm':
		g = russian.Masc
	case 'n':
		g = russian.Neut
	}
	if r.reads(i, russian.Adj|g|russian.Sing) || r.reads(i, russian.Participle|g|russian.Sing) {
		return true
	}
	if !r.gram(i).Has(russian.Guessed) {
		return false
	}
	n := r.norm(i)
	if gender == 'f' || gender == 0 {
		return hasAny(n, "ская", "ской", "скую", "цкая", "цкой", "цкую", "ная", "ной", "ную", "вая", "вой", "вую")
	}
	return hasAny(n, "ский", "ского", "скому", "ском", "ским", "цкий", "цком", "ный", "ном", "ого", "ому")
}

func hasAny(s string, endings ...string) bool {
	for _, e := range endings {
		if strings.HasSuffix(s, e) {
			return true
		}
	}
	return false
}

// phrase reports whether a name of two words that streets bear all over the
// country begins at token i, and returns its last token.
func (r *reader) phrase(i int) (last int, ok bool) {
	if i+1 >= len(r.tok) || !r.word(i) || r.broken(i+1) {
		return i, false
	}
	e := phrases.find(r.norm(i))
	if e == nil {
		return i, false
	}
	for _, rest := range e.rest {
		last = i
		for w := range strings.FieldsSeq(rest) {
			if last++; r.norm(last) != w || r.used[last] {
				last = i
				break
			}
		}
		if last > i {
			return last, true
		}
	}
	return i, false
}

// properGent reports whether token i may be a surname or another proper name in
// the genitive, or in the one form that a name without declension has.
func (r *reader) properGent(i int) bool {
	if !r.word(i) {
		return false
	}
	if r.readsAny(i, russian.Gent, russian.Surn|russian.Name|russian.Geox|russian.Patr) {
		return true
	}
	return r.gram(i).Has(russian.Guessed)
}

// nameAt reads a street's name at token i. typed tells that a type word of the
// given gender stands beside it; then small letters and common words may do.
func (r *reader) nameAt(i int, typed bool, gender byte) (n name, ok bool) {
	n = name{first: i, last: i}
	if i >= len(r.tok) || r.used[i] {
		return n, false
	}
	if q := r.quoted(i); q > 0 && typed {
		return name{first: i + 1, last: q - 1, proper: true}, true
	}
	if r.digit(i) {
		return r.numberedName(i, typed, gender)
	}
	// «Толе би», «Абылай хана», «Толе-би»: the second word says that it is a name.
	if last, ok := r.titled(i); ok && (typed || r.capital(i) || r.digit(last+1)) {
		return name{first: i, last: last, proper: true, genitive: true}, true
	}
	if !r.word(i) || r.tok[i].Kind == russian.Mixed {
		return n, false
	}
	if last, ok := r.phrase(i); ok {
		return name{first: i, last: last, proper: true, genitive: true, known: true}, true
	}
	// Initials: «К. Маркса», «Л.Толстого», «М Горького».
	if utf8.RuneCountInString(r.str(i)) <= 2 && r.capital(i) && (r.punct(i+1, ".") || typed && r.capital(i+1)) {
		k := i + 1
		if r.punct(k, ".") {
			k++
		}
		if r.capital(k) && utf8.RuneCountInString(r.str(k)) == 1 && r.punct(k+1, ".") { // «А.С.Пушкина»
			k += 2
		}
		if r.capital(k) && utf8.RuneCountInString(r.str(k)) > 2 && !r.broken(k) && r.properOrGent(k) {
			return name{first: i, last: k, proper: true, genitive: true}, true
		}
		return n, false
	}
	// Ranks: «Генерала Тихонова», «имени Ленина».
	if r.is(i, rankWord) && (typed || r.capital(i)) {
		k := i + 1
		if r.is(i, abbreviated) && r.punct(k, ".") {
			k++
		}
		if r.capital(k) || typed && r.properGent(k) && r.word(k) {
			rest, ok := r.nameAt(k, typed, gender)
			if ok {
				rest.first = i
				rest.proper = true
				return rest, true
			}
		}
		if !r.is(i, abbreviated) && r.capital(i) && r.reads(i, russian.Gent) && (typed || r.local(i, i)) { // «улица Космонавтов»
			n.genitive = true
			return n, true
		}
		return n, false
	}
	if !r.mayName(i, typed, gender) {
		if !r.bears(i, i+1) { // «на Павших Коммунаров»
			return n, false
		}
		return name{first: i, last: i + 1, proper: true, genitive: true}, true
	}
	n.known = r.is(i, commonName)
	n.adjective = r.streetAdj(i, gender)
	n.genitive = r.reads(i, russian.Noun|russian.Gent)
	n.proper = r.properGent(i)
	r.grow(&n, typed, gender)
	n.known = n.known || n.last == n.first+1 && r.is(n.last, commonName) && r.pair(n.first, n.last)
	return n, true
}

// titled reports whether a title of the Turkic kind follows the word at token i
// or is its second half, and returns the last token of both.
func (r *reader) titled(i int) (last int, ok bool) {
	if !r.word(i) || r.tok[i].End-r.tok[i].Start < 6 {
		return i, false
	}
	if _, tail, ok := strings.Cut(r.norm(i), "-"); ok && short[tail] != nil && short[tail].class&tailWord != 0 {
		return i, true
	}
	k := i + 1
	if r.punct(k, "-") && r.glued(k) && r.glued(k+1) {
		k++
	}
	if k < len(r.tok) && r.is(k, tailWord) && !r.used[k] && !r.broken(k) && !r.is(i, streetType|relWord|vagueWord|personWord) && r.gram(i).Any(russian.Noun|russian.Guessed) {
		return k, true
	}
	return i, false
}

func (r *reader) properOrGent(i int) bool {
	return r.properGent(i) || r.reads(i, russian.Noun|russian.Gent) || r.streetAdj(i, 'f')
}

// mayName reports whether token i can open a street's name.
func (r *reader) mayName(i int, typed bool, gender byte) bool {
	c := r.class(i)
	if typed && hasPrefix(r.norm(i), "набережн") { // «улица Набережная»
		return true
	}
	if c&(streetType|areaType|rayonType|houseWord|flatWord|crossWord|cornerWord|relWord|stopWord|roadWord|vagueWord|personWord|brandWord) != 0 &&
		c&commonName == 0 {
		return false
	}
	if c&landmarkWord != 0 && c&commonName == 0 && !(typed && r.capital(i)) {
		return false
	}
	g := r.gram(i)
	if g.Any(russian.Prep|russian.Conj|russian.Prcl|russian.Pronoun|russian.Intj) && !g.Has(russian.Guessed) && !(r.capital(i) && r.properGent(i)) {
		return false
	}
	if utf8.RuneCountInString(r.str(i)) < 3 {
		return false
	}
	noun, adj := g.Any(russian.Noun), r.streetAdj(i, gender)
	if !noun && !adj && !g.Has(russian.Guessed) {
		// «улица Черняховского»: a surname that the dictionary has as an adjective only
		return r.capital(i) && r.reads(i, russian.Adj|russian.Gent) && hasAny(r.norm(i), "ого", "его", "их", "ых") && (typed || r.local(i, i))
	}
	if r.capital(i) {
		if typed {
			return true
		}
		if r.tok[i].Shape == russian.Upper && !r.is(i, commonName) && !r.readsAny(i, russian.Gent, russian.Surn) {
			return false // «ЖЭУ», «ГАЗ»
		}
		return r.properGent(i) || adj || r.reads(i, russian.Noun|russian.Gent)
	}
	if !typed && !r.loud {
		return false
	}
	// Small letters: only what is a name whatever stands around. «Площадь
	// возгорания 80» and «линия отрезана» are no streets.
	if typed && !r.afterStreet(i) && c&commonName == 0 {
		return false
	}
	switch {
	case r.is(i+1, commonName) && r.pair(i, i+1):
		return true
	case c&commonName != 0 && (adj || r.reads(i, russian.Noun|russian.Gent)):
		return true
	case r.readsAny(i, russian.Gent, russian.Surn|russian.Name|russian.Patr) && !r.ordinary(i):
		return true
	case g.Has(russian.Guessed):
		return typed && (r.digit(i+1) || r.punct(i+1, ",") && r.digit(i+2) || r.is(i+1, houseWord) || r.gram(i+1).Has(russian.Guessed) && r.digit(i+2) ||
			r.readsAny(i, russian.Gent, russian.Surn|russian.Name) ||
			(r.is(i-1, rankWord|streetType) || r.punct(i-1, ".,") && r.is(i-2, streetType)) && hasAny(r.norm(i), "ова", "ева", "ского", "цкого", "ская", "ской", "цкой"))
	case adj && typed:
		// «улица грязная» tells how it is, «улица грязная, 5» how it is called.
		return r.digit(i+1) || r.punct(i+1, ",") && r.digit(i+2) || r.is(i+1, houseWord) ||
			r.ends(i+1) && hasAny(r.norm(i), "ская", "ской", "скую", "ский", "ском")
	case typed && r.reads(i, russian.Noun|russian.Gent):
		return r.digit(i+1) || r.punct(i+1, ",") && (r.digit(i+2) || r.is(i+2, houseWord)) || r.is(i+1, houseWord) && r.digit(i+2)
	}
	return false
}

// afterStreet reports whether the type word before token i means nothing but a
// street, as «улица» does and «площадь» does not.
func (r *reader) afterStreet(i int) bool {
	for b := i - 1; b >= 0 && b >= i-2; b-- {
		if r.is(b, streetType) {
			switch r.marks[b].entry.kind {
			case "улица", "проспект", "переулок", "бульвар":
				return true
			}
			return false
		}
	}
	return true
}

// ordinary reports whether the dictionary knows token i as a common word.
func (r *reader) ordinary(i int) bool {
	if i < 0 || i >= len(r.tok) {
		return false
	}
	for k := range r.tok[i].Forms {
		g := r.tok[i].Forms[k].Gram
		if !g.Any(russian.Geox | russian.Name | russian.Surn | russian.Patr | russian.Guessed | russian.Orgn | russian.Abbr) {
			return true
		}
	}
	return false
}

// ends reports whether the phrase ends before token i.
func (r *reader) ends(i int) bool {
	return i >= len(r.tok) || r.broken(i) || r.punct(i, ".,;:!?…—–-)»\"(")
}

// grow takes the further words of a name: «Карла Маркса», «Красной Армии»,
// «Абылай хана», «Большая Садовая».
func (r *reader) grow(n *name, typed bool, gender byte) {
	for n.last-n.first < 2 {
		k := n.last + 1
		if k >= len(r.tok) || r.used[k] || r.broken(k) {
			return
		}
		// «Толе-би», «Коктем-2», «Немировича-Данченко»
		if r.punct(k, "-") && r.glued(k) && r.glued(k+1) && k+1 < len(r.tok) && (r.is(k+1, tailWord) || r.digit(k+1) && typed && r.tok[k+1].End-r.tok[k+1].Start < 3) {
			n.last, n.proper = k+1, true
			return
		}
		if !r.word(k) || r.tok[k].Kind == russian.Mixed {
			return
		}
		if r.norm(n.last) == "реки" && typed && n.last == n.first && (r.capital(k) || r.gram(k).Any(russian.Geox|russian.Guessed)) { // «набережная реки Абакан»
			n.last, n.proper = k, true
			return
		}
		if r.is(k, tailWord) {
			n.last, n.proper = k, true
			return
		}
		if typed && r.is(k, causeWord) && r.reads(n.last, russian.Adj) {
			n.last, n.proper = k, true
			return
		}
		if !r.capital(k) && !(typed && r.loud) {
			if typed && n.first == n.last && !r.capital(n.last) && (r.pair(n.last, k) ||
				r.gram(n.last).Has(russian.Guessed) && r.gram(k).Has(russian.Guessed) && r.digit(k+1)) {
				n.last, n.proper = k, true
			}
			return
		}
		if r.is(k, streetType|townType|areaType|rayonType|houseWord|landmarkWord|stopWord) && !r.is(k, commonName) {
			return
		}
		switch {
		case r.pair(n.last, k):
		case r.bears(n.first, k):
		case r.reads(k, russian.Noun|russian.Plur|russian.Gent) && !r.gram(k).Any(russian.Surn|russian.Geox|russian.Name|russian.Guessed) && typed && !r.properGent(n.last) &&
			(r.reads(n.last, russian.Noun|russian.Gent) || r.reads(n.last, russian.Participle|russian.Plur|russian.Gent)): // «Дружбы Народов», «Павших Борцов»
		case n.adjective && (r.reads(k, russian.Noun|russian.Gent) && !r.gram(k).Any(russian.Surn|russian.Geox|russian.Name) || r.streetAdj(k, gender) && n.first == n.last && sized(r.norm(n.first))):
		case !n.adjective && r.gram(n.last).Has(russian.Guessed) && r.gram(k).Has(russian.Guessed) && !hasAny(r.norm(n.last), "ова", "ева", "ина", "ская", "ской"):
		case r.reads(n.last, russian.Noun|russian.Plur|russian.Gent) && !r.gram(n.last).Any(russian.Surn|russian.Guessed) && r.reads(k, russian.Noun|russian.Gent) && !r.properGent(k): // «Героев Труда»
		case !r.properGent(n.last) && !n.adjective && r.readsAny(k, russian.Gent, russian.Surn) && !r.reads(n.last, russian.Noun|russian.Gent):
		default:
			return
		}
		n.last, n.proper = k, true
	}
}

// bears reports whether the gazetteer has a street of the name that the
// capitalised tokens a to b make: it knows names that no grammar would join,
// as «Розы Люксембург».
func (r *reader) bears(a, b int) bool {
	if b >= len(r.tok) || r.used[b] || r.broken(b) {
		return false
	}
	for k := a; k <= b; k++ {
		if !r.word(k) || !r.capital(k) {
			return false
		}
	}
	return len(r.named(a, b, place.Street)) > 0
}

// sized reports whether an adjective tells streets of one name apart.
func sized(w string) bool {
	return hasPrefix(w, "больш", "мал", "верхн", "нижн", "средн", "стар", "нов", "перв", "втор", "северн", "южн", "восточн", "западн", "дальн", "красн", "перв", "трет")
}

func hasPrefix(s string, starts ...string) bool {
	for _, p := range starts {
		if strings.HasPrefix(s, p) {
			return true
		}
	}
	return false
}

// pair reports whether tokens a and b are a person's first name and surname in
// the genitive: «Карла Маркса», «Розы Люксембург».
func (r *reader) pair(a, b int) bool {
	if !r.readsAny(a, russian.Gent, russian.Name) || r.readsAny(a, russian.Gent, russian.Surn) {
		return false
	}
	// A woman's surname of a man's form stays as it is: «Клары Цеткин».
	return r.readsAny(b, russian.Gent, russian.Surn) || r.gram(b).Has(russian.Guessed) ||
		r.readsAny(a, russian.Femn|russian.Gent, russian.Name) && r.readsAny(b, russian.Masc|russian.Nomn, russian.Surn)
}

// numberedName reads «1-я Заводская», «50 лет Октября», «8 Марта», «9 Января».
func (r *reader) numberedName(i int, typed bool, gender byte) (n name, ok bool) {
	n = name{first: i, last: i, proper: true}
	k := i + 1
	if r.tok[i].Kind == russian.Number && r.tok[i].End-r.tok[i].Start <= 2 {
		if hasPrefix(r.norm(k), "лет") && r.is(k, numberName) {
			// «50 лет», then what it is of.
			last := k
			for last < k+3 && r.word(last+1) && !r.broken(last+1) && !r.used[last+1] &&
				(r.capital(last+1) || r.is(last+1, numberName) || last == k && memorable[r.norm(last+1)]) && !r.is(last+1, houseWord|streetType|townType) {
				last++
			}
			if last > k && (typed || r.capital(last) || r.digit(last+1) || r.is(i-1, placePrep) && memorable[r.norm(last)]) {
				n.last = last
				return n, true
			}
			return n, false
		}
		if r.is(k, numberName) && (typed || r.capital(k)) {
			n.last = k
			return n, typed || r.is(i-1, placePrep) && r.capital(k)
		}
		if r.feast(i, k) { // «8 марта 15 снег не чистят»
			n.last = k
			_, house := r.houseBehind(k + 1)
			return n, house
		}
	}
	if !r.ordinal(i) {
		if typed && r.capital(k) && !r.broken(k) && r.streetAdj(k, gender) { // «ул. 1 Заводская»
			n.last, n.ordinal = k, i+1
			return n, true
		}
		return n, false
	}
	if k >= len(r.tok) || !(r.capital(k) || r.streetAdj(k, gender) && (typed || r.lowNumbered(i, k))) {
		return n, false
	}
	typed = typed || !r.capital(k)
	rest, ok := r.nameAt(k, typed, gender)
	if !ok {
		return n, false
	}
	rest.first, rest.ordinal, rest.proper = i, i+1, true
	return rest, true
}

// memorable are what streets celebrate the years of: «60 лет ссср».
var memorable = map[string]bool{"октября": true, "победы": true, "ссср": true, "влксм": true, "комсомола": true, "революции": true, "рсфср": true}

// feast reports whether tokens i and k are a day that streets are called after.
func (r *reader) feast(i, k int) bool {
	switch r.norm(k) {
	case "марта":
		return r.norm(i) == "8"
	case "мая":
		return r.norm(i) == "1" || r.norm(i) == "9"
	case "января":
		return r.norm(i) == "9"
	}
	return false
}

// lowNumbered reports whether «1-я заводская 12», «на 3-й парковой» in small
// letters name a street: a house, or «на», «по» with nothing that the adjective
// could tell of.
func (r *reader) lowNumbered(i, k int) bool {
	if _, house := r.houseBehind(k + 1); house {
		return true
	}
	p := r.norm(i - 1)
	return (p == "на" || p == "по") && r.is(k, commonName) && r.locativeAdj(name{first: i, last: k, adjective: true})
}

// ordinal reports whether token i is an ordinal in digits: «2-й», «1я», «3-го».
func (r *reader) ordinal(i int) bool {
	if !r.digit(i) || r.tok[i].Kind != russian.Mixed {
		return false
	}
	s := strings.TrimLeft(r.norm(i), "0123456789")
	if d := len(r.norm(i)) - len(s); d > 2 {
		return false
	}
	switch strings.TrimPrefix(s, "-") {
	case "й", "я", "е", "м", "го", "му", "ю", "ый", "ий", "ой", "ая", "ое", "ом", "ую", "ого", "ому":
		return true
	}
	return false
}

// quoted returns the token that closes the quotation which token i opens; 0 when
// token i opens none or it is longer than six words.
func (r *reader) quoted(i int) int {
	if !r.punct(i, "«\"“„'") {
		return 0
	}
	for k := i + 2; k < len(r.tok) && k <= i+8; k++ {
		if r.broken(k) {
			return 0
		}
		if r.punct(k, "»\"”“'") {
			return k
		}
	}
	return 0
}
