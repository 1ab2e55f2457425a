package desk

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"otklik/internal/account"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/message"
	"otklik/internal/neighbour"
	"otklik/internal/reply"
	"otklik/internal/scope"
)

// HandToCity hands the incident to another city: to the agency that stands for it here, and
// by a request to its system, which leaves after the grace.
type HandToCity struct {
	Agency  int64
	Name    string // of the city, as its source is called
	Request neighbour.Request
}

// CitySays is what a person decides of a request to another city: Drop one that has not left,
// send one Again whose end is not known, or say that it was Found there under a number.
type CitySays struct {
	Request neighbour.ID
	Do      string
	Number  string
	Name    string
}

// What CitySays does, and what lines of history say of a request (Detail.Field).
const (
	CityDrop  = "drop"
	CityAgain = "again"
	CityFound = "found"

	CityGiven    = "given"   // to be sent
	CityNumber   = "number"  // the city has it under a number
	CityTaken    = "taken"   // the city has it, its number is to come
	CityRefused  = "refused" //
	CityLost     = "unknown" // nobody knows whether it has it
	CityStatus   = "status"  // agency, day or words changed there
	CityClosed   = "closed"
	CityReopened = "reopened"
)

// Action implements Change.
func (HandToCity) Action() lifecycle.Action { return lifecycle.Neighbour }

// Action implements Change.
func (CitySays) Action() lifecycle.Action { return lifecycle.Neighbour }

// CityTextLimit is how long the words of a request may be, in characters (GeoReport v2).
const CityTextLimit = 4000

func (s *step) handToCity(c HandToCity) error {
	r := c.Request
	list, err := s.tx.Neighbours().OfIncident(s.ctx, scope.All(), int64(s.i.ID))
	if err != nil {
		return err
	}
	for k := range list {
		if !list[k].State.Ended() {
			return fault.New(fault.Conflict, "request %d of incident %d is under way", list[k].ID, s.i.ID).Say("Инцидент уже передан в другой город. Дождитесь ответа или отмените ту передачу.")
		}
	}
	if s.i.Place.Agency != c.Agency || s.i.State != lifecycle.Assigned && s.i.State != lifecycle.Working {
		if s.i.State, err = lifecycle.Next(s.i.State, lifecycle.HandOver, s.who.Role); err != nil {
			return err
		}
		if err := s.handOver(HandOver{Agency: c.Agency}); err != nil {
			return err
		}
	}
	var key [4]byte
	_, _ = rand.Read(key[:]) // it never fails
	r.ID, r.Incident, r.Key, r.State, r.By, r.At, r.NextAt = 0, int64(s.i.ID), hex.EncodeToString(key[:]), neighbour.Waiting, s.who.ID, s.now, s.now.Add(s.desk.Grace)
	text := strings.TrimSpace(strings.ReplaceAll(r.Words.Text, "\r\n", "\n"))
	if text == "" {
		return fault.New(fault.Invalid, "a request without words").At("text").Say("Напишите, что передать городу.")
	}
	r.Words.Text = text + "\n\n" + r.Mark(s.i.Number)
	if n := utf8.RuneCountInString(r.Words.Text); n > CityTextLimit {
		return fault.New(fault.Invalid, "the words have %d characters", n).At("text").Say(fmt.Sprintf("Слишком длинно: %d знаков, города принимают не больше %d. Сократите текст.", n, CityTextLimit))
	}
	if err := s.tx.Neighbours().SaveRequest(s.ctx, &r); err != nil {
		return err
	}
	s.record(incident.Entry{Action: lifecycle.Neighbour, Detail: incident.Detail{Field: CityGiven, How: c.Name, Reason: r.Name}})
	return nil
}

func (s *step) citySays(c CitySays) error {
	r, err := s.tx.Neighbours().Request(s.ctx, s.who.Scope, c.Request)
	if err != nil {
		return err
	}
	if r.Incident != int64(s.i.ID) {
		return fault.New(fault.NotFound, "request %d is not of incident %d", r.ID, s.i.ID).Say("Такой передачи у этого инцидента нет.")
	}
	d := incident.Detail{Field: c.Do, How: c.Name}
	fits := false
	switch c.Do {
	case CityDrop:
		fits = r.State == neighbour.Waiting && r.TriedAt.IsZero()
		r.State, r.NextAt = neighbour.Dropped, time.Time{}
	case CityAgain: // looked for once more before anything is sent
		fits = r.State == neighbour.Unknown || r.State == neighbour.Waiting
		r.State, r.Tries, r.NextAt = neighbour.Waiting, 0, s.now
	case CityFound:
		fits = r.State == neighbour.Unknown
		if d.Now, err = required(c.Number, "number", "Впишите номер, под которым обращение стоит в системе города."); err != nil {
			return err
		}
		if utf8.RuneCountInString(d.Now) > 200 || strings.ContainsAny(d.Now, ",/?#\n") {
			return fault.New(fault.Invalid, "no number of a request").At("number").Say("Это не похоже на номер обращения. Скопируйте его из системы города.")
		}
		r.State, r.Number, r.Tries, r.NextAt, r.SentAt = neighbour.Open, d.Now, 0, s.now, s.now
		r.Words.Sent()
	default:
		return fault.New(fault.Invalid, "do %q", c.Do).At("do").Say("С передачей можно сделать одно из трёх: отменить, отправить ещё раз или указать номер.")
	}
	if !fits {
		return fault.New(fault.Conflict, "request %d does not allow %s", r.ID, c.Do).Say("Передача уже в другом состоянии: обновите страницу.")
	}
	s.record(incident.Entry{Action: lifecycle.Neighbour, Detail: d})
	return s.tx.Neighbours().SaveRequest(s.ctx, r)
}

// FromCity keeps what became of a request (package envoy) with the line of history that
// says so; a told without a Field writes none. What the city says when it closes becomes a
// draft of our reply, which people approve, correct or return as any other. was is the state
// in which the request was last seen: when a person decided meanwhile, nothing is done.
func (d *Desk) FromCity(ctx context.Context, was neighbour.State, r *neighbour.Request, told incident.Detail) (err error) {
	defer fault.Wrap(&err, "desk.FromCity(request %d)", r.ID)
	return d.alter(ctx, incident.Machine, func(tx incident.Tx) (*step, error) {
		now, err := tx.Neighbours().Request(ctx, scope.All(), r.ID)
		if err != nil || now.State != was {
			return nil, err
		}
		s, err := d.find(ctx, tx, account.System(), incident.ID(r.Incident))
		if err != nil {
			return nil, err
		}
		if told.Field != "" {
			s.record(incident.Entry{Action: lifecycle.Neighbour, Detail: told})
		}
		if notes := r.Words.Notes; told.Field != "" && r.State == neighbour.Closed && notes != r.Words.Told {
			if err := s.answeredThere(notes); err != nil {
				return nil, err
			}
			r.Words.Told = notes
		}
		return s, tx.Neighbours().SaveRequest(ctx, r)
	})
}

// answeredThere makes a draft of our reply of what another system answered, where the case
// can still be answered here: people see to the rest. It never closes anything.
func (s *step) answeredThere(text string) error {
	text = clip(text, replyLimit)
	to, err := lifecycle.Next(s.i.State, lifecycle.Submit, s.who.Role)
	if text == "" || err != nil || s.i.State == lifecycle.Answered { // the line of history says it
		return nil //nolint:nilerr // the lifecycle allows no draft now
	}
	list, err := s.tx.Replies().OfIncident(s.ctx, scope.All(), int64(s.i.ID))
	if err != nil {
		return err
	}
	for k := range list {
		if r := &list[k]; r.State == reply.Approved || r.State == reply.Doubtful || r.State == reply.Draft && sameWords(r.Text, text) {
			return nil
		}
	}
	r, err := s.draft(text, reply.Final, 0)
	if fault.Is(err, fault.NotFound) { // no message of its own is left to answer
		return nil
	}
	if err != nil {
		return err
	}
	if o, ok, err := s.desk.Lint(s.ctx, s.tx, s.i, r.Text, r.Purpose); err != nil {
		return err
	} else if ok { // who approves it gives the reason, where one is wanted
		r.Lint = reply.Lint{Read: true, Score: o.Score, Doubt: o.Suspicious()}
		for _, rule := range o.Rules() {
			r.Lint.Rules = append(r.Lint.Rules, string(rule))
		}
	}
	if err := s.tx.Replies().SaveReply(s.ctx, r); err != nil {
		return err
	}
	s.i.State = to
	s.record(incident.Entry{Action: lifecycle.Submit, Detail: incident.Detail{Reply: int64(r.ID)}})
	return nil
}

// pastMoved says what a revision of another city's request tells of its state there; false
// where it tells nothing new of it.
func (o *Opener) pastMoved(ctx context.Context, id incident.ID, m *message.Message) (d incident.Detail, moved bool, err error) {
	if m.Past == nil || m.Channel != message.City || m.Event != message.Written {
		return d, false, nil
	}
	was, err := o.tx.Incidents().Past(ctx, scope.All(), id)
	switch {
	case fault.Is(err, fault.NotFound):
		return d, false, nil
	case err != nil:
		return d, false, err
	case was.Key != m.Past.Key || was.Status == m.Past.Status:
		return d, false, nil
	}
	d = incident.Detail{Field: CityReopened, Message: m.ID, Now: m.Past.Number}
	if m.Past.Done() {
		d.Field = CityClosed
	}
	return d, true, o.tx.Incidents().KeepPast(ctx, id, m.Past)
}
