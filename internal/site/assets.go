package site

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
)

const assetRoot = "/assets/"

//go:embed assets/*.css assets/*.js assets/*.woff2 assets/*.svg assets/*.gz
var files embed.FS

// An asset is one embedded file under a name that changes with its content.
type asset struct {
	url  string
	kind string
	body []byte
	gzip func() []byte // nil for what is compressed already
}

var kinds = map[string]string{
	".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".mjs": "text/javascript; charset=utf-8",
	".woff2": "font/woff2", ".svg": "image/svg+xml",
}

type assetSet struct {
	byName, byURL map[string]*asset
}

// assets reads the embedded files once. Stylesheets come last: they name fonts by their hashed URLs.
var assets = sync.OnceValue(func() assetSet {
	set := assetSet{byName: map[string]*asset{}, byURL: map[string]*asset{}}
	entries, err := files.ReadDir("assets")
	if err != nil {
		panic("site: embedded assets: " + err.Error()) // a broken build
	}
	var sheets []string
	for _, e := range entries {
		name := strings.TrimSuffix(e.Name(), packed)
		if strings.HasSuffix(name, ".css") {
			sheets = append(sheets, name)
			continue
		}
		set.add(name, mustRead(name))
	}
	for _, name := range sheets {
		body := mustRead(name)
		if name == "tabler.css" {
			set.add("tabler-auto.css", darkAuto(body))
		}
		set.add(name, set.linkFonts(body))
	}
	return set
})

// packed ends the names of large files: they stand compressed in the binary.
const packed = ".gz"

func mustRead(name string) []byte {
	body, err := files.ReadFile("assets/" + name)
	if err == nil {
		return body
	}
	f, err := files.Open("assets/" + name + packed)
	if err == nil {
		defer f.Close()
		var z *gzip.Reader
		if z, err = gzip.NewReader(f); err == nil {
			body, err = io.ReadAll(z)
		}
	}
	if err != nil {
		panic("site: embedded asset: " + err.Error())
	}
	return body
}

func (set assetSet) add(name string, body []byte) {
	sum := sha256.Sum256(body)
	ext := path.Ext(name)
	a := &asset{kind: kinds[ext], body: body,
		url: assetRoot + strings.TrimSuffix(name, ext) + "-" + hex.EncodeToString(sum[:6]) + ext}
	if ext != ".woff2" {
		a.gzip = sync.OnceValue(func() []byte { return Squeeze(body) })
	}
	set.byName[name], set.byURL[a.url] = a, a
}

func (set assetSet) linkFonts(css []byte) []byte {
	for name, a := range set.byName {
		if strings.HasSuffix(name, ".woff2") {
			css = bytes.ReplaceAll(css, []byte(`url("`+name+`")`), []byte(`url("`+a.url+`")`))
		}
	}
	return css
}

// Squeeze returns body as gzip.
func Squeeze(body []byte) []byte {
	var buf bytes.Buffer
	z, _ := gzip.NewWriterLevel(&buf, gzip.BestCompression)
	_, _ = z.Write(body)
	_ = z.Close()
	return buf.Bytes()
}

// Asset returns the URL of an embedded file: «/assets/desk-3fa9….css». It
// panics for a name that is not embedded, which any test of the page sees.
func Asset(name string) string {
	a, ok := assets().byName[name]
	if !ok {
		panic("site: no asset " + strconv.Quote(name))
	}
	return a.url
}

// AssetBody returns the bytes of an embedded file that needs an address of its own.
func AssetBody(name string) []byte { return assets().byName[name].body }

// Assets serves the embedded files. Their names hold a hash of the content, so
// that a browser may keep them for ever.
func Assets() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a, ok := assets().byURL[r.URL.Path]
		if !ok {
			http.NotFound(w, r)
			return
		}
		h := w.Header()
		h.Set("Content-Type", a.kind)
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
		body := a.body
		if a.gzip != nil {
			h.Set("Vary", "Accept-Encoding")
			if AcceptsGzip(r) {
				h.Set("Content-Encoding", "gzip")
				body = a.gzip()
			}
		}
		h.Set("Content-Length", strconv.Itoa(len(body)))
		if r.Method != http.MethodHead {
			_, _ = w.Write(body)
		}
	})
}

// AcceptsGzip reports whether the visitor takes gzip.
func AcceptsGzip(r *http.Request) bool {
	return slices.ContainsFunc(strings.Split(r.Header.Get("Accept-Encoding"), ","), func(part string) bool {
		name, q, _ := strings.Cut(strings.TrimSpace(part), ";")
		return name == "gzip" && strings.TrimSpace(q) != "q=0"
	})
}

const (
	darkMark = "[data-bs-theme=dark]"
	autoMark = "[data-bs-theme=auto]"
)

// darkAuto returns the rules of a stylesheet that hold in the dark theme,
// rewritten for the theme "auto". The page links them for
// (prefers-color-scheme: dark), so that a browser without script is dark when
// its system is.
func darkAuto(css []byte) []byte {
	var out bytes.Buffer
	copyDark(&out, string(css))
	return out.Bytes()
}

func copyDark(out *bytes.Buffer, css string) {
	for css != "" {
		open := strings.IndexAny(css, "{;")
		if open < 0 {
			return
		}
		if css[open] == ';' { // @charset and the like
			css = css[open+1:]
			continue
		}
		end := closing(css, open)
		head, body := css[:open], css[open+1:end]
		css = css[min(end+1, len(css)):]
		if i := strings.LastIndex(head, "*/"); i >= 0 {
			head = head[i+2:]
		}
		switch {
		case strings.HasPrefix(head, "@media") && strings.Contains(body, darkMark), strings.HasPrefix(head, "@supports") && strings.Contains(body, darkMark):
			out.WriteString(head + "{")
			copyDark(out, body)
			out.WriteString("}")
		case strings.Contains(head, darkMark) && !strings.HasPrefix(head, "@"):
			var dark []string
			for part := range strings.SplitSeq(head, ",") {
				if strings.Contains(part, darkMark) && !strings.Contains(part, ":not(") && !strings.Contains(part, "=light") {
					dark = append(dark, strings.ReplaceAll(part, darkMark, autoMark))
				}
			}
			if len(dark) > 0 {
				out.WriteString(strings.Join(dark, ",") + "{" + body + "}")
			}
		}
	}
}

// closing returns the index of the brace that closes the one at open.
func closing(css string, open int) int {
	depth := 0
	for i := open; i < len(css); i++ {
		switch css[i] {
		case '{':
			depth++
		case '}':
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return len(css)
}
