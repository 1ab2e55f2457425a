package staff

import (
	"fmt"
	"net/http"
	"strconv"
	"time"

	"otklik/internal/desk"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/letter"
	"otklik/internal/lifecycle"
	"otklik/internal/message"
	"otklik/internal/regime"
	"otklik/internal/reply"
	"otklik/internal/site"
)

// A Letterhead is what stands on paper beside the words: who writes, and where residents
// see how it comes on.
type Letterhead struct {
	letter.Head
	Site string // address of the portal; "" = no page is named
}

// paperRoutes print: the answer for who has no Internet, and the slip with the number.
func (s *Staff) paperRoutes(one site.Access) []site.Route {
	names := site.Access{Right: lifecycle.SeePersonal, Of: one.Of}
	return []site.Route{
		{Method: "GET", Pattern: "/desk/incidents/{id}/letter.pdf", Access: names, Handler: s.letter},
		{Method: "GET", Pattern: "/desk/incidents/{id}/slip.pdf", Access: names, Handler: s.slip},
	}
}

// answerTitles name an answer on paper.
var answerTitles = map[reply.Purpose]string{reply.Final: "Ответ", reply.Interim: "Промежуточный ответ", reply.Question: "Вопрос к вам", reply.Notice: "О продлении срока"}

// letter prints the answers to one message of the incident, the first where none is named.
// A letter that nobody can have yet leads back to the incident, which says why.
func (s *Staff) letter(w http.ResponseWriter, r *http.Request) error {
	i, me := loaded(r), who(r)
	of, err := messageAsked(r)
	if err != nil {
		return err
	}
	p, err := s.Desk.Paper(r.Context(), s.Cases(), me.Actor(), i, of)
	if err == nil && len(p.Given) == 0 {
		err = fault.New(fault.Conflict, "incident %d has no answer to print", i.ID).Say("Печатать нечего: ответа ещё нет. Выдайте памятку с номером.")
	}
	if k := fault.KindOf(err); k == fault.Conflict || k == fault.NotFound {
		say(w, Said{Bad: fault.Sentence(err)})
		http.Redirect(w, r, incidentURL(i.ID), http.StatusSeeOther)
		return nil
	}
	if err != nil {
		return err
	}
	agencies, err := s.regionAgencies(r.Context(), me)
	if err != nil {
		return err
	}
	l := s.letterOf(i, &p)
	if a := agencies.byID[i.Place.Agency]; a != nil {
		l.Agency = a.Name
	}
	file, err := l.PDF()
	if err != nil {
		return err
	}
	if err := s.Desk.Printed(r.Context(), me.Actor(), i.ID, p.Message.ID); err != nil {
		return err
	}
	return sendPDF(w, "otvet-"+i.Number, file)
}

// letterOf puts what may stand on the letter into words.
func (s *Staff) letterOf(i *incident.Incident, p *desk.Paper) *letter.Letter {
	zone := s.zone(i.Place.Centre, i.Place.Region)
	l := &letter.Letter{Head: s.Letterhead.Head, Number: incident.Spoken(i.Number), Date: dayOfYear(s.Now(), zone), To: p.Message.AuthorName, Appeal: i.Clock.Regime == regime.Appeal,
		Came: dayOfYear(p.Message.SeenAt, zone), Topic: s.topicTitle(i.Topic), Place: i.Address.String()}
	if message.Dialled(p.Message.Contact) != "" { // without a telephone the page shows nothing
		l.Status = s.statusURL(i)
	}
	for _, m := range p.Asked {
		words := letter.Words{Day: dayOfYear(m.SeenAt, zone), Text: m.Text}
		if !m.ErasedAt.IsZero() {
			words.Erased = dayOfYear(m.ErasedAt, zone)
		}
		l.Asked = append(l.Asked, words)
	}
	for k := range p.Given {
		g := &p.Given[k]
		l.Done = l.Done || g.Purpose == reply.Final
		l.Answers = append(l.Answers, letter.Words{Title: answerTitles[g.Purpose], Day: dayOfYear(g.PublishedAt, zone), Text: g.Text, Alone: g.Private})
	}
	return l
}

// slip prints the number. It names nobody, and no history tells of it.
func (s *Staff) slip(w http.ResponseWriter, r *http.Request) error {
	i := loaded(r)
	file, err := (&letter.Slip{Head: s.Letterhead.Head, Number: incident.Spoken(i.Number), Date: dayOfYear(s.Now(), s.zone(i.Place.Centre, i.Place.Region)),
		Topic: s.topicTitle(i.Topic), Status: s.statusURL(i)}).PDF()
	if err != nil {
		return err
	}
	return sendPDF(w, "pamyatka-"+i.Number, file)
}

// statusURL is the page that shows how the incident stands to who has the telephone; "" where
// residents have no pages. The applicant's own link never stands on paper that staff print:
// who holds it judges the result.
func (s *Staff) statusURL(i *incident.Incident) string {
	if s.Letterhead.Site == "" {
		return ""
	}
	return s.Letterhead.Site + "/status?number=" + i.Number
}

// messageAsked reads which message the letter answers; 0 where none is named.
func messageAsked(r *http.Request) (message.ID, error) {
	typed := r.URL.Query().Get("message")
	if typed == "" {
		return 0, nil
	}
	id, err := strconv.ParseInt(typed, 10, 64)
	if err != nil || id <= 0 {
		return 0, fault.New(fault.Invalid, "no number of a message").At("message").Say("В адресе нет номера сообщения. Откройте инцидент и нажмите «Напечатать ответ» под нужным сообщением.")
	}
	return message.ID(id), nil
}

func sendPDF(w http.ResponseWriter, name string, file []byte) error {
	h := w.Header()
	h.Set("Content-Type", "application/pdf")
	h.Set("Content-Disposition", `attachment; filename="`+name+`.pdf"`)
	h.Set("Content-Length", strconv.Itoa(len(file)))
	h.Set("Cache-Control", "no-store")
	_, err := w.Write(file)
	return err
}

// dayOfYear returns «24 ноября 2026 г.», as letters are dated.
func dayOfYear(t time.Time, zone *time.Location) string {
	t = t.In(zone)
	return fmt.Sprintf("%s %d г.", regime.DayMonth(t), t.Year())
}

// answered reports whether an answer stands that could be printed.
func (p *IncidentPage) answered() bool {
	for k := range p.Replies {
		if p.Replies[k].State == reply.Published {
			return true
		}
	}
	return false
}

func letterURL(of incident.ID, m message.ID) string {
	return fmt.Sprintf("%s/letter.pdf?message=%d", incidentURL(of), m)
}

func slipURL(of incident.ID) string { return incidentURL(of) + "/slip.pdf" }
