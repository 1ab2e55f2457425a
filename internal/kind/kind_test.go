package kind

import (
	"strings"
	"sync"
	"testing"

	"otklik/internal/russian"
)

// shared opens the dictionary once for all tests.
var shared = sync.OnceValues(func() (*russian.Analyzer, *Judge) {
	a, err := russian.New()
	if err != nil {
		panic(err)
	}
	j, err := New(a)
	if err != nil {
		panic(err)
	}
	return a, j
})

func decide(text string, c Context) Decision {
	a, j := shared()
	return j.Decide(a.Read(text), c)
}

func TestDomainSentences(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text    string
		kind    Kind
		opens   bool
		urgency Urgency
	}{
		{"Да у нас все дороги в ужасном состоянии, когда это кончится!", Complaint, true, Normal},
		{"По улице Ленина в Абазе в районе центральной бани появилась яма", Complaint, true, Normal},
		{"Уже год течет задвижка в тепловом колодце напротив дома по Чертыгашева 33 в г. Абакане", Complaint, true, Normal},
		{"На коммуникационном колодце по улице Октябрьская, 16 отсутствовал люк", Complaint, true, Danger},
		{"прошу губернатора отменить занятия", Proposal, false, Normal},
		{"Уберите стихийную свалку в нашем дворе!", Complaint, true, Normal},
	} {
		d := decide(c.text, Context{})
		if d.Kind != c.kind || d.Opens() != c.opens || d.Urgency != c.urgency || !d.Concerns {
			t.Errorf("Decide(%s) = %s, opens %v, urgency %s, concerns %v (%.2f), want %s, %v, %s, true",
				c.text, d.Kind, d.Opens(), d.Urgency, d.Concerns, d.Score, c.kind, c.opens, c.urgency)
		}
		if d.Complaint != (c.kind == Complaint) || d.Why == "" || len(d.Evidence) == 0 {
			t.Errorf("Decide(%s): complaint %v, why %q, %d places of evidence", c.text, d.Complaint, d.Why, len(d.Evidence))
		}
		if c.kind == Proposal && !d.Outside {
			t.Errorf("Decide(%s) is not outside any competence", c.text)
		}
	}
}

func TestKinds(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]Kind{
		"Третий день нет воды в доме по улице Пушкина, 14, когда дадут?":                  Complaint,
		"Фонарь у детского сада не горит вторую неделю":                                   Complaint,
		"Подскажите, пожалуйста, когда можно подать документы на пособие?":                Question,
		"Здравствуйте! Намечен ли на лето ремонт школы в нашем районе?":                   Question,
		"Предлагаю поставить скамейки вдоль набережной":                                   Proposal,
		"Когда начнётся отопительный сезон?":                                              Question,
		"Где можно получить справку о составе семьи?":                                     Question,
		"Почему бы не сделать бесплатный проезд школьникам?":                              Proposal,
		"Слышала, что автобус 15 отменяют, это правда?":                                   Rumour,
		"Женщина с кошкой пять дней живёт в подъезде, помогите ей":                        Complaint,
		"Рядом с домом незаконная приёмка металлолома, шум и мусор":                       Complaint,
		"Большое спасибо администрации за новую площадку во дворе!":                       Thanks,
		"Продам диван, состояние отличное, цена 5000, доставка бесплатно":                 Advertisement,
		"Продам коляску, Абакан":                                                          Advertisement,
		"В Абакане открылась выставка художника из Кызыла, сообщили в пресс-службе музея": Announcement,
		"Министр образования рассказал журналистам о программе на следующий год":          Announcement,
		"Полиция задержала подозреваемого в краже, возбуждено уголовное дело":             Announcement,
		"ахаха, ну ты даёшь": Noise,
	} {
		if d := decide(text, Context{}); d.Kind != want {
			t.Errorf("Decide(%s) = %s (%.2f, %s), want %s", text, d.Kind, d.Score, d.Why, want)
		}
	}
}

func TestUrgency(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]Urgency{
		"Во дворе дома открытый люк, дети гуляют рядом":                          Danger,
		"В подъезде второй день сильный запах газа, примите меры":                Danger,
		"После ветра оборван провод, висит над тротуаром, прошу убрать":          Danger,
		"Дома нет отопления, на улице мороз минус тридцать, батареи ледяные":     Danger,
		"Стая бродячих собак напала на ребёнка возле школы, примите меры":        Danger,
		"Плита перекрытия рушится, скоро упадёт с девятого этажа, помогите":      Danger,
		"Затопило подвал нашего дома, управляющая не отвечает":                   High,
		"Инвалиду-колясочнику не выехать из подъезда, нет пандуса, прошу помочь": High,
		"Нет горячей воды в доме, сколько можно":                                 High,
		"Прошу покосить траву на газоне возле нашего дома":                       Normal,
		"Когда починят дорогу на нашей улице? Одни ямы":                          Normal,
	} {
		d := decide(text, Context{})
		if d.Urgency != want {
			t.Errorf("Decide(%s) urgency = %s, want %s (kind %s, score %.2f)", text, d.Urgency, want, d.Kind, d.Score)
		}
		shown := false
		for _, e := range d.Evidence {
			shown = shown || e.For == "urgency" && strings.TrimSpace(text[e.Start:e.End]) != ""
		}
		if shown != (want != Normal) {
			t.Errorf("Decide(%s): evidence of urgency %v for %s", text, shown, want)
		}
	}
}

func TestContextMovesTheThresholdOnly(t *testing.T) {
	t.Parallel()
	text := "На Мира снег не чистят"
	file, own, page := decide(text, Context{}), decide(text, Context{Ours: true}), decide(text, Context{Voice: Official})
	if !(own.Threshold < file.Threshold && file.Threshold < page.Threshold) {
		t.Errorf("thresholds own %.2f, file %.2f, page %.2f, want them to rise", own.Threshold, file.Threshold, page.Threshold)
	}
	if own.Score != file.Score || page.Score != file.Score {
		t.Errorf("scores own %.2f, file %.2f, page %.2f, want one", own.Score, file.Score, page.Score)
	}
}

func TestEmptyTextConcernsNobody(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "  ", "!!!", "👍👍", "https://example.org"} {
		if d := decide(text, Context{Ours: true}); d.Opens() {
			t.Errorf("Decide(%q) opens an incident", text)
		}
	}
}

func TestLongWordsTakeLinearTime(t *testing.T) {
	t.Parallel()
	decide(strings.Repeat("ё", 4<<20), Context{}) // minutes, if every beginning of it were looked up
}

func TestEvidenceLiesInTheText(t *testing.T) {
	t.Parallel()
	text := "Добрый вечер! Уберите, пожалуйста, мусор у дома 5, контейнеры не вывозят неделю 😡"
	d := decide(text, Context{})
	for _, e := range d.Evidence {
		if e.Start < 0 || e.End > len(text) || e.Start >= e.End || e.Why == "" {
			t.Errorf("evidence %+v is no place of the text", e)
		}
	}
	if strings.Contains(d.Why, "мусор у дома") {
		t.Errorf("Why quotes the message: %s", d.Why)
	}
}

func BenchmarkDecide(b *testing.B) {
	a, j := shared()
	text := a.Read("Добрый вечер! Уберите, пожалуйста, мусор у дома 5 по улице Мира, контейнеры не вывозят уже неделю, собаки разносят пакеты по всему двору.")
	b.ReportAllocs()
	for b.Loop() {
		j.Decide(text, Context{})
	}
}
