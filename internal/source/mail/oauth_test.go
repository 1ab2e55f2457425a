package mail_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"otklik/internal/fault"
	"otklik/internal/mailer"
	"otklik/internal/reply"
	"otklik/internal/source"
	"otklik/internal/source/mail"
	"otklik/internal/source/mail/mailfake"
)

// granted returns a mailbox that tokens let in, and what was kept of its key.
func granted(t *testing.T, o mailfake.OAuth, key string) (*mailfake.Fake, *mail.Box, *clock, func() string) {
	t.Helper()
	f, _, c := open(t, mailfake.Options{OAuth: &o})
	web := httptest.NewServer(f)
	t.Cleanup(web.Close)
	set, err := json.Marshal(mail.Settings{IMAP: f.IMAP(), SMTP: f.SMTP(), IMAPTLS: mailer.Plain, SMTPTLS: mailer.Plain, OAuthClient: "otklik", OAuthURL: web.URL + "/token"})
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	kept := key
	b, _, err := mail.Open(source.Source{ID: mail.SourceID(centre), Settings: set}, source.Key{Name: "почта", Secret: key}, mail.Options{
		Key: secret, Now: c.now, Plain: true,
		Renewed: func(_ context.Context, name, was, now string) error {
			mu.Lock()
			defer mu.Unlock()
			if name != "почта" || was != kept {
				return errors.New("another key")
			}
			kept = now
			return nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return f, b, c, func() string { mu.Lock(); defer mu.Unlock(); return kept }
}

// A mailbox is read and answered by tokens, which are exchanged when they end and not before.
func TestTokensLetIn(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]mailfake.OAuth{
		"XOAUTH2":        {Client: "otklik", Secret: "app", Refresh: "refresh-0"},
		"OAUTHBEARER":    {Client: "otklik", Secret: "app", Refresh: "refresh-0", Standard: true},
		"without secret": {Client: "otklik", Refresh: "refresh-0"},
		"rotated":        {Client: "otklik", Secret: "app", Refresh: "refresh-0", Rotate: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, b, c, kept := granted(t, o, strings.TrimSpace("refresh-0 "+o.Secret))
			id := f.Write(mailfake.Draft{From: resident, Text: "Нет воды"})
			batch, err := b.Poll(t.Context(), nil)
			if err != nil || len(batch.Messages) != 1 || batch.Note != "" {
				t.Fatalf("%+v, %v", batch, err)
			}
			if _, err := b.Publish(t.Context(), reply.Job{Key: "k", Parent: id, Thread: id, Text: "Дадут"}); err != nil {
				t.Fatal(err)
			}
			if n := f.Exchanges(); n != 1 {
				t.Errorf("%d exchanges for one mailbox", n)
			}
			f.Expire() // taken back before its time
			if _, err := b.Publish(t.Context(), reply.Job{Key: "k2", Parent: id, Thread: id, Text: "Дали"}); err != nil {
				t.Errorf("after the token was taken back: %v", err)
			}
			f.Expire()
			if _, err := b.Earlier(t.Context(), c.now().Add(-time.Hour), nil); err != nil {
				t.Errorf("after the token was taken back: %v", err)
			}
			if n := f.Exchanges(); n != 3 {
				t.Errorf("%d exchanges", n)
			}
			f.Expire() // SMTP hears of it first
			if err := b.SMTP.Send(t.Context(), centre, resident, mailer.Write(nil, "Дали")); err != nil || f.Exchanges() != 4 {
				t.Errorf("by SMTP: %v, %d exchanges", err, f.Exchanges())
			}
			c.advance(2 * time.Hour)
			if _, err := b.Publish(t.Context(), reply.Job{Key: "k3", Parent: id, Thread: id, Text: "Дали"}); err != nil || f.Exchanges() != 5 {
				t.Errorf("after the token ended: %v, %d exchanges", err, f.Exchanges())
			}
			if want := strings.TrimSpace(map[bool]string{true: "refresh-5 ", false: "refresh-0 "}[o.Rotate] + o.Secret); kept() != want {
				t.Errorf("kept is %q, want %q", kept(), want)
			}
		})
	}
}

// What the token service refuses is said in words, and a reply waits.
func TestTokensAreRefused(t *testing.T) {
	t.Parallel()
	good := mailfake.OAuth{Client: "otklik", Secret: "app", Refresh: "refresh-0"}
	for name, c := range map[string]struct {
		key     string
		status  int
		why     string
		trouble source.Trouble
		word    string
	}{
		"another token":   {key: "refresh-9 app", trouble: source.Person, word: "отозван или истёк"},
		"another secret":  {key: "refresh-0 other", trouble: source.Person, word: "не узнаёт приложение"},
		"no secret":       {key: "refresh-0", trouble: source.Person, word: "не узнаёт приложение"},
		"revoked":         {key: "refresh-0 app", status: http.StatusBadRequest, why: "invalid_grant", trouble: source.Person, word: "отозван или истёк"},
		"busy":            {key: "refresh-0 app", status: http.StatusServiceUnavailable, trouble: source.Later, word: "занят"},
		"too often":       {key: "refresh-0 app", status: http.StatusTooManyRequests, trouble: source.Later, word: "занят"},
		"led elsewhere":   {key: "refresh-0 app", status: http.StatusFound, trouble: source.Person, word: "Адрес выдачи токенов"},
		"not there":       {key: "refresh-0 app", status: http.StatusNotFound, trouble: source.Person, word: "Адрес выдачи токенов"},
		"no token in it":  {key: "refresh-0 app", status: http.StatusOK, trouble: source.Person, word: "Адрес выдачи токенов"},
		"an odd reason":   {key: "refresh-0 app", status: http.StatusBadRequest, why: "cur@otklik.example", trouble: source.Person, word: "отказал"},
		"an empty client": {key: "refresh-0 app", status: http.StatusUnauthorized, trouble: source.Person, word: "не узнаёт приложение"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, b, _, _ := granted(t, good, c.key)
			f.Refuse(c.status, c.why)
			_, err := b.Poll(t.Context(), nil)
			if trouble, said := sentence(t, err); trouble != c.trouble || !strings.Contains(said, c.word) {
				t.Errorf("reading: %s, %q", trouble, said)
			}
			if strings.Contains(err.Error(), "refresh-") || strings.Contains(err.Error(), "app ") {
				t.Errorf("the error tells a secret: %v", err)
			}
		})
	}

	// The grant is withdrawn while a reply is on its way.
	f, b, c, _ := granted(t, good, "refresh-0 app")
	id := f.Write(mailfake.Draft{From: resident, Text: "Нет воды"})
	if _, err := b.Poll(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	c.advance(2 * time.Hour)
	f.Refuse(http.StatusBadRequest, "invalid_grant")
	_, err := b.Publish(t.Context(), reply.Job{Key: "k", Parent: id, Thread: id, Text: "Дадут"})
	if trouble, said := sentence(t, err); trouble != source.Person || !strings.Contains(said, "отозван") {
		t.Errorf("a reply: %s, %q", trouble, said)
	}
	for settings, word := range map[string]string{
		`{"oauth_client":"x","oauth_url":"http://oauth.example/token"}`: "https://",
		`{"oauth_client":"x"}`:                                             "https://",
		`{"oauth_url":"https://oauth.example/token"}`:                      "Впишите идентификатор",
		`{"oauth_client":"x","oauth_url":"https://u:p@oauth.example/"}`:    "https://",
		`{"oauth_client":"x","oauth_url":"https:///token"}`:                "https://",
		`{"oauth_client":"x","oauth_url":"ftp://oauth.example/token"}`:     "https://",
		`{"oauth_client":"x","oauth_url":"javascript:alert(1)","imap":""}`: "https://",
	} {
		_, _, err := mail.Open(source.Source{ID: "mail:cur@x.ru", Settings: json.RawMessage(settings)}, source.Key{Secret: "r"}, mail.Options{Key: secret})
		if err == nil || !strings.Contains(saidOf(err), word) {
			t.Errorf("%s: %v", settings, err)
		}
	}
	if _, _, err := mail.Open(source.Source{ID: "mail:cur@mail.ru", Settings: json.RawMessage(`{"oauth_client":"x"}`)}, source.Key{Secret: "r s"}, mail.Options{Key: secret}); err != nil {
		t.Errorf("the address of a known provider: %v", err)
	}
}

func saidOf(err error) string { return fault.Sentence(err) }
