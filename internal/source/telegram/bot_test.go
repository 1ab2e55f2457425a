package telegram_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"otklik/internal/attachment"
	"otklik/internal/message"
	"otklik/internal/reply"
	"otklik/internal/source"
	"otklik/internal/source/telegram"
	"otklik/internal/source/telegram/telegramfake"
)

// read polls until nothing is left.
func (w *world) read(t *testing.T, cursor *[]byte) (all source.Batch) {
	t.Helper()
	for {
		b, err := w.bot.Poll(t.Context(), *cursor)
		if err != nil {
			t.Fatal(err)
		}
		*cursor = b.Cursor
		all.Messages, all.Found = append(all.Messages, b.Messages...), append(all.Found, b.Found...)
		if !b.More {
			return all
		}
	}
}

func native(chat, id int64) string { return telegram.Ref{Chat: chat, Message: id}.String() }

func one(t *testing.T, b source.Batch) message.Message {
	t.Helper()
	if len(b.Messages) != 1 {
		t.Fatalf("%d messages, want 1: %+v", len(b.Messages), b.Messages)
	}
	return b.Messages[0]
}

func TestAPostAndItsCopyAreOneMessage(t *testing.T) {
	t.Parallel()
	w := open(t, telegramfake.Options{})
	var cursor []byte
	post, twin := w.Post("Что починить во дворе?")
	m := one(t, w.read(t, &cursor))
	if m.Native != native(telegramfake.GroupID, twin) || m.Form != message.Post || m.URL != fmt.Sprintf("https://t.me/dvor_lesnaya/%d", post) || m.AuthorName != "Двор на Лесной" || m.Own {
		t.Errorf("the post came as %+v", m)
	}
	anna := w.Person("Анна Петрова")
	first, _ := w.Comment(twin, anna, "Скамейку")
	second, _ := w.Comment(first, anna, "И урну")
	b := w.read(t, &cursor)
	want := []string{
		fmt.Sprintf("%s thread=%s parent= https://t.me/dvor_lesnaya/%d?comment=%d", native(telegramfake.GroupID, first), m.Native, post, first),
		fmt.Sprintf("%s thread=%s parent=%s https://t.me/dvor_lesnaya/%d?comment=%d", native(telegramfake.GroupID, second), m.Native, native(telegramfake.GroupID, first), post, second),
	}
	var got []string
	for _, c := range b.Messages {
		got = append(got, fmt.Sprintf("%s thread=%s parent=%s %s", c.Native, c.Thread, c.Parent, c.URL))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("comments (-want +got):\n%s", diff)
	}
	w.clock.advance(time.Minute)
	if err := w.Edit(telegramfake.ChannelID, post, "Что починить в парке?"); err != nil {
		t.Fatal(err)
	}
	revisions := map[string]bool{}
	for _, e := range w.read(t, &cursor).Messages { // of the channel and of its group
		revisions[e.Native+"@"+e.Revision.Key()] = true
		if e.Native != m.Native || e.Text != "Что починить в парке?" || !e.Revision.Time.After(m.Revision.Time) {
			t.Errorf("the edit came as %+v", e)
		}
	}
	if len(revisions) != 1 {
		t.Errorf("one edit is %d revisions", len(revisions))
	}
}

// TestAChannelWithoutItsGroup: a bot that is in the channel alone reads its posts there.
func TestAChannelWithoutItsGroup(t *testing.T) {
	t.Parallel()
	w := open(t, telegramfake.Options{})
	w.Take(telegramfake.GroupID, false)
	var cursor []byte
	w.read(t, &cursor)
	w.bot.Ours = []int64{telegramfake.ChannelID}
	post, _ := w.Post("Отключение воды")
	m := one(t, w.read(t, &cursor))
	if m.Source != telegram.SourceID(telegramfake.ChannelID) || m.Native != native(telegramfake.ChannelID, post) || !m.Own {
		t.Errorf("the post came as %+v", m)
	}
}

func TestTwoEditsInOneSecondAreTwoRevisions(t *testing.T) {
	t.Parallel()
	w := open(t, telegramfake.Options{})
	id, _ := w.Say(telegramfake.PlainID, 0, w.Person("Иван"), "раз", nil)
	for _, text := range []string{"два", "три"} {
		if err := w.Edit(telegramfake.PlainID, id, text); err != nil {
			t.Fatal(err)
		}
	}
	var cursor []byte
	b := w.read(t, &cursor)
	if len(b.Messages) != 3 {
		t.Fatalf("%d revisions, want 3", len(b.Messages))
	}
	for k := range 2 {
		if !b.Messages[k].Revision.Time.Before(b.Messages[k+1].Revision.Time) {
			t.Errorf("revision %d is %v, the next %v", k, b.Messages[k].Revision.Time, b.Messages[k+1].Revision.Time)
		}
	}
}

func TestTopicsOfAForum(t *testing.T) {
	t.Parallel()
	w := open(t, telegramfake.Options{})
	var cursor []byte
	topic := w.Topic("Дороги")
	first, _ := w.Say(telegramfake.ForumID, topic, w.Person("Иван"), "Яма у школы", nil)
	second, _ := w.Say(telegramfake.ForumID, first, w.Person("Анна"), "И у сада", nil)
	b := w.read(t, &cursor)
	if len(b.Messages) != 2 {
		t.Fatalf("%d messages, want 2", len(b.Messages))
	}
	thread := native(telegramfake.ForumID, topic)
	if m := b.Messages[0]; m.Thread != thread || m.Parent != "" || m.URL != fmt.Sprintf("https://t.me/sosedi_forum/%d/%d", topic, first) {
		t.Errorf("the first came as %+v", m)
	}
	if m := b.Messages[1]; m.Thread != thread || m.Parent != native(telegramfake.ForumID, first) {
		t.Errorf("the second came as %+v", m)
	}
	r, err := w.bot.Publish(t.Context(), reply.Job{ID: 1, Thread: thread, Parent: native(telegramfake.ForumID, second), Text: "Заделаем в среду"})
	if err != nil || r.URL != fmt.Sprintf("https://t.me/sosedi_forum/%d/%d", topic, second+1) {
		t.Errorf("Publish = %+v, %v", r, err)
	}
	if up, _ := w.Answered(telegramfake.ForumID); up != second {
		t.Errorf("the reply stands under %d, want %d", up, second)
	}
}

func TestWhatIsMeantForUs(t *testing.T) {
	t.Parallel()
	w := open(t, telegramfake.Options{})
	var cursor []byte
	ivan := w.Person("Иван")
	mine, err := w.bot.Publish(t.Context(), reply.Job{Parent: native(telegramfake.PlainID, must(w.Say(telegramfake.PlainID, 0, ivan, "Темно", nil))), Text: "Проверим"})
	if err != nil {
		t.Fatal(err)
	}
	ref, _ := telegram.ParseRef(mine.Native)
	w.read(t, &cursor)
	mark := func(kind string, offset, length int) map[string]any {
		return map[string]any{"entities": []any{map[string]any{"type": kind, "offset": offset, "length": length}}}
	}
	for text, c := range map[string]struct {
		reply int64
		extra map[string]any
		want  bool
	}{
		"Просто разговор":                {0, nil, false},
		"Спасибо, уже светло":            {ref.Message, nil, true},
		"😀😀 @Otklik_Bot темно":           {0, mark("mention", 5, 11), true},
		"😀 @otklik_bot мимо":             {0, mark("mention", 5, 11), false},
		"@other_bot темно":               {0, mark("mention", 0, 10), false},
		"/status@otklik_bot 12":          {0, mark("bot_command", 0, 18), true},
		"/status 12":                     {0, mark("bot_command", 0, 7), false},
		"@otklik_bot за краем":           {0, mark("mention", 0, 2_000_000_000), false},
		"@otklik_bot с минусом":          {0, mark("mention", -5, 11), false},
		"Отклик, а тут тёмный переулок!": {0, map[string]any{"entities": []any{map[string]any{"type": "text_mention", "offset": 0, "length": 6, "user": map[string]any{"id": 4001}}}}, true},
	} {
		if _, err := w.Say(telegramfake.PlainID, c.reply, ivan, text, c.extra); err != nil {
			t.Fatal(err)
		}
		if m := one(t, w.read(t, &cursor)); m.Addressed != c.want || m.Own {
			t.Errorf("%q: addressed = %v, want %v", text, m.Addressed, c.want)
		}
	}
}

func must(id int64, err error) int64 {
	if err != nil {
		panic(err)
	}
	return id
}

// TestWhoSpeaksInTheNameOfAChat: of ours it is our own word, of others a resident's.
func TestWhoSpeaksInTheNameOfAChat(t *testing.T) {
	t.Parallel()
	w := open(t, telegramfake.Options{})
	w.bot.Own = func(id string) bool { return id == telegram.SourceID(telegramfake.GroupID) } // the page of sources knows the group
	var cursor []byte
	_, twin := w.Post("Отключение воды")
	if m := one(t, w.read(t, &cursor)); !m.Own {
		t.Error("a post of our channel is not our own")
	}
	for from, own := range map[int64]bool{telegramfake.GroupID: true, telegramfake.ChannelID: true, telegramfake.ForumID: false} {
		must(w.Comment(twin, from, "Воду дали"))
		if m := one(t, w.read(t, &cursor)); m.Own != own || m.Author != fmt.Sprint(from) || m.AuthorName == "" {
			t.Errorf("in the name of %d: own = %v, author %s %q", from, m.Own, m.Author, m.AuthorName)
		}
	}
}

func TestADirectTalk(t *testing.T) {
	t.Parallel()
	w := open(t, telegramfake.Options{})
	var cursor []byte
	anna := w.Person("Анна Петрова")
	talk := fmt.Sprint(anna)
	must(w.Direct(anna, "/start", nil))
	m := one(t, w.read(t, &cursor))
	if m.Source != "telegram:4001" || m.Form != message.Direct || m.Thread != talk || !m.Addressed || m.Text != "/start" || m.URL != "" {
		t.Errorf("a direct message came as %+v", m)
	}
	asked, err := w.bot.Say(t.Context(), talk, source.Speech{Text: "Всё верно?", Buttons: [][]source.Button{{{Label: "Да", Data: "yes"}, {Label: "Сайт", URL: "https://example.org/"}}, {{Label: "Нет", Data: "no"}}}})
	if err != nil {
		t.Fatal(err)
	}
	const wantButtons = `{"inline_keyboard":[[{"callback_data":"yes","text":"Да"},{"text":"Сайт","url":"https://example.org/"}],[{"callback_data":"no","text":"Нет"}]]}`
	if _, markup := w.Answered(anna); markup != wantButtons {
		t.Errorf("the buttons are %s", markup)
	}
	ref, _ := telegram.ParseRef(asked)
	press := w.Press(anna, ref.Message, "yes")
	m = one(t, w.read(t, &cursor))
	if m.Pressed != "yes" || m.Text != "" || m.Native != talk+"_q"+press || m.Parent != asked || m.Thread != talk || m.AuthorName != "Анна Петрова" {
		t.Errorf("a press came as %+v", m)
	}
	if got := w.Acknowledged(); !slices.Equal(got, []string{press}) {
		t.Errorf("acknowledged %v, want %s", got, press)
	}
	if _, err := w.bot.Say(t.Context(), talk, source.Speech{Text: "Где это?", Ask: source.AskPoint}); err != nil {
		t.Fatal(err)
	}
	if _, markup := w.Answered(anna); !strings.Contains(markup, `"request_location":true`) {
		t.Errorf("the keyboard is %s", markup)
	}
	must(w.Direct(anna, "", map[string]any{"location": map[string]any{"latitude": 53.72, "longitude": 91.44}}))
	if m = one(t, w.read(t, &cursor)); m.Shared == nil || *m.Shared != (message.Point{Lat: 53.72, Lon: 91.44}) {
		t.Errorf("a place came as %+v", m.Shared)
	}
	for user, want := range map[int64]string{anna: "+70000000000", 777: ""} { // another's card is not kept
		must(w.Direct(anna, "", map[string]any{"contact": map[string]any{"phone_number": "+70000000000", "user_id": user, "first_name": "А"}}))
		if m = one(t, w.read(t, &cursor)); m.Contact != want {
			t.Errorf("the phone of %d came as %q, want %q", user, m.Contact, want)
		}
	}
	if _, err := w.bot.Say(t.Context(), talk, source.Speech{Text: "Спасибо!"}); err != nil {
		t.Fatal(err)
	}
	if _, markup := w.Answered(anna); markup != `{"remove_keyboard":true}` {
		t.Errorf("after the question the keyboard stays: %s", markup)
	}
	if _, err := w.bot.Publish(t.Context(), reply.Job{Thread: talk, Parent: talk + "_q" + press, Text: "Принято"}); err != nil {
		t.Errorf("a reply to a press: %v", err)
	}
	w.Block(anna)
	if b := w.read(t, &cursor); len(b.Messages)+len(b.Found) != 0 {
		t.Errorf("a blocked bot is %+v", b)
	}
	_, err = w.bot.Say(t.Context(), talk, source.Speech{Text: "Ау"})
	wantTrouble(t, err, source.Permanent, "остановил бота")
}

func wantTrouble(t *testing.T, err error, want source.Trouble, words string) *source.Error {
	t.Helper()
	var e *source.Error
	if !errors.As(err, &e) || e.Trouble != want || !strings.Contains(e.Sentence, words) {
		t.Fatalf("error = %v (%+v), want %s «%s»", err, e, want, words)
	}
	if strings.Contains(fmt.Sprintf("%v %+v %s", err, err, e.Sentence), "not-a-real-secret") {
		t.Errorf("the error holds the token: %v", err)
	}
	return e
}

func TestButtonsThatTelegramWouldNotTake(t *testing.T) {
	t.Parallel()
	w := open(t, telegramfake.Options{})
	anna := w.Person("Анна")
	must(w.Direct(anna, "Здравствуйте", nil))
	for name, b := range map[string]source.Button{
		"too long": {Label: "а", Data: strings.Repeat("я", 33)}, "no data": {Label: "а"}, "no label": {Data: "a"}, "script": {Label: "а", URL: "javascript:alert(1)"},
	} {
		_, err := w.bot.Say(t.Context(), fmt.Sprint(anna), source.Speech{Text: "?", Buttons: [][]source.Button{{b}}})
		var e *source.Error
		if !errors.As(err, &e) || e.Trouble != source.Permanent {
			t.Errorf("%s: %v", name, err)
		}
	}
	if got := w.Wrote(anna); len(got) != 0 {
		t.Errorf("%d messages went out", len(got))
	}
}

func TestAlbumsAreOneMessage(t *testing.T) {
	t.Parallel()
	w := open(t, telegramfake.Options{})
	var cursor []byte
	_, twin := w.Post("Двор")
	w.read(t, &cursor)
	ids := w.Album(telegramfake.GroupID, w.Person("Иван"), "Так выглядит площадка", 3)
	w.Comment(twin, w.Person("Анна"), "Ужас")
	again := cursor // stopped before the batch was stored
	for range 2 {
		b := w.read(t, &again)
		if len(b.Messages) != 2 || b.Messages[0].Native != native(telegramfake.GroupID, ids[0]) || b.Messages[0].Text != "Так выглядит площадка" || len(b.Messages[0].Attachments) != 3 {
			t.Fatalf("the album came as %+v", b.Messages)
		}
		again = cursor
	}
	w.read(t, &cursor)
	w.clock.advance(time.Minute)
	if err := w.Edit(telegramfake.GroupID, ids[0], "Так выглядит наша площадка"); err != nil {
		t.Fatal(err)
	}
	if m := one(t, w.read(t, &cursor)); m.Native != native(telegramfake.GroupID, ids[0]) || m.Text != "Так выглядит наша площадка" {
		t.Errorf("the edit of an album came as %+v", m)
	}
}

// TestAnAlbumOnTwoPages: the first part is the last update of a full page.
func TestAnAlbumOnTwoPages(t *testing.T) {
	t.Parallel()
	w := open(t, telegramfake.Options{})
	ivan := w.Person("Иван")
	for k := range 99 {
		must(w.Say(telegramfake.PlainID, 0, ivan, fmt.Sprint("раз ", k), nil))
	}
	w.Album(telegramfake.PlainID, ivan, "Площадка", 4)
	var cursor []byte
	b := w.read(t, &cursor)
	if len(b.Messages) != 100 || len(b.Messages[99].Attachments) != 4 {
		t.Errorf("%d messages, the last with %d files", len(b.Messages), len(b.Messages[len(b.Messages)-1].Attachments))
	}
}

func TestPlacesAreFoundAndLost(t *testing.T) {
	t.Parallel()
	w := open(t, telegramfake.Options{})
	var cursor []byte
	w.Take(telegramfake.ForumID, true)
	must(w.Say(telegramfake.PlainID, 0, w.Person("Иван"), "Привет", nil)) // the bot was there before
	must(w.Say(telegramfake.PlainID, 0, w.Person("Иван"), "Ещё раз", nil))
	w.Take(telegramfake.ForumID, false)
	w.Migrate()
	want := []source.Found{
		{ID: telegram.SourceID(telegramfake.ForumID), Name: "Соседи", URL: "https://t.me/sosedi_forum", Channel: message.Telegram},
		{ID: telegram.SourceID(telegramfake.PlainID), Name: "Дом на Садовой", Channel: message.Telegram},
		{ID: telegram.SourceID(telegramfake.ForumID), Name: "Соседи", URL: "https://t.me/sosedi_forum", Channel: message.Telegram, Lost: true},
	}
	b := w.read(t, &cursor)
	if diff := cmp.Diff(want, b.Found[:3]); diff != "" {
		t.Errorf("places (-want +got):\n%s", diff)
	}
	moved := map[string]bool{}
	for _, f := range b.Found[3:] {
		moved[fmt.Sprint(f.ID, f.Lost)] = true
	}
	if !moved[fmt.Sprint(telegram.SourceID(telegramfake.PlainID), true)] || !moved[fmt.Sprint(telegram.SourceID(telegramfake.SuperID), false)] || len(moved) != 2 {
		t.Errorf("the migration came as %+v", b.Found[3:])
	}
	_, err := w.bot.Publish(t.Context(), reply.Job{Parent: native(telegramfake.PlainID, 1), Text: "Ответ"})
	wantTrouble(t, err, source.Permanent, "супергруппой")
}

func TestAQuietWeekMayBringSmallerNumbers(t *testing.T) {
	t.Parallel()
	w := open(t, telegramfake.Options{})
	var cursor []byte
	must(w.Say(telegramfake.PlainID, 0, w.Person("Иван"), "раз", nil))
	w.read(t, &cursor)
	w.clock.advance(8 * 24 * time.Hour)
	w.Skip()
	must(w.Say(telegramfake.PlainID, 0, w.Person("Иван"), "два", nil))
	if m := one(t, w.read(t, &cursor)); m.Text != "два" {
		t.Errorf("got %q", m.Text)
	}
	if again := w.read(t, &cursor); len(again.Messages) != 0 || w.Waiting() != 0 {
		t.Errorf("%d messages again, %d wait", len(again.Messages), w.Waiting())
	}
}

func TestFilesAreAskedByName(t *testing.T) {
	t.Parallel()
	w := open(t, telegramfake.Options{})
	var cursor []byte
	must(w.Photo(telegramfake.PlainID, w.Person("Иван"), "Вот", []byte("bytes")))
	m := one(t, w.read(t, &cursor))
	if len(m.Attachments) != 1 || m.Attachments[0].URL != "" || !m.Attachments[0].Fetchable() || m.Attachments[0].Kind != attachment.Photo {
		t.Fatalf("attachments are %+v", m.Attachments)
	}
	address, err := w.bot.FileAddress(t.Context(), m.Attachments[0].Name)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != 200 {
		t.Errorf("the file's address answers %d", res.StatusCode)
	}
	_, err = w.bot.FileAddress(t.Context(), attachment.ByName+"gone")
	wantTrouble(t, err, source.Permanent, "20 МБ")
	w.Fail("getFile", telegramfake.Status, 502)
	_, err = w.bot.FileAddress(t.Context(), m.Attachments[0].Name)
	wantTrouble(t, err, source.Later, "")
}

func TestEachRefusal(t *testing.T) {
	t.Parallel()
	w := open(t, telegramfake.Options{})
	anna := w.Person("Анна")
	id := must(w.Direct(anna, "Нет воды", nil))
	in := must(w.Say(telegramfake.PlainID, 0, anna, "Нет воды", nil))
	gone := must(w.Say(telegramfake.PlainID, 0, anna, "Удалю", nil))
	w.Delete(telegramfake.PlainID, gone)
	publish := func(parent, text string) error {
		_, err := w.bot.Publish(t.Context(), reply.Job{ID: 7, Parent: parent, Text: text})
		return err
	}
	wantTrouble(t, publish(native(telegramfake.PlainID, gone), "Ответ"), source.Permanent, "удалено")
	wantTrouble(t, publish(native(-100999, 1), "Ответ"), source.Permanent, "не находит этот чат")
	wantTrouble(t, publish(native(telegramfake.PlainID, in), " \n"), source.Permanent, "пуст")
	wantTrouble(t, publish(native(telegramfake.PlainID, in), strings.Repeat("😀", 2049)), source.Permanent, "4096")
	wantTrouble(t, publish("wall-1_2", "Ответ"), source.Permanent, "на что отвечать")
	w.Mute(telegramfake.PlainID, true)
	wantTrouble(t, publish(native(telegramfake.PlainID, in), "Ответ"), source.Person, "нет права писать")
	w.Mute(telegramfake.PlainID, false)
	w.Take(telegramfake.PlainID, false)
	wantTrouble(t, publish(native(telegramfake.PlainID, in), "Ответ"), source.Person, "удалили из этого чата")
	w.Fail("sendMessage", telegramfake.Refuse, 429)
	if e := wantTrouble(t, publish(native(anna, id), "Ответ"), source.Flood, "частые"); e.After != 7*time.Second || e.Code != 429 {
		t.Errorf("429 asks to wait %v, code %d", e.After, e.Code)
	}
	for _, code := range []int{500, 502} {
		w.Fail("sendMessage", telegramfake.Refuse, code)
		wantTrouble(t, publish(native(anna, id), "Ответ"), source.Unclear, "Сбой")
	}
	for code, want := range map[int]source.Trouble{401: source.Person, 404: source.Person, 409: source.Later, 429: source.Later, 400: source.Later, 403: source.Later, 500: source.Later} {
		w.Fail("getUpdates", telegramfake.Refuse, code)
		_, err := w.bot.Poll(t.Context(), nil)
		wantTrouble(t, err, want, "")
	}
	if got := w.Wrote(anna); len(got) != 0 {
		t.Errorf("refused replies stand: %d", len(got))
	}
	if strings.Contains(w.log.String(), "not-a-real-secret") {
		t.Error("the log holds the token")
	}
}

// TestOnePollerAlone: two that poll with one token are told apart by the network.
func TestOnePollerAlone(t *testing.T) {
	t.Parallel()
	w := open(t, telegramfake.Options{})
	slow := telegram.Bot{Token: token, BaseURL: w.bot.BaseURL, Now: w.clock.now, Wait: 20 * time.Second}
	done := make(chan error, 1)
	go func() { _, err := slow.Poll(t.Context(), nil); done <- err }()
	<-w.Hanging()
	if _, err := w.bot.Poll(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	w.Post("Разбуди первого") // wakes the one that waits
	wantTrouble(t, <-done, source.Later, "ещё одна программа")
}

func TestALongPollReturnsAtOnce(t *testing.T) {
	t.Parallel()
	w := open(t, telegramfake.Options{})
	w.bot.Wait = 20 * time.Second
	began := time.Now()
	go func() {
		<-w.Hanging()
		w.Post("Новости")
	}()
	b, err := w.bot.Poll(t.Context(), nil)
	if err != nil || len(b.Messages) == 0 || time.Since(began) > 10*time.Second {
		t.Errorf("after %v: %d messages, %v", time.Since(began), len(b.Messages), err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(20*time.Millisecond, cancel)
	if _, err := w.bot.Poll(ctx, b.Cursor); !errors.Is(err, context.Canceled) {
		t.Errorf("a stopped poll: %v", err)
	}
}

// TestAsideTakesItsOwn: what belongs to the sender of notices comes no further.
func TestAsideTakesItsOwn(t *testing.T) {
	t.Parallel()
	w := open(t, telegramfake.Options{})
	anna := w.Person("Анна")
	w.bot.Aside = func(_ context.Context, chat, text string) bool {
		return chat == fmt.Sprint(anna) && text == "K7Q2-M9XA"
	}
	must(w.Direct(anna, "K7Q2-M9XA", nil))
	must(w.Direct(anna, "Нет воды", nil))
	must(w.Say(telegramfake.PlainID, 0, anna, "K7Q2-M9XA", nil))
	var cursor []byte
	var texts []string
	for _, m := range w.read(t, &cursor).Messages {
		texts = append(texts, m.Text)
	}
	if diff := cmp.Diff([]string{"Нет воды", "K7Q2-M9XA"}, texts); diff != "" {
		t.Errorf("texts (-want +got):\n%s", diff)
	}
}
