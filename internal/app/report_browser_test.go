package app_test

import (
	"context"
	"encoding/json"
	"image"
	"image/color"
	"image/jpeg"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"otklik/internal/scope"
)

// chromium starts a browser, or skips.
func chromium(t *testing.T, most time.Duration) context.Context {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("Chromium is missing: apt-get install chromium")
	}
	opts := []chromedp.ExecAllocatorOption{chromedp.ExecPath(path)}
	for _, flag := range []string{"headless", "no-sandbox", "disable-gpu", "disable-quic", "no-first-run", "disable-background-networking", "disable-component-update", "disable-sync", "hide-scrollbars"} {
		opts = append(opts, chromedp.Flag(flag, true))
	}
	opts = append(opts, chromedp.Flag("user-data-dir", t.TempDir()), chromedp.Flag("lang", "ru"))
	limit, over := context.WithTimeout(t.Context(), most)
	alloc, stopAlloc := chromedp.NewExecAllocator(limit, opts...)
	ctx, stop := chromedp.NewContext(alloc)
	t.Cleanup(func() { stop(); stopAlloc(); over() })
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("start Chromium: %v", err)
	}
	return ctx
}

// barriers are what axe finds on the page, at both widths in both themes.
func barriers(t *testing.T, ctx context.Context, name string) {
	t.Helper()
	axe, err := os.ReadFile("../staff/testdata/axe/axe.min.js")
	if err != nil {
		t.Fatal(err)
	}
	for _, width := range []int64{1280, 390} {
		for _, theme := range []string{"light", "dark"} {
			if _, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
				Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: theme}, {Name: "prefers-reduced-motion", Value: "reduce"}}}); err != nil {
				t.Fatal(err)
			}
			if err := chromedp.Do(ctx, chromedp.EmulateViewport(width, 844)); err != nil {
				t.Fatal(err)
			}
			found, err := chromedp.Run(ctx, chromedp.Evaluate[string](string(axe)+`;axe.run(document, {runOnly: ["wcag2a","wcag2aa","wcag21a","wcag21aa","wcag22aa","best-practice"]}).then(r => JSON.stringify(r.violations))`, chromedp.EvalAwaitPromise))
			if err != nil {
				t.Fatalf("axe: %v", err)
			}
			var list []struct {
				ID    string                  `json:"id"`
				Help  string                  `json:"help"`
				Nodes []struct{ HTML string } `json:"nodes"`
			}
			if err := json.Unmarshal([]byte(found), &list); err != nil {
				t.Fatal(err)
			}
			for _, v := range list {
				t.Errorf("%s, %d, %s: %s: %s: %s", name, width, theme, v.ID, v.Help, v.Nodes[0].HTML)
			}
			wide, err := chromedp.Run(ctx, chromedp.Evaluate[string](`document.documentElement.scrollWidth <= document.documentElement.clientWidth ? "" : [...document.querySelectorAll("body *")].filter(e => e.getBoundingClientRect().right > document.documentElement.clientWidth).map(e => e.outerHTML.slice(0, 120)).join("; ")+" "+document.documentElement.scrollWidth`))
			if err != nil || wide != "" {
				t.Errorf("%s, %d: the page scrolls sideways: %s (%v)", name, width, wide, err)
			}
			if shots := os.Getenv("OTKLIK_SHOTS"); shots != "" {
				png, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
				if err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(filepath.Join(shots, name+"-"+map[int64]string{1280: "1280", 390: "390"}[width]+"-"+theme+".png"), png, 0o644); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
}

// keys are what a keyboard sends to whatever has the focus.
func keys(t *testing.T, ctx context.Context, list ...string) {
	t.Helper()
	for _, k := range list {
		if err := chromedp.Do(ctx, chromedp.KeyEvent(k)); err != nil {
			t.Fatal(err)
		}
	}
}

// tabTo presses Tab until the element has the focus.
func tabTo(t *testing.T, ctx context.Context, selector string) {
	t.Helper()
	for range 60 {
		if on, err := chromedp.Run(ctx, chromedp.Evaluate[bool](`document.activeElement.matches(`+"`"+selector+"`"+`)`)); err != nil {
			t.Fatal(err)
		} else if on {
			return
		}
		keys(t, ctx, "\t")
	}
	t.Fatalf("Tab never comes to %s", selector)
}

// TestAReportByKeyboard files a report with a photo, by keys alone, within a minute of
// scripted steps; axe looks at every step on the way.
func TestAReportByKeyboard(t *testing.T) {
	w := newWindow(t)
	srv := httptest.NewServer(w.handler)
	t.Cleanup(srv.Close)
	ctx := chromium(t, 4*time.Minute)
	photo := filepath.Join(t.TempDir(), "яма.jpg")
	out, err := os.Create(photo)
	if err != nil {
		t.Fatal(err)
	}
	img := image.NewRGBA(image.Rect(0, 0, 640, 480))
	for k := range img.Pix {
		img.Pix[k] = byte(k * 7)
	}
	img.Set(1, 1, color.White)
	if err := jpeg.Encode(out, img, nil); err != nil || out.Close() != nil {
		t.Fatal(err)
	}
	var spent time.Duration
	began := time.Now()
	look := func(name string) {
		t.Helper()
		spent += time.Since(began)
		barriers(t, ctx, name)
		if err := chromedp.Do(ctx, chromedp.EmulateViewport(390, 844)); err != nil {
			t.Fatal(err)
		}
		began = time.Now()
	}
	do := func(a ...chromedp.Action[chromedp.Void]) {
		t.Helper()
		if err := chromedp.Do(ctx, a...); err != nil {
			t.Fatal(err)
		}
	}
	do(chromedp.EmulateViewport(390, 844), chromedp.Navigate(srv.URL+"/report"), chromedp.WaitVisible(chromedp.CSS("#text")))
	look("report-what")
	tabTo(t, ctx, "#text")
	keys(t, ctx, pitText)
	// The dialogue of the system in which a file is chosen is none of the page's.
	do(chromedp.SetUploadFiles(chromedp.CSS("#file"), []string{photo}), chromedp.WaitReady(chromedp.CSS("[data-files] input[name=files]")))
	tabTo(t, ctx, "button[value=where]")
	keys(t, ctx, "\r")
	do(chromedp.WaitVisible(chromedp.CSS("#address")))
	look("report-where")
	tabTo(t, ctx, "button[value=who]")
	keys(t, ctx, "\r")
	do(chromedp.WaitVisible(chromedp.CSS("#contact")))
	look("report-who")
	tabTo(t, ctx, "#contact")
	keys(t, ctx, "8 900 123-45-67")
	tabTo(t, ctx, "input[name=consent]")
	keys(t, ctx, " ")
	tabTo(t, ctx, "button[value=file]")
	keys(t, ctx, "\r")
	do(chromedp.WaitVisible(chromedp.CSS("[data-filed]")))
	look("report-filed")
	tabTo(t, ctx, "a[href^='/f/']")
	keys(t, ctx, "\r")
	do(chromedp.WaitVisible(chromedp.CSS(".portal-steps")))
	spent += time.Since(began)
	if spent > time.Minute {
		t.Errorf("a report took %s of scripted steps, want a minute at most", spent)
	}
	t.Logf("a report with a photo by keyboard: %s of scripted steps", spent.Round(100*time.Millisecond))
	rows := w.queue(t)
	if len(rows) != 1 {
		t.Fatalf("%d incidents, want 1", len(rows))
	}
	files, err := w.DB.Reader().Attachments().OfIncident(t.Context(), scope.All(), int64(rows[0].ID))
	if err != nil || len(files) != 1 {
		t.Errorf("attachments %+v, %v", files, err)
	}
	w.answer(t, rows[0].ID, "Яму на улице Ленина у дома 4 засыпали щебнем 20 ноября, асфальт уложим до 1 декабря 2026 года.")
	do(chromedp.Reload(), chromedp.WaitVisible(chromedp.CSS("#judge")))
	barriers(t, ctx, "follow-judge")
	do(chromedp.Navigate(srv.URL+"/status"), chromedp.WaitVisible(chromedp.CSS("#number")))
	barriers(t, ctx, "status")
}

// TestTheFormIsLight: what a phone loads to see the form for the first time.
func TestTheFormIsLight(t *testing.T) {
	t.Parallel()
	w := newWindow(t)
	srv := httptest.NewServer(w.handler)
	t.Cleanup(srv.Close)
	ctx := chromium(t, time.Minute)
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(390, 844), chromedp.Navigate(srv.URL+"/report"), chromedp.WaitVisible(chromedp.CSS("#text"))); err != nil {
		t.Fatal(err)
	}
	const most = 100 << 10
	got, err := chromedp.Run(ctx, chromedp.Evaluate[string](`document.fonts.ready.then(() => JSON.stringify([...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")].map(e => [new URL(e.name).pathname, e.transferSize, e.renderBlockingStatus || "", e.initiatorType])))`, chromedp.EvalAwaitPromise))
	if err != nil {
		t.Fatal(err)
	}
	var list [][]any
	if err := json.Unmarshal([]byte(got), &list); err != nil {
		t.Fatal(err)
	}
	sum := 0.0
	for _, e := range list {
		sum += e[1].(float64)
		if strings.HasSuffix(e[0].(string), ".js") && e[2] == "blocking" {
			t.Errorf("the first paint waits for %s", e[0])
		}
	}
	if sum > most {
		t.Errorf("the form loads %.0f bytes, %d at most:\n%s", sum, most, got)
	}
	t.Logf("the form loads %.0f bytes in %d requests", sum, len(list))
}
