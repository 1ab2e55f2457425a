// Package vault keeps the bytes of pictures and documents on the disk, beside the
// database: each under the SHA-256 of what it holds, whole and flushed before anybody
// is told that it is there. What people send is looked at, bounded and drawn anew
// (package picture) on its way in; what is asked for by its hash is what was kept.
//
// The database says which bytes are wanted (attachment.Store). Keep writes the bytes
// first and lets the caller store the row while it holds them; a crash between the two
// leaves bytes without a row, which Sweep takes away an hour later. Forget takes away
// at once what an erasure left.
package vault

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"otklik/internal/attachment"
	"otklik/internal/fault"
	"otklik/internal/picture"
)

// Bounds of what is taken, in bytes.
const (
	MostPicture  = 20 << 20
	MostDocument = 10 << 20
)

// grace is how long bytes may lie without a row: a transaction takes seconds.
const grace = time.Hour

// A Vault is an open folder.
type Vault struct {
	dir     string
	mu      sync.Mutex
	pending map[string]int // hashes whose row is being stored
	turns   chan struct{}  // pictures are drawn one at a time: each may take hundreds of megabytes
}

// Open opens the folder, and makes it when it is not there.
func Open(dir string) (*Vault, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fault.New(fault.Unavailable, "vault: %w", err).Mend("check the rights of the folder, or name another one in files")
	}
	return &Vault{dir: dir, pending: map[string]int{}, turns: make(chan struct{}, 1)}, nil
}

// Keep reads a picture or a document to its end, and calls then while the bytes are
// on the disk: then stores the row. It is Invalid, with a sentence for people, for
// what is not taken.
func (v *Vault) Keep(ctx context.Context, r io.Reader, then func(attachment.File) error) (err error) {
	defer fault.Wrap(&err, "vault.Keep")
	raw, err := io.ReadAll(io.LimitReader(r, MostPicture+1))
	if err != nil {
		return fault.New(fault.Invalid, "reading: %w", err).At("file").Say("Файл пришёл не целиком. Приложите его ещё раз.")
	}
	f, full, small, err := v.look(ctx, raw)
	if err != nil {
		return err
	}
	for _, b := range [][]byte{full, small} {
		if b == nil {
			continue
		}
		hash := hashOf(b)
		v.hold(hash, 1)
		defer v.hold(hash, -1)
		if err := v.write(hash, b); err != nil {
			return err
		}
	}
	return then(f)
}

// Store keeps bytes as they are, of a kind that f tells and that nobody draws anew: what a
// program looked at before. It reads a stream of any length, and calls then as Keep does.
func (v *Vault) Store(r io.Reader, f attachment.File, then func(attachment.File) error) (err error) {
	defer fault.Wrap(&err, "vault.Store")
	temp, err := os.CreateTemp(v.dir, "new-*")
	if err != nil {
		return noRoom(err)
	}
	sum := sha256.New()
	f.Bytes, err = io.Copy(io.MultiWriter(temp, sum), r)
	if err = errors.Join(err, temp.Sync(), temp.Close()); err != nil {
		os.Remove(temp.Name())
		return noRoom(err)
	}
	f.Hash = hex.EncodeToString(sum.Sum(nil))
	v.hold(f.Hash, 1)
	defer v.hold(f.Hash, -1)
	folder := filepath.Dir(v.path(f.Hash))
	if err = os.MkdirAll(folder, 0o700); err == nil {
		err = os.Rename(temp.Name(), v.path(f.Hash))
	}
	if err = errors.Join(err, flush(folder), flush(v.dir)); err != nil {
		os.Remove(temp.Name())
		return noRoom(err)
	}
	return then(f)
}

func noRoom(err error) error {
	return fault.New(fault.Unavailable, "%w", err).Say("Файл не удалось сохранить: на сервере не хватает места или прав. Сообщите администратору и попробуйте позже.").
		Mend("check the free space and the rights of the folder of files")
}

// look decides what the bytes are and what is kept of them.
func (v *Vault) look(ctx context.Context, raw []byte) (f attachment.File, full, small []byte, err error) {
	tooLarge := func(most int, what string) error {
		return fault.New(fault.Invalid, "%d bytes or more", len(raw)).At("file").Say(fmt.Sprintf("%s больше %d МБ. Уменьшите и приложите снова.", what, most>>20))
	}
	switch {
	case len(raw) == 0:
		return f, nil, nil, fault.New(fault.Invalid, "an empty file").At("file").Say("Файл пустой. Выберите другой.")
	case len(raw) > MostPicture:
		return f, nil, nil, tooLarge(MostPicture, "Файл")
	case picture.Is(raw):
		select {
		case v.turns <- struct{}{}:
			defer func() { <-v.turns }()
		case <-ctx.Done():
			return f, nil, nil, ctx.Err()
		}
		p, err := picture.Clean(raw)
		if err != nil {
			return f, nil, nil, err
		}
		return attachment.File{Hash: hashOf(p.Full), Small: hashOf(p.Small), Kind: attachment.Photo, Type: "image/jpeg", Bytes: int64(len(p.Full)), Width: p.Width, Height: p.Height,
			TakenAt: p.Facts.TakenAt, Lat: p.Facts.Lat, Lon: p.Facts.Lon}, p.Full, p.Small, nil
	case bytes.HasPrefix(raw, []byte("%PDF-")):
		if len(raw) > MostDocument {
			return f, nil, nil, tooLarge(MostDocument, "Документ")
		}
		return attachment.File{Hash: hashOf(raw), Kind: attachment.Document, Type: "application/pdf", Bytes: int64(len(raw))}, raw, nil, nil
	}
	return f, nil, nil, fault.New(fault.Invalid, "neither a picture nor a document").At("file").
		Say("Такой файл не принимается. Приложите фотографию (JPEG, PNG, WebP, GIF) или документ PDF.")
}

func hashOf(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

func (v *Vault) hold(hash string, n int) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.pending[hash] += n; v.pending[hash] <= 0 {
		delete(v.pending, hash)
	}
}

func (v *Vault) path(hash string) string { return filepath.Join(v.dir, hash[:2], hash) }

// named reports whether the name is one that hashOf makes.
func named(hash string) bool {
	return len(hash) == 2*sha256.Size && strings.Trim(hash, "0123456789abcdef") == ""
}

// write puts the bytes under their hash: flushed, then renamed, then the folder flushed.
func (v *Vault) write(hash string, b []byte) (err error) {
	path := v.path(hash)
	now := time.Now()
	if os.Chtimes(path, now, now) == nil { // here already; Sweep sees that it is wanted anew
		return nil
	}
	defer func() {
		if err != nil {
			err = noRoom(err)
		}
	}()
	folder := filepath.Dir(path)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(v.dir, "new-*")
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		os.Remove(f.Name())
		return err
	}
	return errors.Join(flush(folder), flush(v.dir))
}

func flush(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// Bytes opens what is kept under a hash. It is NotFound when nothing is.
func (v *Vault) Bytes(hash string) (*os.File, error) {
	if !named(hash) {
		return nil, fault.New(fault.NotFound, "vault: no such hash").Say("Этого файла нет.")
	}
	f, err := os.Open(v.path(hash))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fault.New(fault.NotFound, "vault: %s is not here", hash).Say("Этого файла больше нет.")
	}
	return f, err
}

// Held says which of the hashes some row refers to.
type Held func(ctx context.Context, hashes []string) (map[string]bool, error)

// Forget takes away the bytes of the hashes that no row refers to and nobody is
// storing now, and returns the hashes that are settled: gone, or wanted by another row.
func (v *Vault) Forget(ctx context.Context, hashes []string, held Held) (settled []string, err error) {
	defer fault.Wrap(&err, "vault.Forget(%d)", len(hashes))
	if len(hashes) == 0 {
		return nil, nil
	}
	v.mu.Lock() // nobody begins to store one of them between the question and the removal
	defer v.mu.Unlock()
	wanted, err := held(ctx, hashes)
	if err != nil {
		return nil, err
	}
	for _, h := range hashes {
		switch {
		case v.pending[h] > 0:
			continue
		case !wanted[h] && named(h):
			if err := os.Remove(v.path(h)); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return settled, err
			}
		}
		settled = append(settled, h)
	}
	return settled, nil
}

// Sweep takes away bytes that lie without a row for more than an hour, and files that
// a crash left half written. It returns how many went.
func (v *Vault) Sweep(ctx context.Context, now time.Time, held Held) (n int, err error) {
	defer fault.Wrap(&err, "vault.Sweep")
	var old []string
	settle := func() error {
		before := len(old)
		wanted := 0
		_, err := v.Forget(ctx, old, func(ctx context.Context, hashes []string) (map[string]bool, error) {
			m, err := held(ctx, hashes)
			wanted = len(m)
			return m, err
		})
		n += before - wanted
		old = old[:0]
		return err
	}
	err = filepath.WalkDir(v.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return errors.Join(err, ctx.Err())
		}
		info, err := d.Info()
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil || now.Sub(info.ModTime()) < grace {
			return err
		}
		switch name := d.Name(); {
		case named(name):
			if old = append(old, name); len(old) == 200 {
				return settle()
			}
		case strings.HasPrefix(name, "new-"):
			n++
			return os.Remove(path)
		}
		return nil
	})
	return n, errors.Join(err, settle())
}
