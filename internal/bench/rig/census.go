package rig

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"otklik/internal/incident"
)

// A Census says what is in a store, without the ids and numbers that differ from
// run to run: two runs that took the same messages in have the same census. It
// reads the tables itself, not through the code whose work it judges, and holds
// hashes in place of residents' words.
type Census struct {
	Messages  map[string]string // «source native» → revisions, hash of the text, whether the network shows it
	Incidents []string          // topic and the messages of each, sorted
	Entries   int               // of the histories
	Inbox     int               // pushed and not yet taken in
	Aside     int
}

// TakeCensus counts, and fails when the store contradicts itself: a message
// twice, a number twice or wrong, a message in the history of two incidents, an
// incident whose count is not that of its messages.
func TakeCensus(ctx context.Context, path string) (c Census, err error) {
	db, err := open(path)
	if err != nil {
		return c, err
	}
	defer db.Close()
	one := func(query string) (n int) {
		if err == nil {
			err = db.QueryRowContext(ctx, query).Scan(&n)
		}
		return n
	}
	c.Entries = one(`SELECT count(*) FROM entry`)
	c.Inbox = one(`SELECT count(*) FROM inbox`)
	c.Aside = one(`SELECT count(*) FROM set_aside`)
	for what, query := range map[string]string{
		"messages twice":                       `SELECT count(*) FROM (SELECT 1 FROM message GROUP BY source, native HAVING count(*) > 1) x`,
		"revisions twice":                      `SELECT count(*) FROM (SELECT 1 FROM revision GROUP BY message, key HAVING count(*) > 1) x`,
		"texts without a revision":             `SELECT count(*) FROM message_words w WHERE NOT EXISTS (SELECT 1 FROM revision r WHERE r.message = w.message AND r.n = w.n)`,
		"written revisions without their text": `SELECT count(*) FROM revision r WHERE r.event <> 'deleted' AND NOT EXISTS (SELECT 1 FROM message_words w WHERE w.message = r.message AND w.n = r.n)`,
		"numbers twice":                        `SELECT count(*) FROM (SELECT 1 FROM incident GROUP BY number HAVING count(*) > 1) x`,
		"messages of no incident":              `SELECT count(*) FROM message m WHERE m.incident <> 0 AND NOT EXISTS (SELECT 1 FROM incident i WHERE i.id = m.incident)`,
		"incidents with a wrong count":         `SELECT count(*) FROM incident i WHERE i.messages <> (SELECT count(*) FROM message m WHERE m.incident = i.id)`,
		"incidents without their first":        `SELECT count(*) FROM incident i WHERE i.messages > 0 AND NOT EXISTS (SELECT 1 FROM message m WHERE m.id = i.first_message)`,
		"incidents without history":            `SELECT count(*) FROM incident i WHERE NOT EXISTS (SELECT 1 FROM entry e WHERE e.incident = i.id)`,
		"history that is not the version's":    `SELECT count(*) FROM incident i WHERE i.version <> (SELECT max(e.version) FROM entry e WHERE e.incident = i.id)`,
		"incidents without words":              `SELECT count(*) FROM incident i WHERE NOT EXISTS (SELECT 1 FROM incident_words w WHERE w.incident = i.id)`,
		"attachments told twice or not at all": `SELECT count(*) FROM message m WHERE m.incident <> 0 AND 1 <> (
			SELECT count(*) FROM entry e WHERE e.incident = m.incident AND e.action IN ('file', 'attach') AND MESSAGE = m.id AND coalesce(EVENT, '') = '')`,
	} {
		query = strings.NewReplacer("MESSAGE", detail(path, "message", "BIGINT"), "EVENT", detail(path, "event", "TEXT")).Replace(query)
		if n := one(query); n > 0 && err == nil {
			err = fmt.Errorf("%s: %d %s", path, n, what)
		}
	}
	if err != nil {
		return c, err
	}
	if !postgres(path) {
		err = intact(ctx, db, path)
	}
	if err != nil {
		return c, err
	}
	if err := c.messages(ctx, db); err != nil {
		return c, err
	}
	return c, c.incidents(ctx, db)
}

// detail returns the SQL of a field of a history's line.
func detail(path, field, kind string) string {
	if postgres(path) {
		return "CAST(CAST(e.detail AS jsonb)->>'" + field + "' AS " + kind + ")"
	}
	return "json_extract(e.detail, '$." + field + "')"
}

func intact(ctx context.Context, db *sql.DB, path string) error {
	var intact string
	if err := db.QueryRowContext(ctx, `PRAGMA integrity_check`).Scan(&intact); err != nil || intact != "ok" {
		return fmt.Errorf("%s: integrity check: %s, %w", path, intact, err)
	}
	return nil
}

func (c *Census) messages(ctx context.Context, db *sql.DB) error {
	c.Messages = map[string]string{}
	return each(ctx, db, `SELECT m.source || ' ' || m.native, m.gone, m.revisions, coalesce((SELECT w.text FROM message_words w WHERE w.message = m.id AND w.n = m.current), '')
		FROM message m`, func(rows *sql.Rows) error {
		var key, text string
		var gone, revisions int
		if err := rows.Scan(&key, &gone, &revisions, &text); err != nil {
			return err
		}
		sum := sha256.Sum256([]byte(text))
		c.Messages[key] = fmt.Sprintf("%d %s gone=%d", revisions, hex.EncodeToString(sum[:8]), gone)
		return nil
	})
}

func (c *Census) incidents(ctx context.Context, db *sql.DB) error {
	of := map[int64][]string{}
	err := each(ctx, db, `SELECT incident, source || ' ' || native FROM message WHERE incident <> 0`, func(rows *sql.Rows) error {
		var id int64
		var key string
		err := rows.Scan(&id, &key)
		of[id] = append(of[id], key)
		return err
	})
	if err != nil {
		return err
	}
	err = each(ctx, db, `SELECT id, number, topic, state, version FROM incident`, func(rows *sql.Rows) error {
		var id int64
		var number, topic, state string
		var version int
		if err := rows.Scan(&id, &number, &topic, &state, &version); err != nil {
			return err
		}
		if digits, err := incident.ParseNumber(number); err != nil || digits != number {
			return fmt.Errorf("incident %d: %q is no number", id, number)
		}
		slices.Sort(of[id])
		c.Incidents = append(c.Incidents, fmt.Sprintf("%s %s v%d: %s", topic, state, version, strings.Join(of[id], ", ")))
		return nil
	})
	slices.Sort(c.Incidents)
	return err
}

func each(ctx context.Context, db *sql.DB, query string, row func(*sql.Rows) error) error {
	rows, err := db.QueryContext(ctx, query)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := row(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// Published reports whether the incident has a reply with a receipt.
func Published(ctx context.Context, path string, id int64) (bool, error) {
	db, err := open(path)
	if err != nil {
		return false, err
	}
	defer db.Close()
	var n int
	err = db.QueryRowContext(ctx, `SELECT count(*) FROM reply WHERE incident = $1 AND state = 'published' AND native <> ''`, id).Scan(&n)
	return n > 0, err
}
