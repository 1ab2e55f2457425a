package store

import (
	"context"
	"database/sql"
	"time"

	"otklik/internal/applicant"
	"otklik/internal/fault"
)

// applicants implements applicant.Store.
type applicants struct{ t *tx }

func (s applicants) Add(ctx context.Context, secret string, a *applicant.Applicant) (err error) {
	defer fault.Wrap(&err, "store.Add(applicant of message %d)", a.Message)
	id, ok, err := s.t.link.insert(ctx, "INSERT INTO applicant (region, message, secret, nonce, contact, joined, news, consent, judged, told, at, withdrawn_at, telling, tries, next_at) VALUES ("+marks(15)+") ON CONFLICT (message) DO NOTHING",
		a.Place.Region, a.Message, hashed(secret), a.Nonce, a.Contact, flag(a.Joined), flag(a.News), a.Consent, a.Judged, a.Told, micros(a.At), micros(a.WithdrawnAt), a.Telling, a.Tries, micros(a.NextAt))
	if err == nil && !ok {
		err = fault.New(fault.Conflict, "message %d has its applicant", a.Message)
	}
	a.ID = applicant.ID(id)
	return err
}

func (s applicants) Save(ctx context.Context, a *applicant.Applicant) (err error) {
	defer fault.Wrap(&err, "store.Save(applicant %d)", a.ID)
	n, err := s.t.link.exec(ctx, "UPDATE applicant SET news = $1, judged = $2, told = $3, withdrawn_at = $4, telling = $5, tries = $6, next_at = $7 WHERE id = $8",
		flag(a.News), a.Judged, a.Told, micros(a.WithdrawnAt), a.Telling, a.Tries, micros(a.NextAt), int64(a.ID))
	if err == nil && n == 0 {
		err = missing("applicant %d is not here", a.ID)
	}
	return err
}

func (s applicants) find(ctx context.Context, w *where, tail string) (out []applicant.Applicant, err error) {
	err = s.t.link.query(ctx, `SELECT a.id, a.message, a.nonce, a.contact, a.joined, a.news, a.consent, a.judged, a.told, a.at, a.withdrawn_at, a.telling, a.tries, a.next_at, m.region, m.centre, m.agency
		FROM applicant a JOIN message m ON m.id = a.message`+w.String()+tail, w.args, func(rows *sql.Rows) error {
		var a applicant.Applicant
		err := rows.Scan(&a.ID, &a.Message, &a.Nonce, &a.Contact, &a.Joined, &a.News, &a.Consent, &a.Judged, &a.Told, clock{&a.At}, clock{&a.WithdrawnAt}, &a.Telling, &a.Tries, clock{&a.NextAt}, &a.Place.Region, &a.Place.Centre, &a.Place.Agency)
		out = append(out, a)
		return err
	})
	return out, err
}

func (s applicants) BySecret(ctx context.Context, secret string) (_ *applicant.Applicant, err error) {
	defer fault.Wrap(&err, "store.BySecret")
	var w where
	w.and("a.secret = ?", hashed(secret))
	return singleValue(s.find(ctx, &w, ""))
}

func (s applicants) OfMessage(ctx context.Context, message int64) (_ *applicant.Applicant, err error) {
	defer fault.Wrap(&err, "store.OfMessage(applicant)")
	var w where
	w.and("a.message = ?", message)
	return singleValue(s.find(ctx, &w, ""))
}

func (s applicants) OfIncident(ctx context.Context, incident int64) (_ []applicant.Applicant, err error) {
	defer fault.Wrap(&err, "store.OfIncident(applicants)")
	var w where
	w.and("m.incident = ?", incident)
	return s.find(ctx, &w, " ORDER BY a.id")
}

func (s applicants) OfContact(ctx context.Context, digest string, limit int) (_ []applicant.Applicant, err error) {
	defer fault.Wrap(&err, "store.OfContact")
	if digest == "" {
		return nil, nil
	}
	var w where
	w.and("a.contact <> ''")
	w.and("a.contact = ?", digest)
	return s.find(ctx, &w, " ORDER BY a.id DESC LIMIT "+w.arg(limit))
}

func (s applicants) Unaware(ctx context.Context, now time.Time, limit int) (_ []applicant.Applicant, err error) {
	defer fault.Wrap(&err, "store.Unaware")
	var w where
	w.and("a.news = 1 AND a.withdrawn_at = 0")
	w.and("a.next_at <= ?", micros(now))
	w.and("EXISTS (SELECT 1 FROM entry e WHERE e.incident = m.incident AND e.id > a.told)")
	return s.find(ctx, &w, " ORDER BY a.next_at, a.id LIMIT "+w.arg(limit))
}
