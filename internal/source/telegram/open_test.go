package telegram_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"otklik/internal/source"
	"otklik/internal/source/telegram"
	"otklik/internal/source/telegram/telegramfake"
)

func TestOpen(t *testing.T) {
	t.Parallel()
	good := source.Key{Secret: " " + token + "\n"}
	for name, c := range map[string]struct {
		id, settings string
		key          source.Key
		hook         string
		ok           bool
	}{
		"nothing set":       {"telegram:4001", ``, good, "", true},
		"by the name":       {"telegram:otklik_bot", `{"name":"otklik_bot","ours":[-1001]}`, good, "", true},
		"a webhook":         {"telegram:4001", `{"hook":true}`, good, "https://otklik.example.ru/hooks/sources/7", true},
		"a port":            {"telegram:4001", `{"hook":true}`, good, "https://otklik.example.ru:8080/hooks/sources/7", false},
		"a site inside":     {"telegram:4001", ``, good, "http://otklik.local/hooks/sources/7", true},
		"a call inside":     {"telegram:4001", `{"hook":true}`, good, "http://otklik.local/hooks/sources/7", false},
		"a password":        {"telegram:4001", `{"hook":true}`, good, "https://a:b@otklik.example.ru/hooks/sources/7", false},
		"no address for it": {"telegram:4001", `{"hook":true}`, good, "", false},
		"another bot":       {"telegram:4002", ``, good, "", false},
		"no key":            {"telegram:4001", ``, source.Key{}, "", false},
		"half a token":      {"telegram:4001", ``, source.Key{Secret: "4001"}, "", false},
		"a path":            {"telegram:4001", ``, source.Key{Secret: "4001:a/../b"}, "", false},
		"unknown":           {"telegram:4001", `{"tokn":"x"}`, good, "", false},
		"no TLS":            {"telegram:4001", `{"api":"http://api.telegram.org"}`, good, "", false},
		"no JSON":           {"telegram:4001", `{`, good, "", false},
		"two":               {"telegram:4001", `{}{}`, good, "", false},
	} {
		b, conn, err := telegram.Open(source.Source{ID: c.id, Settings: json.RawMessage(c.settings)}, c.key, telegram.Options{Hook: c.hook})
		if (err == nil) != c.ok {
			t.Errorf("%s: %v", name, err)
		}
		if err != nil && strings.Contains(fmt.Sprintf("%+v", err), "not-a-real-secret") {
			t.Errorf("%s: the error holds the token: %v", name, err)
		}
		if err == nil && (b.ID() != c.id || conn.Puller == nil || conn.Publisher == nil || conn.Speaker == nil || (conn.Receiver != nil) != strings.Contains(c.settings, "hook") || conn.FileHosts[0] != "api.telegram.org") {
			t.Errorf("%s: %+v", name, conn)
		}
	}
}

func TestLinks(t *testing.T) {
	t.Parallel()
	for link, want := range map[string]string{
		"https://t.me/dvor_lesnaya":                  "{dvor_lesnaya 0 0 0 false}",
		"https://t.me/dvor_lesnaya/12":               "{dvor_lesnaya 0 12 0 false}",
		"https://t.me/dvor_lesnaya/12?comment=7":     "{dvor_lesnaya 0 12 7 false}",
		"https://t.me/dvor_lesnaya/5/12?single":      "{dvor_lesnaya 0 12 0 false}",
		"https://t.me/s/dvor_lesnaya?before=3":       "{dvor_lesnaya 0 0 0 false}",
		"http://www.telegram.me/@dvor_lesnaya":       "{dvor_lesnaya 0 0 0 false}",
		"https://dvor_lesnaya.t.me/":                 "{dvor_lesnaya 0 0 0 false}",
		"https://t.me/c/1234567890/12":               "{ -1001234567890 12 0 false}",
		"https://t.me/c/1234567890/5/12":             "{ -1001234567890 12 0 false}",
		"tg://resolve?domain=dvor_lesnaya&post=3":    "{dvor_lesnaya 0 3 0 false}",
		"tg://privatepost?channel=1234567890&post=3": "{ -1001234567890 3 0 false}",
		"https://t.me/+AbCd":                         "{ 0 0 0 true}",
		"https://t.me/joinchat/AbCd":                 "{ 0 0 0 true}",
		"tg://join?invite=AbCd":                      "{ 0 0 0 true}",
		"https://t.me/c/99999999999999/1":            "no", "https://t.me/c/x/1": "no", "https://t.me": "no", "https://t.me/abc": "no", "https://t.me/1abcd": "no", "https://t.me/share/url": "no",
		"https://t.me.evil.example/dvor": "no", "https://evil.example/t.me/dvor": "no", "ftp://t.me/dvor_lesnaya": "no", "tg://proxy?server=x": "no", "https://a.b.t.me/dvor": "no",
	} {
		u, err := url.Parse(link)
		if err != nil {
			t.Fatal(err)
		}
		got := "no"
		if l, ok := telegram.ParseLink(u); ok {
			got = fmt.Sprint(l)
		}
		if got != want {
			t.Errorf("ParseLink(%s) = %s, want %s", link, got, want)
		}
	}
	for link, want := range map[string]string{
		"https://t.me/Otklik_Bot?start=7": "telegram:otklik_bot токен", "https://t.me/c/1234567890/12": "telegram:-1001234567890 добавьте", "https://t.me/+AbCd": " добавьте", "https://t.me/dvor_lesnaya": "nil", "https://vk.com/otklik_bot": "nil",
	} {
		u, _ := url.Parse(link)
		g, err := telegram.Recogniser{}.Recognise(t.Context(), u)
		if err != nil {
			t.Fatal(err)
		}
		if g == nil {
			if want != "nil" {
				t.Errorf("Recognise(%s) = nil", link)
			}
			continue
		}
		id, words, _ := strings.Cut(want, " ")
		if g.ID != id || !strings.Contains(g.Needs, words) || len(g.Settings) > 0 && !json.Valid(g.Settings) {
			t.Errorf("Recognise(%s) = %+v", link, g)
		}
	}
}

func TestNativeIDs(t *testing.T) {
	t.Parallel()
	for native, want := range map[string]telegram.Ref{
		"-1001_77": {Chat: -1001, Message: 77}, "501_12": {Chat: 501, Message: 12}, "501": {Chat: 501}, "501_q43": {Chat: 501},
	} {
		if got, err := telegram.ParseRef(native); err != nil || got != want {
			t.Errorf("ParseRef(%s) = %+v, %v", native, got, err)
		}
	}
	for _, native := range []string{"", "_", "0_1", "x", "501_", "501_0", "501_-1", "501_q", "501_1_2", "+501_1", "0501_1", "99999999999999999999_1", strings.Repeat("9", 5000)} {
		if got, err := telegram.ParseRef(native); err == nil {
			t.Errorf("ParseRef(%q) = %+v", native, got)
		} else if len(err.Error()) > 200 {
			t.Errorf("the error has %d bytes", len(err.Error()))
		}
	}
}

// FuzzReceive: whatever is called an update does no harm and brings messages that can be
// kept.
func FuzzReceive(f *testing.F) {
	w := open(f, telegramfake.Options{})
	header := func(string) string { return w.bot.Secret() }
	w.bot.Albums = -1
	for _, seed := range []string{
		`{"update_id":1,"message":{"message_id":5,"date":1772442000,"chat":{"id":-1001000000002,"type":"supergroup","title":"а"},"from":{"id":5,"first_name":"а"},"text":"😀 @otklik_bot","entities":[{"type":"mention","offset":3,"length":11}],"message_thread_id":2,"reply_to_message":{"message_id":2,"is_automatic_forward":true,"chat":{"id":-1001000000002},"forward_origin":{"type":"channel","chat":{"id":-1001000000001},"message_id":1}}}}`,
		`{"update_id":2,"edited_message":{"message_id":5,"edit_date":9e99,"date":-1,"chat":{"id":501,"type":"private"},"from":{"id":501},"location":{"latitude":1e300,"longitude":-500}}}`,
		`{"update_id":3,"channel_post":{"message_id":5,"date":1,"chat":{"id":-1001000000001,"type":"channel"},"photo":[{"file_id":"\u0000","width":-1},{"file_id":"b","width":99999999999}],"caption":"\ud800","media_group_id":"7"}}`,
		`{"update_id":4,"callback_query":{"id":"1","from":{"id":5},"data":"x","message":{"message_id":1,"chat":{"id":5,"type":"private"}}}}`,
		`{"update_id":5,"my_chat_member":{"chat":{"id":-5,"type":"group"},"new_chat_member":{"status":"restricted","is_member":true}}}`,
		`{"update_id":6,"message":{"message_id":1,"chat":{"id":-5,"type":"group"},"migrate_to_chat_id":-1001}}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		began := time.Now()
		r, err := w.bot.Receive(t.Context(), source.Call{Header: header, Body: body})
		if took := time.Since(began); took > 10*time.Second {
			t.Errorf("%d bytes took %v", len(body), took)
		}
		if err != nil {
			return
		}
		for _, m := range r.Messages {
			if m.Source == "" || m.Native == "" || m.Revision.Key() == "h" || len(m.Native) > 200 || len(m.Thread) > 60 {
				t.Errorf("a message came as %+v", m)
			}
			if _, err := telegram.ParseRef(m.Native); err != nil {
				t.Error(err)
			}
		}
	})
}
