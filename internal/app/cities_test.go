package app_test

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"otklik/internal/lifecycle"
	"otklik/internal/scope"
	"otklik/internal/source/open311/open311fake"
)

// TestAnotherCityIsReadByItsLink: a pasted link of Open311 becomes a source; an open request
// becomes an incident at its address, a closed one comes in as history.
func TestAnotherCityIsReadByItsLink(t *testing.T) {
	t.Parallel()
	c := newCentre(t)
	fake, err := open311fake.New(open311fake.Options{Now: c.now})
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(fake)
	t.Cleanup(srv.Close)
	done := fake.ReportAt("Во дворе не вывозят мусор", c.now().Add(-48*time.Hour))
	fake.Close(done, "Мусор вывезли.")
	fake.ReportAt("Не горит фонарь у школы", c.now().Add(-time.Hour))
	admin := c.operator()
	admin.ID, admin.Role = c.account(lifecycle.Admin), lifecycle.Admin
	g, err := c.Roster.Recognise(t.Context(), admin, srv.URL+"/open311/discovery.json")
	if err != nil {
		t.Fatal(err)
	}
	if g.Source.Territory = "95701000"; !strings.HasPrefix(g.ID, "open311:") {
		t.Errorf("recognised as %s", g.ID)
	}
	if err := c.Roster.Save(t.Context(), admin, &g.Source); err != nil {
		t.Fatal(err)
	}
	c.poll(t)
	c.poll(t)
	states := map[lifecycle.State]int{}
	for _, row := range c.queue(t) {
		states[row.State]++
		if row.State == lifecycle.Closed {
			list, err := c.DB.Reader().Replies().OfIncident(t.Context(), scope.All(), int64(row.ID))
			if err != nil || len(list) != 1 || list[0].Text != "Мусор вывезли." {
				t.Errorf("the city's answer: %+v, %v", list, err)
			}
		}
	}
	if states[lifecycle.New] != 1 || states[lifecycle.Closed] != 1 || len(states) != 2 {
		t.Errorf("states %v, want one new and one closed", states)
	}
}
