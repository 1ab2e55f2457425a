package tgweb

import (
	"bytes"
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"otklik/internal/source/markup"
)

// A Page is one page of a channel, oldest post first.
type Page struct {
	Title string
	Posts []Post
	Older int64 // the page before this one is that of posts before this id; 0 = there is none
}

// A Post is a post as the page shows it, or a comment under one.
type Post struct {
	ID      int64
	Text    string
	At      time.Time
	Edited  bool
	Views   int64 // rounded by Telegram: «1.5K»; 0 = not shown
	Author  string
	From    string // whose post was forwarded, in words; "" = its own
	FromURL string
	ReplyTo int64
	Photos  []string // addresses
	Videos  int
	Files   []string // titles of documents
	Service bool     // an entry of the channel itself: a new picture, a pinned post
}

// A changed says that a page is not what it used to be: it is never taken for a page
// without posts.
type changed string

func (c changed) Error() string { return "the page has changed: " + string(c) }

// Parse reads a page of a channel. Any doubt is an error.
func Parse(page []byte, name string) (*Page, error) {
	doc, err := html.Parse(bytes.NewReader(page))
	if err != nil {
		return nil, changed("it is no HTML")
	}
	in := indexed(doc)
	p := &Page{Title: cmp.Or(in.says("tgme_channel_info_header_title"), in.says("tgme_header_title"))}
	if p.Title == "" || in.first("tgme_channel_history") == nil {
		return nil, changed("no header of a channel, or no history")
	}
	list, err := in.messages()
	if err != nil {
		return nil, err
	}
	for _, n := range list {
		post, err := read(n, name)
		if err != nil {
			return nil, err
		}
		p.Posts = append(p.Posts, post)
	}
	if len(p.Posts) == 0 && (bytes.Contains(page, []byte("data-post")) || bytes.Contains(page, []byte("tgme_widget_message"))) {
		return nil, changed("posts stand there and cannot be told")
	}
	for k := 1; k < len(p.Posts); k++ {
		if p.Posts[k].ID <= p.Posts[k-1].ID {
			return nil, changed("posts out of order")
		}
	}
	for _, n := range in["js-messages_more"] {
		if before := attr(n, "data-before"); before != "" {
			if p.Older, err = strconv.ParseInt(before, 10, 64); err != nil || p.Older <= 0 {
				return nil, changed("the link to older posts")
			}
		}
	}
	return p, nil
}

// read reads one post.
func read(n *html.Node, name string) (Post, error) {
	of, number, ok := strings.Cut(attr(n, "data-post"), "/")
	id, err := strconv.ParseInt(number, 10, 64)
	if !ok || err != nil || id <= 0 {
		return Post{}, changed("a post without a number")
	}
	if !strings.EqualFold(of, name) {
		return Post{}, changed("a post of another channel")
	}
	in := indexed(n)
	p := Post{ID: id, Service: has(n, "service_message")}
	when := in.first("tgme_widget_message_date")
	if when == nil && p.Service {
		return p, nil
	}
	if p.At, err = dated(when); err != nil {
		return Post{}, changed(fmt.Sprintf("post %d without a date", id))
	}
	body(in, &p)
	if r := in.first("tgme_widget_message_reply"); r != nil {
		link, _, _ := strings.Cut(attr(r, "href"), "?")
		p.ReplyTo, _ = strconv.ParseInt(link[strings.LastIndex(link, "/")+1:], 10, 64)
	}
	return p, nil
}

// body reads what a post and a comment have alike.
func body(in index, p *Post) {
	for _, t := range in["js-message_text"] {
		if !has(t, "js-message_reply_text") { // words that it answers
			p.Text = markup.Of(t, nil)
			break
		}
	}
	p.Edited = strings.Contains(" "+in.says("tgme_widget_message_meta")+" ", " edited ")
	p.Views = rounded(in.says("tgme_widget_message_views"))
	p.Author = in.says("tgme_widget_message_from_author")
	if f := in.first("tgme_widget_message_forwarded_from_name"); f != nil {
		p.From, p.FromURL = markup.Of(f, nil), attr(f, "href")
	}
	for _, ph := range in["tgme_widget_message_photo_wrap"] {
		if m := background.FindStringSubmatch(attr(ph, "style")); m != nil {
			p.Photos = append(p.Photos, m[1])
		}
	}
	p.Videos = len(in["tgme_widget_message_video_player"]) + len(in["tgme_widget_message_roundvideo_player"])
	for _, d := range in["tgme_widget_message_document_title"] {
		p.Files = append(p.Files, markup.Of(d, nil))
	}
	if q := in.says("tgme_widget_message_poll_question"); p.Text == "" && q != "" {
		p.Text = q
		for _, o := range in["tgme_widget_message_poll_option_text"] {
			p.Text += "\n— " + markup.Of(o, nil)
		}
	}
}

var background = regexp.MustCompile(`background-image:\s*url\(['"]?(https?://[^'")\s]+)['"]?\)`)

// dated reads the time of the element that links to the post.
func dated(n *html.Node) (time.Time, error) {
	if n != nil {
		for t := range n.Descendants() {
			if t.DataAtom == atom.Time {
				at, err := time.Parse(time.RFC3339, attr(t, "datetime"))
				return at.UTC(), err
			}
		}
	}
	return time.Time{}, changed("no time")
}

// rounded reads «1.5K» and «2M»; 0 for anything else.
func rounded(s string) int64 {
	times := 1.0
	switch {
	case strings.HasSuffix(s, "K"):
		times = 1e3
	case strings.HasSuffix(s, "M"):
		times = 1e6
	}
	v, err := strconv.ParseFloat(strings.TrimRight(s, "KM"), 64)
	if err != nil || !(v >= 0 && v < 1e9) {
		return 0
	}
	return int64(v*times + 0.5)
}

// Comments reads the page of a post's discussion. more says that there are comments which
// the page does not show.
func Comments(page []byte, limit int) (list []Post, more bool, err error) {
	doc, err := html.Parse(bytes.NewReader(page))
	if err != nil {
		return nil, false, changed("it is no HTML")
	}
	whole := indexed(doc)
	if whole.first("tgme_widget_message_error") != nil {
		return nil, false, errNoTalk
	}
	if whole.first("tgme_post_discussion") == nil {
		return nil, false, changed("no discussion")
	}
	shown, err := whole.messages()
	if err != nil {
		return nil, false, err
	}
	for _, n := range shown {
		id, err := strconv.ParseInt(attr(n, "data-post-id"), 10, 64)
		if err != nil || id <= 0 {
			return nil, false, changed("a comment without a number")
		}
		in := indexed(n)
		p := Post{ID: id}
		if p.At, err = dated(in.first("tgme_widget_message_date")); err != nil {
			return nil, false, changed(fmt.Sprintf("comment %d without a date", id))
		}
		body(in, &p)
		p.Author = cmp.Or(in.says("tgme_widget_message_author_name"), p.Author)
		if r := in.first("tgme_widget_message_reply"); r != nil {
			p.ReplyTo, _ = strconv.ParseInt(attr(r, "data-reply-to"), 10, 64)
		}
		list = append(list, p)
	}
	return list, len(list) >= limit || whole.first("js-messages_more") != nil, nil
}

// An index holds the elements inside of one by their classes, in order.
type index map[string][]*html.Node

func indexed(n *html.Node) index {
	in := index{}
	for d := range n.Descendants() {
		if d.Type != html.ElementNode {
			continue
		}
		for _, class := range strings.Fields(attr(d, "class")) {
			in[class] = append(in[class], d)
		}
	}
	return in
}

// messages returns the elements of posts or comments. Telegram shows at most a hundred, and
// none inside of another: to look through such ones would take as long as one likes.
func (in index) messages() ([]*html.Node, error) {
	list := in["js-widget_message"]
	if len(list) > 2*talkLimit {
		return nil, changed("too many posts")
	}
	for _, n := range list {
		for up := range n.Ancestors() {
			if has(up, "js-widget_message") {
				return nil, changed("a post inside of a post")
			}
		}
	}
	return list, nil
}

// first returns the first element of the class, nil for none.
func (in index) first(class string) *html.Node {
	if list := in[class]; len(list) > 0 {
		return list[0]
	}
	return nil
}

// says returns the words of the first element of the class.
func (in index) says(class string) string {
	if n := in.first(class); n != nil {
		return markup.Of(n, nil)
	}
	return ""
}

func has(n *html.Node, class string) bool {
	return slices.Contains(strings.Fields(attr(n, "class")), class)
}

func attr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}
