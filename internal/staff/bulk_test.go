package staff_test

import (
	"net/url"
	"slices"
	"testing"

	"golang.org/x/net/html"

	"otklik/internal/desk"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/topic"
)

// Each deed of the bar does what its words say, to each chosen incident; one
// button takes all of it back.
func TestDeedsForMany(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.as(t, "curator")
	code := topic.Default().Topics[50].Code
	for path, c := range map[string]struct {
		field, value string
		want         desk.Change
	}{
		"take":  {"", "", desk.Take{}},
		"close": {"outcome", "partly", desk.Close{Outcome: lifecycle.Partly}},
	} {
		w.desk.done = nil
		v.post("/desk/bulk/"+path, url.Values{"id": {"1.3", "2.3", "1.3"}, c.field: {c.value}})
		if len(w.desk.done) != 2 || w.desk.done[0] != c.want || w.desk.done[1] != c.want {
			t.Errorf("%s did %#v", path, w.desk.done)
		}
	}
	v.post("/desk/bulk/topic", url.Values{"id": {"1.3"}, "topic": {topic.Default().Topics[50].Name}})
	if c, ok := w.desk.last().(desk.Correct); !ok || *c.Topic != code {
		t.Errorf("topic did %#v", w.desk.last())
	}
	v.post("/desk/bulk/merge", url.Values{"id": {"5.3", "2.3", "9.3"}})
	if c, ok := w.desk.last().(desk.Merge); !ok || !slices.Equal(c.Others, []incident.ID{5, 9}) {
		t.Errorf("merge did %#v", w.desk.last())
	}
	p := v.page("/desk")
	if got := attr(p, ".said-good form", "action"); got != "/desk/bulk/undo" {
		t.Fatalf("it is taken back by %q", got)
	}
	before := len(w.desk.done)
	v.post("/desk/bulk/undo", url.Values{"these": {attr(p, ".said-good input[name=these]", "value")}})
	if len(w.desk.done) != before+1 || w.desk.last() != (desk.Undo{}) {
		t.Errorf("undo of a merge did %#v", w.desk.done[before:])
	}
	v.post("/desk/bulk/claim", url.Values{"id": {"1.3", "4.3"}})
	these := attr(v.page("/desk"), ".said-good input[name=these]", "value")
	w.incidents[3].Version = 4 // somebody acted upon incident 4
	v.post("/desk/bulk/undo", url.Values{"these": {these}})
	p = v.page("/desk")
	if got := text(p, ".said-good"); got != "Отменено: 1 инцидент." {
		t.Errorf("undo said %q", got)
	}
	if got := text(p, ".said-bad"); got == "" {
		t.Error("what was not taken back is not told")
	}
	w.desk.fail = fault.New(fault.Conflict, "closed").Say("Инцидент закрыт.")
	v.post("/desk/bulk/merge", url.Values{"id": {"2.3", "5.3"}})
	if p := v.page("/desk"); len(all(p, ".said-bad li")) != 2 || len(all(p, ".said-good")) != 0 {
		t.Error("a refused merge does not say so of each")
	}
	v.post("/desk/bulk/merge", url.Values{"id": {"2.3"}})
	if got := text(v.page("/desk"), ".said-bad"); got != "Отметьте хотя бы два инцидента, чтобы объединить их." {
		t.Errorf("a merge of one said %q", got)
	}
}

func attrOf(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}
