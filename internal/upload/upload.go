// Package upload takes photos, videos and documents from residents before their report is
// filed: in one form, or in pieces that go on after a lost connection.
//
// Start with Uploads. Begin gives a token that nobody guesses; Write appends at an offset;
// Claim gives whole files to a message inside the transaction that files the report. What
// nobody claims goes after a day. The bytes that came are shown to nobody: Run draws
// pictures anew, takes the camera's notes out of videos, asks the virus scanner where one
// is configured, and hands the result to the vault.
//
// What a file is, its bytes say (see look); names and headers of the sender say nothing.
// On the disk a file is named by the seal of its token; its length there is how much of it
// has come, so that a crash loses at most the piece that was on its way.
package upload

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"otklik/internal/attachment"
	"otklik/internal/fault"
	"otklik/internal/incident"
)

// Limits bound what residents send. A zero field has the default.
type Limits struct {
	Photo, Video, Document int64         // bytes of one file: 20 MB, 100 MB, 20 MB
	Files                  int           // of one report: 10
	Waiting                int64         // bytes of files that belong to nobody: 10 GB
	Keep                   time.Duration // how long those are kept: a day
}

func (l Limits) filled() Limits {
	const mb = 1 << 20
	or := func(n *int64, most int64) {
		if *n <= 0 {
			*n = most
		}
	}
	or(&l.Photo, 20*mb)
	or(&l.Video, 100*mb)
	or(&l.Document, 20*mb)
	or(&l.Waiting, 10<<10*mb)
	if l.Files <= 0 {
		l.Files = 10
	}
	l.Files = min(l.Files, attachment.MostOfMessage)
	if l.Keep <= 0 {
		l.Keep = 24 * time.Hour
	}
	return l
}

// Of returns how large a file of the kind may be, in bytes.
func (l Limits) Of(k attachment.Kind) int64 {
	switch k {
	case attachment.Photo:
		return l.Photo
	case attachment.Video:
		return l.Video
	}
	return l.Document
}

// A Store keeps the rows.
type Store interface {
	Change(ctx context.Context, lane incident.Lane, do func(incident.Tx) error) error
	Reader() incident.Tx
}

// A Vault keeps the bytes that are shown. vault.Vault is one.
type Vault interface {
	Keep(ctx context.Context, r io.Reader, then func(attachment.File) error) error
	Store(r io.Reader, f attachment.File, then func(attachment.File) error) error
}

// A Scanner looks for viruses. It returns true for an infected file, and an error when it
// cannot say.
type Scanner interface {
	Scan(ctx context.Context, r io.Reader) (infected bool, err error)
}

// Options say what uploads stand on. Admit and Scan may be nil.
type Options struct {
	Dir    string // of bytes that nobody sees
	Store  Store
	Vault  Vault
	Limits Limits
	// Admit says whether an address may send so many bytes more; its error has a sentence.
	Admit func(address string, bytes int64) error
	Scan  Scanner
	Now   func() time.Time
	Log   *slog.Logger
}

// Uploads takes files.
type Uploads struct {
	Options
	wake    chan struct{}
	waiting atomic.Int64 // bytes that belong to nobody, as of the last sweep, and what came since
	looks   chan struct{}
	mu      sync.Mutex
	busy    map[string]bool // seals that are being written
	counts  counts
	open    func(path string, flags int) (file, error)
}

// A file is what we ask of a file on the disk.
type file interface {
	io.ReaderAt
	io.WriterAt
	io.Closer
	Sync() error
	Truncate(size int64) error
	Stat() (fs.FileInfo, error)
}

// Open opens the folder, and makes it when it is not there.
func Open(o Options) (*Uploads, error) {
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return nil, fault.New(fault.Unavailable, "upload: %w", err).Mend("check the rights of the folder, or name another one in files")
	}
	o.Limits = o.Limits.filled()
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &Uploads{Options: o, wake: make(chan struct{}, 1), looks: make(chan struct{}, 4), busy: map[string]bool{},
		open: func(path string, flags int) (file, error) { return os.OpenFile(path, flags, 0o600) }}, nil
}

// A File is what the form knows of an upload.
type File struct {
	Token  string // for a hidden field of the form, and for the address of the upload
	Title  string // may be empty
	Size   int64  // bytes that were announced
	Offset int64  // bytes that came
	Kind   attachment.Kind

	// Hint of the place and time, as the camera wrote them; zero = unknown.
	TakenAt  time.Time
	Lat, Lon float64
}

// Whole reports whether all of it came and was looked at.
func (f *File) Whole() bool { return f.Kind != "" }

// SealOf returns how a token is kept.
func SealOf(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

func (u *Uploads) path(seal string) string { return filepath.Join(u.Dir, prefix+seal) }

// prefix tells our files from those of the vault, whose sweep would take them.
const prefix = "u-"

// Begin makes room for a file of so many bytes, which the sender calls name. address is the
// visitor's.
func (u *Uploads) Begin(ctx context.Context, address, name string, size int64) (_ *File, err error) {
	defer fault.Wrap(&err, "upload.Begin")
	most := max(u.Limits.Photo, u.Limits.Video, u.Limits.Document)
	switch {
	case size == 0:
		return nil, u.refuse(empty, "Файл пустой. Выберите другой.")
	case size < 0:
		return nil, fault.New(fault.Invalid, "the size is not told").At("size").Say("Не сказано, сколько в файле байт. Обновите страницу и приложите файл ещё раз.")
	case size > most:
		return nil, u.refuse(large, fmt.Sprintf("Файл больше %d МБ. Уменьшите его или приложите другой.", most>>20))
	case u.waiting.Load()+size > u.Limits.Waiting:
		return nil, fault.New(fault.Unavailable, "files of nobody fill their room").Say("Сейчас прислали слишком много файлов, и место кончилось. Отправьте сообщение без файла или попробуйте через час.").
			Mend("raise uploads.waiting_gb, or wait until unclaimed files go after a day")
	}
	if u.Admit != nil {
		if err := u.Admit(address, size); err != nil {
			u.counts.refused(limited)
			return nil, err
		}
	}
	token := rand.Text() + rand.Text()
	row := attachment.Upload{Seal: SealOf(token), Size: size, Title: Name(name), At: u.Now()}
	f, err := u.open(u.path(row.Seal), os.O_CREATE|os.O_EXCL|os.O_WRONLY)
	if err == nil {
		err = errors.Join(f.Sync(), f.Close(), flush(u.Dir))
	}
	if err != nil {
		os.Remove(u.path(row.Seal))
		return nil, noRoom(err)
	}
	if err := u.Store.Change(ctx, incident.People, func(tx incident.Tx) error { return tx.Uploads().Begin(ctx, &row) }); err != nil {
		os.Remove(u.path(row.Seal))
		return nil, err
	}
	u.waiting.Add(size)
	return &File{Token: token, Title: row.Title, Size: size}, nil
}

func flush(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

func noRoom(err error) error {
	return fault.New(fault.Unavailable, "%w", err).Say("Файл не удалось сохранить: на сервере не хватает места. Текст сообщения цел: отправьте его без файла или попробуйте позже.").
		Mend("check the free space and the rights of the folder of files")
}

// gone is what is said of a token that leads nowhere.
func gone(err error) error {
	if fault.Is(err, fault.NotFound) {
		return fault.New(fault.NotFound, "the upload is not here").Say("Этот файл у нас больше не хранится. Приложите его ещё раз.")
	}
	return err
}

// State returns what has come so far. It is NotFound for a token that leads nowhere.
func (u *Uploads) State(ctx context.Context, token string) (_ *File, err error) {
	defer fault.Wrap(&err, "upload.State")
	row, err := u.Store.Reader().Uploads().Upload(ctx, SealOf(token))
	if err == nil && row.Attachment != 0 {
		err = fault.New(fault.NotFound, "the upload is taken")
	}
	if err != nil {
		return nil, gone(err)
	}
	return u.state(token, row)
}

func (u *Uploads) state(token string, row *attachment.Upload) (*File, error) {
	f := &File{Token: token, Title: row.Title, Size: row.Size, Kind: row.Kind, TakenAt: row.TakenAt, Lat: row.Lat, Lon: row.Lon}
	info, err := os.Stat(u.path(row.Seal))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, gone(fault.New(fault.NotFound, "no bytes"))
	}
	if err != nil {
		return nil, fault.New(fault.Unavailable, "%w", err)
	}
	f.Offset = info.Size()
	return f, nil
}

// Files returns what the form shows again of its tokens; those that lead nowhere are left out.
func (u *Uploads) Files(ctx context.Context, tokens []string) (list []File, err error) {
	for _, t := range tokens[:min(len(tokens), u.Limits.Files)] {
		f, err := u.State(ctx, t)
		switch {
		case fault.Is(err, fault.NotFound):
		case err != nil:
			return nil, err
		default:
			list = append(list, *f)
		}
	}
	return list, nil
}

// Remove takes an upload away that its sender does not want any more.
func (u *Uploads) Remove(ctx context.Context, token string) (err error) {
	defer fault.Wrap(&err, "upload.Remove")
	f, err := u.State(ctx, token)
	if err != nil {
		return err
	}
	return u.drop(ctx, SealOf(token), f.Size)
}

// drop takes away the row and the bytes. size is 0 for what a report took.
func (u *Uploads) drop(ctx context.Context, seal string, size int64) error {
	err := u.Store.Change(ctx, incident.People, func(tx incident.Tx) error { return tx.Uploads().Drop(ctx, seal) })
	if err != nil {
		return err
	}
	u.waiting.Add(-size)
	if err := os.Remove(u.path(seal)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fault.New(fault.Unavailable, "%w", err)
	}
	return nil
}
