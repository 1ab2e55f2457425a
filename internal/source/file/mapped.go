package file

import (
	"fmt"
	"hash/fnv"
	"io"
	"regexp"
	"strconv"
	"strings"
	"time"

	"otklik/internal/attachment"
	"otklik/internal/mapping"
	"otklik/internal/message"
	"otklik/internal/source"
	"otklik/internal/source/date"
)

// headRows is how many rows of a table are looked at to find its header.
const headRows = 40

// readTable reads a table of another system by a mapping, or a workbook whose columns are
// named as ours. Blank rows, repeated headers and sums are no records.
func readTable(s *sink, r io.Reader) error {
	sheetName := ""
	if s.opts.Map != nil {
		sheetName = s.opts.Map.Sheet
	}
	t := &mapped{sink: s, m: s.opts.Map, zone: s.opts.Zone, numbers: map[uint64]uint64{}, memo: map[string]value{}, names: map[string]bool{}}
	var head []Row
	begun := false
	for row, err := range Rows(s.name, r, sheetName, s.opts.Limit) {
		if err != nil {
			return err
		}
		if begun {
			if err := t.row(row); err != nil {
				return err
			}
			continue
		}
		if head = append(head, row); len(head) < headRows {
			continue
		}
		begun = true
		if err := t.begin(head); err != nil {
			return err
		}
	}
	if !begun {
		return t.begin(head)
	}
	return nil
}

// Named says what the names of a table's columns tell without a mapping: text, that one is
// called so; export, that export wrote the table.
func Named(header []string) (text, export bool) {
	t := &table{sink: &sink{}}
	columns := t.find(header)
	_, text = columns["text"]
	_, state := columns["state"]
	_, from := columns["source"]
	_, number := columns[pastField("number")]
	return text, text && state && from && number
}

// A mapped table is under way.
type mapped struct {
	*sink
	m       *mapping.Mapping
	at      map[mapping.Field]int // field → column
	own     *table                // of a workbook that export wrote, or whose columns are named as ours
	header  string
	zone    *time.Location
	numbers map[uint64]uint64 // number of a row → its words, both as hashes
	memo    map[string]value
	names   map[string]bool
}

// A value is what a status, topic or agency stands for.
type value struct {
	past  message.Past
	lost  source.Loss
	place string
}

// begin finds the header and takes the rows behind it.
func (t *mapped) begin(head []Row) error {
	rows := make([]mapping.Row, 0, len(head))
	for _, r := range head {
		rows = append(rows, mapping.Row{Line: r.Line, Cells: r.Cells})
	}
	if len(rows) == 0 {
		return t.wrong(1, "the table is empty", "the first row names the columns", "таблица пуста: нет ни одной строки.")
	}
	line := 0
	switch {
	case t.m == nil:
		t.own = &table{sink: t.sink}
		for k := range rows {
			columns := t.own.find(rows[k].Cells)
			if _, ok := columns["text"]; ok {
				t.own.columns, line, t.header = columns, rows[k].Line, strings.Join(rows[k].Cells, "\x00")
				break
			}
		}
		if line == 0 {
			return t.wrong(rows[0].Line, "no column is called «text»", "name what the columns are: otklik import --map NAME",
				"ни один столбец не назван text. Назовите настройку столбцов: --map ИМЯ, она будет предложена по содержимому.")
		}
		if _, exported := t.own.columns[pastField("number")]; exported {
			t.zone = time.UTC // a sheet knows no zones, and export writes this one
		}
		t.opts.Zone = t.zone
	default:
		l, missing, ok := t.m.Locate(rows)
		if !ok {
			return t.wrong(rows[0].Line, fmt.Sprintf("no row names the column %q", t.m.Columns[mapping.Text]), "see what the table has: otklik map propose FILE",
				"нет столбца «"+t.m.Columns[mapping.Text]+"», в котором по настройке стоит текст сообщения. Проверьте лист и настройку столбцов.")
		}
		if len(missing) > 0 {
			return t.wrong(l.Line, fmt.Sprintf("columns of the mapping are missing: %q", missing), "see what the table has: otklik map propose FILE",
				"нет столбцов: «"+strings.Join(missing, "», «")+"». Если таблица стала другой, исправьте настройку столбцов.")
		}
		t.at, _ = t.m.Places(l.Names)
		line = l.Line
		for _, r := range rows {
			if r.Line == line {
				t.header = strings.Join(r.Cells, "\x00")
			}
		}
		var err error
		if t.zone, err = t.m.Location(t.opts.Zone); err != nil {
			return err
		}
	}
	for _, r := range head {
		if r.Line > line {
			if err := t.row(r); err != nil {
				return err
			}
		}
	}
	return nil
}

// row takes one row.
func (t *mapped) row(r Row) error {
	switch {
	case r.Err != nil && r.Err.Cut:
		return t.cut(r.Line, r.Err.Reason, r.Err.Text, r.Raw)
	case r.Err != nil:
		return t.reject(r.Line, r.Err.Reason, r.Err.Text, r.Raw)
	case r.Hidden && t.m != nil && t.m.SkipHidden, strings.Join(r.Cells, "\x00") == t.header:
		return nil
	}
	raw := []byte(strings.Join(r.Cells, "; "))
	if t.own != nil {
		f := fields{}
		for field, i := range t.own.columns {
			if i < len(r.Cells) {
				f[field] = r.Cells[i]
			}
		}
		return t.take(r.Line, f.message(t.sink, strings.TrimSpace(f["id"])), raw, f.lost(t.sink)...)
	}
	of := func(f mapping.Field) string {
		if i, ok := t.at[f]; ok && i < len(r.Cells) {
			return strings.TrimSpace(r.Cells[i])
		}
		return ""
	}
	if mapping.Sums(r.Cells) && of(mapping.Text) == "" {
		return nil
	}
	number, lostNumber := whole(of(mapping.Number))
	text := of(mapping.Text)
	if number != "" && text != "" {
		if other, again := t.numbers[hash(number)]; again && other != hash(text) {
			return t.reject(r.Line, SameNumber, "Номер этой строки уже был в таблице с другим текстом: исправьте номер, если это другое обращение.", raw)
		}
		if len(t.numbers) < 1<<20 {
			t.numbers[hash(number)] = hash(text)
		}
	}
	m := message.Message{
		Source: t.source(), Channel: message.File, Form: message.Record, Event: message.Written, Revision: message.HashOf(text), Text: text,
		Native: nativeID(number, of(mapping.Author), of(mapping.Published), text), URL: link(of(mapping.Link)), AuthorName: of(mapping.Author), Contact: of(mapping.Contact),
		PublishedAt: t.moment(of(mapping.Published)), Attachments: attachment.Tidy(attachment.Split(of(mapping.Files))), Addressed: t.m.Cases(),
	}
	var lost []source.Loss
	lose := func(what source.Loss, yes bool) {
		if yes {
			lost = append(lost, what)
		}
	}
	lose(source.LostNumber, lostNumber)
	lose(source.LostDate, of(mapping.Published) != "" && m.PublishedAt.IsZero())
	if name := of(mapping.Territory); name != "" {
		v := t.meaning(mapping.Territory, name)
		m.Territory = v.place
		lose(v.lost, v.lost != "")
	}
	if !t.m.Cases() {
		return t.take(r.Line, m, raw, lost...)
	}
	p := &message.Past{Number: number, Status: of(mapping.Status), Topic: of(mapping.Topic), Agency: of(mapping.Agency), Place: of(mapping.Place), Answer: of(mapping.Answer),
		Verified: yes(of(mapping.Verified)), OpenedAt: m.PublishedAt, AnsweredAt: t.moment(of(mapping.Answered)), ClosedAt: t.moment(of(mapping.Closed))}
	if number != "" {
		p.Key = m.Source + ":" + number
	}
	status := p.Status
	if status == "" && (p.Answer != "" || !p.ClosedAt.IsZero()) {
		status = "\x00" // nothing is said, and the work is done
	}
	v := t.meaning(mapping.Status, status)
	if p.State, p.Outcome = v.past.State, v.past.Outcome; v.lost != "" && (p.Answer != "" || !p.ClosedAt.IsZero()) {
		v = t.meaning(mapping.Status, "\x00"+p.Status)
		p.State, p.Outcome = v.past.State, v.past.Outcome
	}
	lose(v.lost, v.lost != "")
	for _, f := range []mapping.Field{mapping.Topic, mapping.Agency} {
		if of(f) == "" {
			continue
		}
		v := t.meaning(f, of(f))
		p.Code, p.AgencyID = p.Code+v.past.Code, p.AgencyID+v.past.AgencyID
		lose(v.lost, v.lost != "")
	}
	if m.Past = p; p.Done() {
		m.SeenAt = p.OpenedAt
	}
	return t.take(r.Line, m, raw, lost...)
}

// meaning returns what a value of a column stands for; the same value once. A status that
// begins with U+0000 stands in a row that is finished.
func (t *mapped) meaning(f mapping.Field, name string) (v value) {
	key := string(f) + " " + name
	if v, ok := t.memo[key]; ok {
		return v
	}
	switch f {
	case mapping.Status:
		word, finished := strings.CutPrefix(name, "\x00")
		var unknown bool
		if v.past.State, v.past.Outcome, unknown = t.m.StateOf(word, finished); unknown {
			v.lost = source.LostStatus
		}
	case mapping.Topic:
		if v.past.Code = t.m.TopicOf(name); v.past.Code == "" && t.opts.Known.Topic != nil && !t.opts.Known.Topic(name) {
			v.lost = source.LostTopic
		}
	case mapping.Agency:
		id, ok := t.m.AgencyOf(name)
		if v.past.AgencyID = id; !ok && t.opts.Known.Agency != nil && !t.opts.Known.Agency(name) {
			v.lost = source.LostAgency
		}
	case mapping.Territory:
		v.place = oktmo(name)
		if v.place == "" && t.opts.Known.Territory != nil {
			if code, ok := t.opts.Known.Territory(name); ok {
				v.place = code
			}
		}
		if v.place == "" {
			v.lost = source.LostTerritory
		}
	}
	if len(t.memo) < 100_000 {
		t.memo[key] = v
	}
	return v
}

// moment reads a date as tables write it.
func (t *mapped) moment(s string) time.Time { return Moment(s, t.opts.Now(), t.zone) }

// serialDay is a date of a sheet whose cell does not say that it is one.
var serialDay = regexp.MustCompile(`^[2-6]\d{4}([.,]\d+)?$`)

// Moment reads a date as tables write it: ISO 8601, «01.03.2026 10:15», «1 марта 2026 г.»,
// «01/03/26», a number of days since 1900, Unix seconds. zone is that of dates that name none.
// A shape that it does not know gives the zero time.
func Moment(s string, now time.Time, zone *time.Location) time.Time {
	s = strings.TrimSpace(s)
	if s == "" || len(s) > 60 {
		return time.Time{}
	}
	if serialDay.MatchString(s) {
		n, _ := strconv.ParseFloat(strings.Replace(s, ",", ".", 1), 64)
		day := int(n)
		return sane(time.Date(1899, 12, 30+day, 0, 0, int((n-float64(day))*86_400+0.5), 0, zone).UTC())
	}
	if at := parseTime(s, zone); !at.IsZero() {
		return at
	}
	if !strings.ContainsAny(s, "0123456789") {
		return time.Time{}
	}
	at, ok := date.Parse(strings.NewReplacer(" г.", " ", "г.", " ").Replace(s), now, zone)
	if !ok {
		return time.Time{}
	}
	return sane(at)
}

var (
	power = regexp.MustCompile(`^\d+([.,]\d+)?[eEеЕ][+]?\d+$`)
	zeros = regexp.MustCompile(`^(\d+)[.,]0+$`)
)

// whole returns a number as it was before a spreadsheet made it a sum: «1001.0» is 1001. Of
// «1,2E+11» the digits are lost: it names nothing, and lost says so.
func whole(s string) (number string, lost bool) {
	if power.MatchString(s) {
		return "", true
	}
	if m := zeros.FindStringSubmatch(s); m != nil {
		return m[1], false
	}
	return s, false
}

func hash(s string) uint64 {
	h := fnv.New64a()
	_, _ = io.WriteString(h, s)
	return h.Sum64()
}
