package vkfake_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"otklik/internal/source/vk/vkfake"
)

func TestVisitorWritesIntoADiscussion(t *testing.T) {
	t.Parallel()
	f, srv := open(t, vkfake.Options{})
	if got := texts(get(t, srv, "/vk/board", http.StatusOK), "main"); !strings.Contains(got[0], "пока нет") {
		t.Errorf("an empty board says %q", got)
	}
	f.Topic(0, "Ямы", "Пишите <b>сюда</b>")
	if got := texts(get(t, srv, "/vk/board", http.StatusOK), "article a"); len(got) != 1 || got[0] != "Ямы" {
		t.Errorf("topics = %q", got)
	}
	post := func(v url.Values, status int) []string {
		t.Helper()
		resp, err := srv.Client().PostForm(srv.URL+"/vk/discuss", v)
		if err != nil {
			t.Fatal(err)
		}
		doc := page(t, resp, status)
		if status != http.StatusOK {
			return texts(doc, "[role=alert]")
		}
		return texts(doc, ".comment .text")
	}
	if got := post(url.Values{"topic": {"1"}, "text": {"Яма у школы"}}, http.StatusOK); len(got) != 2 || got[0] != "Пишите <b>сюда</b>" || got[1] != "Яма у школы" {
		t.Errorf("the discussion shows %q", got)
	}
	for what, bad := range map[string]url.Values{"no words": {"topic": {"1"}}, "broken": {"topic": {"1"}, "text": {"\xff"}}, "too long": {"topic": {"1"}, "text": {strings.Repeat("я", 4001)}}} {
		if got := post(bad, http.StatusUnprocessableEntity); len(got) != 1 {
			t.Errorf("%s: problem = %q", what, got)
		}
	}
	f.CloseTopic(1, true)
	post(url.Values{"topic": {"1"}, "text": {"Ещё"}}, http.StatusUnprocessableEntity)
	if got := texts(get(t, srv, "/vk/topic-1001_1", http.StatusOK), "form"); len(got) != 0 {
		t.Error("a form stands under a closed discussion")
	}
	get(t, srv, "/vk/topic-1001_9", http.StatusNotFound)
}
