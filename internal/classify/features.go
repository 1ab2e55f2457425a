package classify

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"otklik/internal/russian"
)

// A text is seen as blocks of features: what the words mean (lemmas and pairs
// of neighbours), how they are spelt (pieces of words, which survive typos and
// unknown endings), which rules speak, and what is known beside the text. Each
// block is brought to one length by itself, so that a long text does not drown
// its words in its letters.
//
// A text is the sum of its words: what a word adds does not depend on the words
// around it, pairs aside. So a lexicon works a word out once and keeps it.
const (
	wordBlock = iota
	charBlock
	hintBlock // topics for which a rule speaks
	factBlock // topic and territory of a hand-over; or the names of places
	nameBlock // words written as names: with a capital inside a sentence
	kinBlock  // what models of other taxonomies say
	blocks
)

const (
	gramMin  = 3  // shortest piece of a word, in runes, the word's ends marked by blanks
	gramMax  = 5  //
	maxRunes = 62 // of a word; the rest of an overlong one is left out
)

// A feature is a hash; which block it belongs to is known from where it came.
// 32 bits collide for one pair in 4 billion: harmless among some 10^5 features.
type feature = uint32

const (
	fnvOffset = 2166136261
	fnvPrime  = 16777619
)

// Seeds of what is hashed, so that equal strings of different sorts differ.
const (
	lemmaSeed = fnvOffset ^ 1
	pieceSeed = fnvOffset ^ 2
	ruleSeed  = fnvOffset ^ 3
	factSeed  = fnvOffset ^ 4
	kinSeed   = fnvOffset ^ 5
)

func hashString(seed uint32, s string) feature {
	h := seed
	for i := 0; i < len(s); i++ {
		h = (h ^ uint32(s[i])) * fnvPrime
	}
	return mix(h)
}

// mix spreads the weak low bits of FNV (the finaliser of MurmurHash3).
func mix(h uint32) uint32 {
	h ^= h >> 16
	h *= 0x85ebca6b
	h ^= h >> 13
	h *= 0xc2b2ae35
	return h ^ h>>16
}

// pair is the feature of two neighbours, named by the hashes of their lemmas.
func pair(first, second feature) feature { return mix(first*31 + second) }

// usable reports whether the token says anything about the topic: words and
// words with digits do, numbers, links and signs do not.
func usable(t *russian.Token) bool {
	return (t.Kind == russian.Word || t.Kind == russian.Mixed || t.Kind == russian.Hashtag) && t.Norm != ""
}

// placeWeight is the weight of the names of places as a block of their own, in
// the stead of facts. Training takes them so where held-out texts say that it
// does better: who answers depends on places, what the matter is does not.
const placeWeight = 0.5

// placeFact is the feature of the name of a place beside its lemma.
func placeFact(lemma string) feature { return hashString(factSeed, "place="+lemma) }

// nameWeight is the weight of words written as names, a block that is taken with
// the names of places: streets, yards and firms say who answers, and no
// dictionary knows them all.
const nameWeight = 0.5

// nameFact is the feature of a lemma that is written as a name.
func nameFact(lemma string) feature { return hashString(factSeed, "name="+lemma) }

// A hand tells names from other words as a text goes by.
type hand struct {
	inside bool // a word stands before this one in the sentence
	short  bool // it is shortened: the full stop after it ends no sentence
}

// names takes the next token of a text and reports whether it is written as a
// name: with a capital that neither the beginning of a sentence nor a shout asks for.
func (h *hand) names(source string, t *russian.Token) bool {
	s := source[t.Start:t.End]
	first, size := utf8.DecodeRuneInString(s)
	if !unicode.IsLetter(first) {
		if s == "." && h.short {
			return false
		}
		h.inside = h.inside && !strings.ContainsAny(s, ".!?…")
		return false
	}
	named := h.inside && unicode.IsUpper(first) && (len(s) == size || strings.ContainsFunc(s, unicode.IsLower))
	h.inside, h.short = true, shortened(t.Norm)
	return named
}

// shortened reports whether a word before the name of a place is written short.
func shortened(norm string) bool {
	switch norm {
	case "ул", "пр", "просп", "пер", "бул", "наб", "пл", "ш", "туп", "мкр", "кв", "д", "г", "гор", "п", "пос", "с", "х", "ст", "р", "обл", "им", "корп", "стр", "к":
		return true
	}
	return false
}

// isPlace reports whether the word may name a place.
func isPlace(t *russian.Token) bool { return t.Any(russian.Geox) }

// empty reports whether the word joins others without saying anything itself.
// Words of denial are not empty: «нет воды», «без света».
func empty(t *russian.Token) bool {
	if len(t.Forms) == 0 || !t.Forms[0].Gram.Any(russian.Prep|russian.Conj|russian.Prcl|russian.Intj|russian.Pronoun) {
		return false
	}
	switch t.Norm {
	case "не", "нет", "без", "ни":
		return false
	}
	return true
}

// pieces appends the features of the pieces of a word; a piece that occurs
// twice is appended twice.
func pieces(norm string, to []feature) []feature {
	var runes [maxRunes + 3]int // byte offsets of the runes of " norm ", and the end
	var padded [maxRunes*2 + 32]byte
	buf := append(padded[:0], ' ')
	buf = append(buf, norm...)
	buf = append(buf, ' ')
	n := 0
	for at := 0; at < len(buf) && n < maxRunes+2; {
		runes[n] = at
		n++
		_, size := utf8.DecodeRune(buf[at:])
		at += size
		runes[n] = at
	}
	for a := 0; a < n; a++ {
		h := uint32(pieceSeed)
		at := runes[a]
		for b := a + 1; b <= n && b-a <= gramMax; b++ {
			for ; at < runes[b]; at++ {
				h = (h ^ uint32(buf[at])) * fnvPrime
			}
			if b-a >= gramMin {
				to = append(to, mix(h))
			}
		}
	}
	return to
}

// A hint is a feature that stands beside the words: a topic for which rules
// speak, which is knowledge that a model need not learn from its examples,
// whatever taxonomy its labels come from; or a fact about the message.
type hint struct {
	feature feature
	value   float32
}

// hints returns what the last decision says, in m.hinted.
func (m *matcher) hints(rs *Rules) []hint {
	m.hinted = m.hinted[:0]
	for _, t := range m.topics {
		m.hinted = append(m.hinted, hint{rs.features[t], m.weight(t)})
	}
	return m.hinted
}

// facts are the features of what is known beside a text.
func facts(known []string) []hint {
	var list []hint
	for _, k := range known {
		list = append(list, hint{hashString(factSeed, k), 1})
	}
	return list
}
