package russian

import (
	"slices"
	"strings"
	"sync/atomic"
)

// Term is a stable hash of a lemma, for indexes that would rather compare
// numbers than strings. Two lemmas may share one (once in 2⁶⁴): compare the
// lemma itself where that matters.
func Term(lemma string) uint64 {
	const start, prime = 14695981039346656037, 1099511628211 // FNV-1a
	h := uint64(start)
	for i := range len(lemma) {
		h = (h ^ uint64(lemma[i])) * prime
	}
	return mix(h, hashSeed1)
}

// Lemmas returns the distinct lemmas of a token, likeliest first: those of its
// readings, and Norm where it has none. Punctuation and symbols have none. The
// slice is shared, never write to it.
func (t *Token) Lemmas() []string {
	switch {
	case t.Kind == Punct || t.Kind == Symbol:
		return nil
	case t.word != nil:
		return t.word.lemmas
	case len(t.Forms) == 0:
		return []string{t.Norm}
	}
	var out []string
	for i := range t.Forms {
		if !slices.Contains(out, t.Forms[i].Lemma) {
			out = append(out, t.Forms[i].Lemma)
		}
	}
	return out
}

// Terms returns Term of every lemma of the token, in the order of Lemmas. For
// words it allocates nothing.
func (t *Token) Terms() []uint64 {
	if t.word != nil && t.Kind != Punct && t.Kind != Symbol {
		return t.word.terms
	}
	var out []uint64
	for _, l := range t.Lemmas() {
		out = append(out, Term(l))
	}
	return out
}

// Note is a place beside the word of the token, shared by all its tokens, where
// one reader of texts keeps what it found out about the word's Forms and Norm,
// so that the next time costs no look elsewhere. It begins as 0, and any reader
// may write over what another left: a note says whose it is (see package
// watch, which is the one that uses it). Nil for tokens without a word.
func (t *Token) Note() *atomic.Uint64 {
	if t.word == nil {
		return nil
	}
	return &t.word.note
}

// Lemma returns the likeliest lemma, Norm where the token has no reading.
func (t *Token) Lemma() string {
	if len(t.Forms) > 0 {
		return t.Forms[0].Lemma
	}
	return t.Norm
}

// Any reports whether some reading of the token has some grammeme of set.
func (t *Token) Any(set Gram) bool {
	for i := range t.Forms {
		if t.Forms[i].Gram.Any(set) {
			return true
		}
	}
	return false
}

// Index returns the text as full-text search stores it: of every token that
// says something all lemmas, a blank between them, in the order of the text.
func (t *Text) Index() string {
	var b strings.Builder
	b.Grow(len(t.Source) + len(t.Source)/2)
	for i := range t.Tokens {
		tok := &t.Tokens[i]
		if tok.Kind == Punct || tok.Kind == Symbol {
			continue
		}
		if tok.word == nil {
			appendWord(&b, tok.Norm)
			continue
		}
		for _, l := range tok.word.lemmas {
			appendWord(&b, l)
		}
	}
	return b.String()
}

func appendWord(b *strings.Builder, w string) {
	if b.Len() > 0 {
		b.WriteByte(' ')
	}
	b.WriteString(w)
}

// Query turns the text of a search box into what Index holds: for each word the
// lemmas of which any one will do. Punctuation is left out; no word gives nil.
func (a *Analyzer) Query(text string) [][]string {
	var out [][]string
	t := a.Read(text)
	for i := range t.Tokens {
		if l := t.Tokens[i].Lemmas(); len(l) > 0 {
			out = append(out, slices.Clone(l))
		}
	}
	return out
}

// Obscene returns the obscene words of the text, in order. The letters of a word
// written apart («х у й») make one span.
func (t *Text) Obscene() []Span {
	var out []Span
	apart := -2 // the last obscene token that is one letter
	for i := range t.Tokens {
		tok := &t.Tokens[i]
		if !tok.Obscene {
			continue
		}
		if tok.oneLetter() {
			if n := len(out); n > 0 && (i-apart == 1 || i-apart == 2 && t.Tokens[i-1].Kind == Punct) {
				out[n-1].End = tok.End
			} else {
				out = append(out, Span{tok.Start, tok.End})
			}
			apart = i
			continue
		}
		out = append(out, Span{tok.Start, tok.End})
	}
	return out
}

func (t *Token) oneLetter() bool { return t.word != nil && t.word.length() == 1 }
