package telegramfake_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"otklik/internal/botapi"
	"otklik/internal/source/telegram/telegramfake"
)

const token = "4001:fake"

func open(t *testing.T, o telegramfake.Options) (*telegramfake.Fake, string) {
	t.Helper()
	o.Token, o.Name, o.Channel = token, "otklik_bot", "Двор на Лесной"
	f, err := telegramfake.New(o)
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(http.StripPrefix("/telegram", f)) // under a prefix, as in the demo
	t.Cleanup(srv.Close)
	return f, srv.URL + "/telegram/"
}

func page(t *testing.T, res *http.Response, err error) (int, string) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(b)
}

func get(t *testing.T, address string) (int, string) {
	t.Helper()
	res, err := http.Get(address)
	return page(t, res, err)
}

func post(t *testing.T, address string, v url.Values) (int, string) {
	t.Helper()
	res, err := http.PostForm(address, v)
	return page(t, res, err)
}

func TestAVisitorCommentsAndSeesTheReply(t *testing.T) {
	t.Parallel()
	f, base := open(t, telegramfake.Options{})
	_, twin := f.Post("Что починить во дворе?")
	if _, body := get(t, base); !strings.Contains(body, "Что починить во дворе?") || !strings.Contains(body, `href="post1"`) {
		t.Fatalf("the channel shows %s", body)
	}
	code, body := post(t, base+"comment", url.Values{"post": {"1"}, "author": {"Анна <b>"}, "text": {"Фонарь & лавку"}})
	if code != 200 || !strings.Contains(body, "Анна &lt;b&gt;") || !strings.Contains(body, "Фонарь &amp; лавку") {
		t.Errorf("after a comment: %d %s", code, body)
	}
	bot := &botapi.Client{Token: token, URL: strings.TrimSuffix(base, "/")}
	if err := bot.Call(t.Context(), "sendMessage", map[string]any{"chat_id": telegramfake.GroupID, "text": "Починим в среду", "reply_parameters": map[string]any{"message_id": twin + 1}}, nil); err != nil {
		t.Fatal(err)
	}
	if _, body = get(t, base+"post1"); !strings.Contains(body, "Починим в среду") || !strings.Contains(body, "отвечает: Анна") {
		t.Errorf("the reply is not shown: %s", body)
	}
	for name, v := range map[string]url.Values{"empty": {"post": {"1"}}, "nowhere": {"post": {"77"}, "text": {"а"}}, "long": {"post": {"1"}, "text": {strings.Repeat("а", 5000)}}} {
		if code, _ := post(t, base+"comment", v); code != 422 && code != 404 {
			t.Errorf("%s: %d", name, code)
		}
	}
	if code, _ := get(t, base+"post77"); code != 404 {
		t.Errorf("a post that is none: %d", code)
	}
}

func TestAVisitorTalksWithTheBot(t *testing.T) {
	t.Parallel()
	f, base := open(t, telegramfake.Options{})
	if code, body := post(t, base+"say", url.Values{"author": {"Анна"}, "start": {"1"}}); code != 200 || !strings.Contains(body, "/start") {
		t.Fatalf("the start: %d %s", code, body)
	}
	anna := f.Person("Анна")
	bot := &botapi.Client{Token: token, URL: strings.TrimSuffix(base, "/")}
	say := func(markup any) string {
		t.Helper()
		if err := bot.Call(t.Context(), "sendMessage", map[string]any{"chat_id": anna, "text": "Где?", "reply_markup": markup}, nil); err != nil {
			t.Fatal(err)
		}
		_, body := get(t, base+"bot?as="+url.QueryEscape("Анна"))
		return body
	}
	if body := say(map[string]any{"inline_keyboard": [][]map[string]string{{{"text": "Пропустить", "callback_data": "skip"}}}}); !strings.Contains(body, `value="skip"`) {
		t.Errorf("no button: %s", body)
	}
	before := f.Waiting()
	if code, _ := post(t, base+"say", url.Values{"author": {"Анна"}, "under": {"2"}, "data": {"skip"}}); code != 200 || f.Waiting() != before+1 {
		t.Errorf("a press: %d, %d updates", code, f.Waiting()-before)
	}
	for _, ask := range []string{"request_location", "request_contact"} {
		if body := say(map[string]any{"keyboard": [][]map[string]any{{{"text": "Отправить", ask: true}}}}); !strings.Contains(body, `name="`+ask+`"`) {
			t.Errorf("no keyboard for %s", ask)
		}
		if code, _ := post(t, base+"say", url.Values{"author": {"Анна"}, ask: {"1"}}); code != 200 {
			t.Errorf("%s: %d", ask, code)
		}
	}
	if body := say(map[string]any{"remove_keyboard": true}); strings.Contains(body, "request_") {
		t.Error("the keyboard stays")
	}
	if code, _ := post(t, base+"say", url.Values{"author": {"Анна"}, "text": {""}}); code != 422 {
		t.Errorf("nothing said: %d", code)
	}
}

func TestASnapshotKeepsTheChats(t *testing.T) {
	t.Parallel()
	o := telegramfake.Options{Snapshot: filepath.Join(t.TempDir(), "telegram.json")}
	f, _ := open(t, o)
	f.Post("Двор")
	_, base := open(t, o)
	if _, body := get(t, base); !strings.Contains(body, "Двор</p>") {
		t.Errorf("after a restart: %s", body)
	}
	if err := os.WriteFile(o.Snapshot, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := telegramfake.New(o); err == nil {
		t.Error("a broken snapshot is taken")
	}
}

func TestTheQuotaOfTheFake(t *testing.T) {
	t.Parallel()
	f, base := open(t, telegramfake.Options{Quota: true, ReadOnly: true})
	f.Post("Двор")
	bot := &botapi.Client{Token: token, URL: base}
	send := func() error {
		return bot.Call(t.Context(), "sendMessage", map[string]any{"chat_id": telegramfake.GroupID, "text": "а"}, nil)
	}
	if err := send(); err != nil {
		t.Fatal(err)
	}
	if err := send(); err == nil {
		t.Error("two messages in a second are taken")
	}
	if code, _ := post(t, base+"comment", url.Values{"post": {"1"}, "text": {"а"}}); code != 422 {
		t.Errorf("a page that is read only takes a comment: %d", code)
	}
}

// Addresses as Telegram gives them lead to the page of the post that they are below.
func TestAddressesOfTelegramLeadToPages(t *testing.T) {
	t.Parallel()
	f, base := open(t, telegramfake.Options{User: "dvor_lesnaya"})
	post, twin := f.Post("Что починить во дворе?")
	said, err := f.Comment(twin, f.Person("Вера Соснина"), "Качели")
	if err != nil {
		t.Fatal(err)
	}
	for address, want := range map[string]string{
		fmt.Sprintf("dvor_lesnaya/%d?comment=%d", post, said): "Качели",
		fmt.Sprintf("c/1000000002/%d?thread=%d", said, twin):  "Качели",
		fmt.Sprintf("c/1000000002/%d", twin):                  "Качели",
		"dvor_lesnaya/99":                                     "Канал «Двор на Лесной»",
		"another/1":                                           "Канал «Двор на Лесной»",
		"c/1000000003/1":                                      "Канал «Двор на Лесной»",
		"c/1000000002/99":                                     "Канал «Двор на Лесной»",
	} {
		if status, body := get(t, base+address); status != http.StatusOK || !strings.Contains(body, want) {
			t.Errorf("%s: %d, without %q", address, status, want)
		}
	}
	if got := f.Posts(); len(got) != 1 || got[0] != twin {
		t.Errorf("posts that can be commented on: %v, want %d", got, twin)
	}
}
