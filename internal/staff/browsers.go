package staff

import (
	"net/http"
	"strings"

	"otklik/internal/account"
	"otklik/internal/notice"
	"otklik/internal/site"
)

// pushWorker is the script that a browser runs when a notice comes. Its place is its
// scope: it stands before nothing but the desk.
const (
	pushWorker = "/desk/push-worker.js"
	pushScope  = "/desk/"
)

// servePushWorker answers with the worker. It holds nothing of anybody, and browsers ask
// for it anew without a session.
func (s *Staff) servePushWorker(w http.ResponseWriter, _ *http.Request) error {
	h := w.Header()
	h.Set("Content-Type", "text/javascript; charset=utf-8")
	h.Set("Cache-Control", "no-cache")
	_, err := w.Write(site.AssetBody("push-worker.js"))
	return err
}

// addBrowser takes the subscription that the script put into the form.
func (s *Staff) addBrowser(r *http.Request, me account.ID) error {
	b := notice.Browser{Endpoint: field(r, "endpoint"), P256DH: strings.TrimRight(field(r, "p256dh"), "="), Auth: strings.TrimRight(field(r, "auth"), "=")}
	return s.Posting.AddBrowser(r.Context(), me, b, field(r, "old"), browserName(r.UserAgent()))
}

// browserMarks are parts of User-Agent by which a browser is known; the first that is
// there holds, because most name others besides themselves.
var browserMarks = [][2]string{
	{"YaBrowser/", "Яндекс Браузер"}, {"EdgA/", "Edge"}, {"Edg/", "Edge"}, {"OPR/", "Opera"}, {"SamsungBrowser/", "Samsung Internet"}, {"Vivaldi/", "Vivaldi"},
	{"Firefox/", "Firefox"}, {"FxiOS/", "Firefox"}, {"CriOS/", "Chrome"}, {"Chrome/", "Chrome"}, {"Safari/", "Safari"},
}

var systemMarks = [][2]string{
	{"Android", "Android"}, {"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Windows", "Windows"}, {"Mac OS X", "macOS"}, {"CrOS", "ChromeOS"}, {"Linux", "Linux"},
}

// browserName is what a person calls the browser: «Firefox, Windows».
func browserName(agent string) string {
	var parts []string
	for _, marks := range [][][2]string{browserMarks, systemMarks} {
		for _, m := range marks {
			if strings.Contains(agent, m[0]) {
				parts = append(parts, m[1])
				break
			}
		}
	}
	return strings.Join(parts, ", ")
}

// ofBrowser says of a browser what a page shows beside its name.
func (v *AddressView) ofBrowser(a *notice.Address, since string) {
	if a.Channel != notice.Push {
		return
	}
	v.Since = since
	if b, err := notice.BrowserOf(a.To); err == nil {
		v.Mark = b.Mark()
	}
}
