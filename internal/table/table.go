// Package table takes tables of other systems in: it proposes what their columns mean
// (package mapping), keeps mappings by name, shows ten rows as they would be read, and runs
// a table through intake. The command line does this at once; on a page, or by the API, a
// table is uploaded, looked at and run (Desk's people see how far it is). Export writes the
// same shape.
package table

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"time"

	"otklik/internal/account"
	"otklik/internal/agency"
	"otklik/internal/desk"
	"otklik/internal/fault"
	"otklik/internal/ingest"
	"otklik/internal/lifecycle"
	"otklik/internal/mapping"
	"otklik/internal/message"
	"otklik/internal/personal"
	"otklik/internal/russian"
	"otklik/internal/scope"
	"otklik/internal/source"
	"otklik/internal/source/file"
	"otklik/internal/topic"
)

// Options connect it with its neighbours. All are required.
type Options struct {
	Intake    *ingest.Intake
	Store     ingest.Store
	Personal  func(text string) []message.Personal
	Desk      *desk.Desk
	Read      func(m *message.Message) message.Reading
	Words     mapping.Reader
	Topics    func() *topic.Taxonomy
	Agencies  func(ctx context.Context) ([]agency.Agency, error)
	Territory func(name string) (oktmo string, err error)
	Zone      func(territory string) *time.Location // of people there; of the centre for ""
	// Edit changes what is kept, in one transaction with a line of audit; change gets nil
	// where nothing is kept yet. Load reads it, nil for nothing.
	Edit func(ctx context.Context, who account.Actor, change func(kept []byte) ([]byte, error)) error
	Load func(ctx context.Context) ([]byte, error)

	Region string // OKTMO of the centre, "" for all regions
	Dir    string // for uploads that wait
	Now    func() time.Time
	Log    *slog.Logger
}

// Tables takes tables in.
type Tables struct {
	Options
	runs runs
}

// New returns Tables.
func New(o Options) *Tables { return &Tables{Options: o} }

// Right is what somebody must hold to take tables in: what they bring stands in all of the
// centre, so it must be seen whole.
const Right = lifecycle.EditRules

// May reports whether somebody may take tables in.
func (t *Tables) May(who account.Actor) bool {
	return who.Role == lifecycle.System || who.Role.Holds(Right) && scope.OfRegion(t.Region).Within(who.Scope)
}

func (t *Tables) may(who account.Actor) error {
	if t.May(who) {
		return nil
	}
	return fault.New(fault.Forbidden, "account %d may not take tables in", who.ID).
		Say("Загружать таблицы может аналитик, куратор или администратор, который видит центр целиком.")
}

// Mappings returns the saved mappings by name.
func (t *Tables) Mappings(ctx context.Context) ([]mapping.Mapping, error) {
	b, err := t.Load(ctx)
	if err != nil {
		return nil, err
	}
	kept, err := parse(b)
	return slices.SortedFunc(maps.Values(kept), func(a, b mapping.Mapping) int { return strings.Compare(a.Name, b.Name) }), err
}

// Mapping returns a saved mapping.
func (t *Tables) Mapping(ctx context.Context, name string) (*mapping.Mapping, error) {
	all, err := t.Mappings(ctx)
	if err != nil {
		return nil, err
	}
	for k := range all {
		if all[k].Name == name {
			return &all[k], nil
		}
	}
	return nil, fault.New(fault.NotFound, "no mapping %q is saved", name).Say("Настройки «" + name + "» нет.").Mend("see which there are: otklik map list")
}

func parse(b []byte) (map[string]mapping.Mapping, error) {
	kept := map[string]mapping.Mapping{}
	if len(b) == 0 {
		return kept, nil
	}
	return kept, json.Unmarshal(b, &kept)
}

// mostMappings is how many mappings may be saved.
const mostMappings = 100

// Save keeps a mapping under its name; one of that name is replaced.
func (t *Tables) Save(ctx context.Context, who account.Actor, login string, m mapping.Mapping) error {
	if err := t.may(who); err != nil {
		return err
	}
	if m.Name == "" {
		return fault.New(fault.Invalid, "a mapping without a name").At("name").Say("Назовите настройку: по имени её найдут в следующий раз.")
	}
	if err := m.Validate(); err != nil {
		return err
	}
	m.SavedAt, m.SavedBy = t.Now().UTC(), login
	return t.edit(ctx, who, func(kept map[string]mapping.Mapping) error {
		if kept[m.Name] = m; len(kept) > mostMappings {
			return fault.New(fault.Invalid, "more than %d mappings", mostMappings).At("name").Say("Сохранено уже 100 настроек: удалите ненужные.")
		}
		return nil
	})
}

// Remove takes a mapping away.
func (t *Tables) Remove(ctx context.Context, who account.Actor, name string) error {
	if err := t.may(who); err != nil {
		return err
	}
	return t.edit(ctx, who, func(kept map[string]mapping.Mapping) error {
		if _, ok := kept[name]; !ok {
			return fault.New(fault.NotFound, "no mapping %q is saved", name).Say("Настройки «" + name + "» нет.").Mend("see which there are: otklik map list")
		}
		delete(kept, name)
		return nil
	})
}

func (t *Tables) edit(ctx context.Context, who account.Actor, change func(map[string]mapping.Mapping) error) error {
	return t.Edit(ctx, who, func(b []byte) ([]byte, error) {
		kept, err := parse(b)
		if err != nil {
			return nil, err
		}
		if err := change(kept); err != nil {
			return nil, err
		}
		return json.Marshal(kept)
	})
}

// sampled is how many rows of a table are looked at to propose what its columns mean.
const sampled = 5_000

// Sample reads the beginning of a table. An error that comes later than the beginning is left to the run.
func Sample(name string, r io.Reader, sheet string) (rows []mapping.Row, err error) {
	for row, err := range file.Rows(name, r, sheet, 0) {
		switch {
		case err != nil && len(rows) == 0:
			return nil, err
		case err != nil, len(rows) >= sampled:
			return rows, nil
		case row.Err == nil:
			rows = append(rows, mapping.Row{Line: row.Line, Cells: row.Cells})
		}
	}
	return rows, nil
}

// Propose proposes what the columns of a table mean.
func (t *Tables) Propose(ctx context.Context, rows []mapping.Row) (mapping.Proposal, error) {
	known, err := t.known(ctx)
	if err != nil {
		return mapping.Proposal{}, err
	}
	l, ok := mapping.Find(t.Words, rows)
	if !ok {
		return mapping.Proposal{}, fault.New(fault.Invalid, "no row names columns that are known").
			Say("Не найдена строка с названиями столбцов. Впишите её над данными: Номер, Дата, Текст, Адрес, Тема, Статус, Ответ.").Mend("write the names of the columns above the rows")
	}
	return mapping.Propose(t.Words, l, known), nil
}

// Judged returns a proposal for a mapping that somebody has chosen: its columns, and what its
// values stand for.
func (t *Tables) Judged(ctx context.Context, m mapping.Mapping, rows []mapping.Row) (mapping.Proposal, error) {
	l, missing, ok := m.Locate(rows)
	if !ok || len(missing) > 0 {
		if !ok {
			missing = []string{m.Columns[mapping.Text]}
		}
		list := "«" + strings.Join(missing, "», «") + "»"
		return mapping.Proposal{}, fault.New(fault.Invalid, "columns of the mapping are not in the table: %s", list).At("columns").
			Say("В таблице нет столбцов " + list + ", которые названы в настройке. Проверьте лист или выберите другую настройку.").Mend("see what the table has: otklik map propose FILE")
	}
	known, err := t.known(ctx)
	if err != nil {
		return mapping.Proposal{}, err
	}
	p := mapping.Proposal{Mapping: m, Layout: l, Values: mapping.Ours(&m, l, known), Sure: true}
	for _, n := range l.Names {
		g := mapping.Guess{Column: n, Why: "не берётся"}
		for f, column := range m.Columns {
			if column != "" && mapping.Names([]string{column})[0] == n {
				g = mapping.Guess{Column: n, Field: f, Score: 1, Why: "по настройке"}
			}
		}
		p.Guesses = append(p.Guesses, g)
	}
	return p, nil
}

func (t *Tables) known(ctx context.Context) (mapping.Known, error) {
	agencies, err := t.Agencies(ctx)
	if err != nil {
		return mapping.Known{}, err
	}
	lands := map[string]bool{}
	return mapping.Known{
		Topic: func(name string) (topic.Code, bool) { tp, ok := t.Topics().ByName(name); return tp.Code, ok },
		Agency: func(name string) (int64, bool) {
			id := agency.Named(agencies, name)
			return id, id != 0
		},
		Territory: func(name string) bool {
			known, asked := lands[name]
			if !asked {
				oktmo, err := t.Territory(name)
				known = err == nil && oktmo != ""
				lands[name] = known
			}
			return known
		},
		Date: func(s string) bool { return !file.Moment(s, t.Now(), time.UTC).IsZero() },
	}, nil
}

// A Take is one table to take in.
type Take struct {
	Name      string           // as shown in errors
	Format    string           // csv or xlsx; "" is xlsx, which reads both where there is a mapping
	Mapping   *mapping.Mapping // nil: columns are named as ours
	Source    string           // "" is that of the mapping, else of the file
	Territory string           // OKTMO that the table speaks for; may be empty
	Content   io.Reader
	Progress  func(ingest.Summary)
	Rejected  func(ingest.Rejection)
	Lost      func(what source.Loss, line int)
}

// Format returns the reader of a table.
func (t *Tables) Format(ctx context.Context, format string, k Take) (source.File, error) {
	known, err := t.known(ctx)
	if err != nil {
		return nil, err
	}
	o := file.Options{Map: k.Mapping, Now: t.Now, Zone: t.Zone(k.Territory), Known: file.Known{
		Topic:  func(name string) bool { _, ok := known.Topic(name); return ok },
		Agency: func(name string) bool { _, ok := known.Agency(name); return ok },
		Territory: func(name string) (string, bool) {
			oktmo, err := t.Territory(name)
			return oktmo, err == nil && oktmo != ""
		},
	}}
	if o.Source = k.Source; o.Source == "" && k.Mapping != nil && k.Mapping.Name != "" {
		o.Source = "table:" + k.Mapping.Name // the next export of the same system knows its rows again
	}
	return file.Open(format, o)
}

// Run takes a table in.
func (t *Tables) Run(ctx context.Context, k Take) (ingest.Summary, error) {
	format, err := t.Format(ctx, cmp.Or(k.Format, "xlsx"), k)
	if err != nil {
		return ingest.Summary{}, err
	}
	return t.Intake.File(ctx, ingest.FileRun{Name: k.Name, Format: format, Content: k.Content, Territory: k.Territory, Progress: k.Progress, Rejected: k.Rejected, Lost: k.Lost})
}

// A Seen is a row as it would be read.
type Seen struct {
	Line    int
	Message message.Message
	Covered string // its words, without personal data
	Place   string // as it is understood
	Topic   string // ours
	State   string // words of the state that it gets
	Agency  string // as it will be found, or as written there with «нет у нас»
	Lost    []source.Loss
	Error   string // why it is not taken
}

// Preview reads the first rows, at most n, as a run would; nothing is stored.
func (t *Tables) Preview(ctx context.Context, k Take, n int) (out []Seen, err error) {
	format, err := t.Format(ctx, cmp.Or(k.Format, "xlsx"), k)
	if err != nil {
		return nil, err
	}
	agencies, err := t.Agencies(ctx)
	if err != nil {
		return nil, err
	}
	for rec, err := range format.Records(ctx, k.Name, k.Content) {
		if err != nil {
			return out, err
		}
		s := Seen{Line: rec.Line, Lost: rec.Lost, Message: rec.Message}
		if rec.Err != nil {
			s.Error = rec.Err.Text
		} else {
			t.see(&s, k.Territory, agencies)
		}
		if out = append(out, s); len(out) >= n {
			break
		}
	}
	return out, nil
}

func (t *Tables) see(s *Seen, territory string, agencies []agency.Agency) {
	m := &s.Message
	if territory != "" {
		m.Territory = territory
	}
	r := t.Read(m)
	s.Covered = cover(m.Text, r.Personal)
	p := m.Past
	if p != nil {
		var places []message.PlaceFound
		if p.Place != "" {
			places = t.Read(&message.Message{Text: p.Place, Territory: m.Territory, Addressed: true}).Places
		}
		t.Desk.Recalled(m, &r, places)
	}
	_, at := t.Desk.Stand(m, &r)
	s.Place = at.String()
	if tp, ok := t.Topics().ByCode(r.Topic()); ok {
		s.Topic = tp.Name
	}
	switch {
	case p == nil && !r.Concerns:
		s.State = "не наше: правила наблюдения его не берут"
	case p == nil || !p.Done():
		s.State = lifecycle.New.Name()
	default:
		s.State = lifecycle.Phrase(p.State, p.Outcome, p.Verified) + " (история)"
	}
	if p == nil || p.Agency == "" && p.AgencyID == 0 {
		return
	}
	id := p.AgencyID
	if id == 0 {
		id = agency.Named(agencies, p.Agency)
	}
	for k := range agencies {
		if agencies[k].ID == id {
			s.Agency = agencies[k].Name
		}
	}
	if s.Agency == "" {
		s.Agency = fmt.Sprintf("%s (такой у нас нет)", p.Agency)
	}
}

// cover returns the beginning of a text with personal data masked.
func cover(text string, found []message.Personal) string {
	var spans []russian.Span
	for _, p := range found {
		spans = append(spans, russian.Span{Start: p.Start, End: p.End})
	}
	text = personal.Mask(text, spans)
	if r := []rune(text); len(r) > 300 {
		return string(r[:300]) + "…"
	}
	return text
}
