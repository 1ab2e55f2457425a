package staff_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"otklik/internal/incident"
)

// What looks like spam says why, and a person's word takes the mark away.
func TestWhatLooksLikeSpamAsksAPerson(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.house.incidents[0].ID
	w.house.suspicions = []incident.Suspicion{{Message: 5, Incident: id, Reasons: []string{"links", "unheard"}, At: clock}}
	page := fmt.Sprintf("/desk/incidents/%d", id)
	v := w.as(t, "operator")
	if got := text(v.page(page), "[aria-label='Похоже на спам']"); !strings.Contains(got, "много ссылок") || strings.Contains(got, "unheard") {
		t.Errorf("the incident says %q", got)
	}
	if r := v.post(page+"/spam", url.Values{"verdict": {"maybe"}}); r.StatusCode != 422 {
		t.Errorf("neither one nor the other = %d", r.StatusCode)
	}
	if r := v.post(page+"/spam", url.Values{"verdict": {"spam"}}); r.StatusCode != 303 {
		t.Fatalf("settle = %d", r.StatusCode)
	}
	if s := w.house.suspicions[0]; s.Settled.IsZero() || !s.Spam || s.By == 0 {
		t.Errorf("settled as %+v", s)
	}
	if got := text(v.page(page), "[aria-label='Похоже на спам']"); got != "" {
		t.Errorf("settled, and the page still says %q", got)
	}
	if got := text(v.page("/desk?spam=1"), ".chips"); !strings.Contains(got, "похоже на спам") {
		t.Errorf("the filter is not told: %q", got)
	}
}
