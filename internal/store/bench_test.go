package store_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"otklik/internal/account"
	"otklik/internal/agency"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/message"
	"otklik/internal/scope"
	"otklik/internal/store"
	"otklik/internal/topic"
)

const region = "95000000"

// A maker makes incidents as a region has them: few topics, places and agencies
// hold most of the work, most of it is closed, words are as frequent as words are.
type maker struct {
	rnd   *rand.Rand
	words []string
	n     int
}

func newMaker(seed uint64) *maker {
	m := &maker{rnd: rand.New(rand.NewPCG(seed, 7))}
	for k := range 20_000 {
		m.words = append(m.words, fmt.Sprintf("слово%d", k))
	}
	return m
}

// skewed returns a number below n, small ones far more often (as Zipf's law has it).
func (m *maker) skewed(n int) int {
	return min(int(math.Pow(float64(n+1), m.rnd.Float64()))-1, n-1)
}

func (m *maker) text() string {
	words := make([]string, 17)
	for k := range words {
		words[k] = m.words[m.skewed(len(m.words))]
	}
	return strings.Join(words, " ")
}

var benchStart = time.Date(2026, 8, 1, 0, 0, 0, 0, time.UTC)

// take stores one message and opens an incident for it, as intake does.
func (m *maker) take(ctx context.Context, tx incident.Tx, old bool) error {
	m.n++
	n := m.n
	text := m.text()
	at := scope.Place{Region: region, Centre: fmt.Sprintf("957%02d000", m.skewed(13))}
	now := benchStart.Add(time.Duration(n) * time.Minute)
	msg := &message.Message{Source: "vk:-1", Channel: message.VK, Form: message.Comment, Native: fmt.Sprintf("%d", n), Event: message.Written,
		Revision: message.Revision{Time: now}, Thread: fmt.Sprintf("t%d", n/20), Author: fmt.Sprintf("a%d", n%5000), AuthorName: "Имя Фамилия",
		URL: fmt.Sprintf("https://vk.example/wall-1_%d", n), Text: text, PublishedAt: now, SeenAt: now, Place: at}
	tp := m.skewed(195)
	r := &message.Reading{Kind: message.Complaint, Complaint: true, Urgency: message.Normal, Index: text,
		Topics:   []message.TopicGuess{{Code: topic.Code(fmt.Sprintf("group%d.topic%d", tp%26, tp)), Score: 0.8}},
		Evidence: []message.Evidence{{Start: 0, End: 10, For: "topic", Why: "слова темы"}, {Start: 12, End: 20, For: "kind", Why: "жалоба"}},
		Places:   []message.PlaceFound{{Start: 20, End: 30, Type: "street", ID: "street:1", Name: "улица Ленина", Region: region, Score: 0.9}}}
	if m.rnd.IntN(50) == 0 {
		r.Urgency = message.Danger
	} else if m.rnd.IntN(10) == 0 {
		r.Urgency = message.High
	}
	if _, err := tx.Messages().Keep(ctx, msg, r); err != nil {
		return err
	}
	i := &incident.Incident{State: lifecycle.New, Topic: r.Topic(), Group: fmt.Sprintf("Группа тем номер %d", tp%26), Urgency: r.Urgency, Kind: r.Kind,
		Channel: []message.Channel{message.VK, message.VK, message.VK, message.Telegram, message.Hook, message.Phone}[m.skewed(6)],
		Place:   at, Settlement: at.Centre + "001", Address: incident.Address{Settlement: "Абакан", Street: fmt.Sprintf("улица %d", m.skewed(300)), House: fmt.Sprint(m.skewed(50))},
		First: msg.ID, PublishedAt: now, OpenedAt: now, UpdatedAt: now.Add(time.Duration(m.rnd.IntN(10_000)) * time.Minute)}
	if m.rnd.IntN(5) == 0 {
		i.Missing = []string{message.MissingPlace}
	}
	if old { // most work of three months is done
		i.Place.Agency = int64(1 + m.skewed(40))
		switch p := m.rnd.IntN(100); {
		case p < 85:
			i.State, i.Outcome, i.Missing = lifecycle.Closed, lifecycle.Solved, nil
		case p < 90:
			i.State = lifecycle.Answered
		default:
			i.State = lifecycle.States()[m.rnd.IntN(8)]
			if i.State == lifecycle.New || i.State == lifecycle.Triage {
				i.Place.Agency = 0
			}
			if m.rnd.IntN(4) == 0 {
				i.ClaimedBy = account.ID(1 + m.rnd.IntN(50))
			}
		}
	}
	if err := tx.Incidents().Open(ctx, i); err != nil {
		return err
	}
	if err := tx.Incidents().Attach(ctx, i.ID, msg.ID); err != nil {
		return err
	}
	return tx.Incidents().Record(ctx, &incident.Entry{Incident: i.ID, Version: 1, At: now, Action: lifecycle.File, To: i.State,
		Detail: incident.Detail{Message: msg.ID, Topic: i.Topic}})
}

func fill(t testing.TB, db *store.DB, m *maker, n, batch int) {
	t.Helper()
	ctx := context.Background()
	for done := 0; done < n; done += batch {
		err := db.Change(ctx, incident.Machine, func(tx incident.Tx) error {
			for range min(batch, n-done) {
				if err := m.take(ctx, tx, true); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// bigTown is a store of 100,000 incidents, made once a test run.
var bigTown = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "otklik-big-")
	if err != nil {
		return "", err
	}
	bigDir = dir
	path := filepath.Join(dir, "big.db")
	db, err := store.Open(context.Background(), path)
	if err != nil {
		return "", err
	}
	defer db.Close()
	err = db.Change(context.Background(), incident.Machine, func(tx incident.Tx) error {
		for k := range 40 {
			a := &agency.Agency{Name: fmt.Sprintf("Орган %d", k), Short: fmt.Sprintf("О-%d", k), Place: scope.Place{Region: region}}
			if err := tx.Agencies().SaveAgency(context.Background(), a); err != nil {
				return err
			}
		}
		for k := range 50 {
			a := &account.Account{Login: fmt.Sprintf("user%d", k), Name: fmt.Sprintf("Имя %d", k), Role: lifecycle.Operator}
			if err := tx.Accounts().SaveAccount(context.Background(), a); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return "", err
	}
	var failure testing.B
	fill(&failure, db, newMaker(1), bigSize, 1000)
	return path, nil
})

const bigSize = 100_000

var bigDir string

func openBig(t testing.TB) *store.DB {
	t.Helper()
	if testing.Short() {
		t.Skip("a store of 100,000 incidents takes half a minute to make: run without -short")
	}
	path, err := bigTown()
	if err != nil {
		t.Fatal(err)
	}
	return openAt(t, path)
}

// shifts are 20 filters that a shift works with.
var shifts = []struct {
	name string
	f    incident.Filter
}{
	{"everything", incident.Filter{}},
	{"open", incident.Filter{Open: true}},
	{"new", incident.Filter{States: []lifecycle.State{lifecycle.New}}},
	{"three states", incident.Filter{States: []lifecycle.State{lifecycle.New, lifecycle.Triage, lifecycle.Asked}}},
	{"closed", incident.Filter{States: []lifecycle.State{lifecycle.Closed}}},
	{"topic", incident.Filter{Topic: "group3.topic3"}},
	{"rare topic, open", incident.Filter{Topic: "group6.topic188", Open: true}},
	{"group, open", incident.Filter{Group: "Группа тем номер 1", Open: true}},
	{"agency", incident.Filter{Agency: 5}},
	{"agency, open", incident.Filter{Agency: 30, Open: true}},
	{"no agency", incident.Filter{NoAgency: true}},
	{"centre, open", incident.Filter{Centre: "95700000", Open: true}},
	{"small centre, danger", incident.Filter{Centre: "95712000", Urgency: message.Danger}},
	{"danger, open", incident.Filter{Urgency: message.Danger, Open: true}},
	{"phone, missing", incident.Filter{Channel: message.Phone, Missing: true}},
	{"claimed", incident.Filter{Claimed: 7}},
	{"free, open, group, centre", incident.Filter{Free: true, Open: true, Group: "Группа тем номер 2", Centre: "95703000"}},
	{"frequent word", incident.Filter{Words: [][]string{{"слово1"}}}},
	{"two words, open", incident.Filter{Words: [][]string{{"слово3"}, {"слово40", "слово41"}}, Open: true}},
	{"rare word, agency", incident.Filter{Words: [][]string{{"слово900"}}, Agency: 1}},
	{"frequent word, small centre, open", incident.Filter{Words: [][]string{{"слово2"}}, Centre: "95711000", Open: true}},
	{"a week, group", incident.Filter{Since: benchStart.Add(60_000 * time.Minute), Until: benchStart.Add(70_000 * time.Minute), Group: "Группа тем номер 4"}},
}

// BenchmarkQueue asks for pages of a store of 100,000 incidents while intake
// writes 20 messages a second.
func BenchmarkQueue(b *testing.B) {
	db := openBig(b)
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	var wg sync.WaitGroup
	defer wg.Wait()
	defer stop()
	wg.Go(func() {
		m := newMaker(2)
		m.n = 10_000_000 + b.N
		tick := time.NewTicker(50 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				m.n++
				db.Change(ctx, incident.Machine, func(tx incident.Tx) error { return m.take(ctx, tx, false) })
			}
		}
	})
	for _, order := range []incident.Order{incident.Newest, incident.Oldest, incident.Urgent, incident.Changed} {
		for _, s := range shifts {
			b.Run(string(order)+"/"+s.name, func(b *testing.B) {
				f := s.f
				f.Order = order
				var times []time.Duration
				rows := 0
				for b.Loop() {
					from := time.Now()
					p, err := db.Reader().Incidents().Queue(ctx, scope.OfRegion(region), f)
					if err != nil {
						b.Fatal(err)
					}
					times = append(times, time.Since(from))
					rows = len(p.Rows)
				}
				slices.Sort(times)
				b.ReportMetric(float64(times[len(times)*99/100].Microseconds()), "p99-µs")
				b.ReportMetric(float64(rows), "rows")
			})
		}
	}
}

// BenchmarkKeep stores messages with their incidents in batches, as an import does.
func BenchmarkKeep(b *testing.B) {
	for _, batch := range []int{1, 200, 1000} {
		b.Run(fmt.Sprintf("batch%d", batch), func(b *testing.B) {
			db := openAt(b, filepath.Join(b.TempDir(), "keep.db"))
			b.ResetTimer()
			fill(b, db, newMaker(3), b.N, batch)
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "messages/s")
		})
	}
}

// BenchmarkFigures counts all 100,000 incidents for the board of results.
func BenchmarkFigures(b *testing.B) {
	db := openBig(b)
	for _, by := range []incident.Split{incident.ByAgency, incident.ByGroup, incident.ByCentre} {
		b.Run(string(by), func(b *testing.B) {
			for b.Loop() {
				if _, err := db.Reader().Clocks().Figures(context.Background(), scope.OfRegion(region),
					incident.FigureQuery{By: by, Since: benchStart.AddDate(-1, 0, 0), Until: benchStart.AddDate(5, 0, 0), Now: benchStart}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
