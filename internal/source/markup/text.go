// Package markup turns foreign HTML into plain text: a fragment as feeds and
// letters carry it (Text), an element of a page (Of), and the readable part of
// a whole page (Read). It keeps no markup, runs nothing, asks no network,
// and its work grows with the size of its input alone.
package markup

import (
	"strings"
	"unicode"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// silent elements say nothing to a reader.
var silent = map[atom.Atom]bool{
	atom.Script: true, atom.Style: true, atom.Noscript: true, atom.Iframe: true, atom.Template: true, atom.Head: true, atom.Object: true, atom.Embed: true, atom.Svg: true,
	atom.Math: true, atom.Canvas: true, atom.Select: true, atom.Textarea: true, atom.Button: true, atom.Input: true, atom.Audio: true, atom.Video: true, atom.Noembed: true, atom.Noframes: true,
}

// blocks stand on lines of their own; wide ones have an empty line around them.
var blocks = map[atom.Atom]int{
	atom.Br: 1, atom.Div: 1, atom.Li: 1, atom.Tr: 1, atom.Dt: 1, atom.Dd: 1, atom.Section: 1, atom.Article: 1, atom.Header: 1, atom.Footer: 1, atom.Main: 1, atom.Aside: 1, atom.Nav: 1,
	atom.Figure: 1, atom.Figcaption: 1, atom.Form: 1, atom.Fieldset: 1, atom.Address: 1, atom.Table: 1, atom.Ul: 1, atom.Ol: 1, atom.Dl: 1, atom.Hr: 1, atom.Caption: 1, atom.Details: 1, atom.Summary: 1,
	atom.P: 2, atom.H1: 2, atom.H2: 2, atom.H3: 2, atom.H4: 2, atom.H5: 2, atom.H6: 2, atom.Blockquote: 2, atom.Pre: 2,
}

// Text returns what a fragment of HTML says. A text without markup comes back
// with its white space tidied; one that was escaped twice is read twice.
func Text(fragment string) string {
	out := once(fragment)
	if looksLikeHTML(out) {
		out = once(out)
	}
	return out
}

func looksLikeHTML(s string) bool {
	for _, tag := range []string{"<p", "<br", "<div", "<span", "<a ", "<img", "</"} {
		if strings.Contains(s, tag) {
			return true
		}
	}
	return false
}

func once(fragment string) string {
	if !strings.ContainsAny(fragment, "<&") {
		return Tidy(fragment)
	}
	z := html.NewTokenizer(strings.NewReader(fragment))
	var w writer
	skip, depth := atom.Atom(0), 0
	for {
		switch z.Next() {
		case html.ErrorToken:
			return w.String()
		case html.TextToken:
			if skip == 0 {
				w.text(string(z.Text()))
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			name, _ := z.TagName()
			a := atom.Lookup(name)
			switch {
			case skip != 0:
				if a == skip {
					depth++
				}
			case silent[a] && a != atom.Input && a != atom.Embed && a != atom.Head:
				skip, depth = a, 1
			default:
				w.line(blocks[a])
			}
		case html.EndTagToken:
			name, _ := z.TagName()
			a := atom.Lookup(name)
			switch {
			case skip != 0 && a == skip:
				if depth--; depth == 0 {
					skip = 0
				}
			case skip == 0 && a != atom.Br:
				w.line(blocks[a])
			}
		}
	}
}

// Of returns what an element says without what is left out of it.
func Of(n *html.Node, leaveOut func(*html.Node) bool) string {
	var w writer
	Walk(n, func(n *html.Node, enter bool) bool {
		switch {
		case n.Type == html.TextNode && enter:
			w.text(n.Data)
		case n.Type == html.ElementNode:
			if enter && (silent[n.DataAtom] || hidden(n) || leaveOut != nil && leaveOut(n)) {
				return false
			}
			if enter || n.DataAtom != atom.Br {
				w.line(blocks[n.DataAtom])
			}
		}
		return true
	})
	return w.String()
}

// hidden reports whether the page itself says that nobody sees the element.
func hidden(n *html.Node) bool {
	for _, a := range n.Attr {
		switch a.Key {
		case "hidden":
			return true
		case "aria-hidden":
			return a.Val == "true"
		case "style":
			if s := strings.ReplaceAll(strings.ToLower(a.Val), " ", ""); strings.Contains(s, "display:none") || strings.Contains(s, "visibility:hidden") {
				return true
			}
		}
	}
	return false
}

// Walk goes through a tree without recursion: pages of strangers are deep. visit
// is told of each node when it is entered, and of elements when they are left;
// false on entering leaves the inside out.
func Walk(root *html.Node, visit func(n *html.Node, enter bool) bool) {
	for n := root; n != nil; {
		if visit(n, true) && n.FirstChild != nil {
			n = n.FirstChild
			continue
		}
		for {
			if n.Type == html.ElementNode {
				visit(n, false)
			}
			if n == root {
				return
			}
			if n.NextSibling != nil {
				n = n.NextSibling
				break
			}
			n = n.Parent
		}
	}
}

// Tidy takes away what nobody sees: control characters, soft hyphens, runs of
// spaces, more than one empty line.
func Tidy(s string) string {
	var w writer
	for i, line := range strings.Split(strings.ReplaceAll(s, "\r\n", "\n"), "\n") {
		if i > 0 {
			w.breaks++
		}
		w.text(line)
	}
	return w.String()
}

// A writer joins pieces of text; breaks wait until something follows.
type writer struct {
	sb     strings.Builder
	breaks int
	space  bool
}

func (w *writer) line(n int) { w.breaks = max(w.breaks, n) }

func (w *writer) text(s string) {
	for _, r := range s {
		switch {
		case r == '\u00ad' || r == '\u200b' || r == '\ufeff' || r == '\u2060':
			continue
		case unicode.IsSpace(r):
			w.space = true
			continue
		case unicode.IsControl(r) || r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069': // they turn the text around
			continue
		}
		if w.sb.Len() > 0 {
			switch {
			case w.breaks > 1:
				w.sb.WriteString("\n\n")
			case w.breaks == 1:
				w.sb.WriteByte('\n')
			case w.space:
				w.sb.WriteByte(' ')
			}
		}
		w.breaks, w.space = 0, false
		w.sb.WriteRune(r)
	}
}

func (w *writer) String() string { return w.sb.String() }
