package russian

import "math/bits"

// A Print is one word, small enough to be compared as a number:
//
//	63…62  class: 0 a word that only joins others, 1 one that carries meaning, 2 anything with a digit
//	61…58  letters of the written word, at most 15
//	57…32  hash of the likeliest lemma
//	31…0   which letters the written word has
//
// Prints of two forms of one lemma differ in letters and length alone. Prints
// of two lemmas are taken for each other once in 67 million times.
type Print uint64

// Classes of words.
const (
	Filler  = iota // preposition, conjunction, particle, pronoun, interjection
	Content        //
	Digits         //
)

const lemmaOfPrint = 3<<62 | (1<<26-1)<<32

// Class returns Filler, Content or Digits.
func (p Print) Class() int { return int(p >> 62) }

// Lemma returns the part that all forms of a lemma share.
func (p Print) Lemma() uint64 { return uint64(p&lemmaOfPrint) >> 32 }

// Same reports whether both are forms of one lemma.
func (p Print) Same(q Print) bool { return (p^q)&lemmaOfPrint == 0 }

// Slip reports whether one word is likely the other with a letter lost, doubled,
// changed or swapped. Numbers have no slips: each is another one.
func (p Print) Slip(q Print) bool {
	if p.Class() == Digits || q.Class() == Digits {
		return false
	}
	m, n := int(p>>58&15), int(q>>58&15)
	more := max(m, n) - min(m, n)
	return min(m, n) >= 4 && more <= 1 && bits.OnesCount32(uint32(p)^uint32(q)) <= 2-more
}

// Print returns the print of the token. For words it costs one look.
func (t *Token) Print() Print {
	if t.word != nil {
		return t.word.print
	}
	return printOf(t.Kind, t.Norm, t.Forms, Term(t.Lemma()))
}

// printOf makes a print; lemma is Term of the likeliest lemma.
func printOf(kind Kind, norm string, forms []Form, lemma uint64) Print {
	const fillers = Prep | Conj | Prcl | Pronoun | Intj
	class := Content
	switch {
	case kind == Number || kind == Mixed:
		class = Digits
	case len(forms) > 0 && forms[0].Gram.Any(fillers):
		class = Filler
	}
	letters, n := lettersOf(norm)
	return Print(uint64(class)<<62 | uint64(min(n, 15))<<58 | lemma>>38<<32 | uint64(letters))
}

// lettersOf returns which letters a word has and how many. Cyrillic letters have
// a bit each; the others share theirs.
func lettersOf(norm string) (set uint32, n int) {
	for i := 0; i < len(norm); i++ {
		c := norm[i]
		if c >= 0xd0 && i+1 < len(norm) {
			i++
			c = norm[i]&15 | norm[i-1]&1<<4
		}
		set |= 1 << (c & 31)
		n++
	}
	return set, n
}
