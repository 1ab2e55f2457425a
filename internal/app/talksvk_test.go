package app_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"otklik/internal/source/vk/vkfake"
)

// onVK is a person in front of the page of private messages of the fake VK. page is its
// address, known later.
func onVK(f *vkfake.Fake, who int64, page *string) phone {
	post := func(t *testing.T, form url.Values) {
		t.Helper()
		form.Set("person", strconv.FormatInt(who, 10))
		res, err := http.PostForm(*page+"/write", form)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		if res.StatusCode != http.StatusOK {
			t.Fatalf("the page answers %d to %v", res.StatusCode, form)
		}
	}
	return phone{
		said: func() []string { return f.Said(who) },
		send: func(text string, photos int) {
			var list []any
			for k := range photos {
				list = append(list, map[string]any{"type": "photo", "photo": map[string]any{"id": k + 1, "owner_id": who, "date": 1763632800, "sizes": []any{map[string]any{"type": "x", "url": "https://sun9-1.userapi.com/" + strconv.Itoa(k) + ".jpg", "width": 604, "height": 453}}}})
			}
			raw, err := json.Marshal(list)
			if err != nil {
				panic(err)
			}
			f.SayWith(who, text, string(raw))
		},
		says: func(t *testing.T, text string) { t.Helper(); post(t, url.Values{"text": {text}}) },
		presses: func(t *testing.T, label string) (func(), bool) {
			t.Helper()
			var k struct {
				Buttons [][]struct {
					Action struct{ Label, Payload string } `json:"action"`
				} `json:"buttons"`
			}
			if err := json.Unmarshal([]byte(f.Keyboard(who)), &k); err != nil {
				t.Fatalf("the last message has no buttons: %v; the community said %q", err, f.Said(who))
			}
			for _, row := range k.Buttons {
				for _, b := range row {
					if got := b.Action.Label; got == label || len(label) > 3 && strings.HasPrefix(got, label) {
						form := url.Values{"text": {got}, "payload": {b.Action.Payload}}
						post(t, form)
						return func() { post(t, form) }, true
					}
				}
			}
			return nil, false
		},
	}
}
