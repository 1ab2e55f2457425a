package desk

import (
	"context"
	"fmt"
	"time"

	"otklik/internal/fault"
	"otklik/internal/feedback"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/scope"
)

// Withdrawn stands in the line of history by which a verification is taken back, because
// the words of one author do not speak for the many of a mass incident.
const Withdrawn = "withdrawn"

// CrowdOf counts what people say of the result of a mass incident since it was last
// reopened; nil for one that is not mass. negative is the highest mark that is bad.
func CrowdOf(ctx context.Context, tx incident.Tx, i *incident.Incident, history []incident.Entry, q feedback.Quorum, negative int) (*feedback.Crowd, error) {
	if _, err := tx.Fanouts().Mass(ctx, int64(i.ID)); fault.Is(err, fault.NotFound) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	messages, err := tx.Messages().OfIncident(ctx, scope.All(), int64(i.ID))
	if err != nil {
		return nil, err
	}
	authors, names := map[string]bool{}, map[int64]string{}
	for _, m := range messages {
		if m.Own {
			continue
		}
		name := "message " + fmt.Sprint(m.ID)
		if m.Author != "" {
			name = m.Source + " " + m.Author
		}
		authors[name], names[int64(m.ID)] = true, name
	}
	all, err := tx.Feedback().OfIncident(ctx, scope.All(), int64(i.ID))
	if err != nil {
		return nil, err
	}
	since := map[feedback.ID]bool{}
	for k := range history {
		switch e := &history[k]; e.Action {
		case lifecycle.Reopen:
			clear(since)
		case lifecycle.Hear:
			since[feedback.ID(e.Detail.Voice)] = true
		}
	}
	voices := all[:0:0]
	for k := range all {
		if since[all[k].ID] {
			voices = append(voices, all[k])
		}
	}
	return q.Crowd(len(authors), voices, func(v *feedback.Voice) string {
		if v.Message == 0 { // by link or told to staff: nobody knows who of them
			return "voice " + fmt.Sprint(v.ID)
		}
		return names[v.Message]
	}, negative), nil
}

// crowd counts what people say, with what this step has heard.
func (s *step) crowd() (*feedback.Crowd, error) {
	history, err := s.tx.Incidents().History(s.ctx, scope.All(), s.i.ID)
	if err != nil {
		return nil, err
	}
	return CrowdOf(s.ctx, s.tx, s.i, append(history, s.trail...), s.desk.Quorum, s.desk.Negative)
}

// confirmed verifies by what authors say: one speaks for an incident of one, of a mass
// incident as many as its quorum asks for.
func (s *step) confirmed(v *feedback.Voice, by lifecycle.Role) error {
	from := s.i.State
	if _, err := lifecycle.Next(from, lifecycle.Verify, by); err != nil {
		return nil //nolint:nilerr // the work goes on: the words stand in its history
	}
	c, err := s.crowd()
	if err != nil || c != nil && (s.i.Verified() || !c.Proven()) {
		return err
	}
	d := incident.Detail{How: "author", Voice: int64(v.ID)}
	if c != nil {
		d.Reason = fmt.Sprintf("Массовый инцидент: авторов, которые пишут, что решено, %d из %d, никто не возражает.", c.Confirmed, c.Asked)
	}
	s.i.VerifiedBy, s.i.VerifiedHow, s.i.VerifiedAt = s.who.ID, "author", s.now
	s.record(incident.Entry{Action: lifecycle.Verify, From: from, To: from, Detail: d})
	return nil
}

// weighed looks again whether the words of many prove a mass incident solved, after a person
// said of one of them that it objects to nothing.
func (s *step) weighed(v *feedback.Voice) error {
	if _, err := s.tx.Fanouts().Mass(s.ctx, int64(s.i.ID)); err != nil {
		if fault.Is(err, fault.NotFound) {
			return nil
		}
		return err
	}
	return s.confirmed(v, s.who.Role)
}

// spoken is Conflict where the words of one resident would verify what many wrote about.
func (s *step) spoken(how string) error {
	if how != "author" && how != "neighbour" {
		return nil
	}
	c, err := s.crowd()
	if err != nil || c == nil || c.Proven() {
		return err
	}
	said := fmt.Sprintf("Инцидент массовый, слов одного жителя мало: подтвердили %d из нужных %d.", c.Confirmed, c.Needed)
	if c.Against > 0 {
		said = fmt.Sprintf("Инцидент массовый, и не все согласны: подтвердили %d из нужных %d, возражают %d.", c.Confirmed, c.Needed, c.Against)
	}
	return fault.New(fault.Conflict, "%d of %d authors confirm, %d object", c.Confirmed, c.Needed, c.Against).At("how").
		Say(said + " Проверьте выездом или по фото или закройте с ответом «никто не проверял»: посмотрит контролёр.")
}

// outgrown takes a verification by words back when the incident becomes mass: they were the
// words of one.
func (s *step) outgrown() error {
	if !s.i.Verified() || s.i.VerifiedHow != "author" && s.i.VerifiedHow != "neighbour" {
		return nil
	}
	c, err := s.crowd()
	if err != nil || c == nil || c.Proven() {
		return err
	}
	was := s.i.VerifiedHow
	s.i.VerifiedBy, s.i.VerifiedHow, s.i.VerifiedAt = 0, "", time.Time{}
	s.record(incident.Entry{Action: lifecycle.Verify, To: s.i.State, Detail: incident.Detail{Was: was, Now: Withdrawn,
		Reason: fmt.Sprintf("Инцидент стал массовым: подтвердили %d из нужных %d.", c.Confirmed, c.Needed)}})
	return nil
}
