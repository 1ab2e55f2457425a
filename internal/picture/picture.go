// Package picture draws a picture that came from outside anew, so that nothing but
// the picture is left: no position, no device, no words in hidden fields, no second
// file behind the first. What the camera wrote (where, when) is returned apart.
//
// Start with Clean. It looks at the bytes, never at a name; it reads the size before
// it decodes, so that a small file cannot ask for gigabytes; it turns the picture as
// the camera stood, and makes a small one beside it. Both are JPEG.
package picture

import (
	"bytes"
	"fmt"
	"image"
	"image/draw"
	"image/gif"
	"image/jpeg"
	"image/png"

	"golang.org/x/image/webp"

	"otklik/internal/fault"
)

// Sides of what is kept, in pixels.
const (
	Side      = 2048 // a house number can be read
	SmallSide = 480
)

// Bounds of what is decoded, in pixels. A progressive JPEG takes twelve bytes a pixel
// while it is decoded, others up to eight.
const (
	mostBaseline    = 64 << 20 // cameras of 50 megapixels
	mostProgressive = 20 << 20
	mostOther       = 25 << 20
	mostSide        = 16_000
)

// A Picture is a picture drawn anew.
type Picture struct {
	Full, Small   []byte // JPEG
	Width, Height int    // of Full
	Facts         Facts
}

// A format is how the bytes of a picture begin.
type format struct {
	name   string
	head   string
	config func(b []byte) (image.Config, error)
	decode func(b []byte) (image.Image, error)
	cut    func(b []byte) bool // the end that the format asks for is not there
}

var formats = []format{
	{"jpeg", "\xff\xd8\xff", func(b []byte) (image.Config, error) { return jpeg.DecodeConfig(bytes.NewReader(b)) }, func(b []byte) (image.Image, error) { return jpeg.Decode(bytes.NewReader(b)) }, cutJPEG},
	{"png", "\x89PNG\r\n\x1a\n", func(b []byte) (image.Config, error) { return png.DecodeConfig(bytes.NewReader(b)) }, func(b []byte) (image.Image, error) { return png.Decode(bytes.NewReader(b)) }, cutPNG},
	{"gif", "GIF8", func(b []byte) (image.Config, error) { return gif.DecodeConfig(bytes.NewReader(b)) }, func(b []byte) (image.Image, error) { return gif.Decode(bytes.NewReader(b)) }, cutGIF},
	{"webp", "RIFF", func(b []byte) (image.Config, error) { return webp.DecodeConfig(bytes.NewReader(b)) }, func(b []byte) (image.Image, error) { return webp.Decode(bytes.NewReader(b)) }, cutWebP},
}

// formatOf returns what the bytes are, nil for no picture that we take.
func formatOf(b []byte) *format {
	for k := range formats {
		f := &formats[k]
		if bytes.HasPrefix(b, []byte(f.head)) && (f.name != "webp" || len(b) > 12 && string(b[8:12]) == "WEBP") {
			return f
		}
	}
	return nil
}

// Is reports whether the bytes begin like a picture that Clean takes.
func Is(b []byte) bool { return formatOf(b) != nil }

// Look tells what the camera wrote, and refuses as Clean does what is no picture, is too
// large or ends too early. It draws nothing: an answer in microseconds.
func Look(b []byte) (facts Facts, err error) {
	f, _, facts, err := examine(b)
	if err == nil && f.cut(b) {
		return Facts{}, fault.New(fault.Invalid, "the picture ends too early").At("file").Say("Снимок пришёл не целиком. Приложите его ещё раз.")
	}
	return facts, err
}

// examine reads the size and what the camera wrote, and refuses what is too large to decode.
func examine(b []byte) (f *format, c image.Config, facts Facts, err error) {
	if f = formatOf(b); f == nil {
		return nil, c, facts, fault.New(fault.Invalid, "the bytes are no picture").At("file").
			Say("Это не фотография, которую можно показать: принимаются JPEG, PNG, WebP и GIF.")
	}
	defer func() { // decoders of foreign bytes
		if r := recover(); r != nil {
			err = broken(fmt.Errorf("decoder panicked: %v", r))
		}
	}()
	if c, err = f.config(b); err != nil {
		return nil, c, facts, broken(err)
	}
	most := mostOther
	if f.name == "jpeg" {
		h := headOf(b)
		if facts, most = h.facts, mostBaseline; h.progressive {
			most = mostProgressive
		}
	}
	if c.Width <= 0 || c.Height <= 0 || c.Width > mostSide || c.Height > mostSide || c.Width*c.Height > most {
		return nil, c, facts, fault.New(fault.Invalid, "a picture of %d by %d", c.Width, c.Height).At("file").
			Say(fmt.Sprintf("Снимок слишком большой: %d × %d точек. Уменьшите его и приложите снова.", c.Width, c.Height))
	}
	return f, c, facts, nil
}

// Clean draws the picture in b anew. It is Invalid, with a sentence for people, for
// what is no picture, is broken, or is too large.
func Clean(b []byte) (p *Picture, err error) {
	f, c, facts, err := examine(b)
	if err != nil {
		return nil, err
	}
	defer func() { // decoders of foreign bytes
		if r := recover(); r != nil {
			p, err = nil, broken(fmt.Errorf("decoder panicked: %v", r))
		}
	}()
	img, err := f.decode(b)
	if err != nil {
		return nil, broken(err)
	}
	if got := img.Bounds(); got.Dx() > c.Width || got.Dy() > c.Height || got.Empty() {
		return nil, broken(fmt.Errorf("%v is not the size that it tells", got))
	}
	full := turned(shrunk(img, Side), facts.turn)
	p = &Picture{Width: full.Rect.Dx(), Height: full.Rect.Dy(), Facts: facts}
	if p.Full, err = encode(full, 85); err != nil {
		return nil, err
	}
	p.Small, err = encode(shrunk(full, SmallSide), 78)
	return p, err
}

func broken(err error) error {
	return fault.New(fault.Invalid, "picture: %w", err).At("file").Say("Снимок повреждён: он не открывается. Попробуйте выбрать его ещё раз или сохраните заново.")
}

func encode(img image.Image, quality int) ([]byte, error) {
	var out bytes.Buffer
	err := jpeg.Encode(&out, img, &jpeg.Options{Quality: quality})
	return out.Bytes(), err
}

// shrunk returns the picture with no side longer than side, over white. Each pixel is
// the mean of those that it covers; the rows are read in strips, so that a large
// picture is never held twice.
func shrunk(img image.Image, side int) *image.RGBA {
	b := img.Bounds()
	w, h := b.Dx(), b.Dy()
	ow, oh := w, h
	if long := max(w, h); long > side {
		ow, oh = max(w*side/long, 1), max(h*side/long, 1)
	}
	out := image.NewRGBA(image.Rect(0, 0, ow, oh))
	strip := image.NewRGBA(image.Rect(0, 0, w, h/oh+2))
	for oy := range oh {
		y0 := oy * h / oh
		y1 := max((oy+1)*h/oh, y0+1)
		rows := image.Rect(0, 0, w, y1-y0)
		draw.Draw(strip, rows, image.White, image.Point{}, draw.Src)
		draw.Draw(strip, rows, img, image.Pt(b.Min.X, b.Min.Y+y0), draw.Over)
		for ox := range ow {
			x0 := ox * w / ow
			x1 := max((ox+1)*w/ow, x0+1)
			var r, g, bl, n uint32
			for y := range y1 - y0 {
				row := strip.Pix[y*strip.Stride+4*x0 : y*strip.Stride+4*x1]
				for k := 0; k+3 < len(row); k += 4 {
					r, g, bl, n = r+uint32(row[k]), g+uint32(row[k+1]), bl+uint32(row[k+2]), n+1
				}
			}
			at := out.Pix[oy*out.Stride+4*ox:]
			at[0], at[1], at[2], at[3] = byte((r+n/2)/n), byte((g+n/2)/n), byte((bl+n/2)/n), 255
		}
	}
	return out
}

// turned applies the orientation of EXIF, 1 … 8.
func turned(img *image.RGBA, turn int) *image.RGBA {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	ow, oh := w, h
	if turn >= 5 {
		ow, oh = h, w
	}
	var from func(x, y int) (int, int)
	switch turn {
	case 2:
		from = func(x, y int) (int, int) { return w - 1 - x, y }
	case 3:
		from = func(x, y int) (int, int) { return w - 1 - x, h - 1 - y }
	case 4:
		from = func(x, y int) (int, int) { return x, h - 1 - y }
	case 5:
		from = func(x, y int) (int, int) { return y, x }
	case 6:
		from = func(x, y int) (int, int) { return y, h - 1 - x }
	case 7:
		from = func(x, y int) (int, int) { return w - 1 - y, h - 1 - x }
	case 8:
		from = func(x, y int) (int, int) { return w - 1 - y, x }
	default:
		return img
	}
	out := image.NewRGBA(image.Rect(0, 0, ow, oh))
	for y := range oh {
		for x := range ow {
			fx, fy := from(x, y)
			copy(out.Pix[y*out.Stride+4*x:y*out.Stride+4*x+4], img.Pix[fy*img.Stride+4*fx:])
		}
	}
	return out
}
