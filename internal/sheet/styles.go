package sheet

import (
	"encoding/xml"
	"math"
	"strconv"
	"strings"
	"time"
)

// styles say which cells show a number as a date.
type styles struct{ dates []bool } // by the cell's style

func (b *Book) styling() error {
	formats := map[int]string{}
	cells := false
	return b.walk("xl/styles.xml", func(_ *xml.Decoder, e xml.StartElement) error {
		switch e.Name.Local {
		case "numFmt":
			id, _ := strconv.Atoi(attr(e, "numFmtId"))
			formats[id] = attr(e, "formatCode")
		case "cellStyleXfs", "dxfs", "cellStyles":
			cells = false
		case "cellXfs":
			cells = true
		case "xf":
			if cells && len(b.styles.dates) < 1<<16 {
				id, _ := strconv.Atoi(attr(e, "numFmtId"))
				code, own := formats[id]
				b.styles.dates = append(b.styles.dates, own && dateFormat(code) || !own && dateID(id))
			}
		}
		return nil
	})
}

func (s *styles) date(style string) bool {
	k, err := strconv.Atoi(style)
	return err == nil && k >= 0 && k < len(s.dates) && s.dates[k]
}

// dateID reports whether a built-in format shows a date (ISO/IEC 29500-1, 18.8.30, with
// those of eastern languages).
func dateID(id int) bool {
	return id >= 14 && id <= 22 || id >= 27 && id <= 36 || id >= 45 && id <= 47 || id >= 50 && id <= 58
}

// dateFormat reports whether a format's code shows a date: it names a day, month, year,
// hour or second outside of quotes, brackets and escapes.
func dateFormat(code string) bool {
	code, _, _ = strings.Cut(code, ";")
	if strings.EqualFold(code, "general") || strings.Contains(strings.ToLower(code), "основной") {
		return false
	}
	quoted, bracket := false, false
	for i := 0; i < len(code); i++ {
		switch c := code[i]; {
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '\\' || c == '_' || c == '*':
			i++
		case c == '[':
			bracket = true
		case c == ']':
			bracket = false
		case bracket:
		case strings.IndexByte("dmyhsDMYHS", c) >= 0:
			return true
		}
	}
	return false
}

// moment returns the date that a number stands for, as the sheet shows it. The second
// system counts from 1904; the first one counts a 29 February 1900 that never was.
func moment(n float64, since04 bool) (string, bool) {
	if math.IsNaN(n) || n < 0 || n > 2_958_466 { // the end of 9999
		return "", false
	}
	day := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
	switch {
	case since04:
		day = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC)
	case n < 61:
		day = day.AddDate(0, 0, 1)
	}
	whole, part := math.Modf(n)
	t := day.AddDate(0, 0, int(whole)).Add(time.Duration(math.Round(part*86_400)) * time.Second)
	if n < 1 && !since04 { // a time without a day
		return t.Format("15:04:05"), true
	}
	if t.Hour()+t.Minute()+t.Second() == 0 {
		return t.Format("2006-01-02"), true
	}
	return t.Format("2006-01-02 15:04:05"), true
}

// plain writes a number without a power of ten.
func plain(s string) string {
	if !strings.ContainsAny(s, ".eE") {
		return s
	}
	n, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsInf(n, 0) || math.IsNaN(n) || math.Abs(n) > 1e21 {
		return s
	}
	return strconv.FormatFloat(n, 'f', -1, 64)
}
