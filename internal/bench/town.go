package bench

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"otklik/internal/account"
	"otklik/internal/bench/rig"
	"otklik/internal/config"
	"otklik/internal/gazetteer"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/message"
	"otklik/internal/russian"
	"otklik/internal/scope"
	"otklik/internal/site"
	"otklik/internal/store"
	"otklik/internal/topic"
)

// khakassia is the region of all measurements.
const khakassia = "95000000"

// A town is three months of a region's work, as it lies in the store: few
// topics, places and agencies hold most of it, nine in ten incidents are done.
type town struct {
	rnd      *rand.Rand
	analyzer *russian.Analyzer
	topics   []topic.Topic
	centres  []string
	agencies []int64
	start    time.Time
	// ours makes each incident another one before it is opened; nil leaves them.
	ours func(k int, i *incident.Incident)
}

// fillTown puts n incidents and the browsers' accounts into the centre's store. ours
// may be nil, see town.
func fillTown(ctx context.Context, c *rig.Centre, n, browsers int, ours func(k int, i *incident.Incident)) error {
	conf, err := config.Load(c.Dir)
	if err != nil {
		return err
	}
	t := &town{ours: ours, rnd: rand.New(rand.NewPCG(100, 1)), topics: topic.Default().Topics, start: time.Now().Add(-90 * 24 * time.Hour)}
	if t.analyzer, err = russian.New(); err != nil {
		return err
	}
	places, err := gazetteer.Municipalities(khakassia)
	if err != nil {
		return err
	}
	for _, p := range places {
		t.centres = append(t.centres, p.ID)
	}
	db, err := store.Open(ctx, conf.StoreURL(c.Dir))
	if err != nil {
		return err
	}
	defer db.Close()
	agencies, err := db.Reader().Agencies().Agencies(ctx, scope.All())
	if err != nil {
		return err
	}
	for _, a := range agencies {
		t.agencies = append(t.agencies, a.ID)
	}
	hash, err := site.HashPassword(rig.Person)
	if err != nil {
		return err
	}
	err = db.Change(ctx, incident.Machine, func(tx incident.Tx) error {
		for k := range browsers {
			err := tx.Accounts().SaveAccount(ctx, &account.Account{Login: login(k), Name: fmt.Sprintf("Оператор %d", k+1), Role: lifecycle.Operator, Hash: hash, Place: scope.Place{Region: khakassia}})
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	texts := rig.Texts(11, n)
	step := 90 * 24 * time.Hour / time.Duration(n+1)
	for done := 0; done < n; {
		last := min(done+1000, n)
		err := db.Change(ctx, incident.Machine, func(tx incident.Tx) error {
			for k := done; k < last; k++ {
				if err := t.open(ctx, tx, &texts[k], k, t.start.Add(time.Duration(k)*step)); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		done = last
	}
	return nil
}

func login(k int) string { return fmt.Sprintf("operator%d", k+1) }

// skewed returns a number below n, small ones far more often.
func (t *town) skewed(n int) int {
	return min(int(math.Pow(float64(n+1), t.rnd.Float64()))-1, n-1)
}

func (t *town) open(ctx context.Context, tx incident.Tx, m *rig.Text, k int, now time.Time) error {
	where := scope.Place{Region: khakassia, Centre: t.centres[t.skewed(len(t.centres))]}
	channels := []message.Channel{message.VK, message.VK, message.Hook, message.Telegram, message.Phone}
	tp := t.topics[t.skewed(len(t.topics))]
	msg := &message.Message{Source: "vk:-1", Channel: channels[t.skewed(len(channels))], Form: message.Comment, Native: m.ID, Event: message.Written,
		Revision: message.Revision{Time: now}, Thread: fmt.Sprintf("t%d", k/20), Author: m.Author, AuthorName: "Имя Фамилия",
		URL: "https://vk.example/wall-1_" + m.ID, Text: m.Text, PublishedAt: now.Add(-time.Minute), SeenAt: now, Place: where}
	r := &message.Reading{Concerns: true, Kind: message.Complaint, Complaint: true, Urgency: message.Normal, Index: t.analyzer.Read(m.Text).Index(),
		Topics:   []message.TopicGuess{{Code: tp.Code, Score: 0.8}},
		Evidence: []message.Evidence{{Start: 0, End: min(10, len(m.Text)), For: "topic", Why: "слова темы"}}}
	switch p := t.rnd.IntN(50); {
	case p == 0:
		r.Urgency = message.Danger
	case p < 6:
		r.Urgency = message.High
	}
	if _, err := tx.Messages().Keep(ctx, msg, r); err != nil {
		return err
	}
	i := &incident.Incident{State: lifecycle.Closed, Outcome: lifecycle.Solved, Topic: tp.Code, Group: tp.Group, Urgency: r.Urgency, Kind: r.Kind,
		Channel: msg.Channel, Place: where, Settlement: where.Centre, First: msg.ID, PublishedAt: msg.PublishedAt, OpenedAt: now, UpdatedAt: now,
		Address: incident.Address{Settlement: "Абакан", Street: fmt.Sprintf("улица %d", t.skewed(300)), House: fmt.Sprint(1 + t.skewed(80)), Lat: 53.7, Lon: 91.4, Radius: 50}}
	i.Place.Agency = t.agencies[t.skewed(len(t.agencies))]
	if p := t.rnd.IntN(100); p >= 95 {
		i.State, i.Outcome = lifecycle.States()[t.rnd.IntN(6)], ""
		if i.State == lifecycle.New || i.State == lifecycle.Triage {
			i.Place.Agency = 0
		}
		if t.rnd.IntN(5) == 0 {
			i.Missing = []string{message.MissingPlace}
		}
	} else if p >= 90 {
		i.State, i.Outcome = lifecycle.Answered, ""
	}
	if t.ours != nil {
		t.ours(k, i)
	}
	if err := tx.Incidents().Open(ctx, i); err != nil {
		return err
	}
	if err := tx.Incidents().Attach(ctx, i.ID, msg.ID); err != nil {
		return err
	}
	return tx.Incidents().Record(ctx, &incident.Entry{Incident: i.ID, Version: i.Version, At: now, Action: lifecycle.File, To: i.State,
		Detail: incident.Detail{Message: msg.ID, Topic: i.Topic}})
}

// filters are the twenty addresses that fifty people look at.
func filters() []string {
	tp := topic.Default().Topics
	q := func(s string) string { return "/desk" + s }
	return []string{
		q(""), q("?all=1"), q("?state=new"), q("?state=new&state=triage&state=asked"), q("?state=closed"),
		q("?topic=" + string(tp[0].Code)), q("?topic=" + string(tp[150].Code) + "&all=1"), q("?group=" + esc(tp[0].Group)),
		q("?agency=3&all=1"), q("?agency=5"), q("?agency=none"), q("?centre=95701000"), q("?urgency=danger&all=1"),
		q("?channel=phone&missing=1"), q("?claimed=free&sort=urgent"), q("?sort=changed&all=1"), q("?sort=oldest"),
		q("?q=" + esc("яма на дороге")), q("?q=" + esc("горячая вода Пушкина")),
		q("?since=" + time.Now().AddDate(0, 0, -40).Format(time.DateOnly) + "&until=" + time.Now().AddDate(0, 0, -33).Format(time.DateOnly) + "&all=1"),
	}
}
