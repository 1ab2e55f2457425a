package bench

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"otklik/internal/bench/rig"
)

// A witness starts and ends the service, moves due times while it stands still, and sees
// in the tables when escalations come.
type witness struct {
	centre  *rig.Centre
	db      *sql.DB // reads beside the service
	service *rig.Service
	browser *rig.Browser

	asking bool          // ask for the control board while it waits
	pages  result        // of the control board, of the last time
	used   time.Duration // processor time of the service from the due time to the last escalation
	from   int64         // the last entry before the last due time
}

func newWitness(ctx context.Context, c *rig.Centre) (*witness, error) {
	db, err := c.Tables()
	return &witness{centre: c, db: db}, err
}

func (w *witness) close() {
	w.db.Close()
	if w.service != nil {
		w.service.Kill()
	}
}

// due makes the incidents from first to last due in one moment, with the service started
// before it, and returns how long after it the last of their escalations could be read.
func (w *witness) due(ctx context.Context, ahead time.Duration, first, last int64) (time.Duration, error) {
	at, err := w.begin(ctx, ahead, first, last)
	for k := 0; err == nil && time.Until(at) < 0; k++ { // the service came too late: this machine is busy
		if ahead *= 2; k == 4 {
			return 0, fmt.Errorf("the service needs more than %v to come up", ahead/2)
		}
		at, err = w.begin(ctx, ahead, first, last)
	}
	if err != nil {
		return 0, err
	}
	select {
	case <-ctx.Done():
		return 0, ctx.Err()
	case <-time.After(time.Until(at)):
	}
	return w.listen(ctx, at, int(last-first+1))
}

// begin moves the due times and starts the service.
func (w *witness) begin(ctx context.Context, ahead time.Duration, first, last int64) (at time.Time, err error) {
	if w.service != nil {
		w.service.Kill()
		w.service = nil
	}
	at = time.Now().Add(ahead).Truncate(time.Millisecond)
	if err := w.move(ctx, first, last, at); err != nil {
		return at, err
	}
	if err := w.db.QueryRowContext(ctx, `SELECT coalesce(max(id), 0) FROM entry`).Scan(&w.from); err != nil {
		return at, err
	}
	if w.service, err = w.centre.Serve(ctx); err != nil {
		return at, err
	}
	w.browser, err = rig.SignIn(ctx, w.service.URL, "curator", rig.Person)
	return at, err
}

// listen waits for n escalations, and asks for control boards meanwhile when it should.
func (w *witness) listen(ctx context.Context, at time.Time, n int) (time.Duration, error) {
	w.pages = result{}
	used := cpuTime(w.service.Cmd.Process.Pid)
	running, stop := context.WithCancel(ctx)
	var asking sync.WaitGroup
	if w.asking {
		asking.Go(func() {
			for running.Err() == nil {
				if err := w.board(ctx); err != nil {
					w.pages.failed++
				}
			}
		})
	}
	err := w.until(ctx, n)
	took := time.Since(at)
	w.used = cpuTime(w.service.Cmd.Process.Pid) - used
	stop()
	asking.Wait()
	slices.Sort(w.pages.times)
	return took, err
}

// move changes due times in the tables. Nothing may run on the store.
func (w *witness) move(ctx context.Context, first, last int64, at time.Time) error {
	db, err := w.centre.Hands()
	if err != nil {
		return err
	}
	defer db.Close()
	_, err = db.ExecContext(ctx, `UPDATE incident SET opened_at = $1, due_key = $2, alarm_at = $2, due_state = 'running' WHERE id BETWEEN $3 AND $4`,
		at.Add(-24*time.Hour).UnixMicro(), at.UnixMicro(), first, last)
	return err
}

// until waits until as many escalations can be read, two minutes at most.
func (w *witness) until(ctx context.Context, n int) error {
	limit, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	seen, after := 0, w.from
	for seen < n {
		var more int
		var last sql.NullInt64
		err := w.db.QueryRowContext(limit, `SELECT count(*), max(id) FROM entry WHERE id > $1 AND action = 'escalate'`, after).Scan(&more, &last)
		if err != nil {
			return fmt.Errorf("%d of %d escalations came: %w\n%s", seen, n, err, w.service.Log())
		}
		if seen += more; more > 0 {
			after = last.Int64
		}
		select {
		case <-limit.Done():
			return fmt.Errorf("%d of %d escalations came in two minutes\n%s", seen, n, w.service.Log())
		case <-time.After(10 * time.Millisecond):
		}
	}
	return nil
}

// counted waits until all clocks were counted by the rules in force, and returns how long
// it had to.
func (w *witness) counted(ctx context.Context) (time.Duration, error) {
	from := time.Now()
	for {
		var value []byte
		var count struct{ Done bool }
		err := w.db.QueryRowContext(ctx, `SELECT value FROM setting WHERE key = 'regimes:counting'`).Scan(&value)
		if err == nil {
			err = json.Unmarshal(value, &count)
		} else if errors.Is(err, sql.ErrNoRows) { // it has not begun
			err = nil
		}
		if err != nil || count.Done {
			return time.Since(from), err
		}
		select {
		case <-ctx.Done():
			return 0, ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// disorder counts escalations that were told after one that is less bad.
func (w *witness) disorder(ctx context.Context, n int) (wrong int, err error) {
	rows, err := w.db.QueryContext(ctx, `SELECT i.calm FROM entry e JOIN incident i ON i.id = e.incident WHERE e.id > $1 AND e.action = 'escalate' ORDER BY e.id`, w.from)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	worst, seen := 0, 0
	for rows.Next() {
		var calm int
		if err := rows.Scan(&calm); err != nil {
			return 0, err
		}
		if seen++; calm < worst {
			wrong++
		}
		worst = max(worst, calm)
	}
	if seen != n {
		return wrong, fmt.Errorf("%d escalations of %d incidents", seen, n)
	}
	return wrong, rows.Err()
}

func (w *witness) board(ctx context.Context) error {
	from := time.Now()
	status, page, err := w.browser.Get(ctx, "/desk/control")
	if err == nil && status != http.StatusOK {
		err = fmt.Errorf("the control board: %d\n%.500s", status, page)
	}
	if err == nil {
		w.pages.times = append(w.pages.times, time.Since(from))
		w.pages.bytes += int64(len(page))
	}
	return err
}

func (w *witness) boards(ctx context.Context, n int) error {
	w.pages = result{}
	for k := range n + 3 {
		if k == 3 { // the first ones fill the operating system's cache
			w.pages = result{}
		}
		if err := w.board(ctx); err != nil {
			return err
		}
	}
	slices.Sort(w.pages.times)
	return nil
}

// queue returns how many milliseconds the first page of the queue takes, as a baseline.
func (w *witness) queue(ctx context.Context) float64 {
	var times []time.Duration
	for range 15 {
		from := time.Now()
		if _, _, err := w.browser.Get(ctx, "/desk?all=1"); err == nil {
			times = append(times, time.Since(from))
		}
	}
	slices.Sort(times)
	return float64(times[len(times)/2].Microseconds()) / 1000
}

// bare adds rows to a table of its own in the same kind of database, a thousand in a
// transaction, and returns how many it adds in a second.
func (w *witness) bare(ctx context.Context, rows int) (float64, error) {
	key := "BIGINT GENERATED ALWAYS AS IDENTITY"
	db, err := w.centre.Hands()
	if !w.centre.Postgres() {
		key = "INTEGER"
		db, err = sql.Open("sqlite", "file:"+filepath.Join(w.centre.Dir, "bare.db")+"?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)")
	}
	if err != nil {
		return 0, err
	}
	defer db.Close()
	return bareRows(ctx, db, key, rows, 1000)
}
