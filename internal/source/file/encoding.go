package file

import (
	"bufio"
	"bytes"
	"io"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

// Encodings that a table comes in.
const (
	utf8Text     = "UTF-8"
	windows1251  = "windows-1251"
	utf16LE      = "UTF-16LE"
	utf16BE      = "UTF-16BE"
	unknownBytes = ""
)

// sampleSize is how much of a file is looked at to guess encoding and separator.
const sampleSize = 64 << 10

// decode returns the stream as UTF-8 without a byte order mark, and the encoding
// that it was in. A UTF-8 stream is passed as it is: its broken records are
// rejected one by one. unknownBytes means that it is no text we know.
func decode(r io.Reader) (io.Reader, string) {
	br := bufio.NewReaderSize(r, sampleSize)
	sample, _ := br.Peek(sampleSize)
	switch enc := guess(sample); enc {
	case utf16LE:
		return unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder().Reader(br), enc
	case utf16BE:
		return unicode.UTF16(unicode.BigEndian, unicode.UseBOM).NewDecoder().Reader(br), enc
	case windows1251:
		return charmap.Windows1251.NewDecoder().Reader(br), enc
	case utf8Text:
		if bytes.HasPrefix(sample, []byte("\xef\xbb\xbf")) {
			_, _ = br.Discard(3)
		}
		return br, enc
	default:
		return br, unknownBytes
	}
}

// guess names the encoding of a text by its beginning. Russian text in
// windows-1251 consists of runs of bytes that are no UTF-8, nearly all of them
// small letters; KOI8-R and DOS texts look like capitals there.
func guess(b []byte) string {
	switch {
	case bytes.HasPrefix(b, []byte("\xef\xbb\xbf")):
		return utf8Text
	case bytes.HasPrefix(b, []byte("\xff\xfe")):
		return utf16LE
	case bytes.HasPrefix(b, []byte("\xfe\xff")):
		return utf16BE
	}
	if enc := guessWide(b); enc != "" {
		return enc
	}
	good, bad, runs := 0, 0, 0
	for i, last := 0, -2; i < len(b); {
		if b[i] < utf8.RuneSelf {
			i++
			continue
		}
		r, n := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && n == 1 {
			if !utf8.FullRune(b[i:]) {
				break // cut by the sample
			}
			bad++
			if last == i-1 {
				runs++
			}
			last = i
		} else {
			good++
		}
		i += n
	}
	if good >= bad || bad < 3 || runs*2 < bad {
		return utf8Text
	}
	lower, upper, other := 0, 0, 0
	for _, c := range b {
		switch {
		case c >= 0xE0 || c == 0xB8: // а–я, ё
			lower++
		case c >= 0xC0 || c == 0xA8: // А–Я, Ё
			upper++
		case c >= 0x80:
			other++
		}
	}
	if lower > upper && (lower+upper) > 4*other {
		return windows1251
	}
	return unknownBytes
}

// guessWide knows UTF-16 without a mark by the zeros that every separator and
// line end has.
func guessWide(b []byte) string {
	if len(b) < 4 {
		return ""
	}
	b = b[:min(len(b), 4096)&^1]
	even, odd := 0, 0
	for i, c := range b {
		if c != 0 {
			continue
		}
		if i%2 == 0 {
			even++
		} else {
			odd++
		}
	}
	switch {
	case odd > 1 && even == 0:
		return utf16LE
	case even > 1 && odd == 0:
		return utf16BE
	}
	return ""
}
