package classify

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"otklik/internal/fault"
)

// A Row is one line of a labelled table.
type Row struct {
	ID, Text, Label string
}

// ReadTable reads a labelled CSV: a header with a column "text", the label
// column and perhaps "id"; other columns are ignored, case and blanks of names
// too. The separator (comma, semicolon or tab) is seen from the header. Rows
// without a label are left out.
func ReadTable(r io.Reader, label string) ([]Row, error) {
	t, err := readTable(r, label)
	return t.rows, err
}

// A table is its rows and what stands in its other columns.
type table struct {
	rows   []Row
	beside [][]string // by other column, then by row
}

func readTable(r io.Reader, label string) (table, error) {
	in := bufio.NewReader(r)
	if mark, _ := in.Peek(3); bytes.Equal(mark, []byte("\xef\xbb\xbf")) {
		in.Discard(3)
	}
	head, _ := in.Peek(4096)
	head, _, _ = bytes.Cut(head, []byte("\n"))
	c := csv.NewReader(in)
	c.FieldsPerRecord = -1
	c.LazyQuotes = true
	c.ReuseRecord = true
	for _, sep := range []rune{';', '\t'} {
		if bytes.Count(head, []byte(string(sep))) > bytes.Count(head, []byte(string(c.Comma))) {
			c.Comma = sep
		}
	}
	names, err := c.Read()
	if err != nil {
		return table{}, badTable(err, "its header cannot be read")
	}
	names = slices.Clone(names)
	column := func(name string) int {
		return slices.IndexFunc(names, func(n string) bool {
			return strings.EqualFold(strings.TrimSpace(n), strings.TrimSpace(name))
		})
	}
	id, text, lab := column("id"), column("text"), column(label)
	// The names are not quoted: of a table without a header they are a message.
	if text < 0 {
		return table{}, badTable(nil, "none of its %d columns is named \"text\"", len(names))
	}
	if lab < 0 {
		return table{}, badTable(nil, "none of its %d columns is named %q", len(names), label)
	}
	var others []int
	for i := range names {
		if i != id && i != text && i != lab {
			others = append(others, i)
		}
	}
	t := table{beside: make([][]string, len(others))}
	for {
		record, err := c.Read()
		if errors.Is(err, io.EOF) {
			return t, nil
		}
		if err != nil {
			line, _ := c.FieldPos(0)
			return table{}, badTable(err, "line %d cannot be read", line)
		}
		line, _ := c.FieldPos(len(record) - 1)
		if !utf8.ValidString(strings.Join(record, "")) {
			return table{}, brokenTable("line %d is not UTF-8", line).Mend("save the table as «CSV UTF-8»")
		}
		if len(record) < len(names) && strings.Contains(record[len(record)-1], "\n") { // it swallowed what follows
			return table{}, brokenTable("the quote opened in line %d is not closed", line).Mend("close it, or double the quotes inside the text")
		}
		field := func(i int) string {
			if i < 0 || i >= len(record) {
				return ""
			}
			return strings.TrimSpace(record[i])
		}
		if row := (Row{strings.Clone(field(id)), strings.Clone(field(text)), strings.Clone(field(lab))}); row.Label != "" {
			t.rows = append(t.rows, row)
			for k, i := range others {
				t.beside[k] = append(t.beside[k], strings.Clone(field(i)))
			}
		}
	}
}

func badTable(cause error, format string, args ...any) error {
	var parse *csv.ParseError
	if errors.As(cause, &parse) {
		cause = parse.Err // without the text
	}
	if cause != nil {
		format, args = format+": %w", append(args, cause)
	}
	return brokenTable(format, args...).
		Say("Таблица с разметкой не читается: нужен CSV с колонками text и колонкой тем.").
		Mend("the first line must name the columns: id,text,topic; choose the label column with --label")
}

func brokenTable(format string, args ...any) *fault.Error {
	return fault.New(fault.Invalid, "classify: the table cannot be used: "+format, args...).At("data")
}

// A column of labels repeats itself and says little at a time; other columns are
// no labels: dates, numbers, answers.
const (
	mostBeside  = 300 // bytes of a label
	leastRepeat = 2   // rows a label, in the mean
	leastTold   = 0.8 // share of the rows whose label beside tells the label that is learnt
)

// examples returns the rows as examples, with the labels that stand beside.
func (t table) examples() []Example {
	examples := Examples(t.rows)
	for _, column := range t.beside {
		said, filled, long := map[string]map[string]int{}, 0, false
		for i, v := range column {
			if v = label(v); v != "" {
				filled++
				if said[v] == nil {
					said[v] = map[string]int{}
				}
				said[v][t.rows[i].Label]++
				long = long || len(v) > mostBeside
			}
		}
		if long || len(said) < 2 || filled < leastRepeat*len(said) {
			continue
		}
		for i, v := range column {
			examples[i].Kin = append(examples[i].Kin, label(v))
		}
		if !tells(said) {
			continue
		}
		for i, v := range column {
			if v = label(v); v != "" {
				examples[i].Beside = append(examples[i].Beside, v)
			}
		}
	}
	return examples
}

// tells reports whether the labels beside tell, for most rows, which label is
// learnt: whether the column is a finer list of the same matters. Who answers
// does not follow from the topic, and its names would teach by chance.
func tells(said map[string]map[string]int) bool {
	told, all := 0, 0
	for _, labels := range said {
		n, best := 0, 0
		for _, rows := range labels {
			n, best = n+rows, max(best, rows)
		}
		if all += n; float64(best) >= agreement*float64(n) {
			told += n
		}
	}
	return float64(told) >= leastTold*float64(all)
}

// label returns a field that may be a label: one with a word in it.
func label(field string) string {
	if !strings.ContainsFunc(field, unicode.IsLetter) {
		return ""
	}
	return field
}

// Examples returns the rows as examples.
func Examples(rows []Row) []Example {
	examples := make([]Example, len(rows))
	for i, r := range rows {
		examples[i] = Example{Text: r.Text, Label: r.Label}
	}
	return examples
}
