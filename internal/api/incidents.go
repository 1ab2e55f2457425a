package api

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"otklik/internal/account"
	"otklik/internal/audit"
	"otklik/internal/clarify"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/message"
	"otklik/internal/site"
	"otklik/internal/topic"
)

// A List is one page of incidents.
type List struct {
	Incidents []Row  `json:"incidents"`
	Next      string `json:"next,omitempty" doc:"Send it as after to get the next page; absent on the last one"`
}

// An OneIncident is an incident with what residents wrote.
type OneIncident struct {
	Incident
	Texts []Message `json:"messages" doc:"Oldest first, each with its reading"`
	Ask   *Question `json:"question,omitempty" doc:"What to ask the author, while something is missing"`

	Attachments []Attachment `json:"attachments" doc:"Pictures and documents, oldest first; those that the role may look at"`
}

// A Question asks the author for just what is missing.
type Question struct {
	Text    string      `json:"text" doc:"For the thread; the action ask takes it"`
	Options []Ambiguous `json:"options" doc:"Settlements that the words fit, best first"`
}

// An Ambiguous is a settlement that the author may mean.
type Ambiguous struct {
	ID   string `json:"id" doc:"OKTMO"`
	Name string `json:"name"`
}

// question returns what to ask about an incident, nil when nothing is missing.
func (a *API) question(i *incident.Incident, found []message.PlaceFound) *Question {
	q := clarify.Ask(clarify.Case{Missing: i.Missing, Address: i.Address, Places: found}, a.Territory)
	if len(i.Missing) == 0 && len(q.Options) < 2 {
		return nil
	}
	out := &Question{Text: q.Text, Options: []Ambiguous{}}
	for _, o := range q.Options {
		out.Options = append(out.Options, Ambiguous{o.ID, o.Name})
	}
	return out
}

type body[T any] struct{ Body T }

// filterInput says which incidents are asked for.
type filterInput struct {
	State    []string  `query:"state,explode" enum:"new,triage,asked,assigned,working,approval,answered,rework,closed" doc:"May be given more than once"`
	Open     bool      `query:"open" doc:"Only work that is still to be done"`
	Topic    string    `query:"topic" doc:"Code of a topic, or undefined"`
	Group    string    `query:"group" doc:"Name of a topic group"`
	Agency   int64     `query:"agency" minimum:"0"`
	NoAgency bool      `query:"no_agency" doc:"Only what no agency has"`
	Centre   string    `query:"centre" doc:"OKTMO of a municipality"`
	Urgency  string    `query:"urgency" enum:"normal,high,danger"`
	Channel  string    `query:"channel" enum:"vk,ok,telegram,max,news,forum,mail,open311,file,hook,phone,portal,counter,paper"`
	Missing  bool      `query:"missing" doc:"Only where the author must be asked for something"`
	Doubted  bool      `query:"suspicious" doc:"Only where a reply reads like a runaround"`
	Suspect  bool      `query:"spam" doc:"Only what residents sent that looks like spam and that nobody has settled"`
	Result   string    `query:"result" enum:"judged,in_time,late,verified,unverified,waits" doc:"How it stands in the figures (GET /figures): without duplicates and what was not considered"`
	Claimed  string    `query:"claimed" pattern:"^(me|[0-9]{1,18})$" doc:"me, or the id of an account"`
	Free     bool      `query:"free" doc:"Only what nobody has claimed"`
	Q        string    `query:"q" maxLength:"200" doc:"Words in any form; all of them must occur in what residents wrote"`
	Since    time.Time `query:"since" doc:"Opened at or after"`
	Until    time.Time `query:"until" doc:"Opened before"`
	DueUntil time.Time `query:"due_until" doc:"Due at or before: now for what is overdue"`
}

type listInput struct {
	filterInput
	Sort  string `query:"sort" enum:"newest,oldest,urgent,changed,due" default:"newest" doc:"due: the most overdue first, open incidents only"`
	After string `query:"after" maxLength:"200" doc:"next of the page before"`
	Limit int    `query:"limit" minimum:"1" maximum:"200" default:"50"`
}

type idInput struct {
	ID int64 `path:"id" minimum:"1"`
}

type personalInput struct {
	ID       int64 `path:"id" minimum:"1"`
	Personal bool  `query:"personal" doc:"Show names, contacts and covered words. The role must hold see_personal; the audit gets a line for each message"`
}

func (a *API) addIncidents() {
	see := site.Access{Right: lifecycle.SeeQueue}
	one := site.Access{Right: lifecycle.SeeQueue, Of: a.ofIncident()}
	get := func(path, summary string) huma.Operation {
		return huma.Operation{Method: http.MethodGet, Path: path, Summary: summary, Tags: []string{"incidents"}}
	}
	add(a, get("/incidents", "A page of incidents"), see, a.list)
	add(a, get("/incidents/{id}", "One incident with its messages"), one, a.one)
	add(a, get("/incidents/{id}/messages", "What residents wrote, with readings"), one, func(ctx context.Context, me *Caller, in *personalInput) (*body[[]Message], error) {
		texts, _, err := a.texts(ctx, me, loaded(ctx), in.Personal)
		return &body[[]Message]{texts}, err
	})
	a.addSuspicions(one)
	add(a, get("/incidents/{id}/history", "Every deed, oldest first"), one, func(ctx context.Context, me *Caller, in *idInput) (*body[[]Entry], error) {
		list, err := a.Cases().Incidents().History(ctx, me.Scope(), loaded(ctx).ID)
		out := &body[[]Entry]{[]Entry{}}
		for k := range list {
			out.Body = append(out.Body, entryOf(&list[k]))
		}
		return out, err
	})
	add(a, get("/incidents/{id}/replies", "Answers from draft to publication, oldest first"), one, func(ctx context.Context, me *Caller, in *idInput) (*body[[]Reply], error) {
		list, err := a.Cases().Replies().OfIncident(ctx, me.Scope(), int64(loaded(ctx).ID))
		out := &body[[]Reply]{[]Reply{}}
		for k := range list {
			out.Body = append(out.Body, replyOf(&list[k]))
		}
		return out, err
	})
	number := get("/numbers/{number}", "The incident of a public number")
	number.Description = "The number may be written with blanks and dashes. One whose check digit does not fit is invalid, not absent."
	number.Responses = notFound(a)
	add(a, number, see, func(ctx context.Context, me *Caller, in *struct {
		Number string `path:"number" maxLength:"40" example:"932-193-22"`
	}) (*body[Incident], error) {
		digits, err := incident.ParseNumber(in.Number)
		if err != nil {
			return nil, err
		}
		i, err := a.Cases().Incidents().ByNumber(ctx, me.Scope(), digits)
		if err != nil {
			return nil, err
		}
		return &body[Incident]{a.incident(me, i)}, nil
	})
}

// notFound is the answer of an operation that may find nothing without naming an id.
func notFound(a *API) map[string]*huma.Response {
	schema := a.huma.OpenAPI().Components.Schemas.Schema(problemType, true, "Problem")
	return map[string]*huma.Response{"404": {Description: http.StatusText(http.StatusNotFound),
		Content: map[string]*huma.MediaType{problemContent: {Schema: schema}}}}
}

func (a *API) list(ctx context.Context, me *Caller, in *listInput) (*body[List], error) {
	f, err := a.filter(me, &in.filterInput)
	if err != nil {
		return nil, err
	}
	f.Order, f.Limit = incident.Order(in.Sort), in.Limit
	if in.After != "" {
		if f.After, err = parseCursor(f.Order, in.After); err != nil {
			return nil, err
		}
	}
	page, err := a.Cases().Incidents().Queue(ctx, me.Scope(), f)
	if err != nil {
		return nil, err
	}
	out := &body[List]{List{Incidents: []Row{}, Next: formatCursor(f.Order, page.Next)}}
	first := make([]message.ID, len(page.Rows))
	for k := range page.Rows {
		first[k] = page.Rows[k].First
	}
	found, err := a.Cases().Messages().Personal(ctx, first)
	if err != nil {
		return nil, err
	}
	for k := range page.Rows {
		out.Body.Incidents = append(out.Body.Incidents, a.row(me, &page.Rows[k], found[first[k]]))
	}
	return out, nil
}

func (a *API) filter(me *Caller, in *filterInput) (f incident.Filter, err error) {
	f = incident.Filter{
		Open: in.Open, Topic: topic.Code(in.Topic), Group: in.Group, Agency: in.Agency, NoAgency: in.NoAgency, Centre: in.Centre,
		Urgency: message.Urgency(in.Urgency), Channel: message.Channel(in.Channel), Missing: in.Missing, Doubted: in.Doubted, Suspect: in.Suspect, Free: in.Free, Result: incident.Result(in.Result), At: a.Now(),
		Since: in.Since, Until: in.Until, DueUntil: in.DueUntil,
	}
	for _, s := range in.State {
		f.States = append(f.States, lifecycle.State(s))
	}
	switch in.Claimed {
	case "":
	case "me":
		f.Claimed = me.ID
	default:
		id, _ := strconv.ParseInt(in.Claimed, 10, 64)
		f.Claimed = account.ID(id)
	}
	if _, ok := a.Topics().ByCode(f.Topic); in.Topic != "" && !ok {
		return f, fault.New(fault.Invalid, "no such topic").At("topic").Say("Такой темы нет в классификаторе.").Mend("GET " + Root + "/topics lists the codes")
	}
	if in.Q != "" {
		if f.Words = a.Lemmas(in.Q); len(f.Words) == 0 {
			return f, fault.New(fault.Invalid, "q has no words").At("q").Say("В запросе нет ни одного слова.")
		}
	}
	return f, nil
}

// A cursor is «order~id~key» in base64url: opaque, and of use with its order only.
func formatCursor(o incident.Order, c incident.Cursor) string {
	if c.Key == "" {
		return ""
	}
	return base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "%s~%d~%s", o, c.ID, c.Key))
}

func parseCursor(o incident.Order, s string) (incident.Cursor, error) {
	raw, err := base64.RawURLEncoding.DecodeString(s)
	order, rest, _ := strings.Cut(string(raw), "~")
	id, key, ok := strings.Cut(rest, "~")
	n, nerr := strconv.ParseInt(id, 10, 64)
	if err != nil || nerr != nil || !ok || key == "" || n <= 0 || order != string(o) {
		return incident.Cursor{}, fault.New(fault.Invalid, "the cursor is not of this list").At("after").
			Say("Продолжить список с этого места нельзя. Начните его сначала.").Mend("send next of the page before, with the same sort")
	}
	return incident.Cursor{Key: key, ID: incident.ID(n)}, nil
}

func (a *API) one(ctx context.Context, me *Caller, in *personalInput) (*body[OneIncident], error) {
	i := loaded(ctx)
	texts, found, err := a.texts(ctx, me, i, in.Personal)
	if err != nil {
		return nil, err
	}
	files, err := a.attachments(ctx, me, i, in.Personal)
	return &body[OneIncident]{OneIncident{a.incident(me, i), texts, a.question(i, found), files}}, err
}

// texts returns the messages of an incident and the places that they name. Who looks at personal data is
// noted before it is shown.
func (a *API) texts(ctx context.Context, me *Caller, i *incident.Incident, personal bool) (out []Message, found []message.PlaceFound, err error) {
	if personal && !me.Role.Holds(lifecycle.SeePersonal) {
		return nil, nil, fault.New(fault.Forbidden, "role %s does not see personal data", me.Role).At("personal").
			Say("Роль «" + me.Role.Name() + "» не видит персональные данные.").Mend("ask without personal=1")
	}
	tx := a.Cases()
	list, err := tx.Messages().OfIncident(ctx, me.Scope(), int64(i.ID))
	if err != nil {
		return nil, nil, err
	}
	if personal {
		err := a.Writer.Change(ctx, incident.People, func(tx incident.Tx) error {
			for _, m := range list {
				e := audit.Entry{At: a.Now(), Who: me.ID, Deed: audit.ReadPersonal, Subject: fmt.Sprintf("message:%d", m.ID), Place: i.Place}
				if err := tx.Audit().Record(ctx, e); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return nil, nil, err
		}
	}
	out = []Message{}
	for _, m := range list {
		r, err := tx.Messages().Reading(ctx, m.ID)
		if err != nil && !fault.Is(err, fault.NotFound) {
			return nil, nil, err
		}
		if r != nil {
			found = append(found, r.Places...)
		}
		out = append(out, a.message(m, r, personal))
	}
	return out, found, nil
}
