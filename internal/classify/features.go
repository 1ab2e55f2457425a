package classify

import (
	"math"
	"unicode/utf8"

	"otklik/internal/russian"
)

// A text is seen as two blocks of features: what the words mean (lemmas and
// pairs of neighbours) and how they are spelt (pieces of words, which survive
// typos and unknown endings). Each block is normalised by itself, so that a
// long text does not drown its words in its letters.
const (
	wordBlock = iota
	charBlock
	hintBlock // topics for which a rule speaks
	blocks
)

const (
	gramMin = 3 // shortest piece of a word, in runes, the word's ends marked by blanks
	gramMax = 5
)

// A feature is a hash; which block it belongs to is known from where it came.
// 32 bits collide for one pair in 4 billion: harmless among some 10^5 features.
type feature = uint32

const (
	fnvOffset = 2166136261
	fnvPrime  = 16777619
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

// usable reports whether the token says anything about the topic: words and
// words with digits do, numbers, links and signs do not.
func usable(t *russian.Token) bool {
	return (t.Kind == russian.Word || t.Kind == russian.Mixed || t.Kind == russian.Hashtag) && t.Norm != ""
}

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

// lemma returns the likeliest normal form of the token.
func lemma(t *russian.Token) string {
	if len(t.Forms) > 0 {
		return t.Forms[0].Lemma
	}
	return t.Norm
}

// eachFeature calls yield for every feature of the text with the index of the
// (last) token it comes from; a feature that occurs twice is yielded twice.
func eachFeature(text *russian.Text, yield func(block int, f feature, token int)) {
	var previous uint32
	var runes [64]int // byte offsets of the runes of " norm "
	var padded [160]byte
	for i := range text.Tokens {
		t := &text.Tokens[i]
		if !usable(t) {
			if t.Kind == russian.Punct {
				previous = 0
			}
			continue
		}
		if empty(t) {
			continue
		}
		h := hashString(fnvOffset^1, lemma(t))
		yield(wordBlock, h, i)
		if previous != 0 {
			yield(wordBlock, mix(previous*31+h), i)
		}
		previous = h
		buf := append(padded[:0], ' ')
		buf = append(buf, t.Norm...)
		buf = append(buf, ' ')
		n := 0
		for at := 0; at < len(buf) && n < len(runes)-1; {
			runes[n] = at
			n++
			_, size := utf8.DecodeRune(buf[at:])
			at += size
		}
		if n < len(runes)-1 {
			runes[n] = len(buf)
		} else {
			n-- // an overlong word: the rest of it is left out
		}
		for a := 0; a < n; a++ {
			h := uint32(fnvOffset ^ 2)
			at := runes[a]
			for b := a + 1; b <= n && b-a <= gramMax; b++ {
				for ; at < runes[b]; at++ {
					h = (h ^ uint32(buf[at])) * fnvPrime
				}
				if b-a >= gramMin {
					yield(charBlock, mix(h), i)
				}
			}
		}
	}
}

// damped is the weight of a feature that occurs n times: repeating a word says
// less than saying it.
func damped(n float64) float64 { return 1 + math.Log(n) }

// A hint is a topic for which rules speak, as a feature: knowledge that a model
// need not learn from its examples, whatever taxonomy its labels come from.
type hint struct {
	feature feature
	value   float32
}

// hints returns what the last match says, in m.hinted.
func (m *matcher) hints(rs *Rules) []hint {
	m.hinted = m.hinted[:0]
	for _, t := range m.topics {
		m.hinted = append(m.hinted, hint{rs.features[t], m.weight(t)})
	}
	return m.hinted
}
