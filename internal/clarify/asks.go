package clarify

import "otklik/internal/topic"

// A Prompt is what is worth asking of whoever reports about a topic, beside words and place:
// what the agency would ask back. It is a question for a form, not for a thread.
type Prompt struct {
	Code     string // ASCII, for ever
	Question string
	Hint     string
	Required bool
	Choices  []Choice // nil: free words
	Moment   bool     // a day or time
}

// A Choice is one answer that a Prompt offers.
type Choice struct{ Code, Name string }

var (
	since  = Prompt{Code: "since", Question: "С какого дня это продолжается?", Hint: "дата и время", Moment: true}
	danger = Prompt{Code: "danger", Question: "Опасно ли это прямо сейчас?", Choices: []Choice{{"no", "нет"}, {"yes", "да"}}}
	extent = Prompt{Code: "extent", Question: "Где это: в одной квартире, во всём доме или на всей улице?", Choices: []Choice{{"flat", "в одной квартире"}, {"house", "во всём доме"}, {"street", "на всей улице"}}}
	whose  = Prompt{Code: "institution", Question: "Название учреждения", Hint: "школа № 5, поликлиника на Ленина"}
	route  = Prompt{Code: "route", Question: "Номер маршрута", Hint: "12; если маршрут ни при чём, напишите «нет»", Required: true}
	moment = Prompt{Code: "happened", Question: "Когда это случилось?", Hint: "дата и время", Moment: true}
)

// asks are the questions of groups of topics, by the code of the group.
var asks = map[topic.Code][]Prompt{
	"improvement": {danger, since}, "roads": {danger, since}, "waste": {since}, "housing": {extent, since}, "gas": {danger, extent, since}, "power": {danger, extent, since}, "telecom": {extent, since},
	"transit": {route, moment}, "health": {whose}, "education": {whose}, "social": {whose}, "culture": {whose}, "sport": {whose}, "mfc": {whose}, "ecology": {since}, "safety": {danger, moment},
}

// Asks returns what to ask of a topic; nil for nothing beside words and place.
func Asks(t topic.Topic) []Prompt { return asks[t.GroupCode] }
