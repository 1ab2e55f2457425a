package app

import (
	"testing"

	"otklik/internal/gazetteer"
	"otklik/internal/russian"
)

func TestASenderSpeaksForWhatLiesInItsTerritory(t *testing.T) {
	t.Parallel()
	analyzer, err := russian.New()
	if err != nil {
		t.Fatal(err)
	}
	places, err := gazetteer.New(analyzer, "95000000")
	if err != nil {
		t.Fatal(err)
	}
	a := &App{Places: places}
	for _, c := range []struct {
		territory, of string
		want          bool
	}{
		{"95000000", "95000000", false},
		{"95701000", "95000000", false},
		{"95701000", "95701000", false},
		{"95702000", "95701000", true},
		{"95000000", "95701000", true},
		{"95701000", "57000000", true},
		{"no code", "95701000", false}, // it says nothing, and the sender's territory holds
	} {
		if got := a.outside(c.territory, c.of); got != c.want {
			t.Errorf("outside(%q, %q) = %t, want %t", c.territory, c.of, got, c.want)
		}
	}
}
