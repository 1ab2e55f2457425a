package russian

import (
	"strings"
	"sync"
)

// maxWord is the longest key, in letters, that is looked up; anything longer is
// no word and its lemma is itself.
const maxWord = 64

// An Analyzer reads Russian text. It is safe for concurrent use.
type Analyzer struct {
	dictionary *dictionary
	cache      *cache
}

// New returns an analyzer. The dictionary and the cache of words are opened by
// the first call and shared by all analyzers of the process, so New costs
// nothing afterwards. The error says that the program was built with a damaged
// dictionary.
func New() (*Analyzer, error) { return openAnalyzer() }

var openAnalyzer = sync.OnceValues(func() (*Analyzer, error) {
	d, err := openDictionary()
	if err != nil {
		return nil, err
	}
	return &Analyzer{dictionary: d, cache: new(cache)}, nil
})

// Read reads a text of any length, in time linear in it.
func (a *Analyzer) Read(text string) *Text {
	t := &Text{Tokens: make([]Token, 0, 8+len(text)/9)}
	a.ReadInto(t, text)
	return t
}

// ReadInto reads a text into t and reuses its tokens, so that a loop over many
// texts allocates only for words that are new to the cache.
func (a *Analyzer) ReadInto(t *Text, text string) {
	sc := scanner{a: a, s: text, tokens: t.Tokens[:0]}
	sc.key = sc.room[:0]
	sc.run()
	t.Source, t.Tokens = text, sc.tokens
}

// Word returns all readings of one written word, likeliest first, and never
// none: an unknown word is guessed. The slice is shared, never write to it.
func (a *Analyzer) Word(form string) []Form {
	var t Text
	a.ReadInto(&t, strings.TrimSpace(form))
	for i := range t.Tokens {
		if f := t.Tokens[i].Forms; len(f) > 0 && len(t.Tokens) == 1 {
			return f
		}
	}
	return a.word(keyOf(form)).forms
}

// word returns what we know of a key, from the cache or by looking it up.
func (a *Analyzer) word(key []byte) *word { return a.wordHashed(key, hashKey(key)) }

func (a *Analyzer) wordHashed(key []byte, hash uint64) *word {
	if w := a.cache.find(hash, key); w != nil {
		return w
	}
	w := a.resolve(key)
	w.hash = hash
	if len(key) <= maxWord {
		a.cache.add(w)
	}
	return w
}

// resolve makes a word from its key.
func (a *Analyzer) resolve(key []byte) *word {
	w := &word{key: string(key), norm: textOf(key)}
	kind := kindOfKey(key)
	switch {
	case len(key) > maxWord:
		w.split = strings.Contains(w.key, "-")
	case kind == Word && strings.Contains(w.key, "-"):
		a.resolveHyphened(w, key)
	case kind == Word:
		w.forms = a.readWord(key)
	}
	if kind == Word && len(w.forms) == 0 {
		w.forms = []Form{{Lemma: w.norm, Gram: Guessed, Score: 1}}
	}
	w.name()
	w.obscene = kind != Number && obscene(key)
	return w
}

// readWord reads a word without hyphens: by the dictionary, else by a guess.
func (a *Analyzer) readWord(key []byte) []Form {
	if f := a.dictionary.read(key); len(f) > 0 {
		return f
	}
	return a.dictionary.guess(key)
}

// name fills the distinct lemmas and their terms from the forms.
func (w *word) name() {
	if len(w.forms) == 0 {
		w.lemmas = []string{w.norm}
	}
	for i := range w.forms {
		f := &w.forms[i]
		if f.Lemma == w.norm {
			f.Lemma = w.norm // one string for both
		}
		known := false
		for _, l := range w.lemmas {
			if l == f.Lemma {
				f.Lemma, known = l, true
			}
		}
		if !known {
			w.lemmas = append(w.lemmas, f.Lemma)
		}
	}
	w.terms = make([]uint64, len(w.lemmas))
	for i, l := range w.lemmas {
		w.terms[i] = Term(l)
	}
}

// kindOfKey says what a key is: a Word of letters, a Number of digits, else Mixed.
func kindOfKey(key []byte) Kind {
	letters, digits := false, false
	for _, c := range key {
		switch {
		case isDigitCode(c):
			digits = true
		case c != '-' && c != '\'':
			letters = true
		}
	}
	switch {
	case letters && digits:
		return Mixed
	case digits:
		return Number
	}
	return Word
}
