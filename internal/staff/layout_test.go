package staff_test

import (
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// On a phone the executor meets the message, then what is asked, then the reply;
// the forms that change the case stand behind it. On a wide screen the decision
// stands beside the message.
func TestOnAPhoneTheReplyComesBeforeTheForms(t *testing.T) {
	w := newWorld(t)
	base := serve(t, w)
	ctx := browser(t)
	signIn(t, ctx, base, "operator")
	top := func(sel string) float64 {
		return value[float64](t, ctx, `document.querySelector("`+sel+`").getBoundingClientRect().top`)
	}
	within(t, ctx, "a phone", chromedp.EmulateViewport(390, 844), chromedp.Navigate(base+"/desk/incidents/4"), chromedp.WaitVisible(chromedp.CSS("#reply-text")))
	order := []string{"#messages-title", "#decision-title", ".main-deeds form", "#reply-title", "#reply-text", "#c-topic", "#h-agency", "#history-title"}
	for n := 1; n < len(order); n++ {
		if above, below := top(order[n-1]), top(order[n]); above >= below {
			t.Errorf("at 390 px %s (%.0f) does not stand above %s (%.0f)", order[n-1], above, order[n], below)
		}
	}
	within(t, ctx, "a desk", chromedp.EmulateViewport(1280, 800), chromedp.WaitVisible(chromedp.CSS("#c-topic")))
	if m, d := top("#messages-title"), top("#decision-title"); m-d > 2 || d-m > 2 {
		t.Errorf("at 1280 px the decision (%.0f) does not stand beside the message (%.0f)", d, m)
	}
	if reply, form := top("#reply-title"), top("#c-topic"); form >= reply+400 {
		t.Errorf("at 1280 px the form (%.0f) waits for the reply (%.0f)", form, reply)
	}
}

// At 200 % a desk of 1280 px is 640 CSS pixels wide: nothing scrolls sideways, and
// no button or field is cut.
func TestAtTwiceTheSizeNothingIsCut(t *testing.T) {
	w := newWorld(t)
	base := serve(t, w)
	ctx := browser(t)
	signIn(t, ctx, base, "curator")
	for _, path := range []string{"/desk", "/desk/incidents/1", "/desk/incidents/6", "/desk/cards/new", "/desk/topics?topic=" + potholes} {
		within(t, ctx, path, chromedp.EmulateViewport(640, 400), chromedp.Navigate(base+path), chromedp.WaitVisible(chromedp.CSS("#main")))
		if wide := value[int](t, ctx, `document.documentElement.scrollWidth - document.documentElement.clientWidth`); wide > 0 {
			t.Errorf("%s scrolls %d px sideways", path, wide)
		}
		if cut := value[string](t, ctx, `[...document.querySelectorAll("main button, main input:not([type=hidden]), main select, main textarea, main h1")]
			.filter(e => e.checkVisibility() && !e.closest(".visually-hidden, .search"))
			.filter(e => { const r = e.getBoundingClientRect(); return r.width > 0 && (r.left < -1 || r.right > 641) })
			.map(e => e.tagName + "#" + e.id + "." + e.name).join(" ")`); cut != "" {
			t.Errorf("%s cuts %s", path, cut)
		}
	}
}

// Paper shows the case and no more: what was said, done and answered.
func TestPaperShowsTheCaseAndNoMore(t *testing.T) {
	w := newWorld(t)
	base := serve(t, w)
	ctx := browser(t)
	signIn(t, ctx, base, "curator")
	if _, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print"}); err != nil {
		t.Fatal(err)
	}
	within(t, ctx, "print", chromedp.EmulateViewport(794, 1123), chromedp.Navigate(base+"/desk/incidents/1"), chromedp.WaitVisible(chromedp.CSS("#messages-title")))
	shown := value[string](t, ctx, `[...document.querySelectorAll("button, input:not([type=hidden]), select, textarea, summary, nav")].filter(e => e.checkVisibility()).map(e => e.tagName + "." + e.className + " " + e.textContent.trim().slice(0, 20)).join("; ")`)
	if shown != "" {
		t.Errorf("on paper stand %s", shown)
	}
	for _, sel := range []string{".message-text", ".reply .message-text", "#history-title", ".case-number"} {
		if !value[bool](t, ctx, `!!document.querySelector("`+sel+`")?.checkVisibility()`) {
			t.Errorf("%s is missing on paper", sel)
		}
	}
}
