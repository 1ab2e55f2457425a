package staff_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"otklik/internal/fault"
	"otklik/internal/webhook"
)

func TestThePageOfWebhooks(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.as(t, "admin")
	p := v.page("/desk/webhooks")
	list := text(p, "main")
	for _, says := range []string{"Портал города", "portal.example", "работает", "Чат-бот", "остановлен", "Получатель не принял ни одного вызова за пять суток."} {
		if !strings.Contains(list, says) {
			t.Errorf("the list does not say %q", says)
		}
	}
	if strings.Contains(list, "token-of-theirs") {
		t.Error("the list shows the path of an address")
	}
	one := text(v.page("/desk/webhooks/1"), "main")
	for _, says := range []string{"опубликуйте ответ у себя", "попыток: 2", "Получатель занят, ответил 503.", "принят, 200", "не доставлен", "Ждут отправки: 3", "имена, телефоны и тексты жителей"} {
		if !strings.Contains(one, says) {
			t.Errorf("the page does not say %q", says)
		}
	}
	if res := w.as(t, "operator").get("/desk/webhooks"); res.StatusCode != http.StatusForbidden {
		t.Errorf("an operator looks: %d", res.StatusCode)
	}

	good := url.Values{"name": {"Город"}, "url": {"https://city.example/in"}, "event": {"incident.opened", "reply.publish"}, "source": {"hook:portal"}, "territory": {abakan}, "agency": {"1"}, "personal": {"1"}}
	res, p := sent(v, "/desk/webhooks", good)
	if res.StatusCode != http.StatusOK || !strings.Contains(text(p, "main"), "whsec_once") {
		t.Errorf("adding = %d, the secret is not shown", res.StatusCode)
	}
	if strings.Contains(text(v.page("/desk/webhooks/1"), "main"), "whsec_") {
		t.Error("the secret is shown twice")
	}
	if n := len(w.herald.saved); n != 1 {
		t.Fatalf("%d are saved", n)
	}
	if s := w.herald.saved[0]; s.Name != "Город" || !s.Wants(webhook.Publish) || s.Source != "hook:portal" || !s.Personal || s.Place.Centre != abakan || s.Place.Agency != 1 {
		t.Errorf("saved %+v", s)
	}
	w.herald.fail = fault.New(fault.Invalid, "no").Say("Впишите полный адрес, который начинается с https://.")
	good.Set("url", "portal")
	if res, p = sent(v, "/desk/webhooks", good); res.StatusCode != http.StatusUnprocessableEntity || attr(p, "#h-url", "value") != "portal" || attr(p, "#h-name", "value") != "Город" || !strings.Contains(text(p, ".said-bad"), "https://") {
		t.Errorf("a refusal = %d, kept %q", res.StatusCode, attr(p, "#h-url", "value"))
	}
	if res, p = sent(v, "/desk/webhooks/1/rotate", nil); res.StatusCode != http.StatusOK || !strings.Contains(text(p, "main"), "whsec_next") {
		t.Errorf("a new secret = %d", res.StatusCode)
	}
	for deed, back := range map[string]string{"pause": "/desk/webhooks/1", "resume": "/desk/webhooks/1", "test": "/desk/webhooks/1", "again": "/desk/webhooks/1", "remove": "/desk/webhooks"} {
		if res, _ = sent(v, "/desk/webhooks/1/"+deed, url.Values{"call": {"9"}}); res.StatusCode != http.StatusSeeOther || res.Header.Get("Location") != back {
			t.Errorf("%s = %d to %s", deed, res.StatusCode, res.Header.Get("Location"))
		}
	}
	if !slices.Contains(w.herald.deeds, "again 1 9") {
		t.Errorf("deeds = %v", w.herald.deeds)
	}
	if res, _ = sent(v, "/desk/webhooks/7/pause", nil); res.StatusCode != http.StatusNotFound {
		t.Errorf("pausing another one's = %d", res.StatusCode)
	}
}
