package vk_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"otklik/internal/attachment"
	"otklik/internal/message"
	"otklik/internal/reply"
	"otklik/internal/source"
	"otklik/internal/source/vk"
	"otklik/internal/source/vk/vkfake"
)

// A reply into a talk is written once, whatever became of the answer, and is found there.
func TestAnswerToAPrivateMessage(t *testing.T) {
	t.Parallel()
	fake, wall, _ := open(t, vkfake.Options{})
	anna := fake.Person("Анна Петрова")
	asked := vk.Ref{Place: "im", Owner: anna, Item: fake.Say(anna, "Когда починят лифт?")}.String()
	job := reply.Job{ID: 1, Parent: asked, Thread: "im500001", Key: "otklik-1", Text: "Здравствуйте! Лифт починят в пятницу."}
	if _, found, err := wall.Find(t.Context(), job); err != nil || found {
		t.Fatalf("Find before = %v, %v", found, err)
	}
	for _, trouble := range []vkfake.Trouble{vkfake.Lost, vkfake.Garbage, vkfake.Odd} {
		fake.Fail("messages.send", trouble, 0)
		_, err := wall.Publish(t.Context(), job)
		var e *source.Error
		if !errors.As(err, &e) || e.Trouble != source.Unclear {
			t.Fatalf("%s: %v, want unclear", trouble, err)
		}
	}
	r, found, err := wall.Find(t.Context(), job)
	if err != nil || !found || r.Native != "im500001_2" || !strings.HasSuffix(r.URL, "gim1001?sel=500001") {
		t.Fatalf("Find after a lost answer = %+v, %v, %v", r, found, err)
	}
	again, err := wall.Publish(t.Context(), job)
	if err != nil || again.Native != r.Native {
		t.Errorf("the same key = %+v, %v", again, err)
	}
	if diff := cmp.Diff([]string{job.Text}, fake.Said(anna)); diff != "" {
		t.Errorf("what stands (-want +got):\n%s", diff)
	}
	other := job
	other.Text = "Лифт починят в субботу."
	if _, found, err := wall.Find(t.Context(), other); err != nil || found {
		t.Errorf("other words under the key are found: %v, %v", found, err)
	}
	long := reply.Job{Parent: asked, Key: "otklik-2", Text: strings.TrimSpace(strings.Repeat("Подробно о лифте. ", 500))}
	r, err = wall.Publish(t.Context(), long)
	if said := fake.Said(anna); err != nil || len(said) != 4 || strings.Join(said[1:], " ") != long.Text {
		t.Errorf("a long reply: %v, %d messages", err, len(said))
	}
	if back, found, err := wall.Find(t.Context(), long); err != nil || !found || back.Native != r.Native {
		t.Errorf("a long reply is found as %+v, %v, %v; the receipt was %+v", back, found, err, r)
	}
}

// What VK refuses is told in words, each by its class.
func TestWhoCannotBeWrittenTo(t *testing.T) {
	t.Parallel()
	fake, wall, _ := open(t, vkfake.Options{})
	anna := fake.Person("Анна")
	fake.Say(anna, "Здравствуйте")
	for code, want := range map[int]source.Trouble{900: source.Permanent, 901: source.Permanent, 902: source.Permanent, 912: source.Person, 9: source.Flood} {
		fake.Silence(anna, code)
		_, err := wall.Say(t.Context(), "im500001", source.Speech{Text: "Где это?"})
		var e *source.Error
		if !errors.As(err, &e) || e.Trouble != want || e.Code != code || e.Sentence == "" {
			t.Errorf("error %d: %v, want %s", code, err, want)
		}
	}
	fake.Silence(anna, 0)
	fake.Fail("messages.send", vkfake.Refuse, 7)
	_, err := wall.Say(t.Context(), "im500001", source.Speech{Text: "Где это?"})
	var e *source.Error
	if !errors.As(err, &e) || e.Trouble != source.Person || !strings.Contains(e.Sentence, "Сообщения сообщества") {
		t.Errorf("a token without the right: %v", err)
	}
	for _, talk := range []string{"wall-1001_1", "im", "im-5", "imx"} {
		if _, err := wall.Say(t.Context(), talk, source.Speech{Text: "?"}); !errors.As(err, &e) || e.Trouble != source.Permanent {
			t.Errorf("Say(%q): %v", talk, err)
		}
	}
	if got := fake.Said(anna); len(got) != 0 {
		t.Errorf("refused messages stand: %q", got)
	}
}

// Buttons stand under the message, and a press comes back as its data.
func TestSpeaker(t *testing.T) {
	t.Parallel()
	fake, wall, _ := open(t, vkfake.Options{})
	wall.Events, wall.ServiceToken = vk.LongPoll, ""
	b, err := wall.Poll(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	anna := fake.Person("Анна Петрова")
	fake.Press(anna, "Начать", `{"command":"start"}`)
	speech := source.Speech{Key: "talk-1", Text: "Это про двор?", Ask: source.AskPoint, Buttons: [][]source.Button{
		{{Label: "Да", Data: "yes"}, {Label: "Нет, совсем про другое место, которое я сейчас опишу", Data: "no"}}, {{Label: "Правила", URL: "https://example.ru/"}},
	}}
	native, err := wall.Say(t.Context(), "im500001", speech)
	if err != nil {
		t.Fatal(err)
	}
	if twice, err := wall.Say(t.Context(), "im500001", speech); err != nil || twice != native || len(fake.Said(anna)) != 1 {
		t.Errorf("the same key: %q, %v, %d messages", twice, err, len(fake.Said(anna)))
	}
	var board struct {
		Inline  bool
		Buttons [][]struct {
			Action struct{ Type, Label, Payload, Link string }
		}
	}
	if err := json.Unmarshal([]byte(fake.Keyboard(anna)), &board); err != nil || !board.Inline || len(board.Buttons) != 3 {
		t.Fatalf("keyboard %s: %v", fake.Keyboard(anna), err)
	}
	no := board.Buttons[0][1].Action
	if n := len([]rune(no.Label)); n > 40 || board.Buttons[1][0].Action.Link != "https://example.ru/" || board.Buttons[2][0].Action.Type != "location" {
		t.Errorf("keyboard %+v", board)
	}
	fake.Press(anna, no.Label, no.Payload)
	fake.Stand(anna, 53.7, 91.4)
	if b, err = wall.Poll(t.Context(), b.Cursor); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	var got []message.Message
	for _, m := range b.Messages { // events, and the talk that is read for what they may have missed
		if !seen[m.Native] {
			got = append(got, m)
		}
		seen[m.Native] = true
	}
	if len(got) != 4 || got[0].Text != "/start" || got[1].Native != native || !got[1].Own || got[2].Pressed != "no" || got[2].Text != "" || got[3].Shared == nil || got[3].Shared.Lat != 53.7 {
		t.Errorf("the talk came as %+v", got)
	}
	for _, m := range got {
		if m.Thread != "im500001" || m.Form != message.Direct || !m.Addressed || !m.Own && m.AuthorName != "Анна Петрова" {
			t.Errorf("%s: thread %s, form %s, author %q", m.Native, m.Thread, m.Form, m.AuthorName)
		}
	}
	var many [][]source.Button
	for range 11 {
		many = append(many, []source.Button{{Label: "Улица", Data: "x"}})
	}
	if _, err := wall.Say(t.Context(), "im500001", source.Speech{Text: "Какая?", Buttons: many}); err != nil || !strings.Contains(fake.Said(anna)[1], "11. Улица") || fake.Keyboard(anna) != "" {
		t.Errorf("more buttons than fit: %v, %q", err, fake.Said(anna))
	}
	for _, bad := range []source.Button{{Label: "", Data: "x"}, {Label: "x"}, {Label: "x", Data: strings.Repeat("я", 300)}} {
		if _, err := wall.Say(t.Context(), "im500001", source.Speech{Text: "?", Buttons: [][]source.Button{{bad}}}); err == nil {
			t.Errorf("a bad button passed: %+v", bad)
		}
	}
}

// Private messages are read from the talks where no event tells of them: every one once, after
// a failure, too, and old ones not at all.
func TestInboxIsReadFromItsHistory(t *testing.T) {
	t.Parallel()
	fake, wall, clock := open(t, vkfake.Options{})
	wall.Talks = true
	old := fake.Person("Старый Знакомый")
	fake.Say(old, "Позапрошлогодний вопрос")
	clock.advance(48 * time.Hour)
	anna, boris := fake.Person("Анна Петрова"), fake.Person("Борис")
	fake.Say(anna, "Где мусорный бак?")
	s := newShelf(wall)
	cursor := s.poll(t, nil)
	if diff := cmp.Diff(map[string]string{"im500002_1": "Где мусорный бак?"}, s.texts); diff != "" {
		t.Fatalf("at first (-want +got):\n%s", diff)
	}
	for k := range 250 {
		fake.Say(boris, "Строка "+string(rune('а'+k%30)))
	}
	fake.SayWith(anna, "Вот он", `[{"type":"photo","photo":{"id":5,"owner_id":500002,"sizes":[{"url":"https://sun1.userapi.com/1.jpg","width":9,"height":9}]}}]`)
	fake.Say(old, "Снова здравствуйте")
	fake.Fail("messages.getHistory", vkfake.Status, 502) // the first talk; what was read before stands
	b, err := wall.Poll(t.Context(), cursor)
	if err != nil || b.Note == "" {
		t.Fatalf("a failing talk: %v, note %q", err, b.Note)
	}
	s.take(b.Messages)
	cursor = s.poll(t, b.Cursor)
	if len(s.texts) != 1+250+1+1 || s.texts["im500002_2"] != "Вот он" || s.texts["im500001_2"] == "" {
		t.Errorf("%d messages came", len(s.texts))
	}
	for _, m := range s.got {
		if m.Native == "im500002_2" && (len(m.Attachments) != 1 || m.Attachments[0].Kind != attachment.Photo || !m.Attachments[0].Fetchable() || m.AuthorName != "Анна Петрова") {
			t.Errorf("the picture came as %+v", m)
		}
	}
	was := len(s.got)
	if cursor = s.poll(t, cursor); len(s.got) != was {
		t.Errorf("a quiet inbox brought %d messages", len(s.got)-was)
	}
	fake.Fail("messages.getConversations", vkfake.Refuse, 15)
	if b, err := wall.Poll(t.Context(), cursor); err != nil || !strings.Contains(b.Note, "Сообщения сообщества") {
		t.Errorf("without the right: %v, note %q", err, b.Note)
	}
}
