// Package followup reads what people write after our reply: «спасибо, убрали»,
// «ничего не сделали», «5», «а на соседней улице?». It says what the words mean
// for the case, how sure that is, and which words say so.
//
// It is a judgement about the solution, not about feelings: thanks for an answer
// confirm nothing, and done things that somebody only reports («пишете, что
// убрали») are not done. What it is not sure of goes to a person.
package followup

import (
	_ "embed"
	"fmt"

	"otklik/internal/feedback"
	"otklik/internal/russian"
)

// An Opinion is what the words mean, and why.
type Opinion struct {
	Meaning  feedback.Meaning
	Mark     int     // 1 … 5 beside any meaning when a mark is given, 0 without one
	Sure     float64 // 0 … 1
	Evidence []feedback.Evidence
}

// Enough is how sure an opinion must be before anything follows without a person.
const Enough = 0.75

// badMark is the highest mark that says by itself that a solution in part is none.
const badMark = 3

// Acts reports whether something follows from the opinion without a person.
func (o *Opinion) Acts() bool {
	if o.Meaning == feedback.Partly && o.Mark > 0 && o.Mark <= badMark { // «убрали не всё, ставлю 2»
		return true
	}
	return o.Sure >= Enough && (o.Meaning == feedback.Refuted || o.Meaning == feedback.Confirmed || o.Meaning == feedback.Mark || o.Meaning == feedback.Thanks)
}

// A Context is what is known beside the words.
type Context struct {
	// Elsewhere says that the words name a place that is not the case's.
	Elsewhere bool
	// Trouble says that the words tell of a trouble by themselves (they would open an
	// incident); Other, that its topic is surely not the case's.
	Trouble, Other bool
	Photo          bool // pictures came with the words
}

// A Judge reads follow-ups. It is safe for concurrent use.
type Judge struct{ words *lexicon }

// A Reader analyses texts; russian.Analyzer is one.
type Reader interface {
	Read(text string) *russian.Text
}

//go:embed words.txt
var wordsText string

// New returns a judge.
func New(r Reader) (*Judge, error) {
	l, err := newLexicon(wordsText, r)
	if err != nil {
		return nil, fmt.Errorf("followup.New: %w", err)
	}
	return &Judge{l}, nil
}

// Alone says what a message without words means: a picture may show that it is done
// as well as that it is not, so a person looks.
func Alone(photo bool) Opinion {
	o := Opinion{Meaning: feedback.Unsure}
	if photo {
		o.Evidence = []feedback.Evidence{{Why: "прислано фото без слов"}}
	}
	return o
}

// Read says what the text means. A text without words (a picture alone) is Unsure.
func (j *Judge) Read(t *russian.Text, c Context) Opinion {
	cues := j.words.cues(t)
	o := Opinion{Meaning: feedback.Unsure}
	if mark, at, alone := markOf(t, cues); mark > 0 {
		o.Mark = mark
		o.Evidence = append(o.Evidence, feedback.Evidence{Start: at.Start, End: at.End, Why: fmt.Sprintf("оценка %d", mark)})
		if alone {
			o.Meaning, o.Sure = feedback.Mark, 0.95
			return o
		}
	}
	b := weigh(t, cues)
	o.Meaning, o.Sure = b.decide(c, len(t.Tokens))
	o.Evidence = append(o.Evidence, b.evidence...)
	if c.Photo && o.Meaning == feedback.Unsure {
		o.Evidence = append(o.Evidence, feedback.Evidence{Why: "прислано фото: посмотрите на него"})
	}
	if o.Mark > 0 && o.Meaning == feedback.Unsure { // «Ставлю 2, позвоните мне»
		o.Meaning, o.Sure = feedback.Mark, 0.85
	}
	return o
}
