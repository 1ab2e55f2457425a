package open311

import (
	"context"
	"encoding/json"
	"net/url"
	"path"
	"strings"

	"otklik/internal/message"
	"otklik/internal/source"
)

// Links recognises links of Open311: of a discovery document, of an endpoint, of a resource
// below one.
type Links struct{ Options Options }

// georeport names the specification in a discovery document.
const georeport = "georeport_v2"

// Recognise implements source.Recogniser. It asks for the discovery document alone.
func (l Links) Recognise(ctx context.Context, link *url.URL) (*source.Guess, error) {
	base, file := path.Split(link.Path)
	name, ext, _ := strings.Cut(file, ".")
	switch {
	case ext != "json" && ext != "xml":
		if !strings.Contains(strings.ToLower(link.Path), "open311") && !strings.Contains(strings.ToLower(link.Path), "georeport") {
			return nil, nil
		}
		return l.guess(link, link.Path), nil
	case name == "requests" || name == "services":
		return l.guess(link, base), nil
	case name != "discovery":
		return nil, nil
	}
	u := *link
	u.Path, u.RawQuery, u.Fragment = base+"discovery.json", "", ""
	b, err := get(ctx, client(l.Options), &u)
	if err != nil {
		return nil, err
	}
	var doc struct {
		Endpoints []struct {
			Specification string `json:"specification"`
			URL           string `json:"url"`
			Type          string `json:"type"`
		} `json:"endpoints"`
	}
	if json.Unmarshal(b, &doc) != nil {
		return nil, noAnswer("no discovery document")
	}
	var found *url.URL
	for _, e := range doc.Endpoints {
		at, err := url.Parse(strings.TrimSpace(e.URL))
		if err != nil || at.Host == "" || !strings.Contains(strings.ToLower(e.Specification), georeport) {
			continue
		}
		if found == nil || e.Type == "production" {
			found = at
		}
	}
	if found == nil {
		return nil, source.Fail(source.Permanent, "В описании этой системы нет адреса GeoReport v2. Вставьте ссылку на сам адрес.", "open311: no endpoint of GeoReport v2")
	}
	return l.guess(found, found.Path), nil
}

func (l Links) guess(at *url.URL, p string) *source.Guess {
	end := url.URL{Scheme: at.Scheme, Host: at.Host, Path: strings.TrimSuffix(p, "/")}
	set := Settings{Endpoint: end.String(), Jurisdiction: at.Query().Get("jurisdiction_id")}
	raw, _ := json.Marshal(set) // of strings
	id := "open311:" + strings.ToLower(at.Host) + end.Path
	if set.Jurisdiction != "" {
		id += "?" + set.Jurisdiction
	}
	return &source.Guess{Source: source.Source{ID: id, Kind: source.City, Channel: message.City, Name: at.Hostname(), URL: end.String(), Settings: raw}}
}
