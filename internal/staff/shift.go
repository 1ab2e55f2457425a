package staff

import (
	"net/http"
	"net/url"
	"strconv"
	"time"

	"otklik/internal/desk"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/message"
	"otklik/internal/shift"
	"otklik/internal/site"
)

// ShiftPage is the handover of a shift: what it did, what it leaves, what the one before noted.
type ShiftPage struct {
	Chrome
	Since     string
	Figures   []ShiftFigure
	Danger    []LinkRow
	Uncertain []LinkRow
	Before    *EndedShift // that the next one has not taken over
	Earlier   []EndedShift
	Kept      url.Values
	Problem   string
}

// A ShiftFigure is a count with the queue behind it.
type ShiftFigure struct{ Name, Count, URL string }

// A EndedShift is a shift that is over.
type EndedShift struct {
	ID                       int64
	When, Closed, Took, Note string
	Figures                  string
	Accept                   bool
}

const shiftsShown = 8

func (s *Staff) shiftPage(w http.ResponseWriter, r *http.Request) error {
	return s.showShift(w, r, http.StatusOK, &ShiftPage{})
}

func (s *Staff) showShift(w http.ResponseWriter, r *http.Request, status int, p *ShiftPage) error {
	ctx, me, now := r.Context(), who(r), s.Now()
	zone := s.zone(me.Place.Centre, me.Place.Region)
	people, err := s.colleagues(ctx, me)
	if err != nil {
		return err
	}
	list, err := s.Cases().Shifts().Shifts(ctx, me.Place, shiftsShown)
	if err != nil {
		return err
	}
	since := desk.ShiftStart(list, now)
	f, err := desk.Figures(ctx, s.Cases(), me.Scope(), since)
	if err != nil {
		return err
	}
	p.Since = site.DateTime(since, now, zone)
	day := since.In(zone).Format(time.DateOnly)
	p.Figures = []ShiftFigure{
		{"пришло", strconv.Itoa(f.Came), "/desk?all=1&since=" + day}, {"передано", strconv.Itoa(f.Handed), ""}, {"дан ответ", strconv.Itoa(f.Answered), ""}, {"решение проверено", strconv.Itoa(f.Verified), ""},
		{"закончено", strconv.Itoa(f.Closed), ""}, {"никто не смотрел", strconv.Itoa(f.New), "/desk?state=new"}, {"открыто", strconv.Itoa(f.Open), "/desk"},
		{"опасно", strconv.Itoa(f.Danger), "/desk?urgency=danger"}, {"неясно, стоит ли ответ", strconv.Itoa(f.Uncertain), ""},
	}
	danger, err := s.Cases().Incidents().Queue(ctx, me.Scope(), incident.Filter{Open: true, Urgency: message.Danger, Order: incident.Oldest, Limit: 10})
	if err != nil {
		return err
	}
	p.Danger = s.brief(danger.Rows)
	unclear, err := desk.Uncertain(ctx, s.Cases(), me.Scope())
	if err != nil {
		return err
	}
	rows, err := s.Cases().Incidents().Rows(ctx, me.Scope(), unclear)
	if err != nil {
		return err
	}
	p.Uncertain = s.brief(rows)
	for k := range list {
		h := &list[k]
		row := EndedShift{ID: h.ID, When: site.DateTime(h.OpenedAt, now, zone) + " — " + site.DateTime(h.ClosedAt, now, zone), Closed: people.names[h.ClosedBy], Note: h.Note,
			Figures: figuresWords(h.Figures)}
		if !h.AcceptedAt.IsZero() {
			row.Took = people.names[h.AcceptedBy] + ", " + site.DateTime(h.AcceptedAt, now, zone)
		} else if k == 0 {
			row.Accept = h.ClosedBy != me.ID
			p.Before = &row
			continue
		}
		p.Earlier = append(p.Earlier, row)
	}
	p.Chrome = s.chrome(w, r, "shift")
	p.Here = "/desk/shift"
	return s.page(w, r, status, "Смена", ShiftHandover(p))
}

func figuresWords(f shift.Figures) string {
	return "пришло " + strconv.Itoa(f.Came) + ", передано " + strconv.Itoa(f.Handed) + ", отвечено " + strconv.Itoa(f.Answered) + ", решение проверено у " + strconv.Itoa(f.Verified) + ", осталось открыто " + strconv.Itoa(f.Open) +
		", из них опасно " + strconv.Itoa(f.Danger)
}

func (s *Staff) brief(rows []incident.Row) (out []LinkRow) {
	for k := range rows {
		r := &rows[k]
		out = append(out, LinkRow{ID: r.ID, URL: incidentURL(r.ID), Topic: s.topicTitle(r.Topic) + ", №" + site.NBSP + incident.Spoken(r.Number), Phrase: r.Address.String() + " · " + r.Phrase()})
	}
	return out
}

// endShift closes the shift with a note, or takes the one before over.
func (s *Staff) endShift(w http.ResponseWriter, r *http.Request) error {
	if err := form(w, r); err != nil {
		return err
	}
	me := who(r)
	var err error
	said := Said{}
	switch r.PathValue("deed") {
	case "close":
		err = s.Desk.CloseShift(r.Context(), me.Actor(), me.Place, field(r, "note"))
		said.Good = "Смена сдана. Следующая увидит вашу заметку и примет её."
	case "accept":
		err = s.Desk.AcceptShift(r.Context(), me.Actor(), me.Place, number(r, "shift"))
		said.Good = "Смена принята."
	default:
		return fault.New(fault.NotFound, "no such deed")
	}
	switch fault.KindOf(err) {
	case "":
		say(w, said)
		http.Redirect(w, r, "/desk/shift", http.StatusSeeOther)
		return nil
	case fault.Conflict, fault.Invalid, fault.Forbidden:
		return s.showShift(w, r, site.Status(err), &ShiftPage{Kept: r.PostForm, Problem: fault.Sentence(err)})
	}
	return err
}
