package desk

import (
	"context"
	"slices"
	"strings"
	"time"

	"otklik/internal/agency"
	"otklik/internal/cluster"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/message"
	"otklik/internal/regime"
	"otklik/internal/reply"
	"otklik/internal/scope"
	"otklik/internal/topic"
)

// HowPast says in the history, and of a verification, that it is known from the system that
// the case came from.
const HowPast = "past"

// Recalled puts what the other system says of a message's case into the reading: the topic
// and the place that people gave there go before what the machine sees. places is what the
// words of the place were read as, without their offsets.
func (d *Desk) Recalled(m *message.Message, r *message.Reading, places []message.PlaceFound) {
	if !r.Kind.Opens() {
		r.Kind, r.Complaint = message.Complaint, true
	}
	r.Outside = false
	if t, ok := d.Topics().ByName(m.Past.Topic); ok && t.Code == topic.Undefined && m.Past.Code == "" {
		r.Topics = nil // people there saw that none fits
	}
	if code := d.given(m.Past); code != "" {
		r.Topics = append([]message.TopicGuess{{Code: code, Score: 1}}, r.Topics...)
		r.Missing = without(r.Missing, message.MissingTopic)
	}
	exact := false
	for k := range places {
		places[k].Start, places[k].End = 0, 0
		exact = exact || places[k].Exact()
	}
	if rank(places) >= rank(r.Places) {
		r.Places = places
	} else {
		r.Places = append(r.Places, places...)
	}
	if exact || m.Shared != nil {
		r.Missing = without(r.Missing, message.MissingPlace)
	}
}

// pointed puts the point that the other system gave of a case on its address, where the words
// of the address say nothing finer.
func pointed(m *message.Message, a *incident.Address) {
	if p := m.Shared; p != nil && m.Past != nil && (a.House == "" || a.Lat == 0 && a.Lon == 0) {
		a.Lat, a.Lon, a.Radius = p.Lat, p.Lon, radius("house")
	}
}

func rank(places []message.PlaceFound) (best int) {
	for k := range places {
		best = max(best, finest[places[k].Type])
	}
	return best
}

// given returns the topic that people gave in the other system, "" for none of ours.
func (d *Desk) given(p *message.Past) topic.Code {
	code := p.Code
	if t, ok := d.Topics().ByName(p.Topic); ok && code == "" {
		code = t.Code
	}
	if _, ok := d.Topics().ByCode(code); !ok || code == topic.Undefined {
		return ""
	}
	return code
}

// Adopt gives a stored message of another system's case its incident: the one that the case
// has here already, or a new one. A case that was finished there comes in finished, with its
// answer: no clock runs, nothing is proposed, nobody is told or asked. It reports whether
// the incident is new.
func (o *Opener) Adopt(ctx context.Context, m *message.Message, r *message.Reading, key *cluster.Key) (opened bool, err error) {
	defer fault.Wrap(&err, "desk.Adopt(message %d)", m.ID)
	p := m.Past
	if p.Key != "" {
		found, err := o.tx.Incidents().ByPast(ctx, m.Place.Region, p.Key)
		if err != nil {
			return false, err
		}
		if len(found) > 0 {
			return false, o.rejoin(ctx, found[0].ID, m, r)
		}
	}
	answering, err := o.named(ctx, m.Place.Region, p)
	if err != nil {
		return false, err
	}
	var i *incident.Incident
	if p.Done() {
		i, err = o.history(ctx, m, r, answering)
	} else if i, err = o.OpenKeyed(ctx, m, r, key); err == nil && answering != 0 && answering != i.Proposed {
		i.Proposed, i.Rule = answering, 0
		err = o.tx.Incidents().Save(ctx, i)
	}
	if err != nil || p.Key == "" {
		return true, err
	}
	return true, o.tx.Incidents().KeepPast(ctx, i.ID, p)
}

// rejoin adds one more message of a case that is here.
func (o *Opener) rejoin(ctx context.Context, id incident.ID, m *message.Message, r *message.Reading) error {
	i, err := o.tx.Incidents().Incident(ctx, scope.All(), id)
	if err != nil {
		return err
	}
	if i.State != lifecycle.Closed && i.State != lifecycle.Answered {
		return o.Attach(ctx, id, m, r)
	}
	return o.touch(ctx, id, lifecycle.Attach, incident.Detail{Message: m.ID, How: HowPast}, func(s *step) error {
		s.i.Messages++
		return o.tx.Incidents().Attach(ctx, id, m.ID)
	})
}

// named returns our agency of the name that the other system gives, 0 for none. Those that
// answer no longer are found too: history is theirs.
func (o *Opener) named(ctx context.Context, region string, p *message.Past) (int64, error) {
	if p.AgencyID != 0 || strings.TrimSpace(p.Agency) == "" {
		return p.AgencyID, nil
	}
	if o.agencies == nil {
		list, err := o.tx.Agencies().Agencies(ctx, scope.OfRegion(region))
		if err != nil {
			return 0, err
		}
		o.agencies = list
	}
	return agency.Named(o.agencies, p.Agency), nil
}

// history opens an incident that was finished elsewhere.
func (o *Opener) history(ctx context.Context, m *message.Message, r *message.Reading, answering int64) (*incident.Incident, error) {
	p, now := m.Past, o.desk.Now()
	began := first(p.OpenedAt, m.PublishedAt, p.AnsweredAt, p.ClosedAt, now)
	ended := first(p.ClosedAt, p.AnsweredAt, began)
	i := &incident.Incident{
		State: p.State, Outcome: p.Outcome, OutcomeReason: p.Reason, Topic: r.Topic(), Urgency: r.Urgency, Kind: r.Kind, Channel: m.Channel,
		First: m.ID, PublishedAt: m.PublishedAt, OpenedAt: began, UpdatedAt: now, Clock: incident.Clock{Regime: regime.Past},
	}
	if t, ok := o.desk.Topics().ByCode(i.Topic); ok && i.Topic != topic.Undefined {
		i.Group = t.Group
	}
	i.Place, i.Settlement, i.Address = o.desk.stand(m, r)
	i.Place.Agency = answering
	if o.desk.given(p) != "" { // people gave the topic: it teaches
		i.AcceptedAt = began
	}
	if p.Answer != "" || p.State == lifecycle.Answered {
		i.AnsweredAt = first(p.AnsweredAt, ended)
	}
	if p.State == lifecycle.Closed {
		i.ClosedAt = ended
	}
	if p.Verified {
		i.VerifiedAt, i.VerifiedHow = ended, HowPast
	}
	if err := o.tx.Incidents().Open(ctx, i); err != nil {
		return nil, err
	}
	if err := o.tx.Incidents().Attach(ctx, i.ID, m.ID); err != nil {
		return nil, err
	}
	i.Messages = 1
	detail := incident.Detail{Message: m.ID, Topic: i.Topic, Agency: answering, How: HowPast, Reason: p.Status}
	if p.Answer != "" {
		a := &reply.Reply{Incident: int64(i.ID), Message: int64(m.ID), Purpose: reply.Final, State: reply.Published, Text: p.Answer,
			CreatedAt: i.AnsweredAt, ApprovedAt: i.AnsweredAt, PublishedAt: i.AnsweredAt, Place: i.Place}
		if err := o.tx.Replies().SaveReply(ctx, a); err != nil {
			return nil, err
		}
		detail.Reply = int64(a.ID)
	}
	err := o.tx.Incidents().Record(ctx, &incident.Entry{Incident: i.ID, Version: i.Version, At: now, Who: o.who.ID, Action: lifecycle.File, To: i.State, Detail: detail})
	if err != nil {
		return nil, err
	}
	if o.desk.Options.Lint == nil {
		return i, nil
	}
	served, terms, err := o.desk.serves(ctx, o.tx, i)
	if err == nil && served != nil {
		err = o.tx.Precedents().Keep(ctx, *served, terms)
	}
	return i, err
}

func first(times ...time.Time) time.Time {
	k := slices.IndexFunc(times, func(t time.Time) bool { return !t.IsZero() })
	return times[max(k, 0)]
}
