package roster_test

import (
	"context"
	"log/slog"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"otklik/internal/account"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/message"
	"otklik/internal/place"
	"otklik/internal/reply"
	"otklik/internal/roster"
	"otklik/internal/scope"
	"otklik/internal/seal"
	"otklik/internal/source"
	"otklik/internal/store"
)

const (
	region = "95000000"
	abakan = "95701000"
)

// towns knows one municipality.
type towns struct{}

func (towns) Keyed(place.Key) []*place.Place { return nil }
func (towns) ByID(id string) (*place.Place, bool) {
	return &place.Place{ID: id}, id == abakan
}

// A wall is a source that tells by which secrets it was opened.
type wall struct{ id, reads, answers string }

func (w *wall) ID() string { return w.id }
func (w *wall) Poll(context.Context, []byte) (source.Batch, error) {
	if w.reads == "отозван" {
		return source.Batch{}, source.Fail(source.Person, "Ключ отозван.", "refused")
	}
	return source.Batch{Messages: []message.Message{{Text: "Яма"}}}, nil
}
func (w *wall) Publish(context.Context, reply.Job) (reply.Receipt, error) {
	return reply.Receipt{}, nil
}
func (w *wall) Find(context.Context, reply.Job) (reply.Receipt, bool, error) {
	return reply.Receipt{}, false, nil
}
func (w *wall) Ability() source.Ability { return source.Ability{} }

// links knows those at wall.example.
type links struct{}

func (links) Recognise(_ context.Context, u *url.URL) (*source.Guess, error) {
	if u.Hostname() != "wall.example" {
		return nil, nil
	}
	return &source.Guess{Source: source.Source{ID: "vk:-" + strings.Trim(u.Path, "/"), Channel: message.VK, Name: "Стена"}}, nil
}

// A centre is a roster over a store; it notes which loops run.
type centre struct {
	*roster.Roster
	db  *store.DB
	mu  sync.Mutex
	now map[string]int // loops under way
	all []string       // that were ever started
}

func open(t *testing.T, fixed ...roster.Fixed) *centre {
	t.Helper()
	dir := t.TempDir()
	db, err := store.Open(t.Context(), filepath.Join(dir, "otklik.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	box, err := seal.Keyed(filepath.Join(dir, seal.Name))
	if err != nil {
		t.Fatal(err)
	}
	c := &centre{db: db, now: map[string]int{}}
	c.Roster = roster.New(roster.Options{
		Store: db, Box: box, Fixed: fixed, Places: towns{}, Now: time.Now, Log: slog.New(slog.DiscardHandler),
		Stand: func(territory string) scope.Place {
			return scope.Place{Region: region, Centre: territory}
		},
		Kinds: map[source.Kind]roster.Connector{source.VK: {Keyed: true, Recognise: links{}, Open: func(s source.Source, reads, answers source.Key) (source.Connection, error) {
			w := &wall{s.ID, reads.Secret, answers.Secret}
			con := source.Connection{Puller: w, Name: s.Name, Channel: s.Channel}
			if answers.Secret != "" {
				con.Publisher = w
			}
			return con, nil
		}}},
		Read: func(ctx context.Context, con source.Connection) {
			id := con.Puller.ID() + " " + con.Name
			c.mu.Lock()
			c.now[con.Puller.ID()]++
			if c.now[con.Puller.ID()] > 1 {
				t.Errorf("%s is read by two loops at once", id)
			}
			c.all = append(c.all, id)
			c.mu.Unlock()
			<-ctx.Done()
			c.mu.Lock()
			c.now[con.Puller.ID()]--
			c.mu.Unlock()
		},
	})
	if err := c.Load(t.Context()); err != nil {
		t.Fatal(err)
	}
	return c
}

func (c *centre) reads(id string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now[id] == 1
}

func actor(role lifecycle.Role, sc scope.Scope) account.Actor {
	return account.Actor{ID: 1, Role: role, Scope: sc}
}

var (
	admin = actor(lifecycle.Admin, scope.OfRegion(region))
	head  = actor(lifecycle.Centre, scope.OfCentre(region, abakan))
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (c *centre) add(t *testing.T, link string) *source.Source {
	t.Helper()
	g, err := c.Recognise(t.Context(), admin, link)
	must(t, err)
	s := g.Source
	s.Key = "чтение"
	must(t, c.Save(t.Context(), admin, &s))
	return &s
}

func TestASourceIsReadFromItsAddingToItsRemoval(t *testing.T) {
	t.Parallel()
	c := open(t)
	ctx, stop := context.WithCancel(t.Context())
	ran := make(chan error, 1)
	go func() { ran <- c.Run(ctx) }()
	must(t, c.SaveKey(t.Context(), admin, &source.Key{Kind: source.VK, Name: "чтение", Secret: "s1"}))
	must(t, c.SaveKey(t.Context(), admin, &source.Key{Kind: source.VK, Name: "ответы", Secret: "s2"}))
	s := c.add(t, "wall.example/7")
	soon(t, "the new source is read", func() bool { return c.reads(s.ID) })
	if c.Publisher(s.ID) != nil {
		t.Error("without a key that answers replies do not go by hand")
	}

	s.Name, s.Answer = "Двор", "ответы"
	must(t, c.Save(t.Context(), admin, s))
	soon(t, "it is read by its new name", func() bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		return c.now[s.ID] == 1 && c.all[len(c.all)-1] == s.ID+" Двор"
	})
	if p, _ := c.Publisher(s.ID).(*wall); p == nil || p.answers != "s2" || p.reads != "s1" {
		t.Errorf("it answers by %+v", p)
	}
	must(t, c.SaveKey(t.Context(), admin, &source.Key{Kind: source.VK, Name: "ответы", Secret: "s3"}))
	if p, _ := c.Publisher(s.ID).(*wall); p == nil || p.answers != "s3" {
		t.Errorf("a new secret is not in force: %+v", p)
	}

	must(t, c.Pause(t.Context(), admin, s.Number, true))
	if c.reads(s.ID) {
		t.Error("a paused source is read")
	}
	if c.Publisher(s.ID) == nil {
		t.Error("what was approved for a paused source does not go out")
	}
	must(t, c.Pause(t.Context(), admin, s.Number, false))
	soon(t, "it is read again", func() bool { return c.reads(s.ID) })

	if err := c.RemoveKey(t.Context(), admin, 1); !fault.Is(err, fault.Conflict) {
		t.Errorf("a key in use is removed: %v", err)
	}
	must(t, c.Remove(t.Context(), admin, s.Number))
	if _, ok := c.Of(s.ID); ok || c.reads(s.ID) {
		t.Error("a removed source is kept or read")
	}
	must(t, c.RemoveKey(t.Context(), admin, 1))
	stop()
	if err := <-ran; err != nil {
		t.Error(err)
	}
	for id, n := range c.now {
		if n != 0 {
			t.Errorf("%s is read after Run has ended", id)
		}
	}
}

func soon(t *testing.T, what string, so func() bool) {
	t.Helper()
	for range 1000 {
		if so() {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Fatal("never: " + what)
}

func TestWhatCannotBeOpenedSaysWhyAndKeepsNobodyElse(t *testing.T) {
	t.Parallel()
	c := open(t)
	must(t, c.SaveKey(t.Context(), admin, &source.Key{Kind: source.VK, Name: "чтение", Secret: "s1"}))
	good := c.add(t, "wall.example/7")
	bad := c.add(t, "wall.example/8")
	err := c.db.Change(t.Context(), incident.Machine, func(tx incident.Tx) error {
		lost := source.Key{Name: "чтение", Kind: source.VK, Sealed: []byte("sealed elsewhere"), Place: scope.Place{Region: region}}
		other := lost
		other.Name = "другой"
		if err := tx.Sources().SaveKey(t.Context(), &other); err != nil {
			return err
		}
		bad.Key = "другой"
		return tx.Sources().SaveSource(t.Context(), bad)
	})
	must(t, err)
	must(t, c.Load(t.Context()))
	states, err := c.db.Reader().Intake().Sources(t.Context(), scope.All())
	must(t, err)
	for _, st := range states {
		switch {
		case st.ID == bad.ID && (!strings.Contains(st.Error, seal.Name) || st.Since.IsZero()):
			t.Errorf("what cannot be opened says %q since %v", st.Error, st.Since)
		case st.ID == good.ID && st.Error != "":
			t.Errorf("the other one says %q", st.Error)
		}
	}
	if list := c.Connections(); len(list) == 0 || list[0].Puller.ID() != good.ID {
		t.Errorf("connections: %+v", list)
	}
}

func TestWhatTheFileNamesStaysWithIt(t *testing.T) {
	t.Parallel()
	w := &wall{id: "vk:-1"}
	f := roster.Fixed{Source: source.Source{ID: w.id, Kind: source.VK, Channel: message.VK, Name: "Из файла"}, Connection: source.Connection{Puller: w, Publisher: w}}
	c := open(t, f)
	s, ok := c.Of(w.id)
	if !ok || !s.Fixed || s.Number == 0 || c.Publisher(w.id) != w {
		t.Fatalf("a source of the file: %+v", s)
	}
	for what, err := range map[string]error{
		"changed": c.Save(t.Context(), admin, &source.Source{ID: s.ID, Number: s.Number, Version: s.Version, Kind: s.Kind, Name: "Иначе", Key: "k"}),
		"removed": c.Remove(t.Context(), admin, s.Number),
	} {
		if !fault.Is(err, fault.Conflict) || fault.Sentence(err) == "" {
			t.Errorf("it is %s: %v", what, err)
		}
	}
	must(t, c.Pause(t.Context(), admin, s.Number, true))
	must(t, c.Load(t.Context()))
	if s, _ = c.Of(w.id); !s.Paused || !s.Fixed {
		t.Errorf("a pause is forgotten: %+v", s)
	}
	c.Fixed = nil // the file names it no more
	must(t, c.Load(t.Context()))
	if _, ok := c.Of(w.id); ok {
		t.Error("what the file does not name is kept")
	}
}

func TestBadInputIsRefusedInSentences(t *testing.T) {
	t.Parallel()
	c := open(t)
	must(t, c.SaveKey(t.Context(), admin, &source.Key{Kind: source.VK, Name: "чтение", Secret: "s1"}))
	wallOf := func(change func(*source.Source)) source.Source {
		s := source.Source{ID: "vk:-9", Kind: source.VK, Channel: message.VK, Name: "Стена", Key: "чтение", Territory: abakan}
		change(&s)
		return s
	}
	for name, k := range map[string]struct {
		who  account.Actor
		s    source.Source
		kind fault.Kind
	}{
		"no name":              {admin, wallOf(func(s *source.Source) { s.Name = "  " }), fault.Invalid},
		"a name without end":   {admin, wallOf(func(s *source.Source) { s.Name = strings.Repeat("я", 201) }), fault.Invalid},
		"not recognised":       {admin, wallOf(func(s *source.Source) { s.ID = "" }), fault.Invalid},
		"an unknown kind":      {admin, wallOf(func(s *source.Source) { s.Kind = "icq" }), fault.Invalid},
		"no key":               {admin, wallOf(func(s *source.Source) { s.Key = "" }), fault.Invalid},
		"no such territory":    {admin, wallOf(func(s *source.Source) { s.Territory = "1" }), fault.Invalid},
		"too often":            {admin, wallOf(func(s *source.Source) { s.Every = time.Second }), fault.Invalid},
		"a head for all":       {head, wallOf(func(s *source.Source) { s.Territory = "" }), fault.Invalid},
		"an operator":          {actor(lifecycle.Operator, scope.OfRegion(region)), wallOf(func(*source.Source) {}), fault.Forbidden},
		"a head of elsewhere":  {actor(lifecycle.Centre, scope.OfCentre(region, "95702000")), wallOf(func(*source.Source) {}), fault.Forbidden},
		"an agency's head":     {actor(lifecycle.Centre, scope.OfAgency(region, 4)), wallOf(func(*source.Source) {}), fault.Forbidden},
		"a version gone since": {admin, wallOf(func(s *source.Source) { s.Version, s.Number = 3, 99 }), fault.NotFound},
	} {
		if err := c.Save(t.Context(), k.who, &k.s); fault.KindOf(err) != k.kind || fault.Sentence(err) == "" {
			t.Errorf("%s: %v, want %s with a sentence", name, err, k.kind)
		}
	}
	if n := len(c.All()); n != 0 {
		t.Fatalf("%d sources were kept", n)
	}
	for _, link := range []string{"", "просто слова", "https://user:pass@wall.example/1", "ftp://wall.example/1", "https://other.example/"} {
		if _, err := c.Recognise(t.Context(), admin, link); !fault.Is(err, fault.Invalid) || fault.Sentence(err) == "" {
			t.Errorf("link %q: %v", link, err)
		}
	}
	if _, err := c.Recognise(t.Context(), actor(lifecycle.Operator, scope.OfRegion(region)), "wall.example/1"); !fault.Is(err, fault.Forbidden) {
		t.Errorf("an operator asks networks: %v", err)
	}
	for name, k := range map[string]source.Key{
		"no secret": {Kind: source.VK, Name: "k"}, "no name": {Kind: source.VK, Secret: "s"}, "no network": {Name: "k", Secret: "s"},
		"lines": {Kind: source.VK, Name: "k", Secret: "a\nb"}, "too long": {Kind: source.VK, Name: "k", Secret: strings.Repeat("x", 5000)},
	} {
		if err := c.SaveKey(t.Context(), admin, &k); !fault.Is(err, fault.Invalid) || fault.Sentence(err) == "" {
			t.Errorf("key, %s: %v", name, err)
		}
	}
	s := c.add(t, "wall.example/9")
	first := *s
	must(t, c.Save(t.Context(), admin, s))
	if err := c.Save(t.Context(), admin, &first); !fault.Is(err, fault.Conflict) {
		t.Errorf("two people change one source: %v", err)
	}
	again := source.Source{ID: s.ID, Kind: source.VK, Name: "Стена", Key: "чтение"}
	if err := c.Save(t.Context(), admin, &again); !fault.Is(err, fault.Conflict) {
		t.Errorf("a source is added twice: %v", err)
	}
}

func TestATrialKeepsNothing(t *testing.T) {
	t.Parallel()
	c := open(t)
	must(t, c.SaveKey(t.Context(), admin, &source.Key{Kind: source.VK, Name: "чтение", Secret: "s1"}))
	must(t, c.SaveKey(t.Context(), admin, &source.Key{Kind: source.VK, Name: "старый", Secret: "отозван"}))
	s := source.Source{ID: "vk:-9", Kind: source.VK, Name: "Стена", Key: "чтение"}
	if list, err := c.Try(t.Context(), admin, s); err != nil || len(list) != 1 {
		t.Errorf("Try = %d messages, %v", len(list), err)
	}
	s.Key = "старый"
	if _, err := c.Try(t.Context(), admin, s); fault.Sentence(err) != "Ключ отозван." {
		t.Errorf("a refusal is told as %q", fault.Sentence(err))
	}
	if _, err := c.Try(t.Context(), head, s); !fault.Is(err, fault.Forbidden) {
		t.Errorf("a head tries what is of the region: %v", err)
	}
	if cursor, err := c.db.Reader().Intake().Cursor(t.Context(), s.ID); cursor != nil || err != nil || len(c.All()) != 0 {
		t.Errorf("a trial left a cursor %q, %v, or a source", cursor, err)
	}
}

func TestSecretsStandNowhereOpen(t *testing.T) {
	t.Parallel()
	c := open(t)
	must(t, c.SaveKey(t.Context(), admin, &source.Key{Kind: source.VK, Name: "чтение", Secret: "vk1.very-secret"}))
	keys, err := c.db.Reader().Sources().Keys(t.Context(), scope.All())
	must(t, err)
	if len(keys) != 1 || strings.Contains(string(keys[0].Sealed), "very-secret") || keys[0].Secret != "" {
		t.Errorf("kept: %q", keys[0].Sealed)
	}
	if c.Secret(source.VK) != "vk1.very-secret" || c.Secret(source.Telegram) != "" {
		t.Error("a connector gets another secret than was entered")
	}
	b, err := keys[0].MarshalJSON()
	if err != nil || strings.Contains(string(b), "secret") || strings.Contains(keys[0].String(), "secret") {
		t.Errorf("printed as %s, %v", b, err)
	}
}
