package topic_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"otklik/internal/fault"
	"otklik/internal/topic"
)

func TestChangesAreToldInWords(t *testing.T) {
	t.Parallel()
	before := small()
	after, err := before.With(topic.Edit{
		Put: []topic.Topic{
			{Code: "roads.dust", Name: "Пыль", Group: "Дороги", GroupCode: "roads"},
			{Code: "roads.potholes", Name: "Ямы и выбоины", Group: "Дороги", GroupCode: "roads"},
		},
		Retire: []topic.Code{"waste.dump"},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"Тема «Ямы» переименована в «Ямы и выбоины»", "Тема «Ямы и выбоины»: больше не короткий срок",
		"Добавлена тема «Пыль» в группу «Дороги»", "Тема «Свалки» выведена",
	}
	if diff := cmp.Diff(want, after.Changes(before)); diff != "" {
		t.Errorf("Changes (-want +got):\n%s", diff)
	}
	if said := before.Changes(before); len(said) != 0 {
		t.Errorf("Changes of nothing = %q", said)
	}
	back, err := after.With(topic.Edit{Restore: []topic.Code{"waste.dump"}})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"Тема «Свалки» возвращена"}, back.Changes(after)); diff != "" {
		t.Errorf("Changes (-want +got):\n%s", diff)
	}
}

func TestGroupsAreRenamedAndMoved(t *testing.T) {
	t.Parallel()
	before := small()
	groups := before.Groups()
	first, last := groups[0], groups[len(groups)-1]
	after, err := before.With(topic.Edit{Rename: map[topic.Code]string{first.Code: "Улицы"}, Move: []topic.Code{last.Code}})
	if err != nil {
		t.Fatal(err)
	}
	if got := after.Groups(); got[0].Code != last.Code || got[1].Code != first.Code || got[1].Name != "Улицы" || len(after.Topics) != len(before.Topics) {
		t.Errorf("groups are %+v", got)
	}
	if said := after.Changes(before); len(said) != 2 || said[0] != "Группа «"+first.Name+"» переименована в «Улицы»" || !strings.Contains(said[1], "на другом месте") {
		t.Errorf("Changes = %q", said)
	}
	for name, e := range map[string]topic.Edit{
		"unknown group renamed": {Rename: map[topic.Code]string{"nowhere": "а"}},
		"unknown group moved":   {Move: []topic.Code{"nowhere"}},
		"name of another group": {Rename: map[topic.Code]string{first.Code: last.Name}},
		"no name":               {Rename: map[topic.Code]string{first.Code: ""}},
		"moved twice":           {Move: []topic.Code{first.Code, first.Code}},
	} {
		if _, err := before.With(e); !fault.Is(err, fault.Invalid) && !fault.Is(err, fault.NotFound) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestANewCodeIsReadableAndWasNeverUsed(t *testing.T) {
	t.Parallel()
	tests := []struct {
		group topic.Code
		name  string
		want  topic.Code
	}{
		{"roads", "Пыль на дороге", "roads.pyl_na_doroge"},
		{"roads", "★ Щебень, объезд!", "roads.scheben_obezd"},
		{"roads", "Dust 2", "roads.dust_2"},
		{"roads", "potholes", "roads.potholes_2"},
		{"roads", "…", "roads.topic"},
		{"", "Лифты", "lifty"},
		{"", "Roads", "roads_2"},
		{"", "undefined", "undefined_2"},
	}
	for _, tt := range tests {
		if got := small().NewCode(tt.group, tt.name); got != tt.want {
			t.Errorf("NewCode(%q, %q) = %q, want %q", tt.group, tt.name, got, tt.want)
		}
	}
}

func FuzzNewCode(f *testing.F) {
	for _, s := range []string{"Пыль", "", "1", "_", "Ёлка — ёлка", "\xff", "Очень длинное название темы, которое не помещается никуда"} {
		f.Add(s)
	}
	form := regexp.MustCompile(`^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$`)
	f.Fuzz(func(t *testing.T, name string) {
		for _, group := range []topic.Code{"", "roads"} {
			code := small().NewCode(group, name)
			if _, taken := small().ByCode(code); taken || !form.MatchString(string(code)) {
				t.Errorf("NewCode(%q, %q) = %q", group, name, code)
			}
		}
	})
}
