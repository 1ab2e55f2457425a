// Package loops runs real loops over many walls at the fake VK: the roster, its pool of
// tokens or the communities' events, intake and a database, as the service has them. Readers
// of texts are the simplest, so that what is measured is the reading of the networks.
package loops

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"sync/atomic"
	"time"

	"otklik/internal/cluster"
	"otklik/internal/desk"
	"otklik/internal/incident"
	"otklik/internal/ingest"
	"otklik/internal/live"
	"otklik/internal/message"
	"otklik/internal/place"
	"otklik/internal/roster"
	"otklik/internal/russian"
	"otklik/internal/scope"
	"otklik/internal/seal"
	"otklik/internal/source"
	"otklik/internal/source/vk"
	"otklik/internal/store"
	"otklik/internal/stream"
	"otklik/internal/topic"
)

// Options of the loops. They go to another process as JSON.
type Options struct {
	Dir    string // of the database
	Dial   string // host and port at which the network listens, whatever its hosts are called
	Walls  int    // groups 1 … Walls
	Tokens []string
	Events string    // "" = a pool reads the walls; callback, longpoll
	Begin  time.Time // of the clock
	Speed  float64   // how many times as fast the clock runs
	Lists  int       // of the pool: wall.get a token and day; 0: VK's number
	Calls  int       // and other methods; 0: the product's own limit

	begun *atomic.Int64 // Begin of a clock that is set while the network answers already, Unix nanoseconds; nil: Begin stands
}

// begin sets the clock to its beginning: this moment as another process reads it, without the
// monotonic clock.
func (o *Options) begin() time.Time {
	o.Begin = time.Now().Round(0)
	if o.begun == nil {
		o.begun = new(atomic.Int64)
	}
	o.begun.Store(o.Begin.UnixNano())
	return o.Begin
}

// Clock is the time of the loops.
func (o *Options) Clock() func() time.Time {
	begun := func() time.Time { return o.Begin }
	if b := o.begun; b != nil {
		begun = func() time.Time { return time.Unix(0, b.Load()) }
	}
	return func() time.Time {
		begin := begun()
		return begin.Add(time.Duration(float64(time.Since(begin)) * o.Speed))
	}
}

// real is how long that takes of a time of the clock.
func (o *Options) real(d time.Duration) time.Duration { return time.Duration(float64(d) / o.Speed) }

func (o *Options) after(d time.Duration) <-chan time.Time { return time.After(o.real(d)) }

// spending keeps what tokens spent.
type spending struct{ db *store.DB }

func (s spending) Spend(ctx context.Context, list []source.Spent, forget int64) error {
	return s.db.Change(ctx, incident.Machine, func(tx incident.Tx) error { return tx.Sources().Spend(ctx, list, forget) })
}

// Env names the variable by which a process is told to run loops: JSON of Options.
const Env = "OTKLIK_LOOPS"

// A Centre is what reads.
type Centre struct {
	DB     *store.DB
	Roster *roster.Roster
	Pool   *vk.Pool
	Intake *ingest.Intake
	Inbox  *stream.Inbox // of calls
}

// base is where the methods of a group are asked: each has a host, so that its long poll has.
func base(group int64) string { return fmt.Sprintf("http://g%d.vk.test/method/", group) }

type nowhere struct{ place.Names }

func (nowhere) ByID(string) (*place.Place, bool) { return nil, false }

// Open opens the database, keeps the sources and makes the connections.
func Open(ctx context.Context, o Options) (*Centre, error) {
	db, err := store.Open(ctx, filepath.Join(o.Dir, "otklik.db"))
	if err != nil {
		return nil, err
	}
	c := &Centre{DB: db}
	now, quiet := o.Clock(), slog.New(slog.DiscardHandler)
	tell := func(live.Event) {}
	// Everything is kept and nothing is a case of work.
	read := func(m *message.Message) message.Reading {
		return message.Reading{Concerns: true, Kind: message.Thanks, Urgency: message.Normal}
	}
	analyzer, err := russian.New()
	if err != nil {
		return c, err
	}
	d := desk.New(desk.Options{Store: db, Read: read, Topics: topic.Default, Places: nowhere{}, Publishes: func(string) bool { return false }, Tell: tell, Now: now, Region: "95000000"})
	c.Intake = ingest.New(ingest.Options{
		Store: db, Desk: d, Tell: tell, Now: now, Log: quiet,
		Read: func(m *message.Message) (message.Reading, *cluster.Key) { return read(m), nil },
		Key:  func(text string) cluster.Key { return cluster.KeyOf(analyzer.Read(text)) },
	})
	c.Inbox = stream.NewInbox(db, now, quiet)
	box, err := seal.Keyed(filepath.Join(o.Dir, seal.Name))
	if err != nil {
		return c, err
	}
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 8, DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, o.Dial)
	}}}
	limits := &vk.Limits{PerSecond: -1}
	c.Pool = &vk.Pool{Limits: limits, BaseURL: base(1), HTTP: client, Now: now, Lists: o.Lists, Calls: o.Calls, Ledger: spending{db}}
	if o.Events == "" {
		limits.PerSecond, limits.Now, limits.After = 0, now, o.after
		c.Pool.Idle = max(o.real(200*time.Millisecond), time.Millisecond)
		spent, err := db.Reader().Sources().Spent(ctx)
		if err != nil {
			return c, err
		}
		c.Pool.Recall(spent)
		limits.Pool = c.Pool
		for _, t := range o.Tokens {
			c.Pool.Token(t, t)
		}
	}
	open := func(s source.Source, reads, answers source.Key) (source.Connection, error) {
		con, err := vk.Open(s, reads, answers, vk.Options{Limits: limits, Now: now, Wait: 25 * time.Second, Hook: hook(s.Number)})
		if w, is := con.Puller.(*vk.Wall); is { // the fake stands elsewhere
			w.BaseURL, w.HTTP = base(w.Group), client
		}
		return con, err
	}
	c.Roster = roster.New(roster.Options{
		Store: db, Box: box, Kinds: map[source.Kind]roster.Connector{source.VK: {Keyed: true, Open: open}}, Read: c.Intake.Follow,
		Stand: func(string) scope.Place { return scope.Place{Region: "95000000"} }, Places: nowhere{}, Now: now, Log: quiet,
	})
	if err := c.keep(ctx, &o, box); err != nil {
		return c, err
	}
	return c, c.Roster.Load(ctx)
}

// keep puts the sources into an empty database.
func (c *Centre) keep(ctx context.Context, o *Options, box *seal.Box) error {
	list, err := c.DB.Reader().Sources().Sources(ctx, scope.All())
	if err != nil || len(list) > 0 {
		return err
	}
	return c.DB.Change(ctx, incident.Machine, func(tx incident.Tx) error {
		key := func(name, secret string) error {
			return tx.Sources().SaveKey(ctx, &source.Key{Name: name, Kind: source.VK, Sealed: box.Seal(name, secret), AddedAt: o.Begin})
		}
		for _, t := range o.Tokens {
			if err := key(t, t); err != nil {
				return err
			}
		}
		for n := 1; n <= o.Walls; n++ {
			s := source.Source{ID: vk.SourceID(int64(-n)), Kind: source.VK, Channel: message.VK, Name: fmt.Sprint("Стена ", n), Key: o.Tokens[n%len(o.Tokens)], AddedAt: o.Begin}
			set := vk.Settings{Group: int64(n), Events: o.Events}
			if o.Events == "" {
				s.Every = o.real(time.Minute)
			} else { // each of ours has a token of its own
				s.Own, s.Answer = true, fmt.Sprint("group-", n)
				if err := key(s.Answer, s.Answer); err != nil {
					return err
				}
			}
			s.Settings, _ = json.Marshal(set)
			if err := tx.Sources().SaveSource(ctx, &s); err != nil {
				return err
			}
		}
		return nil
	})
}

// Close ends what was opened.
func (c *Centre) Close() error {
	if c == nil || c.DB == nil {
		return nil
	}
	return c.DB.Close()
}

// Run reads until the context ends.
func Run(ctx context.Context, o Options) error {
	c, err := Open(ctx, o)
	if err != nil {
		return err
	}
	defer c.Close()
	err = c.Roster.Run(ctx)
	return errors.Join(err, c.Pool.Settle(context.WithoutCancel(ctx)))
}

// Child runs loops as the variable Env of this process says, until it is interrupted or
// killed; told is false where it says nothing.
func Child() (told bool, err error) {
	said := os.Getenv(Env)
	if said == "" {
		return false, nil
	}
	var o Options
	if err := json.Unmarshal([]byte(said), &o); err != nil {
		return true, err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	return true, Run(ctx, o)
}
