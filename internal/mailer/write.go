package mailer

import (
	"bytes"
	"mime"
	"mime/quotedprintable"
	"strings"
)

// A Field is one line of a letter's head.
type Field struct{ Name, Value string }

// Write returns a letter of plain text as it goes over the wire. Whatever a value holds,
// it stays one line of the head: nobody adds a line by a subject.
func Write(head []Field, text string) []byte {
	var b bytes.Buffer
	for _, f := range head {
		b.WriteString(f.Name + ": " + OneLine(f.Value) + "\r\n")
	}
	b.WriteString("MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\nContent-Language: ru\r\n\r\n")
	q := quotedprintable.NewWriter(&b)
	text = strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n")
	_, _ = q.Write([]byte(strings.ReplaceAll(text, "\n", "\r\n")))
	_ = q.Close() // a buffer takes everything
	return b.Bytes()
}

// Words returns words of any language as a value of the head.
func Words(s string) string { return mime.BEncoding.Encode("utf-8", OneLine(s)) }

// OneLine returns words on one line, without control characters. Encoded words and names
// of letters, which are parted by blanks, are folded.
func OneLine(s string) string {
	s = strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r <= ' ' || r == 0x7f || r == '\u2028' || r == '\u2029' || r == '\u0085' }), " ")
	s = strings.ReplaceAll(s, "?= =?", "?=\r\n =?")
	return strings.ReplaceAll(s, "> <", ">\r\n <")
}
