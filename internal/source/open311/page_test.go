package open311_test

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"otklik/internal/source/open311/open311fake"
)

// TestThePageOfTheFake: a visitor reports and closes; hostile words stay words.
func TestThePageOfTheFake(t *testing.T) {
	t.Parallel()
	fake, c, _, base := open(t, open311fake.Options{Name: "Заречный"}, "")
	if _, err := c.Post(t.Context(), hole()); err != nil {
		t.Fatal(err)
	}
	show := func(res *http.Response, err error) string {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		b, err := io.ReadAll(res.Body)
		if err != nil || res.StatusCode != http.StatusOK {
			t.Fatalf("%d %s, %v", res.StatusCode, b, err)
		}
		return string(b)
	}
	page := show(http.PostForm(base+"/", url.Values{"text": {"Яма <script>alert(1)</script>"}}))
	for _, says := range []string{"Заречный", "№ 1000 · открыто", "Анна 100-00-01", "улица Садовая, 4", "&lt;script&gt;"} {
		if !strings.Contains(page, says) {
			t.Errorf("the page lacks %q", says)
		}
	}
	page = show(http.PostForm(base+"/", url.Values{"close": {"1000"}, "notes": {"Засыпали"}}))
	if !strings.Contains(page, "№ 1000 · закрыто") || !strings.Contains(page, "Засыпали") || fake.All()[0].Status != "closed" {
		t.Error("closing does not show")
	}
}
