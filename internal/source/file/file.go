// Package file reads messages from files: tables (CSV, XLSX), lines of JSON (JSONL),
// dumps of the VK API and of MAX's bots, exports of Telegram Desktop, saved feeds, letters.
// Start with Open.
//
// A file is read as a stream, and a record never takes more memory than the
// limit, so a message of 50 MB is one rejected record and the rest goes on.
// Every record of a file is yielded once, as a message or with the reason why
// it is none; what is broken beyond a record ends the file with an error that
// names file, line and remedy. Neither ever quotes what a resident wrote.
//
// What counts as a record: a row of a CSV, a line of a JSONL that is not blank,
// an element of a VK dump's items or updates (comments inside an element count
// for themselves), a message of a Telegram chat, an update or a message of MAX, an item of a
// feed, a letter. Such a file without any of these is one rejected record.
package file

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"iter"
	"path/filepath"
	"strings"
	"time"
	"unicode/utf8"

	"otklik/internal/fault"
	"otklik/internal/mapping"
	"otklik/internal/message"
	"otklik/internal/source"
	"otklik/internal/source/mail"
)

// Reasons why a record is not taken.
const (
	Unreadable  = "unreadable"   // its syntax is broken
	NoMessage   = "no_message"   // it is well formed and holds no message
	NoText      = "no_text"      // a message without words
	TooLarge    = "too_large"    // over the limit
	BadEncoding = "bad_encoding" // bytes that are no text
	SameNumber  = "same_number"  // another row of the table has its number and other words
)

// DefaultLimit is the greatest size of a record in bytes.
const DefaultLimit = 1 << 20

// Options of a format. The zero value is ready.
type Options struct {
	Source    string            // source id of all messages; empty: by the format, see docs/sources.md
	Territory string            // OKTMO that the file speaks for; may be empty
	Columns   map[string]string // CSV and JSONL: field (id, text, author …) → the column that holds it
	Limit     int               // of a record in bytes; 0: DefaultLimit
	Zone      *time.Location    // of dates that name none; nil: Moscow

	// Of tables (csv, xlsx) of other systems.
	Map   *mapping.Mapping // nil: columns are known by their names (id, text …)
	Known Known
	Now   func() time.Time // for dates without a year; nil: time.Now

	// Of letters (eml, mbox).
	Mailbox *mail.Box                               // knows who we are and names authors; nil: nobody is us, authors have no id
	Picture func(name string, content []byte) error // takes a picture of a letter; nil: pictures are named only
}

// Known says what the centre knows by name. Fields may be nil.
type Known struct {
	Topic     func(name string) bool
	Agency    func(name string) bool
	Territory func(name string) (oktmo string, ok bool)
}

// Moscow is the zone of dates that name none.
var Moscow = time.FixedZone("MSK", 3*60*60)

// Formats returns the names of the formats.
func Formats() []string {
	return []string{"csv", "xlsx", "jsonl", "vk", "telegram", "max", "rss", "eml", "mbox"}
}

// Open returns the reader of a format. An unknown format is fault.Invalid and
// the hint names the known ones.
func Open(format string, o Options) (source.File, error) {
	if o.Limit <= 0 {
		o.Limit = DefaultLimit
	}
	if o.Zone == nil {
		o.Zone = Moscow
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	switch format {
	case "csv", "xlsx":
		if o.Map != nil || format == "xlsx" {
			return reader{o, readTable}, nil
		}
		return reader{o, readCSV}, nil
	case "jsonl":
		return reader{o, readJSONL}, nil
	case "vk":
		return reader{o, readVK}, nil
	case "telegram":
		return reader{o, readTelegram}, nil
	case "max":
		return reader{o, readMax}, nil
	case "rss":
		return reader{o, readFeed}, nil
	case "eml":
		return reader{o, readEML}, nil
	case "mbox":
		return reader{o, readMbox}, nil
	}
	known := strings.Join(Formats(), ", ")
	return nil, fault.New(fault.Invalid, "unknown format %q", clip(format, 40)).At("format").
		Say("Такой формат файла не поддерживается. Известные форматы: " + known + ".").Mend("known formats: " + known)
}

// A reader reads files of one format.
type reader struct {
	opts Options
	read func(s *sink, r io.Reader) error
}

func (f reader) Records(ctx context.Context, name string, r io.Reader) iter.Seq2[source.Record, error] {
	return func(yield func(source.Record, error) bool) {
		s := &sink{ctx: ctx, opts: f.opts, name: filepath.Base(name), yield: yield}
		in := &input{r: r}
		err := f.read(s, in)
		if err == nil && in.err != nil {
			err = s.failed(0, in.err)
		}
		if err != nil && !s.stopped {
			yield(source.Record{}, err)
		}
	}
}

// input tells a failing read from the end of the file.
type input struct {
	r   io.Reader
	err error
}

func (s *input) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	if err != nil && err != io.EOF {
		s.err = err
	}
	return n, err
}

// A sink takes the records of one file.
type sink struct {
	ctx     context.Context
	opts    Options
	name    string // base name of the file
	yield   func(source.Record, error) bool
	index   int
	stopped bool
}

// errStop says that nobody wants more records.
var errStop = fmt.Errorf("file: stopped")

// take yields a message, and says what of its record it does not hold.
func (s *sink) take(line int, m message.Message, raw []byte, lost ...source.Loss) error {
	alone := len(m.Attachments) > 0 && m.Thread != "" // a picture says something in a talk only
	if m.Event != message.Deleted && strings.TrimSpace(m.Text) == "" && !alone {
		return s.reject(line, NoText, "В записи нет текста.", raw)
	}
	if m.Territory == "" {
		m.Territory = s.opts.Territory
	}
	return s.give(source.Record{Line: line, Message: m, Lost: lost})
}

// reject yields a record that cannot be taken. text says in Russian what is
// wrong and how to mend it.
func (s *sink) reject(line int, reason, text string, raw []byte) error {
	return s.refuse(line, &source.RecordError{Reason: reason, Text: text}, raw)
}

// cut rejects the last record of a file that was cut off, or that cannot be read
// from there on.
func (s *sink) cut(line int, reason, text string, raw []byte) error {
	return s.refuse(line, &source.RecordError{Reason: reason, Text: text, Cut: true}, raw)
}

func (s *sink) refuse(line int, why *source.RecordError, raw []byte) error {
	if len(raw) > rawLimit {
		raw = raw[:rawLimit]
	}
	return s.give(source.Record{Line: line, Err: why, Raw: append([]byte(nil), raw...)})
}

// rawLimit bounds what is kept of a rejected record.
const rawLimit = 64 << 10

func (s *sink) give(r source.Record) error {
	if err := s.ctx.Err(); err != nil {
		return err
	}
	s.index++
	r.Index = s.index
	if !s.yield(r, nil) {
		s.stopped = true
		return errStop
	}
	return nil
}

// tooLarge rejects a record over the limit.
func (s *sink) tooLarge(line int, head []byte) error {
	return s.reject(line, TooLarge, fmt.Sprintf("Запись длиннее %d КБ: разделите её или уменьшите.", s.opts.Limit>>10), clipBytes(head, 4<<10))
}

// source returns the source id of the file's messages.
func (s *sink) source() string {
	if s.opts.Source != "" {
		return s.opts.Source
	}
	return "file:" + s.name
}

// wrong returns the error that ends a file: what is wrong and how to mend it,
// for engineers and for people.
func (s *sink) wrong(line int, what, hint, sentence string) error {
	where := s.name
	if line > 0 {
		where = fmt.Sprintf("%s:%d", s.name, line)
	}
	return fault.New(fault.Invalid, "%s: %s", where, what).Mend(hint).Say(fmt.Sprintf("Файл %s, строка %d: %s", s.name, max(line, 1), sentence))
}

// failed returns the error of a read that failed at the disk.
func (s *sink) failed(line int, err error) error {
	return fault.New(fault.Unavailable, "%s:%d: %w", s.name, line, err).Mend("what was read so far is taken; import the file again to go on").
		Say(fmt.Sprintf("Файл %s не читается дальше строки %d. Прочитанное сохранено: повторите загрузку.", s.name, line))
}

// nativeID returns a native id for a record: its own, or one made of its content
// when it has none or one of unreasonable length.
func nativeID(id string, content ...string) string {
	if id != "" && len(id) <= 200 && utf8.ValidString(id) {
		return id
	}
	sum := sha256.Sum256([]byte(id + "\x00" + strings.Join(content, "\x00")))
	return "text-" + hex.EncodeToString(sum[:12])
}

func clip(s string, n int) string { return string(clipBytes([]byte(s), n)) }

func clipBytes(b []byte, n int) []byte {
	if len(b) > n {
		return b[:n]
	}
	return b
}
