package locate

import "otklik/internal/russian"

// bareStreets reads streets without a type word: «Ленина 86», «по Гагарина»,
// «на Лесопарковой», «Гоголя/Исаева». A name alone is not enough: a house, a
// preposition that the case does not obey, or a second street must speak for it.
func (r *reader) bareStreets() {
	for i := 0; i < len(r.tok); i++ {
		if r.used[i] {
			continue
		}
		if r.digit(i) {
			r.bareNumbered(i)
			continue
		}
		if !r.word(i) {
			continue
		}
		low := !r.capital(i)
		if low && !r.lowCandidate(i) {
			continue
		}
		n, ok := r.bareName(i, low)
		if !ok {
			continue
		}
		score, why := r.bareScore(n, low)
		if score == 0 {
			continue
		}
		at := r.street(n, n.first, nil, score, false)
		r.found[at].Why = why
		r.housesOf(at, n.first, n.last+1)
		i = max(i, r.row(at, n))
	}
}

// bareNumbered reads «50 лет Октября, 5», «на 8 Марта», «1-я Заводская 3»
// without a type word: a house or «по», «на» must speak for it.
func (r *reader) bareNumbered(i int) {
	n, ok := r.numberedName(i, false, 'f')
	if !ok || n.last == i {
		return
	}
	_, house := r.houseBehind(n.last + 1)
	if prev := r.norm(i - 1); !house && prev != "по" && prev != "на" {
		return
	}
	at := r.street(n, n.first, nil, 0.7, true)
	r.found[at].Why = "имя улицы с числом"
}

// lowCandidate reports whether a word in small letters may be a street's name:
// only a name that every town has, or an unknown word with a house behind it.
func (r *reader) lowCandidate(i int) bool {
	if r.is(i, commonName) {
		return true
	}
	if last, ok := r.titled(i); ok && r.digit(last+1) {
		return true
	}
	if _, ok := r.phrase(i); ok || r.is(i, rankWord) && !r.is(i, abbreviated|personWord) && r.reads(i, russian.Gent) && r.properGent(i+1) {
		return true
	}
	if r.is(i+1, commonName) && r.pair(i, i+1) { // «карла маркса»
		return true
	}
	g := r.gram(i)
	if r.relational(i) || r.headedName(i) || r.localName(i) {
		return true
	}
	return g.Has(russian.Guessed) || !r.ordinary(i) && g.Any(russian.Surn|russian.Name)
}

// lowSurname reports whether token i, in small letters, is a surname in the
// genitive and no common word.
func (r *reader) lowSurname(i int) bool {
	if r.gram(i).Has(russian.Guessed) {
		return hasAny(r.norm(i), "ова", "ева", "ина", "ского", "цкого")
	}
	return !r.ordinary(i) && r.readsAny(i, russian.Gent, russian.Surn)
}

// relational reports whether token i is an adjective such as towns and rivers give
// to streets: «хакасская», «пирятинской».
func (r *reader) relational(i int) bool {
	return hasAny(r.norm(i), "ская", "цкая", "ской", "цкой") && r.streetAdj(i, 'f') && !r.is(i, nicheWord|vagueWord)
}

func (r *reader) bareName(i int, low bool) (name, bool) {
	if !low {
		return r.nameAt(i, false, 'f')
	}
	// Small letters: the typed rules, and a house must follow.
	n, ok := r.nameAt(i, true, 'f')
	if !ok && r.relational(i) && !r.used[i] {
		return name{first: i, last: i, adjective: true}, true
	}
	if ok && n.first == n.last && (r.headedName(i) || r.localName(i)) {
		return n, true
	}
	if !ok || !(n.known || n.proper || n.first == n.last && r.relational(i)) {
		return n, false
	}
	return n, true
}

// bareScore weighs what speaks for the street; 0 when nothing does.
func (r *reader) bareScore(n name, low bool) (float64, string) {
	prev := n.first - 1
	if r.person(n) {
		return 0, ""
	}
	if r.punct(prev, "«\"") && r.punct(n.last+1, "»\"") {
		return 0, ""
	}
	h, hasHouse := r.houseBehind(n.last + 1)
	if low {
		cued := hasHouse && (h.cued || n.known || r.is(n.last, tailWord))
		lettered := hasHouse && len(h.text) > 1 && !isDigit(h.text[len(h.text)-1])
		prep := (r.norm(prev) == "по" || r.norm(prev) == "на") && !r.addressed(prev) && !r.lookedAt(n.last+1)
		if hasHouse && n.adjective && r.is(h.last+1, landmarkWord) {
			return 0, "" // «новая 5 школа»
		}
		switch {
		case hasHouse && n.first == n.last && r.headedName(n.first):
			return 0.65, "имя улицы и номер дома за именем города"
		case hasHouse && n.first == n.last && r.localName(n.first):
			return 0.6, "имя здешней улицы и номер дома"
		case cued && (n.genitive || n.adjective || n.proper):
			return 0.65, "имя улицы и номер дома"
		case lettered && n.proper:
			return 0.55, "имя улицы и номер дома"
		case prep && n.known && r.ungoverned(n, r.norm(prev)):
			return 0.5, "имя улицы после «" + r.str(prev) + "»"
		case prep && n.known && n.last > n.first && n.proper:
			return 0.5, "имя улицы после «" + r.str(prev) + "»"
		case prep && r.is(n.first, rankWord) && n.last > n.first && n.proper:
			return 0.45, "звание и имя после «" + r.str(prev) + "»"
		case prep && n.known && n.adjective && r.locativeAdj(n):
			return 0.5, "имя улицы после «" + r.str(prev) + "»"
		case hasHouse && n.proper && (prep || r.addressHere(prev)) && r.ungoverned(n, "по"):
			return 0.5, "похоже на имя улицы, и номер дома"
		case n.adjective && hasHouse && (prep || r.addressHere(prev)) && n.first == n.last && r.relational(n.first):
			return 0.5, "похоже на имя улицы, и номер дома"
		case n.adjective && prep && r.relational(n.first) && r.locativeAdj(n) && (r.gram(n.first).Has(russian.Guessed) || !hasPrefix(r.norm(n.first), "детск", "женск", "мужск", "сельск", "русск", "английск", "человеческ")):
			return 0.45, "похоже на имя улицы после «" + r.str(prev) + "»"
		case n.proper && r.houseBefore(prev) && r.ungoverned(n, "по"):
			return 0.5, "похоже на имя улицы при номере дома"
		case prep && n.first == n.last && r.lowSurname(n.last) && r.ungoverned(n, r.norm(prev)) && (r.norm(prev) == "по" || !r.gram(prev-1).Any(russian.Verb|russian.Infn)):
			return 0.45, "похоже на имя улицы после «" + r.str(prev) + "»"
		case n.known && n.genitive && (r.norm(prev) == "районе" || r.norm(prev) == "вдоль" || r.norm(prev) == "с" && r.readsAny(n.last, russian.Gent, russian.Surn)):
			return 0.4, "имя улицы после «" + r.str(prev) + "»"
		case n.known && n.genitive && r.stretchBehind(n.last+1):
			return 0.6, "имя улицы перед «от … до …»"
		}
		return 0, ""
	}
	if hasHouse && (n.known || n.proper || n.adjective || n.genitive && !r.opens(n.first)) {
		if n.adjective && !n.known && !n.proper && r.opens(n.first) && !h.cued {
			return 0.45, "имя улицы и номер дома"
		}
		return 0.75, "имя улицы и номер дома"
	}
	if hasHouse && n.genitive && r.opens(n.first) && r.local(n.first, n.last) {
		return 0.7, "имя здешней улицы и номер дома"
	}
	if r.houseBefore(prev) && (n.known || n.proper || n.adjective) {
		return 0.75, "имя улицы при номере дома"
	}
	if r.norm(prev) == "на" && r.lookedAt(n.last+1) {
		return 0, ""
	}
	switch p := r.norm(prev); p {
	case "по", "на", "вдоль", "районе", "с", "адресу":
		if p == "с" {
			if r.readsAny(n.last, russian.Gent, russian.Surn) && !r.town(n.first) && !r.reads(n.last, russian.Nomn|russian.Masc) {
				return 0.5, "имя улицы после «с»"
			}
			if n.adjective && r.locativeAdj(n) && (n.known || r.ends(n.last+1)) {
				return 0.5, "имя улицы после «с»"
			}
			break
		}
		if p == "районе" || p == "вдоль" || p == "адресу" {
			if n.known && n.genitive || n.proper && !r.town(n.first) && (r.readsAny(n.first, russian.Gent, russian.Surn) || r.gram(n.first).Has(russian.Guessed)) {
				return 0.55, "имя улицы после «" + r.str(prev) + "»"
			}
			break
		}
		if r.ungoverned(n, p) {
			return 0.65, "имя улицы после «" + r.str(prev) + "»: так говорят только об улице"
		}
		if n.adjective && r.locativeAdj(n) && (p == "на" || n.known) {
			return 0.6, "имя улицы после «" + r.str(prev) + "»"
		}
		if p == "на" && n.proper && !r.town(n.first) && !r.addressed(prev) && !hasAny(r.norm(n.last), "ах", "ях", "ам", "ами") {
			return 0.5, "имя улицы после «на»"
		}
	}
	if r.is(prev, pieceWord) && n.genitive {
		return 0.6, "имя улицы после «" + r.str(prev) + "»"
	}
	if r.stretchBehind(n.last+1) && (n.genitive || n.proper) {
		return 0.7, "имя улицы перед «от … до …»"
	}
	if m, ok := r.partner(n); ok && r.streetName(n) && r.streetName(m) {
		return 0.55, "имена двух улиц рядом"
	}
	return 0, ""
}

// person reports whether the words before or behind say that n names a person
// or an institution: «про Ленина писали», «Иванова Мария Петровна», «А. Гагарин».
func (r *reader) person(n name) bool {
	prev := n.first - 1
	if r.is(prev, personWord) {
		return true
	}
	switch r.norm(prev) {
	case "о", "об", "обо", "имени", "им", "у", "от", "к", "для", "при":
		return true
	}
	if r.capital(prev) && !r.broken(n.first) && r.readsAny(prev, russian.Name, russian.Nomn|russian.Gent|russian.Datv|russian.Ablt) && !r.used[prev] {
		return true
	}
	next := n.last + 1
	if r.capital(next) && !r.broken(next) && r.gram(next).Any(russian.Patr|russian.Name) && !r.readsAny(next, russian.Gent, russian.Surn) && !r.opens(next) {
		return true
	}
	// «Иванова И. П.»
	return r.capital(next) && r.tok[next].End-r.tok[next].Start <= 2 && r.punct(next+1, ".")
}

// houseBehind reads the house behind a bare name, over a comma.
func (r *reader) houseBehind(k int) (house, bool) {
	if r.punct(k, ",") {
		k++
	}
	if k >= len(r.tok) || r.broken(k) || r.used[k] || r.punct(k-1, "-–—") {
		return house{}, false
	}
	if r.norm(k) == "в" || r.norm(k) == "у" {
		k++
	}
	return r.houseAt(k, true)
}

// houseBefore reports whether a house ends at token i or before its preposition:
// «дом 6 на», «возле дома 9,».
func (r *reader) houseBefore(i int) bool {
	if r.is(i, placePrep) || r.punct(i, ",") {
		i--
	}
	for s := i; s >= 0 && s > i-6; s-- {
		if r.used[s] {
			return false
		}
		if r.is(s, houseWord) {
			h, ok := r.houseAt(s, false)
			return ok && h.last == i || s == i && r.is(s-1, relWord|placePrep)
		}
	}
	return false
}

// ungoverned reports whether no reading of the name is in a case that the
// preposition takes: «по Гагарина», «на Мира» can only be streets.
func (r *reader) ungoverned(n name, prep string) bool {
	if !n.genitive && !n.proper {
		return false
	}
	if n.adjective && !n.genitive {
		return false
	}
	g := r.gram(n.last)
	if g.Has(russian.Guessed) {
		// A guess knows no cases; an ending of a surname in the genitive does.
		return hasAny(r.norm(n.last), "ова", "ева", "ина", "ына", "ского", "цкого", "ая", "на")
	}
	if !g.Has(russian.Gent) {
		return false
	}
	taken := russian.Datv | russian.Loct
	if prep == "на" {
		taken = russian.Accs | russian.Loct
		if r.readsAny(n.last, russian.Gent, russian.Surn) || r.reads(n.last, russian.Gent|russian.Name) && r.reads(n.last, russian.Gent|russian.Geox) {
			taken = russian.Loct // «на Гагарина»: the accusative of persons looks the same
			if r.addressed(n.first - 1) {
				return false
			}
		}
	}
	for k := range r.tok[n.last].Forms {
		if f := r.tok[n.last].Forms[k].Gram; f.Has(russian.Noun) && f.Any(taken) && f.Has(russian.Sing) {
			return false
		}
	}
	return true
}

// addressed reports whether the word before the preposition at token i takes a
// person with «на»: «жалоба на», «подать в суд на», «обиделись на».
func (r *reader) addressed(i int) bool {
	b := i - 1
	if r.is(b, personWord) {
		return true
	}
	for k := range r.form(b) {
		switch r.tok[b].Forms[k].Lemma {
		case "суд", "надеяться", "надежда", "пожаловаться", "жаловаться", "жалоба", "смотреть", "посмотреть", "обидеться", "обида", "донос", "заявление", "похожий", "равняться", "ссылаться", "молиться", "злой", "подать", "писать", "написать", "работать":
			return true
		}
	}
	return false
}

// lookedAt reports whether the word at token i says that what stands before it
// is looked at or hoped for: «на мира смотреть».
func (r *reader) lookedAt(i int) bool {
	if i >= len(r.tok) || !r.gram(i).Any(russian.Verb|russian.Infn|russian.Noun) {
		return false
	}
	for _, f := range r.form(i) {
		switch f.Lemma {
		case "смотреть", "посмотреть", "глядеть", "надеяться", "обидеться", "обижаться", "жаловаться", "пожаловаться", "ссылаться", "равняться", "надежда", "обида", "жалоба":
			return true
		}
	}
	return false
}

// addressHere reports whether token i stands where an address begins: before the
// text, at a sign, or a word such as «адрес».
func (r *reader) addressHere(i int) bool {
	if i < 0 || r.broken(i+1) || r.punct(i, ".,:;!?(") {
		return true
	}
	switch r.norm(i) {
	case "адрес", "адресу", "живу", "живем", "дом", "г":
		return true
	}
	return false
}

func (r *reader) form(i int) []russian.Form {
	if i < 0 || i >= len(r.tok) {
		return nil
	}
	return r.tok[i].Forms
}

// locativeAdj reports whether n is an adjective in the locative with no noun
// behind it: «на Лесопарковой», not «на Красной площади».
func (r *reader) locativeAdj(n name) bool {
	if !hasAny(r.norm(n.last), "ой", "ей") {
		return false
	}
	k := n.last + 1
	if r.ends(k) || !r.word(k) {
		return true
	}
	return !r.readsAny(k, russian.Noun|russian.Femn|russian.Sing, russian.Loct|russian.Gent|russian.Datv|russian.Ablt) || r.gram(k).Any(russian.Prep|russian.Conj|russian.Verb)
}

// town reports whether token i names a settlement and no person: then «на» and
// «в районе» do not make a street of it.
func (r *reader) town(i int) bool {
	return r.reads(i, russian.Geox) && !r.is(i, commonName) && !r.readsAny(i, russian.Gent, russian.Surn)
}

// stretchBehind reports whether an expression such as «от … до …» starts at token k.
func (r *reader) stretchBehind(k int) bool {
	for j := 0; j < 2 && (r.punct(k, ",") || r.is(k, pieceWord)); j++ {
		k++
	}
	if k >= len(r.tok) {
		return false
	}
	if !r.used[k] {
		return false
	}
	switch r.norm(k) { // only a stretch takes these
	case "от", "с", "со", "между", "ниже", "выше":
		return true
	}
	return false
}
