package vk_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"otklik/internal/fault"
	"otklik/internal/source"
	"otklik/internal/source/sourcetest"
	"otklik/internal/source/vk"
	"otklik/internal/source/vk/vkfake"
)

// openSearch returns a search over the fake network.
func openSearch(t *testing.T, o vkfake.Options, queries ...string) (*vkfake.Fake, *vk.Search, *clock) {
	t.Helper()
	fake, wall, clock := open(t, o)
	return fake, &vk.Search{
		Native: "vksearch:test", Queries: queries, ServiceToken: wall.ServiceToken, BaseURL: wall.BaseURL, PageURL: wall.PageURL, HTTP: wall.HTTP, Limits: wall.Limits, Now: clock.now,
	}, clock
}

func TestSearchContract(t *testing.T) {
	t.Parallel()
	sourcetest.Run(t, func(t *testing.T) *sourcetest.Network {
		fake, search, clock := openSearch(t, vkfake.Options{})
		search.Lat, search.Lon, search.Point, search.Reread = 53.72, 91.44, true, -1
		id := func(native string) int64 {
			t.Helper()
			r, err := vk.ParseRef(native)
			if err != nil {
				t.Fatal(err)
			}
			return r.Item
		}
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		dead := deadWall(t)
		return &sourcetest.Network{
			Cannot:  map[sourcetest.Lack]string{sourcetest.NoTalk: "VK searches posts, comments nowhere", sourcetest.NoPast: "the first walk reads all that VK shows", sourcetest.NoWrite: "what is found on walls of others is answered by hand"},
			Secrets: []string{serviceToken},
			Puller:  search, Source: "vk:-2002", Dead: &vk.Search{Native: "vksearch:dead", Queries: []string{"яма"}, ServiceToken: serviceToken, BaseURL: dead.BaseURL},
			Post: func(text string) string {
				return vk.Ref{Place: "wall", Owner: -2002, Item: fake.ElsewhereAt(-2002, "Соседи", text, clock.now(), 53.71, 91.43)}.String()
			},
			Edit:    func(native, text string) { must(fake.Edit(id(native), text)) },
			Delete:  func(native string) { must(fake.Delete(id(native))) },
			Restore: func(native string) { must(fake.Restore(id(native))) },
			Advance: clock.advance,
			Spoil: func(s sourcetest.Spoil, _ bool) {
				switch s {
				case sourcetest.Down:
					fake.Fail("", vkfake.Status, http.StatusBadGateway)
				case sourcetest.Later:
					fake.Fail("newsfeed.search", vkfake.Refuse, 6)
				case sourcetest.Person:
					fake.Fail("newsfeed.search", vkfake.Refuse, 5)
				case sourcetest.Garbage:
					fake.Fail("newsfeed.search", vkfake.Garbage, 0)
				case sourcetest.Huge:
					fake.Fail("newsfeed.search", vkfake.Huge, 0)
				case sourcetest.Odd:
					fake.Fail("newsfeed.search", vkfake.Odd, 0)
				default:
					t.Fatalf("no way to be %s", s)
				}
			},
		}
	})
}

// hunted polls a search until it has nothing more.
func hunted(t *testing.T, s source.Puller, cursor []byte) (texts []string, found []source.Found, next []byte) {
	t.Helper()
	for range 100 {
		b, err := s.Poll(t.Context(), cursor)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range b.Messages {
			texts = append(texts, m.Source+" "+m.Text)
		}
		found, cursor = append(found, b.Found...), b.Cursor
		if !b.More {
			return texts, found, cursor
		}
	}
	t.Fatal("the search asks for more without end")
	return nil, nil, nil
}

// A search finds what stands on any wall, each post once whatever question finds it, with
// the id and the source that its wall gives it, and proposes the walls.
func TestSearchByWords(t *testing.T) {
	t.Parallel()
	fake, search, clock := openSearch(t, vkfake.Options{IndexDelay: 20 * time.Minute}, "яма Лесная", "лесная фонарь")
	anna := fake.Person("Анна Петрова")
	fake.Elsewhere(-2002, "Соседи", "Вчерашняя яма на Лесной", clock.now().Add(-30*time.Hour)) // before the first day
	own := fake.PostAt(anna, "На Лесной яма и не горит фонарь", clock.now().Add(-time.Hour))
	fake.Elsewhere(-2002, "Соседи", "Яма на Лесной, 5", clock.now().Add(-time.Hour))
	fake.Elsewhere(anna, "", "У меня на Лесной яма", clock.now().Add(-time.Hour))
	fake.Elsewhere(-2002, "Соседи", "Продам диван", clock.now().Add(-time.Hour))
	late := fake.Elsewhere(-2002, "Соседи", "Яма на Лесной растёт", clock.now()) // not indexed yet
	texts, found, cursor := hunted(t, search, nil)
	want := []string{"vk:-1001 На Лесной яма и не горит фонарь", "vk:-2002 Яма на Лесной, 5", "vk:pages У меня на Лесной яма"}
	if diff := cmp.Diff(want, texts); diff != "" {
		t.Fatalf("found (-want +got):\n%s", diff)
	}
	var places []string
	for _, f := range found {
		if !f.Proposed || f.Lost {
			t.Errorf("%s is no proposal", f.ID)
		}
		places = append(places, f.ID+" "+f.Name)
	}
	if diff := cmp.Diff([]string{"vk:-1001 Двор на Лесной", "vk:-2002 Соседи", "vk:pages Личные страницы ВКонтакте"}, places); diff != "" {
		t.Errorf("proposed (-want +got):\n%s", diff)
	}
	wall := &vk.Wall{Group: 1001, ServiceToken: serviceToken, BaseURL: search.BaseURL, PageURL: search.PageURL, HTTP: search.HTTP, Limits: search.Limits, Now: clock.now}
	b, err := wall.Poll(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	one, err := search.Poll(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if w, s := b.Messages[0], one.Messages[0]; w.Native != s.Native || w.Source != s.Source || w.Revision != s.Revision || w.URL != s.URL || w.Native != (vk.Ref{Place: "wall", Owner: -1001, Item: own}).String() {
		t.Errorf("the wall brings %s %s %s, the search %s %s %s", w.Source, w.Native, w.Revision.Key(), s.Source, s.Native, s.Revision.Key())
	}
	clock.advance(25 * time.Minute)
	if texts, _, cursor = hunted(t, search, cursor); cmp.Diff([]string{"vk:-2002 Яма на Лесной растёт"}, texts) != "" {
		t.Errorf("what was indexed late: %q", texts)
	}
	clock.advance(26 * time.Hour) // out of every window of the search
	if err := fake.Edit(late, "Яму на Лесной засыпали"); err != nil {
		t.Fatal(err)
	}
	if texts, _, _ = hunted(t, search, cursor); cmp.Diff([]string{"vk:-2002 Яму на Лесной засыпали"}, texts) != "" {
		t.Errorf("an edit of a found post: %q", texts)
	}
	search.Ours = func(owner int64) bool { return owner == -2002 }
	fake.Elsewhere(-2002, "Соседи", "Яма на Лесной: работы начнутся в среду", clock.now().Add(-30*time.Minute))
	if b, err := search.Poll(t.Context(), nil); err != nil || !b.Messages[len(b.Messages)-1].Own {
		t.Errorf("our own post is a resident's: %v, %+v", err, b.Messages)
	}
}

// VK shows a thousand results of a question; the rest lies in older windows.
func TestSearchPastAThousand(t *testing.T) {
	t.Parallel()
	fake, search, clock := openSearch(t, vkfake.Options{}, "яма")
	fake.Seed(func() {
		for k := range 1550 {
			fake.Elsewhere(-2002-int64(k%3), "Соседи", fmt.Sprintf("Яма номер %d", k), clock.now().Add(-time.Duration(k)*10*time.Second))
		}
	})
	texts, found, cursor := hunted(t, search, nil)
	unique := map[string]bool{}
	for _, s := range texts {
		unique[s] = true
	}
	if len(unique) != 1550 || len(texts) != 1550 || len(found) != 3 {
		t.Errorf("%d posts came, %d different, of %d walls", len(texts), len(unique), len(found))
	}
	if again, _, _ := hunted(t, search, cursor); len(again) != 0 {
		t.Errorf("a quiet network brought %d posts more", len(again))
	}
	if n := fake.Called("newsfeed.search"); n > 12 {
		t.Errorf("%d calls for 1,550 posts", n)
	}
}

// Where the community is known, its wall alone is searched, by wall.search.
func TestSearchWithinACommunity(t *testing.T) {
	t.Parallel()
	fake, search, clock := openSearch(t, vkfake.Options{}, "яма")
	search.Group = 1001
	fake.Elsewhere(-2002, "Соседи", "Яма у соседей", clock.now())
	for k := range 130 {
		fake.PostAt(0, fmt.Sprintf("Яма %d", k), clock.now().Add(-time.Duration(k)*time.Minute))
	}
	fake.PostAt(0, "Старая яма", clock.now().Add(-48*time.Hour))
	texts, _, _ := hunted(t, search, nil)
	if len(texts) != 131 && len(texts) != 130 || fake.Called("wall.search") < 2 || fake.Called("newsfeed.search") != 0 {
		t.Errorf("%d posts in %d calls", len(texts), fake.Called("wall.search"))
	}
	search.ServiceToken = communityToken
	_, err := search.Poll(t.Context(), nil)
	var e *source.Error
	if !errors.As(err, &e) || e.Trouble != source.Person || e.Code != 27 {
		t.Errorf("with a community's token: %v", err)
	}
}

// inside answers without a network, so that time can be faked.
type inside struct{ http.Handler }

func (i inside) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	i.ServeHTTP(w, r)
	return w.Result(), nil
}

// A day's searches last a day: what is spent by noon is half, no token gets error 29, and
// every search has its turns.
func TestSearchesLastTheDay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		q := &vkfake.Quota{PerDay: vkfake.Documented, Rolling: true, Now: time.Now}
		fake, err := vkfake.New(vkfake.Options{Group: 1001, ServiceToken: "a", ServiceTokens: []string{"b"}, Quota: q, Now: time.Now})
		if err != nil {
			t.Fatal(err)
		}
		limits := &vk.Limits{PerSecond: -1}
		client := &http.Client{Transport: inside{fake}}
		limits.Pool = &vk.Pool{Limits: limits, BaseURL: "http://vk.test/method/", HTTP: client, Now: time.Now, Idle: 10 * time.Second}
		limits.Pool.Token("первый", "a")
		limits.Pool.Token("второй", "b")
		ctx, stop := context.WithCancel(t.Context())
		const searches = 5
		turns, failed := make([]int, searches), make([]error, searches)
		done := make(chan struct{})
		for k := range searches {
			s := limits.Pool.Search(&vk.Search{Native: fmt.Sprint("vksearch:", k), Queries: []string{fmt.Sprint("яма", k)}, Limits: limits, Now: time.Now})
			go func() {
				defer func() { done <- struct{}{} }()
				var cursor []byte
				for {
					if err := s.Turn(ctx, cursor); err != nil {
						if ctx.Err() == nil {
							failed[k] = err
						}
						return
					}
					b, err := s.Poll(ctx, cursor)
					if err != nil {
						failed[k] = err
						return
					}
					cursor = b.Cursor
					turns[k]++
				}
			}()
		}
		time.Sleep(12 * time.Hour)
		noon := q.Used("a", "newsfeed.search") + q.Used("b", "newsfeed.search")
		time.Sleep(12*time.Hour - time.Minute)
		night := q.Used("a", "newsfeed.search") + q.Used("b", "newsfeed.search")
		left, all := limits.Pool.Searches()
		time.Sleep(24 * time.Hour) // the next day lives on what the first one gives back
		stop()
		for range searches {
			<-done
		}
		if noon < 900 || noon > 1100 || night < 1850 || night > 2000 || all != 2000 || left > 150 {
			t.Errorf("%d of 2,000 questions by noon, %d by night, %d of %d left", noon, night, left, all)
		}
		for k := range searches {
			if failed[k] != nil || turns[k] < 600 || turns[k] > 1000 {
				t.Errorf("search %d had %d turns in two days, and ended with %v", k, turns[k], failed[k])
			}
		}
	})
}

// One token that may search no more leaves the others to it, and the walls to itself.
func TestSearchQuotaOfOneToken(t *testing.T) {
	t.Parallel()
	fake, search, _ := openSearch(t, vkfake.Options{ServiceTokens: []string{"second"}}, "яма")
	pool := &vk.Pool{Limits: search.Limits, BaseURL: search.BaseURL, HTTP: search.HTTP, Now: search.Now}
	pool.Token("первый", serviceToken)
	pool.Token("второй", "second")
	s := pool.Search(search)
	fake.Fail("newsfeed.search", vkfake.Refuse, 29)
	if _, err := s.Poll(t.Context(), nil); err != nil {
		t.Fatalf("the second token searches: %v", err)
	}
	for _, k := range pool.Tokens() {
		if k.Health != vk.Good {
			t.Errorf("%s is %s: its other calls are not spent", k.Name, k.Health)
		}
	}
	fake.Fail("newsfeed.search", vkfake.Refuse, 29)
	_, err := s.Poll(t.Context(), nil)
	var e *source.Error
	if !errors.As(err, &e) || e.Trouble != source.Later || !strings.Contains(e.Sentence, "запас поиска") {
		t.Errorf("when all are spent: %v", err)
	}
	fake.Fail("newsfeed.search", vkfake.Refuse, 14)
	_, err = pool.Search(&vk.Search{Native: "vksearch:2", Group: 1001, Queries: []string{"яма"}}).Poll(t.Context(), nil)
	if err != nil {
		t.Errorf("wall.search has a quota of its own: %v", err)
	}
}

func TestSearchLinks(t *testing.T) {
	t.Parallel()
	for link, want := range map[string]string{
		"https://vk.com/search?c%5Bq%5D=%D1%8F%D0%BC%D0%B0&c%5Bsection%5D=statuses": "Поиск ВКонтакте: «яма»",
		"https://vk.ru/feed?q=яма+абакан&section=search":                            "Поиск ВКонтакте: «яма абакан»",
		"https://m.vk.com/search/statuses?q=яма&q=свет&lat=53,7&lon=91.4":           "Поиск ВКонтакте: «яма» и ещё 1",
		"https://vk.com/search/statuses?lat=53.7&lon=91.4":                          "Поиск ВКонтакте у места",
		"https://vk.com/wall-1001?q=яма&search=1":                                   "Поиск ВКонтакте в сообществе 1001: «яма»",
		"https://vk.com/feed":                                 "",
		"https://vk.com/wall-1001":                            "",
		"https://t.me/search?q=яма":                           "",
		"https://vk.com/search?q=":                            "invalid",
		"https://vk.com/search?q=яма&lat=53":                  "invalid",
		"https://vk.com/search?q=яма&lat=x&lon=1":             "invalid",
		"https://vk.com/search?lat=NaN&lon=1":                 "invalid",
		"https://vk.com/search?group=5&lat=1&lon=1":           "invalid",
		"https://vk.com/search?q=" + strings.Repeat("я", 201): "invalid",
	} {
		u, err := url.Parse(link)
		if err != nil {
			t.Fatal(err)
		}
		g, err := vk.SearchLinks{}.Recognise(t.Context(), u)
		got := ""
		switch {
		case fault.Is(err, fault.Invalid) && fault.Sentence(err) != "":
			got = "invalid"
		case err != nil:
			t.Errorf("%s: %v", link, err)
		case g != nil:
			got = g.Name
			if _, err := vk.OpenSearch(g.Source, source.Key{Name: "k", Secret: "s"}, vk.Options{}); err != nil {
				t.Errorf("%s cannot be opened: %v", link, err)
			}
		}
		if got != want {
			t.Errorf("%s is %q, want %q", link, got, want)
		}
		if want != "" && want != "invalid" {
			ask := func() (string, string) { return "", "" }
			if g, err := (vk.Recogniser{Ask: ask}).Recognise(t.Context(), u); g != nil || err != nil {
				t.Errorf("%s is a community, too: %+v, %v", link, g, err)
			}
		}
	}
	for _, bad := range []string{`{`, `{}`, `{"queries":[" "]}`, `{"queries":["яма"],"lat":5}`, `{"queries":["яма"],"colour":1}`, `{"group":5}`} {
		if _, err := vk.OpenSearch(source.Source{ID: "vksearch:1", Settings: []byte(bad)}, source.Key{}, vk.Options{}); !fault.Is(err, fault.Invalid) || fault.Sentence(err) == "" {
			t.Errorf("settings %s: %v", bad, err)
		}
	}
}
