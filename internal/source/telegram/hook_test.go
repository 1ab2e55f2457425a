package telegram_test

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"otklik/internal/message"
	"otklik/internal/reply"
	"otklik/internal/source"
	"otklik/internal/source/telegram"
	"otklik/internal/source/telegram/telegramfake"
)

// receive hands one call to the bot.
func (w *world) receive(t *testing.T, header http.Header, body []byte) (source.Received, error) {
	t.Helper()
	return w.bot.Receive(t.Context(), source.Call{Header: header.Get, Query: url.Values{}, Body: body})
}

func TestTheWebhook(t *testing.T) {
	t.Parallel()
	w := open(t, telegramfake.Options{})
	w.bot.HookURL = "https://otklik.example.ru/hooks/sources/7"
	b, err := w.bot.Poll(t.Context(), nil)
	if err != nil || w.Hook() != w.bot.HookURL {
		t.Fatalf("Poll = %v, the webhook leads to %q", err, w.Hook())
	}
	_, twin := w.Post("Двор")
	anna := w.Person("Анна")
	must(w.Comment(twin, anna, "Не горит фонарь"))
	must(w.Direct(anna, "Здравствуйте", nil))
	var got []message.Message
	ids := map[string]bool{}
	take := func(header http.Header, body []byte) int {
		r, err := w.receive(t, header, body)
		if err != nil {
			t.Errorf("Receive: %v", err)
			return 503
		}
		got, ids[r.ID] = append(got, r.Messages...), true
		return 200
	}
	if n := w.Deliver(take); n != 4 || len(ids) != 4 {
		t.Errorf("%d calls with %d ids", n, len(ids))
	}
	if len(got) != 3 || got[1].Thread != got[0].Native || !strings.Contains(got[1].URL, "?comment=") || got[2].Form != message.Direct {
		t.Errorf("messages %+v", got)
	}
	if b, err = w.bot.Poll(t.Context(), b.Cursor); err != nil || len(b.Messages) != 0 || !strings.Contains(string(b.Cursor), `"c":`) {
		t.Errorf("what was learned is not stored: %s, %v", b.Cursor, err)
	}
	must(w.Direct(anna, "Ещё", nil))
	if n := w.Deliver(func(http.Header, []byte) int { return 503 }); n != 0 {
		t.Errorf("%d calls were taken", n)
	}
	_, err = w.bot.Poll(t.Context(), b.Cursor)
	wantTrouble(t, err, source.Later, "ждут отправки: 1")
	w.bot.HookURL = "" // asked for by long poll while the webhook stands
	_, err = w.bot.Poll(t.Context(), b.Cursor)
	wantTrouble(t, err, source.Person, "вебхук")
}

func TestCallsThatTelegramDidNotMake(t *testing.T) {
	t.Parallel()
	w := open(t, telegramfake.Options{})
	good := http.Header{"X-Telegram-Bot-Api-Secret-Token": {w.bot.Secret()}}
	_, err := w.receive(t, http.Header{"X-Telegram-Bot-Api-Secret-Token": {"guess"}}, []byte(`{"update_id":1}`))
	wantTrouble(t, err, source.Person, "чужим секретом")
	_, err = w.receive(t, nil, []byte(`{"update_id":1}`))
	wantTrouble(t, err, source.Person, "")
	for _, body := range []string{"", "{", "[]", `{"update_id":"1"}`, `{"update_id":-5}`, "\xff"} {
		_, err = w.receive(t, good, []byte(body))
		wantTrouble(t, err, source.Permanent, "не похож")
	}
	for _, body := range []string{`{"update_id":1}`, `{"update_id":2,"poll":{}}`, `{"update_id":3,"message":{}}`, `{"update_id":4,"message":{"message_id":"x","chat":[1]}}`, `{"update_id":5,"callback_query":{"id":"1"}}`} {
		if r, err := w.receive(t, good, []byte(body)); err != nil || len(r.Messages) != 0 {
			t.Errorf("%s: %d messages, %v", body, len(r.Messages), err)
		}
	}
	if s := w.bot.Secret(); len(s) != 64 || strings.Contains(s, "AAE") || (&telegram.Bot{Token: "4001:other"}).Secret() == s {
		t.Errorf("the secret is %q", s)
	}
}

// TestPartsOfAnAlbumComeInCallsOfTheirOwn: each call brings the whole, as one revision.
func TestPartsOfAnAlbumComeInCallsOfTheirOwn(t *testing.T) {
	t.Parallel()
	w := open(t, telegramfake.Options{})
	w.bot.Albums = 100 * time.Millisecond
	w.bot.HookURL = "https://otklik.example.ru/hooks/sources/7"
	if _, err := w.bot.Poll(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	w.Album(telegramfake.PlainID, w.Person("Иван"), "Площадка", 3)
	var mu sync.Mutex
	var calls sync.WaitGroup
	got := map[string]int{}
	w.Deliver(func(header http.Header, body []byte) int {
		calls.Go(func() {
			r, err := w.receive(t, header, body)
			if err != nil || len(r.Messages) != 1 {
				t.Errorf("Receive = %+v, %v", r, err)
				return
			}
			m := r.Messages[0]
			mu.Lock()
			defer mu.Unlock()
			got[fmt.Sprintf("%s %s %q %d", m.Native, m.Revision.Key(), m.Text, len(m.Attachments))]++
		})
		return 200
	})
	calls.Wait()
	if len(got) != 1 {
		t.Errorf("three parts came as %v", got)
	}
	for what, n := range got {
		if n != 3 || !strings.HasSuffix(what, `"Площадка" 3`) {
			t.Errorf("%d × %s", n, what)
		}
	}
}

func TestLimits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		bot := &telegram.Bot{Token: "4001:x", HTTP: &http.Client{Transport: sends{}}}
		say := func(chat int64) error {
			_, err := bot.Publish(t.Context(), reply.Job{Parent: native(chat, 1), Text: "Ответ"})
			return err
		}
		began := time.Now()
		for range 4 {
			if err := say(501); err != nil {
				t.Fatal(err)
			}
		}
		if took := time.Since(began); took != 3*time.Second {
			t.Errorf("four messages in one talk took %v", took)
		}
		began = time.Now()
		for k := range int64(61) {
			if err := say(1000 + k); err != nil {
				t.Fatal(err)
			}
		}
		if took := time.Since(began); took < 1990*time.Millisecond || took > 2100*time.Millisecond {
			t.Errorf("61 messages in 61 talks took %v", took)
		}
		for k := range 20 {
			if err := say(-1001); err != nil {
				t.Fatalf("message %d of the group: %v", k, err)
			}
		}
		e := wantTrouble(t, say(-1001), source.Flood, "чаще")
		if e.After < 35*time.Second || e.After > time.Minute {
			t.Errorf("the group rests for %v", e.After)
		}
		if err := say(-1002); err != nil {
			t.Errorf("another group: %v", err)
		}
		time.Sleep(e.After)
		if err := say(-1001); err != nil {
			t.Errorf("after the rest: %v", err)
		}
	})
}

// sends is a Telegram that takes everything.
type sends struct{}

func (sends) RoundTrip(r *http.Request) (*http.Response, error) {
	body := io.NopCloser(strings.NewReader(`{"ok":true,"result":{"message_id":5,"date":1772442000}}`))
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: body, Request: r}, nil
}

// TestPartsOneAfterTheOther: a later part is a later revision with its file more.
func TestPartsOneAfterTheOther(t *testing.T) {
	t.Parallel()
	w := open(t, telegramfake.Options{})
	w.bot.HookURL = "https://otklik.example.ru/hooks/sources/7"
	if _, err := w.bot.Poll(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	ids := w.Album(telegramfake.PlainID, w.Person("Иван"), "Площадка", 3)
	var last message.Message
	w.Deliver(func(header http.Header, body []byte) int {
		r, err := w.receive(t, header, body)
		if err != nil || len(r.Messages) != 1 {
			t.Fatalf("Receive = %+v, %v", r, err)
		}
		m := r.Messages[0]
		if m.Native != native(telegramfake.PlainID, ids[0]) || m.Text != "Площадка" || len(m.Attachments) != len(last.Attachments)+1 || !m.Revision.Time.After(last.Revision.Time) {
			t.Errorf("after %+v came %+v", last, m)
		}
		last = m
		return 200
	})
	if len(last.Attachments) != 3 {
		t.Errorf("%d files in the end", len(last.Attachments))
	}
}
