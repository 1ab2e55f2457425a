package vk_test

import (
	"bytes"
	"errors"
	"image/png"
	"strings"
	"testing"

	"otklik/internal/fault"
	"otklik/internal/reply"
	"otklik/internal/source"
	"otklik/internal/source/vk"
	"otklik/internal/source/vk/vkfake"
)

// captchaOf returns the trouble that an error must be.
func captchaOf(t *testing.T, err error) {
	t.Helper()
	var e *source.Error
	if !errors.As(err, &e) || e.Trouble != source.Person || e.Code != 14 || !strings.Contains(e.Sentence, "картинка") {
		t.Fatalf("%v is no captcha", err)
	}
}

// A captcha stops the reading until a person answers it; the answer goes with the call that
// was refused, and once.
func TestCaptchaIsAnsweredByAPerson(t *testing.T) {
	t.Parallel()
	fake, wall, _ := open(t, vkfake.Options{})
	fake.Post(0, "Двор")
	a := wall.Asker()
	if _, ok := a.Asked(); ok {
		t.Error("something is asked at first")
	}
	fake.Demand("wall.get", false)
	_, err := wall.Poll(t.Context(), nil)
	captchaOf(t, err)
	asked, ok := a.Asked()
	if !ok || asked.Link != "" || asked.Key == "" {
		t.Fatalf("asked: %+v, %v", asked, ok)
	}
	picture, typ, err := a.Picture(t.Context())
	if err != nil || typ != "image/png" {
		t.Fatalf("the picture: %s, %v", typ, err)
	}
	if img, err := png.Decode(bytes.NewReader(picture)); err != nil || img.Bounds().Dx() < 50 {
		t.Errorf("the picture cannot be seen: %v", err)
	}
	if err := a.Solve("captcha0", "1"); !fault.Is(err, fault.Conflict) {
		t.Errorf("the answer to an older picture: %v", err)
	}
	if err := a.Solve(asked.Key, "мимо"); err != nil {
		t.Fatal(err)
	}
	_, err = wall.Poll(t.Context(), nil) // VK is not content, and shows another picture
	captchaOf(t, err)
	next, ok := a.Asked()
	if !ok || next.Key == asked.Key {
		t.Fatalf("after a wrong answer: %+v, %v", next, ok)
	}
	if err := a.Solve(next.Key, ""); err != nil { // a better picture is wanted
		t.Fatal(err)
	}
	_, err = wall.Poll(t.Context(), nil)
	captchaOf(t, err)
	next, _ = a.Asked()
	if err := a.Solve(next.Key, " "+vkfake.CaptchaWords(next.Key)+" "); err != nil {
		t.Fatal(err)
	}
	b, err := wall.Poll(t.Context(), nil)
	if err != nil || len(b.Messages) != 1 {
		t.Fatalf("after the right answer: %v, %d messages", err, len(b.Messages))
	}
	if _, ok := a.Asked(); ok {
		t.Error("it is asked on")
	}

	// Writing alike, with the other token.
	post := fake.Posts()[0]
	job := reply.Job{Parent: vk.Ref{Place: "wall", Owner: -1001, Item: post}.String(), Key: "k", Text: "Ответ"}
	fake.Demand("wall.createComment", false)
	_, err = wall.Publish(t.Context(), job)
	captchaOf(t, err)
	next, _ = a.Asked()
	if err := a.Solve(next.Key, vkfake.CaptchaWords(next.Key)); err != nil {
		t.Fatal(err)
	}
	if _, err := wall.Publish(t.Context(), job); err != nil || len(fake.Wrote(post)) != 1 {
		t.Errorf("the reply after the answer: %v, %q", err, fake.Wrote(post))
	}

	// A check at VK's own page: no picture, a link that is VK's.
	fake.Demand("wall.get", true)
	_, err = wall.Poll(t.Context(), nil)
	captchaOf(t, err)
	if next, ok = a.Asked(); !ok || !strings.Contains(next.Link, "not_robot") {
		t.Errorf("a check at VK's page: %+v", next)
	}
	fake.Satisfy("wall.get")
	if err := a.Solve(next.Key, ""); err != nil {
		t.Fatal(err)
	}
	if _, err := wall.Poll(t.Context(), nil); err != nil {
		t.Errorf("after the check: %v", err)
	}
	fake.Fail("wall.get", vkfake.Refuse, 14) // its picture stands nowhere
	_, err = wall.Poll(t.Context(), nil)
	captchaOf(t, err)
	if _, _, err := a.Picture(t.Context()); !fault.Is(err, fault.NotFound) {
		t.Errorf("a picture of elsewhere: %v", err)
	}
}

// The answer wakes the token of the pool that rests.
func TestCaptchaOfAPool(t *testing.T) {
	t.Parallel()
	fake, search, _ := openSearch(t, vkfake.Options{}, "яма")
	pool := &vk.Pool{Limits: search.Limits, BaseURL: search.BaseURL, HTTP: search.HTTP, Now: search.Now}
	pool.Token("первый", serviceToken)
	s := pool.Search(search)
	fake.Demand("newsfeed.search", false)
	_, err := s.Poll(t.Context(), nil)
	captchaOf(t, err)
	if got := pool.Tokens()[0].Health; got != vk.Captcha {
		t.Fatalf("the token is %s", got)
	}
	next, ok := search.Asker().Asked()
	if !ok {
		t.Fatal("nobody is asked")
	}
	if err := search.Asker().Solve(next.Key, vkfake.CaptchaWords(next.Key)); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Poll(t.Context(), nil); err != nil || pool.Tokens()[0].Health != vk.Good {
		t.Errorf("after the answer: %v, the token is %s", err, pool.Tokens()[0].Health)
	}
}
