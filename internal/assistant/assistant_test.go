package assistant_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"otklik/internal/assistant"
	"otklik/internal/fault"
)

func mask(text string, names []string) string {
	for _, n := range append(names, "+7 913 555-44-33") {
		text = strings.ReplaceAll(text, n, "[скрыто]")
	}
	return text
}

// endpoint is a fake model that keeps what it was asked.
func endpoint(t *testing.T, answer http.HandlerFunc) (*assistant.Assistant, *string) {
	t.Helper()
	asked := new(string)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		*asked = r.Method + " " + r.URL.Path + " " + r.Header.Get("Authorization") + " " + string(b)
		answer(w, r)
	}))
	t.Cleanup(srv.Close)
	return assistant.New(assistant.Options{URL: srv.URL + "/v1/", Model: "small", Key: "k1", Timeout: 300 * time.Millisecond, Mask: mask}), asked
}

func says(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(map[string]any{"choices": []any{map[string]any{"message": map[string]any{"role": "assistant", "content": text}}}})
	}
}

func TestNoPersonalDataLeave(t *testing.T) {
	t.Parallel()
	a, asked := endpoint(t, says("  Здравствуйте! Яму заделают. \n"))
	secrets := []string{"Мария Петрова", "+7 913 555-44-33"}
	all := "Пишет Мария Петрова, звоните +7 913 555-44-33"
	c := assistant.Case{Topic: all, Place: all, Agency: all, Contact: all, Purpose: "окончательный", Messages: []string{"яма", all}, Replies: []string{all}, Names: []string{"Мария Петрова"}}
	for name, ask := range map[string]func(context.Context, assistant.Case) (string, error){"draft": a.Draft, "summary": a.Summary} {
		got, err := ask(t.Context(), c)
		if err != nil || got != "Здравствуйте! Яму заделают." {
			t.Errorf("%s = %q, %v", name, got, err)
		}
		for _, s := range secrets {
			if strings.Contains(*asked, s) {
				t.Errorf("%s: %q left: %s", name, s, *asked)
			}
		}
		if n := strings.Count(*asked, "[скрыто]"); n < 12 || !strings.HasPrefix(*asked, "POST /v1/chat/completions Bearer k1 ") || !strings.Contains(*asked, `"model":"small"`) {
			t.Errorf("%s: asked %s (%d masked)", name, *asked, n)
		}
	}
}

func TestTroubleIsSaidInWords(t *testing.T) {
	t.Parallel()
	status := func(code int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
	}
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		says   string
	}{
		"a wrong key": {status(401), "не принял наш ключ"},
		"no model":    {status(404), "нет такой модели"},
		"busy":        {status(429), "через минуту"},
		"broken":      {status(500), "ответил ошибкой"},
		"a redirect": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://127.0.0.1:1/", http.StatusTemporaryRedirect)
		}, "ответил ошибкой"},
		"no JSON":    {func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>")) }, "непонятно"},
		"no choices": {func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`{"choices":[]}`)) }, "непонятно"},
		"empty":      {says(" \n"), "непонятно"},
		"slow":       {func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, "не ответил за"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, _ := endpoint(t, c.answer)
			text, err := a.Draft(t.Context(), assistant.Case{Messages: []string{"яма у дома 5"}})
			if text != "" || fault.KindOf(err) != fault.Unavailable || !strings.Contains(fault.Sentence(err), c.says) || strings.Contains(err.Error(), "яма") || strings.Contains(err.Error(), "k1") {
				t.Errorf("%q, %v (%s)", text, err, fault.Sentence(err))
			}
		})
	}
	gone := assistant.New(assistant.Options{URL: "http://127.0.0.1:1", Model: "x", Mask: mask})
	if _, err := gone.Summary(t.Context(), assistant.Case{}); fault.KindOf(err) != fault.Unavailable || !strings.Contains(fault.Sentence(err), "недоступен") {
		t.Errorf("nobody there: %v (%s)", err, fault.Sentence(err))
	}
	a, asked := endpoint(t, says(strings.Repeat("я", 9000)))
	if text, err := a.Draft(t.Context(), assistant.Case{Messages: []string{strings.Repeat("ж", 50_000)}}); err != nil || len([]rune(text)) != 4000 || strings.Count(*asked, "ж") > 2100 {
		t.Errorf("long: %d characters back, %d out, %v", len([]rune(text)), strings.Count(*asked, "ж"), err)
	}
}
