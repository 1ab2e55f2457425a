package ingest_test

import (
	"context"
	"testing"
	"time"

	"otklik/internal/scope"
	"otklik/internal/source"
)

// TestAStrangersCallIsNoTroubleOfASource: what calls met is noted seldom, a refused call only
// when the network's own ones do not come.
func TestAStrangersCallIsNoTroubleOfASource(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	in := newBench(t)
	in.Now = func() time.Time { return now }
	wrong := source.Fail(source.Person, "Секрет не подходит.", "wrong secret")
	for _, c := range []struct {
		name  string
		after time.Duration
		cause error
		due   bool
		text  string
	}{
		{"the first call is refused", 0, wrong, true, "Секрет не подходит."},
		{"at once again", time.Second, wrong, false, ""},
		{"a good one at once", time.Second, nil, false, ""},
		{"a good one later", 4 * time.Second, nil, true, ""},
		{"a stranger between good ones", 30 * time.Second, wrong, false, ""},
		{"no good one for a minute", 31 * time.Second, wrong, true, "Секрет не подходит."},
		{"it is mended", 10 * time.Second, nil, true, ""},
	} {
		now = now.Add(c.after)
		s, due := in.Called("vk:-1001", source.Connection{}, c.cause)
		if due != c.due || due && (s.Error != c.text || s.ReadAt.IsZero() == (c.cause == nil)) {
			t.Errorf("%s: %t %+v", c.name, due, s)
		}
	}
}

// A revoked is a network whose token is good no more.
type revoked struct{ err error }

func (revoked) ID() string { return "vk:-1001" }

func (r revoked) Poll(context.Context, []byte) (source.Batch, error) { return source.Batch{}, r.err }

// TestAGoodCallHidesNoBadReading, and a good reading no call that is refused.
func TestAGoodCallHidesNoBadReading(t *testing.T) {
	t.Parallel()
	now := noon
	in := newBench(t)
	in.Now = func() time.Time { return now }
	read := func(cause error) string {
		_, err := in.PollOnce(t.Context(), source.Connection{Puller: revoked{cause}})
		if (err == nil) != (cause == nil) {
			t.Fatal(err)
		}
		list, err := in.db.Reader().Intake().Sources(t.Context(), scope.All())
		if err != nil || len(list) != 1 {
			t.Fatalf("%d sources, %v", len(list), err)
		}
		return list[0].Error
	}
	call := func(cause error) string {
		now = now.Add(10 * time.Second)
		s, due := in.Called("vk:-1001", source.Connection{}, cause)
		if !due {
			t.Fatal("nothing is noted")
		}
		return s.Error
	}
	token, secret := source.Fail(source.Person, "Токен не принят.", "token"), source.Fail(source.Person, "Секрет не подходит.", "secret")
	if got := read(token); got != token.Sentence {
		t.Errorf("a bad reading: %q", got)
	}
	if got := call(nil); got != token.Sentence {
		t.Errorf("a good call after it: %q", got)
	}
	if got := read(nil); got != "" {
		t.Errorf("a good reading: %q", got)
	}
	now = now.Add(time.Hour)
	if got := call(secret); got != secret.Sentence {
		t.Errorf("a refused call: %q", got)
	}
	if got := read(nil); got != secret.Sentence {
		t.Errorf("a good reading after it: %q", got)
	}
	now = now.Add(time.Hour)
	if got := read(nil); got != "" {
		t.Errorf("an hour later: %q", got)
	}
}
