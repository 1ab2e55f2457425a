package storetest

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"otklik/internal/incident"
	"otklik/internal/message"
	"otklik/internal/reply"
	"otklik/internal/scope"
)

// erasing takes the words of one of two messages away: row, index, reading, reply,
// inbox and what was set aside; the other's stay.
func erasing(t *testing.T, s Store) {
	m, r := letter(1, here)
	m.Text, m.Contact, r.Index = "Яма у гостиницы, Вера", "+7 900 000-00-00", "яма гостиница вера"
	r.Places = []message.PlaceFound{{Start: 5, End: 12, Type: "landmark", Name: "гостиница", Street: "улица Ленина", House: "5", Lat: 53, Lon: 91, SettlementID: abakan + "001", Score: 1, Why: "гостиница"}}
	r.Personal = []message.Personal{{Start: 20, End: 28, Type: "name"}}
	r.Evidence = []message.Evidence{{Start: 0, End: 6, For: "topic", Why: "слово"}}
	other, ro := letter(2, here)
	ro.Index = "яма двор"
	var i *incident.Incident
	var answer reply.Reply
	ledger := message.Erasure{Source: m.Source, Native: m.Native, At: morning.Add(time.Hour), Who: 7, Place: here}
	change(t, s, func(tx incident.Tx) error {
		i = open(t, tx, 50, here, func(i *incident.Incident) {
			i.Address = incident.Address{PlaceID: "house:1", Settlement: "Абакан", Street: "улица Ленина", House: "5", Landmark: "гостиница", Lat: 53, Lon: 91, Radius: 50}
		})
		_, err := tx.Messages().Keep(ctx, m, r)
		must(t, err)
		_, err = tx.Messages().Keep(ctx, other, ro)
		must(t, err)
		edit := *m
		edit.Revision, edit.Text = message.Revision{Time: m.Revision.Time.Add(time.Second)}, "Яма у гостиницы, Вера Петровна"
		_, err = tx.Messages().Keep(ctx, &edit, r)
		must(t, err)
		must(t, tx.Incidents().Detach(ctx, i.ID, i.First))
		must(t, tx.Incidents().Attach(ctx, i.ID, m.ID))
		must(t, tx.Incidents().Attach(ctx, i.ID, other.ID))
		answer = reply.Reply{Incident: int64(i.ID), Message: int64(m.ID), Purpose: reply.Final, State: reply.Published, Text: "Вера, яму засыпали", Tried: []string{"Вера, засыпаем"}, Place: here}
		must(t, tx.Replies().SaveReply(ctx, &answer))
		return tx.Intake().SetAside(ctx, &message.SetAside{Source: m.Source, Native: m.Native, Reason: "failed", Payload: []byte("Вера"), At: morning, Place: here})
	})
	found := func(word string) int {
		n, err := s.Reader().Incidents().Count(ctx, scope.All(), incident.Filter{Words: [][]string{{word}}}, 10)
		must(t, err)
		return n
	}
	if found("гостиница") != 1 || found("двор") != 1 {
		t.Fatal("the words are not found before: the test proves nothing")
	}
	for range 2 { // a second time changes nothing
		change(t, s, func(tx incident.Tx) error { return tx.Messages().Erase(ctx, ledger) })
	}
	if found("гостиница") != 0 || found("вера") != 0 || found("двор") != 1 {
		t.Errorf("found after: %d, %d, and %d of the other", found("гостиница"), found("вера"), found("двор"))
	}
	got, err := s.Reader().Messages().Message(ctx, scope.All(), m.ID)
	must(t, err)
	if got.Text != "" || got.AuthorName != "" || got.Contact != "" || got.Author != "" || got.URL != "" || !got.ErasedAt.Equal(ledger.At) || got.Native != m.Native {
		t.Errorf("the row holds %+v", got)
	}
	left, err := s.Reader().Messages().Reading(ctx, m.ID)
	must(t, err)
	if p := left.Places[0]; !cmp.Equal(p, message.PlaceFound{Start: 5, End: 12, Type: "landmark", SettlementID: abakan + "001", Score: 1}) || left.Evidence[0].Why != "" || left.Index != "" ||
		left.Personal[0] != r.Personal[0] || left.Topic() != r.Topic() {
		t.Errorf("the reading holds %+v", left)
	}
	words, err := s.Reader().Replies().Reply(ctx, scope.All(), answer.ID)
	must(t, err)
	if words.Text != "" || len(words.Tried) != 0 || words.State != reply.Published {
		t.Errorf("the reply holds %+v", words)
	}
	asides, err := s.Reader().Intake().Aside(ctx, scope.All(), 0)
	must(t, err)
	if len(asides) != 0 {
		t.Errorf("%d records are still set aside", len(asides))
	}
	for _, event := range []message.Event{message.Written, message.Deleted, message.Restored} { // nothing of it comes back
		again := *m
		again.Event, again.Revision = event, message.Revision{Time: m.Revision.Time.Add(time.Minute)}
		if k := keep(t, s, &again, r); !k.Duplicate || k.ID != m.ID {
			t.Errorf("a later revision (%s) is %+v, want a duplicate", event, k)
		}
	}
	has, err := s.Reader().Messages().Has(ctx, m.Source, []message.Ref{{Native: m.Native, Revision: message.HashOf("новое")}, {Native: "nowhere", Revision: message.HashOf("a")}})
	must(t, err)
	if !has[0] || has[1] {
		t.Errorf("Has = %v, want the erased one alone", has)
	}
	now, err := s.Reader().Incidents().Incident(ctx, scope.All(), i.ID)
	must(t, err)
	if now.Address.House != "5" || now.Messages != 2 {
		t.Errorf("another message names the place still: %+v", now.Address)
	}
	change(t, s, func(tx incident.Tx) error {
		return tx.Messages().Erase(ctx, message.Erasure{Source: other.Source, Native: other.Native, At: ledger.At, Place: here})
	})
	now, err = s.Reader().Incidents().Incident(ctx, scope.All(), i.ID)
	must(t, err)
	if now.Address != (incident.Address{Settlement: "Абакан", Street: "улица Ленина"}) {
		t.Errorf("nobody is left, and the incident stands at %+v", now.Address)
	}
	list, err := s.Reader().Messages().Erasures(ctx, scope.All())
	must(t, err)
	if len(list) != 2 || list[0].Native != m.Native && list[1].Native != m.Native {
		t.Errorf("the ledger is %+v", list)
	}
	if none, err := s.Reader().Messages().Erasures(ctx, scope.OfRegion("38000000")); err != nil || len(none) != 0 {
		t.Errorf("another region reads %v, %v", none, err)
	}
}

// erasingAhead names a message that is not here, as a restored backup would have it.
func erasingAhead(t *testing.T, s Store) {
	m, r := letter(3, here)
	change(t, s, func(tx incident.Tx) error {
		return tx.Messages().Erase(ctx, message.Erasure{Source: m.Source, Native: m.Native, At: morning})
	})
	if k := keep(t, s, m, r); k != (message.Kept{Duplicate: true}) {
		t.Errorf("Keep = %+v, want a duplicate of nothing", k)
	}
	n := 0
	change(t, s, func(tx incident.Tx) (err error) {
		n, err = tx.Intake().Push(ctx, m.Source, "", []message.Pushed{{Ref: message.Ref{Native: m.Native, Revision: m.Revision}, Payload: []byte("{}")}}, morning)
		return err
	})
	if n != 0 {
		t.Error("a push of it waits in the inbox")
	}
}
