// Package mailbox knows addresses of mail, also in Russian letters («почта@абакан.рф»): what
// is one, its one spelling for people, and how it goes over the wire, where the names of
// hosts are written in the letters of ASCII (RFC 3492, RFC 5891).
//
// A name of a host that the DNS knows is the same in both spellings, so Normal makes one of
// them. What stands before the «@» has no other spelling: only a server that offers SMTPUTF8
// (RFC 6531) takes it as it is.
package mailbox

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"otklik/internal/fault"
)

// Bounds, in bytes.
const (
	longest      = 254 // an address as people write it
	longestLocal = 64  // before the «@» (RFC 5321)
	longestHost  = 253 // on the wire
	longestLabel = 63
)

// Normal returns an address in small letters, its host in the letters of its language. Its
// error is Invalid and has a sentence for people.
func Normal(address string) (string, error) {
	local, host, ok := cut(address)
	if !ok {
		return "", fault.New(fault.Invalid, "no address of mail").Say("Это не адрес почты. Впишите его так: priemnaya@example.ru или почта@пример.рф.")
	}
	host = Shown(host)
	for label := range strings.SplitSeq(host, ".") {
		if mixed(label) {
			return "", fault.New(fault.Invalid, "a host of two alphabets").Say("После «@» в одном слове смешаны русские и латинские буквы: такого адреса нет. Наберите его заново.")
		}
	}
	if _, ok := Host(host); !ok {
		return "", fault.New(fault.Invalid, "no name of a host").Say("После «@» стоит не имя почтового сервера: проверьте точки и длину.")
	}
	return lower(local) + "@" + host, nil
}

// Wire returns an address as SMTP and the head of a letter take it: its host in ASCII. What
// is no address comes back as it is.
func Wire(address string) string {
	local, host, ok := cut(address)
	if !ok {
		return address
	}
	wire, ok := Host(host)
	if !ok {
		return address
	}
	return local + "@" + wire
}

// Foreign reports whether an address goes only to servers that offer SMTPUTF8.
func Foreign(address string) bool { return !ascii(Wire(address)) }

// cut parts an address; ok is false for what is none.
func cut(address string) (local, host string, ok bool) {
	local, host, ok = strings.Cut(address, "@")
	if !ok || local == "" || len(local) > longestLocal || host == "" || len(address) > longest || !utf8.ValidString(address) {
		return "", "", false
	}
	for _, r := range local {
		if !letter(r) && !strings.ContainsRune(".!#$%&'*+/=?^_`{|}~-", r) {
			return "", "", false
		}
	}
	for _, r := range host {
		if !letter(r) && r != '.' && r != '-' {
			return "", "", false
		}
	}
	return local, host, true
}

func letter(r rune) bool {
	if r < utf8.RuneSelf {
		return r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
	}
	return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsDigit(r))
}

// composed are the two letters of Russian that some programs write as two signs.
var composed = strings.NewReplacer("и\u0306", "й", "е\u0308", "ё")

// lower writes small letters, each Russian one as one sign. Letters that grow to two when
// they are made small stay as they are.
func lower(s string) string {
	return composed.Replace(strings.Map(func(r rune) rune {
		if r == 'İ' {
			return r
		}
		return unicode.ToLower(r)
	}, s))
}

// mixed reports whether a label has both Russian and Latin letters: no registry gives one
// out, and it is a slip of the keyboard or a forgery.
func mixed(label string) bool {
	latin, russian := false, false
	for _, r := range label {
		latin = latin || r < utf8.RuneSelf && unicode.IsLetter(r)
		russian = russian || unicode.Is(unicode.Cyrillic, r)
	}
	return latin && russian
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
