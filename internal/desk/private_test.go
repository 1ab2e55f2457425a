package desk_test

import (
	"strings"
	"testing"
	"time"

	"otklik/internal/desk"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/message"
	"otklik/internal/reply"
	"otklik/internal/scope"
)

const (
	telling = "Здравствуйте! Перерасчёт за ноябрь сделали 20 ноября: Петрова Мария Ивановна, улица Мира, дом 5, кв. 12, телефон для связи с вами +7 913 555-44-33."
	general = "Здравствуйте! Ваш вопрос о яме рассмотрели, ответили вам лично."
)

func TestPersonalDataDoNotGoIntoAPublicThread(t *testing.T) {
	t.Parallel()
	b := linting(t)
	i := b.open(t, "1", "Абаза, яма, перерасчёт за воду")
	for name, c := range map[string]desk.Change{
		"answer": desk.Answer{Text: telling, Making: desk.Making{}},
		"ask":    desk.Ask{Text: "Подскажите, где это? Ваша квартира — кв. 12 дома 5 по улице Мира?"},
	} {
		_, err := b.Do(t.Context(), b.people[lifecycle.Operator], i.ID, 0, c)
		if fault.KindOf(err) != fault.Invalid || !strings.Contains(fault.Sentence(err), "личные данные (") || !strings.Contains(fault.Sentence(err), "квартира") {
			t.Errorf("%s: %v (%s)", name, err, fault.Sentence(err))
		}
		if strings.Contains(err.Error()+fault.Sentence(err), "913") || strings.Contains(err.Error(), "Петров") {
			t.Errorf("%s: the error tells them: %v", name, err)
		}
	}
	if n := len(b.jobs(t)); n != 0 {
		t.Errorf("%d jobs left", n)
	}
	c, err := b.Discretion(t.Context(), b.db.Reader(), i, 0, telling)
	if err != nil || !c.Public || len(c.Found) < 3 || c.Direct != 0 {
		t.Fatalf("Discretion = %+v, %v", c, err)
	}
	for _, f := range c.Found {
		if got := telling[f.Span.Start:f.Span.End]; !strings.Contains("Петрова Мария Ивановна кв. 12 +7 913 555-44-33", got) {
			t.Errorf("%s is %q", f.Type, got)
		}
	}
	if again, err := b.Discretion(t.Context(), b.db.Reader(), i, 0, c.Sentence); err != nil || len(again.Found) != 0 {
		t.Errorf("the sentence that is offered holds %+v, %v", again.Found, err)
	}

	// Telephones of services and people in office are none.
	for _, open := range []string{
		"Яму в Абазе заделают до 25 ноября, звоните диспетчеру: 8 (39047) 2-33-44.",
		"Яму в Абазе заделают до 25 ноября. Начальник отдела дорог Иванов Пётр Сергеевич проверит работу.",
	} {
		if c, err := b.Discretion(t.Context(), b.db.Reader(), i, 0, open); err != nil || len(c.Found) != 0 {
			t.Errorf("%q holds %+v, %v", open, c.Found, err)
		}
	}
}

// What is no personal data goes out with the reason, which stands in the history and
// holds for these words alone.
func TestTheWayThroughIsRecorded(t *testing.T) {
	t.Parallel()
	b := linting(t)
	i := b.open(t, "1", "Абаза, яма")
	const text = "Здравствуйте! Яму в Абазе заделали 19 ноября, вопросы по квитанции за кв. 12 решаются в том же окне."
	i = b.do(t, lifecycle.Operator, i, desk.Submit{Text: text, Making: desk.Making{Cleared: "кв. 12 — это контора, а не жильё"}})
	r := b.replies(t, i)[0]
	if r.Cleared == "" || r.State != reply.Draft {
		t.Fatalf("the draft is %+v", r)
	}
	other := strings.Replace(text, "кв. 12", "кв. 13", 1)
	if _, err := b.Do(t.Context(), b.people[lifecycle.Curator], i.ID, 0, desk.Approve{Reply: r.ID, Text: other}); fault.KindOf(err) != fault.Invalid {
		t.Errorf("the reason held for other words: %v", err)
	}
	i = b.do(t, lifecycle.Curator, i, desk.Approve{Reply: r.ID})
	history, err := b.db.Reader().Incidents().History(t.Context(), scope.All(), i.ID)
	must(t, err)
	if got := history[len(history)-1].Detail.Cleared; got != "кв. 12 — это контора, а не жильё" {
		t.Errorf("the history says %q", got)
	}
}

func TestThePrivatePartOpensOnceBehindALink(t *testing.T) {
	t.Parallel()
	b := linting(t)
	b.Site = "https://centre.example"
	now := noon
	b.Now = func() time.Time { return now }
	i := b.open(t, "1", "Абаза, яма, перерасчёт за воду")
	if _, err := b.Do(t.Context(), b.people[lifecycle.Operator], i.ID, 0, desk.Answer{Text: telling, Making: desk.Making{Private: telling}}); fault.KindOf(err) != fault.Invalid {
		t.Errorf("personal data before everybody, private part or not: %v", err)
	}
	i = b.do(t, lifecycle.Operator, i, desk.Answer{Text: general, Making: desk.Making{Private: telling}})
	r := b.replies(t, i)[0]
	jobs := b.jobs(t)
	if len(jobs) != 1 || jobs[0].Text != general || strings.Contains(jobs[0].Text, "/r/") {
		t.Fatalf("what leaves is %+v", jobs)
	}
	if _, err := b.PrivateLink(t.Context(), b.people[lifecycle.Leader], i.ID, r.ID); fault.KindOf(err) != fault.Forbidden {
		t.Errorf("a leader takes a link: %v", err)
	}
	link := func() string {
		t.Helper()
		l, err := b.PrivateLink(t.Context(), b.people[lifecycle.Operator], i.ID, r.ID)
		must(t, err)
		secret, ok := strings.CutPrefix(l, "https://centre.example/r/")
		if !ok {
			t.Fatalf("the link is %q", l)
		}
		return secret
	}
	first := link()
	secret := link()
	if _, err := b.Opened(t.Context(), first); fault.KindOf(err) != fault.NotFound {
		t.Errorf("the link before it opens: %v", err)
	}
	if _, err := b.Judged(t.Context(), secret, desk.Verdict{Mark: 5}); fault.KindOf(err) != fault.NotFound {
		t.Errorf("it judges: %v", err)
	}
	for _, c := range []struct {
		name  string
		after time.Duration
		kind  fault.Kind
	}{{"the first time", time.Hour, ""}, {"a reload", time.Hour + 5*time.Minute, ""}, {"an hour later", 2 * time.Hour, fault.Conflict}} {
		now = noon.Add(c.after)
		text, err := b.Opened(t.Context(), secret)
		if fault.KindOf(err) != c.kind || c.kind == "" && text != telling || c.kind != "" && text != "" {
			t.Errorf("%s: %q, %v", c.name, text, err)
		}
	}
	history, err := b.db.Reader().Incidents().History(t.Context(), scope.All(), i.ID)
	must(t, err)
	read, taken, parted := 0, 0, 0
	for _, e := range history {
		switch {
		case e.Detail.How == desk.HowPrivateRead:
			read++
		case e.Detail.How == desk.HowPrivateLink:
			taken++
		case e.Detail.Private:
			parted++
		}
	}
	if read != 1 || taken != 2 || parted != 1 {
		t.Errorf("history: read %d, links %d, parted %d; want 1, 2, 1", read, taken, parted)
	}
	third := link()
	now = noon.Add(40 * 24 * time.Hour)
	if _, err := b.Opened(t.Context(), third); fault.KindOf(err) != fault.Conflict {
		t.Errorf("after a month it opens: %v", err)
	}
	now = noon.Add(3 * time.Hour)
	must(t, b.db.Change(t.Context(), incident.People, func(tx incident.Tx) error {
		return tx.Messages().Erase(t.Context(), message.Erasure{Source: "vk:-1", Native: "1", At: now})
	}))
	if text, err := b.Opened(t.Context(), third); fault.KindOf(err) != fault.Conflict || text != "" {
		t.Errorf("after an erasure it opens: %q, %v", text, err)
	}
}

func TestAPrivateTalkNeedsNoParts(t *testing.T) {
	t.Parallel()
	b := linting(t)
	i := b.open(t, "1", "Абаза, яма, перерасчёт за воду")
	must(t, b.db.Change(t.Context(), incident.Machine, func(tx incident.Tx) error {
		m, err := tx.Messages().Message(t.Context(), scope.All(), i.First)
		if err != nil {
			return err
		}
		m.Form, m.Revision = message.Direct, message.Revision{Time: noon.Add(time.Hour)}
		_, err = tx.Messages().Keep(t.Context(), m, nil)
		return err
	}))
	if _, err := b.Do(t.Context(), b.people[lifecycle.Operator], i.ID, 0, desk.Answer{Text: general, Making: desk.Making{Private: telling}}); fault.KindOf(err) != fault.Invalid {
		t.Errorf("two parts of a private talk: %v", err)
	}
	if c, err := b.Discretion(t.Context(), b.db.Reader(), i, 0, telling); err != nil || c.Public || len(c.Found) != 0 || c.Direct != i.First {
		t.Errorf("Discretion = %+v, %v", c, err)
	}
	b.do(t, lifecycle.Operator, i, desk.Answer{Text: telling})
}
