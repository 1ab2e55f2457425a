package staff

import (
	"net/http"
	"time"

	"otklik/internal/desk"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/regime"
	"otklik/internal/site"
)

// A TimeLeft is what a row says about the next due time, in words: colour alone tells
// nobody anything.
type TimeLeft struct {
	Text  string // «осталось 2 ч 10 мин», «просрочено на 3 ч», «часы стоят»
	Title string // «первый ответ: до 23 ноября, 15:00»
	Class string // of the tag
	Icon  string
	Told  string // how high the ladder was climbed: «сообщили руководителю»
}

// soonLeft is when a due time is near enough to stand out.
const soonLeft = 2 * time.Hour

var rungWords = [...]string{"", "сообщили исполнителю", "сообщили координатору", "сообщили руководителю", "сообщили руководству"}

// timeLeft is nil when nothing is due.
func timeLeft(c *incident.Clock, now time.Time, zone *time.Location) *TimeLeft {
	if c.Step == "" {
		return nil
	}
	t := &TimeLeft{Class: "tag-time", Icon: "clock", Title: sentenceCase(c.Step.Name())}
	if c.Rung > 0 && c.Rung < len(rungWords) {
		t.Told = rungWords[c.Rung]
	}
	if !c.Due.IsZero() {
		t.Title += ": до " + site.DateTime(c.Due, now, zone)
	}
	switch left := c.Due.Sub(now); {
	case c.Due.IsZero():
		t.Text, t.Icon = "часы стоят", "hand-stop"
	case left < 0:
		t.Text, t.Class, t.Icon = "просрочено на "+regime.Length(left), "tag-bad", "alert-triangle"
	case c.State == regime.Paused:
		t.Text, t.Icon = "часы стоят", "hand-stop"
	case left < soonLeft:
		t.Text, t.Class = "осталось "+regime.Length(left), "tag-warn"
	default:
		t.Text = "осталось " + regime.Length(left)
	}
	return t
}

// A ClockView is the deadlines of one incident.
type ClockView struct {
	Left    *TimeLeft
	Regime  string
	Code    string
	Check   string
	Steps   []StepView
	Regimes []Choice // to choose another one
	Extend  string   // «не больше чем на 30 календарных дней»; "" when the regime gives none
	Notice  bool
	Today   string // the earliest date to extend to
	Stopped bool   // by a person
	Pauses  bool   // the regime lets people stop the clocks
}

// A StepView is one step with its due time, explained.
type StepView struct {
	Name, State, Class, Due, Why string
}

// addClocks shows the deadlines and takes away what cannot be done to them now.
func (s *Staff) addClocks(history []incident.Entry, i *incident.Incident, p *IncidentPage, now time.Time, zone *time.Location) error {
	if s.Clocks == nil {
		return nil
	}
	c, err := s.Clocks(i, history)
	if fault.Is(err, fault.Invalid) { // a date outside of the calendar: the rest of the page stands
		return nil
	}
	if err != nil || c == nil {
		return err
	}
	v := &ClockView{Left: timeLeft(&i.Clock, now, zone), Regime: c.Regime.Name, Code: string(c.Regime.Code), Check: c.Regime.Check, Pauses: c.Regime.Pause.ByHand, Today: now.In(zone).Format(time.DateOnly)}
	for k := range c.List {
		d := &c.List[k]
		step := StepView{Name: sentenceCase(d.Step.Name()), Why: d.Why}
		if !d.Due.IsZero() {
			step.Due = site.DateTime(d.Due, now, zone)
		}
		step.State, step.Class = stepState(d, now)
		v.Steps = append(v.Steps, step)
	}
	if e := c.Regime.Extension; e != nil {
		v.Extend, v.Notice = regime.AmountWords(e.Most), e.Notice
	}
	for _, e := range c.History.Events {
		switch e.What {
		case regime.Stopped:
			v.Stopped = true
		case regime.Went:
			v.Stopped = false
		}
	}
	if s.Keeper != nil {
		for _, r := range s.Keeper.Book().Regimes() {
			if !r.Retired || r.Code == c.Regime.Code {
				v.Regimes = append(v.Regimes, Choice{string(r.Code), r.Name})
			}
		}
	}
	p.Clock = v
	return nil
}

func stepState(d *regime.Deadline, now time.Time) (word, class string) {
	switch state := d.At(now); {
	case state == regime.Met && d.Late:
		return "сделано с опозданием на " + regime.Length(d.Done.Sub(d.Due)), "tag-warn"
	case state == regime.Met:
		return "сделано в срок", "tag-good"
	case state == regime.Missed && !d.Ours():
		return "время автора вышло", "tag-time"
	case state == regime.Missed:
		return "просрочено на " + regime.Length(now.Sub(d.Due)), "tag-bad"
	case state == regime.Paused:
		return "часы стоят", "tag-time"
	case state == regime.Void:
		return "срок снят", "tag-time"
	case state == regime.Waits:
		return "ещё не начался", "tag-time"
	}
	return "осталось " + regime.Length(d.Due.Sub(now)), "tag-time"
}

// clockDeeds are the forms that change clocks.
var clockDeeds = []deed{
	{path: "extend", action: lifecycle.Extend, done: "Срок продлён", change: extended},
	{path: "pause", action: lifecycle.Pause, done: "Часы остановлены", undo: "resume", undoAs: "Пустить", change: func(_ *Staff, r *http.Request) (desk.Change, error) {
		return desk.Pause{Reason: field(r, "reason")}, nil
	}},
	{path: "resume", action: lifecycle.Resume, done: "Часы идут", change: func(_ *Staff, r *http.Request) (desk.Change, error) {
		return desk.Resume{Reason: field(r, "reason")}, nil
	}},
	{path: "regime", action: lifecycle.Regime, done: "Регламент сменён, сроки пересчитаны", change: func(_ *Staff, r *http.Request) (desk.Change, error) {
		return desk.SetRegime{Regime: regime.Code(field(r, "regime")), Reason: field(r, "reason")}, nil
	}},
}

func extended(_ *Staff, r *http.Request) (desk.Change, error) {
	c := desk.Extend{Reason: field(r, "reason"), Notice: field(r, "notice")}
	if until := field(r, "until"); until != "" {
		t, err := time.Parse(time.DateOnly, until)
		if err != nil {
			return nil, fault.New(fault.Invalid, "%q is no date", until).At("until").Say("Такой даты не бывает. Выберите день в календаре.")
		}
		c.Until = t.Add(6 * time.Hour) // the same day in every zone of the country
	}
	return c, nil
}

// tellClock puts a line of history about clocks into words; "" for another line.
func (s *Staff) tellClock(e *incident.Entry, agencies *agencyList, now time.Time, zone *time.Location) (what, note string) {
	d := &e.Detail
	switch e.Action {
	case lifecycle.Extend:
		what = "срок продлён до " + site.Date(d.Until, now, zone)
	case lifecycle.Pause:
		what = "часы остановлены"
	case lifecycle.Resume:
		what = "часы пущены"
		if d.Message != 0 {
			what += ": автор написал"
		}
	case lifecycle.Regime:
		what = "сменён регламент: «" + s.regimeName(d.Was) + "» на «" + s.regimeName(d.Now) + "»"
	case lifecycle.Recount:
		what = "срок пересчитан"
	case lifecycle.Escalate:
		if d.Told == nil {
			return "", ""
		}
		what = "о сроке шага «" + d.Told.Step.Name() + "» сообщено: " + d.Told.Who.Name()
		if name := agencies.name(d.Agency); name != "" {
			what += " (" + name + ")"
		}
		return what, "срок " + site.DateTime(d.Told.Due, now, zone)
	default:
		return "", ""
	}
	return what, d.Reason
}

// movedDue says that a line of history moved a due time.
func movedDue(m *incident.Moved, now time.Time, zone *time.Location) string {
	if m == nil || m.From.IsZero() && m.To.IsZero() {
		return ""
	}
	was, is := "часы стояли", "часы стоят"
	if !m.From.IsZero() {
		was = "был " + site.DateTime(m.From, now, zone)
	}
	if !m.To.IsZero() {
		is = "стал " + site.DateTime(m.To, now, zone)
	}
	return "Срок шага «" + m.Step.Name() + "» " + was + ", " + is + "."
}

func (s *Staff) regimeName(code string) string {
	if s.Keeper != nil {
		if r, ok := s.Keeper.Book().Regime(regime.Code(code)); ok {
			return r.Name
		}
	}
	return code
}
