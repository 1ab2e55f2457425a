package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"otklik/internal/desk"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/reply"
	"otklik/internal/scope"
	"otklik/internal/site"
)

// A Fanout is one reply on its way to everybody who wrote about a mass incident.
type Fanout struct {
	ID        int64          `json:"id"`
	Reply     int64          `json:"reply"`
	State     string         `json:"state" enum:"running,paused,cancelled,done"`
	StateName string         `json:"state_name"`
	Auto      bool           `json:"auto" doc:"Who joins the incident later gets it without asking"`
	Due       string         `json:"due,omitempty" doc:"What {{срок}} stands for"`
	Joined    int            `json:"joined" doc:"Wrote since, and have not got it"`
	Progress  FanoutProgress `json:"progress"`
	MadeAt    *time.Time     `json:"made_at"`
	MadeBy    int64          `json:"made_by,omitempty"`
	EndedAt   *time.Time     `json:"ended_at,omitempty"`
}

// FanoutProgress counts threads.
type FanoutProgress struct {
	All       int        `json:"all"`
	Waiting   int        `json:"waiting"`
	Held      int        `json:"held" doc:"By the pause"`
	Sending   int        `json:"sending"`
	Sent      int        `json:"sent"`
	Proven    int        `json:"proven" doc:"Of sent: the network gave a receipt, or the thread was read back. The others stand by a person's word"`
	Unknown   int        `json:"unknown" doc:"May stand; the network cannot be asked, a person must look"`
	Failed    int        `json:"failed"`
	Hand      int        `json:"hand" doc:"A person answers"`
	Cancelled int        `json:"cancelled"`
	Next      *time.Time `json:"next,omitempty" doc:"When the next one leaves"`
}

// A MassState is a mass incident with its replies to all.
type MassState struct {
	Mass    bool     `json:"mass"`
	Why     string   `json:"why,omitempty" enum:"person,burst,merge"`
	Fanouts []Fanout `json:"fanouts" doc:"Newest first"`
	Resting []Outlet `json:"resting" doc:"Sources that rest or wait for a person"`
}

// An Outlet is a source that asked us to rest or to send a person.
type Outlet struct {
	Source    string     `json:"source"`
	Waits     bool       `json:"waits" doc:"For a person: nothing leaves until POST /outlets/release"`
	Sentence  string     `json:"sentence,omitempty" doc:"What to do, in Russian"`
	Code      int        `json:"code,omitempty" doc:"Of the network"`
	Since     *time.Time `json:"since,omitempty"`
	RestUntil *time.Time `json:"rest_until,omitempty"`
	Spacing   float64    `json:"spacing_seconds,omitempty" doc:"Between two replies, at least"`
}

// A Delivery is one reply on its way to one thread.
type Delivery struct {
	ID      int64      `json:"id"`
	Reply   int64      `json:"reply"`
	Fanout  int64      `json:"fanout,omitempty"`
	Message int64      `json:"message,omitempty" doc:"That is answered, of a fan-out"`
	Source  string     `json:"source"`
	State   string     `json:"state" enum:"waiting,sending,sent,dead,unknown,held,cancelled,hand"`
	Text    string     `json:"text,omitempty"`
	Tries   int        `json:"tries"`
	Next    *time.Time `json:"next,omitempty"`
	SentAt  *time.Time `json:"sent_at,omitempty"`
	URL     string     `json:"url,omitempty" doc:"Where it stands"`
	Proof   string     `json:"proof,omitempty" enum:"receipt,read_back,person"`
	Note    string     `json:"note,omitempty" doc:"Why it waits or did not go, in Russian"`
}

// A FanoutPlan says what a reply to all would do.
type FanoutPlan struct {
	Threads int             `json:"threads"`
	Hand    int             `json:"hand" doc:"Of these a person must answer"`
	Missing int             `json:"missing" doc:"Lack a variable"`
	Gone    int             `json:"gone" doc:"Messages that their authors deleted: not answered"`
	Again   int             `json:"again" doc:"Further messages of an author in the same thread: answered with the first"`
	Unknown []string        `json:"unknown" doc:"What stands in braces and is no variable"`
	Targets []PlannedTarget `json:"targets" doc:"Those that lack a variable first"`
	Texts   []PlannedText   `json:"texts" doc:"Every distinct wording: those that lack a variable first, then those that go to the most threads"`
}

// A PlannedText is one wording and where it goes.
type PlannedText struct {
	Text     string         `json:"text"`
	Threads  int            `json:"threads"`
	Hand     int            `json:"hand" doc:"Of these a person must answer"`
	Channels map[string]int `json:"channels" doc:"Threads by channel"`
}

// A PlannedTarget is one thread.
type PlannedTarget struct {
	Message int64    `json:"message"`
	Source  string   `json:"source"`
	Text    string   `json:"text"`
	Missing []string `json:"missing"`
	Hand    string   `json:"hand,omitempty" doc:"Why a person must answer, in Russian"`
}

type (
	// A MassBody declares an incident mass.
	MassBody struct {
		Seen
		Off bool `json:"off,omitempty" doc:"Take it back"`
	}
	// A DeliverBody sees to a reply on its way.
	DeliverBody struct {
		Seen
		How    string `json:"how" enum:"now,recall,stands,resend,pause,resume,cancel,more" doc:"now, recall: of a reply. stands (it is there), resend (it is not): of a delivery whose end is unknown. pause, resume, cancel, more (to who joined later): of a fan-out"`
		Reply  int64  `json:"reply,omitempty" minimum:"0"`
		Job    int64  `json:"delivery,omitempty" minimum:"0"`
		Fanout int64  `json:"fanout,omitempty" minimum:"0"`
		Reason string `json:"reason,omitempty"`
	}
	// A FanoutBody is a reply to all.
	FanoutBody struct {
		Seen
		Text  string    `json:"text" doc:"With {{адрес}}, {{номер}}, {{тема}}, {{орган}}, {{срок}}; {{адрес|ваш адрес}} gives words for who named none"`
		Due   string    `json:"due,omitempty" maxLength:"100" doc:"What {{срок}} stands for"`
		At    time.Time `json:"at,omitzero" doc:"When it leaves; absent: now"`
		Reply int64     `json:"reply,omitempty" minimum:"0" doc:"The draft that it is made of"`
		Skip  bool      `json:"skip,omitempty" doc:"Leave threads that lack a variable to a person"`
		Auto  bool      `json:"auto,omitempty" doc:"Who joins later gets it too"`

		Override string `json:"override_reason,omitempty" maxLength:"2000" doc:"Why the reply goes on although the lint doubts it"`
		Cleared  string `json:"cleared,omitempty" maxLength:"2000" doc:"Why what looks like personal data is none; without it such a text is refused with 422 at cleared"`
		Machine  int64  `json:"machine,omitempty" minimum:"0" doc:"The draft of POST …/assist that the text began with"`
		Accepted bool   `json:"accepted,omitempty" doc:"A machine's draft goes on unchanged: a person read it and answers for it; without it such a text is refused with 422 at accepted"`
	}
	// A PreviewBody asks what a reply to all would do.
	PreviewBody struct {
		Text  string `json:"text"`
		Due   string `json:"due,omitempty" maxLength:"100"`
		Limit int    `json:"limit,omitempty" minimum:"0" maximum:"1000" default:"20" doc:"Of targets"`
	}
	// A SourceBody names a source.
	SourceBody struct {
		Source string `json:"source" minLength:"1"`
	}
)

func (b MassBody) change(plain, *API, *incident.Incident) (desk.Change, error) {
	return desk.Mass{Off: b.Off}, nil
}

func (b DeliverBody) change(plain, *API, *incident.Incident) (desk.Change, error) {
	return desk.Delivery(b.How, reply.ID(b.Reply), b.Job, reply.FanoutID(b.Fanout), b.Reason)
}

func (a *API) massState(ctx context.Context, me *Caller, i *incident.Incident) (*body[MassState], error) {
	tx := a.Cases()
	out := MassState{Fanouts: []Fanout{}, Resting: []Outlet{}}
	sum, err := desk.MassOf(ctx, tx, me.Scope(), i, a.Now())
	if err != nil {
		return nil, err
	}
	if sum.Mass != nil {
		out.Mass, out.Why = true, sum.Mass.Why
	}
	for _, f := range sum.Fanouts {
		p := f.Progress
		out.Fanouts = append(out.Fanouts, Fanout{int64(f.ID), int64(f.Reply), string(f.State), f.State.Name(), f.Auto, f.Due, f.Joined,
			FanoutProgress{p.All, p.Waiting, p.Held, p.Sending, p.Sent, p.Proven, p.Unknown, p.Failed, p.Hand, p.Cancelled, at(p.Next)}, at(f.MadeAt), int64(f.MadeBy), at(f.EndedAt)})
	}
	for _, o := range sum.Resting {
		out.Resting = append(out.Resting, outletOf(o))
	}
	return &body[MassState]{out}, nil
}

func outletOf(o reply.Outlet) Outlet {
	return Outlet{o.Source, o.Waits, o.Sentence, o.Code, at(o.Since), at(o.RestUntil), o.Spacing.Seconds()}
}

type deliveriesInput struct {
	ID     int64  `path:"id" minimum:"1"`
	Fanout int64  `query:"fanout" minimum:"0"`
	State  string `query:"state" enum:"waiting,sending,sent,dead,unknown,held,cancelled,hand"`
	After  int64  `query:"after" minimum:"0" doc:"Id of the last one of the page before"`
	Limit  int    `query:"limit" minimum:"1" maximum:"1000" default:"100"`
}

func (a *API) addFanouts() {
	one := site.Access{Right: lifecycle.SeeQueue, Of: a.ofIncident()}
	approve := one
	approve.Action = lifecycle.Deliver // not who approves own replies alone
	op := func(method, path, summary string) huma.Operation {
		return huma.Operation{Method: method, Path: path, Summary: summary, Tags: []string{"publication"}}
	}
	act[MassBody](a, "mass", lifecycle.Mass, "Declare that many people write about it: one reply may go to all")
	act[DeliverBody](a, "deliver", lifecycle.Deliver, "See to a reply on its way: send now, take back, say whether it stands, pause, resume, cancel")
	add(a, op(http.MethodGet, "/incidents/{id}/fanouts", "Replies to all, with progress"), one, func(ctx context.Context, me *Caller, _ *idInput) (*body[MassState], error) {
		return a.massState(ctx, me, loaded(ctx))
	})
	begin := op(http.MethodPost, "/incidents/{id}/fanouts", "Approve one reply to everybody who wrote about a mass incident")
	begin.MaxBodyBytes = textBody
	add(a, begin, approve, func(ctx context.Context, me *Caller, in *actInput[FanoutBody]) (*body[MassState], error) {
		b := in.Body
		done, err := a.Desk.Do(ctx, me.Actor(), loaded(ctx).ID, b.Version, desk.FanOut{Text: b.Text, Due: b.Due, At: b.At, Reply: reply.ID(b.Reply), Skip: b.Skip, Auto: b.Auto, Override: b.Override, Cleared: b.Cleared, Draft: b.Machine, Accepted: b.Accepted})
		if err != nil {
			return nil, err
		}
		return a.massState(ctx, me, done)
	})
	preview := op(http.MethodPost, "/incidents/{id}/fanouts/preview", "What a reply to all would do: each text as its reader gets it")
	preview.MaxBodyBytes = textBody
	add(a, preview, approve, func(ctx context.Context, me *Caller, in *actInput[PreviewBody]) (*body[FanoutPlan], error) {
		return a.plan(ctx, me.Scope(), in.Body)
	})
	add(a, op(http.MethodGet, "/incidents/{id}/deliveries", "Replies on their way, thread by thread"), one, func(ctx context.Context, _ *Caller, in *deliveriesInput) (*body[[]Delivery], error) {
		list, err := a.Cases().Fanouts().Jobs(ctx, reply.JobFilter{Incident: in.ID, Fanout: reply.FanoutID(in.Fanout), State: reply.JobState(in.State), After: in.After, Limit: in.Limit})
		out := &body[[]Delivery]{[]Delivery{}}
		for k := range list {
			out.Body = append(out.Body, deliveryOf(&list[k]))
		}
		return out, err
	})
	sources := site.Access{Right: lifecycle.SeeSources}
	add(a, op(http.MethodGet, "/outlets", "Sources that rest or wait for a person"), sources, func(ctx context.Context, me *Caller, _ *nothing) (*body[[]Outlet], error) {
		return a.resting(ctx, me)
	})
	resume := op(http.MethodPost, "/outlets/release", "Let the replies of a source leave again")
	resume.Description = "Somebody has seen to the captcha or the token. 409 when the source does not rest."
	resume.Responses = notFound(a)
	add(a, resume, sources, func(ctx context.Context, me *Caller, in *body[SourceBody]) (*body[[]Outlet], error) {
		if err := a.Resume(ctx, me.Actor(), in.Body.Source); err != nil {
			return nil, err
		}
		return a.resting(ctx, me)
	})
}

func (a *API) resting(ctx context.Context, me *Caller) (*body[[]Outlet], error) {
	list, err := a.Cases().Fanouts().Outlets(ctx, desk.Region(me.Scope()))
	out := &body[[]Outlet]{[]Outlet{}}
	for _, o := range list {
		if o.Waits || o.RestUntil.After(a.Now()) {
			out.Body = append(out.Body, outletOf(o))
		}
	}
	return out, err
}

func (a *API) plan(ctx context.Context, sc scope.Scope, b PreviewBody) (*body[FanoutPlan], error) {
	p, err := a.Plan(ctx, a.Cases(), sc, loaded(ctx), b.Text, b.Due, nil)
	if err != nil {
		return nil, err
	}
	out := FanoutPlan{Threads: len(p.Targets), Hand: p.ByHand(), Missing: p.Missing(), Gone: p.Gone, Again: p.Again, Unknown: orEmpty(p.Unknown), Targets: []PlannedTarget{}, Texts: []PlannedText{}}
	for _, t := range p.Shown(b.Limit) {
		out.Targets = append(out.Targets, PlannedTarget{int64(t.Message.ID), t.Message.Source, t.Text, orEmpty(t.Missing), t.Hand})
	}
	for _, t := range p.Texts() {
		one := PlannedText{Text: t.Text, Threads: t.Threads, Channels: map[string]int{}}
		for _, h := range t.Hand {
			one.Hand += h.Threads
		}
		for _, c := range t.Channels {
			one.Channels[string(c.Channel)] = c.Threads
		}
		out.Texts = append(out.Texts, one)
	}
	return &body[FanoutPlan]{out}, nil
}

func deliveryOf(j *reply.Job) Delivery {
	d := Delivery{ID: j.ID, Reply: int64(j.Reply), Fanout: int64(j.Fanout), Message: j.Message, Source: j.Source, State: string(j.State), Text: j.Text, Tries: j.Tries,
		SentAt: at(j.SentAt), URL: j.URL, Proof: j.Proof, Note: j.Note}
	if j.State == reply.Waiting || j.State == reply.Held {
		d.Next = at(j.NextAt)
	}
	return d
}
