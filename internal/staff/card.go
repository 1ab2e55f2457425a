package staff

import (
	"net/http"
	"net/url"

	"otklik/internal/desk"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/message"
	"otklik/internal/site"
)

// CardPage is the phone card: one form, and after it the number to be said.
type CardPage struct {
	Chrome
	Kept    url.Values // what was typed, when it could not be filed
	Problem string
	Field   string
	Filed   *Filed
	Centres []Choice
	Lists   string
	Live    bool // the text is read while it is typed
}

// Filed is a card that has its number.
type Filed struct {
	Number string // «932-193-22»
	Topic  string
	URL    string
}

// Value returns what was typed into a field.
func (p *CardPage) Value(name string) string { return p.Kept.Get(name) }

func (s *Staff) card(w http.ResponseWriter, r *http.Request) error {
	return s.showCard(w, r, http.StatusOK, &CardPage{})
}

func (s *Staff) showCard(w http.ResponseWriter, r *http.Request, status int, p *CardPage) error {
	p.Chrome = s.chrome(w, r, "card")
	p.Here = "/desk/cards/new"
	p.Centres, p.Lists, p.Live = s.centres(who(r).Place.Region), s.topicOptions(), s.Read != nil
	title := "Карточка"
	if p.Filed != nil {
		title = "Номер " + p.Filed.Number
	}
	return s.page(w, r, status, title, Card(p))
}

// file stores the card and answers with its number in the same request: the
// resident is still on the line, and a redirect might be lost.
func (s *Staff) file(w http.ResponseWriter, r *http.Request) error {
	if err := form(w, r); err != nil {
		return err
	}
	card := desk.Card{Text: field(r, "text"), Caller: field(r, "caller"), Phone: field(r, "phone"), Address: field(r, "address"), Territory: field(r, "territory")}
	refuse := func(err error) error {
		p := &CardPage{Kept: r.PostForm, Problem: fault.Sentence(err)}
		if p.Problem == "" {
			p.Problem = "Карточка не сохранена. Всё, что вы набрали, осталось в форме."
		}
		return s.showCard(w, r, site.Status(err), p)
	}
	if name := field(r, "topic"); name != "" {
		tp, ok := s.Topics().ByName(name)
		if !ok || tp.Retired {
			return refuse(fault.New(fault.Invalid, "no such topic").At("topic").Say("Такой темы нет в классификаторе. Выберите из подсказки или оставьте поле пустым."))
		}
		card.Topic = tp.Code
	}
	i, err := s.Desk.File(r.Context(), who(r).Actor(), card)
	switch fault.KindOf(err) {
	case "":
	case fault.Invalid, fault.Conflict, fault.Unavailable, fault.TooLarge:
		return refuse(err)
	default:
		return err
	}
	return s.showCard(w, r, http.StatusOK, &CardPage{Filed: &Filed{Number: incident.Spoken(i.Number), Topic: s.topicTitle(i.Topic), URL: incidentURL(i.ID)}})
}

// Preview is what a text would be read as.
type Preview struct {
	Kind, Topic, Place, Urgency, Missing string
	Danger                               bool
}

// read answers with the reading of a text that is being typed. Nothing is kept.
func (s *Staff) read(w http.ResponseWriter, r *http.Request) error {
	if err := form(w, r); err != nil {
		return err
	}
	text := field(r, "text")
	if a := field(r, "address"); a != "" {
		text += "\n" + a
	}
	if s.Read == nil || text == "" {
		return site.Write(w, r, http.StatusOK, ReadingPreview(nil))
	}
	reading, err := s.Read(r.Context(), who(r).Place.Region, text)
	if err != nil {
		return err
	}
	p := &Preview{Kind: reading.Kind.Name(), Topic: s.topicTitle(reading.Topic()), Urgency: reading.Urgency.Name(),
		Danger: reading.Urgency == message.Danger, Missing: missingWords(reading.Missing)}
	p.Place = finest(reading.Places)
	return site.Write(w, r, http.StatusOK, ReadingPreview(p))
}

var fineness = map[string]int{"house": 6, "intersection": 5, "landmark": 5, "stop": 5, "stretch": 5, "street": 4, "road": 3, "district": 2, "settlement": 1}

// finest returns the finest place that a text names, in words.
func finest(places []message.PlaceFound) string {
	best, words := 0, ""
	for _, f := range places {
		if fineness[f.Type] <= best {
			continue
		}
		best = fineness[f.Type]
		a := incident.Address{Settlement: f.Settlement, Street: f.Street, House: f.House}
		if f.Type != "house" && f.Type != "street" && f.Name != f.Settlement {
			a.Landmark = f.Name
		}
		words = a.String()
	}
	return words
}
