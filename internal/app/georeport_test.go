package app_test

import (
	"bytes"
	"context"
	"encoding/json"
	"image"
	"image/png"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"otklik/internal/account"
	"otklik/internal/agency"
	"otklik/internal/app"
	"otklik/internal/attachment"
	"otklik/internal/desk"
	"otklik/internal/envoy"
	"otklik/internal/georeport/georeporttest"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/message"
	"otklik/internal/neighbour"
	"otklik/internal/reply"
	"otklik/internal/scope"
	"otklik/internal/source"
)

// An open311Centre is a centre whose Open311 others use.
type open311Centre struct {
	*centre
	url   string
	admin account.Actor
}

// newOpen311 opens a centre that serves and takes in what is filed with it.
func newOpen311(t *testing.T) *open311Centre {
	t.Helper()
	c := &open311Centre{centre: newCentre(t)}
	c.admin = account.Actor{ID: c.account(lifecycle.Admin), Role: lifecycle.Admin, Scope: scope.OfRegion(khakassia)}
	h, err := app.Handler(c.App)
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	c.url = srv.URL
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- c.Inbox.Run(ctx, app.Take(c.App)) }()
	t.Cleanup(func() { stop(); <-done })
	return c
}

// admits makes an api_key for a system that files by Open311.
func (c *open311Centre) admits(t *testing.T, name string) (key, id string) {
	t.Helper()
	s := &source.Source{Name: name, Territory: "95701000", Settings: []byte(`{"open311":true}`)}
	key, err := c.Roster.Connect(t.Context(), c.admin, s, "")
	if err != nil {
		t.Fatal(err)
	}
	return key, s.ID
}

func (c *open311Centre) post(t *testing.T, what string, form url.Values) (int, string) {
	t.Helper()
	res, err := http.PostForm(c.url+"/open311/v2/"+what+".json", form) //nolint:noctx // a server of the test's own
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(b)
}

func (c *open311Centre) get(t *testing.T, what string) (int, []map[string]any) {
	t.Helper()
	res, err := http.Get(c.url + "/open311/v2/" + what) //nolint:noctx // likewise
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var list []map[string]any
	if err := json.NewDecoder(res.Body).Decode(&list); err != nil {
		t.Fatalf("GET %s: %d %v", what, res.StatusCode, err)
	}
	return res.StatusCode, list
}

// files files a request and returns its number.
func (c *open311Centre) files(t *testing.T, key, words string) string {
	t.Helper()
	status, body := c.post(t, "requests", url.Values{"api_key": {key}, "service_code": {"roads.potholes"}, "address_string": {"Абакан, улица Ленина, 33"}, "lat": {"53.7213"}, "long": {"91.4425"},
		"description": {words}, "first_name": {"Мария"}, "last_name": {"Петрова"}, "phone": {"+7 900 000-00-02"}})
	var list []struct {
		ID    string `json:"service_request_id"`
		Token string `json:"token"`
	}
	if err := json.Unmarshal([]byte(body), &list); err != nil || status != 200 || len(list) != 1 || list[0].ID == "" {
		t.Fatalf("POST: %d %s", status, body)
	}
	return list[0].ID
}

func (c *centre) numbered(t *testing.T, number string) *incident.Incident {
	t.Helper()
	i, err := c.DB.Reader().Incidents().ByNumber(t.Context(), scope.All(), number)
	if err != nil {
		t.Fatal(err)
	}
	return i
}

func (c *centre) does(t *testing.T, id incident.ID, changes ...desk.Change) {
	t.Helper()
	for _, ch := range changes {
		if _, err := c.Desk.Do(t.Context(), c.operator(), id, 0, ch); err != nil {
			t.Fatalf("%s: %v", ch.Action(), err)
		}
	}
}

func TestOurOpen311KeepsTheSpecification(t *testing.T) {
	t.Parallel()
	c := newOpen311(t)
	key, _ := c.admits(t, "Городской портал")
	number := c.files(t, key, "Яма на дороге")
	georeporttest.Run(t, georeporttest.Target{
		Discovery: c.url + "/open311/discovery", Key: key, Number: number, Service: "roads.potholes", Asking: asking(t, c), Lat: "53.7213", Long: "91.4425",
	})
}

// asking is a service with a required attribute.
func asking(t *testing.T, c *open311Centre) string {
	t.Helper()
	for _, tp := range c.Topics().Active() {
		if tp.GroupCode == "transit" {
			return string(tp.Code)
		}
	}
	t.Fatal("no service asks")
	return ""
}

// TestWhatIsFiledByOpen311: words are nobody's but the sender's until staff have read them, then
// masked; the sender alone learns of a refusal; more words and pictures belong to the same case.
func TestWhatIsFiledByOpen311(t *testing.T) {
	t.Parallel()
	c := newOpen311(t)
	key, _ := c.admits(t, "Городской портал")
	other, _ := c.admits(t, "Другой портал")
	words := "Яма на дороге, звоните +7 900 000-00-02"
	number := c.files(t, key, words)
	i := c.numbered(t, number)
	if i.Topic != "roads.potholes" || i.State != lifecycle.New || i.Address.Lat == 0 || i.Channel != message.City || i.Place.Centre != "95701000" {
		t.Errorf("filed: %+v", i)
	}
	described := func(as string) string {
		t.Helper()
		q := "requests.json?service_request_id=" + number
		if as != "" {
			q += "&api_key=" + url.QueryEscape(as)
		}
		_, list := c.get(t, q)
		if len(list) == 0 {
			return "-"
		}
		return list[0]["description"].(string)
	}
	for as, want := range map[string]string{"": "", other: "", key: words} {
		if got := described(as); got != want {
			t.Errorf("before anybody has read it the description is %q, want %q", got, want)
		}
	}
	c.does(t, i.ID, desk.Accept{})
	for as, want := range map[string]string{"": "Яма на дороге, звоните [скрыто]", other: "Яма на дороге, звоните [скрыто]", key: words} {
		if got := described(as); got != want {
			t.Errorf("the description is %q, want %q", got, want)
		}
	}
	if status, body := c.post(t, "servicerequestupdates", url.Values{"api_key": {key}, "service_request_id": {number}, "description": {"Яма стала больше"}, "update_id": {"u1"}}); status != 200 || !strings.Contains(body, "u1") {
		t.Errorf("update: %d %s", status, body)
	}
	if status, body := c.post(t, "servicerequestupdates", url.Values{"api_key": {other}, "service_request_id": {number}, "description": {"чужое"}}); status != 404 {
		t.Errorf("update of another's: %d %s", status, body)
	}
	c.until(t, func() bool { return c.numbered(t, number).Messages == 2 })
	c.does(t, i.ID, desk.Reject{Reason: "не наша дорога"})
	if got := described(""); got != "-" {
		t.Errorf("a refused one is shown to all: %q", got)
	}
	if _, list := c.get(t, "requests.json?service_request_id="+number+"&api_key="+url.QueryEscape(key)); len(list) != 1 || list[0]["status"] != "closed" || strings.Contains(list[0]["status_notes"].(string), "не наша") {
		t.Errorf("its sender sees %v", list)
	}
}

func (c *open311Centre) until(t *testing.T, done func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !done(); {
		if time.Now().After(end) {
			t.Fatal("it did not come to be in 20 seconds")
		}
	}
}

// TestAPictureComesWithARequest: it is kept before the answer, and belongs to the incident.
func TestAPictureComesWithARequest(t *testing.T) {
	t.Parallel()
	c := newOpen311(t)
	key, _ := c.admits(t, "Городской портал")
	var shot bytes.Buffer
	if err := png.Encode(&shot, image.NewRGBA(image.Rect(0, 0, 40, 30))); err != nil {
		t.Fatal(err)
	}
	for name, one := range map[string]struct {
		bytes  []byte
		status int
	}{"a picture": {shot.Bytes(), 200}, "a page": {[]byte("<html><script>"), 400}, "nothing": {nil, 400}} {
		var b bytes.Buffer
		w := multipart.NewWriter(&b)
		for k, v := range map[string]string{"api_key": key, "service_code": "roads.potholes", "lat": "53.7213", "long": "91.4425", "description": "Яма, снимок: " + name} {
			_ = w.WriteField(k, v)
		}
		f, _ := w.CreateFormFile("media", "../../etc/passwd")
		_, _ = f.Write(one.bytes)
		_ = w.Close()
		res, err := http.Post(c.url+"/open311/v2/requests.json", w.FormDataContentType(), &b) //nolint:noctx // a server of the test's own
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(res.Body)
		res.Body.Close()
		if res.StatusCode != one.status {
			t.Errorf("%s: %d %s", name, res.StatusCode, body)
		}
	}
	if _, err := c.Fetcher.Step(t.Context()); err != nil {
		t.Fatal(err)
	}
	rows := c.queue(t)
	if len(rows) != 1 {
		t.Fatalf("%d incidents, want 1", len(rows))
	}
	list, err := c.DB.Reader().Attachments().OfIncident(t.Context(), scope.All(), int64(rows[0].ID))
	if err != nil || len(list) != 1 || list[0].State != attachment.Kept || list[0].Width != 40 {
		t.Errorf("attachments %+v, %v", list, err)
	}
}

// TestTwoCentresHandIncidentsToEachOther: no adapter stands between them. Each reads the
// other's list and files with it; the answer of one becomes the draft of the other.
func TestTwoCentresHandIncidentsToEachOther(t *testing.T) {
	t.Parallel()
	a, b := newOpen311(t), newOpen311(t)
	for _, way := range []struct{ from, to *open311Centre }{{a, b}, {b, a}} {
		handed(t, way.from, way.to)
	}
}

func handed(t *testing.T, from, to *open311Centre) {
	t.Helper()
	ctx := t.Context()
	key, _ := to.admits(t, "Соседний центр")
	if err := from.Roster.SaveKey(ctx, from.admin, &source.Key{Name: "ключ соседа", Kind: source.City, Secret: key}); err != nil {
		t.Fatal(err)
	}
	g, err := from.Roster.Recognise(ctx, from.admin, to.url+"/open311/discovery.json")
	if err != nil {
		t.Fatal(err)
	}
	g.Source.Name, g.Source.Key = "Сосед", "ключ соседа"
	if err := from.Roster.Save(ctx, from.admin, &g.Source); err != nil {
		t.Fatal(err)
	}
	stands := &agency.Agency{Name: "Соседний центр", Place: scope.Place{Region: khakassia}}
	answers := &agency.Agency{Name: "Дорожная служба", Place: scope.Place{Region: khakassia}}
	for c, one := range map[*open311Centre]*agency.Agency{from: stands, to: answers} {
		if err := c.DB.Change(ctx, incident.People, func(tx incident.Tx) error { return tx.Agencies().SaveAgency(ctx, one) }); err != nil {
			t.Fatal(err)
		}
	}
	if err := from.Envoy.Ask(ctx, from.admin, g.ID); err != nil {
		t.Fatal(err)
	}
	city, err := from.Envoy.City(ctx, g.ID)
	if err != nil || len(city.Services) < 100 {
		t.Fatalf("services: %d, %v", len(city.Services), err)
	}
	city.Agency = stands.ID
	if city.Topics, city.Groups = from.Envoy.Propose(city); city.Topics["roads.potholes"] != "roads.potholes" {
		t.Errorf("proposed for potholes: %q", city.Topics["roads.potholes"])
	}
	if err := from.Envoy.Save(ctx, from.admin, city); err != nil {
		t.Fatal(err)
	}
	post := from.vk.PostAt(0, "Доброе утро, соседи", from.now().Add(-time.Hour))
	if _, err := from.vk.CommentAt(post, 0, from.vk.Person("Анна Петрова"), "По улице Ленина в Абазе в районе центральной бани появилась яма, звоните +7 900 000-00-01", from.now().Add(-time.Minute)); err != nil {
		t.Fatal(err)
	}
	known := map[incident.ID]bool{}
	for _, row := range from.queue(t) {
		known[row.ID] = true
	}
	from.poll(t)
	var ours incident.ID
	for _, row := range from.queue(t) {
		if row.Channel == message.VK && !known[row.ID] {
			ours = row.ID
		}
	}
	change, err := from.Envoy.Hand(ctx, from.operator(), from.at(t, ours), envoy.Input{Source: g.ID, Service: "roads.potholes", Asked: map[string][]string{"danger": {"yes"}}})
	if err != nil {
		t.Fatal(err)
	}
	from.does(t, ours, change)
	from.clock.Add(10)
	step := func(apart int64) *neighbour.Request {
		t.Helper()
		if _, err := from.Envoy.Step(ctx); err != nil {
			t.Fatal(err)
		}
		from.clock.Add(apart)
		to.clock.Store(from.clock.Load())
		list, err := from.DB.Reader().Neighbours().OfIncident(ctx, scope.All(), int64(ours))
		if err != nil || len(list) != 1 {
			t.Fatalf("requests: %+v, %v", list, err)
		}
		return &list[0]
	}
	r := step(3600)
	if r.State != neighbour.Open || r.Number == "" {
		t.Fatalf("handed over: %+v", r)
	}
	theirs := to.numbered(t, r.Number)
	said, err := to.DB.Reader().Messages().Message(ctx, scope.All(), theirs.First)
	if err != nil || theirs.Topic != "roads.potholes" || strings.Contains(said.Text, "900") || !strings.Contains(said.Text, "появилась яма") || !strings.Contains(said.Text, "Опасно ли это прямо сейчас: да.") || said.AuthorName != "" {
		t.Errorf("they got %+v of %+v, %v", said, theirs, err)
	}
	before := len(from.queue(t))
	from.poll(t) // their list shows our own request: it is no message to us
	if n := len(from.queue(t)); n != before {
		t.Errorf("%d incidents after the poll, want %d", n, before)
	}
	to.does(t, theirs.ID, desk.Accept{}, desk.HandOver{Agency: answers.ID}, desk.Answer{Text: "Яму на улице Ленина засыпали щебнем, асфальт уложат 5 декабря 2026 года.", Purpose: reply.Final})
	replies, err := to.DB.Reader().Replies().OfIncident(ctx, scope.All(), int64(theirs.ID))
	if err != nil || len(replies) != 1 {
		t.Fatalf("replies: %+v, %v", replies, err)
	}
	if replies[0].State == reply.Draft {
		to.does(t, theirs.ID, desk.Approve{Reply: replies[0].ID})
	}
	to.clock.Add(60)
	if _, err := to.Outbox.Step(ctx); err != nil {
		t.Fatal(err)
	}
	if i := to.at(t, theirs.ID); i.State != lifecycle.Answered {
		t.Fatalf("their incident after the answer: %s", i.State)
	}
	step(3600)
	if r = step(3600); r.State != neighbour.Closed || r.Standing.Agency != "Дорожная служба" {
		t.Errorf("our request: %+v", r)
	}
	list, err := from.DB.Reader().Replies().OfIncident(ctx, scope.All(), int64(ours))
	if err != nil || len(list) != 1 || list[0].State != reply.Draft || !strings.HasPrefix(list[0].Text, "Яму на улице Ленина засыпали") {
		t.Errorf("their answer here: %+v, %v", list, err)
	}
	if status, shown := to.get(t, "requests/"+r.Number+".json?extensions=true"); status != 200 || shown[0]["status"] != "closed" || shown[0]["agency_responsible"] != "Дорожная служба" || strings.Contains(shown[0]["description"].(string), "900") {
		t.Errorf("in public: %v", shown)
	}
	if _, updates := to.get(t, "servicerequestupdates.json"); len(updates) != 1 || updates[0]["service_request_id"] != r.Number || updates[0]["status"] != "closed" {
		t.Errorf("updates: %v", updates)
	}
}
