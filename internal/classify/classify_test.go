package classify_test

import (
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"otklik/internal/classify"
	"otklik/internal/russian"
	"otklik/internal/topic"
)

var shared = sync.OnceValues(func() (*russian.Analyzer, *classify.Classifier) {
	r, err := russian.New()
	if err != nil {
		panic(err)
	}
	c, err := classify.Default(r)
	if err != nil {
		panic(err)
	}
	return r, c
})

// The sentences of DOMAIN.md §6, and others of our own, by topic group.
func TestTopicsOfMessages(t *testing.T) {
	t.Parallel()
	r, c := shared()
	tests := []struct {
		text  string
		group string
		word  string // must stand in the evidence
	}{
		{"Да у нас все дороги в ужасном состоянии, когда это кончится!", "Дороги", "дороги"},
		{"По улице Ленина в Абазе в районе центральной бани появилась яма", "Дороги", "яма"},
		{"Уже год течет задвижка в тепловом колодце напротив дома по Чертыгашева 33 в г. Абакане", "ЖКХ", "задвижка"},
		{"На коммуникационном колодце по улице Октябрьская, 16 отсутствовал люк", "Благоустройство", "люк"},
		{"Уберите стихийную свалку в нашем дворе!", "Мусор/Свалки/ТКО", "свалку"},
		{"Второй день нет холодной воды на Комсомольской", "ЖКХ", "воды"},
		{"Сосулька над входом в магазин вот-вот рухнет", "ЖКХ", "Сосулька"},
		{"Маршрут 23 ходит раз в час, люди мёрзнут на остановке", "Общественный транспорт", "Маршрут"},
		{"К кардиологу в нашей поликлинике запись только через месяц", "Здравоохранение/Медицина", "запись"},
		{"Бродячие собаки покусали мальчика возле гаражей", "Безопасность", "собаки"},
		{"С завода тянет гарью, дышать нечем второй день", "Экология", "дышать"},
		{"На кладбище за рекой упало дерево на ограды", "Погребение и похоронное дело", "кладбище"},
		{"В третьей школе дети мёрзнут, батареи еле тёплые", "Образование", "школе"},
		{"светофор на перекрестке возле рынка не работает", "Дороги", "светофор"},
		{"до сих пор не пришла выплата на детей", "Социальное обслуживание и защита", "выплата"},
		{"сотовая связь в селе пропала, позвонить нельзя", "Связь и телевидение", "связь"},
	}
	for _, tt := range tests {
		guesses := c.Topics(r.Read(tt.text))
		if len(guesses) == 0 {
			t.Errorf("Topics(%q) refused, want group %q", tt.text, tt.group)
			continue
		}
		best := guesses[0]
		if best.Topic.Group != tt.group {
			t.Errorf("Topics(%q) = %s in group %q, want group %q", tt.text, best.Topic.Code, best.Topic.Group, tt.group)
		}
		var words []string
		for _, e := range best.Evidence {
			words = append(words, tt.text[e.Span.Start:e.Span.End])
		}
		if !strings.Contains(strings.Join(words, " "), tt.word) {
			t.Errorf("Topics(%q) bases %s on %q, want %q among it", tt.text, best.Topic.Code, words, tt.word)
		}
	}
}

func TestPotholesAreNamed(t *testing.T) {
	t.Parallel()
	r, c := shared()
	got := c.Topics(r.Read("По улице Ленина в Абазе в районе центральной бани появилась яма"))
	if len(got) == 0 || got[0].Topic.Code != "roads.potholes" {
		t.Errorf("Topics = %v, want roads.potholes first", got)
	}
}

func TestNoTopicIsForcedOnChatter(t *testing.T) {
	t.Parallel()
	r, c := shared()
	for _, text := range []string{
		"", "!!!", "😀😀", "12345", "https://example.org/a?b=c",
		"Спасибо, всё починили!", "Доброе утро, соседи", "Согласна с предыдущим оратором",
		"Сосед держит пчёл, боимся укусов", "Инопланетяне прилетели", "Женщина с кошкой пятый день живёт на лестнице",
		"Lorem ipsum dolor sit amet", "ъъъ",
	} {
		if got := c.Topics(r.Read(text)); len(got) != 0 {
			t.Errorf("Topics(%q) = %s (%.2f), want none", text, got[0].Topic.Code, got[0].Score)
		}
	}
}

func TestGuessesAreSound(t *testing.T) {
	t.Parallel()
	r, c := shared()
	long := strings.Repeat("Во дворе яма, мусор не вывозят, автобус не ходит, врача нет. ", 200)
	for _, text := range []string{long, "мусор\xff\xfeяма", "Ямы!\n\nЯМЫ🚗 во дворе дома № 5", "qr-код не пришёл"} {
		tx := r.Read(text)
		sum := 0.0
		guesses := c.Topics(tx)
		if len(guesses) > 3 {
			t.Errorf("%d guesses, at most 3 wanted", len(guesses))
		}
		for i, g := range guesses {
			sum += g.Score
			if g.Score < 0 || g.Score > 1 || i > 0 && g.Score > guesses[i-1].Score {
				t.Errorf("scores are no falling probabilities: %v at %d", g.Score, i)
			}
			for _, e := range g.Evidence {
				if e.Span.Start < 0 || e.Span.End > len(text) || e.Span.Start >= e.Span.End {
					t.Fatalf("evidence %v is outside the text of %d bytes", e.Span, len(text))
				}
				if s := text[e.Span.Start:e.Span.End]; utf8.ValidString(text) && !utf8.ValidString(s) {
					t.Errorf("evidence cuts a letter: %q", s)
				}
				if e.Why == "" {
					t.Error("evidence does not say why")
				}
			}
		}
		if sum > 1.0001 {
			t.Errorf("scores add up to %v", sum)
		}
	}
}

func TestManyMayAskAtOnce(t *testing.T) {
	t.Parallel()
	r, c := shared()
	texts := []string{"яма на дороге", "мусор не вывозят", "нет горячей воды", "собака укусила", "лифт стоит"}
	var want [][]classify.Guess
	for _, s := range texts {
		want = append(want, c.Topics(r.Read(s)))
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for n := range 200 {
				i := n % len(texts)
				if diff := cmp.Diff(want[i], c.Topics(r.Read(texts[i]))); diff != "" {
					t.Errorf("Topics(%q) differs from the first answer:\n%s", texts[i], diff)
					return
				}
			}
		})
	}
	wg.Wait()
}

func TestARetiredTopicIsNotGiven(t *testing.T) {
	t.Parallel()
	r, _ := shared()
	tax, err := topic.Default().With(topic.Edit{Retire: []topic.Code{"housing.lift"}})
	if err != nil {
		t.Fatal(err)
	}
	c, err := classify.For(r, tax)
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range c.Topics(r.Read("Лифт не работает вторую неделю")) {
		if g.Topic.Code == "housing.lift" {
			t.Error("a retired topic was given")
		}
	}
}

func BenchmarkTopics(b *testing.B) {
	r, c := shared()
	texts := []*russian.Text{
		r.Read("Здравствуйте! На перекрёстке возле школы второй месяц не работает светофор, дети перебегают дорогу, звонили уже три раза"),
		r.Read("Мусор не вывозят с праздников, контейнеры переполнены, собаки растаскивают пакеты по всему двору"),
		r.Read("Спасибо большое за оперативный ответ, будем ждать"),
		r.Read("Подскажите, пожалуйста, какие документы нужны на пособие и куда их нести, соцзащита трубку не берёт"),
	}
	n := 0
	for b.Loop() {
		c.Topics(texts[n%len(texts)])
		n++
	}
}
