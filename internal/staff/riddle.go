package staff

import (
	"context"
	"net/http"

	"otklik/internal/account"
	"otklik/internal/fault"
	"otklik/internal/site"
	"otklik/internal/source"
)

// ask fills in what the source's network asks.
func (p *SourcePage) ask(ctx context.Context, s *Staff, me account.Actor, one *source.Source) {
	if r, ok := s.Roster.(site.Riddler); ok && p.MayEdit && one.Number != 0 {
		p.Riddle, p.Asks = r.Asked(ctx, me, one.Number)
	}
}

// riddlePicture gives the picture that we fetched from the network.
func (s *Staff) riddlePicture(w http.ResponseWriter, r *http.Request) error {
	riddler, ok := s.Roster.(site.Riddler)
	if !ok {
		return fault.New(fault.NotFound, "no network asks anything")
	}
	picture, typ, err := riddler.Picture(r.Context(), who(r).Actor(), loadedSource(r).Number)
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", typ)
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	_, err = w.Write(picture)
	return err
}

// solve hands over what a person read in the picture.
func (s *Staff) solve(r *http.Request, one *source.Source) (good string, err error) {
	riddler, ok := s.Roster.(site.Riddler)
	if !ok {
		return "", fault.New(fault.NotFound, "no network asks anything")
	}
	answer, good := field(r, "answer"), "Код отправлен. Источник читают снова: если код не подошёл, здесь появится другая картинка."
	switch {
	case field(r, "other") != "":
		answer, good = "", "Просим другую картинку: обновите страницу через несколько секунд."
	case field(r, "done") != "":
		answer, good = "", "Источник читают снова."
	case answer == "":
		return "", fault.New(fault.Invalid, "no answer").At("answer").Say("Впишите код с картинки.")
	}
	return good, riddler.Solve(r.Context(), who(r).Actor(), one.Number, field(r, "key"), answer)
}
