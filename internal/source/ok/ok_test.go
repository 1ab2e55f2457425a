package ok_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"otklik/internal/fault"
	"otklik/internal/message"
	"otklik/internal/reply"
	"otklik/internal/source"
	"otklik/internal/source/ok"
	"otklik/internal/source/ok/okfake"
)

// The values stand in the documentation as an example of a signature.
func TestSignature(t *testing.T) {
	t.Parallel()
	params := url.Values{"application_key": {"ABCDEFGHIGKLMNOPK"}, "format": {"json"}, "method": {"events.get"}, "access_token": {"x"}, "session_key": {"y"}, "sig": {"z"}}
	if got, want := ok.Sign(params, "b1a2b89707a94624c43afae67d59274c"), "232c8eb921951c4dba9b72606f9ddb4c"; got != want {
		t.Errorf("Sign = %s, want %s", got, want)
	}
}

func TestSecretOfTheApplication(t *testing.T) {
	t.Parallel()
	f, g, _ := open(t, okfake.Options{Bare: true})
	if name, err := g.Info(t.Context()); err != nil || name != "Двор на Лесной" {
		t.Errorf("Info = %q, %v", name, err)
	}
	g.AppSecret = true
	_, err := g.Info(t.Context())
	wantTrouble(t, "signed with another secret", err, source.Person)
	if f.Called("group.getInfo") != 2 {
		t.Error("the calls did not arrive")
	}
}

// poll polls until the network has nothing more.
func poll(t *testing.T, g *ok.Group, cursor []byte) (all source.Batch) {
	t.Helper()
	for range 50 {
		got, err := g.Poll(t.Context(), cursor)
		if err != nil {
			t.Fatalf("Poll: %v", err)
		}
		all.Messages = append(all.Messages, got.Messages...)
		if all.Cursor, cursor = got.Cursor, got.Cursor; !got.More {
			return all
		}
	}
	t.Fatal("Poll asks for more without end")
	return all
}

func TestOnlyTheNewestAreReadWhereTheCountGrew(t *testing.T) {
	t.Parallel()
	f, g, clock := open(t, okfake.Options{})
	topic := f.Topic(0, "Что чинить?")
	anna := f.Person("Анна")
	for i := range 350 {
		if _, err := f.Comment(topic, "", anna, fmt.Sprintf("Лавку %d", i)); err != nil {
			t.Fatal(err)
		}
	}
	got := poll(t, g, nil)
	if len(got.Messages) != 351 {
		t.Fatalf("%d messages came, want 351", len(got.Messages))
	}
	before := f.Called("discussions.getComments")
	clock.Advance(time.Minute)
	if got = poll(t, g, got.Cursor); len(got.Messages) != 0 || f.Called("discussions.getComments") != before {
		t.Errorf("a topic whose count stands still cost %d calls", f.Called("discussions.getComments")-before)
	}
	if _, err := f.Comment(topic, "", anna, "И горку"); err != nil {
		t.Fatal(err)
	}
	clock.Advance(time.Minute)
	got = poll(t, g, got.Cursor)
	if n := f.Called("discussions.getComments") - before; len(got.Messages) != 1 || n > 2 {
		t.Errorf("one new comment of 351: %d messages for %d calls", len(got.Messages), n)
	}
	clock.Advance(time.Hour)
	before = f.Called("discussions.getComments")
	if poll(t, g, got.Cursor); f.Called("discussions.getComments")-before < 4 {
		t.Error("after an hour the comments are not read anew: an edit would never be seen")
	}
}

func TestCommentsWithoutMilliseconds(t *testing.T) {
	t.Parallel()
	f, g, _ := open(t, okfake.Options{Dates: true})
	topic := f.Topic(0, "Что чинить?")
	if _, err := f.Comment(topic, "", f.Person("Анна"), "Лавку"); err != nil {
		t.Fatal(err)
	}
	got := poll(t, g, nil)
	if len(got.Messages) != 2 {
		t.Fatalf("%d messages came", len(got.Messages))
	}
	for _, m := range got.Messages {
		if m.Form == message.Comment && m.PublishedAt.Format(time.RFC3339) != "2026-09-07T09:00:00Z" {
			t.Errorf("a date without a zone was read as %v, want Moscow's", m.PublishedAt)
		}
	}
}

func TestOtherDiscussions(t *testing.T) {
	t.Parallel()
	f, g, _ := open(t, okfake.Options{})
	photo := f.Photo("Субботник")
	if _, err := f.Comment(photo, "", f.Person("Анна"), "А урны?"); err != nil {
		t.Fatal(err)
	}
	if got := poll(t, g, nil); len(got.Messages) != 0 {
		t.Errorf("comments of photos came unasked: %d", len(got.Messages))
	}
	g.Others = true
	got := poll(t, g, nil)
	if len(got.Messages) != 1 || got.Messages[0].Thread != "GROUP_PHOTO/"+photo || got.Messages[0].URL == "" {
		t.Errorf("a comment under a photo came as %+v", got.Messages)
	}
}

func TestAHandPublicationIsProven(t *testing.T) {
	t.Parallel()
	f, g, _ := open(t, okfake.Options{})
	g.Automatic = false
	topic := f.Topic(0, "Что чинить?")
	c, err := f.Comment(topic, "", f.Person("Анна"), "Лавку")
	if err != nil {
		t.Fatal(err)
	}
	j := reply.Job{Thread: ok.Topic + "/" + topic, Parent: ok.Topic + "/" + topic + "/" + c, Text: "Починим в пятницу.\n\nАдминистрация"}
	_, err = g.Publish(t.Context(), j)
	wantTrouble(t, "automatic publication is off", err, source.Permanent)
	if f.Called("discussions.addDiscussionComment") != 0 {
		t.Error("the method was called all the same")
	}
	if _, found, err := g.Find(t.Context(), j); err != nil || found {
		t.Fatalf("Find before anybody published = %v, %v", found, err)
	}
	if _, err := f.Comment(topic, "", f.Person("Борис"), j.Text); err != nil {
		t.Fatal(err)
	}
	if _, found, err := g.Find(t.Context(), j); err != nil || found {
		t.Errorf("the same words of a resident count as our reply: %v, %v", found, err)
	}
	hand, err := f.Comment(topic, "", 0, "Починим в пятницу. Администрация") // not under the comment, and in other lines
	if err != nil {
		t.Fatal(err)
	}
	r, found, err := g.Find(t.Context(), j)
	if err != nil || !found || r.Native != j.Thread+"/"+hand || r.At.IsZero() || r.URL == "" {
		t.Errorf("Find = %+v, %v, %v", r, found, err)
	}
	g.Automatic = true // a machine presses «Ответить»
	if _, found, err := g.Find(t.Context(), j); err != nil || found {
		t.Errorf("a comment elsewhere counts as the machine's reply: %v, %v", found, err)
	}
}

func TestAReplyOlderThanTheQuestionIsNone(t *testing.T) {
	t.Parallel()
	for _, most := range []int{10, 100} { // on another page, and on the same
		olderThanTheQuestion(t, most)
	}
}

func olderThanTheQuestion(t *testing.T, most int) {
	f, g, _ := open(t, okfake.Options{Most: most})
	g.Automatic = false
	topic := f.Topic(0, "Что чинить?")
	if _, err := f.Comment(topic, "", 0, "Спасибо, передали"); err != nil {
		t.Fatal(err)
	}
	var last string
	for i := range 30 {
		var err error
		if last, err = f.Comment(topic, "", f.Person("Анна"), fmt.Sprintf("Лавку %d", i)); err != nil {
			t.Fatal(err)
		}
	}
	root := ok.Topic + "/" + topic
	if _, found, err := g.Find(t.Context(), reply.Job{Thread: root, Parent: root + "/" + last, Text: "Спасибо, передали"}); err != nil || found {
		t.Errorf("an answer from before the question proves one after it: %v, %v", found, err)
	}
}

func TestPublishingIsWithdrawn(t *testing.T) {
	t.Parallel()
	for _, p := range []okfake.Publishing{okfake.Withdrawn, okfake.Denied} {
		f, g, _ := open(t, okfake.Options{Publishing: p})
		root := ok.Topic + "/" + f.Topic(0, "Что чинить?")
		_, err := g.Publish(t.Context(), reply.Job{Thread: root, Parent: root, Text: "Починим"})
		wantTrouble(t, string(p), err, source.Permanent)
		var e *source.Error
		if errors.As(err, &e) && !strings.Contains(e.Sentence, "вручную") {
			t.Errorf("%s: %q does not send to the hand", p, e.Sentence)
		}
	}
}

func TestTroubles(t *testing.T) {
	t.Parallel()
	f, g, _ := open(t, okfake.Options{})
	root := ok.Topic + "/" + f.Topic(0, "Что чинить?")
	for code, want := range map[int]struct{ read, write source.Trouble }{
		1: {source.Later, source.Unclear}, 2: {source.Later, source.Unclear}, 9999: {source.Later, source.Unclear},
		8: {source.Later, source.Flood}, 11: {source.Later, source.Flood}, 26: {source.Later, source.Flood},
		7: {source.Person, source.Person}, 9: {source.Person, source.Person}, 514: {source.Person, source.Person},
		101: {source.Person, source.Person}, 102: {source.Person, source.Person}, 103: {source.Person, source.Person}, 104: {source.Person, source.Person},
		210: {source.Person, source.Person}, 453: {source.Person, source.Person},
		3: {source.Person, source.Permanent}, 10: {source.Person, source.Permanent}, 200: {source.Person, source.Permanent}, 50: {source.Person, source.Permanent},
		100: {source.Permanent, source.Permanent}, 160: {source.Permanent, source.Permanent}, 300: {source.Permanent, source.Permanent}, 454: {source.Permanent, source.Permanent},
		456: {source.Permanent, source.Permanent}, 458: {source.Permanent, source.Shut},
		700: {source.Permanent, source.Permanent}, 777: {source.Later, source.Permanent},
	} {
		f.Fail("group.getInfo", okfake.Trouble{Kind: okfake.Refuse, Code: code})
		_, err := g.Info(t.Context())
		wantTrouble(t, fmt.Sprintf("error %d of a look", code), err, want.read)
		f.Fail("discussions.addDiscussionComment", okfake.Trouble{Kind: okfake.Refuse, Code: code})
		_, err = g.Publish(t.Context(), reply.Job{Thread: root, Parent: root, Text: "Починим"})
		wantTrouble(t, fmt.Sprintf("error %d of a reply", code), err, want.write)
		if s := err.Error(); strings.Contains(s, token) || strings.Contains(s, secret) || strings.Contains(s, "Починим") {
			t.Errorf("the error %q quotes what it must not", s)
		}
	}
	got := poll(t, g, nil)
	f.Expire()
	_, err := g.Poll(t.Context(), got.Cursor)
	wantTrouble(t, "the token has expired", err, source.Person)
	_, err = (&ok.Group{Group: group}).Poll(t.Context(), nil)
	wantTrouble(t, "no keys", err, source.Person)
	_, err = g.Publish(t.Context(), reply.Job{Thread: root, Parent: root, Text: strings.Repeat("я", 3001)})
	wantTrouble(t, "a text too long", err, source.Permanent)
}

func TestOneClosedTopicStopsNobody(t *testing.T) {
	t.Parallel()
	f, g, clock := open(t, okfake.Options{})
	anna := f.Person("Анна")
	for _, text := range []string{"Одна", "Другая"} {
		if _, err := f.Comment(f.Topic(0, text), "", anna, "Лавку"); err != nil {
			t.Fatal(err)
		}
	}
	f.Fail("discussions.getComments", okfake.Trouble{Kind: okfake.Refuse, Code: 300})
	got := poll(t, g, nil)
	if len(got.Messages) != 3 {
		t.Errorf("%d messages came beside a topic that cannot be read, want 3", len(got.Messages))
	}
	clock.Advance(time.Hour)
	if got = poll(t, g, got.Cursor); len(got.Messages) != 1 {
		t.Errorf("%d messages came when it could be read again, want 1", len(got.Messages))
	}
}

func TestSettings(t *testing.T) {
	t.Parallel()
	open := func(id, s, key string) (*ok.Group, source.Connection, error) {
		con, err := ok.Open(source.Source{ID: id, Settings: json.RawMessage(s)}, source.Key{Secret: key}, ok.Options{})
		g, _ := con.Puller.(*ok.Group)
		return g, con, err
	}
	g, con, err := open("ok:5300", `{"application_key": "C", "reread": "5m", "secret": "application"}`, "token secret\n")
	if err != nil || g.Token != "token" || g.Secret != "secret" || !g.AppSecret || g.Reread != 5*time.Minute || con.Publisher != nil || con.Finder != g {
		t.Errorf("Open = %+v, %+v, %v; by default replies go by hand", g, con, err)
	}
	if _, con, err = open("ok:5300", `{"application_key": "C", "publish": true}`, "a b"); err != nil || con.Publisher == nil {
		t.Errorf("with publish: %+v, %v", con, err)
	}
	if g, _, err = open("ok:5300", "", "C a b"); err != nil || g.AppKey != "C" || g.Token != "a" || g.Secret != "b" {
		t.Errorf("a key of three words: %+v, %v", g, err)
	}
	for _, bad := range [][3]string{
		{"ok:5", `{}`, ""}, {"ok:5", `{}`, "a b c d"}, {"vk:-1", `{"application_key": "C"}`, "a b"}, {"ok:dvor", `{"application_key": "C"}`, "a b"}, {"ok:5", `{}`, "a b"}, {"ok:5", `{"application_key": "C"}`, "hush-hush"},
		{"ok:5", `{"application_key": "C", "token": "x"}`, "a b"}, {"ok:5", `{"application_key": "C", "topics": 999}`, "a b"}, {"ok:5", `{"application_key": "C", "secret": "none"}`, "a b"},
		{"ok:5", `{"application_key": "C", "url": "//ok.ru"}`, "a b"}, {"ok:5", `{"application_key": "C", "settle": "-1s"}`, "a b"}, {"ok:5", `{`, "a b"},
	} {
		if _, _, err := open(bad[0], bad[1], bad[2]); err == nil {
			t.Errorf("Open(%s, %s) took it", bad[0], bad[1])
		} else if fault.Sentence(err) == "" || strings.Contains(err.Error(), "hush") {
			t.Errorf("the error %q holds the key, or says nothing to people", err)
		}
	}
}

func TestLinks(t *testing.T) {
	t.Parallel()
	_, g, _ := open(t, okfake.Options{})
	for link, want := range map[string][2]string{ // without and with a token
		"https://ok.ru/group/5300":                      {"ok:5300", "ok:5300"},
		"https://ok.ru/group/5300/topic/154":            {"ok:5300", "ok:5300"},
		"https://m.ok.ru/group/5300":                    {"ok:5300", "ok:5300"},
		"https://www.odnoklassniki.ru/group5300?st=1":   {"ok:5300", "ok:5300"},
		"https://ok.ru/dvor":                            {"", "ok:" + group},
		"https://ok.ru/dvor/topic/154":                  {"", "ok:" + group},
		"https://ok.ru/nobody":                          {"", ""},
		"https://ok.ru/profile/580001":                  {"", ""},
		"https://ok.ru/":                                {"", ""},
		"https://vk.com/group/5300":                     {"none", "none"},
		"https://ok.ru.example/group/5300":              {"none", "none"},
		"https://ok.ru/group/" + group + "/topic/1?x=1": {"ok:" + group, "ok:" + group},
	} {
		u, err := url.Parse(link)
		if err != nil {
			t.Fatal(err)
		}
		for k, l := range []ok.Links{{}, {Ask: g}} {
			guess, err := l.Recognise(t.Context(), u)
			got := "none"
			if guess != nil {
				if got = guess.ID; guess.Kind != source.OK || guess.Needs == "" {
					t.Errorf("%s: kind %q, needs %q", link, guess.Kind, guess.Needs)
				}
				if k == 1 && guess.ID == "ok:"+group && guess.Name != "Двор на Лесной" {
					t.Errorf("%s is called %q", link, guess.Name)
				}
			}
			if err != nil || got != want[k] {
				t.Errorf("Recognise(%s) = %q, %v, want %q", link, got, err, want[k])
			}
		}
	}
}

func TestNatives(t *testing.T) {
	t.Parallel()
	f, g, _ := open(t, okfake.Options{})
	for _, bad := range []string{"", "GROUP_TOPIC", "GROUP_TOPIC/", "GROUP_TOPIC/1/", "a/b/c/d", "GROUP_TOPIC/1/\n", strings.Repeat("x", 130) + "/1"} {
		_, err := g.Publish(t.Context(), reply.Job{Parent: bad, Text: "Починим"})
		wantTrouble(t, bad, err, source.Permanent)
	}
	if n := f.Called("discussions.addDiscussionComment"); n != 0 {
		t.Errorf("%d calls were made", n)
	}
}

func wantTrouble(t *testing.T, what string, err error, want source.Trouble) {
	t.Helper()
	var e *source.Error
	if !errors.As(err, &e) || e.Trouble != want {
		t.Errorf("%s: error %v, want trouble %s", what, err, want)
	} else if !strings.ContainsAny(e.Sentence, "абвгдежзиклмнопрст") {
		t.Errorf("%s: sentence %q is not for people", what, e.Sentence)
	}
}
