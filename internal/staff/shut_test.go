package staff_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"otklik/internal/reply"
	"otklik/internal/scope"
)

// A thread that is closed is told with the name of its source, and tried again at a button.
func TestAClosedThreadIsToldAmongTheSources(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := reply.ShutID("vk:-1", "wall-1_2")
	w.outlets = []reply.Outlet{{Source: id, Sentence: "Комментарии под этой записью закрыты: откройте их.", Code: 213, Since: clock.Add(-time.Minute), RestUntil: clock.Add(time.Hour), Place: scope.Place{Region: khakassia}}}
	p := w.as(t, "operator").page("/desk/sources")
	got := text(p, "main [role=alert]")
	for _, want := range []string{"Стена «Абакан. Новости»:", "под одной записью", "откройте их", "Остальные ответы уходят", "Исправлено"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not told: %q", want, got)
		}
	}
	if attr(p, `main [role=alert] input[name="source"]`, "value") != id {
		t.Errorf("the button is for %q", attr(p, `main [role=alert] input[name="source"]`, "value"))
	}
	if res, _ := sent(w.as(t, "operator"), "/desk/sources/release", url.Values{"source": {id}}); res.StatusCode != http.StatusSeeOther {
		t.Errorf("the button = %d", res.StatusCode)
	}
}
