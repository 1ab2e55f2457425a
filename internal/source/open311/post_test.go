package open311_test

import (
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

	"otklik/internal/neighbour"
	"otklik/internal/source"
	"otklik/internal/source/open311/open311fake"
)

func hole() *neighbour.Request {
	return &neighbour.Request{Key: "0badcafe", Service: open311fake.Roads, Words: neighbour.Words{
		Text: "Яма у моста\n\nПередано из Отклика, № 1 (0badcafe)", Address: "улица Садовая, 4", Lat: 53.7, Lon: 91.4, First: "Анна", Phone: "100-00-01",
		Asked: map[string][]string{"WHERE": {"road"}}}}
}

// TestHandingARequestOver walks the whole way in both formats: the services, what one asks,
// the post, its token, its number, its end.
func TestHandingARequestOver(t *testing.T) {
	t.Parallel()
	for _, format := range []string{"json", "xml"} {
		t.Run(format, func(t *testing.T) {
			t.Parallel()
			fake, c, clock, _ := open(t, open311fake.Options{Key: "key-of-ours", Tokens: true}, `,"format":"`+format+`"`)
			list, err := c.Services(t.Context())
			if err != nil || len(list) != 6 || list[2].Code != open311fake.Roads || !list[2].Asks || list[0].Asks || list[0].Name != "Уличное освещение" {
				t.Fatalf("services %+v, %v", list, err)
			}
			asks, err := c.Attributes(t.Context(), open311fake.Roads)
			if err != nil || len(asks) != 2 || !asks[0].Required || asks[0].Code != "WHERE" || len(asks[0].Values) != 3 || asks[0].Values[1].Name != "на тротуаре" || asks[1].Type != "number" || asks[1].Told {
				t.Fatalf("attributes %+v, %v", asks, err)
			}
			r := hole()
			got, err := c.Post(t.Context(), r)
			if err != nil || got.Token == "" || got.Number != "" {
				t.Fatalf("post: %+v, %v", got, err)
			}
			if n, err := c.NumberOf(t.Context(), got.Token); n != "" || err != nil {
				t.Errorf("before there is a number: %q, %v", n, err)
			}
			fake.Settle()
			n, err := c.NumberOf(t.Context(), got.Token)
			if err != nil || n == "" {
				t.Fatalf("number %q, %v", n, err)
			}
			all := fake.All()
			if one := all[0]; one.Text != r.Words.Text || one.Address != r.Words.Address || one.Lat != "53.7" || one.Sender() != "Анна 100-00-01" {
				t.Errorf("the city has %+v", one)
			}
			clock.advance(time.Minute)
			if found, err := c.Seek(t.Context(), r.Key, clock.now()); err != nil || found != n {
				t.Errorf("sought by its key: %q, %v", found, err)
			}
			if found, err := c.Seek(t.Context(), "11111111", clock.now()); err != nil || found != "" {
				t.Errorf("a stranger's key: %q, %v", found, err)
			}
			fake.Close(n, "Яму засыпали.")
			st, err := c.Standings(t.Context(), []string{n, "none"})
			if one := st[n]; err != nil || len(st) != 1 || one.Status != "closed" || one.Notes != "Яму засыпали." || one.Agency == "" || one.ExpectedAt.IsZero() || one.UpdatedAt.IsZero() {
				t.Errorf("standings %+v, %v", st, err)
			}
		})
	}
}

// TestPostsThatFail: what may have been taken is Unclear, and nothing else is; no error
// repeats our key.
func TestPostsThatFail(t *testing.T) {
	t.Parallel()
	const key = "key-of-ours"
	for trouble, want := range map[open311fake.Trouble]struct {
		trouble source.Trouble
		taken   int
		says    string
	}{
		open311fake.Lost:    {source.Unclear, 1, "Неизвестно"},
		open311fake.Gateway: {source.Unclear, 1, "Неизвестно"},
		open311fake.Bad:     {source.Permanent, 0, "только по телефону"},
		open311fake.Closed:  {source.Person, 0, "Ключ не подходит"},
		open311fake.Gone:    {source.Person, 0, "Нет такой юрисдикции"},
		open311fake.Busy:    {source.Later, 0, "реже"},
	} {
		t.Run(string(trouble), func(t *testing.T) {
			t.Parallel()
			fake, c, clock, _ := open(t, open311fake.Options{Key: key}, "")
			fake.FailPost(trouble)
			_, err := c.Post(t.Context(), hole())
			var e *source.Error
			if !errors.As(err, &e) || e.Trouble != want.trouble || !strings.Contains(e.Sentence, want.says) || fake.Posted() != want.taken {
				t.Fatalf("%v, posted %d", err, fake.Posted())
			}
			if strings.Contains(e.Sentence+err.Error(), key) {
				t.Errorf("the key stands in %v", err)
			}
			if found, err := c.Seek(t.Context(), "0badcafe", clock.now()); err != nil || (found != "") != (want.taken == 1) {
				t.Errorf("sought: %q, %v", found, err)
			}
		})
	}
	t.Run("nobody listens", func(t *testing.T) {
		t.Parallel()
		_, c, _, _ := open(t, open311fake.Options{}, "")
		c.Endpoint = &url.URL{Scheme: "http", Host: "127.0.0.1:1", Path: "/v2"}
		var e *source.Error
		if _, err := c.Post(t.Context(), hole()); !errors.As(err, &e) || e.Trouble != source.Later {
			t.Errorf("%v, want later: nothing has left", err)
		}
	})
	t.Run("what it asks is not answered", func(t *testing.T) {
		t.Parallel()
		fake, c, _, _ := open(t, open311fake.Options{}, "")
		r := hole()
		r.Words.Asked = nil
		var e *source.Error
		if _, err := c.Post(t.Context(), r); !errors.As(err, &e) || e.Trouble != source.Permanent || !strings.Contains(e.Sentence, "где яма") || fake.Posted() != 0 {
			t.Errorf("%v", err)
		}
	})
}

// TestTheFakeKeepsItself: what was handed over stands there after a restart.
func TestTheFakeKeepsItself(t *testing.T) {
	t.Parallel()
	file := t.TempDir() + "/city.json"
	fake, c, _, _ := open(t, open311fake.Options{Snapshot: file}, "")
	if _, err := c.Post(t.Context(), hole()); err != nil {
		t.Fatal(err)
	}
	again, err := open311fake.New(open311fake.Options{Snapshot: file})
	if err != nil || len(again.All()) != 1 || again.All()[0].Sender() != fake.All()[0].Sender() {
		t.Errorf("%+v, %v", again.All(), err)
	}
}
