package store

import (
	"context"
	"database/sql"

	"otklik/internal/account"
	"otklik/internal/fault"
	"otklik/internal/team"
)

// teams implements team.Store. What hangs on an incident is asked for by who has
// loaded the incident through a scope.
type teams struct{ t *tx }

const regionOf = "coalesce((SELECT region FROM incident WHERE id = $1), '')"

func (s teams) Join(ctx context.Context, m *team.Member) (err error) {
	defer fault.Wrap(&err, "store.Join(%d)", m.Incident)
	n, err := s.t.link.exec(ctx, "INSERT INTO member (incident, region, agency, account, added_by, at) VALUES ($1, "+regionOf+", $2, $3, $4, $5) ON CONFLICT (incident, agency, account) DO NOTHING",
		m.Incident, m.Agency, int64(m.Account), int64(m.By), micros(m.At))
	if err == nil && n == 0 {
		err = fault.New(fault.Conflict, "agency %d, account %d helps with incident %d already", m.Agency, m.Account, m.Incident).Say("Этот соисполнитель уже есть.")
	}
	return err
}

func (s teams) Leave(ctx context.Context, incident, agency int64, who account.ID) (err error) {
	defer fault.Wrap(&err, "store.Leave(%d)", incident)
	n, err := s.t.link.exec(ctx, "DELETE FROM member WHERE incident = $1 AND agency = $2 AND account = $3", incident, agency, int64(who))
	if err == nil && n == 0 {
		err = fault.New(fault.Conflict, "agency %d, account %d does not help with incident %d", agency, who, incident).Say("Такого соисполнителя здесь нет.")
	}
	return err
}

func (s teams) Members(ctx context.Context, incident int64) (out []team.Member, err error) {
	defer fault.Wrap(&err, "store.Members(%d)", incident)
	err = s.t.link.query(ctx, "SELECT incident, agency, account, added_by, at FROM member WHERE incident = $1 ORDER BY at, agency, account", []any{incident}, func(rows *sql.Rows) error {
		var m team.Member
		err := rows.Scan(&m.Incident, &m.Agency, &m.Account, &m.By, clock{&m.At})
		out = append(out, m)
		return err
	})
	return out, err
}

// ids asks for a list of incidents.
func (s teams) ids(ctx context.Context, query string, args ...any) (out []int64, err error) {
	err = s.t.link.query(ctx, query, args, func(rows *sql.Rows) error {
		var id int64
		err := rows.Scan(&id)
		out = append(out, id)
		return err
	})
	return out, err
}

func (s teams) Joined(ctx context.Context, agency int64, limit int) (_ []int64, err error) {
	defer fault.Wrap(&err, "store.Joined(%d)", agency)
	return s.ids(ctx, `SELECT m.incident FROM member m JOIN incident i ON i.id = m.incident WHERE m.agency = $1 AND i.is_open = 1
		GROUP BY m.incident ORDER BY max(m.at) DESC, m.incident DESC LIMIT $2`, agency, limit)
}

func (s teams) AddNote(ctx context.Context, n *team.Note) (err error) {
	defer fault.Wrap(&err, "store.AddNote(%d)", n.Incident)
	if _, err = s.t.link.returning(ctx, "INSERT INTO note (incident, region, who, at) VALUES ($1, "+regionOf+", $2, $3) RETURNING id",
		[]any{n.Incident, int64(n.Who), micros(n.At)}, &n.ID); err != nil {
		return err
	}
	if _, err = s.t.link.exec(ctx, "INSERT INTO note_words (note, region, text) VALUES ($2, "+regionOf+", $3)", n.Incident, n.ID, n.Text); err != nil {
		return err
	}
	for _, who := range n.Mentions {
		if _, err = s.t.link.exec(ctx, "INSERT INTO mention (note, incident, region, account, at) VALUES ($2, $1, "+regionOf+", $3, $4) ON CONFLICT (note, account) DO NOTHING",
			n.Incident, n.ID, int64(who), micros(n.At)); err != nil {
			return err
		}
	}
	return nil
}

func (s teams) Notes(ctx context.Context, incident int64) (out []team.Note, err error) {
	defer fault.Wrap(&err, "store.Notes(%d)", incident)
	err = s.t.link.query(ctx, "SELECT n.id, n.incident, n.who, n.at, coalesce(w.text, '') FROM note n LEFT JOIN note_words w ON w.note = n.id WHERE n.incident = $1 ORDER BY n.id", []any{incident},
		func(rows *sql.Rows) error {
			var n team.Note
			err := rows.Scan(&n.ID, &n.Incident, &n.Who, clock{&n.At}, &n.Text)
			out = append(out, n)
			return err
		})
	if err != nil || len(out) == 0 {
		return out, err
	}
	at := map[int64]int{}
	for k := range out {
		at[out[k].ID] = k
	}
	err = s.t.link.query(ctx, "SELECT m.note, m.account FROM mention m JOIN note n ON n.id = m.note WHERE n.incident = $1 ORDER BY m.note, m.account", []any{incident}, func(rows *sql.Rows) error {
		var note int64
		var who account.ID
		err := rows.Scan(&note, &who)
		if k, ok := at[note]; ok {
			out[k].Mentions = append(out[k].Mentions, who)
		}
		return err
	})
	return out, err
}

func (s teams) EraseNote(ctx context.Context, id int64) (err error) {
	defer fault.Wrap(&err, "store.EraseNote(%d)", id)
	if _, err = s.t.link.exec(ctx, "DELETE FROM note_words WHERE note = $1", id); err != nil {
		return err
	}
	_, err = s.t.link.exec(ctx, "DELETE FROM mention WHERE note = $1", id)
	return err
}

func (s teams) Naming(ctx context.Context, who account.ID, limit int) (out []team.Note, err error) {
	defer fault.Wrap(&err, "store.Naming(%d)", who)
	err = s.t.link.query(ctx, `SELECT m.note, m.incident, n.who, n.at, coalesce(w.text, '')
		FROM mention m JOIN note n ON n.id = m.note LEFT JOIN note_words w ON w.note = n.id
		WHERE m.account = $1 ORDER BY m.at DESC, m.note DESC LIMIT $2`, []any{int64(who), limit}, func(rows *sql.Rows) error {
		var n team.Note
		err := rows.Scan(&n.ID, &n.Incident, &n.Who, clock{&n.At}, &n.Text)
		out = append(out, n)
		return err
	})
	return out, err
}

func (s teams) Follow(ctx context.Context, f team.Follow) (err error) {
	defer fault.Wrap(&err, "store.Follow(%d)", f.Incident)
	_, err = s.t.link.exec(ctx, "INSERT INTO follower (incident, region, account, at) VALUES ($1, "+regionOf+", $2, $3) ON CONFLICT (incident, account) DO NOTHING",
		f.Incident, int64(f.Account), micros(f.At))
	return err
}

func (s teams) Unfollow(ctx context.Context, incident int64, who account.ID) (err error) {
	defer fault.Wrap(&err, "store.Unfollow(%d)", incident)
	_, err = s.t.link.exec(ctx, "DELETE FROM follower WHERE incident = $1 AND account = $2", incident, int64(who))
	return err
}

func (s teams) Followers(ctx context.Context, incident int64) (out []account.ID, err error) {
	defer fault.Wrap(&err, "store.Followers(%d)", incident)
	list, err := s.ids(ctx, "SELECT account FROM follower WHERE incident = $1 ORDER BY at, account", incident)
	for _, id := range list {
		out = append(out, account.ID(id))
	}
	return out, err
}

func (s teams) Followed(ctx context.Context, who account.ID, limit int) (_ []int64, err error) {
	defer fault.Wrap(&err, "store.Followed(%d)", who)
	return s.ids(ctx, "SELECT incident FROM follower WHERE account = $1 ORDER BY at DESC, incident DESC LIMIT $2", int64(who), limit)
}
