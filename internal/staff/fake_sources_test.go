package staff_test

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"otklik/internal/account"
	"otklik/internal/fault"
	"otklik/internal/lifecycle"
	"otklik/internal/message"
	"otklik/internal/scope"
	"otklik/internal/source"
)

// fakeSources keeps sources and keys in memory.
type fakeSources struct {
	source.Store
	h *house
}

func (f fakeSources) Sources(_ context.Context, sc scope.Scope) (out []source.Source, _ error) {
	for _, s := range f.h.kept {
		if sc.Sees(s.Place) {
			out = append(out, s)
		}
	}
	slices.SortFunc(out, func(a, b source.Source) int { return cmp.Compare(a.Name, b.Name) })
	return out, nil
}

func (f fakeSources) Source(_ context.Context, sc scope.Scope, number int64) (*source.Source, error) {
	for _, s := range f.h.kept {
		if s.Number == number && sc.Sees(s.Place) {
			return &s, nil
		}
	}
	return nil, fault.New(fault.NotFound, "source %d", number)
}

func (f fakeSources) Keys(_ context.Context, sc scope.Scope) (out []source.Key, _ error) {
	for _, k := range f.h.sourceKeys {
		if sc.Sees(k.Place) {
			out = append(out, k)
		}
	}
	return out, nil
}

func (f fakeSources) Hours(_ context.Context, _ scope.Scope, id string, _ time.Time) (map[string][]source.Hour, error) {
	if id == "" {
		return f.h.hours, nil
	}
	return map[string][]source.Hour{id: f.h.hours[id]}, nil
}

// fakeRoster knows links to walls at vk.example, and notes what is asked of it.
type fakeRoster struct {
	h     *house
	saved []source.Source
	keys  []source.Key
	deeds []string
	fail  error // of the next deed

	riddle  source.Riddle             // of source 1
	quotas  map[string][]source.Quota // by source
	rhythms map[string]source.Rhythm

	until   time.Time // of the secret before
	refusal source.Refusal
}

func (f *fakeRoster) MayEdit(who account.Actor) bool {
	return who.Role.Holds(lifecycle.EditSources) && who.Scope.Agency == 0
}

func (f *fakeRoster) Recognise(_ context.Context, _ account.Actor, link string) (*source.Guess, error) {
	if g, err := fakeSearch(link); g != nil || err != nil {
		return g, err
	}
	if strings.HasSuffix(link, "@mail.example") {
		return &source.Guess{Source: source.Source{ID: "mail:" + link, Kind: source.Mail, Channel: message.Mail, Name: "Почта", Settings: []byte(`{}`)}, Needs: "Впишите пароль."}, nil
	}
	if strings.HasPrefix(link, "https://forum.example/") {
		return &source.Guess{Source: source.Source{ID: "page:forum.example/", Kind: source.Page, Channel: message.Forum, Name: "Форум", URL: link}, Needs: "Нужен рецепт."}, nil
	}
	if !strings.HasPrefix(link, "https://vk.example/") {
		return nil, fault.New(fault.Invalid, "unknown").At("link").Say("Эту ссылку ни одна сеть не узнаёт.")
	}
	return &source.Guess{Source: source.Source{ID: "vk:-9", Kind: source.VK, Channel: message.VK, Name: "Двор на Лесной", URL: link}, Needs: "Нужен ключ."}, nil
}

func (f *fakeRoster) deed(what string) error {
	f.deeds = append(f.deeds, what)
	err := f.fail
	f.fail = nil
	return err
}

func (f *fakeRoster) Save(_ context.Context, _ account.Actor, s *source.Source) error {
	if err := f.deed("save"); err != nil {
		return err
	}
	if s.Number == 0 {
		s.Number = 1
	}
	f.saved = append(f.saved, *s)
	return nil
}

func (f *fakeRoster) Pause(_ context.Context, _ account.Actor, number int64, paused bool) error {
	return f.deed(fmt.Sprint("pause ", number, paused))
}

func (f *fakeRoster) Remove(_ context.Context, _ account.Actor, number int64) error {
	return f.deed(fmt.Sprint("remove ", number))
}

func (f *fakeRoster) Try(_ context.Context, _ account.Actor, s source.Source) ([]message.Message, error) {
	if err := f.deed("try " + s.ID); err != nil {
		return nil, err
	}
	return []message.Message{{Text: "Старое", PublishedAt: clock.Add(-time.Hour)}, {Text: "<b>Новое</b>", PublishedAt: clock}, {PublishedAt: clock}}, nil
}

func (f *fakeRoster) SaveKey(_ context.Context, _ account.Actor, k *source.Key) error {
	if err := f.deed("key"); err != nil {
		return err
	}
	f.keys = append(f.keys, *k)
	return nil
}

func (f *fakeRoster) RemoveKey(_ context.Context, _ account.Actor, number int64) error {
	return f.deed(fmt.Sprint("forget ", number))
}

func (f *fakeRoster) Keyed() []source.Kind { return []source.Kind{source.VK} }

func (f *fakeRoster) Back(_ context.Context, _ account.Actor, number int64, days int) error {
	return f.deed(fmt.Sprintf("back %d by %d", number, days))
}

func (f *fakeRoster) StopBack(_ context.Context, _ account.Actor, number int64) error {
	return f.deed(fmt.Sprint("stop ", number))
}

func (f *fakeRoster) NoPast(s *source.Source) string {
	if s.Number != 1 {
		return "Лента хранит только последние записи."
	}
	return ""
}

func (f fakeSources) Backfills(context.Context, scope.Scope) (map[string]*source.Backfill, error) {
	return f.h.backfills, nil
}

func (f *fakeRoster) Proposed(context.Context, account.Actor) ([]source.Mention, error) {
	return []source.Mention{{Link: "https://vk.com/dvor_lesnaya", Count: 12, Example: "https://vk.example/wall-1_2", Place: scope.Place{Region: "95000000", Centre: abakan}}}, nil
}

func (f *fakeRoster) Never(_ context.Context, _ account.Actor, link string) error {
	return f.deed("never " + link)
}
