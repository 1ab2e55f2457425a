package page

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/url"
	"strconv"
	"strings"
	"time"

	"golang.org/x/net/html"

	"otklik/internal/source/date"
	"otklik/internal/source/markup"
	"otklik/internal/source/web"
)

// Bounds of one page.
const (
	postsOnPage   = 1000
	threadsOnPage = 500
	textLimit     = 64 << 10 // bytes of one post
)

// A Look is what one page of a thread shows.
type Look struct {
	Posts []Post
	Next  *url.URL // nil on the last page
	Last  *url.URL
	Area  bool // the element around the posts is there, or there are posts
}

// A Post is one post as the page shows it.
type Post struct {
	ID       string // unique in the thread
	Parent   string // id of the post that it answers; "" = none
	Author   string
	AuthorID string
	Date     time.Time // zero when unknown
	Text     string
	Link     string // absolute, to this very post as far as the page tells
}

// Parse reads a page of any encoding.
func (r *Recipe) Parse(a *web.Answer) (*html.Node, error) {
	page := *a
	if r.Encoding != "" {
		page.Type = r.Encoding
	}
	text, err := page.Text()
	if err != nil {
		return nil, err
	}
	return html.Parse(io.LimitReader(text, 2*web.PageLimit))
}

// Look reads the posts of a page that stands at base. zone is that of dates that
// name none, if the recipe does not say.
func (r *Recipe) Look(doc *html.Node, base *url.URL, now time.Time, zone *time.Location) Look {
	if r.zone != nil {
		zone = r.zone
	}
	p := &r.Posts
	is := map[*html.Node]int{} // post → its index
	var nodes []*html.Node
	markup.Walk(doc, func(n *html.Node, enter bool) bool {
		if enter && n.Type == html.ElementNode && len(nodes) < postsOnPage && p.Post.sel.Match(n) {
			is[n] = len(nodes)
			nodes = append(nodes, n)
		}
		return true
	})
	out := Look{Area: len(nodes) > 0}
	ids := map[string]int{}
	for _, n := range nodes {
		post := r.post(n, is, base, now, zone)
		if post.Text == "" && post.Author == "" { // a bar, an advertisement
			post.ID = ""
		}
		if k := ids[post.ID]; k > 0 && post.ID != "" { // the same id twice on one page
			post.ID += "~" + strconv.Itoa(k)
		}
		ids[post.ID]++
		out.Posts = append(out.Posts, post)
	}
	for k, n := range nodes {
		if post := &out.Posts[k]; post.Parent == "" {
			for up := n.Parent; up != nil; up = up.Parent {
				if i, ok := is[up]; ok {
					post.Parent = out.Posts[i].ID
					break
				}
			}
		}
	}
	kept := out.Posts[:0]
	for _, post := range out.Posts {
		if post.ID != "" {
			kept = append(kept, post)
		}
	}
	out.Posts = kept
	out.Area = out.Area || p.Area.Set() && p.Area.first(doc, nil) != nil
	out.Next, out.Last = r.follow(doc, base, &p.Next), r.follow(doc, base, &p.Last)
	return out
}

// follow returns where a link of the page leads; it stays on the site.
func (r *Recipe) follow(doc *html.Node, base *url.URL, f *Field) *url.URL {
	if !f.Set() {
		return nil
	}
	u := web.Address(base, f.of(doc, nil, "href"))
	if u == nil || !sameSite(u, base) || web.Name(u) == web.Name(base) {
		return nil
	}
	return u
}

func sameSite(a, b *url.URL) bool {
	host := func(u *url.URL) string { return strings.TrimPrefix(strings.ToLower(u.Host), "www.") }
	return host(a) == host(b)
}

func (r *Recipe) post(n *html.Node, is map[*html.Node]int, base *url.URL, now time.Time, zone *time.Location) Post {
	p := &r.Posts
	out := Post{Author: clip(oneLine(p.Author.of(n, is, "")), 200), AuthorID: clip(oneLine(p.AuthorID.of(n, is, "")), 200), Link: base.String()}
	if e := p.Text.first(n, is); e != nil {
		out.Text = p.Text.cut(markup.Of(e, func(x *html.Node) bool {
			if _, other := is[x]; other && x != n {
				return true
			}
			for k := range p.Omit {
				if f := &p.Omit[k]; f.sel != nil && x != e && f.sel.Match(x) {
					return true
				}
			}
			return false
		}))
		if p.Text.attr != "" {
			out.Text = markup.Tidy(p.Text.of(n, is, ""))
		}
		out.Text = strings.ToValidUTF8(out.Text[:min(len(out.Text), textLimit)], "")
	}
	written := ""
	if e := p.Date.first(n, is); e != nil {
		written = p.Date.of(n, is, "")
		if at := attr(e, "datetime"); p.Date.attr == "" && at != "" {
			written = at
		}
		out.Date = r.date(written, now, zone)
	}
	out.ID = name(p.ID.of(n, is, ""))
	if out.ID == "" {
		out.ID = name(attr(n, "id"))
	}
	if out.ID == "" && (out.Author != "" || written != "") { // the site gives it none
		sum := sha256.Sum256([]byte(out.Author + "\x00" + written))
		out.ID = "x" + hex.EncodeToString(sum[:8])
	}
	out.Parent = name(p.Parent.of(n, is, ""))
	if out.Author != "" && out.AuthorID == "" {
		out.AuthorID = out.Author
	}
	if u := web.Address(base, p.Link.of(n, is, "href")); u != nil && sameSite(u, base) {
		out.Link = u.String()
	} else if id := attr(n, "id"); id != "" {
		u := *base
		u.Fragment = id
		out.Link = u.String()
	}
	return out
}

func (r *Recipe) date(s string, now time.Time, zone *time.Location) time.Time {
	s = oneLine(s)
	if r.layout != "" {
		if zone == nil {
			zone = time.UTC
		}
		if t, err := time.ParseInLocation(r.layout, s, zone); err == nil && t.Year() > 1990 {
			return t.UTC()
		}
	}
	t, _ := date.Parse(s, now, zone)
	return t
}

// name makes an id of what a page gives: of a link its mark.
func name(s string) string {
	s = oneLine(s)
	if i := strings.LastIndexByte(s, '#'); i >= 0 && i+1 < len(s) {
		s = s[i+1:]
	}
	if len(s) > 100 {
		sum := sha256.Sum256([]byte(s))
		s = "x" + hex.EncodeToString(sum[:8])
	}
	return strings.ToValidUTF8(s, "")
}

func oneLine(s string) string { return strings.Join(strings.Fields(markup.Tidy(s)), " ") }

// A row is one thread of a list.
type row struct {
	URL   *url.URL
	Title string
	Mark  string
}

// threads reads a page of a list.
func (r *Recipe) threads(doc *html.Node, base *url.URL) (out []row, next *url.URL) {
	t := r.Threads
	seen := map[string]bool{}
	take := func(link *html.Node, mark string) {
		at := t.Link
		at.sel = nil // of the element itself
		u := web.Address(base, at.of(link, nil, "href"))
		if u == nil || !sameSite(u, base) || len(out) >= threadsOnPage {
			return
		}
		if u = web.Canonical(u); !seen[u.String()] {
			seen[u.String()] = true
			out = append(out, row{u, clip(oneLine(markup.Of(link, nil)), 200), mark})
		}
	}
	if t.Row.Set() && t.Row.sel != nil {
		for _, n := range t.Row.all(doc, threadsOnPage) {
			if link := t.Link.first(n, nil); link != nil {
				take(link, clip(oneLine(t.Mark.of(n, nil, "")), 100))
			}
		}
	} else {
		for _, link := range t.Link.all(doc, threadsOnPage) {
			take(link, "")
		}
	}
	return out, r.follow(doc, base, &t.Next)
}

// first returns the first element that fits inside of n, but not inside of
// another post.
func (f *Field) first(n *html.Node, is map[*html.Node]int) (found *html.Node) {
	if !f.Set() {
		return nil
	}
	if f.sel == nil {
		return n
	}
	markup.Walk(n, func(x *html.Node, enter bool) bool {
		if _, other := is[x]; found != nil || other && x != n {
			return false
		}
		if enter && x.Type == html.ElementNode && x != n && f.sel.Match(x) {
			found = x
		}
		return found == nil
	})
	return found
}

// all returns the elements that fit, in the page's order.
func (f *Field) all(n *html.Node, most int) (found []*html.Node) {
	markup.Walk(n, func(x *html.Node, enter bool) bool {
		if enter && x.Type == html.ElementNode && len(found) < most && f.sel != nil && f.sel.Match(x) {
			found = append(found, x)
		}
		return true
	})
	return found
}

// of returns what the field says of n. usual is the attribute that is meant where
// the recipe names none; "" = the text.
func (f *Field) of(n *html.Node, is map[*html.Node]int, usual string) string {
	e := f.first(n, is)
	if e == nil {
		return ""
	}
	name := f.attr
	if name == "" {
		name = usual
	}
	if name != "" {
		return f.cut(attr(e, name))
	}
	return f.cut(markup.Of(e, func(x *html.Node) bool { _, other := is[x]; return other && x != n }))
}

// cut keeps what Match asks for.
func (f *Field) cut(s string) string {
	if f.exp == nil {
		return s
	}
	m := f.exp.FindStringSubmatch(s)
	if m == nil {
		return ""
	}
	return m[len(m)-1]
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return strings.TrimSpace(a.Val)
		}
	}
	return ""
}

// Fits reports whether an element is what the field names. It is false for a
// field without a selector.
func (f *Field) Fits(n *html.Node) bool {
	return f.sel != nil && n.Type == html.ElementNode && f.sel.Match(n)
}
