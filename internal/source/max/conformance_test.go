package max_test

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"otklik/internal/source/max"
	"otklik/internal/source/max/maxfake"
	"otklik/internal/source/sourcetest"
)

const (
	token  = "token-of-the-bot"
	source = "max:229"
)

// open returns a fake MAX with one channel, and a bot on it that polls.
func open(t *testing.T, o maxfake.Options) (f *maxfake.Fake, b *max.Bot, channel int64, c *sourcetest.Clock) {
	t.Helper()
	c = sourcetest.NewClock(time.Date(2026, 9, 7, 9, 0, 0, 0, time.UTC))
	o.Token, o.Bot, o.Name, o.Username, o.Now = token, 229, "Отклик", "otklik_bot", c.Now
	f, err := maxfake.New(o)
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(f)
	t.Cleanup(srv.Close)
	channel = f.Channel("Двор на Лесной")
	b = &max.Bot{
		Source: source, Token: token, BaseURL: srv.URL + "/api", PageURL: srv.URL + "/", HTTP: srv.Client(), Limits: &max.Limits{Off: true}, Now: c.Now,
		Chats: []int64{channel}, Posts: 100, // what is older than these is known by events alone
	}
	return f, b, channel, c
}

func dead(t *testing.T) *max.Bot {
	t.Helper()
	return &max.Bot{Source: source, Token: token, BaseURL: sourcetest.DeadHost(t)}
}

func TestContract(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]maxfake.Options{
		"comments are told":             {},
		"comments are told as messages": {Comments: maxfake.TellMessages, All: true},
		"comments are not told":         {Comments: maxfake.TellNothing},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sourcetest.Run(t, func(t *testing.T) *sourcetest.Network { return network(t, o, false) })
		})
	}
	t.Run("pushed, and the pushes are lost", func(t *testing.T) {
		t.Parallel()
		sourcetest.Run(t, func(t *testing.T) *sourcetest.Network { return network(t, maxfake.Options{}, true) })
	})
}

func network(t *testing.T, o maxfake.Options, pushed bool) *sourcetest.Network {
	f, b, channel, clock := open(t, o)
	reads := "GET /updates"
	if pushed {
		b.Hook, reads = "https://otklik.example/hooks/7", "GET"
	}
	resident := f.Person("Анна Петрова")
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	id := func(native string) string { return native[strings.LastIndexByte(native, '/')+1:] }
	return &sourcetest.Network{
		Puller: b, Source: max.SourceID(channel), Publisher: b, Dead: dead(t), Secrets: []string{token},
		Cannot: map[sourcetest.Lack]string{
			sourcetest.NoRestore: "what is deleted in MAX is deleted for ever",
			sourcetest.NoKey:     "POST …/comments takes no key",
			sourcetest.NoPast:    "a bot is given nothing from before it came",
		},
		Post: func(text string) string { return f.Post(channel, 0, text) },
		Comment: func(parent, text string) string {
			post, to, ok := strings.Cut(parent, "/")
			if !ok {
				to = ""
			}
			n, err := f.Comment(post, to, resident, text)
			must(err)
			return post + "/" + n
		},
		Edit:    func(native, text string) { must(f.Edit(id(native), text)) },
		Delete:  func(native string) { must(f.Delete(id(native))) },
		Wrote:   func(root string) []string { return f.Wrote(root) },
		Advance: clock.Advance,
		Spoil: func(s sourcetest.Spoil, write bool) {
			op := reads
			if write {
				op = "POST /messages"
			} else if s == sourcetest.Down {
				op = "GET"
			}
			f.Fail(op, map[sourcetest.Spoil]maxfake.Trouble{
				sourcetest.Lost:      {Kind: maxfake.Lost},
				sourcetest.Down:      {Kind: maxfake.Broken, Code: 502},
				sourcetest.Later:     {Kind: maxfake.Refuse, Code: 429, Word: "too.many.requests", After: time.Second},
				sourcetest.Permanent: {Kind: maxfake.Refuse, Code: 404, Word: "not.found"},
				sourcetest.Person:    {Kind: maxfake.Refuse, Code: 401, Word: "verify.token"},
				sourcetest.Garbage:   {Kind: maxfake.Garbage},
				sourcetest.Huge:      {Kind: maxfake.Huge},
				sourcetest.Odd:       {Kind: maxfake.Odd},
			}[s])
		},
	}
}
