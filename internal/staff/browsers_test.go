package staff_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"otklik/internal/fault"
	"otklik/internal/notice"
)

func TestABrowserIsOffered(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.reached()
	v := w.as(t, "operator")
	p := v.page("/desk/notices/settings")
	if got := attr(p, "[data-push-key]", "data-push-key"); got != pushKey {
		t.Errorf("the form has the key %q", got)
	}
	if len(all(p, "[data-push-key] button[hidden]")) != 1 || !strings.Contains(text(p, "[data-push-say]"), "JavaScript") {
		t.Error("without a script the page must say why it cannot, and offer nothing")
	}
	mark := notice.Browser{Endpoint: "https://push.example.net/1"}.Mark()
	if got := text(p, "[data-browser='"+mark+"']"); !strings.Contains(got, "Firefox, Windows") || !strings.Contains(got, "20 ноября") || !strings.Contains(got, "Убрать") {
		t.Errorf("the browser's card says %q", got)
	}
	if got := text(p, "main"); !strings.Contains(got, "Браузер больше не принимает уведомления") || strings.Contains(got, "push.example.net") {
		t.Errorf("the page says %s", got)
	}
	for agent, want := range map[string]string{
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0":                                                                    "Firefox, Windows",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 YaBrowser/25.8.0.0 Safari/537.36":                  "Яндекс Браузер, Windows",
		"Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36":                               "Chrome, Android",
		"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0":                                 "Edge, Linux",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1":             "Safari, iPhone",
		"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 OPR/124.0.0.0 (Edition Yx GX)": "Opera, macOS",
		"curl/8": "",
	} {
		v.agent = agent
		form := url.Values{"endpoint": {"https://push.example.net/" + url.QueryEscape(agent)}, "p256dh": {"BPub="}, "auth": {"AAA=="}, "old": {"https://push.example.net/0"}}
		if r := v.post("/desk/notices/settings/push", form); r.StatusCode != 303 {
			t.Fatalf("push = %d", r.StatusCode)
		}
		if done := "push " + form.Get("endpoint") + " BPub AAA https://push.example.net/0 " + want; !slices.Contains(w.posting.deeds, done) {
			t.Errorf("done was %q, want %q", w.posting.deeds[len(w.posting.deeds)-1], done)
		}
	}
	w.posting.err = fault.New(fault.Conflict, "ten").Say("Адресов уже десять. Уберите лишние.")
	if r := v.post("/desk/notices/settings/push", url.Values{"endpoint": {"https://push.example.net/9"}}); r.StatusCode != 409 {
		t.Errorf("one more than ten = %d", r.StatusCode)
	}
}

func TestTheWorkerStandsUnderTheDesk(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := w.visitor(t).get("/desk/push-worker.js") // browsers ask for it without a session, too
	h := r.Header
	if r.StatusCode != 200 || !strings.HasPrefix(h.Get("Content-Type"), "text/javascript") || h.Get("Cache-Control") != "no-cache" || !strings.Contains(h.Get("Content-Security-Policy"), "default-src 'self'") || h.Get("Service-Worker-Allowed") != "" {
		t.Errorf("the worker = %d %v", r.StatusCode, h)
	}
}
