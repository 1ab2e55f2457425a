package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/message"
	"otklik/internal/scope"
)

// incidents implements incident.Store.
type incidents struct{ t *tx }

// incidentFields are the columns that Open and Save write, in the order of incidentArgs.
// messages belongs to Attach and Detach, opened_at and opened_key never change.
const incidentFields = `version, region, centre, agency, state, is_open, outcome, outcome_reason, verified_by, verified_how, verified_at,
	topic, topic_group, urgency, calm, kind, missing, channel, proposed, rule, settlement, place_id, settlement_name, street, house, landmark,
	relation, lat, lon, radius, executor, claimed_by, claimed_at, first_message, reopened, published_at, accepted_at, answered_at, closed_at, updated_at, mark,
	` + clockFields

func incidentArgs(i *incident.Incident) []any {
	a := &i.Address
	return append([]any{i.Version, i.Place.Region, i.Place.Centre, i.Place.Agency, string(i.State), flag(i.State.Open()), string(i.Outcome), i.OutcomeReason,
		int64(i.VerifiedBy), i.VerifiedHow, micros(i.VerifiedAt), string(i.Topic), i.Group, string(i.Urgency), 2 - i.Urgency.Rank(), string(i.Kind),
		strings.Join(i.Missing, " "), string(i.Channel), i.Proposed, i.Rule, i.Settlement, a.PlaceID, a.Settlement, a.Street, a.House, a.Landmark,
		a.Relation, a.Lat, a.Lon, a.Radius, int64(i.Executor), int64(i.ClaimedBy), micros(i.ClaimedAt), int64(i.First), i.Reopened,
		micros(i.PublishedAt), micros(i.AcceptedAt), micros(i.AnsweredAt), micros(i.ClosedAt), micros(i.UpdatedAt), int(i.Mark())}, clockArgs(&i.Clock)...)
}

// incidentColumns is what scanIncident reads.
const incidentColumns = `i.id, i.number, i.version, i.region, i.centre, i.agency, i.state, i.outcome, i.outcome_reason, i.verified_by, i.verified_how, i.verified_at,
	i.topic, i.topic_group, i.urgency, i.kind, i.missing, i.channel, i.proposed, i.rule, i.settlement, i.place_id, i.settlement_name, i.street, i.house, i.landmark,
	i.relation, i.lat, i.lon, i.radius, i.executor, i.claimed_by, i.claimed_at, i.messages, i.first_message, i.reopened,
	i.published_at, i.opened_at, i.accepted_at, i.answered_at, i.closed_at, i.updated_at,
	` + clockColumns

// scanIncident reads incidentColumns and what follows them.
func scanIncident(rows *sql.Rows, i *incident.Incident, more ...any) error {
	var missing string
	a := &i.Address
	err := rows.Scan(slices.Concat([]any{&i.ID, &i.Number, &i.Version, &i.Place.Region, &i.Place.Centre, &i.Place.Agency, &i.State, &i.Outcome, &i.OutcomeReason,
		&i.VerifiedBy, &i.VerifiedHow, clock{&i.VerifiedAt}, &i.Topic, &i.Group, &i.Urgency, &i.Kind, &missing, &i.Channel, &i.Proposed, &i.Rule,
		&i.Settlement, &a.PlaceID, &a.Settlement, &a.Street, &a.House, &a.Landmark, &a.Relation, &a.Lat, &a.Lon, &a.Radius, &i.Executor,
		&i.ClaimedBy, clock{&i.ClaimedAt}, &i.Messages, &i.First, &i.Reopened, clock{&i.PublishedAt}, clock{&i.OpenedAt},
		clock{&i.AcceptedAt}, clock{&i.AnsweredAt}, clock{&i.ClosedAt}, clock{&i.UpdatedAt}}, clockDest(&i.Clock), more)...)
	i.Missing = nil
	if missing != "" {
		i.Missing = strings.Split(missing, " ")
	}
	return err
}

// openedKey orders incidents by the millisecond in which they were opened, then
// by id, in one number: it is the key of the queue's pages and of the search.
func openedKey(opened time.Time, id int64) int64 {
	ms := int64(0)
	if !opened.IsZero() {
		ms = opened.UnixMilli()
	}
	return ms<<openedBits | id&(1<<openedBits-1)
}

const openedBits = 21 // incidents of one millisecond that are told apart

func (s incidents) Open(ctx context.Context, i *incident.Incident) (err error) {
	defer fault.Wrap(&err, "store.Open")
	if !s.t.link.write {
		return readOnly()
	}
	var id int64
	if _, err := s.t.link.one(ctx, s.t.link.d.nextIncident, nil, &id); err != nil {
		return err
	}
	c := *i
	c.ID, c.Number, c.Version = incident.ID(id), incident.Number(id), 1
	_, err = s.t.link.exec(ctx, "INSERT INTO incident ("+incidentFields+", id, opened_key, number, opened_at) VALUES ("+openMarks+")",
		append(incidentArgs(&c), id, openedKey(c.OpenedAt, id), c.Number, micros(c.OpenedAt))...)
	if err != nil {
		return err
	}
	*i = c
	return nil
}

var (
	fieldCount = strings.Count(incidentFields, ",") + 1
	openMarks  = marks(fieldCount + 4)
	saveMarks  = marks(fieldCount)
)

func (s incidents) Save(ctx context.Context, i *incident.Incident) (err error) {
	defer fault.Wrap(&err, "store.Save(incident %d)", i.ID)
	next := *i
	next.Version++
	var w where
	w.args = incidentArgs(&next)
	w.and("id = ?", int64(i.ID))
	w.and("version = ?", i.Version)
	n, err := s.t.link.exec(ctx, "UPDATE incident SET ("+incidentFields+") = ("+saveMarks+")"+w.String(), w.args...)
	if err != nil {
		return err
	}
	if n == 1 {
		i.Version++
		return nil
	}
	var version int
	ok, err := s.t.link.one(ctx, "SELECT version FROM incident WHERE id = $1", []any{int64(i.ID)}, &version)
	if err == nil && !ok {
		return missing("incident %d is not here", i.ID)
	}
	if err == nil {
		err = fault.New(fault.Conflict, "incident %d is at version %d, not %d", i.ID, version, i.Version).
			Say("Пока вы работали с инцидентом, его изменил кто-то ещё. Посмотрите, что изменилось, и повторите.")
	}
	return err
}

func (s incidents) find(ctx context.Context, w *where) (_ *incident.Incident, err error) {
	var out []incident.Incident
	err = s.t.link.query(ctx, "SELECT "+incidentColumns+" FROM incident i"+w.String(), w.args, func(rows *sql.Rows) error {
		out = append(out, incident.Incident{})
		return scanIncident(rows, &out[len(out)-1])
	})
	return singleValue(out, err)
}

func (s incidents) Incident(ctx context.Context, sc scope.Scope, id incident.ID) (_ *incident.Incident, err error) {
	defer fault.Wrap(&err, "store.Incident(%d)", id)
	var w where
	w.and("i.id = ?", int64(id))
	w.helped("i", sc)
	return s.find(ctx, &w)
}

func (s incidents) ByNumber(ctx context.Context, sc scope.Scope, number string) (_ *incident.Incident, err error) {
	defer fault.Wrap(&err, "store.ByNumber")
	var w where
	w.and("i.number = ?", number)
	w.helped("i", sc)
	return s.find(ctx, &w)
}

// seen is NotFound for an incident that sc does not see.
func (s incidents) seen(ctx context.Context, sc scope.Scope, id incident.ID) error {
	var w where
	w.and("i.id = ?", int64(id))
	w.helped("i", sc)
	var one int
	ok, err := s.t.link.one(ctx, "SELECT 1 FROM incident i"+w.String(), w.args, &one)
	if err == nil && !ok {
		err = missing("incident %d is not here", id)
	}
	return err
}

func (s incidents) Attach(ctx context.Context, id incident.ID, m message.ID) (err error) {
	defer fault.Wrap(&err, "store.Attach(incident %d, message %d)", id, m)
	n, err := s.t.link.exec(ctx, "UPDATE message SET incident = $1 WHERE id = $2 AND incident = 0", int64(id), int64(m))
	if err != nil {
		return err
	}
	if n == 0 {
		if _, err := (messages{s.t}).Incident(ctx, m); err != nil {
			return err
		}
		return fault.New(fault.Conflict, "message %d belongs to an incident already", m).Say("Это сообщение уже присоединено к инциденту.")
	}
	return s.counted(ctx, id, +1)
}

func (s incidents) Detach(ctx context.Context, id incident.ID, m message.ID) (err error) {
	defer fault.Wrap(&err, "store.Detach(incident %d, message %d)", id, m)
	n, err := s.t.link.exec(ctx, "UPDATE message SET incident = 0 WHERE id = $2 AND incident = $1", int64(id), int64(m))
	if err != nil {
		return err
	}
	if n == 0 {
		return fault.New(fault.Conflict, "message %d does not belong to incident %d", m, id).Say("Это сообщение не присоединено к этому инциденту.")
	}
	return s.counted(ctx, id, -1)
}

func (s incidents) counted(ctx context.Context, id incident.ID, by int) error {
	n, err := s.t.link.exec(ctx, "UPDATE incident SET messages = messages + $1 WHERE id = $2", by, int64(id))
	if err == nil && n == 0 {
		err = missing("incident %d is not here", id)
	}
	s.t.dirty = append(s.t.dirty, id)
	return err
}

func (s incidents) Record(ctx context.Context, e *incident.Entry) (err error) {
	defer fault.Wrap(&err, "store.Record(incident %d)", e.Incident)
	detail, err := json.Marshal(e.Detail)
	if err != nil {
		return err
	}
	e.ID, _, err = s.t.link.insert(ctx, `INSERT INTO entry (incident, region, version, at, who, action, from_state, to_state, detail)
		VALUES ($1, coalesce((SELECT region FROM incident WHERE id = $1), ''), $2, $3, $4, $5, $6, $7, $8)`,
		int64(e.Incident), e.Version, micros(e.At), int64(e.Who), string(e.Action), string(e.From), string(e.To), string(detail))
	if err != nil {
		return err
	}
	return webhooks(s).tell(ctx, e)
}

func (s incidents) History(ctx context.Context, sc scope.Scope, id incident.ID) (out []incident.Entry, err error) {
	defer fault.Wrap(&err, "store.History(%d)", id)
	if err := s.seen(ctx, sc, id); err != nil {
		return nil, err
	}
	err = s.t.link.query(ctx, `SELECT e.id, e.incident, e.version, e.at, e.who, coalesce(a.name, ''), e.action, e.from_state, e.to_state, e.detail
		FROM entry e LEFT JOIN account a ON a.id = e.who WHERE e.incident = $1 ORDER BY e.id`, []any{int64(id)}, func(rows *sql.Rows) error {
		var e incident.Entry
		var detail string
		if err := rows.Scan(&e.ID, &e.Incident, &e.Version, clock{&e.At}, &e.Who, &e.Name, &e.Action, &e.From, &e.To, &detail); err != nil {
			return err
		}
		err := json.Unmarshal([]byte(detail), &e.Detail)
		out = append(out, e)
		return err
	})
	return out, err
}
