package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"otklik/internal/account"
	"otklik/internal/desk"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/site"
)

// Bodies of what agencies and the arbiter say about whose matter it is.
type (
	DeclineBody struct {
		Seen
		Reason  string `json:"reason" doc:"Why it is not this agency's matter"`
		Agency  int64  `json:"agency,omitempty" minimum:"0" doc:"Whose matter it is: the incident goes there. Absent: not known, and unknown says why"`
		Unknown string `json:"unknown,omitempty" doc:"Why nobody can be named"`
	}
	DecideBody struct {
		Seen
		Agency int64       `json:"agency" minimum:"1" doc:"Who answers; this agency may not decline"`
		Reason string      `json:"reason"`
		Rule   *RulingBody `json:"rule,omitempty" doc:"Make a routing rule of it"`
	}
	RulingBody struct {
		Group bool `json:"group,omitempty" doc:"For the whole group of topics, not the topic alone"`
		Wide  bool `json:"wide,omitempty" doc:"For the whole region, not the municipality alone"`
	}
)

func (b DeclineBody) change(plain, *API, *incident.Incident) (desk.Change, error) {
	return desk.Decline{Reason: b.Reason, To: b.Agency, Unknown: b.Unknown}, nil
}

func (b DecideBody) change(plain, *API, *incident.Incident) (desk.Change, error) {
	c := desk.Decide{Agency: b.Agency, Reason: b.Reason}
	if b.Rule != nil {
		c.Rule = &desk.Ruling{Group: b.Rule.Group, Wide: b.Rule.Wide}
	}
	return c, nil
}

func (a *API) addDeskActions() {
	a.addMany()
	a.addProposals()
	a.addTeam()
	a.addFiles()
	act[DeclineBody](a, "decline", lifecycle.Decline, "Say that it is not the agency's matter, and whose it is; the second time in a row an arbiter decides")
	act[DecideBody](a, "decide", lifecycle.Decide, "Say as the arbiter which agency answers")
}

// Bodies of what colleagues do around an incident. Notes, points and following
// raise no version and stand in no history.
type (
	JoinBody struct {
		Seen
		Agency  int64 `json:"agency,omitempty" minimum:"0"`
		Account int64 `json:"account,omitempty" minimum:"0" doc:"One person; the person's agency sees the incident"`
	}
	LeaveBody struct {
		Seen
		Agency  int64 `json:"agency,omitempty" minimum:"0"`
		Account int64 `json:"account,omitempty" minimum:"0"`
	}
	RelateBody struct {
		Seen
		Other int64  `json:"other" minimum:"1"`
		Kind  string `json:"kind,omitempty" enum:"related,cause" doc:"cause: this one is the cause of the other"`
		Off   bool   `json:"off,omitempty" doc:"Take the link away"`
	}
	NoteBody struct {
		Seen
		Text    string  `json:"text,omitempty" doc:"For colleagues; @Name Surname or @login in it is told of it"`
		Mention []int64 `json:"mention,omitempty" maxItems:"50" doc:"Accounts that are told of it"`
		Erase   int64   `json:"erase,omitempty" minimum:"0" doc:"Instead: take the words of this note away"`
	}
	FollowBody struct {
		Seen
		Off bool `json:"off,omitempty"`
	}
	TodoBody struct {
		Seen
		Text string     `json:"text,omitempty" doc:"A new point; absent, with tick absent too: the template of the topic"`
		Due  *time.Time `json:"due,omitempty"`
		Tick int64      `json:"tick,omitempty" minimum:"0" doc:"Instead: this point is done"`
		Off  bool       `json:"off,omitempty" doc:"tick: it is not done after all"`
	}
)

func (b JoinBody) change(plain, *API, *incident.Incident) (desk.Change, error) {
	return desk.Join{Agency: b.Agency, Account: b.Account}, nil
}

func (b LeaveBody) change(plain, *API, *incident.Incident) (desk.Change, error) {
	return desk.Leave{Agency: b.Agency, Account: b.Account}, nil
}

func (b RelateBody) change(plain, *API, *incident.Incident) (desk.Change, error) {
	if b.Off {
		return desk.Unrelate{Other: incident.ID(b.Other)}, nil
	}
	return desk.Relate{Other: incident.ID(b.Other), Kind: incident.LinkKind(b.Kind)}, nil
}

func (b NoteBody) change(plain, *API, *incident.Incident) (desk.Change, error) {
	if b.Erase != 0 {
		return desk.EraseNote{Note: b.Erase}, nil
	}
	return desk.Note{Text: b.Text, Mention: b.Mention}, nil
}

func (b FollowBody) change(plain, *API, *incident.Incident) (desk.Change, error) {
	return desk.Follow{Off: b.Off}, nil
}

func (b TodoBody) change(plain, *API, *incident.Incident) (desk.Change, error) {
	if b.Tick != 0 {
		return desk.Tick{Item: b.Tick, Off: b.Off}, nil
	}
	c := desk.Todo{Text: b.Text}
	if b.Due != nil {
		c.Due = b.Due.UTC()
	}
	return c, nil
}

// A Circle is who works around an incident, and what they tell each other.
type Circle struct {
	Helpers   []Helper   `json:"helpers"`
	Notes     []Note     `json:"notes"`
	Checklist []Point    `json:"checklist"`
	Links     []CaseLink `json:"links"`
}

// What a Circle holds.
type (
	Helper struct {
		Agency  int64 `json:"agency,omitempty"`
		Account int64 `json:"account,omitempty"`
	}
	Note struct {
		ID      int64        `json:"id"`
		Who     int64        `json:"who"`
		At      *time.Time   `json:"at"`
		Text    string       `json:"text" doc:"Empty when it was taken away"`
		Mention []account.ID `json:"mention,omitempty"`
	}
	Point struct {
		ID     int64      `json:"id"`
		Text   string     `json:"text"`
		Due    *time.Time `json:"due,omitempty"`
		DoneAt *time.Time `json:"done_at,omitempty"`
		DoneBy int64      `json:"done_by,omitempty"`
	}
	CaseLink struct {
		From int64  `json:"from"`
		To   int64  `json:"to"`
		Kind string `json:"kind" enum:"related,cause"`
	}
)

func (a *API) addTeam() {
	act[JoinBody](a, "join", lifecycle.Join, "Add a co-executor, who sees the incident; who answers stays")
	act[LeaveBody](a, "leave", lifecycle.Leave, "Take a co-executor away")
	act[RelateBody](a, "relate", lifecycle.Relate, "Link with another incident, short of merging, or unlink")
	act[NoteBody](a, "note", lifecycle.Note, "Tell colleagues something, or take a note's words away")
	act[FollowBody](a, "follow", lifecycle.Follow, "Keep an eye on it, or no longer")
	act[TodoBody](a, "todo", lifecycle.Todo, "Add a point to the checklist, or tick one")
	op := huma.Operation{Method: http.MethodGet, Path: "/incidents/{id}/team", Summary: "Co-executors, notes, checklist and links", Tags: []string{"incidents"}}
	add(a, op, site.Access{Right: lifecycle.SeeQueue, Of: a.ofIncident()}, func(ctx context.Context, _ *Caller, in *struct {
		ID int64 `path:"id" minimum:"1"`
	}) (*body[Circle], error) {
		tx, c := a.Cases(), Circle{Helpers: []Helper{}, Notes: []Note{}, Checklist: []Point{}, Links: []CaseLink{}}
		members, err := tx.Team().Members(ctx, in.ID)
		if err != nil {
			return nil, err
		}
		for _, m := range members {
			c.Helpers = append(c.Helpers, Helper{m.Agency, int64(m.Account)})
		}
		notes, err := tx.Team().Notes(ctx, in.ID)
		if err != nil {
			return nil, err
		}
		for _, n := range notes {
			c.Notes = append(c.Notes, Note{n.ID, int64(n.Who), at(n.At), n.Text, n.Mentions})
		}
		items, err := tx.Checklists().Items(ctx, in.ID)
		if err != nil {
			return nil, err
		}
		for _, i := range items {
			c.Checklist = append(c.Checklist, Point{i.ID, i.Text, at(i.Due), at(i.DoneAt), int64(i.DoneBy)})
		}
		links, err := tx.Links().LinksOf(ctx, incident.ID(in.ID))
		for _, l := range links {
			c.Links = append(c.Links, CaseLink{int64(l.From), int64(l.To), string(l.Kind)})
		}
		return &body[Circle]{c}, err
	})
}
