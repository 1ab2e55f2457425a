package georeport

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// A format is how an answer is written: the suffix of the address.
type format string

const (
	asXML  format = "xml"
	asJSON format = "json"
)

// A field is one named value of an answer: a text, a number or truth (raw), a list of words,
// of records, or one record.
type field struct {
	name string
	text string
	raw  bool // a number or truth: JSON writes it without quotes, and null when it is empty

	item  string   // of a list: what XML calls one of it
	words []string // of a list of words
	list  []record // of a list of records
	one   record   // of a record
}

// A record is what the specification calls an element: its fields in order.
type record []field

func text(name, s string) field { return field{name: name, text: s} }

func truth(name string, b bool) field {
	return field{name: name, text: strconv.FormatBool(b), raw: true}
}

func number(name string, f float64, known bool) field {
	out := field{name: name, raw: true}
	if known {
		out.text = strconv.FormatFloat(f, 'f', -1, 64)
	}
	return out
}

// moment writes a time with its zone, as W3C and the specification do; nothing for none.
func moment(name string, t time.Time, zone *time.Location) field {
	if t.IsZero() {
		return text(name, "")
	}
	return text(name, t.In(zone).Format(time.RFC3339))
}

// A document is a whole answer: a list of records (service_requests of request), or one
// record, which JSON writes without a list (service_definition, discovery).
type document struct {
	root, item string
	list       []record
	one        record
}

// send writes a document. The charset stands in the content type, as the specification orders.
func send(w http.ResponseWriter, status int, f format, d document) {
	var b bytes.Buffer
	h := w.Header()
	if f == asJSON {
		h.Set("Content-Type", "application/json; charset=utf-8")
		d.json(&b)
	} else {
		h.Set("Content-Type", "text/xml; charset=utf-8")
		d.xml(&b)
	}
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Length", strconv.Itoa(b.Len()))
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes())
}

func (d *document) xml(b *bytes.Buffer) {
	b.WriteString(`<?xml version="1.0" encoding="utf-8"?>` + "\n<" + d.root + ">")
	if d.one != nil {
		d.one.xml(b)
	}
	for _, r := range d.list {
		b.WriteString("<" + d.item + ">")
		r.xml(b)
		b.WriteString("</" + d.item + ">")
	}
	b.WriteString("</" + d.root + ">\n")
}

func (r record) xml(b *bytes.Buffer) {
	for k := range r {
		f := &r[k]
		if f.text == "" && len(f.words) == 0 && len(f.list) == 0 && f.one == nil {
			b.WriteString("<" + f.name + "/>")
			continue
		}
		b.WriteString("<" + f.name + ">")
		_ = xml.EscapeText(b, []byte(clean(f.text))) // a buffer takes all
		for _, w := range f.words {
			b.WriteString("<" + f.item + ">")
			_ = xml.EscapeText(b, []byte(clean(w)))
			b.WriteString("</" + f.item + ">")
		}
		for _, one := range f.list {
			b.WriteString("<" + f.item + ">")
			one.xml(b)
			b.WriteString("</" + f.item + ">")
		}
		f.one.xml(b)
		b.WriteString("</" + f.name + ">")
	}
}

func (d *document) json(b *bytes.Buffer) {
	if d.one != nil {
		d.one.json(b)
	} else {
		records(b, d.list)
	}
	b.WriteByte('\n')
}

func records(b *bytes.Buffer, list []record) {
	b.WriteByte('[')
	for k, r := range list {
		if k > 0 {
			b.WriteByte(',')
		}
		r.json(b)
	}
	b.WriteByte(']')
}

func (r record) json(b *bytes.Buffer) {
	b.WriteByte('{')
	for k := range r {
		f := &r[k]
		if k > 0 {
			b.WriteByte(',')
		}
		quote(b, f.name)
		b.WriteByte(':')
		switch {
		case f.one != nil:
			f.one.json(b)
		case f.words != nil:
			for n, w := range f.words {
				b.WriteByte("[,"[min(n, 1)])
				quote(b, w)
			}
			b.WriteByte(']')
		case f.item != "":
			records(b, f.list)
		case f.raw && f.text == "":
			b.WriteString("null")
		case f.raw:
			b.WriteString(f.text)
		default:
			quote(b, clean(f.text))
		}
	}
	b.WriteByte('}')
}

func quote(b *bytes.Buffer, s string) {
	raw, _ := json.Marshal(s) // a string has no error
	b.Write(raw)
}

// clean drops what XML 1.0 cannot hold, and gives both formats the same words.
func clean(s string) string {
	return strings.Map(func(c rune) rune {
		if c < ' ' && c != '\n' && c != '\r' && c != '\t' || c == 0xFFFE || c == 0xFFFF {
			return -1
		}
		return c
	}, s)
}

// A fail is one error of an answer.
type fail struct {
	code  string // our own, as the specification allows: a word that stays
	about string // in Russian: what is wrong and how to mend it
}

// A refusal is an answer of errors.
type refusal struct {
	status int
	list   []fail
	after  time.Duration // Retry-After of 429
}

func bad(code, about string) *refusal {
	return &refusal{status: http.StatusBadRequest, list: []fail{{code, about}}}
}

func (r *refusal) send(w http.ResponseWriter, f format) {
	if r.after > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int((r.after+time.Second-1)/time.Second)))
	}
	d := document{root: "errors", item: "error", list: []record{}}
	for _, one := range r.list {
		d.list = append(d.list, record{text("code", one.code), text("description", one.about)})
	}
	send(w, r.status, f, d)
}
