package vk_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"otklik/internal/fault"
	"otklik/internal/message"
	"otklik/internal/reply"
	"otklik/internal/source"
	"otklik/internal/source/vk"
	"otklik/internal/source/vk/vkfake"
)

func TestRefs(t *testing.T) {
	t.Parallel()
	for native, want := range map[string]vk.Ref{
		"wall-1001_10":     {Place: "wall", Owner: -1001, Item: 10},
		"wall-1001_10_r12": {Place: "wall", Owner: -1001, Item: 10, Comment: 12},
		"wall5_7":          {Place: "wall", Owner: 5, Item: 7},
		"topic-1_6_r3":     {Place: "topic", Owner: -1, Item: 6, Comment: 3},
		"im77_614":         {Place: "im", Owner: 77, Item: 614},
	} {
		got, err := vk.ParseRef(native)
		if err != nil || got != want || got.String() != native {
			t.Errorf("ParseRef(%s) = %+v, %v", native, got, err)
		}
	}
	for _, bad := range []string{"", "wall", "wall-1", "wall-1_2_3", "wall-1_2_r", "wall-1_2_r0", "wall-1_2_r3_r4", "wall+1_2", "wall-01_2", "post-1_2", "-1_2", "wall-1_2 ", "wall-99999999999999999999_1"} {
		if got, err := vk.ParseRef(bad); err == nil {
			t.Errorf("ParseRef(%q) = %+v", bad, got)
		}
	}
}

func TestLinks(t *testing.T) {
	t.Parallel()
	tests := []struct {
		ref    string
		thread int64
		want   string
	}{
		{"wall-1_10", 0, "https://vk.com/wall-1_10"},
		{"wall-1_10_r12", 0, "https://vk.com/wall-1_10?reply=12"},
		{"wall-1_10_r12", 12, "https://vk.com/wall-1_10?reply=12"},
		{"wall-1_10_r13", 12, "https://vk.com/wall-1_10?reply=13&thread=12"},
		{"topic-1_6_r3", 0, "https://vk.com/topic-1_6?post=3"},
		{"im77_1", 0, ""},
	}
	for _, tt := range tests {
		ref, err := vk.ParseRef(tt.ref)
		if err != nil {
			t.Fatal(err)
		}
		if got := ref.Link("", tt.thread); got != tt.want {
			t.Errorf("Link(%s, %d) = %s, want %s", tt.ref, tt.thread, got, tt.want)
		}
	}
}

func TestEvents(t *testing.T) {
	t.Parallel()
	decode := func(raw string) message.Message {
		t.Helper()
		ms, err := vk.FromUpdate([]byte(raw), vk.Frame{})
		if err != nil || len(ms) != 1 {
			t.Fatalf("FromUpdate(%s) = %d messages, %v", raw, len(ms), err)
		}
		return ms[0]
	}
	written := decode(`{"type":"wall_reply_new","group_id":1001,"event_id":"a","object":{"id":12,"from_id":77,"date":1772445600,"text":"Яма","post_owner_id":-1001,"post_id":10}}`)
	want := message.Message{
		Source: "vk:-1001", Channel: message.VK, Form: message.Comment, Native: "wall-1001_10_r12", Revision: message.HashOf("Яма"), Event: message.Written,
		Thread: "wall-1001_10", URL: "https://vk.com/wall-1001_10?reply=12", Author: "77", Text: "Яма", PublishedAt: time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC),
	}
	if diff := cmp.Diff(want, written); diff != "" {
		t.Errorf("a new comment (-want +got):\n%s", diff)
	}
	edit := decode(`{"type":"wall_reply_edit","group_id":1001,"event_id":"b","object":{"id":12,"from_id":77,"date":1772445600,"text":"Яма","owner_id":-1001,"post_id":10}}`)
	if edit.Native != written.Native || edit.Revision == written.Revision {
		t.Errorf("an edit that brings the text back has the revision of the first: %s", edit.Revision.Key())
	}
	deleted := decode(`{"type":"wall_reply_delete","group_id":1001,"event_id":"c","object":{"owner_id":-1001,"id":12,"user_id":77,"post_id":10}}`)
	if deleted.Event != message.Deleted || deleted.Native != written.Native || deleted.Text != "" {
		t.Errorf("a deletion = %+v", deleted)
	}
	restored := decode(`{"type":"wall_reply_restore","group_id":1001,"event_id":"d","object":{"id":12,"from_id":77,"date":1772445600,"text":"Яма","post_owner_id":-1001,"post_id":10}}`)
	again := decode(`{"type":"wall_reply_restore","group_id":1001,"event_id":"e","object":{"id":12,"from_id":77,"date":1772445600,"text":"Яма","post_owner_id":-1001,"post_id":10}}`)
	if restored.Event != message.Restored || restored.Revision == written.Revision || restored.Revision == again.Revision {
		t.Errorf("two restores have the revisions %s and %s", restored.Revision.Key(), again.Revision.Key())
	}
	own := decode(`{"type":"wall_reply_new","group_id":1001,"object":{"id":13,"from_id":-1001,"date":5,"text":"Ответ","post_owner_id":-1001,"post_id":10,"reply_to_comment":12,"parents_stack":[12]}}`)
	if !own.Own || own.Parent != written.Native {
		t.Errorf("our own reply: own %v, parent %q", own.Own, own.Parent)
	}
	if m := decode(`{"type":"message_new","group_id":1001,"object":{"message":{"id":3,"date":5,"peer_id":77,"from_id":77,"text":"Вопрос","out":0,"conversation_message_id":4}}}`); m.Form != message.Direct || !m.Addressed || m.Own || m.Native != "im77_4" {
		t.Errorf("a private message = %+v", m)
	}
	if m := decode(`{"type":"message_reply","group_id":1001,"object":{"id":3,"date":5,"peer_id":77,"from_id":-1001,"text":"Ответ","out":true,"conversation_message_id":5}}`); !m.Own {
		t.Error("our own private message is not known as such")
	}
	for _, raw := range []string{`{"type":"group_join","group_id":1,"object":{"user_id":5}}`, `{"type":"wall_reply_new","object":[]}`, `{"type":"wall_reply_new"}`, `{}`, `{"type":"photo_new","object":{"id":1,"owner_id":-1}}`} {
		if _, err := vk.FromUpdate([]byte(raw), vk.Frame{}); !errors.Is(err, vk.ErrNoMessage) {
			t.Errorf("FromUpdate(%s): %v, want ErrNoMessage", raw, err)
		}
	}
}

// A comment has one native id and one first revision, however it comes.
func TestPollingAndEventsAgree(t *testing.T) {
	t.Parallel()
	fake, wall, _ := open(t, vkfake.Options{})
	post := fake.Post(0, "Двор")
	id, err := fake.Comment(post, 0, fake.Person("Анна"), "Яма & лужа")
	if err != nil {
		t.Fatal(err)
	}
	b, err := wall.Poll(t.Context(), nil)
	if err != nil || len(b.Messages) != 2 {
		t.Fatalf("%d messages, %v", len(b.Messages), err)
	}
	if !b.Messages[0].Own || b.Messages[1].Own {
		t.Error("the community's own post must be known as our own, a resident's comment must not")
	}
	polled := b.Messages[1]
	ms, err := vk.FromUpdate([]byte(`{"type":"wall_reply_new","group_id":1001,"object":{"id":2,"from_id":500001,"date":1,"text":"Яма &amp; лужа","post_owner_id":-1001,"post_id":1}}`), vk.Frame{})
	if err != nil || id != 2 || ms[0].Native != polled.Native || ms[0].Revision != polled.Revision || ms[0].Source != polled.Source {
		t.Errorf("polled %s@%s, event %+v", polled.Native, polled.Revision.Key(), ms)
	}
}

func TestErrorCodes(t *testing.T) {
	t.Parallel()
	fake, wall, _ := open(t, vkfake.Options{})
	post := fake.Post(0, "Двор")
	job := reply.Job{Parent: vk.Ref{Place: "wall", Owner: -1001, Item: post}.String(), Text: "Ответ", Key: "k"}
	tests := []struct {
		code          int
		reads, writes source.Trouble
		after         time.Duration
	}{
		{1, source.Later, source.Unclear, 30 * time.Second},
		{5, source.Person, source.Person, 0},
		{6, source.Later, source.Flood, time.Second},
		{9, source.Later, source.Flood, 5 * time.Minute},
		{10, source.Later, source.Unclear, time.Minute},
		{14, source.Person, source.Person, 0},
		{15, source.Permanent, source.Permanent, 0},
		{17, source.Person, source.Person, 0},
		{27, source.Person, source.Person, 0},
		{28, source.Person, source.Person, 0},
		{29, source.Later, source.Flood, 6 * time.Hour},
		{36, source.Later, source.Unclear, time.Minute},
		{100, source.Permanent, source.Permanent, 0},
		{212, source.Permanent, source.Permanent, 0},
		{213, source.Permanent, source.Shut, 0},
		{222, source.Permanent, source.Permanent, 0},
		{1117, source.Person, source.Person, 0},
		{7777, source.Later, source.Permanent, 0},
	}
	for _, tt := range tests {
		fake.Fail("wall.get", vkfake.Refuse, tt.code)
		_, err := wall.Poll(t.Context(), nil)
		var e *source.Error
		if !errors.As(err, &e) || e.Trouble != tt.reads || e.Code != tt.code || e.Sentence == "" || tt.after != 0 && e.After != tt.after {
			t.Errorf("reading, error %d: %+v", tt.code, err)
		}
		fake.Fail("wall.createComment", vkfake.Refuse, tt.code)
		_, err = wall.Publish(t.Context(), job)
		if !errors.As(err, &e) || e.Trouble != tt.writes || e.Code != tt.code || e.Sentence == "" {
			t.Errorf("writing, error %d: %+v", tt.code, err)
		}
		if strings.Contains(err.Error(), "Ответ") || strings.Contains(err.Error(), communityToken) {
			t.Errorf("error %d quotes the request", tt.code)
		}
	}
}

func TestWrongTokens(t *testing.T) {
	t.Parallel()
	fake, wall, _ := open(t, vkfake.Options{})
	post := vk.Ref{Place: "wall", Owner: -1001, Item: fake.Post(0, "Двор")}.String()
	var e *source.Error
	swapped := &vk.Wall{Group: 1001, ServiceToken: communityToken, CommunityToken: serviceToken, BaseURL: wall.BaseURL, Limits: wall.Limits}
	if _, err := swapped.Poll(t.Context(), nil); !errors.As(err, &e) || e.Code != 27 || e.Trouble != source.Person {
		t.Errorf("reading with the community's token: %v", err)
	}
	if _, err := swapped.Publish(t.Context(), reply.Job{Parent: post, Text: "Ответ"}); !errors.As(err, &e) || e.Code != 28 {
		t.Errorf("writing with the service token: %v", err)
	}
	none := &vk.Wall{Group: 1001, BaseURL: wall.BaseURL, Limits: wall.Limits}
	if _, err := none.Poll(t.Context(), nil); !errors.As(err, &e) || e.Trouble != source.Person || fake.Called("wall.get") != 1 {
		t.Errorf("without a token: %v", err)
	}
}

func TestCommunity(t *testing.T) {
	t.Parallel()
	_, wall, _ := open(t, vkfake.Options{Screen: "dvor"})
	got, err := wall.Community(t.Context())
	if err != nil || got != (vk.Group{ID: 1001, Name: "Двор на Лесной", Screen: "dvor"}) {
		t.Errorf("Community = %+v, %v", got, err)
	}
	other := &vk.Wall{Group: 5, ServiceToken: serviceToken, BaseURL: wall.BaseURL, Limits: wall.Limits}
	if _, err := other.Community(t.Context()); !fault.Is(err, fault.NotFound) {
		t.Errorf("an unknown community: %v", err)
	}
}

// A guid that the network forgets or refuses never makes a second reply stand,
// because the caller reads back first.
func TestGuidIsNoPromise(t *testing.T) {
	t.Parallel()
	for _, guid := range []vkfake.Guid{vkfake.GuidReturns, vkfake.GuidRefuses, vkfake.GuidForgets} {
		fake, wall, _ := open(t, vkfake.Options{Guid: guid})
		post := fake.Post(0, "Двор")
		job := reply.Job{Parent: vk.Ref{Place: "wall", Owner: -1001, Item: post}.String(), Text: "Починим\n\nзавтра", Key: "k"}
		fake.Fail("wall.createComment", vkfake.Lost, 0)
		_, err := wall.Publish(t.Context(), job)
		var e *source.Error
		if !errors.As(err, &e) || e.Trouble != source.Unclear {
			t.Fatalf("%s: %v", guid, err)
		}
		if r, found, err := wall.Find(t.Context(), job); err != nil || !found || r.Native == "" {
			t.Errorf("%s: Find = %v, %v", guid, found, err)
		}
		if got := fake.Wrote(post); len(got) != 1 {
			t.Errorf("%s: %d replies stand", guid, len(got))
		}
	}
}

func TestPublishWhereItCannot(t *testing.T) {
	t.Parallel()
	fake, wall, _ := open(t, vkfake.Options{})
	post := fake.Post(0, "Двор")
	c, err := fake.Comment(post, 0, fake.Person("Анна"), "Яма")
	if err != nil {
		t.Fatal(err)
	}
	job := reply.Job{Parent: vk.Ref{Place: "wall", Owner: -1001, Item: post, Comment: c}.String(), Text: "Ответ"}
	permanent := func(what string, job reply.Job, code int) {
		t.Helper()
		_, err := wall.Publish(t.Context(), job)
		var e *source.Error
		if !errors.As(err, &e) || e.Trouble != source.Permanent || e.Code != code {
			t.Errorf("%s: %v", what, err)
		}
	}
	permanent("another wall", reply.Job{Parent: "wall-5_1", Text: "Ответ"}, 0)
	permanent("somebody who never wrote", reply.Job{Parent: "im5_1", Text: "Ответ"}, 901)
	permanent("under a photo", reply.Job{Parent: "photo-1001_7_r1", Text: "Ответ"}, 0)
	permanent("no words", reply.Job{Parent: job.Parent, Text: " "}, 0)
	if err := fake.CloseComments(post, true); err != nil {
		t.Fatal(err)
	}
	var e *source.Error
	if _, err := wall.Publish(t.Context(), job); !errors.As(err, &e) || e.Trouble != source.Shut || e.Code != 213 {
		t.Errorf("closed comments: %v", err)
	}
	if err := errors.Join(fake.CloseComments(post, false), fake.Delete(c)); err != nil {
		t.Fatal(err)
	}
	permanent("a deleted comment", job, 100)
	if err := fake.Delete(post); err != nil {
		t.Fatal(err)
	}
	permanent("a deleted post", job, 100)
}

// One post that cannot be read does not stop the wall, and nothing is called
// deleted for it.
func TestClosedPostAmongOthers(t *testing.T) {
	t.Parallel()
	fake, wall, clock := open(t, vkfake.Options{})
	first, second := fake.Post(0, "Первая"), fake.Post(0, "Вторая")
	for _, post := range []int64{first, second} {
		if _, err := fake.Comment(post, 0, fake.Person("Анна"), "Яма"); err != nil {
			t.Fatal(err)
		}
	}
	b, err := wall.Poll(t.Context(), nil)
	if err != nil || len(b.Messages) != 4 {
		t.Fatalf("%d messages, %v", len(b.Messages), err)
	}
	for range 3 {
		clock.advance(time.Hour)
		fake.Fail("wall.getComments", vkfake.Refuse, 212)
		if b, err = wall.Poll(t.Context(), b.Cursor); err != nil || len(b.Messages) != 0 || b.More {
			t.Errorf("%d messages, more %v, %v", len(b.Messages), b.More, err)
		}
	}
}

// Pages shift when a comment is deleted while they are being read: the comment
// that slipped through is still there.
func TestPagesThatShift(t *testing.T) {
	t.Parallel()
	fake, wall, clock := open(t, vkfake.Options{})
	post := fake.Post(0, "Двор")
	ids := make([]int64, 150)
	for i := range ids {
		var err error
		if ids[i], err = fake.Comment(post, 0, fake.Person("Анна"), "Яма"); err != nil {
			t.Fatal(err)
		}
	}
	b, err := wall.Poll(t.Context(), nil)
	if err != nil || len(b.Messages) != 151 {
		t.Fatalf("%d messages, %v", len(b.Messages), err)
	}
	real := wall.HTTP.Transport
	shifted := false
	wall.HTTP.Transport = roundTripper(func(r *http.Request) (*http.Response, error) {
		resp, err := real.RoundTrip(r)
		if strings.HasSuffix(r.URL.Path, "wall.getComments") && !shifted {
			shifted = true
			if err := fake.Delete(ids[5]); err != nil {
				t.Error(err)
			}
		}
		return resp, err
	})
	var gone []string
	for range 4 {
		clock.advance(time.Hour)
		if b, err = wall.Poll(t.Context(), b.Cursor); err != nil {
			t.Fatal(err)
		}
		for _, m := range b.Messages {
			gone = append(gone, string(m.Event)+" "+m.Native)
		}
	}
	want := []string{"deleted " + vk.Ref{Place: "wall", Owner: -1001, Item: post, Comment: ids[5]}.String()}
	if diff := cmp.Diff(want, gone); diff != "" {
		t.Errorf("what came after the shift (-want +got):\n%s", diff)
	}
}

func TestOldPostsLeaveTheWatch(t *testing.T) {
	t.Parallel()
	fake, wall, clock := open(t, vkfake.Options{})
	wall.Posts = 3
	pinned := fake.Post(0, "Правила")
	if err := fake.Pin(pinned); err != nil {
		t.Fatal(err)
	}
	seen := map[string]int{}
	var cursor []byte
	for i := range 12 {
		clock.advance(time.Hour)
		fake.Post(0, "Новость "+strings.Repeat("!", i))
		b, err := wall.Poll(t.Context(), cursor)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range b.Messages {
			if m.Event != message.Written {
				t.Errorf("%s came as %s: it was only pushed out by newer ones", m.Native, m.Event)
			}
			seen[m.Native]++
		}
		cursor = b.Cursor
	}
	if len(seen) != 13 {
		t.Errorf("%d posts were seen, want 13", len(seen))
	}
	if len(cursor) > 1000 {
		t.Errorf("the cursor keeps %d bytes of a wall of 3 watched posts", len(cursor))
	}
}

// A quiet wall costs one call, and a poll never more than its share.
func TestCallsAreBounded(t *testing.T) {
	t.Parallel()
	fake, wall, clock := open(t, vkfake.Options{})
	wall.Calls = 5
	for i := range 20 {
		post := fake.Post(0, "Запись")
		if _, err := fake.Comment(post, 0, fake.Person("Анна"), strings.Repeat("я", i+1)); err != nil {
			t.Fatal(err)
		}
	}
	calls := func() int { return fake.Called("wall.get") + fake.Called("wall.getComments") }
	var cursor []byte
	messages, polls := 0, 0
	for more := true; more; polls++ {
		before := calls()
		b, err := wall.Poll(t.Context(), cursor)
		if err != nil {
			t.Fatal(err)
		}
		if n := calls() - before; n > 5 {
			t.Errorf("a poll of %d calls", n)
		}
		cursor, more = b.Cursor, b.More
		messages += len(b.Messages)
	}
	if messages != 40 || polls < 4 {
		t.Errorf("%d messages in %d polls", messages, polls)
	}
	clock.advance(time.Second)
	before := calls()
	if _, err := wall.Poll(t.Context(), cursor); err != nil || calls()-before != 1 {
		t.Errorf("a quiet wall cost %d calls, %v", calls()-before, err)
	}
}

func TestLimitsSpaceCalls(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var n atomic.Int64
		rt := roundTripper(func(*http.Request) (*http.Response, error) {
			n.Add(1)
			w := httptest.NewRecorder()
			_, _ = w.WriteString(`{"response":{"count":0,"items":[]}}`)
			return w.Result(), nil
		})
		wall := &vk.Wall{Group: 1, ServiceToken: "t", HTTP: &http.Client{Transport: rt}}
		start := time.Now()
		for range 10 {
			if _, err := wall.Poll(t.Context(), nil); err != nil {
				t.Fatal(err)
			}
		}
		if got := time.Since(start); got < 3*time.Second-time.Millisecond || got > 3100*time.Millisecond {
			t.Errorf("10 calls took %v; 3 a second are allowed", got)
		}
	})
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestSlowAnswerIsUnclear(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		rt := roundTripper(func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		})
		wall := &vk.Wall{Group: 1, ServiceToken: "s", CommunityToken: "c", HTTP: &http.Client{Transport: rt}}
		var e *source.Error
		if _, err := wall.Publish(t.Context(), reply.Job{Parent: "wall-1_2", Text: "Ответ"}); !errors.As(err, &e) || e.Trouble != source.Unclear {
			t.Errorf("Publish: %v", err)
		}
		if _, err := wall.Poll(t.Context(), nil); !errors.As(err, &e) || e.Trouble != source.Later || e.After == 0 {
			t.Errorf("Poll: %v", err)
		}
	})
}

func FuzzDecode(f *testing.F) {
	for _, s := range []string{
		`{"type":"wall_reply_new","object":{"id":1,"post_id":2,"from_id":3,"text":"а"},"group_id":1}`, `{"id":1,"owner_id":-1,"from_id":2,"date":5,"post_type":"post"}`,
		`{"id":"1","thread":[],"comments":{"items":[{"id":2}]},"parents_stack":[1,"2",{}]}`, `{"type":"x_new","object":{"message":[]}}`, `[]`, `{"date":1e300}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		ms, err := vk.FromUpdate(b, vk.Frame{})
		if err == nil && len(ms) == 0 {
			t.Error("no error and no message")
		}
		if m, err := vk.FromWallItem(b, vk.Frame{}); err == nil {
			ms = append(ms, m)
		}
		for _, m := range ms {
			if ref, err := vk.ParseRef(m.Native); err != nil || ref.String() != m.Native {
				t.Errorf("native id %q: %v", m.Native, err)
			}
			if m.Revision == (message.Revision{}) {
				t.Errorf("%s has no revision", m.Native)
			}
		}
		if o, err := vk.Parse(b); err == nil {
			o.Nested(vk.Frame{})
			o.Where()
			_, _ = o.Message(vk.Frame{})
		}
	})
}

func FuzzPoll(f *testing.F) {
	f.Add([]byte(`{"response":{"count":1,"items":[{"id":1,"date":5,"text":"а","comments":{"count":3}}]}}`), []byte(`{"p":{"1":{"h":"x","r":5,"d":5,"n":1,"c":{"2":{"h":"y"}}}},"q":[{"p":1},{"p":1,"e":true}]}`))
	f.Add([]byte(`{"error":{"error_code":212}}`), []byte(`{"q":[{"p":1,"t":5,"o":-5}]}`))
	f.Fuzz(func(t *testing.T, body, cursor []byte) {
		rt := roundTripper(func(*http.Request) (*http.Response, error) {
			w := httptest.NewRecorder()
			_, _ = w.Write(body)
			return w.Result(), nil
		})
		wall := &vk.Wall{Group: 1, ServiceToken: "t", CommunityToken: "c", HTTP: &http.Client{Transport: rt}, Limits: &vk.Limits{PerSecond: -1}}
		if b, err := wall.Poll(t.Context(), cursor); err == nil {
			if _, err := wall.Poll(t.Context(), b.Cursor); err != nil && len(b.Cursor) == 0 {
				t.Error(err)
			}
		}
		_, _, _ = wall.Find(t.Context(), reply.Job{Parent: "wall-1_1_r2", Text: "а"})
		_, _ = wall.Publish(t.Context(), reply.Job{Parent: "wall-1_1_r2", Text: "а"})
	})
}

// An answer that comes after the client has gone leaves a reply that Find finds.
func TestLateAnswer(t *testing.T) {
	t.Parallel()
	fake, wall, _ := open(t, vkfake.Options{})
	impatient := *wall.HTTP
	impatient.Timeout = 100 * time.Millisecond
	hasty := &vk.Wall{Group: 1001, ServiceToken: serviceToken, CommunityToken: communityToken, BaseURL: wall.BaseURL, HTTP: &impatient, Limits: wall.Limits}
	post := fake.Post(0, "Двор")
	job := reply.Job{Parent: vk.Ref{Place: "wall", Owner: -1001, Item: post}.String(), Text: "Починим", Key: "k"}
	fake.Fail("wall.createComment", vkfake.Late, 0)
	_, err := hasty.Publish(t.Context(), job)
	var e *source.Error
	if !errors.As(err, &e) || e.Trouble != source.Unclear {
		t.Fatalf("Publish: %v", err)
	}
	if _, found, err := wall.Find(t.Context(), job); err != nil || !found {
		t.Errorf("Find = %v, %v", found, err)
	}
}
