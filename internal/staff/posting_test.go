package staff_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"otklik/internal/fault"
	"otklik/internal/notice"
)

// reached gives the operator addresses of all sorts, and an administrator trouble to see.
func (w *world) reached() {
	w.addresses = []notice.Address{
		{ID: 1, Account: 1, Channel: notice.Mail, Label: "i…@example.ru", State: notice.Good},
		{ID: 2, Account: 1, Channel: notice.Mail, Label: "s…@example.ru", State: notice.Unproved, CodeUntil: clock.AddDate(0, 0, 1)},
		{ID: 3, Account: 1, Channel: notice.Telegram, Label: "Telegram", State: notice.Broken, Why: "Бот остановлен. Запустите его снова."},
		{ID: 5, Account: 1, Channel: notice.Push, Label: "Firefox, Windows", State: notice.Good, To: notice.Browser{Endpoint: "https://push.example.net/1"}.To(), At: clock.AddDate(0, 0, -2)},
		{ID: 6, Account: 1, Channel: notice.Push, Label: "Chrome, Android", State: notice.Broken, Why: "Браузер больше не принимает уведомления."},
		{ID: 4, Account: 12, Channel: notice.Mail, Label: "o…@example.ru", State: notice.Good},
	}
	w.trouble = notice.Trouble{Broken: w.addresses[2:3], By: []notice.Count{{Channel: notice.Mail, State: notice.Sent, N: 12}, {Channel: notice.Telegram, State: notice.Dead, N: 2, Error: "Адрес больше не принимает уведомления."}}}
}

func TestWhatAndWhereToSend(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.reached()
	v := w.as(t, "operator")
	p := v.page("/desk/notices/settings")
	got := text(p, "main")
	for _, want := range []string{"i…@example.ru", "подтверждён", "Код из письма", "Бот остановлен", "Вернули на доработку", "Тихие часы", "ни слов жителей"} {
		if !strings.Contains(got, want) {
			t.Errorf("the page lacks «%s»: %s", want, got)
		}
	}
	if strings.Contains(got, "o…@example.ru") || strings.Contains(got, "Как работают способы") {
		t.Error("an operator sees other people's addresses or the administrator's part")
	}
	form := url.Values{"by.call.mail": {"1"}, "by.given.telegram": {"1"}, "by.pigeon.mail": {"1"}, "quiet_from": {"23"}, "quiet_to": {"7"}, "digest": {"morning"}, "digest_hour": {"9"}, "digest_by": {"mail"}}
	if r := v.post("/desk/notices/settings/choose", form); r.StatusCode != 303 {
		t.Fatalf("choose = %d", r.StatusCode)
	}
	c := w.chosen[1]
	if !c.Wants(notice.Call, notice.Mail) || c.Wants(notice.Call, notice.Telegram) || !c.Wants(notice.Given, notice.Telegram) || c.Wants(notice.Deadline, notice.Mail) || c.QuietFrom != 23 || c.Digest != notice.Morning {
		t.Errorf("chosen %+v", c)
	}
	p = v.page("/desk/notices/settings")
	if len(all(p, "[name='by.call.mail'][checked]")) != 1 || len(all(p, "[name='by.deadline.mail'][checked]")) != 0 || attr(p, "#q-from option[selected]", "value") != "23" {
		t.Error("the form does not show what was chosen")
	}
	for name, bad := range map[string]string{"quiet_from": "99", "digest_hour": "x", "digest": "weekly", "digest_by": "pigeon"} {
		wrong := url.Values{}
		for k, v := range form {
			wrong[k] = v
		}
		wrong.Set(name, bad)
		if r := v.post("/desk/notices/settings/choose", wrong); r.StatusCode != 422 {
			t.Errorf("%s=%s → %d, want 422", name, bad, r.StatusCode)
		}
	}
	for deed, form := range map[string]url.Values{"mail": {"mail": {"x@example.ru"}}, "prove": {"address": {"2"}, "code": {" 123456 "}}, "drop": {"address": {"3"}}, "try": nil} {
		if r := v.post("/desk/notices/settings/"+deed, form); r.StatusCode != 303 {
			t.Errorf("%s = %d", deed, r.StatusCode)
		}
	}
	for _, want := range []string{"mail x@example.ru", "prove 2 123456", "drop 3", "try"} {
		if !slices.Contains(w.posting.deeds, want) {
			t.Errorf("done was %v, without %q", w.posting.deeds, want)
		}
	}
	if r := v.post("/desk/notices/settings/telegram", nil); r.StatusCode != 200 || w.posting.deeds[len(w.posting.deeds)-1] != "telegram" {
		t.Errorf("telegram = %d", r.StatusCode)
	}
	w.posting.err = fault.New(fault.Invalid, "no").Say("Это не адрес почты.")
	r := v.post("/desk/notices/settings/mail", url.Values{"mail": {"что-то"}})
	if r.StatusCode != 422 {
		t.Errorf("a bad address = %d", r.StatusCode)
	}
	if r := v.post("/desk/notices/settings/nonsense", nil); r.StatusCode != 404 {
		t.Errorf("an unknown deed = %d", r.StatusCode)
	}
	if got := text(w.as(t, "admin").page("/desk/notices/settings"), "main"); !strings.Contains(got, "Telegram: не отправлены 2") || !strings.Contains(got, "Ирина Соколова") {
		t.Errorf("the administrator reads %s", got)
	}
}
