// Package vkfake is a VK of one community: an http.Handler that answers the
// methods which the vk package calls, with VK's shapes and errors, and has a
// page of its own where a visitor sees the wall and writes a comment.
//
// Tests and the demo use the same fake. New makes one; Post, Comment, Edit,
// Delete and Restore change the wall as people would; Fail makes it misbehave
// (see Trouble).
package vkfake

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"otklik/internal/fault"
	"otklik/internal/source/fakenet"
	"otklik/internal/source/fakepage"
)

// Options describe the community.
type Options struct {
	Group          int64  // positive number
	Name           string // «Подслушано в Абакане»
	Screen         string // screen name; may be empty
	ServiceToken   string
	CommunityToken string
	Now            func() time.Time // nil: time.Now
	Snapshot       string           // file that keeps the wall over a restart; empty: memory alone
	ReadOnlyPage   bool             // visitors cannot write on the page
	Guid           Guid             // what a repeated guid does; empty: GuidReturns
	PerSecond      int              // calls per token and second before error 6; 0: no limit
	PerDay         map[string]int   // calls per token, day and method before error 29: Documented; nil: no limit
	IndexDelay     time.Duration    // after which a post is found by search
	Quota          *Quota           // shared with other communities; nil: PerSecond and PerDay of our own
	ServiceTokens  []string         // further ones
	UserToken      string           // reads as a service token does, and may execute
}

// A Guid says what createComment does with a guid that it has seen. VK does not
// document it, so a client must live with all three.
type Guid string

// Behaviours of a repeated guid.
const (
	GuidReturns Guid = "returns" // the first comment's id again
	GuidRefuses Guid = "refuses" // error 100
	GuidForgets Guid = "forgets" // a second comment
)

// Limits of what visitors can write.
const (
	maxText     = 4000 // characters
	maxName     = 60
	maxComments = 20000
	maxPosts    = 2000
)

// A Fake is a VK of one community. Its methods may be called at any time.
type Fake struct {
	opts  Options
	mux   http.Handler
	pages *fakepage.Pages

	mu       sync.Mutex
	state    state
	kept     fakenet.Snapshot
	troubles fakenet.Troubles
	quota    *Quota
	events   events
	counts   map[string]int // by method
	demands  map[string]*demand
	captchas int           // pictures shown
	silent   map[int64]int // by person, the error of writing to them
}

// state is what a snapshot keeps.
type state struct {
	Last   int64            `json:"last"` // posts and comments take ids from one counter
	People map[int64]string `json:"people"`
	Posts  []*post          `json:"posts"` // oldest first
	Guids  map[string]int64 `json:"guids"` // guid → comment

	Topics  []*topic          `json:"topics,omitempty"`  // oldest first
	Strays  []*stray          `json:"strays,omitempty"`  // posts on other walls, oldest first
	Letters int64             `json:"letters,omitempty"` // private messages take ids from a counter of their own
	Talks   map[int64][]*note `json:"talks,omitempty"`   // by person, oldest first
}

type post struct {
	ID       int64      `json:"id"`
	From     int64      `json:"from"`
	Date     int64      `json:"date"`
	Edited   int64      `json:"edited,omitempty"`
	Text     string     `json:"text"`
	Pinned   bool       `json:"pinned,omitempty"`
	Deleted  bool       `json:"deleted,omitempty"`
	Closed   bool       `json:"closed,omitempty"`
	Comments []*comment `json:"comments"` // oldest first, both levels

	Attached json.RawMessage `json:"attached,omitempty"` // of a list
}

type comment struct {
	ID      int64  `json:"id"`
	From    int64  `json:"from"`
	Date    int64  `json:"date"`
	Text    string `json:"text"`
	First   int64  `json:"first,omitempty"` // the first level comment above, 0 for a first level one
	ReplyTo int64  `json:"reply_to,omitempty"`
	Deleted bool   `json:"deleted,omitempty"`

	Attached json.RawMessage `json:"attached,omitempty"` // of a list
}

// New returns a fake, with the wall of the snapshot if there is one.
func New(o Options) (*Fake, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Guid == "" {
		o.Guid = GuidReturns
	}
	f := &Fake{opts: o, quota: o.Quota, counts: map[string]int{}}
	if f.quota == nil {
		f.quota = &Quota{PerSecond: o.PerSecond, PerDay: o.PerDay, Now: o.Now}
	}
	f.kept.Path = o.Snapshot
	if err := f.kept.Load(&f.state); err != nil {
		return nil, fmt.Errorf("vkfake: %w", err)
	}
	if f.state.People == nil {
		f.state.People = map[int64]string{}
	}
	if f.state.Guids == nil {
		f.state.Guids = map[string]int64{}
	}
	if err := f.routes(); err != nil {
		return nil, err
	}
	return f, nil
}

// Now is the network's time.
func (f *Fake) Now() time.Time { return f.opts.Now() }

func (f *Fake) ServeHTTP(w http.ResponseWriter, r *http.Request) { f.mux.ServeHTTP(w, r) }

// Owner returns the wall's owner id, negative.
func (f *Fake) Owner() int64 { return -f.opts.Group }

// Person returns the id of the person of that name, made when needed.
func (f *Fake) Person(name string) int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.person(name)
}

func (f *Fake) person(name string) int64 {
	for id, n := range f.state.People {
		if n == name {
			return id
		}
	}
	id := int64(500001 + len(f.state.People))
	f.state.People[id] = name
	return id
}

// Post writes a post. from is a person, or 0 for the community itself.
func (f *Fake) Post(from int64, text string) (id int64) { return f.PostAt(from, text, f.opts.Now()) }

// PostAt writes a post that is dated at.
func (f *Fake) PostAt(from int64, text string, at time.Time) (id int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if from == 0 {
		from = f.Owner()
	}
	f.state.Last++
	f.state.Posts = append(f.state.Posts, &post{ID: f.state.Last, From: from, Date: at.Unix(), Text: text})
	if len(f.state.Posts) > maxPosts {
		f.state.Posts = f.state.Posts[1:]
	}
	f.tell("wall_post_new", f.postJSON(f.post(f.state.Last)))
	slices.SortStableFunc(f.state.Posts, func(a, b *post) int { return cmp.Compare(a.Date, b.Date) })
	f.save()
	return f.state.Last
}

// Comment writes a comment under a post, or in answer to a comment when replyTo
// is not 0. from is a person, or 0 for the community itself.
func (f *Fake) Comment(post, replyTo, from int64, text string) (id int64, err error) {
	return f.CommentAt(post, replyTo, from, text, f.opts.Now())
}

// CommentAt writes a comment that is dated at.
func (f *Fake) CommentAt(post, replyTo, from int64, text string, at time.Time) (id int64, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	c, _, err := f.comment(post, replyTo, from, text, at)
	if err != nil {
		return 0, err
	}
	return c.ID, nil
}

// comment writes a comment; code is VK's error where it cannot.
func (f *Fake) comment(postID, replyTo, from int64, text string, at time.Time) (c *comment, code int, err error) {
	p := f.post(postID)
	if p == nil {
		return nil, 100, fault.New(fault.NotFound, "vkfake: no post %d", postID)
	}
	if p.Closed {
		return nil, 213, fault.New(fault.Forbidden, "vkfake: comments of post %d are closed", postID)
	}
	if len(p.Comments) >= maxComments {
		return nil, 223, fault.New(fault.TooLarge, "vkfake: post %d is full", postID)
	}
	if from == 0 {
		from = f.Owner()
	}
	c = &comment{From: from, Date: at.Unix(), Text: text, ReplyTo: replyTo}
	if replyTo != 0 {
		parent := p.comment(replyTo)
		if parent == nil || parent.Deleted {
			return nil, 100, fault.New(fault.NotFound, "vkfake: no comment %d under post %d", replyTo, postID)
		}
		c.First = parent.ID
		if parent.First != 0 {
			c.First = parent.First
		}
	}
	f.state.Last++
	c.ID = f.state.Last
	p.Comments = append(p.Comments, c)
	f.tell("wall_reply_new", f.eventJSON(p, c))
	f.save()
	return c, 0, nil
}

// Edit changes the text of a post or a comment.
func (f *Fake) Edit(id int64, text string) error {
	return f.change(id, "wall_reply_edit", func(p *post) { p.Text, p.Edited = text, f.opts.Now().Unix() }, func(c *comment) { c.Text = text })
}

// Attach changes what a post or a comment carries, to a list as VK gives it; the text stays.
func (f *Fake) Attach(id int64, attachments string) error {
	return f.change(id, "wall_reply_edit", func(p *post) { p.Attached, p.Edited = json.RawMessage(attachments), f.opts.Now().Unix() },
		func(c *comment) { c.Attached = json.RawMessage(attachments) })
}

// Delete deletes a post or a comment. A comment with replies stays as an empty
// place, another vanishes, as at VK.
func (f *Fake) Delete(id int64) error {
	return f.change(id, "wall_reply_delete", func(p *post) { p.Deleted = true }, func(c *comment) { c.Deleted = true })
}

// Restore undoes a deletion.
func (f *Fake) Restore(id int64) error {
	return f.change(id, "wall_reply_restore", func(p *post) { p.Deleted = false }, func(c *comment) { c.Deleted = false })
}

// Pin puts a post at the top of the wall, whatever its date.
func (f *Fake) Pin(id int64) error {
	return f.change(id, "", func(p *post) { p.Pinned = true }, nil)
}

// CloseComments closes or opens the comments of a post.
func (f *Fake) CloseComments(id int64, closed bool) error {
	return f.change(id, "", func(p *post) { p.Closed = closed }, nil)
}

// change changes a post or a comment; event is told of a comment, VK tells nothing of posts.
func (f *Fake) change(id int64, event string, onPost func(*post), onComment func(*comment)) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if t, c := f.ofBoard(id); c != nil && onComment != nil {
		onComment(c)
		f.changedOnBoard(t, c, event)
		return nil
	}
	if s := f.stray(id); s != nil {
		p := &post{Text: s.Text, Edited: s.Edited, Deleted: s.Deleted}
		onPost(p)
		s.Text, s.Edited, s.Deleted = p.Text, p.Edited, p.Deleted
		f.save()
		return nil
	}
	for _, p := range f.state.Posts {
		if p.ID == id {
			onPost(p)
			f.save()
			return nil
		}
		if c := p.comment(id); c != nil && onComment != nil {
			onComment(c)
			if event == "wall_reply_delete" {
				f.tell(event, map[string]any{"owner_id": f.Owner(), "id": c.ID, "post_id": p.ID, "deleter_id": c.From})
			} else {
				f.tell(event, f.eventJSON(p, c))
			}
			f.save()
			return nil
		}
	}
	return fault.New(fault.NotFound, "vkfake: nothing has the id %d", id)
}

// Posts returns the ids of the posts that are shown, newest first.
func (f *Fake) Posts() []int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	var ids []int64
	for _, p := range slices.Backward(f.state.Posts) {
		if !p.Deleted {
			ids = append(ids, p.ID)
		}
	}
	return ids
}

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

// Wrote returns the texts of the community's own comments under a post, oldest
// first: what a test wants to know of a publication.
func (f *Fake) Wrote(postID int64) []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var texts []string
	if p := f.post(postID); p != nil {
		for _, c := range p.Comments {
			if c.From == f.Owner() && !c.Deleted {
				texts = append(texts, c.Text)
			}
		}
	}
	return texts
}

// Called returns how often a method was called.
func (f *Fake) Called(method string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.counts[method]
}

// post returns a post that is shown, or nil.
func (f *Fake) post(id int64) *post {
	for _, p := range f.state.Posts {
		if p.ID == id && !p.Deleted {
			return p
		}
	}
	return nil
}

func (p *post) comment(id int64) *comment {
	i, ok := slices.BinarySearchFunc(p.Comments, id, func(c *comment, id int64) int { return cmp.Compare(c.ID, id) })
	if !ok {
		return nil
	}
	return p.Comments[i]
}

// level returns the comments of the first level, or of a thread, that VK lists.
func (p *post) level(first int64) []*comment {
	var out []*comment
	for _, c := range p.Comments {
		if c.First != first || c.Deleted && (first != 0 || len(p.level(c.ID)) == 0) {
			continue
		}
		out = append(out, c)
	}
	return out
}

func (f *Fake) name(id int64) string {
	if id < 0 {
		return f.opts.Name
	}
	if n := f.state.People[id]; n != "" {
		return n
	}
	return fmt.Sprintf("Пользователь %d", id)
}

// save writes the snapshot; the lock is held.
func (f *Fake) save() { f.kept.Save(f.state) }
