// Package walk leads random incidents through the real desk, and looks after every step
// whether what must hold holds (laws.go): deadlines never move without a recorded reason,
// nobody is stuck, the history replays to what is stored, merge and split are inverse.
//
// A Walker takes one random history after the other (Walk) in a Memory, or a few in a real
// store (see Store). A Tally counts what was reached; a law that is broken is an error that
// names the seed and the deeds, so that it can be led the same way again.
package walk

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"otklik/internal/account"
	"otklik/internal/agency"
	"otklik/internal/calendar"
	"otklik/internal/desk"
	"otklik/internal/fault"
	"otklik/internal/feedback"
	"otklik/internal/followup"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/live"
	"otklik/internal/message"
	"otklik/internal/place"
	"otklik/internal/regime"
	"otklik/internal/scope"
	"otklik/internal/topic"
)

// A Store is what a walk needs of a store: a Memory, or a database.
type Store interface {
	desk.Store
	View(fn func(incident.Tx) error) error
}

const (
	region = "95000000"
	abakan = "95701000"
	abaza  = "95702000"
	wall   = "vk:-1"        // publishes
	letter = "file:letters" // does not
)

// begin is when the walks begin: Fridays, nights and holidays follow.
var begin = time.Date(2026, 10, 30, 6, 0, 0, 0, time.UTC)

// towns knows two municipalities.
type towns struct{}

func (towns) Keyed(place.Key) []*place.Place { return nil }
func (towns) ByID(id string) (*place.Place, bool) {
	p, ok := knownTowns[id]
	return p, ok
}

var knownTowns = map[string]*place.Place{
	abakan: {ID: abakan, Level: place.Municipality, Region: region, Municipality: abakan},
	abaza:  {ID: abaza, Level: place.Municipality, Region: region, Municipality: abaza},
}

// A Walker leads incidents. It is for one goroutine.
type Walker struct {
	*desk.Desk
	Tally Tally

	ctx   context.Context
	store Store
	fresh func() (Store, error)
	books [2]*regime.Book // a rule is corrected by putting the other one in force

	settled *tables // of a Memory, before anything happens

	book     int
	now      time.Time
	rnd      *rand.Rand
	events   int // that open pages were told
	people   map[lifecycle.Role][]account.Actor
	agencies []int64
	native   int
	theme    []lifecycle.Action // of this history: what is done more often
	again    bool               // much is written about one house
	unsure   bool               // the network often does not say whether a reply stands
	deeds    []deed             // of this history
	folds    []fold             // of this history's incidents, see laws.go
	owners   map[message.ID]incident.ID
	merges   []merging
}

// New returns a walker; fresh makes an empty store for each history.
func New(ctx context.Context, fresh func() (Store, error)) (*Walker, error) {
	w := &Walker{ctx: ctx, fresh: fresh, Tally: Tally{}}
	rules, err := regime.ShippedRules()
	if err != nil {
		return nil, err
	}
	if w.books[0], err = rules.Book(towns{}); err != nil {
		return nil, err
	}
	shorter := rules.Regimes[len(rules.Regimes)-1]
	for k := range rules.Regimes {
		if rules.Regimes[k].Code == "open" {
			shorter = rules.Regimes[k]
		}
	}
	shorter.Steps = append([]regime.Step(nil), shorter.Steps...)
	for k := range shorter.Steps {
		if shorter.Steps[k].Kind == regime.First {
			shorter.Steps[k].Within = calendar.Amount{N: 5, Unit: calendar.Hours24}
		}
	}
	other, err := rules.With(regime.Edit{Regime: &shorter}, towns{})
	if err != nil {
		return nil, err
	}
	w.books[1], err = other.Book(towns{})
	w.Desk = desk.New(desk.Options{
		Store: w, Topics: topic.Default, Places: towns{}, Region: region, Now: func() time.Time { return w.now }, Grace: 5 * time.Second,
		Read:      func(m *message.Message) message.Reading { return w.read(m.Text) },
		Publishes: func(source string) bool { return source == wall },
		ReadsBack: func(string) bool { return true },
		Tell:      func(live.Event) { w.events++ },
		Rules:     func() *regime.Book { return w.books[w.book] },
		Follow:    opinion,
	})
	return w, err
}

// Change implements desk.Store over the store of the history under way.
func (w *Walker) Change(ctx context.Context, lane incident.Lane, fn func(incident.Tx) error) error {
	return w.store.Change(ctx, lane, fn)
}

// Walk leads one history of about length deeds, which the seed alone decides.
func (w *Walker) Walk(seed uint64, length int) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v\n%s", r, debug.Stack())
		}
		if err != nil {
			err = fmt.Errorf("seed %d: %w\n%s", seed, err, w.Deeds())
		}
	}()
	w.rnd = rand.New(rand.NewPCG(seed, 0x0771))
	w.now, w.book, w.native = begin.Add(time.Duration(w.rnd.IntN(14*24*60))*time.Minute), 0, 0
	w.theme = pick(w, themes)
	w.again, w.unsure = slices.Contains(w.theme, lifecycle.Link), &w.theme[0] == &unsure[0]
	if slices.Contains(w.theme, lifecycle.Decide) { // what agencies decline goes a long way
		length *= 3
	}
	w.deeds, w.folds, w.merges = w.deeds[:0], w.folds[:0], w.merges[:0]
	w.owners = map[message.ID]incident.ID{}
	if w.store, err = w.fresh(); err != nil {
		return err
	}
	m, fast := w.store.(*Memory)
	if fast && w.settled != nil {
		m.tables = w.settled.clone()
	} else if err := w.settle(); err != nil {
		return err
	} else if fast {
		t := m.clone()
		w.settled = &t
	}
	if err := w.arrive(); err != nil {
		return err
	}
	for range length/2 + w.rnd.IntN(length) {
		if err := w.one(); err != nil {
			return err
		}
		if w.rnd.IntN(3) == 0 {
			w.pass()
		}
	}
	return w.home()
}

// pass lets time go on, by minutes mostly.
func (w *Walker) pass() {
	d := time.Duration(w.rnd.IntN(90)) * time.Minute
	switch w.rnd.IntN(10) {
	case 0:
		d = time.Duration(w.rnd.IntN(72)) * time.Hour
	case 1:
		d = time.Duration(w.rnd.IntN(25*24)) * time.Hour
	}
	w.now = w.now.Add(d)
}

// settle puts three agencies, the last one closed, and a person of each role into the store.
func (w *Walker) settle() error {
	w.people, w.agencies = map[lifecycle.Role][]account.Actor{}, w.agencies[:0]
	return w.store.Change(w.ctx, incident.People, func(tx incident.Tx) error {
		for k, name := range []string{"Дороги", "Сети", "Закрытая"} {
			a := &agency.Agency{Name: name, Short: name, Place: scope.Place{Region: region}, Approval: k == 1, Disabled: k == 2}
			if err := tx.Agencies().SaveAgency(w.ctx, a); err != nil {
				return err
			}
			w.agencies = append(w.agencies, a.ID)
		}
		hire := func(role lifecycle.Role, p scope.Place) error {
			a := &account.Account{Login: fmt.Sprintf("%s%d", role, p.Agency), Name: "Имя " + string(role), Role: role, Hash: "x", Place: p}
			if err := tx.Accounts().SaveAccount(w.ctx, a); err != nil {
				return err
			}
			w.people[role] = append(w.people[role], a.Actor())
			return nil
		}
		for _, role := range lifecycle.Roles() {
			switch role {
			case lifecycle.Coordinator, lifecycle.Executor, lifecycle.Approver:
				for _, id := range w.agencies[:2] {
					if err := hire(role, scope.Place{Region: region, Agency: id}); err != nil {
						return err
					}
				}
			default:
				if err := hire(role, scope.Place{Region: region}); err != nil {
					return err
				}
			}
		}
		return tx.Agencies().SaveRules(w.ctx, region, []agency.Rule{
			{Order: 1, Group: "Дороги", Territory: abaza, Agency: w.agencies[0], Place: scope.Place{Region: region}},
			{Order: 2, Agency: w.agencies[1], Place: scope.Place{Region: region}},
		})
	})
}

// read stands in for the machine's reading: the words say what it finds.
func (w *Walker) read(text string) message.Reading {
	r := message.Reading{Concerns: true, Kind: message.Complaint, Complaint: true, Urgency: message.Normal}
	for word := range strings.FieldsSeq(text) {
		switch word {
		case "яма":
			r.Topics = []message.TopicGuess{{Code: "roads.potholes", Score: 0.9}}
		case "снег":
			r.Topics = []message.TopicGuess{{Code: fastTopic(), Score: 0.9}}
		case "срочно":
			r.Urgency = message.High
		case "опасно":
			r.Urgency = message.Danger
			r.Evidence = []message.Evidence{{For: "urgency", Why: "угроза жизни"}}
		case "дом":
			r.Places = []message.PlaceFound{{Type: "house", ID: abaza + "001", Settlement: "Абаза", SettlementID: abaza + "001", Region: region, Municipality: abaza, Street: "улица Ленина", House: "5"}}
		}
	}
	if len(r.Topics) == 0 {
		r.Missing = append(r.Missing, message.MissingTopic)
	}
	if len(r.Places) == 0 {
		r.Missing = append(r.Missing, message.MissingPlace)
	}
	return r
}

// opinion stands in for the reading of words under a reply: «refuted 0 0.95».
func opinion(text string, _ followup.Context) followup.Opinion {
	var o followup.Opinion
	var meaning string
	if n, _ := fmt.Sscan(text, &meaning, &o.Mark, &o.Sure); n < 3 {
		return followup.Opinion{Meaning: feedback.Unsure}
	}
	o.Meaning = feedback.Meaning(meaning)
	return o
}

// fastTopic is a topic with a shorter time.
func fastTopic() topic.Code {
	for _, t := range topic.Default().Topics {
		if t.Fast {
			return t.Code
		}
	}
	return "roads.potholes"
}

func (w *Walker) chance(percent int) bool { return w.rnd.IntN(100) < percent }

func pick[T any](w *Walker, list []T) T { return list[w.rnd.IntN(len(list))] }

// A deed is one thing that happened, put into words when a law is broken alone.
type deed struct {
	at     time.Time
	format string
	args   []any
}

func (w *Walker) note(format string, args ...any) {
	w.deeds = append(w.deeds, deed{w.now, format, args})
}

// Deeds says what happened in the last history.
func (w *Walker) Deeds() string {
	var b strings.Builder
	for _, d := range w.deeds {
		fmt.Fprintf(&b, d.at.Format("01-02 15:04 ")+d.format+"\n", d.args...)
	}
	return b.String()
}

// do makes a change as a person; a refusal is no error, and must leave all as it was.
func (w *Walker) do(who account.Actor, id incident.ID, c desk.Change) (done bool, err error) {
	events := w.events
	_, err = w.Do(w.ctx, who, id, 0, c)
	w.note("%s of %d, %d: %#v = %v", who.Role, who.Scope.Agency, id, c, fault.KindOf(err))
	w.Tally.deed(err)
	if err != nil {
		if fault.Sentence(err) == "" || fault.Is(err, fault.Unavailable) {
			return false, fmt.Errorf("a refusal without a sentence for people: %w", err)
		}
		if w.events != events {
			return false, errors.New("a refused change was told to open pages")
		}
		return false, w.same()
	}
	return true, w.changed()
}
