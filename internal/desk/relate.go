package desk

import (
	"context"
	"fmt"
	"time"

	"otklik/internal/cluster"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/message"
	"otklik/internal/topic"
)

// So many incidents of one group of topics at one street or landmark within
// hours are proposed as one trouble of many people.
const (
	burstSize   = 4
	burstWindow = 3 * time.Hour
)

// nearLimit is how many earlier incidents of a place are looked at, the latest first.
const nearLimit = 20

// CaseOf returns what of an incident is compared with others; key is that of the
// text that speaks for it, written at the time given.
func CaseOf(i *incident.Incident, key cluster.Key, at time.Time) cluster.Case {
	return cluster.Case{Key: key, Topic: i.Topic, Group: i.Group, Centre: i.Place.Centre, Town: i.Settlement, Address: i.Address, At: at}
}

// Case returns what of a message is compared with incidents before it belongs to one.
func (d *Desk) Case(m *message.Message, r *message.Reading, key cluster.Key) cluster.Case {
	i := incident.Incident{Topic: r.Topic(), PublishedAt: m.PublishedAt, OpenedAt: m.SeenAt}
	if t, ok := d.Topics().ByCode(i.Topic); ok && i.Topic != topic.Undefined {
		i.Group = t.Group
	}
	i.Place, i.Settlement, i.Address = d.stand(m, r)
	return CaseOf(&i, key, written(&i))
}

// written returns when the incident's first message was written, as far as known.
func written(i *incident.Incident) time.Time {
	if i.PublishedAt.IsZero() {
		return i.OpenedAt
	}
	return i.PublishedAt
}

// relate looks for open incidents that the one just opened may be the same as,
// and proposes them: to be one, or, when there are many within hours, to be one
// trouble of many people.
func (o *Opener) relate(ctx context.Context, i *incident.Incident, m *message.Message, key *cluster.Key) (err error) {
	defer fault.Wrap(&err, "desk.relate(%d)", i.ID)
	d := o.desk
	if d.Key == nil || i.Settlement == "" || i.Address.Street == "" && i.Address.Landmark == "" || i.Topic == topic.Undefined {
		return nil
	}
	n := incident.Near{Settlement: i.Settlement, Street: i.Address.Street, Since: i.OpenedAt.Add(-cluster.Window), Not: i.ID, OnlyOpen: true, Limit: nearLimit}
	if n.Street == "" {
		n.Landmark = i.Address.Landmark
	}
	rows, err := o.tx.Incidents().Near(ctx, o.who.Scope, n)
	if err != nil || len(rows) == 0 {
		return err
	}
	if key == nil {
		k := d.Key(m.Text)
		key = &k
	}
	mine := CaseOf(i, *key, written(i))
	var crowd []*incident.Incident // like i and within hours of it
	for k := range rows {
		row := &rows[k]
		if !row.State.Open() || row.Place.Region != i.Place.Region {
			continue
		}
		if row.Group == i.Group && row.Group != "" && written(&row.Incident).Sub(mine.At).Abs() <= burstWindow {
			crowd = append(crowd, &row.Incident)
		}
		theirs := CaseOf(&row.Incident, d.Key(row.Excerpt), written(&row.Incident))
		if op := cluster.Judge(&mine, &theirs); op.Verdict != cluster.Apart {
			if err := o.suggest(ctx, i, &row.Incident, incident.Same, op.Score, op.Reasons); err != nil {
				return err
			}
		}
	}
	return o.burst(ctx, i, crowd)
}

// burst proposes that a crowd of incidents goes into its oldest one.
func (o *Opener) burst(ctx context.Context, i *incident.Incident, crowd []*incident.Incident) error {
	if len(crowd)+1 < burstSize {
		return nil
	}
	crowd = append(crowd, i)
	oldest := crowd[0]
	for _, c := range crowd {
		if c.ID < oldest.ID {
			oldest = c
		}
	}
	reasons := []string{fmt.Sprintf("%d похожих за %d часа", len(crowd), int(burstWindow.Hours())), "одно место", "одна группа тем"}
	score := min(0.99, 0.6+0.05*float64(len(crowd)))
	for _, c := range crowd {
		if c != oldest {
			if err := o.suggest(ctx, c, oldest, incident.Burst, score, reasons); err != nil {
				return err
			}
		}
	}
	return nil
}

// suggest stores that one incident, the younger one, is likely the same as another.
func (o *Opener) suggest(ctx context.Context, i, into *incident.Incident, kind incident.ProposalKind, score float64, reasons []string) error {
	return o.tx.Proposals().Propose(ctx, &incident.Proposal{Incident: i.ID, Into: into.ID, Kind: kind, Score: score, Reasons: reasons,
		CreatedAt: o.desk.Now(), Place: i.Place})
}

// Likely proposes that the incident just opened is the same as an earlier one,
// which intake found by its text.
func (o *Opener) Likely(ctx context.Context, i *incident.Incident, into incident.ID, op cluster.Opinion) (err error) {
	defer fault.Wrap(&err, "desk.Likely(%d, %d)", i.ID, into)
	return o.suggest(ctx, i, &incident.Incident{ID: into}, incident.Same, op.Score, op.Reasons)
}
