package portal

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/regime"
	"otklik/internal/site"
)

// figureDays is of how many days the public figures are, fewest of how many judged cases a
// place in the league is given: of fewer a share says more about chance than about work.
const (
	figureDays = 90
	fewest     = 20
)

// An AgenciesPage lists who answers.
type AgenciesPage struct {
	Rows  []LeagueRow
	Norms []Norm
}

// A LeagueRow is an agency or a territory with both shares, of one denominator.
type LeagueRow struct {
	Place           int // in the league; 0 = too few cases to rank
	Name, URL, List string
	Came, Judged    int
	InTime, Checked string // «90 %»; "" when nothing was judged
	PerThousand     string // complaints per 1,000 residents; "" = population unknown
	rank            float64
}

// A Norm is a step of a regime in words.
type Norm struct{ Regime, Step, Within string }

// An AgencyPage is one agency.
type AgencyPage struct {
	Name, Contact, List string
	Figures             *LeagueRow // nil: nothing came
	Norms               []Norm
}

// A LeaguePage ranks agencies or territories.
type LeaguePage struct {
	ByArea       bool
	Ranked, Rest []LeagueRow
}

func shareOf(n, of int) string {
	if of == 0 {
		return ""
	}
	return strconv.Itoa(n*100/of) + site.NBSP + "%"
}

// figures returns the rows of the split over the last figureDays, keyed as the split is.
func (p *Portal) figures(ctx context.Context, tx incident.Tx, by incident.Split) ([]incident.Figures, error) {
	now := p.Now()
	until := now.Add(time.Minute)
	return tx.Clocks().Figures(ctx, p.Face.Scope, incident.FigureQuery{By: by, Since: now.AddDate(0, 0, -figureDays), Until: until, Now: now})
}

func leagueRow(name, url, list string, f *incident.Figures) LeagueRow {
	return LeagueRow{Name: name, URL: url, List: list, Came: f.Came, Judged: f.Judged, InTime: shareOf(f.InTime, f.Judged), Checked: shareOf(f.Verified, f.Judged),
		rank: float64(f.Verified) / float64(max(f.Judged, 1))}
}

func (p *Portal) agencyRows(ctx context.Context, tx incident.Tx) ([]LeagueRow, error) {
	n, err := p.names(ctx, tx)
	if err != nil {
		return nil, err
	}
	list, err := p.figures(ctx, tx, incident.ByAgency)
	if err != nil {
		return nil, err
	}
	of := map[int64]*incident.Figures{}
	for k := range list {
		of[list[k].Agency] = &list[k]
	}
	var rows []LeagueRow
	for k := range n.list {
		a := &n.list[k]
		f := of[a.ID]
		if f == nil {
			f = &incident.Figures{}
		}
		if a.Disabled && f.Came == 0 {
			continue
		}
		rows = append(rows, leagueRow(a.Name, fmt.Sprintf("/agencies/%d", a.ID), listQuery{Agency: a.ID}.URL("/list"), f))
	}
	return rows, nil
}

func (p *Portal) areaRows(ctx context.Context, tx incident.Tx) ([]LeagueRow, error) {
	list, err := p.figures(ctx, tx, incident.ByCentre)
	if err != nil {
		return nil, err
	}
	var rows []LeagueRow
	for k := range list {
		a, ok := p.area(list[k].Centre)
		if !ok {
			continue // whose municipality nobody knows
		}
		u := listQuery{Centre: a.Code}.URL("/list")
		row := leagueRow(a.Name, u, u, &list[k])
		if a.People > 0 {
			row.PerThousand = strings.Replace(fmt.Sprintf("%.1f", float64(list[k].Came)*1000/float64(a.People)), ".", ",", 1)
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// ranked gives places by the share of what was verified, and leaves out where too little was judged.
func ranked(rows []LeagueRow) (list, rest []LeagueRow) {
	for _, r := range rows {
		if r.Judged >= fewest {
			list = append(list, r)
		} else {
			rest = append(rest, r)
		}
	}
	slices.SortStableFunc(list, func(a, b LeagueRow) int { return cmp.Compare(b.rank, a.rank) })
	for k := range list {
		if list[k].Place = k + 1; k > 0 && list[k].rank == list[k-1].rank {
			list[k].Place = list[k-1].Place
		}
	}
	return list, rest
}

// norms returns what residents are promised: the steps of the regimes in force that are public.
func (p *Portal) norms() (out []Norm) {
	if p.Face.Regimes == nil {
		return nil
	}
	for _, r := range p.Face.Regimes() {
		if r.Retired || r.Code == regime.Past {
			continue
		}
		for _, s := range r.Steps {
			out = append(out, Norm{r.Name, s.Kind.Name(), regime.AmountWords(s.Within)})
		}
	}
	return out
}

func (p *Portal) agencies(w http.ResponseWriter, r *http.Request) error {
	return p.shelf().serve(w, r, "/agencies", func(ctx context.Context) (string, []byte, error) {
		rows, err := p.agencyRows(ctx, p.Cases())
		if err != nil {
			return "", nil, err
		}
		return p.html(ctx, "/agencies", "Организации", agenciesPage(&AgenciesPage{rows, p.norms()}))
	})
}

func (p *Portal) oneAgency(w http.ResponseWriter, r *http.Request) error {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil || id <= 0 {
		return fault.New(fault.NotFound, "no id of an agency")
	}
	path := fmt.Sprintf("/agencies/%d", id)
	return p.stack().serve(w, r, path, func(ctx context.Context) (string, []byte, error) {
		tx := p.Cases()
		n, err := p.names(ctx, tx)
		if err != nil {
			return "", nil, err
		}
		a := n.agencies[id]
		if a == nil {
			return "", nil, fault.New(fault.NotFound, "agency %d is not of this centre", id)
		}
		rows, err := p.agencyRows(ctx, tx)
		if err != nil {
			return "", nil, err
		}
		v := &AgencyPage{Name: a.Name, Contact: a.Contact, List: listQuery{Agency: id}.URL("/list"), Norms: p.norms()}
		for k := range rows {
			if rows[k].URL == path && rows[k].Came > 0 {
				v.Figures = &rows[k]
			}
		}
		return p.html(ctx, path, a.Name, agencyPage(v))
	})
}

func (p *Portal) league(w http.ResponseWriter, r *http.Request) error {
	by, path := r.URL.Query().Get("by"), "/league"
	if by != "" && by != "area" {
		return fault.New(fault.Invalid, "a league by %q", by).At("by").Say("Рейтинг бывает по организациям и по территориям (by=area).")
	}
	if by == "area" {
		path += "?by=area"
	}
	return p.shelf().serve(w, r, path, func(ctx context.Context) (string, []byte, error) {
		rows := p.agencyRows
		if by == "area" {
			rows = p.areaRows
		}
		list, err := rows(ctx, p.Cases())
		if err != nil {
			return "", nil, err
		}
		v := &LeaguePage{ByArea: by == "area"}
		v.Ranked, v.Rest = ranked(list)
		return p.html(ctx, "/league", "Рейтинг", leaguePage(v))
	})
}
