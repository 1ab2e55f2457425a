package kind

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"hash/fnv"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
)

// A sample is one text of the corpora. group is the channel of a post; fold is the
// part that cross-validation leaves out together: a channel each, and elsewhere an
// eighth by hash.
type sample struct {
	id, text, group string
	fold            int
	ours            bool
}

// parts is how many folds there are: one for each channel.
const parts = 8

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
		out = append(out, sample{text: row[col], fold: part(row[col]), ours: true})
	}
	return out
}

// part puts a text into a fold; verbatim repeats fall into the same one.
func part(text string) int {
	h := fnv.New32a()
	h.Write([]byte(text))
	return int(h.Sum32()>>9) % parts
}

func readPosts(t testing.TB, dir string) []sample {
	t.Helper()
	f, err := os.Open(filepath.Join(dir, "telegram", "posts.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out []sample
	var channels []string
	sc := bufio.NewScanner(f)
	sc.Buffer(nil, 1<<24)
	for sc.Scan() {
		var p struct{ Text, Channel string }
		if err := json.Unmarshal(sc.Bytes(), &p); err != nil {
			t.Fatal(err)
		}
		k := slices.Index(channels, p.Channel)
		if k < 0 {
			k = len(channels)
			channels = append(channels, p.Channel)
		}
		out = append(out, sample{text: p.Text, group: p.Channel, fold: k})
	}
	if len(channels) != parts {
		t.Fatalf("posts of %d channels, want %d: each is a fold", len(channels), parts)
	}
	return out
}

// readAlmaty reads short complaints, most of them with an address.
func readAlmaty(t testing.TB, dir string) (out []sample) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, "almaty", "spans.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(strings.TrimSpace(string(b)), "\n") {
		var p struct{ Text string }
		if err := json.Unmarshal([]byte(line), &p); err != nil {
			t.Fatal(err)
		}
		out = append(out, sample{text: p.Text, fold: part(p.Text), ours: true})
	}
	return out
}

var (
	linkText = regexp.MustCompile(`\[([^\]]*)\]\([^)]*\)`)
	links    = regexp.MustCompile(`(https?://|www\.|t\.me/)\S+|@\w+`)
	markup   = regexp.MustCompile("[*_`~#|]+")
)

var ends = regexp.MustCompile(`[.!?\n]+\s*`)

// headed returns the headline of the text, "" where it has none. tells says of a
// sentence whether it tells a trouble.
func headed(s *sample, tells func(string) bool) string {
	for _, line := range ends.Split(barest.whole(s.text), -1) {
		line = strings.TrimSpace(line)
		if n := len(strings.Fields(line)); n < 2 || n > 14 {
			if !s.ours && n > 14 {
				return ""
			}
			continue
		}
		if !s.ours || tells(line) {
			return line
		}
	}
	return ""
}

// A shape is how a text comes: as it is; without links, emoji and markup and cut
// to 200 characters; the same with the words of a link gone too («[Подписаться](…)»),
// which takes the footers of channels away; and words alone, in small letters,
// without the greeting and all signs, which is how some type. A headline is the
// first line of a post; the headline of a complaint is its first short sentence
// that names a trouble and a thing (see headline).
type shape int

const (
	full shape = iota
	bare
	barest
	plain
	headline
)

var shapes = []string{full: "full", bare: "stripped", barest: "stripped, without words of links", plain: "words alone", headline: "headline"}

var hello = regexp.MustCompile(`(?i)^\s*(здравствуйте|добрый день|добрый вечер|доброе утро|доброго времени суток|доброго дня)[\s,.!]*`)

func (sh shape) of(s string) string {
	s = sh.whole(s)
	if r := []rune(s); sh != full && len(r) > 200 {
		s = string(r[:200])
	}
	return strings.TrimSpace(s)
}

// whole is the shape before it is cut.
func (sh shape) whole(s string) string {
	switch sh {
	case full:
		return s
	case barest:
		s = linkText.ReplaceAllString(s, "")
	default:
		s = linkText.ReplaceAllString(s, "$1")
	}
	s = links.ReplaceAllString(s, "")
	s = markup.ReplaceAllString(s, "")
	s = strings.Map(func(r rune) rune {
		if unicode.Is(unicode.So, r) || unicode.Is(unicode.Sk, r) || unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Mn, r) || r >= 0x1F000 {
			return -1
		}
		return r
	}, s)
	if sh == plain {
		s = strings.Map(func(r rune) rune {
			if unicode.IsLetter(r) || unicode.IsDigit(r) {
				return unicode.ToLower(r)
			}
			return ' '
		}, hello.ReplaceAllString(s, ""))
		s = strings.Join(strings.Fields(s), " ")
	}
	return s
}
