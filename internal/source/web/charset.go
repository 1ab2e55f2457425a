package web

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"mime"
	"regexp"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

// sampleSize is how much of a text is looked at to find out its encoding.
const sampleSize = 64 << 10

// encodings that Russian sites write in, by the names they give them.
var encodings = map[string]encoding.Encoding{
	"utf-8": unicode.UTF8, "utf8": unicode.UTF8, "us-ascii": unicode.UTF8, "ascii": unicode.UTF8,
	"windows-1251": charmap.Windows1251, "cp1251": charmap.Windows1251, "cp-1251": charmap.Windows1251, "win-1251": charmap.Windows1251, "windows1251": charmap.Windows1251, "x-cp1251": charmap.Windows1251,
	"koi8-r": charmap.KOI8R, "koi8": charmap.KOI8R, "koi8r": charmap.KOI8R, "koi8-u": charmap.KOI8U,
	"ibm866": charmap.CodePage866, "cp866": charmap.CodePage866, "iso-8859-5": charmap.ISO8859_5, "x-mac-cyrillic": charmap.MacintoshCyrillic,
	"windows-1252": charmap.Windows1252, "iso-8859-1": charmap.Windows1252, "latin1": charmap.Windows1252,
	"utf-16": unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), "utf-16le": unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), "utf-16be": unicode.UTF16(unicode.BigEndian, unicode.UseBOM),
}

// KnownCharset reports whether texts of the named encoding can be read.
func KnownCharset(name string) bool {
	return encodings[strings.ToLower(strings.TrimSpace(name))] != nil
}

// Text returns a text of any encoding as UTF-8 without a byte order mark; bytes
// that are none of it become U+FFFD. header is the Content-Type that came with
// it or the bare name of an encoding; empty where nothing is known. A byte order
// mark is believed before the header, the header before what the text says of
// itself, and all of them only as far as the bytes allow: sites that changed
// their encoding keep old declarations for years.
func Text(r io.Reader, header string) (io.Reader, error) {
	br := bufio.NewReaderSize(r, sampleSize)
	sample, err := br.Peek(sampleSize)
	if err != nil && err != io.EOF && len(sample) == 0 {
		return nil, err
	}
	name := charsetOf(sample, header)
	enc := encodings[name]
	if enc == nil {
		return nil, fmt.Errorf("web: unknown encoding %q", clip(name, 40))
	}
	if bytes.HasPrefix(sample, []byte("\xef\xbb\xbf")) {
		_, _ = br.Discard(3)
	}
	return enc.NewDecoder().Reader(br), nil
}

// charsetOf names the encoding of a text by its beginning.
func charsetOf(b []byte, header string) string {
	switch {
	case bytes.HasPrefix(b, []byte("\xef\xbb\xbf")):
		return "utf-8"
	case bytes.HasPrefix(b, []byte("\xff\xfe")):
		return "utf-16le"
	case bytes.HasPrefix(b, []byte("\xfe\xff")):
		return "utf-16be"
	case wide(b) != "":
		return wide(b)
	}
	name := fromHeader(header)
	if name == "" {
		name = declared(b)
	}
	good, bad := utf8Runs(b)
	switch {
	case strings.HasPrefix(name, "utf-16"): // it has no zeros: the name is wrong
		name = ""
	case (name == "utf-8" || name == "utf8") && bad > 2 && bad > good:
		name = ""
	case name != "" && name != "utf-8" && good > 2 && bad == 0: // no other encoding gives valid UTF-8 by chance
		return "utf-8"
	}
	if name != "" {
		return name
	}
	if bad > 2 && bad > good {
		return guess(b)
	}
	return "utf-8"
}

func fromHeader(header string) string {
	if kind, params, err := mime.ParseMediaType(header); err == nil && strings.Contains(kind, "/") {
		return strings.ToLower(strings.TrimSpace(params["charset"]))
	}
	if strings.ContainsAny(header, "/;= ") { // a broken header
		if m := charsetWord.FindStringSubmatch(header); m != nil {
			return strings.ToLower(m[1])
		}
		return ""
	}
	return strings.ToLower(strings.TrimSpace(header))
}

var (
	charsetWord = regexp.MustCompile(`(?i)charset\s*=\s*["']?([\w-]+)`)
	xmlEncoding = regexp.MustCompile(`^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([\w-]+)["']`)
	metaCharset = regexp.MustCompile(`(?i)<meta[^>]{0,300}?charset\s*=\s*["']?([\w-]+)`)
)

// declared returns the encoding that the text names itself.
func declared(b []byte) string {
	if m := xmlEncoding.FindSubmatch(b[:min(len(b), 1024)]); m != nil {
		return strings.ToLower(string(m[1]))
	}
	if m := metaCharset.FindSubmatch(b[:min(len(b), 8<<10)]); m != nil {
		return strings.ToLower(string(m[1]))
	}
	return ""
}

// utf8Runs counts the sequences of UTF-8 and the bytes that are none.
func utf8Runs(b []byte) (good, bad int) {
	for i := 0; i < len(b); {
		if b[i] < utf8.RuneSelf {
			i++
			continue
		}
		r, n := utf8.DecodeRune(b[i:])
		switch {
		case r != utf8.RuneError || n > 1:
			good++
		case !utf8.FullRune(b[i:]): // cut by the sample
			return good, bad
		default:
			bad++
		}
		i += n
	}
	return good, bad
}

// wide knows UTF-16 without a mark by the zeros of its angle brackets and spaces.
func wide(b []byte) string {
	b = b[:min(len(b), 2048)&^1]
	even, odd := 0, 0
	for i, c := range b {
		if c == 0 {
			if i%2 == 0 {
				even++
			} else {
				odd++
			}
		}
	}
	switch {
	case odd > 3 && even == 0:
		return "utf-16le"
	case even > 3 && odd == 0:
		return "utf-16be"
	}
	return ""
}

// guess names the encoding in which a Russian text has most small letters: texts
// read in the wrong one of these look like capitals or signs.
func guess(b []byte) string {
	best, most := "windows-1251", -1
	for _, name := range []string{"windows-1251", "koi8-r", "ibm866"} {
		enc := encodings[name].(*charmap.Charmap)
		n := 0
		for _, c := range b {
			if r := enc.DecodeByte(c); r >= 'а' && r <= 'я' {
				n++
			}
		}
		if n > most {
			best, most = name, n
		}
	}
	return best
}

func clip(s string, n int) string {
	if len(s) > n {
		return s[:n]
	}
	return s
}
