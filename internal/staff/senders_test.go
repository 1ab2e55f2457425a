package staff_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"otklik/internal/account"
	"otklik/internal/fault"
	"otklik/internal/message"
	"otklik/internal/scope"
	"otklik/internal/source"
	"otklik/internal/webhook"
)

const madeSecret = "whsec_bWFkZSBmb3IgdGhpcyB0ZXN0IGFsb25l"

// Connect implements site.SenderKeeper.
func (f *fakeRoster) Connect(_ context.Context, _ account.Actor, s *source.Source, code string) (string, error) {
	if err := f.deed("connect " + code + " " + string(s.Settings)); err != nil {
		return "", err
	}
	s.ID, s.Kind, s.Channel, s.Number, s.Version, s.Place = "hook:"+code, source.Hook, message.Hook, 77, 1, scope.Place{Region: khakassia, Centre: s.Territory}
	f.h.kept = append(f.h.kept, *s)
	return madeSecret, nil
}

// Rotate implements site.SenderKeeper.
func (f *fakeRoster) Rotate(_ context.Context, _ account.Actor, number int64, now bool) (string, error) {
	what := "rotate "
	if now {
		what = "rotate now "
	}
	if err := f.deed(what + strconv.FormatInt(number, 10)); err != nil {
		return "", err
	}
	return madeSecret, nil
}

// Until implements site.SenderKeeper.
func (f *fakeRoster) Until(string) time.Time { return f.until }

// Refused implements site.SenderKeeper.
func (f *fakeRoster) Refused(string) source.Refusal { return f.refusal }

// connected keeps one system that pushes to us, which was refused lately.
func (w *world) connected() {
	w.kept = append(w.kept, source.Source{ID: "hook:portal", Number: 77, Kind: source.Hook, Channel: message.Hook, Name: "Портал города", Territory: abakan, Version: 1, Place: scope.Place{Region: khakassia, Centre: abakan}})
	w.roster.until, w.roster.refusal = clock.Add(time.Hour), source.Refusal{At: clock, Sentence: "Вызов не принят: подпись не подошла.", Count: 3}
}

// TestASystemIsConnectedByOneForm: its secret is shown once, and the page says how to call,
// what was refused, and changes the secret.
func TestASystemIsConnectedByOneForm(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.as(t, "admin")
	if p := v.page("/desk/sources"); attr(p, `a[href="/desk/sources/connect"]`, "class") == "" {
		t.Error("the page of sources does not lead there")
	}
	form := url.Values{"name": {"Портал города"}, "code": {"portal"}, "territory": {abakan}, "f-stream": {"no"}, "f-files": {"files.example.org"}, "f-per_minute": {"много"}}
	res, p := sent(v, "/desk/sources/connect", form)
	if res.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(text(p, "[role=alert]"), "например 600") || attr(p, "#s-f-per_minute", "value") != "много" {
		t.Fatalf("a limit in words = %d %q", res.StatusCode, text(p, "main"))
	}
	form.Set("f-per_minute", "600")
	w.roster.fail = fault.New(fault.Conflict, "it is kept").At("code").Say("Система с коротким именем portal уже подключена.")
	res, p = sent(v, "/desk/sources/connect", form)
	if res.StatusCode != http.StatusConflict || !strings.Contains(text(p, "[role=alert]"), "уже подключена") || attr(p, "#c-name", "value") != "Портал города" || attr(p, "#c-code", "value") != "portal" {
		t.Fatalf("a taken name = %d %q", res.StatusCode, text(p, "main"))
	}
	res, p = sent(v, "/desk/sources/connect", form)
	if got := text(p, "main"); res.StatusCode != http.StatusOK || !strings.Contains(got, madeSecret) || text(p, "h1") != "Портал города" {
		t.Fatalf("connecting = %d %q", res.StatusCode, got)
	}
	if res.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("a secret may be kept on the way: %q", res.Header.Get("Cache-Control"))
	}
	w.roster.until = clock.Add(time.Hour)
	w.roster.refusal = source.Refusal{At: clock, Sentence: "Вызов не принят: подпись не подошла.", Count: 3}
	p = v.page("/desk/sources/77")
	got := text(p, "main")
	for _, want := range []string{"/hooks/messages/77", "подпись не подошла", "не принято: 3 вызова", "прежний годится до", "последний вызов"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not told: %s", want, got)
		}
	}
	if strings.Contains(got, madeSecret) || attr(p, "#s-every", "name") != "" || attr(p, "#s-key", "name") != "" {
		t.Error("the secret is shown again, or what does not concern a system is asked")
	}
	for deed, want := range map[string]string{"secret": "rotate 77", "secret-now": "rotate now 77"} {
		if res, p = sent(v, "/desk/sources/77/"+deed, nil); res.StatusCode != http.StatusOK || !strings.Contains(text(p, "main"), madeSecret) || w.roster.deeds[len(w.roster.deeds)-1] != want {
			t.Errorf("%s = %d, %v", deed, res.StatusCode, w.roster.deeds)
		}
	}
	if res, _ = sent(w.as(t, "operator"), "/desk/sources/77/secret", nil); res.StatusCode != http.StatusForbidden {
		t.Errorf("an operator changes the secret: %d", res.StatusCode)
	}
	if len(all(p, `form[action="/desk/sources/77/pause"]`)) != 1 {
		t.Error("it cannot be paused")
	}
	tryIt(t, plain(all(p, "#try-command")[0]))
}

// TestASystemThatFilesByOpen311: its page names the address of Open311 and the test endpoint
// in place of the signed call.
func TestASystemThatFilesByOpen311(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.as(t, "admin")
	form := url.Values{"name": {"Сосед"}, "code": {"sosed"}, "territory": {abakan}, "f-way": {"open311"}, "f-stream": {"no"}}
	res, p := sent(v, "/desk/sources/connect", form)
	for _, want := range []string{madeSecret, "api_key", "/open311/v2/requests.json", "/open311/test/requests.json"} {
		if got := text(p, "main"); res.StatusCode != http.StatusOK || !strings.Contains(got, want) || strings.Contains(got, "/hooks/messages") {
			t.Errorf("%q is not told, or a signed call is: %d %s", want, res.StatusCode, got)
		}
	}
	form.Set("f-stream", "yes")
	if res, p = sent(v, "/desk/sources/connect", form); res.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(text(p, "[role=alert]"), "не поток") {
		t.Errorf("a stream by Open311 = %d %q", res.StatusCode, text(p, "main"))
	}
}

// tryIt runs the command of the page against a server that verifies the signature.
func tryIt(t *testing.T, command string) {
	t.Helper()
	for _, tool := range []string{"bash", "curl", "openssl", "od"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("the command of the page is not run: no %s; install it", tool)
		}
	}
	got := make(chan string, 1)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		seconds, _ := strconv.ParseInt(r.Header.Get("webhook-timestamp"), 10, 64)
		want, _ := webhook.Sign(r.Header.Get("webhook-id"), time.Unix(seconds, 0), body, madeSecret)
		var call struct {
			Messages []struct{ ID, Text string } `json:"messages"`
		}
		switch err := json.Unmarshal(body, &call); {
		case want != r.Header.Get("webhook-signature"):
			got <- "the signature does not fit"
		case err != nil || len(call.Messages) != 1 || call.Messages[0].Text == "":
			got <- "the body is none: " + string(body)
		default:
			got <- "good"
		}
	}))
	defer srv.Close()
	address := regexp.MustCompile(`https?://[^\s'"]+/hooks/messages/77`)
	if !address.MatchString(command) || strings.Contains(command, madeSecret) {
		t.Fatalf("the command: %s", command)
	}
	sh := exec.CommandContext(t.Context(), "bash", "-c", address.ReplaceAllString(command, srv.URL))
	sh.Stdin = strings.NewReader(madeSecret + "\n")
	if out, err := sh.CombinedOutput(); err != nil {
		t.Fatalf("the command ends with %v: %s", err, out)
	}
	select {
	case said := <-got:
		if said != "good" {
			t.Error(said)
		}
	default:
		t.Error("the command called nobody")
	}
}
