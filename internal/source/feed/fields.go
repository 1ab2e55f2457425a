package feed

import (
	"bytes"
	"strings"
	"time"

	"golang.org/x/net/html"

	"otklik/internal/source/date"
)

// deepest is how many levels of an item are told apart; what lies deeper counts
// to the level above.
const deepest = 16

// A value is one element of an item.
type value struct {
	name                   string // with its prefix, small letters
	depth                  int    // 0 for the item itself
	text                   string // its text; with the markup inside it, escaped as HTML, where it has children
	href, rel, kind, about string
	notLink                bool // a guid that is no address
}

// parse reads the elements of an item. It never fails: a tokenizer that was made
// for the pages of strangers reads what there is. Elements come in the order in
// which they end.
func parse(xml []byte) (out []value) {
	z := html.NewTokenizer(bytes.NewReader(xml))
	z.AllowCDATA(true)
	type open struct {
		value
		body  strings.Builder
		inner bool // it has elements inside
		raw   bool // its text stands as raw text: CDATA is not seen by the tokenizer
	}
	var stack []*open
	shut := func() {
		o := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		o.text = strings.TrimSpace(o.body.String())
		if o.raw {
			o.text = strings.TrimSpace(strings.TrimSuffix(strings.TrimPrefix(o.text, "<![CDATA["), "]]>"))
		}
		out = append(out, o.value)
		if n := len(stack); n > 0 { // what is unescaped HTML belongs to the element around it
			p := stack[n-1]
			if p.body.Len() < DefaultLimit {
				if !p.inner {
					p.inner = true
					before := p.body.String()
					p.body.Reset()
					p.body.WriteString(html.EscapeString(before))
				}
				body := o.body.String()
				if !o.inner && !o.raw {
					body = html.EscapeString(body)
				}
				p.body.WriteString("<" + o.name + ">" + body + "</" + o.name + ">")
			}
		}
	}
	for {
		switch z.Next() {
		case html.ErrorToken:
			for len(stack) > 0 {
				shut()
			}
			return out
		case html.TextToken:
			if n := len(stack); n > 0 {
				o := stack[n-1]
				if text := string(z.Text()); o.inner {
					o.body.WriteString(html.EscapeString(text))
				} else {
					o.body.WriteString(text)
				}
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			t := z.Token()
			o := &open{value: value{name: t.Data, depth: len(stack)}}
			switch t.Data {
			case "title", "textarea", "style", "script", "xmp", "iframe", "noembed", "noframes", "noscript", "plaintext":
				o.raw = t.Type == html.StartTagToken
			}
			for _, a := range t.Attr {
				switch a.Key {
				case "href":
					o.href = a.Val
				case "rel":
					o.rel = strings.ToLower(a.Val)
				case "type":
					o.kind = strings.ToLower(a.Val)
				case "rdf:about":
					o.about = a.Val
				case "ispermalink":
					o.notLink = strings.EqualFold(a.Val, "false")
				}
			}
			stack = append(stack, o)
			if t.Type == html.SelfClosingTagToken || void[t.Data] {
				shut()
			} else if len(stack) > deepest {
				stack = stack[:len(stack)-1]
			}
		case html.EndTagToken:
			name, _ := z.TagName()
			for i := len(stack) - 1; i >= 0; i-- {
				if stack[i].name == string(name) {
					for len(stack) > i {
						shut()
					}
					break
				}
			}
		}
	}
}

// void elements of HTML have no end.
var void = map[string]bool{"br": true, "img": true, "hr": true, "input": true, "meta": true, "wbr": true, "source": true, "embed": true}

// readDate reads a date of a document; bad says that what stands there is none.
func readDate(s string, o Options) (t time.Time, bad bool) {
	if strings.TrimSpace(s) == "" {
		return time.Time{}, false
	}
	t, ok := date.Parse(s, o.Now, o.Zone)
	return t, !ok
}
