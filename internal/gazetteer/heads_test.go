package gazetteer_test

import (
	"strings"
	"testing"

	"otklik/internal/gazetteer"
	"otklik/internal/locate"
	"otklik/internal/russian"
)

// TestSettlementsAtTheHeadOfAnAddress writes every settlement of some regions as
// residents do, and counts how many are read: most villages have names that mean
// something else, too, or that no dictionary has.
func TestSettlementsAtTheHeadOfAnAddress(t *testing.T) {
	t.Parallel()
	a, err := russian.New()
	if err != nil {
		t.Fatal(err)
	}
	g, err := gazetteer.New(a, "95000000", "85000000", "76000000")
	if err != nil {
		t.Fatal(err)
	}
	l := locate.New(g)
	for _, c := range []struct {
		text string // NAME stands for the settlement
		most float64
	}{
		{"NAME, ул. Ленина, 4, нет света", 0.03},
		{"Нет света, NAME, ул. Садовая 7", 0.03},
		{"NAME Кирова 4 нет света", 0.25},
	} {
		for _, region := range []string{"95000000", "85000000", "76000000"} {
			all, missed := 0, []string(nil)
			ms, err := gazetteer.Municipalities(region)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range ms {
				ss, err := gazetteer.Settlements(m.ID)
				if err != nil {
					t.Fatal(err)
				}
				for _, s := range ss {
					all++
					found := false
					for _, f := range l.Find(a.Read(strings.Replace(c.text, "NAME", s.Name, 1)), locate.Context{Region: region}) {
						found = found || f.Type == locate.Settlement && f.Name == s.Name
					}
					if !found {
						missed = append(missed, s.Name)
					}
				}
			}
			if share := float64(len(missed)) / float64(all); all < 40 || share > c.most {
				t.Errorf("%s of %s: %d of %d settlements are not read: %s", c.text, region, len(missed), all, strings.Join(missed, ", "))
			}
		}
	}
}
