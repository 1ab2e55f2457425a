package locate

import (
	"strings"

	"otklik/internal/place"
	"otklik/internal/russian"
)

// townHeads takes settlements of the gazetteer that give an address away before the
// streets are read, which would take them for streets: at the head of an address
// («Анчул, ул. Ленина 4», «Копьёво Ленина 5»), and names of several words behind a
// preposition («в Большой Ербе», «в Усть-Бюре»).
func (r *reader) townHeads() {
	if r.names == nil {
		return
	}
	for i := 0; i < len(r.tok); i++ {
		if r.used[i] || !r.capital(i) || !r.word(i) || r.is(i, streetType|houseWord|areaType|rayonType) {
			continue
		}
		last := r.nameRun(i)
		for l := last; l >= i; l-- {
			if r.punct(l, "-") {
				continue
			}
			if r.townHead(i, l) {
				r.settlement(i, l, i, l, 0.7, "имя перед адресом")
			} else if l > i && r.townPrep(i) && r.here(i, l) != nil && !r.used[l] {
				r.settlement(i, l, i, l, 0.8, "имя из нескольких слов")
			} else {
				continue
			}
			i = l
			break
		}
	}
}

// nameRun returns the last token of the capitals and hyphens that begin at token i;
// a name has three words at most.
func (r *reader) nameRun(i int) int {
	last, words := i, 1
	for k := i + 1; k < len(r.tok) && words < 3 && !r.used[k] && !r.broken(k); k++ {
		switch {
		case r.punct(k, "-") && r.glued(k) && r.glued(k+1):
		case r.capital(k) && r.word(k):
			last, words = k, words+1
		default:
			return last
		}
	}
	return last
}

// here returns the settlement that tokens first to last name in the territory of the
// context; without a context one that is well known or has no namesake.
func (r *reader) here(first, last int) *place.Place {
	places := r.named(first, last, place.Settlement)
	for _, p := range places {
		if r.within(p) || !r.hint.Known() && (len(places) == 1 || p.Population >= 20000) {
			return p
		}
	}
	return nil
}

// townHead reports whether tokens first to last are a settlement's name in the
// nominative, right before a street with its type or its house.
func (r *reader) townHead(first, last int) bool {
	if r.is(first-1, streetType|areaType|landmarkWord|townType|relWord|personWord) || r.punct(first-1, "«\"“.") && !r.opens(first) || r.townPrep(first) {
		return false
	}
	k := last + 1
	comma := r.punct(k, ",")
	if comma {
		k++
	}
	if k >= len(r.tok) || r.used[k] || r.broken(k) {
		return false
	}
	typed := r.is(k, streetType) && (comma || r.is(k, abbreviated)) && !r.capital(k)
	if !typed && !r.capital(k) {
		return false
	}
	if p := r.here(first, last); p == nil || !r.writtenAs(first, last, p.Name) {
		return false
	}
	agrees := false // the words may be one name: «Новое Садовое»
	if !typed {
		n, ok := r.nameAt(k, false, 'f')
		if !ok {
			return false
		}
		if _, ok := r.houseBehind(n.last + 1); !ok {
			return false
		}
		agrees = hasAny(r.norm(n.last), "ое", "ее")
	}
	if first < last || r.reads(first, russian.Geox) {
		return true
	}
	// One word that means something else, too: «ТСЖ Солнечное, Ленина 6» is a firm.
	alone := r.opens(first) || r.punct(first-1, ",;:(—–-")
	switch {
	case !alone && r.ordinary(first):
		return false
	case r.is(first, landmarkWord|vagueWord|personWord|brandWord|stopWord|unitWord):
		return false
	case r.reads(first, russian.Adj) && hasAny(r.norm(first), "ое", "ее"):
		return comma || !agrees
	case r.gram(first).Any(russian.Name|russian.Surn|russian.Patr) && !r.gram(first).Has(russian.Guessed), r.is(first, commonName|nicheWord):
		return comma && typed
	case !r.ordinary(first):
		return true
	case r.reads(first, russian.Adj):
		return comma
	}
	return comma && typed
}

// writtenAs reports whether tokens first to last are written as the name.
func (r *reader) writtenAs(first, last int, name string) bool {
	name = strings.ReplaceAll(strings.ToLower(name), "ё", "е")
	for i := first; i <= last; i++ {
		rest, ok := strings.CutPrefix(strings.TrimLeft(name, " "), r.norm(i))
		if !ok {
			return false
		}
		name = rest
	}
	return name == ""
}

// caseEndings are what a name that the dictionary lacks may end in, and the endings
// of its nominative then: «Ербе» may be of «Ерб», «Ерба», «Ербо».
var caseEndings = [...]struct {
	ending      string
	nominatives []string
}{
	{"ах", []string{"ы", "и", "а"}}, {"ях", []string{"и"}}, {"ом", []string{"", "о"}}, {"ем", []string{"ь", "й", "е"}}, {"ой", []string{"а"}}, {"ей", []string{"я", "ь"}},
	{"е", []string{"", "а", "я", "ь", "й", "о"}}, {"и", []string{"ь", "я"}}, {"ы", []string{"а"}}, {"у", []string{"а", ""}}, {"ю", []string{"я", "ь", "й"}}, {"а", []string{"", "о"}}, {"я", []string{"ь", "й"}},
}

// nominatives calls fn with the term of every name of which the guessed word of
// token i may be a case.
func (r *reader) nominatives(i int, fn func(term uint64)) {
	if !r.capital(i) || !r.gram(i).Has(russian.Guessed) {
		return
	}
	for _, e := range &caseEndings {
		stem, ok := strings.CutSuffix(r.norm(i), e.ending)
		if !ok || len(stem) < 4 {
			continue
		}
		for _, n := range e.nominatives {
			fn(russian.Term(stem + n))
		}
		return
	}
}
