package vkfake_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"otklik/internal/source/vk/vkfake"
)

// A visitor writes to the community, sees the answer and presses its button.
func TestVisitorTalksWithTheCommunity(t *testing.T) {
	t.Parallel()
	f, srv := open(t, vkfake.Options{})
	post := func(v url.Values, status int) []string {
		t.Helper()
		resp, err := srv.Client().PostForm(srv.URL+"/vk/write", v)
		if err != nil {
			t.Fatal(err)
		}
		doc := page(t, resp, status)
		if status != http.StatusOK {
			return texts(doc, "[role=alert]")
		}
		return texts(doc, ".comment .text")
	}
	if got := texts(get(t, srv, "/vk/write", http.StatusOK), "label"); len(got) != 2 {
		t.Errorf("labels of the form = %q", got)
	}
	if got := post(url.Values{"author": {"Олег"}, "text": {"Где <b>бак</b>?"}}, http.StatusOK); len(got) != 1 || got[0] != "Где <b>бак</b>?" {
		t.Errorf("the talk shows %q", got)
	}
	send := url.Values{"peer_ids": {"500001"}, "random_id": {"7"}, "message": {"Двор?"}, "keyboard": {`{"inline":true,"buttons":[[{"action":{"type":"text","label":"Да","payload":"{\"b\":\"yes\"}"}}],[{"action":{"type":"location"}}]]}`}}
	for range 2 {
		call(t, srv, "messages.send", "c", send)
	}
	if got := f.Said(500001); len(got) != 1 {
		t.Errorf("the same random_id wrote %d messages", len(got))
	}
	if got := texts(get(t, srv, "/vk/write?person=500001", http.StatusOK), ".comment button"); strings.Join(got, "|") != "Да|Отправить место, где я стою" {
		t.Errorf("buttons = %q", got)
	}
	post(url.Values{"person": {"500001"}, "kind": {"text"}, "text": {"Да"}, "payload": {`{"b":"yes"}`}}, http.StatusOK)
	if got := post(url.Values{"person": {"500001"}, "kind": {"location"}, "lat": {"53,7"}, "lon": {"91.4"}}, http.StatusOK); len(got) != 4 || got[3] != "Место на карте" {
		t.Errorf("the talk shows %q", got)
	}
	for what, bad := range map[string]url.Values{
		"no words": {"text": {" "}}, "too long": {"text": {strings.Repeat("я", 4001)}}, "broken": {"text": {"\xff"}}, "no place": {"kind": {"location"}, "lat": {"91"}, "lon": {"x"}},
	} {
		if got := post(bad, http.StatusUnprocessableEntity); len(got) != 1 {
			t.Errorf("%s: problem = %q", what, got)
		}
	}
	if _, code := call(t, srv, "messages.send", "s", send); code != 28 {
		t.Errorf("a service token writes: error %d", code)
	}
	send.Set("peer_ids", "77")
	if _, code := call(t, srv, "messages.send", "c", url.Values{"peer_id": {"77"}, "random_id": {"1"}, "message": {"?"}}); code != 901 {
		t.Errorf("to a stranger: error %d, want 901", code)
	}
}
