package desk

import (
	"cmp"
	"slices"
	"time"

	"otklik/internal/calendar"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/message"
	"otklik/internal/regime"
	"otklik/internal/reply"
	"otklik/internal/topic"
)

// Clocks are all deadlines of an incident, as its history gives them.
type Clocks struct {
	Regime   *regime.Regime
	Calendar *calendar.Calendar
	History  regime.History
	List     []regime.Deadline
}

// Clocks counts the deadlines of an incident from its history, oldest first; nil when
// no rules are in force, or the work was done in another system.
func (d *Desk) Clocks(i *incident.Incident, history []incident.Entry) (*Clocks, error) {
	return d.clocks(i, history, regime.Deadlines)
}

// Count does as Clocks, without the sentences that explain.
func (d *Desk) Count(i *incident.Incident, history []incident.Entry) (*Clocks, error) {
	return d.clocks(i, history, regime.Count)
}

func (d *Desk) clocks(i *incident.Incident, history []incident.Entry, count func(*regime.History, *regime.Regime, *calendar.Calendar) ([]regime.Deadline, error)) (*Clocks, error) {
	if d.Rules == nil || i.Clock.Regime == regime.Past {
		return nil, nil
	}
	book := d.Rules()
	r, ok := book.Regime(i.Clock.Regime)
	if !ok { // opened before there were regimes, or under one that is gone
		r, _ = book.Regime(book.Choose(d.chosenBy(i, "")))
	}
	c := &Clocks{Regime: r, Calendar: book.Calendar(i.Place.Region, i.Place.Centre), History: d.happened(i, history)}
	var err error
	c.List, err = count(&c.History, r, c.Calendar)
	return c, err
}

func (d *Desk) chosenBy(i *incident.Incident, source string) regime.Case {
	return regime.Case{Channel: string(i.Channel), Source: source, Kind: string(i.Kind), Fast: d.fast(i.Topic)}
}

func (d *Desk) fast(code topic.Code) bool {
	t, ok := d.Topics().ByCode(code)
	return ok && t.Fast
}

// set puts what matters of the deadlines on the incident.
func (c *Clocks) set(i *incident.Incident) error {
	k := incident.Clock{Regime: c.Regime.Code, ByHand: i.Clock.ByHand}
	for _, d := range c.List { // the final answer comes after the first one
		if d.Step == regime.First || d.Step == regime.Final {
			k.AnswerDue, k.AnswerAt = d.Due, d.Done
		}
	}
	next, due := regime.Next(c.List)
	if due && i.State.Open() {
		k.Step, k.State, k.Due = next.Step, next.State, next.Due
		for _, e := range c.History.Events {
			if e.What == regime.Escalated && e.Step == next.Step && e.Round == next.Round {
				k.Rung = max(k.Rung, slices.Index(regime.Whos(), e.Who)+1)
			}
		}
		alarms, err := regime.Alarms(&c.History, c.List, c.Calendar)
		if err != nil {
			return err
		}
		if len(alarms) > 0 {
			k.Alarm = alarms[0].At
		}
	}
	i.Clock = k
	return nil
}

// still are the actions that move no clock by themselves; a change of state does.
var still = []lifecycle.Action{lifecycle.Claim, lifecycle.Release, lifecycle.Attach, lifecycle.Detach, lifecycle.Erase, lifecycle.Dismiss,
	lifecycle.Submit, lifecycle.Take}

// time counts the incident's clock anew, when something in the trail may move it, and
// notes on the trail that a due time moved: it never does without a line of history.
func (s *step) time() error {
	if s.desk.Rules == nil || s.i.Clock.Regime == regime.Past && !s.i.State.Open() {
		return nil
	}
	if s.i.Clock.Regime == regime.Past { // taken up again: from now on it is our work
		s.i.Clock.Regime = ""
	}
	k := slices.IndexFunc(s.trail, func(e incident.Entry) bool { return !slices.Contains(still, e.Action) })
	pressed, err := s.pressed()
	if err != nil || k < 0 && !pressed && s.i.State == s.was.State && s.i.Clock.Regime != "" {
		return err
	}
	if err := s.rechoose(); err != nil {
		return err
	}
	histories, err := s.tx.Clocks().Histories(s.ctx, []incident.ID{s.i.ID})
	if err != nil {
		return err
	}
	c, err := s.desk.Count(s.i, append(histories[s.i.ID], s.trail...))
	if err != nil {
		return err
	}
	if err := c.set(s.i); err != nil {
		return err
	}
	if m := moved(&s.was.Clock, &s.i.Clock); m != nil && len(s.trail) > 0 {
		s.trail[max(k, 0)].Detail.Due = m
	}
	return nil
}

// moved says that the due time of the same step became another one; nil when it did not.
func moved(was, now *incident.Clock) *incident.Moved {
	if was.Step != now.Step || was.Step == "" || was.Due.Equal(now.Due) {
		return nil
	}
	return &incident.Moved{Step: now.Step, From: was.Due, To: now.Due}
}

// rechoose chooses the regime again after the topic was corrected, unless a person chose it.
func (s *step) rechoose() error {
	if s.i.Clock.ByHand || s.i.Topic == s.was.Topic && s.i.Clock.Regime != "" {
		return nil
	}
	source := ""
	if s.i.First != 0 {
		m, err := s.tx.Messages().Message(s.ctx, s.who.Scope, s.i.First)
		if err != nil {
			return err
		}
		source = m.Source
	}
	code := s.desk.Rules().Choose(s.desk.chosenBy(s.i, source))
	if was := s.i.Clock.Regime; was != "" && was != code {
		s.record(incident.Entry{Action: lifecycle.Regime, Detail: incident.Detail{Field: "regime", Was: string(was), Now: string(code), Topic: s.i.Topic}})
	}
	s.i.Clock.Regime = code
	return nil
}

// begin gives an incident that is being opened its regime and its clock.
func (d *Desk) begin(i *incident.Incident, source string) error {
	if d.Rules == nil {
		return nil
	}
	if _, known := d.Rules().Regime(i.Clock.Regime); !i.Clock.ByHand || !known {
		i.Clock = incident.Clock{Regime: d.Rules().Choose(d.chosenBy(i, source))}
	}
	c, err := d.Count(i, nil)
	if err != nil {
		return err
	}
	return c.set(i)
}

// happened reads a history as far as clocks care.
func (d *Desk) happened(i *incident.Incident, history []incident.Entry) regime.History {
	h := regime.History{Published: i.PublishedAt, Seen: i.OpenedAt}
	t := teller{d: d, asked: 0}
	t.classes(i, history)
	for k := range history {
		t.hear(&history[k])
	}
	h.Events, h.Authors = t.events, t.authors
	return h
}

// A teller turns lines of history into events.
type teller struct {
	d        *Desk
	events   []regime.Event
	versions []int // of the line that each event stands for
	undoable []int // versions that can be taken back, latest last
	accepted bool
	authors  int
	asked    int64 // the reply that asks the author
	fast     bool
	high     bool
}

func (t *teller) say(e *incident.Entry, what regime.What) {
	t.events, t.versions = append(t.events, regime.Event{At: e.At, What: what}), append(t.versions, e.Version)
}

// classes says of what importance and topic the incident was when it was opened: what
// the first correction found, else what it is.
func (t *teller) classes(i *incident.Incident, history []incident.Entry) {
	urgency, code := string(i.Urgency), string(i.Topic)
	for k := len(history) - 1; k >= 0; k-- {
		switch d := &history[k].Detail; {
		case history[k].Action != lifecycle.Correct:
		case d.Field == "urgency":
			urgency = d.Was
		case d.Field == "topic":
			code = d.Was
		}
	}
	open := &incident.Entry{At: i.OpenedAt}
	if t.high = heightened(urgency); t.high {
		t.say(open, regime.Raised)
	}
	if t.fast = t.d.fast(topic.Code(code)); t.fast {
		t.say(open, regime.Quickened)
	}
}

func heightened(urgency string) bool {
	return urgency == string(message.High) || urgency == string(message.Danger)
}

func (t *teller) hear(e *incident.Entry) {
	t.authors = cmp.Or(e.Detail.Authors, t.authors)
	if e.Action == lifecycle.Undo {
		t.undo()
		return
	}
	if e.Detail.Before != nil {
		t.undoable = append(t.undoable, e.Version)
	}
	if e.From == lifecycle.Asked && e.To != lifecycle.Asked || e.Action == lifecycle.Clarify {
		t.say(e, regime.Told)
	}
	t.deed(e)
	switch closed := lifecycle.Closed; {
	case e.To == closed && e.From != closed && e.Action != lifecycle.Close:
		t.say(e, regime.Ended)
	case e.Action == lifecycle.Close && e.Detail.Now == string(lifecycle.Duplicate):
		t.say(e, regime.Ended)
	case e.Action == lifecycle.Reopen, e.To == lifecycle.Rework && e.Action != lifecycle.Split && (e.From == lifecycle.Answered || e.From == closed):
		t.say(e, regime.Returned)
	case e.From == closed && e.To != closed, e.Action == lifecycle.Split && e.To != closed && t.ended():
		t.say(e, regime.Revived)
	}
}

func (t *teller) ended() bool {
	for k := len(t.events) - 1; k >= 0; k-- {
		switch t.events[k].What {
		case regime.Ended:
			return true
		case regime.Revived, regime.Returned:
			return false
		}
	}
	return false
}

// undo forgets what the deed that was taken back said.
func (t *teller) undo() {
	if len(t.undoable) == 0 {
		return
	}
	v := t.undoable[len(t.undoable)-1]
	for len(t.undoable) > 0 && t.undoable[len(t.undoable)-1] == v {
		t.undoable = t.undoable[:len(t.undoable)-1]
	}
	events, versions := t.events, t.versions
	t.events, t.versions, t.accepted = nil, nil, false
	for k, e := range events {
		if versions[k] != v {
			t.events, t.versions = append(t.events, e), append(t.versions, versions[k])
			t.accepted = t.accepted || e.What == regime.WasAccepted
		}
	}
}

func (t *teller) accept(e *incident.Entry) {
	if !t.accepted {
		t.accepted = true
		t.say(e, regime.WasAccepted)
	}
}

// deed says what an action meant for the clocks.
func (t *teller) deed(e *incident.Entry) {
	switch e.Action {
	case lifecycle.Accept:
		t.accept(e)
	case lifecycle.HandOver, lifecycle.Decide:
		t.accept(e)
		if e.Detail.Agency != 0 {
			t.say(e, regime.WasForwarded)
		}
	case lifecycle.Decline:
		if e.To == lifecycle.Triage {
			t.say(e, regime.Declined)
		}
	case lifecycle.Approve:
		t.accept(e)
	case lifecycle.Ask:
		t.asked = e.Detail.Reply
		t.say(e, regime.Asked)
	case lifecycle.Return:
		if t.asked != 0 && e.Detail.Reply == t.asked { // the question never reached the author
			t.say(e, regime.Told)
		}
	case lifecycle.Publish:
		switch {
		case e.Detail.Purpose == reply.Final, e.Detail.Purpose == "" && e.To == lifecycle.Answered:
			t.say(e, regime.GaveAnswer)
		case e.Detail.Purpose == reply.Interim:
			t.say(e, regime.GaveInterim)
		}
	case lifecycle.Verify:
		t.say(e, regime.Checked)
	case lifecycle.Pause:
		t.say(e, regime.Stopped)
	case lifecycle.Resume:
		t.say(e, regime.Went)
	case lifecycle.Extend:
		t.say(e, regime.Extended)
		last := &t.events[len(t.events)-1]
		last.Until = e.Detail.Until
		if e.Detail.Due != nil {
			last.Step = e.Detail.Due.Step
		}
	case lifecycle.Escalate:
		if told := e.Detail.Told; told != nil {
			t.say(e, regime.Escalated)
			last := &t.events[len(t.events)-1]
			last.Step, last.Who, last.Round = told.Step, told.Who, told.Round
		}
	case lifecycle.Correct:
		t.corrected(e)
	default:
	}
}

func (t *teller) corrected(e *incident.Entry) {
	switch e.Detail.Field {
	case "urgency":
		if now := heightened(e.Detail.Now); now != t.high {
			t.high = now
			t.say(e, map[bool]regime.What{true: regime.Raised, false: regime.Lowered}[now])
		}
	case "topic":
		if now := t.d.fast(topic.Code(e.Detail.Now)); now != t.fast {
			t.fast = now
			t.say(e, map[bool]regime.What{true: regime.Quickened, false: regime.Slowed}[now])
		}
	}
}

// backwards is how far the clock of this machine may be behind what is stored: machines
// that share a store differ by seconds.
const backwards = time.Minute

// forward refuses to work with a clock that was set back: deadlines and history would
// contradict what is stored.
func (s *step) forward() error {
	switch behind := s.i.UpdatedAt.Sub(s.now); {
	case behind > backwards:
		return fault.New(fault.Unavailable, "the clock is %v behind the last change of incident %d", behind, s.i.ID).
			Say("Часы сервера отстают от последней записи в этом инциденте на " + regime.Length(behind) + ": их перевели назад. Ничего не изменено. Скажите администратору: нужно исправить время на сервере и повторить.").
			Mend("set the machine's clock right, for instance with NTP")
	case behind > 0:
		s.now = s.i.UpdatedAt
	}
	return nil
}
