package sheet_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"otklik/internal/fault"
	"otklik/internal/sheet"
)

// book packs a workbook of the parts; what is not named is filled in.
func book(t testing.TB, parts map[string]string) []byte {
	t.Helper()
	all := map[string]string{
		"_rels/.rels":                `<Relationships><Relationship Id="r" Type="x/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
		"xl/_rels/workbook.xml.rels": `<Relationships><Relationship Id="a" Target="worksheets/sheet1.xml"/><Relationship Id="b" Target="/xl/worksheets/sheet2.xml"/></Relationships>`,
		"xl/workbook.xml":            `<workbook xmlns:r="x"><sheets><sheet name="Свод" state="hidden" r:id="b"/><sheet name="Сообщения" r:id="a"/></sheets></workbook>`,
		"xl/worksheets/sheet2.xml":   `<worksheet><sheetData/></worksheet>`,
		"xl/styles.xml": `<styleSheet><numFmts><numFmt numFmtId="170" formatCode="[$-419]dd\ mmmm\ yyyy;@"/><numFmt numFmtId="171" formatCode="0.00&quot;days&quot;"/></numFmts>
<cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="22"/><xf numFmtId="170"/><xf numFmtId="171"/></cellXfs></styleSheet>`,
	}
	for name, text := range parts {
		all[name] = text
	}
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, text := range all {
		w, err := z.Create(name)
		if err == nil {
			_, err = w.Write([]byte(text))
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

func rows(b []byte, name string, l sheet.Limits) (out []sheet.Row, err error) {
	w, err := sheet.Open(bytes.NewReader(b), int64(len(b)), l)
	if err != nil {
		return nil, err
	}
	defer w.Close()
	s, err := w.Sheet(name)
	if err != nil {
		return nil, err
	}
	for r, err := range w.Rows(s) {
		if err != nil {
			return out, err
		}
		out = append(out, r)
	}
	return out, nil
}

func TestCellsBecomeWhatTheSheetShows(t *testing.T) {
	t.Parallel()
	b := book(t, map[string]string{
		"xl/sharedStrings.xml": `<sst><si><t>Яма</t></si><si><r><t>на </t></r><r><rPr><b/></rPr><t>Мира</t></r><rPh><t>ミラ</t></rPh></si><si><t xml:space="preserve"> a_x000D_
_x005F_x </t></si></sst>`,
		"xl/worksheets/sheet1.xml": `<worksheet><sheetData>
<row r="2"><c r="A2" t="s"><v>0</v></c><c r="C2" t="s"><v>1</v></c><c t="s"><v>2</v></c></row>
<row r="5" hidden="1"><c r="A5" s="1"><v>46082.5</v></c><c r="B5" s="2"><v>46082</v></c><c r="C5" s="3"><v>1.5</v></c><c r="D5"><v>1.23456789012E11</v></c><c r="E5" t="b"><v>1</v></c></row>
<row r="6"><c r="A6"><f>CONCATENATE("x",B2)</f><v>7</v></c><c r="B6" t="str"><f>"a"</f><v>a &amp; b</v></c><c r="C6" t="e"><v>#N/A</v></c><c r="D6" t="inlineStr"><is><t>=1+1</t></is></c><c r="E6" t="d"><v>2026-03-01T10:00:00</v></c></row>
<row r="7"><c r="A7" t="s"><v>99</v></c><c r="B7"/></row>
<row><c><v>-5</v></c></row></sheetData><mergeCells/></worksheet>`,
	})
	got, err := rows(b, "", sheet.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	want := []sheet.Row{
		{Line: 2, Cells: []string{"Яма", "", "на Мира", " a\n_x "}},
		{Line: 5, Hidden: true, Cells: []string{"2026-03-01 12:00:00", "2026-03-01", "1.5", "123456789012", "да"}},
		{Line: 6, Cells: []string{"7", "a & b", "", "=1+1", "2026-03-01 10:00:00"}},
		{Line: 8, Cells: []string{"-5"}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("rows differ:\n%s", diff)
	}
}

func TestTheTwoSystemsOfDates(t *testing.T) {
	t.Parallel()
	sheet1 := `<worksheet><sheetData><row><c s="1"><v>%s</v></c></row></sheetData></worksheet>`
	for _, c := range []struct{ props, serial, want string }{
		{``, "1", "1900-01-01"}, {``, "59", "1900-02-28"}, {``, "61", "1900-03-01"}, {``, "45292.999988426", "2024-01-01 23:59:59"}, {``, "0.5", "12:00:00"},
		{`<workbookPr date1904="1"/>`, "43831", "2024-01-02"}, {`<workbookPr date1904="true"/>`, "0", "1904-01-01"}, {``, "99999999", "99999999"}, {``, "-3", "-3"},
	} {
		b := book(t, map[string]string{
			"xl/workbook.xml":          `<workbook>` + c.props + `<sheets><sheet name="a" id="a"/></sheets></workbook>`,
			"xl/worksheets/sheet1.xml": fmt.Sprintf(sheet1, c.serial),
		})
		got, err := rows(b, "", sheet.Limits{})
		if err != nil || len(got) != 1 || got[0].Cells[0] != c.want {
			t.Errorf("%s %s = %v, %v, want %s", c.props, c.serial, got, err, c.want)
		}
	}
}

func TestBadWorkbooksSayWhatToDo(t *testing.T) {
	t.Parallel()
	good := book(t, map[string]string{"xl/worksheets/sheet1.xml": `<worksheet><sheetData><row><c><v>1</v></c></row></sheetData></worksheet>`})
	ole := append([]byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), make([]byte, 600)...)
	locked := append([]byte{}, ole...)
	for _, r := range "EncryptedPackage" {
		locked = append(locked, byte(r), 0)
	}
	for name, c := range map[string]struct {
		in   []byte
		want string
	}{
		"cut off":         {good[:len(good)-40], "обрывается"},
		"empty":           {nil, "не таблица XLSX"},
		"a letter":        {[]byte("id;text\n1;Яма"), "не таблица XLSX"},
		"an old one":      {ole, "старого вида"},
		"a locked one":    {locked, "снимите пароль"},
		"another archive": {book(t, map[string]string{"_rels/.rels": `<Relationships><Relationship Type="a/officeDocument" Target="word/document.xml"/></Relationships>`}), "архив другого рода"},
		"no sheets":       {book(t, map[string]string{"xl/workbook.xml": `<workbook/>`}), "ни одного листа"},
		"a cut sheet":     {book(t, map[string]string{"xl/worksheets/sheet1.xml": `<worksheet><sheetData><row><c><v>1`}), "обрывается"},
		"no end":          {book(t, map[string]string{"xl/worksheets/sheet1.xml": `<worksheet><sheetData><row><c><v>1</v></c></row>`}), "обрывается"},
		"a bomb":          {book(t, map[string]string{"xl/worksheets/sheet1.xml": `<worksheet><sheetData>` + strings.Repeat(`<row><c><v>1</v></c></row>`, 400_000) + `</sheetData></worksheet>`}), "во много раз больше"},
		"deep":            {book(t, map[string]string{"xl/worksheets/sheet1.xml": `<worksheet><row><c><is>` + strings.Repeat("<t>", 500)}), "обрывается"},
	} {
		_, err := rows(c.in, "", sheet.Limits{Unpacked: 1 << 30, Ratio: 20, Cell: 1000, Columns: 10})
		if !fault.Is(err, fault.Invalid) || !strings.Contains(fault.Sentence(err), c.want) || fault.Hint(err) == "" {
			t.Errorf("%s: %v, %q, hint %q", name, err, fault.Sentence(err), fault.Hint(err))
		}
	}
	if _, err := rows(good, "Лист9", sheet.Limits{}); !strings.Contains(fault.Sentence(err), "«Свод», «Сообщения»") {
		t.Errorf("a wrong sheet: %v", err)
	}
}

func TestLimitsOfCellsAndColumns(t *testing.T) {
	t.Parallel()
	b := book(t, map[string]string{"xl/worksheets/sheet1.xml": `<worksheet><sheetData><row><c t="inlineStr"><is><t>` + strings.Repeat("ж", 600) + `</t></is></c><c r="XFD1"><v>1</v></c></row></sheetData></worksheet>`})
	got, err := rows(b, "", sheet.Limits{Unpacked: 1 << 20, Ratio: 100, Cell: 99, Columns: 4})
	if err != nil || len(got) != 1 || !got[0].Large || got[0].Cells[0] != strings.Repeat("ж", 49) || len(got[0].Cells) != 1 {
		t.Errorf("rows = %v, %v", got, err)
	}
}

func TestWhatIsWrittenIsRead(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	w, err := sheet.New(&b, "Инциденты <1>", []sheet.Column{{Name: "Номер", Width: 10}, {Name: "Текст", Width: 60}, {Name: "Когда"}, {Name: "Сколько", Width: 8}})
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 3, 1, 10, 7, 9, 0, time.UTC)
	long := strings.Repeat("ю", 40_000)
	for _, r := range [][]any{{"00123", "=1+1 <b> & \"x\"\n\tстрока\x07 _x0041_", at, 7}, {"", long, time.Time{}, 0}} {
		if err := w.Row(r); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	got, err := rows(b.Bytes(), "Инциденты <1>", sheet.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	want := []sheet.Row{
		{Line: 1, Cells: []string{"Номер", "Текст", "Когда", "Сколько"}},
		{Line: 2, Cells: []string{"00123", "=1+1 <b> & \"x\"\n\tстрока\x07 _x0041_", "2026-03-01 10:07:09", "7"}},
		{Line: 3, Cells: []string{"", strings.Repeat("ю", 32_766) + "…", "", "0"}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("rows differ:\n%s", diff)
	}
	if err := w.Row([]any{1.5}); err == nil {
		t.Error("a cell of an unknown type was written")
	}
}

func FuzzRows(f *testing.F) {
	f.Add([]byte(`<worksheet><sheetData><row r="1"><c r="A1" t="s"><v>0</v></c><c s="1"><v>46082.5</v></c></row></sheetData></worksheet>`), []byte(`<sst><si><t>Яма</t></si></sst>`))
	f.Add([]byte(`<worksheet><row><c t="inlineStr"><is><r><t>a_x0041_</t></r></is></c></row>`), []byte(`<sst>`))
	f.Fuzz(func(t *testing.T, one, shared []byte) {
		b := book(t, map[string]string{"xl/worksheets/sheet1.xml": string(one), "xl/sharedStrings.xml": string(shared)})
		got, err := rows(b, "", sheet.Limits{Unpacked: 1 << 20, Ratio: 100, Cell: 500, Columns: 20})
		if err != nil && (fault.KindOf(err) != fault.Invalid || fault.Sentence(err) == "") {
			t.Fatalf("an error without a sentence: %v", err)
		}
		for _, r := range got {
			if len(r.Cells) == 0 || len(r.Cells) > 20 {
				t.Fatalf("a row of %d cells", len(r.Cells))
			}
		}
	})
}

func FuzzOpen(f *testing.F) {
	f.Add(book(f, map[string]string{"xl/worksheets/sheet1.xml": `<worksheet><sheetData><row><c><v>1</v></c></row></sheetData></worksheet>`}))
	f.Add([]byte("PK\x03\x04"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if _, err := rows(b, "", sheet.Limits{Unpacked: 1 << 20, Ratio: 100, Cell: 500, Columns: 20}); err != nil && fault.Sentence(err) == "" {
			t.Fatalf("an error without a sentence: %v", err)
		}
	})
}

func BenchmarkRows(b *testing.B) {
	var out bytes.Buffer
	w, err := sheet.New(&out, "a", make([]sheet.Column, 9))
	if err != nil {
		b.Fatal(err)
	}
	text := strings.Repeat("Не горит фонарь у дома на Лесной. ", 6)
	for k := range 10_000 {
		if err := w.Row([]any{k, time.Unix(1772434860, 0), text, "https://vk.com/wall-1_2", "Абакан, Мира 5", "Дороги", "Мэрия", "Решено", "Заменили лампу в фонаре, свет есть."}); err != nil {
			b.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		got, err := rows(out.Bytes(), "", sheet.Limits{})
		if err != nil || len(got) != 10_000 {
			b.Fatal(len(got), err)
		}
	}
	b.ReportMetric(10_000*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}
