package staff

import (
	"net/http"
	"slices"
	"strings"

	"otklik/internal/desk"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/message"
	"otklik/internal/reply"
)

// A PrivacyView says which words of a draft must not stand where everybody reads them.
type PrivacyView struct {
	Found  []SecretView
	Direct int    // the message of the incident whose answer its author reads alone, from 1; 0 = none
	Given  string // why they are no personal data, as it was typed
}

// A SecretView is one piece of personal data.
type SecretView struct{ Kind, Quote string }

// discretion notes on the page what of a draft is personal data.
func (s *Staff) discretion(r *http.Request, i *incident.Incident, p *IncidentPage, text string) error {
	c, err := s.Desk.Discretion(r.Context(), s.Cases(), i, message.ID(number(r, "to")), text)
	if err != nil || len(c.Found) == 0 {
		return err
	}
	v := &PrivacyView{Given: field(r, "cleared")}
	for _, f := range c.Found {
		v.Found = append(v.Found, SecretView{desk.SecretName(f.Type), text[f.Span.Start:f.Span.End]})
	}
	v.Direct = 1 + slices.IndexFunc(p.Messages, func(m MessageView) bool { return m.ID == c.Direct })
	p.Privacy = v
	return nil
}

// apart gives everybody a sentence and the author the rest; nothing is kept.
func (s *Staff) apart(w http.ResponseWriter, r *http.Request) error {
	if err := form(w, r); err != nil {
		return err
	}
	i := loaded(r)
	p, err := s.incidentPage(r.Context(), who(r), i)
	if err != nil {
		return err
	}
	p.Kept, p.KeptFor = r.PostForm, "lint"
	text := strings.TrimSpace(r.PostForm.Get("text"))
	if id := reply.ID(number(r, "reply")); id != 0 {
		p.KeptFor = "approve"
		for k := range p.Replies {
			if p.Replies[k].ID == id && text == "" {
				text = p.Replies[k].Text
			}
		}
	}
	c, err := s.Desk.Discretion(r.Context(), s.Cases(), i, message.ID(number(r, "to")), text)
	if err != nil {
		return err
	}
	status := http.StatusOK
	switch {
	case !c.Public:
		p.Problem, status = "Этот ответ прочтёт только автор: делить его не нужно.", http.StatusConflict
	case text == "":
		p.Problem, status = "Делить нечего: напишите ответ.", http.StatusUnprocessableEntity
	default:
		p.Kept.Set("private", strings.TrimSpace(strings.TrimSpace(p.Kept.Get("private"))+"\n\n"+text))
		p.Kept.Set("text", c.Sentence)
		p.Begun = "В ветке встанет общая фраза, остальное прочтёт только автор по ссылке. Передайте ему ссылку, когда ответ уйдёт."
	}
	p.Back = queueOf(r.PostForm.Get("back"))
	return s.showIncident(w, r, status, p)
}

// privateLink makes a one-use link to the private part of a reply and shows it once.
func (s *Staff) privateLink(w http.ResponseWriter, r *http.Request) error {
	if err := form(w, r); err != nil {
		return err
	}
	i := loaded(r)
	link, err := s.Desk.PrivateLink(r.Context(), who(r).Actor(), i.ID, reply.ID(number(r, "reply")))
	if k := fault.KindOf(err); k == fault.Conflict || k == fault.Forbidden {
		say(w, Said{Bad: fault.Sentence(err)})
		http.Redirect(w, r, incidentURL(i.ID), http.StatusSeeOther)
		return nil
	}
	if err != nil {
		return err
	}
	p := &InvitePage{Link: link, Back: incidentURL(i.ID), Number: incident.Spoken(i.Number), Reads: true}
	p.Chrome = s.chrome(w, r, "queue")
	w.Header().Set("Cache-Control", "no-store")
	return s.page(w, r, http.StatusOK, "Ссылка для автора", Invite(p))
}

// seesPrivate reports whether the account reads what of replies is for the author alone:
// who may see names, and who approves.
func (p *IncidentPage) seesPrivate() bool { return p.SeesWho || p.Can[lifecycle.Approve] }

// privateKept returns what was typed for the author alone in the form of the reply.
func (p *IncidentPage) privateKept() string {
	if v := p.typed("reply", "private"); v != "" || p.Recalled == "" {
		return v
	}
	return p.RecalledPrivate
}

// linkable reports whether a link to the private part of a reply can be taken.
func linkable(r *ReplyView) bool {
	return r.Private != "" && (r.State == reply.Approved || r.State == reply.Published || r.State == reply.Doubtful)
}
