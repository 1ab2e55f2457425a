package attachment

import (
	"cmp"
	"encoding/json"
	"net/url"
	"path"
	"strings"
	"unicode/utf8"
)

// Longest address and title that are kept, in bytes.
const (
	longestURL   = 2000
	longestTitle = 300
)

// extensions tell the kind of an address that says nothing else.
var extensions = map[string]Kind{
	".jpg": Photo, ".jpeg": Photo, ".png": Photo, ".webp": Photo, ".gif": Photo, ".heic": Photo,
	".mp4": Video, ".mov": Video, ".avi": Video, ".webm": Video, ".3gp": Video,
	".pdf": Document, ".doc": Document, ".docx": Document, ".xls": Document, ".xlsx": Document,
}

// KindOf guesses the kind of what an address leads to: a Link where nothing tells.
func KindOf(address string) Kind {
	if u, err := url.Parse(address); err == nil {
		address = u.Path
	}
	if k := extensions[strings.ToLower(path.Ext(address))]; k != "" {
		return k
	}
	return Link
}

// ParseRefs reads what programs and files say of attachments: addresses parted by
// blanks, a list of addresses, or a list of objects {"url", "kind", "title"}. What is
// none of that is passed over: an odd attachment must not lose a resident's message.
func ParseRefs(raw []byte) (refs []Ref) {
	var list []json.RawMessage
	if json.Unmarshal(raw, &list) != nil {
		list = []json.RawMessage{raw}
	}
	for _, one := range list {
		var words string
		var o struct {
			URL   string `json:"url"`
			Kind  string `json:"kind"`
			Type  string `json:"type"`
			Title string `json:"title"`
		}
		switch {
		case json.Unmarshal(one, &words) == nil:
			refs = append(refs, Split(words)...)
		case json.Unmarshal(one, &o) == nil && o.URL != "":
			refs = append(refs, Ref{Kind: Kind(cmp.Or(o.Kind, o.Type)), URL: o.URL, Title: o.Title})
		}
		if len(refs) >= 4*MostOfMessage {
			break
		}
	}
	return Tidy(refs)
}

// Split reads addresses that stand in one field, parted by blanks, commas before a
// blank, or semicolons.
func Split(words string) (refs []Ref) {
	for _, w := range strings.FieldsFunc(words, func(r rune) bool { return r == ' ' || r == '\n' || r == '\r' || r == '\t' || r == ';' || r == '|' }) {
		if w = strings.Trim(w, ","); w != "" {
			refs = append(refs, Ref{URL: w})
		}
	}
	return refs
}

// Tidy returns the references that can be kept: with an address that a browser opens or
// a path inside of an export, of a known kind, not too long, not too many.
func Tidy(refs []Ref) (out []Ref) {
	for _, r := range refs {
		r.URL, r.Title, r.Name = clean(r.URL), clean(r.Title), clean(r.Name)
		if len(r.URL) > longestURL || len(r.Name) > longestTitle || !openable(r.URL) {
			r.URL = ""
		}
		if len(r.Title) > longestTitle {
			r.Title = strings.ToValidUTF8(r.Title[:longestTitle], "")
		}
		if r.Key() == "" || len(r.Name) > longestTitle {
			continue
		}
		if kindWords[r.Kind] == "" {
			r.Kind = KindOf(r.URL)
		}
		if r.Kind == Link && Inside(r.URL) { // «нет» in a column of photos
			continue
		}
		if out = append(out, r); len(out) == MostOfMessage {
			break
		}
	}
	return out
}

// openable reports whether the address is one of the web, or a path inside of a folder.
func openable(s string) bool {
	u, err := url.Parse(s)
	if err != nil || s == "" {
		return false
	}
	if u.Scheme == "http" || u.Scheme == "https" {
		return u.Host != "" && u.User == nil
	}
	return Inside(s)
}

// Inside reports whether the address is a path inside of an export's folder.
func Inside(s string) bool {
	return s != "" && !strings.Contains(s, "://") && !strings.ContainsAny(s, "\\:\x00") && !path.IsAbs(s) && path.Clean(s) == s && s != "." && s != ".." && !strings.HasPrefix(s, "../")
}

func clean(s string) string {
	s = strings.TrimSpace(s)
	if !utf8.ValidString(s) || strings.IndexByte(s, 0) >= 0 {
		s = strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
	}
	return s
}
