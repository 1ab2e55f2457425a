package file

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// readCSV reads a table with a header. Separator (comma, semicolon, tab) and
// encoding (UTF-8, windows-1251, UTF-16) are found out.
func readCSV(s *sink, r io.Reader) error {
	text, enc := decode(r)
	if enc == unknownBytes {
		return s.wrong(1, "the encoding is neither UTF-8, UTF-16 nor windows-1251", "save the table as «CSV UTF-8» and import it again",
			"кодировка не распознана. Сохраните таблицу как «CSV UTF-8» и загрузите снова.")
	}
	t := &table{sink: s, w: newWindow(text, s.opts.Limit), strict: enc != utf8Text}
	for len(t.w.bytes()) < sampleSize && t.w.more() { // enough to guess the separator
	}
	if err := t.header(); err != nil {
		return err
	}
	if err := t.rows(); err != nil {
		return err
	}
	if t.w.err != nil {
		return s.failed(t.w.line, t.w.err)
	}
	return nil
}

// A table is a CSV under way.
type table struct {
	*sink
	w       *window
	sep     byte
	strict  bool           // a character that could not be decoded spoils its record
	columns map[string]int // field → column
	width   int            // columns of the header
	numeric bool           // ids are numbers, as far as seen
	rowsOK  int
}

var separators = []byte{',', ';', '\t'}

// header reads the first line and finds the columns.
func (t *table) header() error {
	for {
		b := t.w.bytes()
		n := bytes.IndexByte(b, '\n')
		if n < 0 || len(bytes.TrimSpace(b[:n])) != 0 {
			break
		}
		t.w.advance(n + 1)
	}
	b := t.w.bytes()
	if len(bytes.TrimSpace(b)) == 0 {
		if t.w.err != nil {
			return t.failed(t.w.line, t.w.err)
		}
		return t.wrong(1, "the table is empty", "the first line names the columns: id, text", "таблица пуста. Первая строка называет столбцы: id, text.")
	}
	best, used, widest := -1, 0, 1
	for _, sep := range separators {
		names, n, st := parseRow(b, sep, t.w.eof)
		if st != rowDone {
			continue
		}
		widest = max(widest, len(names))
		columns := t.find(names)
		if _, ok := columns["text"]; ok && len(names) > best {
			best, used, t.sep, t.columns, t.width = len(names), n, sep, columns, len(names)
		}
	}
	if best < 0 {
		if widest == 1 {
			return t.wrong(t.w.line, "the header has no column «text», and no separator that we know", "separate columns by comma, semicolon or tab; the first line names them: id, text",
				"в первой строке нет столбца text. Столбцы разделяют запятой, точкой с запятой или табуляцией, первая строка называет их: id, text.")
		}
		return t.wrong(t.w.line, fmt.Sprintf("none of the %d columns of the header is called «text»", widest), "the first line names the columns: id, text; or name the column of the texts",
			"ни один столбец не назван text. Первая строка должна называть столбцы: id, text; либо укажите, в каком столбце тексты.")
	}
	if other := t.otherSeparator(b[used:]); other != 0 {
		return t.wrong(t.w.line+1, fmt.Sprintf("the header is separated by %q and the rows by %q", t.sep, other), "use one separator in the whole table",
			"заголовок и строки разделены разными знаками. Сохраните таблицу с одним разделителем.")
	}
	t.numeric = true
	t.w.advance(used)
	return nil
}

// find returns the columns of the fields.
func (t *table) find(names []string) map[string]int {
	at := map[string]int{}
	for i, name := range names {
		if _, seen := at[plainName(name)]; !seen {
			at[plainName(name)] = i
		}
	}
	columns := map[string]int{}
	for field, known := range fieldNames {
		if own := t.opts.Columns[field]; own != "" {
			known = []string{plainName(own)}
		}
		for _, name := range known {
			if i, ok := at[name]; ok {
				columns[field] = i
				break
			}
		}
	}
	for _, name := range pastNames {
		if i, ok := at[name]; ok {
			columns[pastField(name)] = i
		}
	}
	if text, ok := columns["text"]; ok && t.opts.Columns["text"] == "" {
		for i, name := range names {
			if i != text && slices.Contains(fieldNames["text"], plainName(name)) {
				columns[secondText] = i
			}
		}
	}
	return columns
}

// otherSeparator returns the separator that the first rows fit, when they do not
// fit the header's; 0 else.
func (t *table) otherSeparator(b []byte) byte {
	fits := func(sep byte) bool { // most rows have the header's width
		rest, fit, all := b, 0, 0
		for range 20 {
			row, used, st := parseRow(rest, sep, t.w.eof)
			if st != rowDone || used == 0 {
				break
			}
			all++
			if len(row) == t.width {
				fit++
			}
			rest = rest[used:]
		}
		return fit*2 > all || all == 0
	}
	if t.width < 2 || fits(t.sep) {
		return 0
	}
	for _, sep := range separators {
		if sep != t.sep && fits(sep) {
			return sep
		}
	}
	return 0
}

// rows reads the rows behind the header.
func (t *table) rows() error {
	for {
		b := t.w.bytes()
		if len(b) == 0 {
			if !t.w.more() {
				return nil
			}
			continue
		}
		if n := blank(b); n > 0 {
			t.w.advance(n)
			continue
		}
		row, n, st := parseRow(b, t.sep, t.w.eof)
		var err error
		switch st {
		case rowDone:
			if t.w.err != nil && b[n-1] != '\n' {
				return nil // cut by the failing disk
			}
			if n > t.opts.Limit {
				err = t.tooLarge(t.w.line, b)
			} else {
				err = t.row(row, b[:n])
			}
			t.w.advance(n)
		case rowOpen, rowLong:
			if t.w.more() {
				continue
			}
			if t.w.err != nil {
				return nil
			}
			err = t.over(b, st)
		case rowBroken:
			err = t.broken(b)
		}
		if err != nil {
			return err
		}
	}
}

// row yields one row.
func (t *table) row(row []string, raw []byte) error {
	line := t.w.line
	if !utf8.Valid(raw) || t.strict && bytes.ContainsRune(raw, utf8.RuneError) {
		return t.reject(line, BadEncoding, "В строке повреждены знаки: сохраните таблицу в UTF-8 заново.", raw)
	}
	for len(row) > t.width && strings.TrimSpace(row[len(row)-1]) == "" {
		row = row[:len(row)-1]
	}
	if len(row) > t.width {
		return t.reject(line, Unreadable, fmt.Sprintf("Столбцов %d, а в заголовке %d: возьмите текст с разделителями в кавычки.", len(row), t.width), raw)
	}
	if len(row) <= t.columns["text"] {
		if raw[len(raw)-1] != '\n' { // the last row, and no line end
			return t.cut(line, Unreadable, fmt.Sprintf("Файл обрывается на строке %d: получите его заново целиком и загрузите снова.", line), raw)
		}
		return t.reject(line, Unreadable, fmt.Sprintf("Столбцов %d, а в заголовке %d: проверьте разделитель и кавычки.", len(row), t.width), raw)
	}
	f := fields{}
	for field, i := range t.columns {
		if i < len(row) {
			f[field] = row[i]
		}
	}
	if _, ours := f.exported(); ours {
		for field, value := range f {
			f[field] = Unguard(value)
		}
	}
	id := strings.TrimSpace(f["id"])
	t.numeric = t.numeric && digits(id)
	t.rowsOK++
	return t.take(line, f.message(t.sink, id), raw, f.lost(t.sink)...)
}

// over deals with a row that does not end within the limit or the file.
func (t *table) over(b []byte, st rowState) error {
	line := t.w.line
	if st == rowLong {
		err := t.tooLarge(line, b)
		t.w.skipLine()
		return err
	}
	if next := t.next(b); next > 0 { // a quote that was never closed, not a long message
		return t.brokenUntil(b, next)
	}
	if t.w.eof {
		if t.w.full() {
			err := t.tooLarge(line, b)
			t.w.advance(len(b))
			return err
		}
		err := t.cut(line, Unreadable, fmt.Sprintf("Файл обрывается внутри кавычек, открытых в строке %d: закройте их или получите файл заново целиком и загрузите снова.", line), b)
		t.w.advance(len(b))
		return err
	}
	err := t.tooLarge(line, b)
	t.skipRow()
	return err
}

// broken deals with a row whose quotes are wrong.
func (t *table) broken(b []byte) error {
	next := t.next(b)
	for next == 0 && t.w.more() {
		b = t.w.bytes()
		next = t.next(b)
	}
	if next == 0 {
		next = len(b)
	}
	return t.brokenUntil(b, next)
}

func (t *table) brokenUntil(b []byte, next int) error {
	line := t.w.line
	err := t.reject(line, Unreadable, fmt.Sprintf("Кавычка, открытая в строке %d, не закрыта: закройте её или удвойте кавычки внутри текста.", line), b[:next])
	t.w.advance(next)
	return err
}

// next returns where the next line begins that looks like a row: it has all
// columns, and a number for id where all ids before were numbers. 0 means none.
func (t *table) next(b []byte) int {
	id, hasID := t.columns["id"]
	numeric := t.numeric
	if t.rowsOK == 0 && hasID { // only this row itself can tell
		row := bytes.SplitN(clipBytes(b, 1000), []byte{t.sep}, id+2)
		numeric = id < len(row) && digits(string(bytes.Trim(row[id], " \"")))
	}
	for at := 0; ; {
		n := bytes.IndexByte(b[at:], '\n')
		if n < 0 {
			return 0
		}
		at += n + 1
		row, used, st := parseRow(b[at:], t.sep, t.w.eof)
		if st != rowDone || used == 0 || len(row) != t.width {
			continue
		}
		if hasID && numeric && !digits(strings.TrimSpace(row[id])) {
			continue
		}
		return at
	}
}

// skipRow moves behind a row of any length.
func (t *table) skipRow() {
	const (
		begin = iota
		bare
		quoted
		closed
	)
	state := begin
	for {
		b := t.w.bytes()
		for i, c := range b {
			switch {
			case state == quoted:
				if c == '"' {
					state = closed
				}
			case c == '"' && state != bare: // opens, or was the first of two
				state = quoted
			case c == '\n':
				t.w.advance(i + 1)
				return
			case c == t.sep:
				state = begin
			default:
				state = bare
			}
		}
		t.w.advance(len(b))
		if !t.w.more() {
			return
		}
	}
}

// blank returns the length of a blank line at the beginning, 0 for none.
func blank(b []byte) int {
	switch {
	case b[0] == '\n':
		return 1
	case len(b) > 1 && b[0] == '\r' && b[1] == '\n':
		return 2
	}
	return 0
}

// A rowState says how the parsing of a row ended.
type rowState int

const (
	rowDone   rowState = iota
	rowOpen            // it ends inside quotes: more is needed
	rowLong            // it ends without a line end: more is needed
	rowBroken          // a quote stands where none can
)

// parseRow parses the row at the beginning of b and returns its fields and its
// length. A quote inside a bare field is taken as it stands.
func parseRow(b []byte, sep byte, eof bool) (row []string, n int, st rowState) {
	for i := 0; ; {
		if i < len(b) && b[i] == '"' {
			value, end, st := quotedField(b, i+1, sep, eof)
			if st != rowDone {
				return nil, 0, st
			}
			row, i = append(row, value), end
		} else {
			j := i
			for j < len(b) && b[j] != sep && b[j] != '\n' {
				j++
			}
			if j == len(b) && !eof {
				return nil, 0, rowLong
			}
			value := b[i:j]
			if j == len(b) || b[j] == '\n' {
				value = bytes.TrimSuffix(value, []byte("\r"))
			}
			row, i = append(row, string(value)), j
		}
		switch {
		case i >= len(b):
			return row, len(b), rowDone
		case b[i] == '\n':
			return row, i + 1, rowDone
		}
		i++ // the separator
	}
}

// quotedField parses a quoted field from behind its opening quote to the
// separator or line end, which is not consumed.
func quotedField(b []byte, i int, sep byte, eof bool) (value string, end int, st rowState) {
	var sb strings.Builder
	for {
		n := bytes.IndexByte(b[i:], '"')
		if n < 0 {
			return "", 0, rowOpen
		}
		sb.Write(b[i : i+n])
		i += n + 1
		if i < len(b) && b[i] == '"' {
			sb.WriteByte('"')
			i++
			continue
		}
		for i < len(b) && (b[i] == ' ' || b[i] == '\r') && b[i] != sep {
			i++
		}
		switch {
		case i == len(b) && !eof:
			return "", 0, rowOpen
		case i == len(b) || b[i] == sep || b[i] == '\n':
			return sb.String(), i, rowDone
		}
		return "", 0, rowBroken
	}
}
