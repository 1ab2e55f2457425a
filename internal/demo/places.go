package demo

import (
	"encoding/csv"
	"fmt"
	"math/rand/v2"
	"strings"

	"otklik/data/streets"
)

// A town is a place where residents of the demo live.
type town struct {
	name    string
	in      string // «в Абакане»
	centre  string // municipality's name
	weight  int    // share of messages
	streets []street
}

type street struct{ name, kind string }

// Villages have no streets in the bundled list; every village has these.
var villageStreets = []street{{"Ленина", "улица"}, {"Советская", "улица"}, {"Мира", "улица"}, {"Школьная", "улица"}, {"Набережная", "улица"}}

func towns() []*town {
	list := []*town{
		{"Абакан", "в Абакане", "Абакан", 46, nil},
		{"Черногорск", "в Черногорске", "Черногорск", 17, nil},
		{"Саяногорск", "в Саяногорске", "Саяногорск", 9, nil},
		{"Усть-Абакан", "в Усть-Абакане", "Усть-Абаканский", 6, nil},
		{"Абаза", "в Абазе", "Абаза", 4, nil},
		{"Белый Яр", "в Белом Яре", "Алтайский", 3, nil},
		{"Шира", "в Шире", "Ширинский", 3, nil},
		{"Сорск", "в Сорске", "Сорск", 3, nil},
		{"Бея", "в Бее", "Бейский", 2, villageStreets},
		{"Таштып", "в Таштыпе", "Таштыпский", 2, villageStreets},
		{"Боград", "в Бограде", "Боградский", 2, villageStreets},
		{"Копьёво", "в Копьёво", "Орджоникидзевский", 2, villageStreets},
		{"Аскиз", "в Аскизе", "Аскизский", 3, nil},
	}
	f, err := streets.Files.Open("95000000.csv")
	if err != nil {
		panic("demo: " + err.Error()) // embedded: it is there
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		panic("demo: streets: " + err.Error())
	}
	by := map[string]*town{}
	for _, t := range list {
		by[t.name] = t
	}
	by["95608151051"] = by["Аскиз"]
	for _, row := range rows[1:] {
		if t := by[row[0]]; t != nil && (row[2] == "улица" || row[2] == "проспект") {
			t.streets = append(t.streets, street{row[1], row[2]})
		}
	}
	return list
}

// draw returns a town by weight.
func draw(r *rand.Rand, list []*town) *town {
	sum := 0
	for _, t := range list {
		sum += t.weight
	}
	n := r.IntN(sum)
	for _, t := range list {
		if n -= t.weight; n < 0 {
			return t
		}
	}
	return list[0]
}

// A street as in «на Советской»; names that are no adjectives do not change.
func (s street) on() string {
	stem, ok := strings.CutSuffix(s.name, "ая")
	switch {
	case !ok || strings.Contains(s.name, " "):
		return s.name
	case strings.ContainsAny(stem[len(stem)-2:], "жшчщ"):
		return stem + "ей"
	}
	return stem + "ой"
}

// place makes the words for a slot; name says whether the town is named, outside
// whether the house is only near.
func (v *voice) place(key string, at *town, name, outside bool) string {
	s := at.streets[v.r.IntN(len(at.streets))]
	house := fmt.Sprint(1 + v.r.IntN(120))
	if v.r.IntN(9) == 0 {
		house += pick(v.r, "а", "б", "/1", "/2", "А")
	}
	with := func(words string) string {
		switch {
		case !name:
			return words
		case v.r.IntN(2) == 0:
			return at.in + " " + words
		}
		return words + " " + at.in
	}
	kind := "улице"
	if s.kind == "проспект" {
		kind = "проспекте"
	}
	switch key {
	case "где":
		list := []string{"на " + s.on() + " " + house, "на " + s.on() + ", " + house, "на " + kind + " " + s.on() + ", " + house, "на " + s.on() + " дом " + house}
		if outside {
			list = append(list, "возле дома "+house+" по "+strings.Replace(kind, "те", "ту", 1)+" "+s.on())
		}
		return with(pick(v.r, list...))
	case "по":
		to := "по улице "
		if s.kind == "проспект" {
			to = "по проспекту "
		}
		return with(pick(v.r, "по "+s.on(), to+s.on(), to+s.on()))
	case "угол":
		other := at.streets[v.r.IntN(len(at.streets))]
		for other == s {
			other = at.streets[v.r.IntN(len(at.streets))]
		}
		return with(pick(v.r, "на углу "+s.on()+" и "+other.on(), "на перекрёстке "+s.on()+" и "+other.on()))
	case "адрес":
		words := pick(v.r, "ул. ", "улица ") + s.name + ", " + house
		if s.kind == "проспект" {
			words = "проспект " + s.name + ", " + house
		}
		if name {
			return at.name + ", " + words
		}
		return words
	case "в":
		return at.in
	}
	panic("demo: a text has the slot {" + key + "}")
}
