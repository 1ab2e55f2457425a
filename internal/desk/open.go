package desk

import (
	"cmp"
	"context"
	"slices"

	"otklik/internal/account"
	"otklik/internal/agency"
	"otklik/internal/cluster"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/live"
	"otklik/internal/message"
	"otklik/internal/place"
	"otklik/internal/regime"
	"otklik/internal/scope"
	"otklik/internal/topic"
)

// An Opener opens incidents and attaches messages inside the transaction of
// whoever takes messages in. Its Events are told after the commit.
type Opener struct {
	desk   *Desk
	tx     incident.Tx
	who    account.Actor
	rules  map[string][]agency.Rule // by region, read once a transaction
	Events []live.Event
	regime regime.Code // of what is opened next, chosen by its author; "" = by the book
	asked  string      // agency whose page its author wrote on, by name; "" = by the rules

	agencies []agency.Agency // read once a transaction, where a name is looked for
}

// Opener returns an opener for one transaction.
func (d *Desk) Opener(tx incident.Tx, who account.Actor) *Opener {
	return &Opener{desk: d, tx: tx, who: who, rules: map[string][]agency.Rule{}}
}

// Open opens an incident for a stored message.
func (o *Opener) Open(ctx context.Context, m *message.Message, r *message.Reading) (i *incident.Incident, err error) {
	return o.OpenKeyed(ctx, m, r, nil)
}

// OpenKeyed does as Open for a caller that has the key of the message's text
// already, from the analysis that made the reading.
func (o *Opener) OpenKeyed(ctx context.Context, m *message.Message, r *message.Reading, key *cluster.Key) (i *incident.Incident, err error) {
	defer fault.Wrap(&err, "desk.Open(message %d)", m.ID)
	state, err := lifecycle.Next("", lifecycle.File, o.who.Role)
	if err != nil {
		return nil, err
	}
	now := o.desk.Now()
	i = &incident.Incident{
		State: state, Topic: r.Topic(), Urgency: r.Urgency, Kind: r.Kind, Missing: r.Missing, Channel: m.Channel,
		First: m.ID, Messages: 0, PublishedAt: m.PublishedAt, OpenedAt: now, UpdatedAt: now,
	}
	if t, ok := o.desk.Topics().ByCode(i.Topic); ok && i.Topic != topic.Undefined {
		i.Group = t.Group
	}
	i.Place, i.Settlement, i.Address = o.desk.stand(m, r)
	pointed(m, &i.Address)
	if err := o.desk.propose(ctx, o.tx, i, o.rules); err != nil {
		return nil, err
	}
	if err := o.proposeAsked(ctx, i); err != nil {
		return nil, err
	}
	i.Clock = incident.Clock{Regime: o.regime, ByHand: o.regime != ""}
	if err := o.desk.begin(i, m.Source); err != nil {
		return nil, err
	}
	if err := o.tx.Incidents().Open(ctx, i); err != nil {
		return nil, err
	}
	if err := o.tx.Incidents().Attach(ctx, i.ID, m.ID); err != nil {
		return nil, err
	}
	i.Messages = 1
	err = o.tx.Incidents().Record(ctx, &incident.Entry{
		Incident: i.ID, Version: i.Version, At: now, Who: o.who.ID, Action: lifecycle.File, To: i.State,
		Detail: incident.Detail{Message: m.ID, Topic: i.Topic, Rule: i.Rule, Agency: i.Proposed},
	})
	if err != nil {
		return nil, err
	}
	o.Events = append(o.Events, live.Event{Incident: i.ID, Version: i.Version, Opened: true, Place: i.Place, Was: i.Place})
	for _, after := range []func() error{
		func() error { return o.repeats(ctx, i) },
		func() error { return o.durable(ctx, i) },
		func() error { return o.crisis(ctx, i, m, r) },
	} {
		if err := after(); err != nil {
			return nil, err
		}
	}
	return i, o.relate(ctx, i, m, key)
}

// Attach adds a stored message to an incident. What its author says of the place
// or the topic fills what the incident misses.
func (o *Opener) Attach(ctx context.Context, id incident.ID, m *message.Message, r *message.Reading) (err error) {
	defer fault.Wrap(&err, "desk.Attach(message %d)", m.ID)
	return o.touch(ctx, id, lifecycle.Attach, incident.Detail{Message: m.ID}, func(s *step) error {
		i := s.i
		if _, err := lifecycle.Next(i.State, lifecycle.Attach, o.who.Role); err != nil {
			return err
		}
		i.Messages++
		if err := o.tx.Incidents().Attach(ctx, id, m.ID); err != nil {
			return err
		}
		if err := s.heard(m); err != nil {
			return err
		}
		if err := o.crisis(ctx, i, m, r); err != nil {
			return err
		}
		if err := s.clarified(m, r); err != nil {
			return err
		}
		return s.joined(m)
	})
}

// Changed notes that the network changed a message of the incident: its author
// edited, deleted or restored it.
func (o *Opener) Changed(ctx context.Context, id incident.ID, m *message.Message, r *message.Reading) (err error) {
	defer fault.Wrap(&err, "desk.Changed(message %d)", m.ID)
	event := string(m.Event)
	if m.Event == message.Written {
		event = "edited"
	}
	action, detail := lifecycle.Attach, incident.Detail{Message: m.ID, Event: event}
	there, moved, err := o.pastMoved(ctx, id, m)
	if err != nil {
		return err
	}
	if moved {
		action, detail = lifecycle.Neighbour, there
	}
	return o.touch(ctx, id, action, detail, func(s *step) error {
		if m.Event == message.Deleted {
			return nil
		}
		if moved && m.Past.Done() {
			if err := s.answeredThere(m.Past.Answer); err != nil {
				return err
			}
		}
		if err := s.heardAgain(m, r); err != nil {
			return err
		}
		if err := o.crisis(ctx, s.i, m, r); err != nil { // the author may add the danger by an edit
			return err
		}
		return s.clarified(m, r)
	})
}

func (o *Opener) touch(ctx context.Context, id incident.ID, action lifecycle.Action, detail incident.Detail, change func(*step) error) error {
	i, err := o.tx.Incidents().Incident(ctx, scope.All(), id)
	if err != nil {
		return err
	}
	s := o.desk.stepOn(ctx, o.tx, o.who, i)
	s.record(incident.Entry{Action: action, To: i.State, Detail: detail})
	if err := change(s); err != nil {
		return err
	}
	if err := s.store(); err != nil {
		return err
	}
	o.Events = append(o.Events, s.events...)
	return nil
}

// propose sets the agency that routing proposes and the rule that says so.
// rules may be nil; then they are read.
func (d *Desk) propose(ctx context.Context, tx incident.Tx, i *incident.Incident, rules map[string][]agency.Rule) error {
	list, ok := rules[i.Place.Region]
	if !ok {
		var err error
		if list, err = tx.Agencies().Rules(ctx, i.Place.Region); err != nil {
			return err
		}
		if rules != nil {
			rules[i.Place.Region] = list
		}
	}
	rule, _ := agency.Route(list, agency.Case{
		Topic: i.Topic, Group: i.Group, Region: i.Place.Region, Centre: i.Place.Centre, Settlement: i.Settlement,
	})
	i.Proposed, i.Rule = rule.Agency, rule.ID
	return nil
}

// proposeAsked proposes the agency whose page the author wrote on, when it is one of the region
// and still answers: a button of a site that nobody looks after must not lose a report.
func (o *Opener) proposeAsked(ctx context.Context, i *incident.Incident) error {
	if o.asked == "" {
		return nil
	}
	list, err := o.tx.Agencies().Agencies(ctx, scope.OfRegion(i.Place.Region))
	if err != nil {
		return err
	}
	if id := agency.Named(slices.DeleteFunc(list, func(a agency.Agency) bool { return a.Disabled }), o.asked); id != 0 {
		i.Proposed, i.Rule = id, 0
	}
	return nil
}

// Stand says in whose scope a message lies, and where its trouble is. The
// reading may be nil.
func (d *Desk) Stand(m *message.Message, r *message.Reading) (scope.Place, incident.Address) {
	if r == nil {
		r = &message.Reading{}
	}
	p, _, a := d.stand(m, r)
	return p, a
}

// stand says in whose scope a message lies and where its trouble is: what the
// text names goes before what the source speaks for, and that before the region
// of this centre.
func (d *Desk) stand(m *message.Message, r *message.Reading) (p scope.Place, settlement string, a incident.Address) {
	a, at := address(r.Places)
	if at != nil {
		p.Region, p.Centre, settlement = at.Region, at.Municipality, at.SettlementID
	}
	if t, ok := d.Places.ByID(m.Territory); ok && m.Territory != "" && (p.Region == "" || p.Region == t.Region) {
		p.Region = t.Region
		if p.Centre == "" {
			p.Centre = t.Municipality
			if t.Level == place.Municipality {
				p.Centre = t.ID
			}
		}
		if settlement == "" && t.Level == place.Settlement {
			settlement = t.ID
		}
	}
	if p.Region == "" || d.Region != "" {
		if p.Region != d.Region && p.Region != "" { // named, but in another region: it is still ours to look at
			p.Centre, settlement = "", ""
		}
		p.Region = d.Region
	}
	return p, settlement, a
}

// finest orders the types of places, the finest last.
var finest = map[string]int{
	"settlement": 1, "district": 2, "road": 3, "street": 4, "stop": 5, "landmark": 6, "stretch": 7, "intersection": 8, "house": 9,
}

// address puts the places that a text names into one address. at is the finest
// of them, nil when there is none.
func address(places []message.PlaceFound) (a incident.Address, at *message.PlaceFound) {
	for k := range places {
		f := &places[k]
		if at == nil || finest[f.Type] > finest[at.Type] || finest[f.Type] == finest[at.Type] && f.Score > at.Score {
			at = f
		}
	}
	if at == nil {
		return a, nil
	}
	fill := func(to *string, from string) {
		if *to == "" {
			*to = from
		}
	}
	pick := func(f *message.PlaceFound) {
		fill(&a.Settlement, f.Settlement)
		switch f.Type {
		case "settlement":
			fill(&a.Settlement, f.Name)
		case "street":
			fill(&a.Street, f.Name)
		case "house":
			fill(&a.Street, f.Street)
			fill(&a.House, f.House)
		default:
			if f.Type != "district" || a.Street == "" {
				fill(&a.Landmark, f.Name)
			}
		}
		fill(&a.Relation, f.Relation)
	}
	pick(at)
	for k := range places {
		f := &places[k]
		if f == at || a.Settlement != "" && f.Settlement != "" && f.Settlement != a.Settlement {
			continue // another place of the same text: shown on the page, not part of this address
		}
		if f.Type == "house" && a.Street != "" && f.Street != a.Street {
			continue
		}
		pick(f)
		if at.Region == "" {
			at.Region, at.Municipality = f.Region, f.Municipality
		}
		if at.SettlementID == "" {
			at.SettlementID = f.SettlementID
		}
	}
	a.PlaceID, a.Lat, a.Lon, a.Radius = at.ID, at.Lat, at.Lon, cmp.Or(at.Radius, radius(at.Type))
	return a, at
}

// radius says how exact a point of the type is, in metres.
func radius(kind string) int {
	switch kind {
	case "house", "stop":
		return 50
	case "intersection", "landmark":
		return 150
	case "street", "stretch":
		return 1000
	}
	return 5000
}
