package staff

import (
	"net/http"
	"net/url"
	"strings"

	"otklik/internal/message"
	"otklik/internal/site"
	"otklik/internal/source"
)

// CoveragePage says of each municipality who speaks for it.
type CoveragePage struct {
	Chrome
	Rows   []CoverageRow
	Silent int    // municipalities that no source speaks for
	All    int    // municipalities
	Filter string // "" all, "silent", "bad"
	Counts string
}

// A CoverageRow is one municipality, or the region as a whole.
type CoverageRow struct {
	Name, URL      string
	Sources, Bad   int
	Week, WeekKept int // messages of seven days, and those that concern us
}

func (s *Staff) coverage(w http.ResponseWriter, r *http.Request) error {
	ctx, me, now := r.Context(), who(r), s.Now()
	rows, err := s.sourceRows(ctx, me, now)
	if err != nil {
		return err
	}
	hours, err := s.Cases().Sources().Hours(ctx, me.Scope(), "", now.AddDate(0, 0, -7))
	if err != nil {
		return err
	}
	region := CoverageRow{Name: "Весь регион", URL: "/desk/sources?centre=region"}
	of := map[string]*CoverageRow{}
	p := &CoveragePage{Filter: r.URL.Query().Get("show")}
	for _, c := range s.centres(me.Place.Region) {
		if me.Place.Centre == "" || me.Place.Centre == c.Value {
			p.All++
			of[c.Value] = &CoverageRow{Name: c.Name, URL: "/desk/sources?centre=" + url.QueryEscape(c.Value)}
		}
	}
	for _, one := range rows {
		if one.proposed {
			continue
		}
		row := of[one.centre]
		if row == nil {
			row = &region
		}
		if one.Fare != source.Halted {
			row.Sources++
		}
		if one.Fare == source.Bad || one.Fare == source.Stale {
			row.Bad++
		}
		for _, h := range hours[one.id] {
			row.Week, row.WeekKept = row.Week+h.Messages, row.WeekKept+h.Kept
		}
	}
	add := func(row *CoverageRow) {
		if p.Filter == "" || p.Filter == "silent" && row.Sources == 0 || p.Filter == "bad" && row.Bad > 0 {
			p.Rows = append(p.Rows, *row)
		}
	}
	if me.Place.Centre == "" && (p.Filter != "silent") {
		add(&region)
	}
	for _, c := range s.centres(me.Place.Region) {
		if row := of[c.Value]; row != nil {
			if row.Sources == 0 {
				p.Silent++
			}
			add(row)
		}
	}
	p.Counts = site.Count(p.All, "муниципалитет", "муниципалитета", "муниципалитетов")
	if p.Silent > 0 {
		p.Counts += ", без своего источника: " + site.Number(p.Silent)
	}
	p.Chrome = s.chrome(w, r, "sources")
	return s.page(w, r, http.StatusOK, "Где нас слышно", Coverage(p))
}

// A SourceFilter says which sources the page shows.
type SourceFilter struct{ Q, Centre, State, Channel string }

func sourceFilter(r *http.Request) SourceFilter {
	q := r.URL.Query()
	return SourceFilter{Q: strings.TrimSpace(q.Get("q")), Centre: q.Get("centre"), State: q.Get("state"), Channel: q.Get("channel")}
}

// takes reports whether a row fits.
func (f SourceFilter) takes(row *sourceRow) bool {
	fare := string(row.Fare)
	if row.Fare == source.Good {
		fare = "good"
	}
	return (f.Q == "" || strings.Contains(strings.ToLower(row.Name+" "+row.URL), strings.ToLower(f.Q))) &&
		(f.Centre == "" || f.Centre == row.centre || f.Centre == "region" && row.centre == "") &&
		(f.State == "" || f.State == fare) && (f.Channel == "" || f.Channel == string(row.channel))
}

// Any reports whether something is asked for.
func (f SourceFilter) Any() bool { return f != SourceFilter{} }

// sourcesShown is how many sources one page shows.
const sourcesShown = 200

var sourceStates = []Choice{{"good", "работают"}, {"bad", "не читаются"}, {"stale", "давно не читали"}, {"paused", "на паузе"}}

func sourceChannels() (list []Choice) {
	for _, c := range message.Channels() {
		if c != message.Phone {
			list = append(list, Choice{string(c), c.Name()})
		}
	}
	return list
}
