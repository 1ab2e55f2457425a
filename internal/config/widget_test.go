package config

import (
	"strings"
	"testing"

	"otklik/internal/fault"
)

func TestWidgets(t *testing.T) {
	for _, c := range []struct {
		name string
		list []Widget
		at   string // the field that is wrong; "" = none
	}{
		{"none", nil, ""},
		{"a link alone", []Widget{{Mark: "vk-abakan"}}, ""},
		{"two sites", []Widget{{Mark: "uk-sever", Agency: "УК «Север»", Sites: []string{"https://uk-sever.example.ru", "https://www.uk-sever.example.ru:8443"}}}, ""},
		{"this machine", []Widget{{Mark: "a", Sites: []string{"http://127.0.0.1:8080", "http://localhost"}}}, ""},
		{"a site in Latin letters of a Russian name", []Widget{{Mark: "a", Sites: []string{"https://xn--80aswg.xn--p1ai"}}}, ""},
		{"no mark", []Widget{{Sites: []string{"https://example.ru"}}}, "public.widgets[0].mark"},
		{"capital letters", []Widget{{Mark: "UK"}}, "public.widgets[0].mark"},
		{"a mark with a blank", []Widget{{Mark: "uk sever"}}, "public.widgets[0].mark"},
		{"a Russian mark", []Widget{{Mark: "север"}}, "public.widgets[0].mark"},
		{"a long mark", []Widget{{Mark: strings.Repeat("a", 41)}}, "public.widgets[0].mark"},
		{"twice", []Widget{{Mark: "a"}, {Mark: "a"}}, "public.widgets[1].mark"},
		{"a long agency", []Widget{{Mark: "a", Agency: strings.Repeat("я", 201)}}, "public.widgets[0].agency"},
		{"without encryption", []Widget{{Mark: "a", Sites: []string{"http://example.ru"}}}, "public.widgets[0].sites[0]"},
		{"a path", []Widget{{Mark: "a", Sites: []string{"https://example.ru", "https://example.ru/news"}}}, "public.widgets[0].sites[1]"},
		{"a stroke at the end", []Widget{{Mark: "a", Sites: []string{"https://example.ru/"}}}, "public.widgets[0].sites[0]"},
		{"no scheme", []Widget{{Mark: "a", Sites: []string{"example.ru"}}}, "public.widgets[0].sites[0]"},
		{"everybody", []Widget{{Mark: "a", Sites: []string{"https://*"}}}, "public.widgets[0].sites[0]"},
		{"another directive", []Widget{{Mark: "a", Sites: []string{"https://example.ru; script-src *"}}}, "public.widgets[0].sites[0]"},
		{"a name and a password", []Widget{{Mark: "a", Sites: []string{"https://a:b@example.ru"}}}, "public.widgets[0].sites[0]"},
		{"Russian letters", []Widget{{Mark: "a", Sites: []string{"https://сайт.рф"}}}, "public.widgets[0].sites[0]"},
	} {
		if got := fault.FieldOf(Public{Widgets: c.list}.validate()); got != c.at {
			t.Errorf("%s: wrong field %q, want %q", c.name, got, c.at)
		}
	}
}
