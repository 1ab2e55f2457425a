package staff_test

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	permission "github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/serviceworker"
	"github.com/chromedp/chromedp"
)

// stub stands in place of the push service of the browser's maker, which no test asks.
const stub = `
window.refused = []; document.addEventListener("securitypolicyviolation", e => refused.push(e.violatedDirective + " " + e.blockedURI));
if (location.search === "?insecure") Object.defineProperty(window, "isSecureContext", { value: false });
else if (location.search === "?old") delete window.PushManager;
else {
  const made = (key) => ({ endpoint: "https://push.example.net/stub", options: { applicationServerKey: key },
    toJSON: () => ({ endpoint: "https://push.example.net/stub", keys: { p256dh: "BPub", auth: "AAA" } }),
    unsubscribe: async () => { localStorage.removeItem("sub"); return true; } });
  PushManager.prototype.getSubscription = async () => { const k = localStorage.getItem("sub"); return k && made(Uint8Array.from(k.split(",")).buffer); };
  PushManager.prototype.subscribe = async (o) => {
    if (localStorage.getItem("down")) throw new DOMException("no service", "AbortError");
    if (!o.userVisibleOnly) throw new DOMException("silent", "NotAllowedError");
    const key = new Uint8Array(o.applicationServerKey);
    localStorage.setItem("sub", key.join());
    return made(key.buffer);
  };
}`

// A person subscribes the browser, a message comes, a click leads to its incident, and
// the browser is taken away again. Everything but the push service is real.
func TestABrowserIsSubscribedShowsAndForgets(t *testing.T) {
	w := newWorld(t)
	base := serve(t, w)
	ctx := browserFor(t, 2*time.Minute)
	if _, err := chromedp.Call(ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: stub}); err != nil {
		t.Fatal(err)
	}
	allow := func(s permission.PermissionSetting) {
		t.Helper()
		if _, err := chromedp.Call(ctx, permission.SetPermission, permission.SetPermissionParams{Permission: &permission.PermissionDescriptor{Name: "notifications"}, Setting: s, Origin: base}); err != nil {
			t.Fatal(err)
		}
	}
	allow(permission.PermissionSettingDenied)
	signIn(t, ctx, base, "operator")
	const button, here = "[data-push-key] button", "[data-here]"
	says := func(path, want string) {
		t.Helper()
		within(t, ctx, path, chromedp.Navigate(base+path))
		eventually(t, ctx, `document.querySelector("[data-push-say]").textContent.includes(`+quoted(want)+`)`)
		if !value[bool](t, ctx, `document.querySelector("[data-push-key] button").hidden`) {
			t.Errorf("%s: the button is offered", path)
		}
	}
	says("/desk/notices/settings?insecure", "HTTPS")
	says("/desk/notices/settings?old", "не умеет")
	says("/desk/notices/settings", "запретили")
	allow(permission.PermissionSettingGranted)
	within(t, ctx, "a service that does not answer", chromedp.Navigate(base+"/desk/notices/settings"), chromedp.WaitVisible(chromedp.CSS(button)), chromedp.Evaluate[chromedp.Void](`localStorage.setItem("down", 1)`),
		chromedp.Click(chromedp.CSS(button)))
	eventually(t, ctx, `document.querySelector("[data-push-say]").textContent.includes("не смог подписаться")`)
	value[chromedp.Void](t, ctx, `localStorage.removeItem("down")`)
	within(t, ctx, "subscribe", chromedp.Click(chromedp.CSS(button)), chromedp.WaitVisible(chromedp.CSS(".said-good")), chromedp.WaitVisible(chromedp.CSS(here)))
	if got := value[string](t, ctx, `document.querySelector("[data-push-say]").textContent`); !strings.Contains(got, "уже получает") {
		t.Errorf("the page says %q", got)
	}
	if !slices.ContainsFunc(w.posting.deeds, func(d string) bool {
		return strings.HasPrefix(d, "push https://push.example.net/stub BPub AAA  ") && strings.Contains(d, ", Linux")
	}) {
		t.Errorf("done was %v", w.posting.deeds)
	}
	if got := value[string](t, ctx, `localStorage.getItem("sub").split(",").length + refused.join()`); got != "65" {
		t.Errorf("subscribed with a key of %s bytes, or the policy refused something", got)
	}
	shown := delivered(t, ctx, base, `{"title":"Подходит срок","body":"улица Мира, 5","tag":"notice-7","path":"/desk/incidents/1","urgent":true}`, `not JSON`)
	if shown != `["Отклик","Есть новые уведомления.","",null,false],["Подходит срок","улица Мира, 5","notice-7","/desk/incidents/1",true]` {
		t.Errorf("the browser shows %s", shown)
	}
	worker(t, ctx, base)
	within(t, ctx, "take it away", chromedp.Click(chromedp.CSS("[data-browser] .btn-link-quiet")), chromedp.WaitVisible(chromedp.CSS(".said-good")), chromedp.WaitVisible(chromedp.CSS(button)))
	if !strings.HasPrefix(w.posting.deeds[len(w.posting.deeds)-1], "drop ") || value[bool](t, ctx, `localStorage.getItem("sub") !== null`) {
		t.Errorf("done was %v; the browser must forget, too", w.posting.deeds)
	}
}

// eventually waits until an expression, or what it promises, is true.
func eventually(t *testing.T, ctx context.Context, js string) {
	t.Helper()
	for range 200 {
		ok, err := chromedp.Run(ctx, chromedp.Evaluate[bool](js, chromedp.EvalAwaitPromise))
		if err != nil {
			t.Fatalf("%s: %v", js, err)
		}
		if ok {
			return
		}
		if err := chromedp.Do(ctx, chromedp.Sleep(50*time.Millisecond)); err != nil {
			t.Fatal(err)
		}
	}
	t.Fatalf("never true: %s", js)
}

func quoted(s string) string {
	b, _ := json.Marshal(s)
	return string(b)
}

// delivered hands messages of different tags to the worker as a push service does, and
// returns what is on the screen then.
func delivered(t *testing.T, ctx context.Context, origin string, messages ...string) string {
	t.Helper()
	ids := make(chan serviceworker.RegistrationID, 10)
	err := chromedp.Listen(ctx, func(ev any) {
		if e, ok := ev.(*serviceworker.EventWorkerRegistrationUpdated); ok {
			for _, r := range e.Registrations {
				if strings.HasSuffix(r.ScopeURL, "/desk/") {
					ids <- r.RegistrationID
				}
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := chromedp.Call(ctx, serviceworker.Enable, cdp.Empty{}); err != nil {
		t.Fatal(err)
	}
	var id serviceworker.RegistrationID
	select {
	case id = <-ids:
	case <-time.After(10 * time.Second):
		t.Fatal("no worker stands under /desk/")
	}
	count := func() int {
		t.Helper()
		n, err := chromedp.Run(ctx, chromedp.Evaluate[int](`navigator.serviceWorker.ready.then(r => r.getNotifications()).then(l => new Set(l.map(n => n.tag)).size)`, chromedp.EvalAwaitPromise))
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	for k, m := range messages { // Chromium drops what comes while the worker starts
		for try := 0; count() <= k; try++ {
			if try == 50 {
				t.Fatalf("message %d does not come", k)
			}
			if _, err := chromedp.Call(ctx, serviceworker.DeliverPushMessage, serviceworker.DeliverPushMessageParams{Origin: origin, RegistrationID: id, Data: m}); err != nil {
				t.Fatal(err)
			}
			if err := chromedp.Do(ctx, chromedp.Sleep(200*time.Millisecond)); err != nil {
				t.Fatal(err)
			}
		}
	}
	if _, err := chromedp.Call(ctx, serviceworker.DeliverPushMessage, serviceworker.DeliverPushMessageParams{Origin: origin, RegistrationID: id, Data: messages[0]}); err != nil {
		t.Fatal(err)
	}
	if err := chromedp.Do(ctx, chromedp.Sleep(300*time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	if one, err := chromedp.Run(ctx, chromedp.Evaluate[int](`navigator.serviceWorker.ready.then(r => r.getNotifications()).then(l => l.filter(n => n.tag).length)`, chromedp.EvalAwaitPromise)); err != nil || one != 1 {
		t.Error("what came twice under one tag is shown as", one, err)
	}
	got, err := chromedp.Run(ctx, chromedp.Evaluate[string](`navigator.serviceWorker.ready.then(r => r.getNotifications()).then(l => [...new Set(l.map(n => JSON.stringify([n.title, n.body, n.tag, n.data.path ?? null, n.requireInteraction])))].sort().join())`, chromedp.EvalAwaitPromise))
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// worker looks into the worker itself: where a click leads.
func worker(t *testing.T, ctx context.Context, origin string) {
	t.Helper()
	targets, err := chromedp.Targets(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for _, info := range targets {
		if info.Type != "service_worker" {
			continue
		}
		inside, stop := chromedp.NewContext(ctx, chromedp.WithTargetID(info.TargetID))
		defer stop()
		got, err := chromedp.Run(inside, chromedp.Evaluate[string](`(async () => {
			const out = [inside("/desk/incidents/42"), inside("https://evil.example/desk"), inside("//evil.example/desk"), inside("javascript:alert(1)"), inside("/signout"), inside(null)];
			const opened = [];
			Object.defineProperty(self.clients, "openWindow", { value: async (to) => opened.push(to) });
			await open({ data: { path: "/desk/incidents/42" } });
			await open({ data: { path: "/desk/notices/settings" } }).catch((e) => opened.push(e.name)); // the page that is open: it is not opened twice
			return [...out, ...opened].join(" ");
		})()`, chromedp.EvalAwaitPromise))
		home := origin + "/desk/notices"
		want := strings.Join([]string{origin + "/desk/incidents/42", home, home, home, home, home, origin + "/desk/incidents/42", "InvalidAccessError"}, " ")
		if err != nil || got != want {
			t.Errorf("clicks lead to %s, %v; want %s", got, err, want)
		}
		return
	}
	t.Error("no worker runs")
}
