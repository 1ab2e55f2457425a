// Package georeporttest holds a server to Open311 GeoReport v2 as its specification is written:
// the scenarios are data, each with the clause that it stands for, and they ask over HTTP alone.
// Run asks any server: ours over SQLite in the tests of package app.
package georeporttest

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"io"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// A Target is a server to be asked.
type Target struct {
	Discovery string // address of discovery.xml without its suffix: «https://city.example/open311/discovery»
	Key       string // good for filing
	Number    string // of a request that everybody may see
	Service   string // code of a service without a required attribute
	Asking    string // code of a service with one
	Lat, Long string // a place of the server's
}

// An answer is what came back, of either format brought to one shape: lists of records.
type answer struct {
	status int
	head   http.Header
	body   []byte
	root   string // of XML
	list   []map[string]any
}

// A scenario is one call and what the specification wants of its answer. In paths and forms
// {number}, {service}, {asking}, {key}, {lat} and {long} stand for those of the target.
type scenario struct {
	clause string
	post   string // form of a POST; "" = a GET
	path   string // below the endpoint, without its suffix; parameters behind a question mark
	status int
	root   string   // of XML
	count  int      // of records; -1 = one or more, -2 = any
	has    []string // fields that each record has
	codes  []string // of errors, all of them
}

var requestFields = []string{"service_request_id", "status", "status_notes", "service_name", "service_code", "description", "agency_responsible", "service_notice", "requested_datetime",
	"updated_datetime", "expected_datetime", "address", "address_id", "zipcode", "lat", "long", "media_url"}

var scenarios = []scenario{
	{"services: all fields", "", "services", 200, "services", -1, []string{"service_code", "service_name", "description", "metadata", "type", "keywords", "group"}, nil},
	{"services: an empty parameter is none", "", "services?jurisdiction_id=", 200, "services", -1, nil, nil},
	{"services: another jurisdiction is 404", "", "services?jurisdiction_id=elsewhere.example", 404, "errors", 1, nil, []string{"jurisdiction_id"}},
	{"service definition", "", "services/{asking}", 200, "service_definition", 1, []string{"service_code", "attributes"}, nil},
	{"service definition of no service is 404", "", "services/nothing.at.all", 404, "errors", 1, nil, []string{"service_code"}},
	{"requests: all fields, by default of the last 90 days", "", "requests", 200, "service_requests", -1, requestFields, nil},
	{"requests: a page", "", "requests?page=1&page_size=1", 200, "service_requests", 1, requestFields, nil},
	{"requests: no page behind the last", "", "requests?page=90&page_size=1000", 200, "service_requests", 0, nil, nil},
	{"requests: by id, which overrides all other filters", "", "requests?service_request_id={number}&status=nonsense&start_date=1999-01-01T00:00:00Z", 200, "service_requests", 1, requestFields, nil},
	{"requests: several ids, one unknown", "", "requests?service_request_id={number},00000000", 200, "service_requests", 1, nil, nil},
	{"requests: one by its address", "", "requests/{number}", 200, "service_requests", 1, requestFields, nil},
	{"requests: an unknown one is 404", "", "requests/00000000", 404, "errors", 1, nil, []string{"service_request_id"}},
	{"requests: status open", "", "requests?status=open", 200, "service_requests", -2, nil, nil},
	{"requests: both states, by a comma", "", "requests?status=open,closed", 200, "service_requests", -1, nil, nil},
	{"requests: a state that is none", "", "requests?status=lost", 400, "errors", 1, nil, []string{"status"}},
	{"requests: a service", "", "requests?service_code={service}", 200, "service_requests", -2, nil, nil},
	{"requests: services by a comma", "", "requests?service_code={service},{asking}", 200, "service_requests", -2, nil, nil},
	{"requests: a service that is none", "", "requests?service_code=nothing", 400, "errors", 1, nil, []string{"service_code"}},
	{"requests: a day long ago", "", "requests?start_date=2001-01-01T00:00:00Z&end_date=2001-01-02T00:00:00Z", 200, "service_requests", 0, nil, nil},
	{"requests: more than 90 days", "", "requests?start_date=2026-01-01T00:00:00Z&end_date=2026-06-01T00:00:00Z", 400, "errors", 1, nil, []string{"end_date"}},
	{"requests: the end before the start", "", "requests?start_date=2026-03-01T00:00:00Z&end_date=2026-02-01T00:00:00Z", 400, "errors", 1, nil, []string{"end_date"}},
	{"requests: no time", "", "requests?start_date=yesterday", 400, "errors", 1, nil, []string{"start_date"}},
	{"requests: several errors at once", "", "requests?start_date=yesterday&status=lost&page_size=0", 400, "errors", 3, nil, []string{"page_size", "start_date", "status"}},
	{"requests: empty filters are none", "", "requests?start_date=&end_date=&status=&service_code=&page=&page_size=&service_request_id=", 200, "service_requests", -1, nil, nil},
	{"extension: changed", "", "requests?updated_after=2001-01-01T00:00:00Z", 200, "service_requests", -1, nil, nil},
	{"extension: more of each", "", "requests/{number}?extensions=true", 200, "service_requests", 1, []string{"extended_attributes", "notes"}, nil},
	{"extension: what happened", "", "servicerequestupdates?start_date=2026-11-01T00:00:00Z&end_date=2026-11-30T00:00:00Z", 200, "service_requests_updates", -2, []string{"update_id", "service_request_id", "status", "updated_datetime", "description"}, nil},
	{"tokens: an unknown one is 404", "", "tokens/1-nothing", 404, "errors", 1, nil, []string{"token"}},
	{"no such resource is 404", "", "nothing", 404, "errors", 1, nil, []string{"not_found"}},
	{"post: without a key is 403", "service_code={service}&lat={lat}&long={long}&description=x", "requests", 403, "errors", 1, nil, []string{"api_key"}},
	{"post: with an empty key is 403", "api_key=&service_code={service}&lat={lat}&long={long}", "requests", 403, "errors", 1, nil, []string{"api_key"}},
	{"post: with a wrong key is 403", "api_key=wrong&service_code={service}&lat={lat}&long={long}", "requests", 403, "errors", 1, nil, []string{"api_key"}},
	{"post: no service and no place, both are told", "api_key={key}&description=x", "requests", 400, "errors", 2, nil, []string{"location", "service_code"}},
	{"post: a service that is none", "api_key={key}&service_code=nothing&lat={lat}&long={long}", "requests", 400, "errors", 1, nil, []string{"service_code"}},
	{"post: half a point", "api_key={key}&service_code={service}&lat={lat}", "requests", 400, "errors", 1, nil, []string{"lat_long"}},
	{"post: without a required attribute", "api_key={key}&service_code={asking}&lat={lat}&long={long}", "requests", 400, "errors", 1, nil, []string{"attribute[route]"}},
	{"post: HTML", "api_key={key}&service_code={service}&lat={lat}&long={long}&description=%3Cb%3Eпит%3C/b%3E", "requests", 400, "errors", 1, nil, []string{"description"}},
	{"post: 4001 characters", "api_key={key}&service_code={service}&lat={lat}&long={long}&description=" + strings.Repeat("я", 4001), "requests", 400, "errors", 1, nil, []string{"description"}},
	{"post: no address of the web", "api_key={key}&service_code={service}&lat={lat}&long={long}&media_url=file:///etc/passwd", "requests", 400, "errors", 1, nil, []string{"media_url"}},
}

var (
	zoned   = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)$`)
	marker  = regexp.MustCompile(`\{(\w+)\}`)
	declare = []byte(`<?xml version="1.0" encoding="utf-8"?>`)
)

// Run holds the target to the specification.
func Run(t *testing.T, g Target) {
	t.Helper()
	endpoints := g.discover(t)
	words := map[string]string{"number": g.Number, "service": g.Service, "asking": g.Asking, "key": g.Key, "lat": g.Lat, "long": g.Long}
	fill := func(s string) string {
		return marker.ReplaceAllStringFunc(s, func(m string) string { return url.QueryEscape(words[m[1:len(m)-1]]) })
	}
	for _, format := range []string{"xml", "json"} {
		for _, c := range scenarios {
			path, query, _ := strings.Cut(c.path, "?")
			address := endpoints["production"] + "/" + fill(path) + "." + format
			if query != "" {
				address += "?" + fill(query)
			}
			a := ask(t, address, fill(c.post))
			name := format + ": " + c.clause
			if a.status != c.status {
				t.Errorf("%s: status %d, want %d: %.300s", name, a.status, c.status, a.body)
				continue
			}
			check(t, name, format, &c, a)
		}
		g.files(t, endpoints["production"], format, fill)
		g.files(t, endpoints["test"], format, fill)
	}
}

// check holds one answer against its scenario.
func check(t *testing.T, name, format string, c *scenario, a *answer) {
	t.Helper()
	if format == "xml" && a.root != c.root {
		t.Errorf("%s: root <%s>, want <%s>", name, a.root, c.root)
	}
	if n := len(a.list); c.count >= 0 && n != c.count || c.count == -1 && n == 0 {
		t.Errorf("%s: %d records, want %d: %.300s", name, n, c.count, a.body)
	}
	var codes []string
	for _, r := range a.list {
		for _, field := range c.has {
			if _, ok := r[field]; !ok {
				t.Errorf("%s: a record without %s", name, field)
			}
		}
		for _, field := range slices.Sorted(maps.Keys(r)) {
			if v, _ := r[field].(string); strings.HasSuffix(field, "_datetime") && v != "" && !zoned.MatchString(v) {
				t.Errorf("%s: %s is %q, no time with its zone", name, field, v)
			}
		}
		for _, field := range []string{"service_request_id", "service_code"} {
			if v, ok := r[field]; ok {
				if _, text := v.(string); !text {
					t.Errorf("%s: %s is %v, no string", name, field, v)
				}
			}
		}
		if c.root == "errors" {
			code, _ := r["code"].(string)
			about, _ := r["description"].(string)
			codes = append(codes, code)
			if about == "" {
				t.Errorf("%s: an error that says nothing", name)
			}
		}
	}
	if slices.Sort(codes); c.root == "errors" && !slices.Equal(codes, c.codes) {
		t.Errorf("%s: errors %q, want %q", name, codes, c.codes)
	}
}

// discover reads both documents and returns the endpoints by type.
func (g Target) discover(t *testing.T) map[string]string {
	t.Helper()
	type endpoint struct {
		Specification string   `json:"specification" xml:"specification"`
		URL           string   `json:"url" xml:"url"`
		Changeset     string   `json:"changeset" xml:"changeset"`
		Type          string   `json:"type" xml:"type"`
		Formats       []string `json:"formats" xml:"formats>format"`
	}
	found := map[string]string{}
	for _, format := range []string{"xml", "json"} {
		var doc struct {
			Changeset  string     `json:"changeset" xml:"changeset"`
			KeyService string     `json:"key_service" xml:"key_service"`
			Endpoints  []endpoint `json:"endpoints" xml:"endpoints>endpoint"`
		}
		a := ask(t, g.Discovery+"."+format, "")
		read := json.Unmarshal
		if format == "xml" {
			read = xml.Unmarshal
		}
		if err := read(a.body, &doc); err != nil || a.status != 200 || doc.KeyService == "" || !zoned.MatchString(doc.Changeset) {
			t.Fatalf("discovery.%s: %d %v %+v", format, a.status, err, doc)
		}
		for _, e := range doc.Endpoints {
			if e.Specification != "http://wiki.open311.org/GeoReport_v2" || !zoned.MatchString(e.Changeset) || !slices.Equal(e.Formats, []string{"text/xml", "application/json"}) {
				t.Errorf("discovery.%s: endpoint %+v", format, e)
			}
			if was := found[e.Type]; was != "" && was != e.URL {
				t.Errorf("the two documents name different endpoints: %s, %s", was, e.URL)
			}
			found[e.Type] = e.URL
		}
	}
	if found["production"] == "" || found["test"] == "" || found["production"] == found["test"] {
		t.Fatalf("endpoints: %v, want one production and one test", found)
	}
	return found
}

// files goes the way POST → token or number → GET.
func (g Target) files(t *testing.T, endpoint, format string, fill func(string) string) {
	t.Helper()
	a := ask(t, endpoint+"/requests."+format, fill("api_key={key}&service_code={service}&lat={lat}&long={long}&description=")+url.QueryEscape("Яма на дороге & лужа. <3 "+format+endpoint))
	if a.status != 200 || len(a.list) != 1 {
		t.Fatalf("%s: POST: %d %s", endpoint, a.status, a.body)
	}
	id, _ := a.list[0]["service_request_id"].(string)
	token, _ := a.list[0]["token"].(string)
	if (id == "") == (token == "") {
		t.Fatalf("%s: POST: id %q and token %q, want one of them", endpoint, id, token)
	}
	for end := time.Now().Add(20 * time.Second); id == "" && time.Now().Before(end); {
		if a := ask(t, endpoint+"/tokens/"+token+"."+format, ""); a.status == 200 && len(a.list) == 1 {
			id, _ = a.list[0]["service_request_id"].(string)
		}
	}
	got := ask(t, endpoint+"/requests/"+id+"."+format, "")
	if got.status != 200 || len(got.list) != 1 || got.list[0]["service_request_id"] != id || got.list[0]["status"] != "open" {
		t.Errorf("%s: GET requests/%s: %d %s", endpoint, id, got.status, got.body)
	}
}

// ask makes one call and brings its answer to one shape.
func ask(t *testing.T, address, form string) *answer {
	t.Helper()
	var res *http.Response
	var err error
	if form == "" {
		res, err = http.Get(address) //nolint:noctx // a test against a server of its own
	} else {
		res, err = http.Post(address, "application/x-www-form-urlencoded; charset=utf-8", strings.NewReader(form)) //nolint:noctx // likewise
	}
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	a := &answer{status: res.StatusCode, head: res.Header}
	if a.body, err = io.ReadAll(res.Body); err != nil {
		t.Fatal(err)
	}
	path, _, _ := strings.Cut(address, "?")
	want, shape := "text/xml", a.ofXML
	if strings.HasSuffix(path, ".json") {
		want, shape = "application/json", a.ofJSON
	}
	kind, opts, err := mime.ParseMediaType(res.Header.Get("Content-Type"))
	if err != nil || kind != want || !strings.EqualFold(opts["charset"], "utf-8") {
		t.Errorf("%s: Content-Type %q, want %s; charset=utf-8", path, res.Header.Get("Content-Type"), want)
	}
	if err := shape(); err != nil {
		t.Errorf("%s: %v: %.300s", path, err, a.body)
	}
	return a
}

type node struct {
	XMLName xml.Name
	Kids    []node `xml:",any"`
	Text    string `xml:",chardata"`
}

// lists are the roots that hold records, with what one is called.
var lists = map[string]string{"services": "service", "service_requests": "request", "errors": "error", "service_requests_updates": "request_update", "service_request_updates": "request_update"}

type shapeless string

func (s shapeless) Error() string { return string(s) }

func (a *answer) ofXML() error {
	if !bytes.HasPrefix(a.body, declare) {
		return shapeless("no XML declaration with its encoding")
	}
	var n node
	if err := xml.Unmarshal(a.body, &n); err != nil {
		return err
	}
	a.root = n.XMLName.Local
	if n.XMLName.Space != "" {
		return shapeless("a namespace")
	}
	item, ok := lists[a.root]
	if !ok {
		n.Kids = []node{{Kids: n.Kids, XMLName: xml.Name{Local: item}}}
	}
	for _, k := range n.Kids {
		if k.XMLName.Local != item {
			return shapeless("<" + k.XMLName.Local + "> in <" + a.root + ">")
		}
		r := map[string]any{}
		for _, f := range k.Kids {
			if _, twice := r[f.XMLName.Local]; twice {
				return shapeless("<" + f.XMLName.Local + "> twice")
			}
			r[f.XMLName.Local] = f.Text
		}
		a.list = append(a.list, r)
	}
	return nil
}

func (a *answer) ofJSON() error {
	var v any
	if err := json.Unmarshal(a.body, &v); err != nil {
		return err
	}
	if one, ok := v.(map[string]any); ok { // service_definition and discovery
		a.list = []map[string]any{one}
		return nil
	}
	all, ok := v.([]any)
	if !ok {
		return shapeless("neither a list nor an object")
	}
	for _, e := range all {
		r, ok := e.(map[string]any)
		if !ok {
			return shapeless("a list of something else than objects")
		}
		a.list = append(a.list, r)
	}
	return nil
}
