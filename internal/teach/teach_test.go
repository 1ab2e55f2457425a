package teach_test

import (
	"bytes"
	"compress/flate"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"otklik/internal/account"
	"otklik/internal/classify"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lesson"
	"otklik/internal/lifecycle"
	"otklik/internal/message"
	"otklik/internal/russian"
	"otklik/internal/scope"
	"otklik/internal/store"
	"otklik/internal/teach"
	"otklik/internal/topic"
)

const khakassia = "95000000"

var (
	noon     = time.Date(2026, time.November, 22, 5, 0, 0, 0, time.UTC)
	analyzer = sync.OnceValue(func() *russian.Analyzer {
		a, err := russian.New()
		if err != nil {
			panic(err)
		}
		return a
	})
	// few is the taxonomy with a handful of topics: learning takes a second.
	few = sync.OnceValue(func() *topic.Taxonomy {
		kept := map[topic.Code]bool{}
		for _, c := range inUse {
			kept[c] = true
		}
		var e topic.Edit
		for _, tp := range topic.Default().Topics {
			if !kept[tp.Code] {
				e.Retire = append(e.Retire, tp.Code)
			}
		}
		t, err := topic.Default().With(e)
		if err != nil {
			panic(err)
		}
		return t
	})
	inUse = []topic.Code{"roads.potholes", "roads.snow", "roads.lighting", "roads.traffic_lights", "waste.collection", "waste.containers", "housing.heating",
		"housing.lift", "housing.no_cold_water", "housing.bills", "safety.stray_animals", "transit.schedule", "health.queue", "improvement.playground_state"}
)

// A centre is a store with a teacher.
type centre struct {
	t    *testing.T
	db   *store.DB
	path string
	*teach.Teacher
	n int
}

func newCentre(t *testing.T, o teach.Options) *centre {
	t.Helper()
	c := &centre{t: t, path: filepath.Join(t.TempDir(), "otklik.db")}
	var err error
	if c.db, err = store.Open(t.Context(), c.path); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.db.Close() })
	c.Teacher = teacher(c.db, o)
	return c
}

func teacher(db *store.DB, o teach.Options) *teach.Teacher {
	o.Store, o.Topics, o.Region, o.Log = db, few, khakassia, slog.New(slog.DiscardHandler)
	if o.Reader == nil {
		o.Reader = analyzer()
	}
	if o.Now == nil {
		at := noon
		o.Now = func() time.Time { at = at.Add(time.Minute); return at }
	}
	o.Brought = func(t *topic.Taxonomy) (*classify.Classifier, error) { return classify.For(analyzer(), t) }
	return teach.New(o)
}

// A case is one incident that people decided about.
type decided struct {
	text   string
	was    topic.Code // what the machine said
	now    topic.Code // what stands
	agency int64
	pinned *bool // it must be of the pinned share, or must not; nil = as it comes
}

// decide stores incidents; ids that do not fit what is asked are passed over.
func (c *centre) decide(list ...decided) {
	c.t.Helper()
	ctx := c.t.Context()
	err := c.db.Change(ctx, incident.Machine, func(tx incident.Tx) error {
		for _, d := range list {
			for {
				c.n++
				i := incident.Incident{State: lifecycle.Triage, AcceptedAt: noon, Topic: d.now, Place: scope.Place{Region: khakassia, Centre: "95701000"}, OpenedAt: noon.Add(time.Duration(c.n) * time.Second)}
				m := message.Message{Source: "vk:1", Native: fmt.Sprint(c.n), Channel: message.VK, Form: message.Comment, Event: message.Written, Revision: message.HashOf(d.text),
					Text: d.text, SeenAt: noon, Place: i.Place}
				if _, err := tx.Messages().Keep(ctx, &m, &message.Reading{}); err != nil {
					return err
				}
				i.First = m.ID
				if d.agency != 0 {
					i.State, i.Place.Agency = lifecycle.Working, d.agency
				}
				if err := tx.Incidents().Open(ctx, &i); err != nil {
					return err
				}
				fits := d.pinned == nil || *d.pinned == lesson.Pinned(int64(i.ID))
				if !fits { // nobody has decided about this one
					i.AcceptedAt = time.Time{}
					if err := tx.Incidents().Save(ctx, &i); err != nil {
						return err
					}
					continue
				}
				if d.was != d.now {
					if err := tx.Incidents().Record(ctx, &incident.Entry{Incident: i.ID, At: noon, Who: 3, Action: lifecycle.Correct,
						Detail: incident.Detail{Field: "topic", Was: string(d.was), Now: string(d.now)}}); err != nil {
						return err
					}
				}
				break
			}
		}
		return nil
	})
	if err != nil {
		c.t.Fatal(err)
	}
}

func (c *centre) learn(s lesson.Subject) lesson.Version {
	c.t.Helper()
	v, err := c.Learn(c.t.Context(), account.System(), s)
	if err != nil {
		c.t.Fatalf("Learn(%s) = %v", s, err)
	}
	return v
}

// says returns what the version in force says of a text, scores and evidence included.
func (c *centre) says(text string) string {
	c.t.Helper()
	n, err := c.Active(c.t.Context(), lesson.Topics)
	if err != nil {
		c.t.Fatal(err)
	}
	m, err := c.Model(c.t.Context(), lesson.Topics, n)
	if err != nil {
		c.t.Fatal(err)
	}
	cl, err := classify.For(analyzer(), few())
	if m != nil {
		cl, err = classify.ForModel(analyzer(), few(), m)
	}
	if err != nil {
		c.t.Fatal(err)
	}
	b, err := json.Marshal(cl.Topics(analyzer().Read(text)))
	if err != nil {
		c.t.Fatal(err)
	}
	return string(b)
}

func (c *centre) first(text string) topic.Code {
	var list []classify.Guess
	if err := json.Unmarshal([]byte(c.says(text)), &list); err != nil {
		c.t.Fatal(err)
	}
	if len(list) == 0 {
		return topic.Undefined
	}
	return list[0].Topic.Code
}

var yes, no = true, false

// barriers are corrections of one kind: the machine does not know that here a
// barrier at a yard is a matter of the playground.
func barriers(n int, pinned *bool) (list []decided) {
	for k := range n {
		list = append(list, decided{text: fmt.Sprintf("Шлагбаум возле подъезда %d заклинило, стрела не поднимается, просим убрать шлагбаум", k+1),
			was: topic.Undefined, now: "improvement.playground_state", pinned: pinned})
	}
	return list
}

const barrier = "У нас заклинило шлагбаум, стрела висит, уберите его"

func TestARepeatedCorrectionChangesTheReading(t *testing.T) {
	t.Parallel()
	c := newCentre(t, teach.Options{})
	lift := "Лифт не работает вторую неделю, ходим пешком"
	was, wasLift := c.says(barrier), c.first(lift)
	if c.first(barrier) == "improvement.playground_state" {
		t.Fatal("the text is read so without learning: the test proves nothing")
	}
	c.decide(barriers(12, &no)...)
	v := c.learn(lesson.Topics)
	if v.State != lesson.Active || v.Corrected != 12 || v.Confirmed != 0 || v.Shipped < 50 || len(v.Data) != 64 {
		t.Fatalf("version %+v", v)
	}
	if got := c.first(barrier); got != "improvement.playground_state" {
		t.Errorf("after learning the text is read as %s", got)
	}
	if got := c.first(lift); got != wasLift || got != "housing.lift" {
		t.Errorf("what nobody corrected is read as %s, was %s", got, wasLift)
	}
	if _, err := c.Learn(t.Context(), account.System(), lesson.Topics); !fault.Is(err, fault.Conflict) || !strings.Contains(fault.Sentence(err), "новых решений нет") {
		t.Errorf("learning the same again = %v", err)
	}

	if n, err := c.RollBack(t.Context(), account.System(), lesson.Topics); err != nil || n != 0 {
		t.Fatalf("RollBack = %d, %v", n, err)
	}
	if now := c.says(barrier); now != was {
		t.Errorf("after the rollback:\n%s\nbefore learning:\n%s", now, was)
	}
	if _, err := c.RollBack(t.Context(), account.System(), lesson.Topics); !fault.Is(err, fault.Conflict) {
		t.Errorf("a second rollback = %v", err)
	}
	if v, err := c.Activate(t.Context(), account.System(), lesson.Topics, 1); err != nil || v.State != lesson.Active {
		t.Errorf("Activate(1) = %+v, %v", v, err)
	}
	if got := c.first(barrier); got != "improvement.playground_state" {
		t.Errorf("activated again, it reads %s", got)
	}
	for _, wrong := range []int{1, 7} {
		if _, err := c.Activate(t.Context(), account.System(), lesson.Topics, wrong); err == nil {
			t.Errorf("Activate(%d) = nil", wrong)
		}
	}
}

// What is pinned is never learnt from, whoever corrected it, nor is its text when
// another incident repeats it.
func TestPinnedCasesTeachNothing(t *testing.T) {
	t.Parallel()
	c := newCentre(t, teach.Options{})
	c.decide(barriers(12, &yes)...)
	c.decide(barriers(12, &no)...) // the same texts
	_, err := c.Learn(t.Context(), account.System(), lesson.Topics)
	if !fault.Is(err, fault.Conflict) || !strings.Contains(fault.Sentence(err), "исправлений темы 0") {
		t.Errorf("Learn = %v (%s), want too little to learn from", err, fault.Sentence(err))
	}
	if n, err := c.Tally(t.Context()); err != nil || n.Pinned != 12 || n.Corrected != 12 {
		t.Errorf("Tally = %+v, %v", n, err)
	}
}

// poison is what a person does who corrects everything into the next topic.
func poison(t *testing.T, times int) (list []decided) {
	t.Helper()
	rows, err := classify.Pinned(few())
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) < 5 {
		t.Fatalf("only %d shipped cases", len(rows))
	}
	for k := range times {
		for n, row := range rows {
			right, _ := few().ByName(row.Label)
			wrong := inUse[(n+1)%len(inUse)]
			if wrong == right.Code {
				wrong = inUse[(n+2)%len(inUse)]
			}
			list = append(list, decided{text: fmt.Sprintf("%s Прошу принять меры, дом %d", row.Text, k+1), was: right.Code, now: wrong})
		}
	}
	return list
}

func TestPoisonedCorrectionsAreRefused(t *testing.T) {
	t.Parallel()
	for name, times := range map[string]int{"the shipped cases decide": 2, "poison among the own cases too": 30} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCentre(t, teach.Options{})
			was := c.says(barrier)
			c.decide(poison(t, times)...)
			v := c.learn(lesson.Topics)
			if v.State != lesson.Refused || v.Reason == "" || v.Figures.N() == 0 {
				t.Fatalf("version %+v", v)
			}
			if own := v.Figures.Own > 0; own != (times == 30) {
				t.Errorf("%d own cases decided", v.Figures.Own)
			}
			if n, err := c.Active(t.Context(), lesson.Topics); err != nil || n != 0 || c.says(barrier) != was {
				t.Errorf("version %d is active after a refusal (%v)", n, err)
			}
			if _, err := c.Activate(t.Context(), account.System(), lesson.Topics, 1); !fault.Is(err, fault.Conflict) {
				t.Errorf("a refused version is activated: %v", err)
			}
		})
	}
}

func TestTheSameDecisionsGiveTheSameModelWithoutWords(t *testing.T) {
	t.Parallel()
	var files [][]byte
	for range 2 {
		c := newCentre(t, teach.Options{})
		c.decide(barriers(8, &no)...)
		c.decide(decided{text: "Кракозябровский тупик завалило снегом, Абырвалгина Щукария ждёт", was: "roads.snow", now: "roads.snow", pinned: &no})
		c.learn(lesson.Topics)
		b, err := c.db.Reader().Lessons().Model(t.Context(), khakassia, lesson.Topics, 1)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, b)
	}
	if !bytes.Equal(files[0], files[1]) {
		t.Error("the same decisions gave two models")
	}
	const head = 8 + 4 + 8 + 32 // docs/topics.md: magic, version, length, hash
	body, err := io.ReadAll(flate.NewReader(bytes.NewReader(files[0][head:])))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(body, []byte("roads.snow")) {
		t.Fatal("the labels are not found: the test looks at the wrong bytes")
	}
	for _, word := range []string{"ракозябр", "бырвалг", "щукари", "шлагбаум", "Шлагбаум", "стрела"} {
		if bytes.Contains(body, []byte(word)) {
			t.Errorf("the model holds the word %q", word)
		}
	}
}

// Executors are learnt from those who took what was handed over; by hand a version
// waits for a person.
func TestExecutorsAreLearntAndWait(t *testing.T) {
	t.Parallel()
	c := newCentre(t, teach.Options{ByHand: true})
	c.decide(decided{text: "В подъезде сломан лифт", was: "housing.lift", now: "housing.lift", agency: 1})
	if _, err := c.Learn(t.Context(), account.System(), lesson.Executors); !fault.Is(err, fault.Conflict) {
		t.Errorf("one hand-over = %v, want too few", err)
	}
	for k := range 40 {
		c.decide(decided{text: fmt.Sprintf("Сломан лифт в доме %d", k), was: "housing.lift", now: "housing.lift", agency: 1},
			decided{text: fmt.Sprintf("Яма на дороге у дома %d", k), was: "roads.potholes", now: "roads.potholes", agency: 2})
	}
	v := c.learn(lesson.Executors)
	if v.State != lesson.Candidate || v.Figures.Own < 5 || v.Figures.New.First < v.Figures.Own*9/10 || v.Figures.Old.First != 0 {
		t.Fatalf("version %+v", v)
	}
	m, err := c.Model(t.Context(), lesson.Executors, 1)
	if err != nil {
		t.Fatal(err)
	}
	s, err := classify.NewSuggester(analyzer(), m)
	if err != nil {
		t.Fatal(err)
	}
	if got := s.Suggest(analyzer().Read("Опять яма на дороге, колесо пробил"), "roads.potholes", "95701000"); len(got) == 0 || got[0].Agency != "2" {
		t.Errorf("Suggest = %+v, want agency 2", got)
	}
	if v, err := c.Activate(t.Context(), account.System(), lesson.Executors, 1); err != nil || v.State != lesson.Active {
		t.Errorf("Activate = %+v, %v", v, err)
	}
}

// told writes a line when learning has begun, and never ends.
type told struct{ *russian.Analyzer }

func (r told) Read(text string) *russian.Text {
	fmt.Println("learning")
	select {}
}

// TestKilledInTheMiddle kills a process that is learning: nothing is half done, and
// the next one learns.
func TestKilledInTheMiddle(t *testing.T) {
	const variable = "OTKLIK_TEACH_STORE"
	if path := os.Getenv(variable); path != "" {
		db, err := store.Open(t.Context(), path)
		if err != nil {
			t.Fatal(err)
		}
		_, err = teacher(db, teach.Options{Reader: told{analyzer()}}).Learn(t.Context(), account.System(), lesson.Topics)
		t.Fatalf("it was not killed: %v", err)
	}
	t.Parallel()
	c := newCentre(t, teach.Options{})
	c.decide(barriers(8, &no)...)
	was := c.says(barrier)
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	cmd := exec.CommandContext(ctx, os.Args[0], "-test.run", "^TestKilledInTheMiddle$", "-test.v")
	cmd.Env = append(os.Environ(), variable+"="+c.path)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var seen bytes.Buffer
	for one := make([]byte, 256); !strings.Contains(seen.String(), "learning"); {
		n, err := out.Read(one)
		seen.Write(one[:n])
		if err != nil {
			t.Fatalf("it ended before it learnt: %s", &seen)
		}
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	if list, err := c.Versions(t.Context(), lesson.Topics); err != nil || len(list) != 0 || c.says(barrier) != was {
		t.Errorf("after the kill there are %d versions, %v", len(list), err)
	}
	if v := c.learn(lesson.Topics); v.Number != 1 || v.State != lesson.Active {
		t.Errorf("the next one made %+v", v)
	}
}
