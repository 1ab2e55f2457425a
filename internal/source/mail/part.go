package mail

import (
	"bytes"
	"encoding/base64"
	"io"
	"mime"
	"strconv"
	"strings"
)

// Bounds of one letter: what is beyond them is left out and said.
const (
	mostParts  = 200
	mostDepth  = 10
	mostHead   = 256 << 10 // bytes of one head
	mostFields = 500
)

// A head is the head of a letter or of a part; names in small letters, unfolded.
type head struct {
	fields []field
}

type field struct{ name, value string }

// get returns the first value of a name, "" for none.
func (h *head) get(name string) string {
	for _, f := range h.fields {
		if f.name == name {
			return f.value
		}
	}
	return ""
}

func (h *head) has(name string) bool {
	for _, f := range h.fields {
		if f.name == name {
			return true
		}
	}
	return false
}

// A part is a leaf of a letter's tree, or an embedded letter.
type part struct {
	head    *head
	kind    string // media type, small letters
	params  map[string]string
	body    []byte // as it was sent: see bytes
	path    string // «2.1»
	parent  string // media type of what it stands in
	started bool   // the first of a multipart/related or alternative: the body's own text
}

// cutHead parts a head from its body. A line that is none of a head ends it: letters
// without an empty line are read all the same.
func cutHead(raw []byte) (*head, []byte) {
	h := &head{}
	rest := raw
	for len(rest) > 0 {
		if len(raw)-len(rest) > mostHead {
			return h, rest
		}
		line, after := cutLine(rest)
		trimmed := bytes.TrimRight(line, " \t")
		switch {
		case len(trimmed) == 0:
			return h, after
		case (line[0] == ' ' || line[0] == '\t') && len(h.fields) > 0:
			f := &h.fields[len(h.fields)-1]
			f.value += " " + string(bytes.TrimSpace(line))
		default:
			name, value, ok := bytes.Cut(line, []byte(":"))
			name = bytes.TrimRight(name, " \t")
			if !ok || len(name) == 0 || bytes.ContainsAny(name, " \t") {
				if len(h.fields) == 0 && bytes.HasPrefix(line, []byte("From ")) { // of an mbox
					break
				}
				return h, rest
			}
			if len(h.fields) < mostFields {
				h.fields = append(h.fields, field{strings.ToLower(string(name)), string(bytes.TrimSpace(value))})
			}
		}
		rest = after
	}
	return h, nil
}

func cutLine(b []byte) (line, rest []byte) {
	line, rest, _ = bytes.Cut(b, []byte("\n"))
	return bytes.TrimSuffix(line, []byte("\r")), rest
}

// media reads a Content-Type as far as it can be read.
func media(value, otherwise string) (kind string, params map[string]string) {
	if value == "" {
		return otherwise, map[string]string{}
	}
	kind, params, err := mime.ParseMediaType(value)
	if err == nil || err == mime.ErrInvalidMediaParameter && params != nil {
		return kind, params
	}
	params = map[string]string{}
	kind, rest, _ := strings.Cut(value, ";")
	kind = strings.ToLower(strings.TrimSpace(kind))
	for _, p := range strings.Split(rest, ";") {
		name, v, ok := strings.Cut(p, "=")
		name = strings.ToLower(strings.TrimSpace(name))
		if ok && params[name] == "" {
			params[name] = strings.Trim(strings.TrimSpace(v), `"'`)
		}
	}
	if !strings.Contains(kind, "/") {
		kind = otherwise
	}
	return kind, params
}

// A tree takes a letter apart.
type tree struct {
	leaves []part
	seen   int
	cut    bool // there was more than we look at
}

// grow adds the leaves of a part.
func (t *tree) grow(h *head, body []byte, path, parent string, depth int) {
	if t.seen++; t.seen > mostParts || depth > mostDepth {
		t.cut = true
		return
	}
	otherwise := "text/plain"
	if parent == "multipart/digest" {
		otherwise = "message/rfc822"
	}
	kind, params := media(h.get("content-type"), otherwise)
	if !strings.HasPrefix(kind, "multipart/") || params["boundary"] == "" {
		if strings.HasPrefix(kind, "multipart/") { // without a boundary: its text can be read all the same
			kind = "text/plain"
		}
		t.leaves = append(t.leaves, part{head: h, kind: kind, params: params, body: body, path: path, parent: parent, started: strings.HasSuffix(path, ".1") || path == "1"})
		return
	}
	for n, piece := range pieces(body, params["boundary"]) {
		if t.seen > mostParts {
			t.cut = true
			return
		}
		inner, rest := cutHead(piece)
		t.grow(inner, rest, path+"."+itoa(n+1), kind, depth+1)
	}
}

// pieces parts a body at its boundary. A last one that is not closed counts.
func pieces(body []byte, boundary string) (list [][]byte) {
	mark := []byte("--" + boundary)
	start, at := -1, 0
	for at <= len(body) {
		end := bytes.IndexByte(body[at:], '\n')
		next := len(body) + 1
		line := body[at:]
		if end >= 0 {
			line, next = body[at:at+end], at+end+1
		}
		if bytes.HasPrefix(line, mark) {
			tail := bytes.TrimRight(line[len(mark):], " \t\r")
			if len(tail) == 0 || string(tail) == "--" {
				if start >= 0 {
					list = append(list, trimBreak(body[start:at]))
				}
				start = min(next, len(body))
				if len(tail) > 0 || len(list) > mostParts {
					return list
				}
			}
		}
		at = next
	}
	if start >= 0 && start < len(body) {
		list = append(list, body[start:])
	}
	return list
}

// trimBreak takes the line break away that belongs to the boundary behind.
func trimBreak(b []byte) []byte {
	return bytes.TrimSuffix(bytes.TrimSuffix(b, []byte("\n")), []byte("\r"))
}

// bytes returns the content without its transfer encoding, at most limit bytes. What is
// broken is read as far as it goes.
func (p *part) bytes(limit int64) []byte {
	var r io.Reader
	switch strings.ToLower(strings.TrimSpace(p.head.get("content-transfer-encoding"))) {
	case "base64":
		body, ok := lines64(p.body)
		if !ok { // it is called so only
			r = bytes.NewReader(p.body)
			break
		}
		r = base64.NewDecoder(base64.StdEncoding, &only64{b: body})
	case "quoted-printable":
		return quoted(p.body, limit)
	default:
		r = bytes.NewReader(p.body)
	}
	b, _ := io.ReadAll(io.LimitReader(r, limit))
	return b
}

// quoted reads quoted-printable. What is broken is taken as it stands.
func quoted(body []byte, limit int64) []byte {
	out := make([]byte, 0, min(int64(len(body)), limit))
	for i := 0; i < len(body) && int64(len(out)) < limit; i++ {
		if body[i] != '=' {
			out = append(out, body[i])
			continue
		}
		if i+2 < len(body) {
			if n, err := strconv.ParseUint(string(body[i+1:i+3]), 16, 8); err == nil {
				out = append(out, byte(n))
				i += 2
				continue
			}
		}
		end := i + 1
		for end < len(body) && (body[end] == ' ' || body[end] == '\t' || body[end] == '\r') {
			end++
		}
		if end == len(body) || body[end] == '\n' { // a line that goes on
			i = end
			continue
		}
		out = append(out, '=')
	}
	return out
}

// lines64 leaves out the lines that are no base64: what lists and scanners put below. ok is
// false when the first line is none.
func lines64(body []byte) (out []byte, ok bool) {
	out = make([]byte, 0, len(body))
	for rest := body; len(rest) > 0; {
		var line []byte
		line, rest = cutLine(rest)
		line = bytes.TrimSpace(line)
		if len(line) == 0 {
			continue
		}
		words := len(line) < 60 && bytes.ContainsAny(line, " \t") || len(bytes.Trim(line, "-_")) == 0 || bytes.ContainsFunc(line, func(r rune) bool { return r > '~' })
		if words && len(out) == 0 {
			return nil, false
		}
		if !words {
			out = append(out, line...)
		}
	}
	return out, true
}

// only64 passes what is base64, of either alphabet, and stops at the first padding that ends
// it. An end that is missing is made good.
type only64 struct {
	b []byte
	n int // letters passed
}

func (o *only64) Read(to []byte) (n int, err error) {
	for n < len(to) && len(o.b) > 0 {
		c := o.b[0]
		o.b = o.b[1:]
		switch {
		case c >= 'A' && c <= 'Z', c >= 'a' && c <= 'z', c >= '0' && c <= '9', c == '+', c == '/':
		case c == '-':
			c = '+'
		case c == '_':
			c = '/'
		case c == '=':
			o.b = nil
			continue
		default:
			continue
		}
		to[n] = c
		n++
		o.n++
	}
	for n < len(to) && len(o.b) == 0 && o.n%4 != 0 {
		to[n] = '='
		n++
		o.n++
	}
	if n == 0 {
		return 0, io.EOF
	}
	return n, nil
}
