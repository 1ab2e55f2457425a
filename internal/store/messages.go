package store

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/message"
	"otklik/internal/scope"
)

// messages implements message.Store.
type messages struct{ t *tx }

const messageColumns = `m.id, m.source, m.native, m.region, m.centre, m.agency, m.channel, m.form, m.thread, m.parent, m.url,
	m.author, m.territory, m.addressed, m.own, m.gone, m.published_at, m.seen_at, m.erased_at,
	coalesce(r.key, ''), coalesce(r.event, ''), coalesce(r.time, 0), coalesce(w.text, ''), coalesce(w.author_name, ''), coalesce(w.contact, '')`

const messageJoins = ` FROM message m
	LEFT JOIN revision r ON r.message = m.id AND r.n = m.current
	LEFT JOIN message_words w ON w.message = m.id AND w.n = m.current`

func scanMessage(rows *sql.Rows, more ...any) (*message.Message, error) {
	var m message.Message
	var name string
	err := rows.Scan(append([]any{&m.ID, &m.Source, &m.Native, &m.Place.Region, &m.Place.Centre, &m.Place.Agency, &m.Channel, &m.Form, &m.Thread, &m.Parent, &m.URL,
		&m.Author, &m.Territory, &m.Addressed, &m.Own, &m.Gone, clock{&m.PublishedAt}, clock{&m.SeenAt}, clock{&m.ErasedAt},
		&name, &m.Event, clock{&m.Revision.Time}, &m.Text, &m.AuthorName, &m.Contact}, more...)...)
	if hash, ok := strings.CutPrefix(name, "h"); ok {
		m.Revision.Hash = hash
	}
	if m.Event == "" { // nothing but a deletion has arrived
		m.Event = message.Deleted
	}
	return &m, err
}

func (s messages) find(ctx context.Context, w *where, tail string) (out []*message.Message, err error) {
	err = s.t.link.query(ctx, "SELECT "+messageColumns+messageJoins+w.String()+tail, w.args, func(rows *sql.Rows) error {
		m, err := scanMessage(rows)
		out = append(out, m)
		return err
	})
	return out, err
}

// seenThrough lets a message through that sc sees: one of an incident where the
// incident stands, another where it stands itself.
func seenThrough(w *where, sc scope.Scope) {
	var own, case_ where
	own.args = w.args
	own.scope("m", sc)
	case_.args = own.args
	case_.scope("i", sc)
	w.args = case_.args
	of := "EXISTS (SELECT 1 FROM incident i WHERE " + strings.Join(append([]string{"i.id = m.incident"}, case_.parts...), " AND ") + ")"
	itself := strings.Join(append([]string{"m.incident = 0"}, own.parts...), " AND ")
	w.parts = append(w.parts, "("+of+" OR "+itself+")")
}

func (s messages) Message(ctx context.Context, sc scope.Scope, id message.ID) (_ *message.Message, err error) {
	defer fault.Wrap(&err, "store.Message(%d)", id)
	var w where
	w.and("m.id = ?", int64(id))
	if sc != scope.All() {
		seenThrough(&w, sc)
	}
	return single(s.find(ctx, &w, ""))
}

func (s messages) ByNative(ctx context.Context, source, native string) (_ *message.Message, err error) {
	defer fault.Wrap(&err, "store.ByNative(%s)", source)
	var w where
	w.and("m.source = ?", source)
	w.and("m.native = ?", native)
	return single(s.find(ctx, &w, ""))
}

func (s messages) OfIncident(ctx context.Context, sc scope.Scope, id int64) (_ []*message.Message, err error) {
	defer fault.Wrap(&err, "store.OfIncident(%d)", id)
	if err := (incidents{s.t}).seen(ctx, sc, incident.ID(id)); err != nil {
		return nil, err
	}
	var w where
	w.and("m.incident = ?", id)
	return s.find(ctx, &w, " ORDER BY CASE WHEN m.published_at <> 0 THEN m.published_at ELSE m.seen_at END, m.id")
}

// Has implements message.Store. A deletion that names nothing is here while the
// message is gone.
func (s messages) Has(ctx context.Context, source string, asked []message.Ref) (_ []bool, err error) {
	defer fault.Wrap(&err, "store.Has(%s)", source)
	out := make([]bool, len(asked))
	const step = 200
	for from := 0; from < len(asked); from += step {
		part := asked[from:min(from+step, len(asked))]
		found := map[string]bool{}
		var w where
		w.and("m.source = ?", source)
		natives := make([]any, len(part))
		for i := range part {
			natives[i] = part[i].Native
		}
		w.in("m.native", natives...)
		gone := map[string]bool{}
		err := s.t.link.query(ctx, `SELECT m.native, m.gone, r.key FROM message m JOIN revision r ON r.message = m.id`+w.String(), w.args,
			func(rows *sql.Rows) error {
				var native, name string
				var lost bool
				err := rows.Scan(&native, &lost, &name)
				found[native+"\x00"+name], gone[native] = true, lost
				return err
			})
		if err != nil {
			return nil, err
		}
		erased, err := s.erased(ctx, source, natives...)
		if err != nil {
			return nil, err
		}
		for i, r := range part {
			out[from+i] = erased[r.Native] || found[r.Native+"\x00"+key(r.Revision, r.Event)] || nameless(r.Revision, r.Event) && gone[r.Native]
		}
	}
	return out, nil
}

func (s messages) Read(ctx context.Context, id message.ID, r *message.Reading) (err error) {
	defer fault.Wrap(&err, "store.Read(%d)", id)
	body, err := json.Marshal(r)
	if err != nil {
		return err
	}
	n, err := s.t.link.exec(ctx, `UPDATE revision SET reading = $1 WHERE message = $2 AND n = (SELECT current FROM message WHERE id = $2)`, string(body), int64(id))
	if err != nil {
		return err
	}
	if n == 0 {
		return missing("message %d has no text", id)
	}
	_, err = s.t.link.exec(ctx, `UPDATE message_words SET lemmas = $1 WHERE message = $2 AND n = (SELECT current FROM message WHERE id = $2)`, r.Index, int64(id))
	if err != nil {
		return err
	}
	if _, err = s.t.link.exec(ctx, "UPDATE message SET fingerprint = $1 WHERE id = $2", message.Fingerprint(r.Index), int64(id)); err != nil {
		return err
	}
	of, err := s.Incident(ctx, id)
	if of != 0 {
		s.t.dirty = append(s.t.dirty, incident.ID(of))
	}
	return err
}

func (s messages) Reading(ctx context.Context, id message.ID) (_ *message.Reading, err error) {
	defer fault.Wrap(&err, "store.Reading(%d)", id)
	var body, lemmas string
	ok, err := s.t.link.one(ctx, `SELECT r.reading, coalesce(w.lemmas, '') FROM message m JOIN revision r ON r.message = m.id AND r.n = m.current
		LEFT JOIN message_words w ON w.message = m.id AND w.n = m.current WHERE m.id = $1`, []any{int64(id)}, &body, &lemmas)
	if err != nil {
		return nil, err
	}
	if !ok || body == "" {
		return nil, missing("message %d has no reading", id)
	}
	r := &message.Reading{Index: lemmas}
	return r, json.Unmarshal([]byte(body), r)
}

// Personal implements message.Store.
func (s messages) Personal(ctx context.Context, ids []message.ID) (_ map[message.ID][]message.Personal, err error) {
	defer fault.Wrap(&err, "store.Personal(%d)", len(ids))
	out := make(map[message.ID][]message.Personal, len(ids))
	const step = 50
	for from := 0; from < len(ids); from += step {
		part := ids[from:min(from+step, len(ids))]
		var w where
		args := make([]any, step) // always as many: one prepared statement serves all pages
		for k := range args {
			args[k] = int64(part[min(k, len(part)-1)])
		}
		w.in("m.id", args...)
		err := s.t.link.query(ctx, "SELECT m.id, r.reading FROM message m JOIN revision r ON r.message = m.id AND r.n = m.current"+w.String(), w.args,
			func(rows *sql.Rows) error {
				var id message.ID
				var body string
				if err := rows.Scan(&id, &body); err != nil || body == "" {
					return err
				}
				var r struct {
					Personal []message.Personal `json:"personal"`
				}
				err := json.Unmarshal([]byte(body), &r)
				out[id] = r.Personal
				return err
			})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (s messages) Incident(ctx context.Context, id message.ID) (of int64, err error) {
	defer fault.Wrap(&err, "store.Incident of message(%d)", id)
	ok, err := s.t.link.one(ctx, "SELECT incident FROM message WHERE id = $1", []any{int64(id)}, &of)
	if err == nil && !ok {
		err = missing("message %d is not here", id)
	}
	return of, err
}

func (s messages) InThread(ctx context.Context, source, thread, parent, author string) (of int64, err error) {
	defer fault.Wrap(&err, "store.InThread(%s)", source)
	if parent != "" {
		ok, err := s.t.link.one(ctx, `SELECT i.id FROM message m JOIN incident i ON i.id = m.incident
			WHERE m.source = $1 AND m.native = $2 AND i.is_open = 1`, []any{source, parent}, &of)
		if ok || err != nil {
			return of, err
		}
	}
	if thread == "" || author == "" {
		return 0, nil
	}
	for _, column := range []string{"thread", "native"} { // in the thread, or its root
		ok, err := s.t.link.one(ctx, `SELECT i.id FROM message m JOIN incident i ON i.id = m.incident
			WHERE m.source = $1 AND m.`+column+` = $2 AND m.author = $3 AND i.is_open = 1
			ORDER BY m.id DESC LIMIT 1`, []any{source, thread, author}, &of)
		if ok || err != nil {
			return of, err
		}
	}
	return 0, nil
}

// before is how many earlier messages of a thread or an author are asked.
const before = 8

func (s messages) Named(ctx context.Context, m *message.Message) (k message.Known, err error) {
	defer fault.Wrap(&err, "store.Named(%s)", m.Source)
	const question = `SELECT v.reading FROM message m JOIN revision v ON v.message = m.id AND v.n = m.current
		WHERE m.source = $1 AND m.gone = 0 AND m.native <> $2 AND m.`
	ask := func(to *[]string, column, value string) error {
		if value == "" {
			return nil
		}
		var bodies []string
		err := s.t.link.query(ctx, question+column+" = $3 ORDER BY m.id DESC LIMIT $4", []any{m.Source, m.Native, value, before}, scanStrings(&bodies))
		for _, body := range bodies {
			var r message.Reading
			if body == "" || json.Unmarshal([]byte(body), &r) != nil {
				continue
			}
			for _, p := range r.Places {
				id := cmp.Or(p.ID, p.SettlementID)
				if id != "" && (p.SettlementID != "" || p.Type == "settlement") && !slices.Contains(*to, id) {
					*to = append(*to, id)
				}
			}
		}
		return err
	}
	for _, step := range []struct{ column, value string }{{"native", m.Parent}, {"thread", m.Thread}, {"native", m.Thread}} {
		if err := ask(&k.Thread, step.column, step.value); err != nil {
			return k, err
		}
	}
	return k, ask(&k.Author, "author", m.Author)
}

func (s messages) OurThread(ctx context.Context, source, thread string) (ours bool, err error) {
	defer fault.Wrap(&err, "store.OurThread(%s)", source)
	if thread == "" {
		return false, nil
	}
	for _, question := range []string{
		"SELECT 1 FROM message WHERE source = $1 AND native = $2 AND incident <> 0",
		"SELECT 1 FROM message WHERE source = $1 AND thread = $2 AND incident <> 0 LIMIT 1",
		"SELECT 1 FROM job WHERE source = $1 AND thread = $2 LIMIT 1",
	} {
		var one int
		if ours, err = s.t.link.one(ctx, question, []any{source, thread}, &one); ours || err != nil {
			return ours, err
		}
	}
	return false, nil
}

func (s messages) SameText(ctx context.Context, region, fingerprint string, since time.Time) (of int64, err error) {
	defer fault.Wrap(&err, "store.SameText(%s)", region)
	if fingerprint == "" {
		return 0, nil
	}
	_, err = s.t.link.one(ctx, `SELECT i.id FROM message m JOIN incident i ON i.id = m.incident
		WHERE m.fingerprint = $1 AND m.fingerprint <> '' AND m.seen_at >= $2 AND i.region = $3 AND i.is_open = 1
		ORDER BY m.id DESC LIMIT 1`, []any{fingerprint, micros(since), region}, &of)
	return of, err
}

// Latest implements message.Store. Messages are numbered as they are seen, so it
// stops at the first that is older; a day of grace lets clocks differ.
func (s messages) Latest(ctx context.Context, since time.Time, limit int, each func(*message.Message)) (err error) {
	defer fault.Wrap(&err, "store.Latest")
	const step = 1000
	for before, left := int64(1<<62), limit; left > 0; {
		rows, last := 0, time.Time{}
		err := s.t.link.query(ctx, `SELECT m.id, m.incident, m.gone, m.form, m.published_at, m.seen_at, coalesce(w.text, '') FROM message m
			LEFT JOIN message_words w ON w.message = m.id AND w.n = m.current WHERE m.id < $1 ORDER BY m.id DESC LIMIT $2`, []any{before, step}, func(r *sql.Rows) error {
			var m message.Message
			var of int64
			if err := r.Scan(&m.ID, &of, &m.Gone, &m.Form, clock{&m.PublishedAt}, clock{&m.SeenAt}, &m.Text); err != nil {
				return err
			}
			rows++
			before, last = int64(m.ID), m.SeenAt
			if of != 0 && !m.Gone && m.Form != message.Card && m.Text != "" && left > 0 && !m.SeenAt.Before(since) {
				each(&m)
				left--
			}
			return nil
		})
		if err != nil || rows < step || last.Before(since.Add(-24*time.Hour)) {
			return err
		}
	}
	return nil
}
