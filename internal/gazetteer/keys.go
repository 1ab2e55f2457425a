package gazetteer

import (
	"strings"

	"otklik/internal/place"
	"otklik/internal/russian"
)

// An Analyzer reads a name as it would read a text, so that a name and its
// mention in a message come to the same lemmas. *russian.Analyzer is one.
type Analyzer interface {
	Read(text string) *russian.Text
}

// KeysOf returns the keys by which a place is found: those of its name, of its
// aliases, of the name with a hyphen read as a blank, and, for cities, of the
// adjective («лысьвенский»). A municipality under the district is found only
// together with its type («аршановский сельсовет»): its bare adjective is most
// often another place's name.
func KeysOf(a Analyzer, p *place.Place) []string {
	var keys []string
	seen := map[string]bool{}
	add := func(name string) {
		for _, k := range nameKeys(a, name) {
			if !seen[k] {
				seen[k] = true
				keys = append(keys, k)
			}
		}
	}
	both := func(name string) {
		add(name)
		if strings.ContainsAny(name, "-–—") {
			add(hyphens.Replace(name))
		}
	}
	switch {
	case secondary(p):
		both(p.Name + " " + p.Type)
		if i := strings.LastIndexByte(p.Type, ' '); i >= 0 {
			both(p.Name + p.Type[i:])
		}
	case p.Level == place.Region && Adjectival(p.Name):
		// «Амурская» alone is a street or a station; the region is said in full.
		both(p.Name + " " + p.Type)
		if short, ok := shortRegionTypes[p.Type]; ok {
			both(p.Name + " " + short)
		}
	case nameless(p.Name):
		both(p.Type + " " + p.Name)
	default:
		both(p.Name)
		if p.Level == place.Municipality && Adjectival(p.Name) {
			both(p.Name + " район")
			both(p.Name + " округ")
		}
	}
	if p.Level == place.Settlement && p.Type == "город" && !Adjectival(firstAlias(p)) {
		for _, adj := range adjectives(p.Name) {
			add(adj)
		}
	}
	for alias := range strings.SplitSeq(p.Aliases, ";") {
		if alias = strings.TrimSpace(alias); alias != "" {
			both(alias)
		}
	}
	return keys
}

func firstAlias(p *place.Place) string {
	alias, _, _ := strings.Cut(p.Aliases, ";")
	return alias
}

var hyphens = strings.NewReplacer("-", " ", "–", " ", "—", " ")

var shortRegionTypes = map[string]string{"область": "обл", "автономный округ": "ао", "республика": "респ"}

// secondary reports whether p is a municipality inside a municipal district.
func secondary(p *place.Place) bool {
	return p.Level == place.Municipality && p.ID != p.Municipality
}

// Adjectival reports whether a territory's name is an adjective: «Амурская»,
// «Слободской».
func Adjectival(name string) bool {
	for _, end := range []string{"ая", "ий", "ый", "ской", "цкой"} {
		if strings.HasSuffix(name, end) {
			return true
		}
	}
	return false
}

// nameless reports whether a name says only how far along a railway the place
// lies, «1308-й км»: such a key without its type would match any road message.
func nameless(name string) bool {
	for word := range strings.FieldsSeq(place.Fold(name)) {
		if word == "км" || word == "километр" || word == "№" {
			continue
		}
		if word[0] < '0' || word[0] > '9' {
			return false
		}
	}
	return true
}

// nameKeys returns the keys of a name: every combination of its words' lemmas.
// Words that the dictionary lacks are read in all their cases, since the guess
// for «Бискамже» need not be the guess for «Бискамжа».
func nameKeys(a Analyzer, name string) []string {
	if a == nil {
		return place.Keys(plainWords(name))
	}
	text := a.Read(name)
	var words [][]string
	for _, t := range text.Tokens {
		switch t.Kind {
		case russian.Word:
			words = append(words, lemmas(a, t))
		case russian.Number, russian.Mixed:
			words = append(words, []string{t.Norm})
		}
	}
	return place.Keys(words)
}

// lemmas returns the lemmas of a word of a name, likeliest first, the plain form
// last.
func lemmas(a Analyzer, t russian.Token) []string {
	var out []string
	seen := map[string]bool{}
	add := func(l string) {
		if l != "" && !seen[l] {
			seen[l] = true
			out = append(out, l)
		}
	}
	known := false
	for _, f := range t.Forms {
		add(f.Lemma)
		known = known || !f.Gram.Any(russian.Guessed)
	}
	if !known {
		for _, form := range inflect(t.Norm) {
			for _, u := range a.Read(form).Tokens {
				for _, f := range u.Forms {
					if f.Gram.Any(russian.Guessed) {
						add(f.Lemma)
					}
				}
			}
		}
	}
	add(t.Norm)
	return out
}

// plainWords splits a name without an analyzer: the words as written, folded.
func plainWords(name string) [][]string {
	var words [][]string
	for w := range strings.FieldsFuncSeq(place.Fold(name), func(r rune) bool {
		return strings.ContainsRune(" .,;:()«»\"'/№", r)
	}) {
		words = append(words, []string{w})
	}
	return words
}
