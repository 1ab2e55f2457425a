package app_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"otklik/internal/account"
	"otklik/internal/app"
	"otklik/internal/desk"
	"otklik/internal/feedback"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/reply"
	"otklik/internal/scope"
)

// asked is a centre in which a comment was answered. The author is the first person.
func (c *centre) asked(t *testing.T) (post, author, reply int64, id incident.ID) {
	t.Helper()
	post = c.vk.PostAt(0, "Доброе утро, соседи", c.now().Add(-time.Hour))
	author = c.vk.Person("Анна Петрова")
	if _, err := c.vk.CommentAt(post, 0, author, "По улице Ленина в Абазе в районе центральной бани появилась яма, уже колесо пробили", c.now().Add(-time.Minute)); err != nil {
		t.Fatal(err)
	}
	c.poll(t)
	row := c.queue(t)[0]
	if _, err := c.Desk.Do(t.Context(), c.operator(), row.ID, row.Version, desk.Answer{Text: "Яму засыпали сегодня."}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Outbox.Step(t.Context()); err != nil {
		t.Fatal(err)
	}
	c.poll(t)
	return post, author, 0, row.ID
}

func (c *centre) at(t *testing.T, id incident.ID) *incident.Incident {
	t.Helper()
	i, err := c.DB.Reader().Incidents().Incident(t.Context(), scope.All(), id)
	if err != nil {
		t.Fatal(err)
	}
	return i
}

// TestTheAuthorsNextWordsBelongToTheSameIncident: under our reply the author says
// how it went. Nothing of that opens a second incident.
func TestTheAuthorsNextWordsBelongToTheSameIncident(t *testing.T) {
	t.Parallel()
	for words, want := range map[string]struct {
		state    lifecycle.State
		verified bool
		meaning  feedback.Meaning
	}{
		"Ничего не сделали, яма как была так и есть": {lifecycle.Rework, false, feedback.Refuted},
		"Спасибо, засыпали!":                         {lifecycle.Answered, true, feedback.Confirmed},
		"2":                                          {lifecycle.Rework, false, feedback.Mark},
		"А когда на Пушкина дорогу почините, там тоже яма на яме?": {lifecycle.Answered, false, feedback.NewMatter},
	} {
		t.Run(words, func(t *testing.T) {
			t.Parallel()
			c := newCentre(t)
			post, author, _, id := c.asked(t)
			c.clock.Add(60)
			if _, err := c.vk.CommentAt(post, 0, author, words, c.now()); err != nil {
				t.Fatal(err)
			}
			c.poll(t)
			if n := len(c.queue(t)); n != 1 {
				t.Errorf("the queue has %d incidents, want 1", n)
			}
			if i := c.at(t, id); i.State != want.state || i.Verified() != want.verified {
				t.Errorf("state %s, verified %t", i.State, i.Verified())
			}
			voices, err := c.DB.Reader().Feedback().OfIncident(t.Context(), scope.All(), int64(id))
			if err != nil || len(voices) != 1 || voices[0].Meaning != want.meaning || len(voices[0].Evidence) == 0 {
				t.Errorf("voices = %+v, %v", voices, err)
			}
			c.poll(t)
			if again, err := c.DB.Reader().Feedback().OfIncident(t.Context(), scope.All(), int64(id)); err != nil || len(again) != 1 {
				t.Errorf("after another poll: %+v, %v", again, err)
			}
		})
	}
}

// TestThePageOfALink: the author opens the link, answers without a script, once.
func TestThePageOfALink(t *testing.T) {
	t.Parallel()
	c := newCentre(t)
	_, _, _, id := c.asked(t)
	curator := account.Actor{ID: c.account(lifecycle.Curator), Role: lifecycle.Curator, Scope: scope.OfRegion(khakassia)}
	if _, err := c.Desk.Do(t.Context(), curator, id, 0, desk.Close{Outcome: lifecycle.Solved}); err != nil {
		t.Fatal(err)
	}
	path, err := c.Desk.Invite(t.Context(), curator, id)
	if err != nil {
		t.Fatal(err)
	}
	h, err := app.Handler(c.App)
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	ask := func(form url.Values) (int, string, http.Header) {
		t.Helper()
		res, err := http.Get(srv.URL + path)
		if form != nil {
			res, err = http.PostForm(srv.URL+path, form)
		}
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		b, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return res.StatusCode, string(b), res.Header
	}
	status, page, head := ask(nil)
	if status != 200 || !strings.Contains(page, "Яму засыпали сегодня.") || strings.Contains(page, "колесо пробили") || head.Get("Referrer-Policy") != "no-referrer" || head.Get("Cache-Control") != "no-store" {
		t.Errorf("the page = %d, %v:\n%s", status, head, page)
	}
	if status, page, _ := ask(url.Values{"mark": {"7"}}); status != 422 && status != 400 || !strings.Contains(page, "Выберите ответ") {
		t.Errorf("a mark of seven = %d", status)
	}
	if status, page, _ := ask(url.Values{"solved": {"refuted"}, "text": {"Яма на месте"}}); status != 200 || !strings.Contains(page, "Возвращаем в работу") {
		t.Errorf("the answer = %d:\n%s", status, page)
	}
	if i := c.at(t, id); i.State != lifecycle.Rework {
		t.Errorf("state %s", i.State)
	}
	if status, page, _ := ask(url.Values{"solved": {"confirmed"}}); status != 409 || !strings.Contains(page, "уже ответили") {
		t.Errorf("a second answer = %d:\n%s", status, page)
	}
	if res, err := http.Get(srv.URL + "/r/nosuchlink"); err != nil || res.StatusCode != 404 {
		t.Errorf("an unknown link = %v, %v", res, err)
	}
}

// TestThePageOfAPrivateAnswer: the author opens it by a press, once; a look at the link
// alone uses nothing up.
func TestThePageOfAPrivateAnswer(t *testing.T) {
	t.Parallel()
	c := newCentre(t)
	_, _, _, id := c.asked(t)
	curator := account.Actor{ID: c.account(lifecycle.Curator), Role: lifecycle.Curator, Scope: scope.OfRegion(khakassia)}
	const words = "Для кв. 12: перерасчёт 350 рублей <сделали>."
	if _, err := c.Desk.Do(t.Context(), curator, id, 0, desk.Answer{Text: "Яму засыпали 20 ноября, о перерасчёте ответили вам лично.", Purpose: reply.Interim, Making: desk.Making{Private: words}, Override: "для проверки"}); err != nil {
		t.Fatal(err)
	}
	replies, err := c.DB.Reader().Replies().OfIncident(t.Context(), scope.All(), int64(id))
	if err != nil {
		t.Fatal(err)
	}
	path, err := c.Desk.PrivateLink(t.Context(), curator, id, replies[len(replies)-1].ID)
	if err != nil {
		t.Fatal(err)
	}
	h, err := app.Handler(c.App)
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	ask := func(method, path string) (int, string) {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), method, srv.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		b, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		if got := res.Header.Get("Referrer-Policy") + " " + res.Header.Get("Cache-Control"); res.StatusCode == 200 && got != "no-referrer no-store" {
			t.Errorf("%s: headers %q", method, got)
		}
		return res.StatusCode, string(b)
	}
	for range 2 {
		if status, page := ask("GET", path); status != 200 || strings.Contains(page, "перерасчёт 350") || !strings.Contains(page, "Открыть ответ") {
			t.Errorf("the page before = %d:\n%s", status, page)
		}
	}
	if status, _ := ask("POST", path); status != 404 && status != 422 && status != 400 {
		t.Errorf("a verdict by it = %d", status)
	}
	if status, page := ask("POST", path+"/open"); status != 200 || !strings.Contains(page, "перерасчёт 350 рублей &lt;сделали&gt;") {
		t.Errorf("opened = %d:\n%s", status, page)
	}
	c.clock.Add(3600)
	if status, page := ask("POST", path+"/open"); status != 409 || strings.Contains(page, "перерасчёт 350") || !strings.Contains(page, "уже открывали") {
		t.Errorf("opened an hour later = %d:\n%s", status, page)
	}
	if status, page := ask("GET", path); status != 200 || !strings.Contains(page, "уже открывали") {
		t.Errorf("the page after = %d:\n%s", status, page)
	}
	if status, _ := ask("POST", "/r/nosuchlink/open"); status != 404 {
		t.Errorf("an unknown link = %d", status)
	}
}
