package config

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"otklik/internal/fault"
)

func TestLoadSaysFileLineAndRemedy(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ text, want string }{
		"truncated":     {"{\n \"region\": \"95000000\",\n", "otklik.json:3"},
		"unknown field": {"{\n \"region\": \"95000000\",\n \"stroe\": \"x\"\n}", `unknown field "stroe"`},
		"wrong type":    {"{\n \"region\": 95\n}", "otklik.json:2"},
		"no region":     {"{\"store\":\"otklik.db\"}", "region: is empty"},
		"bad secret":    {`{"region":"all","store":"x","hooks":[{"name":"a","secret":"abc"}]}`, "hooks[0].secret"},
		"bad duration":  {`{"region":"all","store":"x","vk":[{"group":1,"service_token":"t","every":"soon"}]}`, "no duration"},
		"rest":          {`{"region":"all","store":"x"} {}`, "behind the closing bracket"},
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
