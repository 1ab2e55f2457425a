package upload

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"otklik/internal/attachment"
	"otklik/internal/fault"
	"otklik/internal/incident"
)

// Write appends what r brings at the offset, and returns how far the upload has come. What
// came is on the disk when Write returns, also when r broke off: the sender asks State and
// goes on. It is a Conflict when the offset is not where the upload stands (the File says
// where), Invalid with a sentence for what is not taken: then the upload is gone.
func (u *Uploads) Write(ctx context.Context, token string, offset int64, r io.Reader) (_ *File, err error) {
	defer fault.Wrap(&err, "upload.Write")
	seal := SealOf(token)
	if !u.lock(seal) {
		return nil, fault.New(fault.Conflict, "the upload is being written").Say("Этот файл уже загружается. Подождите несколько секунд.")
	}
	defer u.unlock(seal)
	row, err := u.Store.Reader().Uploads().Upload(ctx, seal)
	if err == nil && row.Attachment != 0 {
		err = fault.New(fault.NotFound, "the upload is taken")
	}
	if err != nil {
		return nil, gone(err)
	}
	now, err := u.state(token, row)
	if err != nil {
		return nil, err
	}
	if now.Whole() || offset != now.Offset {
		return now, fault.New(fault.Conflict, "offset %d of an upload at %d", offset, now.Offset).Say("Загрузка сбилась. Приложите файл ещё раз.")
	}
	broke, err := u.append(seal, now, r)
	if err != nil {
		if fault.Is(err, fault.Invalid) {
			err = errors.Join(err, u.drop(ctx, seal, row.Size))
		}
		return now, err
	}
	if now.Offset == now.Size {
		return now, u.whole(context.WithoutCancel(ctx), row, now)
	}
	return now, broke
}

func (u *Uploads) lock(seal string) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.busy[seal] {
		return false
	}
	u.busy[seal] = true
	return true
}

func (u *Uploads) unlock(seal string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	delete(u.busy, seal)
}

// append writes behind what has come. broke says how the sender broke off; err that the disk
// took nothing of it, or that it is not what was announced.
func (u *Uploads) append(seal string, now *File, r io.Reader) (broke, err error) {
	f, err := u.open(u.path(seal), os.O_RDWR)
	if err != nil {
		return nil, noRoom(err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	from := now.Offset
	buf := make([]byte, 64<<10)
	at := from
	for broke == nil {
		var n int
		n, broke = r.Read(buf)
		if n == 0 {
			continue
		}
		if at+int64(n) > now.Size {
			return nil, u.refuse(large, "Файл оказался больше, чем было сказано. Приложите его ещё раз.")
		}
		if _, err := f.WriteAt(buf[:n], at); err != nil {
			return nil, errors.Join(noRoom(err), f.Truncate(from))
		}
		if at == 0 {
			if err := u.early(buf[:n], now.Size); err != nil {
				return nil, err
			}
		}
		at += int64(n)
	}
	if err := f.Sync(); err != nil {
		return nil, errors.Join(noRoom(err), f.Truncate(from))
	}
	now.Offset = at
	if broke == io.EOF {
		return nil, nil
	}
	return fault.New(fault.Invalid, "the piece broke off: %w", broke).At("offset").Say("Связь прервалась. То, что дошло, сохранено: продолжите загрузку."), nil
}

// early refuses by the first bytes what would be refused by all of them: nobody should send
// a hundred megabytes to hear it.
func (u *Uploads) early(head []byte, size int64) error {
	const enough = 64
	if len(head) < enough {
		return nil
	}
	s := sniff(head)
	if s.say != "" {
		return u.refuse(unfit, s.say)
	}
	return u.fits(s.kind, size)
}

var kindNames = map[attachment.Kind]string{attachment.Photo: "Фотография", attachment.Video: "Видео", attachment.Document: "Документ"}

func (u *Uploads) fits(k attachment.Kind, size int64) error {
	if most := u.Limits.Of(k); size > most {
		return u.refuse(large, fmt.Sprintf("%s больше %d МБ. Уменьшите и приложите снова.", kindNames[k], most>>20))
	}
	return nil
}

// whole looks at a file that has come to its end, and has it scanned. What is not taken is
// taken away, and the error says why.
func (u *Uploads) whole(ctx context.Context, row *attachment.Upload, now *File) error {
	path := u.path(row.Seal)
	found, err := u.look(ctx, path, row.Size)
	if err == nil {
		row.Scanned, err = u.scan(ctx, path)
	}
	if err != nil {
		if fault.Is(err, fault.Invalid) {
			err = errors.Join(err, u.drop(ctx, row.Seal, row.Size))
		}
		return err
	}
	row.Kind, row.TakenAt, row.Lat, row.Lon = found.kind, found.takenAt, found.lat, found.lon
	row.Title = titled(row.Title, found.ext)
	now.Kind, now.TakenAt, now.Lat, now.Lon, now.Title = row.Kind, row.TakenAt, row.Lat, row.Lon, row.Title
	return u.Store.Change(ctx, incident.People, func(tx incident.Tx) error { return tx.Uploads().Whole(ctx, row) })
}

// look opens the file and looks at all of it.
func (u *Uploads) look(ctx context.Context, path string, size int64) (s sort, err error) {
	select {
	case u.looks <- struct{}{}: // a picture is read into memory
		defer func() { <-u.looks }()
	case <-ctx.Done():
		return s, ctx.Err()
	}
	f, err := os.Open(path)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return s, gone(fault.New(fault.NotFound, "no bytes"))
		}
		return s, fault.New(fault.Unavailable, "%w", err)
	}
	defer f.Close()
	if s, err = look(f, size); err == nil {
		err = u.fits(s.kind, size)
	} else if fault.Is(err, fault.Invalid) {
		u.counts.refused(unfit)
	}
	return s, err
}

// scan asks the scanner. What it cannot say now is asked again before the file is shown.
func (u *Uploads) scan(ctx context.Context, path string) (scanned bool, err error) {
	if u.Scan == nil {
		return true, nil
	}
	f, err := os.Open(path)
	if err != nil {
		return false, fault.New(fault.Unavailable, "%w", err)
	}
	defer f.Close()
	infected, err := u.Scan.Scan(ctx, f)
	switch {
	case err != nil:
		u.counts.away.Add(1)
		u.Log.Warn("the virus scanner does not answer; files wait and are not shown", "error", err)
		return false, nil
	case infected:
		return false, u.refuse(infectedFile, "Проверка нашла в файле вирус, и мы его не приняли. Проверьте своё устройство и приложите другой файл.")
	}
	return true, nil
}

// Take reads a whole file that came in one form: Begin and Write in one.
func (u *Uploads) Take(ctx context.Context, address, name string, r io.Reader) (_ *File, err error) {
	defer fault.Wrap(&err, "upload.Take")
	most := max(u.Limits.Photo, u.Limits.Video, u.Limits.Document)
	spool, err := os.CreateTemp(u.Dir, spoolPrefix+"*")
	if err != nil {
		return nil, noRoom(err)
	}
	defer os.Remove(spool.Name())
	defer spool.Close()
	seen := &told{r: io.LimitReader(r, most+1)}
	n, err := io.Copy(spool, seen)
	switch {
	case seen.err != nil:
		return nil, fault.New(fault.Invalid, "the file broke off: %w", seen.err).At("file").Say("Файл пришёл не целиком. Приложите его ещё раз.")
	case err != nil:
		return nil, noRoom(err)
	}
	f, err := u.Begin(ctx, address, name, n)
	if err != nil {
		return nil, err
	}
	if _, err := spool.Seek(0, io.SeekStart); err != nil {
		return nil, noRoom(err)
	}
	return u.Write(ctx, f.Token, 0, spool)
}

// spoolPrefix begins the names of files that are being read from a form: a crash leaves them
// to the sweep.
const spoolPrefix = "s-"

// told remembers how its reader ended.
type told struct {
	r   io.Reader
	err error
}

func (t *told) Read(b []byte) (int, error) {
	n, err := t.r.Read(b)
	if err != nil && err != io.EOF {
		t.err = err
	}
	return n, err
}
