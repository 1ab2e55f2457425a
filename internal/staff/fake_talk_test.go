package staff_test

import (
	"context"

	"otklik/internal/account"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/scope"
	"otklik/internal/talk"
)

// fakeTalks holds what the pages read of talks.
type fakeTalks struct {
	talk.Store
	h *house
}

func (h *house) Talks() talk.Store { return fakeTalks{h: h} }

func (f fakeTalks) Lines(ctx context.Context, sc scope.Scope, id int64, _ int) (out []talk.Line, err error) {
	if _, err := f.h.Incidents().Incident(ctx, sc, incident.ID(id)); err != nil {
		return nil, err
	}
	for _, l := range f.h.talkLines {
		if l.Incident == id {
			out = append(out, l)
		}
	}
	return out, nil
}

func (f fakeTalks) Stands(context.Context, scope.Scope) ([]talk.Stand, error) { return f.h.stands, nil }

func (f fakeTalks) Book(context.Context, string) (talk.Book, error) {
	book := talk.Book{}
	for _, e := range f.h.talkEdits {
		book[e.Key] = e.Words
	}
	return book, nil
}

func (f fakeTalks) Edits(_ context.Context, _ string, key talk.Key) (out []talk.Edit, err error) {
	for _, e := range f.h.talkEdits {
		if e.Key == key {
			out = append([]talk.Edit{e}, out...)
		}
	}
	return out, nil
}

func (f *fakeKeeperOfDesk) SaveTalkText(_ context.Context, who account.Actor, key talk.Key, words string) error {
	t, err := talk.Find(key)
	if err != nil {
		return err
	}
	if words != "" {
		if err := t.Check(words); err != nil {
			return err
		}
	}
	if who.Scope.Centre != "" {
		return fault.New(fault.Forbidden, "not here")
	}
	f.h.talkEdits = append(f.h.talkEdits, talk.Edit{Key: key, Words: words, By: who.ID, At: clock})
	return nil
}
