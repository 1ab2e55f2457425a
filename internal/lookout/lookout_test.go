package lookout_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"otklik/internal/account"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/lookout"
	"otklik/internal/message"
	"otklik/internal/personal"
	"otklik/internal/place"
	"otklik/internal/russian"
	"otklik/internal/scope"
	"otklik/internal/standing"
	"otklik/internal/store"
	"otklik/internal/watch"
)

const (
	khakassia, kursk = "95000000", "38000000"
	abakan           = "95701000"
)

var noon = time.Date(2026, 11, 22, 5, 0, 0, 0, time.UTC)

type territories map[string]*place.Place

func (t territories) Keyed(place.Key) []*place.Place { return nil }
func (t territories) ByID(id string) (*place.Place, bool) {
	p, ok := t[id]
	return p, ok
}

var land = territories{
	sayan:        {ID: sayan, Level: place.Municipality, Region: khakassia},
	sayanVillage: {ID: sayanVillage, Level: place.Settlement, Region: khakassia, Municipality: sayan},
	village:      {ID: village, Level: place.Settlement, Region: khakassia, Municipality: abakan},
	khakassia:    {ID: khakassia, Level: place.Region, Region: khakassia},
	abakan:       {ID: abakan, Level: place.Municipality, Region: khakassia},
	kursk:        {ID: kursk, Level: place.Region, Region: kursk},
}

var analyzer = sync.OnceValue(func() *russian.Analyzer {
	a, err := russian.New()
	if err != nil {
		panic(err)
	}
	return a
})

// A post is a lookout over a real store; rules is what it has put in force.
type post struct {
	*lookout.Lookout
	db    *store.DB
	mu    sync.Mutex
	rules []watch.Rule
}

func newPost(t testing.TB, db *store.DB) *post {
	t.Helper()
	if db == nil {
		var err error
		if db, err = store.Open(t.Context(), filepath.Join(t.TempDir(), "otklik.db")); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { db.Close() })
	}
	p := &post{db: db}
	a := analyzer()
	p.Lookout = lookout.New(lookout.Options{Store: db, Reader: a, Places: land, Region: khakassia, Now: func() time.Time { return noon },
		Of: func(m *message.Message) watch.Context {
			return watch.Context{Region: khakassia, Municipality: m.Place.Centre, Source: string(m.Channel), Author: m.AuthorName}
		},
		Personal: func(text string) (spans []message.Personal) {
			for _, f := range personal.Find(a.Read(text)) {
				spans = append(spans, message.Personal{Start: f.Span.Start, End: f.Span.End, Type: string(f.Type)})
			}
			return spans
		},
		Use: func(rules []watch.Rule) { p.mu.Lock(); defer p.mu.Unlock(); p.rules = rules },
	})
	if err := p.Load(t.Context()); err != nil {
		t.Fatal(err)
	}
	return p
}

var analyst = account.Actor{ID: 7, Role: lifecycle.Analyst, Scope: scope.OfRegion(khakassia)}

func (p *post) save(t testing.TB, name, text string) *standing.Query {
	t.Helper()
	q := &standing.Query{Name: name, Text: text, On: true}
	if err := p.Save(t.Context(), analyst, q, false); err != nil {
		t.Fatalf("Save(%s) = %v", name, err)
	}
	return q
}

// inForce returns the names of the rules in force.
func (p *post) inForce() (names []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, r := range p.rules {
		names = append(names, r.Name)
	}
	slices.Sort(names)
	return names
}

func wantSentence(t *testing.T, err error, kind fault.Kind, field, part string) {
	t.Helper()
	var f *fault.Error
	if !errors.As(err, &f) || f.Kind != kind || f.Field != field || !strings.Contains(f.Sentence, part) {
		t.Errorf("error %v (%+v), want %s at %q with %q", err, f, kind, field, part)
	}
}

func TestASavedQueryIsInForceHereAndInAnotherProcess(t *testing.T) {
	t.Parallel()
	p := newPost(t, nil)
	other := newPost(t, p.db)
	roads := p.save(t, "Дороги", "яма | выбоина")
	p.save(t, "Дворы", "@дороги & двор")
	if got := fmt.Sprint(p.inForce()); got != "[Дворы Дороги]" || len(other.inForce()) != 0 {
		t.Errorf("in force here %s, there %v", got, other.inForce())
	}
	if err := other.Load(t.Context()); err != nil || len(other.inForce()) != 2 {
		t.Errorf("after a look the other has %v, %v", other.inForce(), err)
	}
	if _, err := p.Switch(t.Context(), analyst, roads.ID, roads.Version, false); err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(p.inForce()); got != "[Дворы]" {
		t.Errorf("in force %s: what is off is still there for others, and only for them", got)
	}
}

func TestNamesThatOthersUseStay(t *testing.T) {
	t.Parallel()
	p := newPost(t, nil)
	roads := p.save(t, "Объём дорог", "яма | выбоина")
	p.save(t, "Дворы", "@объём_дорог & двор")
	p.save(t, "Улицы", "@объем_дорог & улица")
	again := *roads
	again.Name = "Пути"
	wantSentence(t, p.Save(t.Context(), analyst, &again, true), fault.Invalid, "name", "«Дворы», «Улицы»")
	wantSentence(t, p.Drop(t.Context(), analyst, roads.ID, 0), fault.Invalid, "name", "«Дворы», «Улицы»")
	again = *roads
	again.Text = "@дворы | яма"
	wantSentence(t, p.Save(t.Context(), analyst, &again, true), fault.Invalid, "query", "ссылается сам на себя")
	again = *roads
	p.save(t, "Четырежды", "(@объем_дорог | @объем_дорог | @объем_дорог | @объем_дорог) & снег")
	again.Text = strings.TrimSuffix(strings.Repeat("яма | ", 550), "| ") // fits, but not four times over
	wantSentence(t, p.Save(t.Context(), analyst, &again, true), fault.Invalid, "query", "«Четырежды»")
	twin := standing.Query{Name: "дороги  ОБЪЁМ", Text: "яма"}
	if err := p.Save(t.Context(), analyst, &twin, false); err != nil {
		t.Fatal(err)
	}
	twin2 := standing.Query{Name: "ОБЪЕМ дорог", Text: "яма"}
	wantSentence(t, p.Save(t.Context(), analyst, &twin2, false), fault.Invalid, "name", "уже есть")
}

// What was stored by another version of the program, or through the store, may
// not parse: it is told, left out, and stops nothing.
func TestABrokenQueryIsToldAndLeftOut(t *testing.T) {
	t.Parallel()
	p := newPost(t, nil)
	p.save(t, "Вода", "вода & нет")
	bad := standing.Query{Name: "Беда", Text: "яма & @нигде", On: true, Place: scope.Place{Region: khakassia}}
	err := p.db.Change(t.Context(), incident.People, func(tx incident.Tx) error { return tx.Standing().SaveQuery(t.Context(), &bad) })
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Load(t.Context()); err != nil {
		t.Fatal(err)
	}
	list, err := p.List(t.Context(), scope.OfRegion(khakassia))
	if err != nil || len(list) != 2 || list[0].Name != "Беда" || !strings.Contains(list[0].Broken, "@нигде нет") || list[0].Column != 7 {
		t.Fatalf("List = %+v, %v", list, err)
	}
	if n, err := p.Broken(t.Context(), scope.OfRegion(khakassia)); n != 1 || err != nil {
		t.Errorf("Broken = %d, %v", n, err)
	}
	if n, _ := p.Broken(t.Context(), scope.OfRegion(kursk)); n != 0 {
		t.Errorf("another region sees %d broken ones", n)
	}
	if got := fmt.Sprint(p.inForce()); got != "[Вода]" {
		t.Errorf("in force %s", got)
	}
	if off, err := p.Switch(t.Context(), analyst, bad.ID, 0, false); err != nil || off.On || off.Version != 2 {
		t.Errorf("a broken one is turned off: %v", err)
	}
	if _, err := p.Switch(t.Context(), analyst, bad.ID, 0, true); !fault.Is(err, fault.Invalid) {
		t.Errorf("a broken one is turned on: %v", err)
	}
	p.save(t, "Нигде", "лужа") // mends it
	if _, err := p.Switch(t.Context(), analyst, bad.ID, 0, true); err != nil {
		t.Error(err)
	}
	if got := fmt.Sprint(p.inForce()); got != "[Беда Вода Нигде]" {
		t.Errorf("in force %s", got)
	}
}

func TestExamplesGuardTheQuery(t *testing.T) {
	t.Parallel()
	p := newPost(t, nil)
	q := standing.Query{Name: "Ямы", Text: "яма", On: true, Examples: []standing.Example{{Text: "На дороге ямы, звоните 8 900 123-45-67", Must: true}, {Text: " яма желудка "}, {Text: "  "}}}
	var failing *lookout.Failing
	err := p.Save(t.Context(), analyst, &q, false)
	if !errors.As(err, &failing) || len(failing.Failures) != 1 || failing.Failures[0].Example != 1 || !strings.Contains(failing.Failures[0].Why, "«яма»") {
		t.Fatalf("Save = %v, %+v", err, failing)
	}
	wantSentence(t, err, fault.Invalid, "examples", "не проходит")
	if n, _ := p.List(t.Context(), scope.All()); len(n) != 0 {
		t.Error("it was saved")
	}
	if err := p.Save(t.Context(), analyst, &q, true); err != nil {
		t.Fatal(err)
	}
	w, err := p.One(t.Context(), analyst.Scope, q.ID)
	if err != nil || w.Failing != 1 || len(w.Examples) != 2 || strings.ContainsAny(w.Examples[0].Text, "0123456789") || !strings.Contains(w.Examples[0].Text, "***") {
		t.Errorf("One = %+v, %v: a phone is no part of an example", w, err)
	}
	audit, err := p.db.Reader().Audit().Entries(t.Context(), scope.All(), 9)
	if err != nil || len(audit) != 1 || audit[0].Subject != fmt.Sprintf("standing:%d:1:examples_fail", q.ID) || audit[0].Who != analyst.ID {
		t.Errorf("the audit says %+v, %v", audit, err)
	}
	q.Text = "яма & дорога"
	if err := p.Save(t.Context(), analyst, &q, false); err != nil || q.Version != 2 {
		t.Errorf("Save = %v, version %d", err, q.Version)
	}
	same := q
	if err := p.Save(t.Context(), analyst, &same, false); err != nil || same.Version != 2 {
		t.Errorf("a draft that changes nothing: %v, version %d", err, same.Version)
	}
}

func TestTwoEditorsDoNotOverwriteEachOther(t *testing.T) {
	t.Parallel()
	p := newPost(t, nil)
	first := p.save(t, "Ямы", "яма")
	second := *first
	first.Text = "яма | лужа"
	if err := p.Save(t.Context(), analyst, first, false); err != nil {
		t.Fatal(err)
	}
	second.Text = "яма | люк"
	wantSentence(t, p.Save(t.Context(), analyst, &second, false), fault.Conflict, "", "изменил кто-то ещё")
	wantSentence(t, p.Drop(t.Context(), analyst, first.ID, 1), fault.Conflict, "", "изменил кто-то ещё")
	if err := p.Drop(t.Context(), analyst, first.ID, 2); err != nil || len(p.inForce()) != 0 {
		t.Errorf("Drop = %v, in force %v", err, p.inForce())
	}
}

func TestWhoMayAndWhatMayNot(t *testing.T) {
	t.Parallel()
	p := newPost(t, nil)
	q := p.save(t, "Ямы", "яма")
	for _, who := range []account.Actor{
		{ID: 1, Role: lifecycle.Operator, Scope: scope.OfRegion(khakassia)}, {ID: 1, Role: lifecycle.Analyst, Scope: scope.OfCentre(khakassia, abakan)},
		{ID: 1, Role: lifecycle.Analyst, Scope: scope.OfAgency(khakassia, 3)}, {ID: 1, Role: lifecycle.Analyst},
	} {
		draft := *q
		_, tried := p.Try(t.Context(), who, &draft)
		_, checked := p.Check(t.Context(), who, &draft)
		_, switched := p.Switch(t.Context(), who, q.ID, 0, false)
		for n, err := range []error{p.Save(t.Context(), who, &draft, false), p.Drop(t.Context(), who, q.ID, 0), tried, checked, switched} {
			if !fault.Is(err, fault.Forbidden) {
				t.Errorf("%d as %s of %+v = %v, want forbidden", n, who.Role, who.Scope, err)
			}
		}
	}
	stranger := account.Actor{ID: 9, Role: lifecycle.Analyst, Scope: scope.OfRegion(kursk)}
	if err := p.Drop(t.Context(), stranger, q.ID, 0); !fault.Is(err, fault.NotFound) {
		t.Errorf("an analyst of another region drops: %v", err)
	}
	for _, bad := range []struct {
		q           standing.Query
		field, part string
	}{
		{standing.Query{Text: "яма"}, "name", "Назовите"},
		{standing.Query{Name: "а"}, "query", "пуст"},
		{standing.Query{Name: "а", Text: "(яма"}, "query", "Столбец"},
		{standing.Query{Name: "а", Text: "!яма"}, "query", "почти к любому"},
		{standing.Query{Name: "а", Text: "@а"}, "query", "сам на себя"},
		{standing.Query{Name: "а", Text: "яма", Territories: []string{kursk}}, "territories", "в регионе нет"},
		{standing.Query{Name: "а", Text: "яма", Territories: []string{"1"}}, "territories", "не похоже"},
		{standing.Query{Name: "а", Text: "яма", Channels: []string{"fax"}}, "channels", "нет"},
		{standing.Query{Name: "а", Text: "яма", Examples: make([]standing.Example, 60)}, "", ""}, // all empty
	} {
		err := p.Save(t.Context(), analyst, &bad.q, true)
		if bad.field == "" {
			if err != nil {
				t.Errorf("Save = %v", err)
			}
			continue
		}
		wantSentence(t, err, fault.Invalid, bad.field, bad.part)
	}
}

// fill puts messages into the store: every fifth is ours, every fiftieth has a pit in it.
func fill(t testing.TB, db *store.DB, n int) {
	t.Helper()
	words := []string{"погода сегодня хорошая, гуляли в парке до вечера", "продам гараж, недорого, звоните после шести", "кто знает, до скольки работает почта на вокзале", "завтра концерт в доме культуры, приходите всей семьёй"}
	for from := 0; from < n; from += 500 {
		err := db.Change(t.Context(), incident.Machine, func(tx incident.Tx) error {
			var dropped []message.Message
			for k := from; k < min(from+500, n); k++ {
				text := words[k%len(words)] + fmt.Sprintf(" %d", k)
				if k%50 < 2 {
					text += " и ямы на дороге"
				}
				m := message.Message{Source: "vk:-1", Channel: message.VK, Form: message.Comment, Native: fmt.Sprint(k), Event: message.Written, Revision: message.HashOf(text),
					Text: text, SeenAt: noon.Add(-time.Duration(n-k) * 30 * time.Second), Place: scope.Place{Region: khakassia, Centre: abakan}}
				if k%5 != 0 {
					dropped = append(dropped, m)
					continue
				}
				if _, err := tx.Messages().Keep(t.Context(), &m, &message.Reading{Kind: message.Complaint}); err != nil {
					return err
				}
			}
			return tx.Ring().Drop(t.Context(), "run", dropped)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestAPreviewTellsOursFromNew(t *testing.T) {
	t.Parallel()
	p := newPost(t, nil)
	fill(t, p.db, 4000) // over 33 hours
	q := standing.Query{Text: "яма & дорога", Examples: []standing.Example{{Text: "лужа", Must: true}}}
	v, err := p.Try(t.Context(), analyst, &q)
	if err != nil {
		t.Fatal(err)
	}
	if v.Looked != 4000 || v.Ours != 800 || v.Kept != 80 || v.KeptDay != 57 || v.Dropped != 80 || len(v.Found) != lookout.Shown || len(v.Failures) != 1 {
		t.Errorf("Try: looked %d, ours %d, kept %d (%d in a day), dropped %d, shown %d, failures %v", v.Looked, v.Ours, v.Kept, v.KeptDay, v.Dropped, len(v.Found), v.Failures)
	}
	f := v.Found[0]
	if got := f.Message.Text[f.Spans[0].Start:f.Spans[0].End]; got != "ямы" || f.Kept {
		t.Errorf("the newest is kept %v, by %q", f.Kept, got)
	}
	q.Territories = []string{khakassia}
	q.Channels = []string{"telegram"}
	if v, err = p.Try(t.Context(), analyst, &q); err != nil || v.Caught() != 0 || v.Looked != 4000 {
		t.Errorf("another channel catches %d, %v", v.Caught(), err)
	}
}

// BenchmarkTry is what an analyst waits for: 10,000 messages.
func BenchmarkTry(b *testing.B) {
	p := newPost(b, nil)
	fill(b, p.db, 12_500)
	for b.Loop() {
		v, err := p.Try(b.Context(), analyst, &standing.Query{Text: "(яма | выбоина) & дорога & !продам"})
		if err != nil || v.Looked != message.RingSize {
			b.Fatal(v, err)
		}
	}
}
