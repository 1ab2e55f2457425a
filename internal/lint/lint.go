// Package lint reads the draft of a reply as its reader will: does it say what
// was done, by when, about what, and whom to call; or does it only sound like an
// answer?
//
// Start with New and Linter.Check. Every finding points at a sentence, says in
// Russian what is missing and how to mend it, and costs points of a score that
// begins at 100. The rules are words and forms that anybody can read (words.txt,
// objects.txt, phrases.txt). Only the weights by which all traits of a reply are summed
// up are fitted, to replies that we wrote and judged ourselves (signs.txt).
package lint

import (
	"cmp"
	"slices"

	"otklik/internal/cluster"
	"otklik/internal/lifecycle"
	"otklik/internal/personal"
	"otklik/internal/promise"
	"otklik/internal/reply"
	"otklik/internal/russian"
)

// Suspicious is the score below which a curator is shown the reply as a likely runaround.
const Suspicious = 60

// Bar is the score below which a draft goes on with a reason only, unless its
// agency has a bar of its own: two grave faults, or one that leaves no answer.
const Bar = 40

// A Rule names what is wrong with a reply.
type Rule string

// Rules.
const (
	NoAction    Rule = "no_action"   // nothing was done, is planned or explained
	NoDate      Rule = "no_date"     // something is promised, and no day
	NoEcho      Rule = "no_echo"     // neither the place nor the thing of the complaint is named
	Redirect    Rule = "redirect"    // go elsewhere, and no phone, address or site
	NotOurs     Rule = "not_ours"    // it is somebody else's, and nobody says whose or what comes next
	NotFound    Rule = "not_found"   // looked and found nothing, and nothing follows from it
	Copy        Rule = "copy"        // nearly the same text as another reply of the agency
	Officialese Rule = "officialese" // words that people do not speak
	FullNames   Rule = "full_names"  // acts and bodies by their full names
	ThanksOnly  Rule = "thanks_only" // greetings and thanks, and nothing else
	AsksMark    Rule = "asks_mark"   // asks for a mark though nothing was done
	EmptyWords  Rule = "empty_words" // «взято на контроль»: without who, what, when
	OtherThing  Rule = "other_thing" // answers about something else
	TooLong     Rule = "too_long"    //
	Rude        Rule = "rude"        // obscene or rude words
	Personal    Rule = "personal"    // personal data where everybody reads it
	NoQuestion  Rule = "no_question" // a question to the author that asks nothing
	DayPassed   Rule = "day_passed"  // promises a day that lies behind us, or that no calendar has
	Evasive     Rule = "evasive"     // all signs together are those of a runaround (signs.txt)
)

// Rules returns all rules, the gravest first.
func Rules() []Rule {
	return []Rule{Rude, Personal, ThanksOnly, NoQuestion, NoAction, OtherThing, Redirect, NotOurs, NotFound, Evasive, AsksMark, NoDate, NoEcho, Copy, EmptyWords, DayPassed, FullNames, Officialese, TooLong}
}

// A Severity says how much a finding matters.
type Severity string

// Severities.
const (
	Grave Severity = "grave" // alone enough to doubt the reply
	Minor Severity = "minor"
)

// A Finding is one thing that is wrong.
type Finding struct {
	Rule     Rule
	Span     russian.Span // the sentence, in bytes of the reply
	Words    russian.Span // the words within it; empty when the whole sentence is meant
	Severity Severity
	Cost     int    // points
	What     string // what is missing, in Russian; never the reply's or the complaint's words
	Mend     string // how to mend it, in Russian
}

// A Report is what the lint thinks of a reply.
type Report struct {
	Score    int       // 0 … 100: 100 less the costs of the findings
	Findings []Finding // in the order of the text
	Promises []promise.Found
}

// Suspicious reports whether a person should look before the reply goes out.
func (r *Report) Suspicious() bool { return r.Score < Suspicious }

// Rules returns the ids of the rules that the reply broke, each once, the gravest first.
func (r *Report) Rules() []Rule {
	var out []Rule
	for _, rule := range Rules() {
		if slices.ContainsFunc(r.Findings, func(f Finding) bool { return f.Rule == rule }) {
			out = append(out, rule)
		}
	}
	return out
}

// A Case is a reply and what it answers.
type Case struct {
	Reply     *russian.Text
	Complaint *russian.Text // nil: not known, nothing is asked about it
	Topic     string        // its name, or "": words of it count as words of the complaint
	Place     string        // the incident's address as people read it, or ""
	Purpose   reply.Purpose // "" is reply.Final
	Outcome   lifecycle.Outcome
	Private   bool            // it goes to the author alone
	Recent    []cluster.Key   // the agency's recent replies about other troubles
	When      promise.Options // when and where it will be published
}

// A Linter checks replies. It is safe for concurrent use.
type Linter struct {
	analyzer *russian.Analyzer
	book     *book
}

// New returns a linter. The error says that the program was built with a damaged list of words.
func New(a *russian.Analyzer) (*Linter, error) {
	b, err := newBook(a)
	if err != nil {
		return nil, err
	}
	return &Linter{analyzer: a, book: b}, nil
}

// Check reads a reply. It never refuses: what to do about the score is for people.
func (l *Linter) Check(c Case) Report {
	if c.Purpose == "" {
		c.Purpose = reply.Final
	}
	k := check{book: l.book, Case: c, text: c.Reply, tok: c.Reply.Tokens}
	if k.read(l.analyzer); len(k.sentences) == 0 {
		k.find(ThanksOnly, 0, russian.Span{}, 100, Grave, "Ответ пуст.", "Напишите, что сделано или будет сделано.")
		return k.report()
	}
	k.manners()
	k.secrets()
	if c.Purpose == reply.Question {
		k.question()
	} else {
		k.content()
	}
	k.style()
	k.evades()
	return k.report()
}

// report settles the score.
func (k *check) report() Report {
	r := Report{Score: 100, Findings: k.findings, Promises: k.promises}
	for _, f := range r.Findings {
		r.Score -= f.Cost
	}
	r.Score = max(r.Score, 0)
	slices.SortStableFunc(r.Findings, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Span.Start, b.Span.Start), cmp.Compare(b.Cost, a.Cost))
	})
	return r
}

// Text analyses a text for Check.
func (l *Linter) Text(s string) *russian.Text { return l.analyzer.Read(s) }

// Secrets returns the personal data of a reply that not everybody may read. Numbers of
// dispatchers and names of officials are none: the words around them say whose they are.
func (l *Linter) Secrets(reply *russian.Text) []personal.Found {
	k := check{book: l.book, Case: Case{Reply: reply}, text: reply, tok: reply.Tokens}
	if k.read(l.analyzer); len(k.sentences) == 0 {
		return personal.Find(reply)
	}
	return k.leaks()
}
