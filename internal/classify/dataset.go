package classify

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strings"
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
		return nil, badTable(err, "its header cannot be read")
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
		return nil, badTable(nil, "none of its %d columns is named \"text\"", len(names))
	}
	if lab < 0 {
		return nil, badTable(nil, "none of its %d columns is named %q", len(names), label)
	}
	var rows []Row
	for {
		record, err := c.Read()
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		if err != nil {
			line, _ := c.FieldPos(0)
			return nil, badTable(err, "line %d cannot be read", line)
		}
		line, _ := c.FieldPos(len(record) - 1)
		if !utf8.ValidString(strings.Join(record, "")) {
			return nil, brokenTable("line %d is not UTF-8", line).Mend("save the table as «CSV UTF-8»")
		}
		if len(record) < len(names) && strings.Contains(record[len(record)-1], "\n") { // it swallowed what follows
			return nil, brokenTable("the quote opened in line %d is not closed", line).Mend("close it, or double the quotes inside the text")
		}
		field := func(i int) string {
			if i < 0 || i >= len(record) {
				return ""
			}
			return strings.TrimSpace(record[i])
		}
		if row := (Row{strings.Clone(field(id)), strings.Clone(field(text)), strings.Clone(field(lab))}); row.Label != "" {
			rows = append(rows, row)
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

// Examples returns the rows as examples.
func Examples(rows []Row) []Example {
	examples := make([]Example, len(rows))
	for i, r := range rows {
		examples[i] = Example{Text: r.Text, Label: r.Label}
	}
	return examples
}
