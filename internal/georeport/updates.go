package georeport

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"otklik/internal/fault"
	"otklik/internal/lifecycle"
	"otklik/internal/message"
	"otklik/internal/publicface"
	"otklik/internal/scope"
)

// A step is something that happened to a case and that everybody may know of.
type step struct {
	id, kind, about, media string
	at                     time.Time
	open                   bool // after it
}

// steps returns those of a case, oldest first: each public answer, and its end.
func (v *view) steps(f *shown) (out []step) {
	picture := 1
	first := make([]int, len(f.Said)) // number of each answer's first picture: those of the last answer come first
	for k := len(f.Said) - 1; k >= 0; k-- {
		first[k] = picture
		picture += len(f.Said[k].Pictures)
	}
	for k := range f.Said {
		a := &f.Said[k]
		one := step{id: "a" + strconv.FormatInt(int64(a.Reply), 10), kind: "answer", about: a.Text, at: a.At, open: f.Open() || k < len(f.Said)-1}
		if len(a.Pictures) > 0 {
			one.media = v.picture(f.Number, first[k])
		}
		out = append(out, one)
	}
	if f.State == lifecycle.Closed && !f.ClosedAt.IsZero() {
		out = append(out, step{id: fmt.Sprintf("c%s-%d", f.Number, f.ClosedAt.Unix()), kind: "closed", about: upper(f.Outcome.Name()) + ".", at: f.ClosedAt})
	}
	return out
}

// updates lists what happened to public cases, oldest first (servicerequestupdates of mySociety).
func (s *Server) updates(c *call, _ string) (document, *refusal) {
	d := document{root: "service_requests_updates", item: "request_update", list: []record{}}
	no := &refusal{}
	since, until := c.when("start_date", no), c.when("end_date", no)
	switch now := s.Now(); {
	case since.IsZero() && until.IsZero():
		since, until = now.Add(-24*time.Hour), now
	case until.IsZero():
		until = since.Add(span)
	case since.IsZero():
		since = until.Add(-24 * time.Hour)
	case until.Before(since) || until.Sub(since) > span:
		no.add("end_date", "end_date должен быть позже start_date не больше чем на 90 дней.")
	}
	if no.or() != nil {
		return d, no
	}
	if c.test {
		return d, nil
	}
	v := s.view(c)
	for page := range 20 { // what a case did within the time may have happened before its last change
		q := publicface.Query{ChangedSince: since, Limit: publicface.Most, Offset: page * publicface.Most}
		list, err := s.Cases(c.Context(), v.rule, q)
		if err != nil {
			return d, s.broken("updates", err)
		}
		for k := range list {
			one := v.show(&list[k])
			if one == nil {
				continue
			}
			for _, u := range v.steps(one) {
				if u.at.Before(since) || u.at.After(until) {
					continue
				}
				d.list = append(d.list, record{
					text("update_id", u.id), text("service_request_id", one.Number), text("status", status(u.open)),
					moment("updated_datetime", u.at, v.Zone(scope.Place{Region: one.Region, Centre: one.Centre})), text("description", u.about), text("media_url", u.media),
				})
			}
		}
		if len(list) < publicface.Most || len(d.list) >= publicface.Most {
			break
		}
	}
	return d, nil
}

// update takes in what a sender's resident adds to a request that the sender has filed.
func (s *Server) update(c *call) (document, int, *refusal) {
	if no := s.needsKey(c); no != nil {
		return document{}, 0, no
	}
	no := &refusal{}
	number, words := c.get("service_request_id"), s.words(c, no)
	if number == "" {
		no.add("service_request_id", "Укажите номер обращения, к которому это дополнение.")
	}
	if words == "" && no.or() == nil {
		no.add("description", "Напишите, что добавить.")
	}
	if v := strings.ToLower(c.get("status")); v != "" && v != "open" && v != "closed" {
		no.add("status", "status бывает open и closed.")
	}
	s.person(c, no)
	media := s.media(c, no)
	id := c.get("update_id")
	if utf8.RuneCountInString(id) > 100 {
		no.add("update_id", "update_id длиннее 100 знаков.")
	}
	if no.or() != nil {
		return document{}, 0, no
	}
	if id == "" {
		id = strings.ToLower(rand.Text())
	}
	d := document{root: "service_request_updates", item: "request_update", list: []record{{text("update_id", id)}}}
	if c.test {
		return d, http.StatusOK, nil
	}
	first, miss := s.filed(c, number)
	if miss != nil {
		return document{}, 0, miss
	}
	now := s.Now().UTC()
	m := message.Message{
		Source: c.sender.Source, Channel: message.City, Form: message.Record, Native: first.Native + "/" + id, Revision: message.Revision{Time: now}, Event: message.Written,
		Thread: first.Native, Parent: first.Native, Author: first.Author, AuthorName: c.name(), Contact: c.contact(), Text: words, PublishedAt: now, SeenAt: now,
		Territory: first.Territory, Addressed: true, Attachments: media,
	}
	if at := c.when("updated_datetime", &refusal{}); !at.IsZero() && at.Before(now) {
		m.PublishedAt = at
	}
	if m.Attachments = append(m.Attachments, s.uploads(c, no)...); no.or() != nil {
		return document{}, 0, no
	}
	if _, err := s.Push(c.Context(), m.Source, m.Native, []message.Message{m}); err != nil {
		return document{}, 0, s.broken("update", err)
	}
	return d, http.StatusOK, nil
}

// filed returns the message by which a sender has filed a case.
func (s *Server) filed(c *call, number string) (*message.Message, *refusal) {
	none := &refusal{status: http.StatusNotFound, list: []fail{{"service_request_id", "Вы не подавали обращения с таким номером."}}}
	tx := s.Tx()
	i, err := tx.Incidents().ByNumber(c.Context(), scope.All(), number)
	if fault.Is(err, fault.NotFound) {
		return nil, none
	}
	if err != nil {
		return nil, s.broken("update", err)
	}
	list, err := tx.Messages().OfIncident(c.Context(), scope.All(), int64(i.ID))
	if err != nil {
		return nil, s.broken("update", err)
	}
	for _, m := range list {
		if m.Source == c.sender.Source && m.Thread == "" {
			return m, nil
		}
	}
	return nil, none
}
