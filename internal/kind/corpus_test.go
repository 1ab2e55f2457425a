package kind

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"hash/fnv"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"
)

// A sample is one text of the corpora, with the group that cross-validation
// must not split: the channel of a post, a half by hash elsewhere.
type sample struct {
	id, text, group string
	ours            bool
}

func dataDir(t testing.TB) string {
	t.Helper()
	dir := os.Getenv("OTKLIK_DATA")
	if dir == "" {
		t.Skip("OTKLIK_DATA is not set: it names the folder with kursk/, perm/ and telegram/ that the figures are measured on")
	}
	return dir
}

func readCSV(t testing.TB, path string) []sample {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r := csv.NewReader(f)
	rows, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	col := -1
	for i, name := range rows[0] {
		if strings.TrimPrefix(name, "\ufeff") == "text" {
			col = i
		}
	}
	var out []sample
	for _, row := range rows[1:] {
		out = append(out, sample{text: row[col], group: half(row[col]), ours: true})
	}
	return out
}

// half puts a text into "a" or "b"; verbatim repeats fall into the same half.
func half(text string) string {
	h := fnv.New32a()
	h.Write([]byte(text))
	if h.Sum32()>>7&1 == 0 {
		return "a"
	}
	return "b"
}

func readPosts(t testing.TB, dir string) []sample {
	t.Helper()
	f, err := os.Open(filepath.Join(dir, "telegram", "posts.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out []sample
	sc := bufio.NewScanner(f)
	sc.Buffer(nil, 1<<24)
	for sc.Scan() {
		var p struct{ Text, Channel string }
		if err := json.Unmarshal(sc.Bytes(), &p); err != nil {
			t.Fatal(err)
		}
		out = append(out, sample{text: p.Text, group: p.Channel})
	}
	return out
}

var (
	linkText = regexp.MustCompile(`\[([^\]]*)\]\([^)]*\)`)
	links    = regexp.MustCompile(`(https?://|www\.|t\.me/)\S+|@\w+`)
	markup   = regexp.MustCompile("[*_`~#|]+")
)

// A shape is how a text comes: as it is; without links, emoji and markup and cut
// to 200 characters; the same with the words of a link gone too («[Подписаться](…)»),
// which takes the footers of channels away.
type shape int

const (
	full shape = iota
	bare
	barest
)

var shapes = map[shape]string{full: "full", bare: "stripped", barest: "stripped, without words of links"}

func (sh shape) of(s string) string {
	switch sh {
	case full:
		return s
	case bare:
		s = linkText.ReplaceAllString(s, "$1")
	default:
		s = linkText.ReplaceAllString(s, "")
	}
	s = links.ReplaceAllString(s, "")
	s = markup.ReplaceAllString(s, "")
	s = strings.Map(func(r rune) rune {
		if unicode.Is(unicode.So, r) || unicode.Is(unicode.Sk, r) || unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Mn, r) || r >= 0x1F000 {
			return -1
		}
		return r
	}, s)
	if r := []rune(s); len(r) > 200 {
		s = string(r[:200])
	}
	return strings.TrimSpace(s)
}
