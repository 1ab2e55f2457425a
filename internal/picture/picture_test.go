package picture

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"math"
	"strings"
	"testing"
	"time"

	"otklik/internal/fault"
)

// drawn is red on the left and blue on the right, w by h.
func drawn(w, h int) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			c := color.RGBA{200, 20, 20, 255}
			if x >= w/2 {
				c = color.RGBA{20, 20, 200, 255}
			}
			img.SetRGBA(x, y, c)
		}
	}
	return img
}

func jpegOf(t testing.TB, img image.Image) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := jpeg.Encode(&out, img, nil); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// withExif puts a segment with orientation, time and position behind the first marker.
func withExif(b []byte, turn uint16) []byte {
	le := binary.LittleEndian
	t := []byte("II*\x00\x08\x00\x00\x00")
	entry := func(tag, kind uint16, count, v uint32) {
		t = le.AppendUint32(le.AppendUint32(le.AppendUint16(le.AppendUint16(t, tag), kind), count), v)
	}
	t = le.AppendUint16(t, 3) // at 8: 2 + 3*12 + 4 = 42, so the next stands at 50
	entry(tagOrientation, 3, 1, uint32(turn))
	entry(tagExif, 4, 1, 50)
	entry(tagGPS, 4, 1, 68)
	t = le.AppendUint32(t, 0)
	t = le.AppendUint16(t, 1) // at 50: 18 bytes
	entry(tagTaken, 2, 20, 122)
	t = le.AppendUint32(t, 0)
	t = le.AppendUint16(t, 4) // at 68: 54 bytes
	entry(tagLatRef, 2, 2, 'N')
	entry(tagLat, 5, 3, 142)
	entry(tagLonRef, 2, 2, 'E')
	entry(tagLon, 5, 3, 166)
	t = le.AppendUint32(t, 0)
	t = append(t, "2026:04:05 12:30:00\x00"...)
	for _, n := range []uint32{53, 1, 30, 1, 36, 1, 91, 1, 15, 1, 0, 1} {
		t = le.AppendUint32(t, n)
	}
	t = append(t, "хозяин снимка"...)
	body := append([]byte("Exif\x00\x00"), t...)
	seg := binary.BigEndian.AppendUint16([]byte{0xff, 0xe1}, uint16(len(body)+2))
	return bytes.Join([][]byte{b[:2], seg, body, b[2:]}, nil)
}

func decoded(t *testing.T, b []byte) image.Image {
	t.Helper()
	img, err := jpeg.Decode(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	return img
}

func red(img image.Image, x, y int) bool {
	r, _, b, _ := img.At(x, y).RGBA()
	return r > b
}

func TestNothingButThePictureIsLeft(t *testing.T) {
	t.Parallel()
	raw := append(withExif(jpegOf(t, drawn(400, 200)), 6), "<script>alert(1)</script>PK\x03\x04 хозяин"...)
	p, err := Clean(raw)
	if err != nil {
		t.Fatal(err)
	}
	for name, b := range map[string][]byte{"the picture": p.Full, "the small one": p.Small} {
		for _, trace := range []string{"Exif", "хозяин", "script", "2026:04", "PK\x03\x04"} {
			if bytes.Contains(b, []byte(trace)) {
				t.Errorf("%s holds %q", name, trace)
			}
		}
	}
	f := p.Facts
	if want := time.Date(2026, 4, 5, 12, 30, 0, 0, time.UTC); !f.TakenAt.Equal(want) || math.Abs(f.Lat-53.51) > 1e-9 || math.Abs(f.Lon-91.25) > 1e-9 {
		t.Errorf("facts = %+v", f)
	}
	if p.Width != 200 || p.Height != 400 {
		t.Errorf("a picture that lay on its side is %d by %d", p.Width, p.Height)
	}
	if img := decoded(t, p.Full); !red(img, 100, 20) || red(img, 100, 380) {
		t.Error("it was turned the wrong way: what was left must be above")
	}
}

func TestOrientations(t *testing.T) {
	t.Parallel()
	img := image.NewRGBA(image.Rect(0, 0, 40, 20)) // red corner: left above
	for y := range 20 {
		for x := range 40 {
			c := color.RGBA{0, 0, 255, 255}
			if x < 20 && y < 10 {
				c = color.RGBA{255, 0, 0, 255}
			}
			img.SetRGBA(x, y, c)
		}
	}
	corners := map[int][2]bool{1: {true, true}, 2: {false, true}, 3: {false, false}, 4: {true, false}, 5: {true, true}, 6: {false, true}, 7: {false, false}, 8: {true, false}}
	for turn, at := range corners { // left?, above?
		got := turned(img, turn)
		w, h := got.Rect.Dx(), got.Rect.Dy()
		if (turn >= 5) != (h > w) {
			t.Errorf("orientation %d: %d by %d", turn, w, h)
		}
		x, y := w-3, h-3
		if at[0] {
			x = 2
		}
		if at[1] {
			y = 2
		}
		if !red(got, x, y) {
			t.Errorf("orientation %d: the corner is not at left %v, above %v", turn, at[0], at[1])
		}
	}
}

func TestAllFormatsAreDrawnAnewAndShrunk(t *testing.T) {
	t.Parallel()
	img := drawn(3000, 1000)
	var p, g bytes.Buffer
	if err := png.Encode(&p, img); err != nil {
		t.Fatal(err)
	}
	pal := image.NewPaletted(image.Rect(0, 0, 30, 10), color.Palette{color.RGBA{200, 20, 20, 255}, color.RGBA{20, 20, 200, 255}})
	for y := range 10 {
		for x := 15; x < 30; x++ {
			pal.SetColorIndex(x, y, 1)
		}
	}
	if err := gif.Encode(&g, pal, nil); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		b    []byte
		w, h int
	}{"jpeg": {jpegOf(t, img), 2048, 682}, "png": {p.Bytes(), 2048, 682}, "gif": {g.Bytes(), 30, 10}} {
		got, err := Clean(c.b)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got.Width != c.w || got.Height != c.h {
			t.Errorf("%s: %d by %d, want %d by %d", name, got.Width, got.Height, c.w, c.h)
		}
		if img := decoded(t, got.Full); !red(img, 2, 2) || red(img, c.w-3, 2) {
			t.Errorf("%s: the colours are not those", name)
		}
		if s := decoded(t, got.Small).Bounds(); max(s.Dx(), s.Dy()) > SmallSide {
			t.Errorf("%s: the small one is %v", name, s)
		}
	}
}

func TestWhatIsTransparentIsWhite(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewNRGBA(image.Rect(0, 0, 8, 8))); err != nil {
		t.Fatal(err)
	}
	p, err := Clean(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if r, _, _, _ := decoded(t, p.Full).At(4, 4).RGBA(); r < 0xf000 {
		t.Errorf("red is %x", r)
	}
}

// bomb returns a PNG that tells a size and holds nothing.
func bomb(w, h uint32) []byte {
	b := []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR")
	b = append(binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(b, w), h), 8, 6, 0, 0, 0)
	return append(b, 0, 0, 0, 0)
}

// resized writes another size into the frame of a JPEG, and makes it progressive.
func resized(b []byte, w, h uint16, marker byte) []byte {
	b = bytes.Clone(b)
	at := bytes.Index(b, []byte{0xff, 0xc0})
	b[at+1] = marker
	binary.BigEndian.PutUint16(b[at+5:], h)
	binary.BigEndian.PutUint16(b[at+7:], w)
	return b
}

func TestWhatIsRefused(t *testing.T) {
	t.Parallel()
	good := jpegOf(t, drawn(64, 64))
	crc := bomb(60000, 60000)
	binary.BigEndian.PutUint32(crc[len(crc)-4:], 0x1) // the config reader may stop at the sum: that refuses, too
	for name, c := range map[string]struct {
		b    []byte
		says string
	}{
		"nothing":            {nil, "не фотография"},
		"a page":             {[]byte("<html><script>alert(1)</script>"), "не фотография"},
		"a drawing of lines": {[]byte(`<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`), "не фотография"},
		"an archive":         {[]byte("PK\x03\x04"), "не фотография"},
		"another RIFF":       {[]byte("RIFF\x00\x00\x00\x00WAVEfmt "), "не фотография"},
		"a bomb":             {crc, "Снимок"},
		"a huge JPEG":        {resized(good, 15000, 15000, 0xc0), "слишком большой"},
		"a long JPEG":        {resized(good, 65000, 10, 0xc0), "слишком большой"},
		"a progressive bomb": {resized(good, 6000, 6000, 0xc2), "слишком большой"},
		"half a picture":     {good[:len(good)/2], "повреждён"},
		"only a head":        {good[:3], "повреждён"},
	} {
		_, err := Clean(c.b)
		if !fault.Is(err, fault.Invalid) || !strings.Contains(fault.Sentence(err), c.says) {
			t.Errorf("%s: %v, sentence %q; want one with %q", name, err, fault.Sentence(err), c.says)
		}
	}
}

func FuzzClean(f *testing.F) {
	f.Add(withExif(jpegOf(f, drawn(16, 8)), 8))
	f.Add(bomb(4, 4))
	f.Add([]byte("GIF89a\x01\x00\x01\x00\x00\x00\x00;"))
	f.Add([]byte("RIFF\x1a\x00\x00\x00WEBPVP8L\x0d\x00\x00\x00\x2f\x00\x00\x00\x10\x07\x10\x11\x11\x88\x88\xfe\x07\x00"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if c := formatOf(b); c != nil {
			if size, err := c.config(b); err != nil || size.Width*size.Height > 1<<20 {
				t.Skip("bounds are tested apart; here they would only cost memory")
			}
		}
		headOf(b)
		p, err := Clean(b)
		if err != nil {
			if !fault.Is(err, fault.Invalid) || fault.Sentence(err) == "" {
				t.Fatalf("Clean = %v without a sentence", err)
			}
			return
		}
		if p.Width <= 0 || p.Width > Side || p.Height > Side || math.Abs(p.Facts.Lat) > 90 {
			t.Fatalf("%d by %d, %+v", p.Width, p.Height, p.Facts)
		}
	})
}
