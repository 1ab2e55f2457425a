package letter

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"fmt"
	"io"
	"strings"
	"sync"
	"unicode"

	"github.com/signintech/gopdf"
	"golang.org/x/text/unicode/norm"

	"otklik/internal/fault"
)

//go:embed font/golos-regular.ttf.gz
var regularFont []byte

//go:embed font/golos-bold.ttf.gz
var boldFont []byte

// lacking stands for a letter that the font lacks.
const lacking = '□'

// fonts unpacks the fonts once.
var fonts = sync.OnceValues(func() (out [2][]byte, err error) {
	for k, packed := range [][]byte{regularFont, boldFont} {
		r, err := gzip.NewReader(bytes.NewReader(packed))
		if err != nil {
			return out, err
		}
		if out[k], err = io.ReadAll(r); err != nil {
			return out, err
		}
	}
	return out, nil
})

var fontNames = [2]string{"regular", "bold"}

// An ink writes and measures with the embedded fonts.
type ink struct {
	doc    gopdf.GoPdf
	widths [2]map[rune]float64 // of letters of one point
}

func newInk() (_ *ink, err error) {
	defer fault.Wrap(&err, "letter: fonts")
	data, err := fonts()
	if err != nil {
		return nil, err
	}
	i := &ink{widths: [2]map[rune]float64{{}, {}}}
	i.doc.Start(gopdf.Config{PageSize: gopdf.Rect{W: wide, H: high}})
	for k, name := range fontNames {
		err := i.doc.AddTTFFontDataWithOption(name, data[k], gopdf.TtfOption{OnGlyphNotFoundSubstitute: func(rune) rune { return lacking }})
		if err != nil {
			return nil, err
		}
	}
	return i, nil
}

func (st style) font() int {
	if st.bold {
		return 1
	}
	return 0
}

// letter returns the width of one letter. One that cannot be measured has none: it is not drawn.
func (i *ink) letter(st style, r rune) float64 {
	known := i.widths[st.font()]
	w, ok := known[r]
	if !ok {
		if i.doc.SetFont(fontNames[st.font()], "", 1000) == nil {
			w, _ = i.doc.MeasureTextWidth(string(r))
		}
		w /= 1000
		known[r] = w
	}
	return w * st.size
}

func (i *ink) width(st style, text string) (sum float64) {
	for _, r := range text {
		sum += i.letter(st, r)
	}
	return sum
}

// pdf draws the pages. foot stands below each page before its number; "" = nothing does.
func (s *sheet) pdf(name, foot string) (_ []byte, err error) {
	defer fault.Wrap(&err, "letter: drawing")
	doc := &s.ink.doc
	doc.SetInfo(gopdf.PdfInfo{Title: name})
	for k, marks := range s.pages {
		if foot != "" {
			text := clean(fmt.Sprintf("%s, страница %d из %d", foot, k+1, len(s.pages)))
			marks = append(marks, mark{x: left + (column-s.ink.width(small, text))/2, y: high - bottom/2, style: small, text: text})
		}
		doc.AddPage()
		for _, m := range marks {
			if err := s.ink.draw(&m); err != nil {
				return nil, err
			}
		}
	}
	var out bytes.Buffer
	if _, err := doc.WriteTo(&out); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

func (i *ink) draw(m *mark) error {
	if m.text == "" {
		if m.w > 0 {
			i.doc.RectFromUpperLeftWithStyle(m.x, m.y, m.w, m.h, "F")
		}
		return nil
	}
	if err := i.doc.SetFont(fontNames[m.style.font()], "", m.style.size); err != nil {
		return err
	}
	shade := uint8(0)
	if m.style.grey {
		shade = 80
	}
	i.doc.SetTextColor(shade, shade, shade)
	i.doc.SetXY(m.x, m.y)
	return i.doc.Text(m.text)
}

// sameAs are signs that the font lacks, by those that say the same.
var sameAs = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u2028", "\n", "\u2029", "\n", "\t", "    ", "\u2010", "-", "\u2011", "-", "\u2012", "–", "\u2015", "—",
	"\u2032", "'", "\u2033", "\"", "\u202f", "\u00a0", "\u2007", "\u00a0", "\u2009", " ", "\u200a", " ", "\u2003", " ", "\u2002", " ", "\u3000", " ", "\u2190", "<-", "\u2192", "->", "\u2264", "<=", "\u2265", ">=")

// clean returns a text as it can be printed: letters and their accents in one, without what
// nobody sees. What is no letter of the basic plane (emoji) becomes the empty box.
func clean(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n':
			return r
		case unicode.Is(unicode.Mn, r), unicode.Is(unicode.Cf, r), unicode.IsControl(r), r >= 0x1F3FB && r <= 0x1F3FF: // the last are colours of skin
			return -1
		case r > 0xffff || r == unicode.ReplacementChar:
			return lacking
		}
		return r
	}, norm.NFC.String(sameAs.Replace(strings.ToValidUTF8(text, "\ufffd"))))
}
