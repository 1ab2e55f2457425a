package kind

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"

	"otklik/internal/russian"
)

//go:embed lexicon.txt
var lexiconText string

// A class is one list of words of the lexicon, by its number. There are at
// most 64, so that what a word means fits one machine word.
type class uint8

// A lexicon finds the classes of words.
type lexicon struct {
	names   []string
	labels  []string // what evidence says, in Russian
	number  map[string]class
	entries []entry
	terms   russian.TermIndex // term of a lemma → entries
	starts  []entry           // words that begin so; few
	letters uint64            // the letters that starts begin with, see letter
	words   []string          // every word as listed, each once: its own little weight
	wordID  map[string]int32

	at map[entryKey]int32 // while the lexicon is built
}

// keep forgets the words whose weight is 0: they are not looked for any more.
func (l *lexicon) keep(weights []float32) {
	idle := func(k int32) bool { return weights[k] == 0 }
	for i := range l.entries {
		e := &l.entries[i]
		e.words = slices.DeleteFunc(e.words, idle)
		for k := range e.chains {
			if idle(e.chains[k].word) {
				e.chains[k].word = noWord
			}
		}
	}
	for i := range l.starts {
		l.starts[i].words = slices.DeleteFunc(l.starts[i].words, idle)
	}
}

const noWord = -1

// An entryKey is what an entry lies under: a lemma, or with exact one form alone.
type entryKey struct {
	word  string
	exact bool
}

// An entry is what one word means: its classes, and the chains that begin with it.
type entry struct {
	entryKey
	mask   uint64
	words  []int32 // numbers in lexicon.words
	chains []chain
}

// A wordSet is which words of the lexicon stand in a text.
type wordSet struct {
	list []int32  // each once, in the order of the text
	has  []uint64 // bit by number
}

func (w *wordSet) clear(words int) {
	if len(w.has) != words/64+1 {
		w.has = make([]uint64, words/64+1)
	}
	for _, k := range w.list {
		w.has[k/64] = 0
	}
	w.list = w.list[:0]
}

func (w *wordSet) add(k int32) {
	if bit := uint64(1) << (k % 64); w.has[k/64]&bit == 0 {
		w.has[k/64] |= bit
		w.list = append(w.list, k)
	}
}

// A chain is several words side by side; the first is the key it lies under.
type chain struct {
	mask  uint64
	word  int32
	exact bool
	rest  []string
}

// newLexicon reads the text form of the lexicon; see lexicon.txt for its rules.
// loose are words of no class, a lemma or =form each, that only have a weight of
// their own.
func newLexicon(text string, r Reader, loose ...string) (*lexicon, error) {
	l := &lexicon{number: map[string]class{}, wordID: map[string]int32{}, at: map[entryKey]int32{}}
	var now class
	for i, line := range strings.Split(text, "\n") {
		if strings.HasPrefix(line, "#") || strings.TrimSpace(line) == "" {
			continue
		}
		if line[0] != ' ' {
			head, rest, ok := strings.Cut(line, "):")
			name, label, labelled := strings.Cut(head, " (")
			if !ok || !labelled || len(l.names) == 64 {
				return nil, fmt.Errorf("kind: lexicon line %d: want \"name (label): words\", at most 64 names", i+1)
			}
			now = class(len(l.names))
			l.names = append(l.names, name)
			l.labels = append(l.labels, label)
			l.number[name] = now
			line = rest
		}
		for _, w := range strings.Fields(line) {
			l.add(now, w, r)
		}
	}
	for _, w := range loose {
		if _, ok := l.wordID[w]; !ok {
			l.loosen(w)
		}
	}
	terms := map[uint64][]int32{}
	for i := range l.entries {
		e := &l.entries[i]
		lemma := e.word
		if e.exact { // a form is looked for under its likeliest lemma
			if t := r.Read(e.word); len(t.Tokens) > 0 {
				lemma = t.Tokens[0].Lemma()
			}
		}
		terms[russian.Term(lemma)] = append(terms[russian.Term(lemma)], int32(i))
	}
	l.terms, l.at = russian.NewTermIndex(terms), nil
	return l, nil
}

func (l *lexicon) add(c class, w string, r Reader) {
	bit := uint64(1) << c
	id, ok := l.wordID[w]
	if !ok {
		id = int32(len(l.words))
		l.wordID[w] = id
		l.words = append(l.words, w)
	}
	exact := strings.HasPrefix(w, "=")
	w = strings.ReplaceAll(strings.TrimPrefix(w, "="), "ё", "е")
	if start, ok := strings.CutSuffix(w, "*"); ok {
		l.starts = append(l.starts, entry{entryKey: entryKey{word: start}, mask: bit, words: []int32{id}})
		l.letters |= letter(start)
		return
	}
	if parts := strings.Split(w, "+"); len(parts) > 1 {
		e := l.entry(parts[0], exact)
		e.chains = append(e.chains, chain{mask: bit, word: id, exact: exact, rest: parts[1:]})
		return
	}
	if exact {
		l.entry(w, true).put(bit, id)
		return
	}
	for _, lemma := range lemmasOf(w, r) {
		l.entry(lemma, false).put(bit, id)
	}
}

// loosen adds a word that is of no class.
func (l *lexicon) loosen(w string) {
	id := int32(len(l.words))
	l.wordID[w] = id
	l.words = append(l.words, w)
	form, exact := strings.CutPrefix(w, "=")
	l.entry(form, exact).put(0, id)
}

// entry returns the entry of a word, made when it is new. It is good until the next call.
func (l *lexicon) entry(word string, exact bool) *entry {
	key := entryKey{word, exact}
	i, ok := l.at[key]
	if !ok {
		i = int32(len(l.entries))
		l.at[key] = i
		l.entries = append(l.entries, entry{entryKey: key})
	}
	return &l.entries[i]
}

// put adds a class and a word to what the entry means.
func (e *entry) put(bit uint64, word int32) {
	e.mask |= bit
	if !slices.Contains(e.words, word) {
		e.words = append(e.words, word)
	}
}

// lemmasOf returns the word itself when it is a lemma of its own, else all it
// may be a form of: a participle stands under its verb in the dictionary.
func lemmasOf(w string, r Reader) []string {
	t := r.Read(w)
	if len(t.Tokens) != 1 {
		return []string{w}
	}
	lemmas := []string{w}
	for _, f := range t.Tokens[0].Forms {
		if f.Lemma == w {
			return []string{w}
		}
		lemmas = append(lemmas, f.Lemma)
	}
	return lemmas
}

// follow reports whether the tokens from i on continue the chain; signs between
// the words break it, so «Добрый. День» is no greeting.
func (c *chain) follow(tokens []russian.Token, i int) bool {
	if i+len(c.rest) > len(tokens) {
		return false
	}
	for k, want := range c.rest {
		t := &tokens[i+k]
		if c.exact || len(t.Forms) == 0 {
			if t.Norm != want {
				return false
			}
			continue
		}
		found := false
		for j := range t.Forms {
			if t.Forms[j].Lemma == want {
				found = true
				break
			}
		}
		if !found {
			return false
		}
	}
	return true
}

// classes returns what the word at i means by itself, and with the chains that
// begin there. It adds the numbers of the words to seen, if that is given.
func (l *lexicon) classes(tokens []russian.Token, i int, seen *wordSet) uint64 {
	t := &tokens[i]
	var mask uint64
	for _, term := range t.Terms() {
		for _, n := range l.terms.Find(term) {
			if e := &l.entries[n]; !e.exact || e.word == t.Norm {
				mask |= e.meaning(tokens, i, seen)
			}
		}
	}
	if l.letters&letter(t.Norm) == 0 { // so it is for most words
		return mask
	}
	for n := range l.starts {
		if e := &l.starts[n]; strings.HasPrefix(t.Norm, e.word) {
			mask |= e.meaning(tokens, i, seen)
		}
	}
	return mask
}

// letter is a bit for the first letter of a word: Russian ones differ in their second byte.
func letter(w string) uint64 {
	if len(w) < 2 {
		return 0
	}
	return 1 << (w[1] & 63)
}

func (e *entry) meaning(tokens []russian.Token, i int, seen *wordSet) uint64 {
	mask := e.mask
	if seen != nil {
		for _, k := range e.words {
			seen.add(k)
		}
	}
	for k := range e.chains {
		if e.chains[k].follow(tokens, i+1) {
			mask |= e.chains[k].mask
			if seen != nil && e.chains[k].word != noWord {
				seen.add(e.chains[k].word)
			}
		}
	}
	return mask
}

// reach returns how many tokens from i on say the class, by the likeliest reading
// of the first: 1 for a word alone, more for a chain, 0 when only another reading
// says it («уже» is a form of «узкий» as well).
func (l *lexicon) reach(tokens []russian.Token, i int, c class) (n int) {
	t, bit := &tokens[i], uint64(1)<<c
	look := func(e *entry) {
		if e.mask&bit != 0 {
			n = max(n, 1)
		}
		for k := range e.chains {
			if ch := &e.chains[k]; ch.mask&bit != 0 && ch.follow(tokens, i+1) {
				n = max(n, 1+len(ch.rest))
			}
		}
	}
	for _, at := range l.terms.Find(russian.Term(t.Lemma())) {
		if e := &l.entries[at]; !e.exact || e.word == t.Norm {
			look(e)
		}
	}
	for k := range l.starts {
		if e := &l.starts[k]; strings.HasPrefix(t.Norm, e.word) {
			look(e)
		}
	}
	return n
}
