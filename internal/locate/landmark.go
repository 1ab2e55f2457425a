package locate

import (
	"strings"

	"otklik/internal/russian"
)

// roads reads highways and their kilometres: «на 45 км трассы Р-257», «трасса
// М-5», «дорога Абакан — Саяногорск».
func (r *reader) roads() {
	for i := range r.tok {
		if r.used[i] || !r.is(i, roadWord|kmWord) {
			continue
		}
		if r.is(i, kmWord) {
			r.kilometre(i)
			continue
		}
		k := r.afterType(i)
		last, ok := r.roadName(k)
		if !ok {
			continue
		}
		r.road(i, i, last, k)
	}
}

func (r *reader) road(first, typ, last, nameFirst int) {
	f := Found{Span: r.span(first, last), Type: Road, Kind: r.marks[typ].entry.kind, Score: 0.8,
		Name: r.src[r.tok[nameFirst].Start:r.tok[last].End], Why: "слово «" + r.str(typ) + "» и имя дороги"}
	f.Relation = r.relationBefore(first)
	r.add(f, nameFirst, last)
	r.take(first, last)
}

// roadName reads a road's number or its two ends at token i.
func (r *reader) roadName(i int) (last int, ok bool) {
	if i >= len(r.tok) || r.broken(i) {
		return i, false
	}
	if q := r.quoted(i); q > 0 {
		return q, true
	}
	// «М-5», «Р257», «А-101»: one capital letter and digits
	s := r.src[r.tok[i].Start:]
	for _, l := range [...]string{"М", "Р", "А", "К", "M", "P", "A", "E", "Е", "м", "р", "а"} {
		if t, ok := strings.CutPrefix(s, l); ok {
			t = strings.TrimLeft(t, "- –")
			d := 0
			for d < len(t) && isDigit(t[d]) {
				d++
			}
			if d > 0 && d <= 4 {
				end := len(r.src) - len(t) + d
				for last = i; last+1 < len(r.tok) && r.tok[last].End < end; last++ {
				}
				return last, true
			}
		}
	}
	// «Абакан — Саяногорск»
	if !r.capital(i) || r.reads(i, russian.Verb) {
		return i, false
	}
	if dash := i + 1; !r.punct(dash, "-–—") {
		if strings.ContainsRune(r.str(i), '-') { // one token: «Курск-Воронеж»
			a, b, _ := strings.Cut(r.str(i), "-")
			return i, len(a) > 4 && len(b) > 4 && upperFirst(b) == b
		}
		return i, false
	} else if r.capital(dash + 1) {
		last = dash + 1
		for r.punct(last+1, "-–—") && r.capital(last+2) {
			last += 2
		}
		return last, true
	}
	return i, false
}

// kilometre reads «45 км трассы Р-257», «12-й километр», «на 5 км Мелекесского тракта».
func (r *reader) kilometre(i int) {
	b := i - 1
	for b > i-4 && b >= 0 && !r.digit(b) {
		b--
	}
	if b < 0 || !r.digit(b) || r.used[b] || r.is(b-1, relWord) && r.norm(b-1) != "около" {
		return
	}
	k := i + 1
	if r.punct(k, ".") {
		k++
	}
	first := b
	switch {
	case r.is(k, roadWord) && !r.used[k]:
		n := r.afterType(k)
		if r.reads(n, russian.Adj) { // «автомобильной дороги»
			n++
		}
		if r.is(n, roadWord) {
			n++
		}
		last, ok := r.roadName(n)
		if !ok {
			last = k
		}
		r.road(first, k, last, first)
	case r.capital(k):
		if last, ok := r.roadName(k); ok {
			r.road(first, i, last, first)
			return
		}
		if n := k + 1; r.is(n, streetType) && r.streetAdj(k, r.marks[n].entry.gender) { // «5 км Московского шоссе»
			r.road(first, n, n, first)
		}
	}
}

// landmarks reads «в районе центральной бани», «напротив школы 5», «парк
// Победы», «остановка «Рынок»», «за магазином «Магнит»».
func (r *reader) landmarks() {
	for i := range r.tok {
		if r.used[i] {
			continue
		}
		switch {
		case r.is(i, houseWord):
			r.houseOf(i)
		case r.is(i, landmarkWord):
			r.landmark(i)
		case r.is(i, brandWord):
			r.brand(i)
		}
	}
}

// stops reads stops of public transport before streets and blocks, after which
// many are called.
func (r *reader) stops() {
	for i := range r.tok {
		if !r.used[i] && r.is(i, stopWord) {
			r.stop(i)
		}
	}
}

// houseOf reads «дом культуры», «дома быта»: no house but a landmark.
func (r *reader) houseOf(i int) {
	switch r.norm(i + 1) {
	case "культуры", "быта", "творчества", "пионеров", "офицеров", "книги", "техники", "престарелых", "молодежи", "печати":
	default:
		return
	}
	if r.broken(i+1) || r.used[i+1] {
		return
	}
	last := i + 1
	if q := r.quoted(i + 2); q > 0 {
		last = q
	}
	rel := r.relationBefore(i)
	if rel == "" && !r.is(i-1, placePrep) {
		return
	}
	r.add(Found{Span: r.span(i, last), Type: Landmark, Kind: "culture", Score: 0.55, Relation: rel,
		Name: "дом" + r.src[r.tok[i].End:r.tok[last].End], Why: "ориентир «дом " + r.norm(i+1) + "»"}, i, last)
	r.take(i, last)
}

// designation reads what tells the landmark at token i from others of its kind:
// a number, a quoted or proper name behind it. It returns the tokens of the
// proper name and the last token of the whole.
func (r *reader) designation(i int) (n name, last int, ok bool) {
	k := i + 1
	if r.is(i, abbreviated) && r.punct(k, ".") {
		k++
	}
	if k < len(r.tok) && r.broken(k) {
		return n, i, false
	}
	// «торговый центр», «детский сад № 5», «школа-интернат»: the noun may be two words
	if r.str(k) == "№" || r.norm(k) == "n" || r.norm(k) == "номер" {
		if r.digit(k + 1) {
			return name{first: k + 1, last: k + 1}, k + 1, true
		}
	}
	if r.glued(k) && strings.HasPrefix(r.str(k), "№") && len(r.str(k)) > len("№") {
		return name{first: k, last: k}, k, true
	}
	if q := r.quoted(k); q > 0 {
		return name{first: k + 1, last: q - 1, proper: true}, q, true
	}
	shop := r.kindAt(i) == "shop" || r.norm(i) == "тц" || r.norm(i) == "трц" || r.norm(i) == "тк"
	if shop && k < len(r.tok) && !r.used[k] && r.word(k) && (r.is(k, brandWord) || r.class(k) == 0 && r.gram(k).Any(russian.Guessed|russian.Geox|russian.Name)) || // «магазин магнит»
		r.kindAt(i) == "park" && r.is(k, commonName) && !r.used[k] && r.reads(k, russian.Noun|russian.Gent) || // «в парке победы»
		hasAny(r.norm(i), "дк") && k < len(r.tok) && !r.used[k] && r.reads(k, russian.Noun|russian.Plur|russian.Gent) { // «дк железнодорожников»
		return name{first: k, last: k, proper: true}, k, true
	}
	if r.digit(k) && !r.used[k] && r.tok[k].Kind == russian.Number && r.tok[k].End-r.tok[k].Start <= 3 && !r.counts(k, k, true) && !r.is(k+1, flatWord) {
		return name{first: k, last: k}, k, true
	}
	// «имени Семашко», «им. Ганди»
	if n := r.norm(k); n == "имени" || n == "им" {
		f := k + 1
		if r.punct(f, ".") {
			f++
		}
		l := f - 1
		for l+1 < len(r.tok) && l < f+6 && (r.capital(l+1) || l+1 == f && r.properGent(l+1) || r.punct(l+1, ".") && r.tok[l].End-r.tok[l].Start <= 2 || r.digit(l+1)) && !r.broken(l+1) && !r.used[l+1] {
			l++
		}
		if l >= f {
			return name{first: f, last: l, proper: true}, l, true
		}
	}
	if r.capital(k) && !r.used[k] && !r.is(k, streetType|townType|houseWord|areaType) && r.word(k) && !r.gram(k).Any(russian.Prep|russian.Conj|russian.Pronoun|russian.Prcl) {
		l := k
		for l+1 < len(r.tok) && l < k+2 && r.capital(l+1) && !r.broken(l+1) && !r.used[l+1] && r.word(l+1) && !r.is(l+1, streetType|townType|houseWord) {
			l++
		}
		return name{first: k, last: l, proper: true}, l, true
	}
	return n, i, false
}

// kindAt returns the kind of the landmark's word at token i.
func (r *reader) kindAt(i int) string {
	if e := r.marks[i].entry; e != nil {
		return e.kind
	}
	return ""
}

func (r *reader) landmark(i int) {
	e := r.marks[i].entry
	last := i
	n, end, named := r.designation(i)
	if named {
		last = end
	}
	// Adjectives before it: «центральной бани», «Центральный парк».
	first := i
	niche, proper := false, false
	vague := false
	for first > 0 && !r.broken(first) && !r.used[first-1] && (r.reads(first-1, russian.Adj) || r.streetAdj(first-1, 'm')) && first > i-3 && r.word(first-1) {
		b := first - 1
		if r.is(b, vagueWord) {
			vague = true
			break
		}
		if r.is(b, placePrep|relWord) || r.is(b, streetType) {
			break
		}
		niche = niche || r.is(b, nicheWord)
		proper = proper || r.capital(b) && !r.opens(b)
		first = b
	}
	rel := r.relationBefore(first)
	prep := rel != "" || r.is(first-1, placePrep)
	person := r.is(i, personWord)
	score := 0.0
	switch {
	case vague:
		return
	case person && rel == "":
		return // «снесите памятник Ленину»
	case named && rel == "" && e.kind == "office":
		return // «банк России», «администрация Курска»
	case named && (rel != "" || e.kind == "park" || prep):
		score = 0.75
	case proper && (prep || e.kind == "park"):
		score = 0.75
	case named && r.opens(first) && !(n.proper && r.reads(n.first, russian.Geox)):
		score = 0.6
	case named:
		score = 0.5
		if e.kind == "office" || e.kind == "nature" && !n.proper || n.proper && r.reads(n.first, russian.Geox) {
			return // «река 5», «катки Москвы»
		}
	case niche && (rel != "" || e.kind == "park"):
		score = 0.6
	case niche && prep && r.opens(first-1), first < i && r.opens(first) && e.kind == "park" && niche:
		score = 0.5
	case r.is(i, soleWord) && rel != "" && first == i:
		score = 0.45
	default:
		return
	}
	f := Found{Span: r.span(first, last), Type: Landmark, Kind: e.kind, Score: score, Relation: rel,
		Name: r.landmarkText(first, i, last), Why: "ориентир «" + r.str(i) + "»"}
	if first-1 >= 0 && (r.norm(first-1) == "в" || r.norm(first-1) == "во") && rel == "" {
		f.Relation = Inside
	}
	a, b := first, last
	if named && n.proper {
		a, b = n.first, n.last
	}
	r.add(f, a, b)
	r.take(first, last)
}

// landmarkText puts a landmark's noun and the adjectives before it into the
// nominative and leaves what follows as it is: «центральная баня», «школа 5».
func (r *reader) landmarkText(first, noun, last int) string {
	var b strings.Builder
	gender := byte('m')
	lemma := r.str(noun)
	if !r.is(noun, abbreviated) {
		var g russian.Gram
		for k := range r.tok[noun].Forms {
			f := &r.tok[noun].Forms[k]
			if g == 0 && lexicon[f.Lemma] != nil {
				lemma = f.Lemma
			}
			if f.Lemma == lemma {
				g |= f.Gram
			}
		}
		switch {
		case g.Has(russian.Plur) && !g.Has(russian.Sing):
			lemma, gender = strings.ToLower(r.str(noun)), 0
		case g.Has(russian.Femn):
			gender = 'f'
		case g.Has(russian.Neut):
			gender = 'n'
		}
	}
	for i := first; i < noun; i++ {
		w := strings.ToLower(r.str(i))
		if gender != 0 {
			w = r.nominative(i, gender)
		}
		if r.capital(i) && !r.opens(i) {
			w = upperFirst(w)
		}
		b.WriteString(w)
		b.WriteByte(' ')
	}
	b.WriteString(lemma)
	b.WriteString(r.src[r.tok[noun].End:r.tok[last].End])
	return b.String()
}

// stop reads «на остановке Рынок», «ост. «Школа № 5»», «у остановки ТЦ Заря».
func (r *reader) stop(i int) {
	k := r.afterType(i)
	for r.norm(k) == "общественного" || r.norm(k) == "транспорта" || r.norm(k) == "автобуса" || r.norm(k) == "трамвая" || r.norm(k) == "троллейбуса" {
		k++
	}
	if k >= len(r.tok) || r.broken(k) {
		return
	}
	if r.punct(k, ":-–—") && r.is(i, stopWord) && r.capital(k+1) && r.glued(k) {
		k++
	}
	last := k
	text := ""
	if q := r.quoted(k); q > 0 {
		last, text = q, r.src[r.tok[k+1].Start:r.tok[q-1].End]
	} else {
		if r.is(k, landmarkWord) && !r.capital(k) && !r.used[k] && r.reads(k, russian.Noun|russian.Nomn|russian.Sing) {
			r.lowStop(i, k)
			return
		}
		named := r.capital(k) || r.is(k, areaType|landmarkWord) && r.capital(k+1) && !r.broken(k+1)
		if !named || r.used[k] || !r.word(k) {
			return
		}
		for last+1 < len(r.tok) && last < k+4 && !r.broken(last+1) && !r.used[last+1] &&
			(r.capital(last+1) && r.word(last+1) || r.punct(last+1, "№") || r.digit(last+1) && !r.counts(last+1, last+1, true) ||
				r.is(last+1, landmarkWord) && r.streetAdj(last, 'm')) {
			last++
		}
		text = r.src[r.tok[k].Start:r.tok[last].End]
		if r.punct(last+1, "/\\") { // «на остановке Абая/Манаса»: two streets
			return
		}
	}
	rel := r.relationBefore(i)
	f := Found{Span: r.span(i, last), Type: Stop, Kind: "stop", Name: text, Relation: rel, Score: 0.75,
		Why: "слово «" + r.str(i) + "» и имя"}
	if q := r.quoted(k); q > 0 {
		r.add(f, k+1, q-1)
	} else {
		r.add(f, k, last)
	}
	r.take(i, last)
}

// lowStop reads «на остановке школа искусств», «остановка больница»: the word of a
// landmark in the nominative behind the stop at token i.
func (r *reader) lowStop(i, k int) {
	last := k
	switch n := k + 1; {
	case n >= len(r.tok) || r.broken(n) || r.used[n]:
	case r.tok[n].Kind == russian.Number && r.tok[n].End-r.tok[n].Start <= 3 && !r.counts(n, n, true), r.is(n, brandWord),
		r.word(n) && r.reads(n, russian.Noun|russian.Gent) && !r.gram(n).Any(russian.Nomn|russian.Prep|russian.Conj):
		last = n
	}
	r.add(Found{Span: r.span(i, last), Type: Stop, Kind: "stop", Name: r.src[r.tok[k].Start:r.tok[last].End], Relation: r.relationBefore(i),
		Score: 0.6, Why: "слово «" + r.str(i) + "» и имя"}, k, last)
	r.take(i, last)
}

// brand reads shops known by their name alone: «за Пятёрочкой», «у «Магнита»».
func (r *reader) brand(i int) {
	first, last := i, i
	if r.punct(i-1, "«\"") && r.punct(i+1, "»\"") {
		first, last = i-1, i+1
	}
	rel := r.relationBefore(first)
	if rel == "" || !r.capital(i) && first == i && !r.is(i, soleWord) {
		return
	}
	f := Found{Span: r.span(first, last), Type: Landmark, Kind: r.marks[i].entry.kind, Relation: rel, Score: 0.5,
		Name: upperFirst(r.tok[i].Forms[0].Lemma), Why: "магазин, известный по имени"}
	r.add(f, i, i)
	r.take(first, last)
}
