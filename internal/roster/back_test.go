package roster_test

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/message"
	"otklik/internal/roster"
	"otklik/internal/scope"
	"otklik/internal/seal"
	"otklik/internal/source"
	"otklik/internal/store"
)

// A diary gives one message of its past a step, the last of five days ago.
type diary struct {
	mu    sync.Mutex
	steps int   // that were asked for
	fail  error // of the next step
	hold  chan struct{}
}

func (d *diary) ID() string { return "vk:-7" }
func (d *diary) Poll(context.Context, []byte) (source.Batch, error) {
	return source.Batch{}, nil
}

func (d *diary) Earlier(ctx context.Context, _ time.Time, position []byte) (source.Past, error) {
	if d.hold != nil {
		select {
		case <-d.hold:
		case <-ctx.Done():
			return source.Past{}, ctx.Err()
		}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.steps++
	if err := d.fail; err != nil {
		d.fail = nil
		return source.Past{}, err
	}
	n := len(position)
	at := noon.AddDate(0, 0, -n-1)
	return source.Past{Messages: []message.Message{{Native: fmt.Sprint(n), PublishedAt: at}}, Position: append(position, 'x'), Reached: at, More: n < 4}, nil
}

var noon = time.Date(2026, time.November, 23, 12, 0, 0, 0, time.UTC)

// archive opens a roster over a database that may have been used before; took are the native ids
// of what was taken in.
func archive(t *testing.T, dir string, d *diary, took func(string)) (*roster.Roster, *store.DB, func()) {
	t.Helper()
	db, err := store.Open(t.Context(), filepath.Join(dir, "otklik.db"))
	must(t, err)
	box, err := seal.Keyed(filepath.Join(dir, seal.Name))
	must(t, err)
	r := roster.New(roster.Options{
		Store: db, Box: box, Places: towns{}, Now: func() time.Time { return noon }, Log: slog.New(slog.DiscardHandler), Step: time.Millisecond,
		Stand: func(territory string) scope.Place { return scope.Place{Region: region, Centre: territory} },
		Kinds: map[source.Kind]roster.Connector{source.VK: {Recognise: links{}, Open: func(s source.Source, _, _ source.Key) (source.Connection, error) {
			if strings.HasSuffix(s.ID, "-8") {
				return source.Connection{Puller: &wall{id: s.ID}}, nil
			}
			return source.Connection{Puller: d, Name: s.Name}, nil
		}}},
		Read: func(ctx context.Context, _ source.Connection) { <-ctx.Done() },
		Take: func(ctx context.Context, _ source.Connection, list []message.Message, also func(incident.Tx, int) error) error {
			return db.Change(ctx, incident.Machine, func(tx incident.Tx) error {
				if err := also(tx, len(list)); err != nil {
					return err
				}
				for _, m := range list {
					took(m.Native)
				}
				return nil
			})
		},
	})
	must(t, r.Load(t.Context()))
	ctx, stop := context.WithCancel(t.Context())
	ran := make(chan struct{})
	go func() { defer close(ran); _ = r.Run(ctx) }()
	return r, db, func() { stop(); <-ran; db.Close() }
}

func TestThePastIsReadOnAfterARestart(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var mu sync.Mutex
	var took []string
	take := func(n string) { mu.Lock(); defer mu.Unlock(); took = append(took, n) }
	d := &diary{hold: make(chan struct{})}
	r, db, end := archive(t, dir, d, take)
	g, err := r.Recognise(t.Context(), admin, "wall.example/7")
	must(t, err)
	s := g.Source
	must(t, r.Save(t.Context(), admin, &s))
	must(t, r.Back(t.Context(), admin, s.Number, 30))
	state := func(db *store.DB) *source.Backfill {
		all, err := db.Reader().Sources().Backfills(t.Context(), scope.All())
		must(t, err)
		return all[s.ID]
	}
	d.hold <- struct{}{}
	d.hold <- struct{}{}
	soon(t, "two steps are kept", func() bool { return state(db).Messages == 2 })
	if b := state(db); b.State != source.BackRuns || b.Kept != 2 || !b.Reached.Equal(noon.AddDate(0, 0, -2)) || b.Share() < 0.06 || b.Share() > 0.07 {
		t.Errorf("under way: %+v, share %.3f", b, b.Share())
	}
	if err := r.Back(t.Context(), admin, s.Number, 7); !fault.Is(err, fault.Conflict) {
		t.Errorf("asked twice: %v", err)
	}
	end() // in the middle of the third step

	d.hold = nil
	d.fail = source.Fail(source.Later, "Сеть просит подождать.", "busy")
	r, db, end = archive(t, dir, d, take)
	defer end()
	soon(t, "what the network said stands on the page", func() bool { return state(db).Error == "Сеть просит подождать." })
	must(t, r.StopBack(t.Context(), admin, s.Number))
	if b := state(db); b.State != source.BackStopped || b.Messages != 2 {
		t.Errorf("stopped: %+v", b)
	}
	if err := r.StopBack(t.Context(), admin, s.Number); !fault.Is(err, fault.Conflict) {
		t.Errorf("stopped twice: %v", err)
	}
	mu.Lock()
	if strings.Join(took, "") != "01" {
		t.Errorf("taken in: %q", took)
	}
	mu.Unlock()
}

func TestThePastIsReadToItsEnd(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var mu sync.Mutex
	var took []string
	d := &diary{}
	r, db, end := archive(t, dir, d, func(n string) { mu.Lock(); defer mu.Unlock(); took = append(took, n) })
	defer end()
	for _, link := range []string{"wall.example/7", "wall.example/8"} {
		g, err := r.Recognise(t.Context(), admin, link)
		must(t, err)
		must(t, r.Save(t.Context(), admin, &g.Source))
	}
	must(t, r.Back(t.Context(), admin, 1, 90))
	done := func() bool {
		all, err := db.Reader().Sources().Backfills(t.Context(), scope.All())
		must(t, err)
		return all["vk:-7"].State == source.BackDone && all["vk:-7"].Share() == 1 && all["vk:-7"].Kept == 5
	}
	soon(t, "the past is read", done)
	mu.Lock()
	if strings.Join(took, "") != "01234" {
		t.Errorf("taken in: %q", took)
	}
	mu.Unlock()
	for _, c := range []struct {
		name   string
		number int64
		days   int
		want   fault.Kind
	}{
		{"no day", 1, 0, fault.Invalid}, {"too many", 1, 91, fault.Invalid}, {"one that gives no past", 2, 7, fault.Conflict}, {"none", 9, 7, fault.NotFound},
	} {
		if err := r.Back(t.Context(), admin, c.number, c.days); !fault.Is(err, c.want) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	if err := r.Back(t.Context(), head, 1, 7); !fault.Is(err, fault.NotFound) {
		t.Errorf("a head of a centre reads the region's past: %v", err)
	}
}
