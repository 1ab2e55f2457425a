package table

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"otklik/internal/account"
	"otklik/internal/audit"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/message"
	"otklik/internal/personal"
	"otklik/internal/regime"
	"otklik/internal/reply"
	"otklik/internal/russian"
	"otklik/internal/scope"
	"otklik/internal/sheet"
	"otklik/internal/source/file"
)

// A Kind is a shape of export.
type Kind string

// Kinds of export.
const (
	CSV   Kind = "csv"
	XLSX  Kind = "xlsx"
	JSONL Kind = "jsonl"
)

// MIME is the media type of a file of that kind.
func (k Kind) MIME() string {
	switch k {
	case CSV:
		return "text/csv; charset=utf-8"
	case XLSX:
		return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	}
	return "application/jsonl; charset=utf-8"
}

// An Export says what goes out, to whom.
type Export struct {
	Who    account.Actor   // what they see goes out, no more
	Filter incident.Filter // its order and page are not looked at: the oldest comes first
	Kind   Kind
	// Personal leaves words open and adds who wrote; each message is a line of the audit.
	// Who may not see that is refused. Without it people get words with personal data
	// covered. The command line (account.System) gets words as they stand, and no names.
	Personal bool
}

// An exported line is one message with its incident beside it. Import reads the
// first six fields and the four from parent on, by source and id it knows the message
// again; the rest tells how the work stands, and comes in as history where it was done.
type exported struct {
	ID          string `json:"id"`
	Text        string `json:"text"`
	URL         string `json:"url"`
	Thread      string `json:"thread"`
	PublishedAt string `json:"published_at"`
	Source      string `json:"source"`
	Number      string `json:"number"`
	State       string `json:"state"`
	Outcome     string `json:"outcome"`
	Verified    bool   `json:"verified"`
	Topic       string `json:"topic"`
	Group       string `json:"group"`
	Place       string `json:"place"`
	Agency      string `json:"agency"`
	OpenedAt    string `json:"opened_at"`
	AnsweredAt  string `json:"answered_at"`
	Answer      string `json:"answer"`
	Parent      string `json:"parent"`
	EditedAt    string `json:"edited_at"`
	Deleted     bool   `json:"deleted"`
	Territory   string `json:"territory"`
	ClosedAt    string `json:"closed_at"`
	Reason      string `json:"reason"`
	Author      string `json:"author_name,omitempty"`
	Contact     string `json:"contact,omitempty"`
}

var exportedHeader = []string{"id", "text", "url", "thread", "published_at", "source", "number", "state", "outcome", "verified",
	"topic", "group", "place", "agency", "opened_at", "answered_at", "answer",
	"parent", "edited_at", "deleted", "territory", "closed_at", "reason"}

// exportedWidths are of a sheet's columns, in characters; the others are as wide as usual.
var exportedWidths = map[string]int{"text": 70, "answer": 70, "url": 30, "place": 40, "topic": 40, "group": 30, "agency": 30, "published_at": 20, "opened_at": 20, "answered_at": 20, "closed_at": 20}

func (x *Export) header() []string {
	if x.Personal {
		return append(exportedHeader[:len(exportedHeader):len(exportedHeader)], "author_name", "contact")
	}
	return exportedHeader
}

func (e *exported) fields(whose bool) []string {
	yes := map[bool]string{true: "1"}
	f := []string{e.ID, e.Text, e.URL, e.Thread, e.PublishedAt, e.Source, e.Number, e.State, e.Outcome, yes[e.Verified],
		e.Topic, e.Group, e.Place, e.Agency, e.OpenedAt, e.AnsweredAt, e.Answer,
		e.Parent, e.EditedAt, yes[e.Deleted], e.Territory, e.ClosedAt, e.Reason}
	if whose {
		f = append(f, e.Author, e.Contact)
	}
	return f
}

// Export writes incidents, oldest first, one line a message, as they are read: nothing is
// held but one page of them. begin is called before the first byte, once nothing can be
// refused any more; it may be nil.
func (t *Tables) Export(ctx context.Context, w io.Writer, x Export, begin func()) (err error) {
	defer fault.Wrap(&err, "table.Export")
	switch x.Kind {
	case CSV, XLSX, JSONL:
	default:
		return fault.New(fault.Invalid, "export as %q", x.Kind).At("format").Say("Скачать можно как csv, xlsx или jsonl.").Mend("csv, xlsx or jsonl")
	}
	if x.Personal && !x.Who.Role.Holds(lifecycle.SeePersonal) {
		return fault.New(fault.Forbidden, "role %s does not see personal data", x.Who.Role).At("personal").
			Say("Роль «" + x.Who.Role.Name() + "» не видит персональные данные.").Mend("export without personal")
	}
	subject := "incidents"
	if x.Personal {
		subject = "incidents, personal"
	}
	err = t.Store.Change(ctx, incident.People, func(tx incident.Tx) error {
		return tx.Audit().Record(ctx, audit.Entry{At: t.Now(), Who: x.Who.ID, Deed: audit.Exported, Subject: subject, Place: scope.Place{Region: t.Region}})
	})
	if err != nil {
		return err
	}
	if begin != nil {
		begin()
	}
	put, end, err := x.to(w)
	if err != nil {
		return err
	}
	f := x.Filter
	f.Open = f.Open || f.Order == incident.DueNext // only what is open is due
	f.Order, f.After, f.Limit = incident.Oldest, incident.Cursor{}, 200
	for {
		page, err := t.Store.Reader().Incidents().Queue(ctx, x.Who.Scope, f)
		if err != nil {
			return err
		}
		if err := t.exportPage(ctx, &x, page.Rows, put); err != nil {
			return err
		}
		if f.After = page.Next; page.Next.Key == "" {
			return end()
		}
	}
}

// to returns what writes a line, and what ends the file.
func (x *Export) to(w io.Writer) (put func(*exported) error, end func() error, err error) {
	switch x.Kind {
	case CSV:
		out := csv.NewWriter(w)
		put = func(e *exported) error {
			cells := e.fields(x.Personal)
			for k := range cells {
				cells[k] = file.Guard(cells[k])
			}
			return out.Write(cells)
		}
		return put, func() error { out.Flush(); return out.Error() }, out.Write(x.header())
	case XLSX:
		var columns []sheet.Column
		for _, name := range x.header() {
			columns = append(columns, sheet.Column{Name: name, Width: exportedWidths[name]})
		}
		out, err := sheet.New(w, "Инциденты", columns)
		if err != nil {
			return nil, nil, err
		}
		return func(e *exported) error { return out.Row(e.cells(x.Personal)) }, out.Close, nil
	}
	lines := json.NewEncoder(w)
	return func(e *exported) error { return lines.Encode(e) }, func() error { return nil }, nil
}

// cells are the fields as a sheet types them: moments are moments, except where a revision is
// told apart by milliseconds.
func (e *exported) cells(whose bool) []any {
	out := []any{}
	for k, s := range e.fields(whose) {
		if k < len(exportedHeader) && strings.HasSuffix(exportedHeader[k], "_at") && exportedHeader[k] != "edited_at" {
			if at, err := time.Parse(time.RFC3339, s); err == nil {
				out = append(out, at)
				continue
			}
		}
		out = append(out, s)
	}
	return out
}

// exportPage writes the messages of some incidents.
func (t *Tables) exportPage(ctx context.Context, x *Export, rows []incident.Row, put func(*exported) error) error {
	tx := t.Store.Reader()
	texts := make([][]*message.Message, len(rows))
	var all []*message.Message
	for k := range rows {
		list, err := tx.Messages().OfIncident(ctx, x.Who.Scope, int64(rows[k].ID))
		if err != nil {
			return err
		}
		for _, m := range list {
			c := *m // its words may be covered
			texts[k] = append(texts[k], &c)
		}
		all = append(all, texts[k]...)
	}
	if err := t.uncover(ctx, x, all); err != nil {
		return err
	}
	for k := range rows {
		line, err := t.line(ctx, tx, x, &rows[k])
		if err != nil {
			return err
		}
		for _, m := range texts[k] {
			e := line
			e.ID, e.Text, e.URL, e.Thread, e.PublishedAt, e.Source = m.Native, m.Text, m.URL, m.Thread, stamp(m.PublishedAt), m.Source
			e.Parent, e.EditedAt, e.Deleted, e.Territory = m.Parent, exactly(m.Revision.Time), m.Gone, m.Territory
			if x.Personal {
				e.Author, e.Contact = m.AuthorName, m.Contact
			}
			if err := put(&e); err != nil {
				return err
			}
		}
	}
	return nil
}

// uncover covers personal data in the words of messages, or notes who looked at it.
func (t *Tables) uncover(ctx context.Context, x *Export, all []*message.Message) error {
	switch {
	case len(all) == 0:
		return nil
	case x.Personal:
		return t.Store.Change(ctx, incident.People, func(tx incident.Tx) error {
			for _, m := range all {
				e := audit.Entry{At: t.Now(), Who: x.Who.ID, Deed: audit.ReadPersonal, Subject: fmt.Sprintf("message:%d", m.ID), Place: m.Place}
				if err := tx.Audit().Record(ctx, e); err != nil {
					return err
				}
			}
			return nil
		})
	case x.Who.Role == lifecycle.System:
		return nil
	}
	ids := make([]message.ID, len(all))
	for k, m := range all {
		ids[k] = m.ID
	}
	found, err := t.Store.Reader().Messages().Personal(ctx, ids)
	if err != nil {
		return err
	}
	for _, m := range all {
		var spans []russian.Span
		for _, p := range append(t.Personal(m.Text), found[m.ID]...) { // what an older reading saw stays covered
			spans = append(spans, russian.Span{Start: p.Start, End: p.End})
		}
		m.Text = personal.Mask(m.Text, spans)
	}
	return nil
}

// line returns what of a line its incident says.
func (t *Tables) line(ctx context.Context, tx incident.Tx, x *Export, row *incident.Row) (e exported, err error) {
	replies, err := tx.Replies().OfIncident(ctx, x.Who.Scope, int64(row.ID))
	if err != nil {
		return e, err
	}
	answer := ""
	for _, r := range replies {
		if r.State == reply.Published {
			answer = r.Text
		}
	}
	tp, _ := t.Topics().ByCode(row.Topic)
	answering := row.Agency
	if row.Clock.Regime == regime.Past && answering == "" { // answered by somebody whom this centre does not know
		if p, err := tx.Incidents().Past(ctx, x.Who.Scope, row.ID); err == nil {
			answering = p.Agency
		} else if !fault.Is(err, fault.NotFound) {
			return e, err
		}
	}
	return exported{
		Number: row.Number, State: string(row.State), Outcome: string(row.Outcome), Verified: row.Verified(),
		Topic: tp.Name, Group: row.Group, Place: row.Address.String(), Agency: answering,
		OpenedAt: stamp(row.OpenedAt), AnsweredAt: stamp(row.AnsweredAt), Answer: answer, ClosedAt: stamp(row.ClosedAt), Reason: row.OutcomeReason,
	}, nil
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// exactly keeps what revisions are told apart by: milliseconds.
func exactly(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02T15:04:05.000Z07:00")
}
