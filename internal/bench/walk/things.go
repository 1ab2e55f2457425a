package walk

import (
	"otklik/internal/call"
	"otklik/internal/feedback"
	"otklik/internal/incident"
	"otklik/internal/message"
	"otklik/internal/problem"
	"otklik/internal/promise"
	"otklik/internal/reply"
	"otklik/internal/scope"
)

// things are what changes of an incident can be about; 0 where there is none.
type things struct {
	draft, approved reply.ID
	waits           bool // the draft, for approval
	message         message.ID
	job             int64
	fanout          reply.FanoutID
	mass            bool
	voice           feedback.ID
	promise         promise.ID
	call            call.ID
	problem         problem.ID
}

// things finds what changes of an incident can be about.
func (w *Walker) things(tx incident.Tx, i *incident.Incident) (t things, err error) {
	id, all := int64(i.ID), scope.All()
	list, err := tx.Replies().OfIncident(w.ctx, all, id)
	if err != nil {
		return t, err
	}
	for _, r := range list {
		switch r.State {
		case reply.Draft:
			t.draft, t.waits = r.ID, true
		case reply.Returned, reply.Failed:
			if !t.waits {
				t.draft = r.ID
			}
		case reply.Approved:
			t.approved = r.ID
		}
	}
	messages, err := tx.Messages().OfIncident(w.ctx, all, id)
	if err != nil {
		return t, err
	}
	if len(messages) > 0 {
		t.message = pick(w, messages).ID
	}
	jobs, err := tx.Fanouts().Jobs(w.ctx, reply.JobFilter{Incident: id, Limit: 100})
	if err != nil {
		return t, err
	}
	for _, j := range jobs {
		if j.State == reply.Unknown || j.State == reply.ByHand || j.State == reply.Dead {
			t.job = j.ID
		}
	}
	fans, err := tx.Fanouts().FanoutsOf(w.ctx, all, id)
	if err != nil {
		return t, err
	}
	if len(fans) > 0 {
		t.fanout = fans[0].ID
	}
	if _, err := tx.Fanouts().Mass(w.ctx, id); err == nil {
		t.mass = true
	}
	voices, err := tx.Feedback().OfIncident(w.ctx, all, id)
	if err != nil {
		return t, err
	}
	for _, v := range voices {
		if v.State == feedback.Waiting {
			t.voice = v.ID
		}
	}
	promises, err := tx.Promises().OfIncident(w.ctx, all, id)
	if err != nil {
		return t, err
	}
	for _, p := range promises {
		if p.State == promise.Open {
			t.promise = p.ID
		}
	}
	calls, err := tx.Calls().OfIncident(w.ctx, all, id)
	if err != nil {
		return t, err
	}
	for _, c := range calls {
		if c.State == call.Waiting {
			t.call = c.ID
		}
	}
	if w.chance(60) {
		t.problem = 1
	}
	return t, nil
}
