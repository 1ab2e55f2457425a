package portal_test

import (
	"compress/gzip"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"otklik/internal/agency"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/live"
	"otklik/internal/message"
	"otklik/internal/portal"
	"otklik/internal/publicface"
	"otklik/internal/regime"
	"otklik/internal/reply"
	"otklik/internal/scope"
	"otklik/internal/site"
	"otklik/internal/store"
	"otklik/internal/topic"
)

// A centre has cases that everybody may see, and others.
type centre struct {
	h     http.Handler
	db    *store.DB
	hub   *live.Hub
	now   time.Time
	asked atomic.Int64 // looks into the store
	open  *incident.Incident
	law   *incident.Incident // under 59-ФЗ
	fresh *incident.Incident // nobody has looked
}

const secretWords = "Звоните Ивану Тайному 8-913-555-44-33"

func newCentre(t *testing.T) *centre {
	t.Helper()
	c := &centre{now: time.Date(2026, time.November, 23, 9, 0, 0, 0, time.UTC), hub: live.NewHub()}
	var err error
	if c.db, err = store.Open(t.Context(), filepath.Join(t.TempDir(), "otklik.db"), store.Clock(func() time.Time { return c.now })); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.db.Close() })
	list, err := regime.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	taxonomy := topic.Default()
	pit := taxonomy.Topics[0]
	for _, tp := range taxonomy.Topics {
		if strings.HasPrefix(string(tp.Code), "roads.") {
			pit = tp
			break
		}
	}
	err = c.db.Change(t.Context(), incident.People, func(tx incident.Tx) error {
		a := &agency.Agency{Name: "Дорожная служба <Абакана>", Short: "Дорслужба", Place: scope.Place{Region: "95000000"}}
		if err := tx.Agencies().SaveAgency(t.Context(), a); err != nil {
			return err
		}
		file := func(native string, change func(*incident.Incident)) (*incident.Incident, error) {
			m := &message.Message{Source: "vk:-1", Native: native, Revision: message.HashOf(native), Channel: message.VK, Form: message.Comment, Text: secretWords, Author: "id7", AuthorName: "Иван Тайный",
				URL: "https://vk.example/wall-1_" + native, Territory: "95000000", PublishedAt: c.now, Place: scope.Place{Region: "95000000", Centre: "95701000"}}
			if _, err := tx.Messages().Keep(t.Context(), m, &message.Reading{}); err != nil {
				return nil, err
			}
			i := &incident.Incident{State: lifecycle.Working, Topic: pit.Code, Group: pit.Group, Kind: message.Complaint, Channel: message.VK, First: m.ID,
				Place: scope.Place{Region: "95000000", Centre: "95701000", Agency: a.ID}, OpenedAt: c.now, UpdatedAt: c.now,
				Address: incident.Address{Settlement: "Абакан", Street: "улица Ленина", House: "33", Lat: 53.72, Lon: 91.44}}
			i.Clock.Regime, i.Clock.AnswerDue = "open", c.now.Add(time.Hour)
			change(i)
			if err := tx.Incidents().Open(t.Context(), i); err != nil {
				return nil, err
			}
			return i, tx.Incidents().Attach(t.Context(), i.ID, m.ID)
		}
		var err error
		if c.open, err = file("1", func(*incident.Incident) {}); err != nil {
			return err
		}
		if c.law, err = file("2", func(i *incident.Incident) { i.Clock.Regime = "appeal59" }); err != nil {
			return err
		}
		if c.fresh, err = file("3", func(i *incident.Incident) { i.State = lifecycle.New }); err != nil {
			return err
		}
		for _, r := range []reply.Reply{{State: reply.Published, Text: "Засыпали <сегодня>."}, {State: reply.Draft, Text: "черновик"}} {
			r.Incident, r.Purpose, r.PublishedAt = int64(c.open.ID), reply.Final, c.now
			if err := tx.Replies().SaveReply(t.Context(), &r); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	cases := func() incident.Tx { c.asked.Add(1); return c.db.Reader() }
	s := site.New(site.Options{Cases: cases, Writer: c.db, Now: func() time.Time { return c.now }})
	c.h = s.Handler(portal.New(portal.Options{Site: s, Title: "ЦУР", Cases: cases, Topics: func() *topic.Taxonomy { return taxonomy }, Now: func() time.Time { return c.now },
		Face: &portal.Face{Scope: scope.OfRegion("95000000"), Rule: func() publicface.Rule { return publicface.New(list) }, Mask: func(s string) string { return s }, Events: c.hub,
			Areas: []portal.Area{{Code: "95701000", Name: "Абакан", People: 1000}}, Regimes: func() []regime.Regime { return list }, Base: "https://otklik.example",
			Licence: portal.Licence{Name: "CC BY 4.0", URL: "https://licence.example/"}}}).Routes())
	return c
}

func (c *centre) get(t *testing.T, path string, header ...string) *http.Response {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, path, nil)
	for k := 0; k < len(header); k += 2 {
		r.Header.Set(header[k], header[k+1])
	}
	w := httptest.NewRecorder()
	c.h.ServeHTTP(w, r)
	return w.Result()
}

func bodyOf(t *testing.T, r *http.Response) string {
	t.Helper()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

var facePaths = []string{"/list", "/list?state=working&centre=95701000", "/list.atom", "/list.rss", "/map", "/map?centre=95701000", "/agencies", "/agencies/1", "/league", "/league?by=area", "/opendata", "/opendata/cases.csv", "/opendata/cases.geojson"}

// TestNothingPrivateStandsInPublic asks every page for what it must not say.
func TestNothingPrivateStandsInPublic(t *testing.T) {
	t.Parallel()
	c := newCentre(t)
	for _, path := range append(facePaths, "/list/"+c.open.Number) {
		r := c.get(t, path, "Cookie", "otklik=stolen")
		body := bodyOf(t, r)
		if r.StatusCode != http.StatusOK {
			t.Errorf("GET %s = %d", path, r.StatusCode)
		}
		for _, bad := range []string{"Тайн", "8-913", "vk.example", "id7", "черновик", c.law.Number, c.fresh.Number, "<сегодня>", "<Абакана>", "<script"} {
			if strings.Contains(body, bad) && !strings.Contains(path, ".csv") && !strings.Contains(path, ".geojson") || strings.Contains(body, c.law.Number) {
				t.Errorf("GET %s says %q", path, bad)
			}
		}
		if got := r.Header.Get("Set-Cookie"); got != "" || strings.Contains(r.Header.Get("Vary"), "Cookie") {
			t.Errorf("GET %s touches the session: %q", path, got)
		}
		if !strings.HasPrefix(r.Header.Get("Cache-Control"), "public, max-age=") {
			t.Errorf("GET %s: Cache-Control = %q", path, r.Header.Get("Cache-Control"))
		}
	}
	page := bodyOf(t, c.get(t, "/list/"+c.open.Number))
	for _, want := range []string{"Засыпали &lt;сегодня&gt;.", "Дорожная служба", "улица Ленина, 33", "в работе"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page of a case does not say %q", want)
		}
	}
	if list := bodyOf(t, c.get(t, "/list")); !strings.Contains(list, "/list/"+c.open.Number) || !strings.Contains(list, "1 сообщение") && !strings.Contains(list, "1\u00a0сообщение") {
		t.Error("the list does not show the one case that is public")
	}
}

func TestWhatIsNotPublicIsNotFound(t *testing.T) {
	t.Parallel()
	c := newCentre(t)
	none := bodyOf(t, c.get(t, "/list/00000001"))
	cut := func(s string) string {
		before, _, _ := strings.Cut(s, "Код для администратора")
		return before
	}
	for _, path := range []string{"/list/" + c.law.Number, "/list/" + c.fresh.Number, "/list/1", "/list/abcdefgh", "/problems/1", "/problems/x", "/agencies/99", "/list/" + c.open.Number + "/photo/1", "/list/" + c.law.Number + "/photo/1"} {
		r := c.get(t, path)
		if body := bodyOf(t, r); r.StatusCode != http.StatusNotFound || cut(body) != cut(none) {
			t.Errorf("GET %s = %d, or it says more than of what never was", path, r.StatusCode)
		}
	}
}

func TestBadFiltersAreTold(t *testing.T) {
	t.Parallel()
	c := newCentre(t)
	for path, want := range map[string]string{
		"/list?centre=<x>": "Такой территории здесь нет", "/list?group=x": "Такой группы тем нет", "/list?state=x": "Такого состояния нет", "/list?agency=-1": "Такой организации здесь нет",
		"/list?after=x": "больше не существует", "/map?centre=1": "Такой территории здесь нет", "/league?by=x": "Рейтинг бывает", "/opendata/cases.csv?since=x": "Дату пишите так", "/list.atom?state=x": "Такого состояния нет", "/list.rss?centre=1": "Такой территории здесь нет",
	} {
		r := c.get(t, path)
		if body := bodyOf(t, r); r.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(body, want) || strings.Contains(body, "<x>") {
			t.Errorf("GET %s = %d without %q", path, r.StatusCode, want)
		}
	}
}

func TestPagesAreMadeOncePerChange(t *testing.T) {
	t.Parallel()
	c := newCentre(t)
	first := c.get(t, "/list?state=&utm=1")
	looks := c.asked.Load()
	for range 10 {
		if r := c.get(t, "/list?other=2"); r.Header.Get("ETag") != first.Header.Get("ETag") || bodyOf(t, r) == "" {
			t.Fatal("the same list is another page")
		}
	}
	if got := c.asked.Load(); got != looks {
		t.Errorf("ten readers asked the store %d times more", got-looks)
	}
	for _, h := range []string{"If-None-Match", "If-Modified-Since"} {
		value := first.Header.Get(map[string]string{"If-None-Match": "ETag", "If-Modified-Since": "Last-Modified"}[h])
		if r := c.get(t, "/list", h, value); r.StatusCode != http.StatusNotModified || bodyOf(t, r) != "" {
			t.Errorf("%s: %d, want 304", h, r.StatusCode)
		}
	}
	if r := c.get(t, "/list", "If-None-Match", `"other"`, "If-Modified-Since", first.Header.Get("Last-Modified")); r.StatusCode != http.StatusOK {
		t.Errorf("an entity tag goes before a date: %d", r.StatusCode)
	}
	packed := c.get(t, "/list", "Accept-Encoding", "gzip")
	z, err := gzip.NewReader(packed.Body)
	if err != nil {
		t.Fatal(err)
	}
	if body, err := io.ReadAll(z); err != nil || string(body) != bodyOf(t, first) {
		t.Error("gzip holds another page")
	}
	c.now = c.now.Add(4 * time.Second)
	c.get(t, "/list")
	if c.asked.Load() != looks {
		t.Error("nothing has changed, and the page was made anew")
	}
	err = c.db.Change(t.Context(), incident.People, func(tx incident.Tx) error {
		i, err := tx.Incidents().Incident(t.Context(), scope.All(), c.open.ID)
		if err != nil {
			return err
		}
		i.Outcome = lifecycle.Refused
		return tx.Incidents().Save(t.Context(), i)
	})
	if err != nil {
		t.Fatal(err)
	}
	c.hub.Publish(live.Event{Incident: c.open.ID, Version: 2, Place: c.open.Place})
	if body := bodyOf(t, c.get(t, "/list")); strings.Contains(body, c.open.Number) {
		t.Error("the list shows what is public no more")
	}
}

func TestOpenDataAreWellFormed(t *testing.T) {
	t.Parallel()
	c := newCentre(t)
	rows, err := csv.NewReader(c.get(t, "/opendata/cases.csv?since=2026-11-01").Body).ReadAll()
	if err != nil || len(rows) != 2 || rows[1][0] != c.open.Number || rows[0][0] != "number" {
		t.Errorf("CSV: %q, %v", rows, err)
	}
	if rows, err := csv.NewReader(c.get(t, "/opendata/cases.csv?since=2026-12-01").Body).ReadAll(); err != nil || len(rows) != 1 {
		t.Errorf("CSV of later: %q, %v", rows, err)
	}
	r := c.get(t, "/opendata/cases.geojson")
	var features struct {
		Licence  string
		Features []struct {
			Geometry   struct{ Coordinates [2]float64 }
			Properties map[string]string
		}
	}
	if err := json.NewDecoder(r.Body).Decode(&features); err != nil || len(features.Features) != 1 || features.Licence != "CC BY 4.0" || features.Features[0].Geometry.Coordinates != [2]float64{91.44, 53.72} {
		t.Errorf("GeoJSON: %+v, %v", features, err)
	}
	if r.Header.Get("Link") != `<https://licence.example/>; rel="license"` {
		t.Errorf("Link = %q", r.Header.Get("Link"))
	}
	var feed struct {
		Entries []struct {
			ID   string `xml:"id"`
			Link struct {
				Href string `xml:"href,attr"`
			} `xml:"link"`
		} `xml:"entry"`
	}
	if err := xml.NewDecoder(c.get(t, "/list.atom?centre=95701000").Body).Decode(&feed); err != nil || len(feed.Entries) != 1 || feed.Entries[0].Link.Href != "https://otklik.example/list/"+c.open.Number {
		t.Errorf("Atom: %+v, %v", feed, err)
	}
	var rss struct {
		Version string `xml:"version,attr"`
		Lang    string `xml:"channel>language"`
		Items   []struct {
			Link string `xml:"link"`
			GUID string `xml:"guid"`
			Date string `xml:"pubDate"`
		} `xml:"channel>item"`
	}
	r = c.get(t, "/list.rss?centre=95701000")
	if err := xml.NewDecoder(r.Body).Decode(&rss); err != nil || rss.Version != "2.0" || rss.Lang != "ru" || len(rss.Items) != 1 || rss.Items[0].Link != "https://otklik.example/list/"+c.open.Number ||
		rss.Items[0].GUID != "urn:otklik:case:"+c.open.Number || r.Header.Get("Content-Type") != "application/rss+xml; charset=utf-8" {
		t.Errorf("RSS: %q %+v, %v", r.Header.Get("Content-Type"), rss, err)
	}
	if at, err := time.Parse(time.RFC1123Z, rss.Items[0].Date); err != nil || at.IsZero() {
		t.Errorf("RSS: pubDate %q, %v", rss.Items[0].Date, err)
	}
	page, err := io.ReadAll(c.get(t, "/list?centre=95701000").Body)
	for _, want := range []string{`type="application/atom+xml" href="/list.atom?centre=95701000"`, `type="application/rss+xml" href="/list.rss?centre=95701000"`} {
		if err != nil || !strings.Contains(string(page), want) {
			t.Errorf("the list does not tell a reader's program %s, %v", want, err)
		}
	}
}
