package portal_test

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"otklik/internal/incident"
	"otklik/internal/portal"
	"otklik/internal/site"
)

func page(t *testing.T, o portal.Options, path string) (int, string) {
	t.Helper()
	o.Site = site.New(site.Options{Cases: func() incident.Tx { return nil }, Log: slog.New(slog.DiscardHandler), Now: time.Now})
	o.Title, o.Now = "ЦУР <области>", func() time.Time { return time.Date(2026, time.November, 23, 0, 0, 0, 0, time.UTC) }
	w := httptest.NewRecorder()
	o.Site.Handler(portal.New(o).Routes()).ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	b, _ := io.ReadAll(w.Result().Body)
	return w.Code, string(b)
}

func TestResidentsSeeWhatIsRead(t *testing.T) {
	t.Parallel()
	added := time.Date(2026, time.November, 2, 20, 0, 0, 0, time.UTC)
	o := portal.Options{Towns: []string{"Абакан", "Саяногорск"}, Zone: time.FixedZone("KRAT", 7*3600), Contact: "watch@example.org", Watched: func() []portal.Watched {
		return []portal.Watched{
			{Name: "Двор <на> Лесной", URL: "https://vk.example/club7", Network: "ВКонтакте", Town: "Абакан", Since: added},
			{Name: "Закрытый чат дома", Network: "Telegram", Town: "Саяногорск"},
			{Name: "Письма", URL: "mailto:box@example.org", Network: "почта"},
			{Name: "Скрипт", URL: "javascript:alert(1)", Network: "форум"},
			{Name: "Страница центра", URL: "https://vk.example/club1", Network: "ВКонтакте", Own: true},
		}
	}}
	code, got := page(t, o, "/sources")
	if code != http.StatusOK {
		t.Fatalf("GET /sources = %d", code)
	}
	for _, want := range []string{"2 открытых источника", "Двор &lt;на&gt; Лесной", `href="https://vk.example/club7"`, "читаем с 3 ноября", "наша страница", "watch@example.org", "Чего мы не читаем", "<li>Саяногорск</li>", "<h3>Весь регион</h3>"} {
		if !strings.Contains(strings.ReplaceAll(got, "\u00a0", " "), want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	for _, bad := range []string{"Закрытый чат", "Письма", "javascript:alert", "<li>Абакан</li>", "<script"} {
		if strings.Contains(got, bad) {
			t.Errorf("the page says %q", bad)
		}
	}
	_, home := page(t, o, "/")
	if !strings.Contains(home, `<a href="/sources">`) || strings.Index(home, "Страница центра") > strings.Index(home, "Двор") || strings.Contains(home, "Закрытый чат") {
		t.Error("the first page names our own pages first and leads on")
	}
}

func TestWhatIsReadCanBeHidden(t *testing.T) {
	t.Parallel()
	if code, _ := page(t, portal.Options{}, "/sources"); code != http.StatusNotFound {
		t.Errorf("GET /sources = %d, want 404", code)
	}
	if _, home := page(t, portal.Options{}, "/"); strings.Contains(home, `"/sources"`) {
		t.Error("the first page leads to what is hidden")
	}
	empty := portal.Options{Watched: func() []portal.Watched { return nil }}
	if _, got := page(t, empty, "/sources"); !strings.Contains(got, "Пока мы не читаем") {
		t.Error("an empty list is not told as such")
	}
}
