package clarify_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"otklik/internal/clarify"
	"otklik/internal/incident"
	"otklik/internal/message"
	"otklik/internal/place"
)

// towns knows two towns, a village and a street in each town.
func towns(id string) (*place.Place, bool) {
	for _, p := range []place.Place{
		{ID: "95701000001", Level: place.Settlement, Name: "Абакан", Type: "город"},
		{ID: "95702000001", Level: place.Settlement, Name: "Абаза", Type: "город"},
		{ID: "95606440101", Level: place.Settlement, Name: "Калинино", Type: "село"},
		{ID: "s1", Level: place.Street, Name: "Ленина", Settlement: "95701000001"},
		{ID: "s2", Level: place.Street, Name: "Ленина", Settlement: "95702000001"},
	} {
		if p.ID == id {
			return &p, true
		}
	}
	return nil, false
}

func TestAsk(t *testing.T) {
	t.Parallel()
	const hello = "Здравствуйте! Спасибо, что написали."
	const so = hello + " Чтобы передать вопрос тем, кто его решает, уточните, пожалуйста, "
	for name, c := range map[string]struct {
		c    clarify.Case
		want clarify.Question
	}{
		"nothing is known": {clarify.Case{Missing: []string{message.MissingTopic, message.MissingPlace}},
			clarify.Question{Text: so + "что именно случилось и где это: город или село, улица, дом или ориентир."}},
		"only what": {clarify.Case{Missing: []string{message.MissingTopic}, Address: incident.Address{Settlement: "Абаза", Street: "улица Мира", House: "3", PlaceID: "x"}},
			clarify.Question{Text: so + "что именно случилось."}},
		"the town is known": {clarify.Case{Missing: []string{message.MissingPlace}, Address: incident.Address{Settlement: "Абакан", PlaceID: "95701000001"}},
			clarify.Question{Text: so + "где именно (Абакан): улица и дом или ориентир рядом."}},
		"a street of two towns": {clarify.Case{Address: incident.Address{Street: "улица Ленина"}, Places: []message.PlaceFound{{Type: "street", Name: "улица Ленина", Candidates: []string{"s1", "s2"}}}},
			clarify.Question{Text: so + "в каком населённом пункте улица Ленина: Абакан или Абаза.", Options: []clarify.Option{{ID: "95701000001", Name: "Абакан"}, {ID: "95702000001", Name: "Абаза"}}}},
		"a village among namesakes": {clarify.Case{Missing: []string{message.MissingPlace}, Places: []message.PlaceFound{{Type: "settlement", Candidates: []string{"95606440101", "95702000001", "nowhere"}}}},
			clarify.Question{Text: so + "о каком населённом пункте речь: село Калинино или Абаза.", Options: []clarify.Option{{ID: "95606440101", Name: "село Калинино"}, {ID: "95702000001", Name: "Абаза"}}}},
		"the town of the street is known": {clarify.Case{Missing: nil, Address: incident.Address{Settlement: "Абакан", Street: "улица Ленина", PlaceID: "s1"}, Places: []message.PlaceFound{{Type: "street", SettlementID: "95701000001", Candidates: []string{"s1", "s2"}}}},
			clarify.Question{Text: hello + " Уточните, пожалуйста: "}},
		"rude words": {clarify.Case{Missing: []string{message.MissingDecency}},
			clarify.Question{Text: hello + " И, пожалуйста, без грубых слов: так мы сможем передать ваше сообщение дальше."}},
	} {
		if diff := cmp.Diff(c.want, clarify.Ask(c.c, towns)); diff != "" {
			t.Errorf("%s: Ask differs (-want +got):\n%s", name, diff)
		}
	}
	for name, c := range map[string]struct {
		c    clarify.Case
		want string
	}{
		"nothing is known": {clarify.Case{Missing: []string{message.MissingTopic, message.MissingPlace}}, "Что именно случилось и где это: город или село, улица, дом или ориентир?"},
		"the town is known": {clarify.Case{Missing: []string{message.MissingPlace}, Address: incident.Address{Settlement: "Абакан", PlaceID: "95701000001"}},
			"Где именно (Абакан): улица и дом или ориентир рядом?"},
		"two towns": {clarify.Case{Address: incident.Address{Street: "улица Ленина"}, Places: []message.PlaceFound{{Type: "street", Candidates: []string{"s1", "s2"}}}},
			"В каком населённом пункте улица Ленина: Абакан или Абаза?"},
		"all is said":              {clarify.Case{}, ""},
		"rude words are not asked": {clarify.Case{Missing: []string{message.MissingDecency}}, ""},
	} {
		if got := clarify.Aloud(c.c, towns); got != c.want {
			t.Errorf("%s: Aloud = %q, want %q", name, got, c.want)
		}
	}
	if q := clarify.Ask(clarify.Case{Places: []message.PlaceFound{{Candidates: []string{"s1"}}}}, nil); q.Options != nil {
		t.Errorf("Ask without a gazetteer offers %v", q.Options)
	}
}
