package locate_test

import (
	"slices"
	"strings"
	"testing"

	"otklik/internal/locate"
	"otklik/internal/place"
)

// StreetsOf makes the towns of the tests a gazetteer that knows slips of a letter.
func (t *towns) StreetsOf(settlement string) []*place.Place {
	var out []*place.Place
	for _, p := range t.byID {
		if p.Level == place.Street && p.Settlement == settlement {
			out = append(out, p)
		}
	}
	slices.SortFunc(out, func(a, b *place.Place) int { return strings.Compare(a.ID, b.ID) })
	return out
}

// What was said before decides among namesakes: first the text itself, then the
// thread, the community's home, the author.
func TestContextDecidesAmongNamesakes(t *testing.T) {
	t.Parallel()
	const abakan, abaza = "95701000001", "95702000001"
	a, l := analyzer(t), locate.New(gazetteer(t))
	for _, c := range []struct {
		name, text string
		hint       locate.Context
		typ        locate.Type
		id, why    string
	}{
		{"the thread before the community", "яма на улице Ленина", locate.Context{Settlement: abakan, Thread: []string{abaza}}, locate.Street, "street:1", "в ветке"},
		{"the text before the thread", "яма на улице Ленина в Абакане", locate.Context{Thread: []string{abaza}}, locate.Street, "street:2", "названо в тексте"},
		{"a street of the thread tells its town", "и на Ленина 5 тоже", locate.Context{Thread: []string{"street:3"}}, locate.Street, "street:2", "в ветке"},
		{"the community before the author", "яма на улице Ленина", locate.Context{Settlement: abakan, Author: []string{abaza}}, locate.Street, "street:2", "источника"},
		{"the author where nothing else is known", "яма на улице Ленина", locate.Context{Author: []string{abaza}}, locate.Street, "street:1", "автор"},
		{"an author from elsewhere says nothing", "яма на улице Ленина", locate.Context{Region: "57000000", Author: []string{abaza}}, locate.Street, "", ""},
		{"the author among villages of one name", "в селе Берёзовка нет воды", locate.Context{Author: []string{"95610000105"}}, locate.Settlement, "95610000105", "из 3"},
		{"ids that nobody knows do no harm", "яма на улице Ленина", locate.Context{Settlement: abakan, Thread: []string{"", "street:", "house:", "x"}}, locate.Street, "street:2", "источника"},
	} {
		got := l.Find(a.Read(c.text), c.hint)
		i := slices.IndexFunc(got, func(f locate.Found) bool { return f.Type == c.typ })
		if i < 0 || got[i].ID != c.id || !strings.Contains(got[i].Why, c.why) {
			t.Errorf("%s: Find(%q) = %+v, want %s because of %q", c.name, c.text, got, c.id, c.why)
		}
	}
}

func TestHouseOfTheThreadsStreetAndOfAVillage(t *testing.T) {
	t.Parallel()
	a, g := analyzer(t), gazetteer(t)
	village := place.HouseID("95605000101", "7")
	g.add(place.Place{ID: village, Level: place.House, Name: "7"}, "")
	l := locate.New(g)
	got := l.Find(a.Read("а в доме 16 вода есть"), locate.Context{Thread: []string{"street:1"}})
	if len(got) != 1 || got[0].Street != "Ленина" || got[0].ID != "house:1:16" || got[0].Radius != 30 {
		t.Errorf("house of the thread = %+v, want 16 on Ленина", got)
	}
	got = l.Find(a.Read("посёлок Мирный, дом 7 без света"), locate.Context{Region: "95000000"})
	i := slices.IndexFunc(got, func(f locate.Found) bool { return f.Type == locate.House })
	if i < 0 || got[i].ID != village || got[i].SettlementID != "95605000101" {
		t.Errorf("house of the village = %+v, want %s", got, village)
	}
}

func TestSlipOfALetterFindsTheStreet(t *testing.T) {
	t.Parallel()
	a, l := analyzer(t), locate.New(gazetteer(t))
	in := locate.Context{Settlement: "95701000001"}
	for text, id := range map[string]string{
		"ул Чиртыгашева 33 нет воды": "street:3", "на улице Чертыгашева темно": "street:3", "ул Чиртыгашова 33": "", "ул Кызласова 33": "",
	} {
		got := l.Find(a.Read(text), in)
		i := slices.IndexFunc(got, func(f locate.Found) bool { return f.Type == locate.Street })
		if i < 0 || got[i].ID != id {
			t.Errorf("Find(%q) = %+v, want street %q", text, got, id)
		}
	}
}

func TestRadius(t *testing.T) {
	t.Parallel()
	a, l := analyzer(t), locate.New(gazetteer(t))
	for text, want := range map[string]float64{
		"Абаза, Ленина 16": 30, "Абаза, Ленина 17": 500, "в Абазе нет света": 6000, "Пушкина 5": 0, "Абаза, рядом с домом 16 по ул. Ленина": 100,
	} {
		got := l.Find(a.Read(text), locate.Context{})
		last := got[len(got)-1]
		if i := slices.IndexFunc(got, func(f locate.Found) bool { return f.Type == locate.House }); i >= 0 {
			last = got[i]
		}
		if last.Radius != want {
			t.Errorf("Find(%q): radius %v, want %v (%+v)", text, last.Radius, want, last)
		}
	}
}
