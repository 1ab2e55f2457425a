package watch

import (
	"slices"
	"strings"
)

// A Rule is a standing query with the conditions that stand outside the text.
// Empty lists mean "any".
type Rule struct {
	ID    int64
	Name  string // on screen: «Дороги»
	Query *Query

	// Territory: one of the message's codes must be in the list of its level;
	// lists of several levels add up. OKTMO: 8 digits for regions and
	// municipalities, 11 for settlements.
	Regions        []string
	Municipalities []string
	Settlements    []string
	Unplaced       bool // with a territory condition: also messages whose territory nobody knows

	Sources []string // kinds of sources: "vk", "telegram", …
}

// A Context is what is known of a message besides its words.
type Context struct {
	Region, Municipality, Settlement string // OKTMO; "" = not known
	Source                           string // kind of source; "" = not known
	Author                           string // name as shown; "" = not known
}

// Admits reports whether the rule's conditions outside the text hold. Ask it
// after Set.Match: it is cheap, and most messages never come so far.
func (r *Rule) Admits(c Context) bool {
	if len(r.Sources) > 0 && !slices.Contains(r.Sources, c.Source) {
		return false
	}
	if len(r.Regions)+len(r.Municipalities)+len(r.Settlements) == 0 {
		return true
	}
	if c.Municipality == "" && c.Settlement == "" && r.Unplaced && r.around(c.Region) {
		return true
	}
	return c.Region != "" && slices.Contains(r.Regions, c.Region) ||
		c.Municipality != "" && slices.Contains(r.Municipalities, c.Municipality) ||
		c.Settlement != "" && slices.Contains(r.Settlements, c.Settlement)
}

// around reports whether one of the rule's territories may lie in a region, by the
// first two digits of its code; in an unknown one any may.
func (r *Rule) around(region string) bool {
	if len(region) < 2 {
		return true
	}
	in := func(code string) bool { return strings.HasPrefix(code, region[:2]) }
	return slices.ContainsFunc(r.Regions, in) || slices.ContainsFunc(r.Municipalities, in) || slices.ContainsFunc(r.Settlements, in)
}

// Queries returns the queries of the rules, in their order, for NewSet: the
// index of a Hit is then the index of the rule.
func Queries(rules []Rule) []*Query {
	out := make([]*Query, len(rules))
	for i := range rules {
		out[i] = rules[i].Query
	}
	return out
}
