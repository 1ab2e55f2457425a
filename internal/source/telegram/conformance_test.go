package telegram_test

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"otklik/internal/source/sourcetest"
	"otklik/internal/source/telegram"
	"otklik/internal/source/telegram/telegramfake"
)

const token = "4001:AAE-not-a-real-secret"

// A clock is moved by hand.
type clock struct {
	mu sync.Mutex
	t  time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(d)
}

// A net is a fake Telegram and a bot in it.
type world struct {
	*telegramfake.Fake
	bot   *telegram.Bot
	clock *clock
	log   bytes.Buffer
}

func open(t testing.TB, o telegramfake.Options) *world {
	t.Helper()
	w := &world{clock: &clock{t: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)}}
	o.Token, o.Name, o.Channel, o.Now = token, "otklik_bot", "Двор на Лесной", w.clock.now
	if o.User == "" {
		o.User = "dvor_lesnaya"
	}
	var err error
	if w.Fake, err = telegramfake.New(o); err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewUnstartedServer(w.Fake)
	srv.Config.ErrorLog = nil
	srv.Start()
	t.Cleanup(srv.Close)
	w.bot = &telegram.Bot{
		Token: token, BaseURL: srv.URL, HTTP: srv.Client(), Limits: &telegram.Limits{Off: true}, Now: w.clock.now, Albums: time.Millisecond,
		Log: slog.New(slog.NewTextHandler(&w.log, nil)),
	}
	return w
}

func TestContract(t *testing.T) {
	t.Parallel()
	sourcetest.Run(t, func(t *testing.T) *sourcetest.Network {
		w := open(t, telegramfake.Options{})
		resident := w.Person("Анна Петрова")
		ref := func(native string) telegram.Ref {
			t.Helper()
			r, err := telegram.ParseRef(native)
			if err != nil {
				t.Fatal(err)
			}
			return r
		}
		posts := map[int64]int64{} // copy → post
		return &sourcetest.Network{
			Cannot: map[sourcetest.Lack]string{
				sourcetest.NoDelete:  "the Bot API has no update for a deletion",
				sourcetest.NoRestore: "what is deleted at Telegram never comes back",
				sourcetest.NoKey:     "sendMessage takes no key",
				sourcetest.NoPast:    "a bot is given nothing from before it came",
				sourcetest.NoBack:    "a bot sees neither its own messages nor the history",
				sourcetest.NoHistory: "confirmed updates are forgotten",
			},
			Puller: w.bot, Source: telegram.SourceID(telegramfake.GroupID), Publisher: w.bot, Dead: deadBot(t), Secrets: []string{token, "AAE-not-a-real-secret"},
			Post: func(text string) string {
				post, twin := w.Post(text)
				posts[twin] = post
				return telegram.Ref{Chat: telegramfake.GroupID, Message: twin}.String()
			},
			Comment: func(parent, text string) string {
				id, err := w.Comment(ref(parent).Message, resident, text)
				if err != nil {
					t.Fatal(err)
				}
				return telegram.Ref{Chat: telegramfake.GroupID, Message: id}.String()
			},
			Edit: func(native, text string) {
				chat, id := int64(telegramfake.GroupID), ref(native).Message
				if post := posts[id]; post != 0 {
					chat, id = telegramfake.ChannelID, post
				}
				if err := w.Edit(chat, id, text); err != nil {
					t.Fatal(err)
				}
			},
			Delete:  func(native string) { w.Delete(telegramfake.GroupID, ref(native).Message) },
			Wrote:   func(string) []string { return w.Wrote(telegramfake.GroupID) },
			Advance: w.clock.advance,
			Spoil: func(s sourcetest.Spoil, write bool) {
				method := "getUpdates"
				if write {
					method = "sendMessage"
				}
				switch s {
				case sourcetest.Lost:
					w.Fail(method, telegramfake.Lost, 0)
				case sourcetest.Down:
					w.Fail(method, telegramfake.Status, http.StatusBadGateway)
				case sourcetest.Later:
					w.Fail(method, telegramfake.Refuse, 429)
				case sourcetest.Permanent:
					w.Fail(method, telegramfake.Refuse, 403)
				case sourcetest.Person:
					w.Fail(method, telegramfake.Refuse, 401)
				case sourcetest.Garbage:
					w.Fail(method, telegramfake.Garbage, 0)
				case sourcetest.Huge:
					w.Fail(method, telegramfake.Huge, 0)
				case sourcetest.Odd:
					w.Fail(method, telegramfake.Odd, 0)
				default:
					t.Fatalf("no way to be %s", s)
				}
			},
		}
	})
}

// deadBot is a bot whose API nobody serves.
func deadBot(t *testing.T) *telegram.Bot {
	t.Helper()
	return &telegram.Bot{Token: token, BaseURL: sourcetest.DeadHost(t)}
}
