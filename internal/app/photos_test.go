package app_test

import (
	"bytes"
	"image"
	"image/jpeg"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"otklik/internal/app"
	"otklik/internal/attachment"
	"otklik/internal/desk"
	"otklik/internal/fault"
)

func photo(t *testing.T, side int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, side, side/2)), nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// A picture of the work goes with the reply: the words in the network end in a link, the
// link shows the picture to anybody, and to nobody when the words are erased.
func TestThePicturesOfAReplyAreSeenByItsLink(t *testing.T) {
	t.Parallel()
	c := newCentre(t)
	c.Desk.Site = "https://otklik.example"
	post, author := c.vk.PostAt(0, "Доброе утро, соседи", c.now().Add(-time.Hour)), c.vk.Person("Анна Петрова")
	if _, err := c.vk.CommentAt(post, 0, author, "По улице Ленина в Абазе в районе центральной бани появилась яма, уже колесо пробили", c.now().Add(-time.Minute)); err != nil {
		t.Fatal(err)
	}
	c.poll(t)
	id := c.queue(t)[0].ID
	var shot attachment.ID
	err := c.Vault.Keep(t.Context(), bytes.NewReader(photo(t, 900)), func(f attachment.File) error {
		_, err := c.Desk.Do(t.Context(), c.operator(), id, 0, desk.AddPhoto{File: f, Part: attachment.After, ID: &shot})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Desk.Do(t.Context(), c.operator(), id, 0, desk.Answer{Text: "Яму засыпали сегодня.", Enclose: []attachment.ID{shot}}); err != nil {
		t.Fatal(err)
	}
	replies, err := c.DB.Reader().Replies().OfIncident(t.Context(), c.operator().Scope, int64(id))
	if err != nil {
		t.Fatal(err)
	}
	_, path, _ := strings.Cut(replies[0].Text, c.Desk.Site)
	if _, err := c.Outbox.Step(t.Context()); err != nil {
		t.Fatal(err)
	}
	if wall := strings.Join(c.vk.Wrote(post), "\n"); !strings.Contains(wall, "Фото: https://otklik.example/p/") {
		t.Errorf("under the post stands:\n%s", wall)
	}
	h, err := app.Handler(c.App)
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	get := func(path string) (int, string, http.Header) {
		t.Helper()
		res, err := http.Get(srv.URL + path)
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
	status, page, head := get(path)
	if status != 200 || !strings.Contains(page, "Стало") || strings.Contains(page, "Анна") || strings.Contains(page, "Ленина") || head.Get("Referrer-Policy") != "no-referrer" {
		t.Errorf("the page = %d, %v:\n%s", status, head, page)
	}
	if status, body, head := get(path + "/1"); status != 200 || head.Get("Content-Type") != "image/jpeg" || len(body) < 500 || !strings.Contains(head.Get("Content-Security-Policy"), "sandbox") {
		t.Errorf("the picture = %d, %v", status, head)
	}
	for _, wrong := range []string{path + "/0", path + "/2", path + "/x", path + "x", "/p/guess", "/p/guess/1"} {
		if status, _, _ := get(wrong); status != 404 {
			t.Errorf("%s = %d, want 404", wrong, status)
		}
	}
	m, err := c.DB.Reader().Messages().OfIncident(t.Context(), c.operator().Scope, int64(id))
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Forget(t.Context(), c.operator(), m[0].Source, m[0].Native); err == nil || !fault.Is(err, fault.Forbidden) {
		t.Errorf("an operator erases: %v", err)
	}
	curator := c.operator()
	curator.Role = "curator"
	if err := c.Forget(t.Context(), curator, m[0].Source, m[0].Native); err != nil {
		t.Fatal(err)
	}
	for _, gone := range []string{path, path + "/1"} {
		if status, _, _ := get(gone); status != 404 {
			t.Errorf("erased, and %s = %d", gone, status)
		}
	}
}
