package lint

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"

	"otklik/internal/russian"
)

//go:embed words.txt
var wordsText string

//go:embed objects.txt
var objectsText string

//go:embed phrases.txt
var phrasesText string

//go:embed signs.txt
var signsText string

// A class says what a word does in a reply; see words.txt.
type class uint16

const (
	idle class = 1 << iota
	support
	work
	present
	reasons
	official
	contact
	generic
	common
	feeling
	figure
	look
	hedge
	moment
)

var classNames = map[string]class{"idle": idle, "support": support, "work": work, "present": present, "reason": reasons, "official": official, "contact": contact, "generic": generic,
	"common": common, "feeling": feeling, "figure": figure, "look": look, "hedge": hedge, "moment": moment}

// A phraseClass says what a phrase does; see phrases.txt.
type phraseClass uint16

const (
	greeting phraseClass = 1 << iota
	thanks
	empty
	redirect
	mark
	rude
	reason
	bureau
	act
	body
	disowned
	nothing
)

var phraseNames = map[string]phraseClass{"greeting": greeting, "thanks": thanks, "empty": empty, "redirect": redirect, "mark": mark, "rude": rude,
	"reason": reason, "official": bureau, "act": act, "body": body,
	"disowned": disowned, "nothing": nothing}

// A book holds the words of the rules.
type book struct {
	terms   russian.TermIndex
	entries []entry
	phrases []phrase
	objects []string // names of objects.txt
	signs   [signs]float64
	level   float64 // what a reply without signs has
}

// An entry is what lies under one term.
type entry struct {
	class   class
	objects uint64  // bits of objects.txt
	phrases []int32 // that begin with the word
}

type phrase struct {
	class phraseClass
	words []phraseWord
	plain string // of bureau: plain words
}

// A phraseWord matches one token: by its norm, or when exact is empty by any lemma.
type phraseWord struct {
	exact string
	terms []uint64
}

func (w *phraseWord) matches(t *russian.Token) bool {
	if w.exact != "" {
		return t.Norm == w.exact
	}
	for _, have := range t.Terms() {
		if slices.Contains(w.terms, have) {
			return true
		}
	}
	return false
}

func newBook(a *russian.Analyzer) (*book, error) {
	b := &book{}
	at := map[uint64]int32{}
	under := func(term uint64) *entry {
		n, ok := at[term]
		if !ok {
			n = int32(len(b.entries))
			at[term] = n
			b.entries = append(b.entries, entry{})
		}
		return &b.entries[n]
	}
	var now class
	for n, line := range lines(wordsText) {
		if line[0] != ' ' {
			head, rest, ok := strings.Cut(line, ":")
			if now = classNames[head]; !ok || now == 0 {
				return nil, fmt.Errorf("lint: words.txt, entry %d: want \"class: words\"", n+1)
			}
			line = rest
		}
		for w := range strings.FieldsSeq(line) {
			under(lemma(a, w)).class |= now
		}
	}
	for n, line := range lines(objectsText) {
		head, rest, ok := strings.Cut(line, ":")
		if !ok || n >= 64 {
			return nil, fmt.Errorf("lint: objects.txt, entry %d: want \"name: words\", at most 64 names", n+1)
		}
		b.objects = append(b.objects, head)
		for w := range strings.FieldsSeq(rest) {
			under(lemma(a, w)).objects |= 1 << n
		}
	}
	var kind phraseClass
	for n, line := range lines(phrasesText) {
		if name, ok := strings.CutPrefix(line, "["); ok {
			if kind = phraseNames[strings.TrimSuffix(name, "]")]; kind == 0 {
				return nil, fmt.Errorf("lint: phrases.txt, entry %d: unknown class %s", n+1, line)
			}
			continue
		}
		words, plain, _ := strings.Cut(line, " -> ")
		p := phrase{class: kind, plain: plain}
		for w := range strings.FieldsSeq(words) {
			exact, isExact := strings.CutPrefix(w, "=")
			t := a.Read(exact)
			for i := range t.Tokens {
				pw := phraseWord{terms: t.Tokens[i].Terms()}
				if isExact {
					pw.exact = t.Tokens[i].Norm
				}
				p.words = append(p.words, pw)
			}
		}
		id := int32(len(b.phrases))
		b.phrases = append(b.phrases, p)
		for _, term := range p.words[0].terms {
			if e := under(term); !slices.Contains(e.phrases, id) {
				e.phrases = append(e.phrases, id)
			}
		}
	}
	index := map[uint64][]int32{}
	for term, n := range at {
		index[term] = []int32{n}
	}
	b.terms = russian.NewTermIndex(index)
	if err := b.weigh(signsText); err != nil {
		return nil, err
	}
	return b, nil
}

// lines returns the lines that say something.
func lines(text string) []string {
	return slices.DeleteFunc(strings.Split(text, "\n"), func(l string) bool {
		return strings.TrimSpace(l) == "" || strings.HasPrefix(l, "#")
	})
}

// lemma returns the term of a listed word: of itself where it is one of its lemmas.
func lemma(a *russian.Analyzer, w string) uint64 {
	t := a.Read(w)
	tok := &t.Tokens[0]
	if slices.Contains(tok.Lemmas(), tok.Norm) {
		return russian.Term(tok.Norm)
	}
	return russian.Term(tok.Lemma())
}
