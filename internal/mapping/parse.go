package mapping

import (
	"encoding/json"
	"errors"
	"io"
	"strconv"

	"otklik/internal/fault"
	"otklik/internal/topic"
)

// Parse reads a mapping that somebody wrote, and says what is wrong with it.
func Parse(r io.Reader) (*Mapping, error) {
	var m Mapping
	d := json.NewDecoder(io.LimitReader(r, 1<<20))
	d.DisallowUnknownFields()
	if err := d.Decode(&m); err != nil {
		return nil, fault.New(fault.Invalid, "%w", err).Say("Это не настройка столбцов: " + jsonFault(err) + ".").
			Mend("write JSON as otklik map propose prints it")
	}
	m.tidy()
	return &m, m.Validate()
}

func jsonFault(err error) string {
	var at *json.SyntaxError
	if errors.As(err, &at) {
		return "ошибка в JSON после знака " + strconv.FormatInt(at.Offset, 10)
	}
	return err.Error()
}

// tidy takes away values that stand for nothing: they are proposed so, to be filled in.
func (m *Mapping) tidy() {
	for f, column := range m.Columns {
		if column == "" {
			delete(m.Columns, f)
		}
	}
	for name, s := range m.Statuses {
		if s == "" {
			delete(m.Statuses, name)
		}
	}
	for name, c := range m.Topics {
		if c == "" {
			delete(m.Topics, name)
		}
	}
}

// Spell writes the values of a proposal into its mapping, each with what it stands for, "" and
// 0 for nothing, so that people can mend them.
func (p *Proposal) Spell() {
	m := &p.Mapping
	m.Statuses, m.Topics, m.Agencies = map[string]string{}, map[string]topic.Code{}, map[string]int64{}
	for _, v := range p.Values {
		switch v.Field {
		case Status:
			m.Statuses[v.Name] = v.Ours
		case Topic:
			m.Topics[v.Name] = topic.Code(v.Ours)
		case Agency:
			m.Agencies[v.Name], _ = strconv.ParseInt(v.Ours, 10, 64)
		}
	}
}
