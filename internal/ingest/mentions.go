package ingest

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"

	"otklik/internal/incident"
	"otklik/internal/message"
	"otklik/internal/scope"
	"otklik/internal/source"
)

// countMentions notes which communities and channels new public messages link to, ours or
// not: links and counts, never words. What is written to us alone is left out.
func (in *Intake) countMentions(ctx context.Context, tx incident.Tx, js []judged) error {
	type at struct {
		link  string
		place scope.Place
	}
	found := map[at]*source.Mention{}
	for k := range js {
		m := &js[k].m
		if js[k].duplicate || m.Own || m.Event == message.Deleted || m.Form == message.Direct || m.Form == message.Card {
			continue
		}
		for _, link := range source.Mentions(m.Text) {
			p, _ := in.Desk.Stand(&message.Message{Territory: m.Territory}, nil)
			key := at{link, scope.Place{Region: p.Region, Centre: p.Centre}}
			if found[key] == nil {
				found[key] = &source.Mention{Link: link, First: m.SeenAt, Place: key.place}
			}
			one := found[key]
			one.Count, one.Last = one.Count+1, m.SeenAt
			if strings.HasPrefix(m.URL, "https://") {
				one.Example = m.URL
			}
		}
	}
	for _, key := range slices.SortedFunc(maps.Keys(found), func(a, b at) int {
		return cmp.Or(cmp.Compare(a.link, b.link), cmp.Compare(a.place.Centre, b.place.Centre))
	}) {
		if err := tx.Sources().Mention(ctx, *found[key]); err != nil {
			return err
		}
	}
	return nil
}
