package rig_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"otklik/internal/bench/rig"
	"otklik/internal/config"
)

// TestAFullDiskNeverLosesWhatWasAnswered pushes to a centre whose files may not grow beyond a
// limit, as on a disk that becomes full: from then on it answers 503 with Retry-After, and
// everything that was answered 200 before is there once when there is room again.
func TestAFullDiskNeverLosesWhatWasAnswered(t *testing.T) {
	t.Parallel()
	c := newCentre(t, khakassia, func(conf *config.Config) { conf.Hooks = []config.Hook{rig.Hook} })
	c.Wrap = []string{"sh", "-c", `trap '' XFSZ; ulimit -f 8000; exec "$@"`, "full"}
	s := serve(t, c)
	taken := map[string][]rig.Pushed{}
	refused := 0
	texts := rig.Texts(31, 400)
	for k := 0; k < 400 && refused < 2; k++ {
		var list []rig.Pushed
		id := fmt.Sprint("m", k)
		for n := range 20 {
			list = append(list, rig.Pushed{ID: fmt.Sprint(id, "-", n), Text: texts[k].Text, PublishedAt: time.Now().Add(-time.Hour)})
		}
		r, err := rig.PushRequest(t.Context(), s.URL, "call-"+id, list)
		if err != nil {
			t.Fatal(err)
		}
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		switch {
		case res.StatusCode == http.StatusOK:
			taken[id] = list
		case res.StatusCode == http.StatusServiceUnavailable && res.Header.Get("Retry-After") != "":
			refused++
		default:
			t.Fatalf("a full disk is answered %s", res.Status)
		}
	}
	s.Kill()
	if refused == 0 || len(taken) == 0 {
		t.Fatalf("%d calls were taken, %d refused: the disk was not full", len(taken), refused)
	}
	c.Wrap = nil
	s = serve(t, c) // there is room again
	defer s.Kill()
	for id, list := range taken {
		accepted, duplicate, err := rig.Push(t.Context(), http.DefaultClient, s.URL, "again-"+id, list)
		if err != nil || accepted != 0 || duplicate != len(list) {
			t.Fatalf("%s was answered 200, and now %d of it are new and %d known, %v", id, accepted, duplicate, err)
		}
	}
	id := "behind"
	if n, _, err := rig.Push(t.Context(), http.DefaultClient, s.URL, id, []rig.Pushed{{ID: id, Text: texts[0].Text, PublishedAt: time.Now()}}); n != 1 || err != nil {
		t.Errorf("with room again: %d, %v", n, err)
	}
}
