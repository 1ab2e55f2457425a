package desk_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"otklik/internal/account"
	"otklik/internal/desk"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/live"
	"otklik/internal/message"
	"otklik/internal/regime"
	"otklik/internal/reply"
	"otklik/internal/scope"
)

// timed returns a bench with the shipped rules and a clock that the test moves. The
// calendar is Moscow's: noon is Friday 15:00 there.
func timed(t *testing.T) (*bench, *time.Time) {
	t.Helper()
	b := newBench(t)
	book, err := regime.ShippedBook(towns{})
	must(t, err)
	now := noon
	b.Rules = func() *regime.Book { return book }
	b.Now = func() time.Time { return now }
	return b, &now
}

func msk(s string) time.Time {
	t, err := time.ParseInLocation("2006-01-02 15:04", "2026-"+s, time.FixedZone("MSK", 3*60*60))
	if err != nil {
		panic(err)
	}
	return t
}

func (b *bench) clock(t *testing.T, id incident.ID, step regime.Kind, state regime.State, due string) *incident.Incident {
	t.Helper()
	i := b.stored(t, id)
	want := time.Time{}
	if due != "" {
		want = msk(due)
	}
	if i.Clock.Step != step || i.Clock.State != state || !i.Clock.Due.Equal(want) {
		t.Errorf("clock = %+v; want %s %s due %s", i.Clock, step, state, due)
	}
	return i
}

func (b *bench) stored(t *testing.T, id incident.ID) *incident.Incident {
	t.Helper()
	i, err := b.db.Reader().Incidents().Incident(t.Context(), scope.All(), id)
	must(t, err)
	return i
}

func (b *bench) history(t *testing.T, id incident.ID) []incident.Entry {
	t.Helper()
	h, err := b.db.Reader().Incidents().History(t.Context(), scope.All(), id)
	must(t, err)
	return h
}

func (b *bench) deed(t *testing.T, role lifecycle.Role, id incident.ID, c desk.Change) {
	t.Helper()
	if _, err := b.Do(t.Context(), b.people[role], id, 0, c); err != nil {
		t.Fatalf("%s %s: %v (%s)", role, c.Action(), err, fault.Sentence(err))
	}
}

func (b *bench) refused(t *testing.T, role lifecycle.Role, id incident.ID, c desk.Change, kind fault.Kind, says string) {
	t.Helper()
	was := b.stored(t, id)
	_, err := b.Do(t.Context(), b.people[role], id, 0, c)
	if fault.KindOf(err) != kind || !strings.Contains(fault.Sentence(err), says) {
		t.Errorf("%s %s = %v (%q); want %s, «%s»", role, c.Action(), err, fault.Sentence(err), kind, says)
	}
	if now := b.stored(t, id); now.Version != was.Version || now.Clock != was.Clock {
		t.Errorf("a refused %s changed the incident", c.Action())
	}
}

// publish plays the outbox for the last job.
func (b *bench) publish(t *testing.T, at time.Time) {
	t.Helper()
	var jobs []reply.Job
	must(t, b.db.Change(t.Context(), incident.Machine, func(tx incident.Tx) (err error) {
		jobs, err = tx.Replies().Take(t.Context(), at.Add(time.Hour), 10)
		return err
	}))
	for _, j := range jobs {
		must(t, b.Published(t.Context(), j, reply.Receipt{At: at, Native: "77"}))
	}
}

func TestTheClockFollowsTheWork(t *testing.T) {
	t.Parallel()
	b, now := timed(t)
	i := b.open(t, "1", "яма в городе Абаза")
	b.clock(t, i.ID, regime.Forward, regime.Running, "11-20 16:00")
	b.deed(t, lifecycle.Operator, i.ID, desk.Accept{HandOver: true})
	b.clock(t, i.ID, regime.First, regime.Running, "11-23 15:00")
	*now = msk("11-20 16:00")
	high := message.High
	b.deed(t, lifecycle.Curator, i.ID, desk.Correct{Urgency: &high})
	b.clock(t, i.ID, regime.First, regime.Running, "11-23 11:00") // four hours from when it was raised
	h := b.history(t, i.ID)
	if m := h[len(h)-1].Detail.Due; m == nil || !m.From.Equal(msk("11-23 15:00")) || !m.To.Equal(msk("11-23 11:00")) {
		t.Errorf("the moved due time is not in the history: %+v", h[len(h)-1].Detail)
	}

	*now = msk("11-20 17:00")
	b.deed(t, lifecycle.Operator, i.ID, desk.Answer{Text: "Бригада выедет завтра.", Purpose: reply.Interim})
	b.publish(t, msk("11-20 17:00"))
	got := b.clock(t, i.ID, regime.Final, regime.Running, "12-01 18:00") // seven working days
	if !got.State.Open() {
		t.Errorf("after an interim reply the state is %s: the work goes on", got.State)
	}
	*now = msk("11-23 10:00")
	b.deed(t, lifecycle.Operator, i.ID, desk.Answer{Text: "Яму засыпали."})
	b.publish(t, *now)
	b.clock(t, i.ID, "", "", "")
	*now = msk("11-24 10:00")
	b.deed(t, lifecycle.Operator, i.ID, desk.Reopen{Reason: "яма на месте"})
	b.clock(t, i.ID, regime.Final, regime.Running, "12-03 18:00")
}

func TestAnInterimDraftThatWasApprovedGoesBackToWork(t *testing.T) {
	t.Parallel()
	b, now := timed(t)
	i := b.open(t, "1", "яма в городе Абаза")
	b.deed(t, lifecycle.Operator, i.ID, desk.Accept{HandOver: true})
	b.deed(t, lifecycle.Executor, i.ID, desk.Take{})
	b.deed(t, lifecycle.Executor, i.ID, desk.Submit{Text: "Бригада выедет завтра.", Purpose: reply.Interim})
	replies, err := b.db.Reader().Replies().OfIncident(t.Context(), scope.All(), int64(i.ID))
	must(t, err)
	b.deed(t, lifecycle.Approver, i.ID, desk.Approve{Reply: replies[0].ID})
	b.publish(t, *now)
	if got := b.stored(t, i.ID); got.State != lifecycle.Working || got.Clock.Step != regime.Final {
		t.Errorf("state %s, step %s; want working, final", got.State, got.Clock.Step)
	}
}

func TestEscalationIsToldOnceAndNotAfterTheAnswer(t *testing.T) {
	t.Parallel()
	b, now := timed(t)
	calm := b.open(t, "1", "яма в городе Абаза")
	danger := b.open(t, "2", "яма в городе Абаза")
	d := message.Danger
	b.deed(t, lifecycle.Operator, danger.ID, desk.Correct{Urgency: &d})
	b.deed(t, lifecycle.Operator, calm.ID, desk.Accept{HandOver: true})
	b.deed(t, lifecycle.Executor, calm.ID, desk.Take{})
	told := func(id incident.ID) (out []regime.Who) {
		for _, e := range b.history(t, id) {
			if e.Action == lifecycle.Escalate {
				out = append(out, e.Detail.Told.Who)
			}
		}
		return out
	}
	ring := func(want int) {
		t.Helper()
		if n, err := b.Escalate(t.Context(), 10); err != nil || n != want {
			t.Errorf("Escalate = %d, %v; want %d", n, err, want)
		}
	}
	ring(0)
	*now = msk("11-23 13:30") // two hours before the answer is due; the hand-over of the other was due on Friday
	b.told = nil
	ring(2)
	ring(0)
	changed := slices.DeleteFunc(slices.Clone(b.told), func(e live.Event) bool { return len(e.For) > 0 })
	if len(changed) != 2 || changed[0].Incident != danger.ID {
		t.Errorf("told %+v: danger comes first", b.told)
	}
	if got := told(calm.ID); len(got) != 1 || got[0] != regime.Executor {
		t.Errorf("told %v, want the executor", got)
	}
	if h := b.history(t, calm.ID); h[len(h)-1].Detail.Account != b.people[lifecycle.Executor].ID {
		t.Errorf("the escalation names account %d, want the executor", h[len(h)-1].Detail.Account)
	}
	if got := told(danger.ID); len(got) != 2 { // coordinator and head, at once
		t.Errorf("told %v, want two", got)
	}
	version := b.stored(t, calm.ID).Version
	*now = msk("11-23 16:00")
	ring(1)
	if got := b.stored(t, calm.ID); got.Version != version || got.Clock.Rung != 2 {
		t.Errorf("version %d, rung %d: telling must not disturb who works", got.Version, got.Clock.Rung)
	}
	b.deed(t, lifecycle.Operator, calm.ID, desk.Answer{Text: "Засыпали."})
	b.publish(t, *now)
	*now = msk("12-23 16:00")
	ring(1) // the other one
	ring(0)
	if got := told(calm.ID); len(got) != 2 {
		t.Errorf("after the answer %v were told", got)
	}
}

func TestExtend(t *testing.T) {
	t.Parallel()
	b, now := timed(t)
	i := b.open(t, "1", "яма в городе Абаза")
	b.deed(t, lifecycle.Operator, i.ID, desk.Accept{HandOver: true})
	day := msk("12-25 00:00")
	b.refused(t, lifecycle.Curator, i.ID, desk.Extend{Until: day, Reason: "ждём"}, fault.Conflict, "не даёт продлить")
	b.refused(t, lifecycle.Curator, i.ID, desk.SetRegime{Regime: "appeal59"}, fault.Invalid, "почему регламент другой")
	b.refused(t, lifecycle.Curator, i.ID, desk.SetRegime{Regime: "nothing", Reason: "да"}, fault.Invalid, "Такого действующего регламента нет")
	b.refused(t, lifecycle.Executor, i.ID, desk.SetRegime{Regime: "appeal59", Reason: "да"}, fault.Forbidden, "")
	b.deed(t, lifecycle.Curator, i.ID, desk.SetRegime{Regime: "appeal59", Reason: "письменное обращение"})
	b.clock(t, i.ID, regime.Final, regime.Running, "12-18 18:00") // Sunday the 20th ends on Friday
	b.refused(t, lifecycle.Curator, i.ID, desk.SetRegime{Regime: "appeal59", Reason: "да"}, fault.Conflict, "уже действует")

	extend := func(until time.Time) desk.Extend {
		return desk.Extend{Until: until, Reason: "нужна экспертиза", Notice: "Срок продлён: идёт экспертиза."}
	}
	b.refused(t, lifecycle.Curator, i.ID, desk.Extend{Until: day, Reason: " "}, fault.Invalid, "Напишите, почему")
	b.refused(t, lifecycle.Curator, i.ID, desk.Extend{Until: day, Reason: "да"}, fault.Invalid, "уведомить автора")
	b.refused(t, lifecycle.Curator, i.ID, extend(time.Time{}), fault.Invalid, "Укажите дату")
	b.refused(t, lifecycle.Curator, i.ID, extend(msk("12-10 00:00")), fault.Invalid, "раньше нынешнего")
	b.refused(t, lifecycle.Curator, i.ID, extend(msk("12-26 00:00")), fault.Invalid, "выходной")
	b.refused(t, lifecycle.Curator, i.ID, extend(time.Date(2027, 3, 1, 0, 0, 0, 0, time.UTC)), fault.Invalid, "Так далеко")
	b.refused(t, lifecycle.Curator, i.ID, extend(time.Date(9026, 3, 1, 0, 0, 0, 0, time.UTC)), fault.Invalid, "9026")
	b.deed(t, lifecycle.Curator, i.ID, extend(day))
	b.clock(t, i.ID, regime.Final, regime.Running, "12-25 18:00")
	b.publish(t, *now) // the notice is no answer
	if got := b.stored(t, i.ID); !got.AnsweredAt.IsZero() || got.State != lifecycle.Assigned {
		t.Errorf("the notice answered: %s, %v", got.State, got.AnsweredAt)
	}
	b.refused(t, lifecycle.Curator, i.ID, extend(msk("12-28 00:00")), fault.Conflict, "уже продлевали")
	*now = msk("12-26 10:00")
	b.refused(t, lifecycle.Curator, i.ID, extend(msk("12-28 00:00")), fault.Conflict, "Срок прошёл 25.12.2026 18:00")
}

func TestPauseAndTheAuthorsWords(t *testing.T) {
	t.Parallel()
	b, now := timed(t)
	i := b.open(t, "1", "яма в городе Абаза")
	b.deed(t, lifecycle.Operator, i.ID, desk.Accept{HandOver: true})
	b.refused(t, lifecycle.Operator, i.ID, desk.Resume{}, fault.Conflict, "никто не останавливал")
	b.deed(t, lifecycle.Operator, i.ID, desk.Pause{Reason: "ждём фотографии от автора"})
	b.clock(t, i.ID, regime.First, regime.Paused, "11-30 18:00") // at most five working days
	b.refused(t, lifecycle.Operator, i.ID, desk.Pause{Reason: "ещё"}, fault.Conflict, "уже стоят")
	*now = msk("11-20 17:00")
	must(t, b.db.Change(t.Context(), incident.Machine, func(tx incident.Tx) error {
		m := &message.Message{Source: "vk:-1", Channel: message.VK, Form: message.Comment, Native: "2", Thread: "post", Event: message.Written,
			Revision: message.HashOf("вот фото"), Text: "вот фото", Author: "anna", SeenAt: *now}
		r := read("вот фото")
		if _, err := tx.Messages().Keep(t.Context(), m, &r); err != nil {
			return err
		}
		return b.Opener(tx, account.System()).Attach(t.Context(), i.ID, m, &r)
	}))
	b.clock(t, i.ID, regime.First, regime.Running, "11-23 17:00") // two hours later than it was
	*now = msk("11-24 10:00")
	b.refused(t, lifecycle.Operator, i.ID, desk.Pause{Reason: "поздно"}, fault.Conflict, "Срок уже прошёл")
}

func TestAskingStopsTheClockAndMergingVoidsIt(t *testing.T) {
	t.Parallel()
	b, now := timed(t)
	i := b.open(t, "1", "яма")
	b.deed(t, lifecycle.Operator, i.ID, desk.Accept{})
	b.deed(t, lifecycle.Operator, i.ID, desk.Ask{Text: "Где яма?"})
	if got := b.stored(t, i.ID); got.Clock.State != regime.Paused {
		t.Errorf("clock %+v: asked, it stands", got.Clock)
	}
	other := b.open(t, "2", "яма в городе Абаза")
	b.deed(t, lifecycle.Operator, other.ID, desk.Merge{Others: []incident.ID{i.ID}})
	b.clock(t, i.ID, "", "", "")
	*now = msk("11-20 17:00")
	b.deed(t, lifecycle.Operator, other.ID, desk.Split{Other: i.ID})
	if got := b.stored(t, i.ID); got.Clock.Step == "" {
		t.Errorf("split again, nothing is due: %+v", got.Clock)
	}
}

func TestUndoTakesTheClockBack(t *testing.T) {
	t.Parallel()
	b, _ := timed(t)
	i := b.open(t, "1", "яма в городе Абаза")
	b.deed(t, lifecycle.Operator, i.ID, desk.Accept{HandOver: true})
	b.deed(t, lifecycle.Operator, i.ID, desk.Undo{})
	b.clock(t, i.ID, regime.Forward, regime.Running, "11-20 16:00")
}

func TestAClockSetBackIsRefused(t *testing.T) {
	t.Parallel()
	b, now := timed(t)
	i := b.open(t, "1", "яма в городе Абаза")
	*now = noon.Add(-time.Hour)
	b.refused(t, lifecycle.Operator, i.ID, desk.Accept{HandOver: true}, fault.Unavailable, "перевели назад")
	*now = noon.Add(-2 * time.Second) // two machines differ by seconds
	b.deed(t, lifecycle.Operator, i.ID, desk.Accept{HandOver: true})
	h := b.history(t, i.ID)
	if h[len(h)-1].At.Before(h[0].At) {
		t.Error("the history goes backwards")
	}
}

func TestACorrectedRuleRecounts(t *testing.T) {
	t.Parallel()
	b, _ := timed(t)
	i := b.open(t, "1", "яма в городе Абаза")
	b.deed(t, lifecycle.Operator, i.ID, desk.Accept{HandOver: true})
	list := b.Rules().Regimes()
	for k := range list {
		for n := range list[k].Steps {
			if list[k].Code == "open" && list[k].Steps[n].Kind == regime.First {
				list[k].Steps[n].Within.N = 18
			}
		}
	}
	book, err := regime.NewBook(list, b.Rules().Documents(), towns{})
	must(t, err)
	b.Rules = func() *regime.Book { return book }
	last, changed, err := b.Recount(t.Context(), 0, 10, "регламент «Открытые источники», версия 2")
	if err != nil || changed != 1 || last != i.ID {
		t.Fatalf("Recount = %d, %d, %v", last, changed, err)
	}
	b.clock(t, i.ID, regime.First, regime.Running, "11-24 15:00")
	h := b.history(t, i.ID)
	if e := h[len(h)-1]; e.Action != lifecycle.Recount || e.Detail.Due == nil || e.Detail.Reason == "" {
		t.Errorf("the moved due time has no reason: %+v", e)
	}
	if last, changed, err := b.Recount(t.Context(), last, 10, "ещё раз"); err != nil || changed != 0 || last != 0 {
		t.Errorf("the second Recount = %d, %d, %v", last, changed, err)
	}
}
