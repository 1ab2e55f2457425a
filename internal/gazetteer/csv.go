package gazetteer

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"math"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"otklik/internal/fault"
	"otklik/internal/place"
)

// maxLine bounds one line of a CSV file, in bytes.
const maxLine = 1 << 16

// csvColumns are the columns and the other headings that mean them.
var csvColumns = map[string][]string{
	"settlement":      {"settlement", "oktmo", "city", "town", "населенный пункт", "город", "нп", "октмо"},
	"settlement_type": {"settlement_type", "city_type", "тип населенного пункта", "тип нп"},
	"street":          {"street", "улица"},
	"name":            {"name", "название", "наименование"},
	"type":            {"type", "street_type", "тип", "тип улицы"},
	"house":           {"house", "housenumber", "дом", "номер дома"},
	"lat":             {"lat", "latitude", "широта"},
	"lon":             {"lon", "lng", "longitude", "долгота"},
	"alias":           {"alias", "aliases", "псевдоним", "другие названия"},
	"kind":            {"kind", "вид"},
}

// ImportCSV reads places from a CSV file with a heading line; docs/gazetteer.md
// describes the columns. file names the file in errors and in the report. UTF-8
// and windows-1251, and the delimiters "," ";" and tab, are told apart by the
// file itself. A row that cannot be taken is counted and reported, and the rest
// goes on; a file that cannot be read at all is fault.Invalid. store may be nil.
// Reading the same file again adds nothing.
func ImportCSV(ctx context.Context, ix *Index, store Store, file string, r io.Reader, o Options) (Report, error) {
	counter := &countingReader{r: r}
	im, err := newImporter(ctx, ix, store, file, o, func() int64 { return counter.n })
	if err != nil {
		return Report{File: file}, err
	}
	lines, err := newLines(counter, file)
	if err != nil {
		return im.report, err
	}
	head, err := lines.next()
	if errors.Is(err, io.EOF) {
		return im.report, badFile(file, "the file is empty", "файл пуст", "the first line must name the columns")
	}
	if err != nil {
		return im.report, err
	}
	delim, at, err := heading(file, head)
	if err != nil {
		return im.report, err
	}
	var fields []string
	for {
		line, err := lines.next()
		if errors.Is(err, io.EOF) {
			return im.finish()
		}
		if errors.Is(err, errLong) {
			im.reject(lines.n, "строка длиннее 64 КБ")
			if err := im.record(); err != nil {
				return im.report, err
			}
			continue
		}
		if err != nil {
			report, _ := im.finish()
			return report, err
		}
		if strings.TrimSpace(line) == "" {
			continue
		}
		if fields, err = split(fields[:0], line, delim); err != nil {
			im.reject(lines.n, err.Error())
		} else if r, why := csvRow(fields, at, lines.n); why != "" {
			im.reject(lines.n, why)
		} else {
			im.take(r)
		}
		if err := im.record(); err != nil {
			return im.report, err
		}
	}
}

// badFile says why a file cannot be read at all: why for logs, sentence for
// people, hint for the command line.
func badFile(file, why, sentence, hint string) error {
	return fault.New(fault.Invalid, "gazetteer: %s, line 1: %s", file, why).
		Say("Файл «" + file + "», строка 1: " + sentence + ".").At("file").Mend(hint)
}

// heading finds the delimiter and the position of each column.
func heading(file, line string) (delim byte, at map[string]int, err error) {
	for _, d := range []byte{',', ';', '\t', '|'} {
		fields, err := split(nil, line, d)
		if err != nil {
			continue
		}
		found := map[string]int{}
		for i, f := range fields {
			f = place.Fold(f)
			for column, names := range csvColumns {
				for _, n := range names {
					if _, taken := found[column]; f == n && !taken {
						found[column] = i
					}
				}
			}
		}
		if len(found) > len(at) {
			delim, at = d, found
		}
	}
	_, street := at["street"]
	_, name := at["name"]
	if !street && !name {
		return 0, nil, badFile(file, "no column street or name", "нет столбца street (улица) или name (название)",
			"the first line must name the columns, as in: settlement,street,type,house,lat,lon,alias,kind; the delimiter may be , ; or tab")
	}
	return delim, at, nil
}

// csvRow reads the fields of a line; why says in Russian what is wrong.
func csvRow(fields []string, at map[string]int, line int) (r row, why string) {
	field := func(column string) string {
		if i, ok := at[column]; ok && i < len(fields) {
			return strings.TrimSpace(fields[i])
		}
		return ""
	}
	r = row{
		line: line, settlement: field("settlement"), settlementType: field("settlement_type"),
		name: field("name"), typ: field("type"), house: field("house"), aliases: field("alias"),
	}
	if r.name == "" || field("street") != "" && field("kind") == "" {
		r.name = field("street")
	}
	switch kind := place.Fold(field("kind")); kind {
	case "", "street", "улица", "house", "дом":
	case "district", "район", "микрорайон":
		r.kind = "district"
		if r.typ == "" && kind != "district" {
			r.typ = kind
		}
	case "settlement", "населенный пункт":
		r.kind = "settlement"
		if r.typ == "" {
			r.typ = r.settlementType
		}
	case "landmark", "объект":
		r.kind = "landmark"
	default: // «парк», «больница»: the kind of a landmark
		r.kind = "landmark"
		if r.typ == "" {
			r.typ = field("kind")
		}
	}
	if len(r.name) > 300 || len(r.aliases) > 1000 || len(r.settlement) > 300 || len(r.typ) > 100 {
		return r, "слишком длинное название"
	}
	if lat, lon := field("lat"), field("lon"); lat != "" || lon != "" {
		var ok1, ok2 bool
		r.lat, ok1 = degrees(lat)
		r.lon, ok2 = degrees(lon)
		if !ok1 || !ok2 {
			return r, "широта или долгота не читается"
		}
	}
	return r, ""
}

// degrees reads a number with a point or a comma.
func degrees(s string) (float64, bool) {
	v, err := strconv.ParseFloat(strings.Replace(s, ",", ".", 1), 64)
	return v, err == nil && !math.IsNaN(v) && !math.IsInf(v, 0)
}

// split parts a line at the delimiter. A field may stand in quotation marks,
// doubled inside. Quotation marks never reach over a line: no place has a line
// break in its name, and one stray mark must not swallow the rest of a file.
func split(fields []string, line string, delim byte) ([]string, error) {
	for {
		s := strings.TrimLeft(line, " ")
		if !strings.HasPrefix(s, `"`) {
			i := strings.IndexByte(line, delim)
			if i < 0 {
				return append(fields, line), nil
			}
			fields, line = append(fields, line[:i]), line[i+1:]
			continue
		}
		var sb strings.Builder
		s = s[1:]
		for {
			i := strings.IndexByte(s, '"')
			if i < 0 {
				return fields, errors.New("кавычка не закрыта")
			}
			sb.WriteString(s[:i])
			s = s[i+1:]
			if !strings.HasPrefix(s, `"`) {
				break
			}
			sb.WriteByte('"')
			s = s[1:]
		}
		i := strings.IndexByte(s, delim)
		if i < 0 {
			return append(fields, sb.String()+s), nil
		}
		fields, line = append(fields, sb.String()+s[:i]), s[i+1:]
	}
}

// errLong marks a line that is longer than maxLine; the reader stands behind it.
var errLong = errors.New("line too long")

// lines reads a text file line by line in its own encoding.
type lines struct {
	br *bufio.Reader
	n  int // number of the line read last
}

// newLines looks at the beginning of the file for its encoding.
func newLines(r io.Reader, file string) (*lines, error) {
	br := bufio.NewReaderSize(r, maxLine)
	begin, err := br.Peek(maxLine)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, bufio.ErrBufferFull) {
		return nil, fault.New(fault.Unavailable, "gazetteer: read %s: %w", file, err)
	}
	switch {
	case bytes.HasPrefix(begin, []byte("\xef\xbb\xbf")):
		_, _ = br.Discard(3)
		return &lines{br: br}, nil
	case bytes.HasPrefix(begin, []byte("\xff\xfe")), bytes.HasPrefix(begin, []byte("\xfe\xff")):
		return nil, badFile(file, "encoded in UTF-16", "кодировка UTF-16", "save the file as UTF-8")
	case bytes.HasPrefix(begin, []byte("PK\x03\x04")):
		return nil, badFile(file, "an archive or an Excel book", "это архив или книга Excel, а не CSV", "save the sheet as CSV (UTF-8)")
	case bytes.IndexByte(begin, 0) >= 0:
		return nil, badFile(file, "not a text", "это не текст", "save the file as CSV in UTF-8")
	case validPrefix(begin):
		return &lines{br: br}, nil
	case looksCyrillic(begin):
		return &lines{br: bufio.NewReaderSize(charmap.Windows1251.NewDecoder().Reader(br), maxLine)}, nil
	}
	return nil, badFile(file, "encoded neither in UTF-8 nor in windows-1251", "кодировка не UTF-8 и не windows-1251", "save the file as CSV in UTF-8")
}

// validPrefix reports whether b is UTF-8, but for a character cut at its end.
func validPrefix(b []byte) bool {
	for cut := 0; cut < utf8.UTFMax && cut <= len(b); cut++ {
		if utf8.Valid(b[:len(b)-cut]) {
			return true
		}
	}
	return false
}

// looksCyrillic reports whether most bytes above ASCII are Russian letters of
// windows-1251, small ones above all: in other encodings they would not be.
func looksCyrillic(b []byte) bool {
	small, high := 0, 0
	for _, c := range b {
		if c >= 0x80 {
			high++
		}
		if c >= 0xe0 || c == 0xb8 {
			small++
		}
	}
	return high > 0 && small*2 > high
}

// next returns the next line without its end; io.EOF after the last, errLong for
// one that is too long.
func (l *lines) next() (string, error) {
	line, err := l.br.ReadSlice('\n')
	if err != nil && len(line) == 0 {
		return "", err
	}
	l.n++
	if errors.Is(err, bufio.ErrBufferFull) {
		for errors.Is(err, bufio.ErrBufferFull) {
			_, err = l.br.ReadSlice('\n')
		}
		return "", errLong
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return "", err
	}
	return strings.Map(printable, strings.ToValidUTF8(strings.TrimRight(string(line), "\r\n"), "\ufffd")), nil
}

// printable drops control characters, which no name has.
func printable(r rune) rune {
	if r != '\t' && unicode.IsControl(r) {
		return -1
	}
	return r
}

// countingReader counts the bytes read.
type countingReader struct {
	r io.Reader
	n int64
}

func (c *countingReader) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}
