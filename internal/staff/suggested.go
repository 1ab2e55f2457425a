package staff

import (
	"context"
	"fmt"

	"otklik/internal/account"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/site"
)

// A SuggestedRow is an agency that took cases like this one.
type SuggestedRow struct {
	Name  string   // short, as the form of hand-over takes it
	Why   string   // «так передавали 14 из 16 похожих: этой темы в этом муниципалитете»
	Words []string // of the message that speak for it
}

// addSuggested says who may be the one to answer by past hand-overs, where the
// routing rules are silent or people did otherwise. Inside an agency nobody asks.
func (s *Staff) addSuggested(ctx context.Context, me *account.Account, i *incident.Incident, p *IncidentPage, agencies *agencyList) error {
	if s.School == nil || !p.Can[lifecycle.HandOver] || p.Inside {
		return nil
	}
	list, err := s.School.Suggest(ctx, me.Scope(), i)
	if err != nil || len(list) == 0 || list[0].Agency == i.Proposed {
		return err
	}
	for _, g := range list {
		if name := agencies.name(g.Agency); name != "" {
			p.Suggested = append(p.Suggested, SuggestedRow{Name: name, Why: suggestedWhy(&g), Words: g.Words})
		}
	}
	return nil
}

func suggestedWhy(g *site.Suggestion) string {
	if g.Of == 0 {
		return fmt.Sprintf("так передавали похожие по словам, уверенность %d\u00a0%%", percent(g.Score))
	}
	return fmt.Sprintf("так передавали %d из %d похожих (%d\u00a0%%): %s", g.Kept, g.Of, percent(float64(g.Kept)/float64(g.Of)), g.Where)
}
