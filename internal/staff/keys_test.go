package staff_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"otklik/internal/desk"
	"otklik/internal/live"
	"otklik/internal/staff"
)

// within runs actions that must end soon.
func within(t *testing.T, ctx context.Context, what string, actions ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	soon, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	if err := chromedp.Do(soon, actions...); err != nil {
		t.Fatalf("%s: %v", what, err)
	}
}

func value[T any](t *testing.T, ctx context.Context, js string) T {
	t.Helper()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](js))
	if err != nil {
		t.Fatalf("%s: %v", js, err)
	}
	return v
}

// The operator's shift: keys move through the queue, what is new is announced
// and moves nothing, one key accepts and goes on with the next.
func TestShiftByKeyboard(t *testing.T) {
	w := newWorld(t)
	base := serve(t, w)
	ctx := browser(t)
	signIn(t, ctx, base, "operator")
	within(t, ctx, "viewport", chromedp.EmulateViewport(1280, 800), chromedp.Navigate(base+"/desk?state=new"))
	within(t, ctx, "the first opens by itself", chromedp.WaitVisible(chromedp.CSS("#item .case[data-case='1']")))
	within(t, ctx, "j", chromedp.KeyEvent("j"), chromedp.WaitVisible(chromedp.CSS("#item .case[data-case='2']")))
	within(t, ctx, "k goes back", chromedp.KeyEvent("k"), chromedp.WaitVisible(chromedp.CSS("#item .case[data-case='1']")))

	within(t, ctx, "Enter opens the page", chromedp.KeyEvent("\r"), chromedp.WaitVisible(chromedp.CSS(".case-back[href='/desk?state=new']")))
	within(t, ctx, "back in the same queue", chromedp.Click(chromedp.CSS(".case-back")), chromedp.WaitVisible(chromedp.CSS("#item .case[data-case='1']")))
	within(t, ctx, "j, space ticks the row", chromedp.KeyEvent("j"), chromedp.KeyEvent(" "), chromedp.WaitReady(chromedp.CSS(".row[data-id='2'] input:checked")))
	within(t, ctx, "the count", chromedp.WaitVisible(chromedp.CSS(".bulk-bar")))
	if got := value[string](t, ctx, `document.querySelector(".bulk-legend").textContent`); got != "С отмеченными: 1" {
		t.Errorf("the bar says %q", got)
	}
	within(t, ctx, "Enter in «Кому» hands over", chromedp.Click(chromedp.CSS(".bulk-bar input[name=agency]")), chromedp.SendKeys(chromedp.CSS(".bulk-bar input[name=agency]"), "теплосети\r"), chromedp.WaitVisible(chromedp.CSS(".said-good")))
	if got, want := w.desk.last(), (desk.HandOver{Agency: 2}); got != want {
		t.Errorf("Enter in the bar did %#v, want %#v", got, want)
	}
	within(t, ctx, "back at the first", chromedp.Navigate(base+"/desk?state=new"), chromedp.WaitVisible(chromedp.CSS("#item .case[data-case='1']")))

	// Live: a change marks its row, new ones are announced; the list stays as it is.
	before := value[string](t, ctx, `[...document.querySelectorAll(".row")].map(r => r.dataset.id).join()`)
	w.mu.Lock()
	w.incidents[47].OpenedAt, w.incidents[47].State = clock.Add(time.Minute), w.incidents[0].State
	place := w.incidents[0].Place
	w.mu.Unlock()
	deadline := time.Now().Add(10 * time.Second)
	for time.Now().Before(deadline) && !value[bool](t, ctx, `!!document.querySelector(".row-changed") && !!document.querySelector(".fresh-line")`) {
		w.hub.Publish(live.Event{Incident: 10, Version: 9, Place: place})
		w.hub.Publish(live.Event{Incident: 48, Version: 1, Opened: true, Place: place})
		within(t, ctx, "wait", chromedp.Sleep(100*time.Millisecond))
	}
	if got := value[string](t, ctx, `document.querySelector(".fresh-line")?.textContent.replace(/\s+/g, " ").trim() ?? ""`); !strings.HasPrefix(got, "1 новое — показать") {
		t.Errorf("the quiet line says %q", got)
	}
	if got := value[string](t, ctx, `document.querySelector(".row-changed")?.dataset.id ?? ""`); got != "10" {
		t.Errorf("the changed row is %q, want 10", got)
	}
	if after := value[string](t, ctx, `[...document.querySelectorAll(".row")].map(r => r.dataset.id).join()`); after != before {
		t.Error("a live update moved the list")
	}

	within(t, ctx, "? shows the keys", chromedp.KeyEvent("?"), chromedp.WaitVisible(chromedp.CSS("#keys")))
	within(t, ctx, "Esc hides them", chromedp.KeyEvent("\u001b"), chromedp.WaitNotVisible(chromedp.CSS("#keys")))
	within(t, ctx, "x goes to the reason", chromedp.KeyEvent("x"), chromedp.WaitVisible(chromedp.CSS("#x-reason:focus")))
	within(t, ctx, "Esc leaves the field", chromedp.KeyEvent("\u001b"), chromedp.WaitReady(chromedp.CSS("body:not(:has(#x-reason:focus))")))
	within(t, ctx, "a accepts and the next opens", chromedp.KeyEvent("a"), chromedp.WaitVisible(chromedp.CSS(".said-good")), chromedp.WaitVisible(chromedp.CSS("#item .case[data-case='2']")))
	if got, want := w.desk.last(), (desk.Accept{HandOver: true}); got != want {
		t.Errorf("a did %#v, want %#v", got, want)
	}
	within(t, ctx, "/ goes to the search", chromedp.KeyEvent("/"), chromedp.WaitVisible(chromedp.CSS("#q:focus")))

	// A draft stays in this browser until the reply is taken.
	within(t, ctx, "a draft", chromedp.Navigate(base+"/desk/incidents/3"), chromedp.KeyEvent("r"), chromedp.WaitVisible(chromedp.CSS("#reply-text:focus")))
	value[string](t, ctx, `document.querySelector("#reply-text").value = ""`) // the driver types the key although the page took it
	within(t, ctx, "type and reload", chromedp.SendKeys(chromedp.CSS("#reply-text"), "Вывезут"), chromedp.Reload(), chromedp.WaitVisible(chromedp.CSS("#reply-text")))
	if got := value[string](t, ctx, `document.querySelector("#reply-text").value`); got != "Вывезут" {
		t.Errorf("after a reload the draft is %q", got)
	}
	if got := value[string](t, ctx, `document.querySelector("#reply-count").textContent`); got != "7" {
		t.Errorf("counted %q characters, want 7", got)
	}
	// By the key: what the draft is told of itself comes while one aims, and moves the button.
	within(t, ctx, "send", chromedp.Focus(chromedp.CSS("[formaction$='/answer']")), chromedp.KeyEvent("\r"), chromedp.WaitVisible(chromedp.CSS(".said-good")))
	if got := value[int](t, ctx, `Object.keys(localStorage).length`); got != 0 {
		t.Errorf("%d drafts are left after sending", got)
	}
	within(t, ctx, "show the author", chromedp.Navigate(base+"/desk/incidents/1"), chromedp.Click(chromedp.CSS("#author-1 button")), chromedp.WaitVisible(chromedp.CSS("#author-1 .author-shown")))
}

// A moving map needs WebGL, which a browser without a screen may lack. The drawn
// map stands either way, and the page's own policy refuses nothing that it loads.
func TestMovingMapLeavesTheDrawnOne(t *testing.T) {
	const style = `{"version":8,"sources":{"s":{"type":"geojson","data":{"type":"Polygon","coordinates":[[[80,50],[100,50],[100,60],[80,60],[80,50]]]}}},
		"layers":[{"id":"l","type":"fill","source":"s","paint":{"fill-color":"#88aa88"}}]}`
	w := newWorld(t)
	pages := w.handler
	w.handler = http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/style.json" {
			rw.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(rw, style)
			return
		}
		pages.ServeHTTP(rw, r)
	})
	w.staff.Tiles = staff.Tiles{PMTiles: "/none.pmtiles"}
	base := serve(t, w)
	ctx := browser(t)
	if _, err := chromedp.Call(ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{
		Source: `window.refused = []; window.addEventListener("error", e => refused.push(e.message)); document.addEventListener("securitypolicyviolation", e => refused.push(e.violatedDirective + " " + e.blockedURI))`}); err != nil {
		t.Fatal(err)
	}
	signIn(t, ctx, base, "operator")
	within(t, ctx, "open", chromedp.Navigate(base+"/desk/incidents/1"), chromedp.WaitVisible(chromedp.CSS(".map svg")), chromedp.WaitReady(chromedp.CSS("link[href*='maplibre']")), chromedp.Sleep(500*time.Millisecond))
	if refused := value[string](t, ctx, `refused.join("; ")`); refused != "" {
		t.Errorf("the page refuses its own map: %s", refused)
	}
	if got := value[bool](t, ctx, `!!document.querySelector(".map svg") && !document.querySelector(".map-on")`); !got {
		t.Error("a map without tiles covers the drawn one")
	}
	if !value[bool](t, ctx, `!!document.createElement("canvas").getContext("webgl2")`) {
		t.Skip("this browser has no WebGL: the moving map itself was not seen")
	}
	w.staff.Tiles = staff.Tiles{Style: "/style.json"}
	within(t, ctx, "the moving map is shown", chromedp.Navigate(base+"/desk/incidents/1"), chromedp.WaitVisible(chromedp.CSS(".map-on canvas")))
	if refused := value[string](t, ctx, `refused.join("; ")`); refused != "" {
		t.Errorf("the page refuses its own map: %s", refused)
	}
}
