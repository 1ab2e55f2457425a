package app_test

import (
	"slices"
	"testing"

	"otklik/internal/app"
	"otklik/internal/message"
)

// TestSentencesOfTheDomain: what the whole product reads in the sentences that
// it must get right, with everything that is bundled.
func TestSentencesOfTheDomain(t *testing.T) {
	t.Parallel()
	type found struct{ kind, name, settlement, street, house, relation string }
	for _, c := range []struct {
		region, text string
		complaint    bool
		outside      bool
		group        string
		topic        string
		urgency      message.Urgency
		missing      []string
		places       []found
		none         bool // no place at all
	}{
		{"", "Да у нас все дороги в ужасном состоянии, когда это кончится!", true, false, "Дороги", "", message.Normal, []string{"place"}, nil, true},
		{"", "По улице Ленина в Абазе в районе центральной бани появилась яма", true, false, "Дороги", "Ямы и выбоины на дороге", message.Normal, nil, []found{
			{"settlement", "Абаза", "Абаза", "", "", ""}, {"street", "Ленина", "Абаза", "", "", ""}, {"landmark", "центральная баня", "Абаза", "", "", "near"},
		}, false},
		{"Хакасия", "на пересечении улиц Энергетиков и Генерала Тихонова", false, false, "", "", message.Normal, nil, []found{
			{"intersection", "Энергетиков и Генерала Тихонова", "Черногорск", "", "", ""},
		}, false},
		{"", "Уже год течет задвижка в тепловом колодце напротив дома по Чертыгашева 33 в г. Абакане", true, false, "ЖКХ", "", message.Normal, nil, []found{
			{"settlement", "Абакан", "Абакан", "", "", ""}, {"house", "33", "Абакан", "Чертыгашева", "33", "opposite"},
		}, false},
		{"", "На коммуникационном колодце по улице Октябрьская, 16 отсутствовал люк", true, false, "", "", message.Danger, nil, []found{
			{"house", "16", "", "Октябрьская", "16", ""},
		}, false},
		{"", "прошу губернатора отменить занятия", false, true, "", "", message.Normal, nil, nil, true},
		{"", "Уберите стихийную свалку в нашем дворе!", true, false, "Мусор/Свалки/ТКО", "", message.Normal, []string{"place"}, nil, true},
		{"", "памятник Ленину опять облили краской", false, false, "", "", message.Normal, nil, nil, true},
		{"", "про Ленина писали", false, false, "", "", message.Normal, nil, nil, true},
	} {
		t.Run(c.text, func(t *testing.T) {
			t.Parallel()
			m, err := app.OpenMicroscope(c.region)
			if err != nil {
				t.Fatal(err)
			}
			l := m.Look(c.text)
			if c.complaint && (!l.Complaint || !l.Concerns) || l.Outside != c.outside || c.outside && l.Complaint {
				t.Errorf("complaint %t, concerns %t, outside %t", l.Complaint, l.Concerns, l.Outside)
			}
			if c.complaint && !slices.Equal(l.Missing, c.missing) && len(l.Missing)+len(c.missing) > 0 {
				t.Errorf("missing %v, want %v", l.Missing, c.missing)
			}
			if c.group != "" && (len(l.Topics) == 0 || l.Topics[0].Group != c.group || c.topic != "" && l.Topics[0].Name != c.topic) {
				t.Errorf("topics %+v, want group %q, topic %q", l.Topics, c.group, c.topic)
			}
			if c.complaint && l.Urgency != c.urgency {
				t.Errorf("urgency %s, want %s", l.Urgency, c.urgency)
			}
			var got []found
			for _, p := range l.Places {
				got = append(got, found{p.Type, p.Name, p.Settlement, p.Street, p.House, p.Relation})
				if p.Text != c.text[p.Start:p.End] {
					t.Errorf("place %q does not stand at its offsets", p.Text)
				}
			}
			if c.none && len(got) > 0 {
				t.Errorf("places %+v, want none", got)
			}
			for _, want := range c.places {
				if !slices.Contains(got, want) {
					t.Errorf("places %+v lack %+v", got, want)
				}
			}
		})
	}
}

// TestOnePlaceUnderManyNames: inflected, as an adjective, with and without a blank.
func TestOnePlaceUnderManyNames(t *testing.T) {
	t.Parallel()
	m, err := app.OpenMicroscope("")
	if err != nil {
		t.Fatal(err)
	}
	for _, same := range []struct {
		kind  string
		texts []string
	}{
		{"settlement", []string{"Нет воды в Лысьве", "лысьвенский парк зарос", "г.Лысьва, когда починят дороги?"}},
		{"street", []string{"Яма на Мира", "Яма на ул. Мира", "Яма по Мира 12"}},
	} {
		var first string
		for _, text := range same.texts {
			name := ""
			for _, p := range m.Look(text).Places {
				if p.Type == same.kind {
					name = p.Name + "|" + p.ID
				}
			}
			if first == "" {
				first = name
			}
			if name == "" || name != first {
				t.Errorf("%q names %q, want %q", text, name, first)
			}
		}
	}
}

// TestTheTownBeforeItsStreet: a town whose name is an ordinary word, too, counts
// before an address, and gardens are small enough to go to.
func TestTheTownBeforeItsStreet(t *testing.T) {
	t.Parallel()
	m, err := app.OpenMicroscope("Хакасия")
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"батареи холодные, Абаза Ленина 3", "Абаза, Ленина 3, батареи холодные"} {
		places := m.Look(text).Places
		if !slices.ContainsFunc(places, func(p app.LookPlace) bool { return p.Type == "house" && p.Settlement == "Абаза" }) {
			t.Errorf("%q: places %+v, want the house in Абаза", text, places)
		}
	}
	if l := m.Look("мусор не вывозят снт Энергетик уже две недели"); !l.Concrete {
		t.Errorf("gardens are not concrete: missing %v", l.Missing)
	}
}
