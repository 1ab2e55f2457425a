package api_test

import (
	"context"
	"fmt"
	"net/http"
	"testing"

	"otklik/internal/fault"
	"otklik/internal/lifecycle"
	"otklik/internal/scope"
	"otklik/internal/source"
)

// An oracle is a network that asks for the words of a picture, or for a look at its page.
type oracle struct {
	riddle source.Riddle
	said   string
}

func (o *oracle) Asked() (source.Riddle, bool) { return o.riddle, o.said == "" }

func (o *oracle) Picture(context.Context) ([]byte, string, error) {
	if o.riddle.Key == "gone" {
		return nil, "", fault.New(fault.NotFound, "gone").Say("Картинки уже нет. Попросите другую.")
	}
	return []byte("PNG"), "image/png", nil
}

func (o *oracle) Solve(key, answer string) error {
	if key != o.riddle.Key {
		return fault.New(fault.Conflict, "another").Say("Эта картинка уже не нужна.")
	}
	o.said = answer + "!"
	return nil
}

// Programs show a person what a network asks, and hand the person's answer over.
func TestACaptchaIsAnsweredByAProgram(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	o := &oracle{riddle: source.Riddle{Key: "sid7", At: noon}}
	w.keeps(o)
	_, admin := w.person(lifecycle.Admin, scope.Place{Region: khakassia})
	_, head := w.person(lifecycle.Centre, scope.Place{Region: khakassia, Centre: chernogor})
	_, operator := w.person(lifecycle.Operator, scope.Place{Region: khakassia})
	const list = "/api/v1/source_captchas"
	if got := w.call(admin, "GET", list, nil); got.StatusCode != http.StatusOK || string(got.raw) != "[]\n" {
		t.Errorf("before there is a source: %d %s", got.StatusCode, got.raw)
	}
	w.call(admin, "POST", "/api/v1/source_keys", map[string]any{"kind": "vk", "name": "чтение", "secret": "s"})
	for _, n := range []string{"7", "8"} { // they have one token
		if got := w.call(admin, "POST", "/api/v1/sources", map[string]any{"link": "https://vk.example/" + n, "key": "чтение", "territory": abakan}); got.StatusCode != http.StatusOK {
			t.Fatalf("%d %s", got.StatusCode, got.raw)
		}
	}
	got := w.call(admin, "GET", list, nil)
	if len(got.list) != 1 || got.field("0.captcha") != "sid7" || got.field("0.sources") != 2.0 || got.field("0.picture") != "UE5H" || got.field("0.media_type") != "image/png" || got.field("0.problem") != nil {
		t.Fatalf("what waits: %s", got.raw)
	}
	if got := w.call(head, "GET", list, nil); got.StatusCode != http.StatusOK || len(got.list) != 0 {
		t.Errorf("the head of another centre: %d %s", got.StatusCode, got.raw)
	}
	if got := w.call(operator, "GET", list, nil); got.StatusCode != http.StatusForbidden {
		t.Errorf("an operator: %d", got.StatusCode)
	}
	o.riddle.Key = "gone"
	if got := w.call(admin, "GET", list, nil); got.field("0.picture") != nil || got.field("0.problem") != "Картинки уже нет. Попросите другую." {
		t.Errorf("a picture that is gone: %s", got.raw)
	}
	o.riddle = source.Riddle{Key: "page", Link: "https://id.vk.com/not_robot"}
	if got := w.call(admin, "GET", list, nil); got.field("0.picture") != nil || got.field("0.link") != "https://id.vk.com/not_robot" {
		t.Errorf("a check at the network: %s", got.raw)
	}
	o.riddle = source.Riddle{Key: "sid7"}
	path := fmt.Sprintf("/api/v1/sources/%v", w.call(admin, "GET", list, nil).field("0.source_id"))
	if got := w.call(admin, "POST", path, map[string]any{"do": "solve", "captcha": "sid6", "code": "кот"}); got.StatusCode != http.StatusConflict || got.field("detail") != "Эта картинка уже не нужна." {
		t.Errorf("another captcha: %d %s", got.StatusCode, got.raw)
	}
	if got := w.call(admin, "POST", path, map[string]any{"do": "solve", "captcha": "sid7", "code": "кот"}); got.StatusCode != http.StatusOK || o.said != "кот!" || got.field("source.name") != "Двор" {
		t.Errorf("answered: %d %s, %q", got.StatusCode, got.raw, o.said)
	}
	if got := w.call(admin, "GET", list, nil); len(got.list) != 0 {
		t.Errorf("it still waits: %s", got.raw)
	}
}
