package storetest

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/message"
	"otklik/internal/scope"
)

func keep(t testing.TB, s Store, m *message.Message, r *message.Reading) (k message.Kept) {
	t.Helper()
	change(t, s, func(tx incident.Tx) (err error) {
		k, err = tx.Messages().Keep(ctx, m, r)
		return err
	})
	return k
}

func once(t *testing.T, s Store) {
	m, r := letter(1, here)
	m.Contact, m.Territory, m.Parent, m.Addressed, m.Own = "+7 900 000-00-00", abakan, "5", true, true
	k := keep(t, s, m, r)
	if want := (message.Kept{ID: m.ID, First: true, Current: true}); k != want || m.ID == 0 {
		t.Errorf("Keep = %+v, want %+v", k, want)
	}
	again, _ := letter(1, here)
	again.Text = "Другой текст под тем же именем"
	if k := keep(t, s, again, nil); k != (message.Kept{ID: m.ID, Duplicate: true, Current: true}) || again.ID != m.ID {
		t.Errorf("Keep a second time = %+v, want a duplicate of %d", k, m.ID)
	}
	got, err := s.Reader().Messages().Message(ctx, scope.All(), m.ID)
	must(t, err)
	if diff := cmp.Diff(m, got); diff != "" {
		t.Errorf("Message differs (-kept +got):\n%s", diff)
	}
	got, err = s.Reader().Messages().ByNative(ctx, m.Source, m.Native)
	must(t, err)
	if got.ID != m.ID {
		t.Errorf("ByNative = %d, want %d", got.ID, m.ID)
	}
	_, err = s.Reader().Messages().ByNative(ctx, "vk:-2", m.Native)
	want(t, err, fault.NotFound)
	_, err = s.Reader().Messages().Message(ctx, scope.All(), m.ID+1)
	want(t, err, fault.NotFound)
	other, r := letter(1, here)
	other.Source = "vk:-1002"
	if k := keep(t, s, other, r); !k.First || k.ID == m.ID {
		t.Errorf("the same native id of another source gave %+v, want a new message", k)
	}
}

// personal asks for the spans of many messages at once: those of the reading that
// holds, of messages that have one.
func personal(t *testing.T, s Store) {
	var ids []message.ID
	for n := range 60 { // more than one question takes
		m, r := letter(100+n, here)
		r.Personal = []message.Personal{{Start: 0, End: n + 1, Type: "name"}}
		keep(t, s, m, r)
		ids = append(ids, m.ID)
	}
	gone, _ := letter(99, here)
	gone.Event, gone.Text = message.Deleted, ""
	keep(t, s, gone, nil)
	change(t, s, func(tx incident.Tx) error {
		return tx.Messages().Read(ctx, ids[7], &message.Reading{Personal: []message.Personal{{Start: 2, End: 5, Type: "phone"}}})
	})
	got, err := s.Reader().Messages().Personal(ctx, append(ids, gone.ID))
	must(t, err)
	if len(got) != 60 || got[ids[59]][0] != (message.Personal{End: 60, Type: "name"}) || got[ids[7]][0] != (message.Personal{Start: 2, End: 5, Type: "phone"}) {
		t.Errorf("Personal = %d messages, %v, %v", len(got), got[ids[59]], got[ids[7]])
	}
	if none, err := s.Reader().Messages().Personal(ctx, nil); err != nil || len(none) != 0 {
		t.Errorf("Personal of nothing = %v, %v", none, err)
	}
}

// orders keeps the same revisions in different orders.
func orders(t *testing.T, s Store) {
	n := 0
	rapid.Check(t, func(t *rapid.T) {
		n++
		type rev struct {
			Second int
			Event  message.Event
		}
		revs := rapid.SliceOfNDistinct(rapid.Custom(func(t *rapid.T) rev {
			return rev{rapid.IntRange(1, 4).Draw(t, "second"), rapid.SampledFrom([]message.Event{message.Written, message.Deleted, message.Restored}).Draw(t, "event")}
		}), 1, 5, func(r rev) string {
			// A network gives one moment one text; a deletion may share its moment.
			return fmt.Sprint(r.Second, r.Event == message.Deleted)
		}).Draw(t, "revisions")
		order := rapid.Permutation(revs).Draw(t, "order")
		order = append(order, rapid.SliceOfN(rapid.SampledFrom(revs), 0, 2).Draw(t, "again")...)

		wantText, wantTime, tomb := "", -1, -1
		for _, r := range revs {
			if r.Event == message.Deleted {
				tomb = max(tomb, r.Second)
			} else if r.Second > wantTime {
				wantTime, wantText = r.Second, fmt.Sprintf("текст %d", r.Second)
			}
		}
		wantGone := tomb >= 0 && tomb >= wantTime

		native := fmt.Sprintf("o%d", n)
		var last message.Kept
		err := s.Change(ctx, incident.Machine, func(tx incident.Tx) error {
			for _, r := range order {
				m := &message.Message{Source: "vk:1", Native: native, Event: r.Event, Place: here,
					Revision: message.Revision{Time: morning.Add(time.Duration(r.Second) * time.Second)}, SeenAt: morning}
				var reading *message.Reading
				if r.Event != message.Deleted {
					m.Text, m.Author = fmt.Sprintf("текст %d", r.Second), fmt.Sprintf("автор %d", r.Second)
					reading = &message.Reading{Index: m.Text}
				}
				var err error
				if last, err = tx.Messages().Keep(ctx, m, reading); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		got, err := s.Reader().Messages().ByNative(ctx, "vk:1", native)
		if err != nil {
			t.Fatal(err)
		}
		if got.Text != wantText || got.Gone != wantGone || last.Gone != wantGone {
			t.Fatalf("after %v: text %q, gone %t (Kept says %t); want %q, %t", order, got.Text, got.Gone, last.Gone, wantText, wantGone)
		}
		if wantTime > 0 && got.Author != fmt.Sprintf("автор %d", wantTime) {
			t.Fatalf("after %v: author %q, want that of the text that holds", order, got.Author)
		}
		refs := make([]message.Ref, len(revs))
		for i, r := range revs {
			refs[i] = message.Ref{Native: native, Revision: message.Revision{Time: morning.Add(time.Duration(r.Second) * time.Second)}, Event: r.Event}
		}
		has, err := s.Reader().Messages().Has(ctx, "vk:1", refs)
		if err != nil {
			t.Fatal(err)
		}
		for i := range has {
			if !has[i] {
				t.Fatalf("after %v: Has(%v) = false", order, revs[i])
			}
		}
	})
}

func timeless(t *testing.T, s Store) {
	steps := []struct {
		event     message.Event
		text      string
		duplicate bool
		gone      bool
		says      string
	}{
		{message.Written, "первый", false, false, "первый"},
		{message.Written, "второй", false, false, "второй"},
		{message.Written, "первый", true, false, "второй"},
		{message.Deleted, "", false, true, "второй"},
		{message.Deleted, "", true, true, "второй"},
		{message.Written, "второй", true, true, "второй"},
		{message.Restored, "второй", false, false, "второй"},
		{message.Restored, "второй", true, false, "второй"},
		{message.Deleted, "", true, false, "второй"}, // the network must name a second deletion anew
		{message.Deleted, "again", false, true, "второй"},
		{message.Written, "третий", false, true, "третий"}, // it may have been on its way when the message was deleted
		{message.Restored, "четвёртый", false, false, "четвёртый"},
	}
	for k, step := range steps {
		m := &message.Message{Source: "file:a.csv", Native: "1", Event: step.event, Text: step.text, Revision: message.HashOf(step.text), SeenAt: morning, Place: here}
		ref := []message.Ref{{Native: "1", Revision: m.Revision, Event: step.event}}
		has, err := s.Reader().Messages().Has(ctx, m.Source, ref)
		must(t, err)
		kept := keep(t, s, m, &message.Reading{Index: step.text})
		if kept.Duplicate != step.duplicate || has[0] != step.duplicate || kept.Gone != step.gone {
			t.Errorf("step %d: %+v, Has %t; want duplicate %t, gone %t", k, kept, has[0], step.duplicate, step.gone)
		}
		got, err := s.Reader().Messages().ByNative(ctx, m.Source, "1")
		must(t, err)
		if got.Text != step.says || got.Gone != step.gone {
			t.Errorf("step %d: the message says %q, gone %t; want %q, %t", k, got.Text, got.Gone, step.says, step.gone)
		}
	}
}

// deletion is an untimed deletion among texts whose times are known.
func deletion(t *testing.T, s Store) {
	const never = 0
	steps := []struct {
		event     message.Event
		second    int
		duplicate bool
		gone      bool
		says      string
	}{
		{message.Written, 2, false, false, "текст 2"},
		{message.Deleted, never, false, true, "текст 2"},
		{message.Deleted, never, true, true, "текст 2"}, // the same deletion once more
		{message.Written, 1, false, true, "текст 2"},    // an older text, late
		{message.Restored, 2, false, false, "текст 2"},  // brought back under its own time
		{message.Deleted, never, false, true, "текст 2"},
		{message.Written, 3, false, false, "текст 3"}, // written anew, later than what was taken away
		{message.Deleted, never, false, true, "текст 3"},
		{message.Deleted, 3, false, true, "текст 3"},
		{message.Restored, 4, false, false, "текст 4"},
		{message.Deleted, 3, true, false, "текст 4"},
	}
	for _, first := range []bool{false, true} { // true: the deletion comes before everything
		native := fmt.Sprint("first ", first)
		if first {
			steps = steps[1:4]
			steps[0].says, steps[1].says, steps[2].says = "", "", "текст 1"
		}
		for k, step := range steps {
			m := &message.Message{Source: "hook:portal", Native: native, Event: step.event, SeenAt: morning, Place: here}
			if step.second != never {
				m.Revision.Time = morning.Add(time.Duration(step.second) * time.Second)
			}
			if step.event != message.Deleted {
				m.Text = fmt.Sprintf("текст %d", step.second)
			}
			has, err := s.Reader().Messages().Has(ctx, m.Source, []message.Ref{{Native: native, Revision: m.Revision, Event: step.event}})
			must(t, err)
			kept := keep(t, s, m, &message.Reading{Index: m.Text})
			if kept.Duplicate != step.duplicate || has[0] != step.duplicate || kept.Gone != step.gone {
				t.Errorf("%s, step %d: %+v, Has %t; want duplicate %t, gone %t", native, k, kept, has[0], step.duplicate, step.gone)
			}
			got, err := s.Reader().Messages().ByNative(ctx, m.Source, native)
			must(t, err)
			if got.Text != step.says || got.Gone != step.gone {
				t.Errorf("%s, step %d: the message says %q, gone %t; want %q, %t", native, k, got.Text, got.Gone, step.says, step.gone)
			}
		}
	}
}

func has(t *testing.T, s Store) {
	var refs []message.Ref
	var wanted []bool
	change(t, s, func(tx incident.Tx) error {
		for n := range 500 {
			m, r := letter(n, here)
			if n%3 == 0 {
				if _, err := tx.Messages().Keep(ctx, m, r); err != nil {
					return err
				}
			}
			refs = append(refs, message.Ref{Native: m.Native, Revision: m.Revision})
			wanted = append(wanted, n%3 == 0)
		}
		return nil
	})
	refs = append(refs, message.Ref{Native: "5_0", Revision: message.Revision{Time: morning.Add(time.Hour)}},
		message.Ref{Native: "5_0", Revision: message.Revision{Time: morning}, Event: message.Deleted})
	wanted = append(wanted, false, false)
	got, err := s.Reader().Messages().Has(ctx, "vk:-1001", refs)
	must(t, err)
	if diff := cmp.Diff(wanted, got); diff != "" {
		t.Errorf("Has differs (-want +got):\n%s", diff)
	}
}

func readings(t *testing.T, s Store) {
	m, r := letter(1, here)
	r.Evidence = []message.Evidence{{Start: 0, End: 6, For: "topic", Why: "слово темы"}}
	r.Places = []message.PlaceFound{{Start: 1, End: 2, Type: "street", Name: "улица Ленина", Lat: 53.7, Score: 0.5}}
	keep(t, s, m, r)
	got, err := s.Reader().Messages().Reading(ctx, m.ID)
	must(t, err)
	if diff := cmp.Diff(r, got); diff != "" {
		t.Errorf("Reading differs (-kept +got):\n%s", diff)
	}
	better := &message.Reading{Kind: message.Question, Index: "другой поток лемма"}
	change(t, s, func(tx incident.Tx) error { return tx.Messages().Read(ctx, m.ID, better) })
	got, err = s.Reader().Messages().Reading(ctx, m.ID)
	must(t, err)
	if diff := cmp.Diff(better, got); diff != "" {
		t.Errorf("Reading after Read differs (-want +got):\n%s", diff)
	}
	_, err = s.Reader().Messages().Reading(ctx, 99)
	want(t, err, fault.NotFound)
	err = s.Change(ctx, incident.People, func(tx incident.Tx) error { return tx.Messages().Read(ctx, 99, better) })
	want(t, err, fault.NotFound)
}

func threads(t *testing.T, s Store) {
	var first, second *incident.Incident
	long := "яма двор дорога асфальт колодец люк машина колесо подъезд жилец управление"
	change(t, s, func(tx incident.Tx) error {
		first = open(t, tx, 1, here)
		second = open(t, tx, 2, here)
		return tx.Messages().Read(ctx, second.First, &message.Reading{Index: long})
	})
	in := func(thread, parent, author string, want int64) {
		t.Helper()
		got, err := s.Reader().Messages().InThread(ctx, "vk:-1001", thread, parent, author)
		must(t, err)
		if got != want {
			t.Errorf("InThread(%q, %q, %q) = %d, want %d", thread, parent, author, got, want)
		}
	}
	in("5", "", "author1", int64(first.ID))
	in("5", "", "author2", int64(second.ID))
	in("5", "5_2", "author1", int64(second.ID))
	in("5", "", "author3", 0)
	in("5", "", "", 0)
	in("6", "", "author1", 0)
	in("5_1", "", "author1", int64(first.ID)) // the message is the root of the thread
	for _, c := range []struct {
		thread string
		want   bool
	}{{"5", true}, {"5_1", true}, {"6", false}, {"", false}} {
		got, err := s.Reader().Messages().OurThread(ctx, "vk:-1001", c.thread)
		must(t, err)
		if got != c.want {
			t.Errorf("OurThread(%q) = %t, want %t", c.thread, got, c.want)
		}
	}
	same := func(region, index string, since time.Time, want int64) {
		t.Helper()
		got, err := s.Reader().Messages().SameText(ctx, region, message.Fingerprint(index), since)
		must(t, err)
		if got != want {
			t.Errorf("SameText(%s, since %s) = %d, want %d", region, since, got, want)
		}
	}
	same(khakassia, long, morning, int64(second.ID))
	same(perm, long, morning, 0)
	same(khakassia, long, morning.Add(time.Hour), 0)
	same(khakassia, "короткий", morning, 0)
	change(t, s, func(tx incident.Tx) error {
		second.State = "closed"
		return tx.Incidents().Save(ctx, second)
	})
	in("5", "", "author2", 0)
	same(khakassia, long, morning, 0)
}

func namedBefore(t *testing.T, s Store) {
	at := func(id, settlement string) []message.PlaceFound {
		return []message.PlaceFound{{Type: "street", ID: id, SettlementID: settlement}, {Type: "street", ID: "nowhere"}}
	}
	change(t, s, func(tx incident.Tx) error {
		for n, places := range [][]message.PlaceFound{at("street:a", abaza), at("street:b", abakan), nil, {{Type: "settlement", SettlementID: abaza}}} {
			m, r := letter(n+1, here)
			m.Author = "anna"
			m.Thread = []string{"5", "5", "5", "6"}[n]
			r.Places = places
			if _, err := tx.Messages().Keep(ctx, m, r); err != nil {
				return err
			}
		}
		return nil
	})
	ask := func(m message.Message, want message.Known) {
		t.Helper()
		m.Source = "vk:-1001"
		got, err := s.Reader().Messages().Named(ctx, &m)
		must(t, err)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("Named(%+v) differs (-want +got):\n%s", m, diff)
		}
	}
	ask(message.Message{Native: "9", Thread: "5"}, message.Known{Thread: []string{"street:b", "street:a"}})
	ask(message.Message{Native: "9", Thread: "5", Parent: "5_1"}, message.Known{Thread: []string{"street:a", "street:b"}})
	ask(message.Message{Native: "9", Author: "anna"}, message.Known{Author: []string{abaza, "street:b", "street:a"}})
	ask(message.Message{Native: "5_2", Thread: "5"}, message.Known{Thread: []string{"street:a"}}) // an edit does not ask itself
	ask(message.Message{Native: "9", Author: "boris", Thread: "7"}, message.Known{})
	ask(message.Message{Native: "9"}, message.Known{})
}
