// Package georeport is our own server of Open311 (GeoReport v2): other cities, portals and
// programs of the trade read our public cases and file requests with us, and two centres with
// Otklik hand incidents to each other. docs/open311.md is its page.
//
// Start with New; the Server answers everything below /open311/. What is shown of a case is
// package publicface's business, here it is only written down. There are two endpoints: the
// production one (v2), and a test one, which validates as the other does and files nothing.
//
// It is written by hand, beside the API: the specification wants suffixes in addresses, XML
// first, its own errors and its own idea of JSON, and nothing of that is an OpenAPI.
package georeport

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"otklik/internal/attachment"
	"otklik/internal/incident"
	"otklik/internal/message"
	"otklik/internal/publicface"
	"otklik/internal/scope"
	"otklik/internal/site"
	"otklik/internal/source"
	"otklik/internal/topic"
)

// Options are what a server stands on. All but Upload, Covers, Files and Refused are required.
type Options struct {
	Cases   func(ctx context.Context, rule publicface.Rule, q publicface.Query) ([]publicface.Case, error)
	Rule    func() publicface.Rule
	Tx      func() incident.Tx     // agencies; the message and the incident behind a token
	Senders func() []source.Sender // who may file, with their keys
	// Push stores a request or an update before it is answered.
	Push func(ctx context.Context, source, key string, list []message.Message) (accepted int, err error)
	// Upload stores the bytes of a picture and returns its name for an attachment.Ref. Nil: none are taken.
	Upload  func(ctx context.Context, source string, r io.Reader) (name string, err error)
	Refused func(source, sentence string) // tells people of a call with a sender's key that was refused
	Topics  func() *topic.Taxonomy
	Covers  func(lat, lon float64) bool // whether a point is ours; nil: all are
	Files   site.Files
	Mask    func(string) string
	Zone    func(scope.Place) *time.Location
	Region  string // OKTMO; a jurisdiction_id that is taken beside the host's name
	Contact string
	Base    func(*http.Request) string // «https://otklik.example.ru», without a path
	Visitor func(*http.Request) string // network address, for the limits
	Now     func() time.Time
	Log     *slog.Logger
	Wait    time.Duration // how long a POST waits for the number of its request before it gives a token; 0 = it does not
}

// A Server answers GeoReport v2.
type Server struct {
	Options
	limits limits
}

// New returns a server.
func New(o Options) *Server { return &Server{Options: o} }

// Prefix is where the server stands.
const Prefix = "/open311/"

// Endpoints, below Prefix.
const (
	production = "v2"
	rehearsal  = "test"
)

// A call is one request to the server, read as far as its address and its parameters.
type call struct {
	*http.Request
	format format
	test   bool // of the test endpoint
	params
	sender *source.Sender // whose api_key it carries; nil for none
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Access-Control-Allow-Origin", "*") // what everybody may read any page may read
	w.Header().Set("X-Robots-Tag", "noindex")
	rest := strings.TrimPrefix(r.URL.Path, Prefix)
	f := asXML
	switch {
	case strings.HasSuffix(rest, ".xml"):
	case strings.HasSuffix(rest, ".json"):
		f = asJSON
	default:
		if number, n, ok := pictureOf(rest); ok && r.Method == http.MethodGet {
			s.picture(w, r, number, n)
			return
		}
		nowhere.send(w, f)
		return
	}
	if no := s.limits.visit(s.Visitor(r), s.Now()); no != nil {
		no.send(w, f)
		return
	}
	c := &call{Request: r, format: f}
	d, status, no := s.answer(w, c, strings.TrimSuffix(rest, "."+string(f)))
	if no != nil {
		if c.sender != nil && c.Method == http.MethodPost && s.Refused != nil && no.status < http.StatusInternalServerError {
			s.Refused(c.sender.Source, "Обращение по Open311 не принято: "+no.list[0].about)
		}
		no.send(w, f)
		return
	}
	send(w, status, f, d)
}

var nowhere = &refusal{status: http.StatusNotFound, list: []fail{{"not_found", "Такого адреса нет. Описание сервера: /open311/discovery.xml и /open311/discovery.json, запросы оканчиваются на .xml или .json."}}}

// answer finds what the address names and asks it.
func (s *Server) answer(w http.ResponseWriter, c *call, rest string) (document, int, *refusal) {
	first, path, deep := strings.Cut(rest, "/")
	if rest == "discovery" {
		return s.discovery(c), http.StatusOK, onlyGet(c)
	}
	if !deep || first != production && first != rehearsal {
		return document{}, 0, nowhere
	}
	c.test = first == rehearsal
	if path == "discovery" {
		return s.discovery(c), http.StatusOK, onlyGet(c)
	}
	var no *refusal
	if c.params, no = s.read(w, c); no != nil {
		return document{}, 0, no
	}
	if no := s.jurisdiction(c); no != nil {
		return document{}, 0, no
	}
	if no := s.known(c); no != nil {
		return document{}, 0, no
	}
	name, id, one := strings.Cut(path, "/")
	var do func(*call, string) (document, *refusal)
	switch posts := c.Method == http.MethodPost; {
	case name == "services" && !one:
		do = s.services
	case name == "services":
		do = s.definition
	case name == "requests" && !one && posts:
		return s.file(c)
	case name == "requests" && !one:
		do = s.requests
	case name == "requests":
		do = s.request
	case name == "tokens" && one:
		do = s.token
	case name == "servicerequestupdates" && !one && posts:
		return s.update(c)
	case name == "servicerequestupdates" && !one:
		do = s.updates
	default:
		return document{}, 0, nowhere
	}
	if no := onlyGet(c); no != nil {
		return document{}, 0, no
	}
	d, no := do(c, id)
	return d, http.StatusOK, no
}

func onlyGet(c *call) *refusal {
	if c.Method == http.MethodGet || c.Method == http.MethodHead {
		return nil
	}
	return bad("method", "Здесь отвечают только на GET. POST принимают requests и servicerequestupdates.")
}

// jurisdiction refuses another city's id: this server speaks for one.
func (s *Server) jurisdiction(c *call) *refusal {
	id := c.get("jurisdiction_id")
	host, _, _ := strings.Cut(c.Host, ":")
	if id == "" || id == s.Region || strings.EqualFold(id, host) {
		return nil
	}
	return &refusal{status: http.StatusNotFound, list: []fail{{"jurisdiction_id", "Этот сервер отвечает за одну территорию: такого jurisdiction_id нет. Параметр можно не указывать."}}}
}

func (s *Server) broken(what string, err error) *refusal {
	s.Log.Error("Open311 cannot answer", "what", what, "error", err)
	return &refusal{status: http.StatusServiceUnavailable, list: []fail{{"unavailable", "Сейчас не получилось. Повторите запрос через минуту."}}, after: time.Minute}
}

// discovery is the document of Service Discovery.
func (s *Server) discovery(c *call) document {
	base := s.Base(c.Request) + Prefix
	endpoint := func(path, kind string) record {
		return record{
			text("specification", "http://wiki.open311.org/GeoReport_v2"), text("url", base+path), text("changeset", changeset), text("type", kind),
			{name: "formats", item: "format", words: []string{"text/xml", "application/json"}},
		}
	}
	return document{root: "discovery", one: record{
		text("changeset", changeset), text("contact", s.Contact),
		text("key_service", "Ключ (api_key) выдаёт администратор центра на странице «Источники»: «Подключить систему», приём по Open311. На адресе test годится ключ «test»."),
		{name: "endpoints", item: "endpoint", list: []record{endpoint(production, "production"), endpoint(rehearsal, "test")}},
	}}
}

// changeset is when what this server offers changed last.
const changeset = "2026-11-23T00:00:00Z"

// picture serves a released picture of a public case.
func (s *Server) picture(w http.ResponseWriter, r *http.Request, number string, n int) {
	if no := s.limits.visit(s.Visitor(r), s.Now()); no != nil {
		no.send(w, asXML)
		return
	}
	var files []attachment.Attachment
	list, err := s.Cases(r.Context(), s.Rule(), publicface.Query{Numbers: []string{number}})
	if err != nil {
		s.broken("picture", err).send(w, asXML)
		return
	}
	for k := range list {
		if face, ok := s.Rule().Face(&list[k], s.Mask); ok {
			files = face.Pictures()
		}
	}
	if n < 1 || n > len(files) || site.ServeFile(w, r, s.Files, &files[n-1], false) != nil {
		nowhere.send(w, asXML)
	}
}
