package vk

import (
	"time"

	"otklik/internal/source"
	"otklik/internal/source/vk/plan"
)

// Known is what the centre knows of a post or comment that somebody pasted.
type Known struct {
	Wall    bool // its wall is among the sources
	Paused  bool
	Error   string    // in what the source's last reading ended, for people; "" where it went well
	Since   time.Time // since when it fails
	ReadAt  time.Time // when the wall was last read; zero: never
	AddedAt time.Time // when the wall was added
	Memory  Memory    // of its cursor

	Came     bool      // the message is kept
	SeenAt   time.Time // when we first saw it
	Incident string    // number of the incident that it is part of
	Verdict  string    // how its words are read: a sentence for people, kept or asked now; may be empty

	Looked bool      // VK was asked for it just now
	Shown  bool      // and shows it
	At     time.Time // when it was published, zero where nobody knows

	Pooled       bool // a pool reads the wall
	List, Counts plan.Visit
	Rests        map[string][]Rest // of the pool's tokens, by name

	When func(time.Time) string     // a time in the words of the asker's clock
	Span func(time.Duration) string // a duration in words
}

// Missed answers «почему мы это пропустили?» for a post or comment. Codes: found, judged,
// unknown, unread, ours, paused, failing, never, deleted, waiting, older, lost.
func Missed(ref Ref, k Known) source.Missed {
	say := func(code, sentence string) source.Missed {
		return source.Missed{Code: code, Sentence: sentence, Evidence: k.evidence(ref, code)}
	}
	m := k.Memory
	root := m.Born
	if root.IsZero() && ref.Comment == 0 {
		root = k.At
	}
	switch {
	case k.Came && k.Incident != "":
		return say("found", "Мы это видели: сообщение в инциденте "+k.Incident+".")
	case k.Came:
		return say("judged", "Мы это видели и сохранили, но инцидент не завели.")
	case !k.Wall:
		return say("unknown", "Этой стены нет среди источников, которые вам видны. Добавьте её.")
	case ref.Place != "wall" && ref.Place != "topic":
		return say("unread", "Комментарии под фото, видео и товарами приходят только из своих сообществ, по событиям. У чужих читаются записи и комментарии под ними.")
	case m.Unread && !k.ReadAt.IsZero() && !k.Paused && k.Error == "":
		return say("unread", "Обсуждения этого сообщества не читаются: включите их в настройках источника (boards).")
	case ref.Comment == 0 && m.PostGone && !k.Shown, m.Gone && !k.Shown:
		return say("deleted", "Это удалено в сети.")
	case ref.Comment == 0 && m.Post, m.Comment:
		return say("ours", "Мы это видели, но к нам оно не относится: ни одно правило наблюдения его не поймало.")
	case k.Paused:
		return say("paused", "Источник на паузе, его не читают. Возобновите чтение на его странице.")
	case k.Error != "" && (k.ReadAt.IsZero() || k.At.IsZero() || k.At.After(k.ReadAt)):
		return say("failing", "Стена не читается. "+k.Error)
	case k.ReadAt.IsZero():
		return say("never", "Стену ещё ни разу не прочитали: она добавлена недавно.")
	case k.Looked && !k.Shown:
		return say("deleted", "Сейчас ВКонтакте этого не показывает: его удалили или скрыли раньше, чем мы пришли.")
	case !k.At.IsZero() && k.At.After(k.last(ref)):
		return say("waiting", "До этого ещё не дошла очередь: с тех пор сюда не заглядывали. Прочитаем сами.")
	case !root.IsZero() && !m.Oldest.IsZero() && root.Before(m.Oldest), ref.Comment != 0 && ref.Place == "wall" && !m.Post && !m.Oldest.IsZero():
		return say("older", "Запись старше тех, за которыми мы следим: на стене просматриваются только самые новые. Сколько их, задают в настройках источника.")
	case k.Looked:
		return say("lost", "Сюда с тех пор заглядывали, но этого не увидели. Возможно, его скрывали от нас. Мы увидим его, когда перечитаем комментарии целиком.")
	}
	return say("lost", "Сюда с тех пор заглядывали, но этого не увидели: его могли удалить раньше, чем мы пришли, или оно скрыто от нас.")
}

// last is when we last looked where the message stands.
func (k *Known) last(ref Ref) time.Time {
	switch {
	case ref.Place == "topic" && !k.Memory.Listed.IsZero():
		return k.Memory.Listed
	case !k.Pooled || ref.Place != "wall":
		return k.ReadAt
	case ref.Comment == 0 || !k.Memory.Post:
		return k.Memory.Listed
	case k.Counts.Last.After(k.Memory.Read):
		return k.Counts.Last
	}
	return k.Memory.Read
}

// evidence is what the answer rests on, in sentences.
func (k *Known) evidence(ref Ref, code string) (out []string) {
	add := func(at time.Time, before, after string) {
		if !at.IsZero() {
			out = append(out, before+k.When(at)+after)
		}
	}
	add(k.At, "Опубликовано ", ".")
	add(k.SeenAt, "У нас с ", ".")
	if !k.At.IsZero() && k.SeenAt.After(k.At) {
		out = append(out, "От публикации до нас прошло "+k.Span(k.SeenAt.Sub(k.At))+".")
	}
	if k.Verdict != "" {
		out = append(out, k.Verdict)
	}
	if !k.Wall || code == "found" || code == "judged" {
		return out
	}
	if k.At.IsZero() || k.AddedAt.After(k.At) {
		add(k.AddedAt, "Стена среди источников с ", ".")
	}
	add(k.ReadAt, "Стену читали ", ".")
	if k.Error != "" {
		add(k.Since, "Не читается с ", ".")
	}
	if k.Pooled {
		add(k.Memory.Listed, "Список записей спрашивали ", ".")
		if code == "waiting" || code == "lost" {
			if ref.Comment != 0 && k.Memory.Post {
				add(k.Counts.Last, "Счётчик комментариев под записью смотрели ", ".")
				add(k.Counts.Next, "Следующий раз посмотрим около ", ".")
			} else {
				add(k.List.Next, "Следующий раз список спросим около ", ".")
			}
		}
		for name, rests := range k.Rests {
			for _, r := range rests {
				if k.At.IsZero() || r.Until.After(k.At) {
					out = append(out, "Ключ «"+name+"» "+r.words()+" с "+k.When(r.From)+" до "+k.When(r.Until)+".")
				}
			}
		}
	}
	if ref.Comment != 0 {
		add(k.Memory.Read, "Комментарии под записью читали ", ".")
	}
	return out
}

// words say why a token rested.
func (r Rest) words() string {
	switch r.Health {
	case Revoked:
		return "не принимался ВКонтакте"
	case Captcha:
		return "ждал человека (капча)"
	}
	if r.Method == listMethod {
		return "исчерпал суточный запас списков (wall.get)"
	}
	return "отдыхал: запас запросов был исчерпан"
}
