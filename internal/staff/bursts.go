package staff

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"otklik/internal/account"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/site"
)

// A BurstRow is a crowd of incidents that are proposed to be one trouble of many
// people: a line above the queue.
type BurstRow struct {
	Title   string // «6 сообщений за 2 часа, Отопление, ул. Мира»
	URL     string // the queue of these incidents alone
	Into    incident.ID
	Version int // of the oldest, as shown
	Others  []incident.ID
	Words   string // «4 инцидента»
	MayJoin bool
	Here    bool // the queue shows it alone
}

// burstsShown is how many crowds stand above the queue; burstsRead how many proposals
// are read for them.
const (
	burstsShown = 3
	burstsRead  = 200
)

// bursts returns what stands above the queue: on its first page, where nobody searches.
func (s *Staff) bursts(ctx context.Context, tx incident.Tx, me *account.Account, q Query) ([]BurstRow, error) {
	if q.After != "" || q.Q != "" {
		return nil, nil
	}
	waiting, err := tx.Proposals().Waiting(ctx, me.Scope(), incident.Burst, burstsRead)
	if err != nil || len(waiting) == 0 {
		return nil, err
	}
	var order []incident.ID // of the oldest ones, the latest crowd first
	crowds := map[incident.ID][]incident.ID{}
	for _, w := range waiting {
		if q.Crowd != 0 && incident.ID(q.Crowd) != w.Into {
			continue
		}
		if crowds[w.Into] == nil {
			order = append(order, w.Into)
		}
		crowds[w.Into] = append(crowds[w.Into], w.Incident)
	}
	var out []BurstRow
	for _, into := range order[:min(len(order), burstsShown)] {
		rows, err := tx.Incidents().Rows(ctx, me.Scope(), append([]incident.ID{into}, crowds[into]...))
		if err != nil {
			return nil, err
		}
		at := slices.IndexFunc(rows, func(r incident.Row) bool { return r.ID == into })
		if at < 0 || len(rows) < 2 {
			continue
		}
		out = append(out, s.burst(me, q, &rows[at], rows))
	}
	return out, nil
}

func (s *Staff) burst(me *account.Account, q Query, oldest *incident.Row, rows []incident.Row) BurstRow {
	b := BurstRow{URL: Query{Crowd: int64(oldest.ID)}.URL(), Into: oldest.ID, Version: oldest.Version, MayJoin: lifecycle.May(me.Role, lifecycle.Merge), Here: q.Crowd == int64(oldest.ID)}
	messages, first, last := 0, time.Time{}, time.Time{}
	for k := range rows {
		r := &rows[k]
		messages += r.Messages
		if r.ID != oldest.ID {
			b.Others = append(b.Others, r.ID)
		}
		at := r.PublishedAt
		if at.IsZero() {
			at = r.OpenedAt
		}
		if first.IsZero() || at.Before(first) {
			first = at
		}
		if at.After(last) {
			last = at
		}
	}
	hours := max(1, int((last.Sub(first)+59*time.Minute)/time.Hour))
	parts := []string{site.Count(messages, "сообщение", "сообщения", "сообщений") + " за " + site.Count(hours, "час", "часа", "часов")}
	place := oldest.Address
	place.House = "" // the trouble is of the street
	for _, p := range []string{oldest.Group, place.String()} {
		if p != "" {
			parts = append(parts, p)
		}
	}
	b.Title = strings.Join(parts, ", ")
	b.Words = fmt.Sprintf("%d %s", len(rows), site.Plural(len(rows), "инцидент", "инцидента", "инцидентов"))
	return b
}
