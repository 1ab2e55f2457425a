package staff_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"otklik/internal/portal"
	"otklik/internal/publicface"
	"otklik/internal/regime"
	"otklik/internal/scope"
	"otklik/internal/source"
)

// open puts the residents' pages beside those of the staff.
func (w *world) open() {
	o := portal.Options{Site: w.site, Title: "ЦУР Республики Хакасия", Towns: []string{"Абакан", "Черногорск"}, Now: func() time.Time { return clock }, Watched: func() []portal.Watched {
		return []portal.Watched{
			{Name: "Стена Абакана", URL: "https://vk.example/club1", Network: "ВКонтакте", Town: "Абакан", Since: clock.AddDate(0, -1, 0)},
			{Name: "Страница центра", URL: "https://vk.example/club2", Network: "ВКонтакте", Own: true},
		}
	}}
	o.Cases, o.Topics = w.staff.Cases, w.staff.Topics
	o.Face = &portal.Face{
		Scope: scope.OfRegion(khakassia), Mask: func(s string) string { return s }, Areas: []portal.Area{{Code: abakan, Name: "Абакан", People: 180000}, {Code: chernogor, Name: "Черногорск"}},
		Rule:    func() publicface.Rule { list, _ := regime.Shipped(); return publicface.New(list) },
		Outline: [][][2]float64{{{88, 51.4}, {91.9, 53}, {91.5, 55.3}, {89, 55}, {88, 51.4}}}, Licence: portal.Licence{Name: "CC BY 4.0", URL: "https://creativecommons.org/licenses/by/4.0/deed.ru"},
		Regimes: func() []regime.Regime { list, _ := regime.Shipped(); return list },
	}
	w.handler = w.site.Handler(slices.Concat(w.staff.Routes(), portal.New(o).Routes()))
}

func TestEachMunicipalitySaysWhoSpeaksForIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.hours["vk:-1"] = append(w.hours["vk:-1"], source.Hour{At: clock.Add(-5 * 24 * time.Hour), Messages: 1000, Kept: 30})
	v := w.as(t, "operator")
	p := v.page("/desk/sources/coverage")
	cells := func(name string) []string {
		for _, tr := range all(p, "tbody tr") {
			if list := textsOf(tr, "th, td"); list[0] == name {
				return list[1:]
			}
		}
		return nil
	}
	if got := cells("Черногорск"); len(got) != 4 || got[0] != "нет" || got[2] != "0" {
		t.Errorf("where nobody listens: %q", got)
	}
	if got := cells("Абакан"); len(got) != 4 || got[0] == "нет" || got[2] != "1016" || got[3] != "32" {
		t.Errorf("where somebody does: %q", got)
	}
	for show, want := range map[string]string{"silent": "Черногорск", "bad": ""} {
		p := v.page("/desk/sources/coverage?show=" + show)
		for _, tr := range all(p, "tbody tr") {
			if name := textsOf(tr, "th"); want != "" && name[0] != want {
				t.Errorf("%s shows %s", show, name)
			}
		}
		if attr(p, ".chips [aria-current]", "href") != "/desk/sources/coverage?show="+show {
			t.Errorf("%s: the filter is not marked", show)
		}
	}
}

func TestSourcesAreFiltered(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.as(t, "operator")
	names := func(query string) []string {
		var out []string
		for _, c := range all(v.page("/desk/sources?"+query), ".line-card") {
			out = append(out, text(c, ".tag"))
		}
		return out
	}
	for query, want := range map[string][]string{
		"":                         {"не читается", "работает"},
		"state=bad":                {"не читается"},
		"state=good":               {"работает"},
		"state=paused":             nil,
		"channel=max":              nil,
		"q=нет+такого":             nil,
		"state=odd&centre=<odd>":   nil,
		"channel=vk&state=good&q=": {"работает"},
	} {
		if got := names(query); !slices.Equal(got, want) {
			t.Errorf("%q shows %q, want %q", query, got, want)
		}
	}
	if got := text(v.page("/desk/sources?state=paused"), "main"); !strings.Contains(got, "Таких источников нет") || !strings.Contains(got, "подходит: 0") {
		t.Error("an empty answer is not told as such")
	}
}
