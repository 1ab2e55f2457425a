package upload

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/iotest"
	"time"

	"otklik/internal/attachment"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/message"
	"otklik/internal/scope"
	"otklik/internal/store"
	"otklik/internal/vault"
)

const neighbour = "203.0.113.7"

// A house takes uploads over a real store and a real vault.
type house struct {
	*Uploads
	db    *store.DB
	vault *vault.Vault
	now   time.Time
	n     int
}

func newHouse(t testing.TB, change ...func(*Options)) *house {
	t.Helper()
	h := &house{now: time.Now().UTC()}
	var err error
	if h.db, err = store.Open(t.Context(), filepath.Join(t.TempDir(), "otklik.db")); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.db.Close() })
	if h.vault, err = vault.Open(t.TempDir()); err != nil {
		t.Fatal(err)
	}
	o := Options{Dir: t.TempDir(), Store: h.db, Vault: h.vault, Now: func() time.Time { return h.now }}
	for _, c := range change {
		c(&o)
	}
	if h.Uploads, err = Open(o); err != nil {
		t.Fatal(err)
	}
	return h
}

// files returns what lies in the folder of uploads.
func (h *house) files(t testing.TB) (names []string) {
	t.Helper()
	list, err := os.ReadDir(h.Dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range list {
		names = append(names, e.Name())
	}
	return names
}

// file claims tokens for a new message, and returns its id.
func (h *house) file(t testing.TB, tokens ...string) (message.ID, error) {
	t.Helper()
	h.n++
	m := &message.Message{Source: "portal", Channel: message.Phone, Native: fmt.Sprint(h.n), Event: message.Written, Revision: message.HashOf(fmt.Sprint(h.n)), Text: "яма",
		SeenAt: h.now, Place: scope.Place{Region: "95000000"}}
	err := h.db.Change(context.Background(), incident.People, func(tx incident.Tx) error {
		if _, err := tx.Messages().Keep(context.Background(), m, &message.Reading{}); err != nil {
			return err
		}
		return h.Claim(context.Background(), tx, m, tokens)
	})
	return m.ID, err
}

func (h *house) shown(t testing.TB, m message.ID) attachment.Attachment {
	t.Helper()
	list, err := h.db.Reader().Attachments().OfMessages(t.Context(), int64(m))
	if err != nil || len(list) != 1 {
		t.Fatalf("the message has %d attachments, %v", len(list), err)
	}
	return list[0]
}

func (h *house) bytes(t testing.TB, hash string) []byte {
	t.Helper()
	f, err := h.vault.Bytes(hash)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	b, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// A photo comes in pieces over a bad line, is claimed by a report, and is shown only when it
// was drawn anew, without what the camera wrote.
func TestAPhotoComesInPieces(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	raw := withExif(jpegOf(t, 600, 400))
	f, err := h.Begin(t.Context(), neighbour, `C:\Фото\двор.JPG`, int64(len(raw)))
	if err != nil || len(f.Token) < 50 || f.Title != "двор.JPG" {
		t.Fatalf("begin = %+v, %v", f, err)
	}
	if now, err := h.Write(t.Context(), f.Token, 0, io.MultiReader(bytes.NewReader(raw[:1000]), iotest.ErrReader(io.ErrUnexpectedEOF))); !fault.Is(err, fault.Invalid) || now.Offset != 1000 {
		t.Fatalf("a broken piece = %+v, %v: what came must stay", now, err)
	}
	if now, err := h.Write(t.Context(), f.Token, 900, bytes.NewReader(raw[900:])); !fault.Is(err, fault.Conflict) || now.Offset != 1000 {
		t.Errorf("a piece at a wrong offset = %+v, %v", now, err)
	}
	if _, err := h.file(t, f.Token); !fault.Is(err, fault.Conflict) || fault.Sentence(err) == "" {
		t.Errorf("half a file was claimed: %v", err)
	}
	h.Uploads, err = Open(h.Options) // the program was killed and starts anew
	if err != nil {
		t.Fatal(err)
	}
	now, err := h.State(t.Context(), f.Token)
	if err != nil || now.Offset != 1000 || now.Whole() {
		t.Fatalf("after the crash: %+v, %v", now, err)
	}
	if now, err = h.Write(t.Context(), f.Token, 1000, bytes.NewReader(raw[1000:])); err != nil || now.Kind != attachment.Photo || now.Lat < 53.5 || now.TakenAt.Year() != 2026 {
		t.Fatalf("the rest = %+v, %v", now, err)
	}
	m, err := h.file(t, f.Token, f.Token, "")
	if err != nil {
		t.Fatal(err)
	}
	if a := h.shown(t, m); a.State != attachment.Wanted || a.Hash != "" || a.Title != "двор.JPG" {
		t.Errorf("before it is drawn anew: %+v", a)
	}
	if _, err := h.file(t, f.Token); !fault.Is(err, fault.Conflict) {
		t.Errorf("a second report has it, too: %v", err)
	}
	if _, err := h.State(t.Context(), f.Token); !fault.Is(err, fault.NotFound) {
		t.Errorf("whoever has the token reads it on: %v", err)
	}
	if err := h.Remove(t.Context(), f.Token); !fault.Is(err, fault.NotFound) {
		t.Errorf("whoever has the token takes it away from the report: %v", err)
	}
	if n, err := h.Step(t.Context()); n != 1 || err != nil {
		t.Fatalf("Step = %d, %v", n, err)
	}
	a := h.shown(t, m)
	if a.State != attachment.Kept || a.Type != "image/jpeg" || a.Lat < 53.5 {
		t.Errorf("drawn anew: %+v", a)
	}
	if b := h.bytes(t, a.Hash); bytes.Contains(b, []byte("Exif")) || bytes.Contains(b, []byte("владелец")) {
		t.Error("what is shown holds the camera's notes")
	}
	if left := h.files(t); len(left) != 0 {
		t.Errorf("left of the original: %v", left)
	}
}

func TestWhatNobodyClaimsGoesAfterADay(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	f, err := h.Take(t.Context(), neighbour, "a.jpg", bytes.NewReader(jpegOf(t, 64, 64)))
	if err != nil {
		t.Fatal(err)
	}
	orphan := filepath.Join(h.Dir, prefix+SealOf("a crash between file and row"))
	if err := os.WriteFile(orphan, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	h.now = h.now.Add(23 * time.Hour)
	if n, err := h.Sweep(t.Context()); n != 1 || err != nil { // the orphan
		t.Errorf("Sweep within a day = %d, %v", n, err)
	}
	if _, err := h.State(t.Context(), f.Token); err != nil {
		t.Errorf("it went too soon: %v", err)
	}
	h.now = h.now.Add(2 * time.Hour)
	if n, err := h.Sweep(t.Context()); n != 1 || err != nil || len(h.files(t)) != 0 {
		t.Errorf("Sweep after a day = %d, %v; left %v", n, err, h.files(t))
	}
	if got := h.waiting.Load(); got != 0 {
		t.Errorf("%d bytes are said to wait", got)
	}
}

// An erased message takes the original with it, also before it was drawn anew.
func TestErasureTakesTheOriginal(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	f, err := h.Take(t.Context(), neighbour, "", bytes.NewReader(jpegOf(t, 64, 64)))
	if err != nil {
		t.Fatal(err)
	}
	m, err := h.file(t, f.Token)
	if err != nil {
		t.Fatal(err)
	}
	a := h.shown(t, m)
	if err := h.db.Change(t.Context(), incident.People, func(tx incident.Tx) error { return tx.Attachments().Remove(t.Context(), a.ID) }); err != nil {
		t.Fatal(err)
	}
	h.now = h.now.Add(time.Hour)
	if _, err := h.Sweep(t.Context()); err != nil || len(h.files(t)) != 0 {
		t.Errorf("left %v, %v", h.files(t), err)
	}
}

// full is a disk that takes so many bytes and no more.
type full struct {
	file
	room *int
}

func (f full) WriteAt(b []byte, at int64) (int, error) {
	if *f.room -= len(b); *f.room < 0 {
		n, _ := f.file.WriteAt(b[:len(b)/2], at) // a torn write
		return n, syscall.ENOSPC
	}
	return f.file.WriteAt(b, at)
}

func TestAFullDiskLeavesNothingHalfDone(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	room := 100_000
	h.open = func(path string, flags int) (file, error) {
		f, err := os.OpenFile(path, flags, 0o600)
		return full{f, &room}, err
	}
	raw := append(jpegOf(t, 64, 64), make([]byte, 200_000)...)
	f, err := h.Begin(t.Context(), neighbour, "a.jpg", int64(len(raw)))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.Write(t.Context(), f.Token, 0, bytes.NewReader(raw[:50_000])); err != nil {
		t.Fatal(err)
	}
	now, err := h.Write(t.Context(), f.Token, 50_000, bytes.NewReader(raw[50_000:]))
	if !fault.Is(err, fault.Unavailable) || !strings.Contains(fault.Sentence(err), "не хватает места") || now.Offset != 50_000 {
		t.Errorf("on a full disk = %+v, %v", now, err)
	}
	if now, err := h.State(t.Context(), f.Token); err != nil || now.Offset != 50_000 {
		t.Errorf("afterwards it stands at %+v, %v: the torn write must be cut off", now, err)
	}
	room = 1 << 30
	if now, err := h.Write(t.Context(), f.Token, 50_000, bytes.NewReader(raw[50_000:])); err != nil || !now.Whole() {
		t.Errorf("with room again = %+v, %v", now, err)
	}
}

func TestBoundsAreSaid(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(o *Options) {
		o.Limits = Limits{Photo: 1 << 20, Video: 3 << 20, Document: 2 << 20, Waiting: 8 << 20, Files: 2}
		o.Admit = func(address string, _ int64) error {
			if address == "198.51.100.1" {
				return fault.New(fault.Forbidden, "much").Say("Слишком много файлов.")
			}
			return nil
		}
	})
	for name, c := range map[string]struct {
		address string
		size    int64
		says    string
	}{
		"nothing":              {neighbour, 0, "Файл пустой"},
		"no size":              {neighbour, -1, "Не сказано"},
		"too large":            {neighbour, 4 << 20, "Файл больше 3 МБ"},
		"an address too often": {"198.51.100.1", 10, "Слишком много файлов"},
	} {
		if _, err := h.Begin(t.Context(), c.address, "", c.size); !strings.Contains(fault.Sentence(err), c.says) {
			t.Errorf("%s: Begin = %v, says %q; want %q", name, err, fault.Sentence(err), c.says)
		}
	}
	f, err := h.Begin(t.Context(), neighbour, "a.jpg", 2<<20)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.Write(t.Context(), f.Token, 0, bytes.NewReader(jpegOf(t, 64, 64))); !strings.Contains(fault.Sentence(err), "Фотография больше 1 МБ") {
		t.Errorf("a photo of 2 MB, at its first piece: %v, says %q", err, fault.Sentence(err))
	}
	f, err = h.Begin(t.Context(), neighbour, "a.jpg", 10)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.Write(t.Context(), f.Token, 0, bytes.NewReader(make([]byte, 11))); !fault.Is(err, fault.Invalid) {
		t.Errorf("more bytes than were announced: %v", err)
	}
	if len(h.files(t)) != 0 {
		t.Errorf("refused, and left: %v", h.files(t))
	}
	for range 2 {
		if _, err := h.Begin(t.Context(), neighbour, "", 3<<20); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := h.Begin(t.Context(), neighbour, "", 3<<20); !fault.Is(err, fault.Unavailable) || fault.Sentence(err) == "" {
		t.Errorf("beyond the room of all: %v", err)
	}
	var many []string
	for range 3 {
		f, err := h.Take(t.Context(), neighbour, "", bytes.NewReader(jpegOf(t, 16, 16)))
		if err != nil {
			t.Fatal(err)
		}
		many = append(many, f.Token)
	}
	if _, err := h.file(t, many...); !strings.Contains(fault.Sentence(err), "до 2 файлов") {
		t.Errorf("three files, and two are allowed: %v", err)
	}
}

// What a transaction claims and then fails stays with the form.
func TestAFailedReportClaimsNothing(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	f, err := h.Take(t.Context(), neighbour, "", bytes.NewReader(jpegOf(t, 16, 16)))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.file(t, f.Token, "no such token"); !fault.Is(err, fault.Conflict) {
		t.Fatalf("claim = %v", err)
	}
	if _, err := h.State(t.Context(), f.Token); err != nil {
		t.Errorf("the good file went with the failed report: %v", err)
	}
	if _, err := h.file(t, f.Token); err != nil {
		t.Error(err)
	}
}

type scanner func(io.Reader) (bool, error)

func (s scanner) Scan(_ context.Context, r io.Reader) (bool, error) { return s(r) }

func TestTheScannerDecidesWhatIsShown(t *testing.T) {
	t.Parallel()
	away, virus := true, false
	h := newHouse(t, func(o *Options) {
		o.Scan = scanner(func(io.Reader) (bool, error) {
			if away {
				return false, errors.New("connection refused")
			}
			return virus, nil
		})
	})
	take := func() message.ID {
		t.Helper()
		f, err := h.Take(t.Context(), neighbour, "", bytes.NewReader(jpegOf(t, 32, 32)))
		if err != nil {
			t.Fatal(err)
		}
		m, err := h.file(t, f.Token)
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	step := func() {
		t.Helper()
		h.now = h.now.Add(2 * scanAgain)
		if _, err := h.Step(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	first := take()
	step()
	if a := h.shown(t, first); a.State != attachment.Wanted {
		t.Errorf("the scanner is away, and the file is %s", a.State)
	}
	if n, err := h.Unscanned(t.Context()); n != 1 || err != nil {
		t.Errorf("Unscanned = %d, %v", n, err)
	}
	second := take()
	away = false
	step()
	if a, b := h.shown(t, first), h.shown(t, second); a.State != attachment.Kept || b.State != attachment.Kept {
		t.Errorf("the scanner is back, and the files are %s, %s", a.State, b.State)
	}
	away = true
	third := take()
	away, virus = false, true
	step()
	if a := h.shown(t, third); a.State != attachment.Lost || a.Why != attachment.Infected {
		t.Errorf("an infected file is %s, %s", a.State, a.Why)
	}
	if _, err := h.Take(t.Context(), neighbour, "", bytes.NewReader(jpegOf(t, 32, 32))); !strings.Contains(fault.Sentence(err), "вирус") {
		t.Errorf("an infected file = %v", err)
	}
	if got := h.Refused()["infected"]; got != 2 || len(h.files(t)) != 0 {
		t.Errorf("counted %d infected; left %v", got, h.files(t))
	}
}

// BenchmarkClaim is the part of a submission that has a photo of 2 MB already there.
func BenchmarkClaim(b *testing.B) {
	h := newHouse(b)
	raw := append(jpegOf(b, 800, 600), make([]byte, 2<<20)...)
	tokens := make([]string, b.N)
	for k := range tokens {
		f, err := h.Take(b.Context(), neighbour, "", bytes.NewReader(raw))
		if err != nil {
			b.Fatal(err)
		}
		tokens[k] = f.Token
	}
	b.ResetTimer()
	for k := range b.N {
		if _, err := h.file(b, tokens[k]); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkTake2MB(b *testing.B) {
	h := newHouse(b)
	raw := append(jpegOf(b, 800, 600), make([]byte, 2<<20)...)
	b.SetBytes(int64(len(raw)))
	for b.Loop() {
		if _, err := h.Take(b.Context(), neighbour, "", bytes.NewReader(raw)); err != nil {
			b.Fatal(err)
		}
	}
}
