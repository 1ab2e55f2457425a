package lookout

import (
	"errors"
	"slices"
	"strings"

	"otklik/internal/place"
	"otklik/internal/scope"
	"otklik/internal/standing"
	"otklik/internal/watch"
)

// namesOf returns what a query that stands at a place may use as @name.
func namesOf(list []standing.Query, at scope.Place) watch.Names {
	names := watch.Names{}
	for k := range list {
		if standing.Reaches(list[k].Place, at) {
			names[standing.Key(list[k].Name)] = list[k].Text
		}
	}
	return names
}

// compile makes rules of the queries that are on, and says how each one stands.
func (l *Lookout) compile(list []standing.Query) ([]watch.Rule, map[standing.ID]condition) {
	var rules []watch.Rule
	state := make(map[standing.ID]condition, len(list))
	places := map[scope.Place]watch.Names{}
	var tried []*watch.Query // those with examples, beside whose they are
	var of []*standing.Query
	for k := range list {
		q := &list[k]
		names, ok := places[q.Place]
		if !ok {
			names = namesOf(list, q.Place)
			places[q.Place] = names
		}
		parsed, err := watch.ParseWith(l.Reader, q.Text, names)
		if err != nil {
			state[q.ID] = brokenBy(err)
			continue
		}
		state[q.ID] = condition{}
		if q.On {
			rules = append(rules, l.rule(q, parsed))
		}
		if len(q.Examples) > 0 {
			tried, of = append(tried, parsed), append(of, q)
		}
	}
	if len(tried) == 0 {
		return rules, state
	}
	set := watch.NewSet(tried) // one for all: a set of its own for each would cost megabytes
	var b watch.Buffer
	for n, q := range of {
		failing := 0
		for _, e := range q.Examples {
			hits := set.MatchIn(l.Reader.Read(e.Text), watch.Context{}, &b)
			if slices.ContainsFunc(hits, func(h watch.Hit) bool { return int(h.Query) == n }) != e.Must {
				failing++
			}
		}
		state[q.ID] = condition{failing: failing}
	}
	return rules, state
}

func brokenBy(err error) condition {
	var p *watch.ParseError
	if errors.As(err, &p) {
		return condition{broken: p.Reason, column: p.Column}
	}
	return condition{broken: err.Error(), column: 1}
}

// rule adds to a parsed query where it listens.
func (l *Lookout) rule(q *standing.Query, parsed *watch.Query) watch.Rule {
	r := watch.Rule{ID: int64(q.ID), Name: q.Name, Query: parsed, Unplaced: q.Unplaced, Sources: q.Channels}
	codes := q.Territories
	switch {
	case len(codes) > 0:
	case q.Place.Centre != "": // what a municipal centre saves catches nothing of others
		codes = []string{q.Place.Centre}
	case l.Region == "" && q.Place.Region != "":
		codes = []string{q.Place.Region}
	}
	for _, code := range codes {
		level := place.Municipality
		if p, ok := l.Places.ByID(code); ok {
			level = p.Level
		} else if len(code) == 11 {
			level = place.Settlement
		}
		switch level {
		case place.Region:
			r.Regions = append(r.Regions, code)
		case place.Settlement:
			r.Settlements = append(r.Settlements, code)
		default:
			r.Municipalities = append(r.Municipalities, code)
		}
	}
	return r
}

// usersOf returns the names of the other queries that themselves name a query.
func usersOf(list []standing.Query, of *standing.Query) (names []string) {
	key := strings.ReplaceAll(standing.Key(of.Name), "ё", "е")
	for k := range list {
		if q := &list[k]; q.ID != of.ID && standing.Reaches(of.Place, q.Place) && slices.Contains(watch.Mentions(q.Text), key) {
			names = append(names, q.Name)
		}
	}
	return names
}

// quoted joins names: «А», «Б».
func quoted(names []string) string { return "«" + strings.Join(names, "», «") + "»" }
