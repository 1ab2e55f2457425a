package api

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"otklik/internal/account"
	"otklik/internal/lifecycle"
	"otklik/internal/lookout"
	"otklik/internal/site"
	"otklik/internal/standing"
	"otklik/internal/watch"
)

// A Watch is a saved standing query.
type Watch struct {
	ID          int64          `json:"id"`
	Version     int            `json:"version" doc:"Rises with every change; send it back with a change, so that nobody's work is overwritten"`
	Name        string         `json:"name"`
	Query       string         `json:"query" doc:"In the language of docs/watch.md"`
	Note        string         `json:"note,omitempty"`
	On          bool           `json:"on" doc:"Off: asked only where another query names it"`
	Territories []string       `json:"territories" doc:"OKTMO; none: everywhere"`
	Unplaced    bool           `json:"unplaced" doc:"With territories: also messages of which nobody knows more than the region"`
	Channels    []string       `json:"channels" doc:"None: all"`
	Examples    []WatchExample `json:"examples" doc:"Empty for who may neither edit rules nor see personal data"`
	Owner       int64          `json:"owner,omitempty"`
	ChangedBy   int64          `json:"changed_by,omitempty"`
	ChangedAt   *time.Time     `json:"changed_at,omitempty"`
	Centre      string         `json:"centre,omitempty" doc:"OKTMO of the municipal centre whose query it is; absent: the region's"`
	MayChange   bool           `json:"may_change" doc:"Whether the caller may change it: a municipal centre only reads the region's"`

	Broken  string   `json:"broken,omitempty" doc:"Why it does not parse, in Russian; it catches nothing"`
	Column  int      `json:"column,omitempty" doc:"Of the fault, from 1"`
	Failing int      `json:"failing" doc:"Examples that it does not keep"`
	Uses    []string `json:"uses" doc:"Names that it uses behind @"`
	UsedBy  []string `json:"used_by" doc:"Names of the queries that use it"`

	Hits    int64      `json:"hits" doc:"Messages that it caught, over all versions"`
	Days    []int64    `json:"days" doc:"Hits of the last 30 days (UTC), the last is today"`
	LastHit *time.Time `json:"last_hit,omitempty"`
}

// A WatchExample is a text that the query must catch, or must not.
type WatchExample struct {
	Text string `json:"text" maxLength:"4000"`
	Must bool   `json:"must"`
}

// A WatchVersion is one state of a query, whole.
type WatchVersion struct {
	Version     int            `json:"version"`
	Name        string         `json:"name"`
	Query       string         `json:"query"`
	Note        string         `json:"note,omitempty"`
	On          bool           `json:"on"`
	Territories []string       `json:"territories"`
	Unplaced    bool           `json:"unplaced"`
	Channels    []string       `json:"channels"`
	KnowsWhere  bool           `json:"knows_where" doc:"False: saved by a program that kept no territories and channels with a version"`
	Examples    []WatchExample `json:"examples" doc:"Empty for who may neither edit this query nor see personal data"`
	KnowsWords  bool           `json:"knows_examples" doc:"False: the same of the examples, or they were erased"`
	ChangedBy   int64          `json:"changed_by,omitempty"`
	ChangedAt   *time.Time     `json:"changed_at,omitempty"`
}

// A WatchBody is a query as it is to be.
type WatchBody struct {
	Version     int            `json:"version,omitempty" minimum:"0" doc:"The version that you read; absent: whatever is stored"`
	Name        string         `json:"name" minLength:"1" maxLength:"60"`
	Query       string         `json:"query" minLength:"1" maxLength:"4000"`
	Note        string         `json:"note,omitempty" maxLength:"500"`
	On          bool           `json:"on,omitempty"`
	Territories []string       `json:"territories,omitempty" maxItems:"200"`
	Unplaced    bool           `json:"unplaced,omitempty"`
	Channels    []string       `json:"channels,omitempty" maxItems:"20"`
	Examples    []WatchExample `json:"examples,omitempty" maxItems:"50"`
	Anyway      bool           `json:"anyway,omitempty" doc:"Save although an example is not kept; the audit records it"`
}

// A DraftBody is a query that is tried and not saved.
type DraftBody struct {
	ID          int64          `json:"id,omitempty" minimum:"0" doc:"Of the stored query that the draft would change"`
	Query       string         `json:"query" minLength:"1" maxLength:"4000"`
	Name        string         `json:"name,omitempty" maxLength:"60"`
	Territories []string       `json:"territories,omitempty" maxItems:"200"`
	Unplaced    bool           `json:"unplaced,omitempty"`
	Channels    []string       `json:"channels,omitempty" maxItems:"20"`
	Examples    []WatchExample `json:"examples,omitempty" maxItems:"50"`
}

// A WatchCheck says how a draft stands with its own examples.
type WatchCheck struct {
	Reads    bool           `json:"reads" doc:"It can be parsed among the stored ones"`
	Column   int            `json:"column,omitempty" doc:"Of the fault, from 1"`
	Reason   string         `json:"reason,omitempty" doc:"In Russian"`
	Failures []WatchFailure `json:"failures"`
}

// A WatchFailure is an example that a draft does not keep.
type WatchFailure struct {
	Text string `json:"text"`
	Must bool   `json:"must"`
	Why  string `json:"why" doc:"In Russian"`
}

// A WatchPreview is what a draft would have caught among the last messages.
type WatchPreview struct {
	Looked   int            `json:"looked" doc:"Messages looked at, at most 10,000"`
	Since    *time.Time     `json:"since,omitempty" doc:"The oldest of them"`
	Ours     int            `json:"ours" doc:"Of them, those that the centre keeps"`
	Kept     int            `json:"kept" doc:"Caught, and ours already"`
	KeptDay  int            `json:"kept_day" doc:"Of these, seen during the last 24 hours"`
	Dropped  int            `json:"dropped" doc:"Caught, and new to us; remembered for a day"`
	Found    []WatchFound   `json:"found" doc:"The newest, 50 at most"`
	Failures []WatchFailure `json:"failures"`
}

// A WatchFound is one message that a draft catches.
type WatchFound struct {
	Message  int64      `json:"message,omitempty" doc:"Absent for one that was not kept"`
	Incident int64      `json:"incident,omitempty"`
	Kept     bool       `json:"kept"`
	Channel  string     `json:"channel"`
	SeenAt   *time.Time `json:"seen_at"`
	Text     string     `json:"text" doc:"Personal data is covered with asterisks, a byte for a byte"`
	Spans    []Stretch  `json:"spans" doc:"The words that made it, in UTF-8 bytes"`
}

// A Stretch is a part of a text.
type Stretch struct {
	Start int `json:"start"`
	End   int `json:"end"`
}

type watchPath struct {
	ID int64 `path:"id" minimum:"1"`
}

type watchKey struct{}

func (a *API) ofWatch(change bool) *site.Resource {
	return &site.Resource{Name: "watch", Load: func(ctx context.Context, who *account.Account, id int64) (context.Context, error) {
		w, err := a.Lookout.One(ctx, who.Scope(), standing.ID(id))
		if err == nil && change {
			err = a.Lookout.Changeable(who.Actor(), w.Place)
		}
		return context.WithValue(ctx, watchKey{}, w), err
	}}
}

func (a *API) addWatches() {
	op := func(method, path, summary string) huma.Operation {
		return huma.Operation{Method: method, Path: path, Summary: summary, Tags: []string{"watches"}, MaxBodyBytes: textBody}
	}
	see, edit := site.Access{Right: lifecycle.SeeQueue}, site.Access{Right: lifecycle.EditWatches, Area: true}
	seeOne, editOne := see, edit
	seeOne.Of, editOne.Of = a.ofWatch(false), a.ofWatch(true)
	add(a, op(http.MethodGet, "/watches", "Saved standing queries, broken ones first"), see, func(ctx context.Context, me *Caller, _ *nothing) (*body[[]Watch], error) {
		list, err := a.Lookout.List(ctx, me.Scope())
		out := &body[[]Watch]{[]Watch{}}
		for k := range list {
			out.Body = append(out.Body, a.watchOf(me, &list[k]))
		}
		return out, err
	})
	add(a, op(http.MethodGet, "/watches/{id}", "One saved query"), seeOne, func(ctx context.Context, me *Caller, _ *watchPath) (*body[Watch], error) {
		w, _ := ctx.Value(watchKey{}).(*lookout.Watch)
		return &body[Watch]{a.watchOf(me, w)}, nil
	})
	a.addVersions(op, seeOne, editOne)
	fresh := op(http.MethodPost, "/watches", "Save a new query; it is in force at once")
	fresh.DefaultStatus = http.StatusCreated
	add(a, fresh, edit, func(ctx context.Context, me *Caller, in *body[WatchBody]) (*body[Watch], error) {
		return a.saveWatch(ctx, me, 0, &in.Body)
	})
	add(a, op(http.MethodPost, "/watches/{id}", "Save the next version of a query, whole"), editOne, func(ctx context.Context, me *Caller, in *struct {
		ID   int64 `path:"id" minimum:"1"`
		Body WatchBody
	}) (*body[Watch], error) {
		return a.saveWatch(ctx, me, standing.ID(in.ID), &in.Body)
	})
	drop := op(http.MethodPost, "/watches/{id}/drop", "Drop a query with its versions, examples and counts")
	drop.DefaultStatus = http.StatusNoContent
	add(a, drop, editOne, func(ctx context.Context, me *Caller, in *struct {
		ID   int64 `path:"id" minimum:"1"`
		Body struct {
			Version int `json:"version,omitempty" minimum:"0" doc:"The version that you read; absent: whatever is stored"`
		}
	}) (*struct{}, error) {
		return nil, a.Lookout.Drop(ctx, me.Actor(), standing.ID(in.ID), in.Body.Version)
	})
	check := op(http.MethodPost, "/watches/check", "Parse a draft and run its examples")
	check.Description = "Nothing is saved. A query that cannot be read is an answer, not an error."
	check.Responses = notFound(a)
	add(a, check, edit, a.checkWatch)
	try := op(http.MethodPost, "/watches/preview", "What a draft would have caught among the last 10,000 messages")
	try.Description = "Nothing is saved. One preview runs at a time."
	try.Responses = notFound(a)
	add(a, try, edit, a.tryWatch)
}

func (a *API) watchOf(me *Caller, w *lookout.Watch) Watch {
	out := Watch{ID: int64(w.ID), Version: w.Version, Name: w.Name, Query: w.Text, Note: w.Note, On: w.On, Territories: orEmpty(w.Territories), Unplaced: w.Unplaced,
		Channels: orEmpty(w.Channels), Examples: a.examplesFor(me, w, w.Examples), Owner: int64(w.Owner), ChangedBy: int64(w.ChangedBy), ChangedAt: at(w.ChangedAt),
		Centre: w.Place.Centre, MayChange: a.Lookout.MayChange(me.Actor(), w.Place),
		Broken: w.Broken, Column: w.Column, Failing: w.Failing, Uses: orEmpty(w.Uses), UsedBy: orEmpty(w.UsedBy), Hits: w.Hits, Days: w.Days, LastHit: at(w.LastHit)}
	return out
}

// examplesFor returns examples for who may read them, none for others.
func (a *API) examplesFor(me *Caller, w *lookout.Watch, list []standing.Example) []WatchExample {
	out := []WatchExample{}
	if a.Lookout.MayChange(me.Actor(), w.Place) || me.Role.Holds(lifecycle.SeePersonal) {
		for _, e := range list {
			out = append(out, WatchExample(e))
		}
	}
	return out
}

func examples(list []WatchExample) (out []standing.Example) {
	for _, e := range list {
		out = append(out, standing.Example(e))
	}
	return out
}

func (a *API) saveWatch(ctx context.Context, me *Caller, id standing.ID, b *WatchBody) (*body[Watch], error) {
	q := &standing.Query{ID: id, Version: b.Version, Name: b.Name, Text: b.Query, Note: b.Note, On: b.On,
		Territories: b.Territories, Unplaced: b.Unplaced, Channels: b.Channels, Examples: examples(b.Examples)}
	if err := a.Lookout.Save(ctx, me.Actor(), q, b.Anyway); err != nil {
		return nil, err
	}
	w, err := a.Lookout.One(ctx, me.Scope(), q.ID)
	if err != nil {
		return nil, err
	}
	return &body[Watch]{a.watchOf(me, w)}, nil
}

func (b *DraftBody) draft() *standing.Query {
	return &standing.Query{ID: standing.ID(b.ID), Name: b.Name, Text: b.Query, Territories: b.Territories, Unplaced: b.Unplaced, Channels: b.Channels, Examples: examples(b.Examples)}
}

func failures(q *standing.Query, list []watch.Failure) []WatchFailure {
	out := []WatchFailure{}
	for _, f := range list {
		e := q.Examples[f.Example]
		out = append(out, WatchFailure{e.Text, e.Must, f.Why})
	}
	return out
}

func (a *API) checkWatch(ctx context.Context, me *Caller, in *body[DraftBody]) (*body[WatchCheck], error) {
	q := in.Body.draft()
	failed, err := a.Lookout.Check(ctx, me.Actor(), q)
	var unread *watch.ParseError
	if errors.As(err, &unread) {
		return &body[WatchCheck]{WatchCheck{Column: unread.Column, Reason: unread.Reason, Failures: []WatchFailure{}}}, nil
	}
	if err != nil {
		return nil, err
	}
	return &body[WatchCheck]{WatchCheck{Reads: true, Failures: failures(q, failed)}}, nil
}

func (a *API) tryWatch(ctx context.Context, me *Caller, in *body[DraftBody]) (*body[WatchPreview], error) {
	q := in.Body.draft()
	p, err := a.Lookout.Try(ctx, me.Actor(), q)
	if err != nil {
		return nil, err
	}
	out := WatchPreview{Looked: p.Looked, Since: at(p.Since), Ours: p.Ours, Kept: p.Kept, KeptDay: p.KeptDay, Dropped: p.Dropped, Found: []WatchFound{}, Failures: failures(q, p.Failures)}
	for k := range p.Found {
		f := &p.Found[k]
		one := WatchFound{Message: int64(f.Message.ID), Incident: f.Incident, Kept: f.Kept, Channel: string(f.Message.Channel), SeenAt: at(f.Message.SeenAt), Text: f.Message.Text, Spans: []Stretch{}}
		for _, s := range f.Spans {
			one.Spans = append(one.Spans, Stretch{s.Start, s.End})
		}
		one.Text, _ = cover(one.Text, f.Personal)
		out.Found = append(out.Found, one)
	}
	return &body[WatchPreview]{out}, nil
}
