package desk_test

import (
	"strings"
	"testing"

	"otklik/internal/desk"
	"otklik/internal/fault"
	"otklik/internal/feedback"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/lint"
	"otklik/internal/reply"
	"otklik/internal/russian"
)

const goodReply = "Здравствуйте, Мария Ивановна! Яму у школы в Абазе заделали 19 ноября горячим асфальтом. Если появится снова, звоните диспетчеру: 8 (39047) 2-33-44."

// linting is a bench whose desk reads replies.
func linting(t *testing.T) *bench {
	t.Helper()
	b := newBench(t)
	a, err := russian.New()
	must(t, err)
	b.Options.Lint, err = lint.New(a)
	must(t, err)
	return b
}

// solved opens an incident, answers and closes it; how says how that is known.
func (b *bench) solved(t *testing.T, native, text, how string) *incident.Incident {
	t.Helper()
	i := b.open(t, native, text)
	b.do(t, lifecycle.Operator, i, desk.Answer{Text: strings.Replace(goodReply, "19", native, 1), Making: desk.Making{Cleared: "имя вымышлено для проверки"}})
	for _, j := range b.jobs(t) {
		must(t, b.Published(t.Context(), j, reply.Receipt{Native: "r" + native, At: noon}))
	}
	return b.do(t, lifecycle.Curator, b.now(t, i.ID), desk.Close{Outcome: lifecycle.Solved, How: how})
}

func TestSolvedIncidentsServeForTheLike(t *testing.T) {
	t.Parallel()
	b := linting(t)
	alike := func(who lifecycle.Role, i *incident.Incident) []desk.Likeness {
		t.Helper()
		list, err := b.Alike(t.Context(), b.db.Reader(), b.people[who], i)
		must(t, err)
		return list
	}
	verified := b.solved(t, "11", "Абаза, яма у школы, разбили колесо, звоните +7 913 111-22-33", "photo")
	unknown := b.solved(t, "12", "Абаза, яма у школы, второе колесо разбили", desk.NotKnown)
	i := b.open(t, "13", "Абаза, опять яма возле школы, колёса разбиваем")
	list := alike(lifecycle.Operator, i)
	if len(list) != 1 || list[0].Incident != int64(verified.ID) {
		t.Fatalf("Alike = %+v, want the verified one alone", list)
	}
	l := list[0]
	if strings.Contains(l.Asked, "913") || strings.Contains(l.Text, "913") || strings.Contains(l.Text, "Иванов") || !strings.Contains(l.Text, "2-33-44") || !strings.Contains(l.Text, "[скрыто]") {
		t.Errorf("personal data is not covered: %q, %q", l.Asked, l.Text)
	}
	if l.Shared < 0.5 || !l.Verified {
		t.Errorf("it shares %v, verified %v", l.Shared, l.Verified)
	}
	if n := len(alike(lifecycle.Executor, i)); n != 0 {
		t.Errorf("an agency sees %d of others", n)
	}

	// A good mark serves, a bad one does not.
	b.do(t, lifecycle.Curator, unknown, desk.Hear{Meaning: feedback.Mark, Mark: 5})
	if n := len(alike(lifecycle.Operator, i)); n != 2 {
		t.Errorf("after a 5 there are %d", n)
	}
	b.do(t, lifecycle.Curator, verified, desk.Hear{Meaning: feedback.Mark, Mark: 2})
	list = alike(lifecycle.Operator, i)
	if len(list) != 1 || list[0].Incident != int64(unknown.ID) {
		t.Errorf("after a 2 there are %+v", list)
	}

	text, err := b.Basis(t.Context(), b.db.Reader(), b.people[lifecycle.Operator], i, reply.ID(list[0].Reply))
	if err != nil || text != list[0].Text {
		t.Errorf("Basis = %q, %v", text, err)
	}
	_, err = b.Basis(t.Context(), b.db.Reader(), b.people[lifecycle.Executor], i, reply.ID(list[0].Reply))
	if fault.KindOf(err) != fault.Invalid {
		t.Errorf("Basis outside of the scope: %v", err)
	}
	if _, err := b.Do(t.Context(), b.people[lifecycle.Operator], i.ID, 0, desk.Submit{Text: text}); fault.KindOf(err) != fault.Invalid || !strings.Contains(fault.Sentence(err), "[скрыто]") {
		t.Errorf("what a mask left goes on: %v (%s)", err, fault.Sentence(err))
	}
}

func TestWhatWasSolvedBeforeIsIndexedOnce(t *testing.T) {
	t.Parallel()
	b := linting(t)
	first := b.solved(t, "11", "Абаза, яма у школы", "photo")
	must(t, b.db.Change(t.Context(), incident.Machine, func(tx incident.Tx) error { return tx.Precedents().Forget(t.Context(), int64(first.ID)) }))
	next, err := b.IndexPrecedents(t.Context(), 0, 10)
	if err != nil || next != int64(first.ID) {
		t.Errorf("IndexPrecedents = %d, %v", next, err)
	}
	if next, err = b.IndexPrecedents(t.Context(), next, 10); err != nil || next != 0 {
		t.Errorf("IndexPrecedents behind the last = %d, %v", next, err)
	}
	i := b.open(t, "13", "Абаза, яма возле школы")
	if list, err := b.Alike(t.Context(), b.db.Reader(), b.people[lifecycle.Operator], i); err != nil || len(list) != 1 {
		t.Errorf("Alike = %v, %v", list, err)
	}
}
