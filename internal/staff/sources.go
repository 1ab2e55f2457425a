package staff

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/a-h/templ"

	"otklik/internal/account"
	"otklik/internal/message"
	"otklik/internal/order"
	"otklik/internal/site"
	"otklik/internal/source"
)

// SourcesPage is the state of the sources.
type SourcesPage struct {
	Chrome
	Rows     []SourceRow
	Counts   string   // «40 источников, 2 не читаются»
	Silent   []string // municipalities that no source speaks for
	Mentions []MentionView
	Filter   SourceFilter
	Centres  []Choice
	More     int  // sources that fit and are not shown
	Choosing bool // there are too many to look through, or some are left out
	None     bool // there is not one source, whatever is asked for
	Broken   int  // saved standing queries that do not parse
	Outlets  []OutletView
	MayEdit  bool
	Proposed []SourceRow // communities that searches came across
	Link     string      // that was refused
	Problem  string
	Advice   string         // of a link that can be no source as it is
	Pool     *AllowanceView // of VK; nil: none
	Asks     bool           // «почему мы это пропустили?» can be asked
}

// A SourceRow is one source.
type SourceRow struct {
	Name, Icon, Channel, URL string
	Pushes                   bool   // its system calls us
	Page                     string // of the source; "" where only its state is known
	Read, ReadAt             string
	Error, Since             string
	Fare                     source.Fare
	Messages                 string
	Territory                string
	Lag                      string
	Day                      templ.Component // the last day by hours; nil = nothing came
	Quota                    *QuotaView      // the scarcest; nil: nothing sets a limit
	id                       string
}

func (s *Staff) sources(w http.ResponseWriter, r *http.Request) error {
	return s.showSources(w, r, http.StatusOK, &SourcesPage{})
}

func (s *Staff) showSources(w http.ResponseWriter, r *http.Request, status int, p *SourcesPage) error {
	ctx, me, now := r.Context(), who(r), s.Now()
	rows, err := s.sourceRows(ctx, me, now)
	if err != nil {
		return err
	}
	zone := s.zone(me.Place.Centre, me.Place.Region)
	speaks := map[string]bool{}
	bad := 0
	p.Filter, p.None = sourceFilter(r), len(rows) == 0
	p.Choosing = p.Filter.Any() || len(rows) > 8
	rows = slices.DeleteFunc(rows, func(row sourceRow) bool {
		if row.proposed && row.Fare != source.Halted {
			p.Proposed = append(p.Proposed, row.SourceRow)
		}
		return row.proposed
	})
	for _, row := range rows {
		if p.Filter.takes(&row) {
			p.Rows = append(p.Rows, row.SourceRow)
		}
		speaks[row.territory] = true
		if row.Fare == source.Bad {
			bad++
		}
	}
	order.By(p.Rows, func(a, b SourceRow) int { return sourceTurn(&a) - sourceTurn(&b) })
	p.Counts = site.Count(len(rows), "источник", "источника", "источников")
	if bad > 0 {
		p.Counts += ", " + site.Count(bad, "не читается", "не читаются", "не читаются")
	}
	if p.Filter.Any() {
		p.Counts += ", подходит: " + site.Number(len(p.Rows))
	}
	if p.More = len(p.Rows) - sourcesShown; p.More > 0 {
		p.Rows = p.Rows[:sourcesShown]
	}
	for k := range p.Rows {
		if r := &p.Rows[k]; r.Page != "" {
			_, r.Quota = s.quotas(r.id, now, zone)
		}
	}
	for _, c := range s.centres(me.Place.Region) {
		if me.Place.Centre != "" && me.Place.Centre != c.Value {
			continue
		}
		p.Centres = append(p.Centres, c)
		if !speaks[c.Value] && !p.None {
			p.Silent = append(p.Silent, c.Name)
		}
	}
	if p.Outlets, err = s.outlets(ctx, me, now, zone); err != nil {
		return err
	}
	if s.Lookout != nil {
		if p.Broken, err = s.Lookout.Broken(ctx, me.Scope()); err != nil {
			return err
		}
	}
	p.Asks = s.Watcher != nil
	if p.Pool, err = s.allowance(ctx, me); err != nil {
		return err
	}
	p.MayEdit = s.Roster != nil && s.Roster.MayEdit(me.Actor())
	if p.MayEdit {
		if p.Mentions, err = s.mentions(ctx, me); err != nil {
			return err
		}
	}
	p.Chrome = s.chrome(w, r, "sources")
	return s.page(w, r, status, "Источники", Sources(p))
}

// sourceTurn puts what somebody must mend first.
func sourceTurn(r *SourceRow) int {
	switch r.Fare {
	case source.Bad:
		return 0
	case source.Stale:
		return 1
	case source.Halted:
		return 3
	}
	return 2
}

// A sourceRow is a row with what the page does not show.
type sourceRow struct {
	SourceRow
	territory, centre string
	channel           message.Channel
	number            int64
	proposed          bool // by a search; nobody reads it
}

// sourceRows joins what people keep of sources with how these fare.
func (s *Staff) sourceRows(ctx context.Context, me *account.Account, now time.Time) ([]sourceRow, error) {
	tx := s.Cases()
	states, err := tx.Intake().Sources(ctx, me.Scope())
	if err != nil {
		return nil, err
	}
	list, err := tx.Sources().Sources(ctx, me.Scope())
	if err != nil {
		return nil, err
	}
	hours, err := tx.Sources().Hours(ctx, me.Scope(), "", now.Add(-24*time.Hour))
	if err != nil {
		return nil, err
	}
	kept := map[string]*source.Source{}
	for k := range list {
		kept[list[k].ID] = &list[k]
	}
	zone := s.zone(me.Place.Centre, me.Place.Region)
	var rows []sourceRow
	for _, st := range states {
		row := sourceRow{territory: st.Territory, centre: st.Place.Centre, channel: st.Channel, SourceRow: SourceRow{id: st.ID, Name: cmp.Or(st.Name, st.ID), Icon: channelIcon(st.Channel), Channel: st.Channel.Name(), URL: webURL(st.URL),
			Error: st.Error, Read: site.Ago(st.ReadAt, now, zone), ReadAt: site.DateTime(st.ReadAt, now, zone), Messages: site.Number(int(st.Messages))}}
		if !st.Since.IsZero() {
			row.Since = site.DateTime(st.Since, now, zone)
		}
		if k := kept[st.ID]; k != nil {
			row.number, row.Page, row.proposed, row.Pushes = k.Number, sourceURL(k.Number), k.Proposed(), k.Kind == source.Hook
			row.territory, row.centre = cmp.Or(k.Territory, row.territory), k.Place.Centre
		}
		if row.territory != "" {
			row.Territory = s.placeName(row.territory)
		}
		row.Fare = site.SourceFare(s.Roster, kept[st.ID], &st, now)
		if st.ReadAt.IsZero() {
			if row.Read = "ещё ни разу"; row.Pushes {
				row.Read = "ещё не приходил"
			}
		}
		row.Day, row.Lag = lastDay(hours[st.ID], now)
		rows = append(rows, row)
	}
	return rows, nil
}

// lastDay draws the last 24 hours, and says how late messages were seen in them.
func lastDay(hours []source.Hour, now time.Time) (line templ.Component, lag string) {
	counts := make([]int64, 24)
	var all source.Hour
	first := now.Truncate(time.Hour).Add(-23 * time.Hour)
	for _, h := range hours {
		if k := int(h.At.Sub(first) / time.Hour); k >= 0 && k < len(counts) && !h.At.Before(first) {
			counts[k] += int64(h.Messages)
			all.Messages, all.Timed, all.Lag = all.Messages+h.Messages, all.Timed+h.Timed, all.Lag+h.Lag
		}
	}
	if all.Messages == 0 {
		return nil, ""
	}
	if all.Timed > 0 {
		lag = site.Duration(all.Mean())
	}
	return sparkLine(counts, "За сутки", "больше всего за час"), lag
}

func sourceURL(number int64) string { return "/desk/sources/" + strconv.FormatInt(number, 10) }
