package app

import (
	"cmp"
	"context"
	"slices"
	"strconv"

	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/message"
	"otklik/internal/order"
	"otklik/internal/russian"
	"otklik/internal/scope"
	"otklik/internal/site"
	"otklik/internal/topic"
)

const (
	similarCases = 100  // the last ones are counted: practice changes
	fewSimilar   = 5    // fewer say nothing
	fewKept      = 3    // an agency that kept fewer is not named
	smallShare   = 0.15 // nor is one with a smaller share
	sureByWords  = 0.3  // probability at which words alone speak
	mostAgencies = 3
	mostWords    = 4
)

// Suggest counts who kept the last incidents of the same topic, in the same
// municipality where that is enough, and adds what the learnt model says of the
// words. Routing rules come first; this is for where they are silent or where people
// do otherwise.
func (a *App) Suggest(ctx context.Context, sc scope.Scope, i *incident.Incident) ([]site.Suggestion, error) {
	if sc.Region == "" && sc.Open() && i.Place.Region != "" {
		sc = scope.OfRegion(i.Place.Region)
	}
	list, err := a.keptBefore(ctx, sc, i)
	if err != nil {
		return nil, err
	}
	if list, err = a.byWords(ctx, sc, i, list); err != nil {
		return nil, err
	}
	list = slices.DeleteFunc(list, func(s site.Suggestion) bool { return s.Agency == i.Place.Agency })
	return list[:min(len(list), mostAgencies)], nil
}

func (a *App) keptBefore(ctx context.Context, sc scope.Scope, i *incident.Incident) (list []site.Suggestion, err error) {
	if i.Topic == "" || i.Topic == topic.Undefined {
		return nil, nil
	}
	var kept []int64
	where := "этой темы в этом муниципалитете"
	if i.Place.Centre != "" {
		if kept, err = a.DB.Reader().Lessons().Kept(ctx, sc, i.Topic, i.Place.Centre, similarCases); err != nil {
			return nil, err
		}
	}
	if len(kept) < fewSimilar {
		where = "этой темы"
		if kept, err = a.DB.Reader().Lessons().Kept(ctx, sc, i.Topic, "", similarCases); err != nil {
			return nil, err
		}
	}
	if len(kept) < fewSimilar {
		return nil, nil
	}
	counts := map[int64]int{}
	for _, agency := range kept {
		counts[agency]++
	}
	for agency, n := range counts {
		if n >= fewKept && float64(n) >= smallShare*float64(len(kept)) {
			list = append(list, site.Suggestion{Agency: agency, Kept: n, Of: len(kept), Where: where})
		}
	}
	order.By(list, func(x, y site.Suggestion) int {
		return cmp.Or(cmp.Compare(y.Kept, x.Kept), cmp.Compare(x.Agency, y.Agency))
	})
	return list, nil
}

// byWords adds the words that the learnt model heard, and where the counts say
// nothing the agencies that it is sure of.
func (a *App) byWords(ctx context.Context, sc scope.Scope, i *incident.Incident, list []site.Suggestion) ([]site.Suggestion, error) {
	l := a.lessons.executors.Load()
	if l.suggester == nil || i.First == 0 {
		return list, nil
	}
	m, err := a.DB.Reader().Messages().Message(ctx, sc, i.First)
	if fault.Is(err, fault.NotFound) || err == nil && m.Text == "" {
		return list, nil
	} else if err != nil {
		return nil, err
	}
	covered := a.personal(m.Text)
	silent := len(list) == 0
	for _, g := range l.suggester.Suggest(a.Analyzer.Read(m.Text), i.Topic, i.Place.Centre) {
		agency, err := strconv.ParseInt(g.Agency, 10, 64)
		if err != nil {
			continue
		}
		var words []string
		for _, e := range g.Evidence {
			if w := m.Text[e.Span.Start:e.Span.End]; len(words) < mostWords && !covers(covered, e.Span) && !slices.Contains(words, w) {
				words = append(words, w)
			}
		}
		at := slices.IndexFunc(list, func(s site.Suggestion) bool { return s.Agency == agency })
		switch {
		case at >= 0:
			list[at].Score, list[at].Words = g.Score, words
		case silent && g.Score >= sureByWords:
			list = append(list, site.Suggestion{Agency: agency, Score: g.Score, Words: words})
		}
	}
	return list, nil
}

func covers(personal []message.Personal, sp russian.Span) bool {
	return slices.ContainsFunc(personal, func(p message.Personal) bool { return p.Start < sp.End && sp.Start < p.End })
}
