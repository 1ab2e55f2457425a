package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"otklik/internal/desk"
	"otklik/internal/lifecycle"
	"otklik/internal/scope"
	"otklik/internal/site"
	"otklik/internal/template"
	"otklik/internal/topic"
)

// A MakingBody says how the words of a reply came to be.
type MakingBody struct {
	Template int64  `json:"template,omitempty" minimum:"0" doc:"The template that the text began with: use and marks are counted by it"`
	Private  string `json:"private,omitempty" doc:"A part of the reply that its author alone reads, behind a one-use link (private_link); for public threads"`
	Machine  int64  `json:"machine,omitempty" minimum:"0" doc:"The draft of POST …/assist that the text began with"`
	Accepted bool   `json:"accepted,omitempty" doc:"A machine's draft goes on unchanged: a person read it and answers for it; without it such a text is refused with 422 at accepted"`
	Cleared  string `json:"cleared,omitempty" maxLength:"2000" doc:"Why what looks like personal data in the text is none; without it a reply with such data into a public thread is refused with 422 at cleared"`
}

func (b MakingBody) making() desk.Making {
	return desk.Making{Template: template.ID(b.Template), Private: b.Private, Cleared: b.Cleared, Draft: b.Machine, Accepted: b.Accepted}
}

// A Template is a text that replies begin with.
type Template struct {
	ID      int64     `json:"id"`
	Version int       `json:"version"`
	Name    string    `json:"name"`
	Kind    string    `json:"kind" enum:"final,interim,refusal,question,reason" doc:"reason: for the reject action, begins no reply"`
	Topic   string    `json:"topic,omitempty"`
	Group   string    `json:"group,omitempty"`
	Text    string    `json:"text"`
	Agency  int64     `json:"agency,omitempty" doc:"Whose own it is; absent: the region's"`
	Shipped bool      `json:"shipped,omitempty" doc:"The program brought it"`
	Retired bool      `json:"retired,omitempty"`
	By      int64     `json:"by,omitempty"`
	At      time.Time `json:"at"`
	Used    int       `json:"used" doc:"Published replies that began with it"`
	Marks   int       `json:"marks"`
	Mean    float64   `json:"mean_mark,omitempty"`
}

// SaveTemplateBody is a new template, or the next version of one, whole.
type SaveTemplateBody struct {
	ID      int64  `json:"id,omitempty" minimum:"0" doc:"Absent: a new one"`
	Version int    `json:"version,omitempty" minimum:"0" doc:"The version that you read; 409 when there is a later one"`
	Agency  int64  `json:"agency,omitempty" minimum:"0" doc:"Whose own a new one is; absent: the region's"`
	Name    string `json:"name"`
	Kind    string `json:"kind" enum:"final,interim,refusal,question,reason" doc:"reason: for the reject action, begins no reply"`
	Topic   string `json:"topic,omitempty" doc:"A code; or a group, or neither: for any topic"`
	Group   string `json:"group,omitempty"`
	Text    string `json:"text"`
	Retired bool   `json:"retired,omitempty"`
}

// BeginBody asks for a template with what is known of the incident in it.
type BeginBody struct {
	Template int64 `json:"template" minimum:"1"`
	Loose    bool  `json:"loose,omitempty" doc:"What is not known becomes a blank {{впишите: …}}; without it, it is 422 at template"`
}

// A Beginning is a text that a reply begins with.
type Beginning struct {
	Text     string   `json:"text"`
	Purpose  string   `json:"purpose,omitempty" enum:"final,interim,question" doc:"Absent for a reason: its text is for the reject action"`
	Template int64    `json:"template"`
	Version  int      `json:"version"`
	Missing  []string `json:"missing,omitempty"`
}

func templateOf(t *template.Template, n template.Tally) Template {
	return Template{ID: int64(t.ID), Version: t.Version, Name: t.Name, Kind: string(t.Kind), Topic: string(t.Topic), Group: t.Group, Text: t.Text, Agency: t.Place.Agency,
		Shipped: t.Code != "", Retired: t.Retired, By: int64(t.By), At: t.At, Used: n.Used, Marks: n.Marks, Mean: n.Mean}
}

func (a *API) addTemplates() {
	op := func(method, path, summary string) huma.Operation {
		return huma.Operation{Method: method, Path: path, Summary: summary, Tags: []string{"reference"}, MaxBodyBytes: textBody}
	}
	see := site.Access{Right: lifecycle.SeeQueue}
	add(a, op(http.MethodGet, "/templates", "Templates of replies with their use and marks; or the versions of one, newest first"), see, func(ctx context.Context, me *Caller, in *struct {
		VersionsOf int64 `query:"versions_of" minimum:"0"`
	}) (*body[[]Template], error) {
		tx, out := a.Cases().Templates(), &body[[]Template]{[]Template{}}
		list, err := tx.Templates(ctx, me.Scope())
		if in.VersionsOf != 0 {
			if _, err := tx.Template(ctx, me.Scope(), template.ID(in.VersionsOf)); err != nil {
				return nil, err
			}
			list, err = tx.Versions(ctx, template.ID(in.VersionsOf))
		}
		if err != nil {
			return nil, err
		}
		tallies, err := tx.Tallies(ctx, me.Scope())
		for k := range list {
			out.Body = append(out.Body, templateOf(&list[k], tallies[list[k].ID]))
		}
		return out, err
	})
	edit := site.Access{Right: lifecycle.EditTemplates}
	add(a, op(http.MethodPost, "/templates", "Save a template of replies: a new one, or the next version of one"), edit, func(ctx context.Context, me *Caller, in *struct{ Body SaveTemplateBody }) (*body[Template], error) {
		b := &in.Body
		t := &template.Template{ID: template.ID(b.ID), Version: b.Version, Name: b.Name, Kind: template.Kind(b.Kind), Topic: topic.Code(b.Topic), Group: b.Group, Text: b.Text,
			Retired: b.Retired, Place: scope.Place{Region: me.Place.Region, Agency: b.Agency}}
		if err := a.Desk.SaveTemplate(ctx, me.Actor(), t); err != nil {
			return nil, err
		}
		return &body[Template]{templateOf(t, template.Tally{})}, nil
	})
	one := site.Access{Right: lifecycle.SeeQueue, Of: a.ofIncident()}
	begin := op(http.MethodPost, "/incidents/{id}/begin", "A template with what is known of the incident in it; nothing is kept")
	begin.Tags = []string{"incidents"}
	add(a, begin, one, func(ctx context.Context, me *Caller, in *actInput[BeginBody]) (*body[Beginning], error) {
		b, err := a.Desk.Begin(ctx, me.Actor(), loaded(ctx).ID, template.ID(in.Body.Template), in.Body.Loose)
		return &body[Beginning]{Beginning{b.Text, string(b.Purpose), int64(b.Template), b.Version, b.Missing}}, err
	})
}
