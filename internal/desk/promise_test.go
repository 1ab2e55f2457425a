package desk_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"otklik/internal/agency"
	"otklik/internal/desk"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/lint"
	"otklik/internal/promise"
	"otklik/internal/reply"
	"otklik/internal/russian"
	"otklik/internal/scope"
)

// krasnoyarsk is the clock of the bench with a lint.
var krasnoyarsk = time.FixedZone("KRAT", 7*3600)

func newLintBench(t *testing.T) *bench {
	t.Helper()
	b := newBench(t)
	a, err := russian.New()
	must(t, err)
	l, err := lint.New(a)
	must(t, err)
	o := b.Desk.Options
	o.Lint, o.Zone = l, func(scope.Place) *time.Location { return krasnoyarsk }
	b.Desk = desk.New(o)
	return b
}

func (b *bench) promises(t *testing.T, i *incident.Incident) []promise.Promise {
	t.Helper()
	list, err := b.db.Reader().Promises().OfIncident(t.Context(), scope.All(), int64(i.ID))
	must(t, err)
	return list
}

// arrive settles the waiting job as the outbox does.
func (b *bench) arrive(t *testing.T) {
	t.Helper()
	var jobs []reply.Job
	must(t, b.db.Change(t.Context(), incident.Machine, func(tx incident.Tx) (err error) {
		jobs, err = tx.Replies().Take(t.Context(), noon.Add(time.Hour), 10)
		return err
	}))
	for _, j := range jobs {
		must(t, b.Published(t.Context(), j, reply.Receipt{Native: "r", At: noon}))
	}
}

func (b *bench) denies(t *testing.T, role lifecycle.Role, i *incident.Incident, c desk.Change, kind fault.Kind, field string) {
	t.Helper()
	_, err := b.Do(t.Context(), b.people[role], i.ID, 0, c)
	var f *fault.Error
	at := ""
	for e := err; errors.As(e, &f); e = errors.Unwrap(f) {
		if at = f.Field; at != "" {
			break
		}
	}
	if !fault.Is(err, kind) || at != field || fault.Sentence(err) == "" {
		t.Errorf("%s by %s: %v (field %q, %q), want %s at %q with a sentence", c.Action(), role, err, at, fault.Sentence(err), kind, field)
	}
}

const (
	runaround = "Здравствуйте! Ваше обращение взято на контроль."
	answer    = "Здравствуйте! Яму на Мира заделаем до 25 ноября, сейчас она ограждена."
)

func TestRunaroundNeedsAReason(t *testing.T) {
	t.Parallel()
	b := newLintBench(t)
	i := b.open(t, "1", "На Мира яма, Абаза")
	i = b.do(t, lifecycle.Operator, i, desk.Accept{HandOver: true})
	b.denies(t, lifecycle.Executor, i, desk.Submit{Text: runaround}, fault.Invalid, "override_reason")
	if n := len(b.replies(t, i)); n != 0 {
		t.Fatalf("a refused draft left %d replies", n)
	}
	b.denies(t, lifecycle.Executor, i, desk.Submit{Text: runaround, Override: strings.Repeat("я", 2001)}, fault.Invalid, "reason")
	i = b.do(t, lifecycle.Executor, i, desk.Submit{Text: runaround, Override: "Автор просил только подтверждения"})
	r := b.replies(t, i)[0]
	if !r.Lint.Read || !r.Lint.Doubt || r.Lint.Score >= lint.Suspicious || len(r.Lint.Rules) == 0 || r.Lint.Override == "" {
		t.Errorf("lint of the draft = %+v, want a doubt with its rules and the reason", r.Lint)
	}
	history, err := b.db.Reader().Incidents().History(t.Context(), scope.All(), i.ID)
	must(t, err)
	if last := history[len(history)-1]; last.Action != lifecycle.Submit || last.Detail.Override != "Автор просил только подтверждения" {
		t.Errorf("history says %+v, want the reason", last.Detail)
	}
	rows, err := b.db.Reader().Incidents().Queue(t.Context(), scope.All(), incident.Filter{Doubted: true})
	must(t, err)
	if len(rows.Rows) != 1 {
		t.Errorf("the curator's filter shows %d incidents, want 1", len(rows.Rows))
	}
	// Who approves the same words sees the reason; other words need their own.
	b.denies(t, lifecycle.Approver, i, desk.Approve{Reply: r.ID, Text: runaround + " Ожидайте."}, fault.Invalid, "override_reason")
	b.do(t, lifecycle.Approver, i, desk.Approve{Reply: r.ID})
}

func TestBarOfAnAgency(t *testing.T) {
	t.Parallel()
	b := newLintBench(t)
	i := b.open(t, "1", "На Мира яма, Абаза")
	i = b.do(t, lifecycle.Operator, i, desk.Accept{HandOver: true})
	must(t, b.db.Change(t.Context(), incident.People, func(tx incident.Tx) error {
		a, err := tx.Agencies().Agency(t.Context(), b.roads)
		if err != nil {
			return err
		}
		a.LintBar = agency.NoLint
		return tx.Agencies().SaveAgency(t.Context(), a)
	}))
	i = b.do(t, lifecycle.Executor, i, desk.Submit{Text: runaround})
	if r := b.replies(t, i)[0]; !r.Lint.Doubt || r.Lint.Override != "" {
		t.Errorf("lint = %+v, want a doubt, and no reason asked", r.Lint)
	}
}

func TestPromiseFromReplyToItsDay(t *testing.T) {
	t.Parallel()
	b := newLintBench(t)
	i := b.open(t, "1", "На Мира яма, Абаза")
	i = b.do(t, lifecycle.Operator, i, desk.Accept{HandOver: true})
	i = b.do(t, lifecycle.Coordinator, i, desk.Answer{Text: answer, Purpose: reply.Interim})
	if n := len(b.promises(t, i)); n != 0 {
		t.Fatalf("%d promises before the publication", n)
	}
	b.arrive(t)
	list := b.promises(t, i)
	day := time.Date(2026, 11, 25, 23, 59, 59, 0, krasnoyarsk)
	if len(list) != 1 || !list[0].Until.Equal(day) || list[0].State != promise.Open || list[0].Place.Agency != b.roads {
		t.Fatalf("promises = %+v, want one until %s", list, day)
	}
	p := list[0]
	if words := b.replies(t, i)[0].Text[p.Span.Start:p.Span.End]; words != "до 25 ноября" {
		t.Errorf("the promise points at %q", words)
	}
	tell := func(at time.Time, want int) {
		t.Helper()
		if n, err := b.Due(t.Context(), at); err != nil || n != want {
			t.Errorf("Due(%s) = %d, %v, want %d", at.Format(time.DateTime), n, err, want)
		}
	}
	tell(noon, 0)
	tell(day.Add(-47*time.Hour), 1)
	tell(day.Add(-47*time.Hour), 0)
	tell(day.Add(time.Second), 1)
	b.Desk = desk.New(b.Desk.Options) // a restart
	tell(day.Add(time.Hour), 0)
	history, err := b.db.Reader().Incidents().History(t.Context(), scope.All(), i.ID)
	must(t, err)
	var told []string
	for _, e := range history {
		if e.Action == lifecycle.Remind {
			told = append(told, e.Detail.Event)
		}
	}
	if strings.Join(told, " ") != "promise_soon promise_due" {
		t.Errorf("history tells %q", told)
	}
}

func TestWhatBecomesOfAPromise(t *testing.T) {
	t.Parallel()
	b := newLintBench(t)
	i := b.open(t, "1", "На Мира яма, Абаза")
	i = b.do(t, lifecycle.Operator, i, desk.Accept{HandOver: true})
	i = b.do(t, lifecycle.Coordinator, i, desk.Answer{Text: answer, Purpose: reply.Interim})
	b.arrive(t)
	p := b.promises(t, i)[0]
	later := time.Date(2026, 12, 10, 23, 59, 59, 0, krasnoyarsk)
	b.denies(t, lifecycle.Curator, i, desk.MovePromise{Promise: p.ID, Until: later}, fault.Invalid, "reason")
	b.denies(t, lifecycle.Curator, i, desk.MovePromise{Promise: p.ID, Until: noon.Add(-time.Hour), Reason: "мороз"}, fault.Invalid, "until")
	b.denies(t, lifecycle.Curator, i, desk.MovePromise{Promise: p.ID, Until: noon.Add(time.Hour), Reason: "мороз"}, fault.Invalid, "until")
	b.denies(t, lifecycle.Curator, i, desk.MovePromise{Promise: p.ID, Until: noon.AddDate(11, 0, 0), Reason: "мороз"}, fault.Invalid, "until")
	b.denies(t, lifecycle.Executor, i, desk.MovePromise{Promise: p.ID, Until: later, Reason: "мороз"}, fault.Forbidden, "")
	b.denies(t, lifecycle.Curator, i, desk.BreakPromise{Promise: p.ID}, fault.Invalid, "reason")
	b.denies(t, lifecycle.Curator, i, desk.KeepPromise{Promise: p.ID + 99}, fault.NotFound, "")
	other := b.open(t, "2", "Другая яма, Абаза")
	b.denies(t, lifecycle.Curator, other, desk.KeepPromise{Promise: p.ID}, fault.NotFound, "promise")

	i = b.do(t, lifecycle.Curator, must1(b.db.Reader().Incidents().Incident(t.Context(), scope.All(), i.ID)), desk.MovePromise{Promise: p.ID, Until: later, Reason: "мороз"})
	list := b.promises(t, i)
	if len(list) != 2 || list[0].State != promise.Moved || list[0].MovedTo != list[1].ID || list[1].Before != p.ID || !list[1].Until.Equal(later) {
		t.Fatalf("after the move: %+v", list)
	}
	b.denies(t, lifecycle.Curator, i, desk.KeepPromise{Promise: p.ID}, fault.Conflict, "promise")
	// The author is told by a reply that names the new day: no second promise of it.
	i = b.do(t, lifecycle.Coordinator, i, desk.Answer{Text: "Здравствуйте! Яму на Мира заделаем до 10 декабря: помешал мороз.", Purpose: reply.Interim})
	b.arrive(t)
	if n := len(b.promises(t, i)); n != 2 {
		t.Errorf("after the author was told there are %d promises, want 2", n)
	}
	i = must1(b.db.Reader().Incidents().Incident(t.Context(), scope.All(), i.ID))
	b.do(t, lifecycle.Executor, i, desk.KeepPromise{Promise: list[1].ID, Reason: "мастер прислал фото"})
	if p := b.promises(t, i)[1]; p.State != promise.Kept || p.By != b.people[lifecycle.Executor].ID || p.Settled.IsZero() {
		t.Errorf("kept: %+v", p)
	}
	tally, err := b.db.Reader().Promises().Tally(t.Context(), scope.All(), noon.Add(-time.Hour), noon)
	must(t, err)
	if len(tally) != 1 || tally[0] != (promise.Tally{Agency: b.roads, Made: 2, Kept: 1, Moved: 1}) {
		t.Errorf("tally = %+v", tally)
	}
}

func must1[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
