package staff

import (
	"context"
	"net/http"

	"otklik/internal/account"
	"otklik/internal/site"
	"otklik/internal/source"
)

// A PastView says how far the reading of a source's past has come.
type PastView struct {
	Page    string // of the source
	Why     string // it gives none; "" = it does
	MayEdit bool
	Runs    bool
	Percent int
	Facts   string // «дошли до 3 ноября, прочитано 120 сообщений, из них нам 14»; "" = nobody asked
	Error   string
}

// pastDays are what a person may choose.
var pastDays = []Choice{{"1", "за сутки"}, {"3", "за 3 дня"}, {"7", "за неделю"}, {"30", "за месяц"}, {"90", "за три месяца"}}

func (s *Staff) past(ctx context.Context, me *account.Account, one *source.Source) (*PastView, error) {
	p := &PastView{Page: sourceURL(one.Number), Why: s.Roster.NoPast(one), MayEdit: s.Roster.MayEdit(me.Actor())}
	all, err := s.Cases().Sources().Backfills(ctx, me.Scope())
	b := all[one.ID]
	if err != nil || b == nil {
		return p, err
	}
	zone, now := s.zone(one.Territory, me.Place.Region), s.Now()
	p.Runs, p.Percent, p.Error = b.State == source.BackRuns, int(100*b.Share()), b.Error
	read := "прочитано " + site.Count(b.Messages, "сообщение", "сообщения", "сообщений") + ", из них новых для нас: " + site.Number(b.Kept)
	since := site.DateTime(b.Since, now, zone)
	switch b.State {
	case source.BackDone:
		p.Facts = "Прочитано всё с " + since + ": " + read + "."
	case source.BackStopped:
		p.Facts = "Остановлено " + site.DateTime(b.EndedAt, now, zone) + ": " + read + "."
	case source.BackFailed:
		p.Facts = "Прочитать не вышло: " + read + "."
	default:
		p.Facts = "Читаем с " + since + ": " + read + "."
		if !b.Reached.IsZero() {
			p.Facts += " Дошли до " + site.DateTime(b.Reached, now, zone) + "."
		}
		if one.Paused {
			p.Facts += " Источник на паузе: продолжим, когда его снова начнут читать."
		}
	}
	return p, nil
}

// sourcePast answers with the part of the page that tells of the past, as it is now.
func (s *Staff) sourcePast(w http.ResponseWriter, r *http.Request) error {
	p, err := s.past(r.Context(), who(r), loadedSource(r))
	if err != nil {
		return err
	}
	return site.Write(w, r, http.StatusOK, sourcePast(p))
}
