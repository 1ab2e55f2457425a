package staff_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
)

func TestWhatMessagesLinkToIsProposed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if p := w.as(t, "operator").page("/desk/sources"); len(all(p, "#mentions")) != 0 {
		t.Error("an operator is proposed what he may not add")
	}
	v := w.as(t, "admin")
	p := v.page("/desk/sources")
	if got := text(p, "#mentions ~ .cards"); !strings.Contains(got, "vk.com/dvor_lesnaya") || !strings.Contains(strings.ReplaceAll(got, "\u00a0", " "), "12 сообщений") || !strings.Contains(got, "Абакан") {
		t.Errorf("proposed: %q", got)
	}
	res, _ := sent(v, "/desk/sources/never", url.Values{"link": {"https://vk.com/dvor_lesnaya"}})
	if res.StatusCode != http.StatusSeeOther || !slices.Contains(w.roster.deeds, "never https://vk.com/dvor_lesnaya") {
		t.Errorf("never = %d, %q", res.StatusCode, w.roster.deeds)
	}
}
