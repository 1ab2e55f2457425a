package russian

import (
	"bytes"
	"slices"
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
	return &Analyzer{dictionary: d, cache: newCache()}, nil
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
	if t.room == nil {
		t.room = make([]byte, 0, 2*maxWord)
		t.late = make([]lateWord, 0, lateWords)
	}
	sc := scanner{a: a, s: text, tokens: t.Tokens[:0], key: t.room, late: t.late}
	sc.run()
	t.Source, t.Tokens = text, sc.tokens
	if cap(sc.key) <= 1<<16 {
		t.room = sc.key[:0]
	}
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

// Forget empties the cache of words, as it is after a start. Nothing needs it
// but a measurement of that.
func (a *Analyzer) Forget() { a.cache.clear() }

// word returns what we know of a key, from the cache or by looking it up.
func (a *Analyzer) word(key []byte) *word {
	id := identify(key)
	hash := id.hash(key)
	if w := a.cache.now.Load().find(hash, id, key); w != nil {
		return w
	}
	number, ok := a.dictionary.words.find(key)
	if !ok {
		number = -1
	}
	s := slabs.Get().(*slab)
	defer slabs.Put(s)
	return a.add(s, id, hash, key, number)
}

// add makes a word, unless the cache has it, and puts it there. The number is
// that of its reading in the dictionary, or -1.
func (a *Analyzer) add(s *slab, id keyID, hash uint64, key []byte, number int) *word {
	if w := a.cache.now.Load().find(hash, id, key); w != nil { // met twice in one text, or by another goroutine
		return w
	}
	if len(key) > maxWord {
		return a.resolve(new(slab), id, key, number)
	}
	w := a.resolve(s, id, key, number)
	a.cache.add(hash, w)
	return w
}

// resolve makes a word from its key.
func (a *Analyzer) resolve(s *slab, id keyID, key []byte, number int) *word {
	w := &take(s, &s.words, 1)[0]
	var room [128]byte
	w.keyID, w.norm = id, s.put(appendText(room[:0], key))
	if id.length() == longKey {
		long := string(key)
		w.long = &long
	}
	kind := kindOfKey(key)
	hyphened := bytes.IndexByte(key, '-') >= 0
	switch {
	case len(key) > maxWord:
		if hyphened {
			w.last |= markSplit
		}
	case kind == Word && hyphened:
		a.resolveHyphened(s, w, key, number)
	case kind == Word:
		w.forms = a.readWord(s, key, w.norm, number)
	}
	if kind == Word && len(w.forms) == 0 {
		w.guessed(s)
	}
	w.addShort()
	w.name(s)
	w.print = printOf(kind, w.norm, w.forms, w.terms[0])
	if kind != Number && obscene(key) {
		w.last |= markObscene
	}
	return w
}

// readWord reads a word without hyphens: by the dictionary, else by a guess.
func (a *Analyzer) readWord(s *slab, key []byte, norm string, number int) []Form {
	if f := a.dictionary.readAt(s, number, norm); len(f) > 0 {
		return f
	}
	return a.dictionary.guess(s, key, norm)
}

// guessed gives the word itself as its only reading.
func (w *word) guessed(s *slab) {
	w.forms = take(s, &s.forms, 1)
	w.forms[0] = Form{Lemma: w.norm, Gram: Guessed, Score: 1}
}

// name fills the distinct lemmas and their terms from the forms.
func (w *word) name(s *slab) {
	var room [8]string
	lemmas := room[:0]
	for i := range w.forms {
		f := &w.forms[i]
		if f.Lemma == w.norm {
			f.Lemma = w.norm // one string for both
		}
		if at := slices.Index(lemmas, f.Lemma); at >= 0 {
			f.Lemma = lemmas[at]
		} else {
			lemmas = append(lemmas, f.Lemma)
		}
	}
	if len(lemmas) == 0 {
		lemmas = append(lemmas, w.norm)
	}
	w.lemmas, w.terms = take(s, &s.lemmas, len(lemmas)), take(s, &s.terms, len(lemmas))
	for i, l := range lemmas {
		w.lemmas[i], w.terms[i] = l, Term(l)
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
