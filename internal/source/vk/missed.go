package vk

import "time"

// Known is what the centre knows of a post or comment that somebody pasted.
type Known struct {
	Wall     bool // its wall is among the sources
	Paused   bool
	Error    string    // in what the source's last reading ended, for people; "" where it went well
	ReadAt   time.Time // when the wall was last read; zero: never
	Came     bool      // the message came
	Incident bool      // it is part of an incident
	Verdict  string    // why it is in none, for people; may be empty
	At       time.Time // when it was published, zero where nobody knows
	Oldest   time.Time // the oldest watched post of the wall
	Root     time.Time // when the post above was published, zero where nobody knows
}

// A Miss says why a message did not become an incident.
type Miss struct {
	Code     string // unreadable, unknown, unwatched, paused, never, failing, judged, found, older, waiting, lost
	Sentence string // for people, in Russian
}

// Missed answers «почему мы это пропустили?» for a native id.
func Missed(native string, k Known) Miss {
	ref, err := ParseRef(native)
	root := k.Root
	if root.IsZero() && ref.Comment == 0 {
		root = k.At
	}
	switch {
	case err != nil:
		return Miss{"unreadable", "Ссылка не читается: нужна запись или комментарий ВКонтакте."}
	case k.Came && k.Incident:
		return Miss{"found", "Мы это видели: сообщение есть в инциденте."}
	case k.Came && k.Verdict != "":
		return Miss{"judged", "Мы это видели, но инцидент не завели: " + k.Verdict + "."}
	case k.Came:
		return Miss{"judged", "Мы это видели и сочли, что это не обращение."}
	case !k.Wall:
		return Miss{"unknown", "Этой стены нет среди источников. Добавьте её."}
	case ref.Place != "wall" && ref.Place != "im":
		return Miss{"unwatched", "На стене читаются записи и комментарии под ними. Обсуждения, фото, видео и товары не читаются."}
	case k.Paused:
		return Miss{"paused", "Источник на паузе. Возобновите его."}
	case k.Error != "" && (k.ReadAt.IsZero() || k.At.IsZero() || k.At.After(k.ReadAt)):
		return Miss{"failing", "Стена не читается. " + k.Error}
	case k.ReadAt.IsZero():
		return Miss{"never", "Стену ещё ни разу не прочитали: она добавлена недавно."}
	case !k.At.IsZero() && k.At.After(k.ReadAt):
		return Miss{"waiting", "Стену с тех пор не читали. Последний раз — " + k.ReadAt.Format("02.01.2006 15:04") + ". Прочитаем в свой черёд."}
	case !root.IsZero() && !k.Oldest.IsZero() && root.Before(k.Oldest):
		return Miss{"older", "Запись старше тех, за которыми мы следим: на стене просматриваются только самые новые."}
	}
	return Miss{"lost", "Стену с тех пор читали, но сообщения не увидели: его могли удалить раньше, чем мы пришли, или оно скрыто от нас."}
}
