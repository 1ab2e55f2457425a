package upload

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"time"

	"otklik/internal/attachment"
	"otklik/internal/fault"
	"otklik/internal/picture"
)

// A sort is what a file is by its bytes.
type sort struct {
	kind  attachment.Kind // "" = not taken
	ext   string          // of the name that it is given: «jpg»
	media string          // its media type; "" for a picture, which is drawn anew
	say   string          // why it is not taken

	takenAt  time.Time
	lat, lon float64
}

const takes = "Принимаются фотографии (JPEG, PNG, WebP, GIF), видео (MP4, MOV, 3GP) и документы PDF."

// refusals tell people what they sent, where the first bytes tell.
var refusals = []struct{ head, say string }{
	{"PK\x03\x04", "Архивы и документы Word не принимаются: внутри может быть что угодно. Приложите фотографию или сохраните документ как PDF."},
	{"PK\x05\x06", "Архивы не принимаются: внутри может быть что угодно. Приложите сами фотографии."},
	{"Rar!", "Архивы не принимаются: внутри может быть что угодно. Приложите сами фотографии."},
	{"7z\xbc\xaf", "Архивы не принимаются: внутри может быть что угодно. Приложите сами фотографии."},
	{"\x1f\x8b", "Сжатые файлы не принимаются. Приложите саму фотографию."},
	{"MZ", "Программы не принимаются. Приложите фотографию, видео или PDF."},
	{"\x7fELF", "Программы не принимаются. Приложите фотографию, видео или PDF."},
	{"\xd0\xcf\x11\xe0", "Старые документы Word и Excel не принимаются: в них бывают вирусы. Сохраните документ как PDF."},
	{"\x1a\x45\xdf\xa3", "Видео WebM и MKV не принимаются. Сохраните его как MP4."},
	{"BM", "Снимки BMP не принимаются. Сохраните снимок как JPEG или PNG."},
	{"II*\x00", "Снимки TIFF не принимаются. Сохраните снимок как JPEG."},
	{"MM\x00*", "Снимки TIFF не принимаются. Сохраните снимок как JPEG."},
}

// sniff says by the first bytes what a file may be; look decides when all of it has come.
func sniff(head []byte) sort {
	switch {
	case picture.Is(head):
		ext := "jpg"
		switch head[0] {
		case 0x89:
			ext = "png"
		case 'G':
			ext = "gif"
		case 'R':
			ext = "webp"
		}
		return sort{kind: attachment.Photo, ext: ext}
	case bytes.HasPrefix(head, []byte("%PDF-")):
		return sort{kind: attachment.Document, ext: "pdf", media: "application/pdf"}
	case len(head) >= 12 && string(head[4:8]) == "ftyp":
		return brand(string(head[8:12]))
	}
	for _, r := range refusals {
		if bytes.HasPrefix(head, []byte(r.head)) {
			return sort{say: r.say}
		}
	}
	text := strings.ToLower(string(bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf")), " \t\r\n")))
	for _, mark := range []string{"<svg", "<?xml", "<!doctype", "<html", "<script", "<!--", "<body", "<head"} {
		if strings.HasPrefix(text, mark) {
			return sort{say: "Веб-страницы и рисунки SVG не принимаются: в них может быть программа. " + takes}
		}
	}
	return sort{say: "Такой файл не принимается. " + takes}
}

// pdfTail is how far from the end the end mark of a PDF stands, ISO 32000-1, note 18.
const pdfTail = 1024

// look says what a whole file is, and refuses what is cut off, too large to draw, or none of
// the kinds that we take. Nothing is decoded.
func look(r io.ReaderAt, size int64) (s sort, err error) {
	refuse := func(say string) error { return fault.New(fault.Invalid, "no file that we take").At("file").Say(say) }
	head := make([]byte, min(size, 512))
	if _, err := r.ReadAt(head, 0); err != nil && err != io.EOF {
		return s, fault.New(fault.Unavailable, "%w", err)
	}
	if s = sniff(head); s.say != "" {
		return s, refuse(s.say)
	}
	switch s.kind {
	case attachment.Photo:
		const most = 256 << 20 // whatever the configuration says, it is read into memory
		if size > most {
			return s, refuse(fmt.Sprintf("Фотография больше %d МБ. Уменьшите и приложите снова.", most>>20))
		}
		all := make([]byte, size)
		if _, err := r.ReadAt(all, 0); err != nil && err != io.EOF {
			return s, fault.New(fault.Unavailable, "%w", err)
		}
		facts, err := picture.Look(all)
		s.takenAt, s.lat, s.lon = facts.TakenAt, facts.Lat, facts.Lon
		return s, err
	case attachment.Document:
		tail := make([]byte, min(size, pdfTail))
		if _, err := r.ReadAt(tail, size-int64(len(tail))); err != nil && err != io.EOF {
			return s, fault.New(fault.Unavailable, "%w", err)
		}
		if !bytes.Contains(tail, []byte("%%EOF")) {
			return s, refuse("Документ пришёл не целиком или повреждён. Приложите его ещё раз.")
		}
		return s, nil
	}
	v, err := film(r, size)
	if err != nil {
		return s, err
	}
	s.takenAt, s.lat, s.lon = v.takenAt, v.lat, v.lon
	return s, nil
}
