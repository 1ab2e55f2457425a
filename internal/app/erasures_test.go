package app

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"otklik/internal/account"
	"otklik/internal/config"
	"otklik/internal/fault"
	"otklik/internal/message"
	"otklik/internal/scope"
)

// An old backup is put in the place of the database: what was erased after it is
// erased again before anything else, and what had not come yet never comes.
func TestARestoredBackupIsErasedAgain(t *testing.T) {
	t.Parallel()
	ctx, dir := context.Background(), t.TempDir()
	start := func() *App {
		t.Helper()
		a, err := Open(ctx, Options{Dir: dir, Config: config.Config{Region: "95000000", Store: "otklik.db"}, Log: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	letter := func(native, text string) message.Message {
		return message.Message{Source: "file:letters", Channel: message.File, Form: message.Record, Native: native, Event: message.Written, Revision: message.HashOf(text), Text: text, Addressed: true}
	}
	take := func(a *App, m message.Message) (kept int64) {
		t.Helper()
		sum, err := a.Intake.Take(ctx, []message.Message{m}, nil)
		if err != nil {
			t.Fatal(err)
		}
		return sum.Kept
	}
	first, second := letter("1", "На улице Ленина в Абазе яма, засыпьте её наконец"), letter("2", "В Абазе второй день нет воды, отключили всю улицу")
	a := start()
	if take(a, first) != 1 {
		t.Fatal("the message is not kept: the test proves nothing")
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	db := filepath.Join(dir, "otklik.db")
	backup, err := os.ReadFile(db)
	if err != nil {
		t.Fatal(err)
	}
	a = start()
	take(a, second)
	if err := a.Forget(ctx, account.System(), "file:letters", "1", "2", "3"); err != nil {
		t.Fatal(err)
	}
	if err := a.Forget(ctx, account.System(), "", "nonsense"); !fault.Is(err, fault.Invalid) {
		t.Errorf("an id that is none: %v", err)
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	ledger := filepath.Join(dir, ledgerName)
	filed, err := os.ReadFile(ledger)
	if err != nil || strings.Count(string(filed), "\n") != 3 || strings.Contains(string(filed), "Ленина") {
		t.Fatalf("the ledger is %q, %v", filed, err)
	}

	if err := os.WriteFile(db, backup, 0o600); err != nil { // restored
		t.Fatal(err)
	}
	a = start()
	m, err := a.DB.Reader().Messages().ByNative(ctx, "file:letters", "1")
	if err != nil || m.Text != "" || m.ErasedAt.IsZero() {
		t.Errorf("the restored message says %q, %v", m.Text, err)
	}
	if take(a, second) != 0 || take(a, letter("3", "Ещё одна яма в Абазе, у школы")) != 0 {
		t.Error("an erased message is taken in again")
	}
	a.Close()
	if b, _ := os.ReadFile(db); strings.Contains(string(b), "засыпьте") {
		t.Error("the word stands in the restored file")
	}

	// The file is lost: the database writes it again. A line that a crash cut is
	// passed over; other damage stops the start.
	if err := os.WriteFile(ledger, []byte(`{"source":"file:letters","nat`), 0o600); err != nil {
		t.Fatal(err)
	}
	a = start()
	list, err := a.DB.Reader().Messages().Erasures(ctx, scope.All())
	a.Close()
	lines, torn, lerr := readLedger(ledger)
	if err != nil || lerr != nil || torn || len(list) != 3 || len(lines) != 3 {
		t.Errorf("%d lines in the database, %d in the file, %v, %v", len(list), len(lines), err, lerr)
	}
	if err := os.WriteFile(ledger, []byte("{\"source\":\"a\",\"native\":\"b\"}\nrubbish\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(ctx, Options{Dir: dir, Config: config.Config{Region: "95000000", Store: "otklik.db"}, Log: slog.New(slog.DiscardHandler)}); !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), ":2:") || fault.Hint(err) == "" {
		t.Errorf("a damaged ledger: %v", err)
	}
}
