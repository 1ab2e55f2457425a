package ok_test

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"otklik/internal/source/ok"
	"otklik/internal/source/ok/okfake"
	"otklik/internal/source/sourcetest"
)

const (
	group  = "53001234567890"
	appKey = "CAPPKEY"
	token  = "token-of-the-owner"
	secret = "session-secret"
)

// open returns a fake OK and its group, with automatic publication.
func open(t *testing.T, o okfake.Options) (*okfake.Fake, *ok.Group, *sourcetest.Clock) {
	t.Helper()
	c := sourcetest.NewClock(time.Date(2026, 9, 7, 9, 0, 0, 0, time.UTC))
	o.Group, o.Name, o.AppKey, o.Token, o.Secret, o.Now = group, "Двор на Лесной", appKey, token, secret, c.Now
	f, err := okfake.New(o)
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(f)
	t.Cleanup(srv.Close)
	return f, &ok.Group{
		Group: group, AppKey: appKey, Token: token, Secret: secret, BaseURL: srv.URL + "/fb.do", PageURL: srv.URL + "/", HTTP: srv.Client(),
		Limits: &ok.Limits{Off: true}, Now: c.Now, Automatic: true,
	}, c
}

func dead(t *testing.T) *ok.Group {
	t.Helper()
	return &ok.Group{Group: group, AppKey: appKey, Token: token, Secret: secret, BaseURL: sourcetest.DeadHost(t) + "/fb.do"}
}

func TestContract(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]okfake.Options{
		"as documented":   {},
		"the odd answers": {Gaps: true, Removed: true, Most: 30, Publishing: okfake.Silent},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sourcetest.Run(t, func(t *testing.T) *sourcetest.Network { return network(t, o) })
		})
	}
}

func network(t *testing.T, o okfake.Options) *sourcetest.Network {
	f, g, clock := open(t, o)
	g.Topics = 100
	resident := f.Person("Анна Петрова")
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	last := func(native string) string { return native[strings.LastIndexByte(native, '/')+1:] }
	return &sourcetest.Network{
		Puller: g, Publisher: g, Dead: dead(t), Secrets: []string{token, secret},
		Cannot: map[sourcetest.Lack]string{sourcetest.NoKey: "addDiscussionComment takes no key"},
		Post:   func(text string) string { return ok.Topic + "/" + f.Topic(resident, text) },
		Comment: func(parent, text string) string {
			parts := strings.Split(parent, "/")
			to := ""
			if len(parts) > 2 {
				to = parts[2]
			}
			id, err := f.Comment(parts[1], to, resident, text)
			must(err)
			return parts[0] + "/" + parts[1] + "/" + id
		},
		Edit:    func(native, text string) { must(f.Edit(last(native), text)) },
		Delete:  func(native string) { must(f.Delete(last(native))) },
		Restore: func(native string) { must(f.Restore(last(native))) },
		Wrote:   func(root string) []string { return f.Wrote(last(root)) },
		Advance: clock.Advance,
		Spoil: func(s sourcetest.Spoil, write bool) {
			method := "mediatopic.getTopics"
			if write {
				method = "discussions.addDiscussionComment"
			} else if s == sourcetest.Down {
				method = ""
			}
			f.Fail(method, map[sourcetest.Spoil]okfake.Trouble{
				sourcetest.Lost:      {Kind: okfake.Lost},
				sourcetest.Down:      {Kind: okfake.Broken, Code: 502},
				sourcetest.Later:     {Kind: okfake.Refuse, Code: 11},
				sourcetest.Permanent: {Kind: okfake.Refuse, Code: 700},
				sourcetest.Person:    {Kind: okfake.Refuse, Code: 102},
				sourcetest.Garbage:   {Kind: okfake.Garbage},
				sourcetest.Huge:      {Kind: okfake.Huge},
				sourcetest.Odd:       {Kind: okfake.Odd},
			}[s])
		},
	}
}
