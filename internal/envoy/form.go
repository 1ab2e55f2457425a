package envoy

import (
	"cmp"
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"otklik/internal/account"
	"otklik/internal/attachment"
	"otklik/internal/audit"
	"otklik/internal/desk"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/message"
	"otklik/internal/neighbour"
	"otklik/internal/scope"
)

// A Form is what is asked before an incident is handed to a city.
type Form struct {
	City       *neighbour.City
	Name       string // of the city
	Service    string // chosen or proposed; "" = people must choose
	Attributes []neighbour.Attribute
	Trouble    string   // why the attributes are not known, for people
	Text       string   // masked
	Address    string   //
	Point      bool     // the place is known on the map
	Media      []string // public addresses of pictures that came with the messages
	Contact    bool     // the author left a name or a contact
}

// An Input is what people answer.
type Input struct {
	Source  string
	Service string
	Text    string // masked again before it leaves; ignored where Whole
	Whole   bool   // the residents' words as they are, personal data and all
	Contact bool   // the author agreed: name and contact go too
	Address string
	Media   string // one of Form.Media
	Asked   map[string][]string
}

// Form returns the form for an incident; service "" is the one that the topic is there.
func (e *Envoy) Form(ctx context.Context, who account.Actor, i *incident.Incident, id, service string) (_ *Form, err error) {
	defer fault.Wrap(&err, "envoy.Form(%d)", i.ID)
	city, err := e.City(ctx, id)
	if err != nil {
		return nil, err
	}
	if city.Agency == 0 {
		return nil, fault.New(fault.Conflict, "city %s is not set up", id).Say("Передача в этот город ещё не настроена: администратор выбирает для неё организацию на странице источника.")
	}
	f := &Form{City: city, Name: e.name(id), Service: cmp.Or(service, city.ServiceOf(i.Topic, i.Group)), Address: i.Address.String(), Point: i.Address.Lat != 0 || i.Address.Lon != 0}
	list, err := e.messages(ctx, who.Scope, i)
	if err != nil {
		return nil, err
	}
	f.Text = e.Mask(said(list))
	for _, m := range list {
		f.Contact = f.Contact || m.AuthorName != "" || m.Contact != ""
	}
	if f.Media, err = e.media(ctx, i, list); err != nil {
		return nil, err
	}
	s := city.Service(f.Service)
	if s == nil {
		f.Service = ""
	} else if s.Asks {
		w, err := e.wire(id)
		if err == nil {
			f.Attributes, err = w.Attributes(ctx, s.Code)
		}
		if err != nil {
			f.Trouble = cmp.Or(fault.Sentence(Explained(err)), "Город не сказал, что нужно указать.")
		}
	}
	return f, nil
}

func (e *Envoy) name(id string) string {
	for _, s := range e.Sources() {
		if s.ID == id {
			return s.Name
		}
	}
	return id
}

// messages returns what of an incident's messages can still be read.
func (e *Envoy) messages(ctx context.Context, sc scope.Scope, i *incident.Incident) ([]*message.Message, error) {
	list, err := e.Store.Reader().Messages().OfIncident(ctx, sc, int64(i.ID))
	return slices.DeleteFunc(list, func(m *message.Message) bool {
		return m.Gone || !m.ErasedAt.IsZero() || strings.TrimSpace(m.Text) == ""
	}), err
}

// said joins the words of messages, as many as a city takes.
func said(list []*message.Message) string {
	var b strings.Builder
	for _, m := range list {
		text := strings.TrimSpace(m.Text)
		if utf8.RuneCountInString(b.String()+text) > desk.CityTextLimit-200 {
			if b.Len() == 0 {
				return short(text, desk.CityTextLimit-200)
			}
			break
		}
		if b.Len() > 0 {
			b.WriteString("\n\n")
		}
		b.WriteString(text)
	}
	return b.String()
}

// media returns the addresses of pictures that everybody can see where the message stands.
func (e *Envoy) media(ctx context.Context, i *incident.Incident, list []*message.Message) (out []string, err error) {
	open := map[int64]bool{}
	for _, m := range list {
		open[int64(m.ID)] = m.Form != message.Direct && m.Form != message.Card && m.Channel != message.Mail && strings.HasPrefix(m.URL, "https://")
	}
	files, err := e.Store.Reader().Attachments().OfIncident(ctx, scope.All(), int64(i.ID))
	for k := range files {
		f := &files[k]
		if u, bad := url.Parse(f.Ref.URL); f.Ref.Kind == attachment.Photo && open[f.Message] && bad == nil && u.Scheme == "https" && u.User == nil && len(out) < 10 {
			out = append(out, f.Ref.URL)
		}
	}
	return out, err
}

// Hand returns the change that hands an incident to a city, checked; a sight of personal data
// is noted before it is used.
func (e *Envoy) Hand(ctx context.Context, who account.Actor, i *incident.Incident, in Input) (_ desk.Change, err error) {
	defer fault.Wrap(&err, "envoy.Hand(%d)", i.ID)
	f, err := e.Form(ctx, who, i, in.Source, in.Service)
	if err != nil {
		return nil, err
	}
	s := f.City.Service(f.Service)
	if s == nil || in.Service != "" && in.Service != f.Service {
		return nil, fault.New(fault.Invalid, "no service is chosen").At("service").Say("Выберите услугу города: для темы этого инцидента она не задана.")
	}
	if f.Trouble != "" {
		return nil, fault.New(fault.Unavailable, "the attributes of service %s are not known", s.Code).Say(f.Trouble)
	}
	w := neighbour.Words{Text: e.Mask(cmp.Or(strings.TrimSpace(in.Text), f.Text)), Address: cmp.Or(strings.TrimSpace(in.Address), f.Address), Lat: i.Address.Lat, Lon: i.Address.Lon, Media: in.Media}
	if utf8.RuneCountInString(w.Address) > 300 {
		return nil, fault.New(fault.Invalid, "the address is too long").At("address").Say("Адрес длиннее 300 знаков. Сократите его.")
	}
	if w.Address == "" && !f.Point {
		return nil, fault.New(fault.Invalid, "no place").At("address").Say("Укажите место: без него города не принимают.")
	}
	if w.Media != "" && !slices.Contains(f.Media, w.Media) {
		return nil, fault.New(fault.Invalid, "the picture is none of the incident's").At("media").Say("Такого открытого снимка у инцидента нет.")
	}
	if w.Asked, err = answers(f.Attributes, in.Asked, e.Zone(i.Place)); err != nil {
		return nil, err
	}
	if in.Whole || in.Contact {
		if err := e.personally(ctx, who, i, in, &w); err != nil {
			return nil, err
		}
	}
	return desk.HandToCity{Agency: f.City.Agency, Name: f.Name, Request: neighbour.Request{Source: in.Source, Service: s.Code, Name: s.Name, Contact: w.First+w.Phone+w.Email != "", Words: w}}, nil
}

// personally fills in what is masked otherwise.
func (e *Envoy) personally(ctx context.Context, who account.Actor, i *incident.Incident, in Input, w *neighbour.Words) error {
	if !who.Role.Holds(lifecycle.SeePersonal) {
		return fault.New(fault.Forbidden, "%s sees no personal data", who.Role).Say("Личные данные передаёт тот, кому их показывают: вашей роли они закрыты.")
	}
	list, err := e.messages(ctx, who.Scope, i)
	if err != nil || len(list) == 0 {
		return err
	}
	if in.Whole {
		w.Text = said(list)
	}
	if k := slices.IndexFunc(list, func(m *message.Message) bool { return m.AuthorName != "" || m.Contact != "" }); in.Contact && k >= 0 {
		m := list[k]
		w.First, w.Last, _ = strings.Cut(strings.TrimSpace(m.AuthorName), " ")
		if strings.Contains(m.Contact, "@") {
			w.Email = m.Contact
		} else {
			w.Phone = m.Contact
		}
	}
	return e.Store.Change(ctx, incident.People, func(tx incident.Tx) error {
		for _, m := range list {
			if err := tx.Audit().Record(ctx, audit.Entry{At: e.Now(), Who: who.ID, Deed: audit.ReadPersonal, Subject: "message:" + strconv.FormatInt(int64(m.ID), 10), Place: m.Place}); err != nil {
				return err
			}
		}
		return nil
	})
}

// answers checks what was answered to the attributes of a service. Those of which many may be
// given have «[]» behind their code; times without a zone are those of the place.
func answers(list []neighbour.Attribute, given map[string][]string, zone *time.Location) (map[string][]string, error) {
	out := map[string][]string{}
	for k := range list {
		a := &list[k]
		if a.Told {
			continue
		}
		wrong := func(why string) error {
			return fault.New(fault.Invalid, "attribute %q", a.Code).At("attribute." + a.Code).Say("«" + a.Name + "»: " + why)
		}
		var values []string
		for _, v := range given[a.Code] {
			if v = strings.TrimSpace(v); v != "" {
				values = append(values, v)
			}
		}
		switch {
		case len(values) == 0 && a.Required:
			return nil, wrong("город не примет обращение без этого.")
		case len(values) == 0:
			continue
		case len(values) > 1 && !a.Many():
			return nil, wrong("можно указать только одно.")
		}
		for n, v := range values {
			if utf8.RuneCountInString(v) > 1000 {
				return nil, wrong("слишком длинно.")
			}
			if len(a.Values) > 0 && !slices.ContainsFunc(a.Values, func(x neighbour.Value) bool { return x.Key == v }) {
				return nil, wrong("выберите из списка.")
			}
			switch a.Type {
			case "number":
				if _, err := strconv.ParseFloat(strings.Replace(v, ",", ".", 1), 64); err != nil {
					return nil, wrong("нужно число.")
				}
				values[n] = strings.Replace(v, ",", ".", 1)
			case "datetime":
				if _, err := time.Parse(time.RFC3339, v); err != nil {
					t, err := time.ParseInLocation("2006-01-02T15:04", v, zone)
					if err != nil {
						return nil, wrong("нужны дата и время.")
					}
					values[n] = t.Format(time.RFC3339)
				}
			}
		}
		code := a.Code
		if a.Many() {
			code += "[]"
		}
		out[code] = values
	}
	return out, nil
}
