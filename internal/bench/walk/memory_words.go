package walk

import (
	"cmp"
	"context"
	"slices"
	"time"

	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/message"
	"otklik/internal/reply"
	"otklik/internal/scope"
)

type messages struct {
	message.Store
	m *Memory
}

func (s messages) Keep(_ context.Context, m *message.Message, r *message.Reading) (message.Kept, error) {
	for k := range s.m.messages {
		if o := &s.m.messages[k]; o.Source == m.Source && o.Native == m.Native {
			m.ID = o.ID
			if slices.Contains(o.texts, m.Text) || !o.ErasedAt.IsZero() {
				return message.Kept{ID: m.ID, Duplicate: true, Incident: o.incident}, nil
			}
			o.Text, o.reading, o.texts = m.Text, r, append(slices.Clone(o.texts), m.Text)
			return message.Kept{ID: m.ID, Current: true, Incident: o.incident}, nil
		}
	}
	m.ID = message.ID(len(s.m.messages) + 1)
	s.m.messages = append(s.m.messages, kept{Message: *m, reading: r, texts: []string{m.Text}})
	return message.Kept{ID: m.ID, First: true, Current: true}, nil
}

func (s messages) Message(_ context.Context, _ scope.Scope, id message.ID) (*message.Message, error) {
	k, err := at(s.m.messages, id, "message")
	if err != nil {
		return nil, err
	}
	m := k.Message
	return &m, nil
}

func (s messages) Reading(_ context.Context, id message.ID) (*message.Reading, error) {
	k, err := at(s.m.messages, id, "message")
	if err != nil {
		return nil, err
	}
	return k.reading, nil
}

func (s messages) OfIncident(_ context.Context, _ scope.Scope, id int64) (out []*message.Message, err error) {
	for k := range s.m.messages {
		if s.m.messages[k].incident == id {
			m := s.m.messages[k].Message
			out = append(out, &m)
		}
	}
	slices.SortStableFunc(out, func(a, b *message.Message) int { return written(a).Compare(written(b)) })
	return out, nil
}

func written(m *message.Message) time.Time {
	if m.PublishedAt.IsZero() {
		return m.SeenAt
	}
	return m.PublishedAt
}

func (s messages) Incident(_ context.Context, id message.ID) (int64, error) {
	k, err := at(s.m.messages, id, "message")
	if err != nil {
		return 0, err
	}
	return k.incident, nil
}

func (s messages) Erase(_ context.Context, e message.Erasure) error {
	for k := range s.m.messages {
		if m := &s.m.messages[k]; m.Source == e.Source && m.Native == e.Native {
			m.Text, m.Author, m.ErasedAt = "", "", e.At
			s.m.forget(int64(m.ID))
			s.m.blur(m.incident)
		}
	}
	return nil
}

// forget takes the words of replies to an erased message away, and what of a fan-out was
// to go to its author.
func (m *Memory) forget(id int64) {
	for k := range m.replies {
		if m.replies[k].Message == id {
			m.replies[k].Text, m.replies[k].Tried = "", nil
		}
	}
	for k := range m.jobs {
		if j := &m.jobs[k]; j.Message == id {
			if j.Text = ""; j.State == reply.Waiting || j.State == reply.Held || j.State == reply.ByHand {
				j.State = reply.Dropped
			}
		}
	}
}

// blur takes the exact place of an incident away of whose messages all were erased.
func (m *Memory) blur(id int64) {
	if id == 0 || slices.ContainsFunc(m.messages, func(k kept) bool { return k.incident == id && k.ErasedAt.IsZero() }) {
		return
	}
	a := &m.incidents[id-1].Address
	a.PlaceID, a.House, a.Landmark, a.Relation, a.Lat, a.Lon, a.Radius = "", "", "", "", 0, 0, 0
	m.ofProblem[id-1] = 0
}

type replies struct {
	reply.Store
	m *Memory
}

func (s replies) SaveReply(_ context.Context, r *reply.Reply) error {
	return put(&s.m.replies, r, &r.ID)
}

func (s replies) Reply(_ context.Context, _ scope.Scope, id reply.ID) (*reply.Reply, error) {
	return one(s.m.replies, id, "reply")
}

func (s replies) OfIncident(_ context.Context, _ scope.Scope, id int64) ([]reply.Reply, error) {
	return those(s.m.replies, func(r *reply.Reply) bool { return r.Incident == id }), nil
}

func (s replies) Recent(context.Context, int64, int64, int) ([]string, error) { return nil, nil }

func (s replies) Enqueue(_ context.Context, j *reply.Job) error {
	if slices.ContainsFunc(s.m.jobs, func(o reply.Job) bool { return o.Key == j.Key }) {
		return fault.New(fault.Conflict, "job %s is there", j.Key)
	}
	j.ID = int64(len(s.m.jobs) + 1)
	s.m.jobs = append(s.m.jobs, *j)
	return nil
}

// gone is the state of a job that was recalled.
const gone reply.JobState = "gone"

func (s replies) Recall(_ context.Context, id reply.ID) (taken bool, err error) {
	for k := range s.m.jobs {
		switch j := &s.m.jobs[k]; {
		case j.Reply != id:
		case (j.State == reply.Waiting || j.State == reply.Held) && j.Tries == 0 && !j.Unclear:
			j.State, j.Reply, taken = gone, 0, true
		case j.Fanout != 0 && j.State != gone:
			return false, fault.New(fault.Conflict, "job %d has left", j.ID).Say("Отозвать нельзя: ушло.")
		}
	}
	return taken, nil
}

func (s replies) Job(_ context.Context, id reply.ID) (*reply.Job, error) {
	for k := len(s.m.jobs) - 1; k >= 0; k-- {
		if j := s.m.jobs[k]; j.Reply == id && j.Fanout == 0 && (j.State == reply.Waiting || j.State == reply.Sending || j.State == reply.Unknown) {
			return &j, nil
		}
	}
	return nil, fault.New(fault.NotFound, "reply %d has no job", id)
}

func (s replies) JobByID(_ context.Context, _ scope.Scope, id int64) (*reply.Job, error) {
	return one(s.m.jobs, id, "job")
}

func (s replies) Take(_ context.Context, now time.Time, limit int) (out []reply.Job, err error) {
	for _, j := range s.m.jobs {
		if j.State == reply.Waiting && !j.NextAt.After(now) {
			out = append(out, j)
		}
	}
	slices.SortFunc(out, func(a, b reply.Job) int {
		return cmp.Or(a.Turn-b.Turn, a.NextAt.Compare(b.NextAt), cmp.Compare(a.ID, b.ID))
	})
	out = out[:min(limit, len(out))]
	for k := range out {
		j := &out[k]
		s.m.jobs[j.ID-1].State, j.State = reply.Sending, reply.Sending
		if j.Fanout == 0 {
			j.Text = s.m.replies[j.Reply-1].Text
		}
	}
	return out, nil
}

func (s replies) Settle(_ context.Context, j *reply.Job) error {
	row, err := at(s.m.jobs, j.ID, "job")
	if err != nil {
		return err
	}
	text := row.Text
	*row = *j
	row.Text = text
	return nil
}

type fanouts struct {
	reply.Fanouts
	m *Memory
}

func (s fanouts) SaveFanout(_ context.Context, f *reply.Fanout) error {
	return put(&s.m.fanouts, f, &f.ID)
}

func (s fanouts) Fanout(_ context.Context, _ scope.Scope, id reply.FanoutID) (*reply.Fanout, error) {
	return one(s.m.fanouts, id, "fan-out")
}

func (s fanouts) OfReply(_ context.Context, id reply.ID) (*reply.Fanout, error) {
	for _, f := range s.m.fanouts {
		if f.Reply == id {
			return &f, nil
		}
	}
	return nil, fault.New(fault.NotFound, "reply %d is no fan-out", id)
}

func (s fanouts) FanoutsOf(_ context.Context, _ scope.Scope, id int64) (out []reply.Fanout, err error) {
	for _, f := range slices.Backward(s.m.fanouts) {
		if f.Incident == id {
			out = append(out, f)
		}
	}
	return out, nil
}

func (s fanouts) FanoutsTo(_ context.Context, message int64) (out []reply.Fanout, err error) {
	for _, f := range s.m.fanouts {
		if (f.State == reply.Running || f.State == reply.Paused) && slices.ContainsFunc(s.m.jobs, func(j reply.Job) bool { return j.Fanout == f.ID && j.Message == message }) {
			out = append(out, f)
		}
	}
	return out, nil
}

func (s fanouts) EnqueueAll(_ context.Context, jobs []reply.Job) (n int, err error) {
	for k := range jobs {
		if err := (replies{m: s.m}).Enqueue(context.Background(), &jobs[k]); err == nil {
			n++
		}
	}
	return n, nil
}

func (s fanouts) each(id reply.FanoutID, fn func(j *reply.Job)) {
	for k := range s.m.jobs {
		if j := &s.m.jobs[k]; j.Fanout == id && j.State != gone {
			fn(j)
		}
	}
}

func (s fanouts) Progress(_ context.Context, id reply.FanoutID) (p reply.Progress, err error) {
	s.each(id, func(j *reply.Job) {
		p.All++
		switch j.State {
		case reply.Waiting:
			p.Waiting++
			if p.Next.IsZero() || j.NextAt.Before(p.Next) {
				p.Next = j.NextAt
			}
		case reply.Held:
			p.Held++
		case reply.Sending:
			p.Sending++
		case reply.Sent:
			p.Sent++
		case reply.Unknown:
			p.Unknown++
		case reply.Dead:
			p.Failed++
		case reply.ByHand:
			p.Hand++
		case reply.Dropped:
			p.Cancelled++
		}
	})
	return p, nil
}

func (s fanouts) Left(_ context.Context, id reply.FanoutID) (left bool, err error) {
	s.each(id, func(j *reply.Job) {
		left = left || j.State == reply.Waiting || j.State == reply.Held || j.State == reply.Sending
	})
	return left, nil
}

func (s fanouts) Shift(_ context.Context, id reply.FanoutID, from, to reply.JobState, next time.Time, urgent bool) (n int, err error) {
	s.each(id, func(j *reply.Job) {
		if j.State == from {
			n++
			if j.State = to; !next.IsZero() {
				j.NextAt, j.Urgent = next, j.Urgent || urgent
			}
		}
	})
	return n, nil
}

func (s fanouts) Drop(_ context.Context, id reply.FanoutID, from reply.JobState) (n int, err error) {
	s.each(id, func(j *reply.Job) {
		if j.State == from {
			n++
			if j.State = reply.Dropped; j.Unclear {
				j.State = reply.Unknown
			}
		}
	})
	return n, nil
}

func (s fanouts) Covered(_ context.Context, id reply.FanoutID) (out []reply.Job, err error) {
	s.each(id, func(j *reply.Job) {
		if j.State != reply.Dropped {
			out = append(out, *j)
		}
	})
	return out, nil
}

func (s fanouts) Jobs(_ context.Context, f reply.JobFilter) ([]reply.Job, error) {
	return those(s.m.jobs, func(j *reply.Job) bool {
		return j.Incident == f.Incident && j.State != gone && (f.Fanout == 0 || f.Fanout == j.Fanout) && (f.State == "" || f.State == j.State)
	}), nil
}

func (s fanouts) Mass(_ context.Context, id int64) (*reply.Mass, error) {
	for _, m := range s.m.mass {
		if m.Incident == id {
			return &m, nil
		}
	}
	return nil, fault.New(fault.NotFound, "incident %d is not mass", id)
}

func (s fanouts) SetMass(_ context.Context, m reply.Mass) error {
	if _, err := s.Mass(context.Background(), m.Incident); err != nil {
		s.m.mass = append(s.m.mass, m)
	}
	return nil
}

func (s fanouts) ClearMass(_ context.Context, id int64) error {
	s.m.mass = slices.DeleteFunc(s.m.mass, func(m reply.Mass) bool { return m.Incident == id })
	return nil
}

type links struct {
	incident.Links
	m *Memory
}

func (s links) Link(_ context.Context, l *incident.Link) error {
	for _, o := range s.m.links {
		if o.From == l.From && o.To == l.To || o.From == l.To && o.To == l.From {
			return fault.New(fault.Conflict, "linked already").Say("Уже связаны.")
		}
	}
	s.m.links = append(s.m.links, *l)
	return nil
}

func (s links) Unlink(_ context.Context, a, b incident.ID) error {
	n := len(s.m.links)
	s.m.links = slices.DeleteFunc(s.m.links, func(o incident.Link) bool { return o.From == a && o.To == b || o.From == b && o.To == a })
	if len(s.m.links) == n {
		return fault.New(fault.NotFound, "not linked").Say("Инциденты не связаны.")
	}
	return nil
}
