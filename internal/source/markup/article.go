package markup

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// An Article is what a page has to say, and what it says of itself.
type Article struct {
	Title     string
	Text      string // readable part; "" where nothing looks like one
	Sure      bool   // the page itself marks where the text stands
	Published string // as written; "" = not told
	Canonical string // address as written; "" = not told
}

// unlikely and likely are words in the class or id of an element that say what it
// holds.
var (
	unlikely = regexp.MustCompile(`(?i)comment|sidebar|footer|header|menu|nav|breadcrumb|share|social|related|recommend|banner|promo|advert|\bad\b|popular|subscribe|cookie|tags|pagination|widget|copyright|коммент`)
	likely   = regexp.MustCompile(`(?i)article|content|text|body|news|post|story|detail|entry`)
)

// Read finds the readable part of a page. leaveOut may be nil; what it names
// (comments, whose place a recipe knows) is no part of the text.
func Read(doc *html.Node, leaveOut func(*html.Node) bool) Article {
	var out Article
	out.about(doc)
	best, sure := container(doc, func(n *html.Node) bool { return aside(n) || leaveOut != nil && leaveOut(n) })
	if best == nil { // a builder of pages calls everything a widget
		best, sure = container(doc, leaveOut)
	}
	if best == nil {
		return out
	}
	out.Sure = sure
	before, after := beside(best, sure, leaveOut)
	out.Text = strings.TrimSpace(before + Of(best, func(n *html.Node) bool {
		switch {
		case leaveOut != nil && leaveOut(n):
			return true
		case n == best:
			return false
		case n.DataAtom == atom.Nav || n.DataAtom == atom.Footer || n.DataAtom == atom.Aside || n.DataAtom == atom.Form || n.DataAtom == atom.H1 || n.DataAtom == atom.Time || n.DataAtom == atom.Figcaption:
			return true
		}
		name := names(n)
		if name != "" && unlikely.MatchString(name) && !likely.MatchString(name) {
			return true
		}
		// lists of links are a way to other pages
		return (n.DataAtom == atom.Ul || n.DataAtom == atom.Div || n.DataAtom == atom.Section || n.DataAtom == atom.P) && linked(n)
	}) + after)
	return out
}

// leads are words in the class of an element that holds the beginning of an article.
var leads = regexp.MustCompile(`(?i)lead|lid\b|anons|announce|intro|summary|subtitle|preview|perex|standfirst|excerpt`)

// farthest is how many neighbours of an article's element are looked at, on each side.
const farthest = 6

// beside returns what belongs to an article and stands outside of its element: the lead
// before it, and paragraphs that a broken page left behind. sure keeps to the lead.
func beside(best *html.Node, sure bool, leaveOut func(*html.Node) bool) (before, after string) {
	takes := func(n *html.Node) (string, bool) {
		lead := leads.MatchString(names(n))
		if n.DataAtom != atom.P && !lead || n.DataAtom == atom.A || aside(n) || hidden(n) || linked(n) || leaveOut != nil && leaveOut(n) || !lead && sure {
			return "", false
		}
		text := Of(n, leaveOut)
		size := utf8.RuneCountInString(text)
		return text, size >= 80 || lead && size >= 25 && size < 1500
	}
	for n, k := best.PrevSibling, 0; n != nil && k < farthest; n = n.PrevSibling {
		if n.Type != html.ElementNode {
			continue
		}
		k++
		if text, ok := takes(n); ok {
			before = text + "\n\n" + before
		}
	}
	for n, k := best.NextSibling, 0; n != nil && k < farthest && !sure; n = n.NextSibling {
		if n.Type != html.ElementNode {
			continue
		}
		text, ok := takes(n)
		if k++; !ok || n.DataAtom != atom.P { // what follows something else is something else
			break
		}
		after += "\n\n" + text
	}
	return before, after
}

// aside reports whether an element stands beside an article by what it is or is called.
func aside(n *html.Node) bool {
	switch n.DataAtom {
	case atom.Aside, atom.Nav, atom.Footer:
		return true
	case atom.Body, atom.Html, atom.Main, atom.Article:
		return false
	}
	name := names(n)
	return unlikely.MatchString(name) && !likely.MatchString(name)
}

// about reads what the head and the first heading say.
func (a *Article) about(doc *html.Node) {
	var og, h1, title, stamp string
	Walk(doc, func(n *html.Node, enter bool) bool {
		if !enter || n.Type != html.ElementNode {
			return true
		}
		switch n.DataAtom {
		case atom.Meta:
			value := attr(n, "content")
			switch strings.ToLower(first(attr(n, "property"), attr(n, "name"), attr(n, "itemprop"))) {
			case "og:title":
				og = first(og, value)
			case "article:published_time", "datepublished", "og:published_time", "pubdate", "mediator_published_time":
				a.Published = first(a.Published, value)
			case "og:url":
				a.Canonical = first(a.Canonical, value)
			}
		case atom.Link:
			if strings.EqualFold(attr(n, "rel"), "canonical") {
				a.Canonical = attr(n, "href")
			}
		case atom.Title:
			title = first(title, Of(n, nil))
		case atom.H1:
			h1 = first(h1, Of(n, nil))
		case atom.Time:
			stamp = first(stamp, attr(n, "datetime"))
		case atom.Script:
			if a.Published == "" && strings.Contains(attr(n, "type"), "ld+json") && n.FirstChild != nil {
				if m := publishedJSON.FindStringSubmatch(n.FirstChild.Data); m != nil {
					a.Published = m[1]
				}
			}
			return false
		}
		return true
	})
	a.Title = strings.Join(strings.Fields(first(h1, og, title)), " ")
	a.Published = first(a.Published, stamp)
}

var publishedJSON = regexp.MustCompile(`"datePublished"\s*:\s*"([^"]{4,60})"`)

// container returns the element that holds the article, and whether the page
// itself says so.
func container(doc *html.Node, leaveOut func(*html.Node) bool) (best *html.Node, sure bool) {
	scores := map[*html.Node]float64{}
	var order []*html.Node // for equal scores: the first
	add := func(n *html.Node, s float64) {
		if n == nil || n.Type != html.ElementNode {
			return
		}
		if _, known := scores[n]; !known {
			order = append(order, n)
			name := names(n)
			switch {
			case n.DataAtom == atom.Article || n.DataAtom == atom.Main:
				scores[n] = 10
			case likely.MatchString(name):
				scores[n] = 5
			}
			if unlikely.MatchString(name) {
				scores[n] -= 10
			}
		}
		scores[n] += s
	}
	var marked *html.Node
	Walk(doc, func(n *html.Node, enter bool) bool {
		if !enter || n.Type != html.ElementNode {
			return true
		}
		if silent[n.DataAtom] || hidden(n) || leaveOut != nil && leaveOut(n) {
			return false
		}
		if marked == nil && strings.EqualFold(attr(n, "itemprop"), "articleBody") {
			marked = n
		}
		if n.DataAtom != atom.P && (n.DataAtom != atom.Div || wraps(n)) && n.DataAtom != atom.Pre && n.DataAtom != atom.Blockquote {
			return true
		}
		text := Of(n, leaveOut)
		size := utf8.RuneCountInString(text)
		if size < 25 || linked(n) {
			return true
		}
		s := 1 + float64(strings.Count(text, ",")) + min(float64(size)/100, 5)
		add(n.Parent, s)
		if n.Parent != nil {
			add(n.Parent.Parent, s/2)
		}
		return true
	})
	if marked != nil {
		return marked, true
	}
	top := 0.0
	for _, n := range order {
		if s := scores[n]; s > top {
			best, top = n, s
		}
	}
	return best, false
}

// wraps reports whether a div holds blocks, and is no paragraph itself.
func wraps(n *html.Node) bool {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.Type == html.ElementNode && blocks[c.DataAtom] > 0 && c.DataAtom != atom.Br {
			return true
		}
	}
	return false
}

// linked reports whether most words of an element are links. It looks at the
// beginning only: a page has many elements.
func linked(n *html.Node) bool {
	all, inside, seen := 0, 0, 0
	Walk(n, func(x *html.Node, enter bool) bool {
		if !enter || seen > 400 {
			return seen <= 400
		}
		seen++
		if x.Type == html.TextNode {
			size := len(strings.TrimSpace(x.Data))
			all += size
			for up := x.Parent; up != nil && up != n.Parent; up = up.Parent {
				if up.DataAtom == atom.A {
					inside += size
					break
				}
			}
		}
		return true
	})
	return all > 0 && inside*10 > all*6
}

func names(n *html.Node) string { return attr(n, "class") + " " + attr(n, "id") }

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return strings.TrimSpace(a.Val)
		}
	}
	return ""
}

func first(list ...string) string {
	for _, s := range list {
		if s != "" {
			return s
		}
	}
	return ""
}
