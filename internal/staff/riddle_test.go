package staff_test

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"otklik/internal/account"
	"otklik/internal/fault"
	"otklik/internal/source"
)

// nothing is asked.
var nothing = source.Riddle{}

func (f *fakeRoster) Asked(_ context.Context, _ account.Actor, number int64) (source.Riddle, bool) {
	return f.riddle, number == 1 && f.riddle != nothing
}

func (f *fakeRoster) Riddles(context.Context, account.Actor) ([]source.Waiting, error) {
	return nil, nil
}

func (f *fakeRoster) Quotas(id string) []source.Quota { return f.quotas[id] }

func (f *fakeRoster) Rhythm(id string) (source.Rhythm, bool) {
	r, ok := f.rhythms[id]
	return r, ok
}

func (f *fakeRoster) Picture(_ context.Context, _ account.Actor, number int64) ([]byte, string, error) {
	if number != 1 || f.riddle == nothing {
		return nil, "", fault.New(fault.NotFound, "no picture").Say("Картинки уже нет.")
	}
	return []byte("\x89PNG\r\n\x1a\n"), "image/png", nil
}

func (f *fakeRoster) Solve(_ context.Context, _ account.Actor, number int64, key, answer string) error {
	if key != f.riddle.Key {
		return fault.New(fault.Conflict, "another").Say("Эта картинка уже не нужна.")
	}
	return f.deed("solve " + key + " " + answer)
}

// What a network asks is shown with its picture, which comes from us, and answered there.
func TestACaptchaIsAnsweredOnThePageOfItsSource(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.as(t, "admin")
	if p := v.page("/desk/sources/1"); len(all(p, "#riddle")) != 0 {
		t.Error("a riddle is shown that nobody asks")
	}
	w.roster.riddle = source.Riddle{Key: "sid/7"}
	p := v.page("/desk/sources/1")
	src := attr(p, "main img", "src")
	if src != "/desk/sources/1/captcha?key=sid%2F7" || attr(p, "main img", "alt") == "" || attr(p, "#riddle-answer", "name") != "answer" {
		t.Fatalf("the picture is %q: %s", src, text(p, "main"))
	}
	res := v.get(src)
	if body, _ := io.ReadAll(res.Body); res.Header.Get("Content-Type") != "image/png" || res.Header.Get("Cache-Control") != "no-store" || !strings.HasPrefix(string(body), "\x89PNG") {
		t.Errorf("the picture: %v", res.Header)
	}
	for what, c := range map[string]struct {
		form url.Values
		code int
		deed string
	}{
		"no words":        {url.Values{"key": {"sid/7"}, "answer": {" "}}, http.StatusUnprocessableEntity, ""},
		"of a while ago":  {url.Values{"key": {"sid/6"}, "answer": {"кот"}}, http.StatusConflict, ""},
		"answered":        {url.Values{"key": {"sid/7"}, "answer": {"кот"}}, http.StatusSeeOther, "solve sid/7 кот"},
		"another picture": {url.Values{"key": {"sid/7"}, "answer": {"кот"}, "other": {"1"}}, http.StatusSeeOther, "solve sid/7 "},
	} {
		w.roster.deeds = nil
		res, p := sent(v, "/desk/sources/1/solve", c.form)
		if res.StatusCode != c.code || (c.deed != "") != slices.Contains(w.roster.deeds, c.deed) {
			t.Errorf("%s = %d, %q", what, res.StatusCode, w.roster.deeds)
		}
		if c.deed == "" && text(p, "[role=alert]") == "" {
			t.Errorf("%s: nothing is said", what)
		}
	}
	w.roster.riddle = source.Riddle{Key: "8", Link: "https://id.vk.com/not_robot"}
	p = v.page("/desk/sources/1")
	if attr(p, "#riddle + form a", "href") != "https://id.vk.com/not_robot" || len(all(p, "main img")) != 0 {
		t.Errorf("a check at the network: %q", text(p, "main"))
	}
	if p = w.as(t, "operator").page("/desk/sources/1"); len(all(p, "#riddle")) != 0 {
		t.Error("an operator is asked")
	}
	if res := w.as(t, "operator").get("/desk/sources/1/captcha"); res.StatusCode == http.StatusOK {
		t.Error("an operator sees the picture")
	}
}
