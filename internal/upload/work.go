package upload

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"strings"
	"time"

	"otklik/internal/attachment"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/scope"
)

// Of the work behind the form.
const (
	restTime  = 5 * time.Second
	batch     = 20
	scanAgain = time.Minute // the scanner is asked again for a file that it could not judge
	tryAgain  = 5 * time.Minute
	sweepTime = 10 * time.Minute
)

// Run draws anew what reports took and sweeps what nobody claimed, until ctx ends.
func (u *Uploads) Run(ctx context.Context) error {
	var swept time.Time
	for {
		if now := u.Now(); now.Sub(swept) >= sweepTime || now.Before(swept) {
			swept = now
			if _, err := u.Sweep(ctx); err != nil && ctx.Err() == nil {
				u.Log.Warn("uploads that nobody claimed cannot be removed", "error", err)
			}
		}
		n, err := u.Step(ctx)
		if err != nil && ctx.Err() == nil {
			u.Log.Warn("uploads cannot be drawn anew", "error", err)
		}
		if n == batch && err == nil {
			continue
		}
		select {
		case <-ctx.Done():
			return nil
		case <-u.wake:
		case <-time.After(restTime):
		}
	}
}

// Step looks at what reports took, at most a batch of it, and returns at how many it looked.
func (u *Uploads) Step(ctx context.Context) (n int, err error) {
	defer fault.Wrap(&err, "upload.Step")
	due, err := u.Store.Reader().Uploads().Due(ctx, u.Now(), batch)
	if err != nil {
		return 0, err
	}
	for k := range due {
		if ctx.Err() != nil {
			return n, ctx.Err()
		}
		if err := u.settle(ctx, &due[k]); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

// settle makes of one upload what is shown, or notes why there is nothing. An error is the
// store's, the disk's or the caller's: the upload is tried again.
func (u *Uploads) settle(ctx context.Context, row *attachment.Upload) error {
	path := u.path(row.Seal)
	if !row.Scanned {
		scanned, err := u.scan(ctx, path)
		switch {
		case fault.Is(err, fault.Invalid):
			return u.end(ctx, row, attachment.Lost, attachment.Infected, nil)
		case errors.Is(err, fs.ErrNotExist):
			return u.end(ctx, row, attachment.Lost, attachment.GaveUp, nil)
		case err != nil:
			return err
		case !scanned:
			return u.later(ctx, row, scanAgain)
		}
	}
	err := u.bring(ctx, row, path)
	switch {
	case err == nil || ctx.Err() != nil:
		return err
	case fault.Is(err, fault.Invalid):
		return u.end(ctx, row, attachment.Lost, attachment.Unfit, nil)
	case errors.Is(err, fs.ErrNotExist):
		return u.end(ctx, row, attachment.Lost, attachment.GaveUp, nil)
	}
	return errors.Join(err, u.later(ctx, row, tryAgain)) // a full disk
}

// bring hands the file to the vault: a picture drawn anew, a film without the camera's notes,
// a document as it is.
func (u *Uploads) bring(ctx context.Context, row *attachment.Upload, path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	kept := func(file attachment.File) error {
		if file.TakenAt.IsZero() {
			file.TakenAt = row.TakenAt
		}
		if file.Lat == 0 && file.Lon == 0 {
			file.Lat, file.Lon = row.Lat, row.Lon
		}
		return u.end(ctx, row, attachment.Kept, "", &file)
	}
	if row.Kind == attachment.Photo {
		return u.Vault.Keep(ctx, f, kept)
	}
	s, err := look(f, row.Size)
	if err != nil {
		return err
	}
	var content io.Reader = io.NewSectionReader(f, 0, row.Size)
	if row.Kind == attachment.Video {
		if content, err = without(f, row.Size); err != nil {
			return err
		}
	}
	return u.Vault.Store(content, attachment.File{Kind: row.Kind, Type: s.media}, kept)
}

// end notes what became of the attachment and forgets the upload; bytes that a crash leaves
// behind are swept.
func (u *Uploads) end(ctx context.Context, row *attachment.Upload, state attachment.State, why string, file *attachment.File) error {
	err := u.note(ctx, row, func(tx incident.Tx, a *attachment.Attachment) error {
		if a.State, a.Why = state, why; file != nil {
			a.File = *file
		}
		return tx.Uploads().Drop(ctx, row.Seal)
	})
	if err != nil {
		return err
	}
	if state == attachment.Lost {
		u.Log.Info("an uploaded file is not shown", "attachment", row.Attachment, "why", why)
	}
	if err := os.Remove(u.path(row.Seal)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		u.Log.Warn("an upload cannot be removed", "error", err)
	}
	return nil
}

func (u *Uploads) later(ctx context.Context, row *attachment.Upload, wait time.Duration) error {
	return u.note(ctx, row, func(_ incident.Tx, a *attachment.Attachment) error {
		a.Next = u.Now().Add(wait)
		a.Tries++
		return nil
	})
}

// note changes the attachment, if it is still wanted: its message may have been erased meanwhile.
func (u *Uploads) note(ctx context.Context, row *attachment.Upload, change func(incident.Tx, *attachment.Attachment) error) error {
	return u.Store.Change(ctx, incident.Machine, func(tx incident.Tx) error {
		a, err := tx.Attachments().Attachment(ctx, scope.All(), row.Attachment)
		if fault.Is(err, fault.NotFound) {
			return tx.Uploads().Drop(ctx, row.Seal)
		}
		if err != nil || a.State != attachment.Wanted {
			return err
		}
		if err := change(tx, a); err != nil {
			return err
		}
		return tx.Attachments().Save(ctx, a)
	})
}

// Sweep takes away uploads that nobody claimed in time, whose message was erased, and bytes
// that a crash left without a row. It returns how many went.
func (u *Uploads) Sweep(ctx context.Context) (n int, err error) {
	defer fault.Wrap(&err, "upload.Sweep")
	now := u.Now()
	for {
		const step = 200
		stale, err := u.Store.Reader().Uploads().Stale(ctx, now.Add(-u.Limits.Keep), step)
		if err != nil {
			return n, err
		}
		if len(stale) == 0 {
			break
		}
		for _, seal := range stale {
			if err := u.drop(ctx, seal, 0); err != nil {
				return n, err
			}
			n++
		}
	}
	left, err := u.orphans(ctx, now)
	if err != nil {
		return n, err
	}
	bytes, _, err := u.Store.Reader().Uploads().Load(ctx)
	if err == nil {
		u.waiting.Store(bytes)
	}
	return n + left, err
}

// young is how old bytes without a row must be: the row is stored right after the file.
const young = 10 * time.Minute

func (u *Uploads) orphans(ctx context.Context, now time.Time) (n int, err error) {
	entries, err := os.ReadDir(u.Dir)
	if err != nil {
		return 0, err
	}
	var seals []string
	remove := func(name string) error {
		err := os.Remove(u.Dir + string(os.PathSeparator) + name)
		if err == nil {
			n++
		}
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return err
	}
	settle := func() error {
		here, err := u.Store.Reader().Uploads().Here(ctx, seals)
		if err != nil {
			return err
		}
		for _, s := range seals {
			if !here[s] {
				if err := remove(prefix + s); err != nil {
					return err
				}
			}
		}
		seals = seals[:0]
		return nil
	}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || now.Sub(info.ModTime()) < young {
			continue
		}
		if seal, ok := strings.CutPrefix(e.Name(), prefix); ok {
			if seals = append(seals, seal); len(seals) == 200 {
				if err := settle(); err != nil {
					return n, err
				}
			}
		} else if strings.HasPrefix(e.Name(), spoolPrefix) {
			if err := remove(e.Name()); err != nil {
				return n, err
			}
		}
	}
	return n, settle()
}

// Unscanned returns how many files of reports wait for the virus scanner.
func (u *Uploads) Unscanned(ctx context.Context) (int, error) {
	_, n, err := u.Store.Reader().Uploads().Load(ctx)
	return n, err
}
