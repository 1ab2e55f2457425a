package file

import (
	"encoding/json"
	"io"
	"unicode/utf8"

	"otklik/internal/source/max"
)

// readMax reads saved updates and messages of MAX's bot API: {"updates": […]},
// {"messages": […]}, bare arrays, single updates as webhooks bring them; several
// documents may follow one another, one a line too.
func readMax(s *sink, r io.Reader) error {
	d := &maxDump{sink: s}
	return s.readJSON(r, d.document, func() error { return nil })
}

// A maxDump is one file under way.
type maxDump struct{ *sink }

func (d *maxDump) document(sc *scanner) error {
	switch c, err := sc.peek(); {
	case err != nil:
		return err
	case c == '[':
		return d.elements(sc)
	case c != '{':
		return errSyntax
	}
	line, list, big, size := sc.line, false, false, 0
	single := map[string]json.RawMessage{} // the document is an update or a message itself
	err := sc.object(func(key string) error {
		open, err := sc.peek()
		if err != nil {
			return err
		}
		if (key == "updates" || key == "messages") && open == '[' {
			list = true
			return d.elements(sc)
		}
		raw, over, err := sc.value()
		if err != nil {
			return err
		}
		if size += len(raw); over || size > d.opts.Limit {
			big = true
			return nil
		}
		single[key] = append(json.RawMessage(nil), raw...)
		return nil
	})
	switch {
	case err != nil:
		return err
	case list:
		return nil
	case big:
		return d.tooLarge(line, nil)
	case single["update_type"] == nil && single["body"] == nil && single["message"] == nil:
		return d.reject(line, NoMessage, "Здесь нет сообщений MAX: ни updates, ни messages, ни события.", nil)
	}
	raw, err := json.Marshal(single)
	if err != nil {
		return d.reject(line, Unreadable, "Событие испорчено: это не JSON.", nil)
	}
	return d.element(line, raw)
}

func (d *maxDump) elements(sc *scanner) error {
	return sc.array(func() error {
		line := sc.line
		raw, big, err := sc.value()
		switch {
		case err != nil:
			return err
		case big:
			return d.tooLarge(line, raw)
		}
		return d.element(line, raw)
	})
}

func (d *maxDump) element(line int, raw []byte) error {
	if !utf8.Valid(raw) {
		return d.reject(line, BadEncoding, "В записи повреждены знаки: сохраните файл в UTF-8 заново.", raw)
	}
	if !json.Valid(raw) {
		return d.reject(line, Unreadable, "Запись испорчена: это не объект JSON.", raw)
	}
	talks := d.opts.Source
	if talks == "" {
		talks = d.source() // the bot is not named
	}
	m, err := max.FromDump(raw, talks)
	if err != nil {
		return d.reject(line, NoMessage, "Это событие MAX — не сообщение.", raw)
	}
	if d.opts.Source != "" {
		m.Source = d.opts.Source
	}
	return d.take(line, m, raw)
}
