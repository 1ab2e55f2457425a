package store_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/message"
	"otklik/internal/publicface"
	"otklik/internal/scope"
	"otklik/internal/store"
	"otklik/internal/topic"
)

func columns(t *testing.T, db *store.DB) map[string][]string {
	t.Helper()
	c, err := db.Columns(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	delete(c, "goose_db_version") // what the migrations themselves keep
	return c
}

func TestBothDatabasesHaveTheSameTables(t *testing.T) {
	t.Parallel()
	lite, post := columns(t, openSQLite(t)), columns(t, openPostgres(t))
	// FTS5 has its rowid without naming it.
	post["incident_search"] = slices.DeleteFunc(post["incident_search"], func(c string) bool { return c == "rowid" })
	if diff := cmp.Diff(lite, post); diff != "" {
		t.Errorf("tables differ (-SQLite +PostgreSQL):\n%s", diff)
	}
}

func TestEveryTableCarriesTheScope(t *testing.T) {
	t.Parallel()
	without := map[string]string{
		"session":         "belongs to a browser, found by its token alone",
		"upload_gone":     "seals of bytes that the sweep takes away; whose they were is forgotten",
		"file_gone":       "hashes of bytes that the vault lets go of; whose they were is forgotten",
		"incident_search": "the full-text index, read only through a join with incident",
		"source_spent":    "calls of tokens by their digests; a token may serve all regions",
	}
	through := map[string]string{ // carry the region and are read through what they hang on
		"incident_words": "incident", "entry": "incident", "revision": "message", "message_words": "message", "reply_words": "reply", "job_words": "job",
		"dispute": "incident", "member": "incident", "note": "incident", "note_words": "note", "mention": "note", "follower": "incident", "check_item": "incident",
		"check_words": "check_item", "checklist": "of a region", "incident_link": "incident", "shift_words": "shift", "view": "account", "token": "account", "place": "public reference data of a region", "setting": "of a region",
		"standing_version": "standing", "standing_version_words": "standing", "standing_words": "standing", "standing_day": "standing", "lesson_model": "lesson",
		"voice": "incident", "voice_words": "voice", "closure": "incident", "ticket": "incident",
		"problem_incident": "problem", "reply_template_version": "reply_template", "call": "incident", "call_words": "call",
		"contact": "reference data of a region", "caller": "message", "notice": "account", "notice_delivery": "account", "notice_address": "account", "notice_choice": "account",
		"source_hour": "source", "source_back": "source", "past": "incident", "precedent": "incident", "precedent_term": "precedent", "machine_draft": "incident", "machine_words": "machine_draft",
		"attachment_words": "attachment", "upload": "attachment", "suspicion": "message", "enclosure": "reply", "gallery": "reply",
		"webhook_delivery": "webhook", "neighbour_request": "incident", "neighbour_words": "incident", "applicant": "message",
		"talk_line": "talk", "talk_incident": "talk", "talk_text": "of a region",
	}
	tables := columns(t, openSQLite(t))
	if len(tables) < 20 {
		t.Fatalf("only %d tables found", len(tables))
	}
	for table, has := range tables {
		need := []string{"region", "centre", "agency"}
		if through[table] != "" {
			need = need[:1]
		}
		if without[table] != "" {
			need = nil
		}
		for _, column := range need {
			if !slices.Contains(has, column) {
				t.Errorf("table %s has no column %s", table, column)
			}
		}
	}
}

// The main filters are answered by an index that holds all that is asked, and
// pages in the order of opening are never sorted.
func TestQueueIsAnsweredByIndexes(t *testing.T) {
	t.Parallel()
	db := openSQLite(t)
	fill(t, db, newMaker(4), 3000, 1000)
	for _, s := range shifts {
		for _, order := range []incident.Order{incident.Newest, incident.Oldest, incident.Urgent, incident.Changed} {
			s.f.Order = order
			steps, err := db.Explain(context.Background(), scope.OfRegion(region), s.f)
			if err != nil {
				t.Fatal(err)
			}
			all := strings.Join(steps, "; ")
			for _, step := range steps {
				if strings.HasPrefix(step, "SCAN i") && !strings.Contains(step, "INDEX") {
					t.Errorf("%s, %s: reads the whole table: %s", s.name, order, all)
				}
				if strings.Contains(step, "TEMP B-TREE") && (order == incident.Newest || order == incident.Oldest) {
					t.Errorf("%s, %s: sorts: %s", s.name, order, all)
				}
			}
		}
	}
}

// Public cases are read along an index in the order of the answer, whatever is asked.
func TestPublicCasesAreAnsweredByIndexes(t *testing.T) {
	t.Parallel()
	db := openSQLite(t)
	fill(t, db, newMaker(4), 3000, 1000)
	since := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		q     publicface.Query
		sorts bool // the few that are found
	}{
		"the newest": {publicface.Query{}, false}, "a window": {publicface.Query{Since: since, Until: since.AddDate(0, 3, 0)}, false}, "open": {publicface.Query{State: "open"}, false}, "closed": {publicface.Query{State: "closed", Since: since}, false},
		"a topic": {publicface.Query{Topics: []topic.Code{"roads.potholes"}}, false}, "changed": {publicface.Query{ChangedSince: since}, false}, "by number": {publicface.Query{Numbers: []string{"12345678", "87654321"}}, true},
	} {
		steps, err := db.ExplainPublic(context.Background(), scope.OfRegion(region), publicface.New(nil), c.q)
		if err != nil {
			t.Fatal(err)
		}
		all := strings.Join(steps, "; ")
		if !strings.Contains(all, "INDEX") || strings.Contains(all, "TEMP B-TREE") && !c.sorts || strings.HasPrefix(steps[0], "SCAN i") && !strings.Contains(steps[0], "INDEX") {
			t.Errorf("%s: %s", name, all)
		}
	}
}

func TestOpenRefusesWhatWouldNotBeDurable(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	refuse := func(url, says string) {
		t.Helper()
		db, err := store.Open(ctx, url)
		if err == nil {
			db.Close()
		}
		if !fault.Is(err, fault.Unavailable) || !strings.Contains(fmt.Sprint(err), says) {
			t.Errorf("Open = %v, want a refusal that names %s", err, says)
		}
	}
	refuse("sqlite::memory:", "journal_mode")
	for _, setting := range []string{"synchronous(NORMAL)", "synchronous(OFF)", "secure_delete(OFF)", "foreign_keys(OFF)"} {
		name, _, _ := strings.Cut(setting, "(")
		if err := store.CheckSettings(filepath.Join(t.TempDir(), "weak.db"), setting); !fault.Is(err, fault.Unavailable) || !strings.Contains(fmt.Sprint(err), name+" is") || fault.Hint(err) == "" {
			t.Errorf("%s: %v, want a refusal that names it and the remedy", setting, err)
		}
	}
	path := filepath.Join(t.TempDir(), "newer.db")
	db, err := store.Open(ctx, path)
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Exec(ctx, "INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, 1)"); err != nil {
		t.Fatal(err)
	}
	db.Close()
	refuse(path, "version")
	if err := os.WriteFile(path, bytes.Repeat([]byte("no database "), 1000), 0o600); err != nil {
		t.Fatal(err)
	}
	os.Remove(path + "-wal")
	refuse(path, "not a database")
	if cluster != nil {
		refuse(cluster.Database(t)+"&options=-c%20synchronous_commit%3Doff", "synchronous_commit")
	}
}

// Words that are replaced leave no trace in the file: neither in a free page nor
// in the full-text index.
func TestReplacedWordsLeaveTheFile(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "erased.db")
	const secret = "щъыцфюжэ"
	with := func(fn func(incident.Tx) error) []byte {
		t.Helper()
		db, err := store.Open(ctx, path)
		if err != nil {
			t.Fatal(err)
		}
		if err := db.Change(ctx, incident.Machine, fn); err != nil {
			t.Fatal(err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		file, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return file
	}
	m := newMaker(5)
	var id message.ID
	file := with(func(tx incident.Tx) error {
		for range 200 {
			if err := m.take(ctx, tx, true); err != nil {
				return err
			}
		}
		id = 100
		return tx.Messages().Read(ctx, id, &message.Reading{Index: secret + " слово1"})
	})
	if !bytes.Contains(file, []byte(secret)) {
		t.Fatal("the word is not found in the file while it is kept: the test proves nothing")
	}
	file = with(func(tx incident.Tx) error { return tx.Messages().Read(ctx, id, &message.Reading{Index: "слово2"}) })
	if bytes.Contains(file, []byte(secret[2:])) { // the first letter may be shared with a neighbour in the index
		t.Error("the replaced word still stands in the file")
	}
}

// Erased words leave the file and its log at once, while the store is open.
func TestErasedWordsLeaveTheFileAndItsLog(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "erased.db")
	db, err := store.Open(ctx, path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	const secret = "щъыцфюжэ"
	m := &message.Message{Source: "vk:-1", Native: "1", Event: message.Written, Revision: message.HashOf("a"), Text: "слово " + secret, AuthorName: secret, Contact: secret}
	change := func(fn func(incident.Tx) error) {
		t.Helper()
		if err := db.Change(ctx, incident.People, fn); err != nil {
			t.Fatal(err)
		}
	}
	holds := func() (n int) {
		for _, name := range []string{path, path + "-wal"} {
			b, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			n += bytes.Count(b, []byte(secret[2:]))
		}
		return n
	}
	change(func(tx incident.Tx) error {
		_, err := tx.Messages().Keep(ctx, m, &message.Reading{Index: "слово " + secret, Places: []message.PlaceFound{{Name: secret}}})
		if err != nil {
			return err
		}
		i := &incident.Incident{State: "new", First: m.ID}
		if err := tx.Incidents().Open(ctx, i); err != nil {
			return err
		}
		return tx.Incidents().Attach(ctx, i.ID, m.ID)
	})
	if holds() == 0 {
		t.Fatal("the word is not found while it is kept: the test proves nothing")
	}
	change(func(tx incident.Tx) error {
		return tx.Messages().Erase(ctx, message.Erasure{Source: "vk:-1", Native: "1", At: time.Now()})
	})
	if err := db.Sweep(ctx); err != nil {
		t.Fatal(err)
	}
	if n := holds(); n != 0 {
		t.Errorf("the erased word stands %d times on the disk", n)
	}
}

// While one change runs, others wait: people go first, and all of them share a
// transaction.
func TestPeopleGoBeforeMachines(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		db, err := store.Open(ctx, filepath.Join(dir, "lanes.db"))
		if err != nil {
			t.Fatal(err)
		}
		before := db.Commits()
		release := make(chan struct{})
		done := make(chan error)
		var order []incident.Lane
		start := func(lane incident.Lane, wait chan struct{}) {
			go func() {
				done <- db.Change(ctx, lane, func(incident.Tx) error {
					if wait != nil {
						<-wait
					}
					order = append(order, lane)
					return nil
				})
			}()
			synctest.Wait()
		}
		start(incident.Machine, release)
		for range 5 {
			start(incident.Machine, nil)
		}
		for range 3 {
			start(incident.People, nil)
		}
		close(release)
		for range 9 {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
		want := []incident.Lane{incident.Machine, incident.People, incident.People, incident.People,
			incident.Machine, incident.Machine, incident.Machine, incident.Machine, incident.Machine}
		if diff := cmp.Diff(want, order); diff != "" {
			t.Errorf("the order of changes differs (-want +got):\n%s", diff)
		}
		if n := db.Commits() - before; n != 2 {
			t.Errorf("nine changes took %d transactions, want 2: the one under way with the people, the machines", n)
		}
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
}
