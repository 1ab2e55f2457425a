package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"strings"
	"time"

	"otklik/internal/attachment"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/message"
	"otklik/internal/scope"
)

// files implements attachment.Store.
type files struct{ t *tx }

const fileColumns = `a.id, coalesce(i.id, 0), a.message, a.source, a.kind, a.state, a.why, a.part, a.hash, a.small, a.shown, a.type, a.bytes, a.width, a.height,
	a.added_by, a.at, a.tries, a.next_at, coalesce(w.name, ''), coalesce(w.url, ''), coalesce(w.title, ''), coalesce(w.taken_at, 0), coalesce(w.lat, 0), coalesce(w.lon, 0),
	coalesce(i.region, m.region, a.region), coalesce(i.centre, m.centre, a.centre), coalesce(i.agency, m.agency, a.agency)`

const fileJoins = ` FROM attachment a LEFT JOIN attachment_words w ON w.attachment = a.id LEFT JOIN message m ON m.id = a.message
	LEFT JOIN incident i ON i.id = coalesce(m.incident, a.incident)`

func scanFile(rows *sql.Rows, more ...any) (a attachment.Attachment, err error) {
	err = rows.Scan(append([]any{&a.ID, &a.Incident, &a.Message, &a.Source, &a.Ref.Kind, &a.State, &a.Why, &a.Part, &a.Hash, &a.Small, &a.File.Kind, &a.Type, &a.Bytes, &a.Width, &a.Height,
		&a.By, clock{&a.At}, &a.Tries, clock{&a.Next}, &a.Name, &a.URL, &a.Title, clock{&a.TakenAt}, &a.Lat, &a.Lon,
		&a.Place.Region, &a.Place.Centre, &a.Place.Agency}, more...)...)
	return a, err
}

func (s files) find(ctx context.Context, w *where, tail string) (out []attachment.Attachment, err error) {
	err = s.t.link.query(ctx, "SELECT "+fileColumns+fileJoins+w.String()+tail, w.args, func(rows *sql.Rows) error {
		a, err := scanFile(rows)
		out = append(out, a)
		return err
	})
	return out, err
}

func (s files) Add(ctx context.Context, a *attachment.Attachment) (err error) {
	defer fault.Wrap(&err, "store.Add(attachment of incident %d)", a.Incident)
	_, err = s.t.link.returning(ctx, `INSERT INTO attachment (incident, message, region, centre, agency, source, kind, state, why, part, hash, small, shown, type, bytes, width, height, added_by, at, tries, next_at)
		VALUES (`+marks(21)+`) RETURNING id`,
		[]any{a.Incident, a.Message, a.Place.Region, a.Place.Centre, a.Place.Agency, a.Source, string(a.Ref.Kind), string(a.State), a.Why, string(a.Part),
			a.Hash, a.Small, string(a.File.Kind), a.Type, a.Bytes, a.Width, a.Height, int64(a.By), micros(a.At), a.Tries, micros(a.Next)}, &a.ID)
	if err != nil {
		return err
	}
	return s.words(ctx, a)
}

func (s files) words(ctx context.Context, a *attachment.Attachment) error {
	if a.Name+a.URL+a.Title == "" && a.TakenAt.IsZero() && a.Lat == 0 && a.Lon == 0 {
		return nil
	}
	_, err := s.t.link.exec(ctx, `INSERT INTO attachment_words (attachment, region, name, url, title, taken_at, lat, lon) VALUES (`+marks(8)+`)
		ON CONFLICT (attachment) DO UPDATE SET name = excluded.name, url = excluded.url, title = excluded.title, taken_at = excluded.taken_at, lat = excluded.lat, lon = excluded.lon`,
		int64(a.ID), a.Place.Region, a.Name, a.URL, a.Title, micros(a.TakenAt), a.Lat, a.Lon)
	return err
}

func (s files) Save(ctx context.Context, a *attachment.Attachment) (err error) {
	defer fault.Wrap(&err, "store.Save(attachment %d)", a.ID)
	n, err := s.t.link.exec(ctx, `UPDATE attachment SET state = $2, why = $3, part = $4, hash = $5, small = $6, shown = $7, type = $8, bytes = $9, width = $10, height = $11, tries = $12, next_at = $13
		WHERE id = $1`, int64(a.ID), string(a.State), a.Why, string(a.Part), a.Hash, a.Small, string(a.File.Kind), a.Type, a.Bytes, a.Width, a.Height, a.Tries, micros(a.Next))
	if err == nil && n == 0 {
		err = missing("attachment %d is not here", a.ID)
	}
	if err != nil {
		return err
	}
	return s.words(ctx, a)
}

func (s files) Remove(ctx context.Context, id attachment.ID) (err error) {
	defer fault.Wrap(&err, "store.Remove(attachment %d)", id)
	return s.drop(ctx, "id = $1", int64(id))
}

// drop takes attachments away: rows, words, what they are enclosed in; their hashes
// wait for the vault.
func (s files) drop(ctx context.Context, which string, arg int64) error {
	const chosen = "(SELECT id FROM attachment WHERE "
	for _, change := range []string{
		"INSERT INTO file_gone (hash) SELECT DISTINCT hash FROM attachment WHERE hash <> '' AND " + which + " ON CONFLICT (hash) DO NOTHING",
		"INSERT INTO file_gone (hash) SELECT DISTINCT small FROM attachment WHERE small <> '' AND " + which + " ON CONFLICT (hash) DO NOTHING",
		"DELETE FROM enclosure WHERE attachment IN " + chosen + which + ")",
		"DELETE FROM attachment_words WHERE attachment IN " + chosen + which + ")",
		"INSERT INTO upload_gone (seal) SELECT seal FROM upload WHERE attachment <> 0 AND attachment IN " + chosen + which + ") ON CONFLICT (seal) DO NOTHING",
		"DELETE FROM upload WHERE attachment <> 0 AND attachment IN " + chosen + which + ")",
		"DELETE FROM attachment WHERE " + which,
	} {
		if _, err := s.t.link.exec(ctx, change, arg); err != nil {
			return err
		}
	}
	return nil
}

func (s files) Attachment(ctx context.Context, sc scope.Scope, id attachment.ID) (_ *attachment.Attachment, err error) {
	defer fault.Wrap(&err, "store.Attachment(%d)", id)
	var w where
	w.and("a.id = ?", int64(id))
	if sc != scope.All() {
		var of, apart where
		of.args = w.args
		of.helped("i", sc)
		apart.args = of.args
		apart.scope("m", sc)
		w.args = apart.args
		w.parts = append(w.parts, "("+strings.Join(append([]string{"i.id IS NOT NULL"}, of.parts...), " AND ")+
			" OR "+strings.Join(append([]string{"m.incident = 0"}, apart.parts...), " AND ")+")")
	}
	return singleValue(s.find(ctx, &w, ""))
}

func (s files) OfIncident(ctx context.Context, sc scope.Scope, id int64) (_ []attachment.Attachment, err error) {
	defer fault.Wrap(&err, "store.OfIncident(%d)", id)
	if err := (incidents{s.t}).seen(ctx, sc, incident.ID(id)); err != nil {
		return nil, err
	}
	var w where
	w.and("(a.incident = ? OR a.message IN (SELECT id FROM message WHERE incident = ?))", id, id)
	return s.find(ctx, &w, " ORDER BY a.id")
}

func (s files) OfMessages(ctx context.Context, ids ...int64) (out []attachment.Attachment, err error) {
	defer fault.Wrap(&err, "store.OfMessages(%d)", len(ids))
	if len(ids) == 0 {
		return nil, nil
	}
	var w where
	w.in("a.message", values(ids)...)
	return s.find(ctx, &w, " ORDER BY a.id")
}

func (s files) Wanted(ctx context.Context, sources []string, now time.Time, limit int) (_ []attachment.Attachment, err error) {
	defer fault.Wrap(&err, "store.Wanted")
	if len(sources) == 0 {
		return nil, nil
	}
	var w where
	w.and("a.state = 'wanted'")
	w.in("a.source", values(sources)...)
	w.and("a.next_at <= ?", micros(now))
	return s.find(ctx, &w, " ORDER BY a.next_at, a.id LIMIT "+w.arg(limit))
}

// brought stores what a message came with. A later revision adds what the earlier
// ones did not have; nothing is taken away.
func (s files) brought(ctx context.Context, m *message.Message) error {
	if len(m.Attachments) == 0 {
		return nil
	}
	here, err := s.OfMessages(ctx, int64(m.ID))
	if err != nil {
		return err
	}
	known := map[string]bool{}
	for k := range here {
		known[here[k].Key()] = true
	}
	for _, r := range m.Attachments {
		if len(known) >= attachment.MostOfMessage {
			break
		}
		if r.Key() == "" || known[r.Key()] {
			continue
		}
		known[r.Key()] = true
		a := attachment.Attachment{Message: int64(m.ID), Source: m.Source, Ref: r, State: attachment.Linked, At: m.SeenAt, Place: m.Place}
		if r.Fetchable() {
			a.State = attachment.Wanted
		}
		if err := s.Add(ctx, &a); err != nil {
			return err
		}
	}
	return nil
}

// forget takes away what a message came with and the pages of replies to it.
func (s files) forget(ctx context.Context, message int64) error {
	for _, change := range []string{
		"DELETE FROM gallery WHERE reply IN (SELECT id FROM reply WHERE message = $1)",
		"DELETE FROM enclosure WHERE reply IN (SELECT id FROM reply WHERE message = $1)",
	} {
		if _, err := s.t.link.exec(ctx, change, message); err != nil {
			return err
		}
	}
	return s.drop(ctx, "message = $1", message)
}

func (s files) Enclose(ctx context.Context, reply int64, region string, ids []attachment.ID) (err error) {
	defer fault.Wrap(&err, "store.Enclose(reply %d)", reply)
	if _, err := s.t.link.exec(ctx, "DELETE FROM enclosure WHERE reply = $1", reply); err != nil {
		return err
	}
	for n, id := range ids {
		if _, err := s.t.link.exec(ctx, "INSERT INTO enclosure (reply, n, attachment, region) VALUES ($1, $2, $3, $4)", reply, n, int64(id), region); err != nil {
			return err
		}
	}
	return nil
}

func (s files) enclosed(ctx context.Context, which string, arg any) (map[int64][]attachment.Attachment, error) {
	out := map[int64][]attachment.Attachment{}
	err := s.t.link.query(ctx, "SELECT "+fileColumns+", e.reply"+fileJoins+" JOIN enclosure e ON e.attachment = a.id WHERE "+which+" ORDER BY e.reply, e.n", []any{arg}, func(rows *sql.Rows) error {
		var of int64
		a, err := scanFile(rows, &of)
		out[of] = append(out[of], a)
		return err
	})
	return out, err
}

func (s files) Enclosed(ctx context.Context, incident int64) (_ map[int64][]attachment.Attachment, err error) {
	defer fault.Wrap(&err, "store.Enclosed(%d)", incident)
	return s.enclosed(ctx, "e.reply IN (SELECT id FROM reply WHERE incident = $1)", incident)
}

// sealed is how the secret of a link is kept: whoever reads the database opens no link.
func sealed(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

func (s files) Publish(ctx context.Context, secret string, reply int64, region string) (err error) {
	defer fault.Wrap(&err, "store.Publish(reply %d)", reply)
	_, err = s.t.link.exec(ctx, "INSERT INTO gallery (secret, reply, region) VALUES ($1, $2, $3) ON CONFLICT (secret) DO NOTHING", sealed(secret), reply, region)
	return err
}

func (s files) Gallery(ctx context.Context, secret string) (_ *attachment.Gallery, err error) {
	defer fault.Wrap(&err, "store.Gallery")
	var g attachment.Gallery
	ok, err := s.t.link.one(ctx, `SELECT r.id, r.incident FROM gallery g JOIN reply r ON r.id = g.reply
		WHERE g.secret = $1 AND r.state IN ('approved', 'published', 'unknown')`, []any{sealed(secret)}, &g.Reply, &g.Incident)
	if err == nil && !ok {
		err = missing("no gallery has this link")
	}
	if err != nil {
		return nil, err
	}
	all, err := s.enclosed(ctx, "e.reply = $1", g.Reply)
	g.Files = all[g.Reply]
	return &g, err
}

func (s files) Held(ctx context.Context, hashes []string) (_ map[string]bool, err error) {
	defer fault.Wrap(&err, "store.Held(%d)", len(hashes))
	out := map[string]bool{}
	const step = 200
	for from := 0; from < len(hashes); from += step {
		part := hashes[from:min(from+step, len(hashes))]
		for _, column := range []string{"hash", "small"} {
			var w where
			w.in("a."+column, values(part)...)
			err := s.t.link.query(ctx, "SELECT DISTINCT a."+column+" FROM attachment a"+w.String()+" AND a."+column+" <> ''", w.args, func(rows *sql.Rows) error {
				var h string
				err := rows.Scan(&h)
				out[h] = true
				return err
			})
			if err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

func (s files) Forgotten(ctx context.Context, limit int) (out []string, err error) {
	defer fault.Wrap(&err, "store.Forgotten")
	err = s.t.link.query(ctx, "SELECT hash FROM file_gone ORDER BY hash LIMIT $1", []any{limit}, scanStrings(&out))
	return out, err
}

func (s files) Gone(ctx context.Context, hashes []string) (err error) {
	defer fault.Wrap(&err, "store.Gone(%d)", len(hashes))
	for _, h := range hashes {
		if _, err := s.t.link.exec(ctx, "DELETE FROM file_gone WHERE hash = $1", h); err != nil {
			return err
		}
	}
	return nil
}
