package locate

import (
	"otklik/internal/place"
	"otklik/internal/russian"
)

// headed reports whether a settlement stands right before token i, where an
// address begins: «абакан чертыгашева 33», «пермь, мира 12», «в курске дзержинского
// 50». The town then says that what follows is a street, in small letters too.
func (r *reader) headed(i int) bool {
	b := i - 1
	if r.punct(b, ",") {
		b--
	}
	if b < 0 || r.broken(i) || !r.word(b) || r.is(b, houseWord|streetType|landmarkWord|vagueWord) {
		return false
	}
	if !r.used[b] && !r.reads(b, russian.Geox) && !r.knownTown(b) {
		return false
	}
	switch {
	case r.used[b]: // with its word: «г абакан крылова 66»
		return r.is(b-1, townType) || r.punct(b-1, ".") && r.is(b-2, townType)
	case r.opens(b):
		return !r.ordinary(b) || r.reads(b, russian.Geox|russian.Nomn)
	case r.is(b-1, townType):
		return true
	}
	return r.townPrep(b) && (!r.ordinary(b) || r.knownTown(b))
}

// local reports whether the gazetteer has a street of that name in the territory of
// the context.
func (r *reader) local(first, last int) bool {
	if !r.hint.Known() {
		return false
	}
	for _, p := range r.named(first, last, place.Street) {
		if r.within(p) {
			return true
		}
	}
	return false
}

// localName reports whether token i, in small letters, is the name of a street of the
// context's territory with its house right behind it, at the head of an address:
// «полярная 5 нет света», «двор на юбилейной 3».
func (r *reader) localName(i int) bool {
	k := i + 1
	if r.punct(k, ",") {
		k++
	}
	if !r.digit(k) || r.broken(k) || !r.addressHere(i-1) && r.norm(i-1) != "на" && r.norm(i-1) != "по" || !r.mayBeName(i) || !r.local(i, i) {
		return false
	}
	h, ok := r.houseBehind(i + 1)
	return ok && !r.governs(h.first, h.last) && !r.is(h.last+1, landmarkWord|areaType|rayonType)
}

// mayBeName reports whether token i, in small letters, is an adjective, a noun in the
// genitive or a word that the dictionary lacks, and no word of another meaning here.
func (r *reader) mayBeName(i int) bool {
	if r.is(i, vagueWord|unitWord|landmarkWord|houseWord|flatWord|relWord|stopWord|roadWord|personWord|brandWord) {
		return false
	}
	g := r.gram(i)
	adj := r.streetAdj(i, 'f') && hasAny(r.norm(i), "ая", "яя", "ой", "ей") && !r.is(i, nicheWord)
	if !adj && !g.Has(russian.Guessed) && !r.reads(i, russian.Noun|russian.Gent) {
		return false
	}
	return !g.Any(russian.Prep|russian.Conj|russian.Prcl|russian.Pronoun|russian.Verb|russian.Infn) || g.Has(russian.Guessed)
}

// headedName reports whether token i, in small letters behind a settlement, may be a
// street's name that nothing else gives away: an adjective, a noun in the genitive
// or a word that the dictionary lacks, with a house number right behind it.
func (r *reader) headedName(i int) bool {
	if !r.digit(i+1) || r.broken(i+1) || hasAny(r.norm(i), "ой", "ей") && !r.reads(i, russian.Noun|russian.Gent) || !r.mayBeName(i) || !r.headed(i) {
		return false
	}
	h, ok := r.houseAt(i+1, true)
	return ok && !r.is(h.last+1, landmarkWord|areaType|rayonType) // «пермь новая 5 школа»
}
