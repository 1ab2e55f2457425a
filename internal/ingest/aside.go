package ingest

import (
	"context"
	"time"

	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/message"
	"otklik/internal/scope"
)

func (in *Intake) setAside(ctx context.Context, m *message.Message, reason string, cause error) error {
	as := *m
	as.SeenAt = time.Time{} // At says when; the same message set aside again is the same item
	payload, err := message.Encode(&as)
	if err != nil {
		return err
	}
	p, _ := in.Desk.Stand(m, nil) // who sees its source can see and replay it
	in.Log.Warn("message set aside", "source", m.Source, "native", m.Native, "reason", reason)
	return in.Store.Change(ctx, incident.Machine, func(tx incident.Tx) error {
		return tx.Intake().SetAside(ctx, &message.SetAside{
			Source: m.Source, Native: m.Native, Reason: reason, Error: cause.Error(), Payload: payload, At: in.Now(), Place: p,
		})
	})
}

// Replay takes in again what was set aside, and returns what became of it. What
// fails again stays.
func (in *Intake) Replay(ctx context.Context, sc scope.Scope, ids ...int64) (sum Summary, err error) {
	defer fault.Wrap(&err, "ingest.Replay")
	list, err := in.Store.Reader().Intake().Aside(ctx, sc, 0)
	if err != nil {
		return sum, err
	}
	want := map[int64]bool{}
	for _, id := range ids {
		want[id] = true
	}
	for _, s := range list {
		if len(ids) > 0 && !want[s.ID] {
			continue
		}
		m, err := message.Decode(s.Payload)
		if err != nil {
			sum.reject("unreadable")
			continue
		}
		if m.SeenAt.IsZero() {
			m.SeenAt = s.At
		}
		js, err := in.judge(ctx, []message.Message{*m})
		if err != nil {
			return sum, err
		}
		one, events, err := in.commit(ctx, js, func(tx incident.Tx) error { return tx.Intake().Replayed(ctx, s.ID) })
		switch {
		case err == nil:
			sum.Add(one)
			in.counted.add(one)
			for _, e := range events {
				in.Tell(e)
			}
		case poison(err):
			sum.reject("failed")
		default:
			return sum, err
		}
	}
	recalled, err := in.recall(ctx)
	sum.Add(recalled)
	return sum, err
}
