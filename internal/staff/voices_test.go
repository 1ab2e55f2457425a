package staff_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"otklik/internal/desk"
	"otklik/internal/feedback"
	"otklik/internal/reply"
)

// What residents say after a reply stands with its reasons, and one tap decides.
func TestWordsThatWaitForAPerson(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.as(t, "curator")
	p := v.page("/desk/checks")
	cards := all(p, ".draft")
	if len(cards) != 2 {
		t.Fatalf("%d cards, want a voice and a closed incident", len(cards))
	}
	if got := text(cards[0], ".voice-text"); got != "Убрали не всё, звоните 8 900 000-11-22 <b>" {
		t.Errorf("the words: %q", got)
	}
	if got := text(cards[0], ".tag"); got != "решено не всё" {
		t.Errorf("the meaning: %q", got)
	}
	r := v.post(attr(cards[0], "form", "action"), url.Values{"version": {"3"}, "voice": {"1"}, "meaning": {"refuted"}, "back": {"/desk/checks"}})
	if w.desk.last() != (desk.Weigh{Voice: 1, Meaning: feedback.Refuted}) || r.Header.Get("Location") != "/desk/checks" {
		t.Errorf("did %#v, leads to %s", w.desk.last(), r.Header.Get("Location"))
	}
	v.post(attr(cards[1], ".draft-return", "action"), url.Values{"version": {"3"}, "found": {"no"}, "reason": {"Контейнер полон"}, "back": {"/desk/checks"}})
	if w.desk.last() != (desk.Check{Reason: "Контейнер полон"}) {
		t.Errorf("did %#v", w.desk.last())
	}
	if r := w.as(t, "executor").get("/desk/checks"); r.StatusCode != http.StatusForbidden {
		t.Errorf("the page for an executor = %d", r.StatusCode)
	}
}

// The page of the incident shows marks, what became of the closings, and covers
// phones for who may not see them.
func TestTheResultOnTheIncidentsPage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.as(t, "curator").page("/desk/incidents/7")
	if got := textsOf(p, ".voices .tag"); len(got) != 2 || got[0] != "решено не всё" || got[1] != "оценка 2 из 5" {
		t.Errorf("voices: %q", got)
	}
	closures := textsOf(p, ".closures li")
	if len(closures) != 2 || !strings.Contains(closures[0], "Оказалось не так: повторное обращение") || !strings.Contains(closures[1], "Ждёт проверки контролёра") {
		t.Errorf("closures: %q", closures)
	}
	leader := w.as(t, "leader").page("/desk/incidents/7")
	if got := text(leader, ".voices .voice-text"); strings.Contains(got, "000-11-22") || !strings.Contains(got, "Убрали не всё") {
		t.Errorf("a leader reads %q", got)
	}
	if n := len(all(leader, ".voices form")); n != 0 {
		t.Errorf("a leader has %d forms", n)
	}
}

// A link is shown once and never stored in a page's address.
func TestALinkForTheAuthor(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.as(t, "curator")
	r := v.post("/desk/incidents/7/invite", url.Values{})
	if r.StatusCode != http.StatusOK || r.Header.Get("Cache-Control") != "no-store" {
		t.Fatalf("invite = %d, %s", r.StatusCode, r.Header.Get("Cache-Control"))
	}
}

func textsOf(n *html.Node, sel string) (out []string) {
	for _, one := range all(n, sel) {
		var b strings.Builder
		for d := range one.Descendants() {
			if d.Type == html.TextNode {
				b.WriteString(d.Data + " ")
			}
		}
		out = append(out, strings.Join(strings.Fields(strings.ReplaceAll(b.String(), "\u00a0", " ")), " "))
	}
	return out
}

// TestAMassIncidentSaysWhenItIsProven: one sentence tells how many authors must confirm and how
// many have; an incident of one has none.
func TestAMassIncidentSaysWhenItIsProven(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.as(t, "curator")
	if got := text(v.page("/desk/incidents/6"), ".crowd"); got != "" {
		t.Errorf("an incident of one says %q", got)
	}
	w.mass = map[int64]*reply.Mass{6: {Incident: 6}}
	if got := text(v.page("/desk/incidents/6"), ".crowd"); !strings.Contains(got, "когда «решено» подтвердит 1 автор из 1 и никто не возразит; подтвердили 0.") {
		t.Errorf("a mass incident says %q", got)
	}
}
