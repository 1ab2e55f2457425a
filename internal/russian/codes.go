package russian

import (
	"strings"
	"unicode/utf8"
)

// Words are looked up as keys: one byte a letter, lower case, windows-1251, ё
// as е. A letter that windows-1251 lacks, or that no Russian word has, stands
// as the escape byte and its UTF-8. A key says all that Norm says.

const escape = 0x02

// codeYe is the letter е.
const codeYe = 0xe5

// Letters in the tables below carry these marks beside their code.
const (
	markUpper = 1 << 8
	markDigit = 1 << 9
)

// ascii maps a byte to its code in a key and marks; 0 is no letter and no digit.
var ascii = func() (t [128]uint16) {
	for c := '0'; c <= '9'; c++ {
		t[c] = uint16(c) | markDigit
	}
	for c := 'a'; c <= 'z'; c++ {
		t[c] = uint16(c)
		t[c-32] = uint16(c) | markUpper
	}
	return t
}()

// cyrillic maps U+0400…U+047F to codes in a key and marks; 0 where the letter
// is not Russian.
var cyrillic = func() (t [128]uint16) {
	for i := range 32 {
		t[0x10+i] = uint16(0xe0+i) | markUpper
		t[0x30+i] = uint16(0xe0 + i)
	}
	t[0x01] = codeYe | markUpper
	t[0x51] = codeYe
	return t
}()

// textOf turns a key into lower-case UTF-8.
func textOf(key []byte) string {
	var room [128]byte
	return string(appendText(room[:0], key))
}

func appendText(out, key []byte) []byte {
	for i := 0; i < len(key); i++ {
		switch c := key[i]; {
		case c >= 0xf0:
			out = append(out, 0xd1, c-0xf0+0x80)
		case c >= 0xe0:
			out = append(out, 0xd0, c-0xe0+0xb0)
		case c == escape:
			_, n := utf8.DecodeRune(key[i+1:])
			out = append(out, key[i+1:i+1+n]...)
			i += n
		default:
			out = append(out, c)
		}
	}
	return out
}

// keyOf turns text into a key the way the scanner does, without its joining
// and dropping rules.
func keyOf(text string) []byte {
	key := make([]byte, 0, len(text))
	for _, r := range strings.ToLower(text) {
		key = appendKey(key, r)
	}
	return key
}

// appendKey appends one lower-case letter to a key.
func appendKey(key []byte, r rune) []byte {
	switch {
	case r < 0x80 && r != escape:
		return append(key, byte(r))
	case r == 'ё':
		return append(key, codeYe)
	case r >= 'а' && r <= 'я':
		return append(key, byte(r-'а')+0xe0)
	}
	return utf8.AppendRune(append(key, escape), r)
}

// lookalike maps a Latin letter of a key to the Cyrillic letter it is mistaken
// for, 0 where there is none.
var lookalike = func() (t [128]byte) {
	for latin, letter := range map[byte]rune{
		'a': 'а', 'b': 'в', 'c': 'с', 'e': 'е', 'h': 'н', 'k': 'к', 'm': 'м', 'o': 'о', 'p': 'р', 't': 'т', 'x': 'х', 'y': 'у',
	} {
		t[latin] = byte(letter-'а') + 0xe0
	}
	return t
}()

func isCyrillicCode(c byte) bool { return c >= 0xe0 }
func isLatinCode(c byte) bool    { return c >= 'a' && c <= 'z' }
func isDigitCode(c byte) bool    { return c >= '0' && c <= '9' }

// foldLookalikes turns every Latin letter of the key into the Cyrillic letter
// it resembles, or changes nothing when some letter resembles none.
func foldLookalikes(key []byte) bool {
	for _, c := range key {
		if isLatinCode(c) && lookalike[c] == 0 {
			return false
		}
	}
	for i, c := range key {
		if isLatinCode(c) {
			key[i] = lookalike[c]
		}
	}
	return true
}

var vowelCodes = string(keyOf("аеиоуыэюя"))

func hasVowel(key []byte) bool {
	for _, c := range key {
		if strings.IndexByte(vowelCodes, c) >= 0 || isLatinCode(c) {
			return true
		}
	}
	return false
}
