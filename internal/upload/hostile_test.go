package upload

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"strings"
	"testing"

	"otklik/internal/attachment"
	"otklik/internal/fault"
)

func jpegOf(t testing.TB, w, h int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, w, h)), nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func pngOf(t testing.TB, w, h int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, w, h))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func gifOf(t testing.TB, frames int) []byte {
	t.Helper()
	g := &gif.GIF{}
	for range frames {
		g.Image = append(g.Image, image.NewPaletted(image.Rect(0, 0, 20, 10), color.Palette{color.Black, color.White}))
		g.Delay = append(g.Delay, 10)
	}
	var b bytes.Buffer
	if err := gif.EncodeAll(&b, g); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// withExif puts the camera's notes behind the first marker: an owner who is a script, a time,
// 53.51 north, 91.25 east.
func withExif(b []byte) []byte {
	le := binary.LittleEndian
	t := []byte("II*\x00\x08\x00\x00\x00")
	entry := func(tag, kind uint16, count, v uint32) {
		t = le.AppendUint32(le.AppendUint32(le.AppendUint16(le.AppendUint16(t, tag), kind), count), v)
	}
	t = le.AppendUint16(t, 2) // at 8: 2 + 2*12 + 4 = 30, so the next stands at 38
	entry(0x8769, 4, 1, 38)
	entry(0x8825, 4, 1, 56)
	t = le.AppendUint32(t, 0)
	t = le.AppendUint16(t, 1) // at 38: 18 bytes
	entry(0x9003, 2, 20, 110)
	t = le.AppendUint32(t, 0)
	t = le.AppendUint16(t, 4) // at 56: 54 bytes
	entry(1, 2, 2, 'N')
	entry(2, 5, 3, 130)
	entry(3, 2, 2, 'E')
	entry(4, 5, 3, 154)
	t = le.AppendUint32(t, 0)
	t = append(t, "2026:04:05 12:30:00\x00"...)
	for _, n := range []uint32{53, 1, 30, 1, 36, 1, 91, 1, 15, 1, 0, 1} {
		t = le.AppendUint32(t, n)
	}
	t = append(t, "владелец <script>alert(1)</script> '; DROP TABLE message"...)
	body := append([]byte("Exif\x00\x00"), t...)
	seg := binary.BigEndian.AppendUint16([]byte{0xff, 0xe1}, uint16(len(body)+2))
	return bytes.Join([][]byte{b[:2], seg, body, b[2:]}, nil)
}

// pngHead is a PNG that says that it is so large, and brings nothing.
func pngHead(w, h uint32) []byte {
	b := []byte("\x89PNG\r\n\x1a\n")
	chunk := func(name string, body []byte) {
		b = binary.BigEndian.AppendUint32(b, uint32(len(body)))
		at := len(b)
		b = append(append(b, name...), body...)
		b = binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[at:]))
	}
	head := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, w), h)
	chunk("IHDR", append(head, 8, 6, 0, 0, 0))
	chunk("IDAT", []byte{0x78, 0x9c, 3, 0, 0, 0, 0, 1})
	chunk("IEND", nil)
	return b
}

func boxOf(name string, body ...[]byte) []byte {
	all := bytes.Join(body, nil)
	return append(append(binary.BigEndian.AppendUint32(nil, uint32(8+len(all))), name...), all...)
}

// filmOf is a video of a phone: where and when it was taken, whose phone, a track of its own
// with the path, and a mark in the picture data.
func filmOf() []byte {
	head := binary.BigEndian.AppendUint32([]byte{0, 0, 0, 0}, 2082844800+1_775_000_000)
	head = append(head, make([]byte, 92)...)
	handler := func(sort string) []byte {
		return boxOf("hdlr", make([]byte, 8), []byte(sort), make([]byte, 12), []byte("Айфон Анны\x00"))
	}
	track := func(sort, inside string) []byte {
		return boxOf("trak", boxOf("mdia", handler(sort), boxOf("minf", []byte(inside))))
	}
	return bytes.Join([][]byte{
		boxOf("ftyp", []byte("isom\x00\x00\x02\x00isommp41")),
		boxOf("moov", boxOf("mvhd", head), track("vide", "кадры"), track("meta", "путь по дворам"),
			boxOf("udta", boxOf("\xa9xyz", []byte("\x00\x13\x15\xc7+53.7200+091.4400/")), boxOf("auth", []byte("Анна Петрова")))),
		boxOf("free", []byte("PK\x03\x04 спрятано")),
		boxOf("mdat", []byte("кадры фильма")),
	}, nil)
}

func pdfOf(pages int, inside string) []byte {
	var b bytes.Buffer
	b.WriteString("%PDF-1.7\n")
	for n := range pages {
		fmt.Fprintf(&b, "%d 0 obj<</Type/Page/Parent 1 0 R>>endobj\n", n+2)
	}
	b.WriteString(inside + "\ntrailer<</Root 1 0 R>>\n%%EOF\n")
	return b.Bytes()
}

func zipped(t testing.TB, b []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	z.Write(b)
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// What strangers send is refused with a sentence, or nothing of it is left but what it seems
// to be.
func TestHostileFiles(t *testing.T) {
	t.Parallel()
	photo := jpegOf(t, 64, 48)
	page := "<html><script>alert(1)</script></html>"
	jar := "PK\x03\x04 Evil.class PK\x05\x06" + strings.Repeat("\x00", 18)
	webp := []byte("RIFF\x1a\x00\x00\x00WEBPVP8L\x0d\x00\x00\x00\x2f\x00\x00\x00\x10\x07\x10\x11\x11\x88\x88\xfe\x07\x00")
	for name, c := range map[string]struct {
		name, says string // "" = it is taken
		raw        []byte
		kind       attachment.Kind
		without    []string // of what is shown
	}{
		"a photo":                     {raw: photo, kind: attachment.Photo},
		"a photo with notes":          {raw: withExif(photo), kind: attachment.Photo, without: []string{"script", "DROP", "владелец", "Exif"}},
		"a photo and a page":          {raw: append(bytes.Clone(photo), page...), kind: attachment.Photo, without: []string{"script"}},
		"a photo and an archive":      {raw: append(bytes.Clone(photo), jar...), kind: attachment.Photo, without: []string{"PK\x03\x04", "Evil"}},
		"GIFAR":                       {raw: append(gifOf(t, 1), jar...), kind: attachment.Photo, without: []string{"PK\x03\x04", "GIF8"}},
		"a moving picture":            {raw: gifOf(t, 40), kind: attachment.Photo, without: []string{"NETSCAPE", "GIF8"}},
		"a WebP":                      {raw: webp, kind: attachment.Photo, without: []string{"WEBP"}},
		"a bomb of a picture":         {raw: pngHead(50_000, 50_000), says: "слишком большой"},
		"a long bomb":                 {raw: pngHead(2_000_000_000, 1), says: "слишком большой"},
		"a squeezed WebP":             {name: "двор.webp", raw: zipped(t, webp), says: "Сжатые файлы"},
		"a bomb of an archive":        {raw: zipped(t, make([]byte, 10<<20)), says: "Сжатые файлы"},
		"an archive as a photo":       {name: "яма.jpg", raw: []byte(jar + strings.Repeat(" ", 100)), says: "Архивы"},
		"SVG with a script":           {raw: []byte(`<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`), says: "SVG"},
		"SVG behind a mark":           {raw: []byte("\xef\xbb\xbf \n<?xml version=\"1.0\"?><svg/>" + strings.Repeat(" ", 80)), says: "SVG"},
		"a page":                      {name: "фото.jpg", raw: []byte("<!DOCTYPE html>" + page + strings.Repeat(" ", 80)), says: "Веб-страницы"},
		"a program":                   {name: "фото.jpg.exe", raw: append([]byte("MZ\x90"), make([]byte, 200)...), says: "Программы"},
		"words":                       {raw: []byte("просто текст"), says: "Такой файл не принимается"},
		"HEIC":                        {raw: boxOf("ftyp", []byte("heic\x00\x00\x00\x00mif1heic")), says: "HEIC"},
		"a film with a path":          {raw: filmOf(), kind: attachment.Video, without: []string{"+53.72", "Анна", "Анны", "путь", "спрятано", "udta"}},
		"a film and a page":           {raw: append(filmOf(), page...), says: "Видео пришло не целиком"},
		"a film cut off":              {raw: filmOf()[:len(filmOf())-5], says: "Видео пришло не целиком"},
		"a film without pictures":     {raw: boxOf("ftyp", []byte("isom\x00\x00\x02\x00")), says: "Видео пришло не целиком"},
		"a document":                  {raw: pdfOf(1, ""), kind: attachment.Document},
		"a document of 10,000 pages":  {raw: pdfOf(10_000, ""), kind: attachment.Document},
		"a document with a program":   {raw: pdfOf(1, "1 0 obj<</OpenAction<</S/JavaScript/JS(app.alert(1))>>>>endobj"), kind: attachment.Document},
		"a document cut off":          {raw: pdfOf(100, "")[:2000], says: "Документ пришёл не целиком"},
		"a photo cut off":             {raw: jpegOf(t, 640, 480)[:1200], says: "не целиком"},
		"a PNG cut off":               {raw: pngOf(t, 64, 64)[:60], says: "не целиком"},
		"a GIF cut off":               {raw: gifOf(t, 3)[:60], says: "не целиком"},
		"a photo cut off in its head": {raw: photo[:30], says: "повреждён"},
		"nothing":                     {raw: nil, says: "Файл пустой"},
		"one byte":                    {raw: []byte{0xff}, says: "Такой файл не принимается"},
		"zeros":                       {raw: make([]byte, 5000), says: "Такой файл не принимается"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			f, err := h.Take(t.Context(), neighbour, c.name, bytes.NewReader(c.raw))
			if c.says != "" {
				if !fault.Is(err, fault.Invalid) || !strings.Contains(fault.Sentence(err), c.says) {
					t.Errorf("Take = %v, says %q; want %q", err, fault.Sentence(err), c.says)
				}
				if left := h.files(t); len(left) != 0 {
					t.Errorf("left of what was refused: %v", left)
				}
				return
			}
			if err != nil || f.Kind != c.kind {
				t.Fatalf("Take = %+v, %v, says %q; want %s", f, err, fault.Sentence(err), c.kind)
			}
			m, err := h.file(t, f.Token)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := h.Step(t.Context()); err != nil {
				t.Fatal(err)
			}
			a := h.shown(t, m)
			if a.State != attachment.Kept || a.File.Kind != c.kind {
				t.Fatalf("it became %s (%s), %s", a.State, a.Why, a.File.Kind)
			}
			shown := h.bytes(t, a.Hash)
			for _, w := range c.without {
				if bytes.Contains(shown, []byte(w)) {
					t.Errorf("what is shown holds %q", w)
				}
			}
			if c.kind == attachment.Video && (len(shown) != len(c.raw) || !bytes.Contains(shown, []byte("кадры фильма")) || f.Lat < 53.7 || f.TakenAt.Year() != 2026) {
				t.Errorf("the film is %d bytes of %d, at %v, %v", len(shown), len(c.raw), f.Lat, f.TakenAt)
			}
		})
	}
}

// A picture may pass the look at its ends and still not open: that shows when it is drawn.
func TestWhatDoesNotOpenIsNotShown(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	raw := jpegOf(t, 640, 480)
	f, err := h.Take(t.Context(), neighbour, "", bytes.NewReader(append(raw[:700:700], 0xff, 0xd9)))
	if err != nil {
		t.Fatal(err)
	}
	m, err := h.file(t, f.Token)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.Step(t.Context()); err != nil {
		t.Fatal(err)
	}
	if a := h.shown(t, m); a.State != attachment.Lost || a.Why != attachment.Unfit {
		t.Errorf("it became %s, %s", a.State, a.Why)
	}
}

func TestNamesAreMadeHarmless(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"двор.jpg":                      "двор.jpg",
		"../../etc/passwd":              "passwd",
		`..\..\windows\system.ini`:      "system.ini",
		"a\x00b.jpg":                    "ab.jpg",
		"фото\u202egpj.exe":             "фотоgpj.exe"[:0],
		"снимок\u200b 1.jpg":            "снимок 1.jpg",
		"раsport.pdf":                   "", // Cyrillic «ра»
		"<img src=x onerror=alert(1)>.": "img src=x onerror=alert(1)",
		"..":                            "",
		"\xff\xfe.jpg":                  "jpg",
		"  много   пробелов .png ":      "много пробелов .png",
	} {
		if got := Name(in); got != want {
			t.Errorf("Name(%q) = %q, want %q", in, got, want)
		}
	}
	if got := Name(strings.Repeat("я", 500) + ".jpg"); len([]rune(got)) != longestName || !strings.HasSuffix(got, ".jpg") {
		t.Errorf("a long name became %q", got)
	}
	for in, want := range map[string]string{"счёт.pdf.exe": "счёт.pdf.jpg", "двор.JPEG": "двор.JPEG", "двор": "двор.jpg", "": "", "v1.2 отчёт о работе": "v1.2 отчёт о работе.jpg"} {
		if got := titled(in, "jpg"); got != want {
			t.Errorf("titled(%q, jpg) = %q, want %q", in, got, want)
		}
	}
}

// FuzzLook: whatever comes, it is refused with a sentence or is one of the kinds that we take;
// and a film keeps its length.
func FuzzLook(f *testing.F) {
	for _, seed := range [][]byte{withExif(jpegOf(f, 16, 16)), pngOf(f, 8, 8), gifOf(f, 2), filmOf(), pdfOf(2, ""), pngHead(50_000, 50_000), {}, []byte("<svg/>")} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		r := bytes.NewReader(raw)
		s, err := look(r, int64(len(raw)))
		if err != nil {
			if !fault.Is(err, fault.Invalid) || fault.Sentence(err) == "" {
				t.Fatalf("look = %v without a sentence", err)
			}
			return
		}
		if s.kind == attachment.Video {
			out, err := without(r, int64(len(raw)))
			if err != nil {
				t.Fatal(err)
			}
			var b bytes.Buffer
			if n, err := b.ReadFrom(out); err != nil || n != int64(len(raw)) {
				t.Fatalf("the film has %d of %d bytes, %v", n, len(raw), err)
			}
			if _, err := film(bytes.NewReader(b.Bytes()), int64(b.Len())); err != nil {
				t.Fatalf("the blanked film does not open: %v", err)
			}
		}
	})
}

func FuzzName(f *testing.F) {
	f.Add("../../двор\x00.jpg")
	f.Fuzz(func(t *testing.T, in string) {
		if got := Name(in); strings.ContainsAny(got, "/\\\x00\n<>\"'&\u202e\u200b") || len([]rune(got)) > longestName || Name(got) != got && got != "" && !strings.Contains(got, "…") {
			t.Fatalf("Name(%q) = %q", in, got)
		}
	})
}
