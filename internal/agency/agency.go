// Package agency is the vocabulary of who answers: agencies, and the ordered
// rules that route an incident to one of them by topic × territory.
package agency

import (
	"context"
	"strings"

	"otklik/internal/scope"
	"otklik/internal/topic"
)

// An Agency is a ministry, administration, institution or company that answers.
type Agency struct {
	ID       int64
	Name     string
	Short    string // for narrow columns
	Contact  string // public contact, as printed in a reply; may be empty
	Approval bool   // replies of its executors need an approver
	// OwnApproval lets the one who wrote a reply approve it, where replies need an approver.
	OwnApproval bool
	// LintBar is the score below which a draft needs a reason to go on: 0 is the
	// bar of the product, NoLint asks never.
	LintBar  int
	Disabled bool // it answers no longer: nothing is handed to it
	Place    scope.Place
}

// NoLint as a LintBar asks for no reason.
const NoLint = -1

// A Rule routes: the first rule of the list whose conditions hold wins. An
// empty condition holds for everything.
type Rule struct {
	ID        int64
	Order     int
	Topic     topic.Code // one topic
	Group     string     // or a whole topic group, by name
	Territory string     // OKTMO of a region, municipality or settlement
	Agency    int64
	Place     scope.Place
}

// A Case is what routing looks at.
type Case struct {
	Topic      topic.Code
	Group      string
	Region     string // OKTMO, 8 digits
	Centre     string // OKTMO of the municipality, 8 digits
	Settlement string // OKTMO of the settlement, 11 digits
}

// Holds reports whether the rule's conditions hold for c.
func (r *Rule) Holds(c Case) bool {
	switch {
	case r.Topic != "" && r.Topic != c.Topic:
		return false
	case r.Group != "" && r.Group != c.Group:
		return false
	case r.Territory == "" || r.Territory == c.Region || r.Territory == c.Centre || r.Territory == c.Settlement:
		return true
	}
	return false
}

// Route returns the first rule that holds, and ok false when none does.
func Route(rules []Rule, c Case) (Rule, bool) {
	for _, r := range rules {
		if r.Holds(c) {
			return r, true
		}
	}
	return Rule{}, false
}

// Why says in Russian why the rule chose its agency. names gives the territory's name.
func (r *Rule) Why(topicName, territoryName string) string {
	var parts []string
	switch {
	case r.Topic != "":
		parts = append(parts, "тема «"+topicName+"»")
	case r.Group != "":
		parts = append(parts, "группа «"+r.Group+"»")
	}
	if r.Territory != "" {
		parts = append(parts, "территория: "+territoryName)
	}
	if len(parts) == 0 {
		return "правило «всё остальное»"
	}
	return "правило: " + strings.Join(parts, ", ")
}

// A Store keeps agencies and routing rules.
type Store interface {
	Agencies(ctx context.Context, sc scope.Scope) ([]Agency, error) // by name
	Agency(ctx context.Context, id int64) (*Agency, error)
	SaveAgency(ctx context.Context, a *Agency) error // inserts when ID is 0
	Rules(ctx context.Context, region string) ([]Rule, error)
	SaveRules(ctx context.Context, region string, rules []Rule) error // replaces the region's list
}
