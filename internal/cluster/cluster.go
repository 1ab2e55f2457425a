// Package cluster finds earlier messages about the same thing.
//
// Start with KeyOf: it reduces an analysed text to its Key in a microsecond. An
// Index holds the keys of the last messages and returns those whose texts are
// the same or nearly the same (Index.Near); Compare says what exactly differs.
// Judge decides about cases of work: it asks texts, places, topics and time,
// and answers with a score and with reasons that people read.
//
// Two uses, two strictnesses. Texts are near when few of their words differ:
// that finds reposts. The same words about another house are another trouble:
// cases are joined without asking anybody only when no number, no word that
// carries meaning and no place differs (see Judge).
package cluster

import "otklik/internal/russian"

// weight is what a word costs when it stands in one text only: a filler 1, a
// word that carries meaning 2, a number 3.
func weight(w russian.Print) int { return w.Class() + 1 }

// sketchSize is how many features of a text find it again. Eight leave a text of
// seventeen words with three edits undiscovered about once in a hundred times.
const sketchSize = 8

// longest is how many words of a text are compared, a hundred lines of a phone's
// screen. Longer texts are told apart by their beginnings and the whole hash.
const longest = 512

// A Key is what of a text is compared. Keys of equal texts are equal on every
// machine. The zero Key belongs to a text without words and is near to nothing.
type Key struct {
	words  []russian.Print
	weight int                // of all words
	whole  uint64             // hash of all words in order, also of those past longest
	sketch [sketchSize]uint64 // features by rising rank; zeros behind the last one
}

// Words returns how many words are compared.
func (k *Key) Words() int { return len(k.words) }

// Clone returns a key that shares no memory with k.
func (k *Key) Clone() Key {
	c := *k
	c.words = append([]russian.Print(nil), k.words...)
	return c
}

// KeyOf returns the key of a text.
func KeyOf(t *russian.Text) Key {
	var k Key
	k.Read(t)
	return k
}

// short is the number of words below which single words are features beside
// pairs of words: one edit in the middle of three words leaves no pair whole.
const short = 10

// Read makes k the key of t, reusing its memory.
func (k *Key) Read(t *russian.Text) {
	*k = Key{words: k.words[:0]}
	var last russian.Print
	var ranks [sketchSize]uint32
	n := 0
	for i := range t.Tokens {
		tok := &t.Tokens[i]
		if tok.Kind == russian.Punct || tok.Kind == russian.Symbol {
			continue
		}
		w := tok.Print()
		k.whole = stir(k.whole ^ w.Lemma())
		if n++; n > longest {
			continue
		}
		k.words = append(k.words, w)
		k.weight += weight(w)
		if n > 1 {
			k.offer(&ranks, stir(last.Lemma()<<28|w.Lemma()), last.Class()+w.Class())
		}
		last = w
	}
	if n < short {
		for _, w := range k.words {
			if w.Class() != russian.Filler || n <= 2 {
				k.offer(&ranks, stir(w.Lemma()), w.Class())
			}
		}
	}
}

// offer puts a feature into the sketch when its rank is among the lowest. Which
// features stay depends on nothing but the features themselves, so that texts
// that share many of them share some of their sketches (A. Broder, 1997);
// features of words that carry meaning come first, pairs of fillers late.
func (k *Key) offer(ranks *[sketchSize]uint32, feature uint64, meaning int) {
	rank := uint32(feature>>33)>>min(meaning, 3) | 1
	at := sketchSize
	for at > 0 && (ranks[at-1] == 0 || ranks[at-1] > rank) {
		at--
	}
	if at == sketchSize || at > 0 && k.sketch[at-1] == feature {
		return
	}
	copy(ranks[at+1:], ranks[at:])
	copy(k.sketch[at+1:], k.sketch[at:])
	ranks[at], k.sketch[at] = rank, feature
}

// stir mixes the bits of x (a finaliser of D. Stafford); no feature is 0.
func stir(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31 | 1
}
