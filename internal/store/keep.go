package store

import (
	"context"
	"encoding/json"
	"strconv"

	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/message"
)

// stood is how a message stood before a revision of it arrived.
type stood struct {
	id, current, revisions, textTime, tombTime, incident int64
	gone                                                 bool
	erased                                               int64 // when its words were taken away; 0 = they were not
}

// byTimeless reports whether a deletion that gave no time took the message away:
// one that did would have to be not earlier than the text.
func (w *stood) byTimeless() bool {
	return w.gone && (w.tombTime == 0 || w.textTime != 0 && w.tombTime < w.textTime)
}

// nameless reports a deletion whose sender names no moment and nothing else. It
// says how the message stands and no more: where the message is gone already it
// is no news, else it is news, however many of them came before.
func nameless(r message.Revision, e message.Event) bool {
	return e == message.Deleted && r.Time.IsZero() && r.Hash == ""
}

// key names a revision within its message. A deletion or a restore may carry the
// name of the text that it takes away or brings back, and is another revision for
// that. A network that toggles the same text names each change anew, or not at all
// (see nameless).
func key(r message.Revision, e message.Event) string {
	switch e {
	case message.Deleted:
		return "d" + r.Key()
	case message.Restored:
		return "r" + r.Key()
	}
	return r.Key()
}

// Keep implements message.Store.
//
// What holds is a function of the set of revisions where all of them carry a
// time: the latest text holds, and the message is gone when a deletion is not
// earlier than it. Where one side gives no time, the later arrival wins, with one
// exception: what is gone comes back by a restore, or by a text that is known to be
// later than the one taken away. A text without a time may have been on its way
// when its author deleted it.
func (s messages) Keep(ctx context.Context, m *message.Message, r *message.Reading) (kept message.Kept, err error) {
	defer fault.Wrap(&err, "store.Keep(%s)", m.Source)
	body, lemmas := []byte(nil), ""
	if r != nil {
		if body, err = json.Marshal(r); err != nil {
			return message.Kept{}, err
		}
		lemmas = r.Index
	}
	was, err := s.stood(ctx, m)
	if err != nil {
		return message.Kept{}, err
	}
	if was == nil {
		if erased, err := s.erased(ctx, m.Source, m.Native); err != nil {
			return message.Kept{}, err
		} else if erased[m.Native] { // in a restored backup it has not come yet, and does not come any more
			return message.Kept{Duplicate: true}, nil
		}
		if kept, err = s.first(ctx, m, string(body), lemmas); err != nil || kept.First {
			return kept, err
		}
		// Another transaction stored it at the same moment: its row is waited for.
		if was, err = s.stood(ctx, m); err != nil {
			return message.Kept{}, err
		} else if was == nil {
			return message.Kept{}, fault.New(fault.Unavailable, "the message is being stored by another transaction")
		}
	}
	m.ID = message.ID(was.id)
	kept.ID, kept.Incident = m.ID, was.incident
	if was.erased != 0 {
		kept.Duplicate, kept.Gone = true, was.gone
		return kept, nil
	}

	name, n := key(m.Revision, m.Event), was.revisions+1
	if nameless(m.Revision, m.Event) {
		if was.gone {
			kept.Duplicate, kept.Current, kept.Gone = true, true, true
			return kept, nil
		}
		name += strconv.FormatInt(n, 10)
	}
	at := micros(m.Revision.Time)
	added, err := s.t.link.exec(ctx, `INSERT INTO revision (message, n, region, key, event, time, at, reading)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (message, key) DO NOTHING`,
		was.id, n, m.Place.Region, name, string(m.Event), at, micros(m.SeenAt), string(body))
	if err != nil {
		return message.Kept{}, err
	}
	if added == 0 {
		kept.Duplicate, kept.Gone = true, was.gone
		kept.Current, err = s.holds(ctx, was, name)
		return kept, err
	}
	now := *was
	now.revisions = n
	if m.Event == message.Deleted {
		if at == 0 || was.current == 0 || was.textTime == 0 || at >= was.textTime {
			now.gone, kept.Current = true, true
		}
		now.tombTime = max(was.tombTime, at)
	} else {
		if err := s.text(ctx, m, &now, lemmas); err != nil {
			return message.Kept{}, err
		}
		kept.Current = now.current != was.current && !now.gone
		if err := (files{s.t}).brought(ctx, m); err != nil {
			return message.Kept{}, err
		}
	}
	kept.Gone, m.Gone = now.gone, now.gone
	if now.current == was.current {
		_, err = s.t.link.exec(ctx, "UPDATE message SET revisions = $2, tomb_time = $3, gone = $4 WHERE id = $1",
			was.id, now.revisions, now.tombTime, flag(now.gone))
		return kept, err
	}
	// What holds comes whole from the revision that holds, whichever came first.
	_, err = s.t.link.exec(ctx, `UPDATE message SET revisions = $2, tomb_time = $3, gone = $4, current = $5, text_time = $6, fingerprint = $7,
		region = $8, centre = $9, agency = $10, channel = $11, form = $12, thread = $13, parent = $14, url = $15,
		author = $16, territory = $17, addressed = $18, own = $19, published_at = $20 WHERE id = $1`,
		was.id, now.revisions, now.tombTime, flag(now.gone), now.current, now.textTime, message.Fingerprint(lemmas),
		m.Place.Region, m.Place.Centre, m.Place.Agency, string(m.Channel), string(m.Form), m.Thread, m.Parent, m.URL,
		m.Author, m.Territory, flag(m.Addressed), flag(m.Own), micros(m.PublishedAt))
	if was.incident != 0 {
		s.t.dirty = append(s.t.dirty, incident.ID(was.incident))
	}
	return kept, err
}

// first stores a message that is not here in any revision. kept.First is false
// when another transaction was faster.
func (s messages) first(ctx context.Context, m *message.Message, reading, lemmas string) (kept message.Kept, err error) {
	at, current, textTime, tombTime := micros(m.Revision.Time), 1, int64(0), int64(0)
	gone, fingerprint := m.Event == message.Deleted, message.Fingerprint(lemmas)
	if gone {
		current, tombTime, fingerprint = 0, at, ""
	} else {
		textTime = at
	}
	id, ok, err := s.t.link.insert(ctx, `INSERT INTO message (source, native, region, centre, agency, channel, form, thread, parent, url,
		author, territory, addressed, own, published_at, seen_at, current, revisions, text_time, tomb_time, gone, fingerprint)
		VALUES (`+marks(22)+`) ON CONFLICT (source, native) DO NOTHING`,
		m.Source, m.Native, m.Place.Region, m.Place.Centre, m.Place.Agency, string(m.Channel), string(m.Form), m.Thread, m.Parent, m.URL,
		m.Author, m.Territory, flag(m.Addressed), flag(m.Own), micros(m.PublishedAt), micros(m.SeenAt),
		current, 1, textTime, tombTime, flag(gone), fingerprint)
	if err != nil || !ok {
		return message.Kept{}, err
	}
	_, err = s.t.link.exec(ctx, "INSERT INTO revision (message, n, region, key, event, time, at, reading) VALUES ("+marks(8)+")",
		id, 1, m.Place.Region, key(m.Revision, m.Event), string(m.Event), at, micros(m.SeenAt), reading)
	if err == nil && !gone {
		_, err = s.t.link.exec(ctx, "INSERT INTO message_words (message, n, region, text, author_name, contact, lemmas) VALUES ("+marks(7)+")",
			id, 1, m.Place.Region, m.Text, m.AuthorName, m.Contact, lemmas)
	}
	m.ID, m.Gone = message.ID(id), gone
	if err == nil && !gone {
		err = s.caller(ctx, m)
	}
	if err == nil && !gone {
		err = files{s.t}.brought(ctx, m)
	}
	return message.Kept{ID: m.ID, First: true, Current: true, Gone: gone}, err
}

// text stores the words of a written or restored revision and decides whether they hold.
func (s messages) text(ctx context.Context, m *message.Message, now *stood, lemmas string) error {
	at, n := micros(m.Revision.Time), now.revisions
	_, err := s.t.link.exec(ctx, `INSERT INTO message_words (message, n, region, text, author_name, contact, lemmas)
		VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (message, n) DO NOTHING`,
		now.id, n, m.Place.Region, m.Text, m.AuthorName, m.Contact, lemmas)
	if err != nil {
		return err
	}
	restored, was, timeless := m.Event == message.Restored, *now, now.byTimeless()
	later := at == 0 || was.current == 0 || was.textTime == 0 || at > was.textTime
	if !later && !(timeless && restored && at == was.textTime) { // the text taken away is brought back under its own time
		return nil
	}
	now.current, now.textTime = n, at
	switch {
	case at == 0 && restored:
		now.gone, now.tombTime = false, 0
	case at == 0: // it stays as gone, or as here, as it was
	case timeless:
		now.gone = !restored && (was.current == 0 || was.textTime == 0)
	default:
		now.gone = now.tombTime >= at
	}
	return nil
}

// stood returns how the message stands, nil when it is not here.
func (s messages) stood(ctx context.Context, m *message.Message) (*stood, error) {
	var w stood
	ok, err := s.t.link.one(ctx, `SELECT id, current, revisions, text_time, tomb_time, gone, incident, erased_at FROM message
		WHERE source = $1 AND native = $2`+s.t.link.d.forUpdate, []any{m.Source, m.Native},
		&w.id, &w.current, &w.revisions, &w.textTime, &w.tombTime, &w.gone, &w.incident, &w.erased)
	if err != nil || !ok {
		return nil, err
	}
	return &w, nil
}

// holds reports whether the named revision is what the message now says.
func (s messages) holds(ctx context.Context, w *stood, name string) (bool, error) {
	if name[0] == 'd' {
		return w.gone, nil
	}
	var n int64
	_, err := s.t.link.one(ctx, "SELECT n FROM revision WHERE message = $1 AND key = $2", []any{w.id, name}, &n)
	return n == w.current && !w.gone, err
}
