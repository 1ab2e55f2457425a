package staff_test

import (
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"golang.org/x/net/html"

	"otklik/internal/desk"
	"otklik/internal/fault"
	"otklik/internal/reply"
)

const toAll = "/desk/incidents/1/reply-all"

func words(text string, more ...string) url.Values {
	v := url.Values{"text": {text}, "version": {"3"}}
	for k := 0; k+1 < len(more); k += 2 {
		v.Set(more[k], more[k+1])
	}
	return v
}

// What is sent is what was looked at: every wording, how many go where, what is by hand.
func TestReplyToAllIsLookedAtFirst(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.crowd(0)
	v := w.as(t, "curator")
	const says = "Здравствуйте! По обращению {{номер}}: свет вернётся {{срок}}, меняем кабель."
	form := words(says, "due", "до 25 ноября", "at", "2026-11-22T18:30", "auto", "1")
	p := parse(t, v.post(toAll+"/preview", form))
	if got := text(p, "#preview"); !strings.Contains(got, "11 веток") || !strings.Contains(got, "телефон — 1") || !strings.Contains(got, "свет вернётся до 25 ноября") ||
		!strings.Contains(got, "Вручную: 1") || !strings.Contains(got, "22 ноября, 18:30") || !strings.Contains(got, "из 100") {
		t.Errorf("the preview says %q", got)
	}
	if n := len(all(p, "#preview .preview-text")); n != 1 {
		t.Errorf("%d wordings, want 1", n)
	}
	if attr(p, "[name=at]", "value") != "2026-11-22T18:30" || attr(p, "[name=due]", "value") != "до 25 ноября" || text(p, "#all-text") != says || len(all(p, "[name=auto][checked]")) != 1 {
		t.Error("what was typed is lost")
	}
	seen := attr(p, "button[name=seen]", "value")
	if r := v.post(toAll, words(says, "due", "до 26 ноября", "seen", seen)); r.StatusCode != 200 || w.desk.last() != nil {
		t.Fatalf("what was not looked at = %d, and the desk did %#v", r.StatusCode, w.desk.last())
	}
	form.Set("seen", seen)
	if r := v.post(toAll, form); r.StatusCode != 303 || r.Header.Get("Location") != toAll {
		t.Fatalf("the start = %d %s", r.StatusCode, r.Header.Get("Location"))
	}
	want := desk.FanOut{Text: says, Due: "до 25 ноября", At: time.Date(2026, 11, 22, 11, 30, 0, 0, time.UTC), Auto: true}
	if w.desk.last() != want {
		t.Errorf("the desk did %#v, want %#v", w.desk.last(), want)
	}
	if got := text(v.page(toAll), ".said-good, .toast, [role=status]"); !strings.Contains(got, "11 веток") {
		t.Errorf("after the start the page says %q", got)
	}
}

func TestReplyToAllThatCannotGo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.crowd(0)
	v := w.as(t, "curator")
	for want, form := range map[string]url.Values{
		"пустой отправить нельзя":      words(" "),
		"Имени автора в рассылке нет":  words("Здравствуйте, {{имя}}!"),
		"Такой переменной нет: погода": words("Погода {{погода}}"),
		"скобках":                               words("Свет {{ дадут"),
		"срок не указан":                        words("Свет дадут {{срок}}."),
		"Такой даты и времени нет":              words("Свет дадут завтра.", "at", "2026-02-31T10:00"),
		"Время отправки уже прошло":             words("Свет дадут завтра.", "at", "2026-11-22T17:39"),
		"С подставленными значениями ответ дли": words(strings.Repeat("я", 3990) + " {{номер}}"),
	} {
		p := parse(t, v.post(toAll+"/preview", form))
		if got := text(p, "#preview .said-bad"); !strings.Contains(got, want) && want != "скобках" || got == "" {
			t.Errorf("%v: the page says %q, want %q", form, got, want)
		}
		if len(all(p, "button[name=seen]")) != 0 {
			t.Errorf("%v can be sent all the same", form)
		}
	}
	// What the desk refuses comes back with what was typed.
	form := words("Свет дадут завтра, кабель меняем.")
	form.Set("seen", attr(parse(t, v.post(toAll+"/preview", form)), "button[name=seen]", "value"))
	w.desk.fail = fault.New(fault.Invalid, "lint").At("override_reason").Say("Ответ похож на отписку: 20 из 100.")
	r := v.post(toAll, form)
	if p := parse(t, r); r.StatusCode != 422 || !strings.Contains(text(p, ".said-bad"), "похож на отписку") || text(p, "#all-text") != form.Get("text") {
		t.Errorf("a refusal = %d %q", r.StatusCode, text(p, ".said-bad"))
	}
}

// Who does not speak to a thousand writes for approval; who approves finds the words.
func TestReplyToAllIsApproved(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.crowd(0)
	w.incidents[0].Place.Agency = 1
	v := w.as(t, "executor")
	p := parse(t, v.post(toAll+"/preview", words("Свет дадут {{срок}}.", "due", "завтра")))
	if len(all(p, "button[name=seen]")) != 0 || len(all(p, "button[formaction$='/submit']")) != 1 {
		t.Error("an executor is offered to send, or not to ask for approval")
	}
	v.post(toAll+"/submit", words("Свет дадут {{срок}}.", "due", "завтра"))
	if got, ok := w.desk.last().(desk.Submit); !ok || got.Text != "Свет дадут завтра." {
		t.Errorf("the desk did %#v", w.desk.last())
	}
	if r := v.post(toAll, words("Свет дадут завтра.")); r.StatusCode != 403 {
		t.Errorf("an executor starts it = %d", r.StatusCode)
	}
	w.replies = append(w.replies, reply.Reply{ID: 70, Incident: 1, State: reply.Draft, Text: "По {{адрес|вашему адресу}} свет дадут завтра.", By: w.accounts[0].ID, CreatedAt: clock, Place: w.incidents[0].Place})
	p = w.as(t, "curator").page(toAll)
	if text(p, "#all-text") != "По {{адрес|вашему адресу}} свет дадут завтра." || attr(p, "[name=reply]", "value") != "70" {
		t.Errorf("the approver finds %q", text(p, "#all-text"))
	}
}

// How far it has come: what a person must see to is listed with what to do.
func TestProgressOfAReplyToAll(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.crowd(0)
	at := w.incidents[0].Place
	w.deliveries = []reply.Job{
		{ID: 31, Fanout: 5, Reply: 2, Incident: 1, Message: 900, State: reply.Unknown, Text: "Бригада выехала.", Note: "Площадка не ответила.", Place: at},
		{ID: 32, Fanout: 5, Reply: 2, Incident: 1, State: reply.Dead, Text: "Бригада выехала.", Note: "Комментарии закрыты.", Place: at},
		{ID: 33, Fanout: 5, Reply: 2, Incident: 1, State: reply.ByHand, Text: "Бригада выехала.", Note: "Отсюда ответы уходят вручную: телефон.", Place: at}}
	w.fanouts = []reply.Fanout{{ID: 5, Incident: 1, Reply: 2, State: reply.Running, MadeAt: clock}}
	w.progress = map[reply.FanoutID]reply.Progress{5: {All: 10, Sent: 6, Proven: 6, Waiting: 1, Unknown: 1, Failed: 1, Hand: 1}}
	v := w.as(t, "curator")
	look := func(p *html.Node) {
		t.Helper()
		got := text(p, "#progress")
		for _, want := range []string{"рассылается", "Стоит в 6 из 10 веток", "Неизвестно, отправлено ли", "Комментарии закрыты", "Отсюда ответы уходят вручную"} {
			if !strings.Contains(got, want) {
				t.Errorf("the progress does not say %q", want)
			}
		}
		if n := len(all(p, "#progress button[value=stands]")); n != 2 {
			t.Errorf("%d can be said to stand, want the unknown one and the one by hand", n)
		}
		if n := len(all(p, "#progress button[value=resend]")); n != 2 {
			t.Errorf("%d can be sent again, want the unknown one and the failed one", n)
		}
		if attr(p, "#progress progress", "value") != "6" || attr(p, "#progress", "data-hx-get") != toAll+"/progress" {
			t.Error("the page does not look again by itself while it is under way")
		}
	}
	look(v.page(toAll))
	look(v.page(toAll + "/progress"))
	v.post("/desk/incidents/1/deliver", url.Values{"fanout": {"5"}, "do": {"pause"}, "back": {toAll}})
	if w.desk.last() != (desk.Halt{Fanout: 5, How: "pause"}) {
		t.Errorf("pause did %#v", w.desk.last())
	}
	w.fanouts[0].State, w.progress[5] = reply.Paused, reply.Progress{All: 10, Sent: 6, Held: 4}
	p := v.page(toAll)
	if len(all(p, "#progress button[value=resume]")) != 1 || attr(p, "#progress", "data-hx-get") != "" {
		t.Error("a paused one cannot be resumed, or the page asks on")
	}
	if n := len(all(w.as(t, "leader").page(toAll), "#progress form, #all-text")); n != 0 {
		t.Errorf("a leader has %d forms", n)
	}

	// One that waits for its hour can leave now or not at all.
	w.fanouts[0].State, w.progress[5] = reply.Running, reply.Progress{All: 10, Waiting: 10, Next: clock.Add(2 * time.Hour)}
	p = v.page(toAll)
	if got := text(p, "#progress"); !strings.Contains(got, "Следующий уйдёт 22 ноября, 19:40") || len(all(p, "#progress button[value=recall]")) != 1 || len(all(p, "#progress button[value=now]")) != 1 {
		t.Errorf("one for later: %q", got)
	}
}

func TestNotMassYet(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.as(t, "curator").page(toAll)
	if got := text(p, "main"); !strings.Contains(got, "не объявлен массовым") || len(all(p, "#all-text")) != 0 || len(all(p, "form[action='/desk/incidents/1/mass']")) != 1 {
		t.Errorf("the page says %q", got)
	}
}

// spreading shows the third incident with a reply to all that is under way.
func (w *world) spreading() {
	w.crowd(2)
	at := w.incidents[2].Place
	w.replies = append(w.replies, reply.Reply{ID: 80, Incident: 3, State: reply.Published, Text: "Свет на {{адрес|вашей улице}} вернётся до 25 ноября: меняем сгоревший кабель.", CreatedAt: clock, PublishedAt: clock, Place: at})
	w.fanouts = []reply.Fanout{{ID: 5, Incident: 3, Reply: 80, State: reply.Ended, MadeAt: clock.Add(-time.Hour)}}
	w.progress = map[reply.FanoutID]reply.Progress{5: {All: 11, Sent: 9, Proven: 9, Unknown: 1, Hand: 1}}
	w.deliveries = []reply.Job{
		{ID: 31, Fanout: 5, Reply: 80, Incident: 3, Message: 900, State: reply.Unknown, Text: "Свет на улице Мира вернётся до 25 ноября: меняем сгоревший кабель.", Note: "Площадка не ответила, и спросить её, принят ли ответ, нельзя.", Place: at},
		{ID: 33, Fanout: 5, Reply: 80, Incident: 3, State: reply.ByHand, Text: "Свет на вашей улице вернётся до 25 ноября: меняем сгоревший кабель.", Note: "Отсюда ответы уходят вручную: телефон.", Place: at}}
}

// By keyboard alone, on a phone: type, look at what people will read, send.
func TestReplyToAllInABrowser(t *testing.T) {
	w := newWorld(t)
	w.spreading()
	w.fanouts, w.deliveries = nil, nil
	base := serve(t, w)
	ctx := browser(t)
	signIn(t, ctx, base, "curator")
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(390, 844), chromedp.Navigate(base+"/desk/incidents/3/reply-all"), chromedp.WaitReady(chromedp.CSS("#all-text")),
		chromedp.SendKeys(chromedp.CSS("#all-text"), "Свет дадут {{срок}}, кабель уже меняют."), chromedp.SendKeys(chromedp.CSS("#all-due"), "завтра"+kb.Enter),
		chromedp.WaitReady(chromedp.CSS("#preview"))); err != nil {
		t.Fatal(err)
	}
	for _, v := range violations(t, ctx) {
		t.Errorf("%s: %s", v.ID, v.Help)
	}
	if wide := value[bool](t, ctx, `document.documentElement.scrollWidth > document.documentElement.clientWidth`); wide {
		t.Error("the page scrolls sideways")
	}
	if shots := os.Getenv("OTKLIK_SHOTS"); shots != "" {
		png, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
		if err != nil || os.WriteFile(filepath.Join(shots, "reply-all-preview.png"), png, 0o644) != nil {
			t.Fatal(err)
		}
	}
	if err := chromedp.Do(ctx, chromedp.Focus(chromedp.CSS("button[name=seen]")), chromedp.KeyEvent(kb.Enter), chromedp.WaitReady(chromedp.CSS(".said-good"))); err != nil {
		t.Fatal(err)
	}
	if got, ok := w.desk.last().(desk.FanOut); !ok || got.Due != "завтра" {
		t.Errorf("the desk did %#v", w.desk.last())
	}
}

// A machine's draft goes to all when somebody answers for it; the mark stands beside the draft.
func TestAMachinesDraftToAllWaitsForAPerson(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.crowd(0)
	v := w.as(t, "curator")
	form := words("Слова машины.")
	p := parse(t, v.post(toAll+"/preview", form))
	if len(all(p, "[name=accepted]")) != 0 {
		t.Error("the page asks about a machine before anything was refused")
	}
	form.Set("seen", attr(p, "button[name=seen]", "value"))
	w.desk.fail = fault.New(fault.Invalid, "unchanged").At("accepted").Say("Это черновик машины без единой правки.")
	for _, path := range []string{toAll, toAll + "/submit"} {
		res := v.post(path, form)
		p = parse(t, res)
		if res.StatusCode != 422 || !strings.Contains(text(p, ".said-bad"), "черновик машины") || len(all(p, "[name=accepted]:not([checked])")) != 1 || text(p, "#all-text") != "Слова машины." {
			t.Errorf("%s = %d %q, no place to answer for the words", path, res.StatusCode, text(p, ".said-bad"))
		}
	}
	w.desk.fail = nil
	form.Set("accepted", "1")
	if p = parse(t, v.post(toAll+"/preview", form)); len(all(p, "[name=accepted][checked]")) != 1 {
		t.Error("another look forgets what was said")
	}
	v.post(toAll, form)
	if got, ok := w.desk.last().(desk.FanOut); !ok || !got.Accepted {
		t.Errorf("the desk did %#v", w.desk.last())
	}
	v.post(toAll+"/submit", form)
	if got, ok := w.desk.last().(desk.Submit); !ok || !got.Accepted {
		t.Errorf("the desk did %#v", w.desk.last())
	}
}
