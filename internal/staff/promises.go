package staff

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"otklik/internal/account"
	"otklik/internal/desk"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/promise"
	"otklik/internal/reply"
	"otklik/internal/site"
)

// A PromiseView is one promise, on its incident or in the calendar.
type PromiseView struct {
	ID                         promise.ID
	State                      promise.State
	StateAs, Words, Day, Left  string // Day has the hour when one was promised: «25 ноября, 18:00»
	date                       string // its day alone
	Why, Reason                string
	Vague, Overdue             bool
	Keep, Break, Move, Drop    bool
	MovedTo                    string // the day it was moved to
	Incident                   incident.ID
	Version                    int
	URL, Number, Topic, Agency string
	Back                       string
}

// addPromises gathers what replies of the incident promised. Words are cut out of
// the replies, which may have been erased.
func (s *Staff) addPromises(ctx context.Context, tx incident.Tx, me *account.Account, i *incident.Incident, replies []reply.Reply, p *IncidentPage, now time.Time, zone *time.Location) error {
	list, err := tx.Promises().OfIncident(ctx, me.Scope(), int64(i.ID))
	if err != nil {
		return err
	}
	texts := map[int64]string{}
	newest := reply.ID(0)
	for k := range replies {
		texts[int64(replies[k].ID)] = replies[k].Text
		newest = max(newest, replies[k].ID)
	}
	days := map[promise.ID]string{}
	for k := range list {
		days[list[k].ID] = promisedBy(list[k].Until, now, zone)
	}
	for k := range list {
		v := promiseView(&list[k], p.Can, now, zone)
		v.Incident, v.Version, v.Back = i.ID, i.Version, p.pageURL()
		if text := texts[list[k].Reply]; list[k].Span.End <= len(text) && list[k].Before == 0 {
			v.Words = text[list[k].Span.Start:list[k].Span.End]
		}
		v.MovedTo = days[list[k].MovedTo]
		p.Promises = append(p.Promises, v)
		if t := list[k].Settled; (list[k].State == promise.Broken || list[k].State == promise.Moved) && toTell(replies, t) {
			p.Offer = offer(&list[k], v.MovedTo, now, zone)
		}
	}
	return nil
}

// toTell reports whether the author has got no reply since.
func toTell(replies []reply.Reply, since time.Time) bool {
	for k := range replies {
		if replies[k].CreatedAt.After(since) {
			return false
		}
	}
	return true
}

// offer is what to write to the author about a promise that was broken or moved.
func offer(p *promise.Promise, to string, now time.Time, zone *time.Location) string {
	text := "Здравствуйте! Мы обещали"
	if p.Vague {
		text += " и не назвали день"
	} else {
		text += " до " + promisedBy(p.Until, now, zone)
	}
	if text += ", но не успели: " + p.Reason + "."; to != "" {
		return text + " Новый срок — до " + to + ". Извините за ожидание."
	}
	return text + " Извините за ожидание."
}

// promisedBy returns the day of a promise, and its hour when one was named: a whole
// day ends with its last second.
func promisedBy(until, now time.Time, zone *time.Location) string {
	if t := until.In(zone); t.Hour() == 23 && t.Minute() == 59 {
		return site.Date(until, now, zone)
	}
	return site.DateTime(until, now, zone)
}

func promiseView(p *promise.Promise, can map[lifecycle.Action]bool, now time.Time, zone *time.Location) PromiseView {
	v := PromiseView{ID: p.ID, State: p.State, StateAs: p.State.Name(), Why: p.Why, Reason: p.Reason, Vague: p.Vague, Overdue: p.Overdue(now)}
	if !p.Vague {
		v.Day, v.date = promisedBy(p.Until, now, zone), site.Date(p.Until, now, zone)
	}
	if p.State != promise.Open {
		return v
	}
	v.Keep, v.Break, v.Move, v.Drop = can[lifecycle.KeepPromise], can[lifecycle.BreakPromise], can[lifecycle.MovePromise], can[lifecycle.DropPromise]
	switch {
	case v.Vague:
		v.StateAs = "без срока"
	case v.Overdue:
		v.StateAs, v.Left = "срок прошёл", site.Ago(p.Until, now, zone)
	default:
		v.Left = "осталось " + site.Duration(p.Until.Sub(now))
	}
	return v
}

func (v *PromiseView) deed(name string) string {
	return fmt.Sprintf("/desk/incidents/%d/%s", v.Incident, name)
}

func (v *PromiseView) key(name string) string { return name + "-" + strconv.FormatInt(int64(v.ID), 10) }

var promiseDeeds = []deed{
	{"keep-promise", lifecycle.KeepPromise, "Обещанное сделано", "", "", "", func(_ *Staff, r *http.Request) (desk.Change, error) {
		return desk.KeepPromise{Promise: promise.ID(number(r, "promise")), Reason: field(r, "reason")}, nil
	}},
	{"break-promise", lifecycle.BreakPromise, "Отмечено: не сделано. Напишите автору", "", "", "", func(_ *Staff, r *http.Request) (desk.Change, error) {
		return desk.BreakPromise{Promise: promise.ID(number(r, "promise")), Reason: field(r, "reason")}, nil
	}},
	{"move-promise", lifecycle.MovePromise, "Срок перенесён. Напишите автору", "", "", "", (*Staff).movePromise},
	{"drop-promise", lifecycle.DropPromise, "Снято: это не обещание", "", "", "", func(_ *Staff, r *http.Request) (desk.Change, error) {
		return desk.DropPromise{Promise: promise.ID(number(r, "promise"))}, nil
	}},
}

// movePromise reads the new day as one of the incident's place.
func (s *Staff) movePromise(r *http.Request) (desk.Change, error) {
	i := loaded(r)
	day, err := time.ParseInLocation(time.DateOnly, field(r, "until"), s.zone(i.Place.Centre, i.Place.Region))
	if err != nil {
		return nil, fault.New(fault.Invalid, "the new day is no date").At("until").Say("Выберите новый день.")
	}
	return desk.MovePromise{Promise: promise.ID(number(r, "promise")), Until: day.AddDate(0, 0, 1).Add(-time.Second), Reason: field(r, "reason")}, nil
}

// A PromisesPage is the calendar of promises.
type PromisesPage struct {
	Chrome
	Problem          string
	Days             []PromiseDay
	Vague            []PromiseView
	Overdue          []PromiseView
	Tally            []TallyRow
	Title            string // «23–29 ноября»
	Month            bool
	Prev, Next, Swap string // URLs
	Agencies         []Choice
	Agency           string
	From             string
}

// A PromiseDay is one day with what was promised by it.
type PromiseDay struct {
	Name  string
	Today bool
	Rows  []PromiseView
}

// A TallyRow is how an agency keeps its word.
type TallyRow struct {
	Agency                                      string
	Made, Waiting, Overdue, Kept, Broken, Moved int
	Vague                                       int
	Doubted                                     string // «3 из 20»
}

const overdueShown = 100

// tallyDays is how far back the figures of agencies look.
const tallyDays = 90

func (s *Staff) promises(w http.ResponseWriter, r *http.Request) error {
	ctx, me, tx, now := r.Context(), who(r), s.Cases(), s.Now()
	q := r.URL.Query()
	zone := s.zone(me.Place.Centre, me.Place.Region)
	p := &PromisesPage{Month: q.Get("by") == "month", Agency: q.Get("agency")}
	agency, _ := strconv.ParseInt(p.Agency, 10, 64)
	from, until := stretch(q.Get("from"), p.Month, now, zone)
	p.links(from, until)
	p.Title = site.Date(from, now, zone) + " — " + site.Date(until.AddDate(0, 0, -1), now, zone)
	agencies, err := s.regionAgencies(ctx, me)
	if err != nil {
		return err
	}
	for _, a := range agencies.all {
		p.Agencies = append(p.Agencies, Choice{Name: a.Short, Value: strconv.FormatInt(a.ID, 10)})
	}
	store := tx.Promises()
	fill := func(f promise.Filter) ([]PromiseView, error) {
		f.Agency = agency
		list, err := store.Calendar(ctx, me.Scope(), f)
		if err != nil {
			return nil, err
		}
		return s.promiseRows(ctx, tx, me, list, agencies, r.URL.RequestURI(), now)
	}
	if p.Overdue, err = fill(promise.Filter{State: promise.Open, Until: now, Limit: overdueShown}); err != nil {
		return err
	}
	rows, err := fill(promise.Filter{From: from, Until: until})
	if err != nil {
		return err
	}
	p.days(rows, from, until, now, zone)
	if me.Role.Holds(lifecycle.SeeSources) { // who controls replies sees what nobody can check
		if p.Vague, err = fill(promise.Filter{Vague: true, State: promise.Open, Limit: 20}); err != nil {
			return err
		}
	}
	if p.Tally, err = s.tally(ctx, tx, me, agencies, now); err != nil {
		return err
	}
	p.Chrome = s.chrome(w, r, "promises")
	return s.page(w, r, http.StatusOK, "Обещания", Promises(p))
}

// stretch returns the week or month that the calendar shows.
func stretch(from string, month bool, now time.Time, zone *time.Location) (time.Time, time.Time) {
	day, err := time.ParseInLocation(time.DateOnly, from, zone)
	if err != nil || day.Year() < 2000 || day.Year() > 2100 {
		day = now.In(zone)
	}
	y, m, d := day.Date()
	if month {
		first := time.Date(y, m, 1, 0, 0, 0, 0, zone)
		return first, first.AddDate(0, 1, 0)
	}
	monday := time.Date(y, m, d-(int(day.Weekday())+6)%7, 0, 0, 0, 0, zone)
	return monday, monday.AddDate(0, 0, 7)
}

func (p *PromisesPage) links(from, until time.Time) {
	url := func(day time.Time, month bool) string {
		v := url.Values{"from": {day.Format(time.DateOnly)}}
		if month {
			v.Set("by", "month")
		}
		if p.Agency != "" {
			v.Set("agency", p.Agency)
		}
		return "/desk/promises?" + v.Encode()
	}
	p.From = from.Format(time.DateOnly)
	p.Prev, p.Next, p.Swap = url(from.AddDate(0, 0, -1), p.Month), url(until, p.Month), url(from, !p.Month)
}

// days puts rows under their days; empty days are left out of a month.
func (p *PromisesPage) days(rows []PromiseView, from, until, now time.Time, zone *time.Location) {
	at := 0
	for d := from; d.Before(until); d = d.AddDate(0, 0, 1) {
		name := site.Date(d, now, zone)
		day := PromiseDay{Name: weekdays[d.Weekday()] + ", " + name, Today: d.Format(time.DateOnly) == now.In(zone).Format(time.DateOnly)}
		for at < len(rows) && rows[at].date == name {
			day.Rows = append(day.Rows, rows[at])
			at++
		}
		if len(day.Rows) > 0 || !p.Month || day.Today {
			p.Days = append(p.Days, day)
		}
	}
}

var weekdays = [...]string{"воскресенье", "понедельник", "вторник", "среда", "четверг", "пятница", "суббота"}

func (s *Staff) promiseRows(ctx context.Context, tx incident.Tx, me *account.Account, list []promise.Promise, agencies *agencyList, back string, now time.Time) ([]PromiseView, error) {
	var ids []incident.ID
	seen := map[incident.ID]bool{}
	for k := range list {
		if id := incident.ID(list[k].Incident); !seen[id] {
			seen[id] = true
			ids = append(ids, id)
		}
	}
	rows, err := tx.Incidents().Rows(ctx, me.Scope(), ids)
	if err != nil {
		return nil, err
	}
	of := map[incident.ID]*incident.Row{}
	for k := range rows {
		of[rows[k].ID] = &rows[k]
	}
	var out []PromiseView
	for k := range list {
		i := of[incident.ID(list[k].Incident)]
		if i == nil {
			continue
		}
		can := map[lifecycle.Action]bool{}
		for _, a := range []lifecycle.Action{lifecycle.KeepPromise, lifecycle.BreakPromise, lifecycle.MovePromise, lifecycle.DropPromise} {
			can[a] = lifecycle.May(me.Role, a)
		}
		v := promiseView(&list[k], can, now, s.zone(me.Place.Centre, me.Place.Region))
		v.Incident, v.Version, v.URL, v.Number, v.Topic, v.Back = i.ID, i.Version, incidentURL(i.ID), incident.Spoken(i.Number), s.topicTitle(i.Topic), back
		if v.Agency = agencies.name(list[k].Place.Agency); v.Agency == "" {
			v.Agency = "центр"
		}
		if place := i.Address.String(); place != "" {
			v.Topic += ", " + place
		}
		out = append(out, v)
	}
	return out, nil
}

func (s *Staff) tally(ctx context.Context, tx incident.Tx, me *account.Account, agencies *agencyList, now time.Time) ([]TallyRow, error) {
	since := now.AddDate(0, 0, -tallyDays)
	list, err := tx.Promises().Tally(ctx, me.Scope(), since, now)
	if err != nil {
		return nil, err
	}
	doubts, err := tx.Replies().Doubts(ctx, me.Scope(), since)
	if err != nil {
		return nil, err
	}
	rows := map[int64]*TallyRow{}
	var order []int64
	row := func(id int64) *TallyRow {
		if rows[id] == nil {
			name := agencies.name(id)
			if name == "" {
				name = "центр"
			}
			rows[id] = &TallyRow{Agency: name}
			order = append(order, id)
		}
		return rows[id]
	}
	for _, t := range list {
		r := row(t.Agency)
		r.Made, r.Waiting, r.Overdue, r.Kept, r.Broken, r.Moved, r.Vague = t.Made, t.Waiting, t.Overdue, t.Kept, t.Broken, t.Moved, t.Vague
	}
	for _, d := range doubts {
		row(d.Agency).Doubted = fmt.Sprintf("%d из %d", d.Doubted, d.Published)
	}
	var out []TallyRow
	for _, id := range order {
		out = append(out, *rows[id])
	}
	return out, nil
}
