package feed

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strings"
)

// Bounds of what is not an item.
const (
	headLimit = 64 << 10 // what stands around the items, kept for the feed's own title
	tagLimit  = 64 << 10
)

// itemNames say by the root of a document what its items are called.
var itemNames = map[string]string{"rss": "item", "rdf": "item", "channel": "item", "feed": "entry", "urlset": "url", "sitemapindex": "sitemap"}

// A chunker cuts a stream of XML into its items by their tags alone, so that one
// broken item spoils nothing but itself and one of any size is passed over
// without being held. It knows comments, CDATA, processing instructions and the
// document type, which it skips: nothing that a document declares is expanded.
type chunker struct {
	r      *bufio.Reader
	limit  int // of an item, in bytes
	line   int
	root   string // local name, small letters
	closed bool   // its end tag was seen

	head   []byte
	item   string // full name of the item under way
	buf    []byte
	at     int // line where it began
	over   bool
	tagged []byte // the last tag
	held   []byte // start tag of an item that began before the one under way had ended
}

// A chunk is one item with its tags.
type chunk struct {
	xml  []byte
	line int
	over bool // it is larger than the limit, and xml is its beginning
	cut  bool // the document ends within it
}

func newChunker(r io.Reader, limit int) *chunker {
	return &chunker{r: bufio.NewReaderSize(r, 64<<10), limit: limit, line: 1}
}

// keep notes bytes that were read.
func (c *chunker) keep(b []byte) {
	c.line += bytes.Count(b, []byte{'\n'})
	switch {
	case c.item != "":
		room := max(c.limit-len(c.buf), 0)
		if len(b) > room {
			c.over = true
		}
		c.buf = append(c.buf, b[:min(len(b), room)]...)
	case len(c.head) < headLimit:
		c.head = append(c.head, b[:min(len(b), headLimit-len(c.head))]...)
	}
}

// until reads to the end of the mark and keeps it.
func (c *chunker) until(mark string) error {
	last := mark[len(mark)-1]
	var tail []byte
	for {
		b, err := c.r.ReadSlice(last)
		c.keep(b)
		tail = append(tail, b[max(0, len(b)-len(mark)):]...)
		tail = tail[max(0, len(tail)-len(mark)):]
		if err == nil && string(tail) == mark {
			return nil
		}
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return err
		}
	}
}

// tag reads a tag to its end, behind the «<» that was read; it is valid until the
// next one. Quotes hide a «>».
func (c *chunker) tag() ([]byte, error) {
	b := append(c.tagged[:0], '<')
	defer func() { c.tagged = b }()
	var quote byte
	for len(b) < tagLimit {
		x, err := c.r.ReadByte()
		if err != nil {
			return b, err
		}
		b = append(b, x)
		switch {
		case quote != 0:
			if x == quote {
				quote = 0
			}
		case (x == '"' || x == '\'') && b[len(b)-2] == '=':
			quote = x
		case x == '>':
			return b, nil
		}
	}
	return b, nil
}

// next returns the next item; io.EOF behind the last one.
func (c *chunker) next() (chunk, error) {
	if c.held != nil {
		held := c.held
		c.held = nil
		c.begin(held)
	}
	for {
		if err := c.until("<"); err != nil {
			return c.end(err)
		}
		ahead, _ := c.r.Peek(8)
		var err error
		switch {
		case bytes.HasPrefix(ahead, []byte("![CDATA[")):
			err = c.until("]]>")
		case bytes.HasPrefix(ahead, []byte("!--")):
			err = c.until("-->")
		case bytes.HasPrefix(ahead, []byte("?")):
			err = c.until("?>")
		case bytes.HasPrefix(ahead, []byte("!")):
			err = c.doctype()
		case len(ahead) > 0 && (ahead[0] == '/' || ahead[0] >= 'A' && ahead[0] <= 'Z' || ahead[0] >= 'a' && ahead[0] <= 'z'):
			var tag []byte
			if tag, err = c.tag(); err == nil {
				if out, ok := c.take(tag); ok {
					return out, nil
				}
			}
		}
		if err != nil {
			return c.end(err)
		}
	}
}

// doctype passes over a document type with what it declares.
func (c *chunker) doctype() error {
	depth := 0
	for range 1 << 20 {
		x, err := c.r.ReadByte()
		if err != nil {
			return err
		}
		if x == '\n' {
			c.line++
		}
		switch x {
		case '[':
			depth++
		case ']':
			depth--
		case '>':
			if depth <= 0 {
				return nil
			}
		}
	}
	return nil
}

// take looks at a tag; ok says that an item has ended with it. The «<» of the tag
// is kept already.
func (c *chunker) take(tag []byte) (out chunk, ok bool) {
	name, closing := tagName(tag)
	local := strings.ToLower(name[strings.IndexByte(name, ':')+1:])
	empty := bytes.HasSuffix(tag, []byte("/>"))
	switch {
	case c.item == "" && closing && local == c.root:
		c.closed = true
	case c.item == "" && !closing && c.root == "":
		c.root = local
	case c.item == "" && !closing && !empty && local == itemNames[c.root]:
		if n := len(c.head); n > 0 && c.head[n-1] == '<' {
			c.head = c.head[:n-1]
		}
		c.begin(tag)
		return chunk{}, false
	case c.item != "" && name == c.item && closing:
		c.keep(tag[1:])
		return c.done(false), true
	case c.item != "" && name == c.item && !empty: // the one before was never closed
		out = c.done(false)
		out.xml = bytes.TrimSuffix(out.xml, []byte{'<'})
		c.held = bytes.Clone(tag)
		return out, true
	}
	c.keep(tag[1:])
	return chunk{}, false
}

func (c *chunker) begin(tag []byte) {
	c.item, _ = tagName(tag)
	c.at = c.line
	c.keep(tag)
}

func (c *chunker) done(cut bool) chunk {
	out := chunk{xml: c.buf, line: c.at, over: c.over, cut: cut}
	c.item, c.buf, c.over = "", nil, false
	return out
}

// end gives the item that the document's end cut off, then the end.
func (c *chunker) end(err error) (chunk, error) {
	if c.item != "" && errors.Is(err, io.EOF) {
		return c.done(true), nil
	}
	return chunk{}, err
}

// tagName returns the name of a tag and whether it closes.
func tagName(tag []byte) (name string, closing bool) {
	b := tag[1:]
	if len(b) > 0 && b[0] == '/' {
		closing, b = true, b[1:]
	}
	end := bytes.IndexAny(b, " \t\r\n/>")
	if end < 0 {
		end = len(b)
	}
	return string(b[:min(end, 100)]), closing
}
