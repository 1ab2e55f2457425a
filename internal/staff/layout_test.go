package staff_test

import (
	"testing"

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
