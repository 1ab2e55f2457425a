package ingest_test

import (
	"context"
	"errors"
	"io"
	"iter"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"otklik/internal/cluster"
	"otklik/internal/desk"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/ingest"
	"otklik/internal/live"
	"otklik/internal/message"
	"otklik/internal/place"
	"otklik/internal/russian"
	"otklik/internal/scope"
	"otklik/internal/source"
	"otklik/internal/store"
	"otklik/internal/topic"
)

var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

// nowhere is a gazetteer without places.
type nowhere struct{}

func (nowhere) Keyed(place.Key) []*place.Place     { return nil }
func (nowhere) ByID(string) (*place.Place, bool)   { return nil, false }
func (nowhere) publishes(string) bool              { return false }
func complaint(m *message.Message) message.Reading { return judge(m) }
func said(text string) (message.Kind, bool) {
	return kindOf(text), !strings.Contains(text, "погода")
}
func kindOf(text string) message.Kind {
	switch {
	case strings.Contains(text, "спасибо"):
		return message.Thanks
	case strings.Contains(text, "погода"):
		return message.Announcement
	}
	return message.Complaint
}

// judge reads a text by its words: «погода» concerns nobody, «спасибо» thanks,
// «бомба» breaks the reader, everything else complains.
func judge(m *message.Message) message.Reading {
	if strings.Contains(m.Text, "бомба") {
		panic("reader broken by " + m.Text)
	}
	kind, ours := said(m.Text)
	if m.Addressed && kind == message.Announcement {
		kind = message.Question
	}
	return message.Reading{Concerns: ours, Kind: kind, Urgency: message.Normal, Index: strings.ToLower(m.Text)}
}

// A bench is intake on a real store.
type bench struct {
	*ingest.Intake
	db   *store.DB
	told []live.Event
}

func newBench(t *testing.T) *bench {
	t.Helper()
	return benchAt(t, filepath.Join(t.TempDir(), "otklik.db"))
}

func benchAt(t *testing.T, path string) *bench {
	t.Helper()
	db, err := store.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	b := &bench{db: db}
	now := func() time.Time { return noon }
	tell := func(e live.Event) { b.told = append(b.told, e) }
	d := desk.New(desk.Options{
		Store: db, Read: complaint, Topics: topic.Default, Places: nowhere{}, Publishes: nowhere{}.publishes, Tell: tell, Now: now, Region: "95000000",
	})
	analyzer, err := russian.New()
	if err != nil {
		t.Fatal(err)
	}
	key := func(text string) cluster.Key { return cluster.KeyOf(analyzer.Read(text)) }
	b.Intake = ingest.New(ingest.Options{Store: db, Desk: d, Read: func(m *message.Message) (message.Reading, *cluster.Key) { return judge(m), nil }, Key: key, Tell: tell, Now: now, Log: slog.New(slog.DiscardHandler), TextLimit: 1000})
	return b
}

func (b *bench) take(t *testing.T, batch ...message.Message) ingest.Summary {
	t.Helper()
	sum, err := b.Take(t.Context(), batch, nil)
	if err != nil {
		t.Fatal(err)
	}
	if !sum.Holds() {
		t.Errorf("the sums do not hold: %+v", sum)
	}
	return sum
}

func (b *bench) incidents(t *testing.T) int {
	t.Helper()
	n, err := b.db.Reader().Incidents().Count(t.Context(), scope.All(), incident.Filter{}, 1000)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func msg(native, text string, change ...func(*message.Message)) message.Message {
	m := message.Message{
		Source: "file:a", Channel: message.File, Form: message.Record, Native: native, Revision: message.HashOf(text),
		Event: message.Written, Text: text, PublishedAt: noon.Add(-time.Hour),
	}
	for _, c := range change {
		c(&m)
	}
	return m
}

func in(root, author string) func(*message.Message) {
	return func(m *message.Message) { m.Thread, m.Author = root, author }
}

func same(t *testing.T, got, want ingest.Summary) {
	t.Helper()
	if d := cmp.Diff(want, got, cmpopts.IgnoreUnexported(ingest.Summary{}), cmpopts.EquateEmpty()); d != "" {
		t.Errorf("summary (-want +got):\n%s", d)
	}
}

func TestEveryMessageIsCountedOnce(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	batch := []message.Message{
		msg("1", "Яма на дороге"), msg("2", "Завтра хорошая погода"), msg("3", "Большое спасибо дворникам"),
		msg("4", strings.Repeat("Яма! ", 400)), msg("1", "Яма на дороге"),
	}
	want := ingest.Summary{Read: 5, Duplicate: 1, NotOurs: 1, Kept: 2, Opened: 1, KeptWithoutIncident: 1, Rejected: 1, Reasons: map[string]int64{"too_large": 1}}
	same(t, b.take(t, batch...), want)
	again := b.take(t, batch...)
	same(t, again, ingest.Summary{Read: 5, Duplicate: 3, NotOurs: 1, Rejected: 1, Reasons: map[string]int64{"too_large": 1}})
	if n := b.incidents(t); n != 1 {
		t.Errorf("%d incidents, want 1", n)
	}
}

func TestAPoisonMessageIsSetAsideAndBlocksNobody(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	sum := b.take(t, msg("1", "Яма"), msg("2", "Тут бомба"), msg("3", "Мусор"))
	same(t, sum, ingest.Summary{Read: 3, Kept: 2, Opened: 2, Rejected: 1, Reasons: map[string]int64{"failed": 1}})
	list, err := b.db.Reader().Intake().Aside(t.Context(), scope.All(), 0)
	if err != nil || len(list) != 1 || list[0].Native != "2" {
		t.Fatalf("set aside: %+v, %v", list, err)
	}
	if strings.Contains(list[0].Error, "бомба") {
		t.Error("the error repeats the resident's words")
	}
	sum, err = b.Replay(t.Context(), scope.All())
	if err != nil || sum.Rejected != 1 {
		t.Errorf("replay of what still fails = %+v, %v", sum, err)
	}
	if list, _ = b.db.Reader().Intake().Aside(t.Context(), scope.All(), 0); len(list) != 1 {
		t.Errorf("what fails again must stay: %d set aside", len(list))
	}
	b.Read = func(*message.Message) (message.Reading, *cluster.Key) { // the reader was mended
		return message.Reading{Concerns: true, Kind: message.Complaint, Urgency: message.Normal, Index: "x"}, nil
	}
	if sum, err = b.Replay(t.Context(), scope.All()); err != nil || sum.Opened != 1 {
		t.Errorf("replay = %+v, %v", sum, err)
	}
	if list, _ = b.db.Reader().Intake().Aside(t.Context(), scope.All(), 0); len(list) != 0 {
		t.Errorf("what was replayed must go: %d set aside", len(list))
	}
}

func TestAMessageThatBreaksTheDeskIsSetAsideToo(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.Desk.Options.Topics = func() *topic.Taxonomy {
		panic("no taxonomy")
	}
	sum := b.take(t, msg("1", "Яма у школы"), msg("2", "спасибо за скамейки"))
	same(t, sum, ingest.Summary{Read: 2, Kept: 1, KeptWithoutIncident: 1, Rejected: 1, Reasons: map[string]int64{"failed": 1}})
	list, err := b.db.Reader().Intake().Aside(t.Context(), scope.OfRegion("95000000"), 0)
	if err != nil || len(list) != 1 || list[0].Native != "1" {
		t.Errorf("set aside in the region: %+v, %v", list, err)
	}
}

// A contested store finds the incident changed by others, some times.
type contested struct {
	*store.DB
	left int
}

func (c *contested) Change(ctx context.Context, lane incident.Lane, fn func(incident.Tx) error) error {
	if c.left > 0 {
		c.left--
		return fault.New(fault.Conflict, "incident 1 is at version 2, not 1")
	}
	return c.DB.Change(ctx, lane, fn)
}

func TestAConflictIsNoFaultOfTheMessage(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.Store = &contested{b.db, 3}
	same(t, b.take(t, msg("1", "Яма у школы")), ingest.Summary{Read: 1, Kept: 1, Opened: 1})
}

func TestTextsAreStorableAndNamesHaveALimit(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	odd := msg("1", "Яма\x00у \xff школы")
	odd.AuthorName = "Анна\x00"
	long := msg(strings.Repeat("9", 600), "Яма у школы")
	sum := b.take(t, odd, long)
	same(t, sum, ingest.Summary{Read: 2, Kept: 1, Opened: 1, Rejected: 1, Reasons: map[string]int64{"too_large": 1}})
	m, err := b.db.Reader().Messages().ByNative(t.Context(), odd.Source, "1")
	if err != nil || m.Text != "Яма\uFFFDу \uFFFD школы" || m.AuthorName != "Анна\uFFFD" {
		t.Errorf("stored %+v, %v", m, err)
	}
}

func TestAnAuthorsSecondCommentJoinsTheFirst(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.take(t, msg("1", "Яма у дома", in("post", "anna")))
	same(t, b.take(t, msg("2", "И вторая рядом", in("post", "anna"))), ingest.Summary{Read: 1, Kept: 1, Attached: 1})
	same(t, b.take(t, msg("3", "А у нас мусор", in("post", "oleg"))), ingest.Summary{Read: 1, Kept: 1, Opened: 1})
}

// TestAThreadBringsItsTalkWhateverTheOrder: what was said before a thread became
// ours is kept too, and opens nothing.
func TestAThreadBringsItsTalkWhateverTheOrder(t *testing.T) {
	t.Parallel()
	talk, trouble := msg("1", "Какая погода", in("post", "oleg")), msg("2", "Яма у дома", in("post", "anna"))
	for name, order := range map[string][]message.Message{"talk first": {talk, trouble}, "trouble first": {trouble, talk}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			var total ingest.Summary
			for _, m := range order {
				total.Add(b.take(t, m))
			}
			same(t, total, ingest.Summary{Read: 2, Kept: 2, Opened: 1, KeptWithoutIncident: 1})
			again := b.take(t, order...)
			same(t, again, ingest.Summary{Read: 2, Duplicate: 2})
		})
	}
}

func TestEditsDeletionsAndRestoresInAnyOrder(t *testing.T) {
	t.Parallel()
	at := func(minutes int) message.Revision {
		return message.Revision{Time: noon.Add(time.Duration(minutes) * time.Minute)}
	}
	rev := func(r message.Revision, e message.Event) func(*message.Message) {
		return func(m *message.Message) {
			m.Revision, m.Event = r, e
			if e == message.Deleted {
				m.Text = ""
			}
		}
	}
	events := []message.Message{
		msg("1", "Яма", rev(at(0), message.Written)),
		msg("1", "Яма и люк", rev(at(1), message.Written)),
		msg("1", "", rev(at(2), message.Deleted)),
		msg("1", "Яма и люк", rev(at(3), message.Restored)),
	}
	permute(events, func(order []message.Message) {
		b := newBench(t)
		for _, m := range order {
			b.take(t, m)
		}
		m, err := b.db.Reader().Messages().ByNative(t.Context(), "file:a", "1")
		if err != nil || m.Text != "Яма и люк" || m.Gone {
			t.Errorf("order %v ends with %+v, %v", revisions(order), m, err)
		}
		if n := b.incidents(t); n > 1 {
			t.Errorf("order %v opened %d incidents", revisions(order), n)
		}
	})
}

func revisions(list []message.Message) (out []string) {
	for _, m := range list {
		out = append(out, string(m.Event)+m.Revision.Time.Format(" 15:04"))
	}
	return out
}

func permute(list []message.Message, visit func([]message.Message)) {
	var walk func(int)
	walk = func(k int) {
		if k == len(list) {
			visit(slices.Clone(list))
			return
		}
		for i := k; i < len(list); i++ {
			list[k], list[i] = list[i], list[k]
			walk(k + 1)
			list[k], list[i] = list[i], list[k]
		}
	}
	walk(0)
}

// A wall is a network that says what it is told to say.
type wall struct {
	batch source.Batch
	err   error
	asked [][]byte
}

func (w *wall) ID() string { return "vk:-1" }
func (w *wall) Poll(_ context.Context, cursor []byte) (source.Batch, error) {
	w.asked = append(w.asked, cursor)
	return w.batch, w.err
}

func TestCursorAndMessagesAreOneTransaction(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	w := &wall{batch: source.Batch{Cursor: []byte("7"), Messages: []message.Message{msg("1", "Яма")}}}
	con := source.Connection{Puller: w, Name: "Стена", Channel: message.VK}
	if _, err := b.PollOnce(t.Context(), con); err != nil {
		t.Fatal(err)
	}
	w.err = source.Fail(source.Later, "ВКонтакте не отвечает.", "connection refused")
	if _, err := b.PollOnce(t.Context(), con); err == nil {
		t.Error("a dead host is no error")
	}
	if len(w.asked) != 2 || w.asked[0] != nil || string(w.asked[1]) != "7" {
		t.Errorf("cursors asked with: %q", w.asked)
	}
	list, err := b.db.Reader().Intake().Sources(t.Context(), scope.All())
	if err != nil || len(list) != 1 || list[0].Error != "ВКонтакте не отвечает." || list[0].Name != "Стена" {
		t.Errorf("sources = %+v, %v", list, err)
	}
	if n := b.incidents(t); n != 1 {
		t.Errorf("%d incidents", n)
	}
}

// What somebody should mend though reading goes on stands with the source until it is
// mended.
func TestANoteStandsWithItsSource(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	w := &wall{batch: source.Batch{Cursor: []byte("7"), Note: "Лента переехала."}}
	for _, want := range []string{"Лента переехала.", ""} {
		w.batch.Note = want
		if _, err := b.PollOnce(t.Context(), source.Connection{Puller: w, Name: "Лента", Channel: message.News}); err != nil {
			t.Fatal(err)
		}
		list, err := b.db.Reader().Intake().Sources(t.Context(), scope.All())
		if err != nil || len(list) != 1 || list[0].Error != want || list[0].ReadAt.IsZero() {
			t.Errorf("sources = %+v, %v, want the note %q", list, err, want)
		}
	}
}

// lines is a file of messages, one of them broken, that ends early.
type lines struct{ end error }

func (f lines) Records(context.Context, string, io.Reader) iter.Seq2[source.Record, error] {
	return func(yield func(source.Record, error) bool) {
		_ = yield(source.Record{Line: 1, Index: 1, Message: msg("1", "Яма")}, nil) &&
			yield(source.Record{Line: 2, Index: 2, Err: &source.RecordError{Reason: "unreadable", Text: "строка оборвана"}}, nil) &&
			yield(source.Record{Line: 3, Index: 3, Message: msg("3", strings.Repeat("Яма", 500))}, nil) &&
			(f.end == nil || yield(source.Record{}, f.end))
	}
}

func TestAFileThatEndsEarlyKeepsWhatWasRead(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	var rejected []string
	broken := fault.New(fault.Invalid, "cut off").Say("Файл оборван на строке 4.")
	sum, err := b.File(t.Context(), ingest.FileRun{
		Name: "a.csv", Format: lines{broken}, Rejected: func(r ingest.Rejection) { rejected = append(rejected, r.String()) },
	})
	if !errors.Is(err, broken) || !strings.Contains(ingest.Explain("a.csv", err), "строке 4") {
		t.Errorf("error = %v", err)
	}
	same(t, sum, ingest.Summary{Read: 3, Kept: 1, Opened: 1, Rejected: 2, Reasons: map[string]int64{"unreadable": 1, "too_large": 1}})
	if len(rejected) != 2 || !strings.HasPrefix(rejected[0], "a.csv:2:") {
		t.Errorf("rejected = %q", rejected)
	}
}
