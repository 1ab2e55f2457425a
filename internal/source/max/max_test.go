package max_test

import (
	"context"
	"encoding/json"
	"encoding/pem"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"otklik/internal/attachment"
	"otklik/internal/fault"
	"otklik/internal/message"
	"otklik/internal/reply"
	src "otklik/internal/source"
	"otklik/internal/source/max"
	"otklik/internal/source/max/maxfake"
)

// poll polls until the network has nothing more.
func poll(t *testing.T, b *max.Bot, cursor []byte) (all src.Batch) {
	t.Helper()
	for range 50 {
		got, err := b.Poll(t.Context(), cursor)
		if err != nil {
			t.Fatalf("Poll: %v", err)
		}
		all.Messages, all.Found = append(all.Messages, got.Messages...), append(all.Found, got.Found...)
		if all.Cursor, cursor = got.Cursor, got.Cursor; !got.More {
			return all
		}
	}
	t.Fatal("Poll asks for more without end")
	return all
}

// hook subscribes the bot at an address of the test; what it returns delivers what waits.
func hook(t *testing.T, f *maxfake.Fake, b *max.Bot) (push func() []src.Received) {
	t.Helper()
	var got []src.Received
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		in, err := b.Receive(r.Context(), src.Call{Header: r.Header.Get, Query: r.URL.Query(), Body: body})
		if err != nil {
			t.Errorf("Receive: %v", err)
			w.WriteHeader(http.StatusForbidden)
			return
		}
		got = append(got, in)
	}))
	t.Cleanup(srv.Close)
	b.Hook = srv.URL
	poll(t, b, nil)
	return func() []src.Received {
		t.Helper()
		got = nil
		if _, err := f.Deliver(t.Context(), srv.Client()); err != nil {
			t.Fatal(err)
		}
		return got
	}
}

func TestPushesAndReadingAgree(t *testing.T) {
	t.Parallel()
	f, b, channel, clock := open(t, maxfake.Options{})
	push := hook(t, f, b)
	push() // that the bot was added
	person := f.Person("Анна Петрова")
	post := f.Post(channel, 0, "Что чинить?")
	c1, err := f.Comment(post, "", person, "Лавку")
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Edit(c1, "Лавку у третьего подъезда"); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	var texts []string
	for _, r := range push() {
		for _, m := range r.Messages {
			if r.ID == "" || m.SeenAt.IsZero() {
				t.Errorf("a push brought %q without id or time", m.Native)
			}
			seen[m.Native+m.Revision.Key()] = true
			texts = append(texts, m.Text)
		}
	}
	if diff := cmp.Diff([]string{"Что чинить?", "Лавку", "Лавку у третьего подъезда"}, texts); diff != "" {
		t.Fatalf("pushes (-want +got):\n%s", diff)
	}
	clock.Advance(time.Hour)
	got := poll(t, b, nil)
	if len(got.Messages) != 2 {
		t.Fatalf("reading brought %d messages, want the post and the comment", len(got.Messages))
	}
	for _, m := range got.Messages {
		if !seen[m.Native+m.Revision.Key()] {
			t.Errorf("%q came by a push under another revision than by reading", m.Text)
		}
	}
}

func TestPushesThatRepeatAndOvertake(t *testing.T) {
	t.Parallel()
	f, b, channel, _ := open(t, maxfake.Options{})
	push := hook(t, f, b)
	post := f.Post(channel, 0, "Было")
	push()
	if err := f.Edit(post, "Стало"); err != nil {
		t.Fatal(err)
	}
	if err := f.Delete(post); err != nil {
		t.Fatal(err)
	}
	f.Reverse()
	f.Repeat()
	var events []message.Event
	ids := map[string]int{}
	for _, r := range push() {
		ids[r.ID]++
		for _, m := range r.Messages {
			events = append(events, m.Event)
		}
	}
	if diff := cmp.Diff([]message.Event{message.Deleted, message.Deleted}, events); diff != "" {
		t.Errorf("a change that a deletion has overtaken came all the same (-want +got):\n%s", diff)
	}
	if len(ids) != 2 {
		t.Errorf("two events that came twice have %d ids", len(ids))
	}
}

func TestForeignPush(t *testing.T) {
	t.Parallel()
	_, b, _, _ := open(t, maxfake.Options{})
	for what, tt := range map[string]struct {
		secret, body string
		want         src.Trouble
	}{
		"no secret":      {"", `{"update_type":"bot_started"}`, src.Person},
		"another secret": {"secret", `{"update_type":"bot_started"}`, src.Person},
		"no JSON":        {b.Secret(), "\xff", src.Permanent},
		"another shape":  {b.Secret(), `[1]`, src.Permanent},
		"no update":      {b.Secret(), `{"type":"wall_post_new"}`, src.Permanent},
	} {
		_, err := b.Receive(t.Context(), src.Call{Header: func(string) string { return tt.secret }, Body: []byte(tt.body)})
		wantTrouble(t, what, err, tt.want)
	}
	for _, body := range []string{`{"update_type":"message_created"}`, `{"update_type":"chat_title_changed","chat_id":-5}`, `{"update_type":"message_callback","callback":{}}`,
		`{"update_type":"message_created","message":{"body":{"mid":"mid.1/../x","text":"а"},"recipient":{"chat_id":-5}}}`, `{"update_type":"bot_added","chat_id":"много"}`} {
		got, err := b.Receive(t.Context(), src.Call{Header: func(string) string { return b.Secret() }, Body: []byte(body)})
		if err != nil || len(got.Messages)+len(got.Found) != 0 {
			t.Errorf("Receive(%s) = %+v, %v; want nothing", body, got, err)
		}
	}
	if s := b.Secret(); len(s) < 5 || strings.Trim(s, "0123456789abcdef") != "" || strings.Contains(s, token) {
		t.Errorf("the secret %q is none for MAX", s)
	}
}

func TestLostSubscription(t *testing.T) {
	t.Parallel()
	f, b, channel, clock := open(t, maxfake.Options{})
	b.Hook = "https://otklik.example/hooks/7"
	got := poll(t, b, nil)
	if diff := cmp.Diff([]string{b.Hook}, f.Subscribed()); diff != "" {
		t.Fatalf("subscribed (-want +got):\n%s", diff)
	}
	asked := f.Called("GET /subscriptions")
	if poll(t, b, got.Cursor); f.Called("GET /subscriptions") != asked {
		t.Error("the subscription is looked for at every Poll")
	}
	f.Unsubscribe()
	post := f.Post(channel, 0, "Пока нас не звали")
	f.Forget()
	clock.Advance(10 * time.Minute)
	got = poll(t, b, got.Cursor)
	if diff := cmp.Diff([]string{b.Hook}, f.Subscribed()); diff != "" {
		t.Errorf("after the loss (-want +got):\n%s", diff)
	}
	if len(got.Messages) != 1 || got.Messages[0].Native != post {
		t.Errorf("what was lost with the subscription did not come: %d messages", len(got.Messages))
	}
	f.Fail("POST /subscriptions", maxfake.Trouble{Kind: maxfake.Refuse, Code: 200, Word: "bad url"})
	f.Unsubscribe()
	clock.Advance(10 * time.Minute)
	_, err := b.Poll(t.Context(), got.Cursor)
	wantTrouble(t, "an address that MAX refuses", err, src.Person)
}

func TestLongPollBesideAWebhook(t *testing.T) {
	t.Parallel()
	f, b, _, clock := open(t, maxfake.Options{})
	other := &max.Bot{Source: source, Token: token, BaseURL: b.BaseURL, HTTP: b.HTTP, Limits: b.Limits, Now: b.Now, Hook: "https://elsewhere.example/max?key=hush"}
	poll(t, other, nil)
	clock.Advance(time.Hour)
	_, err := b.Poll(t.Context(), nil)
	wantTrouble(t, "another program has the events", err, src.Person)
	var e *src.Error
	if errors.As(err, &e) && (strings.Contains(e.Sentence, "hush") || !strings.Contains(e.Sentence, "elsewhere.example")) {
		t.Errorf("the sentence %q does not name the host, or names more", e.Sentence)
	}
	b.TakeOver = true
	poll(t, b, nil)
	if got := f.Subscribed(); len(got) != 0 {
		t.Errorf("still subscribed: %v", got)
	}
}

func TestPlacesAreFoundAndLost(t *testing.T) {
	t.Parallel()
	f, b, _, clock := open(t, maxfake.Options{All: true})
	b.Chats = nil
	group := f.Group("Дом 5")
	got := poll(t, b, nil)
	var names []string
	for _, p := range got.Found {
		names = append(names, p.Name)
	}
	if diff := cmp.Diff([]string{"Двор на Лесной", "Дом 5"}, sorted(names)); diff != "" {
		t.Fatalf("found (-want +got):\n%s", diff)
	}
	f.Admit(group, false)
	got = poll(t, b, got.Cursor)
	if len(got.Found) != 1 || !got.Found[0].Lost || got.Found[0].ID != max.SourceID(group) {
		t.Errorf("a lost place came as %+v", got.Found)
	}
	f.Admit(group, true)
	if got = poll(t, b, got.Cursor); len(got.Found) != 1 || got.Found[0].Lost || got.Found[0].Name != "Дом 5" {
		t.Errorf("a place that came back came as %+v", got.Found)
	}
	f.Admit(group, false)
	f.Forget() // nobody told us
	clock.Advance(time.Hour)
	if got = poll(t, b, got.Cursor); len(got.Found) != 1 || !got.Found[0].Lost {
		t.Errorf("a place that does not let us in came as %+v", got.Found)
	}
	clock.Advance(5 * time.Minute)
	if got = poll(t, b, got.Cursor); len(got.Found) != 0 {
		t.Errorf("it was told again: %+v", got.Found)
	}
	f.Admit(group, true)
	f.Forget()
	clock.Advance(time.Hour)
	if got = poll(t, b, got.Cursor); len(got.Found) != 1 || got.Found[0].Lost {
		t.Errorf("a place that lets us in again came as %+v", got.Found)
	}
}

func TestGroups(t *testing.T) {
	t.Parallel()
	f, b, _, clock := open(t, maxfake.Options{All: true})
	group := f.Group("Дом 5")
	anna, boris := f.Person("Анна"), f.Person("Борис")
	first := f.Post(group, anna, "Лифт стоит")
	second := f.PostIn(group, boris, first, "И у нас")
	got := poll(t, b, nil)
	texts := map[string]message.Message{}
	for _, m := range got.Messages {
		texts[m.Text] = m
	}
	if m := texts["Лифт стоит"]; m.Source != max.SourceID(group) || m.Native != first || m.Author == "" || m.URL == "" || m.Thread != "" {
		t.Errorf("a message of a group: %+v", m)
	}
	if m := texts["И у нас"]; m.Native != second || m.Parent != first || m.Thread != first {
		t.Errorf("an answer in a group: %+v", m)
	}
	r, err := b.Publish(t.Context(), reply.Job{Source: max.SourceID(group), Thread: first, Parent: second, Text: "Чиним"})
	if err != nil {
		t.Fatal(err)
	}
	j := reply.Job{Source: max.SourceID(group), Thread: first, Parent: second, Text: "Чиним"}
	if back, found, err := b.Find(t.Context(), j); err != nil || !found || back.Native != r.Native {
		t.Errorf("Find = %+v, %v, %v", back, found, err)
	}
	clock.Advance(time.Hour)
	got = poll(t, b, got.Cursor)
	if len(got.Messages) != 1 || !got.Messages[0].Own || got.Messages[0].Native != r.Native {
		t.Errorf("our own answer came back as %d messages", len(got.Messages))
	}
	// Who answers us goes on in the same thread, whether we remember it or must ask.
	third := f.PostIn(group, anna, r.Native, "Опять стоит")
	again := &max.Bot{Source: source, Token: token, BaseURL: b.BaseURL, PageURL: b.PageURL, HTTP: b.HTTP, Limits: b.Limits, Now: b.Now}
	heard := 0
	for what, bot := range map[string]*max.Bot{"the same bot": b, "a bot that was started anew": again} {
		for _, m := range poll(t, bot, got.Cursor).Messages {
			if m.Native != third {
				continue
			}
			if heard++; m.Thread != first || m.Parent != r.Native {
				t.Errorf("%s: an answer to us stands in thread %q under %q", what, m.Thread, m.Parent)
			}
		}
	}
	if heard != 2 {
		t.Errorf("the answer came %d times to two bots", heard)
	}
	got = poll(t, b, got.Cursor)
	if err := f.Edit(first, "Лифт стоит второй день"); err != nil {
		t.Fatal(err)
	}
	f.Forget() // the event was lost: reading notices
	clock.Advance(time.Hour)
	if got = poll(t, b, got.Cursor); len(got.Messages) != 1 || got.Messages[0].Text != "Лифт стоит второй день" {
		t.Errorf("an edit without its event: %d messages", len(got.Messages))
	}
}

func TestNamelessComments(t *testing.T) {
	t.Parallel()
	f, b, channel, clock := open(t, maxfake.Options{Nameless: true, All: true})
	post := f.Post(channel, 0, "Что чинить?")
	c, err := f.Comment(post, "", f.Person("Анна"), "Лавку")
	if err != nil {
		t.Fatal(err)
	}
	got := poll(t, b, nil)
	if len(got.Messages) != 2 || got.Messages[1].Author != "" || got.Messages[1].Own || got.Messages[1].Text != "Лавку" {
		t.Fatalf("a comment without its author: %+v", got.Messages)
	}
	j := reply.Job{Source: max.SourceID(channel), Thread: post, Parent: post + "/" + c, Text: "Починим"}
	f.Fail("POST /messages", maxfake.Trouble{Kind: maxfake.Lost})
	_, err = b.Publish(t.Context(), j)
	wantTrouble(t, "a lost answer", err, src.Unclear)
	clock.Advance(time.Hour)
	if got = poll(t, b, got.Cursor); len(got.Messages) != 1 || !got.Messages[0].Own {
		t.Errorf("our own comment without a sender is taken for a resident's: %+v", got.Messages)
	}
	if r, found, err := b.Find(t.Context(), j); err != nil || !found || r.Native != got.Messages[0].Native {
		t.Errorf("Find = %+v, %v, %v", r, found, err)
	}
}

func TestCommentsOfOneMoment(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 9, 7, 9, 0, 0, 0, time.UTC)
	f, err := maxfake.New(maxfake.Options{Token: token, Bot: 229, Comments: maxfake.TellNothing, Now: func() time.Time { return at }})
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(f)
	t.Cleanup(srv.Close)
	channel := f.Channel("Двор")
	post := f.Post(channel, 0, "Что чинить?")
	for i := range 250 {
		if i%7 == 0 { // a page ends between two of one millisecond
			at = at.Add(time.Millisecond)
		}
		if _, err := f.Comment(post, "", f.Person("Анна"), "Лавку "+at.String()+string(rune('а'+i%7))); err != nil {
			t.Fatal(err)
		}
	}
	b := &max.Bot{Source: source, Token: token, BaseURL: srv.URL + "/api", HTTP: srv.Client(), Limits: &max.Limits{Off: true}, Now: func() time.Time { return at }, Chats: []int64{channel}}
	if got := poll(t, b, nil); len(got.Messages) != 251 {
		t.Errorf("%d messages came, want 251", len(got.Messages))
	}
}

func TestTalk(t *testing.T) {
	t.Parallel()
	f, b, _, _ := open(t, maxfake.Options{All: true})
	anna := f.Person("Анна Петрова")
	_, err := b.Say(t.Context(), "talk/700001", src.Speech{Text: "Здравствуйте"})
	wantTrouble(t, "a person who never wrote", err, src.Permanent)
	f.Start(anna, "yama")
	f.Say(anna, "", map[string]any{"type": "location", "latitude": 53.72, "longitude": 91.44},
		map[string]any{"type": "contact", "payload": map[string]any{"vcf_info": "BEGIN:VCARD\nTEL;TYPE=CELL:+7 900 000-00-00\nEND:VCARD"}},
		map[string]any{"type": "image", "payload": map[string]any{"photo_id": 77, "url": "https://i.oneme.ru/i?r=1", "token": "t"}})
	got := poll(t, b, nil)
	if len(got.Messages) != 2 {
		t.Fatalf("%d messages came", len(got.Messages))
	}
	start, said := got.Messages[0], got.Messages[1]
	if start.Text != "/start yama" || start.Thread != "talk/700001" || start.Form != message.Direct || start.Source != source || !start.Addressed {
		t.Errorf("a talk that was begun: %+v", start)
	}
	if said.Shared == nil || said.Shared.Lat != 53.72 || said.Contact != "+7 900 000-00-00" || said.Thread != start.Thread || said.AuthorName != "Анна Петрова" {
		t.Errorf("what was shared: %+v", said)
	}
	if len(said.Attachments) != 1 || said.Attachments[0] != (attachment.Ref{Kind: attachment.Photo, Name: "photo77", URL: "https://i.oneme.ru/i?r=1"}) {
		t.Errorf("attachments: %+v", said.Attachments)
	}
	native, err := b.Say(t.Context(), start.Thread, src.Speech{Text: "Что случилось?", Buttons: [][]src.Button{{{Label: "Яма", Data: "pit"}, {Label: "Сайт", URL: "https://otklik.example/"}}}, Ask: src.AskPoint})
	if err != nil || native == "" {
		t.Fatalf("Say = %q, %v", native, err)
	}
	callback := f.Press(anna, native, "pit")
	got = poll(t, b, got.Cursor)
	if len(got.Messages) != 1 || got.Messages[0].Pressed != "pit" || got.Messages[0].Parent != native || got.Messages[0].Thread != start.Thread || got.Messages[0].Native == native {
		t.Fatalf("a press: %+v", got.Messages)
	}
	if diff := cmp.Diff([]string{callback}, f.Answered()); diff != "" {
		t.Errorf("presses without an answer (-want +got):\n%s", diff)
	}
	long := strings.Repeat("Очень длинная строка ответа.\n", 200)
	if _, err := b.Say(t.Context(), start.Thread, src.Speech{Text: long}); err != nil {
		t.Fatal(err)
	}
	if said := f.Said(anna); len(said) != 3 || strings.Join(said[1:], "\n") != strings.TrimSpace(long) {
		t.Errorf("a long text became %d messages, or lost words", len(said)-1)
	}
	j := reply.Job{Source: source, Thread: start.Thread, Parent: said.Native, Text: "Приняли, номер 7"}
	r, err := b.Publish(t.Context(), j)
	if err != nil {
		t.Fatal(err)
	}
	if back, found, err := b.Find(t.Context(), j); err != nil || !found || back.Native != r.Native {
		t.Errorf("Find in a talk = %+v, %v, %v", back, found, err)
	}
	f.Stop(anna)
	_, err = b.Publish(t.Context(), j)
	wantTrouble(t, "a person who stopped the bot", err, src.Permanent)
	_, err = b.Say(t.Context(), "talk/-5", src.Speech{Text: "а"})
	wantTrouble(t, "no talk", err, src.Permanent)
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	f, b, channel, _ := open(t, maxfake.Options{})
	post := f.Post(channel, 0, "Что чинить?")
	c, err := f.Comment(post, "", f.Person("Анна"), "Лавку")
	if err != nil {
		t.Fatal(err)
	}
	j := reply.Job{Source: max.SourceID(channel), Thread: post, Parent: post + "/" + c, Text: "Починим"}
	for _, tt := range []struct {
		status      int
		code        string
		read, write src.Trouble
	}{
		{400, "proto.payload", src.Permanent, src.Permanent},
		{401, "verify.token", src.Person, src.Person},
		{403, "chat.denied", src.Person, src.Person},
		{403, "error.dialog.suspended", src.Permanent, src.Permanent},
		{404, "not.found", src.Permanent, src.Permanent},
		{405, "", src.Person, src.Person},
		{422, "comments.timeout_exceeded", src.Later, src.Permanent},
		{429, "too.many.requests", src.Later, src.Flood},
		{500, "internal.error", src.Later, src.Unclear},
		{503, "service.unavailable", src.Later, src.Unclear},
		{200, "not allowed", src.Later, src.Permanent}, // success: false
		{302, "", src.Later, src.Unclear},
	} {
		trouble := maxfake.Trouble{Kind: maxfake.Refuse, Code: tt.status, Word: tt.code, After: 3 * time.Second}
		f.Fail("GET /me", trouble)
		_, err := b.Me(t.Context())
		wantTrouble(t, tt.code+" of a look", err, tt.read)
		f.Fail("POST /messages", trouble)
		_, err = b.Publish(t.Context(), j)
		wantTrouble(t, tt.code+" of a reply", err, tt.write)
		var e *src.Error
		if tt.status == 429 && errors.As(err, &e) && e.After != 3*time.Second {
			t.Errorf("After = %v, want what Retry-After says", e.After)
		}
		if strings.Contains(err.Error(), token) || strings.Contains(err.Error(), "Починим") {
			t.Errorf("the error %q quotes what it must not", err)
		}
	}
	if got := f.Wrote(post); len(got) != 0 {
		t.Errorf("refused replies stand: %d", len(got))
	}
	f.Fail("POST /messages", maxfake.Trouble{Kind: maxfake.Refuse, Code: 400, Word: "attachment.not.ready"})
	if _, err := b.Publish(t.Context(), j); err != nil {
		t.Errorf("an attachment that was not ready at once: %v", err)
	}
	if err := f.CloseComments(post, true); err != nil {
		t.Fatal(err)
	}
	_, err = b.Publish(t.Context(), j)
	wantTrouble(t, "comments are off", err, src.Shut)
	j.Text = strings.Repeat("я", 4001)
	_, err = b.Publish(t.Context(), j)
	wantTrouble(t, "a text too long", err, src.Permanent)
	b2 := &max.Bot{Source: source}
	_, err = b2.Poll(t.Context(), nil)
	wantTrouble(t, "no token", err, src.Person)
}

func TestCommentsThatAreSwitchedOffAreNotDeleted(t *testing.T) {
	t.Parallel()
	f, b, channel, clock := open(t, maxfake.Options{})
	post := f.Post(channel, 0, "Что чинить?")
	if _, err := f.Comment(post, "", f.Person("Анна"), "Лавку"); err != nil {
		t.Fatal(err)
	}
	got := poll(t, b, nil)
	if err := f.CloseComments(post, true); err != nil {
		t.Fatal(err)
	}
	for range 4 {
		clock.Advance(time.Hour)
		if got = poll(t, b, got.Cursor); len(got.Messages) != 0 {
			t.Fatalf("%s came of comments that were switched off", got.Messages[0].Event)
		}
	}
}

func TestCertificate(t *testing.T) {
	t.Parallel()
	f, err := maxfake.New(maxfake.Options{Token: token, Bot: 229, Name: "Отклик"})
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewUnstartedServer(f)
	srv.Config.ErrorLog = log.New(io.Discard, "", 0)
	srv.StartTLS()
	t.Cleanup(srv.Close)
	file := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: srv.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	settings := func(ca string) src.Source {
		b, _ := json.Marshal(map[string]string{"url": srv.URL + "/api", "ca_file": ca})
		return src.Source{ID: source, Kind: src.Max, Settings: b}
	}
	key := src.Key{Secret: token}
	strange, err := max.Open(settings(""), key, max.Options{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = strange.Puller.(*max.Bot).Me(t.Context())
	wantTrouble(t, "a certificate that nobody knows", err, src.Person)
	con, err := max.Open(settings(file), key, max.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if me, err := con.Puller.(*max.Bot).Me(t.Context()); err != nil || me.ID != 229 {
		t.Errorf("Me with the CA file = %+v, %v", me, err)
	}
	for _, bad := range []string{"/nowhere.pem", os.Args[0]} {
		if _, err := max.Open(settings(bad), key, max.Options{}); err == nil {
			t.Errorf("ca_file %s was taken", bad)
		}
	}
}

func TestSettings(t *testing.T) {
	t.Parallel()
	open := func(s string) (*max.Bot, src.Connection, error) {
		con, err := max.Open(src.Source{ID: source, Settings: json.RawMessage(s)}, src.Key{Secret: token}, max.Options{Hook: "https://otklik.example/hooks/7", Places: []string{"max:-70801", "vk:-1", "max:229"}})
		b, _ := con.Puller.(*max.Bot)
		return b, con, err
	}
	b, con, err := open(`{"reread": "5m", "chats": [-70805], "posts": 50}`)
	if err != nil || b.Reread != 5*time.Minute || b.Hook == "" || con.Publisher != b || con.Receiver != b || con.Speaker != b || len(con.FileHosts) == 0 || con.Every < time.Second {
		t.Errorf("Open = %+v, %v", con, err)
	}
	if b, _, err := open(`{"long_poll": true}`); err != nil || b.Hook != "" {
		t.Errorf("long_poll: hook %q, %v", b.Hook, err)
	}
	for _, bad := range []string{`{"token": "x"}`, `{"chats": [5]}`, `{"posts": 500}`, `{"reread": "soon"}`, `{"reread": 5}`, `{"url": "ftp://max.ru"}`, `{"url": "https://u:p@max.ru"}`, `[]`, `{`, `{"per_day": -1}`} {
		if _, _, err := open(bad); err == nil {
			t.Errorf("settings %s were taken", bad)
		} else if strings.Contains(err.Error(), token) {
			t.Errorf("the error %q holds the token", err)
		}
	}
	for _, id := range []string{"vk:-1", "max:-70801"} {
		if _, err := max.Open(src.Source{ID: id}, src.Key{}, max.Options{}); fault.Sentence(err) == "" {
			t.Errorf("the source %s was taken, or refused without a word: %v", id, err)
		}
	}
}

func TestLinks(t *testing.T) {
	t.Parallel()
	for link, want := range map[string]string{
		"https://max.ru/c/-70801/AZ2H-TzaAOc":  "max:-70801 https://max.ru/c/-70801",
		"https://web.max.ru/-70801":            "max:-70801 https://max.ru/c/-70801",
		"https://max.ru/gorod":                 " https://max.ru/gorod",
		"https://www.max.ru/gorod/AZ2H-TzaAOc": " https://max.ru/gorod",
		"https://max.ru/join/abc":              " https://max.ru/join/abc",
		"https://max.ru/otklik_bot?start=a":    "max:@otklik_bot https://max.ru/otklik_bot",
		"https://max.ru/":                      " ",
		"https://vk.com/gorod":                 "none",
		"https://notmax.ru/gorod":              "none",
	} {
		u, err := url.Parse(link)
		if err != nil {
			t.Fatal(err)
		}
		g, err := max.Links{}.Recognise(t.Context(), u)
		got := "none"
		if g != nil {
			if got = g.ID + " " + g.URL; g.Kind != src.Max || g.Needs == "" {
				t.Errorf("%s: kind %q, needs %q", link, g.Kind, g.Needs)
			}
		}
		if err != nil || got != want {
			t.Errorf("Recognise(%s) = %q, %v, want %q", link, got, err, want)
		}
	}
}

// The documented samples, in our own words.
func TestSamples(t *testing.T) {
	t.Parallel()
	b := &max.Bot{Source: source, Token: token}
	receive := func(body string) src.Received {
		t.Helper()
		got, err := b.Receive(context.Background(), src.Call{Header: func(string) string { return b.Secret() }, Body: []byte(body)})
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	got := receive(`{"message":{"recipient":{"chat_id":-70801090403050,"chat_type":"channel"},"timestamp":1775053255737,"body":{"mid":"mid.ffffbdb48e6c3775019d87f93cda00e7","seq":116398669919027431,"text":"Запись"},"url":"https://max.ru/gorod/AZ2H-TzaAOc"},"timestamp":1775025604499,"update_type":"message_created"}`)
	if m := got.Messages[0]; m.URL != "https://max.ru/gorod/AZ2H-TzaAOc" || m.Author != "" || m.PublishedAt.UnixMilli() != 1775053255737 {
		t.Errorf("a post: %+v", m)
	}
	got = receive(`{"message":{"recipient":{"chat_id":-70801090403050,"chat_type":"channel","post_id":"mid.ffffbdb48e6c3775019d87f93cda00e7"},"timestamp":1775053255738,"body":{"mid":"mid.ffffbdb48e6c3775019d87f93cda00e8","text":"Ответ"},"sender":{"user_id":"77","first_name":"Анна","last_name":"Петрова"}},"timestamp":1775025604500,"update_type":"comment_created"}`)
	if m := got.Messages[0]; m.URL != "https://max.ru/c/-70801090403050/AZ2H-TzaAOc" || m.Author != "77" || m.AuthorName != "Анна Петрова" || m.Form != message.Comment {
		t.Errorf("a comment: %+v", m)
	}
	got = receive(`{"callback":{"timestamp":1775026702210,"callback_id":"f9LHodD0","user":{"user_id":77,"name":"Анна"},"payload":"ok"},"message":null,"timestamp":1775025604499,"update_type":"message_callback"}`)
	if m := got.Messages[0]; m.Pressed != "ok" || m.Thread != "talk/77" {
		t.Errorf("a press without its message: %+v", m)
	}
	got = receive(`{"message":{"recipient":{"chat_id":5,"chat_type":"dialog"},"timestamp":1775053255737,"body":{"mid":"mid.0001","text":""},"sender":{"user_id":77,"name":"Анна"},"link":{"type":"forward","message":{"mid":"mid.0002","text":"Чужие слова"}}},"timestamp":1,"update_type":"message_created"}`)
	if m := got.Messages[0]; m.Text != "Чужие слова" || m.Form != message.Direct {
		t.Errorf("a forwarded message: %+v", m)
	}
}

func wantTrouble(t *testing.T, what string, err error, want src.Trouble) {
	t.Helper()
	var e *src.Error
	if !errors.As(err, &e) || e.Trouble != want {
		t.Errorf("%s: error %v, want trouble %s", what, err, want)
	} else if !strings.ContainsAny(e.Sentence, "абвгдежзиклмнопрст") {
		t.Errorf("%s: sentence %q is not for people", what, e.Sentence)
	}
}

func sorted(s []string) []string { slices.Sort(s); return s }
