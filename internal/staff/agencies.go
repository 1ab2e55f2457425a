package staff

import (
	"context"
	"net/http"
	"net/url"
	"strconv"

	"otklik/internal/account"
	"otklik/internal/agency"
	"otklik/internal/desk"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/scope"
	"otklik/internal/site"
)

// AgenciesPage lists who answers in the region, with the settings of each.
type AgenciesPage struct {
	Chrome
	Rows    []AgencyRow
	Centres []Choice
	Kept    url.Values
	KeptFor int64 // the agency whose form keeps what was typed; 0 = the new one
	Problem string
}

// An AgencyRow is one agency.
type AgencyRow struct {
	agency.Agency
	Where string // municipality, "" for the region
	Open  string // «12 открытых инцидентов»
}

// Value returns what was typed into a field of the form for a new one.
func (p *AgenciesPage) Value(name string) string {
	if p.KeptFor != 0 {
		return ""
	}
	return p.Kept.Get(name)
}

const openShown = 1000 // counting goes no further

func (s *Staff) agenciesPage(w http.ResponseWriter, r *http.Request) error {
	return s.showAgencies(w, r, http.StatusOK, &AgenciesPage{})
}

func (s *Staff) showAgencies(w http.ResponseWriter, r *http.Request, status int, p *AgenciesPage) error {
	ctx, me := r.Context(), who(r)
	list, err := s.Cases().Agencies().Agencies(ctx, scope.OfRegion(me.Place.Region))
	if err != nil {
		return err
	}
	for pass := range 2 { // closed ones stand last
		for _, a := range list {
			if a.Disabled != (pass == 1) {
				continue
			}
			row := AgencyRow{Agency: a}
			if a.Place.Centre != "" {
				row.Where = s.placeName(a.Place.Centre)
			}
			n, err := s.Cases().Incidents().Count(ctx, me.Scope(), incident.Filter{Agency: a.ID, Open: true}, openShown)
			if err != nil {
				return err
			}
			if n > 0 {
				row.Open = site.Count(n, "открытый инцидент", "открытых инцидента", "открытых инцидентов")
			}
			p.Rows = append(p.Rows, row)
		}
	}
	p.Centres = s.centres(me.Place.Region)
	p.Chrome = s.chrome(w, r, "agencies")
	p.Here = "/desk/agencies"
	return s.page(w, r, status, "Организации", Agencies(p))
}

// editAgency adds an agency, changes its settings, closes it or opens it again.
func (s *Staff) editAgency(w http.ResponseWriter, r *http.Request) error {
	if err := form(w, r); err != nil {
		return err
	}
	me := who(r)
	a := agency.Agency{Place: scope.Place{Region: me.Place.Region, Centre: field(r, "centre")}}
	said := Said{}
	deed, id := r.PathValue("deed"), number(r, "agency_id")
	if deed != "add" {
		old, err := s.Cases().Agencies().Agency(r.Context(), id)
		if err != nil {
			return err
		}
		if old.Place.Region != me.Place.Region && me.Place.Region != "" {
			return s.showAgencies(w, r, http.StatusConflict, &AgenciesPage{Problem: "Такой организации в вашем регионе нет: выберите из списка."})
		}
		a = *old
	}
	switch deed {
	case "add", "change":
		a.Name, a.Short, a.Contact = field(r, "name"), field(r, "short"), field(r, "contact")
		a.Approval, a.OwnApproval = field(r, "approval") == "1", field(r, "own") == "1"
		if bar, err := strconv.Atoi(field(r, "lint")); err == nil {
			a.LintBar = bar
		}
		said.Good = "Сохранено: " + a.Name + "."
	case "close":
		a.Disabled = true
		said.Good = a.Name + ": закрыта, ей больше ничего не передать."
		said.Undo, said.UndoAs, said.With = "/desk/agencies/open", "Открыть снова", map[string]string{"agency_id": strconv.FormatInt(id, 10)}
	case "open":
		a.Disabled = false
		said.Good = a.Name + ": снова отвечает."
	default:
		return fault.New(fault.NotFound, "no such deed")
	}
	err := s.Desk.SaveAgency(r.Context(), me.Actor(), &a)
	s.agencies.forget()
	s.lists.forget()
	switch fault.KindOf(err) {
	case "":
		say(w, said)
		http.Redirect(w, r, "/desk/agencies", http.StatusSeeOther)
		return nil
	case fault.Conflict, fault.Invalid:
		if deed == "close" { // the page that mends it
			say(w, Said{Bad: fault.Sentence(err)})
			http.Redirect(w, r, moveURL(a.ID), http.StatusSeeOther)
			return nil
		}
		return s.showAgencies(w, r, site.Status(err), &AgenciesPage{Kept: r.PostForm, KeptFor: id, Problem: fault.Sentence(err)})
	}
	return err
}

func moveURL(id int64) string { return "/desk/agencies/" + strconv.FormatInt(id, 10) + "/move" }

type agencyKey struct{}

// agencyResource is the resource of an agency of the region.
func (s *Staff) agencyResource() *site.Resource {
	return &site.Resource{Name: "agency", Load: func(ctx context.Context, me *account.Account, id int64) (context.Context, error) {
		a, err := s.Cases().Agencies().Agency(ctx, id)
		if err != nil {
			return ctx, err
		}
		if me.Place.Region != "" && a.Place.Region != me.Place.Region {
			return ctx, fault.New(fault.NotFound, "agency %d is of another region", id)
		}
		return context.WithValue(ctx, agencyKey{}, a), nil
	}}
}

// MovePage hands all that an agency has to another one.
type MovePage struct {
	Chrome
	Agency  AgencyRow
	Rules   string
	May     bool // the role hands over
	Empty   bool // nothing leads to it
	Lists   string
	Kept    url.Values
	Problem string
}

func (s *Staff) movePage(w http.ResponseWriter, r *http.Request) error {
	return s.showMove(w, r, http.StatusOK, &MovePage{})
}

func (s *Staff) showMove(w http.ResponseWriter, r *http.Request, status int, p *MovePage) error {
	ctx, me := r.Context(), who(r)
	a := r.Context().Value(agencyKey{}).(*agency.Agency)
	p.Agency = AgencyRow{Agency: *a}
	n, err := s.Cases().Incidents().Count(ctx, me.Scope(), incident.Filter{Agency: a.ID, Open: true}, openShown)
	if err != nil {
		return err
	}
	rules, err := s.Cases().Agencies().Rules(ctx, a.Place.Region)
	if err != nil {
		return err
	}
	led := 0
	for _, rule := range rules {
		if rule.Agency == a.ID {
			led++
		}
	}
	p.Agency.Open = site.Count(n, "открытый инцидент", "открытых инцидента", "открытых инцидентов")
	p.Rules = site.Count(led, "правило маршрута", "правила маршрута", "правил маршрута")
	p.Empty, p.May = n+led == 0, lifecycle.May(me.Role, lifecycle.HandOver)
	if p.Lists, err = s.agencyOptions(ctx, me); err != nil {
		return err
	}
	p.Chrome = s.chrome(w, r, "agencies")
	p.Here = moveURL(a.ID)
	return s.page(w, r, status, "Перенести всё", Move(p))
}

func (s *Staff) moveAll(w http.ResponseWriter, r *http.Request) error {
	if err := form(w, r); err != nil {
		return err
	}
	a := r.Context().Value(agencyKey{}).(*agency.Agency)
	to, err := s.typedAgency(r, field(r, "agency"))
	var moved desk.Moved
	if err == nil {
		moved, err = s.Desk.MoveAll(r.Context(), who(r).Actor(), a.ID, to, field(r, "reason"))
	}
	switch fault.KindOf(err) {
	case "":
	case fault.Conflict, fault.Invalid, fault.Forbidden:
		return s.showMove(w, r, site.Status(err), &MovePage{Kept: r.PostForm, Problem: fault.Sentence(err)})
	default:
		return err
	}
	said := Said{Good: "Перенесено: " + site.Count(len(moved.Done), "инцидент", "инцидента", "инцидентов") + ", " +
		site.Count(moved.Rules, "правило", "правила", "правил") + "."}
	for _, f := range moved.Failed {
		said.Failed = append(said.Failed, NotOne{ID: f.ID, Why: orElse(fault.Sentence(f.Err), plainWhy[fault.KindOf(f.Err)])})
	}
	if n := len(said.Failed); n > 0 {
		said.Bad = "Не перенесено: " + site.Count(n, "инцидент", "инцидента", "инцидентов") + "."
		s.number(r, said.Failed)
	}
	say(w, said)
	http.Redirect(w, r, moveURL(a.ID), http.StatusSeeOther)
	return nil
}
