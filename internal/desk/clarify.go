package desk

import (
	"slices"

	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/message"
	"otklik/internal/scope"
	"otklik/internal/topic"
)

// clarified takes from a message of the author what the incident misses: the
// answer to our question, a second comment, an edit of the first. What people or
// earlier words said is never overwritten. An answered question brings the
// incident back to triage, whether it told us everything or not.
func (s *step) clarified(m *message.Message, r *message.Reading) error {
	if r == nil || len(s.i.Missing) == 0 && s.i.State != lifecycle.Asked || s.i.First == 0 {
		return nil
	}
	first, err := s.tx.Messages().Message(s.ctx, scope.All(), s.i.First)
	if err != nil {
		return err
	}
	if m.Author == "" || m.Author != first.Author || m.Source != first.Source {
		return nil
	}
	if slices.Contains(s.i.Missing, message.MissingPlace) {
		s.fillPlace(m, r)
	}
	if code := r.Topic(); slices.Contains(s.i.Missing, message.MissingTopic) && code != topic.Undefined {
		if t, ok := s.desk.Topics().ByCode(code); ok && !t.Retired {
			s.record(incident.Entry{Action: lifecycle.Correct, Detail: incident.Detail{Field: "topic", Was: string(s.i.Topic), Now: string(code), Message: m.ID}})
			s.i.Topic, s.i.Group = code, t.Group
			s.i.Missing = without(s.i.Missing, message.MissingTopic)
		}
	}
	if slices.Contains(s.i.Missing, message.MissingDecency) && m.ID != s.i.First && !r.Obscene {
		s.i.Missing = without(s.i.Missing, message.MissingDecency)
	}
	if s.i.State == lifecycle.Asked {
		if s.i.State, err = lifecycle.Next(lifecycle.Asked, lifecycle.Clarify, s.who.Role); err != nil {
			return err
		}
		s.record(incident.Entry{Action: lifecycle.Clarify, Detail: incident.Detail{Message: m.ID}})
	}
	if s.i.Topic == s.was.Topic && s.i.Place == s.was.Place && s.i.Settlement == s.was.Settlement {
		return nil
	}
	return s.desk.propose(s.ctx, s.tx, s.i, nil)
}

// fillPlace puts what the message says of the place beside what is known.
func (s *step) fillPlace(m *message.Message, r *message.Reading) {
	p, settlement, a := s.desk.stand(m, r)
	if !slices.ContainsFunc(r.Places, message.PlaceFound.Exact) && (a.Settlement == "" || s.i.Settlement != "") {
		return
	}
	if known := s.i.Settlement; known != "" && settlement != "" && settlement != known {
		return // another town: a person decides
	}
	if s.i.Settlement == "" && settlement != "" {
		s.i.Settlement = settlement
		if p.Centre != "" && s.i.Place.Agency == 0 {
			s.i.Place.Centre = p.Centre
		}
	}
	s.i.Address = s.i.Address.With(a)
	s.record(incident.Entry{Action: lifecycle.Correct, Detail: incident.Detail{Field: "address", Message: m.ID}})
	if s.i.Address.Street != "" || s.i.Address.Landmark != "" || slices.ContainsFunc(r.Places, message.PlaceFound.Exact) {
		s.i.Missing = without(s.i.Missing, message.MissingPlace)
	}
}
