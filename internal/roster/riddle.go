package roster

import (
	"context"
	"slices"
	"unicode/utf8"

	"otklik/internal/account"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/source"
)

// asker returns who asks people for a source that somebody may change; nil for nobody.
func (r *Roster) asker(ctx context.Context, who account.Actor, number int64) (*entry, source.Asker, error) {
	s, err := r.Store.Reader().Sources().Source(ctx, who.Scope, number)
	if err != nil {
		return nil, nil, err
	}
	if err := r.allowed(who, s.Place); err != nil {
		return nil, nil, err
	}
	e := r.entry(s.ID)
	if e != nil && s.Via != "" {
		e = r.entry(s.Via)
	}
	if e == nil {
		return nil, nil, nil
	}
	return e, e.conn.Asker, nil
}

// Asked returns what the network of a source asks people now; false for nothing.
func (r *Roster) Asked(ctx context.Context, who account.Actor, number int64) (source.Riddle, bool) {
	_, a, err := r.asker(ctx, who, number)
	if err != nil || a == nil {
		return source.Riddle{}, false
	}
	return a.Asked()
}

// Riddles returns what the networks of all sources that somebody may change ask people now.
// Walls with one token wait for one answer: they are one.
func (r *Roster) Riddles(ctx context.Context, who account.Actor) ([]source.Waiting, error) {
	list, err := r.Store.Reader().Sources().Sources(ctx, who.Scope)
	if err != nil || !r.MayEdit(who) {
		return nil, err
	}
	var out []source.Waiting
	for _, s := range list {
		e := r.entry(s.ID)
		if e == nil || e.conn.Asker == nil || r.allowed(who, s.Place) != nil {
			continue
		}
		riddle, waits := e.conn.Asker.Asked()
		if !waits {
			continue
		}
		k := slices.IndexFunc(out, func(w source.Waiting) bool {
			return w.Key == riddle.Key && w.Source.Kind.Keys() == s.Kind.Keys()
		})
		if k < 0 {
			k, out = len(out), append(out, source.Waiting{Riddle: riddle, Source: s})
		}
		out[k].Sources++
	}
	return out, nil
}

// riddleLength is how long an answer may be, in characters: a captcha has a few letters.
const riddleLength = 64

// Picture fetches the picture of what is asked.
func (r *Roster) Picture(ctx context.Context, who account.Actor, number int64) (picture []byte, mediaType string, err error) {
	_, a, err := r.asker(ctx, who, number)
	if err != nil {
		return nil, "", err
	}
	if a == nil {
		return nil, "", fault.New(fault.NotFound, "source %d asks nobody", number)
	}
	ctx, stop := context.WithTimeout(ctx, patience)
	defer stop()
	return a.Picture(ctx)
}

// Solve hands a person's answer over, "" for another riddle, and reads the source again at
// once.
func (r *Roster) Solve(ctx context.Context, who account.Actor, number int64, key, answer string) error {
	e, a, err := r.asker(ctx, who, number)
	if err != nil {
		return err
	}
	if a == nil {
		return fault.New(fault.Conflict, "source %d asks nobody", number).Say("Сеть ничего не спрашивает.")
	}
	if utf8.RuneCountInString(answer) > riddleLength {
		return fault.New(fault.Invalid, "a long answer").At("answer").Say("Код слишком длинный: в нём несколько букв или цифр.")
	}
	if err := a.Solve(key, answer); err != nil {
		return err
	}
	if err := r.change(ctx, who, "source:"+e.source.ID, e.source.Place, func(incident.Tx) error { return nil }); err != nil {
		return err
	}
	r.afresh(e)
	return nil
}

// afresh begins the loop of an entry anew: it may be resting from what is mended now.
func (r *Roster) afresh(e *entry) {
	r.loading.Lock()
	defer r.loading.Unlock()
	if r.entry(e.source.ID) != e || e.stop == nil {
		return
	}
	e.end()
	e.stop, e.done = nil, nil
	r.start()
}
