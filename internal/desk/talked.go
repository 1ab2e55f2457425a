package desk

import (
	"context"
	"slices"

	"otklik/internal/account"
	"otklik/internal/cluster"
	"otklik/internal/fault"
	"otklik/internal/feedback"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/message"
	"otklik/internal/reply"
	"otklik/internal/scope"
)

// Told opens an incident for what a resident confirmed in a talk. It is worth one whatever
// the machine reads in the words; spot, where it is given, is the place that the resident
// chose and goes before what was read.
func (o *Opener) Told(ctx context.Context, m *message.Message, r *message.Reading, spot []message.PlaceFound, key *cluster.Key) (*incident.Incident, error) {
	told := message.Reading{Urgency: message.Normal, Missing: []string{message.MissingTopic, message.MissingPlace}}
	if r != nil {
		told = *r
	}
	if !told.Kind.Opens() {
		told.Kind, told.Complaint = message.Complaint, true
	}
	if len(spot) > 0 {
		told.Places = slices.Clone(spot)
		if slices.ContainsFunc(spot, message.PlaceFound.Exact) {
			told.Missing = without(told.Missing, message.MissingPlace)
		}
	}
	return o.OpenKeyed(ctx, m, &told, key)
}

// Placed notes where an incident is: its author chose the place in a talk. Where that was
// asked for, the question is answered.
func (o *Opener) Placed(ctx context.Context, id incident.ID, spot []message.PlaceFound) (err error) {
	defer fault.Wrap(&err, "desk.Placed(incident %d)", id)
	i, err := o.tx.Incidents().Incident(ctx, scope.All(), id)
	if err != nil || !i.State.Open() {
		return err
	}
	return o.touch(ctx, id, lifecycle.Correct, incident.Detail{Field: "address", How: string(feedback.Buttons)}, func(s *step) error {
		_, settlement, a := s.desk.stand(&message.Message{}, &message.Reading{Places: slices.Clone(spot)})
		s.i.Address = a.With(s.i.Address)
		if settlement != "" {
			s.i.Settlement = settlement
			if p, ok := s.desk.Places.ByID(settlement); ok && s.i.Place.Agency == 0 && p.Region == s.i.Place.Region {
				s.i.Place.Centre = p.Municipality
			}
		}
		if s.i.Address.Street != "" || s.i.Address.Landmark != "" || slices.ContainsFunc(spot, message.PlaceFound.Exact) {
			s.i.Missing = without(s.i.Missing, message.MissingPlace)
		}
		if s.i.State == lifecycle.Asked {
			if s.i.State, err = lifecycle.Next(lifecycle.Asked, lifecycle.Clarify, s.who.Role); err != nil {
				return err
			}
			s.record(incident.Entry{Action: lifecycle.Clarify, Detail: incident.Detail{Field: "address"}})
		}
		return s.desk.propose(s.ctx, s.tx, s.i, nil)
	})
}

// Marked takes a mark that its author gave by a button of a talk, and reports whether the
// work begins anew by it. The highest mark says that it is solved.
func (o *Opener) Marked(ctx context.Context, id incident.ID, mark int) (again bool, err error) {
	defer fault.Wrap(&err, "desk.Marked(incident %d)", id)
	i, err := o.tx.Incidents().Incident(ctx, scope.All(), id)
	if err != nil {
		return false, err
	}
	if _, err := lifecycle.Next(i.State, lifecycle.Hear, lifecycle.Author); err != nil {
		return false, err
	}
	s := o.desk.stepOn(ctx, o.tx, account.Actor{Role: lifecycle.Author, Scope: scope.All()}, i)
	meaning := feedback.Mark
	if mark == 5 {
		meaning = feedback.Confirmed
	}
	v := s.voice(feedback.Buttons, meaning, mark)
	if r, err := o.LastAnswer(ctx, id); err != nil {
		return false, err
	} else if r != nil {
		v.Reply = int64(r.ID)
	}
	if err := s.listen(v, lifecycle.Author); err != nil {
		return false, err
	}
	if err := s.store(); err != nil {
		return false, err
	}
	o.Events = append(o.Events, s.events...)
	return s.i.State.Open(), nil
}

// LastAnswer returns the final reply that stands, nil when there is none.
func (o *Opener) LastAnswer(ctx context.Context, id incident.ID) (*reply.Reply, error) {
	list, err := o.tx.Replies().OfIncident(ctx, scope.All(), int64(id))
	if err != nil {
		return nil, err
	}
	for k := len(list) - 1; k >= 0; k-- {
		if list[k].Purpose == reply.Final && list[k].State == reply.Published {
			return &list[k], nil
		}
	}
	return nil, nil
}

// Sure reports whether words are surely about a finished incident: whether something
// follows from them without a person.
func (o *Opener) Sure(ctx context.Context, f feedback.Followed, m *message.Message, r *message.Reading) (bool, error) {
	i, err := o.tx.Incidents().Incident(ctx, scope.All(), incident.ID(f.Incident))
	if err != nil || i.State.Open() {
		return false, err
	}
	op := (&step{desk: o.desk, i: i}).opinion(m, r)
	return op.Acts(), nil
}
