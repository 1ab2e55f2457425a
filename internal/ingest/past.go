package ingest

import (
	"context"

	"otklik/internal/cluster"
	"otklik/internal/desk"
	"otklik/internal/incident"
	"otklik/internal/message"
)

// recalled puts what another system says of the message's case into its reading.
func (in *Intake) recalled(j *judged) {
	if j.m.Past == nil || j.reading == nil || j.failed != nil {
		return
	}
	var places []message.PlaceFound
	if j.m.Past.Place != "" {
		r, _, err := in.read(&message.Message{Source: j.m.Source, Text: j.m.Past.Place, Territory: j.m.Territory, Addressed: true})
		if j.failed = err; err != nil {
			return
		}
		places = r.Places
	}
	in.Desk.Recalled(&j.m, j.reading, places)
}

// adopt takes in a message whose case another system knows: what stands together there
// stands together here, whatever is alike.
func (in *Intake) adopt(ctx context.Context, o *desk.Opener, m *message.Message, r *message.Reading, key *cluster.Key, sum *Summary, t *trace) error {
	words := in.keyOf(m, key)
	opened, err := o.Adopt(ctx, m, r, &words)
	if err != nil {
		return err
	}
	if !m.Past.Done() { // what comes next may be about the same
		t.fresh = append(t.fresh, fresh{id: m.ID, written: written(m), key: words})
		if m.Thread != "" {
			t.ours = append(t.ours, thread{m.Source, m.Thread})
		}
	}
	if opened {
		sum.Opened++
	} else {
		sum.Attached++
	}
	return nil
}

// renews marks those of a batch that are here, and of whose case the other system may say
// something new. It asks outside of the transaction: most of an export that comes again is old.
func (in *Intake) renews(ctx context.Context, js []judged) error {
	var keys []string
	for k := range js {
		if j := &js[k]; j.duplicate && j.m.Past != nil && j.m.Past.Key != "" {
			keys = append(keys, j.m.Past.Key)
		}
	}
	if len(keys) == 0 {
		return nil
	}
	found, err := in.Store.Reader().Incidents().ByPast(ctx, "", keys...)
	if err != nil {
		return err
	}
	cases := make(map[string]*incident.PastCase, len(found))
	for k := range found {
		cases[found[k].Key] = &found[k]
	}
	for k := range js {
		if j := &js[k]; j.duplicate && j.m.Past != nil {
			c := cases[j.m.Past.Key]
			j.renews = c != nil && !c.Knows(j.m.Past)
		}
	}
	return nil
}

// renew takes what is new of a case whose message is here, and counts it.
func (in *Intake) renew(ctx context.Context, o *desk.Opener, m *message.Message, sum *Summary) error {
	news, err := o.Renew(ctx, m)
	if err != nil {
		return err
	}
	if sum.Read++; !news {
		sum.Duplicate++
		return nil
	}
	sum.Kept++
	sum.Attached++
	sum.Renewed++
	return nil
}
