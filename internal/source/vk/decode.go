package vk

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"time"

	"otklik/internal/message"
)

// ErrNoMessage says that an object is well formed and holds no message: a
// person who joined, a photo, a poll.
var ErrNoMessage = errors.New("vk: not a message")

// A Frame is what an object does not say of itself and its surroundings do.
type Frame struct {
	Source string // empty: SourceID of the owner
	Owner  int64  // the wall, where the object does not name it
	Post   int64  // the post, where a comment does not name it
	First  int64  // the first level comment that holds it, 0 for none
	Ours   bool   // the wall's community is ourselves: its posts are our own
	Page   string // beginning of links; empty: Page
	Names  Names
}

// An Object is one element of an answer or of a dump: a post, a comment, a
// private message, an event, or something else.
type Object struct {
	it  item
	raw json.RawMessage
}

// Parse reads an object. Only broken JSON and what is no object give an error.
func Parse(raw []byte) (*Object, error) {
	o := &Object{raw: raw}
	if err := json.Unmarshal(raw, &o.it); err != nil {
		return nil, err
	}
	return o, nil
}

// Event reports whether the object is an event: {type, object, group_id}.
func (o *Object) Event() bool { return o.it.Type != "" && len(o.it.Object) > 0 }

// Message decodes the object. It returns ErrNoMessage where it is none.
func (o *Object) Message(f Frame) (message.Message, error) {
	if o.Event() {
		ms, err := FromUpdate(o.raw, Frame{Source: f.Source, Page: f.Page, Names: f.Names})
		if err != nil {
			return message.Message{}, err
		}
		return ms[0], nil
	}
	return fromItem(&o.it, f)
}

// Nested returns the comments that stand inside the object: the replies of a
// comment, the comments of a post; and the frame for them.
func (o *Object) Nested(f Frame) ([]json.RawMessage, Frame) {
	if o.Event() {
		return nil, f
	}
	it := &o.it
	f = it.frame(f)
	switch {
	case it.isComment(f):
		f.Post = or(int64(it.PostID), f.Post)
		f.First = or(it.first(), int64(it.ID))
		return it.thread().Items, f
	case it.isPost():
		f.Post = int64(it.ID)
		return it.replies().Items, f
	}
	return nil, f
}

// Where returns the owner and the post that the object names, 0 where it does
// not: a deleted comment names neither and stands beside some that do.
func (o *Object) Where() (owner, post int64) {
	owner = or(int64(o.it.OwnerID), int64(o.it.PostOwner))
	if o.it.PostID != 0 && !o.it.isPost() {
		post = int64(o.it.PostID)
	}
	return owner, post
}

// FromWallItem decodes one element of an items array: a post, a comment of a
// wall, or a private message. It returns ErrNoMessage for anything else.
func FromWallItem(raw []byte, f Frame) (message.Message, error) {
	o, err := Parse(raw)
	if err != nil {
		return message.Message{}, err
	}
	return fromItem(&o.it, f)
}

func (it *item) frame(f Frame) Frame {
	f.Owner = or(int64(it.OwnerID), int64(it.PostOwner), int64(it.SourceID), f.Owner)
	return f
}

func (it *item) isPost() bool {
	if it.Type == "post" && it.SourceID != 0 {
		return true
	}
	switch it.PostType {
	case "reply":
		return false
	case "":
		return it.PostID == 0 && it.OwnerID != 0 && it.FromID != 0 && it.ID != 0 && it.PeerID == 0 && it.Stack == nil && (it.Type == "" || it.Type == "post")
	}
	return true
}

func (it *item) isComment(f Frame) bool {
	if it.ID == 0 || it.PeerID != 0 || it.isPost() || it.Type != "" && it.Type != "comment" && it.Type != "reply" {
		return false
	}
	return it.FromID != 0 && it.Date != 0 || it.gone() && (it.Date != 0 || f.Post != 0)
}

func fromItem(it *item, f Frame) (message.Message, error) {
	f = it.frame(f)
	switch {
	case it.PeerID != 0 && it.FromID != 0:
		return direct(it, f)
	case it.isPost():
		return post(it, f), nil
	case it.isComment(f):
		ref := Ref{Place: "wall", Owner: f.Owner, Item: or(int64(it.PostID), f.Post), Comment: int64(it.ID)}
		return comment(it, ref, f), nil
	}
	return message.Message{}, ErrNoMessage
}

// post decodes a post. Its revision is the time of its last edit.
func post(it *item, f Frame) message.Message {
	ref := Ref{Place: "wall", Owner: f.Owner, Item: or(int64(it.ID), int64(it.PostID))}
	author := or(int64(it.SignerID), int64(it.FromID), f.Owner)
	m := message.Message{
		Source: f.source(), Channel: message.VK, Form: message.Post, Native: ref.String(), Event: message.Written,
		URL: ref.Link(f.Page, 0), Author: id(author), AuthorName: f.Names[author], Text: string(it.Text),
		PublishedAt: unix(it.Date), Revision: message.Revision{Time: unix(max(it.Date, it.Edited))},
		Own: f.Ours && author == f.Owner,
	}
	if m.Revision.Time.IsZero() {
		m.Revision = message.HashOf(m.Text)
	}
	if m.Attachments = it.attached(f.Page); it.gone() {
		m.Event, m.Text, m.Attachments = message.Deleted, "", nil
		if !m.Revision.Time.IsZero() {
			m.Revision.Time = m.Revision.Time.Add(time.Millisecond)
		}
	}
	return m
}

// comment decodes a comment. Its revision is the hash of its text.
func comment(it *item, ref Ref, f Frame) message.Message {
	first := or(it.first(), f.First)
	m := message.Message{
		Source: f.source(), Channel: message.VK, Form: message.Comment, Native: ref.String(), Event: message.Written,
		Thread: ref.Root().String(), URL: ref.Link(f.Page, first),
		Author: id(int64(it.FromID)), AuthorName: f.Names[int64(it.FromID)], Text: string(it.Text), PublishedAt: unix(it.Date),
		Own: it.FromID < 0 && int64(it.FromID) == ref.Owner,
	}
	if ref.Place == "topic" {
		first = answered(m.Text)
	}
	if p := or(it.parent(), first); p != 0 && p != ref.Comment {
		m.Parent = Ref{Place: ref.Place, Owner: ref.Owner, Item: ref.Item, Comment: p}.String()
	}
	m.Revision = message.HashOf(m.Text)
	if m.Attachments = it.attached(f.Page); it.gone() {
		m.Event, m.Text, m.Author, m.AuthorName, m.Attachments = message.Deleted, "", "", "", nil
		m.Revision = after("", message.Deleted, "")
	}
	return m
}

// direct decodes a private message to or from the community.
func direct(it *item, f Frame) (message.Message, error) {
	ref := Ref{Place: "im", Owner: int64(it.PeerID), Item: or(int64(it.Conversation), int64(it.ID))}
	if ref.Item == 0 {
		return message.Message{}, ErrNoMessage
	}
	own := bool(it.Out) || it.FromID < 0
	m := message.Message{
		Source: f.source(), Channel: message.VK, Form: message.Direct, Native: ref.String(), Event: message.Written,
		Thread: talkID(ref.Owner), Author: id(int64(it.FromID)), AuthorName: f.Names[int64(it.FromID)],
		Text: string(it.Text), PublishedAt: unix(it.Date), Addressed: true, Own: own, Attachments: it.attached(f.Page),
		Revision: message.Revision{Time: unix(max(it.Date, it.Updated))},
	}
	if !own {
		m.Pressed, m.Shared = it.pressed(), it.point()
		switch { // the words are the button's, not the person's
		case m.Pressed != "":
			m.Text = ""
		case it.started():
			m.Text = "/start"
		}
	}
	return m, nil
}

// after returns the revision that follows prev: the same text in the same place
// of a message's life has the same revision, and no other has.
func after(prev string, event message.Event, text string) message.Revision {
	return message.HashOf(prev + "\x00" + string(event) + "\x00" + text)
}

func (f Frame) source() string {
	if f.Source != "" {
		return f.Source
	}
	return SourceID(f.Owner)
}

func id(n int64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatInt(n, 10)
}

// unix returns the time of Unix seconds; zero for 0 and for what no network of
// ours can mean.
func unix(n number) time.Time {
	if n <= 0 || n > 1<<33 {
		return time.Time{}
	}
	return time.Unix(int64(n), 0).UTC()
}

func or(ids ...int64) int64 {
	for _, n := range ids {
		if n != 0 {
			return n
		}
	}
	return 0
}

// commentPlaces says where the events of each kind of comment stand.
var commentPlaces = map[string]string{
	"wall_reply": "wall", "board_post": "topic", "photo_comment": "photo", "video_comment": "video", "market_comment": "market",
}

// FromUpdate decodes one event of the Callback API or of Bots Long Poll:
// {type, object, group_id, event_id}. It returns ErrNoMessage for events that
// carry none. page begins links; empty means vk.com.
//
// Events carry no time of their own. The revision of an edit, deletion or
// restore is therefore a hash that the event's id is part of, and the order of
// arrival decides. The same event twice has the same revision.
func FromUpdate(raw []byte, f Frame) ([]message.Message, error) {
	var u struct {
		Type    words  `json:"type"`
		Object  node   `json:"object"`
		GroupID number `json:"group_id"`
		EventID words  `json:"event_id"`
	}
	if err := json.Unmarshal(raw, &u); err != nil {
		return nil, err
	}
	f.Ours = true
	if f.Owner == 0 {
		f.Owner = -int64(u.GroupID)
	}
	if f.Source == "" && f.Owner != 0 {
		f.Source = SourceID(f.Owner)
	}
	var it item
	if !u.Object.into(&it) {
		return nil, ErrNoMessage
	}
	switch u.Type {
	case "wall_post_new", "wall_repost":
		if it.ID == 0 {
			return nil, ErrNoMessage
		}
		return []message.Message{post(&it, it.frame(f))}, nil
	case "message_new", "message_reply", "message_edit":
		var in struct {
			Message node `json:"message"`
		}
		if u.Object.into(&in) && in.Message != nil && !in.Message.into(&it) {
			return nil, ErrNoMessage
		}
		if it.PeerID == 0 || it.FromID == 0 {
			return nil, ErrNoMessage
		}
		m, err := direct(&it, f)
		if err != nil {
			return nil, err
		}
		if u.Type == "message_edit" && it.Updated <= it.Date { // within its second: not what was written first
			m.Revision.Time = m.Revision.Time.Add(time.Millisecond)
		}
		return []message.Message{m}, nil
	}
	cut := strings.LastIndexByte(string(u.Type), '_')
	if cut < 0 || commentPlaces[string(u.Type[:cut])] == "" || it.ID == 0 {
		return nil, ErrNoMessage
	}
	kind, what := string(u.Type[:cut]), string(u.Type[cut+1:])
	ref := it.place(commentPlaces[kind], f)
	if ref.Item == 0 {
		return nil, ErrNoMessage
	}
	m := comment(&it, ref, f)
	switch what {
	case "new":
	case "edit":
		if u.EventID != "" { // a text may come back: the event tells the two apart
			m.Revision = after(string(u.EventID), message.Written, m.Text)
		}
	case "delete":
		m.Event, m.Text, m.Author, m.AuthorName = message.Deleted, "", "", ""
		m.Revision = after(string(u.EventID), message.Deleted, "")
	case "restore":
		m.Event = message.Restored
		m.Revision = after(string(u.EventID), message.Restored, m.Text)
	default:
		return nil, ErrNoMessage
	}
	return []message.Message{m}, nil
}

// place returns the native id of an event's comment.
func (it *item) place(place string, f Frame) Ref {
	r := Ref{Place: place, Comment: int64(it.ID)}
	switch place {
	case "wall":
		r.Owner, r.Item = int64(it.PostOwner), int64(it.PostID)
	case "topic":
		r.Owner, r.Item = int64(it.TopicOwner), int64(it.TopicID)
	case "photo":
		r.Owner, r.Item = int64(it.PhotoOwner), int64(it.PhotoID)
	case "video":
		r.Owner, r.Item = int64(it.VideoOwner), int64(it.VideoID)
	case "market":
		r.Owner, r.Item = int64(it.MarketOwner), int64(it.ItemID)
	}
	r.Owner = or(r.Owner, int64(it.OwnerID), f.Owner)
	return r
}
