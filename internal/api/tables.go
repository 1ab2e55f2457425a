package api

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"otklik/internal/account"
	"otklik/internal/fault"
	"otklik/internal/ingest"
	"otklik/internal/lifecycle"
	"otklik/internal/mapping"
	"otklik/internal/site"
	"otklik/internal/table"
)

// Tables take tables of other systems in, and write ours. table.Tables is one.
type Tables interface {
	Uploads(who account.Actor) ([]table.Upload, error)
	Upload(who account.Actor, id string) (table.Upload, error)
	Receive(who account.Actor, name string, r io.Reader) (table.Upload, error)
	Drop(who account.Actor, id string) error
	Look(ctx context.Context, who account.Actor, id string, m *mapping.Mapping, sheet, territory string) (mapping.Proposal, []table.Seen, error)
	Start(ctx context.Context, who account.Actor, id string, r table.Run) error
	Mappings(ctx context.Context) ([]mapping.Mapping, error)
	Mapping(ctx context.Context, name string) (*mapping.Mapping, error)
	Save(ctx context.Context, who account.Actor, login string, m mapping.Mapping) error
	Remove(ctx context.Context, who account.Actor, name string) error
	Export(ctx context.Context, w io.Writer, x table.Export, begin func()) error
}

// A Table is one that somebody brought.
type Table struct {
	ID       string           `json:"id"`
	Name     string           `json:"name" doc:"Of the file"`
	At       *time.Time       `json:"at"`
	State    string           `json:"state" enum:"waiting,running,done,failed" doc:"failed: it was not read to its end; what was taken before stays"`
	Sheets   []string         `json:"sheets" doc:"Of a workbook, those that are shown; none of a CSV"`
	Summary  ingest.Summary   `json:"summary" doc:"As far as it has come: as otklik import prints it"`
	Lost     map[string]int   `json:"lost,omitempty" doc:"What rows were taken without: how many"`
	Rejected []TableRejection `json:"rejected,omitempty" doc:"The first 1000 rows that were not taken; of one table only"`
	Error    string           `json:"error,omitempty" doc:"In Russian"`
	Look     *TableLook       `json:"look,omitempty" doc:"Of look: what its columns mean, and ten rows"`
}

// A TableRejection is a row that was not taken.
type TableRejection struct {
	Line   int    `json:"line"`
	Reason string `json:"reason"`
	Text   string `json:"text" doc:"What is wrong and how to mend it, in Russian"`
}

// A TableLook says what a table would be read as.
type TableLook struct {
	Line    int             `json:"line" doc:"Of the header"`
	Sure    bool            `json:"sure" doc:"It may be run without a mapping"`
	Doubt   string          `json:"doubt,omitempty" doc:"Why not, in Russian"`
	Own     bool            `json:"own,omitempty" doc:"Export wrote it: it needs no mapping"`
	Mapping mapping.Mapping `json:"mapping" doc:"To be mended, saved by POST /mappings, and run"`
	Columns []TableColumn   `json:"columns"`
	Unknown []TableValue    `json:"unknown" doc:"Statuses, topics and agencies that nothing of ours is known for"`
	Rows    []TableRow      `json:"rows" doc:"The first ten, as they would be read; personal data in words is covered"`
}

// A TableColumn is a column with what it is taken for.
type TableColumn struct {
	Column string  `json:"column"`
	Field  string  `json:"field,omitempty" doc:"Absent: it stays out"`
	Score  float64 `json:"score"`
	Why    string  `json:"why" doc:"In Russian"`
}

// A TableValue is a value of another system.
type TableValue struct {
	Field string `json:"field"`
	Name  string `json:"name"`
	Rows  int    `json:"rows"`
}

// A TableRow is a row as it would be read.
type TableRow struct {
	Line   int        `json:"line"`
	Text   string     `json:"text,omitempty"`
	At     *time.Time `json:"published_at,omitempty"`
	State  string     `json:"state,omitempty"`
	Topic  string     `json:"topic,omitempty"`
	Place  string     `json:"place,omitempty"`
	Agency string     `json:"agency,omitempty"`
	Lost   []string   `json:"lost,omitempty"`
	Error  string     `json:"error,omitempty" doc:"Why it would not be taken, in Russian"`
}

// A MappingBody is a mapping as people write it.
type MappingBody mapping.Mapping

// A TableBody says what to do with a table.
type TableBody struct {
	Do        string       `json:"do" enum:"look,run,drop"`
	Map       string       `json:"map,omitempty" maxLength:"60" doc:"Name of a saved mapping"`
	Mapping   *MappingBody `json:"mapping,omitempty" doc:"Instead: one that is not saved. Neither: one is proposed, and run only where nothing is doubtful"`
	Sheet     string       `json:"sheet,omitempty" maxLength:"200" doc:"Of a workbook, where the mapping names none; absent: the first"`
	Territory string       `json:"territory,omitempty" maxLength:"200" doc:"That the table speaks for: a name or an OKTMO code"`
	Source    string       `json:"source,omitempty" maxLength:"200" doc:"Absent: table:NAME of the mapping, else the file's name"`
}

type tableInput struct {
	Upload string `path:"upload" maxLength:"60"`
	Body   TableBody
}

// tableTime is how long a caller may take to send a table.
const tableTime = 5 * time.Minute

func (a *API) addTables() {
	if a.Tables == nil {
		return
	}
	op := func(method, path, summary string) huma.Operation {
		return huma.Operation{Method: method, Path: path, Summary: summary, Tags: []string{"filing"}, Responses: notFound(a)}
	}
	whole := site.Access{Right: table.Right, Whole: true}
	add(a, op(http.MethodGet, "/tables", "Tables of other systems that wait, run or have run"), whole, func(_ context.Context, me *Caller, _ *nothing) (*body[[]Table], error) {
		list, err := a.Tables.Uploads(me.Actor())
		out := &body[[]Table]{[]Table{}}
		for k := range list {
			out.Body = append(out.Body, tableOf(&list[k]))
		}
		return out, err
	})
	receive := op(http.MethodPost, "/tables", "Bring a table (CSV, XLSX)")
	receive.Description = "The body is the file itself, up to 64 MB. It waits two hours."
	receive.DefaultStatus = http.StatusCreated
	receive.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"application/octet-stream": {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}}}
	answer := a.huma.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[Table](), true, "Table")
	a.raw(receive, whole, reflect.TypeFor[tableFile](), map[string]*huma.MediaType{"application/json": {Schema: answer}}, func(c huma.Context, me *Caller, in any) error {
		name := in.(*tableFile).Name
		if name == "" {
			return fault.New(fault.Invalid, "a table without a name").At("name").Say("Назовите файл: его имя нужно для сообщений об ошибках.").Mend("POST " + Root + "/tables?name=march.xlsx")
		}
		r, w := humago.Unwrap(c)
		_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(tableTime)) // a recorder of tests has none
		u, err := a.Tables.Receive(me.Actor(), name, r.Body)
		if err != nil {
			return err
		}
		c.SetHeader("Content-Type", "application/json")
		c.SetStatus(http.StatusCreated)
		_ = a.huma.Marshal(w, "application/json", tableOf(&u)) // who hung up hears nothing
		return nil
	})
	add(a, op(http.MethodGet, "/tables/{upload}", "How far a table is"), whole, func(_ context.Context, me *Caller, in *struct {
		Upload string `path:"upload" maxLength:"60"`
	}) (*body[Table], error) {
		u, err := a.Tables.Upload(me.Actor(), in.Upload)
		out := tableOf(&u)
		for _, r := range u.Rejected[:min(1000, len(u.Rejected))] {
			out.Rejected = append(out.Rejected, TableRejection{r.Line, r.Reason, r.Text})
		}
		return &body[Table]{out}, err
	})
	add(a, op(http.MethodPost, "/tables/{upload}", "Look what a table would be read as, run it, drop it"), whole, a.doTable)
	add(a, op(http.MethodGet, "/mappings", "Saved mappings of columns, by name"), whole, func(ctx context.Context, _ *Caller, _ *nothing) (*body[[]mapping.Mapping], error) {
		list, err := a.Tables.Mappings(ctx)
		return &body[[]mapping.Mapping]{append([]mapping.Mapping{}, list...)}, err
	})
	add(a, op(http.MethodPost, "/mappings", "Save a mapping; one of that name is replaced"), whole, func(ctx context.Context, me *Caller, in *body[MappingBody]) (*body[mapping.Mapping], error) {
		if err := a.Tables.Save(ctx, me.Actor(), me.Login, mapping.Mapping(in.Body)); err != nil {
			return nil, err
		}
		m, err := a.Tables.Mapping(ctx, in.Body.Name)
		if err != nil {
			return nil, err
		}
		return &body[mapping.Mapping]{*m}, nil
	})
	remove := op(http.MethodDelete, "/mappings/{name}", "Take a mapping away; what was taken in by it stays")
	remove.DefaultStatus = http.StatusNoContent
	add(a, remove, whole, func(ctx context.Context, me *Caller, in *struct {
		Name string `path:"name" maxLength:"240"`
	}) (*nothing, error) {
		return &nothing{}, a.Tables.Remove(ctx, me.Actor(), in.Name)
	})
	a.addExport()
}

type tableFile struct {
	Name string `query:"name" maxLength:"200" example:"march.xlsx" doc:"Of the file, for errors; required"`
}

func (a *API) doTable(ctx context.Context, me *Caller, in *tableInput) (*body[Table], error) {
	b := &in.Body
	who := me.Actor()
	if b.Do == "drop" {
		u, err := a.Tables.Upload(who, in.Upload)
		if err == nil {
			err = a.Tables.Drop(who, in.Upload)
		}
		return &body[Table]{tableOf(&u)}, err
	}
	m := (*mapping.Mapping)(b.Mapping)
	switch {
	case b.Map != "" && m != nil:
		return nil, fault.New(fault.Invalid, "both map and mapping").At("map").Say("Назовите сохранённую настройку или пришлите свою, не обе.")
	case b.Map != "":
		var err error
		if m, err = a.Tables.Mapping(ctx, b.Map); err != nil {
			return nil, err
		}
	case m != nil:
		if err := m.Validate(); err != nil {
			return nil, err
		}
	}
	if b.Do == "look" || m == nil { // of a table that runs nothing can be proposed any more
		if u, err := a.Tables.Upload(who, in.Upload); err != nil {
			return nil, err
		} else if u.State != table.Waiting {
			return nil, fault.New(fault.Conflict, "upload %s is not waiting", in.Upload).Say("Эта таблица уже загружается или загружена.")
		}
		p, seen, err := a.Tables.Look(ctx, who, in.Upload, m, b.Sheet, b.Territory)
		switch {
		case err != nil:
			return nil, err
		case b.Do == "look":
			u, err := a.Tables.Upload(who, in.Upload)
			out := tableOf(&u)
			out.Look = lookOf(&p, seen)
			return &body[Table]{out}, err
		case !p.Sure:
			return nil, fault.New(fault.Invalid, "the columns are not clear").At("mapping").Say("Столбцы таблицы не ясны: " + p.Doubt + ".").Mend("look, mend what it proposes, and send it as mapping")
		case len(p.Mapping.Columns) > 0:
			m = &p.Mapping
		}
	}
	if err := a.Tables.Start(ctx, who, in.Upload, table.Run{Mapping: m, Territory: b.Territory, Source: b.Source}); err != nil {
		return nil, err
	}
	u, err := a.Tables.Upload(who, in.Upload)
	return &body[Table]{tableOf(&u)}, err
}

func tableOf(u *table.Upload) Table {
	t := Table{ID: u.ID, Name: u.Name, At: at(u.At), State: string(u.State), Sheets: append([]string{}, u.Sheets...), Summary: u.Summary, Error: u.Error}
	if t.Summary.Reasons == nil {
		t.Summary.Reasons = map[string]int64{}
	}
	for what, n := range u.Lost {
		if t.Lost == nil {
			t.Lost = map[string]int{}
		}
		t.Lost[string(what)] = n
	}
	return t
}

func lookOf(p *mapping.Proposal, seen []table.Seen) *TableLook {
	out := &TableLook{Line: p.Layout.Line, Sure: p.Sure, Doubt: p.Doubt, Own: p.Sure && len(p.Mapping.Columns) == 0, Columns: []TableColumn{}, Unknown: []TableValue{}, Rows: []TableRow{}}
	p.Spell()
	if out.Mapping = p.Mapping; out.Mapping.Columns == nil {
		out.Mapping.Columns = map[mapping.Field]string{}
	}
	for _, g := range p.Guesses {
		out.Columns = append(out.Columns, TableColumn{g.Column, string(g.Field), g.Score, g.Why})
	}
	for _, v := range p.Values {
		if v.Ours == "" {
			out.Unknown = append(out.Unknown, TableValue{string(v.Field), v.Name, v.Rows})
		}
	}
	for k := range seen {
		s := &seen[k]
		row := TableRow{Line: s.Line, Text: s.Covered, At: at(s.Message.PublishedAt), State: s.State, Topic: s.Topic, Place: s.Place, Agency: s.Agency, Error: s.Error}
		for _, l := range s.Lost {
			row.Lost = append(row.Lost, string(l))
		}
		out.Rows = append(out.Rows, row)
	}
	return out
}

type exportInput struct {
	filterInput
	Format   string `query:"format" enum:"csv,xlsx,jsonl" default:"csv"`
	Personal bool   `query:"personal" doc:"Open words, names and contacts. The role must hold see_personal; the audit gets a line for each message"`
}

// addExport serves incidents in the shape that import takes, as they are read.
func (a *API) addExport() {
	op := huma.Operation{Method: http.MethodGet, Path: "/incidents/export", Summary: "Incidents in the shape that import takes, one line a message, the oldest first", Tags: []string{"incidents"}}
	op.Description = "Written as it is read, without a page's limit. An answer that is cut off was not finished."
	binary := &huma.MediaType{Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}
	answers := map[string]*huma.MediaType{}
	for _, k := range []table.Kind{table.CSV, table.XLSX, table.JSONL} {
		answers[k.MIME()] = binary
	}
	a.raw(op, site.Access{Right: lifecycle.SeeQueue}, reflect.TypeFor[exportInput](), answers, func(c huma.Context, me *Caller, in any) error {
		x := in.(*exportInput)
		f, err := a.filter(me, &x.filterInput)
		if err != nil {
			return err
		}
		_, w := humago.Unwrap(c)
		begun := false
		kind := table.Kind(x.Format)
		err = a.Tables.Export(c.Context(), w, table.Export{Who: me.Actor(), Filter: f, Kind: kind, Personal: x.Personal}, func() {
			begun = true
			w.Header().Set("Content-Type", kind.MIME())
			w.Header().Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", "incidents."+string(kind)))
		})
		if err == nil || !begun {
			return err
		}
		_ = a.note(c.Context(), op.Method+" "+op.Path, a.problem(c.Context(), err), err)
		panic(http.ErrAbortHandler)
	})
}

// raw registers an operation whose body or answer is bytes: do writes the answer, or returns
// an error before it has written anything.
func (a *API) raw(op huma.Operation, access site.Access, in reflect.Type, answers map[string]*huma.MediaType, do func(c huma.Context, me *Caller, in any) error) {
	a.complete(&op, access)
	b := bind(a.huma, &op, in)
	if op.DefaultStatus == 0 {
		op.DefaultStatus = http.StatusOK
	}
	op.Responses[fmt.Sprint(op.DefaultStatus)] = &huma.Response{Description: http.StatusText(op.DefaultStatus), Content: answers}
	a.huma.OpenAPI().AddOperation(&op)
	a.huma.Adapter().Handle(&op, op.Middlewares.Handler(func(c huma.Context) {
		in := b.read(c)
		if in == nil {
			return
		}
		if err := do(c, caller(c.Context()), in); err != nil {
			r, w := humago.Unwrap(c)
			a.write(w, r, a.note(c.Context(), op.Method+" "+op.Path, a.problem(c.Context(), err), err))
		}
	}))
}
