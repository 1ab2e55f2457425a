package staff

import (
	"net/http"
	"strconv"
	"strings"

	"otklik/internal/account"
	"otklik/internal/desk"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/site"
	"otklik/internal/topic"
)

// A PassingView is how agencies passed an incident on, in words.
type PassingView struct {
	Count   string // «Передавали 3 раза»
	Way     string // «Дороги → Сети → Дороги»
	Refused []Line // who declined, why
	Waiting bool   // for the arbiter
	Decide  bool   // the account is one
	Bound   string // the agency that the arbiter named
}

// addPassing says how the incident went from agency to agency, and takes away what
// the account may not do for that.
func (s *Staff) addPassing(history []incident.Entry, me *account.Account, i *incident.Incident, p *IncidentPage, agencies *agencyList) {
	way := incident.Passed(history)
	if me.Place.Agency == 0 || me.Place.Agency != i.Place.Agency || way.Bound == i.Place.Agency {
		delete(p.Can, lifecycle.Decline)
	}
	if way.Waiting {
		delete(p.Can, lifecycle.HandOver)
		p.Act.Hand, p.Act.Accept = false, "Принять"
	}
	p.Passing = s.passingView(way, agencies)
	if p.Passing != nil {
		p.Passing.Decide = way.Waiting && p.Can[lifecycle.Decide]
	}
}

// passingView is nil for an incident that no agency declined or passed on.
func (s *Staff) passingView(way incident.Passing, agencies *agencyList) *PassingView {
	declined := false
	v := &PassingView{Waiting: way.Waiting, Bound: agencies.name(way.Bound)}
	var steps []string
	for k := range way.Way {
		t := &way.Way[k]
		name := agencies.name(t.To)
		switch {
		case t.Action == lifecycle.Decline && way.Waiting && k == len(way.Way)-1:
			name = "арбитр"
		case t.To == 0:
			name = "центр"
		}
		steps = append(steps, name)
		if t.Action != lifecycle.Decline {
			continue
		}
		declined = true
		l := Line{Who: agencies.name(t.From), What: t.Reason}
		if t.Unknown != "" {
			l.Note = "Кто отвечает, неизвестно: " + t.Unknown
		}
		v.Refused = append(v.Refused, l)
	}
	if !declined && len(way.Way) < 3 {
		return nil
	}
	v.Count = "Передавали " + site.Count(len(way.Way), "раз", "раза", "раз")
	v.Way = strings.Join(steps, " → ")
	return v
}

func (s *Staff) declined(r *http.Request) (desk.Change, error) {
	c := desk.Decline{Reason: field(r, "reason"), Unknown: field(r, "unknown")}
	if name := field(r, "agency"); name != "" {
		a, err := s.typedAgency(r, name)
		if err != nil {
			return nil, err
		}
		c.To = a
	}
	return c, nil
}

func (s *Staff) decided(r *http.Request) (desk.Change, error) {
	a, err := s.typedAgency(r, field(r, "agency"))
	if err != nil {
		return nil, err
	}
	c := desk.Decide{Agency: a, Reason: field(r, "reason")}
	if field(r, "rule") == "1" {
		c.Rule = &desk.Ruling{Group: field(r, "about") == "group", Wide: field(r, "where") == "region"}
	}
	return c, nil
}

// typedAgency returns the agency that was typed by name, or chosen by id.
func (s *Staff) typedAgency(r *http.Request, name string) (int64, error) {
	agencies, err := s.regionAgencies(r.Context(), who(r))
	if err != nil {
		return 0, err
	}
	if a := agencies.find(name); a != nil {
		return a.ID, nil
	}
	return 0, fault.New(fault.Invalid, "no such agency").At("agency").Say("Такой организации нет в списке. Наберите две буквы её названия и выберите из подсказки.")
}

// undo takes back a deed on an incident that the account need not see any more.
func (s *Staff) undo(w http.ResponseWriter, r *http.Request) error {
	if err := form(w, r); err != nil {
		return err
	}
	said := Said{Good: "Отменено."}
	_, err := s.Desk.Do(r.Context(), who(r).Actor(), incident.ID(number(r, "id")), 0, desk.Undo{})
	switch fault.KindOf(err) {
	case "":
	case fault.Conflict, fault.NotFound, fault.Forbidden:
		said = Said{Bad: orElse(fault.Sentence(err), "Отменять нечего.")}
	default:
		return err
	}
	say(w, said)
	http.Redirect(w, r, site.Local(r.PostForm.Get("back"), "/desk"), http.StatusSeeOther)
	return nil
}

func orElse(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

// ArbiterPage is what agencies pass on to one another.
type ArbiterPage struct {
	Chrome
	Rows  []DisputeRow
	Done  []DisputeRow
	Lists string
}

// A DisputeRow is one such incident.
type DisputeRow struct {
	ID                              incident.ID
	Version                         int
	URL, Number, Topic, Group       string
	Where, Centre, Excerpt, Waiting string
	Agency                          string // that most of the declines name, or that has it
	Passing                         *PassingView
	Rule                            bool // a rule can be made of the decision
}

// disputesShown is how many disputes the page shows; decided ones are for a look back.
const (
	disputesShown = 100
	decidedShown  = 10
)

func (s *Staff) arbiter(w http.ResponseWriter, r *http.Request) error {
	p := &ArbiterPage{}
	var err error
	if p.Rows, err = s.disputes(r, incident.ForArbiter, disputesShown); err != nil {
		return err
	}
	if p.Done, err = s.disputes(r, incident.Arbitrated, decidedShown); err != nil {
		return err
	}
	if p.Lists, err = s.agencyOptions(r.Context(), who(r)); err != nil {
		return err
	}
	p.Chrome = s.chrome(w, r, "arbiter")
	return s.page(w, r, http.StatusOK, "Арбитр", Arbiter(p))
}

func (s *Staff) disputes(r *http.Request, state incident.DisputeState, limit int) ([]DisputeRow, error) {
	ctx, me, tx, now := r.Context(), who(r), s.Cases(), s.Now()
	list, err := tx.Disputes().Disputes(ctx, me.Scope(), state, limit)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	ids := make([]incident.ID, len(list))
	since := map[incident.ID]*incident.Dispute{}
	for k := range list {
		ids[k] = list[k].Incident
		since[ids[k]] = &list[k]
	}
	rows, err := tx.Incidents().Rows(ctx, me.Scope(), ids)
	if err != nil {
		return nil, err
	}
	if err := s.mask(ctx, me, rows); err != nil {
		return nil, err
	}
	agencies, err := s.regionAgencies(ctx, me)
	if err != nil {
		return nil, err
	}
	var out []DisputeRow
	for k := range rows {
		row := &rows[k]
		history, err := tx.Incidents().History(ctx, me.Scope(), row.ID)
		if err != nil {
			return nil, err
		}
		way := incident.Passed(history)
		if state == incident.ForArbiter && !way.Waiting || state == incident.Arbitrated && way.Bound == 0 {
			continue
		}
		d := DisputeRow{ID: row.ID, Version: row.Version, URL: incidentURL(row.ID), Number: incident.Spoken(row.Number), Topic: s.topicTitle(row.Topic), Group: row.Group,
			Where: row.Address.String(), Excerpt: row.Excerpt, Passing: s.passingView(way, agencies), Agency: agencies.name(named(way)),
			Rule: row.Topic != topic.Undefined && row.Topic != "" && me.Place.Centre == "" && me.Role.Holds(lifecycle.EditRules)}
		if row.Place.Centre != "" {
			d.Centre = s.placeName(row.Place.Centre)
		}
		if state == incident.ForArbiter {
			d.Waiting = site.Duration(now.Sub(since[row.ID].Since))
			d.Passing.Waiting = false // the whole page says so
		} else {
			d.Agency = agencies.name(way.Bound)
		}
		out = append(out, d)
	}
	return out, nil
}

// named returns the agency that the declines name and that has not declined itself; else the last named.
func named(way incident.Passing) int64 {
	refused := map[int64]bool{}
	last := int64(0)
	for _, t := range way.Way {
		if t.Action == lifecycle.Decline {
			refused[t.From] = true
		}
	}
	for _, t := range way.Way {
		if t.Action == lifecycle.Decline && t.To != 0 && !refused[t.To] {
			return t.To
		}
		if t.To != 0 {
			last = t.To
		}
	}
	return last
}

// key names a field of the form of this row.
func (d *DisputeRow) key(name string) string { return name + "-" + strconv.FormatInt(int64(d.ID), 10) }
