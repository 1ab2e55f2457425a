package staff

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"otklik/internal/account"
	"otklik/internal/herald"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/site"
	"otklik/internal/webhook"
)

// WebhooksPage lists the programs that are called.
type WebhooksPage struct {
	Chrome
	Rows []WebhookRow
}

// A WebhookRow is one of them.
type WebhookRow struct{ Name, Page, Host, What, State, Word, Last, Why string }

// WebhookPage is one program that is called, or the form of a new one.
type WebhookPage struct {
	Chrome
	Row       *WebhookRow // nil for a new one
	Form      WebhookForm
	Events    []WebhookEvent
	Sources   []Choice
	Centres   []Choice
	Agencies  []Choice
	OwnCentre bool
	Problem   string
	Secret    string // shown once
	Waits     int
	Calls     []WebhookCall
	More      string // address of older calls
}

// A WebhookForm is what a person wrote.
type WebhookForm struct {
	Name, URL, Source, Territory, Agency string
	Personal                             bool
	Version                              int
}

// A WebhookEvent is one box to tick.
type WebhookEvent struct {
	Value, Name string
	On          bool
}

// A WebhookCall is one call that was owed.
type WebhookCall struct {
	ID                               int64
	When, What, State, Word, Outcome string
	Number, Incident                 string
}

// owedShown is how many calls the page shows at once.
const owedShown = 50

func (s *Staff) webhookRoutes() []site.Route {
	if s.Webhooks == nil {
		return nil
	}
	edit := site.Access{Right: lifecycle.EditSources, Area: true}
	one := edit
	one.Of = s.webhookResource()
	return []site.Route{
		{Method: "GET", Pattern: "/desk/webhooks", Access: edit, Handler: s.webhooks},
		{Method: "GET", Pattern: "/desk/webhooks/new", Access: edit, Handler: s.newWebhook},
		{Method: "POST", Pattern: "/desk/webhooks", Access: edit, Handler: s.addWebhook},
		{Method: "GET", Pattern: "/desk/webhooks/{id}", Access: one, Handler: s.webhook},
		{Method: "POST", Pattern: "/desk/webhooks/{id}/{deed}", Access: one, Handler: s.webhookDeed},
	}
}

type webhookKey struct{}

// webhookResource is a webhook in the scope.
func (s *Staff) webhookResource() *site.Resource {
	return &site.Resource{Name: "webhook", Load: func(ctx context.Context, a *account.Account, id int64) (context.Context, error) {
		one, err := s.Cases().Webhooks().Webhook(ctx, a.Scope(), webhook.ID(id))
		return context.WithValue(ctx, webhookKey{}, one), err
	}}
}

func loadedWebhook(r *http.Request) *webhook.Webhook {
	one, _ := r.Context().Value(webhookKey{}).(*webhook.Webhook)
	return one
}

func webhookURL(id webhook.ID) string { return "/desk/webhooks/" + strconv.FormatInt(int64(id), 10) }

func (s *Staff) webhooks(w http.ResponseWriter, r *http.Request) error {
	list, err := s.Cases().Webhooks().Webhooks(r.Context(), who(r).Scope())
	if err != nil {
		return err
	}
	p := &WebhooksPage{Chrome: s.chrome(w, r, "sources")}
	for k := range list {
		p.Rows = append(p.Rows, s.webhookRow(r, &list[k]))
	}
	return s.page(w, r, http.StatusOK, "Исходящие вызовы", Webhooks(p))
}

func (s *Staff) webhookRow(r *http.Request, h *webhook.Webhook) WebhookRow {
	me, now := who(r), s.Now()
	zone := s.zone(me.Place.Centre, me.Place.Region)
	row := WebhookRow{Name: h.Name, Page: webhookURL(h.ID), Why: h.Why, What: site.Count(len(h.Events), "событие", "события", "событий")}
	if u, err := url.Parse(h.URL); err == nil { // the path may hold a secret of the receiver's
		row.Host = u.Host
	}
	if h.Place.Centre != "" {
		row.What += ", " + s.placeName(h.Place.Centre)
	}
	switch {
	case h.State == webhook.Off:
		row.State, row.Word = "bad", "остановлен"
	case h.State == webhook.Paused:
		row.State, row.Word = "paused", "на паузе"
	case !h.FailingSince.IsZero():
		row.State, row.Word = "warn", "не отвечает с "+site.DateTime(h.FailingSince, now, zone)
	default:
		row.State, row.Word = "good", "работает"
	}
	if !h.LastAt.IsZero() {
		row.Last = "последний принятый вызов " + site.Ago(h.LastAt, now, zone)
	}
	return row
}

func (s *Staff) newWebhook(w http.ResponseWriter, r *http.Request) error {
	return s.showWebhook(w, r, http.StatusOK, &WebhookPage{}, &webhook.Webhook{Events: []webhook.Event{webhook.Opened, webhook.Moved}})
}

func (s *Staff) webhook(w http.ResponseWriter, r *http.Request) error {
	one := loadedWebhook(r)
	return s.showWebhook(w, r, http.StatusOK, &WebhookPage{Form: formOfWebhook(one)}, one)
}

func formOfWebhook(h *webhook.Webhook) WebhookForm {
	f := WebhookForm{Name: h.Name, URL: h.URL, Source: h.Source, Territory: h.Place.Centre, Personal: h.Personal, Version: h.Version}
	if h.Place.Agency != 0 {
		f.Agency = strconv.FormatInt(h.Place.Agency, 10)
	}
	return f
}

// webhookForm reads what was written, into the webhook too.
func webhookForm(r *http.Request, h *webhook.Webhook) (f WebhookForm, agency int64) {
	f = WebhookForm{Name: field(r, "name"), URL: field(r, "url"), Source: field(r, "source"), Territory: field(r, "territory"), Agency: field(r, "agency"), Personal: field(r, "personal") == "1", Version: int(number(r, "version"))}
	h.Name, h.URL, h.Source, h.Personal, h.Events = f.Name, f.URL, f.Source, f.Personal, nil
	for _, e := range r.Form["event"] {
		h.Events = append(h.Events, webhook.Event(e))
	}
	return f, number(r, "agency")
}

func (s *Staff) addWebhook(w http.ResponseWriter, r *http.Request) error {
	if err := form(w, r); err != nil {
		return err
	}
	one := &webhook.Webhook{}
	f, agency := webhookForm(r, one)
	secret, err := s.Webhooks.Save(r.Context(), who(r).Actor(), one, f.Territory, agency)
	if sentence, ok := refusedSource(err); ok {
		one.ID = 0
		return s.showWebhook(w, r, site.Status(err), &WebhookPage{Form: f, Problem: sentence}, one)
	} else if err != nil {
		return err
	}
	return s.showWebhook(w, r, http.StatusOK, &WebhookPage{Form: formOfWebhook(one), Secret: secret}, one)
}

// webhookDeed changes a webhook. A secret is shown by the answer itself, never behind a
// redirect: it must stand in no address and no cookie.
func (s *Staff) webhookDeed(w http.ResponseWriter, r *http.Request) error {
	if err := form(w, r); err != nil {
		return err
	}
	one, me, ctx := loadedWebhook(r), who(r).Actor(), r.Context()
	p := &WebhookPage{Form: formOfWebhook(one)}
	good := map[string]string{"save": "Сохранено.", "pause": "Вызовы на паузе: события копятся и уйдут, когда вы её снимете.", "resume": "Вызовы идут.", "remove": "Получатель «" + one.Name + "» убран.",
		"test": "Проверочный вызов отправлен. Ответ появится в списке ниже.", "again": "Вызов поставлен в очередь."}
	deed, err := r.PathValue("deed"), error(nil)
	switch deed {
	case "save":
		next := *one
		var agency int64
		p.Form, agency = webhookForm(r, &next)
		next.Version = p.Form.Version
		_, err = s.Webhooks.Save(ctx, me, &next, p.Form.Territory, agency)
	default:
		p.Secret, err = s.Webhooks.Do(ctx, me, one.ID, herald.Deed(deed), number(r, "call"))
	}
	if sentence, ok := refusedSource(err); ok {
		p.Problem = sentence
		return s.showWebhook(w, r, site.Status(err), p, one)
	} else if err != nil {
		return err
	}
	if p.Secret != "" {
		return s.showWebhook(w, r, http.StatusOK, p, one)
	}
	say(w, Said{Good: good[deed]})
	back := webhookURL(one.ID)
	if deed == "remove" {
		back = "/desk/webhooks"
	}
	http.Redirect(w, r, back, http.StatusSeeOther)
	return nil
}

// showWebhook shows one that is kept, or one to be added (no id).
func (s *Staff) showWebhook(w http.ResponseWriter, r *http.Request, status int, p *WebhookPage, h *webhook.Webhook) error {
	ctx, me := r.Context(), who(r)
	tx := s.Cases()
	for _, e := range webhook.Events() {
		p.Events = append(p.Events, WebhookEvent{string(e), e.Name(), h.Wants(e)})
	}
	p.OwnCentre = me.Place.Centre != ""
	for _, c := range s.centres(me.Place.Region) {
		if !p.OwnCentre || c.Value == me.Place.Centre {
			p.Centres = append(p.Centres, c)
		}
	}
	agencies, err := s.regionAgencies(ctx, me)
	if err != nil {
		return err
	}
	for _, a := range agencies.all {
		if !a.Disabled {
			p.Agencies = append(p.Agencies, Choice{strconv.FormatInt(a.ID, 10), a.Name})
		}
	}
	states, err := tx.Intake().Sources(ctx, me.Scope())
	if err != nil {
		return err
	}
	if s.Pushers != nil {
		for _, id := range s.Pushers() {
			p.Sources = append(p.Sources, Choice{id, id})
		}
	}
	for _, st := range states {
		if !slices.ContainsFunc(p.Sources, func(c Choice) bool { return c.Value == st.ID }) {
			p.Sources = append(p.Sources, Choice{st.ID, orElse(st.Name, st.ID)})
		}
	}
	title := "Новый получатель вызовов"
	if h.ID != 0 {
		row := s.webhookRow(r, h)
		p.Row, title = &row, h.Name
		if p.Waits, err = tx.Webhooks().Waits(ctx, h.ID); err != nil {
			return err
		}
		if err := s.webhookCalls(r, p, h); err != nil {
			return err
		}
	}
	p.Chrome = s.chrome(w, r, "sources")
	return s.page(w, r, status, title, Webhook(p))
}

// webhookCalls fills in the newest calls, with the incidents that the reader may open.
func (s *Staff) webhookCalls(r *http.Request, p *WebhookPage, h *webhook.Webhook) error {
	ctx, me, now := r.Context(), who(r), s.Now()
	before, _ := strconv.ParseInt(r.URL.Query().Get("before"), 10, 64)
	list, err := s.Cases().Webhooks().Owed(ctx, h.ID, max(before, 0), owedShown)
	if err != nil {
		return err
	}
	ids := make([]incident.ID, 0, len(list))
	for k := range list {
		if list[k].Incident != 0 {
			ids = append(ids, incident.ID(list[k].Incident))
		}
	}
	slices.Sort(ids)
	rows, err := s.Cases().Incidents().Rows(ctx, me.Scope(), slices.Compact(ids))
	if err != nil {
		return err
	}
	numbers := map[incident.ID]string{}
	for k := range rows {
		numbers[rows[k].ID] = incident.Spoken(rows[k].Number)
	}
	zone := s.zone(me.Place.Centre, me.Place.Region)
	for k := range list {
		d := &list[k]
		v := WebhookCall{ID: d.ID, When: site.DateTime(d.At, now, zone), What: d.Event.Name(), Outcome: d.Error}
		switch d.State {
		case webhook.Sent:
			v.State, v.Word, v.Outcome = "good", fmt.Sprintf("принят, %d", d.Status), ""
		case webhook.Dead:
			v.State, v.Word = "bad", "не доставлен"
		default:
			v.State, v.Word = "warn", "ждёт"
			if d.Tries > 0 {
				v.Word = "попыток: " + strconv.Itoa(d.Tries) + ", следующая " + site.DateTime(d.NextAt, now, zone)
			}
		}
		if n := numbers[incident.ID(d.Incident)]; n != "" {
			v.Number, v.Incident = n, incidentURL(incident.ID(d.Incident))
		}
		p.Calls = append(p.Calls, v)
	}
	if len(list) == owedShown {
		p.More = webhookURL(h.ID) + "?before=" + strconv.FormatInt(list[len(list)-1].ID, 10)
	}
	return nil
}

// Action is where the form goes.
func (p *WebhookPage) Action() string {
	if p.Row == nil {
		return "/desk/webhooks"
	}
	return p.Row.Page + "/save"
}
