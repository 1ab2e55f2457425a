package api

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"otklik/internal/account"
	"otklik/internal/fault"
	"otklik/internal/lifecycle"
	"otklik/internal/message"
	"otklik/internal/order"
	"otklik/internal/scope"
	"otklik/internal/site"
	"otklik/internal/source"
)

// A Source is one place that the centre reads, and how it fares.
type Source struct {
	ID        int64       `json:"id,omitempty" doc:"Names it in addresses; absent where only its state is known: a file, a sender of pushes"`
	Version   int         `json:"version,omitempty"`
	Source    string      `json:"source" doc:"As messages name it" example:"vk:-1001"`
	Kind      string      `json:"kind,omitempty" doc:"Who reads it: vk, ok, telegram, tgweb, max, feed, page …"`
	Channel   string      `json:"channel"`
	Name      string      `json:"name"`
	URL       string      `json:"url,omitempty"`
	Territory string      `json:"territory,omitempty" doc:"OKTMO that it speaks for"`
	Own       bool        `json:"own" doc:"An official page: everything under it is said to us"`
	Every     string      `json:"every,omitempty" doc:"How often it is read, 5m0s; absent: as the network likes"`
	Settings  any         `json:"settings,omitempty" doc:"Of the connector, for who may change sources"`
	Key       string      `json:"key,omitempty" doc:"Name of the key that reads, never the key"`
	Answer    string      `json:"answer,omitempty" doc:"Name of the key that answers"`
	Via       string      `json:"via,omitempty" doc:"The source whose account reads it"`
	Fixed     bool        `json:"fixed,omitempty" doc:"It stands in the configuration's file and is changed there"`
	AddedAt   *time.Time  `json:"added_at,omitempty"`
	State     string      `json:"state" enum:"good,paused,bad,stale" doc:"stale: nothing fails, and it was not read for long"`
	Error     string      `json:"error,omitempty" doc:"What is wrong and what to do, in Russian"`
	Since     *time.Time  `json:"failing_since,omitempty"`
	ReadAt    *time.Time  `json:"read_at,omitempty" doc:"Last good reading"`
	Messages  int64       `json:"messages" doc:"Kept so far"`
	Hours     []int       `json:"hours" doc:"New messages of the last 24 hours, the current one last"`
	Past      *SourcePast `json:"past,omitempty"`
	Quota     []Quota     `json:"quota,omitempty" doc:"What its network lets us ask; sources with one key or host tell the same; absent where nothing sets a limit"`
	Next      *time.Time  `json:"next_at,omitempty" doc:"When its plan reads it again, where one does"`
	Lag       float64     `json:"lag_seconds" doc:"Mean of the day from writing to our seeing it; 0 when nothing tells"`
}

// A SourcePast is what somebody asked to be read of a source's past.
type SourcePast struct {
	State    string     `json:"state" enum:"running,done,stopped,failed"`
	Since    *time.Time `json:"since"`
	Reached  *time.Time `json:"reached,omitempty" doc:"How far back all was read"`
	Share    float64    `json:"share" doc:"Of the way, 0 … 1"`
	Messages int        `json:"messages"`
	Kept     int        `json:"kept"`
	Error    string     `json:"error,omitempty" doc:"What the last step met; a running one goes on all the same"`
}

// A SourceFieldsBody is what people write about a source. When one is changed, what is absent stays.
type SourceFieldsBody struct {
	Do        string         `json:"do,omitempty" doc:"add, look or try for a link, connect for a system that pushes; save, pause, resume, try, remove, back, stop_back, solve, secret or secret_now for a source that is kept" enum:"add,look,connect,save,pause,resume,try,remove,back,stop_back,solve,secret,secret_now"`
	Link      string         `json:"link,omitempty" maxLength:"2000" doc:"To a community, channel, feed or site; of a new source"`
	Days      int            `json:"days,omitempty" minimum:"0" maximum:"90" doc:"Of back: how many last days of the past are read beside the live reading"`
	Version   int            `json:"version,omitempty" minimum:"0" doc:"Of save: the version that you read; 409 when there is a later one"`
	Name      *string        `json:"name,omitempty"`
	Territory *string        `json:"territory,omitempty" doc:"OKTMO; empty: the whole region"`
	Every     *string        `json:"every,omitempty" doc:"5s … 24h; empty: as the network likes"`
	Own       *bool          `json:"own,omitempty"`
	Key       *string        `json:"key,omitempty"`
	Answer    *string        `json:"answer,omitempty"`
	Settings  map[string]any `json:"settings,omitempty" doc:"Of the connector, whole"`
	Captcha   string         `json:"captcha,omitempty" doc:"Of solve: key of the captcha, as GET /source_captchas tells it"`
	Code      string         `json:"code,omitempty" doc:"Of connect: its short name, portal for hook:portal; absent: made of the name. Of solve: what a person read in the picture; absent: another picture, or it was answered at the network"`
}

// A SourceAnswer is a source after what was done.
type SourceAnswer struct {
	Source Source         `json:"source"`
	Secret string         `json:"secret,omitempty" doc:"Of connect, secret and secret_now: shown this once"`
	Needs  string         `json:"needs,omitempty" doc:"What else a new one wants, in Russian"`
	Found  int            `json:"found" doc:"Messages that a test read found"`
	Sample []SourceSample `json:"sample,omitempty" doc:"The newest of them; nothing is kept"`
	Said   []string       `json:"said,omitempty" doc:"What the recipe of a forum finds, field by field, in Russian"`
	Wrong  []string       `json:"wrong,omitempty" doc:"What it does not find"`
}

// A SourceSample is one message of a test read.
type SourceSample struct {
	At   *time.Time `json:"at,omitempty"`
	Text string     `json:"text" doc:"At most 400 characters, personal data covered"`
}

// A SourceKey is a token of a network, without its secret.
type SourceKey struct {
	ID      int64      `json:"id"`
	Kind    string     `json:"kind"`
	Name    string     `json:"name"`
	AddedAt *time.Time `json:"added_at"`
	Used    int        `json:"used" doc:"Sources that name it"`
}

// A SourceKeyBody is a new key, or a new secret under an old name.
type SourceKeyBody struct {
	Kind   string `json:"kind"`
	Name   string `json:"name"`
	Secret string `json:"secret" doc:"Sealed at once, shown nowhere again"`
}

// A Mentioned is a community or a channel that messages link to and nobody reads.
type Mentioned struct {
	Link    string     `json:"link"`
	Count   int        `json:"count" doc:"Messages of the last 90 days"`
	Example string     `json:"example,omitempty" doc:"Where one of them stands"`
	Centre  string     `json:"centre,omitempty" doc:"OKTMO of the municipality whose sources link to it most"`
	Last    *time.Time `json:"last"`
}

// A NeverBody drops a link from what is proposed.
type NeverBody struct {
	Never string `json:"never" minLength:"1" maxLength:"200"`
}

type sourceKey struct{}

func (a *API) addSources() {
	op := func(method, path, summary string) huma.Operation {
		return huma.Operation{Method: method, Path: path, Summary: summary, Tags: []string{"sources"}}
	}
	see, edit := site.Access{Right: lifecycle.SeeSources}, site.Access{Right: lifecycle.EditSources, Area: true}
	one, deed, key := see, edit, edit
	one.Of, deed.Of, key.Of = a.ofSource(), a.ofSource(), a.ofSourceKey()
	add(a, op(http.MethodGet, "/sources", "Sources with state, lag, last error and the last day"), see, func(ctx context.Context, me *Caller, _ *nothing) (*body[[]Source], error) {
		list, err := a.sources(ctx, me)
		return &body[[]Source]{orEmpty(list)}, err
	})
	add(a, op(http.MethodGet, "/sources/{id}", "One source"), one, func(ctx context.Context, me *Caller, _ *idInput) (*body[Source], error) {
		s, err := a.fare(ctx, me, ctx.Value(sourceKey{}).(*source.Source))
		return &body[Source]{s}, err
	})
	make := op(http.MethodPost, "/sources", "Add a source by its link, or look first")
	make.Description = "do: add keeps it and reads it at once; look says what the link names and what is missing; try reads it once and keeps nothing. Absent: add. connect takes no link but a name: a system that pushes messages by the signed call; settings are stream, files and per_minute."
	make.Responses = notFound(a)
	add(a, make, edit, func(ctx context.Context, me *Caller, in *body[SourceFieldsBody]) (*body[SourceAnswer], error) {
		if in.Body.Do == "connect" {
			return a.connect(ctx, me, &in.Body)
		}
		g, err := a.Roster.Recognise(ctx, me.Actor(), in.Body.Link)
		if err != nil {
			return nil, source.Explained(err)
		}
		if err := in.Body.into(&g.Source); err != nil {
			return nil, err
		}
		return a.sourceDeed(ctx, me, in.Body.Do, 0, &g.Source, g.Needs)
	})
	add(a, op(http.MethodPost, "/sources/{id}", "Change, pause, resume, try or remove a source, read its past, or answer its captcha"), deed, func(ctx context.Context, me *Caller, in *actInput[SourceFieldsBody]) (*body[SourceAnswer], error) {
		s := *ctx.Value(sourceKey{}).(*source.Source)
		if in.Body.Version != 0 {
			s.Version = in.Body.Version
		}
		if err := in.Body.into(&s); err != nil {
			return nil, err
		}
		if in.Body.Do == "secret" || in.Body.Do == "secret_now" {
			return a.newSecret(ctx, me, &s, in.Body.Do == "secret_now")
		}
		if in.Body.Do == "solve" {
			if err := a.solve(ctx, me, s.Number, in.Body.Captcha, in.Body.Code); err != nil {
				return nil, err
			}
			fare, err := a.fare(ctx, me, ctx.Value(sourceKey{}).(*source.Source))
			return &body[SourceAnswer]{SourceAnswer{Source: fare}}, err
		}
		return a.sourceDeed(ctx, me, in.Body.Do, in.Body.Days, &s, "")
	})
	add(a, op(http.MethodGet, "/sources/mentioned", "Communities that messages link to and nobody reads"), edit, func(ctx context.Context, me *Caller, _ *nothing) (*body[[]Mentioned], error) {
		return a.mentioned(ctx, me)
	})
	never := op(http.MethodPost, "/sources/mentioned", "Never propose a community again")
	never.Responses = notFound(a)
	add(a, never, edit, func(ctx context.Context, me *Caller, in *body[NeverBody]) (*body[[]Mentioned], error) {
		if err := a.Roster.Never(ctx, me.Actor(), in.Body.Never); err != nil {
			return nil, err
		}
		return a.mentioned(ctx, me)
	})
	a.addCaptchas()
	add(a, op(http.MethodGet, "/source_keys", "Keys of networks, without their secrets"), edit, a.sourceKeys)
	add(a, op(http.MethodPost, "/source_keys", "Keep a key of a network, or put a new secret under its name"), edit, func(ctx context.Context, me *Caller, in *body[SourceKeyBody]) (*body[SourceKey], error) {
		k := source.Key{Kind: source.Kind(in.Body.Kind), Name: in.Body.Name, Secret: in.Body.Secret}
		err := a.Roster.SaveKey(ctx, me.Actor(), &k)
		return &body[SourceKey]{SourceKey{ID: k.Number, Kind: string(k.Kind), Name: k.Name, AddedAt: at(k.AddedAt)}}, err
	})
	forget := op(http.MethodDelete, "/source_keys/{id}", "Forget a key that no source uses")
	forget.DefaultStatus = http.StatusNoContent
	add(a, forget, key, func(ctx context.Context, me *Caller, in *idInput) (*struct{}, error) {
		return nil, a.Roster.RemoveKey(ctx, me.Actor(), in.ID)
	})
}

func (a *API) mentioned(ctx context.Context, me *Caller) (*body[[]Mentioned], error) {
	list, err := a.Roster.Proposed(ctx, me.Actor())
	out := &body[[]Mentioned]{[]Mentioned{}}
	for _, m := range list {
		out.Body = append(out.Body, Mentioned{m.Link, m.Count, m.Example, m.Place.Centre, at(m.Last)})
	}
	return out, err
}

// ofSource is a source that people keep, in the scope.
func (a *API) ofSource() *site.Resource {
	return &site.Resource{Name: "source", Load: func(ctx context.Context, who *account.Account, id int64) (context.Context, error) {
		s, err := a.Cases().Sources().Source(ctx, who.Scope(), id)
		return context.WithValue(ctx, sourceKey{}, s), err
	}}
}

func (a *API) ofSourceKey() *site.Resource {
	return &site.Resource{Name: "source key", Load: func(ctx context.Context, who *account.Account, id int64) (context.Context, error) {
		keys, err := a.Cases().Sources().Keys(ctx, who.Scope())
		if err == nil && !slices.ContainsFunc(keys, func(k source.Key) bool { return k.Number == id }) {
			err = fault.New(fault.NotFound, "key %d", id)
		}
		return ctx, err
	}}
}

// into puts what was written into a source.
func (b *SourceFieldsBody) into(s *source.Source) error {
	for _, f := range []struct {
		from *string
		to   *string
	}{{b.Name, &s.Name}, {b.Territory, &s.Territory}, {b.Key, &s.Key}, {b.Answer, &s.Answer}} {
		if f.from != nil {
			*f.to = *f.from
		}
	}
	if b.Own != nil {
		s.Own = *b.Own
	}
	if b.Every != nil {
		s.Every = 0
		if *b.Every != "" {
			d, err := time.ParseDuration(*b.Every)
			if err != nil || d <= 0 {
				return fault.New(fault.Invalid, "every is no time such as 5m").At("every").Say("Как часто читать, пишут так: 30s, 5m, 1h.")
			}
			s.Every = d
		}
	}
	if b.Settings != nil {
		raw, err := json.Marshal(b.Settings)
		if err != nil {
			return err
		}
		s.Settings = raw
	}
	return nil
}

func (a *API) sourceDeed(ctx context.Context, me *Caller, do string, days int, s *source.Source, needs string) (*body[SourceAnswer], error) {
	out := SourceAnswer{Needs: needs}
	var err error
	kept := s.Number != 0
	switch {
	case do == "look" && !kept:
	case do == "try":
		var list []message.Message
		if list, err = a.Roster.Try(ctx, me.Actor(), *s); err != nil {
			return nil, source.Explained(err)
		}
		out.Found, out.Sample = len(list), a.samples(list)
		if looks, ok := a.Roster.(site.SourceSurveys); ok {
			found, err := looks.Survey(ctx, me.Actor(), *s)
			if err != nil {
				return nil, err
			}
			if found != nil {
				out.Said, out.Wrong = found.Found, found.Wrong
			}
		}
	case do == "" && !kept, do == "add" && !kept, do == "" && kept, do == "save" && kept:
		err = a.Roster.Save(ctx, me.Actor(), s)
	case do == "pause" && kept, do == "resume" && kept:
		if err = a.Roster.Pause(ctx, me.Actor(), s.Number, do == "pause"); err == nil {
			s, err = a.Cases().Sources().Source(ctx, me.Scope(), s.Number)
		}
	case do == "back" && kept:
		err = a.Roster.Back(ctx, me.Actor(), s.Number, days)
	case do == "stop_back" && kept:
		err = a.Roster.StopBack(ctx, me.Actor(), s.Number)
	case do == "remove" && kept:
		err = a.Roster.Remove(ctx, me.Actor(), s.Number)
	default:
		err = fault.New(fault.Invalid, "do %q is not for this", do).At("do").Say("Новый источник: add, look или try. Тот, что уже есть: save, pause, resume, try, remove, back, stop_back или solve.")
	}
	if err != nil {
		return nil, err
	}
	out.Source, err = a.fare(ctx, me, s)
	return &body[SourceAnswer]{out}, err
}

// sampleShown is how much of a test read is told, as on the page.
const (
	sampleShown = 5
	sampleText  = 400 // runes
)

func (a *API) samples(list []message.Message) (out []SourceSample) {
	order.By(list, func(x, y message.Message) int { return y.PublishedAt.Compare(x.PublishedAt) })
	for k := range list {
		m := &list[k]
		if m.Text == "" || len(out) == sampleShown {
			continue
		}
		text, _ := cover(m.Text, a.Personal(m.Text))
		if r := []rune(text); len(r) > sampleText {
			text = string(r[:sampleText]) + "…"
		}
		out = append(out, SourceSample{at(m.PublishedAt), text})
	}
	return out
}

// sources joins what people keep of sources with how these fare.
func (a *API) sources(ctx context.Context, me *Caller) ([]Source, error) {
	tx, now := a.Cases(), a.Now()
	list, err := tx.Sources().Sources(ctx, me.Scope())
	if err != nil {
		return nil, err
	}
	states, err := tx.Intake().Sources(ctx, me.Scope())
	if err != nil {
		return nil, err
	}
	hours, err := tx.Sources().Hours(ctx, me.Scope(), "", now.Add(-24*time.Hour))
	if err != nil {
		return nil, err
	}
	pasts, err := tx.Sources().Backfills(ctx, me.Scope())
	if err != nil {
		return nil, err
	}
	var out []Source
	edit := a.Roster.MayEdit(me.Actor())
	for k := range list {
		i := slices.IndexFunc(states, func(st message.SourceState) bool { return st.ID == list[k].ID })
		st := message.SourceState{ID: list[k].ID, Channel: list[k].Channel}
		if i >= 0 {
			st = states[i]
		}
		one := a.sourceOf(&list[k], &st, hours[st.ID], edit, now)
		if b := pasts[st.ID]; b != nil {
			one.Past = &SourcePast{State: string(b.State), Since: at(b.Since), Reached: at(b.Reached), Share: b.Share(), Messages: b.Messages, Kept: b.Kept, Error: b.Error}
		}
		out = append(out, one)
	}
	for k := range states {
		if !slices.ContainsFunc(list, func(s source.Source) bool { return s.ID == states[k].ID }) {
			out = append(out, a.sourceOf(nil, &states[k], hours[states[k].ID], edit, now))
		}
	}
	return out, nil
}

// fare returns one source; one that is not kept is as it was written.
func (a *API) fare(ctx context.Context, me *Caller, s *source.Source) (Source, error) {
	list, err := a.sources(ctx, me)
	for k := range list {
		if list[k].Source == s.ID && list[k].ID != 0 {
			return list[k], err
		}
	}
	s.Number, s.Version = 0, 0
	return a.sourceOf(s, &message.SourceState{ID: s.ID, Channel: s.Channel}, nil, true, a.Now()), err
}

func (a *API) sourceOf(s *source.Source, st *message.SourceState, hours []source.Hour, edit bool, now time.Time) Source {
	out := Source{Source: st.ID, Channel: string(st.Channel), Name: st.Name, URL: st.URL, Territory: st.Territory, State: string(site.SourceFare(a.Roster, s, st, now)), Error: st.Error,
		Since: at(st.Since), ReadAt: at(st.ReadAt), Messages: st.Messages, Hours: make([]int, 24)}
	if out.State == "" {
		out.State = "good"
	}
	if s != nil {
		out.ID, out.Version, out.Kind, out.Name, out.URL, out.Territory, out.Own = s.Number, s.Version, string(s.Kind), s.Name, s.URL, s.Territory, s.Own
		out.Quota, out.Next = a.quotas(s.ID), a.next(s.ID)
		out.Key, out.Answer, out.Via, out.Fixed, out.AddedAt = s.Key, s.Answer, s.Via, s.Fixed, at(s.AddedAt)
		if s.Every != 0 {
			out.Every = s.Every.String()
		}
		if edit && len(s.Settings) > 0 {
			out.Settings = s.Settings
		}
	}
	first, all := now.Truncate(time.Hour).Add(-23*time.Hour), source.Hour{}
	for _, h := range hours {
		if k := int(h.At.Sub(first) / time.Hour); !h.At.Before(first) && k < len(out.Hours) {
			out.Hours[k] += h.Messages
			all.Timed, all.Lag = all.Timed+h.Timed, all.Lag+h.Lag
		}
	}
	out.Lag = all.Mean().Seconds()
	return out
}

func (a *API) sourceKeys(ctx context.Context, me *Caller, _ *nothing) (*body[[]SourceKey], error) {
	keys, err := a.Cases().Sources().Keys(ctx, me.Scope())
	if err != nil {
		return nil, err
	}
	list, err := a.Cases().Sources().Sources(ctx, scope.All()) // as many as keep it from being forgotten
	out := &body[[]SourceKey]{[]SourceKey{}}
	for _, k := range keys {
		if k.Kind == source.Hook { // a secret of ours
			continue
		}
		one := SourceKey{ID: k.Number, Kind: string(k.Kind), Name: k.Name, AddedAt: at(k.AddedAt)}
		for _, s := range list {
			if s.Key == k.Name || s.Answer == k.Name {
				one.Used++
			}
		}
		out.Body = append(out.Body, one)
	}
	return out, err
}
