package app_test

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"strings"
	"testing"

	"otklik/internal/account"
	"otklik/internal/config"
	"otklik/internal/desk"
	"otklik/internal/lifecycle"
	"otklik/internal/notify"
	"otklik/internal/scope"
)

// A postbox takes letters as a mail server does, and fails as told.
type postbox struct {
	letters []notify.Parcel
	to      []string
	fail    error
}

func (p *postbox) Send(_ context.Context, to string, l *notify.Parcel) error {
	p.letters, p.to = append(p.letters, *l), append(p.to, to)
	return p.fail
}

func (p *postbox) last() string {
	var words []string
	for _, l := range p.letters[len(p.letters)-1].Lines {
		words = append(words, l.Text, l.URL)
	}
	return strings.Join(words, "\n")
}

func newPostbox(t *testing.T) (*window, *postbox) {
	t.Helper()
	w := newWindow(t, func(c *config.Config) {
		c.Mail = &config.Mail{Server: "localhost:1", From: "Отклик <otklik@example.ru>", Secret: "none"}
	})
	p := &postbox{}
	w.Courier.Mail = p
	return w, p
}

// post lets the courier look until there is nothing to do, a minute apart.
func (w *window) post(t *testing.T) {
	t.Helper()
	for range 5 {
		if _, err := w.Courier.Step(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	w.clock.Add(60)
}

func TestWhoReportedHearsHowItComesOn(t *testing.T) {
	t.Parallel()
	w, box := newPostbox(t)
	number, link := w.report(t, pitText, "contact", "Anna@Example.ru", "news", "1", "consent", w.consent(t))
	w.post(t)
	if len(box.letters) != 1 || box.to[0] != "anna@example.ru" || !strings.Contains(box.last(), "номер "+number) || !strings.Contains(box.last(), "https://otklik.example.ru"+link) {
		t.Fatalf("letters to %v: %+v", box.to, box.letters)
	}
	i := w.numbered(t, number)
	agency := w.someAgency(t)
	for _, c := range []desk.Change{desk.Accept{}, desk.Note{Text: "секрет коллегам"}, desk.HandOver{Agency: agency}} {
		if _, err := w.Desk.Do(t.Context(), w.operator(), i.ID, 0, c); err != nil {
			t.Fatal(err)
		}
	}
	w.post(t)
	if len(box.letters) != 2 || !strings.Contains(box.last(), "Передали: Дорожная служба Абазы") {
		t.Fatalf("after the hand-over: %+v", box.letters)
	}
	w.answer(t, i.ID, "Яму на улице Ленина у дома 4 засыпали щебнем 20 ноября, асфальт уложим до 1 декабря 2026 года.")
	w.post(t)
	w.post(t)
	if len(box.letters) != 3 || !strings.Contains(box.last(), "Ответили.") {
		t.Fatalf("after the answer: %+v", box.letters)
	}
	for _, l := range box.letters {
		for _, line := range l.Lines {
			for _, secret := range []string{"яма", "щебнем", "секрет", "Анна"} {
				if strings.Contains(line.Text, secret) {
					t.Errorf("a letter says %q", line.Text)
				}
			}
		}
	}
	w.open(t, "GET", link, nil)
	w.says(t, "Не писать")
	w.open(t, "POST", link+"/news", nil)
	w.says(t, "Больше не пишем")
	w.open(t, "POST", link+"/judge", url.Values{"solved": {"refuted"}})
	w.post(t)
	if len(box.letters) != 3 {
		t.Errorf("a letter to who wants none: %+v", box.letters[3:])
	}
	w.open(t, "POST", link+"/news", url.Values{"on": {"1"}})
	w.says(t, "Будем писать")
	w.post(t)
	if len(box.letters) != 3 {
		t.Errorf("what happened while nobody was told is told: %+v", box.letters[3:])
	}
}

// A letter that may have left is the same letter when it is tried again, whatever came meanwhile.
func TestALetterIsTriedAgainAsItWas(t *testing.T) {
	t.Parallel()
	w, box := newPostbox(t)
	number, _ := w.report(t, pitText, "contact", "anna@example.ru", "news", "1", "consent", w.consent(t))
	box.fail = errors.Join(notify.ErrUnclear, errors.New("connection lost"))
	w.post(t)
	if _, err := w.Desk.Do(t.Context(), w.operator(), w.numbered(t, number).ID, 0, desk.HandOver{Agency: w.someAgency(t)}); err != nil {
		t.Fatal(err)
	}
	w.post(t)
	box.fail = nil
	w.clock.Add(3600)
	w.post(t)
	var names []string
	for _, l := range box.letters {
		names = append(names, l.Name)
	}
	n := len(names)
	if n < 3 || slices.Index(names, names[n-1]) != n-1 || strings.Contains(box.letters[n-2].Lines[1].Text, "Передали") {
		t.Fatalf("letters %q: %+v", names, box.letters)
	}
	for _, name := range names[:n-1] {
		if name != names[0] {
			t.Errorf("the same letter goes as %q and %q", names[0], name)
		}
	}
	if !strings.Contains(box.last(), "Передали") {
		t.Errorf("the second letter: %q", box.last())
	}
}

func TestLettersEndWhereNobodyTakesThem(t *testing.T) {
	t.Parallel()
	w, box := newPostbox(t)
	number, _ := w.report(t, pitText, "contact", "anna@example.ru", "news", "1", "consent", w.consent(t))
	box.fail = &notify.Refusal{Why: "нет ящика", Err: errors.New("550")}
	w.post(t)
	box.fail = nil
	if _, err := w.Desk.Do(t.Context(), w.operator(), w.numbered(t, number).ID, 0, desk.HandOver{Agency: w.someAgency(t)}); err != nil {
		t.Fatal(err)
	}
	w.post(t)
	if len(box.letters) != 1 {
		t.Errorf("%d letters to a mailbox that is none", len(box.letters))
	}

	// Erased words: nobody knows any more where to write.
	number, _ = w.report(t, pitText+" и лужа", "contact", "boris@example.ru", "news", "1", "consent", w.consent(t))
	i := w.numbered(t, number)
	curator := account.Actor{ID: w.account(lifecycle.Curator), Role: lifecycle.Curator, Scope: scope.OfRegion(khakassia)}
	if _, err := w.Desk.Do(t.Context(), curator, i.ID, 0, desk.Erase{Message: i.First}); err != nil {
		t.Fatal(err)
	}
	w.post(t)
	if len(box.letters) != 1 {
		t.Errorf("a letter to who was erased: %v", box.to)
	}

	// A phone takes no letters, and nobody is promised any.
	w.report(t, pitText+" и бордюр", "contact", "8 900 123-45-67", "news", "1", "consent", w.consent(t))
	if strings.Contains(w.body, "напишем") {
		t.Error("letters are promised to a phone")
	}
	w.post(t)
	if len(box.letters) != 1 {
		t.Errorf("a letter to a phone: %v", box.to)
	}
}
