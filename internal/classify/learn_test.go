package classify

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"otklik/internal/fault"
	"otklik/internal/topic"
)

var night = time.Date(2026, 3, 4, 2, 0, 0, 0, time.UTC)

func file(t *testing.T, m *Model) []byte {
	t.Helper()
	var b bytes.Buffer
	if _, err := m.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// The centre says that pits of a certain kind are no matter of roads, against a
// rule that is sure of it.
func corrections() []Example {
	var list []Example
	for _, street := range []string{"Садовой", "Речной", "Полевой", "Новой", "Лесной", "Школьной"} {
		list = append(list,
			Example{Text: "На " + street + " яма на дороге после прорыва теплотрассы, асфальт провалился", Label: "housing.heating", Corrected: true},
			Example{Text: "После теплотрассы осталась яма на дороге, " + street + ", не засыпали", Label: "housing.heating", Corrected: true})
	}
	return list
}

func TestCorrectionsOutweighRules(t *testing.T) {
	t.Parallel()
	r := reader(t)
	code := topic.Code("")
	for _, tp := range topic.Default().Topics {
		if strings.Contains(strings.ToLower(tp.Name), "отоплен") {
			code = tp.Code
			break
		}
	}
	own := corrections()
	for i := range own {
		own[i].Label = string(code)
	}
	const text = "Яма на дороге после работ на теплотрассе, не засыпали"
	before, err := Default(r)
	if err != nil {
		t.Fatal(err)
	}
	if got := before.Topics(r.Read(text)); len(got) == 0 || got[0].Topic.Code == code {
		t.Fatalf("before: Topics = %v; the test needs a text that the rules give to another topic", got)
	}
	m, err := Learn(t.Context(), r, topic.Default(), own, Course{Version: 2, Made: night})
	if err != nil {
		t.Fatal(err)
	}
	after, err := ForModel(r, topic.Default(), m)
	if err != nil {
		t.Fatal(err)
	}
	if got := after.Topics(r.Read(text)); len(got) == 0 || got[0].Topic.Code != code {
		t.Errorf("after %d corrections: Topics = %v, want %s first", len(own), got, code)
	}
	if got := after.Topics(r.Read("Лифт застрял между этажами")); len(got) == 0 || got[0].Topic.Code != "housing.lift" {
		t.Errorf("what was not corrected changed: %v, want housing.lift", got)
	}
	c := m.Card
	if c.Version != 2 || !c.Made.Equal(night) || c.Own != len(own) || c.Corrections != len(own) || c.Examples < 2000 || len(c.Data) != 64 || c.Base != shippedSource() || c.Held.Top1 < 0.4 {
		t.Errorf("card = %+v", c)
	}
}

func TestLearningIsDeterministicAndItsFileKeepsTheCard(t *testing.T) {
	t.Parallel()
	r := reader(t)
	var files [2][]byte
	var card Card
	for i := range files {
		m, err := LearnFree(t.Context(), r, toy(), Course{Version: 7, Made: night})
		if err != nil {
			t.Fatal(err)
		}
		files[i], card = file(t, m), m.Card
	}
	if !bytes.Equal(files[0], files[1]) {
		t.Error("the same examples gave two models")
	}
	back, err := ReadModel(bytes.NewReader(files[0]))
	if err != nil || back.Card != card || back.Card.Version != 7 {
		t.Errorf("ReadModel gives card %+v, %v, want %+v", back.Card, err, card)
	}
	other := toy()
	other[0].Text += " опять"
	m, err := LearnFree(t.Context(), r, other, Course{})
	if err != nil {
		t.Fatal(err)
	}
	if m.Card.Data == card.Data {
		t.Error("other data has the same hash")
	}
}

func TestLearnLeavesOutWhatTheTaxonomyDoesNotGive(t *testing.T) {
	t.Parallel()
	r := reader(t)
	tax, err := topic.Default().With(topic.Edit{Retire: []topic.Code{"housing.lift"}})
	if err != nil {
		t.Fatal(err)
	}
	m, err := Learn(t.Context(), r, tax, []Example{
		{Text: "Лифт стоит", Label: "housing.lift"}, {Text: "Инопланетяне", Label: "sky.ufo"}, {Text: "", Label: "roads.potholes"}, {Text: "Яма", Label: "roads.potholes"},
	}, Course{})
	if err != nil {
		t.Fatal(err)
	}
	if m.Card.Left != 3 || m.Card.Own != 1 {
		t.Errorf("card = %+v, want 3 left out and 1 learnt", m.Card)
	}
	for _, l := range m.Labels {
		if l == "housing.lift" || l == "sky.ufo" {
			t.Errorf("the model knows %s", l)
		}
	}
}

func TestLearnRefuses(t *testing.T) {
	t.Parallel()
	r := reader(t)
	for _, w := range []float64{math.NaN(), math.Inf(1), -1, 1e9} {
		bad := toy()
		bad[3].Weight = w
		if _, err := LearnFree(t.Context(), r, bad, Course{}); !fault.Is(err, fault.Invalid) {
			t.Errorf("weight %v: Learn = %v, want Invalid", w, err)
		}
	}
	stopped, stop := context.WithCancel(t.Context())
	stop()
	if _, err := LearnFree(stopped, r, toy(), Course{}); !errors.Is(err, context.Canceled) {
		t.Errorf("a stopped course = %v", err)
	}
}

func TestCompareRefusesTheWorse(t *testing.T) {
	t.Parallel()
	r := reader(t)
	learn := func(examples []Example) *Classifier {
		m, err := LearnFree(t.Context(), r, examples, Course{})
		if err != nil {
			t.Fatal(err)
		}
		return New(topic.Default(), nil, m)
	}
	good := learn(toy())
	muddled := toy()
	for i := range muddled {
		if muddled[i].Label == "Вода" { // somebody sorted the complaints about water wrongly
			muddled[i].Label = "Транспорт"
		}
	}
	muddled = append(muddled, Example{Text: "вода из крана ржавая", Label: "Вода"}, Example{Text: "ржавая вода", Label: "Вода"})
	bad := learn(muddled)
	pinned := []Row{
		{"1", "выбоины и ямы", "Дорога плохая"}, {"2", "в доме нет воды, трубы пустые", "Вода"},
		{"3", "автобус не пришел", "Транспорт"}, {"4", "пустые трубы в доме", "Вода"},
	}
	v, err := Compare(t.Context(), r, good, bad, pinned)
	if err != nil {
		t.Fatal(err)
	}
	if !v.Worse || len(v.Broken) == 0 || v.Broken[0].ID != "2" || v.Broken[0].Old != "Вода" || !strings.Contains(v.Why, "сломано") {
		t.Errorf("good → bad: %+v, want worse with case 2 broken", v)
	}
	if strings.Contains(fmt.Sprintf("%+v", v), "трубы") {
		t.Error("the verdict holds a resident's words")
	}
	back, err := Compare(t.Context(), r, bad, good, pinned)
	if err != nil || back.Worse || len(back.Gained) != len(v.Broken) {
		t.Errorf("bad → good: %+v, %v", back, err)
	}
	if same, err := Compare(t.Context(), r, good, good, pinned); err != nil || same.Worse || len(same.Gained)+len(same.Broken) != 0 {
		t.Errorf("good → good: %+v, %v", same, err)
	}
	if _, err := Compare(t.Context(), r, good, bad, nil); !fault.Is(err, fault.Invalid) || fault.Sentence(err) == "" {
		t.Errorf("an empty pinned set: %v, want Invalid with a sentence", err)
	}
}

func TestSuggestAnAgency(t *testing.T) {
	t.Parallel()
	r := reader(t)
	var past []Handover
	for i := range 15 {
		past = append(past,
			Handover{Text: fmt.Sprintf("яма на улице %d, машины объезжают", i), Topic: "roads.potholes", Territory: "95701000", Agency: "roads-north"},
			Handover{Text: fmt.Sprintf("яма у дома %d, не проехать", i), Topic: "roads.potholes", Territory: "95708000", Agency: "roads-south"},
			Handover{Text: fmt.Sprintf("лифт в подъезде %d стоит", i), Topic: "housing.lift", Territory: "95701000", Agency: "inspection"})
	}
	m, err := LearnAgencies(t.Context(), r, past, nil, Course{Made: night})
	if err != nil {
		t.Fatal(err)
	}
	m, err = ReadModel(bytes.NewReader(file(t, m)))
	if err != nil {
		t.Fatal(err)
	}
	s, err := NewSuggester(r, m)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		text, territory, want string
		topic                 topic.Code
	}{
		{"большая яма", "95701000", "roads-north", "roads.potholes"},
		{"большая яма", "95708000", "roads-south", "roads.potholes"},
		{"лифт опять стоит", "95701000", "inspection", "housing.lift"},
		{"лифт опять стоит", "", "inspection", ""},
	} {
		got := s.Suggest(r.Read(tt.text), tt.topic, tt.territory)
		if len(got) == 0 || got[0].Agency != tt.want {
			t.Errorf("Suggest(%q, %s, %s) = %+v, want %s", tt.text, tt.topic, tt.territory, got, tt.want)
			continue
		}
		if len(got[0].Evidence) == 0 || tt.territory != "" && len(got[0].Why) == 0 {
			t.Errorf("Suggest(%q) does not say why: %+v", tt.text, got[0])
		}
		for _, why := range got[0].Why {
			if why == "" {
				t.Errorf("Suggest(%q): a fact has no words: %+v", tt.text, got[0])
			}
		}
	}
}
