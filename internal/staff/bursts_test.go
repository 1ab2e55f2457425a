package staff_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"otklik/internal/account"
	"otklik/internal/desk"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/scope"
)

// crowded proposes that incidents 2, 3 and 4 go into 1.
func (w *world) crowded() {
	for n := incident.ID(2); n <= 4; n++ {
		w.proposals = append(w.proposals, incident.Proposal{Incident: n, Into: 1, Kind: incident.Burst, Score: 0.8, Place: scope.Place{Region: khakassia, Centre: abakan}})
	}
	w.proposals = append(w.proposals, incident.Proposal{Incident: 9, Into: 8, Kind: incident.Same, Score: 0.9, Place: scope.Place{Region: khakassia, Centre: abakan}})
}

// A crowd that looks like one trouble stands above the queue, leads to its
// incidents alone, and goes into the oldest with one button.
func TestACrowdStandsAboveTheQueue(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.crowded()
	v := w.as(t, "operator")
	p := v.page("/desk")
	lines := all(p, ".bursts li")
	if len(lines) != 1 {
		t.Fatalf("%d lines, want the crowd of 1 and not the pair of 8", len(lines))
	}
	if got := text(lines[0], "a"); !strings.HasPrefix(got, "Похоже на массовое: 5 сообщений за 2 часа, ") || !strings.HasSuffix(got, ", Абакан, улица Чертыгашева") {
		t.Errorf("the line says %q", got)
	}
	only := attr(lines[0], "a", "href")
	p = v.page(only)
	if n := len(all(p, ".row")); only != "/desk?crowd=1" || n != 4 || len(all(p, ".bursts a")) != 0 || len(all(p, ".bursts form")) != 1 || !strings.Contains(text(p, ".chips"), "похоже на массовое") {
		t.Errorf("%s has %d rows, want the four of the crowd", only, n)
	}
	for _, path := range []string{"/desk?q=свет", "/desk?after=1~2"} {
		if n := len(all(v.page(path), ".bursts li")); n != 0 {
			t.Errorf("%s has %d lines", path, n)
		}
	}
	f := url.Values{"back": {"/desk"}, "version": {attr(lines[0], "input[name=version]", "value")}}
	for _, in := range all(lines[0], "input[name=other]") {
		for _, a := range in.Attr {
			if a.Key == "value" {
				f.Add("other", a.Val)
			}
		}
	}
	if r := v.post(attr(lines[0], "form", "action"), f); r.StatusCode != 303 {
		t.Fatalf("merge = %d", r.StatusCode)
	}
	if got, ok := w.desk.last().(desk.Merge); !ok || fmt.Sprint(got.Others) != "[2 3 4]" {
		t.Errorf("the desk was asked for %+v", w.desk.last())
	}
	if r := v.post(attr(lines[0], "button[formaction]", "formaction"), f); r.StatusCode != 303 {
		t.Fatalf("dismiss = %d", r.StatusCode)
	}
	if _, ok := w.desk.last().(desk.Dismiss); !ok {
		t.Errorf("the desk was asked for %+v", w.desk.last())
	}
}

func TestACrowdIsShownInTheScopeAndDecidedByWhoMay(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.crowded()
	w.accounts = append(w.accounts, &account.Account{ID: 81, Login: "mcu", Name: "Центр", Role: lifecycle.Centre, Hash: hash(), Place: scope.Place{Region: khakassia, Centre: chernogor}})
	if n := len(all(w.as(t, "mcu").page("/desk"), ".bursts")); n != 0 {
		t.Error("another centre sees the crowd")
	}
	p := w.as(t, "leader").page("/desk")
	if len(all(p, ".bursts li")) != 1 || len(all(p, ".bursts form")) != 0 {
		t.Errorf("who only reads gets %d lines, %d forms", len(all(p, ".bursts li")), len(all(p, ".bursts form")))
	}
}
