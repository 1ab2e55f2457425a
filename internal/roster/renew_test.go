package roster_test

import (
	"testing"

	"otklik/internal/scope"
	"otklik/internal/source"
)

// A secret that the network changed is kept sealed, in place of the one that it changed alone.
func TestASecretIsRenewed(t *testing.T) {
	t.Parallel()
	c := open(t)
	must(t, c.SaveKey(t.Context(), admin, &source.Key{Kind: source.VK, Name: "чтение", Secret: "r1  app"}))
	now := func() string {
		keys, err := c.db.Reader().Sources().Keys(t.Context(), scope.All())
		must(t, err)
		if len(keys) != 1 || string(keys[0].Sealed) == "r2 app" || keys[0].Kind != source.VK {
			t.Fatalf("keys: %+v", keys)
		}
		s, err := c.Box.Open(keys[0].Name, keys[0].Sealed)
		must(t, err)
		return s
	}
	must(t, c.Renew(t.Context(), "чтение", "r1 app", "r2 app"))
	if got := now(); got != "r2 app" {
		t.Errorf("kept is %q", got)
	}
	must(t, c.Renew(t.Context(), "чтение", "r1 app", "r3 app")) // somebody has entered another one
	must(t, c.Renew(t.Context(), "нет такого", "r2 app", "r3 app"))
	if got := now(); got != "r2 app" {
		t.Errorf("kept is %q", got)
	}
}
