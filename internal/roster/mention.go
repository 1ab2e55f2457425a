package roster

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"otklik/internal/account"
	"otklik/internal/incident"
	"otklik/internal/order"
	"otklik/internal/source"
)

// A link is proposed after so many messages; so many are proposed.
const (
	proposeAfter = 3
	proposed     = 20
)

// Proposed returns communities and channels that messages link to and nobody reads, the most
// frequent first; each once, at the place that links to it most.
func (r *Roster) Proposed(ctx context.Context, who account.Actor) ([]source.Mention, error) {
	if !r.MayEdit(who) {
		return nil, r.allowed(who, r.Stand(""))
	}
	list, err := r.Store.Reader().Sources().Mentioned(ctx, who.Scope, 1, 1000)
	if err != nil {
		return nil, err
	}
	read := map[string]bool{}
	for _, s := range r.All() {
		read[source.MentionOf(s.URL)] = true
		if number, ok := strings.CutPrefix(s.ID, "vk:-"); ok {
			read["https://vk.com/club"+number] = true
		}
	}
	at := map[string]int{}
	var out []source.Mention
	for _, m := range list {
		if read[m.Link] {
			continue
		}
		if k, known := at[m.Link]; known {
			out[k].Count += m.Count
			out[k].Example = cmp.Or(out[k].Example, m.Example)
			continue
		}
		at[m.Link] = len(out)
		out = append(out, m)
	}
	out = slices.DeleteFunc(out, func(m source.Mention) bool { return m.Count < proposeAfter })
	order.By(out, func(a, b source.Mention) int { return b.Count - a.Count })
	return out[:min(len(out), proposed)], nil
}

// Never drops a link from what is proposed, for good.
func (r *Roster) Never(ctx context.Context, who account.Actor, link string) error {
	if !r.MayEdit(who) {
		return r.allowed(who, r.Stand(""))
	}
	at := r.Stand("")
	at.Centre = who.Scope.Centre
	return r.change(ctx, who, "mention:"+link, at, func(tx incident.Tx) error { return tx.Sources().NeverMention(ctx, who.Scope, link) })
}
