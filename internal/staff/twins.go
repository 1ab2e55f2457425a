package staff

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"otklik/internal/account"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/site"
)

// A TwinRow is an incident that is likely the same as the one on the page.
type TwinRow struct {
	ID                                    incident.ID
	URL, Number, Excerpt, Address, Phrase string
	Ago, Why                              string
	Percent                               int
	Here                                  bool        // it is the younger one: it comes here
	Into                                  string      // URL that merges the two into the older one
	Other                                 incident.ID // the younger one
	Version                               int         // of the older one, as shown
}

// A CrowdView is a burst of incidents that this one, their oldest, is proposed to gather.
type CrowdView struct {
	Title  string // «5 похожих инцидентов за 3 часа»
	Why    string
	Words  string // «5 инцидентов»
	Others []incident.ID
}

// CanMerge reports whether the account may join incidents from this page.
func (p *IncidentPage) CanMerge() bool { return p.Can[lifecycle.Merge] }

// CanSplit reports whether the account may part them again.
func (p *IncidentPage) CanSplit() bool { return p.Can[lifecycle.Split] }

// addTwins shows what waits for a decision about this incident and others.
func (s *Staff) addTwins(ctx context.Context, tx incident.Tx, me *account.Account, i *incident.Incident, p *IncidentPage, now time.Time, zone *time.Location) error {
	waiting, err := tx.Proposals().ProposalsOf(ctx, me.Scope(), i.ID)
	if err != nil || len(waiting) == 0 {
		return err
	}
	var ids []incident.ID
	for _, w := range waiting {
		ids = append(ids, other(&w, i.ID))
	}
	rows, err := tx.Incidents().Rows(ctx, me.Scope(), ids)
	if err != nil {
		return err
	}
	if err := s.mask(ctx, me, rows); err != nil {
		return err
	}
	for _, w := range waiting {
		at := slices.IndexFunc(rows, func(r incident.Row) bool { return r.ID == other(&w, i.ID) })
		if at < 0 {
			continue
		}
		row := &rows[at]
		if w.Kind == incident.Burst && w.Into == i.ID {
			if p.Crowd == nil {
				p.Crowd = &CrowdView{Why: strings.Join(w.Reasons, ", ")}
			}
			p.Crowd.Others = append(p.Crowd.Others, row.ID)
			continue
		}
		t := TwinRow{ID: row.ID, URL: incidentURL(row.ID), Number: incident.Spoken(row.Number), Excerpt: row.Excerpt, Address: row.Address.String(), Phrase: row.Phrase(),
			Ago: site.Ago(row.OpenedAt, now, zone), Why: strings.Join(w.Reasons, ", "), Percent: percent(w.Score), Here: w.Into == i.ID, Other: w.Incident, Version: i.Version}
		if !t.Here {
			t.Version = row.Version
		}
		t.Into = fmt.Sprintf("/desk/incidents/%d/merge", w.Into)
		p.Twins = append(p.Twins, t)
	}
	if c := p.Crowd; c != nil {
		n := len(c.Others) + 1
		c.Words = fmt.Sprintf("%d %s", n, site.Plural(n, "инцидент", "инцидента", "инцидентов"))
		c.Title = fmt.Sprintf("Похоже на массовый случай: %s", c.Words)
		if a := i.Address.String(); a != "" {
			c.Title += ", " + a
		}
	}
	return nil
}

func other(p *incident.Proposal, id incident.ID) incident.ID {
	if p.Incident == id {
		return p.Into
	}
	return p.Incident
}

// merged returns the incidents whose messages came here and did not go back.
func merged(history []incident.Entry) (out []Choice) {
	for _, e := range history {
		id := fmt.Sprint(e.Detail.Other)
		switch {
		case e.Action == lifecycle.Merge && e.Detail.Merged != nil:
			out = append(out, Choice{id, incident.Spoken(e.Detail.Reason)})
		case e.Action == lifecycle.Split:
			out = slices.DeleteFunc(out, func(c Choice) bool { return c.Value == id })
		}
	}
	return out
}

// others returns the incidents that a form names beside its own.
func others(r *http.Request) (ids []incident.ID) {
	for _, v := range r.PostForm["other"] {
		if id, err := strconv.ParseInt(v, 10, 64); err == nil {
			ids = append(ids, incident.ID(id))
		}
	}
	return ids
}
