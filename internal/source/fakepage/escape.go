package fakepage

import (
	"bytes"
	"errors"
	"fmt"
	"html"
	"net/url"
	"reflect"
	"regexp"
	"strings"
)

// where is the place that a value is written to.
type where int

const (
	inText  where = iota
	inValue       // of an attribute that is shown or sent back
	inStyle       // style="…"
	inLink        // the beginning of an address
	inPath        // an address's further part
	inQuery       // an address after ? or #
)

// write writes a value as its place wants it.
func write(b *bytes.Buffer, v reflect.Value) error {
	if v = under(v); !v.IsValid() {
		return nil
	}
	at, err := place(b.Bytes())
	if err != nil {
		return err
	}
	if !v.CanInterface() {
		return fmt.Errorf("a %s cannot be shown", v.Type())
	}
	switch x := v.Interface().(type) {
	case HTML:
		if at != inText {
			return errors.New("markup stands in an attribute")
		}
		b.WriteString(string(x))
		return nil
	case CSS:
		if at != inStyle {
			return errors.New("a style stands outside of style=\"…\"")
		}
		b.WriteString(html.EscapeString(string(x)))
		return nil
	}
	switch v.Kind() {
	case reflect.Struct, reflect.Slice, reflect.Array, reflect.Map, reflect.Func:
		return fmt.Errorf("a %s cannot be shown", v.Type())
	}
	s := fmt.Sprint(v.Interface())
	switch at {
	case inStyle:
		return errors.New("a value stands in a style: make it a CSS")
	case inLink:
		if !harmless(s) {
			s = "#blocked"
		}
		s = normal(s)
	case inPath:
		s = normal(s)
	case inQuery:
		s = strings.ReplaceAll(url.QueryEscape(s), "+", "%20")
	}
	b.WriteString(html.EscapeString(s))
	return nil
}

var (
	openAttribute = regexp.MustCompile(`\s([a-zA-Z-]+)="([^"]*)$`)
	rawElement    = regexp.MustCompile(`(?i)^<(script|style)\b`)
)

// place finds out where the text so far ends. Values are escaped, so that a <, >
// or " in it is the template's own.
func place(so []byte) (where, error) {
	open, shut := bytes.LastIndexByte(so, '<'), bytes.LastIndexByte(so, '>')
	if open <= shut {
		if m := rawElement.FindSubmatch(so[max(open, 0):]); m != nil {
			return 0, fmt.Errorf("a value stands in <%s>", m[1])
		}
		return inText, nil
	}
	m := openAttribute.FindSubmatch(so[open:])
	if m == nil {
		return 0, errors.New("a value stands in a tag, outside of an attribute's double quotes")
	}
	name, so := strings.ToLower(string(m[1])), m[2]
	switch {
	case name == "style":
		return inStyle, nil
	case strings.HasPrefix(name, "on") || name == "srcset" || name == "srcdoc":
		return 0, fmt.Errorf("a value stands in %s=", name)
	case name != "href" && name != "src" && name != "action" && name != "formaction":
		return inValue, nil
	case len(so) == 0:
		return inLink, nil
	case bytes.ContainsAny(so, "?#"):
		return inQuery, nil
	}
	return inPath, nil
}

// harmless reports whether an address leads to a page: here, or by one of the
// schemes that pages have.
func harmless(s string) bool {
	before, _, ok := strings.Cut(s, ":")
	if !ok || strings.ContainsAny(before, "/?#") {
		return true
	}
	switch strings.ToLower(before) {
	case "http", "https", "mailto", "tel":
		return true
	}
	return false
}

// normal writes what an address cannot hold as %XX and leaves its parts alone.
func normal(s string) string {
	var b strings.Builder
	for i := range len(s) {
		if c := s[i]; c > ' ' && c < 0x7f && !strings.ContainsRune("\"'<>\\^`{|}", rune(c)) {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}
