package config_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"otklik/internal/config"
	"otklik/internal/fault"
)

func TestTheAssistantsSettings(t *testing.T) {
	t.Parallel()
	key := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(key, []byte("k1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	good := config.Assistant{URL: "http://llm.internal:8000/v1", Model: "small", Key: config.Secret("file:" + key), Timeout: config.Duration(time.Minute)}
	if good.Key.Reveal() != "k1" {
		t.Errorf("the key is %q", good.Key.Reveal())
	}
	for name, c := range map[string]struct {
		change func(*config.Assistant)
		ok     bool
	}{
		"whole":             {func(*config.Assistant) {}, true},
		"without a key":     {func(a *config.Assistant) { a.Key, a.Timeout = "", 0 }, true},
		"no address":        {func(a *config.Assistant) { a.URL = "llm" }, false},
		"another scheme":    {func(a *config.Assistant) { a.URL = "ftp://llm/v1" }, false},
		"a key in the URL":  {func(a *config.Assistant) { a.URL = "http://u:p@llm/v1" }, false},
		"no model":          {func(a *config.Assistant) { a.Model = " " }, false},
		"a file not there":  {func(a *config.Assistant) { a.Key = "file:/nowhere/key" }, false},
		"an empty variable": {func(a *config.Assistant) { a.Key = "env:OTKLIK_NO_SUCH_KEY" }, false},
		"an hour":           {func(a *config.Assistant) { a.Timeout = config.Duration(time.Hour) }, false},
	} {
		a := good
		c.change(&a)
		conf := config.Config{Region: "95000000", Store: "otklik.db", Listen: "127.0.0.1:8080", Title: "ЦУР", Assistant: &a}
		err := conf.Validate()
		if c.ok && err != nil || !c.ok && fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
}
