package mapping

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"otklik/internal/order"
	"otklik/internal/topic"
)

// Known says what this centre knows by name. Fields may be nil.
type Known struct {
	Topic     func(name string) (topic.Code, bool)
	Agency    func(name string) (int64, bool)
	Territory func(name string) bool
	Date      func(s string) bool
}

// A Guess is what one column is taken for.
type Guess struct {
	Column string
	Field  Field   // "" where it stays out
	Score  float64 // 0 … 1
	Why    string  // for people
}

// A Value is a status, topic or agency of the other system.
type Value struct {
	Field Field
	Name  string
	Rows  int
	Ours  string // Choice.Code, topic code or agency id; "" where nothing of ours is known
}

// A Proposal is a mapping with its reasons.
type Proposal struct {
	Mapping Mapping
	Layout  Layout
	Guesses []Guess // one a column, in the table's order
	Values  []Value // as far as rows were looked at, the most frequent first
	Sure    bool    // it may be used without asking
	Doubt   string  // why not, for people
}

// sure is the score from which a column's field is not asked about.
const sure = 0.6

// Propose proposes what the columns of a table are: by their names, and by what stands in
// the rows of the layout.
func Propose(r Reader, l Layout, known Known) Proposal {
	p := Proposal{Layout: l, Mapping: Mapping{Columns: map[Field]string{}}}
	type pair struct {
		column int
		field  Field
		score  float64
		why    string
	}
	var pairs []pair
	for k, name := range l.Names {
		c := look(l.Rows, k, known)
		named, says := fieldOf(r, name)
		for _, f := range Fields() {
			fits, why := c.fits(f)
			switch {
			case c.filled == 0:
				if named == f {
					pairs = append(pairs, pair{k, f, 0.5 * says, "по названию; столбец пуст"})
				}
			case named == f && fits < 0: // the name says so, and what stands there cannot be it
				pairs = append(pairs, pair{k, f, 0.2, "по названию, но значения другие: " + why})
			case named == f:
				pairs = append(pairs, pair{k, f, 0.6*says + 0.4*fits, joinWhy("по названию", why)})
			case named == "" && fits > 0.5:
				pairs = append(pairs, pair{k, f, 0.6 * fits, why})
			case fits > 0.8 && (f == Published || f == Link || f == Text):
				pairs = append(pairs, pair{k, f, 0.45 * fits, why})
			}
		}
	}
	order.By(pairs, func(a, b pair) int { return cmp.Compare(b.score, a.score) })
	p.Guesses = make([]Guess, len(l.Names))
	for k, n := range l.Names {
		p.Guesses[k] = Guess{Column: n, Why: "не похож ни на одно поле"}
	}
	for _, x := range pairs {
		g := &p.Guesses[x.column]
		if g.Field != "" || x.score < 0.35 {
			continue
		}
		if p.Mapping.Columns[x.field] != "" {
			g.Why = fmt.Sprintf("«%s» уже занято столбцом «%s»", x.field.Name(), p.Mapping.Columns[x.field])
			continue
		}
		g.Field, g.Score, g.Why = x.field, x.score, x.why
		p.Mapping.Columns[x.field] = g.Column
	}
	p.Values = values(&p.Mapping, l, known)
	p.Doubt = p.doubt()
	p.Sure = p.Doubt == ""
	return p
}

func joinWhy(a, b string) string {
	if b == "" {
		return a
	}
	return a + "; " + b
}

// doubt says why people should look first; "" for nothing.
func (p *Proposal) doubt() string {
	if p.Mapping.Columns[Text] == "" {
		return "не найден столбец с текстом сообщения"
	}
	for _, g := range p.Guesses {
		if g.Score < sure && slices.Contains([]Field{Text, Status, Answer, Number}, g.Field) {
			return "не ясно, что такое столбец «" + g.Column + "»: похоже на «" + g.Field.Name() + "» (" + g.Why + ")"
		}
	}
	return ""
}

// A content is what stands in a column.
type content struct {
	filled, rows                                     int
	dates, links, phones, places, numbers            int
	long, letters, topics, agencies, lands, statuses int
	distinct                                         map[string]bool
	runes                                            int
}

var (
	phoneForm = regexp.MustCompile(`^[+(]?[78(][\d\s()-]{8,18}$`)
	mailForm  = regexp.MustCompile(`^\S+@\S+\.\S+$`)
	placeForm = regexp.MustCompile(`(?i)(^|[\s,.])(ул|улица|пр|просп|проспект|пер|переулок|д|дом|г|пос|с|мкр|микрорайон|шоссе|бульвар|площадь)[\s.]`)
	spelled   = regexp.MustCompile(`\d`)
)

// most is how many rows of a column are looked at.
const most = 200

func look(rows []Row, k int, known Known) content {
	c := content{distinct: map[string]bool{}}
	for _, row := range rows[:min(len(rows), most)] {
		c.rows++
		v := at(row.Cells, k)
		if v == "" || v == "-" || v == "—" {
			continue
		}
		c.filled++
		c.distinct[v] = true
		n := utf8.RuneCountInString(v)
		c.runes += n
		count := func(to *int, yes bool) {
			if yes {
				*to++
			}
		}
		date := known.Date != nil && n <= 40 && spelled.MatchString(v) && !phoneForm.MatchString(v) && known.Date(v)
		count(&c.dates, date)
		count(&c.links, strings.HasPrefix(v, "http://") || strings.HasPrefix(v, "https://"))
		count(&c.phones, phoneForm.MatchString(v) && !date || mailForm.MatchString(v))
		count(&c.places, n <= 150 && placeForm.MatchString(v) && !date)
		count(&c.numbers, n <= 40 && spelled.MatchString(v) && !strings.ContainsRune(v, ' ') && !date)
		cyrillic := 0
		for _, r := range v {
			if unicode.Is(unicode.Cyrillic, r) {
				cyrillic++
			}
		}
		count(&c.letters, cyrillic > 0)
		count(&c.long, cyrillic >= 20 && strings.Count(v, " ") >= 3)
		if n <= 150 {
			if known.Topic != nil {
				_, ok := known.Topic(v)
				count(&c.topics, ok)
			}
			if known.Agency != nil {
				_, ok := known.Agency(v)
				count(&c.agencies, ok)
			}
			count(&c.lands, known.Territory != nil && c.lands >= 0 && n <= 60 && cyrillic > 2 && known.Territory(v))
		}
		if n <= 50 {
			_, ok := State(v)
			count(&c.statuses, ok)
		}
	}
	return c
}

// few reports whether the same values come again and again, as statuses and topics do.
func (c *content) few() bool {
	return len(c.distinct)*2 <= c.filled || c.filled < 8 && len(c.distinct) < c.filled
}

// fits says how well what stands in a column fits a field, 0 … 1; below 0: it cannot be it.
func (c *content) fits(f Field) (float64, string) {
	share := func(n int) float64 { return float64(n) / float64(max(c.filled, 1)) }
	of := func(n int, what string) string { return fmt.Sprintf("%s в %d из %d строк", what, n, c.filled) }
	switch f {
	case Published, Answered, Closed:
		if s := share(c.dates); s < 0.3 {
			return -1, of(c.dates, "даты только")
		} else if f != Published {
			return s * 0.5, of(c.dates, "даты")
		} else {
			return s, of(c.dates, "даты")
		}
	case Link:
		return must(share(c.links), 0.3), of(c.links, "ссылки")
	case Contact:
		return must(share(c.phones), 0.2), of(c.phones, "телефон или почта")
	case Text:
		if c.letters == 0 {
			return -1, "русских слов нет"
		}
		if c.few() && c.filled >= 8 {
			return 0, "значения повторяются"
		}
		return share(c.long), of(c.long, "русский текст")
	case Answer:
		if c.letters == 0 {
			return -1, "русских слов нет"
		}
		return 0.3*share(c.letters) + 0.2*share(c.long), of(c.letters, "русские слова") // answers may be short
	case Status:
		s := share(c.statuses)
		if !c.few() && s < 0.8 && c.filled > 8 {
			return -1, "значения не повторяются"
		}
		return s, of(c.statuses, "известный статус")
	case Topic:
		return share(c.topics), of(c.topics, "известная тема")
	case Agency:
		return share(c.agencies), of(c.agencies, "известная организация")
	case Territory:
		return share(c.lands), of(c.lands, "известная территория")
	case Place:
		return share(c.places) * 0.95, of(c.places, "адрес")
	case Number:
		if c.filled >= 10 && len(c.distinct)*10 < c.filled*7 {
			return -1, "значения повторяются"
		}
		return share(c.numbers) * 0.7, of(c.numbers, "номер")
	}
	return 0.5, ""
}

func must(share, least float64) float64 {
	if share < least {
		return -1
	}
	return share
}

// values counts the statuses, topics and agencies of the rows and proposes ours.
func values(m *Mapping, l Layout, known Known) (out []Value) {
	for _, f := range []Field{Status, Topic, Agency} {
		k := slices.Index(l.Names, m.Columns[f])
		if m.Columns[f] == "" || k < 0 {
			continue
		}
		counts := map[string]int{}
		for _, row := range l.Rows {
			if v := at(row.Cells, k); v != "" && utf8.RuneCountInString(v) <= 200 && len(counts) < mostValues/3 || counts[v] > 0 {
				counts[v]++
			}
		}
		var of []Value
		for name, n := range counts {
			of = append(of, Value{Field: f, Name: name, Rows: n, Ours: ours(f, name, known)})
		}
		order.By(of, func(a, b Value) int { return cmp.Or(cmp.Compare(b.Rows, a.Rows), cmp.Compare(a.Name, b.Name)) })
		out = append(out, of...)
	}
	return out
}

func ours(f Field, name string, known Known) string {
	switch {
	case f == Status:
		code, _ := State(name)
		return code
	case f == Topic && known.Topic != nil:
		code, _ := known.Topic(name)
		return string(code)
	case f == Agency && known.Agency != nil:
		if id, ok := known.Agency(name); ok {
			return fmt.Sprint(id)
		}
	}
	return ""
}

// Ours returns what a mapping makes of values: what it says of each, else what is known.
func Ours(m *Mapping, l Layout, known Known) []Value {
	list := values(m, l, known)
	for k := range list {
		v := &list[k]
		switch v.Field {
		case Status:
			if code, ok := lookup(m.Statuses, v.Name); ok {
				v.Ours = code
			}
		case Topic:
			if code, ok := lookup(m.Topics, v.Name); ok {
				v.Ours = string(code)
			}
		case Agency:
			if id, ok := lookup(m.Agencies, v.Name); ok {
				v.Ours = fmt.Sprint(id)
			}
		}
	}
	return list
}
