package gazetteer

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"otklik/internal/fault"
)

// maxElement bounds one element of a GAR file, in bytes.
const maxElement = 1 << 16

// xmlRows reads an XML file whose records are elements with attributes and no
// text, as all files of GAR are: a flat scan, ten times faster than a tree of
// tokens, that holds one element at a time.
type xmlRows struct {
	file  string
	r     *bufio.Reader
	off   int64 // bytes read
	line  int
	root  string
	done  bool // the root element is closed
	buf   []byte
	attrs []xmlAttr
}

type xmlAttr struct{ name, value []byte }

func newXMLRows(file string, r io.Reader) *xmlRows {
	return &xmlRows{file: file, r: bufio.NewReaderSize(r, maxElement), line: 1}
}

// next reads the next element and returns its name; its attributes are valid
// until the next call. io.EOF means that the root element was closed.
func (x *xmlRows) next() (string, error) {
	for {
		if err := x.skipText(); err != nil {
			return "", err
		}
		if err := x.element(); err != nil {
			return "", err
		}
		b := x.buf
		switch {
		case len(b) == 0:
			return "", x.bad("an empty tag")
		case b[0] == '?':
			if err := x.declaration(); err != nil {
				return "", err
			}
		case b[0] == '!':
			for bytes.HasPrefix(b, []byte("!--")) && !bytes.HasSuffix(x.buf, []byte("--")) {
				if err := x.more(); err != nil {
					return "", err
				}
			}
		case b[0] == '/':
			if string(bytes.TrimSpace(b[1:])) == x.root {
				x.done = true
			}
		default:
			name, err := x.parse()
			if err != nil {
				return "", err
			}
			if x.root == "" {
				x.root = name
				x.done = bytes.HasSuffix(x.buf, []byte("/"))
			}
			return name, nil
		}
	}
}

// skipText reads up to the next «<».
func (x *xmlRows) skipText() error {
	for {
		piece, err := x.r.ReadSlice('<')
		x.count(piece)
		if x.root == "" && len(bytes.Trim(bytes.TrimSuffix(piece, []byte("<")), " \t\r\n\xef\xbb\xbf")) > 0 {
			return x.bad("no XML")
		}
		switch {
		case err == nil:
			return nil
		case errors.Is(err, bufio.ErrBufferFull):
		case errors.Is(err, io.EOF) && x.done:
			return io.EOF
		case errors.Is(err, io.EOF) && x.root == "":
			return x.bad("the file is empty or no XML")
		case errors.Is(err, io.EOF):
			return x.bad("the file is cut off: </" + x.root + "> is missing")
		default:
			return fault.New(fault.Unavailable, "gazetteer: read %s near byte %d: %w", x.file, x.off, err)
		}
	}
}

func (x *xmlRows) count(piece []byte) {
	x.off += int64(len(piece))
	x.line += bytes.Count(piece, []byte{'\n'})
}

// element reads the tag up to its «>», which may stand inside of quotation marks.
func (x *xmlRows) element() error {
	x.buf = x.buf[:0]
	for {
		if err := x.more(); err != nil {
			return err
		}
		quote := byte(0)
		if x.buf[0] != '!' {
			for _, c := range x.buf {
				switch {
				case quote == 0 && (c == '"' || c == '\''):
					quote = c
				case c == quote:
					quote = 0
				}
			}
		}
		if quote == 0 {
			x.buf = x.buf[:len(x.buf)-1]
			return nil
		}
	}
}

// more adds the bytes up to the next «>» to the tag.
func (x *xmlRows) more() error {
	for {
		piece, err := x.r.ReadSlice('>')
		x.count(piece)
		x.buf = append(x.buf, piece...)
		switch {
		case len(x.buf) > maxElement:
			return x.bad("a tag is longer than 64 KB")
		case err == nil:
			return nil
		case errors.Is(err, bufio.ErrBufferFull):
		case errors.Is(err, io.EOF):
			return x.bad("the file is cut off inside of a tag")
		default:
			return fault.New(fault.Unavailable, "gazetteer: read %s near byte %d: %w", x.file, x.off, err)
		}
	}
}

func (x *xmlRows) declaration() error {
	_, rest, ok := strings.Cut(strings.ToLower(string(x.buf)), "encoding=")
	if !ok || strings.HasPrefix(strings.Trim(rest, `"' `), "utf-8") {
		return nil
	}
	return x.bad("the encoding is not UTF-8")
}

// parse cuts the tag into name and attributes.
func (x *xmlRows) parse() (string, error) {
	b := bytes.TrimSuffix(x.buf, []byte("/"))
	end := bytes.IndexAny(b, " \t\r\n")
	if end < 0 {
		end = len(b)
	}
	name := string(b[:end])
	x.attrs = x.attrs[:0]
	for b = bytes.TrimLeft(b[end:], " \t\r\n"); len(b) > 0; b = bytes.TrimLeft(b, " \t\r\n") {
		eq := bytes.IndexByte(b, '=')
		if eq <= 0 {
			return "", x.bad("an attribute without a value in <" + name + ">")
		}
		a := xmlAttr{name: bytes.TrimSpace(b[:eq])}
		b = bytes.TrimLeft(b[eq+1:], " \t\r\n")
		if len(b) == 0 || b[0] != '"' && b[0] != '\'' {
			return "", x.bad("an attribute without quotation marks in <" + name + ">")
		}
		stop := bytes.IndexByte(b[1:], b[0])
		if stop < 0 {
			return "", x.bad("quotation marks are not closed in <" + name + ">")
		}
		a.value, b = b[1:1+stop], b[stop+2:]
		x.attrs = append(x.attrs, a)
	}
	return name, nil
}

// attr returns an attribute as text, "" when it is missing.
func (x *xmlRows) attr(name string) string {
	v := x.raw(name)
	if len(v) == 0 {
		return ""
	}
	s := strings.TrimSpace(strings.Map(printable, strings.ToValidUTF8(unescape(string(v)), "\ufffd")))
	if len(s) > 500 {
		return s[:cutAt(s, 500)]
	}
	return s
}

func cutAt(s string, n int) int {
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return n
}

func (x *xmlRows) raw(name string) []byte {
	for i := range x.attrs {
		if string(x.attrs[i].name) == name {
			return x.attrs[i].value
		}
	}
	return nil
}

// number returns an attribute as a number, 0 when it is none.
func (x *xmlRows) number(name string) int64 {
	n := int64(0)
	v := x.raw(name)
	if len(v) == 0 || len(v) > 18 {
		return 0
	}
	for _, c := range v {
		if c < '0' || c > '9' {
			return 0
		}
		n = n*10 + int64(c-'0')
	}
	return n
}

// no reports whether an attribute says «0» or «false»; a missing one does not.
func (x *xmlRows) no(name string) bool {
	v := x.raw(name)
	return string(v) == "0" || string(v) == "false"
}

// unescape reads the entities that XML has.
func unescape(s string) string {
	if !strings.Contains(s, "&") {
		return s
	}
	var b strings.Builder
	for s != "" {
		at := strings.IndexByte(s, '&')
		if at < 0 {
			break
		}
		b.WriteString(s[:at])
		s = s[at:]
		end := strings.IndexByte(s[:min(len(s), 12)], ';')
		if end < 0 {
			b.WriteByte('&')
			s = s[1:]
			continue
		}
		switch e := s[1:end]; {
		case entities[e] != "":
			b.WriteString(entities[e])
		case strings.HasPrefix(e, "#"):
			base, digits := 10, e[1:]
			if strings.HasPrefix(digits, "x") {
				base, digits = 16, digits[1:]
			}
			if n, err := strconv.ParseInt(digits, base, 32); err == nil {
				b.WriteRune(rune(n))
			}
		default:
			b.WriteString(s[:end+1])
		}
		s = s[end+1:]
	}
	b.WriteString(s)
	return b.String()
}

var entities = map[string]string{"amp": "&", "lt": "<", "gt": ">", "quot": `"`, "apos": "'"}

// bad says where the file cannot be read on.
func (x *xmlRows) bad(why string) error {
	return fault.New(fault.Invalid, "gazetteer: %s, line %d, byte %d: %s", x.file, x.line, x.off, why).At("file").
		Say(fmt.Sprintf("Файл «%s», строка %d, байт %d: файл повреждён или это не выгрузка ГАР.", x.file, x.line, x.off)).
		Mend("download the archive of GAR again and give it as it is; what was read stays, a second import adds only the rest")
}
