package api_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"otklik/internal/agency"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/regime"
	"otklik/internal/scope"
)

// What the fourth issue calls bad input, as a program meets it: a status, a sentence that
// says what to do, and nothing half done.
func TestBadInputOverTheAPI(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	book, err := regime.ShippedBook(land)
	if err != nil {
		t.Fatal(err)
	}
	w.real.Options.Rules = func() *regime.Book { return book }
	strict := agency.Agency{Name: "Дорожная служба", Short: "Дороги", Approval: true, Place: here}
	other := agency.Agency{Name: "Закрытая служба", Short: "Закрытая", Disabled: true, Place: here}
	w.change(func(tx incident.Tx) error {
		if err := tx.Agencies().SaveAgency(t.Context(), &strict); err != nil {
			return err
		}
		return tx.Agencies().SaveAgency(t.Context(), &other)
	})
	_, curator := w.person(lifecycle.Curator, scope.Place{Region: khakassia})
	_, admin := w.person(lifecycle.Admin, scope.Place{Region: khakassia})
	_, boss := w.person(lifecycle.Coordinator, scope.Place{Region: khakassia, Centre: abakan, Agency: strict.ID})
	i := w.opened("Абакан, яма", here)
	path := fmt.Sprintf("/api/v1/incidents/%d", i.ID)
	must := func(who, deed string, what map[string]any) {
		t.Helper()
		if a := w.call(who, "POST", path+"/actions/"+deed, what); a.StatusCode != 200 {
			t.Fatalf("%s = %d %v", deed, a.StatusCode, a.json)
		}
	}
	stands := func() (int, int, int) {
		t.Helper()
		now, err := w.db.Reader().Incidents().Incident(t.Context(), scope.All(), i.ID)
		if err != nil {
			t.Fatal(err)
		}
		history, _ := w.db.Reader().Incidents().History(t.Context(), scope.All(), i.ID)
		replies, _ := w.db.Reader().Replies().OfIncident(t.Context(), scope.All(), int64(i.ID))
		return now.Version, len(history), len(replies)
	}
	refused := func(name, who, call string, what map[string]any, status int, field, says string) {
		t.Helper()
		v, h, r := stands()
		a := w.call(who, "POST", call, what)
		detail, _ := a.field("detail").(string)
		if at, _ := a.field("field").(string); a.StatusCode != status || at != field || !strings.Contains(detail, says) {
			t.Errorf("%s = %d %v, want %d at %q with %q", name, a.StatusCode, a.json, status, field, says)
		}
		if v2, h2, r2 := stands(); v2 != v || h2 != h || r2 != r {
			t.Errorf("%s left version %d of %d, %d lines of %d, %d replies of %d", name, v2, v, h2, h, r2, r)
		}
	}
	at := func(when time.Time) { w.mu.Lock(); defer w.mu.Unlock(); w.clock = when }

	must(curator, "hand_over", map[string]any{"agency": strict.ID})
	must(curator, "regime", map[string]any{"regime": "appeal59", "reason": "письменное обращение"})
	extend := func(until string) map[string]any {
		return map[string]any{"until": until, "reason": "экспертиза", "notice": "Срок продлён: идёт экспертиза."}
	}
	for _, day := range []string{"2026-02-31", "2026-13-01", "31.12.2026", "0000-00-00", "завтра"} {
		refused("a date "+day, curator, path+"/actions/extend", extend(day), 422, "until", "")
	}
	refused("a date before the due time", curator, path+"/actions/extend", extend("2026-12-01"), 422, "until", "раньше нынешнего")
	refused("a date in a thousand years", curator, path+"/actions/extend", extend("3026-12-01"), 422, "until", "")
	for name, call := range map[string]map[string]any{"hour": {"text": "Починили.", "at": "2026-02-31T10:00:00Z"}, "past hour": {"text": "Починили.", "at": "2026-11-01T10:00:00Z"}} {
		refused("an impossible "+name, curator, path+"/actions/answer", call, 422, "at", "")
	}

	must(boss, "submit", map[string]any{"text": "Засыпали щебнем."})
	replies, err := w.db.Reader().Replies().OfIncident(t.Context(), scope.All(), int64(i.ID))
	if err != nil || len(replies) != 1 {
		t.Fatalf("%d drafts, %v", len(replies), err)
	}
	refused("an own draft", boss, path+"/actions/approve", map[string]any{"reply": replies[0].ID}, 403, "", "другой человек")
	refused("own words past the approver", boss, path+"/actions/answer", map[string]any{"text": "Засыпали."}, 403, "", "другой человек")

	refused("an agency with work", admin, fmt.Sprintf("/api/v1/agencies/%d/settings", strict.ID), map[string]any{"disabled": true}, 409, "", "Сначала перенесите")
	if g, err := w.db.Reader().Agencies().Agency(t.Context(), strict.ID); err != nil || g.Disabled {
		t.Errorf("the agency is closed all the same: %v", err)
	}
	must(curator, "return", map[string]any{"reply": replies[0].ID, "reason": "нет дня"})
	refused("a hand-over to a closed agency", curator, path+"/actions/hand_over", map[string]any{"agency": other.ID, "reason": "им виднее"}, 409, "agency", "")

	at(noon.AddDate(0, 0, -1))
	refused("a clock that was set back", curator, path+"/actions/answer", map[string]any{"text": "Починили."}, 503, "", "исправить время на сервере")
	at(noon.AddDate(0, 2, 0))
	refused("an extension after the due time", curator, path+"/actions/extend", extend("2027-02-25"), 409, "", "продлить его уже нельзя")
}
