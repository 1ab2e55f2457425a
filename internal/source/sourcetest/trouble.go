package sourcetest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"testing"

	"github.com/google/go-cmp/cmp"

	"otklik/internal/message"
	"otklik/internal/source"
)

func troubles(t *testing.T, n *Network) {
	post := n.Post("Двор")
	j := job(n.Comment(post, "Нет света"), post, "Свет дадут к вечеру")
	for spoil, want := range map[Spoil]source.Trouble{Later: source.Later, Down: source.Later, Person: source.Person} {
		n.Spoil(spoil, false)
		_, err := n.Puller.Poll(t.Context(), nil)
		wantTrouble(t, err, want)
	}
	if n.lacks(NoWrite) {
		return
	}
	for spoil, want := range map[Spoil]source.Trouble{Later: source.Flood, Permanent: source.Permanent, Person: source.Person} {
		n.Spoil(spoil, true)
		_, err := n.Publisher.Publish(t.Context(), j)
		wantTrouble(t, err, want)
	}
	j.Parent, j.Thread = "nowhere", "nowhere"
	_, err := n.Publisher.Publish(t.Context(), j)
	wantTrouble(t, err, source.Permanent)
	if got := n.Wrote(post); len(got) != 0 {
		t.Errorf("refused publications stand: %d", len(got))
	}
}

func nonsense(t *testing.T, n *Network) {
	post := n.Post("Двор")
	j := job(n.Comment(post, "Нет газа"), post, "Газ дадут к вечеру")
	for _, spoil := range []Spoil{Garbage, Huge, Odd} {
		n.Spoil(spoil, false)
		_, err := n.Puller.Poll(t.Context(), nil)
		wantTrouble(t, err, source.Later)
		if n.lacks(NoWrite) {
			continue
		}
		n.Spoil(spoil, true)
		_, err = n.Publisher.Publish(t.Context(), j)
		wantTrouble(t, err, source.Unclear)
	}
	k := newKeeper()
	for _, cursor := range []string{"{", "null", "[]", `{"p":{"1":null},"q":[{"p":1},{"p":1,"e":true}]}`, `{"p":7}`, "\xff"} {
		k.cursor = []byte(cursor)
		k.poll(t, n)
	}
	if got := len(k.texts()); got != 2 {
		t.Errorf("a damaged cursor: %d messages, want 2", got)
	}
}

func deadHost(t *testing.T, n *Network) {
	_, err := n.Dead.Poll(t.Context(), nil)
	wantTrouble(t, err, source.Later)
}

func stopped(t *testing.T, n *Network) {
	n.Post("Двор")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := n.Puller.Poll(ctx, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("Poll under a cancelled context: %v", err)
	}
	if n.lacks(NoWrite) {
		return
	}
	_, err := n.Publisher.Publish(ctx, job(n.Post("Двор"), "", "Ответ"))
	var e *source.Error
	if !errors.Is(err, context.Canceled) || errors.As(err, &e) && e.Trouble != source.Unclear {
		t.Errorf("Publish under a cancelled context: %v", err)
	}
}

func halfway(t *testing.T, n *Network) {
	k := newKeeper()
	want := map[string]string{}
	for i := range 4 {
		post := n.Post(fmt.Sprintf("Запись %d", i))
		want[post] = fmt.Sprintf("Запись %d", i)
		for j := range 3 {
			text := fmt.Sprintf("Ответ %d-%d", i, j)
			want[n.Comment(post, text)] = text
		}
	}
	for range 5 {
		n.Spoil(Down, false)
		b, err := n.Puller.Poll(t.Context(), k.cursor)
		if err == nil {
			k.take(t, n, b)
		}
	}
	k.poll(t, n)
	if diff := cmp.Diff(want, k.texts()); diff != "" {
		t.Errorf("messages (-want +got):\n%s", diff)
	}
}

// wantTrouble checks that an error says what it means and what to do.
func wantTrouble(t *testing.T, err error, want source.Trouble) {
	t.Helper()
	var e *source.Error
	if !errors.As(err, &e) {
		t.Errorf("error = %v, want a source.Error of trouble %s", err, want)
		return
	}
	if e.Trouble != want {
		t.Errorf("trouble = %s (%v), want %s", e.Trouble, err, want)
	}
	if !russian(e.Sentence) {
		t.Errorf("%v: sentence %q is not for people", err, e.Sentence)
	}
}

func russian(s string) bool {
	for _, r := range s {
		if r >= 'А' && r <= 'я' {
			return true
		}
	}
	return false
}

func natives(ms []message.Message) []string {
	var out []string
	for _, m := range ms {
		out = append(out, fmt.Sprintf("%s %s parent=%s own=%v", m.Event, m.Native, m.Parent, m.Own))
	}
	return out
}

// DeadHost returns the base URL of a host where nobody listens.
func DeadHost(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return "http://" + l.Addr().String()
}
