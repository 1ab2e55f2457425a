package notify_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"otklik/internal/account"
	"otklik/internal/fault"
	"otklik/internal/notice"
	"otklik/internal/notify/push"
	"otklik/internal/notify/push/pushtest"
	"otklik/internal/scope"
)

// browsing is a world whose people are reached in browsers.
func browsing(t *testing.T) (*world, *pushtest.Service) {
	t.Helper()
	w := newWorld(t)
	srv := pushtest.Start()
	t.Cleanup(srv.Close)
	srv.Now = func() time.Time { return w.now }
	key, err := push.NewKey()
	must(t, err)
	w.Channels[notice.Push] = push.New(key, "mailto:otklik@example.ru", func() time.Time { return w.now }, true)
	return w, srv
}

func (w *world) addresses(who account.ID) []notice.Address {
	w.t.Helper()
	list, err := w.db.Reader().Posts().Addresses(w.t.Context(), who)
	must(w.t, err)
	return list
}

// add subscribes a browser of the person, as the page does.
func (w *world) add(srv *pushtest.Service, who account.ID, name string) *pushtest.Browser {
	w.t.Helper()
	b := srv.Subscribe(w.PushKey())
	must(w.t, w.AddBrowser(w.t.Context(), who, b.Browser, "", name))
	return b
}

func TestANoticeComesToEachBrowser(t *testing.T) {
	t.Parallel()
	w, srv := browsing(t)
	work, home := w.add(srv, w.anna, "Firefox, Windows"), w.add(srv, w.anna, "Chrome, Android")
	stranger := w.add(srv, w.boss, "Firefox, Windows")
	w.notice(notice.Deadline)
	w.step(1)
	if len(work.Shown()) != 1 || len(home.Shown()) != 1 || len(stranger.Shown()) != 0 {
		t.Fatalf("came to %d, %d, %d", len(work.Shown()), len(home.Shown()), len(stranger.Shown()))
	}
	var shown struct{ Title, Body, Tag, Path string }
	m := work.Shown()[0]
	must(t, json.Unmarshal(m.Plain, &shown))
	if !strings.HasPrefix(shown.Title, "Подходит срок: первый ответ, № ") || !strings.HasPrefix(shown.Body, "Срок 23.11 в 20:00. ") || !strings.HasSuffix(shown.Body, "улица Мира, 5.") ||
		shown.Path != fmt.Sprintf("/desk/incidents/%d", w.i.ID) || shown.Tag == "" {
		t.Errorf("shows %+v", shown)
	}
	for _, secret := range []string{"Тайн", "Вера", "кв", "17", "900", "11-22", "anna"} {
		if strings.Contains(string(m.Plain), secret) {
			t.Errorf("the message holds %q: %s", secret, m.Plain)
		}
	}
	if got := w.states(); got != "push sent 1" {
		t.Errorf("deliveries: %s", got)
	}
	w.notice(notice.Call)
	w.step(1)
	if m := work.Shown()[1]; m.Urgency != "high" || !strings.Contains(string(m.Plain), `"urgent":true`) {
		t.Errorf("a call that cannot wait: %+v", m)
	}
	if by, err := w.Try(t.Context(), w.anna); err != nil || len(by) != 1 || len(home.Shown()) != 3 || !strings.Contains(string(home.Shown()[2].Plain), "доходят") {
		t.Errorf("Try = %v, %v", by, err)
	}
	for _, a := range w.addresses(w.anna) {
		must(t, w.Drop(t.Context(), w.anna, a.ID))
	}
	w.notice(notice.Given)
	w.step(0)
}

// What ended is forgotten; its owner reads why, and nobody else is bothered.
func TestASubscriptionThatEndedIsForgotten(t *testing.T) {
	t.Parallel()
	w, srv := browsing(t)
	b, other := w.add(srv, w.anna, "Firefox, Windows"), w.add(srv, w.anna, "Chrome, Android")
	b.Unsubscribe()
	w.notice(notice.Given)
	w.step(1)
	w.step(1) // the news of it, for the browser that is left
	if got := w.states(); got != "push sent 2" {
		t.Errorf("deliveries: %s: the other browser took it", got)
	}
	list := w.addresses(w.anna)
	if list[0].State != notice.Broken || list[0].To != "" || !strings.Contains(list[0].Why, "больше не принимает") || list[1].State != notice.Good {
		t.Fatalf("addresses %+v", list)
	}
	if n := len(other.Shown()); n != 2 || !strings.Contains(string(other.Shown()[1].Plain), "Не доходят уведомления: браузер") {
		t.Errorf("the other browser shows %d", n)
	}
	told, err := w.db.Reader().Notices().Notices(t.Context(), w.anna, notice.Filter{Kind: notice.System, Limit: 9})
	must(t, err)
	admin, err := w.db.Reader().Notices().Notices(t.Context(), w.boss, notice.Filter{Kind: notice.System, Limit: 9})
	must(t, err)
	if len(told) != 1 || len(admin) != 0 {
		t.Errorf("its owner is told %d times, the administrator %d", len(told), len(admin))
	}
	if tr, err := w.db.Reader().Posts().Trouble(t.Context(), scope.All(), time.Time{}); err != nil || len(tr.Broken) != 0 {
		t.Errorf("the administrator sees %+v, %v: nothing of it can be mended", tr.Broken, err)
	}
	w.now = w.now.Add(time.Hour)
	w.add(srv, w.anna, "Firefox, Windows") // the same browser, subscribed anew
	if list := w.addresses(w.anna); len(list) != 2 || list[0].Label != "Chrome, Android" || list[1].State != notice.Good {
		t.Errorf("addresses %+v", list)
	}
	other.Unsubscribe()
	if _, err := w.Try(t.Context(), w.anna); !fault.Is(err, fault.Unavailable) || !strings.Contains(fault.Sentence(err), "браузер") {
		t.Errorf("Try = %v", err)
	}
	if list := w.addresses(w.anna); list[0].State != notice.Broken || list[0].To != "" {
		t.Errorf("a trial that is refused for good leaves %+v", list[0])
	}
}

func TestAPushServiceIsAskedAgainWhenItSays(t *testing.T) {
	t.Parallel()
	w, srv := browsing(t)
	b := w.add(srv, w.anna, "Firefox, Windows")
	srv.Answer(func(asked int, _ *pushtest.Browser) (int, string) {
		return []int{0, 429, pushtest.Hang, 503, 0}[min(asked, 4)], "600"
	})
	w.notice(notice.Given)
	w.step(1)
	w.now = w.now.Add(9 * time.Minute)
	w.step(0)
	w.now = w.now.Add(time.Minute)
	w.step(1) // it is taken, and nobody says so
	if len(b.Shown()) != 1 || w.states() != "push waiting 1" {
		t.Errorf("came %d, %s", len(b.Shown()), w.states())
	}
	w.now = w.now.Add(time.Hour)
	ch := w.Channels[notice.Push]
	w.restart() // the process ended meanwhile
	w.Channels[notice.Push] = ch
	w.step(1)
	w.now = w.now.Add(time.Hour)
	w.step(1)
	var tags []string
	for _, m := range b.Shown() {
		var shown struct{ Tag string }
		must(t, json.Unmarshal(m.Plain, &shown))
		tags = append(tags, shown.Tag)
	}
	if len(tags) != 2 || tags[0] != tags[1] || w.states() != "push sent 1" {
		t.Errorf("came %v, %s: twice rather than never, and one on the screen", tags, w.states())
	}
}

func TestABrowserIsOnePersons(t *testing.T) {
	t.Parallel()
	w, srv := browsing(t)
	b := w.add(srv, w.anna, "Firefox, Windows")
	w.now = w.now.Add(time.Hour)
	must(t, w.AddBrowser(t.Context(), w.anna, b.Browser, "", "  Firefox,\r\n Windows\x00 "))
	if list := w.addresses(w.anna); len(list) != 1 || list[0].Label != "Firefox, Windows" || !list[0].At.Equal(noon) {
		t.Errorf("the same one again: %+v", list)
	}
	must(t, w.AddBrowser(t.Context(), w.boss, b.Browser, "", "")) // somebody else sits there now
	if mine, theirs := w.addresses(w.anna), w.addresses(w.boss); len(mine) != 0 || len(theirs) != 1 || theirs[0].Label != "браузер" {
		t.Errorf("%+v and %+v", mine, theirs)
	}
	if err := w.Drop(t.Context(), w.anna, w.addresses(w.boss)[0].ID); !fault.Is(err, fault.NotFound) {
		t.Errorf("somebody else drops it: %v", err)
	}
	// The push service moved it: the old address gives way, of its owner alone.
	now := srv.Subscribe(w.PushKey())
	must(t, w.AddBrowser(t.Context(), w.anna, now.Browser, b.Endpoint, "Firefox"))
	if len(w.addresses(w.boss)) != 1 {
		t.Error("an endpoint of somebody else's was taken away by its name")
	}
	next := srv.Subscribe(w.PushKey())
	must(t, w.AddBrowser(t.Context(), w.anna, next.Browser, now.Endpoint, "Firefox"))
	if list := w.addresses(w.anna); len(list) != 1 || list[0].To != next.To() {
		t.Errorf("after the move %+v", list)
	}
	for range 9 {
		w.add(srv, w.anna, "Chrome")
	}
	if err := w.AddBrowser(t.Context(), w.anna, srv.Subscribe(w.PushKey()).Browser, "", "Chrome"); !fault.Is(err, fault.Conflict) || !strings.Contains(fault.Sentence(err), "десять") {
		t.Errorf("the eleventh = %v", err)
	}
	must(t, w.AddBrowser(t.Context(), w.anna, next.Browser, "", strings.Repeat("я", 500))) // one that stands is no eleventh
	if list := w.addresses(w.anna); len(list) != 10 || len([]rune(list[0].Label)) != 60 {
		t.Errorf("%d addresses, the first is called %q", len(list), list[0].Label)
	}
	bad := next.Browser
	bad.Auth = "нет"
	if err := w.AddBrowser(t.Context(), w.anna, bad, "", ""); !fault.Is(err, fault.Invalid) || fault.Sentence(err) == "" {
		t.Errorf("no subscription = %v", err)
	}
	delete(w.Channels, notice.Push)
	if err := w.AddBrowser(t.Context(), w.anna, next.Browser, "", ""); !fault.Is(err, fault.Conflict) || w.PushKey() != "" {
		t.Errorf("a channel that is off = %v", err)
	}
}
