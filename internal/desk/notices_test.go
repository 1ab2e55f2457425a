package desk_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"otklik/internal/account"
	"otklik/internal/desk"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/message"
	"otklik/internal/notice"
	"otklik/internal/regime"
	"otklik/internal/reply"
	"otklik/internal/scope"
)

// fresh returns what has come since it was asked last, as «role kind what», and marks it
// as seen.
func (b *bench) fresh(t *testing.T) (out []string) {
	t.Helper()
	must(t, b.db.Change(t.Context(), incident.People, func(tx incident.Tx) error {
		for role, who := range b.people {
			list, err := tx.Notices().Notices(t.Context(), who.ID, notice.Filter{Unseen: true, Limit: 100})
			if err != nil {
				return err
			}
			for _, n := range list {
				out = append(out, strings.TrimSpace(fmt.Sprintf("%s %s %s", role, n.Kind, n.What)))
			}
			if _, err := tx.Notices().See(t.Context(), who.ID, 0, noon); err != nil {
				return err
			}
		}
		return nil
	}))
	sort.Strings(out)
	return out
}

func (b *bench) hears(t *testing.T, what string, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, b.fresh(t)); diff != "" {
		t.Errorf("%s: who is told differs (-want +got):\n%s", what, diff)
	}
}

func TestEachDeedTellsWhomItConcerns(t *testing.T) {
	t.Parallel()
	b := hearing(t)
	i := b.open(t, "1", "Абаза, яма у школы")
	b.hears(t, "a new incident")
	b.deed(t, lifecycle.Curator, i.ID, desk.Follow{})
	b.deed(t, lifecycle.Operator, i.ID, desk.Accept{HandOver: true})
	b.hears(t, "handed over", "coordinator given")
	b.deed(t, lifecycle.Coordinator, i.ID, desk.HandOver{Executor: int64(b.people[lifecycle.Executor].ID)})
	b.hears(t, "handed over inside", "executor given")
	b.deed(t, lifecycle.Executor, i.ID, desk.Take{})
	b.hears(t, "taken")
	b.deed(t, lifecycle.Executor, i.ID, desk.Submit{Text: "Яму засыпали."})
	b.hears(t, "submitted", "approver approval")
	r := b.replies(t, b.stored(t, i.ID))[0]
	b.deed(t, lifecycle.Approver, i.ID, desk.Return{Reply: r.ID, Reason: "Когда?"})
	b.hears(t, "returned", "executor returned returned")
	b.deed(t, lifecycle.Executor, i.ID, desk.Submit{Text: "Яму засыпали вчера."})
	b.deed(t, lifecycle.Approver, i.ID, desk.Approve{Reply: slices.MaxFunc(b.replies(t, b.stored(t, i.ID)), func(a, c reply.Reply) int { return int(a.ID - c.ID) }).ID})
	b.fresh(t)
	b.publish(t, noon)
	b.hears(t, "published", "curator followed answered")
	_, heard := b.says(t, b.stored(t, i.ID), "again", "anna", "Ничего не сделали, яма на месте")
	if !heard || b.stored(t, i.ID).State != lifecycle.Rework {
		t.Fatal("the author's words did not reopen")
	}
	b.hears(t, "reopened by the author", "approver reopened author", "coordinator reopened author", "curator followed reopened", "executor reopened author")
	b.deed(t, lifecycle.Operator, i.ID, desk.Note{Text: "@Имя executor, адрес точный?"})
	b.hears(t, "named in a note", "executor mention")
	b.deed(t, lifecycle.Coordinator, i.ID, desk.Decline{Reason: "не наша дорога", To: b.utilities})
	b.hears(t, "declined: nobody stands at the other agency")
	pipes := b.worker(t, lifecycle.Coordinator, b.utilities)
	b.by(t, pipes, b.stored(t, i.ID), desk.Decline{Reason: "и не наша", Unknown: "не знаем"})
	b.hears(t, "declined twice in a row", "curator arbiter")
}

func TestADeclineThatNamesNobodyReturnsToTheCentre(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	i := b.open(t, "1", "Абаза, яма")
	b.deed(t, lifecycle.Operator, i.ID, desk.Accept{HandOver: true})
	b.fresh(t)
	b.deed(t, lifecycle.Coordinator, i.ID, desk.Decline{Reason: "не наша", Unknown: "не знаем чья"})
	b.hears(t, "back at the centre", "centre given centre")
}

func TestTheLadderReachesWhoStandsOnIt(t *testing.T) {
	t.Parallel()
	b, now := timed(t)
	i := b.open(t, "1", "яма в городе Абаза")
	b.deed(t, lifecycle.Operator, i.ID, desk.Accept{HandOver: true})
	b.deed(t, lifecycle.Executor, i.ID, desk.Take{})
	b.fresh(t)
	for _, c := range []struct {
		at   string
		want []string
	}{
		{"11-23 13:30", []string{"executor deadline soon"}},
		{"11-23 15:00", []string{"coordinator deadline overdue"}},
	} {
		*now = msk(c.at)
		for range 2 { // once more tells nothing
			if _, err := b.Escalate(t.Context(), 10); err != nil {
				t.Fatal(err)
			}
		}
		b.hears(t, c.at, c.want...)
	}
	list, err := b.db.Reader().Notices().Notices(t.Context(), b.people[lifecycle.Executor].ID, notice.Filter{Kind: notice.Deadline, Limit: 1})
	must(t, err)
	if n := list[0]; n.Step != regime.First || !n.Due.Equal(msk("11-23 15:00")) || n.Incident != int64(i.ID) {
		t.Errorf("the notice says %+v", n)
	}
	*now = msk("12-20 15:00")
	if _, err := b.Escalate(t.Context(), 10); err != nil {
		t.Fatal(err)
	}
	got := b.fresh(t)
	for _, who := range []string{"approver deadline overdue", "leader deadline overdue"} {
		if !slices.Contains(got, who) {
			t.Errorf("a month late %v are told, without %s", got, who)
		}
	}
}

func TestARungOnWhichNobodyStandsHandsUp(t *testing.T) {
	t.Parallel()
	b, now := timed(t)
	b.open(t, "1", "яма в городе Абаза") // no agency has it
	*now = msk("12-20 15:00")
	if _, err := b.Escalate(t.Context(), 10); err != nil {
		t.Fatal(err)
	}
	b.hears(t, "no agency", "curator deadline overdue", "curator deadline overdue", "leader deadline overdue")
}

func TestACallPiercesToAllWhoMayRing(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	must(t, b.db.Change(t.Context(), incident.Machine, func(tx incident.Tx) error {
		m := &message.Message{Source: "vk:-1", Channel: message.VK, Form: message.Comment, Native: "1", Event: message.Written, Revision: message.HashOf("x"), Text: "Абаза, провод упал", SeenAt: noon, PublishedAt: noon}
		r := read(m.Text)
		r.Urgency, r.Evidence = message.Danger, []message.Evidence{{For: "urgency", Why: "оголённые или упавшие провода"}}
		m.Place, _ = b.Stand(m, &r)
		if _, err := tx.Messages().Keep(t.Context(), m, &r); err != nil {
			return err
		}
		_, err := b.Opener(tx, account.System()).Open(t.Context(), m, &r)
		return err
	}))
	b.hears(t, "danger", "centre call", "curator call", "operator call", "phone call")
}

func TestAPromiseIsRecalled(t *testing.T) {
	t.Parallel()
	b := newLintBench(t)
	i := b.do(t, lifecycle.Operator, b.open(t, "1", "На Мира яма, Абаза"), desk.Accept{HandOver: true})
	i = b.do(t, lifecycle.Executor, i, desk.Take{})
	i = b.do(t, lifecycle.Coordinator, i, desk.Answer{Text: answer, Purpose: reply.Interim})
	b.arrive(t)
	b.fresh(t)
	day := time.Date(2026, 11, 25, 23, 59, 59, 0, krasnoyarsk)
	for _, c := range []struct {
		at   time.Time
		want []string
	}{
		{day.Add(-47 * time.Hour), []string{"executor promise soon"}},
		{day.Add(time.Second), []string{"approver promise overdue", "coordinator promise overdue", "executor promise overdue"}},
	} {
		if _, err := b.Due(t.Context(), c.at); err != nil {
			t.Fatal(err)
		}
		b.hears(t, c.at.String(), c.want...)
	}
	b.Now = func() time.Time { return day.Add(time.Hour) }
	b.deed(t, lifecycle.Executor, i.ID, desk.BreakPromise{Promise: b.promises(t, i)[0].ID, Reason: "нет асфальта"})
	b.hears(t, "broken", "approver promise broken", "coordinator promise broken", "curator promise broken")
}

func TestAReplyThatDoesNotLeaveIsToldToWhoWroteIt(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	i := b.open(t, "1", "Абаза, яма")
	b.deed(t, lifecycle.Operator, i.ID, desk.Answer{Text: "Засыпали."})
	b.fresh(t)
	must(t, b.Unpublishable(t.Context(), b.job(t), "Комментарии закрыты."))
	b.hears(t, "unpublishable", "centre returned failed", "operator returned failed")
	list, err := b.db.Reader().Notices().Notices(t.Context(), b.people[lifecycle.Operator].ID, notice.Filter{Limit: 1})
	must(t, err)
	if len(list) != 1 || list[0].Incident != int64(i.ID) {
		t.Errorf("the notice is %+v", list)
	}
}

// TestNoticesStandOrFallWithTheirCause: what is not stored tells nobody.
func TestNoticesStandOrFallWithTheirCause(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	i := b.open(t, "1", "Абаза, яма")
	o := b.Desk.Options
	o.Store = failing{b.db, errors.New("the disk is full")}
	if _, err := desk.New(o).Do(t.Context(), b.people[lifecycle.Operator], i.ID, 0, desk.Accept{HandOver: true}); err == nil {
		t.Fatal("a change that cannot be stored was made")
	}
	b.hears(t, "nothing was stored")
	if _, err := b.Do(t.Context(), b.people[lifecycle.Operator], i.ID, 9, desk.Accept{HandOver: true}); !fault.Is(err, fault.Conflict) {
		t.Errorf("a stale version = %v", err)
	}
	b.hears(t, "a conflict")
	b.deed(t, lifecycle.Operator, i.ID, desk.Accept{HandOver: true})
	if last := b.told[0]; len(last.For) != 1 || last.For[0] != b.people[lifecycle.Coordinator].ID || last.Incident != 0 || last.Place != (scope.Place{}) {
		t.Errorf("open pages are told %+v first", b.told)
	}
}

// failing does the work and then cannot commit it.
type failing struct {
	desk.Store
	err error
}

func (f failing) Change(ctx context.Context, lane incident.Lane, fn func(incident.Tx) error) error {
	return f.Store.Change(ctx, lane, func(tx incident.Tx) error {
		if err := fn(tx); err != nil {
			return err
		}
		return f.err
	})
}

// TestManyAuthorsAreToldOfSooner: the fifth author makes the lowest rung be told at once.
func TestManyAuthorsAreToldOfSooner(t *testing.T) {
	t.Parallel()
	b, now := timed(t)
	i := b.open(t, "1", "яма в городе Абаза")
	b.deed(t, lifecycle.Operator, i.ID, desk.Accept{HandOver: true})
	b.deed(t, lifecycle.Executor, i.ID, desk.Take{})
	b.fresh(t)
	*now = now.Add(time.Minute)
	ring := func() {
		t.Helper()
		if _, err := b.Escalate(t.Context(), 10); err != nil {
			t.Fatal(err)
		}
	}
	for n, author := range []string{"boris", "vera", "vera", "galina", "dina"} {
		b.adds(t, i.ID, fmt.Sprint("more", n), author, "и у нас яма", read("и у нас яма"))
		ring()
		if want := []string(nil); n < 4 {
			b.hears(t, author, want...)
		}
	}
	b.hears(t, "five authors", "executor deadline pressed")
	ring()
	b.hears(t, "told once")
	if got := b.stored(t, i.ID); got.Clock.Rung != 1 {
		t.Errorf("rung %d, want 1", got.Clock.Rung)
	}
	*now = msk("11-23 13:30") // the executor's own time: the coordinator is told now
	ring()
	b.hears(t, "a rung sooner", "coordinator deadline pressed")
}
