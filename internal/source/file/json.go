package file

import (
	"errors"
	"fmt"
	"io"
)

// readJSON reads a file that consists of JSON documents, one after another: one
// calls document for each. A file that is cut or broken ends with one rejected
// record, and one without records is one too; flush yields what is held back.
func (s *sink) readJSON(r io.Reader, document func(sc *scanner) error, flush func() error) error {
	text, enc := decode(r)
	if enc == unknownBytes || enc == windows1251 {
		return s.cut(1, BadEncoding, "Кодировка не UTF-8: сохраните файл в UTF-8 и загрузите снова.", nil)
	}
	sc := newScanner(text, s.opts.Limit)
	for {
		_, err := sc.peek()
		if errors.Is(err, io.ErrUnexpectedEOF) { // between documents: the end
			break
		}
		if err == nil {
			err = document(sc)
		}
		if err == nil {
			continue
		}
		if e := flush(); e != nil {
			return e
		}
		switch {
		case errors.Is(err, io.ErrUnexpectedEOF):
			return s.cut(sc.line, Unreadable, fmt.Sprintf("Файл обрывается на строке %d (байт %d): получите его заново целиком и загрузите снова.", sc.line, sc.off), nil)
		case errors.Is(err, errSyntax):
			return s.cut(sc.line, Unreadable, fmt.Sprintf("Файл испорчен в строке %d (байт %d): это не JSON. Получите его заново и загрузите снова.", sc.line, sc.off), nil)
		case errors.Is(err, errStop) || s.ctx.Err() != nil:
			return err
		}
		return s.failed(sc.line, err)
	}
	if err := flush(); err != nil {
		return err
	}
	if s.index == 0 {
		return s.reject(sc.line, NoMessage, "В файле нет сообщений.", nil)
	}
	return nil
}
