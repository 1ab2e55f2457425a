package georeport

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"otklik/internal/agency"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/publicface"
	"otklik/internal/scope"
	"otklik/internal/topic"
)

// span is how long a time may be asked for at once (the specification).
const span = 90 * 24 * time.Hour

// deepest is how many requests lie before a page at most: a window of dates parts longer lists.
const deepest = 100_000

// requests lists public cases by the filters.
func (s *Server) requests(c *call, _ string) (document, *refusal) {
	no := &refusal{}
	q := s.query(c, no)
	if no.or() != nil {
		return document{}, no
	}
	if c.test {
		return rehearsed(s, c, q), nil
	}
	return s.listed(c, q)
}

// query reads the filters.
func (s *Server) query(c *call, no *refusal) (q publicface.Query) {
	now := s.Now()
	ids := c.list("service_request_id")
	if len(ids) > publicface.Most {
		no.add("service_request_id", "Больше тысячи номеров в одном запросе.")
	}
	size := c.whole("page_size", 1, publicface.Most, no)
	page := c.whole("page", 1, deepest, no)
	if size == 0 && page > 0 {
		size = 100
	}
	if q.Limit = size; page > 1 {
		if q.Offset = (page - 1) * size; q.Offset > deepest {
			no.add("page", "Слишком далёкая страница: сузьте выборку датами.")
		}
	}
	if len(ids) > 0 { // they override all other filters
		return publicface.Query{Numbers: ids, All: true, Limit: q.Limit, Offset: q.Offset}
	}
	for _, code := range c.list("service_code") {
		if _, ok := s.Topics().ByCode(topic.Code(code)); !ok {
			no.add("service_code", "Услуги с таким кодом нет. Список: services.xml и services.json.")
			break
		}
		q.Topics = append(q.Topics, topic.Code(code))
	}
	q.Since, q.Until = c.when("start_date", no), c.when("end_date", no)
	q.ChangedSince, q.ChangedUntil = c.when("updated_after", no), c.when("updated_before", no)
	changed := !q.ChangedSince.IsZero() || !q.ChangedUntil.IsZero()
	switch {
	case q.Since.IsZero() && q.Until.IsZero() && changed:
	case q.Until.IsZero() && q.Since.IsZero():
		q.Since, q.Until = now.Add(-span), now
	case q.Until.IsZero():
		q.Until = q.Since.Add(span)
	case q.Since.IsZero():
		q.Since = q.Until.Add(-span)
	case q.Until.Before(q.Since):
		no.add("end_date", "end_date раньше start_date.")
	case q.Until.Sub(q.Since) > span:
		no.add("end_date", "Между start_date и end_date может быть не больше 90 дней.")
	}
	if changed && q.ChangedSince.IsZero() {
		q.ChangedSince = q.ChangedUntil.Add(-span)
	}
	open, closed := false, false
	for _, v := range c.list("status") {
		switch strings.ToLower(v) {
		case "open":
			open = true
		case "closed":
			closed = true
		default:
			no.add("status", "status бывает open и closed, через запятую.")
		}
	}
	switch {
	case open && !closed:
		q.State = "open"
	case closed && !open:
		q.State = "closed"
	}
	return q
}

// request is one case by its number.
func (s *Server) request(c *call, number string) (document, *refusal) {
	if c.test {
		return rehearsed(s, c, publicface.Query{Numbers: []string{number}}), nil
	}
	d, no := s.listed(c, publicface.Query{Numbers: []string{number}, All: true})
	if no == nil && len(d.list) == 0 {
		no = &refusal{status: http.StatusNotFound, list: []fail{{"service_request_id", "Обращения с таким номером нет, или его не показывают всем."}}}
	}
	return d, no
}

func (s *Server) listed(c *call, q publicface.Query) (document, *refusal) {
	d := document{root: "service_requests", item: "request", list: []record{}}
	list, err := s.Cases(c.Context(), s.Rule(), q)
	if err != nil {
		return d, s.broken("requests", err)
	}
	v := s.view(c)
	for k := range list {
		if one := v.show(&list[k]); one != nil {
			d.list = append(d.list, v.record(one))
		}
	}
	return d, nil
}

// A view writes cases for one call.
type view struct {
	*Server
	c    *call
	rule publicface.Rule
	base string
	more bool // extensions=true
	ours map[int64]string
}

func (s *Server) view(c *call) *view {
	return &view{Server: s, c: c, rule: s.Rule(), base: s.Base(c.Request) + Prefix + production, more: c.get("extensions") == "true", ours: map[int64]string{}}
}

// A shown is what a call may see of a case.
type shown struct {
	publicface.Face
	own  bool // whoever calls has filed it: the words are theirs
	into string
}

// show returns what the call may see, nil for nothing. A sender sees all cases that it has
// filed itself, with the words that it sent: it must learn of a refusal, too.
func (v *view) show(c *publicface.Case) *shown {
	own := v.c.sender != nil && c.First != nil && c.First.Source == v.c.sender.Source
	if !own {
		face, ok := v.rule.Face(c, v.Mask)
		if !ok {
			return nil
		}
		return &shown{Face: face}
	}
	one := &shown{Face: publicface.Of(c, v.Mask), own: true}
	one.Words = c.First.Text
	if one.Outcome == lifecycle.Duplicate {
		one.into = c.Incident.OutcomeReason
	}
	return one
}

// record writes a request, in the order of the specification.
func (v *view) record(f *shown) record {
	zone := v.Zone(scope.Place{Region: f.Region, Centre: f.Centre})
	t, _ := v.Topics().ByCode(f.Topic)
	updated := f.UpdatedAt
	if f.State == lifecycle.Closed && !f.ClosedAt.IsZero() {
		updated = f.ClosedAt
	}
	media := ""
	if len(f.Pictures()) > 0 {
		media = v.picture(f.Number, 1)
	}
	a := f.Address
	point := a.Lat != 0 || a.Lon != 0
	r := record{
		text("service_request_id", f.Number), text("status", status(f.Open())), text("status_notes", notes(f)), text("service_name", t.Name), text("service_code", string(f.Topic)),
		text("description", f.Words), text("agency_responsible", v.agency(v.c.Context(), f.Agency)), text("service_notice", ""),
		moment("requested_datetime", f.OpenedAt, zone), moment("updated_datetime", updated, zone), moment("expected_datetime", f.ExpectedAt, zone),
		text("address", a.String()), text("address_id", a.PlaceID), text("zipcode", ""), number("lat", a.Lat, point), number("long", a.Lon, point), text("media_url", media),
	}
	if v.more {
		r = append(r, v.extended(f, zone), v.history(f, zone))
	}
	return r
}

func (v *view) picture(number string, n int) string {
	return fmt.Sprintf("%s/requests/%s/pictures/%d", v.base, number, n)
}

// pictureOf reads «v2/requests/12345678/pictures/1».
func pictureOf(rest string) (number string, n int, ok bool) {
	parts := strings.Split(rest, "/")
	if len(parts) != 5 || parts[0] != production || parts[1] != "requests" || parts[3] != "pictures" {
		return "", 0, false
	}
	n, err := strconv.Atoi(parts[4])
	return parts[2], n, err == nil
}

func status(open bool) string {
	if open {
		return "open"
	}
	return "closed"
}

// notes are our last public answer; without one the public word for where the work stands.
func notes(f *shown) string {
	last := f.Last()
	switch {
	case last != nil:
		return last.Text
	case f.into != "":
		return "Объединено с обращением № " + incident.Spoken(f.into) + "."
	case f.State == lifecycle.Closed && f.Outcome != lifecycle.NoOutcome:
		return upper(f.Outcome.Name()) + "."
	}
	return upper(f.State.Public()) + "."
}

func upper(s string) string {
	for k, c := range s {
		return strings.ToUpper(string(c)) + s[k+len(string(c)):]
	}
	return s
}

// extended is what we tell beyond the specification: names of the bulk format where it has them.
func (v *view) extended(f *shown, zone *time.Location) field {
	var closed time.Time
	if f.State == lifecycle.Closed {
		closed = f.ClosedAt
	}
	exact := map[publicface.Nearness]string{publicface.Exact: "exact", publicface.Street: "street", publicface.Town: "settlement"}[f.Near]
	return field{name: "extended_attributes", one: record{
		text("state", string(f.State)), text("status_description", f.State.Public()), text("outcome", string(f.Outcome)), truth("verified", f.Verified), truth("urgent", f.Urgent),
		moment("closed_date", closed, zone), text("service_subtype", f.Group), text("oktmo", f.Settlement), text("precision", exact), text("source", "Otklik"),
	}}
}

// history are the steps that everybody may know of, oldest first.
func (v *view) history(f *shown, zone *time.Location) field {
	list := []record{}
	add := func(kind, about string, at time.Time, media string) {
		list = append(list, record{text("type", kind), moment("datetime", at, zone), text("description", about), text("media_url", media)})
	}
	add("opened", "Получено.", f.OpenedAt, "")
	for _, u := range v.steps(f) {
		add(u.kind, u.about, u.at, u.media)
	}
	return field{name: "notes", item: "note", list: list}
}

// agency returns an agency's name, "" for none.
func (v *view) agency(ctx context.Context, id int64) string {
	if id == 0 {
		return ""
	}
	name, known := v.ours[id]
	if !known {
		if a, err := v.Tx().Agencies().Agency(ctx, id); err == nil {
			name = nameOf(a)
		}
		v.ours[id] = name
	}
	return name
}

func nameOf(a *agency.Agency) string {
	if a.Name != "" {
		return a.Name
	}
	return a.Short
}
