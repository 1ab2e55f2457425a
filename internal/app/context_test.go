package app_test

import (
	"fmt"
	"testing"

	"otklik/internal/message"
	"otklik/internal/scope"
)

// TestEarlierMessagesDecideAmongNamesakes: a street that several towns have lies
// where the thread or the author has been before; what nobody said stays open.
func TestEarlierMessagesDecideAmongNamesakes(t *testing.T) {
	t.Parallel()
	c := newCentre(t)
	take := func(native, thread, author, text string) *message.Reading {
		t.Helper()
		_, err := c.Intake.Take(t.Context(), []message.Message{{Source: "push", Channel: message.VK, Form: message.Comment, Native: native, Thread: thread, Author: author,
			Event: message.Written, Revision: message.HashOf(text), Text: text, Territory: khakassia, Addressed: true, SeenAt: c.now(), PublishedAt: c.now()}}, nil)
		if err != nil {
			t.Fatal(err)
		}
		m, err := c.DB.Reader().Messages().ByNative(t.Context(), "push", native)
		if err != nil {
			t.Fatal(err)
		}
		r, err := c.DB.Reader().Messages().Reading(t.Context(), m.ID)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	settlement := func(r *message.Reading) string {
		for _, p := range r.Places {
			if p.Street != "" || p.Type == "street" {
				return p.SettlementID
			}
		}
		return fmt.Sprintf("no street in %+v", r.Places)
	}
	const abaza, alone = "95702000001", "Нет света на улице Гагарина уже второй день"
	if got := settlement(take("1", "a", "olga", alone)); got != "" {
		t.Errorf("nobody said where, and the street lies in %q", got)
	}
	take("2", "b", "anna", "В Абазе на улице Школьной не убирают мусор")
	if got := settlement(take("3", "b", "boris", "А дороги на Гагарина вообще никто не чистит")); got != abaza {
		t.Errorf("the thread speaks of Абаза, and the street lies in %q", got)
	}
	if got := settlement(take("4", "c", "anna", "И не работает светофор на улице Гагарина")); got != abaza {
		t.Errorf("the author wrote of Абаза, and the street lies in %q", got)
	}
	m, err := c.DB.Reader().Messages().ByNative(t.Context(), "push", "3")
	if err != nil {
		t.Fatal(err)
	}
	of, err := c.DB.Reader().Messages().Incident(t.Context(), m.ID)
	if err != nil {
		t.Fatal(err)
	}
	list, err := c.DB.Reader().Messages().OfIncident(t.Context(), scope.OfCentre(khakassia, "95702000"), of)
	if err != nil || len(list) != 1 {
		t.Errorf("the centre of Абаза sees %d messages of the incident (%v), want 1", len(list), err)
	}
}
