package api_test

import (
	"testing"
	"time"

	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/scope"
)

// Who says the number and the end of their telephone is told what became of it; whoever
// says anything else hears one answer, and cannot go on guessing.
func TestACallerIsToldWhatBecameOfTheirCase(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, token := w.person(lifecycle.Phone, scope.Place{Region: khakassia})
	filed := w.call(token, "POST", "/api/v1/cards", map[string]any{"text": "В Абакан открыт люк", "phone": "8 923 000-11-22"})
	number, _ := filed.field("number").(string)
	ask := func(number, ending string) answer {
		return w.call(token, "POST", "/api/v1/cards/status", map[string]any{"number": number, "ending": ending})
	}
	if a := ask(incident.Spoken(number), " 1122 "); a.StatusCode != 200 || a.field("known") != true || a.field("state") != "new" || a.field("words") == nil {
		t.Fatalf("the caller's own = %d %s", a.StatusCode, a.raw)
	}
	wrong, absent := ask(number, "1123"), ask(incident.Number(4321), "1122")
	if wrong.StatusCode != 200 || wrong.field("known") != false || string(wrong.raw) != string(absent.raw) {
		t.Errorf("a wrong ending = %s, a number of nobody = %s: want one answer", wrong.raw, absent.raw)
	}
	_, other := w.person(lifecycle.Phone, scope.Place{Region: khakassia, Centre: chernogor})
	if a := w.call(other, "POST", "/api/v1/cards/status", map[string]any{"number": number, "ending": "1122"}); string(a.raw) != string(wrong.raw) {
		t.Errorf("outside of the scope = %s", a.raw)
	}
	for range 5 {
		ask(number, "9999")
	}
	if a := ask(number, "1122"); a.field("known") != false || a.field("wait_seconds") == nil {
		t.Errorf("after too many tries the right one = %s", a.raw)
	}
	w.mu.Lock()
	w.clock = w.clock.Add(time.Hour)
	w.mu.Unlock()
	if a := ask(number, "1122"); a.field("known") != true {
		t.Errorf("an hour later = %s", a.raw)
	}
	for name, c := range map[string]struct{ number, ending string }{
		"a slip in the number": {"932-193-23", "1122"}, "no number": {"", "1122"}, "letters": {number, "абвг"}, "three digits": {number, "112"}, "the whole telephone": {number, "89230001122"}, "digits of another script": {number, "١١٢٢"},
	} {
		if a := ask(c.number, c.ending); a.StatusCode != 422 || a.field("detail") == nil {
			t.Errorf("%s = %d %s", name, a.StatusCode, a.raw)
		}
	}
}
