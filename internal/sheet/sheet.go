// Package sheet reads and writes spreadsheets (XLSX), a row at a time.
//
// Open looks at a workbook, Book.Rows reads one sheet of it as a stream; New writes one.
// Everything read becomes text: a date «2026-03-01 10:00:00» as the sheet shows it
// (without a zone, for it has none), a number in plain digits without a power of ten,
// a formula the value that was kept with it. A workbook is foreign bytes: what it
// unpacks to is bounded by Limits, and what is wrong with it is said with a remedy.
//
// The format is ISO/IEC 29500-1 (Office Open XML). Names are compared without their
// namespaces, since the strict and the transitional form differ in nothing else here.
package sheet

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"path"
	"strings"
	"unicode/utf16"

	"otklik/internal/fault"
)

// Limits bound what a workbook may unpack to. The zero value is DefaultLimits.
type Limits struct {
	Unpacked int64 // bytes of one part
	Ratio    int64 // how many times its packed size a part may have, above a megabyte
	Cell     int   // bytes of one cell
	Columns  int
}

// DefaultLimits take a million rows of ordinary letters, and no bomb.
var DefaultLimits = Limits{Unpacked: 4 << 30, Ratio: 400, Cell: 1 << 20, Columns: 512}

// A Book is an open workbook. Close it.
type Book struct {
	Sheets []Sheet

	limits  Limits
	zip     *zip.Reader
	parts   map[string]*zip.File
	strings *pool
	styles  *styles
	since04 bool // dates count from 1904
}

// A Sheet is one sheet of a workbook.
type Sheet struct {
	Name   string
	Hidden bool
	part   string
}

// A Row is one row of a sheet. Line is its number on the sheet, from 1; rows that hold
// nothing are not there.
type Row struct {
	Line   int
	Cells  []string
	Hidden bool
	Large  bool // a cell of it is over the limit, and cut off there
}

// Open opens a workbook of size bytes. What is no workbook, is locked by a password, cut
// off or damaged is fault.Invalid with a sentence for people.
func Open(r io.ReaderAt, size int64, l Limits) (_ *Book, err error) {
	defer fault.Wrap(&err, "sheet.Open")
	if l == (Limits{}) {
		l = DefaultLimits
	}
	head := make([]byte, 8)
	n, _ := r.ReadAt(head, 0)
	switch head = head[:n]; {
	case bytes.HasPrefix(head, []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")):
		return nil, compound(r, size)
	case !bytes.HasPrefix(head, []byte("PK")):
		return nil, bad("it is no XLSX", "это не таблица XLSX. Сохраните её как «Книга Excel (.xlsx)» или CSV и загрузите снова.")
	}
	z, err := zip.NewReader(r, size)
	if err != nil {
		return nil, bad("the archive is damaged or cut off: "+err.Error(), "таблица обрывается или повреждена. Получите файл заново целиком и загрузите снова.")
	}
	b := &Book{limits: l, zip: z, parts: map[string]*zip.File{}, styles: &styles{}}
	for _, f := range z.File {
		if len(b.parts) > 10_000 {
			return nil, bomb("more than 10,000 parts")
		}
		b.parts[strings.ToLower(strings.TrimPrefix(f.Name, "/"))] = f
	}
	if err := b.workbook(); err != nil {
		return nil, err
	}
	if err := b.styling(); err != nil {
		return nil, err
	}
	return b, nil
}

// Close lets go what the strings of the workbook were put into.
func (b *Book) Close() error {
	if b.strings == nil {
		return nil
	}
	return b.strings.close()
}

// Sheet returns the sheet of that name; for "" the first one that is shown.
func (b *Book) Sheet(name string) (Sheet, error) {
	for _, s := range b.Sheets {
		if s.Name == name || name == "" && !s.Hidden {
			return s, nil
		}
	}
	if name == "" && len(b.Sheets) > 0 {
		return b.Sheets[0], nil
	}
	var names []string
	for _, s := range b.Sheets {
		names = append(names, "«"+s.Name+"»")
	}
	list := strings.Join(names, ", ")
	return Sheet{}, fault.New(fault.Invalid, "no sheet %q; there are %s", name, list).At("sheet").
		Say("Листа «" + name + "» в таблице нет. Есть: " + list + ".").Mend("name one of the sheets: " + list)
}

func (b *Book) workbook() error {
	main, targets := "xl/workbook.xml", map[string]string{}
	for _, r := range b.relations("_rels/.rels", "") {
		if strings.HasSuffix(r.Type, "/officeDocument") {
			main = r.Target
		}
	}
	dir, base := path.Split(main)
	for _, r := range b.relations(dir+"_rels/"+base+".rels", dir) {
		targets[r.ID] = r.Target
	}
	if b.parts[main] == nil && b.parts["content.xml"] != nil && b.parts["mimetype"] != nil {
		return bad("it is an OpenDocument file", "это таблица LibreOffice (.ods). Откройте её и сохраните как «Книга Excel (.xlsx)» или CSV, затем загрузите снова.")
	}
	if b.parts[main] == nil {
		return bad("it holds no workbook", "в файле нет таблицы: это архив другого рода. Сохраните её как «Книга Excel (.xlsx)» и загрузите снова.")
	}
	err := b.walk(main, func(d *xml.Decoder, e xml.StartElement) error {
		switch e.Name.Local {
		case "workbookPr":
			b.since04 = truth(attr(e, "date1904"))
		case "sheet":
			s := Sheet{Name: attr(e, "name"), Hidden: attr(e, "state") != "" && attr(e, "state") != "visible", part: targets[attr(e, "id")]}
			if b.parts[s.part] != nil && strings.Contains(s.part, "sheet") {
				b.Sheets = append(b.Sheets, s)
			}
		}
		return nil
	})
	if err == nil && len(b.Sheets) == 0 {
		err = bad("the workbook has no sheet", "в таблице нет ни одного листа с данными.")
	}
	return err
}

type relation struct{ ID, Type, Target string }

// relations reads which part stands for which id. One that cannot be read has none.
func (b *Book) relations(part, dir string) (out []relation) {
	_ = b.walk(part, func(_ *xml.Decoder, e xml.StartElement) error {
		if e.Name.Local == "Relationship" {
			t := attr(e, "Target")
			if !strings.HasPrefix(t, "/") {
				t = dir + t
			}
			out = append(out, relation{attr(e, "Id"), attr(e, "Type"), strings.ToLower(strings.TrimPrefix(path.Clean("/"+t), "/"))})
		}
		return nil
	})
	return out
}

// errNoPart says that a workbook lacks a part.
var errNoPart = errors.New("sheet: no such part")

// part opens a part, bounded.
func (b *Book) part(name string) (io.ReadCloser, error) {
	f := b.parts[strings.ToLower(name)]
	if f == nil {
		return nil, errNoPart
	}
	r, err := f.Open()
	if err != nil {
		return nil, bad("part "+name+": "+err.Error(), "таблица повреждена. Откройте её в редакторе таблиц, сохраните заново и загрузите снова.")
	}
	most := b.limits.Unpacked
	if m := max(1<<20, int64(f.CompressedSize64)*b.limits.Ratio); m > 0 {
		most = min(most, m)
	}
	return &bounded{ReadCloser: r, left: most}, nil
}

// bounded ends a part that unpacks to more than it may.
type bounded struct {
	io.ReadCloser
	left int64
	over bool // somebody wanted more
}

func (r *bounded) Read(p []byte) (int, error) {
	if r.left <= 0 {
		r.over = true
		return 0, bomb("a part unpacks to more than it may")
	}
	if int64(len(p)) > r.left {
		p = p[:r.left]
	}
	n, err := r.ReadCloser.Read(p)
	r.left -= int64(n)
	return n, err
}

// walk calls start for each element that begins in a part; one that is not there has none.
func (b *Book) walk(name string, start func(d *xml.Decoder, e xml.StartElement) error) error {
	r, err := b.part(name)
	if errors.Is(err, errNoPart) {
		return nil
	}
	if err != nil {
		return err
	}
	defer r.Close()
	d := decoder(r)
	for {
		t, err := d.RawToken()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return broken(name, err)
		}
		if e, ok := t.(xml.StartElement); ok {
			if err := start(d, e); err != nil {
				return err
			}
		}
	}
}

// decoder reads XML in any encoding that says to be UTF-8, as all writers do.
func decoder(r io.Reader) *xml.Decoder {
	d := xml.NewDecoder(r)
	d.Strict = false
	d.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil }
	return d
}

func attr(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

func truth(s string) bool { return s == "1" || s == "true" }

func bad(what, sentence string) *fault.Error {
	return fault.New(fault.Invalid, "%s", what).Say(strings.ToUpper(sentence[:2]) + sentence[2:]).Mend("save the table anew as .xlsx or .csv and take it again")
}

func bomb(what string) *fault.Error {
	return bad("a bomb: "+what, "таблица распаковывается во много раз больше, чем ей положено, и не читается. Сохраните её заново или как CSV.")
}

// broken says that a part is no XML, or ends early.
func broken(name string, err error) error {
	if fault.Is(err, fault.Invalid) {
		return err
	}
	return bad("part "+name+" is broken: "+err.Error(), "таблица обрывается или повреждена. Получите файл заново целиком и загрузите снова.")
}

// brokenAt is broken for what stands in a part: where it was cut at its bound, the decoder may
// have met half a letter, and speak of that.
func brokenAt(part io.Reader, name string, err error) error {
	if b, ok := part.(*bounded); ok && b.over {
		return bomb("part " + name + " unpacks to more than it may")
	}
	return broken(name, err)
}

// compound tells what an OLE file is: a workbook locked by a password, or an old one.
func compound(r io.ReaderAt, size int64) error {
	b := make([]byte, min(size, 8<<20))
	n, _ := r.ReadAt(b, 0)
	wide := []byte{}
	for _, u := range utf16.Encode([]rune("EncryptedPackage")) {
		wide = append(wide, byte(u), byte(u>>8))
	}
	if bytes.Contains(b[:n], wide) {
		return bad("the workbook is encrypted", "таблица закрыта паролем. Откройте её, снимите пароль (Файл → Сведения → Защита книги) и сохраните заново.")
	}
	return bad("the workbook is of the old format", "это таблица старого вида (.xls). Откройте её и сохраните как «Книга Excel (.xlsx)» или CSV.")
}
