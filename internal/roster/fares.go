package roster

import "otklik/internal/source"

// account returns the entry whose account reads a source: its own, or that which found it.
func (r *Roster) account(id string) *entry {
	e := r.entry(id)
	if e != nil && e.source.Via != "" {
		e = r.entry(e.source.Via)
	}
	return e
}

// Quotas returns what the account of a source may ask of its network; nil where nothing sets
// a limit.
func (r *Roster) Quotas(id string) []source.Quota {
	e := r.account(id)
	if e == nil {
		return nil
	}
	for _, side := range []any{e.conn.Puller, e.conn.Publisher} {
		if m, ok := side.(source.Meter); ok {
			return m.Quotas()
		}
	}
	return nil
}

// Rhythm returns the rhythm of a source that is read by a plan; false where none is.
func (r *Roster) Rhythm(id string) (source.Rhythm, bool) {
	if e := r.entry(id); e != nil {
		if p, ok := e.conn.Puller.(source.Planned); ok {
			return p.Rhythm()
		}
	}
	return source.Rhythm{}, false
}
