package locate

import (
	"otklik/internal/russian"
)

// typedStreets reads streets beside their type word: «ул. Мира», «улицы Мира и
// Ленина», «Марата ул», «Октябрьский проспект».
func (r *reader) typedStreets() {
	for i := range r.tok {
		if r.used[i] {
			continue
		}
		switch {
		case r.is(i, areaType):
			r.area(i)
		case r.is(i, streetType):
			r.typedStreet(i)
		}
	}
}

func (r *reader) typedStreet(i int) {
	e := r.marks[i].entry
	if n, ok := r.nameBefore(i); ok {
		r.street(n, i, e, 0.85, true)
		return
	}
	k := r.afterType(i)
	n, ok := r.nameAt(k, true, e.gender)
	if !ok {
		if _, house := r.houseBehind(i + 1); house && e.kind == "набережная" && !r.is(i, abbreviated) && r.addressHere(i-1) { // «Набережная, 5»
			n = name{first: i, last: i, known: true, adjective: true}
			r.housesOf(r.street(n, i, nil, 0.7, false), i, i+1)
		}
		return
	}
	if n.ordinal == 0 && r.ordinal(i-1) && !r.broken(i) && !r.used[i-1] { // «2-й переулок Мира»
		n.ordinal = i
		r.used[i-1] = true
	}
	r.street(n, i, e, 0.85, true)
	// «улиц Мира, Ленина и Гоголя»
	if !r.pluralType(i) {
		return
	}
	for range 8 {
		k, ok := r.joint(n.last + 1)
		if !ok {
			return
		}
		if r.is(k, streetType) {
			return
		}
		if n, ok = r.nameAt(k, true, e.gender); !ok || !r.capital(n.first) && !n.known {
			return
		}
		r.street(n, n.first, e, 0.75, true)
	}
}

// pluralType reports whether the type word at token i is in the plural, so that
// several names follow.
func (r *reader) pluralType(i int) bool {
	switch r.norm(i) {
	case "улиц", "улицы", "улицах", "улицам", "улицами", "переулков", "переулках", "проспектов", "проспектах":
		return true
	}
	return false
}

// joint reads what stands between two streets of one expression — «и», «,»,
// «/», «-», «угол», «с» — and returns the token behind it.
func (r *reader) joint(i int) (int, bool) {
	if i >= len(r.tok) || r.broken(i) {
		return i, false
	}
	if r.norm(i) == "и" || r.norm(i) == "с" || r.norm(i) == "со" || r.punct(i, ",/\\-–—+&") {
		if i++; r.norm(i) == "и" {
			i++
		}
		return i, i < len(r.tok)
	}
	return i, false
}

// afterType returns the token behind a type word and its full stop.
func (r *reader) afterType(i int) int {
	k := i + 1
	if r.is(i, abbreviated) && r.tok[i].End-r.tok[i].Start <= 10 {
		for j := 0; j < 2 && r.punct(k, ".,"); j++ {
			k++
		}
	}
	if k < len(r.tok) && r.broken(k) {
		return len(r.tok)
	}
	return k
}

// nameBefore reads the name in front of the type word at token i: «Ленина
// улица», «Октябрьском проспекте», «Средний Венец ул».
func (r *reader) nameBefore(i int) (n name, ok bool) {
	e := r.marks[i].entry
	k := i - 1
	if k < 0 || r.broken(i) || r.used[k] || !r.word(k) || !(r.capital(k) || r.is(k, commonName) && (r.loud || r.ordinal(k-1) || r.lowBefore(k, i))) || r.is(k, townType|streetType) {
		return n, false
	}
	short := r.is(i, abbreviated) && e.kind != "" && r.norm(i) != "улица" && r.norm(i) != "улиц"
	adj := r.streetAdj(k, e.gender) && !r.is(k, vagueWord)
	after, hasAfter := r.nameAt(r.afterType(i), true, e.gender)
	switch {
	case adj && e.gender != 'f':
		// «На Суворовском переулке»; at the start of a sentence the capital says
		// little, but «Новый переулок» and «Старый проспект» are names all the same.
	case adj && !(r.opens(k) && !r.is(k, commonName)):
		if hasAfter && r.capital(after.first) {
			return n, false
		}
	case short && !hasAfter && (r.properGent(k) || r.reads(k, russian.Noun|russian.Gent)):
	case short && r.punct(i+1, ",") && (r.properGent(k) || r.reads(k, russian.Noun|russian.Gent)) && !r.is(k-1, streetType):
	case !short && !hasAfter && r.properGent(k) && !r.opens(k):
		// «Ленина улица»
	default:
		return n, false
	}
	n = name{first: k, last: k, known: r.is(k, commonName), adjective: adj, proper: true}
	for n.last-n.first < 2 {
		k = n.first - 1
		if k < 0 || r.broken(k+1) || r.used[k] || !r.capital(k) || r.is(k, townType|streetType|houseWord) || r.readsAny(k, russian.Prep, russian.Prep) {
			break
		}
		if !(r.streetAdj(k, e.gender) || r.is(k, rankWord) || r.pair(k, n.first) || r.gram(k).Has(russian.Guessed) && short) {
			break
		}
		n.first = k
	}
	if k = n.first - 1; r.ordinal(k) && !r.broken(n.first) && !r.used[k] { // «1-й Садовый переулок»
		n.first, n.ordinal = k, k+1
	}
	return n, true
}

// lowBefore reports whether the word at token k, in small letters, names the
// street whose type word stands at token i: «на московском шоссе», but not «на
// новом проспекте» and not «проезд подорожал».
func (r *reader) lowBefore(k, i int) bool {
	return !r.is(i, abbreviated) && !sized(r.norm(k)) && !r.opens(k) && r.streetAdj(k, r.marks[i].entry.gender) &&
		r.is(k-1, placePrep) && !r.capital(i+1)
}

// street notes a street whose name is n and whose type word, if any, is token
// typ; then the house beside it.
func (r *reader) street(n name, typ int, e *entry, score float64, houses bool) int {
	gender, kind := byte('f'), ""
	if e != nil {
		gender, kind = e.gender, e.kind
	}
	f := Found{
		Span: r.span(n.first, n.last), Type: Street, Kind: kind,
		Name: r.nameText(n, gender), Score: score, Why: "имя улицы по месту в предложении",
	}
	switch {
	case e != nil && r.is(typ, streetType):
		f.Why = "слово «" + r.str(typ) + "» и имя"
	case e != nil:
		f.Why = "имя в ряду улиц"
	}
	if typ < 0 {
		typ = n.first
	}
	first := n.first
	if typ < first {
		first = typ
	}
	f.Relation = r.relationBefore(first)
	at := r.add(f, n.first, n.last)
	if n.ordinal > 0 {
		r.refs[at].ordinal = r.ordinalText(n.ordinal-1, gender)
		if n.first == n.ordinal-1 {
			r.refs[at].first++
		}
	}
	r.take(min(typ, n.first), max(typ, n.last))
	if houses {
		r.housesOf(at, first, max(typ, n.last)+1)
	}
	return at
}

// housesOf reads the house of street at: behind it («Мира, дом 5») from token
// next on, or before it («в доме 5 по улице Мира»), ending at token first.
func (r *reader) housesOf(at, first, next int) {
	k := next
	if r.punct(k, ".") && r.is(k-1, abbreviated) {
		k++
	}
	for j := 0; j < 2 && r.punct(k, ",-–—"); j++ {
		k++
	}
	if k < len(r.tok) && (!r.broken(k) || r.is(k, houseWord)) && !r.used[k] {
		j := k
		rel := Relation("")
		// «Желтоксан, рядом с домом 15»
		if e, n := r.relationAt(j); e != "" && r.is(n, houseWord) {
			rel, j = e, n
		} else if r.punct(j, "(") {
			j++
		} else if r.norm(j) == "в" || r.norm(j) == "у" || r.norm(j) == "на" {
			if r.is(j+1, houseWord) {
				j++
			}
		}
		bare := j == k && k-next <= 1 && !(k > next && r.punct(next, "-–—") && r.glued(next))
		if h, ok := r.houseAt(j, bare); ok && r.free(h.first, h.last) {
			r.house(at, h, rel)
			// «дом 3 и дом 5»
			if j := h.last + 1; r.norm(j) == "и" && r.is(j+1, houseWord) {
				if h, ok := r.houseAt(j+1, false); ok && r.free(h.first, h.last) {
					r.house(at, h, rel)
				}
			}
			return
		}
	}
	// «Возле дома 40 по улице Мира», «дом 6 на Мира», «дома 9, улица Мира», «дома по Мира»
	b := first - 1
	if r.is(b, placePrep) {
		b--
	}
	if r.punct(b, ",") || r.punct(b, "(") {
		b--
	}
	for s := b; s >= 0 && s > b-7; s-- {
		if r.used[s] || r.broken(s+1) && s < b {
			break
		}
		if !r.is(s, houseWord) && !r.digit(s) {
			continue
		}
		h, ok := r.houseAt(s, false)
		if ok && h.last == b && r.free(h.first, h.last) {
			// «дом 3 и дом 5 на Мира»
			if r.norm(s-1) == "и" {
				for q := s - 2; q >= 0 && q > s-6; q-- {
					if r.is(q, houseWord) && !r.used[q] {
						if h2, ok := r.houseAt(q, false); ok && h2.last == s-2 {
							r.house(at, h2, r.relationBefore(q))
						}
						break
					}
				}
			}
			r.house(at, h, r.relationBefore(s))
			return
		}
	}
}

// house notes house h of the street that is found at.
func (r *reader) house(at int, h house, rel Relation) {
	if rel == "" {
		rel = r.relationBefore(h.first)
	}
	f := Found{Span: r.span(h.first, h.last), Type: House, Name: h.text, House: h.text, Score: 0.6, Relation: rel}
	if at >= 0 {
		s := &r.found[at]
		f.Street, f.Score = s.Name, s.Score
		if f.Relation == "" {
			f.Relation = s.Relation
		}
		f.Why = "номер дома при улице"
		if s.Score < 0.9 {
			s.Score += 0.05
		}
	} else {
		f.Why = "номер дома, улица не названа"
	}
	k := r.add(f, 0, -1)
	r.refs[k].street = at
	r.take(h.first, h.last)
}

// area reads «мкр Южный», «4-й микрорайон», «микрорайон 12».
func (r *reader) area(i int) {
	e := r.marks[i].entry
	if hasPrefix(r.norm(i), "товариществ") && !hasPrefix(r.norm(i-1), "садов", "дачн", "огородн") {
		return // of owners of flats
	}
	add := func(n name, first, last int, text string) {
		f := Found{Span: r.span(first, last), Type: District, Kind: e.kind, Name: text, Score: 0.8,
			Why: "слово «" + r.str(i) + "» и имя", Relation: r.relationBefore(first)}
		at := r.add(f, n.first, n.last)
		r.take(first, last)
		r.housesOf(at, first, last+1)
	}
	k := r.afterType(i)
	if q := r.quoted(k); q > 0 {
		n := name{first: k + 1, last: q - 1}
		add(n, i, q, upperFirst(r.src[r.tok[k+1].Start:r.tok[q-1].End]))
		return
	}
	if r.digit(k) && (r.glued(k) || !r.broken(k)) {
		if text, last := r.number(k); last >= k {
			add(name{first: k, last: last}, i, last, text)
			return
		}
	}
	// «4-й микрорайон», «Южный микрорайон»
	b := i - 1
	for b >= 0 && b > i-3 && !r.digit(b) && !r.broken(b+1) && (r.punct(b, "-") || r.tok[b].End-r.tok[b].Start <= 6) {
		b--
	}
	house := r.is(b-1, houseWord) && r.capital(k) && !r.broken(k) // «дома 12 мкр Полярный»: the number is the house's
	if r.digit(b) && b >= 0 && r.tok[b].End-r.tok[b].Start <= 8 && !r.used[b] && !house {
		d := r.tok[b].Start
		for d < len(r.src) && isDigit(r.src[d]) {
			d++
		}
		if s := r.src[d:r.tok[i].Start]; hasPrefix(s, "-й", "й", "-м", "м ", "-ый", "-ом", "-го", " ") {
			add(name{first: b, last: b}, b, i, r.src[r.tok[b].Start:d])
			return
		}
	}
	if last, ok := r.gardens(i, k); ok {
		add(name{first: k, last: last}, i, last, upperFirst(r.src[r.tok[k].Start:r.tok[last].End]))
		return
	}
	if low := r.is(k, commonName) && r.streetAdj(k, 'm') && !hasPrefix(r.norm(k), "нов", "стар", "больш", "мал"); (r.capital(k) || low) && !r.broken(k) && r.tok[k].Shape != russian.Upper {
		if n, ok := r.nameAt(k, true, 'm'); ok {
			text := r.placeText(n.first, n.last)
			add(n, i, n.last, text)
			return
		}
	}
	low := r.is(i-1, commonName) && r.is(i-2, placePrep) && !hasPrefix(r.norm(i-1), "нов", "стар", "больш", "мал")
	if (r.capital(i-1) || low) && r.streetAdj(i-1, 'm') && !r.is(i-1, vagueWord) && !r.broken(i) && r.free(i-1, i-1) {
		n := name{first: i - 1, last: i - 1}
		add(n, i-1, i, upperFirst(r.nominative(i-1, 'm')))
	}
}

// gardens reads the name of a gardeners' settlement, «снт берёзка», «СНТ Строитель
// 2», behind the type word at token i: any noun that is no trouble of theirs.
func (r *reader) gardens(i, k int) (last int, ok bool) {
	if r.marks[i].entry.kind != Gardens || k >= len(r.tok) || r.broken(k) || !r.word(k) || r.used[k] || r.tok[k].Kind != russian.Word {
		return k, false
	}
	switch {
	case r.capital(k):
	case r.class(k)&^(commonName|causeWord) != 0, r.gram(k).Any(russian.Prep | russian.Conj | russian.Prcl | russian.Pronoun | russian.Verb | russian.Infn | russian.Adverb):
		return k, false
	case r.gram(k).Has(russian.Guessed), r.reads(k, russian.Noun|russian.Nomn|russian.Sing) && !gardenTroubles[r.tok[k].Lemma()]:
	default:
		return k, false
	}
	last = k
	if r.capital(k) && r.capital(k+1) && r.word(k+1) && !r.broken(k+1) && r.class(k+1) == 0 {
		last++
	}
	n := last + 1
	if r.punct(n, "-") && r.glued(n) && r.glued(n+1) {
		n++
	}
	if n < len(r.tok) && r.tok[n].Kind == russian.Number && r.tok[n].End-r.tok[n].Start <= 2 && !r.broken(n) && !r.counts(n, n, true) {
		last = n
	}
	return last, true
}

// gardenTroubles are the nouns behind «снт» that name no settlement.
var gardenTroubles = map[string]bool{
	"вода": true, "свет": true, "электричество": true, "газ": true, "мусор": true, "снег": true, "председатель": true, "правление": true,
	"участок": true, "проезд": true, "интернет": true, "связь": true, "автобус": true, "свалка": true, "пожар": true, "взнос": true, "собака": true,
	"человек": true, "год": true, "день": true, "месяц": true, "проблема": true, "администрация": true, "скважина": true, "столб": true,
}
