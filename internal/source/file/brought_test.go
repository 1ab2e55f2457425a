package file_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"otklik/internal/fault"
	"otklik/internal/mapping"
	"otklik/internal/source/file"
)

// packed is a workbook of one sheet with these rows of XML; properties stand before the sheets.
func packed(t testing.TB, properties string, rows ...string) []byte {
	t.Helper()
	return archive(t, map[string]string{
		"_rels/.rels":                `<Relationships><Relationship Id="r" Type="x/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
		"xl/_rels/workbook.xml.rels": `<Relationships><Relationship Id="a" Target="worksheets/sheet1.xml"/></Relationships>`,
		"xl/workbook.xml":            `<workbook xmlns:r="x">` + properties + `<sheets><sheet name="Март" r:id="a"/></sheets></workbook>`,
		"xl/styles.xml":              `<styleSheet><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>`,
		"xl/worksheets/sheet1.xml":   `<worksheet><sheetData>` + strings.Join(rows, "") + `</sheetData><mergeCells><mergeCell ref="A1:B1"/></mergeCells></worksheet>`,
	})
}

func archive(t testing.TB, parts map[string]string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, text := range parts {
		w, err := z.Create(name)
		if err == nil {
			_, err = io.WriteString(w, text)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// line is a row of texts; a cell that begins with # is a number shown as a date.
func line(hidden bool, cells ...string) string {
	var b strings.Builder
	b.WriteString(`<row` + map[bool]string{true: ` hidden="1"`}[hidden] + `>`)
	for _, c := range cells {
		if n, ok := strings.CutPrefix(c, "#"); ok {
			b.WriteString(`<c s="1"><v>` + n + `</v></c>`)
		} else {
			b.WriteString(`<c t="inlineStr"><is><t>` + c + `</t></is></c>`)
		}
	}
	return b.String() + "</row>"
}

// TestTablesAsPeopleBringThem: each is read right, or refused with what is wrong, where, and how
// to mend it.
func TestTablesAsPeopleBringThem(t *testing.T) {
	t.Parallel()
	encoded := func(s string, err error) []byte {
		if err != nil {
			t.Fatal(err)
		}
		return []byte(s)
	}
	const csv = "№;Дата;Текст\n1;01.03.2026;Ёлка; упала\n2;02.03.2026;\"Снег \"\"у школы\"\"\"\n"
	quoted := strings.Replace(csv, "Ёлка; упала", "\"Ёлка; упала\"", 1)
	two := []string{"1 2026-02-28T17:00 Ёлка; упала", "2 2026-03-01T17:00 Снег \"у школы\""}
	ole := "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + strings.Repeat("\x00", 600)
	locked := ole + strings.Join(strings.Split("EncryptedPackage", ""), "\x00") + "\x00"
	head := line(false, "№", "Дата", "Текст")
	m := &mapping.Mapping{Name: "Март", Columns: map[mapping.Field]string{mapping.Number: "№", mapping.Published: "Дата", mapping.Text: "Текст"}}
	shown := *m
	shown.SkipHidden = true
	for name, c := range map[string]struct {
		in   []byte
		m    *mapping.Mapping
		want []string // rows; of one that is not taken «line reason»
		says []string // of the error that ends the file
	}{
		"UTF-8 with a mark":       {in: []byte("\ufeff" + quoted), want: two},
		"windows-1251":            {in: encoded(charmap.Windows1251.NewEncoder().String(quoted)), want: two},
		"UTF-16":                  {in: encoded(unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String(quoted)), want: two},
		"quotes left open":        {in: []byte("№;Дата;Текст\n1;01.03.2026;\"Ёлка\n2;02.03.2026;Снег\n"), want: []string{"1 2026-02-28T17:00 Ёлка", "2 2026-03-01T17:00 Снег"}},
		"a quote over two rows":   {in: []byte("№;Дата;Текст\n1;\"Ёлка\n2;02.03.2026;Снег\n"), want: []string{"2 unreadable", "2 2026-03-01T17:00 Снег"}},
		"two columns of one name": {in: []byte("№;Дата;Текст;Текст\n1;01.03.2026;Ёлка;Другое\n"), want: []string{"1 2026-02-28T17:00 Ёлка"}},
		"merged title, dates of 1900": {in: packed(t, "", line(false, "Отчёт", ""), head, line(false, "1", "#46082.5", "Ёлка"), line(true, "2", "#46083", "Снег")),
			want: []string{"1 2026-03-01T05:00 Ёлка", "2 2026-03-01T17:00 Снег"}},
		"dates of 1904":       {in: packed(t, `<workbookPr date1904="1"/>`, head, line(false, "1", "#44620.5", "Ёлка")), want: []string{"1 2026-03-01T05:00 Ёлка"}},
		"hidden rows, if not": {in: packed(t, "", head, line(true, "1", "#46082.5", "Ёлка"), line(false, "2", "#46083", "Снег")), m: &shown, want: []string{"2 2026-03-01T17:00 Снег"}},
		"an empty file":       {in: nil, says: []string{"таблица пуста"}},
		"no archive at all":   {in: []byte("PK\x03\x04 это не архив"), says: []string{"обрывается или повреждена", "заново"}},
		"a bomb":              {in: packed(t, "", head, strings.Repeat(line(false, "1", "#46082", strings.Repeat("я", 5000)), 3000)), says: []string{"во много раз больше"}},
		"a locked workbook":   {in: []byte(locked), says: []string{"закрыта паролем", "снимите пароль"}},
		"an old .xls":         {in: []byte(ole), says: []string{"старого вида (.xls)", "сохраните"}},
		"an .ods":             {in: archive(t, map[string]string{"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": "<a/>"}), says: []string{"LibreOffice (.ods)", "сохраните"}},
		"a cut sheet":         {in: archive(t, map[string]string{"xl/workbook.xml": `<workbook xmlns:r="x"><sheets><sheet name="Март" r:id="a"/></sheets></workbook>`, "xl/_rels/workbook.xml.rels": `<Relationships><Relationship Id="a" Target="worksheets/sheet1.xml"/></Relationships>`, "xl/worksheets/sheet1.xml": "<worksheet><sheetData>" + head + line(false, "1", "#46082", "Ёлка") + "<row><c>"}), want: nil, says: []string{"строка 3", "обрывается"}},
		"another table":       {in: []byte("Дата;Сумма\n1;2\n"), says: []string{"строка 1", "нет столбца «Текст»"}},
	} {
		use := m
		if c.m != nil {
			use = c.m
		}
		got, err := records(t, "xlsx", "март.xlsx", bytes.NewReader(c.in), mappedOptions(use))
		if len(c.says) > 0 {
			var f *fault.Error
			if !errors.As(err, &f) || f.Kind != fault.Invalid || f.Hint == "" || !strings.Contains(f.Sentence, "Файл март.xlsx") {
				t.Errorf("%s: %v", name, err)
				continue
			}
			for _, w := range c.says {
				if !strings.Contains(f.Sentence, w) {
					t.Errorf("%s: %q lacks %q", name, f.Sentence, w)
				}
			}
			continue
		}
		var rows []string
		for _, r := range got {
			if r.Err != nil {
				rows = append(rows, fmt.Sprint(r.Line, " ", r.Err.Reason))
			} else {
				rows = append(rows, fmt.Sprint(r.Message.Native, " ", r.Message.PublishedAt.UTC().Format("2006-01-02T15:04"), " ", r.Message.Text))
			}
		}
		if err != nil || strings.Join(rows, "|") != strings.Join(c.want, "|") {
			t.Errorf("%s: %q, %v; want %q", name, rows, err, c.want)
		}
	}
}

// TestTheLongestSheet: as many rows as a sheet can have come one by one.
func TestTheLongestSheet(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("a million rows: not with -short")
	}
	const most = 1_048_576
	rows := make([]byte, 0, 80*most)
	for k := range most {
		rows = fmt.Appendf(rows, `<row><c><v>%d</v></c></row>`, uint32(k)*2654435761) // no bomb: they differ
	}
	n := 0
	for row, err := range file.Rows("a.xlsx", bytes.NewReader(packed(t, "", string(rows))), "", 0) {
		if n++; err != nil || row.Err != nil || row.Line != n {
			t.Fatalf("row %d is %+v, %v", n, row, err)
		}
	}
	if n != most {
		t.Errorf("%d rows", n)
	}
}
