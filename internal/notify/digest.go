package notify

import (
	"context"
	"fmt"
	"time"

	"otklik/internal/account"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/live"
	"otklik/internal/notice"
)

const (
	digestEvery = time.Minute
	digestMost  = 5000 // people that are looked at in one turn
	digestRows  = 5    // incidents that each part names
	digestCount = 999
)

// digests writes the digests that are due: a notice like any other, whose counts stand in
// it, in the transaction that notes that it was made.
func (n *Notifier) digests(ctx context.Context) error {
	now := n.Now()
	if now.Sub(n.digested) < digestEvery && !now.Before(n.digested) {
		return nil
	}
	n.digested = now
	list, err := n.Store.Reader().Posts().Digests(ctx, now, digestMost)
	if err != nil {
		return err
	}
	for _, c := range list {
		due, err := n.digestDue(ctx, &c, now)
		if err != nil || !due {
			if err != nil {
				n.Log.Warn("a digest cannot be made", "account", c.Account, "error", err)
			}
			continue
		}
		if err := n.digest(ctx, c.Account, now); err != nil {
			return err
		}
	}
	return nil
}

// digestDue reports whether a digest's hour has come, or its shift has begun.
func (n *Notifier) digestDue(ctx context.Context, c *notice.Choice, now time.Time) (bool, error) {
	a, err := n.Store.Reader().Accounts().Account(ctx, c.Account)
	if err != nil || a.Disabled {
		return false, err
	}
	if c.Digest == notice.Shifts {
		list, err := n.Store.Reader().Shifts().Shifts(ctx, a.Place, 1)
		return err == nil && len(list) > 0 && list[0].ClosedAt.After(c.Digested), err
	}
	local := now.In(n.Zone(a.Place))
	hour := time.Date(local.Year(), local.Month(), local.Day(), c.DigestHour, 0, 0, 0, local.Location())
	return !local.Before(hour) && c.Digested.Before(hour), nil
}

func (n *Notifier) digest(ctx context.Context, id account.ID, now time.Time) error {
	told := false
	err := n.Store.Change(ctx, incident.Machine, func(tx incident.Tx) error {
		told = false
		c, err := tx.Posts().Choice(ctx, id)
		if err != nil {
			return err
		}
		a, err := tx.Accounts().Account(ctx, id)
		if err != nil {
			return err
		}
		if due, err := n.digestDue(ctx, &c, now); err != nil || !due { // another process was first
			return err
		}
		c.Digested = now
		if err := tx.Posts().SaveChoice(ctx, c); err != nil {
			return err
		}
		sum := 0
		var counts [3]int
		for k, p := range n.parts(a, now) {
			if counts[k], err = tx.Incidents().Count(ctx, a.Scope(), p.filter, digestCount); err != nil {
				return err
			}
			sum += counts[k]
		}
		if sum == 0 { // a morning without work needs no letter
			return nil
		}
		told = true
		return tx.Notices().Write(ctx, []notice.Notice{{Account: id, Kind: notice.Digest, What: fmt.Sprintf("%d.%d.%d", counts[0], counts[1], counts[2]),
			Cause: fmt.Sprintf("digest:%d", now.Unix()), At: now}})
	})
	if err == nil && told {
		n.Tell(live.Event{For: []account.ID{id}})
	}
	return err
}

// A part is one question of a digest.
type part struct {
	name   string
	filter incident.Filter
}

// parts are what a digest tells: overdue, due today, waits for the reader.
func (n *Notifier) parts(a *account.Account, now time.Time) [3]part {
	local := now.In(n.Zone(a.Place))
	night := time.Date(local.Year(), local.Month(), local.Day()+1, 0, 0, 0, 0, local.Location())
	mine := incident.Filter{Claimed: a.ID}
	switch a.Role {
	case lifecycle.Approver:
		mine = incident.Filter{States: []lifecycle.State{lifecycle.Approval}}
	case lifecycle.Executor:
		mine = incident.Filter{Executor: a.ID}
	case lifecycle.Coordinator:
		mine = incident.Filter{Free: true, States: []lifecycle.State{lifecycle.Assigned, lifecycle.Rework}}
	default:
	}
	out := [3]part{{"Просрочено", incident.Filter{DueUntil: now}}, {"Срок сегодня", incident.Filter{DueSince: now, DueUntil: night.UTC()}}, {"Ждёт вас", mine}}
	for k := range out {
		out[k].filter.Open, out[k].filter.Order, out[k].filter.Limit = true, incident.DueNext, digestRows
	}
	return out
}

// digestLines names the worst of each part, as they stand when the digest leaves.
func (n *Notifier) digestLines(ctx context.Context, tx incident.Tx, who *reader) (out []Line, err error) {
	for _, p := range n.parts(who.account, n.Now()) {
		page, err := tx.Incidents().Queue(ctx, who.account.Scope(), p.filter)
		if err != nil {
			return nil, err
		}
		for k := range page.Rows {
			i := &page.Rows[k].Incident
			f := notice.Facts{Number: incident.Spoken(i.Number), Topic: n.topic(i.Topic), Place: notice.Flatless(i.Address.String())}
			if !i.Clock.Due.IsZero() {
				f.Due = "Срок " + notice.When(i.Clock.Due, who.zone)
			}
			out = append(out, n.line(p.name+". "+f.Line(), int64(i.ID)))
		}
	}
	return out, nil
}
