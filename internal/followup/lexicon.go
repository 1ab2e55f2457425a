package followup

import (
	"fmt"
	"slices"
	"strings"

	"otklik/internal/russian"
)

// A class is one paragraph of words.txt.
type class string

// Classes; words.txt says what they mean on screen.
const (
	done     class = "done"
	undone   class = "undone"
	still    class = "still"
	again    class = "again"
	fraud    class = "fraud"
	partly   class = "partly"
	self     class = "self"
	thanks   class = "thanks"
	praise   class = "praise"
	answer   class = "answer"
	reported class = "reported"
	wish     class = "wish"
	more     class = "more"
	marks    class = "mark"
)

// A cue is a place of a text where words of a class stand: tokens [from, to).
type cue struct {
	class    class
	from, to int
	why      string
}

type lexicon struct {
	heads map[string][]chain // first lemma, or "=" and the first form
	begin []chain            // words that begin so
}

// A chain is words side by side; each is a lemma, or a form with "=" before it.
type chain struct {
	class class
	label string
	rest  []string
	head  string // of a beginning
	exact bool
}

func newLexicon(text string, r Reader) (*lexicon, error) {
	l := &lexicon{heads: map[string][]chain{}}
	var now class
	label := ""
	for i, line := range strings.Split(fold(text), "\n") {
		if strings.TrimSpace(line) == "" || line[0] == '#' {
			continue
		}
		if line[0] != ' ' {
			head, rest, ok := strings.Cut(line, "):")
			name, says, labelled := strings.Cut(head, " (")
			if !ok || !labelled {
				return nil, fmt.Errorf("words.txt line %d: want \"name (label): words\"", i+1)
			}
			now, label, line = class(name), says, rest
		}
		for _, w := range strings.Fields(line) {
			l.add(now, label, w, r)
		}
	}
	return l, nil
}

func (l *lexicon) add(c class, label, word string, r Reader) {
	word, exact := strings.CutPrefix(word, "=")
	if head, ok := strings.CutSuffix(word, "*"); ok {
		l.begin = append(l.begin, chain{class: c, label: label, head: head})
		return
	}
	parts := strings.Split(word, "+")
	if exact {
		for k := range parts {
			parts[k] = "=" + parts[k]
		}
	} else {
		for k, p := range parts {
			if t := r.Read(p); len(t.Tokens) == 1 {
				parts[k] = t.Tokens[0].Lemma()
			}
		}
	}
	l.heads[parts[0]] = append(l.heads[parts[0]], chain{class: c, label: label, rest: parts[1:], exact: exact})
}

// cues returns what the words of the text say, in order. Punctuation takes no place
// in a chain, and ends of sentences end it.
func (l *lexicon) cues(t *russian.Text) []cue {
	var out []cue
	for i := range t.Tokens {
		tok := &t.Tokens[i]
		if tok.Kind == russian.Punct {
			continue
		}
		try := func(c chain) {
			if end, ok := c.holds(t, i); ok {
				out = append(out, cue{c.class, i, end, c.label})
			}
		}
		for _, c := range l.heads["="+tok.Norm] {
			try(c)
		}
		for _, lemma := range tok.Lemmas() {
			for _, c := range l.heads[lemma] {
				try(c)
			}
		}
		for _, c := range l.begin {
			if strings.HasPrefix(tok.Norm, c.head) {
				out = append(out, cue{c.class, i, i + 1, c.label})
			}
		}
	}
	return out
}

func (c *chain) holds(t *russian.Text, at int) (end int, ok bool) {
	for _, want := range c.rest {
		if at++; at < len(t.Tokens) && (t.Tokens[at].Norm == "," || t.Tokens[at].Norm == "-") {
			at++
		}
		if at >= len(t.Tokens) || !stands(&t.Tokens[at], want) {
			return 0, false
		}
	}
	return at + 1, true
}

func stands(tok *russian.Token, want string) bool {
	if form, ok := strings.CutPrefix(want, "="); ok {
		return tok.Norm == form
	}
	return slices.Contains(tok.Lemmas(), want)
}

func fold(s string) string { return strings.NewReplacer("ё", "е", "Ё", "Е").Replace(s) }
