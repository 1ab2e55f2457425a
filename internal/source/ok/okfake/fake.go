// Package okfake is an Odnoklassniki of one group: an http.Handler that answers the
// methods which the ok package calls (at /fb.do), checks their signatures, and has pages
// of its own where a visitor reads the topics and writes comments, in the name of the
// group, too, as an administrator does by hand.
//
// Tests and the demo use the same fake. New makes one; Topic, Comment, Edit, Delete and
// Restore change the group as people would; Fail makes it misbehave. Where OK's
// documentation leaves a point open, Options choose.
package okfake

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"

	"otklik/internal/fault"
	"otklik/internal/source/fakenet"
	"otklik/internal/source/fakepage"
)

// Options describe the group and the open points.
type Options struct {
	Group  string // number
	Name   string
	AppKey string
	Token  string
	Secret string // session_secret_key

	Now          func() time.Time // nil: time.Now
	Snapshot     string           // file that keeps all over a restart; empty: memory alone
	ReadOnlyPage bool             // visitors cannot write on the pages

	Publishing Publishing // what addDiscussionComment does; empty: Answers
	Bare       bool       // group.getInfo answers a bare array
	Dates      bool       // comments come without date_ms
	Gaps       bool       // an empty page stands before the last one
	Removed    bool       // removed comments are listed, by another type
	Most       int        // comments in a page; 0: 100
	PerSecond  int        // calls in a second before error 11; 0: no limit
}

// A Publishing is what the method does that is no longer documented.
type Publishing string

// Publishings.
const (
	Answers   Publishing = "answers"   // it writes and answers the comment's id
	Silent    Publishing = "silent"    // it writes and answers null
	Withdrawn Publishing = "withdrawn" // error 3
	Denied    Publishing = "denied"    // error 10
)

// Limits of what visitors can write.
const (
	maxText     = 3000 // characters
	maxName     = 60
	maxComments = 20000
	maxTopics   = 2000
)

// A Fake is an OK of one group. Its methods may be called at any time.
type Fake struct {
	opts  Options
	mux   http.Handler
	pages *fakepage.Pages

	mu       sync.Mutex
	state    state
	kept     fakenet.Snapshot
	troubles fakenet.Troubles
	calls    []time.Time
	counts   map[string]int
	expired  bool
}

// state is what a snapshot keeps.
type state struct {
	Last   int64            `json:"last"`
	People map[int64]string `json:"people"`
	Topics []*topic         `json:"topics"` // oldest first
}

// A topic is one of the group's, or a photo of it that people discuss.
type topic struct {
	ID       string     `json:"id"`
	Type     string     `json:"type"`
	From     int64      `json:"from"` // 0: the group
	At       int64      `json:"at"`   // Unix ms
	Text     string     `json:"text"`
	Deleted  bool       `json:"deleted,omitempty"`
	Closed   bool       `json:"closed,omitempty"`
	Comments []*comment `json:"comments"`
}

type comment struct {
	ID      string `json:"id"`
	From    int64  `json:"from"`
	At      int64  `json:"at"`
	Text    string `json:"text"`
	Reply   string `json:"reply,omitempty"`
	Deleted bool   `json:"deleted,omitempty"`
}

// New returns a fake, with what the snapshot holds if there is one.
func New(o Options) (*Fake, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Publishing == "" {
		o.Publishing = Answers
	}
	if o.Most <= 0 {
		o.Most = 100
	}
	f := &Fake{opts: o, counts: map[string]int{}}
	f.kept.Path = o.Snapshot
	if err := f.kept.Load(&f.state); err != nil {
		return nil, fmt.Errorf("okfake: %w", err)
	}
	if f.state.People == nil {
		f.state.People = map[int64]string{}
	}
	return f, f.routes()
}

func (f *Fake) ServeHTTP(w http.ResponseWriter, r *http.Request) { f.mux.ServeHTTP(w, r) }

// Seed writes many things with one snapshot at the end.
func (f *Fake) Seed(write func()) {
	f.hold(true)
	defer f.hold(false)
	write()
}

func (f *Fake) hold(on bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.kept.Hold(on)
	f.save()
}

// Person returns the id of the person of that name, made when needed.
func (f *Fake) Person(name string) int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	for id, n := range f.state.People {
		if n == name {
			return id
		}
	}
	id := int64(580001 + len(f.state.People))
	f.state.People[id] = name
	return id
}

func (f *Fake) name(id int64) string {
	if id == 0 {
		return f.opts.Name
	}
	if n := f.state.People[id]; n != "" {
		return n
	}
	return fmt.Sprintf("Пользователь %d", id)
}

// Topic writes a topic. from is a person, or 0 for the group.
func (f *Fake) Topic(from int64, text string) (id string) { return f.add("GROUP_TOPIC", from, text) }

// Photo shows a photo of the group that people can discuss.
func (f *Fake) Photo(text string) (id string) { return f.add("GROUP_PHOTO", 0, text) }

func (f *Fake) add(kind string, from int64, text string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.state.Last++
	t := &topic{ID: strconv.FormatInt(154000000000000+f.state.Last, 10), Type: kind, From: from, At: f.opts.Now().UnixMilli(), Text: text}
	if f.state.Topics = append(f.state.Topics, t); len(f.state.Topics) > maxTopics {
		f.state.Topics = f.state.Topics[1:]
	}
	f.save()
	return t.ID
}

// Comment writes a comment of a person (0: of the group), in answer to another one where
// reply is not "".
func (f *Fake) Comment(topic, reply string, from int64, text string) (id string, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	c, _, err := f.comment(topic, reply, from, text)
	if err != nil {
		return "", err
	}
	return c.ID, nil
}

// comment writes a comment; code is OK's error where it cannot.
func (f *Fake) comment(id, reply string, from int64, text string) (c *comment, code int, err error) {
	t, _ := f.find(id)
	switch {
	case t == nil || t.Deleted:
		return nil, 300, fault.New(fault.NotFound, "okfake: no topic %s", id)
	case t.Closed:
		return nil, 458, fault.New(fault.Forbidden, "okfake: topic %s is closed", id)
	case len(t.Comments) >= maxComments:
		return nil, 100, fault.New(fault.TooLarge, "okfake: topic %s is full", id)
	}
	if reply != "" {
		if at, to := f.find(reply); at != t || to == nil || to.Deleted {
			return nil, 700, fault.New(fault.NotFound, "okfake: no comment %s under %s", reply, id)
		}
	}
	f.state.Last++
	c = &comment{ID: fmt.Sprintf("MTc%dxQ:%d", f.state.Last, 17*f.state.Last), From: from, At: f.opts.Now().UnixMilli(), Text: text, Reply: reply}
	t.Comments = append(t.Comments, c)
	f.save()
	return c, 0, nil
}

// find returns the topic of that id, or the topic and the comment.
func (f *Fake) find(id string) (*topic, *comment) {
	for _, t := range f.state.Topics {
		if t.ID == id {
			return t, nil
		}
		for _, c := range t.Comments {
			if c.ID == id {
				return t, c
			}
		}
	}
	return nil, nil
}

// Edit changes the text of a topic or a comment.
func (f *Fake) Edit(id, text string) error {
	return f.change(id, func(t *topic) { t.Text = text }, func(c *comment) { c.Text = text })
}

// Delete deletes a topic or a comment.
func (f *Fake) Delete(id string) error {
	return f.change(id, func(t *topic) { t.Deleted = true }, func(c *comment) { c.Deleted = true })
}

// Restore undoes a deletion.
func (f *Fake) Restore(id string) error {
	return f.change(id, func(t *topic) { t.Deleted = false }, func(c *comment) { c.Deleted = false })
}

// Close closes or opens a topic for comments.
func (f *Fake) Close(id string, closed bool) error {
	return f.change(id, func(t *topic) { t.Closed = closed }, func(*comment) {})
}

func (f *Fake) change(id string, onTopic func(*topic), onComment func(*comment)) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	t, c := f.find(id)
	switch {
	case t == nil:
		return fault.New(fault.NotFound, "okfake: nothing has the id %s", id)
	case c != nil:
		onComment(c)
	default:
		onTopic(t)
	}
	f.save()
	return nil
}

// Expire ends the token's time: every call is answered with error 102.
func (f *Fake) Expire() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.expired = true
}

// Wrote returns the texts of the group's comments under a topic, oldest first.
func (f *Fake) Wrote(id string) (texts []string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if t, _ := f.find(id); t != nil {
		for _, c := range t.Comments {
			if c.From == 0 && !c.Deleted {
				texts = append(texts, c.Text)
			}
		}
	}
	return texts
}

// Topics returns the topics that people may comment on, newest first.
func (f *Fake) Topics() (ids []string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, t := range slices.Backward(f.state.Topics) {
		if !t.Deleted && !t.Closed {
			ids = append(ids, t.ID)
		}
	}
	return ids
}

// Called returns how often a method was called.
func (f *Fake) Called(method string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.counts[method]
}

// save writes the snapshot; the lock is held.
func (f *Fake) save() { f.kept.Save(f.state) }
