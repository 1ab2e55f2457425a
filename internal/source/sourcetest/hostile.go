package sourcetest

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"otklik/internal/source"
)

// batchLimit is how many messages one Poll may bring: intake stores a batch in one
// transaction, and what waits for it waits in memory.
const batchLimit = 5000

// hostile is what a resident may write to break a page or a reader.
var hostile = []string{
	`Яма <b>у дома</b> 5 & «лужа» <script>alert(1)</script>`,
	`"><img src=x onerror=alert(1)>Яма</textarea></p><!--`,
	`&lt;script&gt; &#x41; &amp;amp; ]]> {{.}} ${x} %s`,
	"Яма\u202eмок\u200bрая \U0001F6A7 с флагом",
}

// hostileWords: what a resident writes is text, in whatever it is dressed.
func hostileWords(t *testing.T, n *Network) {
	k := newKeeper()
	post := n.Post("Двор")
	want := map[string]string{post: "Двор"}
	for _, text := range hostile {
		want[n.Comment(post, text)] = text
	}
	k.poll(t, n)
	if diff := cmp.Diff(shown(want), shown(k.texts())); diff != "" {
		t.Errorf("hostile words (-want +got):\n%s", diff)
	}
	for native, m := range k.now {
		for what, s := range map[string]string{"author": m.AuthorName, "url": m.URL, "text": m.Text} {
			if !utf8.ValidString(s) || strings.ContainsRune(s, 0) {
				t.Errorf("%s: %s is not clean: %q", native, what, s)
			}
		}
		if low := strings.ToLower(m.URL); !strings.HasPrefix(low, "http://") && !strings.HasPrefix(low, "https://") && low != "" {
			t.Errorf("%s: url %q", native, m.URL)
		}
	}
}

// shown drops the characters that show nothing: readers of pages take them away.
func shown(texts map[string]string) map[string]string {
	for native, text := range texts {
		texts[native] = strings.Map(func(r rune) rune {
			if unicode.Is(unicode.Cf, r) {
				return -1
			}
			return r
		}, text)
	}
	return texts
}

// longWords: one message without end neither stops the others nor is it dropped.
func longWords(t *testing.T, n *Network) {
	k := newKeeper()
	post := n.Post("Двор")
	long := n.Comment(post, strings.Repeat("Яма у дома. ", 330)) // as long as the shortest limit lets people write
	last := n.Comment(post, "И фонарь")
	k.poll(t, n)
	texts := k.texts()
	if got := texts[long]; strings.Count(got, "Яма у дома.") != 330 {
		t.Errorf("of a long message %d characters came", utf8.RuneCountInString(got))
	}
	if texts[last] != "И фонарь" {
		t.Error("behind a long message nothing came")
	}
}

// backPressure: a network that has much gives it in pieces, and a piece that could not be
// stored is asked for again.
func backPressure(t *testing.T, n *Network) {
	post := n.Post("Двор")
	want := map[string]string{post: "Двор"}
	for i := range 180 { // fewer than a first look into a long thread of a forum leaves out
		text := fmt.Sprintf("Не горит фонарь у дома %d", i+1)
		want[n.Comment(post, text)] = text
	}
	k := newKeeper()
	for i := range 1000 {
		b, err := n.Puller.Poll(t.Context(), k.cursor)
		if err != nil {
			t.Fatal(err)
		}
		if len(b.Messages) > batchLimit {
			t.Fatalf("one Poll brought %d messages", len(b.Messages))
		}
		if i%3 == 1 && !n.lacks(NoHistory) {
			continue // the store was busy: cursor and messages are forgotten together
		}
		k.take(t, n, b)
		if !b.More {
			break
		}
	}
	k.poll(t, n)
	if diff := cmp.Diff(want, k.texts()); diff != "" {
		t.Errorf("messages (-want +got):\n%s", diff)
	}
}

// skew: a clock that jumps, theirs and ours, neither loses nor doubles.
func skew(t *testing.T, n *Network) {
	k := newKeeper()
	post := n.Post("Двор")
	want := map[string]string{post: "Двор"}
	var got int
	for i, jump := range []time.Duration{0, -3 * time.Hour, 26 * time.Hour, -90 * time.Second, time.Minute} {
		n.Advance(jump)
		text := fmt.Sprintf("Не горит фонарь у дома %d", i+1)
		want[n.Comment(post, text)] = text
		got += len(k.settle(t, n))
	}
	if diff := cmp.Diff(want, k.texts()); diff != "" {
		t.Errorf("messages (-want +got):\n%s", diff)
	}
	if got != len(want) {
		t.Errorf("%d messages came for %d", got, len(want))
	}
}

// secrets: whatever goes wrong, no error repeats a token or a key.
func secrets(t *testing.T, n *Network) {
	if (len(n.Secrets) == 0) == (n.NoSecrets == "") {
		t.Fatal("a network names its secrets, or says why it has none")
	}
	post := n.Post("Двор")
	j := job(n.Comment(post, "Нет света"), post, "Свет дадут к вечеру")
	check := func(what string, err error) {
		t.Helper()
		for e := err; e != nil; e = errors.Unwrap(e) {
			said := fmt.Sprintf("%v %+v %#v", e, e, e)
			var told *source.Error
			if errors.As(e, &told) {
				said += told.Sentence
			}
			for _, secret := range n.Secrets {
				if strings.Contains(said, secret) {
					t.Errorf("%s: the error tells a secret: %s", what, strings.ReplaceAll(said, secret, "●●●"))
				}
			}
		}
	}
	_, err := n.Dead.Poll(t.Context(), nil)
	check("dead host", err)
	for _, spoil := range []Spoil{Down, Later, Person, Garbage, Huge, Odd} {
		n.Spoil(spoil, false)
		_, err := n.Puller.Poll(t.Context(), nil)
		check("read, "+string(spoil), err)
		if n.lacks(NoWrite) {
			continue
		}
		n.Spoil(spoil, true)
		_, err = n.Publisher.Publish(t.Context(), j)
		check("write, "+string(spoil), err)
	}
	k := newKeeper()
	k.settle(t, n)
	for native, m := range k.now {
		for _, secret := range n.Secrets {
			if said := fmt.Sprintf("%+v", m); strings.Contains(said, secret) {
				t.Errorf("%s: the message has a secret in it: %s", native, strings.ReplaceAll(said, secret, "●●●"))
			}
		}
	}
	for _, cursor := range k.old {
		for _, secret := range n.Secrets {
			if strings.Contains(string(cursor), secret) {
				t.Error("a cursor has a secret in it")
			}
		}
	}
}
