package file

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"otklik/internal/attachment"
	"otklik/internal/message"
)

// readJSONL reads one JSON object a line.
func readJSONL(s *sink, r io.Reader) error {
	text, enc := decode(r)
	if enc != utf8Text && enc != utf16LE && enc != utf16BE {
		return s.wrong(1, "the encoding is not UTF-8", "save the file as UTF-8 and import it again", "кодировка не UTF-8. Сохраните файл в UTF-8 и загрузите снова.")
	}
	w := newWindow(text, s.opts.Limit)
	names := jsonNames(s.opts.Columns)
	for {
		b := w.bytes()
		n := bytes.IndexByte(b, '\n')
		if n < 0 && w.more() {
			continue
		}
		line := w.line
		switch {
		case n < 0 && w.err != nil:
			return s.failed(line, w.err)
		case n < 0 && w.full() || n > s.opts.Limit:
			if err := s.tooLarge(line, b); err != nil {
				return err
			}
			w.skipLine()
			continue
		case n < 0 && len(b) == 0:
			return nil
		case n < 0:
			n = len(b)
		}
		if raw := bytes.TrimSpace(b[:n]); len(raw) > 0 {
			if err := s.jsonLine(line, raw, names, n == len(b)); err != nil {
				return err
			}
		}
		w.advance(min(n+1, len(b)))
	}
}

// jsonNames returns the field that each key fills.
func jsonNames(columns map[string]string) map[string]string {
	names := map[string]string{"sender_id": "sender"}
	for field, known := range fieldNames {
		if own := columns[field]; own != "" {
			known = []string{own}
		}
		for _, name := range known {
			names[plainName(name)] = field
		}
	}
	return names
}

// jsonLine yields one line. open says that no line end follows it: what is broken
// there was cut off.
func (s *sink) jsonLine(line int, raw []byte, names map[string]string, open bool) error {
	if open && !json.Valid(raw) {
		return s.cut(line, Unreadable, fmt.Sprintf("Файл обрывается на строке %d: получите его заново целиком и загрузите снова.", line), raw)
	}
	if !utf8.Valid(raw) {
		return s.reject(line, BadEncoding, "В строке повреждены знаки: сохраните файл в UTF-8 заново.", raw)
	}
	var object map[string]json.RawMessage
	if err := json.Unmarshal(raw, &object); err != nil {
		return s.reject(line, Unreadable, "Строка — не объект JSON или обрывается: в каждой строке должен стоять один объект целиком.", raw)
	}
	f := fields{}
	rank := map[string]int{}
	var files []attachment.Ref
	for key, value := range object {
		field := names[plainName(key)]
		if field == "" {
			continue
		}
		if field == "files" {
			files = append(files, attachment.ParseRefs(value)...)
			continue
		}
		v := scalar(value)
		if v == "" {
			continue
		}
		r, old := 1+position(fieldNames[field], plainName(key)), rank[field]
		if field == "text" && old != 0 {
			f[secondText] = v
		}
		if old == 0 || r < old { // the best name wins, whatever the order
			f[field], rank[field] = v, r
		}
	}
	if _, ours := f.exported(); ours {
		for _, name := range pastNames {
			f[pastField(name)] = scalar(object[name])
		}
	}
	if f["text"] == "" && len(files) == 0 && !yes(f["deleted"]) {
		if f["id"] == "" {
			return s.reject(line, NoMessage, "В строке нет сообщения: нужны поля id и text.", raw)
		}
		return s.reject(line, NoText, "В записи нет текста.", raw)
	}
	if yes(f["deleted"]) && f["id"] == "" {
		return s.reject(line, NoMessage, "Запись об удалении не называет id сообщения.", raw)
	}
	id := strings.TrimSpace(f["id"])
	if f["sender"] != "" && id != "" {
		id = f["sender"] + "/" + id
	}
	m := f.message(s, id)
	if m.Attachments = nil; m.Event != message.Deleted {
		m.Attachments = attachment.Tidy(files)
	}
	return s.take(line, m, raw, f.lost(s)...)
}

// scalar returns a string, number or boolean as text; objects and arrays are none.
func scalar(raw json.RawMessage) string {
	if len(raw) == 0 {
		return ""
	}
	switch raw[0] {
	case '"':
		var v string
		if json.Unmarshal(raw, &v) == nil {
			return v
		}
	case '{', '[', 'n':
		return ""
	}
	return string(raw)
}

func position(all []string, s string) int {
	for i, v := range all {
		if v == s {
			return i
		}
	}
	return len(all)
}
