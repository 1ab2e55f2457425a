package desk

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"otklik/internal/attachment"
	"otklik/internal/fault"
	"otklik/internal/feedback"
	"otklik/internal/followup"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/message"
	"otklik/internal/scope"
)

// Heard adds a stored message to the finished incident that it is about, and does
// what follows from its words: the author's "not solved" or a bad mark reopens, the
// author's "solved" verifies. Whatever is not sure, and what neighbours refute,
// waits for a person. heard is false for a neighbour's words that are not about this
// case: they are a message like any other.
func (o *Opener) Heard(ctx context.Context, f feedback.Followed, m *message.Message, r *message.Reading) (heard bool, err error) {
	defer fault.Wrap(&err, "desk.Heard(message %d)", m.ID)
	i, err := o.tx.Incidents().Incident(ctx, scope.All(), incident.ID(f.Incident))
	if err != nil {
		return false, err
	}
	op := (&step{desk: o.desk, i: i}).opinion(m, r)
	if f.Speaker == feedback.Neighbour && op.Meaning != feedback.Refuted && op.Meaning != feedback.Confirmed && op.Meaning != feedback.Partly {
		return false, nil
	}
	return true, o.touch(ctx, i.ID, lifecycle.Attach, incident.Detail{Message: m.ID}, func(s *step) error {
		if f.Speaker == feedback.Author { // whoever only passes by does not belong to the incident's authors
			s.i.Messages++
			if err := o.tx.Incidents().Attach(ctx, s.i.ID, m.ID); err != nil {
				return err
			}
		} else {
			s.trail = nil
		}
		if err := o.crisis(ctx, s.i, m, r); err != nil {
			return err
		}
		v := &feedback.Voice{Incident: f.Incident, Reply: f.Reply, Message: int64(m.ID), Speaker: f.Speaker, Way: feedback.Words,
			Meaning: op.Meaning, Mark: op.Mark, Sure: op.Sure, Evidence: op.Evidence, State: feedback.Waiting, At: s.now, Place: s.i.Place}
		if v.Speaker == feedback.Neighbour {
			v.Mark = 0 // who did not ask does not mark
			if op.Acts() && v.Meaning == feedback.Confirmed {
				v.State = feedback.Acted
			}
		} else if op.Acts() {
			v.State = feedback.Acted
		}
		return s.listen(v, lifecycle.Author)
	})
}

// heardAgain reads a voice anew after its author edited the message. What followed
// from the first words is not undone by itself: where they mean something else now, a
// person looks.
func (s *step) heardAgain(m *message.Message, r *message.Reading) error {
	v, err := s.tx.Feedback().ByMessage(s.ctx, int64(m.ID))
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	op := s.opinion(m, r)
	if op.Meaning == v.Meaning && (op.Mark == v.Mark || v.Speaker == feedback.Neighbour) {
		return nil
	}
	v.Meaning, v.Sure, v.State, v.Evidence = op.Meaning, op.Sure, feedback.Waiting, op.Evidence
	if v.Speaker == feedback.Author {
		v.Mark = op.Mark
	}
	return s.tx.Feedback().Hear(s.ctx, v)
}

// opinion reads the words in the light of the incident.
func (s *step) opinion(m *message.Message, r *message.Reading) followup.Opinion {
	photo := slices.ContainsFunc(m.Attachments, func(a attachment.Ref) bool { return a.Kind == attachment.Photo || a.Kind == attachment.Video })
	if strings.TrimSpace(m.Text) == "" {
		return followup.Alone(photo)
	}
	if s.desk.Follow == nil {
		return followup.Opinion{Meaning: feedback.Unsure}
	}
	c := followup.Context{Photo: photo}
	if r != nil {
		c.Trouble = r.Complaint && len(r.Topics) > 0
		c.Other = c.Trouble && s.i.Group != "" && r.Topics[0].Score > 0.5 && s.desk.group(r) != s.i.Group
		_, settlement, a := s.desk.stand(m, r)
		c.Elsewhere = settlement != "" && s.i.Settlement != "" && settlement != s.i.Settlement ||
			a.Street != "" && s.i.Address.Street != "" && a.Street != s.i.Address.Street
	}
	return s.desk.Follow(m.Text, c)
}

func (d *Desk) group(r *message.Reading) string {
	t, _ := d.Topics().ByCode(r.Topic())
	return t.Group
}

// listen keeps a voice and, where it is Acted, does what follows from it. by is who
// speaks: the author, whose words reopen and verify.
func (s *step) listen(v *feedback.Voice, by lifecycle.Role) error {
	if v.State == feedback.Acted && s.i.Outcome == lifecycle.Duplicate { // the work goes on elsewhere: a person says what it means there
		v.State = feedback.Waiting
	}
	if err := s.tx.Feedback().Hear(s.ctx, v); err != nil {
		return err
	}
	s.record(incident.Entry{Action: lifecycle.Hear, To: s.i.State, Detail: incident.Detail{
		Message: message.ID(v.Message), Voice: int64(v.ID), Mark: v.Mark, Now: string(v.Meaning), How: string(v.Speaker)}})
	if v.State != feedback.Acted || v.Speaker != feedback.Author {
		return nil
	}
	return s.follow(v, by)
}

// follow does what follows from a voice of the author.
func (s *step) follow(v *feedback.Voice, by lifecycle.Role) error {
	bad := feedback.Bad(v.Mark, s.desk.Negative)
	switch {
	case v.Meaning == feedback.Refuted || bad:
		reason := "Автор пишет, что не решено."
		if bad {
			reason = fmt.Sprintf("Автор поставил %d из 5.", v.Mark)
		}
		return s.again(reason, by, feedback.ByAuthor, v)
	case v.Meaning == feedback.Confirmed:
		return s.confirmed(v, by)
	}
	return nil
}

// again returns the incident for rework. One on which work goes on already stays where it is.
func (s *step) again(reason string, by lifecycle.Role, why feedback.FalseWhy, v *feedback.Voice) error {
	from := s.i.State
	to, err := lifecycle.Next(from, lifecycle.Reopen, by)
	if err != nil {
		return nil
	}
	if err := s.whole(); err != nil {
		return err
	}
	s.i.State = to
	s.restart()
	detail := incident.Detail{Reason: reason}
	if v != nil {
		detail.Voice, detail.Message, detail.Mark = int64(v.ID), message.ID(v.Message), v.Mark
	}
	s.record(incident.Entry{Action: lifecycle.Reopen, From: from, To: to, Detail: detail})
	return s.untrueFor(why, 0)
}
