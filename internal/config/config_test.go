package config

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"otklik/internal/fault"
)

func TestLoadSaysFileLineAndRemedy(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ text, want string }{
		"truncated":       {"{\n \"region\": \"95000000\",\n", "otklik.json:3"},
		"unknown field":   {"{\n \"region\": \"95000000\",\n \"stroe\": \"x\"\n}", `unknown field "stroe"`},
		"wrong type":      {"{\n \"region\": 95\n}", "otklik.json:2"},
		"no region":       {"{\"store\":\"otklik.db\"}", "region: is empty"},
		"bad secret":      {`{"region":"all","store":"x","hooks":[{"name":"a","secret":"abc"}]}`, "hooks[0].secret"},
		"bad duration":    {`{"region":"all","store":"x","vk":[{"group":1,"service_token":"t","every":"soon"}]}`, "no duration"},
		"odd events":      {`{"region":"all","store":"x","vk":[{"group":1,"service_token":"t","events":"push"}]}`, "vk[0].events: is none of callback and longpoll"},
		"no token to ask": {`{"region":"all","store":"x","vk":[{"group":1,"service_token":"t","events":"longpoll"}]}`, "vk[0].events: needs the community's token"},
		"nowhere to call": {`{"region":"all","store":"x","site":"http://a.example","vk":[{"group":1,"service_token":"t","community_token":"c","events":"callback"}]}`, "vk[0].events: is callback and site is no https"},
		"a proxy by name": {`{"region":"all","store":"x","proxy":{"trusted":["proxy.example"]}}`, `proxy.trusted[0]: "proxy.example" is neither an address`},
		"no proxy":        {`{"region":"all","store":"x","proxy":{"trusted":[]}}`, "proxy.trusted: is empty"},
		"everybody":       {`{"region":"all","store":"x","proxy":{"trusted":["10.0.0.1","0.0.0.0/0"]}}`, "proxy.trusted[1]"},
		"a bad header":    {`{"region":"all","store":"x","proxy":{"trusted":["::1"],"header":"X Real"}}`, "proxy.header"},
		"half an address": {`{"region":"all","store":"x","vk_api":{"url":"https://vk.example/method"}}`, "vk_api.url: is no address of a folder"},
		"rest":            {`{"region":"all","store":"x"} {}`, "behind the closing bracket"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, Name), []byte(c.text), 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := Load(dir)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("Load = %v, want an error with %q", err, c.want)
			}
		})
	}
}

func TestAProxyIsAnAddressOrANetwork(t *testing.T) {
	t.Parallel()
	trusted, header, err := (&Proxy{Trusted: []string{"127.0.0.1", "10.1.2.3/8", "::ffff:192.0.2.1"}}).Networks()
	if err != nil || fmt.Sprint(trusted) != "[127.0.0.1/32 10.0.0.0/8 192.0.2.1/32]" || header != "X-Forwarded-For" {
		t.Errorf("Networks = %v, %q, %v", trusted, header, err)
	}
	if _, header, _ := (&Proxy{Trusted: []string{"::1"}, Header: "x-real-ip"}).Networks(); header != "X-Real-Ip" {
		t.Errorf("header = %q", header)
	}
	if trusted, _, err := (*Proxy)(nil).Networks(); err != nil || trusted != nil {
		t.Errorf("without a proxy %v are trusted, %v", trusted, err)
	}
}

func TestSaveKeepsAnInstallation(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	c := Config{Region: "95000000", Store: "otklik.db", Hooks: []Hook{{Name: "a", Secret: "whsec_ZGVtby1kZW1vLWRlbW8tZGVtbw=="}}}
	if err := errors.Join(Reserve(dir), Save(dir, c)); err != nil {
		t.Fatal(err)
	}
	if err := Reserve(dir); !fault.Is(err, fault.Conflict) {
		t.Errorf("a second installation = %v, want a conflict", err)
	}
	got, err := Load(dir)
	if err != nil || got.Region != "95000000" || len(got.Hooks) != 1 {
		t.Errorf("Load = %+v, %v", got, err)
	}
	if s := got.Hooks[0].Secret.String(); strings.Contains(s, "whsec") {
		t.Errorf("a secret prints itself: %q", s)
	}
}

func TestLoadOfNoInstallationSaysHowToMakeOne(t *testing.T) {
	t.Parallel()
	_, err := Load(t.TempDir())
	if !fault.Is(err, fault.NotFound) || fault.Hint(err) == "" {
		t.Errorf("Load = %v, hint %q; want not_found with a hint", err, fault.Hint(err))
	}
}

func TestTheContactForResidentsIsOneLine(t *testing.T) {
	t.Parallel()
	for contact, ok := range map[string]bool{"": true, "watch@example.org, 8 (390) 000-00-00": true, "a\nb": false, strings.Repeat("ж", 200): true, strings.Repeat("ж", 201): false} {
		if err := (Public{Contact: contact}).validate(); (err == nil) != ok {
			t.Errorf("%q: %v", contact, err)
		}
	}
}
