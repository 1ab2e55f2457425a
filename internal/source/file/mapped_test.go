package file_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/charmap"

	"otklik/internal/fault"
	"otklik/internal/lifecycle"
	"otklik/internal/mapping"
	"otklik/internal/sheet"
	"otklik/internal/source"
	"otklik/internal/source/file"
)

var incidents = mapping.Mapping{Name: "Инцидент", Columns: map[mapping.Field]string{
	mapping.Number: "№", mapping.Published: "Дата", mapping.Text: "Текст", mapping.Place: "Адрес", mapping.Territory: "Район", mapping.Topic: "Тема", mapping.Agency: "Кто",
	mapping.Status: "Статус", mapping.Answer: "Ответ", mapping.Closed: "Закрыто",
}}

func mappedOptions(m *mapping.Mapping) file.Options {
	return file.Options{
		Map: m, Source: "table:" + m.Name, Zone: time.FixedZone("", 7*3600), Now: func() time.Time { return time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC) },
		Known: file.Known{
			Topic: func(s string) bool { return s == "Ямы" }, Agency: func(s string) bool { return s == "Мэрия" },
			Territory: func(s string) (string, bool) { return "95701000", s == "Абакан" },
		},
	}
}

const head = "Отчёт за март;;;;;;;;;\n\n№;Дата;Текст;Адрес;Район;Тема;Кто;Статус;Ответ;Закрыто\n"

func TestMappedTables(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		in   string
		want []string
	}{
		"rows, sums, blanks, headers again": {head + "1;;Яма;;;;;;;\n;;;;;;;;;\n№;Дата;Текст;Адрес;Район;Тема;Кто;Статус;Ответ;Закрыто\n2;;Снег;;;;;;;\nИтого;2;;;;;;;;\n", []string{"1 = Яма", "2 = Снег"}},
		"the same number":                   {head + "1;;Яма;;;;;;;\n1;;Снег;;;;;;;\n1;;Яма;;;;;;;\n", []string{"1 = Яма", "same_number@5", "1 = Яма"}},
		"quotes that are wrong":             {head + "1;;\"Яма у \"Мира\";;;;;;;\n2;;Снег;;;;;;;\n", []string{"1 = Яма у \"Мира", "2 = Снег"}},
		"a quote never closed":              {head + "1;;\"Яма;;;;;;;\n2;;Снег;;;;;;;\n", []string{"1 = Яма", "2 = Снег"}},
		"too few columns, broken":           {head + "1;\"\"Яма\n2;;Снег;;;;;;;\n", []string{"unreadable@4", "2 = Снег"}},
		"no text":                           {head + "1;;;;;;;;;\n", []string{"no_text@4"}},
		"numbers as sheets spoil them":      {head + "1001.0;;Яма;;;;;;;\n", []string{"1001 = Яма"}},
		"tab, carriage returns":             {strings.ReplaceAll(strings.ReplaceAll(head+"1;;Яма;;;;;;;\n", ";", "\t"), "\n", "\r\n"), []string{"1 = Яма"}},
		"comma":                             {strings.ReplaceAll(head+"1;;Яма;;;;;;;\n", ";", ","), []string{"1 = Яма"}},
		"a bar":                             {strings.ReplaceAll(head+"1;;Яма;;;;;;;\n", ";", "|"), []string{"1 = Яма"}},
		"header only":                       {head, []string{}},
	} {
		m := incidents
		got, err := records(t, "csv", name, strings.NewReader(c.in), mappedOptions(&m))
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff(c.want, short(got)); diff != "" {
			t.Errorf("%s differs:\n%s", name, diff)
		}
		cp, err := charmap.Windows1251.NewEncoder().String(c.in)
		if err != nil {
			t.Fatal(err)
		}
		again, err := records(t, "csv", name, strings.NewReader(cp), mappedOptions(&m))
		if diff := cmp.Diff(short(got), short(again)); diff != "" || err != nil {
			t.Errorf("%s in windows-1251: %v, differs:\n%s", name, err, diff)
		}
		table := workbook(t, c.in)
		if name == "quotes that are wrong" || name == "a quote never closed" || strings.Contains(name, "broken") {
			continue
		}
		again, err = records(t, "xlsx", name, bytes.NewReader(table), mappedOptions(&m))
		for k := range again {
			again[k].Line-- // its first row names no columns
		}
		if diff := cmp.Diff(short(got), short(again)); diff != "" || err != nil {
			t.Errorf("%s as XLSX: %v, differs:\n%s", name, err, diff)
		}
	}
}

// workbook makes a sheet of lines that are parted by one sign.
func workbook(t testing.TB, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := sheet.New(&b, "Лист1", nil)
	if err != nil {
		t.Fatal(err)
	}
	for k, line := range strings.Split(strings.ReplaceAll(text, "\r", ""), "\n") {
		cells := []any{}
		for _, c := range strings.FieldsFunc(strings.NewReplacer(";", "\x00 ", ",", "\x00 ", "\t", "\x00 ", "|", "\x00 ").Replace(" "+line), func(r rune) bool { return r == 0 }) {
			cells = append(cells, strings.TrimSpace(c))
		}
		if k == 0 && line == "" {
			continue
		}
		if err := w.Row(cells); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestRowsOfCasesTellTheirPast(t *testing.T) {
	t.Parallel()
	m := incidents
	got, err := records(t, "csv", "a.csv", strings.NewReader(head+
		"1;01.03.2026 10:15;Яма у школы;Мира 5;Абакан;Ямы;Мэрия;Решено;Засыпали;05.03.2026\n"+
		"2;2 марта 2026 г.;Снег;;Луна;Прочее;Никто;Синий;;\n"+
		"3;на днях;Лёд;;;;;Синий;Сбили;\n"+
		"4;;Свет;;;;;;Починили;\n"+
		"1,2E+11;;Шум;;;;;В работе;;\n"), mappedOptions(&m))
	if err != nil || len(got) != 5 {
		t.Fatalf("%d records, %v", len(got), err)
	}
	one := got[0].Message
	p := one.Past
	opened, closed := time.Date(2026, 3, 1, 3, 15, 0, 0, time.UTC), time.Date(2026, 3, 4, 17, 0, 0, 0, time.UTC)
	switch {
	case !one.Addressed || one.Source != "table:Инцидент" || one.Territory != "95701000" || !one.PublishedAt.Equal(opened) || !one.SeenAt.Equal(opened):
		t.Errorf("message = %+v", one)
	case p.State != lifecycle.Closed || p.Outcome != lifecycle.Solved || p.Key != "table:Инцидент:1" || p.Number != "1" || p.Place != "Мира 5" || p.Answer != "Засыпали" || !p.ClosedAt.Equal(closed):
		t.Errorf("past = %+v", p)
	}
	var told []string
	for _, r := range got {
		told = append(told, fmt.Sprint(r.Message.Past.State, r.Lost, r.Message.Past.Number))
	}
	want := []string{"closed[]1", "new[territory status topic agency]2", "closed[date status]3", "closed[]4", "working[number]"}
	if diff := cmp.Diff(want, told); diff != "" {
		t.Errorf("differs:\n%s", diff)
	}
	m.Statuses, m.Unknown, m.Zone, m.Topics, m.Agencies = map[string]string{"синий": "answered"}, "working", "+03:00", nil, map[string]int64{"Мэрия": 9, "Никто": 0}
	got, err = records(t, "csv", "a.csv", strings.NewReader(head+"1;01.03.2026 10:15;Яма;;;;Мэрия;Синий;;\n2;;Снег;;;;никто;Жёлтый;;\n"), mappedOptions(&m))
	if err != nil || len(got) != 2 || got[0].Message.Past.State != lifecycle.Answered || got[0].Message.Past.AgencyID != 9 || got[0].Message.PublishedAt.Hour() != 7 ||
		got[1].Message.Past.State != lifecycle.Working || len(got[1].Lost) != 1 || got[1].Lost[0] != source.LostStatus {
		t.Errorf("by the mapping's values: %+v, %v", got, err)
	}
}

func TestTablesThatDoNotFitSayWhatIsMissing(t *testing.T) {
	t.Parallel()
	m := incidents
	pages := m
	pages.Sheet = "Март"
	good := workbook(t, head+"1;;Яма;;;;;;;\n")
	for name, c := range map[string]struct {
		in   []byte
		m    *mapping.Mapping
		want string
	}{
		"no column of the text": {[]byte("Номер;Статус\n1;Решено\n"), &m, "нет столбца «Текст»"},
		"a column is missing":   {[]byte("№;Текст\n1;Яма\n"), &m, "нет столбцов: «Дата»"},
		"empty":                 {nil, &m, "таблица пуста"},
		"no such sheet":         {good, &pages, "Листа «Март» в таблице нет. Есть: «Лист1»"},
		"cut off":               {good[:len(good)-30], &m, "обрывается"},
		"no mapping":            {workbook(t, "Номер;Статус\n1;Решено\n"), nil, "ни один столбец не назван text"},
		"no encoding":           {[]byte(head + strings.Repeat("\x81\x8d\x90\x9d", 300)), &m, "кодировка не распознана"},
	} {
		o := file.Options{}
		if c.m != nil {
			o = mappedOptions(c.m)
		}
		_, err := records(t, "xlsx", "a.xlsx", bytes.NewReader(c.in), o)
		if !fault.Is(err, fault.Invalid) || !strings.Contains(fault.Sentence(err), c.want) || fault.Hint(err) == "" {
			t.Errorf("%s: %v, %q", name, err, fault.Sentence(err))
		}
	}
}

func TestMomentsOfTables(t *testing.T) {
	t.Parallel()
	zone := time.FixedZone("", 7*3600)
	now := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	for in, want := range map[string]string{
		"01.03.2026 10:15": "2026-03-01 10:15", "01.03.2026 10:15:30": "2026-03-01 10:15", "1.3.2026": "2026-03-01 00:00", "01.03.26": "2026-03-01 00:00", "01.03.2026, 10:15": "2026-03-01 10:15",
		"2026-03-01": "2026-03-01 00:00", "2026-03-01T10:15:00+07:00": "2026-03-01 10:15", "2026-03-01 03:15:00Z": "2026-03-01 10:15", "1 марта 2026 г.": "2026-03-01 00:00", "1 мар 2026 10:15": "2026-03-01 10:15",
		"01.03.2026 г.": "2026-03-01 00:00", "01/03/2026": "2026-03-01 00:00", "46082.5": "2026-03-01 12:00", "46082": "2026-03-01 00:00", "1772334900": "2026-03-01 10:15", "1 марта 2026 в 10:15": "2026-03-01 10:15",
		"": "", "вчера": "", "нет": "", "12": "", "31.02.2026": "", "Мира 5": "",
	} {
		got := ""
		if at := file.Moment(in, now, zone); !at.IsZero() {
			got = at.In(zone).Format("2006-01-02 15:04")
		}
		if got != want {
			t.Errorf("Moment(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestCellsAreNoFormulas(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"=1+1": "'=1+1", "+7 900 cmd": "'+7 900 cmd", "@SUM(A1)": "'@SUM(A1)", "-пять": "'-пять", "\t=1": "'\t=1", "'=1": "''=1", "-1001_5": "-1001_5", "-5": "-5", "+79001112233": "+79001112233", "Яма": "Яма", "": "", "'Яма": "'Яма",
	} {
		if got := file.Guard(in); got != want || file.Unguard(got) != in {
			t.Errorf("Guard(%q) = %q, want %q; back %q", in, got, want, file.Unguard(got))
		}
	}
}

func FuzzMapped(f *testing.F) {
	f.Add([]byte(head + "1;01.03.2026;Яма \"у\" дома;;Абакан;Ямы;Мэрия;Решено;Засыпали;05.03.2026\nИтого;1\n"))
	f.Add([]byte("№,Текст\n1,\"Яма\n2,\"Снег\"\"\n"))
	f.Add(workbook(f, head+"1;;Яма;;;;;;;\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		m := mapping.Mapping{Columns: map[mapping.Field]string{mapping.Text: "Текст", mapping.Number: "№"}}
		o := mappedOptions(&m)
		o.Limit = 4 << 10
		got, err := records(t, "csv", "f", bytes.NewReader(b), o)
		if err != nil && fault.Sentence(err) == "" {
			t.Fatalf("an error without a sentence: %v", err)
		}
		for _, r := range got {
			if r.Err != nil && r.Err.Text == "" {
				t.Fatal("a rejection without words")
			}
		}
		for row := range file.Rows("f", bytes.NewReader(b), "", 4<<10) {
			if row.Err == nil && len(row.Cells) == 0 && row.Line != 0 {
				t.Fatal("a row that holds nothing")
			}
		}
	})
}
