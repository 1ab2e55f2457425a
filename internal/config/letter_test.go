package config

import (
	"strings"
	"testing"

	"otklik/internal/fault"
)

func TestTheHeadOfLetters(t *testing.T) {
	for _, c := range []struct {
		name string
		head Letter
		at   string // the field that is wrong; "" = none
	}{
		{"none", Letter{}, ""},
		{"address and telephone", Letter{Lines: []string{"655017, Абакан, улица Ленина, 1", "8 (3902) 00-00-00"}, Signed: "Руководитель И. И. Иванов"}, ""},
		{"as long as it may be", Letter{Lines: []string{strings.Repeat("я", 120)}}, ""},
		{"seven lines", Letter{Lines: make([]string, 7)}, "letter.lines"},
		{"a long line", Letter{Lines: []string{"а", strings.Repeat("я", 121)}}, "letter.lines[1]"},
		{"two lines in one", Letter{Lines: []string{"а\nб"}}, "letter.lines[0]"},
		{"an empty line", Letter{Lines: []string{"а", " "}}, "letter.lines[1]"},
		{"a long signature", Letter{Signed: strings.Repeat("я", 121)}, "letter.signed"},
	} {
		if got := fault.FieldOf(c.head.validate()); got != c.at {
			t.Errorf("%s: wrong field %q, want %q", c.name, got, c.at)
		}
	}
}
