package staff

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"otklik/internal/account"
	"otklik/internal/desk"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/message"
	"otklik/internal/site"
)

// CardPage is what a person fills who speaks with a resident: one form, beside it what is
// known so far, and after it the number to be said.
type CardPage struct {
	Chrome
	Kept    url.Values // what was typed, when it could not be filed or was read on the way
	Problem string
	Filed   *Filed
	Heard   *HeardCard
	Centres []Choice
	Lists   string
}

// Filed is a card that has its number.
type Filed struct {
	Number   string // «932-193-22»
	Topic    string
	URL      string
	Slip     string // the slip to be printed; "" = the account prints none
	Attached bool   // to an incident that was open before
	Back     string
}

// HeardCard is what a card would become: what to ask, what to read back, and which open
// incidents it may be about.
type HeardCard struct {
	Kind, Topic, Place, Urgency, Agency string
	Danger                              bool
	Ask                                 string // the next question
	Back                                string // the sentence to be read back
	Mine, Near                          []KnownCase
	Attach                              string // what is chosen; "" or "0" = a new one
}

// KnownCase is an open incident that a caller may be speaking of.
type KnownCase struct {
	ID, Number, Words, When, URL string
}

// cardChannels are the ways by which a card comes, the usual first.
var cardChannels = []message.Channel{message.Phone, message.Counter, message.Paper}

// Value returns what was typed into a field.
func (p *CardPage) Value(name string) string { return p.Kept.Get(name) }

// Channel reports whether the card comes by that channel.
func (p *CardPage) Channel(c message.Channel) bool {
	kept := p.Kept.Get("channel")
	return kept == string(c) || kept == "" && c == message.Phone
}

func (s *Staff) card(w http.ResponseWriter, r *http.Request) error {
	return s.showCard(w, r, http.StatusOK, &CardPage{})
}

func (s *Staff) showCard(w http.ResponseWriter, r *http.Request, status int, p *CardPage) error {
	p.Chrome = s.chrome(w, r, "card")
	p.Here = "/desk/cards/new"
	p.Centres, p.Lists = s.centres(who(r).Place.Region), s.topicOptions()
	title := "Карточка"
	if p.Filed != nil {
		title = "Номер " + p.Filed.Number
	}
	return s.page(w, r, status, title, Card(p))
}

// cardOf reads the form; the card is whole also when it returns an error.
func (s *Staff) cardOf(r *http.Request) (desk.Card, error) {
	card := desk.Card{Channel: message.Channel(field(r, "channel")), Text: field(r, "text"), Caller: field(r, "caller"), Phone: field(r, "phone"), Address: field(r, "address"), Territory: field(r, "territory")}
	if name := field(r, "topic"); name != "" {
		tp, ok := s.Topics().ByName(name)
		if !ok || tp.Retired {
			return card, fault.New(fault.Invalid, "no such topic").At("topic").Say("Такой темы нет в классификаторе. Выберите из подсказки или оставьте поле пустым.")
		}
		card.Topic = tp.Code
	}
	if chosen := field(r, "attach"); chosen != "" {
		id, err := strconv.ParseInt(chosen, 10, 64)
		if err != nil || id < 0 {
			return card, fault.New(fault.Invalid, "no such incident").At("attach").Say("Такого обращения нет. Выберите из показанных или «новое».")
		}
		card.Attach = incident.ID(id)
	}
	return card, nil
}

// file stores the card and answers with its number in the same request: the
// resident is still on the line, and a redirect might be lost.
func (s *Staff) file(w http.ResponseWriter, r *http.Request) error {
	if err := form(w, r); err != nil {
		return err
	}
	refuse := func(err error) error {
		p := &CardPage{Kept: r.PostForm, Problem: fault.Sentence(err)}
		if p.Problem == "" {
			p.Problem = "Карточка не сохранена. Всё, что вы набрали, осталось в форме."
		}
		return s.showCard(w, r, site.Status(err), p)
	}
	card, err := s.cardOf(r)
	if err != nil {
		return refuse(err)
	}
	i, err := s.Desk.File(r.Context(), who(r).Actor(), card)
	switch fault.KindOf(err) {
	case "":
	case fault.Invalid, fault.Conflict, fault.Unavailable, fault.TooLarge:
		return refuse(err)
	default:
		return err
	}
	filed := &Filed{Number: incident.Spoken(i.Number), Topic: s.topicTitle(i.Topic), URL: incidentURL(i.ID), Attached: card.Attach != 0,
		Back: strings.TrimSuffix(s.readBack(i, ""), " Верно?")}
	if who(r).Role.Holds(lifecycle.SeePersonal) {
		filed.Slip = slipURL(i.ID)
	}
	return s.showCard(w, r, http.StatusOK, &CardPage{Filed: filed})
}

// read answers with what the card would become, as a part of the page for a script and as
// the whole page without one. Nothing is kept.
func (s *Staff) read(w http.ResponseWriter, r *http.Request) error {
	if err := form(w, r); err != nil {
		return err
	}
	card, problem := s.cardOf(r)
	me := who(r)
	var heard *HeardCard
	h, err := s.Desk.Listen(r.Context(), s.Cases(), me.Actor(), card)
	switch {
	case fault.Is(err, fault.Invalid):
		problem = err
	case err != nil:
		return err
	default:
		if heard, err = s.heardCard(r, me, h); err != nil {
			return err
		}
	}
	if r.Header.Get("X-Part") != "" {
		return site.Write(w, r, http.StatusOK, HeardPart(heard))
	}
	p := &CardPage{Kept: r.PostForm, Heard: heard}
	if problem != nil {
		p.Problem = fault.Sentence(problem)
		return s.showCard(w, r, site.Status(problem), p)
	}
	return s.showCard(w, r, http.StatusOK, p)
}

func (s *Staff) heardCard(r *http.Request, me *account.Account, h *desk.Hearing) (*HeardCard, error) {
	agencies, err := s.regionAgencies(r.Context(), me)
	if err != nil {
		return nil, err
	}
	i := &h.Case
	p := &HeardCard{Ask: h.Ask, Attach: field(r, "attach")}
	if i.Kind != "" {
		p.Kind, p.Topic, p.Place, p.Urgency, p.Danger = i.Kind.Name(), s.topicTitle(i.Topic), i.Address.String(), i.Urgency.Name(), i.Urgency == message.Danger
		p.Back = s.readBack(i, h.Phone)
		if i.Proposed != 0 {
			p.Agency = agencies.name(i.Proposed)
		}
		if p.Place == "" && i.Place.Centre != "" {
			p.Place = s.placeName(i.Place.Centre)
		}
	}
	for _, part := range []struct {
		from []incident.Row
		to   *[]KnownCase
	}{{h.Mine, &p.Mine}, {h.Near, &p.Near}} {
		for k := range part.from {
			row := &part.from[k]
			words := []string{s.topicTitle(row.Topic)}
			if at := row.Address.String(); at != "" {
				words = append(words, at)
			}
			*part.to = append(*part.to, KnownCase{ID: incidentNumber(row.ID), Number: incident.Spoken(row.Number), URL: incidentURL(row.ID),
				Words: strings.Join(append(words, row.Phrase()), ", "), When: site.Ago(row.OpenedAt, s.Now(), s.zone(row.Place.Centre, row.Place.Region))})
		}
	}
	return p, nil
}

// readBack returns the sentence that is read to the resident: «Записано: ямы на дорогах,
// Абакан, улица Ленина, 5, телефон +7 923 000-11-22. Верно?»; no number for "".
func (s *Staff) readBack(i *incident.Incident, phone string) string {
	words := []string{s.topicTitle(i.Topic)}
	if at := i.Address.String(); at != "" {
		words = append(words, at)
	}
	if phone != "" {
		words = append(words, "телефон "+spokenPhone(phone))
	}
	return "Записано: " + strings.Join(words, ", ") + ". Верно?"
}

// spokenPhone parts a number of Russia as it is said: «+7 923 000-11-22».
func spokenPhone(phone string) string {
	if len(phone) != 12 || !strings.HasPrefix(phone, "+7") {
		return phone
	}
	return phone[:2] + "\u00a0" + phone[2:5] + "\u00a0" + phone[5:8] + "-" + phone[8:10] + "-" + phone[10:]
}

// cardWay names a channel as one chooses it on the card.
func cardWay(c message.Channel) string {
	switch c {
	case message.Counter:
		return "пришёл на приём"
	case message.Paper:
		return "письмо на бумаге"
	}
	return "позвонил"
}
