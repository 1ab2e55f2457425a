package roster_test

import (
	"context"
	"log/slog"
	"net/url"
	"testing"
	"time"

	"otklik/internal/fault"
	"otklik/internal/lifecycle"
	"otklik/internal/roster"
	"otklik/internal/scope"
	"otklik/internal/source"
)

type letters struct{ asked string }

func (l *letters) Recognise(_ context.Context, u *url.URL) (*source.Guess, error) {
	l.asked = u.Opaque
	return &source.Guess{Source: source.Source{ID: "mail:x", Kind: source.Mail}}, nil
}

// An address of mail is asked of the mailboxes alone, however it was pasted.
func TestAnAddressOfMailIsRecognised(t *testing.T) {
	t.Parallel()
	l := &letters{}
	r := roster.New(roster.Options{Kinds: map[source.Kind]roster.Connector{source.Mail: {Recognise: l}}, Stand: func(string) scope.Place { return scope.Place{} }, Now: time.Now, Log: slog.New(slog.DiscardHandler)})
	admin := actor(lifecycle.Admin, scope.All())
	for _, link := range []string{"cur@x.ru", " mailto:cur@x.ru ", "cur@x.ru\n"} {
		if g, err := r.Recognise(t.Context(), admin, link); err != nil || g.ID != "mail:x" || l.asked != "cur@x.ru" {
			t.Errorf("%q: %+v, %v, asked %q", link, g, err, l.asked)
		}
	}
	for _, link := range []string{"почта@абакан.рф", "mailto:%D0%BF%D0%BE%D1%87%D1%82%D0%B0@абакан.рф", "mailto:почта@абакан.рф?subject=x"} {
		if _, err := r.Recognise(t.Context(), admin, link); err != nil || l.asked != "почта@абакан.рф" {
			t.Errorf("%q: %v, asked %q", link, err, l.asked)
		}
	}
	none := roster.New(roster.Options{Stand: r.Stand, Now: time.Now, Log: r.Log})
	if _, err := none.Recognise(t.Context(), admin, "cur@x.ru"); !fault.Is(err, fault.Invalid) {
		t.Errorf("without mailboxes: %v", err)
	}
}
