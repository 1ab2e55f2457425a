// Package mapping says which column of another system's table is which field of ours.
//
// Propose looks at the first rows of a table and proposes a Mapping, each column with the
// reason; people see it, change it and save it by name. Read turns rows into Values by it.
// Statuses, topics and agencies of the other system become ours by a table of values of
// its own; what it does not know is read by its words (State), or by its name.
package mapping

import (
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"otklik/internal/fault"
	"otklik/internal/topic"
)

// A Field is one thing that a column may hold.
type Field string

// Fields.
const (
	Number    Field = "number"
	Text      Field = "text"
	Published Field = "published" // when the resident wrote
	Status    Field = "status"
	Answer    Field = "answer"
	Answered  Field = "answered" // when the answer was given
	Closed    Field = "closed"   // when the work ended
	Topic     Field = "topic"
	Agency    Field = "agency"
	Place     Field = "place"
	Territory Field = "territory"
	Link      Field = "link"
	Author    Field = "author"
	Contact   Field = "contact"
	Files     Field = "files"
	Verified  Field = "verified" // somebody saw that it is solved
)

var fieldWords = map[Field]string{
	Number: "Номер", Text: "Текст сообщения", Published: "Дата сообщения", Status: "Статус", Answer: "Ответ", Answered: "Дата ответа", Closed: "Дата закрытия",
	Topic: "Тема", Agency: "Кто отвечает", Place: "Адрес", Territory: "Территория", Link: "Ссылка", Author: "Автор", Contact: "Телефон или почта", Files: "Фото и файлы",
	Verified: "Решение подтверждено",
}

// Fields returns the fields that people may give a column, in the order of a page.
func Fields() []Field {
	return []Field{Number, Text, Published, Link, Place, Territory, Topic, Agency, Status, Verified, Answer, Answered, Closed, Author, Contact, Files}
}

// Name returns the field's Russian name.
func (f Field) Name() string { return fieldWords[f] }

// Personal reports whether the field says who wrote.
func (f Field) Personal() bool { return f == Author || f == Contact }

// A Mapping says what a table's columns mean. It holds names of columns, statuses, topics
// and agencies, never a resident's words.
type Mapping struct {
	Name       string                `json:"name,omitempty"`
	Sheet      string                `json:"sheet,omitempty"`          // of a workbook; "" is the first one that is shown
	Columns    map[Field]string      `json:"columns"`                  // field → the column's name
	Statuses   map[string]string     `json:"statuses,omitempty"`       // status there → ours (ParseState); others by their words
	Topics     map[string]topic.Code `json:"topics,omitempty"`         // topic there → ours; others by their name
	Agencies   map[string]int64      `json:"agencies,omitempty"`       // agency there → ours, 0 for none of ours; others by their name
	Unknown    string                `json:"unknown_status,omitempty"` // of a status that says nothing: ours, or "" for: finished where there is an answer or a closing date, else new
	Zone       string                `json:"zone,omitempty"`           // of dates, «+07:00»; "" is that of the territory
	SkipHidden bool                  `json:"skip_hidden,omitempty"`    // rows that the table hides are not taken
	SavedBy    string                `json:"saved_by,omitempty"`       // a login
	SavedAt    time.Time             `json:"saved_at,omitzero"`
}

// Limits of what people save.
const (
	longestName = 60
	mostValues  = 2_000
)

// Validate says what is wrong with a mapping that somebody wrote.
func (m *Mapping) Validate() error {
	bad := func(field, sentence, format string, args ...any) error {
		return fault.New(fault.Invalid, format, args...).At(field).Say(sentence).Mend("see one that is right: otklik map propose FILE")
	}
	if n := utf8.RuneCountInString(m.Name); n > longestName || strings.ContainsAny(m.Name, "/\\\n\"") || m.Name != strings.TrimSpace(m.Name) {
		return bad("name", "Имя настройки: до 60 знаков, без косой черты и кавычек.", "mapping name of %d characters", n)
	}
	if m.Columns[Text] == "" {
		return bad("columns", "Не назван столбец с текстом сообщения: без него брать нечего.", "no column of the text")
	}
	used := map[string]Field{}
	for f, column := range m.Columns {
		if f.Name() == "" {
			return bad("columns", "Поля «"+string(f)+"» нет. Есть: "+list()+".", "field %q is unknown", f)
		}
		if other, twice := used[plain(column)]; twice && column != "" {
			return bad("columns", "Столбец «"+column+"» назван дважды: "+other.Name()+" и "+f.Name()+".", "column %q is used twice", column)
		}
		used[plain(column)] = f
	}
	if len(m.Statuses)+len(m.Topics)+len(m.Agencies) > mostValues {
		return bad("values", "Слишком много значений: больше 2000.", "%d values", len(m.Statuses)+len(m.Topics)+len(m.Agencies))
	}
	for name, s := range m.Statuses {
		if _, _, err := ParseState(s); err != nil {
			return bad("statuses", "Статус «"+name+"»: состояния «"+s+"» нет.", "status %q stands for %q", name, s)
		}
	}
	if _, _, err := ParseState(m.Unknown); err != nil && m.Unknown != "" {
		return bad("unknown_status", "Состояния «"+m.Unknown+"» нет.", "unknown_status %q", m.Unknown)
	}
	if _, err := m.Location(nil); err != nil {
		return bad("zone", "Часовой пояс пишут так: +07:00.", "zone %q", m.Zone)
	}
	return nil
}

func list() string {
	var names []string
	for _, f := range Fields() {
		names = append(names, string(f))
	}
	return strings.Join(names, ", ")
}

// Location returns the zone of dates; other stands where the mapping names none.
func (m *Mapping) Location(other *time.Location) (*time.Location, error) {
	if m.Zone == "" {
		return other, nil
	}
	t, err := time.Parse("-07:00", m.Zone)
	if err != nil {
		return nil, err
	}
	_, seconds := t.Zone()
	return time.FixedZone("", seconds), nil
}

// Cases reports whether the table tells of cases of work, not of messages alone: its rows
// were somebody's business, whatever the watches say.
func (m *Mapping) Cases() bool {
	return slices.ContainsFunc([]Field{Status, Answer, Agency, Topic, Place, Closed, Answered}, func(f Field) bool { return m.Columns[f] != "" })
}

// Places returns where each field stands in a table with these column names, -1 where a named
// column is not there; missing are the names of those.
func (m *Mapping) Places(names []string) (at map[Field]int, missing []string) {
	at = map[Field]int{}
	for _, f := range Fields() {
		if want := m.Columns[f]; want != "" {
			at[f] = slices.IndexFunc(names, func(n string) bool { return plain(n) == plain(want) })
			if at[f] < 0 {
				missing = append(missing, want)
			}
		}
	}
	return at, missing
}

// plain returns a name for comparison.
func plain(s string) string {
	folded, _ := topic.Fold(s)
	if folded == "" { // «№»
		return strings.TrimSpace(s)
	}
	return folded
}

// Names makes the names of a header's columns different from one another: a second «Дата» is
// «Дата (2)», one without a name «Столбец 4».
func Names(header []string) []string {
	names, seen := make([]string, len(header)), map[string]int{}
	for k, n := range header {
		n = strings.Join(strings.Fields(n), " ")
		if r := []rune(n); len(r) > 100 {
			n = string(r[:100])
		}
		if n == "" {
			n = "Столбец " + strconv.Itoa(k+1)
		}
		if seen[plain(n)]++; seen[plain(n)] > 1 {
			n += " (" + strconv.Itoa(seen[plain(n)]) + ")"
		}
		names[k] = n
	}
	return names
}
