package mail

import (
	"bytes"
	"encoding/base64"
	"io"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"otklik/internal/mailbox"
	"otklik/internal/source/web"
)

func itoa(n int) string { return strconv.Itoa(n) }

// cyrillic are the encodings of one byte a letter that Russian letters come in.
var cyrillic = []struct {
	name string
	enc  *charmap.Charmap
}{{"windows-1251", charmap.Windows1251}, {"koi8-r", charmap.KOI8R}, {"iso-8859-5", charmap.ISO8859_5}, {"ibm866", charmap.CodePage866}}

// decode returns a text in UTF-8. The declared encoding is believed as far as the bytes
// allow: clients name us-ascii, iso-8859-1 or another Russian one over what they write.
func decode(b []byte, declared string) string {
	name := strings.ToLower(strings.Trim(strings.TrimSpace(declared), `"'`))
	switch {
	case ascii(b) && !strings.HasPrefix(name, "utf-16") && !strings.HasPrefix(name, "utf-7"):
		return string(b)
	case utf8.Valid(b) && !strings.HasPrefix(name, "utf-16"): // no other encoding gives valid UTF-8 by chance
		return strings.TrimPrefix(string(b), "\ufeff")
	}
	if name == "us-ascii" || name == "ascii" || name == "iso-8859-1" || name == "latin1" || name == "windows-1252" || !web.KnownCharset(name) {
		name = ""
	}
	if name == "utf-8" || name == "utf8" {
		if valid := strings.ToValidUTF8(string(b), ""); 2*len(valid) < 2*len(b)-len(b)/4 { // an eighth of it is none
			name = ""
		}
	}
	if better := likeliest(b, name); better != "" {
		name = better
	}
	r, err := web.Text(bytes.NewReader(b), name)
	if err != nil {
		return strings.ToValidUTF8(string(b), "\uFFFD")
	}
	text, _ := io.ReadAll(r)
	return string(text)
}

func ascii(b []byte) bool {
	for _, c := range b {
		if c >= utf8.RuneSelf || c == 0x1b {
			return false
		}
	}
	return true
}

// likeliest returns the encoding in which far more small Russian letters stand than in the
// declared one: read in the wrong one they look like capitals or signs. "" keeps the
// declared one.
func likeliest(b []byte, declared string) string {
	if strings.HasPrefix(declared, "utf") {
		return ""
	}
	b = b[:min(len(b), 16<<10)]
	best, most, mine := "", 0, 0
	for _, c := range cyrillic {
		n := 0
		for _, x := range b {
			if r := c.enc.DecodeByte(x); r >= 'а' && r <= 'я' {
				n++
			}
		}
		if c.name == declared || c.name == "windows-1251" && (declared == "cp1251" || declared == "x-cp1251") {
			mine = n
		}
		if n > most {
			best, most = c.name, n
		}
	}
	if declared == "" && most > 0 || most > 3*mine+10 {
		return best
	}
	return ""
}

var encodedWord = regexp.MustCompile(`=\?([A-Za-z0-9_.*:+-]{1,60})\?([bBqQ])\?([^?\r\n]*)\?=`)

// plain reads the encoded words of a head's value. Words of one encoding that follow each
// other are put together before they are decoded: clients part letters in their middle.
func plain(value string) string {
	found := encodedWord.FindAllStringSubmatchIndex(value, -1)
	if found == nil {
		return tidyHead(decode([]byte(value), ""))
	}
	var out strings.Builder
	var run []byte
	var charset string
	flush := func() {
		if run != nil {
			out.WriteString(decode(run, charset))
			run = nil
		}
	}
	at := 0
	for _, m := range found {
		between := value[at:m[0]]
		name, _, _ := strings.Cut(strings.ToLower(value[m[2]:m[3]]), "*")
		if strings.TrimSpace(between) != "" || at == 0 {
			flush()
			out.WriteString(decode([]byte(between), ""))
		}
		if name != charset {
			flush()
		}
		charset, at = name, m[1]
		run = append(run, unpack(value[m[4]:m[5]], value[m[6]:m[7]])...)
	}
	flush()
	out.WriteString(decode([]byte(value[at:]), ""))
	return tidyHead(out.String())
}

func unpack(how, s string) []byte {
	if strings.EqualFold(how, "b") {
		b, _ := io.ReadAll(base64.NewDecoder(base64.StdEncoding, &only64{b: []byte(s)}))
		if b == nil {
			b = []byte{}
		}
		return b
	}
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '_':
			out = append(out, ' ')
		case s[i] == '=' && i+2 < len(s):
			if n, err := strconv.ParseUint(s[i+1:i+3], 16, 8); err == nil {
				out = append(out, byte(n))
				i += 2
				continue
			}
			out = append(out, s[i])
		default:
			out = append(out, s[i])
		}
	}
	return out
}

// tidyHead takes away what has no place on one line: control characters and those that
// turn the line around.
func tidyHead(s string) string {
	return strings.Join(strings.FieldsFunc(strings.ToValidUTF8(s, "\uFFFD"), func(r rune) bool {
		return r <= ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 || r == '\u00a0' || r == '\u2028' || r == '\u2029' || r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069'
	}), " ")
}

// anyAddress is an address of a person: also in letters of other alphabets (RFC 6532).
var anyAddress = regexp.MustCompile(`[\p{L}\p{M}\p{N}.!#$%&'*+/=?^_{|}~-]{1,64}@[\p{L}\p{M}\p{N}](?:[\p{L}\p{M}\p{N}.-]{0,250}[\p{L}\p{M}\p{N}])?`)

// sender reads the first address of a head: its name, and the address in small letters.
// An address inside of a quoted name is none: who writes it there pretends.
func sender(value string) (name, address string) {
	quoted := false
	for i := 0; i < len(value); i++ {
		switch c := value[i]; {
		case c == '\\' && quoted:
			i++
		case c == '"':
			quoted = !quoted
		case c == '<' && !quoted:
			inside, _, _ := strings.Cut(value[i+1:], ">")
			if a := anyAddress.FindString(decode([]byte(inside), "")); a != "" {
				return strings.Trim(plain(value[:i]), ` "'`), oneSpelling(a)
			}
		}
	}
	a := anyAddress.FindString(strings.ToValidUTF8(value, " "))
	return strings.Trim(plain(strings.Replace(value, a, "", 1)), ` "'<>()`), oneSpelling(a)
}

// oneSpelling returns an address by which its owner is known: in small letters, its host as
// people write it. One of a head that no server would take stays as it is.
func oneSpelling(address string) string {
	if normal, err := mailbox.Normal(address); err == nil {
		return normal
	}
	return strings.ToLower(address)
}

var messageID = regexp.MustCompile(`<([^<>\s]{1,900})>`)

// ids returns the Message-IDs that a value names, without brackets.
func ids(value string) (list []string) {
	for _, m := range messageID.FindAllStringSubmatch(value, 200) {
		list = append(list, strings.ToValidUTF8(m[1], "?"))
	}
	if list == nil {
		if v := strings.TrimSpace(value); v != "" && !strings.ContainsAny(v, " <>") && strings.Contains(v, "@") && len(v) < 900 {
			return []string{strings.ToValidUTF8(v, "?")}
		}
	}
	return list
}
