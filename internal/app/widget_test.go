package app_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"otklik/internal/agency"
	"otklik/internal/config"
	"otklik/internal/incident"
	"otklik/internal/scope"
)

const widgetSite = "https://uk-sever.example.ru"

// widgets is a centre with a button for the site of an agency, and one for links alone.
func widgets(sites ...string) func(*config.Config) {
	return func(c *config.Config) {
		c.Public.Widgets = []config.Widget{{Mark: "uk-sever", Agency: "УК Север", Sites: sites}, {Mark: "vk-abaza"}}
	}
}

// sever makes the agency of the button.
func (w *window) sever(t *testing.T, disabled bool) int64 {
	t.Helper()
	g := &agency.Agency{Name: "Управляющая компания «Север» Абазы", Short: "УК «Север»", Place: scope.Place{Region: khakassia}, Disabled: disabled}
	if err := w.DB.Change(t.Context(), incident.People, func(tx incident.Tx) error { return tx.Agencies().SaveAgency(t.Context(), g) }); err != nil {
		t.Fatal(err)
	}
	return g.ID
}

func TestOnlyItsSitesFrameAWidget(t *testing.T) {
	t.Parallel()
	w := newWindow(t, widgets(widgetSite, "https://www.uk-sever.example.ru"))
	ancestors := func(method, path string, form url.Values) (code int, list string) {
		r := httptest.NewRequest(method, path, strings.NewReader(form.Encode()))
		if method == http.MethodPost {
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		}
		rec := httptest.NewRecorder()
		w.handler.ServeHTTP(rec, r)
		_, list, _ = strings.Cut(rec.Header().Get("Content-Security-Policy"), "frame-ancestors ")
		return rec.Code, list
	}
	own := "'self' " + widgetSite + " https://www.uk-sever.example.ru"
	for _, c := range []struct {
		method, path string
		form         url.Values
		code         int
		want         string
	}{
		{"GET", "/widget/uk-sever", nil, 200, own},
		{"POST", "/widget/uk-sever", url.Values{"go": {"where"}, "text": {""}}, 422, own}, // a step that is refused
		{"POST", "/widget/uk-sever", url.Values{"go": {"nowhere"}}, 422, own},             // a page of an error
		{"GET", "/widget/vk-abaza", nil, 200, "'self'"},
		{"GET", "/widget/nobody", nil, 404, "'none'"},
		{"POST", "/widget/nobody", url.Values{"go": {"what"}}, 404, "'none'"},
		{"GET", "/report?from=uk-sever", nil, 200, "'none'"},
		{"GET", "/widget", nil, 200, "'none'"},
		{"GET", "/f/abcdefghijklmnopqrstuvwx", nil, 404, "'none'"},
	} {
		if code, list := ancestors(c.method, c.path, c.form); code != c.code || list != c.want {
			t.Errorf("%s %s %v = %d, framed by %q, want %d, %q", c.method, c.path, c.form, code, list, c.code, c.want)
		}
	}
}

func TestAReportThroughAWidgetIsProposedToItsAgency(t *testing.T) {
	t.Parallel()
	w := newWindow(t, widgets(widgetSite))
	sever := w.sever(t, false)
	framed := func(step string, more ...string) {
		t.Helper()
		v := w.fields()
		for k := 0; k < len(more); k += 2 {
			v.Set(more[k], more[k+1])
		}
		v.Set("go", step)
		w.open(t, "POST", "/widget/uk-sever", v)
		if strings.Contains(w.body, "portal-head") || strings.Contains(w.body, `action="/report"`) {
			t.Errorf("step %s: the frame has the head of the portal or leads out of the frame", step)
		}
	}
	w.open(t, "GET", "/widget/uk-sever", nil)
	framed("where", "text", pitText)
	framed("who")
	framed("file")
	n := numbered.FindStringSubmatch(w.body)
	if n == nil {
		t.Fatalf("%d: no number:\n%s", w.code, main(w.body))
	}
	w.says(t, `target="_blank"`, `href="/widget/uk-sever"`)
	i := w.numbered(t, n[1])
	if i.Proposed != sever || i.Rule != 0 || i.Place.Agency != 0 {
		t.Errorf("in the frame: proposed %d by rule %d, handed to %d, want %d, 0, 0", i.Proposed, i.Rule, i.Place.Agency, sever)
	}
	m, err := w.DB.Reader().Messages().Message(t.Context(), scope.All(), i.First)
	if err != nil || m.Source != "portal:uk-sever" {
		t.Errorf("source %q, %v, want portal:uk-sever", m.Source, err)
	}
	for _, c := range []struct {
		link string
		want bool
	}{
		{"/report?from=uk-sever", true},
		{"/report?from=vk-abaza", false},
		{"/report?from=someone-else", false},
		{"/report", false},
	} {
		w.open(t, "GET", c.link, nil)
		w.next(t, "where", "text", pitText+", "+c.link)
		w.next(t, "who")
		w.next(t, "file")
		n := numbered.FindStringSubmatch(w.body)
		if n == nil {
			t.Fatalf("%s: %d: no number:\n%s", c.link, w.code, main(w.body))
		}
		if i := w.numbered(t, n[1]); (i.Proposed == sever) != c.want {
			t.Errorf("%s: proposed to %d, to the agency of the button (%d) %t", c.link, i.Proposed, sever, c.want)
		}
	}
}

func TestAButtonThatNobodyLooksAfterLosesNothing(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		make func(*window) int64
	}{
		{"no such agency", func(*window) int64 { return -1 }},
		{"it answers no longer", func(w *window) int64 { return w.sever(t, true) }},
	} {
		w := newWindow(t, widgets(widgetSite))
		not := c.make(w)
		w.open(t, "GET", "/report?from=uk-sever", nil)
		w.next(t, "where", "text", pitText)
		w.next(t, "who")
		w.next(t, "file")
		n := numbered.FindStringSubmatch(w.body)
		if n == nil {
			t.Fatalf("%s: %d: no number:\n%s", c.name, w.code, main(w.body))
		}
		if i := w.numbered(t, n[1]); i.Proposed == not {
			t.Errorf("%s: proposed to %d", c.name, i.Proposed)
		}
	}
}

func TestTheScriptOfTheButtonIsKept(t *testing.T) {
	t.Parallel()
	w := newWindow(t, widgets(widgetSite))
	get := func(tag string) *httptest.ResponseRecorder {
		r := httptest.NewRequest("GET", "/widget.js", nil)
		r.Header.Set("If-None-Match", tag)
		rec := httptest.NewRecorder()
		w.handler.ServeHTTP(rec, r)
		return rec
	}
	first := get("")
	if h := first.Header(); first.Code != 200 || h.Get("Cross-Origin-Resource-Policy") != "cross-origin" || h.Get("Content-Type") != "text/javascript; charset=utf-8" || len(h.Values("Set-Cookie")) != 0 {
		t.Errorf("GET /widget.js = %d, %v", first.Code, h)
	}
	if again := get(first.Header().Get("ETag")); again.Code != http.StatusNotModified || again.Body.Len() != 0 {
		t.Errorf("GET /widget.js again = %d, %d bytes, want 304, none", again.Code, again.Body.Len())
	}
}

// TestTheButtonUnderAStrictPolicy opens the form over somebody's page that allows nothing but
// our script and our frame; where the frame is not allowed, the link is followed.
func TestTheButtonUnderAStrictPolicy(t *testing.T) {
	ctx := chromium(t, 2*time.Minute)
	w := &window{}
	ours := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) { w.handler.ServeHTTP(rw, r) }))
	t.Cleanup(ours.Close)
	var policy string
	site := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		rw.Header().Set("Content-Security-Policy", policy)
		rw.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprintf(rw, `<!DOCTYPE html><html lang="ru"><title>УК Север</title><h1>Новости</h1>
			<p><a id="link" href="%[1]s/report?from=uk-sever" data-otklik="uk-sever">Сообщить</a></p>
			<script src="%[1]s/widget.js" data-mark="uk-sever" async></script></html>`, ours.URL)
	}))
	t.Cleanup(site.Close)
	*w = *newWindow(t, widgets(site.URL), func(c *config.Config) { c.Site = ours.URL })
	do := func(a ...chromedp.Action[chromedp.Void]) {
		t.Helper()
		if err := chromedp.Do(ctx, a...); err != nil {
			t.Fatal(err)
		}
	}
	until := func(what, js string) {
		t.Helper()
		if _, err := chromedp.Run(ctx, chromedp.Evaluate[bool](`new Promise(done => { const look = () => (`+js+`) ? done(true) : setTimeout(look, 20); look(); })`, chromedp.EvalAwaitPromise)); err != nil {
			t.Fatalf("%s: %v", what, err)
		}
	}
	policy = "default-src 'none'; script-src " + ours.URL + "; frame-src " + ours.URL
	do(chromedp.EmulateViewport(390, 844), chromedp.Navigate(site.URL), chromedp.WaitVisible(chromedp.CSS("#link")))
	until("the banner", `[...document.body.children].some(e => e.shadowRoot && e.shadowRoot.querySelector('aside a').getBoundingClientRect().height >= 44)`)
	do(chromedp.Click(chromedp.CSS("#link")))
	until("the form in its frame", `document.querySelector('[data-otklik-form][data-ready]')`)
	wide, err := chromedp.Run(ctx, chromedp.Evaluate[string](`(() => { const d = document.querySelector('[data-otklik-form]').shadowRoot.querySelector('dialog'), b = d.getBoundingClientRect(); return [d.open, b.left >= 0, b.right <= innerWidth, d.querySelector('iframe').title].join() })()`))
	if want := "true,true,true,Сообщить о проблеме"; err != nil || wide != want {
		t.Errorf("the dialogue: %q, %v, want %q", wide, err, want)
	}
	until("it closes", `(() => { const d = document.querySelector('[data-otklik-form]').shadowRoot.querySelector('dialog'); d.querySelector('button').click(); return !d.open })()`)

	policy = "default-src 'none'; script-src " + ours.URL
	do(chromedp.Navigate(site.URL), chromedp.WaitVisible(chromedp.CSS("#link")))
	until("the script", `window.otklikWidget`)
	do(chromedp.Click(chromedp.CSS("#link")), chromedp.WaitVisible(chromedp.CSS("#text")))
	if at, err := chromedp.Run(ctx, chromedp.Evaluate[string](`location.href`)); err != nil || at != ours.URL+"/report?from=uk-sever" {
		t.Errorf("without a frame the button leads to %q, %v", at, err)
	}
	do(chromedp.Navigate(ours.URL+"/widget"), chromedp.WaitVisible(chromedp.CSS("a.portal-button")))
	barriers(t, ctx, "widget")
	do(chromedp.Navigate(ours.URL+"/widget/uk-sever"), chromedp.WaitVisible(chromedp.CSS("#text")))
	barriers(t, ctx, "widget-frame")
}
