package ingest

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"otklik/internal/incident"
	"otklik/internal/message"
	"otklik/internal/source"
)

// longestLag is how late a message may be seen and still tell something of how fast its
// source is read: what is older came with the first look at a wall, or from a file.
const longestLag = 24 * time.Hour

// countHours notes what each source brought in the hour, for the page of sources.
// Messages that were here already are not counted, nor those of its past, which say nothing
// of the hour.
func (in *Intake) countHours(ctx context.Context, tx incident.Tx, js []judged, t *trace) error {
	type hour struct {
		source string
		at     time.Time
	}
	counts := map[hour]*source.Hour{}
	if len(js) > 0 && js[0].back { // all of them are
		return nil
	}
	of := func(m *message.Message) *source.Hour {
		at := hour{m.Source, m.SeenAt.UTC().Truncate(time.Hour)}
		if counts[at] == nil {
			counts[at] = &source.Hour{At: at.at}
		}
		return counts[at]
	}
	for k := range js {
		j := &js[k]
		if j.duplicate || j.m.Own || j.m.Event == message.Deleted {
			continue
		}
		h := of(&j.m)
		h.Messages++
		if lag := j.m.SeenAt.Sub(j.m.PublishedAt); !j.m.PublishedAt.IsZero() && lag >= 0 && lag < longestLag {
			h.Timed, h.Lag = h.Timed+1, h.Lag+lag
		}
	}
	for _, m := range t.kept {
		if m.Event != message.Deleted {
			of(m).Kept++
		}
	}
	for _, at := range slices.SortedFunc(maps.Keys(counts), func(a, b hour) int { return cmp.Or(cmp.Compare(a.source, b.source), a.at.Compare(b.at)) }) {
		if err := tx.Sources().Count(ctx, at.source, *counts[at]); err != nil {
			return err
		}
	}
	return nil
}
