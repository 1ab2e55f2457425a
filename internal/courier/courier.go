// Package courier tells those who reported on the portal, by mail, how their cases come on:
// that theirs is taken, to whom it went, that it was answered, how it ended.
//
// A letter holds codes put into words and the link, nobody's words: what was answered
// stands behind the link. Before a letter leaves, the store knows up to which line of
// history it tells; a try that was interrupted is repeated under the same Message-ID, so
// that the mailboxes that we know of show it once. Start with New and Run.
package courier

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"otklik/internal/applicant"
	"otklik/internal/desk"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/message"
	"otklik/internal/notify"
	"otklik/internal/scope"
)

// A Store runs transactions and answers questions.
type Store interface {
	Change(ctx context.Context, lane incident.Lane, fn func(incident.Tx) error) error
	Reader() incident.Tx
}

// A Mailer sends a letter; its errors are those of notify.Channel.
type Mailer interface {
	Send(ctx context.Context, to string, p *notify.Parcel) error
}

// A Lease says that this process is the only one that sends.
type Lease interface {
	Check(ctx context.Context) error
	Release()
}

// Options say what a courier stands on. All fields are required.
type Options struct {
	Store Store
	Mail  Mailer
	Key   applicant.Key
	Site  string // address of the portal, where links lead
	Path  string // of a link, before its secret
	Alone func(ctx context.Context) (Lease, error)
	Now   func() time.Time
	Log   *slog.Logger
}

// A Courier sends letters.
type Courier struct{ Options }

// New returns a courier.
func New(o Options) *Courier { return &Courier{o} }

const (
	pause    = 5 * time.Second // between looks
	batch    = 50
	mostTry  = 12 // about two days
	longest  = 6 * time.Hour
	firstGap = time.Minute
)

// Run sends what is due until the context ends.
func (c *Courier) Run(ctx context.Context) error {
	var lease Lease
	defer func() {
		if lease != nil {
			lease.Release()
		}
	}()
	for {
		wait := pause
		if lease == nil {
			l, err := c.Alone(ctx)
			if err != nil && ctx.Err() == nil {
				c.Log.Warn("letters to applicants wait", "error", err)
			}
			lease = l
		}
		if lease != nil {
			if err := lease.Check(ctx); err != nil {
				lease.Release()
				lease = nil
			} else if n, err := c.Step(ctx); err != nil && ctx.Err() == nil {
				c.Log.Warn("letters to applicants wait", "error", err)
			} else if n == batch {
				wait = 0
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(wait):
		}
	}
}

// Step looks once at who is to be told of something, and returns how many were looked at.
func (c *Courier) Step(ctx context.Context) (n int, err error) {
	defer fault.Wrap(&err, "courier.Step")
	list, err := c.Store.Reader().Applicants().Unaware(ctx, c.Now(), batch)
	if err != nil {
		return 0, err
	}
	for k := range list {
		if err := c.tell(ctx, &list[k]); err != nil {
			return k, err
		}
	}
	return len(list), nil
}

// tell sends one letter, or notes that there is nothing to tell.
func (c *Courier) tell(ctx context.Context, a *applicant.Applicant) error {
	to, p, until, err := c.parcel(ctx, a)
	if err != nil {
		return err
	}
	switch {
	case to == "": // no mailbox, or erased
		a.News = false
		return c.save(ctx, a)
	case p == nil:
		a.Told, a.Telling = until, 0
		return c.save(ctx, a)
	}
	if a.Telling == 0 {
		a.Telling = until
		if err := c.save(ctx, a); err != nil {
			return err
		}
	}
	var refused *notify.Refusal
	switch err := c.Mail.Send(ctx, to, p); {
	case err == nil:
		a.Told, a.Telling, a.Tries, a.NextAt = a.Telling, 0, 0, time.Time{}
	case ctx.Err() != nil:
		return nil // it is tried again as the letter that it is
	case errors.As(err, &refused):
		c.Log.Info("a mailbox of an applicant takes no letters", "applicant", a.ID)
		a.News, a.Telling = false, 0
	default:
		if a.Tries++; a.Tries >= mostTry {
			c.Log.Warn("a letter to an applicant was given up", "applicant", a.ID)
			a.Told, a.Telling, a.Tries, a.NextAt = a.Telling, 0, 0, time.Time{}
			break
		}
		a.NextAt = c.Now().Add(min(firstGap<<(a.Tries-1), longest))
	}
	return c.save(ctx, a)
}

// save stores what is known of the letters; what the applicant did meanwhile stays.
func (c *Courier) save(ctx context.Context, a *applicant.Applicant) error {
	return c.Store.Change(ctx, incident.Machine, func(tx incident.Tx) error {
		now, err := tx.Applicants().OfMessage(ctx, a.Message)
		if fault.Is(err, fault.NotFound) { // erased
			return nil
		}
		if err != nil {
			return err
		}
		now.News, now.Told, now.Telling, now.Tries, now.NextAt = now.News && a.News, a.Told, a.Telling, a.Tries, a.NextAt
		return tx.Applicants().Save(ctx, now)
	})
}

// parcel writes the letter: nil when nothing that happened concerns its reader. until is the
// last line of history that it knows.
func (c *Courier) parcel(ctx context.Context, a *applicant.Applicant) (to string, p *notify.Parcel, until int64, err error) {
	tx := c.Store.Reader()
	m, err := tx.Messages().Message(ctx, scope.All(), message.ID(a.Message))
	if err != nil {
		return "", nil, 0, err
	}
	way, to, err := applicant.ParseContact(m.Contact)
	if err != nil || way != applicant.Mail || !m.ErasedAt.IsZero() {
		return "", nil, 0, nil
	}
	id, err := tx.Messages().Incident(ctx, m.ID)
	if err != nil {
		return "", nil, 0, err
	}
	i, err := tx.Incidents().Incident(ctx, scope.All(), incident.ID(id))
	if err != nil {
		return "", nil, 0, err
	}
	history, err := tx.Incidents().History(ctx, scope.All(), i.ID)
	if err != nil {
		return "", nil, 0, err
	}
	messages, err := tx.Messages().OfIncident(ctx, scope.All(), id)
	if err != nil {
		return "", nil, 0, err
	}
	replies, err := tx.Replies().OfIncident(ctx, scope.All(), id)
	if err != nil {
		return "", nil, 0, err
	}
	reader := desk.Reader{First: m, Joined: a.Joined}
	replies = reader.Heard(replies, messages)
	agency := func(id int64) string {
		if g, err := tx.Agencies().Agency(ctx, id); err == nil {
			return g.Name
		}
		return ""
	}
	var lines []notify.Line
	if a.Told == 0 {
		lines = append(lines, notify.Line{Text: "Мы получили ваше сообщение и дали ему номер " + incident.Spoken(i.Number) + "."})
	}
	for k := range history {
		e := &history[k]
		if a.Telling != 0 && e.ID > a.Telling {
			break
		}
		until = e.ID
		if e.ID <= a.Told || !concerns(e) {
			continue
		}
		if what, _ := reader.Retold(e, replies, agency); what != "" && (len(lines) == 0 || lines[len(lines)-1].Text != what+".") {
			lines = append(lines, notify.Line{Text: what + "."})
		}
	}
	until = max(until, a.Telling)
	if len(lines) == 0 {
		return to, nil, until, nil
	}
	link := c.Site + c.Path + c.Key.Secret(a.Nonce)
	lines = append(lines, notify.Line{Text: "Что сделано, ответы и оценка по ссылке. Она только ваша, никому её не пересылайте. Там же можно отказаться от писем.", URL: link})
	return to, &notify.Parcel{Name: fmt.Sprintf("a%d-%d", a.ID, max(a.Telling, until)), Subject: "Сообщение № " + incident.Spoken(i.Number), Lines: lines}, until, nil
}

// concerns reports whether a line of history is worth a letter; who reads the page sees more.
func concerns(e *incident.Entry) bool {
	switch e.Action {
	case lifecycle.HandOver, lifecycle.Decide, lifecycle.Decline, lifecycle.Publish, lifecycle.Close, lifecycle.Reject, lifecycle.Reopen, lifecycle.Verify, lifecycle.Extend:
		return true
	}
	return false
}
