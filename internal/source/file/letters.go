package file

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"otklik/internal/order"
	"otklik/internal/source"
	"otklik/internal/source/mail"
)

// lettersSource is the source of letters of files when none is named: a Message-ID names a
// letter wherever it lies, so one that lies in an mbox and in a folder comes in once.
const lettersSource = "file:mail"

// letterKinds says in Russian why a letter is no message.
var letterKinds = map[string]struct{ reason, text string }{
	mail.NoLetter: {NoMessage, "Это не письмо: нет ни отправителя, ни даты, ни темы."},
	mail.CutOff:   {Unreadable, "Письмо обрывается: сохраните его заново целиком и загрузите снова."},
	mail.Machine:  {NoMessage, "Письмо написала программа: рассылка, автоответ или отчёт о доставке."},
	mail.Empty:    {NoText, "В письме нет текста."},
}

// oleFile begins files of Outlook's own format.
var oleFile = []byte{0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1}

// letter takes one letter. last says that the file ends behind it: only there it can be cut.
func (s *sink) letter(line int, raw []byte, last bool) error {
	box := s.opts.Mailbox
	if box == nil {
		box = &mail.Box{Source: lettersSource, Now: s.opts.Now}
	}
	raw = bytes.TrimLeft(bytes.TrimPrefix(raw, []byte("\ufeff")), "\r\n") // editors put these before a letter
	m, why, err := box.Saved(s.ctx, raw, s.opts.Picture)
	if err != nil {
		return s.failed(line, err)
	}
	if why != "" {
		k := letterKinds[why]
		if why == mail.CutOff && last {
			return s.cut(line, k.reason, k.text, raw)
		}
		return s.reject(line, k.reason, k.text, raw)
	}
	if m.Source = lettersSource; s.opts.Source != "" {
		m.Source = s.opts.Source
	}
	if m.Text == "" { // pictures alone
		m.Territory = s.opts.Territory
		return s.give(source.Record{Line: line, Message: m})
	}
	return s.take(line, m, raw)
}

// letterLimit is how long a letter may be: a photo comes inside of it.
func (s *sink) letterLimit() int {
	if s.opts.Limit == DefaultLimit {
		return mail.Largest
	}
	return s.opts.Limit
}

// readEML reads a file that is one letter.
func readEML(s *sink, r io.Reader) error {
	in := bufio.NewReader(r)
	switch head, _ := in.Peek(len(oleFile)); {
	case bytes.Equal(head, oleFile):
		return s.reject(1, NoMessage, "Это письмо в формате Outlook (.msg): сохраните его как .eml и загрузите снова.", nil)
	case bytes.HasPrefix(head, []byte("From ")): // a mailbox of one letter or more
		return readMbox(s, in)
	}
	limit := s.letterLimit()
	raw, err := io.ReadAll(io.LimitReader(in, int64(limit)+1))
	switch {
	case err != nil:
		return nil // the caller knows the reader's error
	case len(raw) > limit:
		return s.letterTooLarge(1, raw)
	case len(bytes.TrimSpace(raw)) == 0:
		return s.reject(1, NoMessage, "Файл пуст.", nil)
	}
	return s.letter(1, raw, true)
}

func (s *sink) letterTooLarge(line int, head []byte) error {
	return s.reject(line, TooLarge, fmt.Sprintf("Письмо длиннее %d МБ: сохраните его без вложений.", s.letterLimit()>>20), clipBytes(head, 4<<10))
}

var (
	postmark  = regexp.MustCompile(`^From .*\d{1,2}:\d{2}`)
	headField = regexp.MustCompile(`^(?:[!-9;-~]+[ \t]*:|>From |From )`)
	escaped   = regexp.MustCompile(`^>+From `)
)

// readMbox reads a mailbox in one file: letters behind lines «From …». A line of a letter
// that began so has «>» before it (mboxrd); where a program did not write it, the line counts
// as the next letter only when a time stands in it and a head below.
func readMbox(s *sink, r io.Reader) error {
	in := bufio.NewReaderSize(r, 64<<10)
	var letter []byte
	limit, line, began := s.letterLimit(), 0, 0
	over, blank, rest, ended := false, true, false, true // rest: of a line longer than the buffer
	finish := func(last bool) error {
		defer func() { letter, over = letter[:0], false }()
		switch {
		case began == 0 || len(bytes.TrimSpace(letter)) == 0:
			return nil
		case over:
			return s.letterTooLarge(began, letter)
		case last && !ended:
			return s.cut(began, Unreadable, letterKinds[mail.CutOff].text, letter)
		}
		return s.letter(began, letter, last)
	}
	for {
		part, err := in.ReadSlice('\n')
		if err != nil && err != bufio.ErrBufferFull && err != io.EOF {
			return nil // the caller knows the reader's error; what stands before is taken
		}
		if len(part) > 0 {
			if !rest {
				line++
			}
			starts := !rest && blank && postmark.Match(part) && headFollows(in)
			switch text := bytes.TrimSpace(part); {
			case starts:
				if err := finish(false); err != nil {
					return err
				}
				began = line
			case began == 0 && len(text) > 0:
				return s.reject(line, NoMessage, "Это не mbox: он начинается со строки «From …». Одно письмо загружайте в формате eml.", nil)
			case began > 0:
				if !rest && escaped.Match(part) {
					part = part[1:]
				}
				if over = over || len(letter)+len(part) > limit; !over {
					letter = append(letter, part...)
				}
			}
			if blank = !rest && len(bytes.TrimRight(part, "\r\n")) == 0; starts {
				blank = false
			}
			ended = part[len(part)-1] == '\n'
		}
		if rest = err == bufio.ErrBufferFull; err == io.EOF {
			break
		}
	}
	if began == 0 {
		return s.reject(1, NoMessage, "Файл пуст.", nil)
	}
	return finish(true)
}

// headFollows reports whether the next line is one of a letter's head.
func headFollows(in *bufio.Reader) bool {
	next, _ := in.Peek(200)
	return headField.Match(next)
}

// Letters returns what reads the letters of a folder: files «….eml», or those in «cur» and
// «new» of a Maildir, the oldest letter first, so that answers follow what they answer.
func Letters(folder fs.FS, o Options) (source.File, error) {
	f, err := Open("eml", o)
	if err != nil {
		return nil, err
	}
	return letters{folder, f.(reader)}, nil
}

type letters struct {
	folder fs.FS
	one    reader
}

// Records implements source.File; it reads the folder and nothing else.
func (l letters) Records(ctx context.Context, name string, _ io.Reader) iter.Seq2[source.Record, error] {
	return func(yield func(source.Record, error) bool) {
		all := &sink{ctx: ctx, opts: l.one.opts, name: filepath.Base(name), yield: yield}
		paths, err := l.sorted(ctx)
		if err == nil && len(paths) == 0 {
			err = all.reject(0, NoMessage, "В папке нет писем: ни файлов .eml, ни папок cur и new.", nil)
		}
		for _, p := range paths {
			if err == nil {
				err = l.file(all, p)
			}
		}
		if err != nil && !all.stopped {
			yield(source.Record{}, err)
		}
	}
}

// file reads one file of the folder. One that cannot be read is told and keeps nobody waiting.
func (l letters) file(all *sink, path string) error {
	in, err := l.folder.Open(path)
	if err != nil {
		return all.reject(0, Unreadable, path+": файл не открывается, проверьте права.", nil)
	}
	defer in.Close()
	var broken error
	for rec, err := range l.one.Records(all.ctx, path, in) {
		if err != nil {
			broken = err
			break
		}
		if rec.Line = 0; rec.Err != nil { // it would be taken for one of the folder
			rec.Err.Text = path + ": " + rec.Err.Text
		}
		if err := all.give(rec); err != nil {
			return err
		}
	}
	if broken == nil || all.ctx.Err() != nil {
		return all.ctx.Err()
	}
	return all.reject(0, Unreadable, path+": файл не читается.", nil)
}

// sorted returns the paths of letters by when they were written.
func (l letters) sorted(ctx context.Context) ([]string, error) {
	type found struct {
		path string
		at   time.Time
	}
	var list []found
	err := fs.WalkDir(l.folder, ".", func(path string, d fs.DirEntry, err error) error {
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil && path == ".":
			return err
		case err != nil, !d.Type().IsRegular(), !mail.InFolder(path): // a folder without rights is passed over
			return nil
		}
		list = append(list, found{path, l.written(path)})
		return nil
	})
	if err != nil {
		return nil, errors.Join(errors.New("file: the folder cannot be read"), err)
	}
	order.By(list, func(a, b found) int {
		if c := a.at.Compare(b.at); c != 0 {
			return c
		}
		return strings.Compare(a.path, b.path)
	})
	paths := make([]string, len(list))
	for i, f := range list {
		paths[i] = f.path
	}
	return paths, nil
}

func (l letters) written(path string) time.Time {
	in, err := l.folder.Open(path)
	if err != nil {
		return time.Time{}
	}
	defer in.Close()
	head, _ := io.ReadAll(io.LimitReader(in, 32<<10))
	return mail.Written(head)
}
