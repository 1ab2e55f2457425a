package notify_test

import (
	"strings"
	"testing"
	"time"

	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/notice"
	"otklik/internal/regime"
	"otklik/internal/scope"
	"otklik/internal/shift"
)

// late makes the world's incident overdue and claimed by Anna.
func (w *world) late() {
	w.change(func(tx incident.Tx) error {
		i, err := tx.Incidents().Incident(w.t.Context(), scope.All(), w.i.ID)
		must(w.t, err)
		i.Clock = incident.Clock{Step: regime.First, State: regime.Running, Due: w.now.Add(-time.Hour)}
		return tx.Incidents().Save(w.t.Context(), i)
	})
}

func TestAMorningsDigestComesOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.reach(w.anna, notice.Mail, "anna@example.ru")
	c := notice.Default(w.anna)
	c.Digest, c.DigestHour, c.QuietFrom, c.QuietTo = notice.Morning, 9, 0, 0
	w.now = time.Date(2026, 11, 24, 1, 0, 0, 0, time.UTC) // 8:00 there
	must(t, w.Choose(t.Context(), w.anna, c))
	w.late()
	w.step(0)
	w.now = w.now.Add(time.Hour)
	w.step(1)
	sent := w.mail.take()
	if len(sent) != 1 || !strings.HasPrefix(sent[0].Subject, "Сводка: просрочено 1, срок сегодня 0") || len(sent[0].Lines) < 2 || !strings.HasPrefix(sent[0].Lines[1].Text, "Просрочено. № "+incident.Spoken(w.i.Number)) {
		t.Fatalf("sent %+v", sent)
	}
	if s := sent[0].Lines[1].Text; strings.Contains(s, "кв") || strings.Contains(s, "900") {
		t.Errorf("the digest names a flat or a phone: %s", s)
	}
	for range 5 { // the same morning, and after a restart
		w.now = w.now.Add(2 * time.Hour)
		w.restart()
		w.step(0)
	}
	w.now = time.Date(2026, 11, 25, 2, 0, 0, 0, time.UTC)
	w.step(1)
	if n := len(w.mail.take()); n != 1 {
		t.Errorf("the next morning %d came", n)
	}
}

func TestAnEmptyMorningNeedsNoLetter(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.reach(w.boss, notice.Mail, "boss@example.ru")
	c := notice.Default(w.boss)
	c.Digest, c.QuietFrom, c.QuietTo = notice.Morning, 0, 0
	must(t, w.Choose(t.Context(), w.boss, c))
	w.now = w.now.Add(24 * time.Hour)
	w.step(0)
}

func TestADigestComesWithTheShift(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.reach(w.anna, notice.Telegram, "5")
	c := notice.Default(w.anna)
	c.Digest, c.DigestBy, c.QuietFrom, c.QuietTo = notice.Shifts, notice.Telegram, 0, 0
	must(t, w.Choose(t.Context(), w.anna, c))
	w.late()
	w.now = w.now.Add(26 * time.Hour)
	w.step(0) // no shift was handed over
	w.change(func(tx incident.Tx) error {
		return tx.Shifts().SaveShift(t.Context(), &shift.Shift{Place: scope.Place{Region: region}, OpenedAt: noon, ClosedAt: w.now, ClosedBy: w.boss, Note: "тихо"})
	})
	w.now = w.now.Add(2 * time.Minute)
	w.step(1)
	w.now = w.now.Add(2 * time.Minute)
	w.step(0)
	if n := len(w.chat.take()); n != 1 {
		t.Errorf("%d digests, want one", n)
	}
}

func TestAChatIsLinkedByItsCode(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	code, err := w.AskTelegram(t.Context(), w.anna)
	must(t, err)
	if got := w.LinkChat(t.Context(), "НЕТ", "5"); !strings.Contains(got, "не подходит") {
		t.Errorf("a wrong code: %s", got)
	}
	again, err := w.AskTelegram(t.Context(), w.anna)
	must(t, err)
	if got := w.LinkChat(t.Context(), code, "5"); again == code || !strings.Contains(got, "не подходит") {
		t.Errorf("a code that another one replaced: %s", got)
	}
	if got := w.LinkChat(t.Context(), again, "5"); !strings.Contains(got, "Готово") {
		t.Errorf("the code: %s", got)
	}
	if got := w.LinkChat(t.Context(), again, "6"); !strings.Contains(got, "не подходит") {
		t.Errorf("the code twice: %s", got)
	}
	w.notice(notice.Given)
	w.step(1)
	other, err := w.AskTelegram(t.Context(), w.boss) // the same chat, another account
	must(t, err)
	w.LinkChat(t.Context(), other, "5")
	if list, _ := w.db.Reader().Posts().Addresses(t.Context(), w.anna); len(list) != 0 {
		t.Errorf("the chat is still of the other account: %+v", list)
	}
	w.LeaveChat(t.Context(), "5")
	if list, _ := w.db.Reader().Posts().Addresses(t.Context(), w.boss); len(list) != 0 {
		t.Errorf("after leaving: %+v", list)
	}
	delete(w.Channels, notice.Telegram)
	if _, err := w.AskTelegram(t.Context(), w.anna); !fault.Is(err, fault.Conflict) {
		t.Errorf("without a bot = %v", err)
	}
}
