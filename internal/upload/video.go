package upload

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"otklik/internal/attachment"
	"otklik/internal/fault"
)

// Videos of phones are ISO base media files (ISO/IEC 14496-12) or QuickTime: boxes inside of
// boxes. We do not draw them anew; we read where and when, and blank what is neither picture
// nor sound. A blanked box keeps its length, so that offsets inside of the file stay true.

// brand says by the major brand what a file of boxes is.
func brand(b string) sort {
	film := func(ext, media string) sort { return sort{kind: attachment.Video, ext: ext, media: media} }
	switch {
	case b == "qt  ":
		return film("mov", "video/quicktime")
	case strings.HasPrefix(b, "3g"):
		return film("3gp", "video/3gpp")
	case strings.HasPrefix(b, "iso"), strings.HasPrefix(b, "mp4"), strings.HasPrefix(b, "avc"), strings.HasPrefix(b, "M4V"), b == "MSNV", b == "dash", b == "hvc1", b == "mmp4", b == "F4V ":
		return film("mp4", "video/mp4")
	case strings.HasPrefix(b, "hei"), strings.HasPrefix(b, "hev"), b == "mif1", b == "msf1":
		return sort{say: "Снимки HEIC пока не открываются. На айфоне: Настройки → Камера → Форматы → «Наиболее совместимый»; или отправьте снимок экрана."}
	case strings.HasPrefix(b, "avi"):
		return sort{say: "Снимки AVIF не принимаются. Сохраните снимок как JPEG."}
	}
	return sort{say: "Такой файл не принимается. " + takes}
}

// A box is where one stands in the file, and what its parents are: «moov/trak/udta».
type box struct {
	path       string
	at, body   int64 // of its header, of its content
	end        int64
	headerSize int
}

// Bounds of a walk.
const (
	mostBoxes = 20_000
	mostDepth = 6
	mostNotes = 64 << 10 // bytes of one note that are read
)

// parents are boxes that we look into.
var parents = []string{"moov", "moov/trak", "moov/trak/mdia", "moov/udta", "moov/meta"}

func brokenFilm() error {
	return fault.New(fault.Invalid, "boxes that do not fit").At("file").Say("Видео пришло не целиком или повреждено. Приложите его ещё раз.")
}

// boxes walks over the boxes between from and to and calls visit for each, parents first. It
// is Invalid when they do not fill the room exactly: something else stands behind them.
func boxes(r io.ReaderAt, parent string, from, to int64, left *int, visit func(box) error) error {
	for from < to {
		var h [16]byte
		if *left--; *left < 0 || to-from < 8 {
			return brokenFilm()
		}
		if _, err := r.ReadAt(h[:min(16, to-from)], from); err != nil && err != io.EOF {
			return fault.New(fault.Unavailable, "%w", err)
		}
		b := box{path: string(h[4:8]), at: from, headerSize: 8}
		size := int64(binary.BigEndian.Uint32(h[:]))
		switch size {
		case 0: // up to the end
			size = to - from
		case 1:
			size, b.headerSize = int64(binary.BigEndian.Uint64(h[8:])), 16
		}
		if size < int64(b.headerSize) || size > to-from {
			return brokenFilm()
		}
		if parent != "" {
			b.path = parent + "/" + b.path
		}
		b.body, b.end = from+int64(b.headerSize), from+size
		if err := visit(b); err != nil {
			return err
		}
		if slices.Contains(parents, b.path) && strings.Count(b.path, "/") < mostDepth {
			inner := b.body
			if b.path == "moov/meta" && metaIsFull(r, b) {
				inner += 4
			}
			to, tolerant := b.end, strings.HasSuffix(b.path, "udta")
			if tolerant && to-inner >= 4 { // QuickTime may end it with four zero bytes
				var z [4]byte
				if _, err := r.ReadAt(z[:], to-4); err == nil && z == [4]byte{} {
					to -= 4
				}
			}
			if err := boxes(r, b.path, inner, to, left, visit); err != nil {
				return err
			}
		}
		from += size
	}
	return nil
}

// metaIsFull tells MPEG's meta box, which has four bytes before its first box, from QuickTime's.
func metaIsFull(r io.ReaderAt, b box) bool {
	var h [8]byte
	_, err := r.ReadAt(h[:], b.body)
	return err == nil && string(h[4:]) != "hdlr"
}

// A reel is what the camera wrote into a film.
type reel struct {
	takenAt  time.Time
	lat, lon float64
}

// film reads a video's notes and refuses one that is cut off or has something behind its end.
func film(r io.ReaderAt, size int64) (v reel, err error) {
	var moov, mdat bool
	left := mostBoxes
	err = boxes(r, "", 0, size, &left, func(b box) error {
		switch b.path {
		case "moov":
			moov = true
		case "mdat":
			mdat = true
		case "moov/mvhd":
			v.takenAt = created(note(r, b))
		case "moov/udta/\xa9xyz", "moov/meta/ilst":
			if lat, lon, ok := point(note(r, b)); ok {
				v.lat, v.lon = lat, lon
			}
		}
		return nil
	})
	if err == nil && (!moov || !mdat) {
		err = brokenFilm()
	}
	return v, err
}

// note returns the beginning of a box's content.
func note(r io.ReaderAt, b box) []byte {
	body := make([]byte, min(b.end-b.body, mostNotes))
	n, _ := r.ReadAt(body, b.body)
	return body[:n]
}

// created reads the time of a movie header: seconds since 1904.
func created(b []byte) time.Time {
	const since1904 = 2082844800
	var s uint64
	switch {
	case len(b) >= 12 && b[0] == 1:
		s = binary.BigEndian.Uint64(b[4:])
	case len(b) >= 8 && b[0] == 0:
		s = uint64(binary.BigEndian.Uint32(b[4:]))
	}
	if s <= since1904 || s > since1904+1<<32 {
		return time.Time{}
	}
	return time.Unix(int64(s-since1904), 0).UTC()
}

// point finds a position as ISO 6709 writes it: «+53.7200+091.4400+250/».
func point(b []byte) (lat, lon float64, ok bool) {
	for {
		at := bytes.IndexAny(b, "+-")
		if at < 0 {
			return 0, 0, false
		}
		b = b[at:]
		if a, n := degrees(b); n > 0 {
			if o, m := degrees(b[n:]); m > 0 && a >= -90 && a <= 90 && o >= -180 && o <= 180 && (a != 0 || o != 0) {
				return a, o, true
			}
		}
		b = b[1:]
	}
}

// degrees reads a signed decimal number with a fraction, and how many bytes it takes.
func degrees(b []byte) (v float64, n int) {
	if len(b) == 0 || b[0] != '+' && b[0] != '-' {
		return 0, 0
	}
	n = 1
	for n < len(b) && n < 16 && (b[n] >= '0' && b[n] <= '9' || b[n] == '.') {
		n++
	}
	v, err := strconv.ParseFloat(string(b[:n]), 64)
	if err != nil || !bytes.ContainsRune(b[:n], '.') {
		return 0, 0
	}
	return v, n
}

// A blank is a run of bytes that is not handed on: from At to End there are zeros, behind a
// header that says that nothing is here. Times are runs without a header.
type blank struct {
	at, end int64
	named   int64 // where the four letters of the box's type stand; 0 = it keeps its type
}

// blanks returns what is taken out of a film, in order: notes, free space, times, and tracks
// that are neither picture nor sound (where a phone writes its path).
func blanks(r io.ReaderAt, size int64) (list []blank, err error) {
	left := mostBoxes
	track, foreign := box{}, []box{}
	err = boxes(r, "", 0, size, &left, func(b box) error {
		name := b.path[strings.LastIndex(b.path, "/")+1:]
		switch {
		case name == "udta", name == "meta", name == "uuid", name == "free", name == "skip", name == "wide" && b.end > b.body:
			list = append(list, blank{b.body, b.end, b.at + 4})
		case b.path == "moov/trak":
			track = b
		case b.path == "moov/trak/mdia/hdlr":
			if n := note(r, b); len(n) >= 12 && string(n[8:12]) != "vide" && string(n[8:12]) != "soun" {
				foreign = append(foreign, track)
			} else if len(n) > 24 { // the name of the handler: a device's
				list = append(list, blank{b.body + 24, b.end, 0})
			}
		case name == "mvhd", name == "tkhd", name == "mdhd":
			var version [1]byte
			if _, err := r.ReadAt(version[:], b.body); err == nil {
				times := int64(8)
				if version[0] == 1 {
					times = 16
				}
				list = append(list, blank{b.body + 4, min(b.body+4+times, b.end), 0})
			}
		}
		return nil
	})
	for _, t := range foreign {
		list = slices.DeleteFunc(list, func(x blank) bool { return x.at >= t.at && x.end <= t.end })
		list = append(list, blank{t.body, t.end, t.at + 4})
	}
	slices.SortFunc(list, func(a, b blank) int { return cmp.Compare(a.at, b.at) })
	apart := list[:0]
	for _, b := range list { // what lies inside of another is blank already
		if n := len(apart); n == 0 || b.at >= apart[n-1].end {
			apart = append(apart, b)
		}
	}
	return apart, err
}

// blanked reads a film with its blanks.
type blanked struct {
	r    io.Reader
	at   int64
	list []blank
}

// without returns the film without what the camera wrote into it.
func without(r io.ReaderAt, size int64) (io.Reader, error) {
	list, err := blanks(r, size)
	return &blanked{r: io.NewSectionReader(r, 0, size), list: list}, err
}

func (b *blanked) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	from, to := b.at, b.at+int64(n)
	b.at = to
	for _, x := range b.list {
		over := func(at, end int64, with string) {
			for k := max(at, from); k < min(end, to); k++ {
				p[k-from] = 0
				if with != "" {
					p[k-from] = with[k-at]
				}
			}
		}
		if x.named > 0 {
			over(x.named, x.named+4, "free")
		}
		over(x.at, x.end, "")
	}
	return n, err
}
