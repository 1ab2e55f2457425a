package file

import (
	"strconv"
	"strings"
	"time"

	"otklik/internal/attachment"
	"otklik/internal/lifecycle"
	"otklik/internal/message"
	"otklik/internal/source"
)

// The fields of a table or a line, best name first. All names are compared in
// small letters, with ё as е.
var fieldNames = map[string][]string{
	"id":        {"id", "message_id", "ид", "идентификатор", "номер", "номер обращения", "номер сообщения", "№", "no", "number"},
	"text":      {"text", "message", "текст", "сообщение", "текст сообщения", "текст обращения", "обращение", "содержание", "описание", "жалоба", "комментарий", "comment", "content", "body"},
	"author":    {"author", "author_name", "автор", "from", "имя", "фио", "заявитель", "отправитель"},
	"contact":   {"contact", "phone", "телефон", "email", "e-mail", "контакт", "контакты", "почта"},
	"url":       {"url", "link", "ссылка", "адрес ссылки"},
	"date":      {"published_at", "date", "created_at", "дата", "дата публикации", "дата создания", "дата сообщения", "дата обращения", "время"},
	"edited":    {"edited_at", "edited", "updated_at", "дата изменения"},
	"deleted":   {"deleted", "удалено"},
	"thread":    {"thread", "ветка"},
	"parent":    {"parent", "reply_to"},
	"territory": {"territory", "oktmo", "октмо"},
	"files":     {"attachments", "photos", "photo", "фото", "фотографии", "вложения", "файлы", "ссылка на фото"},
	"source":    {"source"}, // only of what export wrote
	"state":     {"state"},
}

// pastNames are the columns of export that tell how the work stands (message.Past). They
// are read only of what export wrote.
var pastNames = []string{"number", "outcome", "reason", "verified", "topic", "place", "agency", "opened_at", "answered_at", "closed_at", "answer"}

// pastField is the field of such a column.
func pastField(name string) string { return "past " + name }

// fields are the values of one record by field.
type fields map[string]string

// message builds the message of a record. native may be empty.
func (f fields) message(s *sink, native string) message.Message {
	text := f["text"]
	published := parseTime(f["date"], s.opts.Zone)
	m := message.Message{
		Source: s.source(), Channel: message.File, Form: message.Record, Event: message.Written,
		Native: nativeID(native, f["author"], f["date"], text),
		Thread: f["thread"], Parent: f["parent"], URL: link(f["url"]), AuthorName: f["author"], Contact: f["contact"],
		Text: text, PublishedAt: published, Attachments: attachment.Tidy(attachment.Split(f["files"])),
	}
	if from, ok := f.exported(); ok {
		m.Addressed, m.Past = true, f.past(s.opts.Zone)
		if s.opts.Source == "" {
			m.Source = from
		}
	}
	m.Territory = oktmo(f["territory"])
	if yes(f["deleted"]) {
		m.Event, m.Text = message.Deleted, ""
	} else {
		m.Revision = message.HashOf(text)
	}
	if edited := parseTime(f["edited"], s.opts.Zone); !edited.IsZero() {
		m.Revision = message.Revision{Time: edited}
	}
	if m.Past.Done() { // it was seen there, long ago
		m.SeenAt = m.Past.OpenedAt
	}
	return m
}

// past is how the work stood where the record was exported.
func (f fields) past(zone *time.Location) *message.Past {
	of := func(name string) string { return strings.TrimSpace(f[pastField(name)]) }
	p := &message.Past{
		Number: of("number"), Topic: of("topic"), Agency: of("agency"), Place: of("place"), Reason: of("reason"), Verified: yes(of("verified")), Answer: f[pastField("answer")],
		OpenedAt: parseTime(of("opened_at"), zone), AnsweredAt: parseTime(of("answered_at"), zone), ClosedAt: parseTime(of("closed_at"), zone),
	}
	p.State, _ = lifecycle.ParseState(f["state"])
	p.Outcome, _ = lifecycle.ParseOutcome(of("outcome"))
	if p.Number != "" { // of two centres that gave the same number one opened it at another time
		p.Key = "otklik:" + p.Number + "@" + p.OpenedAt.UTC().Format(time.RFC3339)
	}
	return p
}

// secondText is the field of a text that stands beside the one taken.
const secondText = "text 2"

// lost says what of the record its message does not hold.
func (f fields) lost(s *sink) (lost []source.Loss) {
	unread := func(field string) bool {
		return strings.TrimSpace(f[field]) != "" && parseTime(f[field], s.opts.Zone).IsZero()
	}
	if unread("date") || unread("edited") {
		lost = append(lost, source.LostDate)
	}
	if strings.TrimSpace(f["territory"]) != "" && oktmo(f["territory"]) == "" {
		lost = append(lost, source.LostTerritory)
	}
	if strings.TrimSpace(f[secondText]) != "" {
		lost = append(lost, source.LostText)
	}
	return lost
}

// oktmo returns the code in s, written with blanks or without, "" when it is none.
func oktmo(s string) string {
	if s = strings.Join(strings.Fields(s), ""); digits(s) && len(s) <= 11 {
		return s
	}
	return ""
}

// exported tells a record that export wrote by the incident's state in it. Such a
// record keeps its source, since ids repeat there, each in its source, and it is
// ours whatever the watches say: it was somebody's incident. In other tables a
// column called source may hold anything.
func (f fields) exported() (from string, ok bool) {
	from = strings.TrimSpace(f["source"])
	_, err := lifecycle.ParseState(f["state"])
	return from, err == nil && from != "" && len(from) <= 200
}

func yes(s string) bool {
	switch strings.ToLower(strings.TrimSpace(s)) {
	case "1", "true", "yes", "да":
		return true
	}
	return false
}

// link keeps what a browser may open.
func link(s string) string {
	s = strings.TrimSpace(s)
	if strings.HasPrefix(s, "https://") || strings.HasPrefix(s, "http://") {
		return clip(s, 2000)
	}
	return ""
}

func digits(s string) bool {
	for _, r := range s {
		if r < '0' || r > '9' {
			return false
		}
	}
	return s != ""
}

var layouts = []string{
	time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02 15:04:05.999999999Z07:00", "2006-01-02 15:04:05.999999999",
	"2006-01-02T15:04", "2006-01-02 15:04", "2006-01-02",
	"02.01.2006 15:04:05", "02.01.2006 15:04", "02.01.2006, 15:04", "02.01.2006", "2.1.2006 15:04", "2.1.2006", "02.01.06",
}

// parseTime reads a date as tables write it, or Unix seconds or milliseconds. An
// unknown shape gives the zero time: a message without a date is still one.
func parseTime(s string, zone *time.Location) time.Time {
	s = strings.TrimSpace(s)
	if s == "" {
		return time.Time{}
	}
	if digits(s) && len(s) >= 9 {
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil {
			return time.Time{}
		}
		if n > 1e11 {
			return sane(time.UnixMilli(n).UTC())
		}
		return sane(time.Unix(n, 0).UTC())
	}
	for _, layout := range layouts {
		if t, err := time.ParseInLocation(layout, s, zone); err == nil {
			return sane(t.UTC())
		}
	}
	return time.Time{}
}

func sane(t time.Time) time.Time {
	if t.Year() < 1990 || t.Year() > 2200 {
		return time.Time{}
	}
	return t
}

// plainName returns a column's name for comparison.
func plainName(s string) string {
	return strings.ReplaceAll(strings.ToLower(strings.TrimSpace(s)), "ё", "е")
}
