package rig

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"time"
)

// A Text is one generated message.
type Text struct {
	ID, Text, Author, Thread string
	PublishedAt              time.Time
}

var (
	streets = []string{"улице Ленина", "проспекту Ленина", "улице Пушкина", "улице Щетинкина", "улице Чертыгашева", "улице Вяткина",
		"улице Советской", "улице Крылова", "улице Некрасова", "улице Катанова", "улице Торосова", "улице Маршала Жукова"}
	towns   = []string{"в Абакане", "в Черногорске", "в Саяногорске", "в Абазе", "в Сорске", "в Усть-Абакане", ""}
	opening = []string{"Добрый день!", "Здравствуйте.", "Подскажите, пожалуйста:", "Сколько можно терпеть!", "Уважаемая администрация,", "", ""}
	trouble = []string{
		"третий день нет горячей воды, диспетчер трубку не берёт", "на дороге яма в полколеса, вчера там пробили шину",
		"мусор не вывозят вторую неделю, баки переполнены", "не горят фонари, вечером идти страшно",
		"открыт люк колодца, рядом играют дети", "автобус пропускает рейсы, ждали сорок минут на морозе",
		"течёт крыша, в подъезде по стене бежит вода", "стая собак бросается на прохожих", "тротуар не чистят, сплошной лёд",
		"сосед построил забор на общей земле", "в поликлинике нет записи к терапевту на месяц вперёд", "из крана идёт рыжая вода с запахом",
		"на детской площадке сломаны качели", "после ремонта труб не засыпали траншею", "светофор не работает с понедельника",
	}
	closing = []string{"Примите меры.", "Когда исправят?", "Обращаемся уже третий раз.", "Помогите!", "Ждём ответа.", "", ""}
	idle    = []string{
		"Продам детскую коляску, состояние хорошее, писать в личные сообщения", "Сегодня в парке концерт духового оркестра, начало в шесть",
		"С праздником, дорогие земляки! Здоровья и тепла вашим домам", "Кто потерял ключи возле рынка? Лежат у продавца",
		"Завтра днём до двух градусов тепла, ночью слабый снег", "Открыт набор в секцию самбо для детей с семи лет",
		"Спасибо за чистый двор, дворник у нас золотой", "Красивый сегодня закат над Енисеем",
	}
)

// Texts generates n messages of our own, the same for the same seed: four in
// five complaints with a street and a house, the rest of the kind that fills a
// town's wall. One in ten repeats the text of an earlier one, some stand in threads.
func Texts(seed uint64, n int) []Text {
	rnd := rand.New(rand.NewPCG(seed, 20))
	pick := func(list []string) string { return list[rnd.IntN(len(list))] }
	start := time.Date(2026, 8, 1, 6, 0, 0, 0, time.UTC)
	out := make([]Text, n)
	for k := range out {
		m := &out[k]
		m.ID, m.PublishedAt = fmt.Sprintf("m%d", k+1), start.Add(time.Duration(k)*7*time.Minute)
		m.Author = fmt.Sprintf("житель-%d", rnd.IntN(n/3+1))
		if rnd.IntN(3) == 0 {
			m.Thread = fmt.Sprintf("t%d", rnd.IntN(n/8+1))
		}
		switch p := rnd.IntN(50); {
		case p < 5 && k > 0:
			m.Text = out[rnd.IntN(k)].Text
		case p < 13:
			m.Text = fmt.Sprintf("%s (%d)", pick(idle), rnd.IntN(n))
		default:
			m.Text = fmt.Sprintf("%s По %s, дом %d %s %s. %s", pick(opening), pick(streets), 1+rnd.IntN(200), pick(towns), pick(trouble), pick(closing))
		}
	}
	return out
}

// WriteCSV writes the messages as a table that import takes without a mapping.
func WriteCSV(w io.Writer, texts []Text) error {
	table := csv.NewWriter(w)
	_ = table.Write([]string{"id", "text", "author", "thread", "published_at"}) // Error tells below
	for _, m := range texts {
		_ = table.Write([]string{m.ID, m.Text, m.Author, m.Thread, m.PublishedAt.Format(time.RFC3339)})
	}
	table.Flush()
	return table.Error()
}

// WriteJSONL writes the messages as lines of JSON.
func WriteJSONL(w io.Writer, texts []Text) error {
	enc := json.NewEncoder(w)
	for _, m := range texts {
		err := enc.Encode(map[string]any{"id": m.ID, "text": m.Text, "author": m.Author, "thread": m.Thread, "published_at": m.PublishedAt})
		if err != nil {
			return err
		}
	}
	return nil
}
