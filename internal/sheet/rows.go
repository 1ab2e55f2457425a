package sheet

import (
	"encoding/xml"
	"errors"
	"io"
	"iter"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// Rows reads the rows of a sheet that hold something. An error ends them; what came
// before it is good. The cells of a row are its own.
func (b *Book) Rows(s Sheet) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		if err := b.shared(); err != nil {
			yield(Row{}, err)
			return
		}
		part, err := b.part(s.part)
		if err != nil {
			yield(Row{}, broken(s.Name, err))
			return
		}
		defer part.Close()
		r := &rows{b: b, d: decoder(part)}
		for {
			row, err := r.next()
			if err == io.EOF {
				return
			}
			if err != nil {
				yield(Row{Line: r.line}, brokenAt(part, s.Name, err))
				return
			}
			if len(row.Cells) > 0 && !yield(row, nil) {
				return
			}
		}
	}
}

type rows struct {
	b     *Book
	d     *xml.Decoder
	line  int
	ended bool // the sheet's end was seen
}

func (r *rows) next() (Row, error) {
	for {
		t, err := r.d.RawToken()
		if err == io.EOF && !r.ended {
			return Row{}, io.ErrUnexpectedEOF
		}
		if err != nil {
			return Row{}, err
		}
		switch e := t.(type) {
		case xml.EndElement:
			r.ended = r.ended || e.Name.Local == "worksheet"
		case xml.StartElement:
			if e.Name.Local == "row" {
				return r.row(e)
			}
		}
	}
}

func (r *rows) row(e xml.StartElement) (Row, error) {
	r.line++
	if n, err := strconv.Atoi(attr(e, "r")); err == nil && n > 0 {
		r.line = n
	}
	row := Row{Line: r.line, Hidden: truth(attr(e, "hidden"))}
	for at := 0; ; {
		t, err := r.d.RawToken()
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		if err != nil {
			return row, err
		}
		switch e := t.(type) {
		case xml.EndElement:
			if e.Name.Local == "row" {
				for len(row.Cells) > 0 && strings.TrimSpace(row.Cells[len(row.Cells)-1]) == "" {
					row.Cells = row.Cells[:len(row.Cells)-1]
				}
				return row, nil
			}
		case xml.StartElement:
			if e.Name.Local != "c" {
				continue
			}
			if n := column(attr(e, "r")); n >= 0 {
				at = n
			}
			value, large, err := r.cell(e)
			if err != nil {
				return row, err
			}
			row.Large = row.Large || large
			if at < r.b.limits.Columns && value != "" {
				for len(row.Cells) <= at {
					row.Cells = append(row.Cells, "")
				}
				row.Cells[at] = value
			}
			at++
		}
	}
}

// column returns the number of a column from a cell's name, «AB12» → 27; -1 for none.
func column(name string) int {
	n := 0
	for i := range len(name) {
		c := name[i] &^ 0x20
		if c < 'A' || c > 'Z' || i > 3 {
			break
		}
		n = n*26 + int(c-'A') + 1
	}
	return n - 1
}

// cell reads one cell to its end.
func (r *rows) cell(c xml.StartElement) (value string, large bool, err error) {
	kind, style := attr(c, "t"), attr(c, "s")
	for {
		t, err := r.d.RawToken()
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		if err != nil {
			return "", false, err
		}
		switch e := t.(type) {
		case xml.EndElement:
			if e.Name.Local == "c" {
				return r.shown(kind, style, value), large, nil
			}
		case xml.StartElement:
			switch e.Name.Local {
			case "v", "is":
				b, big, err := phrase(r.d, e.Name.Local, r.b.limits.Cell)
				if err != nil {
					return "", false, err
				}
				value, large = string(b), large || big
			default: // a formula, and what later writers may add
				if _, _, err := phrase(r.d, e.Name.Local, 0); err != nil {
					return "", false, err
				}
			}
		}
	}
}

// shown returns what a cell shows.
func (r *rows) shown(kind, style, value string) string {
	switch kind {
	case "s":
		k, err := strconv.Atoi(strings.TrimSpace(value))
		if err != nil {
			return ""
		}
		return r.b.strings.at(k)
	case "inlineStr", "str":
		return value
	case "b":
		return map[bool]string{true: "да", false: "нет"}[truth(value)]
	case "e": // #N/A, #REF!
		return ""
	case "d":
		return strings.Replace(strings.TrimSuffix(value, "Z"), "T", " ", 1)
	}
	value = strings.TrimSpace(value)
	if r.b.styles.date(style) {
		if n, err := strconv.ParseFloat(value, 64); err == nil {
			if s, ok := moment(n, r.b.since04); ok {
				return s
			}
		}
	}
	return plain(value)
}

var errDeep = errors.New("elements nest too deep")

// phrase reads the text inside an element to its end, that of phonetic hints left out.
// large says that it was longer than limit, and cut off.
func phrase(d *xml.Decoder, name string, limit int) (text []byte, large bool, err error) {
	depth, hint := 1, 0
	for depth > 0 {
		t, err := d.RawToken()
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		if err != nil {
			return nil, false, err
		}
		switch e := t.(type) {
		case xml.StartElement:
			if depth++; depth > 100 {
				return nil, false, errDeep
			}
			if e.Name.Local == "rPh" && hint == 0 {
				hint = depth
			}
		case xml.EndElement:
			if depth == hint {
				hint = 0
			}
			depth--
		case xml.CharData:
			if hint != 0 || name == "is" && depth == 1 || name == "si" && depth == 1 {
				continue // blanks between the elements
			}
			room := limit - len(text)
			if len(e) > room {
				e, large = e[:max(0, room)], limit > 0
			}
			text = append(text, e...)
		}
	}
	for large && len(text) > 0 && !utf8.Valid(text) {
		text = text[:len(text)-1]
	}
	return unescape(text), large, nil
}

// unescape turns «_x000D_» into the character that it stands for (ISO/IEC 29500-1, 22.9.2.19).
func unescape(b []byte) []byte {
	s := string(b)
	if !strings.Contains(s, "_x") {
		return b
	}
	var out strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '_' && i+7 <= len(s) && s[i+1] == 'x' && s[i+6] == '_' {
			if n, err := strconv.ParseUint(s[i+2:i+6], 16, 16); err == nil && !utf16.IsSurrogate(rune(n)) {
				if n != '\r' {
					out.WriteRune(rune(n))
				}
				i += 6
				continue
			}
		}
		out.WriteByte(s[i])
	}
	return []byte(out.String())
}
