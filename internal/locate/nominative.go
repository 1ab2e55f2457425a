package locate

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"otklik/internal/russian"
)

// nameText writes a street's name as a register does: adjectives in the
// nominative of the type's gender («на Лесопарковой» → «Лесопарковая»), the
// genitive of persons and ideas as it is («Мира», «Генерала Тихонова»).
func (r *reader) nameText(n name, gender byte) string {
	var b strings.Builder
	if n.ordinal > 0 {
		b.WriteString(r.ordinalText(n.ordinal-1, gender))
		b.WriteByte(' ')
		if n.first == n.ordinal-1 {
			n.first++
		}
	}
	// After an initial, a rank or a first name stands a surname: «С. Ковалевской».
	surname := n.last > n.first && (r.tok[n.first].End-r.tok[n.first].Start <= 2 || r.is(n.first, rankWord) || r.pair(n.first, n.last))
	for i := n.first; i <= n.last; i++ {
		if i > n.first && r.tok[i].Start > r.tok[i-1].End {
			b.WriteByte(' ')
		}
		w := r.str(i)
		switch {
		case r.tok[i].Kind != russian.Word && r.tok[i].Kind != russian.Mixed:
			b.WriteString(w)
			continue
		case r.is(i, tailWord|numberName) && !r.capital(i), i > n.first && r.gram(i).Has(russian.Conj) && len(w) <= 2:
			b.WriteString(strings.ToLower(w))
			continue
		}
		noun := i < n.last && r.word(i+1) && r.reads(i+1, russian.Noun|russian.Gent) && !r.streetAdj(i+1, gender)
		if !surname && r.streetAdj(i, gender) && !noun && !r.surnameOnly(i) {
			w = r.nominative(i, gender)
		}
		b.WriteString(upperFirst(w))
	}
	return b.String()
}

// ordinalText writes the ordinal at token i in the nominative: «2-й», «1-я», «3-е».
func (r *reader) ordinalText(i int, gender byte) string {
	digits := r.norm(i)
	digits = digits[:len(digits)-len(strings.TrimLeft(digits, "0123456789"))]
	switch gender {
	case 'f':
		return digits + "-я"
	case 'n':
		return digits + "-е"
	}
	return digits + "-й"
}

// surnameOnly reports whether token i is a surname that looks like an adjective
// («Толстого», «Островского» are not feminine, «Крупской» is): as a street's
// name a surname stays in the genitive, an adjective goes to the nominative.
func (r *reader) surnameOnly(i int) bool {
	adj := r.reads(i, russian.Adj)
	return !adj && r.readsAny(i, russian.Gent, russian.Surn)
}

// nominative puts the adjective at token i into the nominative of the gender.
func (r *reader) nominative(i int, gender byte) string {
	w := strings.ToLower(r.str(i))
	if gender == 'm' {
		for k := range r.tok[i].Forms {
			if f := &r.tok[i].Forms[k]; f.Gram.Has(russian.Adj) && !f.Gram.Has(russian.Guessed) {
				return f.Lemma
			}
		}
	}
	stem, soft := adjectiveStem(w)
	if stem == w {
		return w
	}
	last, _ := utf8.DecodeLastRuneInString(stem)
	hush := strings.ContainsRune("жшщч", last)
	velar := strings.ContainsRune("кгх", last)
	switch gender {
	case 'm':
		if soft || hush || velar {
			return stem + "ий"
		}
		return stem + "ый"
	case 'n':
		if soft {
			return stem + "ее"
		}
		return stem + "ое"
	}
	if soft && !hush {
		return stem + "яя"
	}
	return stem + "ая"
}

var adjectiveEndings = []struct {
	ending string
	soft   bool
}{
	{"ыми", false}, {"ими", true}, {"ого", false}, {"ому", false}, {"его", true}, {"ему", true},
	{"ая", false}, {"яя", true}, {"ой", false}, {"ей", true}, {"ую", false}, {"юю", true}, {"ою", false}, {"ею", true},
	{"ый", false}, {"ий", true}, {"ое", false}, {"ее", true}, {"ые", false}, {"ие", true}, {"ых", false}, {"их", true},
	{"ом", false}, {"ем", true}, {"ым", false}, {"им", true},
}

// adjectiveStem cuts an adjective's ending; after к, г, х the endings in -и are
// those of a hard stem.
func adjectiveStem(w string) (stem string, soft bool) {
	for _, e := range adjectiveEndings {
		if s, ok := strings.CutSuffix(w, e.ending); ok && utf8.RuneCountInString(s) >= 2 {
			if last, _ := utf8.DecodeLastRuneInString(s); strings.ContainsRune("кгх", last) {
				return s, false
			}
			return s, e.soft
		}
	}
	return w, false
}

// upperFirst writes a word with one capital; «ЛЕНИНА» and «ленина» become
// «Ленина», «ТургутОзала» and «Ростов-на-Дону» stay.
func upperFirst(w string) string {
	c, n := utf8.DecodeRuneInString(w)
	rest := w[n:]
	if strings.ToUpper(w) == w && utf8.RuneCountInString(w) > 1 {
		rest = strings.ToLower(rest)
	}
	return string(unicode.ToUpper(c)) + rest
}

// lemmaOf returns token i's likeliest lemma that holds all of want, and whether
// the dictionary knows it.
func (r *reader) lemmaOf(i int, want russian.Gram) (string, bool) {
	for k := range r.tok[i].Forms {
		f := &r.tok[i].Forms[k]
		if f.Gram.Has(want) && !f.Gram.Has(russian.Guessed) {
			return f.Lemma, true
		}
	}
	return "", false
}
