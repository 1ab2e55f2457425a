// Package sourcetest proves the contract of package source for a connector and
// its fake network. A connector's test calls Run with a function that opens a
// fresh network; all that the suite demands stands in the names of its tests.
package sourcetest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"otklik/internal/message"
	"otklik/internal/reply"
	"otklik/internal/source"
)

// A Spoil is a way in which the next call to the network goes wrong.
type Spoil string

// Spoils.
const (
	Lost      Spoil = "lost"      // a write that is done, and whose answer never comes
	Down      Spoil = "down"      // the network's own failure
	Later     Spoil = "later"     // too many calls
	Permanent Spoil = "permanent" // this target is closed
	Person    Spoil = "person"    // the token is bad
	Garbage   Spoil = "garbage"   // no answer of that network
	Huge      Spoil = "huge"      // an answer without end
	Odd       Spoil = "odd"       // an answer of another shape
)

// A Lack is what a network does not offer.
type Lack string

// Lacks.
const (
	NoRestore Lack = "restore" // what is deleted never comes back
	NoKey     Lack = "key"     // it knows no key of a publication: a second Publish writes a second time
	NoDelete  Lack = "delete"  // it does not tell what was deleted
	NoHistory Lack = "history" // what a stored cursor stands behind cannot be read again
	NoBack    Lack = "back"    // what we wrote cannot be read back: neither by Find nor by Poll
	NoWrite   Lack = "write"   // it is only read: there is no Publisher
	NoTalk    Lack = "talk"    // it shows posts alone, nothing under them: Comment is not called
	NoEdit    Lack = "edit"    // what was said never changes
	NoLink    Lack = "link"    // what was said has no address that a browser opens
	NoPast    Lack = "past"    // what was said before it was first read cannot be read later
)

// A Network is a connector and the fake behind it. Natives are native ids.
type Network struct {
	// Cannot says what the network does not offer, each with the reason; the suite asks
	// for the rest.
	Cannot map[Lack]string

	Puller    source.Puller
	Source    string // of the messages; "" = the puller's id
	Publisher source.Publisher
	Dead      source.Puller // the same source, with its secrets, at a host that does not answer
	Secrets   []string      // tokens and keys that the connector holds: no error may repeat one
	NoSecrets string        // why it holds none

	Post    func(text string) (native string)
	Comment func(parent, text string) (native string)
	Edit    func(native, text string)
	Delete  func(native string)
	Restore func(native string)
	Wrote   func(root string) []string // what stands there in our name, oldest first
	Advance func(d time.Duration)      // moves the network's clock
	Spoil   func(s Spoil, write bool)  // the next reading or writing call
}

// lacks reports whether the network does not offer something.
func (n *Network) lacks(l Lack) bool { return n.Cannot[l] != "" }

// Run runs the suite.
func Run(t *testing.T, open func(t *testing.T) *Network) {
	tests := map[string]func(t *testing.T, n *Network){
		"every message comes once":                             once,
		"edits, deletions and restores are noticed":            changes,
		"asking again from any cursor ends in the same state":  anyCursor,
		"a reply stands under its parent and comes as our own": published,
		"the same key publishes once":                          sameKey,
		"an unclear publication is settled by reading back":    unclear,
		"troubles are told apart":                              troubles,
		"answers that are none do no harm":                     nonsense,
		"a dead host is told in a sentence":                    deadHost,
		"stop by context":                                      stopped,
		"a reading that fails halfway loses nothing":           halfway,
		"hostile words are words":                              hostileWords,
		"a long message is read whole":                         longWords,
		"what could not be stored is asked for again":          backPressure,
		"clocks that jump lose and double nothing":             skew,
		"no error and no message repeats a secret":             secrets,
		"the past is given back to the asked day":              past,
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := open(t)
			for lack, reason := range n.Cannot {
				if reason == "" {
					t.Errorf("the network lacks %q for no reason", lack)
				}
			}
			if n.lacks(NoTalk) {
				n.Comment = func(_, text string) string { return n.Post(text) }
			}
			if n.lacks(NoWrite) != (n.Publisher == nil) {
				t.Error("a network without a publisher lacks writing, and no other")
			}
			test(t, n)
		})
	}
}

func once(t *testing.T, n *Network) {
	k := newKeeper()
	want := map[string]string{}
	post := n.Post("Расскажите, что чинить в первую очередь")
	want[post] = "Расскажите, что чинить в первую очередь"
	var last string
	for i := range 130 { // more than a page
		text := fmt.Sprintf("Не горит фонарь у дома %d", i+1)
		last = n.Comment(post, text)
		want[last] = text
	}
	for i := range 25 { // more than come inside a comment
		text := fmt.Sprintf("И у нас не горит, подъезд %d", i+1)
		want[n.Comment(last, text)] = text
	}
	fresh := k.poll(t, n)
	if diff := cmp.Diff(want, k.texts()); diff != "" {
		t.Fatalf("messages (-want +got):\n%s", diff)
	}
	if len(fresh) != len(want) {
		t.Errorf("%d messages came for %d", len(fresh), len(want))
	}
	for _, m := range fresh {
		if m.PublishedAt.IsZero() || m.URL == "" != n.lacks(NoLink) || m.Own {
			t.Errorf("%s: published %v, url %q, own %v", m.Native, m.PublishedAt, m.URL, m.Own)
		}
		if m.Native != post && !n.lacks(NoTalk) && (m.Thread != post || m.Author == "" || m.AuthorName == "") {
			t.Errorf("%s: thread %q, author %q %q", m.Native, m.Thread, m.Author, m.AuthorName)
		}
	}
	if again := k.settle(t, n); len(again) != 0 {
		t.Errorf("a quiet network brought %d messages more", len(again))
	}
	reply := n.Comment(last, "Подтверждаю")
	if fresh := k.settle(t, n); len(fresh) != 1 || fresh[0].Native != reply || fresh[0].Parent != last && !n.lacks(NoTalk) {
		t.Errorf("one new answer to %s came as %+v", last, natives(fresh))
	}
}

func changes(t *testing.T, n *Network) {
	k := newKeeper()
	post := n.Post("Новости двора")
	c := n.Comment(post, "Яма у третьего подъезда")
	kept := n.Comment(post, "Спасибо за новости")
	k.settle(t, n)
	check := func(what string, do func(), wantText string, events ...message.Event) {
		t.Helper()
		do()
		fresh := k.settle(t, n)
		var got []message.Event
		for _, m := range fresh {
			if m.Native != c {
				t.Errorf("%s: %s came too", what, m.Native)
				continue
			}
			got = append(got, m.Event)
		}
		if diff := cmp.Diff(events, got); diff != "" {
			t.Errorf("%s: events (-want +got):\n%s", what, diff)
		}
		if got := k.texts()[c]; got != wantText {
			t.Errorf("%s: text = %q, want %q", what, got, wantText)
		}
	}
	if n.lacks(NoEdit) {
		if !n.lacks(NoDelete) {
			t.Error("a network without edits and with deletions: the suite does not know one")
		}
		check("deleted", func() { n.Delete(c) }, "Яма у третьего подъезда")
		return
	}
	check("edited", func() { n.Edit(c, "Яма у первого подъезда") }, "Яма у первого подъезда", message.Written)
	check("edited back", func() { n.Edit(c, "Яма у третьего подъезда") }, "Яма у третьего подъезда", message.Written)
	if n.lacks(NoDelete) {
		check("deleted", func() { n.Delete(c) }, "Яма у третьего подъезда")
		c = post
		check("post edited", func() { n.Edit(post, "Новости двора и улицы") }, "Новости двора и улицы", message.Written)
		return
	}
	check("deleted", func() { n.Delete(c) }, "", message.Deleted)
	if !n.lacks(NoRestore) {
		check("restored", func() { n.Restore(c) }, "Яма у третьего подъезда", message.Restored)
		check("deleted again", func() { n.Delete(c) }, "", message.Deleted)
		check("restored again", func() { n.Restore(c) }, "Яма у третьего подъезда", message.Restored)
	}
	c = post
	check("post edited", func() { n.Edit(post, "Новости двора и улицы") }, "Новости двора и улицы", message.Written)
	check("post deleted", func() { n.Delete(post) }, "", message.Deleted)
	if _, stands := k.texts()[kept]; !stands {
		t.Error("a comment was called deleted with its post: it was said all the same")
	}
	if n.lacks(NoRestore) {
		return
	}
	check("post restored", func() { n.Restore(post) }, "Новости двора и улицы", message.Restored)
}

func anyCursor(t *testing.T, n *Network) {
	for seed := range uint64(3) {
		rnd := rand.New(rand.NewPCG(seed, 7))
		k := newKeeper()
		saved := []*keeper{k.copy()}
		truth := map[string]string{}
		hidden := map[string]string{}
		var posts, all []string
		for i := range 60 {
			text := fmt.Sprintf("Сообщение %d-%d", seed, i)
			switch r := rnd.IntN(10); {
			case len(posts) == 0 || r == 0:
				id := n.Post(text)
				posts, truth[id] = append(posts, id), text
			case r < 6 || len(all) == 0:
				parent := posts[rnd.IntN(len(posts))]
				if len(all) > 0 && rnd.IntN(2) == 0 {
					parent = all[rnd.IntN(len(all))]
				}
				if _, ok := truth[parent]; !ok {
					continue
				}
				id := n.Comment(parent, text)
				all, truth[id] = append(all, id), text
			case r < 8:
				id := all[rnd.IntN(len(all))]
				if _, ok := truth[id]; ok && !n.lacks(NoEdit) {
					n.Edit(id, text)
					truth[id] = text
				}
			case n.lacks(NoDelete):
			case r < 9:
				id := all[rnd.IntN(len(all))]
				if text, ok := truth[id]; ok {
					n.Delete(id)
					delete(truth, id)
					hidden[id] = text
				}
			default:
				id := all[rnd.IntN(len(all))]
				if text, ok := hidden[id]; ok && !n.lacks(NoRestore) {
					n.Restore(id)
					truth[id] = text
					delete(hidden, id)
				}
			}
			n.Advance(time.Duration(rnd.IntN(200)) * time.Second)
			if rnd.IntN(3) == 0 {
				k.poll(t, n)
			}
			switch rnd.IntN(12) {
			case 0: // intake commits messages and cursor together, and now goes back to a commit
				saved = append(saved, k.copy())
			case 1:
				if n.lacks(NoHistory) { // what was read and not stored comes again all the same
					_, _ = n.Puller.Poll(t.Context(), k.cursor)
					continue
				}
				k = saved[rnd.IntN(len(saved))].copy()
			}
		}
		k.settle(t, n)
		got := k.texts()
		for native := range got {
			if !slices.Contains(all, native) && !slices.Contains(posts, native) {
				delete(got, native) // another seed's
			}
		}
		for native, text := range truth {
			if got[native] != text {
				t.Errorf("seed %d: %s says %q, want %q", seed, native, got[native], text)
			}
		}
		for native := range got {
			if _, ok := truth[native]; !ok {
				t.Errorf("seed %d: %s stands though it was deleted", seed, native)
			}
		}
		want := k.texts()
		for _, cursor := range k.old { // a cursor older than what is stored changes nothing
			late := k.copy()
			late.cursor = cursor
			late.settle(t, n)
			if diff := cmp.Diff(want, late.texts()); diff != "" {
				t.Errorf("seed %d: from an old cursor (-want +got):\n%s", seed, diff)
			}
		}
	}
}

func job(parent, thread, text string) reply.Job {
	return reply.Job{ID: 1, Parent: parent, Thread: thread, Key: "otklik-" + parent, Text: text}
}

func published(t *testing.T, n *Network) {
	if n.lacks(NoWrite) {
		return
	}
	k := newKeeper()
	post := n.Post("Двор")
	c := n.Comment(post, "Когда починят качели?")
	inner := n.Comment(c, "И горку")
	k.settle(t, n)
	for _, parent := range []string{post, c, inner} {
		j := job(parent, post, "Здравствуйте! Ответ на "+parent)
		if _, found, err := n.Publisher.Find(t.Context(), j); !n.lacks(NoBack) && (err != nil || found) {
			t.Fatalf("Find before the publication = %v, %v", found, err)
		}
		r, err := n.Publisher.Publish(t.Context(), j)
		if err != nil {
			t.Fatalf("Publish(%s): %v", parent, err)
		}
		if r.Native == "" || r.URL == "" != n.lacks(NoLink) || r.At.IsZero() {
			t.Errorf("receipt is not filled: %+v", r)
		}
		if n.lacks(NoBack) {
			cannotFind(t, n, j)
			if fresh := k.settle(t, n); len(fresh) != 0 {
				t.Errorf("our reply came back as %+v: the network does not lack it", natives(fresh))
			}
			continue
		}
		back, found, err := n.Publisher.Find(t.Context(), j)
		if err != nil || !found || back.Native != r.Native || back.URL != r.URL {
			t.Errorf("Find = %+v, %v, %v; the receipt was %+v", back, found, err, r)
		}
		other := j
		other.Text += " и ещё"
		if _, found, err := n.Publisher.Find(t.Context(), other); err != nil || found {
			t.Errorf("Find of other words = %v, %v", found, err)
		}
		fresh := k.settle(t, n)
		if len(fresh) != 1 || fresh[0].Native != r.Native || !fresh[0].Own || fresh[0].Thread != post || parent != post && fresh[0].Parent != parent {
			t.Errorf("our reply to %s came back as %+v", parent, natives(fresh))
		}
	}
	if got := len(n.Wrote(post)); got != 3 {
		t.Errorf("%d replies stand, want 3", got)
	}
}

func sameKey(t *testing.T, n *Network) {
	if n.lacks(NoWrite) {
		return
	}
	post := n.Post("Двор")
	j := job(n.Comment(post, "Где контейнеры?"), post, "Поставим в пятницу")
	first, err := n.Publisher.Publish(t.Context(), j)
	if err != nil {
		t.Fatal(err)
	}
	if n.lacks(NoKey) {
		if n.Publisher.Ability().Key {
			t.Error("the connector promises a key that the network does not know")
		}
		return
	}
	again, err := n.Publisher.Publish(t.Context(), j)
	if err != nil || again.Native != first.Native {
		t.Errorf("the second Publish = %+v, %v, want %s", again, err, first.Native)
	}
	if got := n.Wrote(post); len(got) != 1 {
		t.Errorf("%d replies stand", len(got))
	}
}

// cannotFind checks that a connector which cannot read back says so, and promises nothing.
func cannotFind(t *testing.T, n *Network, j reply.Job) {
	t.Helper()
	if _, found, err := n.Publisher.Find(t.Context(), j); err == nil || found {
		t.Errorf("Find = %v, %v: it must not say that it knows", found, err)
	}
	if can := n.Publisher.Ability(); can.ReadBack {
		t.Error("the connector promises to read back")
	}
}

func unclear(t *testing.T, n *Network) {
	if n.lacks(NoWrite) {
		return
	}
	post := n.Post("Двор")
	j := job(n.Comment(post, "Нет воды"), post, "Воду дадут к вечеру")
	n.Spoil(Lost, true)
	_, err := n.Publisher.Publish(t.Context(), j)
	wantTrouble(t, err, source.Unclear)
	if n.lacks(NoBack) {
		cannotFind(t, n, j)
		if got := n.Wrote(post); len(got) != 1 {
			t.Errorf("%d replies stand after a lost answer, want 1", len(got))
		}
		return
	}
	r, found, err := n.Publisher.Find(t.Context(), j)
	if err != nil || !found || r.Native == "" {
		t.Fatalf("Find after a lost answer = %+v, %v, %v", r, found, err)
	}
	j2 := job(j.Parent, post, "Воду дали")
	j2.Key += "-2"
	n.Spoil(Down, true)
	_, err = n.Publisher.Publish(t.Context(), j2)
	wantTrouble(t, err, source.Unclear)
	if _, found, err := n.Publisher.Find(t.Context(), j2); err != nil || found {
		t.Errorf("Find of what never was written = %v, %v", found, err)
	}
	n.Spoil(Down, false)
	if _, found, err := n.Publisher.Find(t.Context(), j2); err == nil || found {
		t.Errorf("Find while the network is down = %v, %v: it must not say that nothing stands there", found, err)
	}
	if _, err := n.Publisher.Publish(t.Context(), j2); err != nil {
		t.Errorf("the next try: %v", err)
	}
	if diff := cmp.Diff([]string{j.Text, j2.Text}, n.Wrote(post)); diff != "" {
		t.Errorf("what stands there (-want +got):\n%s", diff)
	}
}
