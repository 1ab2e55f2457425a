package sheet

import (
	"archive/zip"
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// A Column is one column of a sheet that is written.
type Column struct {
	Name  string
	Width int // characters; 0 is as the editor likes
}

// A Writer writes one sheet, row by row, without holding it. Close it.
type Writer struct {
	zip  *zip.Writer
	w    *bufio.Writer
	line int
	err  error
}

// longest is how many characters a cell may hold: what is longer no editor opens.
const longest = 32_767

const head = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"

// parts are all of a workbook but its sheet. Styles: 0 text that wraps, 1 a heading, 2 a
// moment, 3 a number.
var parts = []struct{ name, text string }{
	{"[Content_Types].xml", `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/><Override PartName="/xl/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/></Types>`},
	{"_rels/.rels", `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>`},
	{"xl/_rels/workbook.xml.rels", `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="styles.xml"/></Relationships>`},
	{"xl/styles.xml", `<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><numFmts count="1"><numFmt numFmtId="164" formatCode="yyyy\-mm\-dd\ hh:mm:ss"/></numFmts><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="4"><xf numFmtId="49" applyNumberFormat="1" applyAlignment="1"><alignment vertical="top" wrapText="1"/></xf><xf numFmtId="49" fontId="1" applyNumberFormat="1" applyFont="1"/><xf numFmtId="164" applyNumberFormat="1" applyAlignment="1"><alignment vertical="top"/></xf><xf numFmtId="1" applyNumberFormat="1" applyAlignment="1"><alignment vertical="top"/></xf></cellXfs></styleSheet>`},
}

// New begins a workbook of one sheet with its heading.
func New(w io.Writer, name string, columns []Column) (*Writer, error) {
	t := &Writer{zip: zip.NewWriter(w)}
	for _, p := range parts {
		t.part(p.name, p.text)
	}
	t.part("xl/workbook.xml", `<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="`+escaped(name)+`" sheetId="1" r:id="rId1"/></sheets></workbook>`)
	if t.err != nil {
		return nil, t.err
	}
	part, err := t.zip.Create("xl/worksheets/sheet1.xml")
	if err != nil {
		return nil, err
	}
	t.w = bufio.NewWriterSize(part, 64<<10)
	t.say(head + `<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><cols>`)
	cells := make([]any, len(columns))
	for k, c := range columns {
		if c.Width > 0 {
			t.say(fmt.Sprintf(`<col min="%d" max="%d" width="%d" customWidth="1"/>`, k+1, k+1, c.Width))
		}
		cells[k] = heading(c.Name)
	}
	t.say("</cols><sheetData>")
	return t, t.Row(cells)
}

type heading string

// Row writes a row of strings, integers and moments; a moment stands in UTC, for a sheet knows
// no zone. A text is a text, whatever it begins with: no cell is a formula.
func (t *Writer) Row(cells []any) error {
	t.line++
	t.say(`<row r="` + strconv.Itoa(t.line) + `">`)
	for k, c := range cells {
		at := `<c r="` + letters(k) + strconv.Itoa(t.line) + `"`
		switch v := c.(type) {
		case heading:
			t.text(at+` s="1"`, string(v))
		case string:
			if v != "" {
				t.text(at, v)
			}
		case int:
			t.say(at + ` s="3"><v>` + strconv.Itoa(v) + `</v></c>`)
		case time.Time:
			if !v.IsZero() {
				t.say(at + ` s="2"><v>` + serial(v) + `</v></c>`)
			}
		default:
			return fmt.Errorf("sheet: a cell of %T", c)
		}
	}
	t.say("</row>")
	return t.err
}

// Close ends the workbook.
func (t *Writer) Close() error {
	t.say("</sheetData></worksheet>")
	if t.err == nil {
		t.err = t.w.Flush()
	}
	if t.err != nil {
		return t.err
	}
	return t.zip.Close()
}

func (t *Writer) part(name, text string) {
	if t.err != nil {
		return
	}
	var w io.Writer
	if w, t.err = t.zip.Create(name); t.err == nil {
		_, t.err = io.WriteString(w, head+text)
	}
}

func (t *Writer) say(s string) {
	if t.err == nil {
		_, t.err = t.w.WriteString(s)
	}
}

func (t *Writer) text(at, s string) {
	t.say(at + ` t="inlineStr"><is><t xml:space="preserve">` + escaped(cut(s)) + `</t></is></c>`)
}

// cut shortens a text to what a cell may hold.
func cut(s string) string {
	if len(s) <= longest {
		return s
	}
	n := 0
	for i := range s {
		if n == longest-1 {
			return s[:i] + "…"
		}
		n++
	}
	return s
}

// serial is the day number of a moment, to the second.
func serial(t time.Time) string {
	return strconv.FormatFloat(t.UTC().Sub(time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)).Seconds()/86_400, 'f', 10, 64)
}

func letters(k int) string {
	if k < 26 {
		return string(rune('A' + k))
	}
	return letters(k/26-1) + string(rune('A'+k%26))
}

// escaped writes a text as XML bears it: control characters as «_x0007_», and what looks like
// such a word with its underscore escaped.
func escaped(s string) string {
	if !strings.ContainsAny(s, "<>&\"") && !strings.Contains(s, "_x") && plainText(s) {
		return s
	}
	var b strings.Builder
	for i, r := range s {
		switch {
		case r == '<':
			b.WriteString("&lt;")
		case r == '>':
			b.WriteString("&gt;")
		case r == '&':
			b.WriteString("&amp;")
		case r == '"':
			b.WriteString("&quot;")
		case r == '_' && strings.HasPrefix(s[i:], "_x"):
			b.WriteString("_x005F_")
		case r == '\n' || r == '\t':
			b.WriteRune(r)
		case r == '\r':
		case r < ' ' || r == 0xFFFE || r == 0xFFFF:
			fmt.Fprintf(&b, "_x%04X_", r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

func plainText(s string) bool {
	for _, r := range s {
		if r < ' ' && r != '\n' && r != '\t' || r == 0xFFFE || r == 0xFFFF || r == utf8.RuneError {
			return false
		}
	}
	return true
}
