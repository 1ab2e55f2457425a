package app

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"io"
	"strings"
	"time"

	"otklik/internal/account"
	"otklik/internal/audit"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/regime"
	"otklik/internal/reply"
	"otklik/internal/scope"
	"otklik/internal/sheet"
	"otklik/internal/source/file"
)

// An ExportFormat is a shape of export.
type ExportFormat string

// Formats of export.
const (
	CSV   ExportFormat = "csv"
	XLSX  ExportFormat = "xlsx"
	JSONL ExportFormat = "jsonl"
)

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
}

var exportedHeader = []string{"id", "text", "url", "thread", "published_at", "source", "number", "state", "outcome", "verified",
	"topic", "group", "place", "agency", "opened_at", "answered_at", "answer",
	"parent", "edited_at", "deleted", "territory", "closed_at", "reason"}

// exportedWidths are of a sheet's columns, in characters; the others are as wide as usual.
var exportedWidths = map[string]int{"text": 70, "answer": 70, "url": 30, "place": 40, "topic": 40, "group": 30, "agency": 30, "published_at": 20, "opened_at": 20, "answered_at": 20, "closed_at": 20}

func (e *exported) fields() []string {
	yes := map[bool]string{true: "1"}
	return []string{e.ID, e.Text, e.URL, e.Thread, e.PublishedAt, e.Source, e.Number, e.State, e.Outcome, yes[e.Verified],
		e.Topic, e.Group, e.Place, e.Agency, e.OpenedAt, e.AnsweredAt, e.Answer,
		e.Parent, e.EditedAt, yes[e.Deleted], e.Territory, e.ClosedAt, e.Reason}
}

// Export writes all incidents, oldest first, one line a message.
func (a *App) Export(ctx context.Context, w io.Writer, format ExportFormat) error {
	put, end, err := exportTo(w, format)
	if err != nil {
		return err
	}
	err = a.DB.Change(ctx, incident.People, func(tx incident.Tx) error {
		return tx.Audit().Record(ctx, audit.Entry{At: a.Now(), Who: account.System().ID, Deed: audit.Exported, Subject: "incidents", Place: scope.Place{Region: a.region()}})
	})
	if err != nil {
		return err
	}
	db := a.DB.Reader()
	for f := (incident.Filter{Order: incident.Oldest, Limit: 200}); ; {
		page, err := db.Incidents().Queue(ctx, scope.All(), f)
		if err != nil {
			return err
		}
		for k := range page.Rows {
			if err := a.exportOne(ctx, db, &page.Rows[k], put); err != nil {
				return err
			}
		}
		if f.After = page.Next; page.Next.Key == "" {
			break
		}
	}
	return end()
}

// exportTo returns what writes a line, and what ends the file.
func exportTo(w io.Writer, format ExportFormat) (put func(*exported) error, end func() error, err error) {
	switch format {
	case CSV:
		table := csv.NewWriter(w)
		put = func(e *exported) error {
			cells := e.fields()
			for k := range cells {
				cells[k] = file.Guard(cells[k])
			}
			return table.Write(cells)
		}
		return put, func() error { table.Flush(); return table.Error() }, table.Write(exportedHeader)
	case XLSX:
		columns := make([]sheet.Column, len(exportedHeader))
		for k, name := range exportedHeader {
			columns[k] = sheet.Column{Name: name, Width: exportedWidths[name]}
		}
		table, err := sheet.New(w, "Инциденты", columns)
		if err != nil {
			return nil, nil, err
		}
		return func(e *exported) error { return table.Row(e.cells()) }, table.Close, nil
	}
	lines := json.NewEncoder(w)
	return func(e *exported) error { return lines.Encode(e) }, func() error { return nil }, nil
}

// cells are the fields as a sheet types them: moments are moments, except where a revision is
// told apart by milliseconds.
func (e *exported) cells() []any {
	out := []any{}
	for k, s := range e.fields() {
		if at, err := time.Parse(time.RFC3339, s); err == nil && strings.HasSuffix(exportedHeader[k], "_at") && exportedHeader[k] != "edited_at" {
			out = append(out, at)
		} else {
			out = append(out, s)
		}
	}
	return out
}

func (a *App) exportOne(ctx context.Context, db incident.Tx, row *incident.Row, put func(*exported) error) error {
	replies, err := db.Replies().OfIncident(ctx, scope.All(), int64(row.ID))
	if err != nil {
		return err
	}
	answer := ""
	for _, r := range replies {
		if r.State == reply.Published {
			answer = r.Text
		}
	}
	messages, err := db.Messages().OfIncident(ctx, scope.All(), int64(row.ID))
	if err != nil {
		return err
	}
	t, _ := a.Topics().ByCode(row.Topic)
	answering := row.Agency
	if row.Clock.Regime == regime.Past && answering == "" { // answered by somebody whom this centre does not know
		if p, err := db.Incidents().Past(ctx, scope.All(), row.ID); err == nil {
			answering = p.Agency
		} else if !fault.Is(err, fault.NotFound) {
			return err
		}
	}
	for _, m := range messages {
		err := put(&exported{
			ID: m.Native, Text: m.Text, URL: m.URL, Thread: m.Thread, PublishedAt: stamp(m.PublishedAt), Source: m.Source,
			Number: row.Number, State: string(row.State), Outcome: string(row.Outcome), Verified: row.Verified(),
			Topic: t.Name, Group: row.Group, Place: row.Address.String(), Agency: answering,
			OpenedAt: stamp(row.OpenedAt), AnsweredAt: stamp(row.AnsweredAt), Answer: answer,
			Parent: m.Parent, EditedAt: exactly(m.Revision.Time), Deleted: m.Gone, Territory: m.Territory,
			ClosedAt: stamp(row.ClosedAt), Reason: row.OutcomeReason,
		})
		if err != nil {
			return err
		}
	}
	return nil
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
