package staff_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"otklik/internal/fault"
	"otklik/internal/message"
	"otklik/internal/source"
)

// fakeSearch recognises what VK's connector does of a search.
func fakeSearch(link string) (*source.Guess, error) {
	u, err := url.Parse(link)
	if err != nil || !strings.HasPrefix(link, "https://vk.com/search/statuses?") {
		return nil, nil
	}
	q := u.Query()
	if len(q["q"]) == 0 && q.Get("lat") == "" {
		return nil, fault.New(fault.Invalid, "nothing is sought").At("settings").Say("Впишите, что искать: слова или место.")
	}
	return &source.Guess{Source: source.Source{ID: "vksearch:1", Kind: source.VKSearch, Channel: message.VK, Name: "Поиск: " + strings.Join(q["q"], "|") + q.Get("lat") + "@" + q.Get("group"), URL: link}}, nil
}

func TestASearchIsPutTogether(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.as(t, "admin")
	p := v.page("/desk/sources/search")
	if text(p, "#q-words") != "" || !strings.Contains(text(p, "#q-words-how"), "тысячу запросов") {
		t.Errorf("an empty form: %q", text(p, "main"))
	}
	p = v.page("/desk/sources/search?territory=" + abakan)
	if words := text(p, "#q-words"); !strings.Contains(words, "Абакан") || attr(p, "#q-territory option[selected]", "value") != abakan {
		t.Errorf("proposed words: %q", words)
	}
	res, p := sent(v, "/desk/sources/search", url.Values{"words": {" \n"}, "territory": {abakan}})
	if res.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(text(p, "[role=alert]"), "Впишите") {
		t.Errorf("nothing is sought = %d %q", res.StatusCode, text(p, "[role=alert]"))
	}
	res, p = sent(v, "/desk/sources/search", url.Values{"words": {"яма\r\n абакан вода \r\n"}, "territory": {abakan}, "group": {"https://vk.com/club77"}})
	if res.StatusCode != http.StatusOK || text(p, "h1") != "Поиск: яма|абакан вода@77" || attr(p, "#s-territory option[selected]", "value") != abakan {
		t.Fatalf("a search = %d %q", res.StatusCode, text(p, "main"))
	}
	if got := text(p, "#s-key"); !strings.Contains(got, "приложение") {
		t.Errorf("keys of VK are not offered: %q", got)
	}
	link := attr(p, "input[name=link]", "value")
	if res, _ = sent(v, "/desk/sources", url.Values{"link": {link}, "name": {"Ямы"}, "key": {"приложение"}, "territory": {abakan}}); res.StatusCode != http.StatusSeeOther || len(w.roster.saved) != 1 || w.roster.saved[0].Kind != source.VKSearch {
		t.Errorf("adding = %d, %+v", res.StatusCode, w.roster.saved)
	}
	if res := w.as(t, "operator").get("/desk/sources/search"); res.StatusCode != http.StatusForbidden && res.StatusCode != http.StatusNotFound {
		t.Errorf("an operator = %d", res.StatusCode)
	}
}

// Communities that a search came across stand apart until somebody adds them.
func TestProposalsOfASearch(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for k, id := range []string{"vk:-31", "vk:-32"} {
		w.sources = append(w.sources, message.SourceState{ID: id, Channel: message.VK, Name: "Соседи " + id, URL: "https://vk.example/" + id[4:], Messages: 3, Place: w.kept[0].Place})
		w.kept = append(w.kept, source.Source{ID: id, Number: int64(31 + k), Kind: source.VK, Channel: message.VK, Name: "Соседи " + id, Via: "vksearch:1", Paused: k == 1, Version: 1, Place: w.kept[0].Place})
	}
	p := w.as(t, "admin").page("/desk/sources")
	if got := text(p, "main"); !strings.Contains(got, "Найдено поиском: 1 стена") || !strings.Contains(got, "2 источника") || strings.Contains(got, "vk:-32") {
		t.Errorf("the page of sources: %q", got)
	}
	if attr(p, "details input[name=link]", "value") != "https://vk.example/31" {
		t.Error("a proposal cannot be added")
	}
	p = w.as(t, "operator").page("/desk/sources")
	if got := text(p, "main"); !strings.Contains(got, "Найдено поиском") || strings.Contains(got, "Читать эту стену") {
		t.Errorf("for an operator: %q", got)
	}
}
