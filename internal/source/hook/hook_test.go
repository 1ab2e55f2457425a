package hook_test

import (
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"otklik/internal/fault"
	"otklik/internal/source"
	"otklik/internal/source/hook"
)

func TestWhatPeopleWriteOfASender(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		stream, files, limit string
		want                 string // "" = refused
	}{
		{"no", "", "", `{}`},
		{"yes", "Files.example.org, b.example.org;b.example.org", "600", `{"stream":true,"files":["b.example.org","files.example.org"],"per_minute":600}`},
		{"no", "https://files.example.org/", "", ""},
		{"no", "файлы", "", ""},
		{"no", "files.example.org:443", "", ""},
		{"no", strings.Repeat("a.b ", 1) + strings.Repeat("c", 250) + ".example", "", ""},
		{"no", "", "0", ""},
		{"no", "", "много", ""},
		{"no", "", "1000001", ""},
	} {
		got, err := hook.Set(nil, map[string]string{"stream": c.stream, "files": c.files, "per_minute": c.limit})
		if string(got) != c.want && err == nil || (err == nil) != (c.want != "") || err != nil && fault.Sentence(err) == "" {
			t.Errorf("Set(%+v) = %s, %v", c, got, err)
			continue
		}
		if err != nil {
			continue
		}
		values := map[string]string{}
		for _, f := range hook.Fields(got) {
			values[f.Name] = f.Value
		}
		if again, err := hook.Set(got, values); err != nil || string(again) != string(got) {
			t.Errorf("the form of %s gives %s, %v", got, again, err)
		}
	}
}

func TestOpen(t *testing.T) {
	t.Parallel()
	good := "whsec_" + base64.StdEncoding.EncodeToString([]byte("sixteen bytes, or more"))
	until := time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC)
	c, err := hook.Open(source.Source{ID: "hook:p", Settings: []byte(`{"files":["a.example"]}`)}, source.Key{Secret: good, Before: good, Until: until})
	if err != nil || c.Sender == nil || len(c.Sender.Keys(until.Add(-1))) != 2 || len(c.Sender.Keys(until)) != 1 || len(c.FileHosts) != 1 || c.Puller != nil {
		t.Errorf("Open = %+v, %v", c, err)
	}
	for _, secret := range []string{"", "whsec_", "whsec_AAAA", "whsec_???", strings.TrimPrefix(good, "whsec_")} {
		if _, err := hook.Open(source.Source{ID: "hook:p"}, source.Key{Secret: secret}); !fault.Is(err, fault.Invalid) || secret != "" && len(secret) > 6 && strings.Contains(err.Error(), secret) {
			t.Errorf("Open with %q = %v", secret, err)
		}
	}
}
