package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"otklik/internal/desk"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/promise"
	"otklik/internal/reply"
	"otklik/internal/site"
)

// Bodies of what becomes of a promise.
type (
	KeepPromiseBody struct {
		Seen
		Promise int64  `json:"promise" minimum:"1"`
		Reason  string `json:"reason,omitempty" maxLength:"2000" doc:"How it is known"`
	}
	BreakPromiseBody struct {
		Seen
		Promise int64  `json:"promise" minimum:"1"`
		Reason  string `json:"reason" maxLength:"2000" doc:"Why it was not done, in official words: the author reads it"`
	}
	MovePromiseBody struct {
		Seen
		Promise int64     `json:"promise" minimum:"1"`
		Until   time.Time `json:"until" doc:"The last moment of the new day; later than the old one"`
		Reason  string    `json:"reason" maxLength:"2000" doc:"Why it is put off, in official words: the author reads it"`
	}
	DropPromiseBody struct {
		Seen
		Promise int64 `json:"promise" minimum:"1"`
	}
)

func (b KeepPromiseBody) change(plain, *API, *incident.Incident) (desk.Change, error) {
	return desk.KeepPromise{Promise: promise.ID(b.Promise), Reason: b.Reason}, nil
}
func (b BreakPromiseBody) change(plain, *API, *incident.Incident) (desk.Change, error) {
	return desk.BreakPromise{Promise: promise.ID(b.Promise), Reason: b.Reason}, nil
}
func (b MovePromiseBody) change(plain, *API, *incident.Incident) (desk.Change, error) {
	return desk.MovePromise{Promise: promise.ID(b.Promise), Until: b.Until, Reason: b.Reason}, nil
}
func (b DropPromiseBody) change(plain, *API, *incident.Incident) (desk.Change, error) {
	return desk.DropPromise{Promise: promise.ID(b.Promise)}, nil
}

// A Promise is a dated obligation of a reply.
type Promise struct {
	ID        int64      `json:"id"`
	Incident  int64      `json:"incident"`
	Reply     int64      `json:"reply"`
	Start     int        `json:"start" doc:"Of the words in the reply, in UTF-8 bytes"`
	End       int        `json:"end"`
	From      *time.Time `json:"from,omitempty"`
	Until     *time.Time `json:"until,omitempty" doc:"The last second of the last day that fits; absent when vague"`
	Vague     bool       `json:"vague" doc:"Nobody can check it on a day"`
	Why       string     `json:"why,omitempty" doc:"How the day was counted, or why there is none"`
	State     string     `json:"state" enum:"open,kept,broken,moved,dropped"`
	StateName string     `json:"state_name"`
	Overdue   bool       `json:"overdue" doc:"The day has passed and nobody said what became of it"`
	Before    int64      `json:"before,omitempty" doc:"The promise that was moved here"`
	MovedTo   int64      `json:"moved_to,omitempty" doc:"The promise that it was moved to"`
	Reason    string     `json:"reason,omitempty"`
	By        int64      `json:"by,omitempty" doc:"Account that said what became of it"`
	Agency    int64      `json:"agency,omitempty"`
	MadeAt    *time.Time `json:"made_at"`
	SettledAt *time.Time `json:"settled_at,omitempty"`
}

func (a *API) promise(p *promise.Promise) Promise {
	return Promise{ID: int64(p.ID), Incident: p.Incident, Reply: p.Reply, Start: p.Span.Start, End: p.Span.End, From: at(p.From), Until: at(p.Until), Vague: p.Vague, Why: p.Why,
		State: string(p.State), StateName: p.State.Name(), Overdue: p.Overdue(a.Now()), Before: int64(p.Before), MovedTo: int64(p.MovedTo), Reason: p.Reason, By: int64(p.By),
		Agency: p.Place.Agency, MadeAt: at(p.MadeAt), SettledAt: at(p.Settled)}
}

func (a *API) promises(list []promise.Promise, err error) (*body[[]Promise], error) {
	out := &body[[]Promise]{[]Promise{}}
	for k := range list {
		out.Body = append(out.Body, a.promise(&list[k]))
	}
	return out, err
}

// A Keeping is how an agency keeps its word, and how it answers.
type Keeping struct {
	Agency    int64 `json:"agency" doc:"0: the centre itself"`
	Made      int   `json:"made" doc:"Promises found in published replies"`
	Waiting   int   `json:"waiting"`
	Overdue   int   `json:"overdue" doc:"The day has passed and nobody said what became of them"`
	Kept      int   `json:"kept"`
	Broken    int   `json:"broken"`
	Moved     int   `json:"moved"`
	Vague     int   `json:"vague" doc:"Without a day"`
	Published int   `json:"replies" doc:"Published replies that the lint read"`
	Doubted   int   `json:"suspicious" doc:"Of them those that read like runarounds"`
}

// A Finding is one thing that is wrong with a draft.
type Finding struct {
	Rule       string `json:"rule" doc:"See docs/lint.md"`
	Start      int    `json:"start" doc:"Of the sentence, in UTF-8 bytes of the text"`
	End        int    `json:"end"`
	WordsStart int    `json:"words_start,omitempty" doc:"Of the words within it, where they are known"`
	WordsEnd   int    `json:"words_end,omitempty"`
	Severity   string `json:"severity" enum:"grave,minor"`
	Cost       int    `json:"cost" doc:"Points"`
	What       string `json:"what" doc:"What is missing, in Russian"`
	Mend       string `json:"mend" doc:"How to mend it, in Russian"`
}

// An Opinion is what the lint thinks of a draft.
type Opinion struct {
	Score      int       `json:"score" minimum:"0" maximum:"100"`
	Suspicious bool      `json:"suspicious" doc:"Below 60: a curator is shown it as a likely runaround"`
	Reason     bool      `json:"reason_needed" doc:"Below the bar of the agency: the deed asks for override_reason"`
	Findings   []Finding `json:"findings"`
	Secrets    []Secret  `json:"secrets,omitempty" doc:"Personal data that must not go into this public thread: the deed asks for private or cleared"`
	Public     string    `json:"public_sentence,omitempty" doc:"What may stand there in its place, when there are secrets"`
}

// A Secret is a piece of personal data, in UTF-8 bytes of the text.
type Secret struct {
	Start int    `json:"start"`
	End   int    `json:"end"`
	Type  string `json:"type" enum:"phone,email,name,flat,document,card,plate,child"`
}

// A ReplyDraftBody is a reply that somebody writes.
type ReplyDraftBody struct {
	Text    string `json:"text" maxLength:"4000"`
	Purpose string `json:"purpose,omitempty" enum:"final,interim,question" default:"final"`
}

type calendarInput struct {
	From   time.Time `query:"from" doc:"The day lies at or after"`
	Until  time.Time `query:"until" doc:"The day lies before"`
	Agency int64     `query:"agency" minimum:"0"`
	State  string    `query:"state" enum:"open,kept,broken,moved,dropped"`
	Vague  bool      `query:"vague" doc:"Those without a day instead, the newest first"`
	Limit  int       `query:"limit" minimum:"1" maximum:"1000" default:"200"`
}

func (a *API) addPromises() {
	act[KeepPromiseBody](a, "keep_promise", lifecycle.KeepPromise, "What a reply promised was done")
	act[BreakPromiseBody](a, "break_promise", lifecycle.BreakPromise, "It was not done, and why")
	act[MovePromiseBody](a, "move_promise", lifecycle.MovePromise, "Put it off to another day, and why")
	act[DropPromiseBody](a, "drop_promise", lifecycle.DropPromise, "The machine misread the reply: it promises nothing")

	see := site.Access{Right: lifecycle.SeeQueue}
	one := site.Access{Right: lifecycle.SeeQueue, Of: a.ofIncident()}
	op := func(method, path, summary string) huma.Operation {
		return huma.Operation{Method: method, Path: path, Summary: summary, Tags: []string{"promises"}}
	}
	add(a, op(http.MethodGet, "/promises", "Promises of replies by their day, the earliest first"), see, func(ctx context.Context, me *Caller, in *calendarInput) (*body[[]Promise], error) {
		return a.promises(a.Cases().Promises().Calendar(ctx, me.Scope(), promise.Filter{
			From: in.From, Until: in.Until, Agency: in.Agency, State: promise.State(in.State), Vague: in.Vague, Limit: in.Limit}))
	})
	add(a, op(http.MethodGet, "/incidents/{id}/promises", "Promises of one incident, oldest first"), one, func(ctx context.Context, me *Caller, _ *idInput) (*body[[]Promise], error) {
		return a.promises(a.Cases().Promises().OfIncident(ctx, me.Scope(), int64(loaded(ctx).ID)))
	})
	type sinceInput struct {
		Since time.Time `query:"since" doc:"Promises made and replies published at or after; absent: 90 days"`
	}
	add(a, op(http.MethodGet, "/promises/agencies", "How agencies keep their word, and how many of their replies are suspicious"), see, func(ctx context.Context, me *Caller, in *sinceInput) (*body[[]Keeping], error) {
		if in.Since.IsZero() {
			in.Since = a.Now().AddDate(0, 0, -90)
		}
		return a.keeping(ctx, me, in.Since)
	})
	type draftInput struct {
		ID   int64 `path:"id" minimum:"1"`
		Body ReplyDraftBody
	}
	lint := op(http.MethodPost, "/incidents/{id}/lint", "What the resident would miss in a draft")
	lint.Tags, lint.MaxBodyBytes = []string{"incidents"}, textBody
	lint.Description = "Nothing is stored. The actions ask, submit, answer and approve read drafts the same way; one below the bar of its agency needs override_reason."
	add(a, lint, one, func(ctx context.Context, _ *Caller, in *draftInput) (*body[Opinion], error) {
		out := &body[Opinion]{Opinion{Score: 100, Findings: []Finding{}}}
		c, err := a.Desk.Discretion(ctx, a.Cases(), loaded(ctx), 0, in.Body.Text)
		if err != nil {
			return nil, err
		}
		for _, f := range c.Found {
			out.Body.Secrets, out.Body.Public = append(out.Body.Secrets, Secret{f.Span.Start, f.Span.End, string(f.Type)}), c.Sentence
		}
		o, ok, err := a.Desk.Lint(ctx, a.Cases(), loaded(ctx), in.Body.Text, reply.Purpose(in.Body.Purpose))
		if err != nil || !ok {
			return out, err
		}
		out.Body.Score, out.Body.Suspicious, out.Body.Reason = o.Score, o.Suspicious(), o.NeedsReason()
		for _, f := range o.Findings {
			out.Body.Findings = append(out.Body.Findings, Finding{Rule: string(f.Rule), Start: f.Span.Start, End: f.Span.End, WordsStart: f.Words.Start, WordsEnd: f.Words.End,
				Severity: string(f.Severity), Cost: f.Cost, What: f.What, Mend: f.Mend})
		}
		return out, nil
	})
}

func (a *API) keeping(ctx context.Context, me *Caller, since time.Time) (*body[[]Keeping], error) {
	out := &body[[]Keeping]{[]Keeping{}}
	tally, err := a.Cases().Promises().Tally(ctx, me.Scope(), since, a.Now())
	if err != nil {
		return nil, err
	}
	for _, t := range tally {
		out.Body = append(out.Body, Keeping{Agency: t.Agency, Made: t.Made, Waiting: t.Waiting, Overdue: t.Overdue, Kept: t.Kept, Broken: t.Broken, Moved: t.Moved, Vague: t.Vague})
	}
	doubts, err := a.Cases().Replies().Doubts(ctx, me.Scope(), since)
	if err != nil {
		return nil, err
	}
next:
	for _, d := range doubts {
		for k := range out.Body {
			if out.Body[k].Agency == d.Agency {
				out.Body[k].Published, out.Body[k].Doubted = d.Published, d.Doubted
				continue next
			}
		}
		out.Body = append(out.Body, Keeping{Agency: d.Agency, Published: d.Published, Doubted: d.Doubted})
	}
	return out, nil
}
