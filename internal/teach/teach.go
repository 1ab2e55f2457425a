// Package teach makes new versions of the models from what people decided.
//
// Teacher.Learn takes the decisions that the store yields (package lesson), leaves
// the pinned share of them out, learns a candidate (package classify), asks it and
// the version in force about the pinned cases, and stores it as active, or as
// refused with the reason: in one transaction, so that whoever is killed in the
// middle leaves everything as it was. Activate and RollBack are what people do.
package teach

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"time"

	"otklik/internal/account"
	"otklik/internal/agency"
	"otklik/internal/audit"
	"otklik/internal/classify"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lesson"
	"otklik/internal/scope"
	"otklik/internal/topic"
)

const (
	mostDecisions  = 20_000 // the last ones: learning must end before the morning
	fewCorrections = 5      // fewer teach nothing worth a version
	fewHandOvers   = 30     // the same for executors
	fewPinned      = 50     // fewer cases of the centre's own decide nothing; those that the program brought do
	confirmed      = 0.5    // weight of an answer that people let stand; one that they gave counts six times that
	shippedSlack   = 0.03   // share of the shipped cases that a centre may lose for gains of its own
)

// A Store runs questions and changes.
type Store interface {
	Reader() incident.Tx
	Change(ctx context.Context, lane incident.Lane, fn func(incident.Tx) error) error
}

// Options say what a teacher works with. All fields but ByHand are required.
type Options struct {
	Store  Store
	Reader classify.Reader
	Topics func() *topic.Taxonomy
	// Brought returns the classifier that stands where nothing was learnt.
	Brought func(t *topic.Taxonomy) (*classify.Classifier, error)
	Region  string // of the installation; "" for all regions
	ByHand  bool   // a version that is not worse waits for a person
	Now     func() time.Time
	Log     *slog.Logger
}

// A Teacher makes and keeps versions. It is safe for concurrent use; of two who
// change the versions at the same time one gets a Conflict.
type Teacher struct{ Options }

// New returns a teacher.
func New(o Options) *Teacher { return &Teacher{o} }

// A Tally counts what there is to learn from.
type Tally struct {
	Corrected, Confirmed int // decisions about topics, the pinned ones left out
	HandedOver           int // incidents that an agency took and kept, the pinned ones left out
	Pinned               int // cases of the centre's own that versions are asked about
}

// Tally counts what there is to learn from now.
func (t *Teacher) Tally(ctx context.Context) (n Tally, err error) {
	list, err := t.decisions(ctx)
	for _, d := range list {
		switch {
		case lesson.Pinned(d.Incident):
			n.Pinned++
			continue
		case d.Corrected:
			n.Corrected++
		default:
			n.Confirmed++
		}
		if d.Agency != 0 {
			n.HandedOver++
		}
	}
	return n, err
}

func (t *Teacher) decisions(ctx context.Context) ([]lesson.Decision, error) {
	return t.Store.Reader().Lessons().Decisions(ctx, t.scope(), mostDecisions)
}

func (t *Teacher) scope() scope.Scope {
	if t.Region == "" {
		return scope.All()
	}
	return scope.OfRegion(t.Region)
}

// Versions returns the versions of a subject, newest first.
func (t *Teacher) Versions(ctx context.Context, s lesson.Subject) ([]lesson.Version, error) {
	return t.Store.Reader().Lessons().Versions(ctx, t.Region, s)
}

// Model returns the model of a version; nil for 0.
func (t *Teacher) Model(ctx context.Context, s lesson.Subject, number int) (*classify.Model, error) {
	if number == 0 {
		return nil, nil
	}
	b, err := t.Store.Reader().Lessons().Model(ctx, t.Region, s, number)
	if err != nil {
		return nil, err
	}
	m, err := classify.ReadModel(bytes.NewReader(b))
	if err != nil {
		return nil, fmt.Errorf("version %d of %s: %w", number, s, err)
	}
	return m, nil
}

// Active returns the number of the active version, 0 when none is.
func (t *Teacher) Active(ctx context.Context, s lesson.Subject) (int, error) {
	return t.Store.Reader().Lessons().ActiveNumber(ctx, t.Region, s)
}

// Learn makes the next version of a subject and stores what became of it. It is a
// Conflict, with a sentence for people, when there is too little to learn from or
// nothing new since the last version.
func (t *Teacher) Learn(ctx context.Context, who account.Actor, s lesson.Subject) (v lesson.Version, err error) {
	defer fault.Wrap(&err, "teach.Learn(%s)", s)
	list, err := t.Versions(ctx, s)
	if err != nil {
		return v, err
	}
	all, err := t.decisions(ctx)
	if err != nil {
		return v, err
	}
	taxonomy := t.Topics()
	v = lesson.Version{Place: scope.Place{Region: t.Region}, Subject: s, Number: 1, MadeAt: t.Now().UTC(), MadeBy: who.ID, DecidedBy: who.ID, Data: digest(taxonomy, s, all)}
	if len(list) > 0 {
		v.Number = list[0].Number + 1
		if list[0].Data == v.Data {
			return v, fault.New(fault.Conflict, "nothing new since version %d of %s", list[0].Number, s).
				Say(fmt.Sprintf("С версии %d новых решений нет: учиться пока нечему.", list[0].Number))
		}
	}
	for _, was := range list {
		if was.State == lesson.Active {
			v.Before = was.Number
		}
	}
	train, pinned := divide(all)
	var model *classify.Model
	var found verdict
	if s == lesson.Topics {
		model, found, err = t.learnTopics(ctx, &v, taxonomy, train, pinned)
	} else {
		model, found, err = t.learnExecutors(ctx, &v, train, pinned)
	}
	if err != nil {
		return v, err
	}
	v.Figures, v.DecidedAt = found.figures, t.Now().UTC()
	switch {
	case found.worse:
		v.State, v.Reason = lesson.Refused, found.why
	case t.ByHand:
		v.State = lesson.Candidate
	default:
		v.State = lesson.Active
	}
	var file bytes.Buffer
	if _, err := model.WriteTo(&file); err != nil {
		return v, err
	}
	learnt := v
	err = t.Store.Change(ctx, incident.Machine, func(tx incident.Tx) error {
		v = learnt
		if now, err := tx.Lessons().ActiveNumber(ctx, t.Region, s); err != nil {
			return err
		} else if now != v.Before && v.State == lesson.Active { // compared with what is not in force any more
			v.State = lesson.Candidate
		}
		if v.State == lesson.Active {
			if err := t.retire(ctx, tx, list, v.Before, lesson.Replaced, who); err != nil {
				return err
			}
		}
		if err := tx.Lessons().Add(ctx, &v, file.Bytes()); err != nil {
			return err
		}
		return t.note(ctx, tx, who, &v)
	})
	return v, err
}

// retire turns the active version of the list into another state.
func (t *Teacher) retire(ctx context.Context, tx incident.Tx, list []lesson.Version, number int, to lesson.State, who account.Actor) error {
	for _, was := range list {
		if was.Number == number {
			return tx.Lessons().Turn(ctx, &was, to, who.ID, t.Now().UTC())
		}
	}
	return nil
}

func (t *Teacher) note(ctx context.Context, tx incident.Tx, who account.Actor, v *lesson.Version) error {
	return tx.Audit().Record(ctx, audit.Entry{At: t.Now(), Who: who.ID, Deed: audit.Changed, Place: v.Place,
		Subject: fmt.Sprintf("lesson:%s:%d:%s", v.Subject, v.Number, v.State)})
}

// divide parts what is learnt from what is asked about. A text that is asked about
// is not learnt from another incident either.
func divide(all []lesson.Decision) (train, pinned []lesson.Decision) {
	asked := map[string]bool{}
	for _, d := range all {
		if lesson.Pinned(d.Incident) {
			pinned = append(pinned, d)
			asked[plain(d.Text)] = true
		}
	}
	for _, d := range all {
		if !lesson.Pinned(d.Incident) && !asked[plain(d.Text)] {
			train = append(train, d)
		}
	}
	return train, pinned
}

// plain is a text without what people write in two ways.
func plain(text string) string { return strings.ToLower(strings.Join(strings.Fields(text), " ")) }

// digest names what there is to learn from.
func digest(taxonomy *topic.Taxonomy, s lesson.Subject, all []lesson.Decision) string {
	h := sha256.New()
	fmt.Fprintf(h, "%s %d\n", s, taxonomy.Version)
	for _, d := range all {
		fmt.Fprintf(h, "%d %q %s %v %s %d\n", d.Incident, d.Text, d.Topic, d.Corrected, d.Centre, d.Agency)
	}
	return hex.EncodeToString(h.Sum(nil))
}

func (t *Teacher) learnTopics(ctx context.Context, v *lesson.Version, taxonomy *topic.Taxonomy, train, pinned []lesson.Decision) (*classify.Model, verdict, error) {
	var own []classify.Example
	for _, d := range train {
		e := classify.Example{Text: d.Text, Label: string(d.Topic), Weight: confirmed}
		if d.Corrected {
			e.Weight, e.Corrected = 1, true
			v.Corrected++
		} else {
			v.Confirmed++
		}
		own = append(own, e)
	}
	if v.Corrected < fewCorrections {
		return nil, verdict{}, fault.New(fault.Conflict, "%d corrections, %d are needed", v.Corrected, fewCorrections).
			Say(fmt.Sprintf("Учиться пока не на чем: исправлений темы %d, а нужно хотя бы %d. Исправляйте тему прямо в инциденте.", v.Corrected, fewCorrections))
	}
	m, err := classify.Learn(ctx, t.Reader, taxonomy, own, classify.Course{Version: v.Number, Made: v.MadeAt})
	if err != nil {
		return nil, verdict{}, err
	}
	v.Shipped = m.Card.Examples - m.Card.Own
	next, err := classify.ForModel(t.Reader, taxonomy, m)
	if err != nil {
		return nil, verdict{}, err
	}
	found, err := t.compareTopics(ctx, taxonomy, v.Before, next, pinned)
	return m, found, err
}

func (t *Teacher) learnExecutors(ctx context.Context, v *lesson.Version, train, pinned []lesson.Decision) (*classify.Model, verdict, error) {
	var past []classify.Handover
	labels := map[int64]bool{}
	for _, d := range train {
		if d.Agency == 0 {
			continue
		}
		h := handover(&d)
		if h.Corrected {
			v.Corrected++
		} else {
			v.Confirmed++
		}
		past = append(past, h)
		labels[d.Agency] = true
	}
	if len(past) < fewHandOvers || len(labels) < 2 {
		return nil, verdict{}, fault.New(fault.Conflict, "%d hand-overs to %d agencies, %d to 2 are needed", len(past), len(labels), fewHandOvers).
			Say(fmt.Sprintf("Подсказывать исполнителя пока не на чем учиться: принятых передач %d, а нужно хотя бы %d, и не одной организации.", len(past), fewHandOvers))
	}
	names, err := t.names(ctx)
	if err != nil {
		return nil, verdict{}, err
	}
	m, err := classify.LearnAgencies(ctx, t.Reader, past, func(id string) string { return names[id] }, classify.Course{Version: v.Number, Made: v.MadeAt})
	if err != nil {
		return nil, verdict{}, err
	}
	found, err := t.compareExecutors(ctx, v.Before, m, pinned)
	return m, found, err
}

func handover(d *lesson.Decision) classify.Handover {
	return classify.Handover{Text: d.Text, Topic: d.Topic, Territory: d.Centre, Agency: strconv.FormatInt(d.Agency, 10), Corrected: d.Proposed != 0 && d.Proposed != d.Agency}
}

// names returns the names of the agencies by id.
func (t *Teacher) names(ctx context.Context) (map[string]string, error) {
	var list []agency.Agency
	list, err := t.Store.Reader().Agencies().Agencies(ctx, t.scope())
	out := map[string]string{}
	for _, a := range list {
		out[strconv.FormatInt(a.ID, 10)] = a.Name
	}
	return out, err
}
