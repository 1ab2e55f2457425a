// Package russian reads Russian text once, so that everything behind it —
// standing queries, places, topics, search — reads the same analysis.
//
// Start with New and Analyzer.Read. A Text holds tokens with byte offsets into
// the original, their normal forms and all their lemmas with grammemes.
package russian

// A Kind says what a token is.
type Kind uint8

// Kinds of tokens. A Mixed token holds letters and digits, as «16а» or «3к2».
const (
	Word Kind = iota
	Number
	Mixed
	Punct
	Symbol // emoji and other signs
	Link   // URL, e-mail address, @mention
	Hashtag
)

// A Shape says how a word is written.
type Shape uint8

// Shapes of words.
const (
	Lower Shape = iota
	Title       // first letter is a capital
	Upper       // two or more letters, all capitals
	MixedCase
)

// Gram is a set of grammemes of the OpenCorpora tag set.
type Gram uint64

// Grammemes. Parts of speech first; Geox, Name, Surn, Patr mark places and people.
const (
	Noun Gram = 1 << iota
	Adj       // ADJF, ADJS, COMP
	Verb      // VERB, GRND
	Infn
	Participle // PRTF, PRTS
	Numr
	Adverb
	Pronoun // NPRO, Apro
	Prep
	Conj
	Prcl
	Intj
	Pred
	Geox
	Name
	Surn
	Patr
	Orgn
	Abbr
	Nomn
	Gent
	Datv
	Accs
	Ablt
	Loct
	Sing
	Plur
	Masc
	Femn
	Neut
	Anim
	Inan
	Impr // imperative mood
	Past
	Pres
	Futr
	Per1 // first person
	Per2
	Per3
	Guessed // the word is not in the dictionary; the lemma is a prediction or a stem
)

// Has reports whether g holds every grammeme of set.
func (g Gram) Has(set Gram) bool { return g&set == set }

// Any reports whether g holds some grammeme of set.
func (g Gram) Any(set Gram) bool { return g&set != 0 }

// A Form is one reading of a word: a lemma with its grammemes.
type Form struct {
	Lemma string  // normal form: lower case, ё→е
	Gram  Gram    // grammemes of this form
	Score float32 // P(tag|word) where the dictionary gives it, else an even share
}

// A Token is a piece of a text. Blanks are no tokens.
type Token struct {
	Start, End int    // bytes into Text.Source; the source's [Start:End] is the token as written
	Kind       Kind   //
	Shape      Shape  // for Word and Mixed
	Obscene    bool   // an obscene word, also masked («х**ня»), spaced or in look-alike letters
	Norm       string // lower case, ё→е, look-alike Latin letters inside a Cyrillic word folded
	Forms      []Form // for Word: all readings, likeliest first, never empty; shared, never write to it

	word *word // what the cache knows of it; nil for punctuation, numbers, links and hand-made tokens
}

// A Text is one text as read.
type Text struct {
	Source string
	Tokens []Token

	room []byte     // for ReadInto: the key of the word being read
	late []lateWord // for ReadInto: words to be looked up
}

// A Span is a run of bytes of a text.
type Span struct{ Start, End int }
