package desk

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"otklik/internal/account"
	"otklik/internal/applicant"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/live"
	"otklik/internal/message"
	"otklik/internal/publicface"
	"otklik/internal/regime"
	"otklik/internal/scope"
	"otklik/internal/topic"
)

// A Report is what a resident tells us on the portal.
type Report struct {
	Key     string // names the form that was filled in: the same one sent again files nothing anew
	Text    string // required, but for who joins
	Address string // as typed; read for places together with the text
	Point   *message.Point
	Spot    []message.PlaceFound // what stands at the point (Around)
	Topic   topic.Code           // that the resident chose; "" = as read
	Name    string               // required for an appeal
	Contact string               // phone or mailbox; for an appeal required
	News    bool                 // tell them how it comes on, where the contact is a mailbox
	Consent string               // version of the consent that they gave
	Private bool                 // between them and the authority
	Appeal  bool                 // an appeal under 59-ФЗ: with a name and where to answer, private
	Mark    string               // of the page or widget that led here, letters and digits; may be empty
	Agency  string               // whose page led here, by name: it is proposed, whatever the rules say; "" or an unknown one = by the rules
	Join    incident.ID          // "me too" about this open incident; 0 = none

	// Files lets go of what was uploaded into the message, inside the transaction. Optional.
	Files func(ctx context.Context, tx incident.Tx, m *message.Message) error
}

// A Filed is what became of a report.
type Filed struct {
	Incident *incident.Incident
	Message  message.ID
	Secret   string // of the link by which its author follows it
	Joined   bool
	News     bool // letters will say how it comes on
	Obscene  bool // the words are taken, and could be put better
}

// PortalSource names the portal as a source; a mark follows it after a colon.
const PortalSource = "portal"

// Limits of a report, in characters.
const (
	ReportLimit  = 10_000
	personLimit  = 200
	addressLimit = 300
	joinedWords  = "У меня то же самое."
)

// Report takes what a resident tells. It is on the disk when Report returns, and the
// same form sent again, after a lost answer say, gives the same number and link. Errors
// are Invalid with the field and a sentence.
func (d *Desk) Report(ctx context.Context, r Report) (f Filed, err error) {
	defer fault.Wrap(&err, "desk.Report")
	m, err := d.reported(&r)
	if err != nil {
		return f, err
	}
	reading := d.Read(m)
	f.Obscene = reading.Obscene
	if r.Topic != "" {
		if t, ok := d.Topics().ByCode(r.Topic); !ok || t.Retired || r.Topic == topic.Undefined {
			return f, fault.New(fault.Invalid, "topic %q is not in the taxonomy", r.Topic).At("topic").Say("Такой темы нет. Выберите из списка или оставьте «определить по тексту».")
		}
		reading.Topics = append([]message.TopicGuess{{Code: r.Topic, Score: 1}}, reading.Topics...)
		reading.Missing = without(reading.Missing, message.MissingTopic)
	}
	spot := r.Spot
	if slices.ContainsFunc(reading.Places, message.PlaceFound.Exact) { // the words name the place better than a point does
		spot = nil
	}
	key := applicant.Key(d.Links)
	author := account.Actor{Role: lifecycle.System, Scope: scope.All()}
	var events []live.Event
	err = d.Store.Change(ctx, incident.People, func(tx incident.Tx) error {
		events = nil
		m.Place, _, _ = d.stand(m, &reading)
		kept, err := tx.Messages().Keep(ctx, m, &reading)
		if err != nil {
			return err
		}
		if !kept.First { // filed before, or at this very moment
			was, err := tx.Messages().ByNative(ctx, m.Source, m.Native)
			if fault.Is(err, fault.NotFound) { // its words were erased, and a copy was restored since
				was, err = &message.Message{}, nil
			}
			if err != nil {
				return err
			}
			return d.filedBefore(ctx, tx, was, m, &f)
		}
		f.Message = m.ID
		if r.Files != nil {
			if err := r.Files(ctx, tx, m); err != nil {
				return err
			}
		}
		o := d.Opener(tx, author)
		if f.Joined, err = o.meToo(ctx, r.Join, m, &reading); err != nil {
			return err
		}
		if f.Joined {
			f.Incident, err = tx.Incidents().Incident(ctx, scope.All(), r.Join)
		} else {
			if r.Appeal {
				o.regime = regime.Appeal
			}
			o.asked = r.Agency
			f.Incident, err = o.Told(ctx, m, &reading, spot, nil)
		}
		if err != nil {
			return err
		}
		way, contact, _ := applicant.ParseContact(m.Contact) // it was read before
		f.News = r.News && way == applicant.Mail
		a := &applicant.Applicant{Message: int64(m.ID), Nonce: applicant.Nonce(), Contact: key.Digest(contact), Joined: f.Joined, News: f.News, Consent: r.Consent, At: m.SeenAt, Place: f.Incident.Place}
		f.Secret = key.Secret(a.Nonce)
		events = o.Events
		return tx.Applicants().Add(ctx, f.Secret, a)
	})
	if err != nil {
		return Filed{}, err
	}
	d.tell(events)
	return f, nil
}

// Check says what is wrong with a report: Invalid with the field and a sentence.
func (r *Report) Check() error {
	wrong := func(field, what, say string) error {
		return fault.New(fault.Invalid, "%s: %s", field, what).At(field).Say(say)
	}
	for _, s := range []struct{ field, text string }{{"text", r.Text}, {"address", r.Address}, {"name", r.Name}, {"contact", r.Contact}} {
		if !utf8.ValidString(s.text) || strings.ContainsRune(s.text, 0) {
			return wrong(s.field, "not in UTF-8", "Здесь есть знаки, которые не читаются. Наберите это место заново.")
		}
	}
	switch {
	case r.Join == 0 && !strings.ContainsFunc(r.Text, unicode.IsLetter):
		return wrong("text", "nothing is said", "Напишите, что случилось: хотя бы одно предложение.")
	case utf8.RuneCountInString(r.Text) > ReportLimit:
		return wrong("text", "too long", fmt.Sprintf("Слишком длинно: больше %d знаков. Сократите, пожалуйста, или приложите документ.", ReportLimit))
	case utf8.RuneCountInString(r.Address) > addressLimit:
		return wrong("address", "too long", fmt.Sprintf("Адрес длиннее %d знаков. Оставьте улицу, дом и ориентир.", addressLimit))
	case utf8.RuneCountInString(r.Name) > personLimit:
		return wrong("name", "too long", fmt.Sprintf("Имя длиннее %d знаков.", personLimit))
	case r.Point != nil && !(r.Point.Lat >= -90 && r.Point.Lat <= 90 && r.Point.Lon >= -180 && r.Point.Lon <= 180):
		return wrong("point", "no point of the earth", "Точка на карте указана неверно. Поставьте её заново или напишите адрес словами.")
	case !formKey(r.Key):
		return wrong("key", "no key", "Форма устарела. Мы открыли новую и оставили в ней набранное: отправьте ещё раз.")
	case len(r.Mark) > 40 || strings.ContainsFunc(r.Mark, func(c rune) bool { return !(c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-') }):
		return wrong("mark", "no mark", "Ссылка, по которой вы пришли, испорчена. Откройте страницу «Сообщить» с главной.")
	}
	_, contact, err := applicant.ParseContact(r.Contact)
	switch {
	case err != nil || !r.Appeal:
		return err
	case len(strings.Fields(r.Name)) < 2:
		return wrong("name", "an appeal without a name", "Для обращения по 59-ФЗ нужны фамилия и имя (отчество, если есть): без них закон не велит отвечать. Сообщение можно отправить и без имени.")
	case contact == "":
		return wrong("contact", "an appeal without an address", "Для обращения по 59-ФЗ нужно, куда ответить: электронная почта или телефон для связи.")
	case r.Join != 0:
		return wrong("join", "an appeal joins nothing", "Обращение по 59-ФЗ подаётся само по себе: выберите «Нет, у меня другое» или отправьте сообщение.")
	}
	return nil
}

// reported checks a report and makes its message.
func (d *Desk) reported(r *Report) (*message.Message, error) {
	if err := r.Check(); err != nil {
		return nil, err
	}
	text := strings.TrimSpace(r.Text)
	if text == "" {
		text = joinedWords
	}
	if a := strings.TrimSpace(r.Address); a != "" {
		text += "\n" + a
	}
	name := strings.Join(strings.Fields(r.Name), " ")
	_, contact, _ := applicant.ParseContact(r.Contact)
	now := d.Now()
	m := &message.Message{
		Source: PortalSource, Channel: message.Portal, Form: message.Post, Native: r.Key, Revision: formOnce, Event: message.Written,
		AuthorName: name, Contact: contact, Text: text, PublishedAt: now, SeenAt: now, Addressed: true, Shared: r.Point,
	}
	if r.Mark != "" {
		m.Source += ":" + r.Mark
	}
	if r.Private || r.Appeal {
		m.Form = message.Direct
	}
	m.Author = applicant.Key(d.Links).Digest("form:" + r.Key) // nobody proves a contact: it makes nobody the author of another form
	return m, nil
}

// formOnce is the revision of what came by a form: the same form has no other words later.
var formOnce = message.Revision{Hash: "form"}

// formKey reports whether s may name a form: what NewForm makes.
func formKey(s string) bool {
	return len(s) >= 20 && len(s) <= 40 && !strings.ContainsFunc(s, func(c rune) bool { return !(c >= 'a' && c <= 'z' || c >= '0' && c <= '9') })
}

// NewForm returns the key of a new form.
func NewForm() string { return applicant.Nonce() }

// Before returns what became of the report's form, when it was filed before: a resident whose
// answer was lost sends it again. It is a Conflict for a form that was filed with other words,
// or whose words were erased.
func (d *Desk) Before(ctx context.Context, tx incident.Tx, r Report) (f Filed, filed bool, err error) {
	defer fault.Wrap(&err, "desk.Before")
	m, err := d.reported(&r)
	if err != nil {
		return f, false, err
	}
	was, err := tx.Messages().ByNative(ctx, m.Source, m.Native)
	if fault.Is(err, fault.NotFound) {
		return f, false, nil
	}
	if err == nil {
		err = d.filedBefore(ctx, tx, was, m, &f)
	}
	return f, err == nil, err
}

// filedBefore finds what became of a form that was filed before; was is its message.
func (d *Desk) filedBefore(ctx context.Context, tx incident.Tx, was, m *message.Message, f *Filed) error {
	if !was.ErasedAt.IsZero() || was.Text != m.Text {
		return fault.New(fault.Conflict, "form %d was filed, with other words or erased since", was.ID).At("key").
			Say("Эта форма уже отправлена. Мы открыли новую и оставили в ней набранное: если это другое сообщение, отправьте ещё раз.")
	}
	a, err := tx.Applicants().OfMessage(ctx, int64(was.ID))
	if err != nil {
		return err
	}
	id, err := tx.Messages().Incident(ctx, was.ID)
	if err != nil {
		return err
	}
	f.Incident, err = tx.Incidents().Incident(ctx, scope.All(), incident.ID(id))
	f.Message, f.Secret, f.Joined, f.News = was.ID, applicant.Key(d.Links).Secret(a.Nonce), a.Joined, a.News
	return err
}

// meToo attaches the message to the incident that its author joins, and reports whether it
// did: one that has ended meanwhile, or that the public may not know of, is joined by nobody.
func (o *Opener) meToo(ctx context.Context, id incident.ID, m *message.Message, r *message.Reading) (bool, error) {
	if id == 0 {
		return false, nil
	}
	i, err := o.tx.Incidents().Incident(ctx, scope.All(), id)
	if fault.Is(err, fault.NotFound) {
		return false, nil
	}
	if err != nil || o.desk.Rules != nil && publicface.New(o.desk.Rules().Regimes()).Hidden(i) != publicface.Shown || !i.State.Open() || i.Place.Region != m.Place.Region && m.Place.Region != "" {
		return false, err
	}
	return true, o.Attach(ctx, id, m, r)
}
