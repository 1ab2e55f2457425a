package georeport_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"otklik/internal/attachment"
	"otklik/internal/georeport"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/message"
	"otklik/internal/publicface"
	"otklik/internal/reply"
	"otklik/internal/scope"
	"otklik/internal/source"
	"otklik/internal/topic"
)

const secret = "sixteen bytes, or more"

var key = "whsec_" + base64.StdEncoding.EncodeToString([]byte(secret))

// A desk stands in for the centre behind the server.
type desk struct {
	now    time.Time
	asked  []publicface.Query
	cases  []publicface.Case
	pushed []message.Message
	full   bool // the disk is
}

func server(t testing.TB, d *desk, more ...func(*georeport.Options)) *georeport.Server {
	t.Helper()
	d.now = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	o := georeport.Options{
		Cases: func(_ context.Context, _ publicface.Rule, q publicface.Query) ([]publicface.Case, error) {
			d.asked = append(d.asked, q)
			return d.cases, nil
		},
		Rule: func() publicface.Rule { return publicface.New(nil) }, Tx: func() incident.Tx { return nil },
		Senders: func() []source.Sender {
			return []source.Sender{{Source: "hook:portal", Number: 7, Key: []byte(secret), Territory: "95701000"}, {Source: "hook:rests", Number: 8, Key: []byte("another secret of it"), Paused: true}}
		},
		Push: func(_ context.Context, _, _ string, list []message.Message) (int, error) {
			if d.full {
				return 0, errors.New("the disk is full")
			}
			d.pushed = append(d.pushed, list...)
			return len(list), nil
		},
		Topics: topic.Default, Mask: func(s string) string { return s }, Zone: func(scope.Place) *time.Location { return time.FixedZone("", 7*3600) },
		Covers: func(lat, _ float64) bool { return lat > 50 && lat < 56 },
		Region: "95000000", Base: func(*http.Request) string { return "https://otklik.example" }, Visitor: func(r *http.Request) string { return r.RemoteAddr },
		Now: func() time.Time { return d.now }, Log: slog.New(slog.DiscardHandler),
	}
	for _, f := range more {
		f(&o)
	}
	return georeport.New(o)
}

func ask(s http.Handler, method, path, form string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, "/open311/"+path, strings.NewReader(form))
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

// codes are those of the errors of an answer.
func codes(w *httptest.ResponseRecorder) string {
	var list []struct{ Code string }
	_ = json.Unmarshal(w.Body.Bytes(), &list)
	var out []string
	for _, e := range list {
		if e.Code != "" {
			out = append(out, e.Code)
		}
	}
	return strings.Join(out, " ")
}

const filed = "&service_code=roads.potholes&lat=53.7&long=91.4"

func TestHostileInput(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 3000)
	for name, c := range map[string]struct {
		method, path, form string
		status             int
		codes              string
	}{
		"a path that climbs":           {"GET", "v2/requests/../../etc/passwd.json", "", 404, "service_request_id"},
		"SQL in a number":              {"GET", "v2/requests/1'%20OR%201=1--.json", "", 404, "service_request_id"},
		"SQL in a service":             {"GET", "v2/requests.json?service_code=x'%20OR%201=1", "", 400, "service_code"},
		"a page of the deep":           {"GET", "v2/requests.json?page=99999&page_size=1000", "", 400, "page"},
		"a negative page":              {"GET", "v2/requests.json?page=-1", "", 400, "page"},
		"a number of many digits":      {"GET", "v2/requests.json?page=99999999999999999999", "", 400, "page"},
		"a year of the dinosaurs":      {"GET", "v2/requests.json?start_date=0001-01-01T00:00:00Z", "", 400, "start_date"},
		"a day that is none":           {"GET", "v2/requests.json?start_date=2026-02-30", "", 400, "start_date"},
		"broken UTF-8":                 {"GET", "v2/requests.json?service_code=%ff", "", 400, "charset"},
		"U+0000":                       {"GET", "v2/requests.json?service_code=%00", "", 400, "form"},
		"a parameter without an end":   {"GET", "v2/requests.json?status=" + long, "", 400, "form"},
		"a broken escape":              {"GET", "v2/requests.json?status=%zz", "", 400, "form"},
		"two hundred parameters more":  {"GET", "v2/requests.json?" + many(), "", 400, "form"},
		"a thousand numbers more":      {"GET", "v2/requests.json?service_request_id=" + strings.Repeat("1,", 1001), "", 400, "service_request_id"},
		"a place that is no number":    {"GET", "v2/services.json?lat=NaN&long=91", "", 400, "lat_long"},
		"a place without an end":       {"GET", "v2/services.json?lat=Inf&long=91", "", 400, "lat_long"},
		"another suffix":               {"GET", "v2/requests.csv", "", 404, ""},
		"DELETE":                       {"DELETE", "v2/requests/1.json", "", 400, "method"},
		"POST to what is read alone":   {"POST", "v2/services.json", "api_key=" + url.QueryEscape(key), 400, "method"},
		"POST of a page of the desk":   {"POST", "v2/requests/12345678.json", "api_key=" + url.QueryEscape(key), 400, "method"},
		"a script":                     {"POST", "v2/requests.json", "api_key=" + url.QueryEscape(key) + filed + "&description=<script>alert(1)</script>", 400, "description"},
		"a comment of HTML":            {"POST", "v2/requests.json", "api_key=" + url.QueryEscape(key) + filed + "&description=<!-- -->", 400, "description"},
		"a mail with a header":         {"POST", "v2/requests.json", "api_key=" + url.QueryEscape(key) + filed + "&email=a@b%0aBcc:x@y", 400, "email"},
		"a phone without a digit":      {"POST", "v2/requests.json", "api_key=" + url.QueryEscape(key) + filed + "&phone=allo", 400, "phone"},
		"a picture of javascript":      {"POST", "v2/requests.json", "api_key=" + url.QueryEscape(key) + filed + "&media_url=javascript:alert(1)", 400, "media_url"},
		"a picture with a password":    {"POST", "v2/requests.json", "api_key=" + url.QueryEscape(key) + filed + "&media_url=https://a:b@c.example/x", 400, "media_url"},
		"an answer that is none":       {"POST", "v2/requests.json", "api_key=" + url.QueryEscape(key) + filed + "&attribute[danger]=maybe", 400, "attribute[danger]"},
		"a time that is none":          {"POST", "v2/requests.json", "api_key=" + url.QueryEscape(key) + filed + "&attribute[since]=вчера", 400, "attribute[since]"},
		"elsewhere":                    {"POST", "v2/requests.json", "api_key=" + url.QueryEscape(key) + "&service_code=roads.potholes&lat=1&long=1", 400, "lat_long"},
		"a form without an end":        {"POST", "v2/requests.json", "api_key=" + strings.Repeat("x", 300<<10), 400, "form"},
		"a key of another kind":        {"POST", "v2/requests.json", "api_key=" + base64.StdEncoding.EncodeToString([]byte(secret)) + filed, 403, "api_key"},
		"the key of the test endpoint": {"POST", "v2/requests.json", "api_key=test" + filed, 403, "api_key"},
		"a wrong key, only reading":    {"GET", "v2/requests.json?api_key=wrong", "", 403, "api_key"},
		"a sender that rests":          {"POST", "v2/requests.json", "api_key=whsec_" + url.QueryEscape(base64.StdEncoding.EncodeToString([]byte("another secret of it"))) + filed, 503, "paused"},
		"four errors at once": {"POST", "v2/requests.json", "api_key=" + url.QueryEscape(key) + "&email=x&phone=y&media_url=z", 400,
			"service_code location email phone media_url"},
	} {
		d := &desk{}
		w := ask(server(t, d), c.method, c.path, c.form)
		if w.Code != c.status || codes(w) != c.codes || len(d.pushed) != 0 {
			t.Errorf("%s: %d %q %.200s, want %d %q", name, w.Code, codes(w), w.Body, c.status, c.codes)
		}
		if strings.Contains(w.Body.String(), secret) || strings.Contains(w.Body.String(), "<script>") {
			t.Errorf("%s: the answer repeats what was sent: %s", name, w.Body)
		}
	}
}

func many() string {
	var b strings.Builder
	for n := range 300 {
		fmt.Fprintf(&b, "p%d=1&", n)
	}
	return b.String()
}

func TestWhatIsAskedOfTheStore(t *testing.T) {
	t.Parallel()
	at := func(s string) time.Time { v, _ := time.Parse(time.RFC3339, s); return v.UTC() }
	now := at("2026-11-20T12:00:00Z")
	for query, want := range map[string]publicface.Query{
		"":                                     {Since: now.AddDate(0, 0, -90), Until: now},
		"start_date=2026-11-01T00:00:00+07:00": {Since: at("2026-10-31T17:00:00Z"), Until: at("2026-10-31T17:00:00Z").AddDate(0, 0, 90)},
		"start_date=2026-11-01T00:00:00%2B07:00&end_date=2026-11-02": {Since: at("2026-10-31T17:00:00Z"), Until: at("2026-11-02T00:00:00Z")},
		"end_date=2026-11-01":                        {Since: at("2026-11-01T00:00:00Z").AddDate(0, 0, -90), Until: at("2026-11-01T00:00:00Z")},
		"page=3":                                     {Since: now.AddDate(0, 0, -90), Until: now, Limit: 100, Offset: 200},
		"page=2&page_size=7&status=closed":           {Since: now.AddDate(0, 0, -90), Until: now, Limit: 7, Offset: 7, State: "closed"},
		"status=OPEN":                                {Since: now.AddDate(0, 0, -90), Until: now, State: "open"},
		"service_code=roads.potholes,%20":            {Since: now.AddDate(0, 0, -90), Until: now, Topics: []topic.Code{"roads.potholes"}},
		"updated_after=2026-11-01":                   {ChangedSince: at("2026-11-01T00:00:00Z")},
		"updated_before=2026-11-01":                  {ChangedSince: at("2026-11-01T00:00:00Z").AddDate(0, 0, -90), ChangedUntil: at("2026-11-01T00:00:00Z")},
		"service_request_id=1,%202&start_date=wrong": {Numbers: []string{"1", "2"}, All: true},
	} {
		d := &desk{}
		w := ask(server(t, d), "GET", "v2/requests.json?"+query, "")
		if w.Code != 200 || len(d.asked) != 1 {
			t.Errorf("%s: %d %s", query, w.Code, w.Body)
			continue
		}
		if diff := cmp.Diff(want, d.asked[0]); diff != "" {
			t.Errorf("%s: %s", query, diff)
		}
	}
}

// TestHowACaseIsWritten: everything that the specification has a field for, in both formats.
func TestHowACaseIsWritten(t *testing.T) {
	t.Parallel()
	day := func(n int) time.Time { return time.Date(2026, 11, n, 5, 0, 0, 0, time.UTC) }
	comment := &message.Message{Channel: message.VK, Form: message.Comment}
	photo := attachment.Attachment{ID: 1, State: attachment.Kept, File: attachment.File{Hash: "aa", Kind: attachment.Photo}}
	d := &desk{cases: []publicface.Case{{
		Incident: incident.Incident{Number: "12345678", State: lifecycle.Closed, Outcome: lifecycle.Solved, Topic: "roads.potholes", Kind: message.Complaint, Place: scope.Place{Region: "95000000"},
			Address: incident.Address{PlaceID: "w1", Settlement: "Абакан", Street: "улица Ленина", House: "33", Lat: 53.7213, Lon: 91.4425}, OpenedAt: day(1), UpdatedAt: day(9), ClosedAt: day(8)},
		First:   comment,
		Answers: []publicface.Answer{{Reply: reply.Reply{ID: 4, State: reply.Published, Purpose: reply.Final, Text: "Засыпали & \x02 <b>«утрамбовали»</b>", PublishedAt: day(7)}, To: comment, Files: []attachment.Attachment{photo}}},
	}}}
	var doc struct {
		Requests []struct {
			Status   string   `xml:"status"`
			Notes    string   `xml:"status_notes"`
			Words    string   `xml:"description"`
			Asked    string   `xml:"requested_datetime"`
			Updated  string   `xml:"updated_datetime"`
			Expected string   `xml:"expected_datetime"`
			Address  string   `xml:"address"`
			Lat      string   `xml:"lat"`
			Media    string   `xml:"media_url"`
			State    string   `xml:"extended_attributes>state"`
			Notices  []string `xml:"notes>note>type"`
		} `xml:"request"`
	}
	w := ask(server(t, d), "GET", "v2/requests.xml?extensions=true", "")
	if err := xml.Unmarshal(w.Body.Bytes(), &doc); err != nil || len(doc.Requests) != 1 {
		t.Fatalf("%v: %s", err, w.Body)
	}
	r := doc.Requests[0]
	got := []string{r.Status, r.Notes, r.Words, r.Asked, r.Updated, r.Expected, r.Address, r.Lat, r.Media, r.State, strings.Join(r.Notices, " ")}
	want := []string{"closed", "Засыпали &  <b>«утрамбовали»</b>", "", "2026-11-01T12:00:00+07:00", "2026-11-08T12:00:00+07:00", "", "Абакан, улица Ленина, 33", "53.7213",
		"https://otklik.example/open311/v2/requests/12345678/pictures/1", "closed", "opened answer closed"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	var list []map[string]any
	if err := json.Unmarshal(ask(server(t, d), "GET", "v2/requests/12345678.json", "").Body.Bytes(), &list); err != nil || list[0]["lat"] != 53.7213 || list[0]["service_request_id"] != "12345678" || list[0]["status_notes"] != want[1] {
		t.Errorf("JSON: %v, %v", list, err)
	}
	d.cases[0].Incident.Outcome = lifecycle.Refused
	if w := ask(server(t, d), "GET", "v2/requests/12345678.json", ""); w.Code != 404 {
		t.Errorf("a refused one: %d %s", w.Code, w.Body)
	}
	if w := ask(server(t, d), "GET", "v2/requests/12345678/pictures/1", ""); w.Code != 404 {
		t.Errorf("a picture of a refused one: %d", w.Code)
	}
}

func TestWhatIsFiledIsStoredBeforeItIsAnswered(t *testing.T) {
	t.Parallel()
	d := &desk{}
	s := server(t, d)
	form := "api_key=" + url.QueryEscape(key) + filed + "&description=" + url.QueryEscape("Яма <3 м, 5 > 4") + "&first_name=Мария&last_name=Петрова&email=M@example.org&address_string=Абакан&attribute[danger]=yes&attribute[since]=2026-11-19T10:00:00Z&account_id=a1"
	w := ask(s, "POST", "v2/requests.json", form)
	var list []map[string]string
	if err := json.Unmarshal(w.Body.Bytes(), &list); err != nil || w.Code != 200 || !strings.HasPrefix(list[0]["token"], "7-") || list[0]["service_request_id"] != "" || list[0]["account_id"] != "a1" {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	if len(d.pushed) != 1 {
		t.Fatalf("%d messages stored", len(d.pushed))
	}
	m := d.pushed[0]
	if m.Source != "hook:portal" || m.Channel != message.City || m.AuthorName != "Мария Петрова" || m.Contact != "M@example.org" || m.Text != "Яма <3 м, 5 > 4\nОпасно ли это прямо сейчас: да.\nС какого дня это продолжается: 19.11.2026 17:00." ||
		m.Past.Code != "roads.potholes" || m.Past.Place != "Абакан" || m.Shared == nil || !m.Addressed || m.Territory != "95701000" || strings.Contains(m.Author, "a1") {
		t.Errorf("stored %+v", m)
	}
	again := ask(s, "POST", "v2/requests.json", form)
	if len(d.pushed) != 2 || d.pushed[1].Author != m.Author || d.pushed[1].Native == m.Native {
		t.Errorf("a second request of the same account: %s", again.Body)
	}
	d.full = true
	if w := ask(s, "POST", "v2/requests.json", form); w.Code != 503 || w.Header().Get("Retry-After") == "" || strings.Contains(w.Body.String(), "token") {
		t.Errorf("with a full disk: %d %s", w.Code, w.Body)
	}
}

func TestTheTestEndpointFilesNothing(t *testing.T) {
	t.Parallel()
	d := &desk{}
	s := server(t, d)
	for form, want := range map[string]int{"api_key=test" + filed: 200, "api_key=" + url.QueryEscape(key) + filed: 200, "api_key=test": 400, "x=1" + filed: 403, "api_key=no" + filed: 403} {
		w := ask(s, "POST", "test/requests.json", form)
		if w.Code != want || want == 200 && (!strings.Contains(w.Body.String(), `"test-`) || !strings.Contains(w.Body.String(), "ничего не заведено")) {
			t.Errorf("%s: %d %s", form, w.Code, w.Body)
		}
	}
	if w := ask(s, "POST", "test/servicerequestupdates.json", "api_key=test&service_request_id=test-open&description=x"); w.Code != 200 {
		t.Errorf("update: %d %s", w.Code, w.Body)
	}
	if w := ask(s, "GET", "test/requests.json", ""); w.Code != 200 || !strings.Contains(w.Body.String(), "никто не подавал") {
		t.Errorf("list: %d %s", w.Code, w.Body)
	}
	if len(d.pushed) != 0 || len(d.asked) != 0 {
		t.Errorf("stored %d, asked %d", len(d.pushed), len(d.asked))
	}
}

func TestLimits(t *testing.T) {
	t.Parallel()
	d := &desk{}
	s := server(t, d)
	until := func(method, path, form string) (n int, last *httptest.ResponseRecorder) {
		for n = range 1000 {
			if last = ask(s, method, path, form); last.Code == 429 {
				return n, last
			}
		}
		return n, last
	}
	guess := "api_key=whsec_wrong" + filed
	if n, w := until("POST", "v2/requests.json", guess); n != 20 || w.Header().Get("Retry-After") == "" {
		t.Errorf("keys were guessed %d times: %d", n, w.Code)
	}
	if w := ask(s, "POST", "v2/requests.json", "api_key="+url.QueryEscape(key)+filed); w.Code != 429 {
		t.Errorf("a right guess after many wrong ones: %d", w.Code)
	}
	d.now = d.now.Add(time.Minute)
	if n, _ := until("POST", "v2/requests.json", "api_key="+url.QueryEscape(key)+filed); n != 120 {
		t.Errorf("a key filed %d requests in a minute", n)
	}
	d.now = d.now.Add(time.Minute)
	if n, _ := until("GET", "discovery.json", ""); n != 600 {
		t.Errorf("an address asked %d times in a minute", n)
	}
}

// FuzzParameters: whatever is asked, the answer is a document of its format, and never a 500.
func FuzzParameters(f *testing.F) {
	for _, seed := range []string{"start_date=2026-11-01&end_date=", "service_request_id=1,2,,", "lat=53.7&long=91.4&page=2", "api_key=test&status=open,closed", "attribute[danger]=yes&description=%3Cb", "%zz", "a=%00&b=%ff", "page_size=0&status=x"} {
		f.Add("requests", seed, "api_key="+url.QueryEscape(key)+filed+"&description="+seed)
	}
	f.Add("services/roads.potholes", "", "")
	f.Add("tokens/7-aaaaaaaaaaaaaaaaaaaaaaaaaa", "", "")
	f.Add("servicerequestupdates", "start_date=2026-11-01", "")
	d := &desk{}
	// A message that nobody has is asked for behind a token alone: the fuzzer knows no sender of it.
	s := server(f, d, func(o *georeport.Options) {
		senders := o.Senders()
		for k := range senders {
			senders[k].Number = -1
		}
		o.Senders = func() []source.Sender { return senders }
	})
	f.Fuzz(func(t *testing.T, path, query, form string) {
		d.now = d.now.Add(time.Minute)
		for _, format := range []string{"xml", "json"} {
			for _, method := range []string{http.MethodGet, http.MethodPost} {
				if method == http.MethodPost && strings.HasPrefix(path, "servicerequestupdates") {
					continue
				}
				r := httptest.NewRequest(method, "/open311/", strings.NewReader(form))
				r.URL.Path, r.URL.RawQuery = "/open311/v2/"+path+"."+format, query
				r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
				w := httptest.NewRecorder()
				s.ServeHTTP(w, r)
				body, err := io.ReadAll(w.Body)
				if err != nil || w.Code >= 500 && w.Code != 503 {
					t.Fatalf("%s %s?%s: %d", method, path, query, w.Code)
				}
				var v any
				if format == "json" {
					err = json.Unmarshal(body, &v)
				} else {
					err = xml.Unmarshal(body, &struct{}{})
				}
				if err != nil {
					t.Fatalf("%s %s.%s?%s: %v: %s", method, path, format, query, err, body)
				}
			}
		}
	})
}
