package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"otklik/internal/account"
	"otklik/internal/fault"
	"otklik/internal/herald"
	"otklik/internal/lifecycle"
	"otklik/internal/site"
	"otklik/internal/webhook"
)

// A Webhook is one program that is called when something happens. docs/webhooks.md describes the calls.
type Webhook struct {
	ID      int64 `json:"id"`
	Version int   `json:"version"`
	WebhookFields
	State    string     `json:"state" enum:"on,paused,off" doc:"off: the receiver failed for five days, or answered 410; nothing is queued"`
	Why      string     `json:"why,omitempty" doc:"It is off, in Russian"`
	Failing  *time.Time `json:"failing_since,omitempty"`
	TakenAt  *time.Time `json:"taken_at,omitempty" doc:"The last call that was taken"`
	Waiting  int        `json:"waiting" doc:"Calls that wait"`
	Secret   string     `json:"secret,omitempty" doc:"Shown once: when it was made, or changed"`
	OldUntil *time.Time `json:"old_secret_until,omitempty" doc:"Until then the secret before signs too"`
}

// WebhookFields are what people write about one.
type WebhookFields struct {
	Name      string   `json:"name,omitempty" maxLength:"200" doc:"Required where it is saved, as the next two"`
	URL       string   `json:"url,omitempty" maxLength:"2000" doc:"https; no redirect is followed"`
	Events    []string `json:"events,omitempty" doc:"incident.opened, incident.handed_over, incident.state_changed, incident.overdue, reply.published, reply.publish, incident.verified, incident.reopened, incident.marked"`
	Source    string   `json:"source,omitempty" doc:"Only incidents with a message of it; required for reply.publish" example:"hook:portal"`
	Territory string   `json:"territory,omitempty" doc:"OKTMO of a municipality; absent: all that you see"`
	Agency    int64    `json:"agency,omitempty" doc:"Only its work"`
	Personal  bool     `json:"personal,omitempty" doc:"Names, contacts and open texts go out; else without, and masked"`
}

// A WebhookBody makes one, or changes one.
type WebhookBody struct {
	Do      string `json:"do,omitempty" enum:"save,pause,resume,remove,rotate,test,again" doc:"Absent: save"`
	Version int    `json:"version,omitempty" minimum:"0" doc:"Of save: the version that you read; 409 when there is a later one"`
	Call    int64  `json:"call,omitempty" minimum:"0" doc:"Of again: which call is made once more"`
	WebhookFields
}

// A WebhookCall is one call that was owed.
type WebhookCall struct {
	ID       int64      `json:"id" doc:"The sequence of the call"`
	Event    string     `json:"event"`
	Incident int64      `json:"incident,omitempty"`
	State    string     `json:"state" enum:"waiting,sent,dead"`
	At       *time.Time `json:"at" doc:"It happened"`
	Tries    int        `json:"tries"`
	NextAt   *time.Time `json:"next_at,omitempty"`
	SentAt   *time.Time `json:"sent_at,omitempty"`
	Status   int        `json:"status,omitempty" doc:"HTTP status of the last answer"`
	Error    string     `json:"error,omitempty" doc:"In Russian"`
	Took     float64    `json:"took_seconds"`
}

type webhookKey struct{}

func (a *API) addWebhooks() {
	op := func(method, path, summary string) huma.Operation {
		return huma.Operation{Method: method, Path: path, Summary: summary, Tags: []string{"sources"}}
	}
	edit := site.Access{Right: lifecycle.EditSources, Area: true}
	one := edit
	one.Of = &site.Resource{Name: "webhook", Load: func(ctx context.Context, who *account.Account, id int64) (context.Context, error) {
		w, err := a.Cases().Webhooks().Webhook(ctx, who.Scope(), webhook.ID(id))
		return context.WithValue(ctx, webhookKey{}, w), err
	}}
	add(a, op(http.MethodGet, "/webhooks", "Programs that are called when something happens"), edit, func(ctx context.Context, me *Caller, _ *nothing) (*body[[]Webhook], error) {
		list, err := a.Cases().Webhooks().Webhooks(ctx, me.Scope())
		out := &body[[]Webhook]{[]Webhook{}}
		for k := range list {
			if err == nil {
				var w Webhook
				w, err = a.webhookOf(ctx, &list[k], "")
				out.Body = append(out.Body, w)
			}
		}
		return out, err
	})
	add(a, op(http.MethodPost, "/webhooks", "Add one: its secret is shown once"), edit, func(ctx context.Context, me *Caller, in *body[WebhookBody]) (*body[Webhook], error) {
		if in.Body.Do != "" && in.Body.Do != "save" {
			return nil, fault.New(fault.Invalid, "do %q is not for a new webhook", in.Body.Do).At("do").Say("Нового получателя можно только добавить.")
		}
		return a.saveWebhook(ctx, me, &webhook.Webhook{}, &in.Body)
	})
	add(a, op(http.MethodPost, "/webhooks/{id}", "Change, pause, resume, remove or test one, change its secret, make a call again"), one, func(ctx context.Context, me *Caller, in *actInput[WebhookBody]) (*body[Webhook], error) {
		w := *ctx.Value(webhookKey{}).(*webhook.Webhook)
		if in.Body.Do == "" || in.Body.Do == "save" {
			if in.Body.Version != 0 {
				w.Version = in.Body.Version
			}
			return a.saveWebhook(ctx, me, &w, &in.Body)
		}
		secret, err := a.Webhooks.Do(ctx, me.Actor(), w.ID, herald.Deed(in.Body.Do), in.Body.Call)
		if err != nil {
			return nil, err
		}
		now := &w
		if in.Body.Do != string(herald.Remove) {
			if now, err = a.Cases().Webhooks().Webhook(ctx, me.Scope(), w.ID); err != nil {
				return nil, err
			}
		}
		out, err := a.webhookOf(ctx, now, secret)
		return &body[Webhook]{out}, err
	})
	add(a, op(http.MethodGet, "/webhooks/{id}/calls", "Its calls, the newest first"), one, func(ctx context.Context, _ *Caller, in *struct {
		ID     int64 `path:"id"`
		Before int64 `query:"before" minimum:"0" doc:"Page on from this id"`
		Limit  int   `query:"limit" minimum:"1" maximum:"200" default:"50"`
	}) (*body[[]WebhookCall], error) {
		list, err := a.Cases().Webhooks().Owed(ctx, webhook.ID(in.ID), in.Before, in.Limit)
		out := &body[[]WebhookCall]{[]WebhookCall{}}
		for k := range list {
			d := &list[k]
			c := WebhookCall{ID: d.ID, Event: string(d.Event), Incident: d.Incident, State: string(d.State), At: at(d.At), Tries: d.Tries, SentAt: at(d.SentAt), Status: d.Status, Error: d.Error, Took: d.Took.Seconds()}
			if d.State == webhook.Waiting {
				c.NextAt = at(d.NextAt)
			}
			out.Body = append(out.Body, c)
		}
		return out, err
	})
}

func (a *API) saveWebhook(ctx context.Context, me *Caller, w *webhook.Webhook, b *WebhookBody) (*body[Webhook], error) {
	w.Name, w.URL, w.Source, w.Personal, w.Events = b.Name, b.URL, b.Source, b.Personal, nil
	for _, e := range b.Events {
		w.Events = append(w.Events, webhook.Event(e))
	}
	secret, err := a.Webhooks.Save(ctx, me.Actor(), w, b.Territory, b.Agency)
	if err != nil {
		return nil, err
	}
	out, err := a.webhookOf(ctx, w, secret)
	return &body[Webhook]{out}, err
}

func (a *API) webhookOf(ctx context.Context, w *webhook.Webhook, secret string) (Webhook, error) {
	waits, err := a.Cases().Webhooks().Waits(ctx, w.ID)
	out := Webhook{ID: int64(w.ID), Version: w.Version, State: string(w.State), Why: w.Why, Failing: at(w.FailingSince), TakenAt: at(w.LastAt), Waiting: waits, Secret: secret,
		WebhookFields: WebhookFields{Name: w.Name, URL: w.URL, Events: []string{}, Source: w.Source, Territory: w.Place.Centre, Agency: w.Place.Agency, Personal: w.Personal}}
	for _, e := range w.Events {
		out.Events = append(out.Events, string(e))
	}
	if w.WasUntil.After(a.Now()) {
		out.OldUntil = at(w.WasUntil)
	}
	return out, err
}
