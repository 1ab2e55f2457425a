// Package envoy carries incidents to other cities by Open311 and brings back what becomes of
// them there. Start with New and Run; Form and Hand are what pages and the API ask, Cities and
// Save keep which source takes what.
//
// A request is posted once. It is marked as Sending before the call; a call whose end is not
// known, and one that a crash cut off, is never made again by itself: the request is looked
// for in the city by the key that stands in its words, and where it is not found a person
// says how it is, because some cities show a request only after somebody there has read it.
package envoy

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"time"

	"otklik/internal/account"
	"otklik/internal/desk"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/neighbour"
	"otklik/internal/scope"
	"otklik/internal/source"
	"otklik/internal/topic"
)

// A Store runs a function in one transaction, and answers questions.
type Store interface {
	Change(ctx context.Context, lane incident.Lane, fn func(incident.Tx) error) error
	Reader() incident.Tx
}

// A Desk keeps what becomes of a request.
type Desk interface {
	FromCity(ctx context.Context, was neighbour.State, r *neighbour.Request, told incident.Detail) error
}

// A Lease says that this process is the only one that sends.
type Lease interface {
	Check(ctx context.Context) error // nil while it is held
	Release()
}

// Options connect an envoy. All but Alone and Every are required.
type Options struct {
	Store   Store
	Desk    Desk
	Wire    func(source string) neighbour.Wire // nil: it is not connected
	Sources func() []source.Source
	// Load and Edit keep the cities as JSON; Edit notes who changed them.
	Load   func(ctx context.Context) ([]byte, error)
	Edit   func(ctx context.Context, who account.Actor, change func([]byte) ([]byte, error)) error
	Topics func() *topic.Taxonomy
	Lemmas func(text string) [][]string // words as alternative lemmas
	Mask   func(text string) string     // covers personal data
	Zone   func(scope.Place) *time.Location
	Alone  func(ctx context.Context) (Lease, error)
	Now    func() time.Time
	Log    *slog.Logger
	Every  time.Duration // how often a request's standing is asked for; default 10 minutes
}

// An Envoy carries.
type Envoy struct {
	Options
	wake chan struct{}
}

// New returns an envoy.
func New(o Options) *Envoy {
	if o.Every <= 0 {
		o.Every = 10 * time.Minute
	}
	return &Envoy{Options: o, wake: make(chan struct{}, 1)}
}

// Wake asks for a look at once.
func (e *Envoy) Wake() {
	select {
	case e.wake <- struct{}{}:
	default:
	}
}

// look is how often due requests are looked for.
const look = 2 * time.Second

// Run carries until ctx ends, while it is the only one that does on its database.
func (e *Envoy) Run(ctx context.Context) error {
	var alone Lease
	claimed := false
	defer func() {
		if alone != nil {
			alone.Release()
		}
	}()
	for {
		var err error
		if alone != nil && alone.Check(ctx) != nil {
			alone.Release()
			alone, claimed = nil, false
		}
		if alone == nil {
			alone, err = e.hold(ctx)
		}
		if err == nil && alone != nil && !claimed { // what a crash cut off
			err = e.Recover(ctx)
			claimed = err == nil
		}
		if claimed {
			_, err = e.Step(ctx)
		}
		if err != nil && ctx.Err() == nil {
			e.Log.Warn("requests to other cities cannot go on", "error", err)
			claimed = false // one may stand in Sending that nobody is at
		}
		select {
		case <-ctx.Done():
			return nil
		case <-e.wake:
		case <-time.After(look):
		}
	}
}

func (e *Envoy) hold(ctx context.Context) (Lease, error) {
	if e.Alone == nil {
		return only{}, nil
	}
	return e.Alone(ctx)
}

// only is the lease of an envoy that nobody else can be beside.
type only struct{}

func (only) Check(context.Context) error { return nil }
func (only) Release()                    {}

// Recover lets requests be looked for whose call was cut off. The only sender calls it.
func (e *Envoy) Recover(ctx context.Context) error {
	return e.Store.Change(ctx, incident.Machine, func(tx incident.Tx) error {
		n, err := tx.Neighbours().Interrupted(ctx, e.Now())
		if n > 0 {
			e.Log.Warn("requests to other cities were interrupted; they are looked for there", "requests", n)
		}
		return err
	})
}

// together is how many standings one call asks for.
const together = 50

// Step does what is due now, and returns how many requests that concerned.
func (e *Envoy) Step(ctx context.Context) (n int, err error) {
	defer fault.Wrap(&err, "envoy.Step")
	due, err := e.Store.Reader().Neighbours().Due(ctx, e.Now(), 200)
	if err != nil {
		return 0, err
	}
	names := map[string]string{}
	for _, s := range e.Sources() {
		names[s.ID] = s.Name
	}
	standing := map[string][]*neighbour.Request{}
	for k := range due {
		r := &due[k]
		if ctx.Err() != nil {
			return n, nil
		}
		n++
		wire := e.Wire(r.Source)
		switch {
		case wire == nil:
			was := r.State
			r.NextAt, r.Words.Error = e.Now().Add(5*time.Minute), "Источник этого города не подключён. Включите его на странице источников."
			err = e.Desk.FromCity(ctx, was, r, incident.Detail{})
		case r.State == neighbour.Open || r.State == neighbour.Closed:
			if len(standing[r.Source]) < together {
				standing[r.Source] = append(standing[r.Source], r)
			}
		case r.State == neighbour.Waiting:
			err = e.send(ctx, wire, r, names[r.Source])
		case r.State == neighbour.Seeking:
			err = e.seek(ctx, wire, r, names[r.Source])
		case r.State == neighbour.Token:
			err = e.redeem(ctx, wire, r, names[r.Source])
		}
		if err != nil {
			return n, err
		}
	}
	for id, list := range standing {
		if err := e.hear(ctx, e.Wire(id), list, names[id]); err != nil {
			return n, err
		}
	}
	return n, nil
}

// lastTry with backOff spreads the tries of a post over more than a day.
const lastTry = 40

func backOff(tries int, asked time.Duration) time.Duration {
	return max(min(2*time.Second<<min(tries, 11), time.Hour), asked)
}

// send posts a request, once.
func (e *Envoy) send(ctx context.Context, wire neighbour.Wire, r *neighbour.Request, name string) error {
	now := e.Now()
	out, err := e.Store.Reader().Fanouts().Outlet(ctx, r.Source)
	if err != nil {
		return err
	}
	if out.Waits || out.RestUntil.After(now) {
		r.NextAt, r.Words.Error = now.Add(time.Minute), out.Sentence
		return e.Desk.FromCity(ctx, neighbour.Waiting, r, incident.Detail{})
	}
	if !r.TriedAt.IsZero() { // sent once already, and a person wants it sent again
		number, err := wire.Seek(ctx, r.Key, r.TriedAt)
		if err != nil {
			return e.later(ctx, r, neighbour.Waiting, err)
		}
		if number != "" {
			return e.there(ctx, r, neighbour.Waiting, number, name)
		}
	}
	r.State, r.TriedAt, r.Words.Error = neighbour.Sending, now, ""
	r.NextAt = time.Time{}
	if err := e.Desk.FromCity(ctx, neighbour.Waiting, r, incident.Detail{}); err != nil {
		return err
	}
	if held, err := e.Store.Reader().Neighbours().Request(ctx, scope.All(), r.ID); err != nil || held.State != neighbour.Sending || !held.TriedAt.Equal(now.Truncate(time.Microsecond)) { // a person took it back
		return err
	}
	got, err := wire.Post(ctx, r)
	ctx = context.WithoutCancel(ctx) // what was done is noted although the service stops
	if err == nil {
		r.SentAt, r.Tries, r.Token, r.Words.Notice = e.Now(), 0, got.Token, got.Notice
		if got.Number != "" {
			return e.there(ctx, r, neighbour.Sending, got.Number, name)
		}
		r.State, r.NextAt = neighbour.Token, e.Now().Add(backOff(0, 0))
		r.Words.Sent()
		return e.Desk.FromCity(ctx, neighbour.Sending, r, incident.Detail{Field: desk.CityTaken, How: name})
	}
	var se *source.Error
	if !errors.As(err, &se) {
		se = source.Fail(source.Unclear, "Вызов прервался. Неизвестно, приняла ли обращение система города.", "%w", err)
	}
	e.Log.Warn("a request to another city was not taken", "request", int64(r.ID), "source", r.Source, "trouble", se.Trouble, "code", se.Code)
	r.Tries++
	r.Words.Error = se.Sentence
	switch se.Trouble {
	case source.Unclear:
		r.State, r.Tries, r.NextAt = neighbour.Seeking, 0, e.Now().Add(looks[0])
		return e.Desk.FromCity(ctx, neighbour.Sending, r, incident.Detail{})
	case source.Person, source.Flood:
		out.Source, out.Waits, out.Code, out.Sentence, out.Since = r.Source, se.Trouble == source.Person, se.Code, se.Sentence, e.Now()
		if out.Place.Region == "" {
			out.Place.Region = r.Place.Region
		}
		if err := e.Store.Change(ctx, incident.Machine, func(tx incident.Tx) error { return tx.Fanouts().SaveOutlet(ctx, out) }); err != nil {
			return err
		}
		r.Tries--
	}
	r.TriedAt = time.Time{} // it is surely not there
	if se.Trouble == source.Permanent || r.Tries >= lastTry {
		r.State, r.NextAt = neighbour.Refused, time.Time{}
		return e.Desk.FromCity(ctx, neighbour.Sending, r, incident.Detail{Field: desk.CityRefused, How: name, Reason: e.Mask(se.Sentence)})
	}
	r.State, r.NextAt = neighbour.Waiting, e.Now().Add(backOff(r.Tries, se.After))
	return e.Desk.FromCity(ctx, neighbour.Sending, r, incident.Detail{})
}

// later puts a request off because the city does not answer a question.
func (e *Envoy) later(ctx context.Context, r *neighbour.Request, was neighbour.State, err error) error {
	if ctx.Err() != nil {
		return nil //nolint:nilerr // the service stops; it is still due
	}
	var se *source.Error
	if !errors.As(err, &se) {
		se = source.Fail(source.Later, "Система города не отвечает. Попробуем ещё раз.", "%w", err)
	}
	r.Tries++
	r.NextAt, r.Words.Error = e.Now().Add(backOff(r.Tries+4, se.After)), se.Sentence
	return e.Desk.FromCity(ctx, was, r, incident.Detail{})
}

// there notes that the city has a request.
func (e *Envoy) there(ctx context.Context, r *neighbour.Request, was neighbour.State, number, name string) error {
	r.State, r.Number, r.Tries, r.NextAt = neighbour.Open, number, 0, e.Now().Add(e.Every)
	if r.SentAt.IsZero() {
		r.SentAt = e.Now()
	}
	r.Words.Sent()
	return e.Desk.FromCity(context.WithoutCancel(ctx), was, r, incident.Detail{Field: desk.CityNumber, How: name, Now: number})
}

// looks are the pauses before each look for a request that may be there.
var looks = []time.Duration{5 * time.Second, time.Minute, 5 * time.Minute, 15 * time.Minute}

// seek looks for a request in the city. Not finding it proves nothing: a person decides.
func (e *Envoy) seek(ctx context.Context, wire neighbour.Wire, r *neighbour.Request, name string) error {
	number, err := wire.Seek(ctx, r.Key, r.TriedAt)
	switch {
	case err != nil && (r.TriedAt.IsZero() || e.Now().Sub(r.TriedAt) < 24*time.Hour):
		r.Tries-- // it was no look
		return e.later(ctx, r, neighbour.Seeking, err)
	case number != "":
		return e.there(ctx, r, neighbour.Seeking, number, name)
	}
	if r.Tries++; err == nil && r.Tries < len(looks) {
		r.NextAt = e.Now().Add(looks[r.Tries])
		return e.Desk.FromCity(ctx, neighbour.Seeking, r, incident.Detail{})
	}
	r.State, r.NextAt = neighbour.Unknown, time.Time{}
	return e.Desk.FromCity(ctx, neighbour.Seeking, r, incident.Detail{Field: desk.CityLost, How: name})
}

// redeem asks for the number behind a token, for two months.
func (e *Envoy) redeem(ctx context.Context, wire neighbour.Wire, r *neighbour.Request, name string) error {
	number, err := wire.NumberOf(ctx, r.Token)
	switch {
	case err != nil:
		return e.later(ctx, r, neighbour.Token, err)
	case number != "":
		return e.there(ctx, r, neighbour.Token, number, name)
	}
	r.Words.Error = ""
	switch age := e.Now().Sub(r.SentAt); {
	case age > 60*24*time.Hour:
		r.NextAt, r.Words.Error = time.Time{}, "Город два месяца не даёт номера. Спросите его сами."
	case age > 24*time.Hour:
		r.NextAt, r.Words.Error = e.Now().Add(6*time.Hour), "Город больше суток не даёт номера."
	default:
		r.Tries++
		r.NextAt = e.Now().Add(backOff(r.Tries, 0))
	}
	return e.Desk.FromCity(ctx, neighbour.Token, r, incident.Detail{})
}

// hear asks how requests stand, and notes what is new.
func (e *Envoy) hear(ctx context.Context, wire neighbour.Wire, list []*neighbour.Request, name string) error {
	numbers := make([]string, len(list))
	for k, r := range list {
		numbers[k] = r.Number
	}
	got, err := wire.Standings(ctx, numbers)
	if err != nil {
		for _, r := range list {
			if err := e.later(ctx, r, r.State, err); err != nil {
				return err
			}
		}
		return nil
	}
	for _, r := range list {
		was := r.State
		told := incident.Detail{}
		st, ok := got[r.Number]
		if r.Words.Error = ""; ok {
			told = e.news(r, st)
		} else if r.Tries++; r.Tries > 3 {
			r.Words.Error = "Город не показывает это обращение. Проверьте номер в его системе."
		}
		told.How, told.Now = name, r.Number
		r.NextAt = e.next(r, ok)
		if err := e.Desk.FromCity(ctx, was, r, told); err != nil {
			return err
		}
	}
	return nil
}

// keepAsking is how long a closed request is asked for: some cities open it again.
const keepAsking = 30 * 24 * time.Hour

func (e *Envoy) next(r *neighbour.Request, shown bool) time.Time {
	now := e.Now()
	switch age := now.Sub(r.SentAt); {
	case r.State == neighbour.Closed && now.Sub(latest(r.Standing.UpdatedAt, r.SentAt)) > keepAsking:
		return time.Time{}
	case r.State == neighbour.Closed, !shown && r.Tries > 3, age > keepAsking:
		return now.Add(max(e.Every, 24*time.Hour))
	}
	return now.Add(e.Every)
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// news puts a standing into the request and returns the line that says what is new.
func (e *Envoy) news(r *neighbour.Request, st neighbour.Standing) (told incident.Detail) {
	was, notes := r.Standing, r.Words.Notes
	r.Tries, r.Words.Notes = 0, st.Notes
	st.Notes = ""
	r.Standing = st
	switch {
	case st.Status == "closed" && r.State == neighbour.Open:
		r.State, told.Field = neighbour.Closed, desk.CityClosed
	case st.Status == "open" && r.State == neighbour.Closed:
		r.State, told.Field = neighbour.Open, desk.CityReopened
	case r.Words.Notes != notes, st.Agency != was.Agency, !st.ExpectedAt.Equal(was.ExpectedAt):
		told.Field = desk.CityStatus
	default:
		return told
	}
	var parts []string
	if st.Agency != "" && st.Agency != was.Agency {
		parts = append(parts, "Отвечает: "+st.Agency+".")
	}
	if !st.ExpectedAt.IsZero() && !st.ExpectedAt.Equal(was.ExpectedAt) && told.Field != desk.CityClosed {
		parts = append(parts, "Обещают к "+st.ExpectedAt.In(e.Zone(r.Place)).Format("02.01.2006")+".")
	}
	if r.Words.Notes != "" {
		parts = append(parts, short(e.Mask(r.Words.Notes), 500))
	} else if told.Field == desk.CityClosed {
		parts = append(parts, "Без объяснения: напишите ответ жителю сами.")
	}
	told.Reason = strings.Join(parts, " ")
	return told
}

func short(s string, limit int) string {
	if r := []rune(s); len(r) > limit {
		return string(r[:limit-1]) + "…"
	}
	return s
}
