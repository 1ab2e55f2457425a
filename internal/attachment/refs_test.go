package attachment

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestRefsAreReadHoweverTheyAreWritten(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		raw  string
		want []Ref
	}{
		"one address":    {`"https://a.example/1.JPG?x=1"`, []Ref{{Kind: Photo, URL: "https://a.example/1.JPG?x=1"}}},
		"two in a field": {`"https://a.example/1.jpg, https://a.example/2.mp4"`, []Ref{{Kind: Photo, URL: "https://a.example/1.jpg"}, {Kind: Video, URL: "https://a.example/2.mp4"}}},
		"a list":         {`["https://a.example/1.png", 5, null, {"title":"без адреса"}]`, []Ref{{Kind: Photo, URL: "https://a.example/1.png"}}},
		"objects":        {`[{"url":"https://a.example/x","kind":"photo","title":"двор"},{"url":"https://a.example/y","type":"image/png"}]`, []Ref{{Kind: Photo, URL: "https://a.example/x", Title: "двор"}, {Kind: Link, URL: "https://a.example/y"}}},
		"an export":      {`"photos/photo_1@01-02-2026.jpg"`, []Ref{{Kind: Photo, URL: "photos/photo_1@01-02-2026.jpg"}}},
		"a script":       {`["javascript:alert(1)","file:///etc/passwd","data:image/png;base64,aa","../../etc/passwd","/etc/passwd","https://me:word@a.example/1.jpg","a/../../b.jpg"]`, nil},
		"a long one":     {`"https://a.example/` + strings.Repeat("x", longestURL) + `.jpg"`, nil},
		"nothing":        {`{}`, nil},
		"no JSON":        {`[`, nil},
	} {
		if diff := cmp.Diff(c.want, ParseRefs([]byte(c.raw))); diff != "" {
			t.Errorf("%s differs:\n%s", name, diff)
		}
	}
	if n := len(ParseRefs([]byte(`["` + strings.Repeat(`https://a.example/1.jpg","`, 50) + `"]`))); n != MostOfMessage {
		t.Errorf("%d of fifty are kept, want %d", n, MostOfMessage)
	}
}

func FuzzParseRefs(f *testing.F) {
	f.Add([]byte(`[{"url":"https://a.example/x","kind":"photo"}]`))
	f.Add([]byte(`"photos/1.jpg"`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		for _, r := range ParseRefs(raw) {
			if r.Key() == "" || kindWords[r.Kind] == "" || !strings.HasPrefix(r.URL, "http") && !Inside(r.URL) {
				t.Fatalf("kept %+v", r)
			}
		}
	})
}
