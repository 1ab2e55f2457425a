package locate_test

import (
	"testing"

	"otklik/internal/locate"
	"otklik/internal/russian"
)

var benchTexts = []string{
	"По улице Ленина в Абазе в районе центральной бани появилась яма, машины объезжают её по тротуару",
	"Да у нас все дороги в ужасном состоянии, когда это кончится! Сколько можно писать, никто не отвечает",
	"Добрый день! Когда включат отопление? В квартире холодно, дети болеют, управляющая компания молчит",
	"Уже год течёт задвижка в тепловом колодце напротив дома по Чертыгашева 33 в г. Абакане, приедут и уедут",
	"спасибо большое за новую площадку, очень красиво получилось, дети рады и мы довольны",
}

// BenchmarkFind reads one message an iteration, analysed beforehand.
func BenchmarkFind(b *testing.B) {
	a, l := analyzer(b), locate.New(gazetteer(b))
	var texts []*russian.Text
	for _, s := range benchTexts {
		texts = append(texts, a.Read(s))
	}
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		l.Find(texts[i%len(texts)], locate.Context{})
		i++
	}
}

// Reading a message that names no place costs no memory.
func TestNothingFoundAllocatesNothing(t *testing.T) {
	a, l := analyzer(t), locate.New(gazetteer(t))
	for _, s := range []string{benchTexts[1], benchTexts[2], benchTexts[4]} {
		text := a.Read(s)
		l.Find(text, locate.Context{})
		if n := testing.AllocsPerRun(100, func() { l.Find(text, locate.Context{}) }); n > 0 {
			t.Errorf("Find(%q) allocates %v times, want none", s, n)
		}
	}
}
