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
	names  []string
	labels []string // what evidence says, in Russian
	number map[string]class
	lemmas map[string]entry // lemma → what it means
	exact  map[string]entry // norm → what it means
	starts map[string]entry
	least  int      // shortest beginning in bytes
	most   int      // longest
	words  []string // every word as listed, each once: its own little weight
	wordID map[string]int32
}

// An entry is what one word means: its classes, and the chains that begin with it.
type entry struct {
	mask   uint64
	words  []int32 // numbers in lexicon.words
	chains []chain
}

// A chain is several words side by side; the first is the key it lies under.
type chain struct {
	mask  uint64
	word  int32
	exact bool
	rest  []string
}

// newLexicon reads the text form of the lexicon; see lexicon.txt for its rules.
func newLexicon(text string, r Reader) (*lexicon, error) {
	l := &lexicon{number: map[string]class{}, lemmas: map[string]entry{}, exact: map[string]entry{}, starts: map[string]entry{}, wordID: map[string]int32{}, least: 1 << 20}
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
		put(l.starts, start, bit, id)
		l.least, l.most = min(l.least, len(start)), max(l.most, len(start))
		return
	}
	if parts := strings.Split(w, "+"); len(parts) > 1 {
		ch := chain{mask: bit, word: id, exact: exact, rest: parts[1:]}
		index := l.lemmas
		if exact {
			index = l.exact
		}
		e := index[parts[0]]
		e.chains = append(e.chains, ch)
		index[parts[0]] = e
		return
	}
	if exact {
		put(l.exact, w, bit, id)
		return
	}
	for _, lemma := range lemmasOf(w, r) {
		put(l.lemmas, lemma, bit, id)
	}
}

// put adds a class and a word to what the key means.
func put(m map[string]entry, key string, bit uint64, word int32) {
	e := m[key]
	e.mask |= bit
	if !slices.Contains(e.words, word) {
		e.words = append(e.words, word)
	}
	m[key] = e
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
// begin there. It appends the numbers of the words to seen, if that is given.
func (l *lexicon) classes(tokens []russian.Token, i int, seen *[]int32) uint64 {
	t := &tokens[i]
	mask := l.meaning(l.exact, t.Norm, tokens, i, seen)
	prev := ""
	for j := range t.Forms {
		lemma := t.Forms[j].Lemma
		if lemma == prev {
			continue
		}
		prev = lemma
		mask |= l.meaning(l.lemmas, lemma, tokens, i, seen)
	}
	for n := l.least; n <= min(l.most, len(t.Norm)); n++ {
		mask |= l.meaning(l.starts, t.Norm[:n], tokens, i, seen)
	}
	return mask
}

func (l *lexicon) meaning(m map[string]entry, key string, tokens []russian.Token, i int, seen *[]int32) uint64 {
	e, ok := m[key]
	if !ok {
		return 0
	}
	mask := e.mask
	if seen != nil {
		*seen = append(*seen, e.words...)
	}
	for k := range e.chains {
		if e.chains[k].follow(tokens, i+1) {
			mask |= e.chains[k].mask
			if seen != nil {
				*seen = append(*seen, e.chains[k].word)
			}
		}
	}
	return mask
}
