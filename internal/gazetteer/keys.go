package gazetteer

import (
	"regexp"
	"slices"
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
		for _, k := range splitKeys(a, name) {
			if !seen[k] {
				seen[k] = true
				keys = append(keys, k)
			}
		}
	}
	switch {
	case secondary(p):
		keys = typedKeys(a, p.Name, p.Type, 2)
		if i := strings.LastIndexByte(p.Type, ' '); i >= 0 {
			keys = append(keys, typedKeys(a, p.Name, p.Type[i+1:], 2)...)
		}
	case p.Level == place.Region && Adjectival(p.Name):
		// «Амурская» alone is a street or a station; the region is said in full.
		keys = typedKeys(a, p.Name, p.Type, 4)
		if short, ok := shortRegionTypes[p.Type]; ok {
			keys = append(keys, typedKeys(a, p.Name, short, 4)...)
		}
	case nameless(p.Name):
		both(p.Type + " " + p.Name)
		if p.Level == place.District || p.Level == place.Street {
			add(p.Name + " " + p.Type) // «4-й микрорайон»
		}
	default:
		both(p.Name)
		if p.Level == place.Municipality && Adjectival(p.Name) {
			keys = append(keys, typedKeys(a, p.Name, "район", 4)...)
			keys = append(keys, typedKeys(a, p.Name, "округ", 4)...)
		}
	}
	if p.Level == place.Settlement && p.Type == "город" && !Adjectival(firstAlias(p)) {
		for _, adj := range adjectives(p.Name) {
			add(adj)
		}
	}
	if p.Level == place.Street {
		if last := surname(a, p.Name); last != "" {
			add(last)
		}
	}
	for alias := range strings.SplitSeq(p.Aliases, ";") {
		if alias = strings.TrimSpace(alias); alias != "" {
			both(alias)
		}
	}
	return keys
}

// ranks stand before a surname in the names of streets.
var ranks = map[string]bool{
	"генерал": true, "маршал": true, "адмирал": true, "капитан": true, "лейтенант": true, "сержант": true, "полковник": true, "майор": true,
	"академик": true, "профессор": true, "доктор": true, "космонавт": true, "летчик": true, "герой": true, "партизан": true, "комиссар": true,
	"архитектор": true, "инженер": true, "художник": true, "писатель": true, "поэт": true, "учитель": true, "композитор": true,
}

// surname returns the last word of a street's name that is a person's, «Карла
// Маркса», «Генерала Тихонова»: residents say the surname alone.
func surname(a Analyzer, name string) string {
	if a == nil {
		return ""
	}
	tokens := a.Read(name).Tokens
	if len(tokens) < 2 || len(tokens) > 3 {
		return ""
	}
	for _, t := range tokens {
		if t.Kind != russian.Word || t.Shape == russian.Lower {
			return ""
		}
	}
	for _, f := range tokens[0].Forms {
		if ranks[f.Lemma] || f.Gram.Any(russian.Name) && !f.Gram.Any(russian.Guessed) {
			last := tokens[len(tokens)-1]
			return name[last.Start:last.End]
		}
	}
	return ""
}

func firstAlias(p *place.Place) string {
	alias, _, _ := strings.Cut(p.Aliases, ";")
	return alias
}

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

// nameless reports whether a name is only a number, «1308-й км», «4-й»
// (микрорайон): such a key without its type would match any message.
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

// nameKeys returns the keys of a name: every combination of its words' lemmas,
// for each of the ways in which the name is written.
func nameKeys(a Analyzer, name string) []string {
	var keys []string
	for _, way := range ways(name) {
		for _, k := range place.Keys(nameWords(a, way)) {
			if !slices.Contains(keys, k) {
				keys = append(keys, k)
			}
		}
	}
	return keys
}

// typedKeys returns at most limit keys of a name that is said with its type
// behind it, the type in its likeliest reading only.
func typedKeys(a Analyzer, name, typ string, limit int) []string {
	words := nameWords(a, name)
	for _, w := range nameWords(a, typ) {
		words = append(words, w[:1])
	}
	keys := place.Keys(words)
	return keys[:min(limit, len(keys))]
}

var (
	initials = regexp.MustCompile(`(^|[\s.])\p{L}\.\s*(\p{L}\.\s*)?`)
	named    = regexp.MustCompile(`(?i)(^|\s)(им\.?|имени)\s+`)
	roman    = strings.NewReplacer(" III", " 3", " II", " 2", " I", " 1")
)

// ways returns the ways in which a name is written: as it is, with «имени» in
// full, without it and without initials, with Arabic for Roman numbers.
func ways(name string) []string {
	out := []string{named.ReplaceAllString(name, "${1}имени ")}
	add := func(s string) {
		if s = strings.TrimSpace(s); s != "" && !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	add(named.ReplaceAllString(initials.ReplaceAllString(name, "$1"), "$1"))
	add(roman.Replace(name))
	if ordinal.MatchString(name) { // «1-я Линия» is written «1 линия» and «1я линия»
		add(ordinal.ReplaceAllString(name, "$1$3"))
		add(ordinal.ReplaceAllString(name, "$1$2$3"))
	}
	return out
}

var ordinal = regexp.MustCompile(`(\d+)-?(ая|яя|ый|ий|ой|ое|ые|го|я|й|е)(\s|$)`)

// nameWords returns the lemmas of each word of a name.
func nameWords(a Analyzer, name string) [][]string {
	if a == nil {
		return plainWords(name)
	}
	var words [][]string
	tokens := a.Read(name).Tokens
	for i, t := range tokens {
		switch t.Kind {
		case russian.Word:
			// Before a hyphen that parts two words stands what does not bend:
			// «в Верх-Аскизе».
			bends := i+2 >= len(tokens) || tokens[i+1].Norm != "-" || tokens[i+1].Start != t.End
			words = append(words, lemmas(a, t, bends))
		case russian.Number, russian.Mixed:
			words = append(words, []string{t.Norm})
		}
	}
	return words
}

// splitKeys returns the keys of a name whose hyphens are written as blanks, as in
// «Усть Абакан», when it has hyphens between words.
func splitKeys(a Analyzer, name string) []string {
	parts := hyphen.Split(name, -1)
	if len(parts) < 2 || strings.ContainsAny(name, "0123456789") {
		return nil
	}
	// In «Ростов-на-Дону» the first word bends, in «Усть-Абакан» the last one.
	on := slices.ContainsFunc(parts, func(s string) bool { return s == "на" || s == "под" })
	var words [][]string
	for i, part := range parts {
		bends := !on && i == len(parts)-1 || on && i == 0
		if a == nil {
			words = append(words, plainWords(part)...)
			continue
		}
		tokens := a.Read(part).Tokens
		for j, t := range tokens {
			if t.Kind == russian.Word {
				words = append(words, lemmas(a, t, bends || j < len(tokens)-1))
			}
		}
	}
	return place.Keys(words)
}

var hyphen = regexp.MustCompile(`\s*[-–—]\s*`)

// maxGuesses bounds the lemmas of a word that the dictionary lacks.
const maxGuesses = 4

// lemmas returns the lemmas of a word of a name, likeliest first. A word of the
// dictionary has the lemmas of its readings. For others the guess for «Бискамже»
// need not be the guess for «Бискамжа»: a word that bends is read in all its
// cases, and a lemma is added for each form that the lemmas so far do not cover.
func lemmas(a Analyzer, t russian.Token, bends bool) []string {
	var out []string
	known := false
	for _, f := range t.Forms {
		known = known || !f.Gram.Any(russian.Guessed) && nominal(f.Gram)
	}
	for _, f := range t.Forms {
		// Among guesses, nouns and adjectives only: a name is no verb.
		if known || nominal(f.Gram) {
			out = appendNew(out, f.Lemma)
		}
	}
	if len(out) == 0 && len(t.Forms) > 0 {
		out = append(out, t.Forms[0].Lemma)
	}
	if known || !bends || t.Shape == russian.Upper {
		return out
	}
	out = appendNew(out, t.Norm)
	for _, form := range inflect(t.Norm) {
		for _, u := range a.Read(form).Tokens {
			if len(out) >= maxGuesses || u.Kind != russian.Word || covered(out, u.Forms) {
				continue
			}
			best := u.Forms[0].Lemma
			for _, f := range u.Forms {
				if nominal(f.Gram) {
					best = f.Lemma
					break
				}
			}
			out = appendNew(out, best)
		}
	}
	return out
}

func nominal(g russian.Gram) bool {
	return g.Any(russian.Noun|russian.Adj) && !g.Any(russian.Verb|russian.Infn|russian.Participle|russian.Adverb)
}

// covered reports whether some reading has one of the lemmas.
func covered(lemmas []string, forms []russian.Form) bool {
	for _, f := range forms {
		if slices.Contains(lemmas, f.Lemma) {
			return true
		}
	}
	return false
}

func appendNew(list []string, s string) []string {
	if s == "" || slices.Contains(list, s) {
		return list
	}
	return append(list, s)
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
