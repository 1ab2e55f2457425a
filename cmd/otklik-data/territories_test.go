package main

import (
	"bytes"
	"os"
	"strings"
	"testing"
)

// TestDocsCountWhatIsBundled compares the figure in docs/gazetteer.md with what
// "territories count" prints, and that with the table's other lines.
func TestDocsCountWhatIsBundled(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := territoriesCount(&out); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 2+86+1 {
		t.Errorf("%d lines, want a heading of two, 86 regions and their sum", len(lines))
	}
	doc, err := os.ReadFile("../../docs/gazetteer.md")
	if err != nil {
		t.Fatal(err)
	}
	if sum := lines[len(lines)-1]; !strings.Contains(string(doc), sum+"\n") {
		t.Errorf("docs/gazetteer.md lacks the line\n%s", sum)
	}
}

func TestClassifierNames(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ code, in, name, typ string }{
		{"95608000", "Аскизский муниципальный район", "Аскизский", "муниципальный район"},
		{"95701000", "город Абакан", "Абакан", "городской округ"},
		{"22704000", "ЗАТО город Саров", "Саров", "городской округ"},
		{"05701000", "Владивостокский", "Владивостокский", "городской округ"},
		{"40301000", "муниципальный округ Коломна", "Коломна", "муниципальный округ"},
		{"40302000", "муниципальный округ Сенной округ", "Сенной", "муниципальный округ"},
		{"40342000", "город Колпино", "Колпино", "город"},
		{"71951000", "город Салехард", "Салехард", "городской округ"},
		{"08624000", "Муниципальный район имени Лазо", "имени Лазо", "муниципальный район"},
		{"98622000", "Жиганский национальный эвенкийский муниципальный район", "Жиганский", "муниципальный район"},
	} {
		if name, typ := municipality(c.code, c.in); name != c.name || typ != c.typ {
			t.Errorf("municipality(%s) = %q, %q; want %q, %q", c.in, name, typ, c.name, c.typ)
		}
	}
	for in, want := range map[string][2]string{
		"с Тюндюк": {"село", "Тюндюк"}, "ж/д ст Орловка": {"железнодорожная станция", "Орловка"},
		"ст-ца Гиагинская": {"станица", "Гиагинская"}, "д станции Сухое Озеро": {"деревня", "Сухое Озеро"},
		"рзд п Лязгино": {"разъезд", "Лязгино"}, "Балезино-3": {"населённый пункт", "Балезино-3"},
	} {
		if typ, name := abbreviated(in); typ != want[0] || name != want[1] {
			t.Errorf("abbreviated(%q) = %q, %q", in, typ, name)
		}
	}
}

func TestZones(t *testing.T) {
	t.Parallel()
	for in, want := range map[[2]string]string{
		{"95000000", "UTC+7"}:  "Asia/Krasnoyarsk",
		{"73000000", "UTC+4"}:  "Europe/Ulyanovsk",
		{"98000000", "UTC+9"}:  "Asia/Yakutsk",
		{"98000000", "UTC+10"}: "Asia/Vladivostok",
		{"98000000", "UTC+11"}: "Asia/Srednekolymsk",
		{"27000000", "UTC+2"}:  "Europe/Kaliningrad",
	} {
		if got := zone(in[0], in[1]); got != want {
			t.Errorf("zone(%v) = %s, want %s", in, got, want)
		}
	}
}
