package push_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"otklik/internal/fault"
	"otklik/internal/notice"
	"otklik/internal/notify"
	"otklik/internal/notify/push"
	"otklik/internal/notify/push/pushtest"
)

const subject = "mailto:otklik@example.ru"

func start(t *testing.T) (*pushtest.Service, *push.Sender) {
	t.Helper()
	srv := pushtest.Start()
	t.Cleanup(srv.Close)
	key, err := push.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	return srv, push.New(key, subject, time.Now, true)
}

var parcel = &notify.Parcel{Name: "notice-7", Subject: "Подходит срок: первый ответ, № 022-362-73", All: "https://otklik.example.ru/desk/notices",
	Lines: []notify.Line{{Text: "№ 022-362-73. Подходит срок: первый ответ. Срок 23.11 в 20:00. Абаза, улица Мира, 5.", Rest: "Срок 23.11 в 20:00. Абаза, улица Мира, 5.", Path: "/desk/incidents/42"}}}

type word struct {
	Title, Body, Tag, Path string
	Urgent                 bool
}

func read(t *testing.T, m pushtest.Message) (w word) {
	t.Helper()
	if err := json.Unmarshal(m.Plain, &w); err != nil {
		t.Fatal(err)
	}
	return w
}

func TestAMessageComesToTheBrowser(t *testing.T) {
	t.Parallel()
	srv, s := start(t)
	b := srv.Subscribe(s.PublicKey())
	if err := s.Send(t.Context(), b.To(), parcel); err != nil {
		t.Fatal(err)
	}
	got := b.Shown()
	if len(got) != 1 || got[0].TTL != 86400 || got[0].Urgency != "normal" || got[0].Topic == "" || got[0].Subject != subject {
		t.Fatalf("came %+v", got)
	}
	want := word{"Подходит срок: первый ответ, № 022-362-73", "Срок 23.11 в 20:00. Абаза, улица Мира, 5.", "notice-7", "/desk/incidents/42", false}
	if w := read(t, got[0]); w != want {
		t.Errorf("shows %+v, want %+v", w, want)
	}
	many := *parcel
	many.Urgent, many.More, many.Lines = true, 3, nil
	for range 20 {
		many.Lines = append(many.Lines, notify.Line{Text: strings.Repeat("дом 🏠 ", 30), Path: "/desk/incidents/42"})
	}
	if err := s.Send(t.Context(), b.To(), &many); err != nil {
		t.Fatal(err)
	}
	m := b.Shown()[1]
	w := read(t, m)
	if m.Urgency != "high" || m.Size > 4096 || !w.Urgent || w.Path != "/desk/notices" || utf8.RuneCountInString(w.Body) > 700 || !strings.HasSuffix(w.Body, "\nИ ещё уведомлений: 20.") {
		t.Errorf("shows %+v", w)
	}
	many.Lines = []notify.Line{{Text: strings.Repeat("ы", 3000)}} // no line of ours is so long; it must not stop the rest
	if err := s.Send(t.Context(), b.To(), &many); err != nil || read(t, b.Shown()[2]).Body != "" {
		t.Errorf("what does not fit: %v", err)
	}
}

// A browser that is switched off finds one message where two were sent for fear that the
// first had not come; one that is on shows one of one tag.
func TestWhatWasSentTwiceIsOne(t *testing.T) {
	t.Parallel()
	srv, s := start(t)
	b := srv.Subscribe(s.PublicKey())
	b.Switch(false)
	srv.Answer(func(asked int, _ *pushtest.Browser) (int, string) {
		if asked == 1 {
			return pushtest.Hang, ""
		}
		return 0, ""
	})
	if err := s.Send(t.Context(), b.To(), parcel); !errors.Is(err, notify.ErrUnclear) || strings.Contains(err.Error(), srv.URL) || fault.Sentence(err) == "" {
		t.Fatalf("a service that says nothing = %v", err)
	}
	other := *parcel
	other.Name = "notice-8"
	for _, p := range []*notify.Parcel{parcel, &other} {
		if err := s.Send(t.Context(), b.To(), p); err != nil {
			t.Fatal(err)
		}
	}
	b.Switch(true)
	got := b.Shown()
	if len(got) != 2 || read(t, got[0]).Tag != "notice-7" || read(t, got[1]).Tag != "notice-8" || got[0].Topic == got[1].Topic || strings.Contains(got[0].Topic, "7") && strings.Contains(got[0].Topic, "notice") {
		t.Errorf("of three that were taken came %+v", got)
	}
	if !s.Idempotent() {
		t.Error("a browser shows one of one tag")
	}
}

func TestWhatAPushServiceAnswers(t *testing.T) {
	t.Parallel()
	date := time.Now().Add(90 * time.Second).UTC().Format(http.TimeFormat)
	for name, c := range map[string]struct {
		status  int
		after   string
		want    string
		at, not time.Duration // the pause is between them
	}{
		"gone": {410, "", "gone", 0, 0}, "unknown": {404, "", "gone", 0, 0},
		"too many": {429, "37", "pause", 37 * time.Second, 37 * time.Second}, "too many, with a moment": {429, date, "pause", 80 * time.Second, 91 * time.Second},
		"too many, for ever": {429, "99999999999999", "pause", 0, 24 * time.Hour}, "too many, in words": {429, "скоро", "pause", 0, 0}, "back in time": {503, "-5", "pause", 0, 0},
		"down": {502, "", "pause", 0, 0}, "a wrong signature": {403, "", "later", 0, 0}, "somewhere else": {307, "", "later", 0, 0}, "what nobody expects": {418, "", "later", 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv, s := start(t)
			srv.Answer(func(int, *pushtest.Browser) (int, string) { return c.status, c.after })
			err := s.Send(t.Context(), srv.Subscribe(s.PublicKey()).To(), parcel)
			var no *notify.Refusal
			var later *notify.Pause
			got := "later"
			switch {
			case errors.As(err, &no) && no.Gone && strings.Contains(no.Why, "Присылать в этот браузер"):
				got = "gone"
			case errors.As(err, &later):
				got = "pause"
				if later.After < c.at || later.After > c.not {
					t.Errorf("after %v", later.After)
				}
			}
			if got != c.want || strings.Contains(err.Error(), "/send/") || got != "gone" && fault.Sentence(err) == "" || srv.Asked() != 1 {
				t.Errorf("%v: %s, want %s; asked %d times", err, got, c.want, srv.Asked())
			}
		})
	}
}

func TestAMessageThatIsTooLongIsShortened(t *testing.T) {
	t.Parallel()
	srv, s := start(t)
	b := srv.Subscribe(s.PublicKey())
	long := *parcel
	long.Lines = []notify.Line{{Text: strings.Repeat("улица ", 100), Path: "/desk/incidents/42"}}
	srv.Limit(900)
	if err := s.Send(t.Context(), b.To(), &long); err != nil {
		t.Fatal(err)
	}
	if w := read(t, b.Shown()[0]); w.Title != long.Subject || w.Body != "" || w.Path != "/desk/incidents/42" || srv.Asked() != 2 {
		t.Errorf("shows %+v after %d calls", w, srv.Asked())
	}
	srv.Limit(10)
	if err := s.Send(t.Context(), b.To(), &long); !fault.Is(err, fault.Unavailable) || srv.Asked() != 4 {
		t.Errorf("a service that takes nothing = %v", err)
	}
}

func TestASubscriptionIsLookedAt(t *testing.T) {
	t.Parallel()
	srv, s := start(t)
	key, err := push.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	strict := push.New(key, subject, time.Now, false)
	good := srv.Subscribe(strict.PublicKey()).Browser
	good.Endpoint = "https://push.example.net/send/1"
	if err := strict.Check(good); err != nil {
		t.Errorf("a good one: %v", err)
	}
	for name, change := range map[string]func(*notice.Browser){
		"no address": func(b *notice.Browser) { b.Endpoint = "" }, "plain HTTP": func(b *notice.Browser) { b.Endpoint = "http://push.example.net/1" },
		"a file": func(b *notice.Browser) { b.Endpoint = "file:///etc/passwd" }, "another port": func(b *notice.Browser) { b.Endpoint = "https://push.example.net:8443/1" },
		"this machine": func(b *notice.Browser) { b.Endpoint = "https://localhost/1" }, "a number": func(b *notice.Browser) { b.Endpoint = "https://10.0.0.7/1" },
		"a number of six": func(b *notice.Browser) { b.Endpoint = "https://[::1]/1" }, "a password": func(b *notice.Browser) { b.Endpoint = "https://a:b@push.example.net/1" },
		"a long one": func(b *notice.Browser) { b.Endpoint += strings.Repeat("x", 1500) }, "a short secret": func(b *notice.Browser) { b.Auth = b.Auth[:10] },
		"no key": func(b *notice.Browser) { b.P256DH = "" }, "a point off the curve": func(b *notice.Browser) { b.P256DH = "BA" + strings.Repeat("A", 85) },
		"a line more": func(b *notice.Browser) { b.Endpoint = "https://push.example.net/1\r\nX: y" },
	} {
		b := good
		change(&b)
		if err := strict.Check(b); !fault.Is(err, fault.Invalid) || fault.Sentence(err) == "" {
			t.Errorf("%s = %v", name, err)
		}
	}
	// What is stored is looked at again before it is asked.
	for name, to := range map[string]string{"no JSON": "7", "of another key": srv.Subscribe("x").To(), "of this machine": srv.Subscribe(s.PublicKey()).To()} {
		var no *notify.Refusal
		if err := strict.Send(t.Context(), to, parcel); !errors.As(err, &no) || !no.Gone || srv.Asked() != 0 {
			t.Errorf("%s = %v", name, err)
		}
	}
}

// A redirect is an answer that nobody gives for good: it is not followed.
func TestARedirectIsNotFollowed(t *testing.T) {
	t.Parallel()
	asked := false
	inner := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked = true }))
	t.Cleanup(inner.Close)
	outer := httptest.NewServer(http.RedirectHandler(inner.URL, http.StatusTemporaryRedirect))
	t.Cleanup(outer.Close)
	srv, s := start(t)
	b := srv.Subscribe(s.PublicKey()).Browser
	b.Endpoint = outer.URL + "/1"
	if err := s.Send(t.Context(), b.To(), parcel); err == nil || asked {
		t.Errorf("a redirect = %v, followed: %v", err, asked)
	}
	b.Endpoint = "http://127.0.0.1:1/1"
	if err := s.Send(t.Context(), b.To(), parcel); err == nil || errors.Is(err, notify.ErrUnclear) || strings.Contains(err.Error(), "127.0.0.1:1/1") {
		t.Errorf("nobody answers = %v: nothing left the house", err)
	}
}
