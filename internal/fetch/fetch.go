// Package fetch brings the pictures that messages only name: from the networks that are
// watched, and from the folder of an export. A file that cannot be had is no error of
// its message; its row says why.
//
// An address in a message is a stranger's: each source has hosts of its own, and
// nothing else is asked, whatever a redirect or the name's resolution says (see guard).
package fetch

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"otklik/internal/attachment"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/scope"
	"otklik/internal/source"
)

// A Store keeps attachments.
type Store interface {
	Change(ctx context.Context, lane incident.Lane, fn func(incident.Tx) error) error
	Reader() incident.Tx
}

// A Vault keeps bytes. vault.Vault is one.
type Vault interface {
	Keep(ctx context.Context, r io.Reader, then func(attachment.File) error) error
}

// Options connect a fetcher. All fields but Gap and Plain are required.
type Options struct {
	Store Store
	Vault Vault
	Hosts func() map[string][]string // source → the hosts that keep its files, subdomains included
	// Ask returns where the bytes of a name are now (attachment.ByName); the address holds a
	// secret and is neither stored nor logged. Its errors are source.Errors. Nil: no source
	// has such names.
	Ask func(ctx context.Context, source, name string) (address string, err error)
	// Open returns the bytes of a name that no address has: what came with a letter. A nil
	// reader: the source's files have addresses. Its errors are those of Ask.
	Open  func(ctx context.Context, source, name string) (io.ReadCloser, error)
	Now   func() time.Time
	Log   *slog.Logger
	Gap   time.Duration // between two requests; 0 = none
	Plain bool          // HTTP and this machine are asked, too: the fake networks of the demo
}

// Bounds of one try and of all of them.
const (
	tryTime  = 30 * time.Second
	most     = 20 << 20 // bytes; what the vault takes
	restTime = 20 * time.Second
	batch    = 20
)

// waits are between tries; after the last one it is given up.
var waits = []time.Duration{time.Minute, 10 * time.Minute, time.Hour, 8 * time.Hour, 36 * time.Hour}

// A Fetcher fetches.
type Fetcher struct {
	Options
	client *http.Client
}

// New returns a fetcher.
func New(o Options) *Fetcher { return &Fetcher{o, client(o.Plain)} }

// Run fetches until ctx ends.
func (f *Fetcher) Run(ctx context.Context) error {
	for {
		n, err := f.Step(ctx)
		if err != nil && ctx.Err() == nil {
			f.Log.Warn("attachments cannot be fetched", "error", err)
		}
		wait := restTime
		if n == batch && err == nil {
			wait = 0
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(wait):
		}
	}
}

// Step tries what is due, at most a batch of it, and returns how many it tried.
func (f *Fetcher) Step(ctx context.Context) (n int, err error) {
	sources := slices.Sorted(maps.Keys(f.Hosts()))
	if len(sources) == 0 {
		return 0, nil
	}
	due, err := f.Store.Reader().Attachments().Wanted(ctx, sources, f.Now(), batch)
	if err != nil {
		return 0, err
	}
	for k := range due {
		if k > 0 && f.Gap > 0 {
			select {
			case <-ctx.Done():
				return n, ctx.Err()
			case <-time.After(f.Gap):
			}
		}
		if err := f.try(ctx, &due[k]); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

// errLost says why a file will never be had; errLater that it may be tried again.
type errLost string

func (e errLost) Error() string { return "lost: " + string(e) }

type errLater struct{ after time.Duration }

func (errLater) Error() string { return "later" }

// try fetches one attachment and notes what became of it. An error is the store's or
// the caller's.
func (f *Fetcher) try(ctx context.Context, a *attachment.Attachment) error {
	err := f.bring(ctx, a)
	if err == nil || ctx.Err() != nil || fault.Is(err, fault.Unavailable) { // a full disk is not the file's fault
		return err
	}
	return f.note(ctx, a.ID, func(now *attachment.Attachment) {
		var lost errLost
		var later errLater
		switch {
		case errors.As(err, &lost):
			now.State, now.Why = attachment.Lost, string(lost)
		case fault.Is(err, fault.Invalid): // the vault looked at it
			now.State, now.Why = attachment.Lost, attachment.Unfit
		case now.Tries >= len(waits):
			now.State, now.Why = attachment.Lost, attachment.GaveUp
		default:
			errors.As(err, &later)
			now.Next = f.Now().Add(max(waits[now.Tries], later.after))
			now.Tries++
		}
		f.Log.Info("an attachment was not fetched", "attachment", a.ID, "source", a.Source, "state", now.State, "why", now.Why, "tries", now.Tries)
	})
}

// note changes the row, if it is still there: its message may have been erased meanwhile.
func (f *Fetcher) note(ctx context.Context, id attachment.ID, change func(*attachment.Attachment)) error {
	return f.Store.Change(ctx, incident.Machine, func(tx incident.Tx) error {
		now, err := tx.Attachments().Attachment(ctx, scope.All(), id)
		if fault.Is(err, fault.NotFound) {
			return nil
		}
		if err != nil || now.State != attachment.Wanted {
			return err
		}
		change(now)
		return tx.Attachments().Save(ctx, now)
	})
}

// keep hands the bytes to the vault and notes that they are there.
func (f *Fetcher) keep(ctx context.Context, id attachment.ID, r io.Reader) error {
	return f.Vault.Keep(ctx, r, func(file attachment.File) error {
		return f.note(ctx, id, func(now *attachment.Attachment) { now.State, now.Why, now.File = attachment.Kept, "", file })
	})
}

// bring asks the network for the bytes.
func (f *Fetcher) bring(ctx context.Context, a *attachment.Attachment) error {
	ctx, cancel := context.WithTimeout(ctx, tryTime)
	defer cancel()
	hosts := f.Hosts()[a.Source]
	if f.Open != nil && a.URL == "" && strings.HasPrefix(a.Name, attachment.ByName) {
		content, err := f.Open(ctx, a.Source, a.Name)
		if err != nil {
			return asked(err)
		}
		if content != nil {
			defer content.Close()
			return f.keep(ctx, a.ID, content)
		}
	}
	address, err := f.address(ctx, a)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(context.WithValue(ctx, hostsKey{}, hosts), http.MethodGet, address, nil)
	if err != nil || !allowed(req.URL, hosts, f.Plain) {
		return errLost(attachment.Forbidden)
	}
	req.Header.Set("User-Agent", "Otklik (attachments of watched pages)")
	req.Header.Set("Accept", "image/*")
	res, err := f.client.Do(req)
	switch {
	case errors.Is(err, errForbidden), errors.Is(err, ErrInner):
		return errLost(attachment.Forbidden)
	case err != nil: // its text holds the address: it goes no further
		return errLater{}
	}
	defer res.Body.Close()
	switch s := res.StatusCode; {
	case s == http.StatusTooManyRequests || s == http.StatusRequestTimeout || s == http.StatusTooEarly || s >= 500:
		seconds, _ := strconv.Atoi(res.Header.Get("Retry-After"))
		return errLater{time.Duration(min(max(seconds, 0), 24*3600)) * time.Second}
	case s != http.StatusOK:
		return errLost(attachment.NotFound)
	case res.ContentLength > most:
		return errLost(attachment.TooLarge)
	}
	body := &counted{r: res.Body}
	err = f.keep(ctx, a.ID, body)
	switch {
	case err == nil:
		return nil
	case body.n > most:
		return errLost(attachment.TooLarge)
	case body.err != nil: // it broke off
		return errLater{}
	}
	return err
}

// address returns where the bytes are, asked of the network where it stands nowhere.
func (f *Fetcher) address(ctx context.Context, a *attachment.Attachment) (string, error) {
	if a.URL != "" || f.Ask == nil || !strings.HasPrefix(a.Name, attachment.ByName) {
		return a.URL, nil
	}
	address, err := f.Ask(ctx, a.Source, a.Name)
	if err != nil {
		return "", asked(err)
	}
	return address, nil
}

// asked returns what a network's refusal means for the file.
func asked(err error) error {
	var e *source.Error
	switch {
	case errors.As(err, &e) && e.Trouble == source.Permanent:
		return errLost(attachment.NotFound)
	case e != nil:
		return errLater{e.After}
	}
	return errLater{}
}

// counted counts what is read, and remembers how it ended.
type counted struct {
	r   io.Reader
	n   int64
	err error
}

func (c *counted) Read(b []byte) (n int, err error) {
	n, err = c.r.Read(b)
	if c.n += int64(n); err != nil && err != io.EOF {
		c.err = err
	}
	return n, err
}

// Local takes the pictures of an export that lie beside it, for the sources that it
// named. What is not there is lost.
func (f *Fetcher) Local(ctx context.Context, folder *os.Root, sources []string) (kept, lost int, err error) {
	defer fault.Wrap(&err, "fetch.Local")
	for {
		due, err := f.Store.Reader().Attachments().Wanted(ctx, sources, f.Now(), 5000)
		if err != nil {
			return kept, lost, err
		}
		tried := 0
		for k := range due {
			a := &due[k]
			if !attachment.Inside(a.URL) {
				continue
			}
			tried++
			if err := f.beside(ctx, folder, a); err == nil {
				kept++
				continue
			} else if ctx.Err() != nil || fault.Is(err, fault.Unavailable) {
				return kept, lost, err
			} else {
				why := attachment.NoSource
				if fault.Is(err, fault.Invalid) {
					why = attachment.Unfit
				}
				if err := f.note(ctx, a.ID, func(now *attachment.Attachment) { now.State, now.Why = attachment.Lost, why }); err != nil {
					return kept, lost, err
				}
				lost++
			}
		}
		if tried == 0 {
			return kept, lost, nil
		}
	}
}

func (f *Fetcher) beside(ctx context.Context, folder *os.Root, a *attachment.Attachment) error {
	if folder == nil {
		return errLost(attachment.NoSource)
	}
	r, err := folder.Open(a.URL)
	if err != nil {
		return errLost(attachment.NoSource)
	}
	defer r.Close()
	if info, err := r.Stat(); err != nil || !info.Mode().IsRegular() { // a pipe would never end
		return errLost(attachment.NoSource)
	}
	return f.keep(ctx, a.ID, r)
}
