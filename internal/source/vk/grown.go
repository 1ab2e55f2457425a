package vk

import (
	"context"
	"maps"
	"slices"

	"otklik/internal/source"
)

// grown reads the comments of posts whose counts are known to have changed, without asking
// for the wall's list.
func (w *Wall) grown(ctx context.Context, cur []byte, counts map[int64]int64) (source.Batch, error) {
	p := &poll{Wall: w, cursor: parseCursor(cur), names: Names{}}
	for _, id := range slices.Sorted(maps.Keys(counts)) {
		s, n := p.cursor.Posts[id], counts[id]
		switch {
		case s == nil || s.Gone || s.Count == n && s.At > 0:
			continue
		case s.At > 0 && n > s.Count:
			p.fresh(id, n-s.Count)
		default: // deleted ones are seen by reading all
			s.Round, s.Pages = s.Round+1, 0
			p.cursor.drop(id)
			p.cursor.Queue = append(p.cursor.Queue, step{Post: id}, step{Post: id, Done: true})
		}
		s.Count = n
	}
	return p.run(ctx, false)
}

// fresh queues the reading of a post's newest comments, until more of them are found than
// were known. Edits and deletions wait for the next round.
func (p *poll) fresh(id, more int64) {
	s := p.cursor.Posts[id]
	if n := len(p.cursor.Queue); n > 0 {
		p.cursor.Queue = slices.DeleteFunc(p.cursor.Queue, func(q step) bool { return q.Post == id && q.Fresh })
		if len(p.cursor.Queue) == n {
			s.Want = 0
		}
	} else {
		s.Want = 0
	}
	s.Want += more
	p.cursor.Queue = append(p.cursor.Queue, step{Post: id, Fresh: true})
}
