package store_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/store"
)

func TestPostgreSQLPreparesAStatementOnce(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	conn, err := openPostgres(t).Pool().Conn(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	const question, change = "SELECT CAST($1 AS bigint)", "UPDATE meters SET read = $1"
	if _, err := conn.ExecContext(ctx, "CREATE TEMPORARY TABLE meters (read bigint); INSERT INTO meters VALUES (1)"); err != nil {
		t.Fatalf("several statements at once: %v", err)
	}
	for n := range int64(3) {
		var got int64
		if err := conn.QueryRowContext(ctx, question, n).Scan(&got); err != nil || got != n {
			t.Fatalf("%s of %d = %d, %v", question, n, got, err)
		}
		if _, err := conn.ExecContext(ctx, change, n); err != nil {
			t.Fatal(err)
		}
	}
	for _, q := range []string{question, change} {
		var n, calls int64
		if err := conn.QueryRowContext(ctx, "SELECT count(*), sum(generic_plans + custom_plans) FROM pg_prepared_statements WHERE statement = $1", q).Scan(&n, &calls); err != nil {
			t.Fatal(err)
		}
		if n != 1 || calls != 3 {
			t.Errorf("%s was prepared %d times and run %d times, want once and three times", q, n, calls)
		}
	}
}

// Another process changes a table under a statement that is prepared: the one
// transaction fails, the next ones do not.
func TestPostgreSQLForgetsAStatementThatIsOutdated(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	conn, err := openPostgres(t).Pool().Conn(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	const question = "SELECT * FROM meters WHERE read = $1"
	ask := func() error {
		rows, err := conn.QueryContext(ctx, question, 1)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
		}
		return rows.Err()
	}
	for _, setUp := range []string{"CREATE TEMPORARY TABLE meters (read bigint)", "ALTER TABLE meters ADD COLUMN house bigint"} {
		if _, err := conn.ExecContext(ctx, setUp); err != nil {
			t.Fatal(err)
		}
		_ = ask() // the one after ALTER may fail
		if err := ask(); err != nil {
			t.Errorf("after %s: %v", setUp, err)
		}
	}
	if _, err := conn.ExecContext(ctx, "DEALLOCATE ALL"); err != nil {
		t.Fatal(err)
	}
	_ = ask()
	if err := ask(); err != nil {
		t.Errorf("after DEALLOCATE: %v", err)
	}
}

func TestPostgreSQLStopsForOneWhoHasGone(t *testing.T) {
	t.Parallel()
	db := openPostgres(t)
	ctx, stop := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer stop()
	from := time.Now()
	if _, err := db.Pool().ExecContext(ctx, "SELECT pg_sleep($1)", 20.0); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a statement without a caller = %v, want %v", err, context.DeadlineExceeded)
	}
	if _, err := db.Pool().QueryContext(ctx, "SELECT 1 WHERE 1 = $1", 1); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a question without a caller = %v, want %v", err, context.DeadlineExceeded)
	}
	if took := time.Since(from); took > 10*time.Second {
		t.Errorf("it took %v: the statement was not stopped", took)
	}
	var one int
	if err := db.Pool().QueryRowContext(t.Context(), "SELECT CAST($1 AS int)", 1).Scan(&one); err != nil || one != 1 {
		t.Errorf("the next question = %d, %v", one, err)
	}
}

// The session ends in the middle of a transaction, as when the server restarts:
// nothing of it is stored, it is told as what will pass, and it is not run again by itself.
func TestPostgreSQLEndsASession(t *testing.T) {
	t.Parallel()
	db, ctx := openPostgres(t), t.Context()
	runs := 0
	save := func(end bool) error {
		return db.Change(ctx, incident.People, func(tx incident.Tx) error {
			runs++
			if err := store.SettingsOf(tx).Save(ctx, "95000000", "lamp", []byte("on")); err != nil {
				return err
			}
			if end {
				if _, err := db.Pool().ExecContext(ctx, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
					WHERE datname = current_database() AND state = 'idle in transaction' AND pid <> pg_backend_pid()`); err != nil {
					return err
				}
			}
			return store.SettingsOf(tx).Save(ctx, "95000000", "lamp", []byte("off"))
		})
	}
	if err := save(true); !fault.Is(err, fault.Unavailable) || runs != 1 {
		t.Errorf("a transaction whose session ended = %v after %d runs, want Unavailable after one", err, runs)
	}
	if v, err := db.Setting(ctx, "95000000", "lamp"); err == nil {
		t.Errorf("the setting is %q, want none", v)
	}
	if err := save(false); err != nil {
		t.Errorf("the next transaction = %v", err)
	}
	if v, err := db.Setting(ctx, "95000000", "lamp"); err != nil || string(v) != "off" {
		t.Errorf("the setting = %q, %v, want off", v, err)
	}
}

func TestPostgreSQLThatCannotBeOpened(t *testing.T) {
	t.Parallel()
	refuse := func(url string, kind fault.Kind) {
		t.Helper()
		db, err := store.Open(t.Context(), url)
		if err == nil {
			db.Close()
		}
		if !fault.Is(err, kind) || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("Open(%s) = %v, want %v without the password", url, err, kind)
		}
	}
	refuse("postgres://clerk:s3cret@127.0.0.1:1/otklik", fault.Unavailable) // nobody listens on port 1
	refuse("postgres://clerk:s3cret@127.0.0.1:port/otklik", fault.Invalid)
	refuse("postgres://clerk:s3cret@127.0.0.1/otklik?sslmode=perhaps", fault.Invalid)
	if cluster == nil {
		t.Skip(noCluster)
	}
	refuse(strings.Replace(cluster.Database(t), "/otklik_test_", "/no_such_", 1), fault.Unavailable)
}
