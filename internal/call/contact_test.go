package call_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"otklik/internal/call"
	"otklik/internal/fault"
)

const abakan, abaza = "95701000", "95702000"

var book = []call.Contact{
	{Name: "ЕДДС Абакана", Phone: "8 (3902) 22-33-44", Centre: abakan},
	{Name: "Горгаз", Phone: "04", Centre: abakan, Danger: call.Gas},
	{Name: "ЕДДС региона", Phone: "8 (3902) 11-11-11"},
	{Name: "Электросети", Phone: "8 800 000-00-00", Danger: call.Power},
}

func TestWhomToRing(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		book        []call.Contact
		centre, why string
		want        string
	}{
		"gas in the town":            {book, abakan, "запах или утечка газа", "Горгаз, ЕДДС Абакана, ЕДДС региона, Экстренные службы"},
		"gas elsewhere":              {book, abaza, "запах или утечка газа", "Газовая служба, ЕДДС региона, Экстренные службы"},
		"a wire":                     {book, abakan, "оголённые или упавшие провода", "Электросети, ЕДДС Абакана, ЕДДС региона, Экстренные службы"},
		"a shock":                    {book, "", "может ударить током", "Электросети, ЕДДС региона, Экстренные службы"},
		"a threat that is of none":   {book, abaza, "угроза жизни", "ЕДДС региона, Экстренные службы"},
		"nobody has written a table": {nil, abakan, "запах или утечка газа", "Газовая служба, Экстренные службы"},
		"a child is beaten":          {nil, "", "ребёнка бьют", "Полиция, Экстренные службы"},
		"somebody is lost":           {book, abaza, "пропал человек", "Полиция, ЕДДС региона, Экстренные службы"},
		"a child":                    {nil, "", "ребёнок упал", "Экстренные службы"},
	} {
		var names []string
		for _, k := range call.Whom(c.book, c.centre, c.why) {
			names = append(names, k.Name)
		}
		if diff := cmp.Diff(c.want, strings.Join(names, ", ")); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func find(name string) (string, bool) {
	code, ok := map[string]string{"Абакан": abakan, abakan: abakan}[name]
	return code, ok
}

func TestATableOfContacts(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"semicolons": "территория;название;телефон;опасность\r\nАбакан;ЕДДС  Абакана;112-1\n;Газ;104;газ\n",
		"commas":     "\ufeff95701000,ЕДДС Абакана,112-1\n,\"Газ\",104,gas\n",
		"tabs":       "Абакан\tЕДДС Абакана\t112-1\tлюбая опасность\n\n\tГаз\t104\tГАЗ",
	} {
		got, err := call.ReadCSV(text, find)
		want := []call.Contact{{Name: "ЕДДС Абакана", Phone: "112-1", Centre: abakan}, {Name: "Газ", Phone: "104", Danger: call.Gas}}
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%s: %v, differs:\n%s", name, err, diff)
		}
	}
	for name, c := range map[string]struct{ text, says string }{
		"an unknown territory": {"Нигде;ЕДДС;112", "Строка 1: территории «Нигде»"},
		"no number":            {"\nАбакан;ЕДДС;звоните", "Строка 2: Телефон пишут цифрами"},
		"too few fields":       {"Абакан;ЕДДС", "нужны территория"},
		"an unknown danger":    {"Абакан;ЕДДС;112;скука", "опасности «скука»"},
		"another encoding":     {"\xc0\xe1;x;1", "UTF-8"},
		"an endless table":     {strings.Repeat(";А;112\n", 600), "больше 500"},
	} {
		if _, err := call.ReadCSV(c.text, find); !fault.Is(err, fault.Invalid) || !strings.Contains(fault.Sentence(err), c.says) {
			t.Errorf("%s = %v (%s)", name, err, fault.Sentence(err))
		}
	}
	twice := []call.Contact{{Name: "А", Phone: "112"}, {Name: "Б", Phone: "112"}}
	if err := call.CheckBook(twice); !fault.Is(err, fault.Invalid) {
		t.Errorf("a telephone twice = %v", err)
	}
}

func FuzzReadCSV(f *testing.F) {
	f.Add("Абакан;ЕДДС;112;газ\n")
	f.Add("\"\n;;\t,")
	f.Fuzz(func(t *testing.T, text string) {
		list, err := call.ReadCSV(text, find)
		if err != nil && fault.Sentence(err) == "" {
			t.Errorf("an error without a sentence: %v", err)
		}
		for k := range list {
			if err := list[k].Check(); err != nil {
				t.Errorf("%+v was read, and is wrong: %v", list[k], err)
			}
		}
	})
}
