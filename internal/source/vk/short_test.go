package vk_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"otklik/internal/source/vk"
	"otklik/internal/source/vk/vkfake"
)

// An answer that holds fewer comments than VK counts proves no deletion; one that VK counts no
// more is deleted at once.
func TestAShortAnswerDeletesNothing(t *testing.T) {
	t.Parallel()
	fake, wall, clock := open(t, vkfake.Options{})
	post := fake.Post(0, "Двор")
	ids := make([]int64, 3)
	for i := range ids {
		var err error
		if ids[i], err = fake.Comment(post, 0, fake.Person("Анна"), "Яма"); err != nil {
			t.Fatal(err)
		}
	}
	b, err := wall.Poll(t.Context(), nil)
	if err != nil || len(b.Messages) != 4 {
		t.Fatalf("%d messages, %v", len(b.Messages), err)
	}
	real, short := wall.HTTP.Transport, false
	wall.HTTP.Transport = roundTripper(func(r *http.Request) (*http.Response, error) {
		resp, err := real.RoundTrip(r)
		if err != nil || !short || !strings.HasSuffix(r.URL.Path, "wall.getComments") {
			return resp, err
		}
		var answer struct {
			Response map[string]any `json:"response"`
		}
		if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
			t.Error(err)
		}
		resp.Body.Close()
		items := answer.Response["items"].([]any)
		answer.Response["items"], answer.Response["current_level_count"] = items[:len(items)-1], len(items)-1
		body, err := json.Marshal(answer)
		resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
		return resp, err
	})
	poll := func() (gone []string) {
		clock.advance(time.Hour)
		if b, err = wall.Poll(t.Context(), b.Cursor); err != nil {
			t.Fatal(err)
		}
		for _, m := range b.Messages {
			gone = append(gone, string(m.Event)+" "+m.Native)
		}
		return gone
	}
	for k := range 3 { // short, whole, short
		short = k != 1
		if gone := poll(); len(gone) > 0 {
			t.Errorf("poll %d: %v", k, gone)
		}
	}
	short = false
	if err := fake.Delete(ids[2]); err != nil {
		t.Fatal(err)
	}
	want := []string{"deleted " + vk.Ref{Place: "wall", Owner: -1001, Item: post, Comment: ids[2]}.String()}
	if diff := cmp.Diff(want, poll()); diff != "" {
		t.Errorf("after the deletion (-want +got):\n%s", diff)
	}
	short = true // and what stays away is gone in the end
	if gone := append(poll(), poll()...); len(gone) != 1 {
		t.Errorf("two short answers said %v", gone)
	}
}
