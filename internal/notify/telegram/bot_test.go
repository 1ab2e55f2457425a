package telegram_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf16"

	"otklik/internal/fault"
	"otklik/internal/notify"
	"otklik/internal/notify/telegram"
)

const token = "123:SECRET"

// A server speaks the Bot API.
type server struct {
	mu      sync.Mutex
	sent    []map[string]any
	answer  func(w http.ResponseWriter) // to sendMessage; nil: ok
	updates []string                    // given once, all at once
}

func start(t *testing.T) (*server, *telegram.Bot) {
	t.Helper()
	s := &server{}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		method, ok := strings.CutPrefix(r.URL.Path, "/bot"+token+"/")
		if !ok {
			w.WriteHeader(401)
			fmt.Fprint(w, `{"ok":false,"error_code":401,"description":"Unauthorized"}`)
			return
		}
		var args map[string]any
		_ = json.NewDecoder(r.Body).Decode(&args)
		s.mu.Lock()
		defer s.mu.Unlock()
		switch method {
		case "getMe":
			fmt.Fprint(w, `{"ok":true,"result":{"id":1,"username":"otklik_bot"}}`)
		case "getUpdates":
			list := "[" + strings.Join(s.updates, ",") + "]"
			s.updates = nil
			fmt.Fprintf(w, `{"ok":true,"result":%s}`, list)
		case "sendMessage":
			s.sent = append(s.sent, args)
			if s.answer != nil {
				s.answer(w)
				return
			}
			fmt.Fprint(w, `{"ok":true,"result":{"message_id":5}}`)
		}
	}))
	t.Cleanup(srv.Close)
	return s, &telegram.Bot{Token: token, URL: srv.URL, Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Wait: time.Millisecond}
}

var parcel = &notify.Parcel{Name: "notice-7", All: "https://otklik.example.ru/desk/notices", More: 2, Lines: []notify.Line{{Text: "№ 022-362-73. Подходит срок.", URL: "https://otklik.example.ru/desk/incidents/42"}}}

func TestAMessageLeaves(t *testing.T) {
	t.Parallel()
	s, b := start(t)
	if err := b.Send(t.Context(), "777", parcel); err != nil {
		t.Fatal(err)
	}
	got := s.sent[0]
	text, _ := got["text"].(string)
	if got["chat_id"] != float64(777) || got["disable_notification"] != true || !strings.Contains(text, "№ 022-362-73. Подходит срок.\nhttps://otklik.example.ru/desk/incidents/42") || !strings.Contains(text, "И ещё уведомлений: 2.") {
		t.Errorf("sent %v", got)
	}
	long := *parcel
	long.Urgent, long.Lines = true, nil
	for range 20 {
		long.Lines = append(long.Lines, notify.Line{Text: strings.Repeat("дом 🏠 ", 70)})
	}
	if err := b.Send(t.Context(), "777", &long); err != nil {
		t.Fatal(err)
	}
	text, _ = s.sent[1]["text"].(string)
	if n := len(utf16.Encode([]rune(text))); n > 4096 || s.sent[1]["disable_notification"] != false || !strings.Contains(text, "И ещё уведомлений: ") {
		t.Errorf("a long message has %d units: …%s", n, text[len(text)-80:])
	}
}

func TestWhatTelegramAnswers(t *testing.T) {
	t.Parallel()
	says := func(code int, body string) func(http.ResponseWriter) {
		return func(w http.ResponseWriter) {
			w.WriteHeader(code)
			fmt.Fprint(w, body)
		}
	}
	for name, c := range map[string]struct {
		answer func(http.ResponseWriter)
		want   string
	}{
		"blocked":       {says(403, `{"ok":false,"error_code":403,"description":"Forbidden: bot was blocked by the user"}`), "refusal"},
		"no such chat":  {says(400, `{"ok":false,"error_code":400,"description":"Bad Request: chat not found"}`), "refusal"},
		"too many":      {says(429, `{"ok":false,"error_code":429,"parameters":{"retry_after":37}}`), "pause"},
		"a bad request": {says(400, `{"ok":false,"error_code":400,"description":"Bad Request: text is empty"}`), "later"},
		"a gateway":     {says(502, `<html>`), "unclear"},
		"hangs up":      {func(w http.ResponseWriter) { panic(http.ErrAbortHandler) }, "unclear"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, b := start(t)
			s.answer = c.answer
			err := b.Send(t.Context(), "777", parcel)
			var no *notify.Refusal
			var later *notify.Pause
			got := "later"
			switch {
			case err == nil:
				got = "sent"
			case errors.As(err, &no):
				got = "refusal"
			case errors.As(err, &later):
				got = "pause"
				if later.After != 37*time.Second {
					t.Errorf("after %v", later.After)
				}
			case errors.Is(err, notify.ErrUnclear):
				got = "unclear"
			}
			if got != c.want || strings.Contains(err.Error(), "SECRET") {
				t.Errorf("%v: %s, want %s", err, got, c.want)
			}
		})
	}
	_, b := start(t)
	b.Token = "999:WRONG"
	if err := b.Send(t.Context(), "777", parcel); !fault.Is(err, fault.Unavailable) || strings.Contains(err.Error(), "WRONG") {
		t.Errorf("a wrong token = %v", err)
	}
	b.URL = "http://127.0.0.1:1"
	if err := b.Send(t.Context(), "777", parcel); errors.Is(err, notify.ErrUnclear) || err == nil || strings.Contains(err.Error(), "WRONG") {
		t.Errorf("nobody answers = %v: nothing left the house", err)
	}
	if err := b.Send(t.Context(), "x", parcel); err == nil {
		t.Error("a chat without a number")
	}
}

func TestACodeLinksAChat(t *testing.T) {
	t.Parallel()
	s, b := start(t)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	type given struct{ code, chat string }
	codes := make(chan given, 10)
	b.Link = func(_ context.Context, code, chat string) string { codes <- given{code, chat}; return "Готово" }
	left := make(chan string, 10)
	b.Leave = func(_ context.Context, chat string) bool { left <- chat; return true }
	say := func(id, chat int, kind, text string) string {
		return fmt.Sprintf(`{"update_id":%d,"message":{"text":%q,"chat":{"id":%d,"type":%q}}}`, id, text, chat, kind)
	}
	s.updates = []string{say(1, 10, "private", "/start ABC"), say(2, -5, "group", "/start EVIL"), say(3, 11, "private", "/start"), say(4, 12, "private", " DEF "), say(5, 10, "private", "/stop"), `{"update_id":6}`,
		say(7, 13, "private", strings.Repeat("я", 500))}
	done := make(chan error, 1)
	go func() { done <- b.Run(ctx) }()
	for _, want := range []given{{"ABC", "10"}, {"DEF", "12"}, {"", "13"}} {
		if got := <-codes; got != want {
			t.Errorf("given %+v, want %+v", got, want)
		}
	}
	if got := <-left; got != "10" {
		t.Errorf("left %s", got)
	}
	if b.Name() != "otklik_bot" {
		t.Errorf("the bot is called %q", b.Name())
	}
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// TestABotThatResidentsWriteToAsWell: only codes and the end of the notices are ours.
func TestABotThatResidentsWriteToAsWell(t *testing.T) {
	t.Parallel()
	s, b := start(t)
	const code = "K7Q2M4XAK7Q2M4XAK7Q2M4XAK7"
	var linked []string
	b.Link = func(_ context.Context, code, chat string) string {
		linked = append(linked, chat+" "+code)
		return "Готово"
	}
	b.Leave = func(_ context.Context, chat string) bool { return chat == "10" }
	for _, c := range []struct {
		chat, text string
		want       bool
	}{
		{"10", code, true}, {"10", " /start " + code + "\n", true}, {"10", "/stop", true}, {"11", "/stop", false},
		{"10", "/start", false}, {"10", "/start obrashchenie", false}, {"10", "Не горит фонарь", false}, {"10", code[1:], false}, {"10", strings.ToLower(code), false}, {"10", "", false},
	} {
		if got := b.Hear(t.Context(), c.chat, c.text); got != c.want {
			t.Errorf("Hear(%s, %q) = %v", c.chat, c.text, got)
		}
	}
	if want := []string{"10 " + code, "10 " + code}; !slices.Equal(linked, want) || len(s.sent) != 3 {
		t.Errorf("linked %q, %d answers", linked, len(s.sent))
	}
}

// TestWhereASourceListensTheBotDoesNot: two that ask with one token would take updates
// from each other.
func TestWhereASourceListensTheBotDoesNot(t *testing.T) {
	t.Parallel()
	s, b := start(t)
	ctx, stop := context.WithCancel(t.Context())
	asked := make(chan struct{})
	b.Heard = func() bool { close(asked); b.Heard = func() bool { return true }; return true }
	s.updates = []string{`{"update_id":1,"message":{"text":"Не горит фонарь","chat":{"id":10,"type":"private"}}}`}
	done := make(chan error, 1)
	go func() { done <- b.Run(ctx) }()
	<-asked
	stop()
	if err := <-done; err != nil || b.Name() != "otklik_bot" {
		t.Errorf("Run = %v, the bot is called %q", err, b.Name())
	}
	if len(s.updates) != 1 {
		t.Error("the bot took the source's update")
	}
}
