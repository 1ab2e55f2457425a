// Package open311fake is another city with GeoReport v2: discovery, services and requests in
// JSON and XML, with windows of time, pages and troubles, and a page where a visitor reports.
package open311fake

import (
	"embed"
	"encoding/json"
	"encoding/xml"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"otklik/internal/order"
	"otklik/internal/source/fakepage"
)

// Options of a fake.
type Options struct {
	Now     func() time.Time // nil: time.Now
	Key     string           // api_key without which it answers 403; "" = none is needed
	NoPages bool             // it knows neither page nor page_size, and gives 1000 at most
	Numbers bool             // ids and coordinates are bare numbers, as old servers write them
	NoZone  bool             // times name no zone

	Name     string // of the city, on its page
	Base     string // address above open311/v2, for discovery; "" = that of the call
	Token    string // api_key without which nothing may be posted; "" = Key
	Tokens   bool   // a post is answered by a token; the number comes with Settle
	Snapshot string // file that keeps it over a restart; "" = memory alone
}

// A Trouble spoils one call.
type Trouble string

// Troubles.
const (
	Down    Trouble = "down"    // 500
	Busy    Trouble = "busy"    // 429
	Closed  Trouble = "closed"  // 403
	Garbage Trouble = "garbage" // HTML
	Huge    Trouble = "huge"    // without end
	Odd     Trouble = "odd"     // JSON of another shape
	Lost    Trouble = "lost"    // of a post: taken, and then the connection breaks
	Gateway Trouble = "gateway" // of a post: taken, and then 502
	Bad     Trouble = "bad"     // of a post: 400 with the city's words
	Gone    Trouble = "gone"    // of a post: 404
)

// A Request is one service request.
type Request struct {
	XMLName xml.Name `json:"-" xml:"request"`
	ID      any      `json:"service_request_id" xml:"service_request_id"`
	Status  string   `json:"status" xml:"status"`
	Notes   string   `json:"status_notes,omitempty" xml:"status_notes,omitempty"`
	Service string   `json:"service_name" xml:"service_name"`
	Code    string   `json:"service_code" xml:"service_code"`
	Text    string   `json:"description" xml:"description"`
	Agency  *string  `json:"agency_responsible" xml:"agency_responsible,omitempty"`
	At      string   `json:"requested_datetime" xml:"requested_datetime"`
	Updated string   `json:"updated_datetime" xml:"updated_datetime"`
	Expects string   `json:"expected_datetime,omitempty" xml:"expected_datetime,omitempty"`
	Address string   `json:"address,omitempty" xml:"address,omitempty"`
	Lat     any      `json:"lat,omitempty" xml:"lat,omitempty"`
	Long    any      `json:"long,omitempty" xml:"long,omitempty"`
	Media   string   `json:"media_url,omitempty" xml:"media_url,omitempty"`

	at, updated time.Time
	hidden      bool
	token       string // it has no number yet, as far as others see
	sender      string // who left a name with it
}

//go:embed page
var files embed.FS

// A Fake is a city. Its methods may be called at any time.
type Fake struct {
	o     Options
	pages *fakepage.Pages

	mu  sync.Mutex
	all []Request
	bad Trouble
	ill Trouble // of the next post
	ask int     // calls of requests
	got int     // posts that were taken
}

// New returns a city without requests.
func New(o Options) (*Fake, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	pages, err := fakepage.Parse(files, "page/*.html", nil)
	f := &Fake{o: o, pages: pages}
	if err == nil {
		err = f.load()
	}
	return f, err
}

// Report files a request now and returns its id.
func (f *Fake) Report(text string) string { return f.ReportAt(text, f.o.Now()) }

// ReportAt files a request at a time.
func (f *Fake) ReportAt(text string, at time.Time) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	id := strconv.Itoa(1000 + len(f.all))
	f.all = append(f.all, Request{ID: id, Status: "open", Service: "Уличное освещение", Code: "007", Text: text, Address: "улица Садовая, 4", Lat: "53.72", Long: "91.44", at: at, updated: at})
	f.save()
	return id
}

// Edit changes the words of a request; Close closes it with notes.
func (f *Fake) Edit(id, text string) { f.change(id, func(r *Request) { r.Text = text }) }

// Close closes a request.
func (f *Fake) Close(id, notes string) {
	agency := "Городская служба"
	f.change(id, func(r *Request) { r.Status, r.Notes, r.Agency = "closed", notes, &agency })
}

// Reopen opens a closed request again.
func (f *Fake) Reopen(id string) {
	f.change(id, func(r *Request) { r.Status, r.Notes = "open", "" })
}

// Hide takes a request out of all lists, Show puts it back.
func (f *Fake) Hide(id string) { f.change(id, func(r *Request) { r.hidden = true }) }

// Show puts a hidden request back.
func (f *Fake) Show(id string) { f.change(id, func(r *Request) { r.hidden = false }) }

func (f *Fake) change(id string, do func(*Request)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for k := range f.all {
		if f.all[k].ID == id {
			do(&f.all[k])
			f.all[k].updated = f.o.Now()
		}
	}
	f.save()
}

// Fail spoils the next call.
func (f *Fake) Fail(t Trouble) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.bad = t
}

// Asked returns how often requests were asked for.
func (f *Fake) Asked() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.ask
}

// ServeHTTP implements http.Handler.
func (f *Fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	bad := f.bad
	f.bad = ""
	f.mu.Unlock()
	switch bad {
	case Down:
		w.WriteHeader(http.StatusInternalServerError)
		return
	case Busy:
		w.Header().Set("Retry-After", "30")
		w.WriteHeader(http.StatusTooManyRequests)
		return
	case Closed:
		w.WriteHeader(http.StatusForbidden)
		return
	case Garbage:
		_, _ = w.Write([]byte("<!doctype html><title>Обслуживание</title>"))
		return
	case Odd:
		_, _ = w.Write([]byte(`{"service_requests":[[]]}`))
		return
	case Huge:
		chunk := []byte(strings.Repeat(" ", 64<<10))
		for {
			if _, err := w.Write(chunk); err != nil {
				return
			}
		}
	}
	parent, name := path.Split(r.URL.Path)
	switch {
	case strings.HasSuffix(parent, "/requests/"):
		f.one(w, r, name)
		return
	case strings.HasSuffix(parent, "/tokens/"):
		f.ticket(w, r, name)
		return
	case strings.HasSuffix(parent, "/services/"):
		f.definition(w, name)
		return
	}
	switch name {
	case "discovery.json":
		base := strings.TrimSuffix(f.o.Base, "/")
		if base == "" {
			base = "http://" + r.Host
		}
		f.json(w, map[string]any{"changeset": "2026-11-20T09:00:00Z", "endpoints": []map[string]any{
			{"specification": "http://wiki.open311.org/GeoReport_v2", "url": base + "/test/v2", "type": "test", "formats": []string{"application/json"}},
			{"specification": "http://wiki.open311.org/GeoReport_v2", "url": base + "/open311/v2", "type": "production", "formats": []string{"text/xml", "application/json"}},
		}})
	case "services.json", "services.xml":
		f.write(w, strings.HasSuffix(name, ".xml"), "services", services)
	case "requests.json", "requests.xml":
		if r.Method == http.MethodPost {
			f.post(w, r, strings.HasSuffix(name, ".xml"))
			return
		}
		f.requests(w, r, strings.HasSuffix(name, ".xml"))
	case "":
		f.page(w, r)
	default:
		http.NotFound(w, r)
	}
}

func (f *Fake) json(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	_ = json.NewEncoder(w).Encode(v)
}

// requests answers with a window, the newest first, as most servers do.
func (f *Fake) requests(w http.ResponseWriter, r *http.Request, asXML bool) {
	q := r.URL.Query()
	if f.o.Key != "" && q.Get("api_key") != f.o.Key {
		w.WriteHeader(http.StatusForbidden)
		return
	}
	if ids := q.Get("service_request_id"); ids != "" { // it overrides all else
		f.list(w, asXML, func(one *Request) bool { return slices.Contains(strings.Split(ids, ","), one.ID.(string)) })
		return
	}
	from, err1 := time.Parse(time.RFC3339, q.Get("start_date"))
	to, err2 := time.Parse(time.RFC3339, q.Get("end_date"))
	if err1 != nil || err2 != nil || to.Sub(from) > 90*24*time.Hour {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	f.mu.Lock()
	f.ask++
	f.mu.Unlock()
	list := f.those(func(one *Request) bool {
		at := one.at.Truncate(time.Second)
		return !at.Before(from) && at.Before(to)
	})
	order.By(list, func(a, b Request) int { return b.at.Compare(a.at) })
	size, _ := strconv.Atoi(q.Get("page_size"))
	page, _ := strconv.Atoi(q.Get("page"))
	if f.o.NoPages {
		list = list[:min(len(list), 1000)]
	} else if size > 0 && page > 0 {
		list = list[min((page-1)*size, len(list)):min(page*size, len(list))]
	}
	f.write(w, asXML, "service_requests", list)
}

// those returns the requests that others see and keep lets through, the newest first.
func (f *Fake) those(keep func(*Request) bool) []Request {
	f.mu.Lock()
	defer f.mu.Unlock()
	list := []Request{}
	for _, one := range slices.Backward(f.all) {
		if one.hidden || one.token != "" || !keep(&one) {
			continue
		}
		one.At, one.Updated = f.stamp(one.at), f.stamp(one.updated)
		if f.o.Numbers {
			n, _ := strconv.Atoi(one.ID.(string))
			one.ID, one.Lat, one.Long = n, 53.72, 91.44
		}
		list = append(list, one)
	}
	return list
}

func (f *Fake) list(w http.ResponseWriter, asXML bool, keep func(*Request) bool) {
	f.write(w, asXML, "service_requests", f.those(keep))
}

// write answers with a list, in either format.
func (f *Fake) write(w http.ResponseWriter, asXML bool, root string, list any) {
	if !asXML {
		f.json(w, list)
		return
	}
	w.Header().Set("Content-Type", "text/xml; charset=utf-8")
	_, _ = w.Write([]byte(xml.Header))
	_ = xml.NewEncoder(w).EncodeElement(struct{ All any }{list}, xml.StartElement{Name: xml.Name{Local: root}})
}

func (f *Fake) stamp(t time.Time) string {
	if f.o.NoZone {
		return t.UTC().Format("2006-01-02 15:04:05.000")
	}
	return t.Format("2006-01-02T15:04:05.000Z07:00")
}

// page shows what was reported and takes a report, without JavaScript.
func (f *Fake) page(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodPost {
		switch id := r.FormValue("close"); {
		case id != "":
			f.Close(id, strings.TrimSpace(r.FormValue("notes")))
		case strings.TrimSpace(r.FormValue("text")) != "":
			f.Report(strings.TrimSpace(r.FormValue("text")))
		}
		http.Redirect(w, r, ".", http.StatusSeeOther)
		return
	}
	type row struct {
		Request
		Open        bool
		When, Asked string
	}
	var rows []row
	f.mu.Lock()
	for _, one := range slices.Backward(f.all) {
		if len(rows) < 100 {
			rows = append(rows, row{one, one.Status == "open", one.at.Format("02.01.2006 15:04"), one.sender})
		}
	}
	f.mu.Unlock()
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
	name := f.o.Name
	if name == "" {
		name = "Соседний город"
	}
	if err := f.pages.Execute(w, "city.html", struct {
		Name string
		All  []row
	}{name, rows}); err != nil {
		http.Error(w, "the page cannot be shown", http.StatusInternalServerError)
	}
}
