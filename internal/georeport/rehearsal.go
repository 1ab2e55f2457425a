package georeport

import (
	"slices"
	"time"

	"otklik/internal/publicface"
	"otklik/internal/scope"
)

// rehearsed is what the test endpoint lists: two requests that nobody made, one open and one
// closed, and under each number of its own the one that a POST there would have filed.
func rehearsed(s *Server, c *call, q publicface.Query) document {
	zone := s.Zone(scope.Place{Region: s.Region})
	at := s.Now().Add(-48 * time.Hour)
	sample := func(id string, open bool) record {
		notes, closed := "Получено.", at
		if !open {
			notes, closed = "Пример ответа: яму засыпали.", at.Add(24*time.Hour)
		}
		return record{
			text("service_request_id", id), text("status", status(open)), text("status_notes", notes), text("service_name", "Пример"), text("service_code", string(s.Topics().Active()[0].Code)),
			text("description", "Проверочное обращение: его никто не подавал."), text("agency_responsible", "Пример службы"), text("service_notice", "Проверочный адрес."),
			moment("requested_datetime", at, zone), moment("updated_datetime", closed, zone), moment("expected_datetime", at.Add(10*24*time.Hour), zone),
			text("address", "улица Примерная, 1"), text("address_id", ""), text("zipcode", ""), number("lat", 0, false), number("long", 0, false), text("media_url", ""),
		}
	}
	d := document{root: "service_requests", item: "request", list: []record{}}
	if len(q.Numbers) > 0 {
		for _, id := range q.Numbers {
			d.list = append(d.list, sample(id, id != "test-closed"))
		}
		return d
	}
	for _, id := range []string{"test-open", "test-closed"} {
		open := id == "test-open"
		if q.Offset == 0 && (q.State == "" || q.State == status(open)) && (len(q.Topics) == 0 || slices.Contains(q.Topics, s.Topics().Active()[0].Code)) && !at.Before(q.Since) && (q.Until.IsZero() || !at.After(q.Until)) {
			d.list = append(d.list, sample(id, open))
		}
	}
	return d
}
