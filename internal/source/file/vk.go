package file

import (
	"encoding/json"
	"errors"
	"io"
	"unicode/utf8"

	"otklik/internal/source/vk"
)

// readVK reads answers of the VK API, with or without their envelope, bare
// arrays of posts or comments, answers of Bots Long Poll and single events of
// the Callback API; several documents may follow one another.
func readVK(s *sink, r io.Reader) error {
	d := &dump{sink: s, names: vk.Names{}}
	return s.readJSON(r, d.document, d.flush)
}

// heldBack bounds what waits for the names, which stand behind the items.
const heldBack = 4 << 20

// A dump is one file under way.
type dump struct {
	*sink
	names vk.Names
	held  []held
	bytes int
	any   bool // the document has an array of records
}

// held is an element that waits for the names of its document.
type held struct {
	line int
	raw  []byte
	big  bool
	obj  *vk.Object // nil where raw is no object
}

func (d *dump) document(sc *scanner) error {
	d.any = false
	if list, err := sc.kind('['); err != nil {
		return err
	} else if list {
		if err := d.elements(sc); err != nil {
			return err
		}
		return d.flush()
	}
	line := sc.line
	event := map[string]json.RawMessage{}
	if object, err := sc.kind('{'); err != nil {
		return err
	} else if !object {
		return errSyntax
	}
	big := false
	if err := d.object(sc, event, &big); err != nil {
		return err
	}
	if err := d.flush(); err != nil {
		return err
	}
	if d.any {
		return nil
	}
	switch {
	case big:
		return d.tooLarge(line, nil)
	case event["object"] != nil:
		raw, err := json.Marshal(event)
		if err != nil {
			return d.reject(line, Unreadable, "Событие испорчено: это не JSON.", nil)
		}
		obj, _ := vk.Parse(raw)
		return d.element(held{line: line, raw: raw, obj: obj}, vk.Frame{Source: d.opts.Source})
	}
	return d.reject(line, NoMessage, "Здесь нет сообщений: ни items, ни updates, ни события.", nil)
}

// object walks through an answer, its response, or an event.
func (d *dump) object(sc *scanner, event map[string]json.RawMessage, big *bool) error {
	return sc.object(func(key string) error {
		c, err := sc.peek()
		if err != nil {
			return err
		}
		switch {
		case key == "response" && c == '{':
			return d.object(sc, event, big)
		case (key == "response" || key == "items" || key == "updates") && c == '[':
			return d.elements(sc)
		case (key == "profiles" || key == "groups") && c == '[':
			return sc.array(func() error {
				raw, big, err := sc.value()
				if err != nil || big {
					return err
				}
				if key == "profiles" {
					d.names.Add([]json.RawMessage{raw}, nil)
				} else {
					d.names.Add(nil, []json.RawMessage{raw})
				}
				return nil
			})
		case key == "type" || key == "object" || key == "group_id" || key == "event_id":
			raw, over, err := sc.value()
			if err != nil {
				return err
			}
			*big = *big || over && key == "object"
			if !over {
				event[key] = append(json.RawMessage(nil), raw...)
			}
			return nil
		}
		return sc.skip()
	})
}

// elements takes the elements of an array.
func (d *dump) elements(sc *scanner) error {
	return sc.array(func() error {
		d.any = true
		line := sc.line
		raw, big, err := sc.value()
		if err != nil {
			return err
		}
		if big {
			raw = clipBytes(raw, 4<<10)
		}
		h := held{line: line, raw: append([]byte(nil), raw...), big: big}
		if !big {
			h.obj, _ = vk.Parse(h.raw)
		}
		d.held = append(d.held, h)
		if d.bytes += len(raw); d.bytes > heldBack {
			return d.flush()
		}
		return nil
	})
}

// flush yields what waited for names.
func (d *dump) flush() error {
	waiting := d.held
	d.held, d.bytes = nil, 0
	f := vk.Frame{Names: d.names, Source: d.opts.Source}
	for _, h := range waiting { // a deleted comment is named by its neighbours
		if h.obj == nil {
			continue
		}
		owner, post := h.obj.Where()
		if f.Owner == 0 {
			f.Owner = owner
		}
		if f.Post == 0 {
			f.Post = post
		}
	}
	for _, h := range waiting {
		if err := d.element(h, f); err != nil {
			return err
		}
	}
	return nil
}

// element yields an element and the comments inside it.
func (d *dump) element(h held, f vk.Frame) error {
	switch {
	case h.big:
		return d.tooLarge(h.line, h.raw)
	case !utf8.Valid(h.raw):
		return d.reject(h.line, BadEncoding, "В записи повреждены знаки: сохраните файл в UTF-8 заново.", h.raw)
	case h.obj == nil:
		return d.reject(h.line, Unreadable, "Запись испорчена: это не объект JSON.", h.raw)
	}
	m, err := h.obj.Message(f)
	switch {
	case errors.Is(err, vk.ErrNoMessage):
		err = d.reject(h.line, NoMessage, "Эта запись ВКонтакте — не сообщение.", h.raw)
	case err != nil:
		err = d.reject(h.line, Unreadable, "Запись не похожа на объект ВКонтакте.", h.raw)
	default:
		if m.Source == vk.SourceID(0) { // its id is known to this file alone
			m.Source = d.source()
		}
		err = d.take(h.line, m, h.raw)
	}
	if err != nil {
		return err
	}
	inner, f := h.obj.Nested(f)
	for _, raw := range inner {
		obj, _ := vk.Parse(raw)
		if err := d.element(held{line: h.line, raw: raw, obj: obj}, f); err != nil {
			return err
		}
	}
	return nil
}
