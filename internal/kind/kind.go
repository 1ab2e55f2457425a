// Package kind decides what sort of message a text is: does somebody want
// something from us, what, and how urgently?
//
// Start with New and Judge.Decide, which reads one analysed text:
//
//	judge, err := kind.New(analyzer)
//	d := judge.Decide(text, kind.Context{})
//	if d.Opens() { … an incident … }
//
// The decision whether a message concerns us is a logistic model over some two
// hundred named features: classes of words that we wrote (lexicon.txt) and
// marks of how the text is built. Their weights are a readable table
// (weights.txt), fitted as docs/watch.md tells. What kind of message it is, and
// how urgent, follows from rules over the same classes, so that a person can be
// told why. Every decision carries its evidence.
package kind

import (
	"otklik/internal/message"
	"otklik/internal/russian"
)

// A Reader reads texts; *russian.Analyzer is one. The reader that the judge is
// made with must be the one that reads the messages.
type Reader interface {
	Read(text string) *russian.Text
}

// Kind and Urgency are those of message; the short names keep rules readable.
type (
	Kind    = message.Kind
	Urgency = message.Urgency
)

// The kinds and urgencies under their short names.
const (
	Complaint     = message.Complaint
	Question      = message.Question
	Proposal      = message.Proposal
	Thanks        = message.Thanks
	Rumour        = message.Rumour
	Advertisement = message.Advertisement
	Announcement  = message.Announcement
	Noise         = message.Noise

	Normal = message.Normal
	High   = message.High
	Danger = message.Danger
)

// A Voice says who speaks, where the source tells.
type Voice string

// Voices. Resident and Official shift the threshold, they never decide alone:
// residents repost news, and an official page's post may quote a complaint.
const (
	AnyVoice Voice = ""         // not known
	Resident Voice = "resident" // a comment, a direct message, a wall post of a person
	Official Voice = "official" // a post by a news or official page itself
)

// A Context is what is known of a message besides its words. The zero Context
// is right for files.
type Context struct {
	Voice Voice
	Ours  bool // came to us: own page, portal form, phone card, direct message
}

// Evidence is one place in the text that speaks for a part of the decision.
type Evidence struct {
	Start, End int    // bytes of the text
	For        string // "kind", "urgency", "outside"
	Why        string // in Russian, without words of the message: «просьба»
}

// A Decision is what Judge.Decide saw in a text.
type Decision struct {
	Kind      Kind
	Complaint bool    // Kind == Complaint and not Outside
	Concerns  bool    // a message for us, whether or not it opens an incident
	Score     float64 // 0..1: how surely it concerns us; compare with Threshold
	Threshold float64 // what Score had to reach in this context
	Outside   bool    // a plea outside any competence: kept, no incident
	Urgency   Urgency
	Why       string // one sentence in Russian, without words of the message
	Evidence  []Evidence
}

// Opens reports whether the message opens an incident, or attaches to one:
// it concerns us, wants something, and somebody could do it.
func (d *Decision) Opens() bool {
	if !d.Concerns || d.Outside {
		return false
	}
	return d.Kind.Opens()
}
