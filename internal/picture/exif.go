package picture

import (
	"bytes"
	"encoding/binary"
	"math"
	"strings"
	"time"
)

// Facts are what the camera wrote into the picture. They are hints: a camera's clock
// may be wrong, and who sends a picture may write there what they like.
type Facts struct {
	TakenAt  time.Time // as the camera's clock stood, without a zone; zero = unknown
	Lat, Lon float64   // 0, 0 = unknown
	turn     int       // orientation, 1 … 8; 0 = unknown
}

// A head is what stands in front of the picture in a JPEG.
type head struct {
	progressive bool
	facts       Facts
	end         int // where the picture itself begins, or the segments can be read no more
}

// headOf walks through the segments of a JPEG up to the picture itself.
func headOf(b []byte) (h head) {
	const sos, app1 = 0xda, 0xe1
	for at := 2; at+4 <= len(b); {
		h.end = at
		if b[at] != 0xff {
			return h
		}
		marker := b[at+1]
		if marker == 0xff || marker >= 0xd0 && marker <= 0xd8 || marker == 0x01 { // fill, or without a length
			at++
			if marker != 0xff {
				at++
			}
			continue
		}
		size := int(binary.BigEndian.Uint16(b[at+2:]))
		if size < 2 || at+2+size > len(b) || marker == sos {
			return h
		}
		body := b[at+4 : at+2+size]
		switch {
		case marker == 0xc2, marker == 0xc6, marker == 0xca, marker == 0xce:
			h.progressive = true
		case marker == app1 && bytes.HasPrefix(body, []byte("Exif\x00\x00")):
			h.facts = exif(body[6:])
		}
		at += 2 + size
	}
	return h
}

// tiff reads the directories of EXIF. Whatever does not fit into the bytes is absent.
type tiff struct {
	b     []byte
	order binary.ByteOrder
}

// Tags of EXIF 2.32 that we read.
const (
	tagOrientation = 0x0112
	tagExif        = 0x8769
	tagGPS         = 0x8825
	tagTaken       = 0x9003
	tagLatRef      = 1
	tagLat         = 2
	tagLonRef      = 3
	tagLon         = 4
)

func exif(b []byte) (f Facts) {
	t := tiff{b: b}
	switch {
	case len(b) < 8:
		return f
	case string(b[:4]) == "II*\x00":
		t.order = binary.LittleEndian
	case string(b[:4]) == "MM\x00*":
		t.order = binary.BigEndian
	default:
		return f
	}
	main := t.directory(int64(t.order.Uint32(b[4:])))
	if n := t.number(main[tagOrientation]); n >= 1 && n <= 8 {
		f.turn = int(n)
	}
	if sub := t.number(main[tagExif]); sub > 0 {
		words := strings.TrimRight(string(t.directory(sub)[tagTaken].data), "\x00 ")
		if at, err := time.Parse("2006:01:02 15:04:05", words); err == nil && at.Year() > 1990 && at.Year() < 2200 {
			f.TakenAt = at
		}
	}
	if sub := t.number(main[tagGPS]); sub > 0 {
		gps := t.directory(sub)
		lat, lon := t.degrees(gps[tagLat], gps[tagLatRef], 'S'), t.degrees(gps[tagLon], gps[tagLonRef], 'W')
		if math.Abs(lat) <= 90 && math.Abs(lon) <= 180 && (lat != 0 || lon != 0) { // false for what is no number
			f.Lat, f.Lon = lat, lon
		}
	}
	return f
}

// A value is one entry of a directory.
type value struct {
	kind uint16
	data []byte
}

var sizes = map[uint16]int64{1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 7: 1}

// directory reads the entries at an offset.
func (t *tiff) directory(at int64) map[uint16]value {
	out := map[uint16]value{}
	if at < 8 || at+2 > int64(len(t.b)) {
		return out
	}
	n := int64(t.order.Uint16(t.b[at:]))
	for k := range min(n, 200) {
		e := at + 2 + 12*k
		if e+12 > int64(len(t.b)) {
			return out
		}
		tag, kind, count := t.order.Uint16(t.b[e:]), t.order.Uint16(t.b[e+2:]), int64(t.order.Uint32(t.b[e+4:]))
		size := sizes[kind] * count
		if size <= 0 || size > 64 {
			continue
		}
		from := e + 8
		if size > 4 {
			from = int64(t.order.Uint32(t.b[e+8:]))
		}
		if from+size <= int64(len(t.b)) {
			out[tag] = value{kind, t.b[from : from+size]}
		}
	}
	return out
}

// number returns a short or a long.
func (t *tiff) number(v value) int64 {
	switch {
	case v.kind == 3 && len(v.data) >= 2:
		return int64(t.order.Uint16(v.data))
	case v.kind == 4 && len(v.data) >= 4:
		return int64(t.order.Uint32(v.data))
	}
	return 0
}

// degrees returns degrees, minutes and seconds as one number, negative for the other half.
func (t *tiff) degrees(v, ref value, negative byte) float64 {
	if v.kind != 5 || len(v.data) < 24 {
		return 0
	}
	sum := 0.0
	for k, part := range []float64{1, 60, 3600} {
		sum += float64(t.order.Uint32(v.data[8*k:])) / float64(t.order.Uint32(v.data[8*k+4:])) / part
	}
	if len(ref.data) > 0 && ref.data[0] == negative {
		sum = -sum
	}
	if math.IsNaN(sum) || math.IsInf(sum, 0) {
		return 0
	}
	return sum
}
