package staff_test

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"otklik/internal/incident"
	"otklik/internal/source"
)

//go:embed testdata/axe/axe.min.js
var axe string

// A violation is what axe-core found.
type violation struct {
	ID    string `json:"id"`
	Help  string `json:"help"`
	Nodes []struct {
		HTML    string `json:"html"`
		Summary string `json:"failureSummary"`
	} `json:"nodes"`
}

// browser starts Chromium, or skips.
func browser(t *testing.T) context.Context {
	t.Helper()
	return browserFor(t, 4*time.Minute)
}

// browserFor is browser for a test that takes so long at most: a page that never comes
// fails the test, not the run.
func browserFor(t *testing.T, most time.Duration) context.Context {
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
	limit, over := context.WithTimeout(context.Background(), most)
	t.Cleanup(over)
	alloc, stopAlloc := chromedp.NewExecAllocator(limit, opts...)
	ctx, stop := chromedp.NewContext(alloc)
	t.Cleanup(func() { stop(); stopAlloc() })
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("start Chromium: %v", err)
	}
	return ctx
}

func serve(t *testing.T, w *world) string {
	t.Helper()
	srv := httptest.NewServer(w.handler)
	t.Cleanup(func() { close(w.closing); srv.Close() })
	return srv.URL
}

// signIn signs in as a person does: by typing.
func signIn(t *testing.T, ctx context.Context, base, login string) {
	t.Helper()
	err := chromedp.Do(ctx, chromedp.Navigate(base+"/signin"),
		chromedp.SendKeys(chromedp.CSS("#login"), login), chromedp.SendKeys(chromedp.CSS("#password"), password),
		chromedp.Click(chromedp.CSS(".lone-form button")), chromedp.WaitReady(chromedp.CSS("form[action='/signout']")))
	if err != nil {
		t.Fatalf("sign in: %v", err)
	}
}

func violations(t *testing.T, ctx context.Context) []violation {
	t.Helper()
	found, err := chromedp.Run(ctx, chromedp.Evaluate[string](axe+`;axe.run(document, {runOnly: ["wcag2a","wcag2aa","wcag21a","wcag21aa","wcag22aa","best-practice"]}).then(r => JSON.stringify(r.violations))`, chromedp.EvalAwaitPromise))
	if err != nil {
		t.Fatalf("axe: %v", err)
	}
	var list []violation
	if err := json.Unmarshal([]byte(found), &list); err != nil {
		t.Fatal(err)
	}
	return list
}

// pages are looked at by axe in both themes at both widths.
var pages = []struct{ name, path, login string }{
	{"signin", "/signin", ""},
	{"queue", "/desk", "operator"},
	{"filters", "/desk?urgency=danger&state=new", "operator"},
	{"empty", "/desk?q=%D0%BD%D0%B5%D1%82%D1%82%D0%B0%D0%BA%D0%BE%D0%B3%D0%BE", "operator"},
	{"item", "/desk?at=1", "operator"},
	{"incident", "/desk/incidents/1", "operator"},
	{"approval", "/desk/incidents/6", "curator"},
	{"missing", "/desk/incidents/99", "operator"},
	{"card", "/desk/cards/new", "operator"},
	{"sources", "/desk/sources", "operator"},
	{"sources-edit", "/desk/sources", "admin"},
	{"source", "/desk/sources/1", "admin"},
	{"source-keys", "/desk/sources/keys", "admin"},
	{"source-connect", "/desk/sources/connect", "admin"},
	{"source-sender", "/desk/sources/77", "admin"},
	{"source-search", "/desk/sources/search?territory=95701000", "admin"},
	{"webhooks", "/desk/webhooks", "admin"},
	{"webhook", "/desk/webhooks/1", "admin"},
	{"webhook-new", "/desk/webhooks/new", "admin"},
	{"sources-some", "/desk/sources?state=bad", "admin"},
	{"tables", "/desk/tables", "analyst"},
	{"table", "/desk/tables/shown", "analyst"},
	{"table-run", "/desk/tables/done", "analyst"},
	{"coverage", "/desk/sources/coverage", "admin"},
	{"portal", "/", ""},
	{"portal-sources", "/sources", ""},
	{"portal-list", "/list", ""},
	{"portal-list-none", "/list?state=verified&centre=95715000", ""},
	{"portal-case", "/list/CASE", ""},
	{"portal-map", "/map", ""},
	{"portal-agencies", "/agencies", ""},
	{"portal-agency", "/agencies/1", ""},
	{"portal-league", "/league?by=area", ""},
	{"portal-data", "/opendata", ""},
	{"missed", "/desk/sources/missed", "operator"},
	{"aside", "/desk/aside", "admin"},
	{"people", "/desk/people", "admin"},
	{"rules", "/desk/rules", "admin"},
	{"arbiter", "/desk/arbiter", "curator"},
	{"promises", "/desk/promises", "curator"},
	{"promises-month", "/desk/promises?by=month", "curator"},
	{"dispute", "/desk/incidents/3", "curator"},
	{"shift", "/desk/shift", "operator"},
	{"notices", "/desk/notices", "operator"},
	{"checklists", "/desk/checklists", "admin"},
	{"contacts", "/desk/contacts?centre=95701000", "curator"},
	{"posting", "/desk/notices/settings", "operator"},
	{"approvals", "/desk/approvals", "curator"},
	{"agencies", "/desk/agencies", "curator"},
	{"move", "/desk/agencies/1/move", "curator"},
	{"checks", "/desk/checks", "controller"},
	{"problems", "/desk/problems", "curator"},
	{"problem", "/desk/problems/3", "curator"},
	{"calls", "/desk/calls", "operator"},
	{"result", "/desk/incidents/7", "curator"},
	{"topics", "/desk/topics?topic=roads.potholes", "admin"},
	{"watches", "/desk/watches", "analyst"},
	{"watch", "/desk/watches/1", "analyst"},
	{"watch-broken", "/desk/watches/3", "analyst"},
	{"watch-back", "/desk/watches/1?version=1", "analyst"},
	{"watch-new", "/desk/watches/new", "analyst"},
	{"watch-read", "/desk/watches/2", "operator"},
	{"lessons", "/desk/models", "admin"},
	{"control", "/desk/control", "curator"},
	{"figures", "/desk/figures", "curator"},
	{"figures-channel", "/desk/figures?by=channel", "curator"},
	{"reply-all", "/desk/incidents/3/reply-all", "curator"},
	{"work", "/desk/work", "operator"},
	{"regimes", "/desk/regimes", "admin"},
	{"templates", "/desk/templates", "curator"},
	{"talks", "/desk/talks", "admin"},
	{"talk", "/desk/incidents/2", "operator"},
	{"photos", "/desk/incidents/4", "operator"},
	{"cities", "/desk/incidents/6", "operator"},
	{"hand", "/desk/incidents/4/city?service=015", "operator"},
	{"city", "/desk/sources/5/city", "admin"},
}

func TestPagesHaveNoBarriers(t *testing.T) {
	w := newWorld(t)
	w.connected()
	w.watching()
	w.busy()
	w.shelved()
	w.spreading()
	w.rung()
	w.reached()
	w.setUp()
	w.talked()
	w.desk.alike = precedents
	w.judged()
	w.photographs(t)
	w.open()
	w.neighboured()
	w.backfills = map[string]*source.Backfill{"vk:-1": {Source: "vk:-1", State: source.BackRuns, Since: clock.AddDate(0, 0, -30), AskedAt: clock, Reached: clock.AddDate(0, 0, -3), Messages: 1200, Kept: 14}}
	base := serve(t, w)
	ctx := browserFor(t, time.Duration(len(pages))*6*time.Second)
	if _, err := chromedp.Call(ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{
		Source: `window.refused = []; document.addEventListener("securitypolicyviolation", e => refused.push(e.violatedDirective + " " + e.blockedURI))`}); err != nil {
		t.Fatal(err)
	}
	shots := os.Getenv("OTKLIK_SHOTS") // a folder to keep screenshots in
	only := os.Getenv("OTKLIK_PAGES")  // names of pages by commas, while one works on them
	login := ""
	for _, p := range pages {
		if only != "" && !slices.Contains(strings.Split(only, ","), p.name) {
			continue
		}
		if p.login != "" && p.login != login {
			if _, err := chromedp.Call(ctx, network.ClearBrowserCookies, cdp.Empty{}); err != nil {
				t.Fatal(err)
			}
			signIn(t, ctx, base, p.login)
			login = p.login
		}
		for _, width := range []int64{1280, 390} {
			for _, theme := range []string{"light", "dark"} {
				name := fmt.Sprintf("%s-%d-%s", p.name, width, theme)
				if _, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
					Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: theme}, {Name: "prefers-reduced-motion", Value: "reduce"}}}); err != nil {
					t.Fatal(err)
				}
				height := int64(800)
				if width == 390 {
					height = 844
				}
				if err := chromedp.Do(ctx, chromedp.EmulateViewport(width, height), chromedp.Navigate(base+strings.ReplaceAll(p.path, "CASE", incident.Number(2))), chromedp.WaitVisible(chromedp.CSS("#main"))); err != nil {
					t.Fatalf("%s: %v", name, err)
				}
				settle(t, ctx, p.name, width)
				for _, v := range violations(t, ctx) {
					for i, n := range v.Nodes {
						if i < 3 {
							t.Errorf("%s: %s: %s\n\t%s\n\t%s", name, v.ID, v.Help, n.HTML, strings.ReplaceAll(n.Summary, "\n", " "))
						}
					}
				}
				if refused := value[string](t, ctx, `refused.join("; ")`); refused != "" {
					t.Errorf("%s: the page asks for what its policy refuses: %s", name, refused)
				}
				if wide, err := chromedp.Run(ctx, chromedp.Evaluate[bool](`document.documentElement.scrollWidth > document.documentElement.clientWidth`)); err != nil || wide {
					t.Errorf("%s: the page scrolls sideways (%v)", name, err)
				}
				if shots != "" {
					shot := chromedp.CaptureScreenshot()
					if p.name == "incident" || width == 390 && p.name != "queue" {
						shot = chromedp.FullScreenshot(100)
					}
					png, err := chromedp.Run(ctx, shot)
					if err != nil {
						t.Fatal(err)
					}
					if err := os.WriteFile(filepath.Join(shots, name+".png"), png, 0o644); err != nil {
						t.Fatal(err)
					}
				}
			}
		}
	}
}

// settle waits for what scripts add.
func settle(t *testing.T, ctx context.Context, name string, width int64) {
	t.Helper()
	if name == "queue" && width == 1280 {
		wait, cancel := context.WithTimeout(ctx, 5*time.Second)
		defer cancel()
		if err := chromedp.Do(wait, chromedp.WaitVisible(chromedp.CSS("#item .case"))); err != nil {
			t.Errorf("the first row did not open beside the queue: %v", err)
		}
	}
}
