package staff

import (
	"context"
	"fmt"
	"html"
	"strconv"
	"strings"
	"time"

	"otklik/internal/account"
	"otklik/internal/agency"
	"otklik/internal/lifecycle"
	"otklik/internal/scope"
)

const moment = 3 * time.Second // how old a list of agencies or names may be

// An agencyList is what a person may choose from.
type agencyList struct {
	all  []agency.Agency
	byID map[int64]*agency.Agency
}

func (l *agencyList) name(id int64) string {
	if a := l.byID[id]; a != nil {
		if a.Short != "" {
			return a.Short
		}
		return a.Name
	}
	return ""
}

// find returns the agency that a person typed: its short or full name.
func (l *agencyList) find(name string) *agency.Agency {
	name = strings.TrimSpace(name)
	for i := range l.all {
		if a := &l.all[i]; strings.EqualFold(a.Name, name) || strings.EqualFold(a.Short, name) {
			return a
		}
	}
	return nil
}

// regionAgencies returns the agencies of the account's region: work may be
// handed to any of them, whatever part of it the account itself sees.
func (s *Staff) regionAgencies(ctx context.Context, a *account.Account) (*agencyList, error) {
	sc := scope.OfRegion(a.Place.Region)
	return s.agencies.of(a.Place.Region, s.Now(), moment, func() (*agencyList, error) {
		all, err := s.Cases().Agencies().Agencies(ctx, sc)
		if err != nil {
			return nil, err
		}
		l := &agencyList{all: all, byID: make(map[int64]*agency.Agency, len(all))}
		for i := range all {
			l.byID[all[i].ID] = &all[i]
		}
		return l, nil
	})
}

// agencyOptions returns the datalist of agencies as HTML, written once a moment.
func (s *Staff) agencyOptions(ctx context.Context, a *account.Account) (string, error) {
	l, err := s.regionAgencies(ctx, a)
	if err != nil {
		return "", err
	}
	return s.lists.of("agencies "+a.Place.Region, s.Now(), moment, func() (string, error) {
		var b strings.Builder
		b.WriteString(`<datalist id="agencies">`)
		for _, ag := range l.all {
			if ag.Disabled {
				continue
			}
			fmt.Fprintf(&b, `<option value="%s">%s</option>`, html.EscapeString(ag.Name), html.EscapeString(ag.Short))
		}
		b.WriteString(`</datalist>`)
		return b.String(), nil
	})
}

// topicOptions returns the datalist of topics as HTML, written once per version of the taxonomy.
func (s *Staff) topicOptions() string {
	t := s.Topics()
	list, _ := s.lists.of(fmt.Sprintf("topics %s %d", t.Name, t.Version), s.Now(), 24*time.Hour, func() (string, error) {
		var b strings.Builder
		b.WriteString(`<datalist id="topics">`)
		for _, tp := range t.Active() {
			fmt.Fprintf(&b, `<option value="%s">%s</option>`, html.EscapeString(tp.Name), html.EscapeString(tp.Group))
		}
		b.WriteString(`</datalist>`)
		return b.String(), nil
	})
	return list
}

// settlementOptions returns the datalist of the region's settlements as HTML, written once a day.
func (s *Staff) settlementOptions(region string) string {
	if s.Settlements == nil || region == "" {
		return ""
	}
	list, _ := s.lists.of("settlements "+region, s.Now(), 24*time.Hour, func() (string, error) {
		seen := map[string]bool{}
		var b strings.Builder
		b.WriteString(`<datalist id="settlements">`)
		for _, p := range s.Settlements(region) {
			if !seen[p.Name] {
				seen[p.Name] = true
				fmt.Fprintf(&b, `<option value="%s"></option>`, html.EscapeString(p.Name))
			}
		}
		b.WriteString(`</datalist>`)
		return b.String(), nil
	})
	return list
}

// A colleagueList is who works in a region.
type colleagueList struct {
	names map[account.ID]string
	all   []account.Account
}

// executors returns the executors of an agency, to hand an incident over to.
func (l *colleagueList) executors(agency int64) []Choice {
	var list []Choice
	for i := range l.all {
		if a := &l.all[i]; agency != 0 && a.Place.Agency == agency && a.Role == lifecycle.Executor && !a.Disabled {
			list = append(list, Choice{strconv.FormatInt(int64(a.ID), 10), a.Name})
		}
	}
	return list
}

// colleagues returns the region's accounts.
func (s *Staff) colleagues(ctx context.Context, me *account.Account) (*colleagueList, error) {
	return s.people.of(me.Place.Region, s.Now(), moment, func() (*colleagueList, error) {
		list, err := s.Cases().Accounts().Accounts(ctx, scope.OfRegion(me.Place.Region))
		if err != nil {
			return nil, err
		}
		l := &colleagueList{all: list, names: make(map[account.ID]string, len(list))}
		for i := range list {
			l.names[list[i].ID] = list[i].Name
		}
		return l, nil
	})
}

// placeName returns the name of a territory: «Абакан», or its code when it is unknown.
func (s *Staff) placeName(oktmo string) string {
	if s.Names != nil {
		if p, ok := s.Names.ByID(oktmo); ok {
			return p.Name
		}
	}
	return oktmo
}

// zone returns the time zone of the first territory that has one.
func (s *Staff) zone(oktmos ...string) *time.Location {
	if s.Names != nil {
		for _, o := range oktmos {
			if p, ok := s.Names.ByID(o); o != "" && ok && p.Zone != "" {
				return siteZone(p.Zone)
			}
		}
	}
	return siteZone("")
}

// shortName returns «Ирина С.» for «Ирина Соколова».
func shortName(name string) string {
	first, rest, ok := strings.Cut(name, " ")
	if !ok || rest == "" {
		return name
	}
	for _, r := range rest {
		return first + " " + string(r) + "."
	}
	return first
}
