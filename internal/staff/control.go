package staff

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"otklik/internal/account"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/order"
)

// ControlPage is the curator's board: what is late, what will be, what waits.
type ControlPage struct {
	Chrome
	Lines []ControlLine
	Total ControlLine
	Lists []WorkList
}

// A ControlLine is one agency's line.
type ControlLine struct {
	incident.BoardLine
	Name string
	URL  func(what string) string
}

// A WorkList is some rows by due time.
type WorkList struct {
	Name  string
	Empty string
	Rows  []WorkRow
	More  string // URL of the whole list; "" when this is all
}

// A WorkRow is one incident by its due time.
type WorkRow struct {
	URL, Number, Topic, Excerpt, Where, Agency, Phrase, Who string
	Danger, High                                            bool
	Left                                                    *TimeLeft
}

// soonHours is what «скоро» means on the board.
const soonHours = 24

// shownRows is how many rows a list of the board shows.
const shownRows = 8

func (s *Staff) control(w http.ResponseWriter, r *http.Request) error {
	ctx, me, now := r.Context(), who(r), s.Now()
	agencies, err := s.regionAgencies(ctx, me)
	if err != nil {
		return err
	}
	p := &ControlPage{}
	board, err := s.Cases().Clocks().Board(ctx, me.Scope(), now, now.Add(soonHours*time.Hour))
	if err != nil {
		return err
	}
	for _, l := range board {
		name, agency := agencies.name(l.Agency), strconv.FormatInt(l.Agency, 10)
		if l.Agency == 0 {
			name, agency = "Не передано", "none"
		}
		p.Lines = append(p.Lines, ControlLine{BoardLine: l, Name: name, URL: func(what string) string { return boardURL(agency, what) }})
		t := &p.Total
		t.Overdue, t.Soon, t.Approval, t.Returned, t.Paused, t.Raised = t.Overdue+l.Overdue, t.Soon+l.Soon, t.Approval+l.Approval, t.Returned+l.Returned, t.Paused+l.Paused, t.Raised+l.Raised
	}
	p.Total.Name, p.Total.URL = "Всего", func(what string) string { return boardURL("", what) }
	order.By(p.Lines, func(a, b ControlLine) int {
		if d := b.Overdue - a.Overdue; d != 0 {
			return d
		}
		return b.Soon - a.Soon
	})
	for _, l := range []struct {
		name, empty, what string
		f                 incident.Filter
	}{
		{"Просрочено", "Просроченных нет.", "overdue", incident.Filter{DueUntil: now}},
		{"Срок в ближайшие сутки", "В ближайшие сутки сроков нет.", "soon", incident.Filter{DueSince: now, DueUntil: now.Add(soonHours * time.Hour)}},
		{"Ждут согласования", "На согласовании ничего нет.", "approval", incident.Filter{States: []lifecycle.State{lifecycle.Approval}}},
		{"Возвращены на доработку", "Возвращённых нет.", "rework", incident.Filter{States: []lifecycle.State{lifecycle.Rework}}},
	} {
		list, more, err := s.work(ctx, me, l.f, agencies, now)
		if err != nil {
			return err
		}
		wl := WorkList{Name: l.name, Empty: l.empty, Rows: list}
		if more {
			wl.More = boardURL("", l.what)
		}
		p.Lists = append(p.Lists, wl)
	}
	doubted, err := s.doubted(ctx, me, agencies, now)
	if err != nil {
		return err
	}
	p.Lists = append(p.Lists, doubted)
	p.Chrome = s.chrome(w, r, "control")
	return s.page(w, r, http.StatusOK, "Контроль сроков", Control(p))
}

// doubted returns incidents with a reply that reads like a runaround, drafts and published
// ones, the lately changed first.
func (s *Staff) doubted(ctx context.Context, me *account.Account, agencies *agencyList, now time.Time) (WorkList, error) {
	l := WorkList{Name: "Ответы похожи на отписки", Empty: "Подозрительных ответов нет."}
	f := incident.Filter{Doubted: true, States: []lifecycle.State{lifecycle.Approval, lifecycle.Rework, lifecycle.Answered}, Order: incident.Changed, Limit: shownRows}
	page, err := s.Cases().Incidents().Queue(ctx, me.Scope(), f)
	if err != nil {
		return l, err
	}
	if err := s.mask(ctx, me, page.Rows); err != nil {
		return l, err
	}
	for k := range page.Rows {
		l.Rows = append(l.Rows, s.workRow(&page.Rows[k], agencies, now))
	}
	if page.Next.Key != "" {
		l.More = "/desk?" + url.Values{"all": {"1"}, "suspicious": {"1"}, "sort": {string(incident.Changed)}}.Encode()
	}
	return l, nil
}

// boardURL returns the queue behind a figure of the board.
func boardURL(agency, what string) string {
	v := url.Values{"sort": {string(incident.DueNext)}}
	if agency != "" {
		v.Set("agency", agency)
	}
	switch what {
	case "approval", "rework":
		v.Set("state", what)
	default:
		v.Set("due", what)
	}
	return "/desk?" + v.Encode()
}

// work returns rows of the filter by due time, and whether there are more.
func (s *Staff) work(ctx context.Context, me *account.Account, f incident.Filter, agencies *agencyList, now time.Time) ([]WorkRow, bool, error) {
	f.Open, f.Order = true, incident.DueNext
	if f.Limit == 0 {
		f.Limit = shownRows
	}
	page, err := s.Cases().Incidents().Queue(ctx, me.Scope(), f)
	if err != nil {
		return nil, false, err
	}
	if err := s.mask(ctx, me, page.Rows); err != nil {
		return nil, false, err
	}
	out := make([]WorkRow, len(page.Rows))
	for k := range page.Rows {
		out[k] = s.workRow(&page.Rows[k], agencies, now)
	}
	return out, page.Next.Key != "", nil
}

func (s *Staff) workRow(r *incident.Row, agencies *agencyList, now time.Time) WorkRow {
	w := WorkRow{URL: incidentURL(r.ID), Number: incident.Spoken(r.Number), Topic: s.topicTitle(r.Topic), Excerpt: r.Excerpt, Where: r.Address.String(),
		Agency: agencies.name(r.Place.Agency), Phrase: r.Phrase(), Who: shortName(r.Claimer), Danger: r.Urgency == "danger", High: r.Urgency == "high",
		Left: timeLeft(&r.Clock, now, s.zone(r.Place.Centre, r.Place.Region))}
	if r.Gone {
		w.Excerpt = "автор удалил сообщение"
	}
	if w.Where == "" && r.Place.Centre != "" {
		w.Where = s.placeName(r.Place.Centre)
	}
	return w
}

// WorkPage is «моя работа»: what is mine, by time left.
type WorkPage struct {
	Chrome
	Lists []WorkList
}

// myRows is how many rows «моя работа» shows of each list.
const myRows = 50

func (s *Staff) myWork(w http.ResponseWriter, r *http.Request) error {
	ctx, me, now := r.Context(), who(r), s.Now()
	agencies, err := s.regionAgencies(ctx, me)
	if err != nil {
		return err
	}
	p := &WorkPage{}
	mine, err := s.mine(ctx, me, agencies, now)
	if err != nil {
		return err
	}
	p.Lists = append(p.Lists, WorkList{Name: "Моё", Empty: "На вас ничего нет.", Rows: mine})
	if me.Place.Agency != 0 {
		free, more, err := s.work(ctx, me, incident.Filter{Free: true, States: []lifecycle.State{lifecycle.Assigned, lifecycle.Rework}, Limit: shownRows}, agencies, now)
		if err != nil {
			return err
		}
		list := WorkList{Name: "Ждут исполнителя в вашей организации", Empty: "Всё разобрано.", Rows: free}
		if more {
			list.More = "/desk?claimed=free&state=assigned&state=rework&sort=due"
		}
		p.Lists = append(p.Lists, list)
	}
	p.Chrome = s.chrome(w, r, "work")
	return s.page(w, r, http.StatusOK, "Моя работа", Work(p))
}

// mine returns what the account claimed or was given, each once, by due time.
func (s *Staff) mine(ctx context.Context, me *account.Account, agencies *agencyList, now time.Time) ([]WorkRow, error) {
	var rows []incident.Row
	for _, f := range []incident.Filter{{Claimed: me.ID}, {Executor: me.ID, Agency: me.Place.Agency}} {
		if f.Executor != 0 && me.Place.Agency == 0 {
			continue
		}
		f.Open, f.Order, f.Limit = true, incident.DueNext, myRows
		page, err := s.Cases().Incidents().Queue(ctx, me.Scope(), f)
		if err != nil {
			return nil, err
		}
		for _, row := range page.Rows {
			if !slices.ContainsFunc(rows, func(o incident.Row) bool { return o.ID == row.ID }) {
				rows = append(rows, row)
			}
		}
	}
	order.By(rows, func(a, b incident.Row) int {
		switch x, y := a.Clock.Due, b.Clock.Due; {
		case x.IsZero() && y.IsZero():
			return 0
		case x.IsZero():
			return 1
		case y.IsZero():
			return -1
		default:
			return x.Compare(y)
		}
	})
	if err := s.mask(ctx, me, rows); err != nil {
		return nil, err
	}
	var out []WorkRow
	for k := range rows {
		out = append(out, s.workRow(&rows[k], agencies, now))
	}
	return out, nil
}
