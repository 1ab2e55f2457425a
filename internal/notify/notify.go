// Package notify carries notices out of the product: by mail, Telegram and web push.
//
// Start with New and Run. A notice stands in the store already, written with its cause;
// here its person's choice says by which channels it leaves and when (route), all that
// waits for one person on one channel leaves as one message (send), and what cannot
// leave is tried again with growing pauses, or given up with a reason that the person
// and the administrator read.
//
// A try that was interrupted is repeated as the batch that it was, under the same name:
// a mailbox knows the Message-ID, a browser the tag, and shows one. Telegram knows no such
// thing, so there of a try of unknown end only the calls are repeated, where twice is
// better than never; the rest stands unknown.
package notify

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"otklik/internal/account"
	"otklik/internal/incident"
	"otklik/internal/live"
	"otklik/internal/notice"
	"otklik/internal/scope"
	"otklik/internal/topic"
)

// A Store runs a function in one transaction, and answers questions.
type Store interface {
	Change(ctx context.Context, lane incident.Lane, fn func(incident.Tx) error) error
	Reader() incident.Tx
}

// A Lease says that this process is the only one that sends.
type Lease interface {
	Check(ctx context.Context) error // nil while it is held
	Release()
}

// A Parcel is one message to one person: what waited for them on a channel.
type Parcel struct {
	Name    string // the same for every try of the same notices
	Subject string
	Lines   []Line
	More    int    // notices that have no line of their own
	All     string // URL of the page with all of them; "" when no address of the site is known
	Urgent  bool   // a call that cannot wait is among them
}

// A Line is one notice in a message.
type Line struct {
	Text string
	Rest string // what Text says behind the subject: for a channel that shows the subject as a title; "" = all of it
	URL  string // "" when no address of the site is known
	Path string // of the page in the desk, «/desk/incidents/42»; "" = none
}

// A Channel sends parcels. Errors are of the kinds below; anything else is tried again.
type Channel interface {
	Send(ctx context.Context, to string, p *Parcel) error
	// Idempotent reports whether the reader sees a parcel once though it was sent twice.
	Idempotent() bool
}

// A Refusal says that an address does not take messages, for good.
type Refusal struct {
	Why  string // in Russian, for its owner: what happened and what to do
	Gone bool   // it is no address any more: forgotten, and nothing that an administrator mends
	Err  error
}

func (r *Refusal) Error() string { return "the address refuses: " + r.Err.Error() }
func (r *Refusal) Unwrap() error { return r.Err }

// A Pause asks to come again later.
type Pause struct {
	After time.Duration
	Err   error
}

func (p *Pause) Error() string { return "later: " + p.Err.Error() }
func (p *Pause) Unwrap() error { return p.Err }

// ErrUnclear says that a message may have left.
var ErrUnclear = errors.New("it is not known whether the message left")

// Options say what the sender stands on.
type Options struct {
	Store    Store
	Channels map[notice.Channel]Channel // those that are configured
	Topics   func() *topic.Taxonomy
	Zone     func(scope.Place) *time.Location
	Tell     func(live.Event)
	Site     string // address of the desk, for links; "" = none
	Now      func() time.Time
	Log      *slog.Logger
	Every    time.Duration // how often to look when nobody wakes it; default 5 s
	// Alone returns a lease that one process at a time can hold, nil while another one
	// does; without it nobody else is expected.
	Alone func(ctx context.Context) (Lease, error)
}

// A Notifier sends notices.
type Notifier struct {
	Options
	wake     chan struct{}
	digested time.Time // when digests were last looked for

	mu   sync.Mutex
	busy map[notice.Channel]bool // at work
	more map[notice.Channel]bool // and there was something new meanwhile
	work sync.WaitGroup
}

// New returns a notifier.
func New(o Options) *Notifier {
	if o.Every <= 0 {
		o.Every = 5 * time.Second
	}
	return &Notifier{Options: o, wake: make(chan struct{}, 1), busy: map[notice.Channel]bool{}, more: map[notice.Channel]bool{}}
}

// Wake asks for a look at once: somebody has a new notice.
func (n *Notifier) Wake() {
	select {
	case n.wake <- struct{}{}:
	default:
	}
}

// Run sends until ctx ends, while it is the only one that does on its database.
func (n *Notifier) Run(ctx context.Context) error {
	var alone Lease
	defer func() {
		n.work.Wait()
		if alone != nil {
			alone.Release()
		}
	}()
	for {
		var err error
		pause := n.Every
		if alone, err = n.hold(ctx, alone); alone != nil {
			if err = n.prepare(ctx); err == nil {
				n.sendBy(ctx, alone)
			}
		} else { // another one may end at any moment
			pause = min(pause, time.Second)
		}
		if err != nil && ctx.Err() == nil {
			n.Log.Warn("notices cannot be sent", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-n.wake:
		case <-time.After(pause):
		}
	}
}

// hold returns the lease under which this process sends, nil while another one does. Who
// gets it claims what the one before left half-way: nobody can be at it.
func (n *Notifier) hold(ctx context.Context, had Lease) (Lease, error) {
	if had != nil {
		if had.Check(ctx) == nil {
			return had, nil
		}
		n.work.Wait()
		had.Release()
		n.Log.Warn("this process is not known to be the only sender of notices any more")
	}
	var got Lease = only{}
	if n.Alone != nil {
		var err error
		if got, err = n.Alone(ctx); got == nil {
			return nil, err
		}
	}
	err := n.Store.Change(ctx, incident.Machine, func(tx incident.Tx) error {
		k, err := tx.Posts().Interrupted(ctx)
		if k > 0 {
			n.Log.Warn("notices were interrupted on their way", "deliveries", k)
		}
		return err
	})
	if err != nil {
		got.Release()
		return nil, err
	}
	return got, nil
}

// only is the lease of a sender that nobody else can be beside.
type only struct{}

func (only) Check(context.Context) error { return nil }
func (only) Release()                    {}

// sendBy sets each channel going that is not at work: one that hangs keeps no other
// waiting, and a call leaves by Telegram while the mail server says nothing.
func (n *Notifier) sendBy(ctx context.Context, alone Lease) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, c := range notice.Channels() {
		if n.busy[c] {
			n.more[c] = true
			continue
		}
		n.busy[c], n.more[c] = true, false
		n.work.Go(func() {
			if _, err := n.drain(ctx, c, alone); err != nil && ctx.Err() == nil {
				n.Log.Warn("notices cannot be sent", "channel", string(c), "error", err)
			}
			n.mu.Lock()
			defer n.mu.Unlock()
			n.busy[c] = false
			if n.more[c] {
				n.Wake()
			}
		})
	}
}

// Step routes what is new, makes digests that are due and sends what is due; it returns
// how many messages were tried.
func (n *Notifier) Step(ctx context.Context) (sent int, err error) {
	if err := n.prepare(ctx); err != nil {
		return 0, err
	}
	for _, c := range notice.Channels() {
		k, fail := n.drain(ctx, c, only{})
		sent, err = sent+k, errors.Join(err, fail)
	}
	return sent, err
}

// prepare makes digests that are due and chooses the channels of what is new.
func (n *Notifier) prepare(ctx context.Context) error {
	if err := n.digests(ctx); err != nil {
		return err
	}
	return n.route(ctx)
}

// drain sends what is due by a channel.
func (n *Notifier) drain(ctx context.Context, c notice.Channel, alone Lease) (sent int, err error) {
	for ctx.Err() == nil && alone.Check(ctx) == nil {
		boxes, err := n.Store.Reader().Posts().Due(ctx, c, n.Now(), boxesAtOnce)
		if err != nil || len(boxes) == 0 {
			return sent, err
		}
		k, err := n.sendAll(ctx, boxes)
		sent += k
		if err != nil || k == 0 {
			return sent, err
		}
	}
	return sent, nil
}

const boxesAtOnce = 64

const routeBatch = 500

// route chooses the channels of new notices by what their people chose.
func (n *Notifier) route(ctx context.Context) error {
	for ctx.Err() == nil {
		found := 0
		err := n.Store.Change(ctx, incident.Machine, func(tx incident.Tx) error {
			list, err := tx.Posts().Unrouted(ctx, routeBatch)
			if err != nil {
				return err
			}
			found = len(list)
			people := map[account.ID]*reader{}
			for k := range list {
				who, err := n.reader(ctx, tx, people, list[k].Account)
				if err != nil {
					return err
				}
				var ways []notice.Delivery
				for _, d := range who.choice.Route(&list[k], who.addresses, n.Now().In(who.zone)) {
					if n.Channels[d.Channel] != nil {
						ways = append(ways, d)
					}
				}
				if err := tx.Posts().Route(ctx, list[k].ID, ways); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil || found < routeBatch {
			return err
		}
	}
	return ctx.Err()
}

// A reader is a person as the sender knows them.
type reader struct {
	account   *account.Account
	choice    notice.Choice
	addresses []notice.Address
	zone      *time.Location
}

func (n *Notifier) reader(ctx context.Context, tx incident.Tx, known map[account.ID]*reader, id account.ID) (*reader, error) {
	if r := known[id]; r != nil {
		return r, nil
	}
	a, err := tx.Accounts().Account(ctx, id)
	if err != nil {
		return nil, err
	}
	r := &reader{account: a, zone: n.Zone(a.Place)}
	if r.choice, err = tx.Posts().Choice(ctx, id); err != nil {
		return nil, err
	}
	if !a.Disabled { // who may not sign in is told nothing any more
		if r.addresses, err = tx.Posts().Addresses(ctx, id); err != nil {
			return nil, err
		}
	}
	known[id] = r
	return r, nil
}
