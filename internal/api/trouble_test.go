package api_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"otklik/internal/account"
	"otklik/internal/api"
	"otklik/internal/desk"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/message"
	"otklik/internal/scope"
)

func TestPagesFollowEachOther(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, token := w.person(lifecycle.Operator, here)
	for n := range 7 {
		w.opened(fmt.Sprintf("Абакан, яма %d", n), here)
	}
	for _, order := range []string{"newest", "oldest", "urgent", "changed"} {
		var ids []float64
		path := "/api/v1/incidents?limit=3&sort=" + order
		for next, pages := "", 0; ; pages++ {
			a := w.call(token, "GET", path+next, nil)
			if a.StatusCode != 200 || pages > 3 {
				t.Fatalf("%s: page %d = %d %s", order, pages, a.StatusCode, a.raw)
			}
			for k := range list(a.field("incidents")) {
				ids = append(ids, a.field(fmt.Sprintf("incidents.%d.id", k)).(float64))
			}
			after, more := a.field("next").(string)
			if !more {
				break
			}
			next = "&after=" + after
		}
		want := []float64{1, 2, 3, 4, 5, 6, 7}
		if order == "newest" || order == "changed" {
			slices.Reverse(want)
		}
		if !slices.Equal(ids, want) {
			t.Errorf("%s = %v, want %v", order, ids, want)
		}
	}
}

// A failing desk says what kind of trouble it is, and who sent what stays out
// of answer and log.
type failingDesk struct {
	api.Desk
	err error
}

func (d failingDesk) Do(context.Context, account.Actor, incident.ID, int, desk.Change) (*incident.Incident, error) {
	return nil, d.err
}

func TestTroubleIsSaidInItsKind(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		err    error
		status int
		kind   string
		after  string
	}{
		{fault.New(fault.Unavailable, "disk is full"), 503, "unavailable", "30"},
		{fault.New(fault.TooLarge, "too large").Say("Длинно."), 413, "too_large", ""},
		{errors.New("unmarked"), 500, "internal", ""},
		{fmt.Errorf("desk.Do: %w", fault.New(fault.Invalid, "x").At("text").Say("Так нельзя.").Mend("do so")), 422, "invalid", ""},
	} {
		w := newWorld(t)
		w.serve(func(o *api.Options) { o.Desk = failingDesk{err: c.err} })
		_, token := w.person(lifecycle.Operator, here)
		w.opened("Абакан, яма", here)
		a := w.call(token, "POST", act+"reject", map[string]any{"reason": "тайные слова"})
		if a.StatusCode != c.status || a.field("kind") != c.kind || a.Header.Get("Retry-After") != c.after {
			t.Errorf("%v = %d %s, Retry-After %q", c.err, a.StatusCode, a.raw, a.Header.Get("Retry-After"))
		}
		if c.kind == "invalid" && (a.field("field") != "text" || a.field("detail") != "Так нельзя." || a.field("hint") != "do so") {
			t.Errorf("the problem lost what the error says: %s", a.raw)
		}
		w.quiet("тайные слова")
	}
}

func TestAPanicIsAProblemToo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.serve(func(o *api.Options) {
		o.Read = func(_ context.Context, _, text string) (*message.Reading, error) { panic(text) }
	})
	_, token := w.person(lifecycle.Operator, scope.Place{Region: khakassia})
	a := w.call(token, "POST", "/api/v1/read", map[string]any{"text": "тайные слова"})
	if a.StatusCode != 500 || a.field("kind") != "internal" || a.field("request") == nil {
		t.Errorf("a panic = %d %s", a.StatusCode, a.raw)
	}
	w.quiet("тайные слова")
}

func TestOnlyJSONIsTaken(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, token := w.person(lifecycle.Operator, here)
	w.opened("Абакан, яма", here)
	for _, ct := range []string{"application/x-www-form-urlencoded", "text/plain", "application/cbor"} {
		if a := w.call(token, "POST", act+"reject", `{"reason":"нет"}`, "Content-Type", ct); a.StatusCode != 415 {
			t.Errorf("%s = %d %s", ct, a.StatusCode, a.raw)
		}
	}
	if events := w.told(); len(events) != 0 {
		t.Errorf("events %v", events)
	}
}
