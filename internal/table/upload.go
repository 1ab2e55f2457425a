package table

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"otklik/internal/account"
	"otklik/internal/fault"
	"otklik/internal/ingest"
	"otklik/internal/mapping"
	"otklik/internal/order"
	"otklik/internal/source"
	"otklik/internal/source/file"
)

// What an upload may be, and how long it waits: it holds residents' words, and is no archive.
const (
	Largest      = 64 << 20
	mostWaiting  = 10
	patience     = 2 * time.Hour
	mostRejected = 20_000 // that are kept for the list; all are counted
)

// A State says how far an uploaded table is.
type State string

// States.
const (
	Waiting State = "waiting" // to be looked at and run
	Running State = "running"
	Done    State = "done"
	Failed  State = "failed" // it was not read to its end; what was taken before stays
)

// An Upload is a table that somebody brought, and its run. It lives in memory, its bytes in a
// file that goes with it: after a restart it is brought anew, and nothing is taken twice.
type Upload struct {
	ID        string
	Name      string
	Owner     account.ID
	At        time.Time
	Sheets    []string // of a workbook
	State     State
	Mapping   *mapping.Mapping // that it was run with
	Territory string
	Summary   ingest.Summary
	Lost      map[source.Loss]int
	Rejected  []ingest.Rejection
	Error     string // for people

	path string
	csv  bool
	stop context.CancelFunc
}

// runs are the uploads of this process.
type runs struct {
	mu    sync.Mutex
	all   map[string]*Upload
	under sync.WaitGroup
}

// Close ends the runs and removes the uploads.
func (t *Tables) Close() error {
	t.runs.mu.Lock()
	for _, u := range t.runs.all {
		if u.stop != nil {
			u.stop()
		}
	}
	t.runs.mu.Unlock()
	t.runs.under.Wait()
	for _, u := range t.runs.all {
		_ = os.Remove(u.path)
	}
	return nil
}

// clean removes what a process left that did not end as it should.
func (t *Tables) clean(before time.Time) {
	entries, _ := os.ReadDir(t.Dir)
	for _, e := range entries {
		if st, err := e.Info(); err == nil && st.ModTime().Before(before) {
			_ = os.Remove(filepath.Join(t.Dir, e.Name()))
		}
	}
}

// Receive keeps a table that somebody brought.
func (t *Tables) Receive(who account.Actor, name string, r io.Reader) (u Upload, err error) {
	defer fault.Wrap(&err, "table.Receive")
	if err := t.may(who); err != nil {
		return u, err
	}
	t.clean(time.Now().Add(-2 * patience))
	t.runs.mu.Lock()
	t.forget(t.Now().Add(-patience))
	waiting := len(t.runs.all)
	t.runs.mu.Unlock()
	if waiting >= mostWaiting {
		return u, fault.New(fault.Unavailable, "%d tables wait", waiting).Say("Уже загружено 10 таблиц: запустите или удалите их, затем загрузите новую.")
	}
	if err := os.MkdirAll(t.Dir, 0o700); err != nil {
		return u, err
	}
	u = Upload{ID: strings.ToLower(rand.Text()), Name: filepath.Base(strings.ReplaceAll(name, "\\", "/")), Owner: who.ID, At: t.Now().UTC(), State: Waiting}
	u.path = filepath.Join(t.Dir, u.ID)
	if err := t.fill(&u, r); err != nil {
		return u, errors.Join(err, os.Remove(u.path))
	}
	t.runs.mu.Lock()
	defer t.runs.mu.Unlock()
	if t.runs.all == nil {
		t.runs.all = map[string]*Upload{}
	}
	kept := u
	t.runs.all[u.ID] = &kept
	return u, nil
}

// Put keeps a table under an id of the caller's, as it stands in like (nil: it waits): for the
// demo and for tests of pages.
func (t *Tables) Put(who account.Actor, id, name string, r io.Reader, like *Upload) error {
	u, err := t.Receive(who, name, r)
	if err != nil {
		return err
	}
	t.runs.mu.Lock()
	defer t.runs.mu.Unlock()
	kept := t.runs.all[u.ID]
	delete(t.runs.all, u.ID)
	if like != nil {
		kept.State, kept.Summary, kept.Lost, kept.Rejected, kept.Error = like.State, like.Summary, like.Lost, like.Rejected, like.Error
	}
	kept.ID = id
	t.runs.all[id] = kept
	return nil
}

// fill writes the bytes and looks what they are.
func (t *Tables) fill(u *Upload, r io.Reader) error {
	f, err := os.OpenFile(u.path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer f.Close()
	n, err := io.Copy(f, io.LimitReader(r, Largest+1))
	switch {
	case err != nil:
		return err
	case n == 0:
		return fault.New(fault.Invalid, "an empty table").At("file").Say("Выберите файл таблицы: этот пуст.")
	case n > Largest:
		return fault.New(fault.Invalid, "a table over %d MB", Largest>>20).At("file").Say("Таблица больше 64 МБ: разделите её или загрузите командой otklik import.")
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return err
	}
	u.Sheets, err = file.Sheets(f)
	u.csv = len(u.Sheets) == 0
	return err
}

// forget removes what nobody came back for; the lock is held.
func (t *Tables) forget(before time.Time) {
	maps.DeleteFunc(t.runs.all, func(_ string, u *Upload) bool {
		old := u.State != Running && u.At.Before(before)
		if old {
			_ = os.Remove(u.path)
		}
		return old
	})
}

// Upload returns an upload as it stands, to those who may take tables in.
func (t *Tables) Upload(who account.Actor, id string) (Upload, error) {
	if err := t.may(who); err != nil {
		return Upload{}, err
	}
	t.runs.mu.Lock()
	defer t.runs.mu.Unlock()
	u := t.runs.all[id]
	if u == nil {
		return Upload{}, fault.New(fault.NotFound, "no upload %q", id).Say("Этой загрузки больше нет: таблицы ждут два часа и не переживают перезапуск. Загрузите её снова: дважды ничего не возьмётся.")
	}
	c := *u
	c.Lost, c.Rejected = maps.Clone(u.Lost), slices.Clone(u.Rejected)
	return c, nil
}

// Uploads returns what waits, runs or has ended, the newest first.
func (t *Tables) Uploads(who account.Actor) (out []Upload, err error) {
	if err := t.may(who); err != nil {
		return nil, err
	}
	t.runs.mu.Lock()
	defer t.runs.mu.Unlock()
	t.forget(t.Now().Add(-patience))
	for _, u := range t.runs.all {
		c := *u
		c.Rejected = nil
		c.Lost = maps.Clone(u.Lost)
		out = append(out, c)
	}
	order.By(out, func(a, b Upload) int { return b.At.Compare(a.At) })
	return out, nil
}

// Drop removes an upload; one that runs is stopped first, what it took stays.
func (t *Tables) Drop(who account.Actor, id string) error {
	u, err := t.Upload(who, id)
	if err != nil {
		return err
	}
	t.runs.mu.Lock()
	defer t.runs.mu.Unlock()
	if u.stop != nil {
		u.stop()
	}
	delete(t.runs.all, id)
	if err := os.Remove(u.path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

// open opens an upload's bytes.
func (u *Upload) open() (*os.File, error) { return os.Open(u.path) }

// Look proposes what the columns of an uploaded table mean, or judges a mapping of it, and
// shows ten rows. m may be nil. A table that export wrote has no mapping (Mapping.Columns is
// empty) and needs none.
func (t *Tables) Look(ctx context.Context, who account.Actor, id string, m *mapping.Mapping, sheet, territory string) (p mapping.Proposal, seen []Seen, err error) {
	u, err := t.Upload(who, id)
	if err != nil {
		return p, nil, err
	}
	if territory, err = t.oktmo(territory); err != nil {
		return p, nil, err
	}
	f, err := u.open()
	if err != nil {
		return p, nil, err
	}
	defer f.Close()
	if m != nil {
		sheet = m.Sheet
	}
	rows, err := Sample(u.Name, f, sheet)
	if err != nil {
		return p, nil, err
	}
	own := false
	if len(rows) > 0 {
		_, own = file.Named(rows[0].Cells)
	}
	switch {
	case m != nil:
		p, err = t.Judged(ctx, *m, rows)
	case own:
		p.Sure = true
	default:
		p, err = t.Propose(ctx, rows)
		p.Mapping.Sheet = sheet
	}
	if err != nil || !own && p.Mapping.Columns[mapping.Text] == "" {
		return p, nil, err
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return p, nil, err
	}
	seen, err = t.Preview(ctx, t.take(&u, mappingOf(&p), territory, f), 10)
	return p, seen, err
}

// mappingOf returns the mapping of a proposal, nil for a table that export wrote.
func mappingOf(p *mapping.Proposal) *mapping.Mapping {
	if len(p.Mapping.Columns) == 0 {
		return nil
	}
	return &p.Mapping
}

func (t *Tables) take(u *Upload, m *mapping.Mapping, territory string, r io.Reader) Take {
	k := Take{Name: u.Name, Mapping: m, Territory: territory, Content: r}
	if m == nil && u.csv {
		k.Format = "csv"
	}
	return k
}

// A Run says how an uploaded table is taken in.
type Run struct {
	Mapping   *mapping.Mapping // nil for a table that export wrote
	Territory string           // a name or an OKTMO code; may be empty
	Source    string           // as of Take
}

// Start runs an uploaded table. It returns at once.
func (t *Tables) Start(ctx context.Context, who account.Actor, id string, r Run) error {
	m := r.Mapping
	territory, err := t.oktmo(r.Territory)
	if err != nil {
		return err
	}
	u, err := t.Upload(who, id)
	if err != nil {
		return err
	}
	taken := fault.New(fault.Conflict, "upload %s is not waiting", id).Say("Эта таблица уже загружается или загружена.")
	if u.State != Waiting {
		return taken // its bytes are gone
	}
	if m != nil {
		if err := m.Validate(); err != nil {
			return err
		}
	}
	f, err := u.open()
	if err != nil {
		return err
	}
	t.runs.mu.Lock()
	defer t.runs.mu.Unlock()
	kept := t.runs.all[id]
	if kept == nil || kept.State != Waiting {
		_ = f.Close()
		return taken
	}
	ctx, kept.stop = context.WithCancel(context.WithoutCancel(ctx))
	kept.State, kept.Mapping, kept.Territory, kept.Lost = Running, m, territory, map[source.Loss]int{}
	k := t.take(&u, m, territory, f)
	k.Source = r.Source
	update := func(change func()) { t.runs.mu.Lock(); change(); t.runs.mu.Unlock() }
	k.Progress = func(s ingest.Summary) { s.Reasons = maps.Clone(s.Reasons); update(func() { kept.Summary = s }) }
	k.Lost = func(what source.Loss, _ int) { update(func() { kept.Lost[what]++ }) }
	k.Rejected = func(r ingest.Rejection) {
		update(func() {
			if len(kept.Rejected) < mostRejected {
				kept.Rejected = append(kept.Rejected, r)
			}
		})
	}
	t.runs.under.Go(func() {
		sum, err := t.Run(ctx, k)
		_ = f.Close()
		_ = os.Remove(u.path) // residents' words are in the store now
		update(func() {
			kept.Summary, kept.State = sum, Done
			if err != nil {
				kept.State, kept.Error = Failed, fault.Sentence(err)
			}
			if err != nil && kept.Error == "" {
				kept.Error = "Загрузка остановилась. Взятое сохранено: загрузите таблицу снова, дважды ничего не возьмётся."
			}
		})
		if err != nil && ctx.Err() == nil {
			t.Log.Warn("a table was not taken in to its end", "upload", id, "error", err)
		}
	})
	return nil
}

// oktmo returns the code of a territory by its name or code, "" for none.
func (t *Tables) oktmo(name string) (string, error) {
	if name == "" {
		return "", nil
	}
	return t.Territory(name)
}
