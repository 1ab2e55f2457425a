package mail

import (
	"encoding/binary"
	"strconv"
	"strings"

	"golang.org/x/text/encoding/charmap"
)

// mostRTF is how much of an unpacked text is looked at, in bytes.
const mostRTF = 2 << 20

// rtfStart is the dictionary that every compressed RTF begins with ([MS-OXRTFCP] 2.1.2.1).
const rtfStart = `{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript \fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\colortbl\red0\green0\blue0` + "\r\n" + `\par \pard\plain\f0\fs20\b\i\u\tab\tx`

// unpackRTF undoes Microsoft's compression, as far as it goes.
func unpackRTF(b []byte) string {
	if len(b) < 16 {
		return ""
	}
	switch binary.LittleEndian.Uint32(b[8:]) {
	case 0x414c454d: // «MELA»: it is not compressed
		return string(b[16:min(len(b), mostRTF)])
	case 0x75465a4c: // «LZFu»
	default:
		return ""
	}
	in := b[16:]
	out := make([]byte, 0, min(len(in)*4, mostRTF))
	var ring [4096]byte
	at := copy(ring[:], rtfStart)
	put := func(c byte) {
		out = append(out, c)
		ring[at%4096] = c
		at++
	}
	for len(in) > 0 && len(out) < mostRTF {
		control := in[0]
		in = in[1:]
		for bit := range 8 {
			if control>>bit&1 == 0 {
				if len(in) == 0 {
					return string(out)
				}
				put(in[0])
				in = in[1:]
				continue
			}
			if len(in) < 2 {
				return string(out)
			}
			ref := int(in[0])<<8 | int(in[1])
			in = in[2:]
			from, n := ref>>4, ref&15+2
			if from == at%4096 { // the end
				return string(out)
			}
			for k := range n {
				put(ring[(from+k)%4096])
			}
		}
	}
	return string(out)
}

// silent groups of RTF hold no words.
var silent = map[string]bool{"fonttbl": true, "colortbl": true, "stylesheet": true, "info": true, "pict": true, "object": true, "header": true, "footer": true, "generator": true, "themedata": true, "datastore": true, "listtable": true}

// fromRTF returns the words of a text in RTF. Outlook keeps HTML inside of one: its tags
// stand in groups of their own and are left out.
func fromRTF(s string) string {
	var out strings.Builder
	type group struct{ mute bool }
	stack := []group{{}}
	top := func() *group { return &stack[len(stack)-1] }
	hidden, skip := false, 0 // skip: characters that repeat a \uN for old readers
	say := func(text string) {
		if skip > 0 {
			skip--
			return
		}
		if !top().mute && !hidden {
			out.WriteString(text)
		}
	}
	for i := 0; i < len(s) && out.Len() < mostText; i++ {
		switch c := s[i]; c {
		case '{':
			if len(stack) > 1000 {
				return out.String()
			}
			stack, skip = append(stack, *top()), 0
		case '}':
			if len(stack) > 1 {
				stack = stack[:len(stack)-1]
			}
			skip = 0
		case '\r', '\n':
		case '\\':
			word, number, end := control(s, i+1)
			i = end - 1
			switch {
			case word == "*" || silent[word]:
				top().mute = true
			case word == "'":
				say(string(charmap.Windows1251.DecodeByte(byte(number))))
			case word == "u":
				say(string(rune(uint16(number)))) //nolint:gosec // negative numbers stand for those above 32767
				skip = 1
			case word == "htmlrtf":
				hidden = number != 0
			case word == "par", word == "line":
				say("\n")
			case word == "tab":
				say(" ")
			case len(word) == 1 && strings.Contains(`\{}`, word):
				say(word)
			case word == "~":
				say(" ")
			}
		default:
			say(string(charmap.Windows1251.DecodeByte(c)))
		}
	}
	return out.String()
}

// control reads a control word behind its backslash: the word, its number (1 where it has
// none) and where the text goes on.
func control(s string, i int) (word string, number, end int) {
	if i >= len(s) {
		return "", 0, i
	}
	if s[i] == '\'' {
		if i+2 < len(s) {
			if n, err := strconv.ParseUint(s[i+1:i+3], 16, 8); err == nil {
				return "'", int(n), i + 3
			}
		}
		return "", 0, i + 1
	}
	start := i
	for i < len(s) && (s[i]|0x20) >= 'a' && (s[i]|0x20) <= 'z' {
		i++
	}
	if i == start {
		return s[i : i+1], 0, i + 1
	}
	word, number = s[start:i], 1
	digits := i
	if i < len(s) && s[i] == '-' {
		i++
	}
	for i < len(s) && s[i] >= '0' && s[i] <= '9' && i-digits < 8 {
		i++
	}
	if n, err := strconv.Atoi(s[digits:i]); err == nil {
		number = n
	} else {
		i = digits
	}
	if i < len(s) && s[i] == ' ' {
		i++
	}
	return word, number, i
}
