package desk_test

import (
	"testing"
	"time"

	"otklik/internal/account"
	"otklik/internal/agency"
	"otklik/internal/desk"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/message"
	"otklik/internal/regime"
	"otklik/internal/scope"
)

// adopt takes in a message whose case another system knows.
func (b *bench) adopt(t *testing.T, native, text string, p message.Past) (id incident.ID, opened bool) {
	t.Helper()
	must(t, b.db.Change(t.Context(), incident.Machine, func(tx incident.Tx) error {
		m := &message.Message{Source: "file:a.csv", Channel: message.File, Form: message.Record, Native: native, Revision: message.HashOf(text),
			Event: message.Written, Text: text, PublishedAt: noon.AddDate(-1, 0, 0), SeenAt: noon, Addressed: true, Past: &p}
		r := read(text)
		b.Recalled(m, &r, nil)
		m.Place, _ = b.Stand(m, &r)
		if _, err := tx.Messages().Keep(t.Context(), m, &r); err != nil {
			return err
		}
		o := b.Opener(tx, account.System())
		var err error
		if opened, err = o.Adopt(t.Context(), m, &r, nil); err != nil {
			return err
		}
		if p.Done() && len(o.Events) > 0 && opened {
			t.Errorf("pages are told of history: %+v", o.Events)
		}
		of, err := tx.Messages().Incident(t.Context(), m.ID)
		id = incident.ID(of)
		return err
	}))
	return id, opened
}

// ruled puts the shipped limits in force.
func (b *bench) ruled(t *testing.T) {
	t.Helper()
	book, err := regime.ShippedBook(towns{})
	must(t, err)
	b.Rules = func() *regime.Book { return book }
}

func TestWhatWasFinishedElsewhereIsHistory(t *testing.T) {
	t.Parallel()
	b := linting(t)
	b.ruled(t)
	day := noon.AddDate(-1, 0, 0)
	done := message.Past{
		Key: "a/1", Number: "1", Status: "Решено", Topic: "Ямы во дворах", Agency: "«ДОРОГИ»", State: lifecycle.Closed, Outcome: lifecycle.Solved,
		OpenedAt: day, AnsweredAt: day.Add(time.Hour), ClosedAt: day.Add(5 * time.Hour), Answer: goodReply,
	}
	id, opened := b.adopt(t, "1", "Абаза, яма у школы, разбили колесо", done)
	i := b.stored(t, id)
	switch {
	case !opened || i.State != lifecycle.Closed || i.Outcome != lifecycle.Solved || i.Verified() || i.Place.Agency != b.roads || i.Topic == "roads.potholes":
		t.Errorf("incident = %+v", i)
	case !i.OpenedAt.Equal(day) || !i.AnsweredAt.Equal(day.Add(time.Hour)) || !i.ClosedAt.Equal(day.Add(5*time.Hour)) || !i.AcceptedAt.Equal(day):
		t.Errorf("times = %v %v %v %v", i.OpenedAt, i.AnsweredAt, i.ClosedAt, i.AcceptedAt)
	case !i.Clock.Due.IsZero() || !i.Clock.Alarm.IsZero() || i.Clock.Regime != regime.Past || i.Mark() != incident.MarkOut:
		t.Errorf("clock = %+v, mark %d", i.Clock, i.Mark())
	}
	if replies := b.replies(t, i); len(replies) != 1 || replies[0].Text != goodReply || len(b.jobs(t)) != 0 {
		t.Errorf("replies = %+v, jobs %d", replies, len(b.jobs(t)))
	}
	if c, err := b.Clocks(i, b.history(t, id)); c != nil || err != nil {
		t.Errorf("Clocks = %v, %v", c, err)
	}
	if list, err := b.db.Reader().Clocks().UnjudgedAfter(t.Context(), 0, 10); err != nil || len(list) != 0 {
		t.Errorf("UnjudgedAfter = %+v, %v", list, err)
	}

	// One more message of the case joins it; the same words of another case do not.
	if again, opened := b.adopt(t, "2", "и у нас", done); again != id || opened || b.stored(t, id).Messages != 2 {
		t.Errorf("a second message of the case: incident %d, opened %t", again, opened)
	}
	other := done
	other.Key, other.Agency = "a/2", "Никто"
	second, opened := b.adopt(t, "3", "Абаза, яма у школы, разбили колесо", other)
	if second == id || !opened || b.stored(t, second).Place.Agency != 0 {
		t.Errorf("another case: incident %d, opened %t, %+v", second, opened, b.stored(t, second).Place)
	}

	// It serves for the like and teaches, though nobody verified it here.
	list, err := b.Alike(t.Context(), b.db.Reader(), b.people[lifecycle.Operator], b.open(t, "13", "Абаза, опять яма возле школы, колёса разбиваем"))
	if err != nil || len(list) != 1 {
		t.Errorf("Alike = %+v, %v", list, err)
	}
	learnt, err := b.db.Reader().Lessons().Decisions(t.Context(), scope.All(), 10)
	if err != nil || len(learnt) != 2 || learnt[0].Topic != i.Topic {
		t.Errorf("Decisions = %+v, %v", learnt, err)
	}

	// A note moves nothing; taken up again it is ours, with a limit.
	i = b.do(t, lifecycle.Operator, b.stored(t, id), desk.Note{Text: "Смотрели в архиве"})
	if i.Clock.Regime != regime.Past {
		t.Errorf("a note changed the regime: %+v", i.Clock)
	}
	i = b.do(t, lifecycle.Curator, i, desk.Reopen{Reason: "Яма появилась снова"})
	if i.Clock.Regime == regime.Past || i.Clock.Due.IsZero() {
		t.Errorf("reopened: %+v", i.Clock)
	}
}

func TestWhatIsOpenElsewhereIsWorkHere(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.ruled(t)
	id, opened := b.adopt(t, "1", "Абаза, яма у школы", message.Past{Key: "a/1", State: lifecycle.Working, Topic: "не определено", Agency: "Сети"})
	i := b.stored(t, id)
	if !opened || i.State != lifecycle.New || i.Proposed != b.utilities || i.Place.Agency != 0 || i.Clock.Due.IsZero() || i.Topic != "undefined" {
		t.Errorf("incident = %+v", i)
	}
	if again, opened := b.adopt(t, "2", "Абаза, яма там же", message.Past{Key: "a/1", State: lifecycle.Working}); again != id || opened {
		t.Errorf("a second message of the case: %d, %t", again, opened)
	}
	if id2, _ := b.adopt(t, "3", "Абаза, яма у школы", message.Past{Key: "a/2", AgencyID: b.roads}); id2 == id || b.stored(t, id2).Proposed != b.roads {
		t.Errorf("another case: %d", id2)
	}
}

func TestAgenciesAreFoundByName(t *testing.T) {
	t.Parallel()
	list := []agency.Agency{{ID: 1, Name: "Администрация города Абаза", Short: "Абаза"}, {ID: 2, Name: "Сеть", Short: "Сеть"}, {ID: 3, Name: "Сеть № 2", Short: "сеть"}}
	for name, want := range map[string]int64{"администрация  города «Абаза»": 1, "АБАЗА": 1, "Сеть": 0, "сеть №2": 3, "": 0, "…": 0} {
		if got := agency.Named(list, name); got != want {
			t.Errorf("Named(%q) = %d, want %d", name, got, want)
		}
	}
}
