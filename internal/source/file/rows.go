package file

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"iter"
	"os"
	"strings"
	"unicode/utf8"

	"otklik/internal/fault"
	"otklik/internal/sheet"
	"otklik/internal/source"
)

// A Row is a row of a table that holds something, or the reason why it cannot be read.
type Row struct {
	Line   int // of the file; of a workbook the sheet's
	Cells  []string
	Hidden bool
	Err    *source.RecordError
	Raw    []byte // of a row that cannot be read
}

// largest is how many bytes a workbook may have: it is read from a file of its own.
const largest = 512 << 20

// Rows reads the rows of a table, CSV or XLSX, whatever it is called: what it is its first
// bytes tell. name is for errors; sheet names a sheet of a workbook, "" is the first one.
func Rows(name string, r io.Reader, sheetName string, limit int) iter.Seq2[Row, error] {
	if limit <= 0 {
		limit = DefaultLimit
	}
	return func(yield func(Row, error) bool) {
		s := &sink{ctx: context.Background(), opts: Options{Limit: limit}, name: name}
		br := bufio.NewReaderSize(r, sampleSize)
		if workbook(br) {
			s.sheetRows(br, sheetName, yield)
			return
		}
		s.textRows(br, yield)
	}
}

// Sheets returns the names of a workbook's sheets, those that are shown; none for a CSV.
func Sheets(r io.Reader) (names []string, err error) {
	br := bufio.NewReaderSize(r, sampleSize)
	if !workbook(br) {
		return nil, nil
	}
	b, done, err := openBook(br)
	if err != nil {
		return nil, err
	}
	defer done()
	for _, s := range b.Sheets {
		if !s.Hidden {
			names = append(names, s.Name)
		}
	}
	return names, nil
}

// workbook tells a workbook, also one that cannot be read, from text.
func workbook(br *bufio.Reader) bool {
	head, _ := br.Peek(4)
	return bytes.HasPrefix(head, []byte("PK\x03\x04")) || bytes.HasPrefix(head, []byte("\xd0\xcf\x11\xe0"))
}

// openBook copies a workbook to a file without a name, since it is read from its end.
func openBook(r io.Reader) (_ *sheet.Book, done func(), err error) {
	f, err := os.CreateTemp("", "otklik-table-*")
	if err != nil {
		return nil, nil, err
	}
	shut := func() { _ = f.Close(); _ = os.Remove(f.Name()) }
	_ = os.Remove(f.Name())
	defer func() {
		if err != nil {
			shut()
		}
	}()
	size, err := io.Copy(f, io.LimitReader(r, largest+1))
	if err != nil {
		return nil, nil, err
	}
	if size > largest {
		return nil, nil, fault.New(fault.Invalid, "a workbook of more than %d MB", largest>>20).Say("Таблица больше 512 МБ: разделите её.").Mend("split the table")
	}
	b, err := sheet.Open(f, size, sheet.Limits{})
	if err != nil {
		return nil, nil, err
	}
	return b, func() { _ = b.Close(); shut() }, nil
}

func (s *sink) sheetRows(r io.Reader, name string, yield func(Row, error) bool) {
	b, done, err := openBook(r)
	if err != nil {
		yield(Row{}, s.tableError(0, err))
		return
	}
	defer done()
	of, err := b.Sheet(name)
	if err != nil {
		yield(Row{}, s.tableError(0, err))
		return
	}
	for row, err := range b.Rows(of) {
		if err != nil {
			yield(Row{}, s.tableError(row.Line, err))
			return
		}
		out := Row{Line: row.Line, Cells: row.Cells, Hidden: row.Hidden}
		if row.Large {
			out.Err = &source.RecordError{Reason: TooLarge, Text: fmt.Sprintf("Ячейка длиннее %d КБ: разделите её или уменьшите.", sheet.DefaultLimits.Cell>>10)}
		}
		if !yield(out, nil) {
			return
		}
	}
}

// tableError names the file and the row of an error that ends a table.
func (s *sink) tableError(line int, err error) error {
	sentence, hint := fault.Sentence(err), fault.Hint(err)
	if sentence == "" {
		return s.failed(line, err)
	}
	return s.wrong(line, err.Error(), hint, sentence)
}

// textRows reads a CSV: separator and encoding are found out. Where quotes are wrong, a line
// is taken as it stands, if it has as many columns as most.
func (s *sink) textRows(r io.Reader, yield func(Row, error) bool) {
	text, enc := decode(r)
	if enc == unknownBytes {
		yield(Row{}, s.wrong(1, "the encoding is neither UTF-8, UTF-16 nor windows-1251", "save the table as «CSV UTF-8» or .xlsx and import it again",
			"кодировка не распознана. Сохраните таблицу как «CSV UTF-8» или .xlsx и загрузите снова."))
		return
	}
	w := newWindow(text, s.opts.Limit)
	for len(w.bytes()) < sampleSize && w.more() { // enough to guess the separator
	}
	t := textTable{w: w, limit: s.opts.Limit, strict: enc != utf8Text}
	t.guess()
	for {
		row, ok := t.next()
		if !ok {
			break
		}
		if (row.Err != nil || !empty(row.Cells)) && !yield(row, nil) {
			return
		}
	}
	if w.err != nil {
		yield(Row{}, s.failed(w.line, w.err))
	}
}

func empty(cells []string) bool {
	for _, c := range cells {
		if strings.TrimSpace(c) != "" {
			return false
		}
	}
	return true
}

type textTable struct {
	w      *window
	limit  int
	sep    byte
	width  int // of most rows of the sample
	strict bool
}

// guess finds the separator that gives most rows of the sample the same width.
func (t *textTable) guess() {
	best := -1
	for _, sep := range []byte{';', ',', '\t', '|'} {
		widths, rest := map[int]int{}, t.w.bytes()
		for range 60 {
			row, n, st := parseRow(rest, sep, t.w.eof)
			if st != rowDone {
				end := bytes.IndexByte(rest, '\n')
				if end < 0 {
					break
				}
				row, n = looseRow(rest[:end], sep), end+1
			}
			if n == 0 {
				break
			}
			if !empty(row) {
				widths[len(row)]++
			}
			rest = rest[n:]
		}
		for width, n := range widths {
			if score := n * min(width, 4); width > 1 && (score > best || score == best && width > t.width) {
				best, t.sep, t.width = score, sep, width
			}
		}
	}
	if best < 0 {
		t.sep, t.width = ';', 1
	}
}

// looseRow splits a line whose quotes are wrong, as it stands.
func looseRow(line []byte, sep byte) []string {
	parts := strings.Split(strings.TrimSuffix(string(line), "\r"), string(sep))
	for k, p := range parts {
		parts[k] = strings.ReplaceAll(strings.Trim(p, "\" "), `""`, `"`)
	}
	return parts
}

func (t *textTable) next() (Row, bool) {
	for {
		b := t.w.bytes()
		if len(b) == 0 {
			if !t.w.more() {
				return Row{}, false
			}
			continue
		}
		row, n, st := parseRow(b, t.sep, t.w.eof)
		if (st == rowOpen || st == rowLong) && t.w.more() {
			continue
		}
		if st == rowDone && t.w.err != nil && b[n-1] != '\n' {
			return Row{}, false // cut by the failing disk
		}
		out := Row{Line: t.w.line}
		if st == rowDone && n <= t.limit {
			out.Cells = row
			t.take(&out, b, n)
			return out, true
		}
		if st == rowDone { // longer than a record may be
			return t.refuse(out, b, n, TooLarge, fmt.Sprintf("Запись длиннее %d КБ: разделите её или уменьшите.", t.limit>>10)), true
		}
		end := bytes.IndexByte(b, '\n')
		if end < 0 && t.w.err != nil {
			return Row{}, false
		}
		if end < 0 && !t.w.eof {
			out = t.refuse(out, b, 0, TooLarge, fmt.Sprintf("Запись длиннее %d КБ: разделите её или уменьшите.", t.limit>>10))
			t.w.skipLine()
			return out, true
		}
		n = end + 1
		if end < 0 {
			n = len(b)
		}
		if out.Cells = looseRow(bytes.TrimSuffix(b[:n], []byte("\n")), t.sep); len(out.Cells) == t.width {
			t.take(&out, b, n)
			return out, true
		}
		last := end < 0 || len(bytes.TrimSpace(b[n:])) == 0 && t.w.eof
		out = t.refuse(out, b, n, Unreadable, fmt.Sprintf("Кавычка, открытая в строке %d, не закрыта: закройте её или удвойте кавычки внутри текста.", out.Line))
		out.Err.Cut = last
		return out, true
	}
}

func (t *textTable) take(out *Row, b []byte, n int) {
	if !utf8.Valid(b[:n]) || t.strict && bytes.ContainsRune(b[:n], utf8.RuneError) {
		*out = t.refuse(*out, b, 0, BadEncoding, "В строке повреждены знаки: сохраните таблицу в UTF-8 заново.")
	}
	t.w.advance(n)
}

func (t *textTable) refuse(out Row, b []byte, n int, reason, text string) Row {
	raw := b
	if n > 0 {
		raw = b[:n]
	}
	out.Cells, out.Err, out.Raw = nil, &source.RecordError{Reason: reason, Text: text}, bytes.Clone(clipBytes(raw, 4<<10))
	t.w.advance(n)
	return out
}
