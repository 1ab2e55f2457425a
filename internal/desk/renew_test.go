package desk_test

import (
	"strings"
	"testing"
	"time"

	"otklik/internal/account"
	"otklik/internal/desk"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/message"
	"otklik/internal/regime"
	"otklik/internal/team"
)

// renew brings a row again that is here.
func (b *bench) renew(t *testing.T, native string, p message.Past) (news bool) {
	t.Helper()
	must(t, b.db.Change(t.Context(), incident.Machine, func(tx incident.Tx) (err error) {
		news, err = b.Opener(tx, account.System()).Renew(t.Context(), &message.Message{Source: "file:a.csv", Native: native, Past: &p})
		return err
	}))
	return news
}

func (b *bench) notes(t *testing.T, id incident.ID) []team.Note {
	t.Helper()
	list, err := b.db.Reader().Team().Notes(t.Context(), int64(id))
	must(t, err)
	return list
}

func TestHistoryFollowsTheOtherSystem(t *testing.T) {
	t.Parallel()
	b := linting(t)
	b.ruled(t)
	day := noon.AddDate(-1, 0, 0)
	first := message.Past{Key: "a/1", Number: "1", Status: "Ответ дан", Topic: "Ямы во дворах", Agency: "Дороги", State: lifecycle.Answered, OpenedAt: day, AnsweredAt: day.Add(time.Hour), Answer: "Передали подрядчику, сделаем в мае."}
	id, _ := b.adopt(t, "1", "Абаза, яма у школы, разбили колесо", first)
	later := first
	later.Status, later.State, later.Outcome, later.Agency, later.Answer = "Решено", lifecycle.Closed, lifecycle.Solved, "Сети", goodReply
	later.AnsweredAt, later.ClosedAt = day.AddDate(0, 2, 0), day.AddDate(0, 2, 1)
	if b.renew(t, "1", first) {
		t.Error("the same row is news")
	}
	if !b.renew(t, "1", later) {
		t.Fatal("a later status is no news")
	}
	i := b.stored(t, id)
	if i.State != lifecycle.Closed || i.Outcome != lifecycle.Solved || i.Place.Agency != b.utilities || !i.AnsweredAt.Equal(later.AnsweredAt) || !i.ClosedAt.Equal(later.ClosedAt) ||
		i.Clock.Regime != regime.Past || !i.Clock.Due.IsZero() {
		t.Errorf("incident = %+v", i)
	}
	replies, history := b.replies(t, i), b.history(t, id)
	if len(replies) != 2 || replies[1].Text != goodReply || len(b.jobs(t)) != 0 {
		t.Errorf("replies = %+v", replies)
	}
	if e := history[len(history)-1]; e.Detail.Event != desk.EventElsewhere || e.Detail.Reason != "Решено" || e.Detail.Reply != int64(replies[1].ID) || e.Who != 0 {
		t.Errorf("history = %+v", e)
	}
	if p, err := b.db.Reader().Incidents().Past(t.Context(), account.System().Scope, id); err != nil || p.Status != "Решено" {
		t.Errorf("Past = %+v, %v", p, err)
	}
	for name, p := range map[string]message.Past{"the same export again": later, "an older export": first} {
		if b.renew(t, "1", p) || len(b.history(t, id)) != len(history) || b.stored(t, id).Version != i.Version {
			t.Errorf("%s changed something", name)
		}
	}
	// Opened again there: whether it is work for us people say.
	again := later
	again.Status, again.State, again.Outcome = "Возвращено на доработку", lifecycle.Working, ""
	if !b.renew(t, "1", again) || b.stored(t, id).State != lifecycle.Closed || len(b.notes(t, id)) != 1 {
		t.Errorf("taken up there: %+v, notes %+v", b.stored(t, id), b.notes(t, id))
	}
	// What people here have touched stays theirs.
	b.do(t, lifecycle.Curator, b.stored(t, id), desk.Reopen{Reason: "Яма появилась снова"})
	final := later
	final.Status, final.Outcome, final.Answer = "Отказано", lifecycle.Refused, "Ямы нет, выезжали."
	if !b.renew(t, "1", final) {
		t.Error("no news")
	}
	if i = b.stored(t, id); i.State != lifecycle.Rework || i.Outcome == lifecycle.Refused || len(b.replies(t, i)) != 2 || len(b.notes(t, id)) != 2 {
		t.Errorf("people's work was overwritten: %+v", i)
	}
}

func TestWorkIsToldOfTheOtherSystem(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.ruled(t)
	open := message.Past{Key: "a/1", Number: "77", Status: "В работе", State: lifecycle.Working, Agency: "Сети"}
	id, _ := b.adopt(t, "1", "Абаза, яма у школы", open)
	i := b.do(t, lifecycle.Operator, b.stored(t, id), desk.Claim{})
	done := open
	done.Status, done.State, done.Outcome, done.Answer, done.ClosedAt = "Решено", lifecycle.Closed, lifecycle.Solved, "Мария Ивановна, яму засыпали.", noon
	if !b.renew(t, "1", done) || b.renew(t, "1", done) || b.renew(t, "1", open) {
		t.Error("it is news once")
	}
	now, notes := b.stored(t, id), b.notes(t, id)
	if now.State != lifecycle.New || now.Outcome != "" || !now.ClosedAt.IsZero() || now.ClaimedBy != i.ClaimedBy || now.Clock.Due.IsZero() || len(b.replies(t, now)) != 0 {
		t.Errorf("the work was changed: %+v", now)
	}
	if len(notes) != 1 || notes[0].Who != 0 || !strings.Contains(notes[0].Text, "номер 77") || !strings.Contains(notes[0].Text, "Статус: Решено. Отвечает: Сети.") || !strings.Contains(notes[0].Text, "засыпали") ||
		len(notes[0].Mentions) != 1 || notes[0].Mentions[0] != i.ClaimedBy {
		t.Errorf("notes = %+v", notes)
	}
	history := b.history(t, id)
	if e := history[len(history)-1]; e.Detail.Event != desk.EventElsewhere || e.Detail.Reason != "Решено" || strings.Contains(e.Detail.Reason, "Мария") {
		t.Errorf("history = %+v", e)
	}
	if b.renew(t, "9", message.Past{Key: "a/9", Status: "Решено"}) || b.renew(t, "9", message.Past{Status: "Решено"}) {
		t.Error("a case that is not here is news")
	}
}
