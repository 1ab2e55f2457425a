package app

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"io"
	"time"

	"otklik/internal/account"
	"otklik/internal/audit"
	"otklik/internal/incident"
	"otklik/internal/reply"
	"otklik/internal/scope"
)

// An ExportFormat is a shape of export.
type ExportFormat string

// Formats of export.
const (
	CSV   ExportFormat = "csv"
	JSONL ExportFormat = "jsonl"
)

// An exported line is one message with its incident beside it. Import reads the
// first six fields and the last four; by source and id it knows the message again.
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
}

var exportedHeader = []string{"id", "text", "url", "thread", "published_at", "source", "number", "state", "outcome", "verified",
	"topic", "group", "place", "agency", "opened_at", "answered_at", "answer",
	"parent", "edited_at", "deleted", "territory"}

func (e *exported) fields() []string {
	yes := map[bool]string{true: "1"}
	return []string{e.ID, e.Text, e.URL, e.Thread, e.PublishedAt, e.Source, e.Number, e.State, e.Outcome, yes[e.Verified],
		e.Topic, e.Group, e.Place, e.Agency, e.OpenedAt, e.AnsweredAt, e.Answer,
		e.Parent, e.EditedAt, yes[e.Deleted], e.Territory}
}

// Export writes all incidents, oldest first, one line a message.
func (a *App) Export(ctx context.Context, w io.Writer, format ExportFormat) error {
	write := json.NewEncoder(w)
	table := csv.NewWriter(w)
	put := func(e *exported) error { return write.Encode(e) }
	if format == CSV {
		if err := table.Write(exportedHeader); err != nil {
			return err
		}
		put = func(e *exported) error { return table.Write(e.fields()) }
	}
	err := a.DB.Change(ctx, incident.People, func(tx incident.Tx) error {
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
	table.Flush()
	return table.Error()
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
	for _, m := range messages {
		err := put(&exported{
			ID: m.Native, Text: m.Text, URL: m.URL, Thread: m.Thread, PublishedAt: stamp(m.PublishedAt), Source: m.Source,
			Number: row.Number, State: string(row.State), Outcome: string(row.Outcome), Verified: row.Verified(),
			Topic: t.Name, Group: row.Group, Place: row.Address.String(), Agency: row.Agency,
			OpenedAt: stamp(row.OpenedAt), AnsweredAt: stamp(row.AnsweredAt), Answer: answer,
			Parent: m.Parent, EditedAt: exactly(m.Revision.Time), Deleted: m.Gone, Territory: m.Territory,
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
