package staff

import (
	"context"
	"net/http"

	"otklik/internal/account"
	"otklik/internal/fault"
	"otklik/internal/source"
)

// A Riddler shows people what the network of a source asks of them (a captcha), and takes
// their answer. roster.Roster is one.
type Riddler interface {
	Asked(ctx context.Context, who account.Actor, number int64) (source.Riddle, bool)
	Picture(ctx context.Context, who account.Actor, number int64) (picture []byte, mediaType string, err error)
	Solve(ctx context.Context, who account.Actor, number int64, key, answer string) error
}

// riddleLength is how long an answer may be, in characters: a captcha has a few letters.
const riddleLength = 64

// ask fills in what the source's network asks.
func (p *SourcePage) ask(ctx context.Context, s *Staff, me account.Actor, one *source.Source) {
	if r, ok := s.Roster.(Riddler); ok && p.MayEdit && one.Number != 0 {
		p.Riddle, p.Asks = r.Asked(ctx, me, one.Number)
	}
}

// riddlePicture gives the picture that we fetched from the network.
func (s *Staff) riddlePicture(w http.ResponseWriter, r *http.Request) error {
	riddler, ok := s.Roster.(Riddler)
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
	riddler, ok := s.Roster.(Riddler)
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
	case len([]rune(answer)) > riddleLength:
		return "", fault.New(fault.Invalid, "a long answer").At("answer").Say("Код слишком длинный: в нём несколько букв или цифр.")
	}
	return good, riddler.Solve(r.Context(), who(r).Actor(), one.Number, field(r, "key"), answer)
}
