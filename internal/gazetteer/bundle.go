package gazetteer

import (
	"bufio"
	"compress/gzip"
	"fmt"
	"io"
	"strconv"
	"strings"

	"otklik/data/territories"
	"otklik/internal/place"
)

// An Entry is a line of the bundled territories: a place, the other codes under
// which it is known and the keys by which it is found.
type Entry struct {
	place.Place
	Also []string // other OKTMO codes of the same territory, of another year of the classifier
	Keys []string // keys by which the place is found, see KeysOf
}

// The letters that stand for levels in a territory file.
var levelLetters = map[place.Level]string{
	place.Region: "R", place.Municipality: "M", place.District: "D", place.Settlement: "S",
}

var letterLevels = map[string]place.Level{
	"R": place.Region, "M": place.Municipality, "D": place.District, "S": place.Settlement,
}

const columns = 12

// WriteEntries writes the territories of one region, gzipped. Columns, parted by
// tabs: id, level letter, name, type, municipality, settlement, point as
// "lat lon", population, time zone, aliases, other codes, keys; the last two are
// lists parted by "|". The bytes depend on the entries only.
func WriteEntries(w io.Writer, entries []Entry) error {
	zw, err := gzip.NewWriterLevel(w, gzip.BestCompression)
	if err != nil {
		return err
	}
	bw := bufio.NewWriter(zw)
	for _, e := range entries {
		point := ""
		if e.Known() {
			point = coordinate(e.Lat) + " " + coordinate(e.Lon)
		}
		population := ""
		if e.Population > 0 {
			population = strconv.Itoa(e.Population)
		}
		line := strings.Join([]string{
			e.ID, levelLetters[e.Level], e.Name, e.Type, e.Municipality, e.Settlement,
			point, population, e.Zone, e.Aliases, strings.Join(e.Also, "|"), strings.Join(e.Keys, "|"),
		}, "\t")
		if strings.Count(line, "\t") != columns-1 || strings.ContainsAny(line, "\n\r") {
			return fmt.Errorf("gazetteer: a tab or line break inside the fields of %s", e.ID)
		}
		bw.WriteString(line)
		bw.WriteByte('\n')
	}
	if err := bw.Flush(); err != nil {
		return err
	}
	return zw.Close()
}

// coordinate writes degrees to five digits, a metre.
func coordinate(v float64) string {
	s := strconv.FormatFloat(v, 'f', 5, 64)
	return strings.TrimRight(strings.TrimRight(s, "0"), ".")
}

// ReadEntries reads what WriteEntries wrote for the region with the code.
func ReadEntries(r io.Reader, region string) ([]Entry, error) {
	zr, err := gzip.NewReader(r)
	if err != nil {
		return nil, err
	}
	var sb strings.Builder
	if _, err := io.Copy(&sb, zr); err != nil {
		return nil, err
	}
	text := sb.String()
	entries := make([]Entry, 0, strings.Count(text, "\n"))
	// Strings that repeat on line after line are kept once.
	same := map[string]string{"": ""}
	shared := func(s string) string {
		if t, ok := same[s]; ok {
			return t
		}
		same[s] = s
		return s
	}
	for n := 1; text != ""; n++ {
		var line string
		line, text, _ = strings.Cut(text, "\n")
		var f [columns]string
		rest, i := line, 0
		for ; i < columns; i++ {
			var more bool
			if f[i], rest, more = strings.Cut(rest, "\t"); !more {
				break
			}
		}
		level, ok := letterLevels[f[1]]
		if i != columns-1 || !ok {
			return nil, fmt.Errorf("gazetteer: territories of %s, line %d: malformed", region, n)
		}
		e := Entry{Place: place.Place{
			ID: f[0], Level: level, Name: f[2], Type: shared(f[3]), Region: region,
			Municipality: shared(f[4]), Settlement: f[5], Zone: shared(f[8]), Aliases: f[9],
		}}
		if f[6] != "" {
			lat, lon, _ := strings.Cut(f[6], " ")
			if e.Lat, err = strconv.ParseFloat(lat, 64); err == nil {
				e.Lon, err = strconv.ParseFloat(lon, 64)
			}
			if err != nil {
				return nil, fmt.Errorf("gazetteer: territories of %s, line %d: %w", region, n, err)
			}
		}
		if f[7] != "" {
			if e.Population, err = strconv.Atoi(f[7]); err != nil {
				return nil, fmt.Errorf("gazetteer: territories of %s, line %d: %w", region, n, err)
			}
		}
		if f[10] != "" {
			e.Also = strings.Split(f[10], "|")
		}
		if f[11] != "" {
			e.Keys = strings.Split(f[11], "|")
		}
		entries = append(entries, e)
	}
	return entries, nil
}

// Bundled returns the bundled territories of the region with the OKTMO code,
// ordered by id.
func Bundled(region string) ([]Entry, error) {
	f, err := territories.Files.Open("regions/" + region + ".tsv.gz")
	if err != nil {
		return nil, fmt.Errorf("gazetteer: no bundled territories of %s: %w", region, err)
	}
	defer f.Close()
	return ReadEntries(f, region)
}
