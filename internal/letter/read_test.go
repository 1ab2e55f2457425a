package letter_test

import (
	"bytes"
	"compress/zlib"
	"encoding/hex"
	"io"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

var (
	objects = regexp.MustCompile(`(?s)(\d+) 0 obj\s(.*?)endobj`)
	stream  = regexp.MustCompile(`(?s)^(.*?)stream\r?\n(.*)\r?\nendstream`)
	ranges  = regexp.MustCompile(`<([0-9A-F]{4})><([0-9A-F]{4})><([0-9A-F]{4})>`)
	named   = regexp.MustCompile(`/(F\d+) (\d+) 0 R`)
	unicode = regexp.MustCompile(`/ToUnicode (\d+) 0 R`)
	shown   = regexp.MustCompile(`/(F\d+) [\d.]+ Tf|<([0-9A-Fa-f]+)>`)
)

// read returns the text of each page, as a program reads it that selects all: glyphs by the
// table of their font, words in the order in which they are drawn, a line for each drawing.
func read(t *testing.T, file []byte) (pages []string) {
	t.Helper()
	if !bytes.HasPrefix(file, []byte("%PDF-1.")) || !bytes.Contains(file[max(0, len(file)-16):], []byte("%%EOF")) {
		t.Fatalf("%d bytes are no PDF", len(file))
	}
	bodies := map[string]string{}
	var order []string
	for _, m := range objects.FindAllSubmatch(file, -1) {
		text := string(m[2])
		if s := stream.FindStringSubmatch(text); s != nil {
			text = s[2]
			if strings.Contains(s[1], "FlateDecode") {
				r, err := zlib.NewReader(strings.NewReader(s[2]))
				if err != nil {
					t.Fatal(err)
				}
				b, err := io.ReadAll(r)
				if err != nil && err != io.ErrUnexpectedEOF {
					t.Fatal(err)
				}
				text = string(b)
			}
		}
		bodies[string(m[1])] = text
		order = append(order, string(m[1]))
	}
	fonts := map[string]map[uint64]rune{}
	for _, m := range named.FindAllStringSubmatch(string(file), -1) {
		table := map[uint64]rune{}
		at := unicode.FindStringSubmatch(bodies[m[2]])
		if at == nil {
			continue
		}
		for _, r := range ranges.FindAllStringSubmatch(bodies[at[1]], -1) {
			glyph, _ := strconv.ParseUint(r[1], 16, 32)
			letter, _ := strconv.ParseUint(r[3], 16, 32)
			table[glyph] = rune(letter)
		}
		fonts[m[1]] = table
	}
	for _, n := range order {
		if !strings.Contains(bodies[n], " Tf") || !strings.Contains(bodies[n], "BT") {
			continue
		}
		var b strings.Builder
		var font map[uint64]rune
		for line := range strings.SplitSeq(bodies[n], "\n") {
			for _, m := range shown.FindAllStringSubmatch(line, -1) {
				if m[1] != "" {
					if font = fonts[m[1]]; font == nil {
						t.Fatalf("the font %s has no table of letters", m[1])
					}
					continue
				}
				glyphs, err := hex.DecodeString(m[2])
				if err != nil {
					t.Fatal(err)
				}
				for k := 0; k+1 < len(glyphs); k += 2 {
					r, ok := font[uint64(glyphs[k])<<8|uint64(glyphs[k+1])]
					if !ok {
						t.Fatalf("glyph %x has no letter", glyphs[k:k+2])
					}
					b.WriteRune(r)
				}
				b.WriteByte('\n')
			}
		}
		pages = append(pages, b.String())
	}
	return pages
}

// flat joins lines, as one who reads does.
func flat(pages []string) string {
	return strings.Join(strings.Fields(strings.ReplaceAll(strings.Join(pages, " "), "\u00a0", " ")), " ")
}
