package portal

import (
	"net/http"
	"strings"

	"otklik/internal/applicant"
	"otklik/internal/desk"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/message"
	"otklik/internal/scope"
	"otklik/internal/site"
)

// A StatusPage asks for a number, for those who told us by phone.
type StatusPage struct{ Number, Problem string }

func (p *Portal) statusRoutes() []site.Route {
	if p.Counter == nil {
		return nil
	}
	open := site.Access{Open: true}
	return []site.Route{
		{Method: "GET", Pattern: "/status", Access: open, Handler: func(w http.ResponseWriter, r *http.Request) error {
			v := &StatusPage{}
			if number, err := incident.ParseNumber(r.URL.Query().Get("number")); err == nil { // of a QR code on paper
				v.Number = incident.Spoken(number)
			}
			return p.showStatus(w, r, http.StatusOK, v)
		}},
		{Method: "POST", Pattern: "/status", Access: open, Handler: p.status},
	}
}

func (p *Portal) showStatus(w http.ResponseWriter, r *http.Request, code int, v *StatusPage) error {
	hide(w)
	return p.show(w, r, code, site.Doc{Title: "Проверить по номеру"}, statusPage(v))
}

// status shows how an incident stands to whoever knows its number and the last four digits
// of the phone that was left with it. A wrong number and wrong digits are answered alike;
// after a few wrong ones each next try waits twice as long, for the visitor and for the number.
func (p *Portal) status(w http.ResponseWriter, r *http.Request) error {
	r.Body = http.MaxBytesReader(w, r.Body, formLimit)
	if err := r.ParseForm(); err != nil {
		return fault.New(fault.Invalid, "the form cannot be read").Say("Форма не дошла целиком. Вернитесь и отправьте ещё раз.")
	}
	v := &StatusPage{Number: clip(r.PostForm.Get("number"), 40)}
	number, err := incident.ParseNumber(v.Number)
	if err != nil {
		v.Problem = fault.Sentence(err)
		return p.showStatus(w, r, http.StatusUnprocessableEntity, v)
	}
	keys := []string{"status address " + p.Site.Visitor(r), "status number " + number}
	if wait := p.tries.Wait(p.Now(), keys...); wait > 0 {
		v.Problem = "Слишком много попыток подряд. Подождите " + site.Duration(wait) + " и попробуйте ещё раз."
		return p.showStatus(w, r, http.StatusTooManyRequests, v)
	}
	tx := p.Cases()
	i, told, err := p.numbered(r, tx, number, strings.TrimSpace(r.PostForm.Get("digits")))
	if err != nil {
		return err
	}
	if i == nil {
		p.tries.Fail(p.Now(), keys...)
		v.Problem = "Такой пары номера и телефона у нас нет. Проверьте обе: номер из восьми цифр и последние четыре цифры того телефона, который оставили."
		return p.showStatus(w, r, http.StatusUnprocessableEntity, v)
	}
	page, err := p.caseOf(r, tx, i, desk.Reader{First: told, Joined: told.ID != i.First})
	if err != nil {
		return err
	}
	return p.showFollow(w, r, http.StatusOK, page)
}

// numbered returns the incident of the number, and the message of it that left a phone with
// these last digits; nil when there is none.
func (p *Portal) numbered(r *http.Request, tx incident.Tx, number, digits string) (*incident.Incident, *message.Message, error) {
	i, err := tx.Incidents().ByNumber(r.Context(), scope.All(), number)
	if fault.Is(err, fault.NotFound) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	list, err := tx.Messages().OfIncident(r.Context(), scope.All(), int64(i.ID))
	if err != nil {
		return nil, nil, err
	}
	var told *message.Message
	for _, m := range list { // all of them, so that the answer takes as long
		if applicant.EndsWith(m.Contact, digits) && told == nil {
			told = m
		}
	}
	if told == nil {
		return nil, nil, nil
	}
	return i, told, nil
}
