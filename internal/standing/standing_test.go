package standing_test

import (
	"strings"
	"testing"

	"otklik/internal/fault"
	"otklik/internal/standing"
)

func TestCheck(t *testing.T) {
	t.Parallel()
	good := standing.Query{Name: "Дороги, ямы", Text: "яма"}
	good.Name = "Дороги и ямы-2"
	if err := good.Check(); err != nil {
		t.Errorf("Check(%q) = %v", good.Name, err)
	}
	for name, q := range map[string]standing.Query{
		"Назовите":   {Name: "  "},
		"длиннее":    {Name: strings.Repeat("я", 61)},
		"знак «@»":   {Name: "@дороги"},
		"Примеров":   {Name: "а", Examples: make([]standing.Example, 51)},
		"слишком":    {Name: "а", Examples: []standing.Example{{Text: strings.Repeat("я", 2001)}}},
		"«9570100»":  {Name: "а", Territories: []string{"9570100"}},
		"«Абакан00»": {Name: "а", Territories: []string{"Абакан00"}},
	} {
		err := q.Check()
		if !fault.Is(err, fault.Invalid) || !strings.Contains(fault.Sentence(err), name) {
			t.Errorf("Check: %q, want a sentence with %q", fault.Sentence(err), name)
		}
	}
}

func TestKey(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{" Дороги  и Ёмы ": "дороги_и_емы", "ЖКХ": "жкх"} {
		if got := standing.Key(name); got != want {
			t.Errorf("Key(%q) = %q, want %q", name, got, want)
		}
	}
}
