package mail_test

import (
	"encoding/binary"
	"encoding/hex"
	"strings"
	"testing"
	"unicode/utf16"

	"golang.org/x/text/encoding/charmap"

	"otklik/internal/source/mail"
)

// winmail builds a winmail.dat.
type winmail struct{ b []byte }

func newWinmail() *winmail {
	return &winmail{append(binary.LittleEndian.AppendUint32(nil, 0x223e9f78), 1, 0)}
}

func (w *winmail) add(level byte, attribute uint32, value []byte) *winmail {
	w.b = append(w.b, level)
	w.b = binary.LittleEndian.AppendUint32(w.b, attribute)
	w.b = binary.LittleEndian.AppendUint32(w.b, uint32(len(value)))
	w.b = append(w.b, value...)
	w.b = append(w.b, 0, 0)
	return w
}

func wide(s string) (b []byte) {
	for _, u := range utf16.Encode([]rune(s + "\x00")) {
		b = binary.LittleEndian.AppendUint16(b, u)
	}
	return b
}

// prop is one property of MAPI that says its own length.
func prop(id, kind uint16, value []byte) []byte {
	b := binary.LittleEndian.AppendUint16(nil, kind)
	b = binary.LittleEndian.AppendUint16(b, id)
	b = binary.LittleEndian.AppendUint32(b, 1)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(value)))
	b = append(b, value...)
	return append(b, make([]byte, (4-len(value)%4)%4)...)
}

func props(list ...[]byte) []byte {
	b := binary.LittleEndian.AppendUint32(nil, uint32(len(list)))
	for _, p := range list {
		b = append(b, p...)
	}
	return b
}

const (
	attBody      = 0x0002800c
	attCodepage  = 0x00069007
	attProps     = 0x00069003
	attRendering = 0x00069002
	attTitle     = 0x00018010
	attData      = 0x0006800f
	attFileProps = 0x00069005
)

func withWinmail(text string, pack []byte) []byte {
	return crlf("From: a@b.ru\nMessage-ID: <1@x>\nContent-Type: multipart/mixed; boundary=m\n\n--m\nContent-Type: text/plain; charset=utf-8\n\n" + text +
		"\n--m\nContent-Type: application/ms-tnef; name=\"winmail.dat\"\nContent-Disposition: attachment; filename=\"winmail.dat\"\nContent-Transfer-Encoding: base64\n\n" + b64(string(pack)) + "\n--m--\n")
}

func TestWinmail(t *testing.T) {
	t.Parallel()
	photo := []byte(strings.Repeat("p", 9000))
	files := newWinmail().add(1, attCodepage, []byte{0xe3, 4, 0, 0, 0, 0, 0, 0}).
		add(2, attRendering, nil).add(2, attTitle, []byte("FOTO~1.JPG\x00")).add(2, attData, photo).
		add(2, attFileProps, props(prop(0x3707, 0x1f, wide("фото ямы.jpg")), prop(0x370e, 0x1e, []byte("image/jpeg\x00")))).
		add(2, attRendering, nil).add(2, attTitle, []byte(encoded(t, charmap.Windows1251, "письмо.docx\x00"))).add(2, attData, []byte("x")).b
	raw := withWinmail(said, files)
	l := mail.Read(raw)
	if l.Text != said || len(l.Files) != 2 || l.Files[0].Name != "фото ямы.jpg" || l.Files[0].Type != "image/jpeg" || l.Files[1].Name != "письмо.docx" {
		t.Fatalf("%q, %+v", l.Text, l.Files)
	}
	if got := mail.Part(raw, l.Files[0].Path, 1<<20); string(got) != string(photo) {
		t.Errorf("the photo has %d bytes", len(got))
	}

	// The example of [MS-OXRTFCP] 3.1, and one in Russian without compression.
	hello, err := hex.DecodeString("2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af32068656c090020627705b06c647d0a800fa0")
	if err != nil {
		t.Fatal(err)
	}
	bare := func(rtf string) []byte {
		b := binary.LittleEndian.AppendUint32(nil, uint32(len(rtf)+12))
		b = binary.LittleEndian.AppendUint32(b, uint32(len(rtf)))
		return append(append(b, "MELA\x00\x00\x00\x00"...), rtf...)
	}
	long := prop(0x8001, 0x1f, wide("x")) // a property with a name of its own stands before
	long = append(append(long[:4:4], append(make([]byte, 16), 0, 0, 0, 0, 1, 2, 3, 4)...), long[4:]...)
	for name, c := range map[string]struct {
		pack []byte
		want string
	}{
		"the body":           {newWinmail().add(1, attCodepage, []byte{0xe3, 4, 0, 0}).add(1, attBody, []byte(encoded(t, charmap.Windows1251, said)+"\x00")).b, said},
		"a property":         {newWinmail().add(1, attProps, props(long, prop(0x1000, 0x1f, wide(said)))).b, said},
		"HTML":               {newWinmail().add(1, attProps, props(prop(0x1013, 0x102, []byte("<p>"+said+"</p><script>x</script>")))).b, said},
		"RTF":                {newWinmail().add(1, attProps, props(prop(0x1009, 0x102, hello))).b, "hello world"},
		"RTF in Russian":     {newWinmail().add(1, attProps, props(prop(0x1009, 0x102, bare(`{\rtf1\ansi\ansicpg1251{\fonttbl{\f0 Arial;}}\pard \'df\'ec\'e0 \u1085?\u1072?\par 3}`)))).b, "Яма на\n3"},
		"HTML inside of RTF": {newWinmail().add(1, attProps, props(prop(0x1009, 0x102, bare(`{\rtf1\ansi\fromhtml1{\*\htmltag84 <p>}\htmlrtf hidden\htmlrtf0 one{\*\htmltag84 </p>}\par two}`)))).b, "one\ntwo"},
		"cut off":            {newWinmail().add(1, attBody, []byte(said)).b[:60], "Во дворе дома 5 третий"},
		"nothing":            {newWinmail().b, ""},
		"lying lengths":      {append(newWinmail().b, 1, 0x0c, 0x80, 2, 0, 0xff, 0xff, 0xff, 0xff, 'x'), "x"},
	} {
		got := mail.Read(withWinmail("", c.pack))
		if strings.TrimSpace(got.Text) != c.want && !(name == "cut off" && strings.HasPrefix(said, strings.TrimRight(got.Text, "\uFFFD")) && got.Text != "") {
			t.Errorf("%s: %q, want %q", name, got.Text, c.want)
		}
	}
	if l := mail.Read(withWinmail(said, []byte("no TNEF at all"))); len(l.Files) != 1 || l.Files[0].Name != "winmail.dat" || l.Text != said {
		t.Errorf("what is no TNEF: %+v", l)
	}
}

func FuzzWinmail(f *testing.F) {
	f.Add(newWinmail().add(1, attBody, []byte("x")).add(2, attRendering, nil).add(2, attTitle, []byte("a/b\\c.jpg")).add(2, attData, make([]byte, 4000)).b)
	f.Add(newWinmail().add(1, attProps, props(prop(0x1000, 0x1f, wide("x")), prop(0x1009, 0x102, []byte("\x00\x00\x00\x00\x00\x00\x00\x00LZFu\x00\x00\x00\x00\x00{\\u-3?\\'e0}")))).b)
	f.Fuzz(func(t *testing.T, pack []byte) {
		raw := withWinmail("", pack)
		l := mail.Read(raw)
		if strings.ToValidUTF8(l.Text, "") != l.Text {
			t.Error("no UTF-8")
		}
		for _, file := range l.Files {
			mail.Part(raw, file.Path, 1<<20)
			if strings.ContainsAny(file.Name, "/\\\r\n") || strings.ToValidUTF8(file.Name, "") != file.Name {
				t.Errorf("file name %q", file.Name)
			}
		}
	})
}
