package desk_test

import (
	"testing"

	"otklik/internal/desk"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/message"
	"otklik/internal/scope"
)

func TestWhatACallerSaysIsHeardBeforeItIsFiled(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	operator := b.people[lifecycle.Operator]
	first, err := b.File(t.Context(), operator, desk.Card{Text: "яма в городе Абаза", Caller: "Мария Петрова", Phone: "8 923 000-11-22", Channel: message.Counter})
	must(t, err)
	if first.Channel != message.Counter {
		t.Errorf("the channel is %q", first.Channel)
	}
	listen := func(c desk.Card) *desk.Hearing {
		t.Helper()
		h, err := b.Listen(t.Context(), b.db.Reader(), operator, c)
		must(t, err)
		return h
	}
	h := listen(desk.Card{Phone: "+7 (923) 000 11 22"})
	if len(h.Mine) != 1 || h.Mine[0].ID != first.ID || h.Phone != "+79230001122" || h.Ask != "" {
		t.Errorf("before the first word: %d incidents, phone %q, %q", len(h.Mine), h.Phone, h.Ask)
	}
	h = listen(desk.Card{Text: "яма в городе Абаза, это петрова", Caller: "петрова мария"})
	if len(h.Mine) != 1 || h.Case.Proposed != b.roads || h.Case.Place.Centre != abaza || h.Case.Topic != "roads.potholes" {
		t.Errorf("by name: %d incidents, proposed %d, %+v", len(h.Mine), h.Case.Proposed, h.Case.Place)
	}
	if list, err := b.db.Reader().Incidents().Queue(t.Context(), scope.All(), incident.Filter{}); err != nil || len(list.Rows) != 1 {
		t.Errorf("hearing kept something: %d incidents, %v", len(list.Rows), err)
	}
	if _, err := b.Listen(t.Context(), b.db.Reader(), b.people[lifecycle.Leader], desk.Card{Text: "яма"}); !fault.Is(err, fault.Forbidden) {
		t.Errorf("a leader listens: %v", err)
	}
}

func TestASecondCallIsAttachedToTheIncident(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	operator := b.people[lifecycle.Phone]
	first, err := b.File(t.Context(), operator, desk.Card{Text: "яма в городе Абаза", Phone: "89230001122"})
	must(t, err)
	got, err := b.File(t.Context(), operator, desk.Card{Text: "яма стала больше", Phone: "89230001122", Attach: first.ID})
	must(t, err)
	if got.ID != first.ID || got.Number != first.Number || got.Messages != 2 {
		t.Errorf("attached to %d with %d messages", got.ID, got.Messages)
	}
	history, err := b.db.Reader().Incidents().History(t.Context(), scope.All(), first.ID)
	must(t, err)
	if last := history[len(history)-1]; last.Action != lifecycle.Attach || last.Who != operator.ID {
		t.Errorf("the last line is %s by %d", last.Action, last.Who)
	}
	must(t, b.db.Change(t.Context(), incident.People, func(tx incident.Tx) error {
		i, err := tx.Incidents().Incident(t.Context(), scope.All(), first.ID)
		must(t, err)
		i.State, i.ClosedAt = lifecycle.Closed, noon
		return tx.Incidents().Save(t.Context(), i)
	}))
	for name, c := range map[string]struct {
		role lifecycle.Role
		card desk.Card
		want fault.Kind
	}{
		"a closed one":           {lifecycle.Phone, desk.Card{Text: "и снова", Attach: first.ID}, fault.Conflict},
		"one that is none":       {lifecycle.Phone, desk.Card{Text: "и снова", Attach: 999}, fault.NotFound},
		"a channel that is none": {lifecycle.Phone, desk.Card{Text: "и снова", Channel: message.VK}, fault.Invalid},
		"no text":                {lifecycle.Phone, desk.Card{Text: " \n", Attach: first.ID}, fault.Invalid},
	} {
		if _, err := b.File(t.Context(), b.people[c.role], c.card); !fault.Is(err, c.want) {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
}
