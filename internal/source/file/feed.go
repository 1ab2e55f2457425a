package file

import (
	"errors"
	"fmt"
	"io"
	"time"

	"otklik/internal/source"
	"otklik/internal/source/feed"
)

// readFeed reads a saved feed: RSS, Atom, JSON Feed or a sitemap with titles, in
// any encoding that feeds come in.
func readFeed(s *sink, r io.Reader) error {
	f, err := feed.NewReader(r, feed.Options{Limit: s.opts.Limit, Zone: s.opts.Zone, Now: time.Now()})
	switch {
	case errors.Is(err, feed.ErrNotFeed):
		return s.reject(1, NoMessage, notFeed, nil)
	case err != nil && r.(*input).err == nil:
		return s.wrong(1, "the encoding is not known", "save the file as UTF-8 and import it again", "кодировка не известна. Сохраните файл в UTF-8 и загрузите снова.")
	case err != nil:
		return s.failed(1, err)
	}
	for {
		it, err := f.Next()
		switch {
		case errors.Is(err, io.EOF):
			if s.index == 0 {
				return s.reject(1, NoMessage, "В ленте нет записей.", nil)
			}
			return nil
		case errors.Is(err, feed.ErrNotFeed):
			return s.reject(1, NoMessage, notFeed, nil)
		case errors.Is(err, feed.ErrCut):
			return s.cut(f.Line(), Unreadable, fmt.Sprintf("Файл обрывается на строке %d: получите его заново целиком и загрузите снова.", f.Line()), nil)
		case err != nil:
			return s.failed(f.Line(), err)
		case it.TooLarge:
			err = s.tooLarge(it.Line, it.Raw)
		case it.Cut:
			continue // ErrCut follows
		default:
			var lost []source.Loss
			if it.BadDate {
				lost = append(lost, source.LostDate)
			}
			err = s.take(it.Line, it.Message(s.source(), nil), it.Raw, lost...)
		}
		if err != nil {
			return err
		}
	}
}

const notFeed = "Это не лента: ни RSS, ни Atom, ни JSON Feed, ни карта сайта."
