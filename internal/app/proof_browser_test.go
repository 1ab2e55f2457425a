package app_test

import (
	"net/http/httptest"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"otklik/internal/config"
)

// TestTheBrowserDoesTheTask: the second report of an address is asked for a task, the browser
// computes it beside the page, and the report is filed without a person's look.
func TestTheBrowserDoesTheTask(t *testing.T) {
	w := newWindow(t, func(c *config.Config) { c.Shield.Address = 1 })
	srv := httptest.NewServer(w.handler)
	t.Cleanup(srv.Close)
	ctx := chromium(t, 2*time.Minute)
	do := func(a ...chromedp.Action[chromedp.Void]) {
		t.Helper()
		if err := chromedp.Do(ctx, a...); err != nil {
			t.Fatal(err)
		}
	}
	press := func(selector string) chromedp.Action[chromedp.Void] { return chromedp.Click(chromedp.CSS(selector)) }
	fill := func(text string) {
		t.Helper()
		do(chromedp.Navigate(srv.URL+"/report"), chromedp.WaitVisible(chromedp.CSS("#text")), chromedp.SendKeys(chromedp.CSS("#text"), text), press("button[value=where]"),
			chromedp.WaitVisible(chromedp.CSS("#address")), press("button[value=who]"), chromedp.WaitVisible(chromedp.CSS("#contact")), press("button[value=file]"))
	}
	fill(pitText)
	do(chromedp.WaitVisible(chromedp.CSS("[data-filed]")))
	fill("В Абакане на улице Пушкина у дома 10 третий день не горят фонари")
	do(chromedp.WaitVisible(chromedp.CSS("#task")))
	barriers(t, ctx, "report-task")
	if _, err := chromedp.Run(ctx, chromedp.Evaluate[bool](`new Promise(done => { const look = () => document.querySelector("#task [name=altcha]").value ? done(true) : setTimeout(look, 20); look(); })`, chromedp.EvalAwaitPromise)); err != nil {
		t.Fatalf("the task is not done: %v", err)
	}
	do(press("button[value=file]"), chromedp.WaitVisible(chromedp.CSS("[data-filed]")))
	rows := w.queue(t)
	if len(rows) != 2 {
		t.Fatalf("%d incidents, want 2", len(rows))
	}
	if got := w.Shield.Counts(); got["asked"] != 1 || got["passed"] != 2 || got["suspected"] != 0 {
		t.Errorf("the shield counts %v, want one asked, two passed, none suspected", got)
	}
}
