package staff

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"otklik/internal/account"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/reply"
	"otklik/internal/site"
)

// An AlikeRow is a solved incident like the one of the page, with its reply.
type AlikeRow struct {
	URL, Number, Where, When string
	Asked, Text              string // personal data is covered
	Known                    string // how it is known that the reply was good
	Reply                    int64
}

// addAlike shows how others were answered, to who may write a reply.
func (s *Staff) addAlike(ctx context.Context, tx incident.Tx, me *account.Account, i *incident.Incident, p *IncidentPage, now time.Time, zone *time.Location) error {
	if !p.Can[lifecycle.Approve] && !p.Can[lifecycle.Submit] {
		return nil
	}
	list, err := s.Desk.Alike(ctx, tx, me.Actor(), i)
	for k := range list {
		l := &list[k]
		row := AlikeRow{URL: incidentURL(incident.ID(l.Incident)), Number: l.Number, Where: l.Address, When: site.Ago(l.At, now, zone), Asked: l.Asked, Text: l.Text, Reply: l.Reply}
		var known []string
		if l.Verified {
			known = append(known, "решение подтверждено")
		}
		if l.Mark > 0 {
			known = append(known, "оценка "+strings.TrimSuffix(strings.Replace(fmt.Sprintf("%.1f", l.Mark), ".", ",", 1), ",0"))
		}
		row.Known = strings.Join(known, ", ")
		p.Alike = append(p.Alike, row)
	}
	return err
}

// basis puts the reply to a solved incident behind what was typed; nothing is kept.
func (s *Staff) basis(w http.ResponseWriter, r *http.Request) error {
	if err := form(w, r); err != nil {
		return err
	}
	i := loaded(r)
	text, err := s.Desk.Basis(r.Context(), s.Cases(), who(r).Actor(), i, reply.ID(number(r, "basis")))
	if err != nil && fault.KindOf(err) != fault.Invalid {
		return err
	}
	p, perr := s.incidentPage(r.Context(), who(r), i)
	if perr != nil {
		return perr
	}
	p.Kept, p.KeptFor = r.PostForm, "lint"
	status := http.StatusOK
	if err != nil {
		p.Problem, status = fault.Sentence(err), site.Status(err)
	} else {
		p.Kept.Set("text", strings.TrimSpace(strings.TrimSpace(p.Kept.Get("text"))+"\n\n"+text))
		p.Begun = "Взят ответ на другой случай: поправьте место, числа и имена."
	}
	p.Back = queueOf(r.PostForm.Get("back"))
	return s.showIncident(w, r, status, p)
}
