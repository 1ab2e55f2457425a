package lint

import (
	"otklik/internal/promise"
	"otklik/internal/russian"
)

// A check is one reply under examination.
type check struct {
	Case
	book *book
	text *russian.Text
	tok  []russian.Token

	notes     []note // beside tok
	sentences []sentence
	promises  []promise.Found
	findings  []Finding

	tells       *deed // what all sentences tell; nil: the reply is no answer
	asked, told thing // what the complaint and the reply speak of
}

// A note is what the book knows of one token.
type note struct {
	class   class
	phrase  phraseClass // classes of the phrases that cover the token
	objects uint64
}

// A sentence is what one sentence does.
type sentence struct {
	span        russian.Span
	first, next int // tokens
	does        deed
	phrases     phraseClass
	words       int // that are no part of a greeting, a thank or an empty phrase
	terms       int // promises with a day
	vague       int // promises without one
}

// A deed is a set of what a sentence tells.
type deed uint8

const (
	done     deed = 1 << iota // something was done
	ongoing                   // people are at work
	planned                   // something will be done
	explains                  // why, or who may what
	reaches                   // how to reach somebody
	asks                      // a question to the author
)

func (k *check) find(rule Rule, sentence int, words russian.Span, cost int, s Severity, what, mend string) {
	f := Finding{Rule: rule, Words: words, Cost: cost, Severity: s, What: what, Mend: mend}
	if sentence >= 0 && sentence < len(k.sentences) {
		f.Span = k.sentences[sentence].span
	}
	k.findings = append(k.findings, f)
}

// read takes the notes that all rules share.
func (k *check) read(a *russian.Analyzer) {
	k.notes = make([]note, len(k.tok))
	for i := range k.tok {
		k.notes[i].class, k.notes[i].objects = k.book.look(&k.tok[i])
	}
	for i := range k.tok {
		k.match(i)
	}
	k.promises = promise.Find(k.text, k.When)
	at := 0
	for _, span := range k.text.Sentences() {
		s := sentence{span: span, first: at}
		for at < len(k.tok) && k.tok[at].Start < span.End {
			at++
		}
		s.next = at
		k.sentences = append(k.sentences, s)
	}
	for _, p := range k.promises {
		for n := range k.sentences {
			if s := &k.sentences[n]; p.Span.Start >= s.span.Start && p.Span.Start < s.span.End {
				if p.Vague {
					s.vague++
				} else {
					s.terms++
				}
			}
		}
	}
	for n := range k.sentences {
		k.note(&k.sentences[n])
	}
	k.asked = k.thingOf(a, true)
	k.told = k.thingOf(a, false)
}

// look returns what the book knows of a word.
func (b *book) look(t *russian.Token) (c class, objects uint64) {
	for n, term := range t.Terms() {
		if n == 3 {
			break
		}
		for _, e := range b.terms.Find(term) {
			c |= b.entries[e].class
			objects |= b.entries[e].objects
		}
	}
	return c, objects
}

// match marks the tokens of the phrases that begin at token i.
func (k *check) match(i int) {
	for _, term := range k.tok[i].Terms() {
		for _, e := range k.book.terms.Find(term) {
			for _, id := range k.book.entries[e].phrases {
				p := &k.book.phrases[id]
				if i+len(p.words) > len(k.tok) {
					continue
				}
				ok := true
				for n := range p.words {
					if ok = p.words[n].matches(&k.tok[i+n]); !ok {
						break
					}
				}
				if !ok {
					continue
				}
				for n := range p.words {
					k.notes[i+n].phrase |= p.class
				}
			}
		}
	}
}
