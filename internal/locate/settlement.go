package locate

import (
	"strings"

	"otklik/internal/place"
	"otklik/internal/russian"
)

// placeText writes the words of a settlement's or district's name that the
// gazetteer does not know: the dictionary's nominative where it has one.
func (r *reader) placeText(first, last int) string {
	var b strings.Builder
	for i := first; i <= last; i++ {
		if i > first && r.tok[i].Start > r.tok[i-1].End {
			b.WriteByte(' ')
		}
		w := r.str(i)
		if r.word(i) && first == last {
			if l, ok := r.lemmaOf(i, russian.Geox); ok {
				w = l
			} else if r.gram(i).Has(russian.Guessed) {
				w = townNominative(w)
			}
		}
		b.WriteString(upperFirst(w))
	}
	return b.String()
}

// townNominative puts an unknown settlement's name into the nominative where its
// ending leaves no doubt: «Закаменске» → «Закаменск».
func townNominative(w string) string {
	for _, e := range [...][2]string{{"ске", "ск"}, {"цке", "цк"}, {"овке", "овка"}, {"евке", "евка"}, {"инке", "инка"}, {"овки", "овка"}, {"евки", "евка"}, {"ове", "ово"}, {"еве", "ево"}} {
		if stem, ok := strings.CutSuffix(w, e[0]); ok {
			return stem + e[1]
		}
	}
	return w
}

// typedSettlements reads «г. Абакан», «село Подсинее», «Ульяновск г», and
// districts before or behind their word: «Советский район».
func (r *reader) typedSettlements() {
	for i := range r.tok {
		switch {
		case r.used[i]:
		case r.is(i, rayonType):
			r.rayon(i)
		case r.is(i, townType):
			r.typedSettlement(i)
		}
	}
}

func (r *reader) typedSettlement(i int) {
	e := r.marks[i].entry
	one := r.tok[i].End-r.tok[i].Start <= 2 // one letter: г, с, д, п, х
	dot := r.punct(i+1, ".")
	k := r.afterType(i)
	if r.punct(k-1, ",") && k-1 > i {
		k = len(r.tok)
	}
	if one && r.capital(i) && (r.is(i-1, streetType) || r.punct(i-1, ".") && r.is(i-2, streetType) || r.glued(i) && r.punct(i-1, ".") || r.capital(i-1) && !r.broken(i)) {
		return // an initial: «Иванов Н.Г.»
	}
	if one && !dot {
		switch {
		case r.digit(i-1) || r.used[max(i-1, 0)]:
			return // «2024 г», «кв 5 с»
		case r.norm(i) == "с" || r.norm(i) == "х":
			if !r.knownTown(k) || r.gram(k).Any(russian.Surn) {
				return // «с Гагарина»: from there
			}
		}
	}
	if one && dot && r.digit(i-1) && (i == 0 || !r.opens(i)) && r.norm(i) == "г" && r.tok[i-1].End-r.tok[i-1].Start == 4 {
		return // «2024 г. Абакан»: a year
	}
	if e.kind == "" && !r.is(i, abbreviated) && !hasPrefix(r.norm(i-1), "населен") {
		return // any point but a settled one
	}
	if r.glued(i) && r.punct(i-1, "/") {
		return // «а/д», «с/с»
	}
	if r.capital(k) && r.capital(k+1) && r.tok[k+1].End-r.tok[k+1].Start <= 2 && r.punct(k+2, ".") && r.gram(k).Any(russian.Surn) {
		return // «с Тарасовым В. Н.»
	}
	if one && (r.norm(i-1) == "т" || r.punct(i-1, ".") && r.norm(i-2) == "т") {
		return // «и т. д. Вчера»
	}
	if k < len(r.tok) && r.is(k, landmarkWord|houseWord|flatWord) && !r.knownTown(k) {
		return
	}
	// The registers' order: «Ульяновск г,».
	if b := i - 1; (r.ends(i+1) || r.punct(i+1, ",")) && !dot && r.is(i, abbreviated) && r.capital(b) && !r.used[b] && !r.broken(i) && (r.knownTown(b) || r.reads(b, russian.Geox)) {
		r.settlement(b, b, b, i, 0.8, "имя и слово «"+r.str(i)+"»")
		return
	}
	if k < len(r.tok) && r.quoted(k) > 0 && e.kind != "станция" {
		return
	}
	if !r.is(i, abbreviated) && r.ordinary(k) && !r.reads(k, russian.Adj) && !r.knownTown(k) && !(r.capital(k) && r.tok[k].Shape == russian.Title) {
		return // «город ДОРОГ»
	}
	if r.capital(k) && !r.used[k] && !r.broken(k) && r.word(k) && !(r.is(k, streetType) && r.is(k, abbreviated)) {
		last := r.townName(k)
		r.settlement(k, last, i, last, 0.85, "слово «"+r.str(i)+"» и имя")
		return
	}
	if r.unknownVillage(i, k) {
		r.settlement(k, k, i, k, 0.6, "слово «"+r.str(i)+"» и имя")
		return
	}
	if (r.loud || !one) && r.word(k) && !r.used[k] && (!r.ordinary(k) || r.reads(k, russian.Geox)) && r.knownTown(k) && k < len(r.tok) && !r.broken(k) {
		last := r.townName(k)
		r.settlement(k, last, i, last, 0.75, "слово «"+r.str(i)+"» и имя")
		return
	}
}

// unknownVillage reports whether token k, in small letters behind the whole word
// «село» or the like at token i, is a name that the gazetteer lacks: a word that
// means nothing else. Behind «г» it must be a name of the dictionary.
func (r *reader) unknownVillage(i, k int) bool {
	if !r.word(k) || r.used[k] || r.broken(k) || r.capital(k) || r.ordinary(k) || len(r.norm(k)) < 6 || r.is(k, streetType|relWord|landmarkWord|houseWord) || r.knownTown(k) {
		return false
	}
	if r.is(i, abbreviated) {
		return r.norm(i) == "г" && (i == 0 || r.opens(i) || r.norm(i-1) == "в") && r.reads(k, russian.Geox)
	}
	g := r.gram(k)
	return r.marks[i].entry.kind != "" && r.marks[i].entry.kind != "станция" && (g.Has(russian.Guessed) || g.Any(russian.Geox)) && !(r.gram(i).Has(russian.Nomn|russian.Plur) && !r.gram(i).Has(russian.Sing))
}

// knownTown reports whether the gazetteer has a settlement under token i.
func (r *reader) knownTown(i int) bool {
	if r.names == nil || !r.word(i) {
		return false
	}
	for _, term := range r.tok[i].Terms() {
		for _, p := range r.names.Keyed(place.Key(term)) {
			if p.Level == place.Settlement {
				return true
			}
		}
	}
	return false
}

// townName returns the last token of the settlement's name that opens at token
// i: the longest run of capitals that the gazetteer knows, or else an adjective
// with its noun, or the one word.
func (r *reader) townName(i int) int {
	last := i
	for last+1 < len(r.tok) && last < i+4 && !r.used[last+1] && !r.broken(last+1) &&
		(r.capital(last+1) && r.word(last+1) || r.punct(last+1, "-") && r.glued(last+1) && r.glued(last+2) || r.punct(last, "-") && r.glued(last+1)) {
		if r.is(last+1, streetType|houseWord|areaType|rayonType) {
			break
		}
		last++
	}
	for last > i && r.punct(last, "-") {
		last--
	}
	for l := last; l > i; l-- {
		if !r.punct(l, "-") && len(r.named(i, l, place.Settlement)) > 0 {
			return l
		}
	}
	if len(r.named(i, i, place.Settlement)) > 0 || last == i {
		return i
	}
	switch {
	case r.punct(i+1, "-"):
		return min(last, i+2)
	case r.reads(i, russian.Adj) && r.gram(i+1).Any(russian.Noun) && !(r.reads(i+1, russian.Adj) && hasAny(r.norm(i+1), "ий", "ый", "ой", "ая", "яя", "ое", "ее")) && !r.is(i+2, rayonType):
		return i + 1
	}
	return i
}

// settlement notes a settlement named by tokens first to last whose expression
// covers tokens from to to.
func (r *reader) settlement(first, last, from, to int, score float64, why string) {
	f := Found{Span: r.span(min(from, first), max(to, last)), Type: Settlement, Name: r.placeText(first, last), Score: score, Why: why}
	for i := from; i <= to; i++ {
		if r.is(i, townType) && r.marks[i].entry.kind != "" {
			f.Kind = r.marks[i].entry.kind
			// «в посёлке Касьяновском»: the name agrees with its word.
			if g := r.marks[i].entry.gender; first == last && i < first && r.streetAdj(first, g) && hasAny(r.norm(first), "ом", "ем", "ого", "его", "ой", "ей", "ую", "юю") {
				f.Name = upperFirst(r.nominative(first, g))
			}
			break
		}
	}
	r.add(f, first, last)
	r.take(min(from, first), max(to, last))
}

// rayon reads «Железногорский район», «в Алмалинском районе», «Свердловского
// района». A region («Курская область») is no place to go to; it only tells
// namesakes apart.
func (r *reader) rayon(i int) {
	e := r.marks[i].entry
	b := i - 1
	if e.kind == "регион" || e.kind == "республика" {
		var p *place.Place
		if b >= 0 && r.capital(b) && !r.broken(i) {
			p = r.region(b, i)
		}
		if p == nil && e.kind == "республика" && r.capital(r.afterType(i)) {
			k := r.afterType(i)
			p = r.region(k, k)
		}
		if p != nil && r.hint.Region == "" {
			r.hint.Region = p.Region
		}
		if b >= 0 && r.capital(b) && !r.broken(i) && (p != nil || r.reads(b, russian.Adj)) {
			r.take(b, i)
		}
		return
	}
	if b < 0 || r.used[b] || r.broken(i) || !r.capital(b) || r.is(b, vagueWord) || !(r.reads(b, russian.Adj) || r.streetAdj(b, 'm')) {
		return
	}
	if r.opens(b) && r.is(b, nicheWord) {
		return
	}
	f := Found{Span: r.span(b, i), Type: District, Kind: e.kind, Name: upperFirst(r.nominative(b, 'm')) + " " + e.kind,
		Score: 0.7, Why: "имя и слово «" + r.str(i) + "»"}
	r.add(f, b, b)
	r.take(b, i)
}

func (r *reader) region(first, last int) *place.Place {
	for _, p := range r.named(first, last, place.Region) {
		return p
	}
	for _, p := range r.named(first, first, place.Region) {
		return p
	}
	return nil
}

// bareSettlements reads settlements without a type word: «в Лысьве», «из
// Абакана», «лысьвенский парк». Only what the gazetteer knows counts, and a word
// that is also an ordinary one needs a capital, a preposition or the context.
func (r *reader) bareSettlements() {
	if r.names == nil {
		return
	}
	for i := 0; i < len(r.tok); i++ {
		t := &r.tok[i]
		if r.used[i] || t.Kind != russian.Word && t.Kind != russian.Hashtag || len(t.Norm) < 6 {
			continue
		}
		if r.capital(i) && i+1 < len(r.tok) && !r.used[i+1] && (r.capital(i+1) || r.punct(i+1, "-") && r.glued(i+1)) {
			if last := r.townName(i); last > i {
				if r.longTown(i, last) {
					r.settlement(i, last, i, last, 0.8, "имя из нескольких слов")
				}
				i = last
				continue
			}
		}
		if r.is(i, commonName|nicheWord|vagueWord) && !r.capital(i) {
			continue
		}
		if score, why := r.bareTown(i); score > 0 {
			r.settlement(i, i, i, i, score, why)
		}
	}
}

// longTown reports whether tokens first to last name a settlement by more than
// one word. Villages are named after people, too («Карла Маркса»), so a small one
// outside of the context's territory needs a preposition and no person's name.
func (r *reader) longTown(first, last int) bool {
	person := r.gram(first).Any(russian.Name|russian.Surn) && r.gram(last).Any(russian.Name|russian.Surn)
	for _, p := range r.named(first, last, place.Settlement) {
		switch {
		case p.Population >= 20000:
			return true
		case person:
		case r.within(p) || !r.hint.Known() && r.townPrep(first):
			return true
		}
	}
	return false
}

// bareTown weighs whether the single word at token i names a settlement.
func (r *reader) bareTown(i int) (float64, string) {
	var best *place.Place
	near := false // of the hinted territory
	adjective := true
	for n, term := range r.tok[i].Terms() {
		places := r.names.Keyed(place.Key(term))
		if len(places) == 0 {
			continue
		}
		said, adj := r.saidAs(i, n)
		if !said {
			continue
		}
		for _, p := range places {
			if p.Level != place.Settlement {
				continue
			}
			if n := r.within(p); n && !near || n == near && (best == nil || p.Population > best.Population) {
				best, near, adjective = p, n || near, adj
			}
		}
	}
	if best == nil {
		if p := r.norm(i - 1); r.capital(i) && (p == "в" || p == "во" || p == "из") && r.soundsLikeTown(i) {
			return 0.4, "похоже на название после «" + r.str(i-1) + "»"
		}
		return 0, ""
	}
	if r.punct(i-1, "«\"“") && r.punct(i+1, "»\"”") {
		return 0, "" // a firm's name: «Курское»
	}
	if adjective && r.capital(i+1) && !r.broken(i+1) && r.gram(i+1).Any(russian.Noun|russian.Adj) {
		return 0, "" // half of a longer name: «Новых Липках»
	}
	if r.gram(i).Any(russian.Name|russian.Surn) && (r.capital(i+1) && !r.broken(i+1) && r.gram(i+1).Any(russian.Patr|russian.Surn|russian.Name) ||
		r.capital(i-1) && !r.broken(i) && r.gram(i-1).Any(russian.Surn|russian.Name|russian.Patr)) {
		return 0, "" // a person: «Владимиру Петровичу»
	}
	capital, opens := r.capital(i), r.opens(i)
	prep := r.townPrep(i)
	if opens && !prep && r.gram(i).Any(russian.Name|russian.Surn) && !r.ends(i+1) && r.gram(i+1).Any(russian.Verb) {
		return 0, "" // «Владимир сказал, что починят»
	}
	ordinary := r.ordinary(i)
	geox := r.gram(i).Any(russian.Geox)
	person := r.gram(i).Any(russian.Name|russian.Surn|russian.Patr) && !geox
	if adjective && best.Type == "город" && !isAdjectiveName(best.Name) {
		// «лысьвенский парк»: the town's adjective, beside what it tells of.
		switch {
		case !(i+1 < len(r.tok) && r.word(i+1) && r.gram(i+1).Any(russian.Noun) && !r.broken(i+1)) && len(r.tok) > 1:
			return 0, ""
		case r.is(i, commonName|nicheWord):
			return 0, ""
		case near:
			return 0.7, "прилагательное от имени города"
		case !capital && best.Population < 20000:
			return 0, ""
		case ordinary && !capital && best.Population < 300000:
			return 0.35, "прилагательное от имени города"
		}
		return 0.5, "прилагательное от имени города"
	}
	if r.hint.Region != "" && !near && !prep && best.Population < 20000 {
		return 0, ""
	}
	switch {
	case person && !(prep && capital && (best.Population >= 20000 || near)):
		return 0, ""
	case ordinary && geox && near && capital && best.Type == "город" && r.addressBehind(i):
		return 0.6, "имя города перед адресом"
	case ordinary && near && opens && !capital && !adjective && best.Type == "город" && i+1 < len(r.tok) && r.used[i+1] && r.addressBehind(i):
		return 0.5, "имя города перед адресом"
	case ordinary && !(capital && prep && (near || best.Population >= 15000 || !opens && best.Population >= 3000)):
		if geox && prep && best.Population >= 100000 && !r.is(i, commonName) {
			return 0.5, "имя города после предлога"
		}
		if capital && !opens && prep && r.locational(i) {
			return 0.35, "имя, которое значит и другое, с заглавной буквы после предлога"
		}
		return 0, ""
	case opens && !capital && !ordinary && !adjective && (geox || r.gram(i).Has(russian.Guessed)) && r.addressBehind(i):
		return 0.55, "имя города перед адресом"
	case capital && prep:
		return 0.85, "имя с заглавной буквы после «" + r.str(i-1) + "»"
	case capital && geox && (!opens || best.Population >= 50000):
		return 0.7, "имя с заглавной буквы"
	case capital && !ordinary && (near || best.Population >= 10000) && !(r.gram(i).Has(russian.Guessed) && opens && !near):
		return 0.6, "имя с заглавной буквы"
	case prep && (geox || r.gram(i).Has(russian.Guessed)) && (near || best.Population >= 10000):
		return 0.65, "имя после «" + r.str(i-1) + "»"
	case !capital && !ordinary && !adjective && !person && best.Population >= 20000 && (geox || r.gram(i).Has(russian.Guessed)):
		return 0.5, "имя города"
	case near && geox:
		return 0.5, "имя из здешних мест"
	}
	return 0, ""
}

// addressBehind reports whether a street or an area with a number follows token i:
// «Абаза, Ленина 3».
func (r *reader) addressBehind(i int) bool {
	k := i + 1
	if r.punct(k, ",") {
		k++
	}
	if k >= len(r.tok) || r.broken(k) || !r.used[k] && !r.capital(k) && !r.is(k, streetType|areaType|houseWord) {
		return false
	}
	for n := k; n < len(r.tok) && n <= k+4 && !r.ends(n); n++ {
		if r.digit(n) {
			return true
		}
	}
	return false
}

// saidAs reports whether token i may be said as a name in its n-th lemma, and
// whether only as an adjective.
func (r *reader) saidAs(i, n int) (said, adjective bool) {
	lemma := r.tok[i].Lemmas()[n]
	adjective = true
	for k := range r.tok[i].Forms {
		f := &r.tok[i].Forms[k]
		if f.Lemma != lemma || f.Gram.Any(russian.Prep|russian.Conj|russian.Prcl|russian.Pronoun|russian.Verb|russian.Infn|russian.Adverb) && !f.Gram.Has(russian.Guessed) {
			continue
		}
		said = true
		adjective = adjective && f.Gram.Has(russian.Adj)
	}
	return said, adjective
}

// soundsLikeTown reports whether a word that the dictionary lacks has an ending
// that Russian villages have: the gazetteer does not know them all.
func (r *reader) soundsLikeTown(i int) bool {
	return r.gram(i).Has(russian.Guessed) && !(r.capital(i+1) && !r.broken(i+1)) &&
		hasAny(r.norm(i), "ово", "ево", "ино", "ыно", "ове", "еве", "ске", "цке", "овке", "евке", "инке", "овки", "евки", "ска", "цка")
}

// isAdjectiveName reports whether a settlement is called by an adjective:
// «Мирный», «Железногорский».
func isAdjectiveName(s string) bool {
	return hasAny(s, "ий", "ый", "ой", "ая", "ое", "яя", "ее")
}

// townPrep reports whether a preposition of place stands before token i and one
// of its readings is in the case that it takes.
func (r *reader) townPrep(i int) bool {
	if r.broken(i) {
		return false
	}
	var want russian.Gram
	switch r.norm(i - 1) {
	case "в", "во":
		want = russian.Loct | russian.Accs
	case "из", "до", "от", "около", "возле", "близ", "недалеко":
		want = russian.Gent
	case "по", "к", "ко":
		want = russian.Datv
	case "под", "над", "за":
		want = russian.Ablt
	case "через":
		want = russian.Accs
	default:
		return false
	}
	g := r.gram(i)
	if g.Has(russian.Guessed) || g&(russian.Nomn|russian.Gent|russian.Datv|russian.Accs|russian.Ablt|russian.Loct) == 0 {
		return true
	}
	return g.Any(want)
}

// locational reports whether the preposition before token i says where, not what about.
func (r *reader) locational(i int) bool {
	switch r.norm(i - 1) {
	case "в", "во":
		return r.reads(i, russian.Loct)
	case "из":
		return r.reads(i, russian.Gent)
	}
	return false
}
