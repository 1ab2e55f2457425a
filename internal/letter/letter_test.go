package letter_test

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"otklik/internal/letter"
)

var head = letter.Head{Centre: "ЦУР Республики Хакасия", Lines: []string{"655017, Абакан, улица Учебная, 1", "телефон 8 (3902) 00-00-00, по будням с 9 до 18"}, Signed: "Руководитель И. И. Учебный"}

func plain() *letter.Letter {
	return &letter.Letter{
		Head: head, Number: "932-193-22", Date: "24 ноября 2026 г.", To: "Мария Примерова", Done: true, Came: "3 ноября 2026 г.", Agency: "Абаканские тепловые сети", Topic: "Прорыв трубы", Place: "Абакан, улица Ленина, 5",
		Asked:   []letter.Words{{Day: "3 ноября 2026 г.", Text: "Третий день течёт труба.\n\nДети идут по льду!"}},
		Answers: []letter.Words{{Title: "Промежуточный ответ", Day: "4 ноября 2026 г.", Text: "Бригада выезжает."}, {Title: "Ответ", Day: "5 ноября 2026 г.", Text: "Трубу заменили 5 ноября.", Alone: "Перерасчёт за кв. 12 сделан."}},
		Status:  "https://otklik.example.ru/status?number=93219322",
	}
}

func printed(t *testing.T, l *letter.Letter) []string {
	t.Helper()
	file, err := l.PDF()
	if err != nil {
		t.Fatal(err)
	}
	return read(t, file)
}

func has(t *testing.T, name, text string, want, not []string) {
	t.Helper()
	for _, w := range want {
		if !strings.Contains(text, w) {
			t.Errorf("%s does not say %q:\n%s", name, w, text)
		}
	}
	for _, w := range not {
		if strings.Contains(text, w) {
			t.Errorf("%s says %q", name, w)
		}
	}
}

func TestALetterSaysWhatWasAskedAndAnswered(t *testing.T) {
	t.Parallel()
	both := []string{"ЦУР Республики Хакасия", "655017, Абакан", "№ 932-193-22 от 24 ноября 2026 г.", "Кому: Мария Примерова", "3 ноября 2026 г.", "Отвечает: Абаканские тепловые сети.", "О чём: Прорыв трубы.",
		"Третий день течёт труба. Дети идут по льду!", "Промежуточный ответ", "Бригада выезжает.", "Трубу заменили 5 ноября.", "Лично вам Перерасчёт за кв. 12 сделан.", "Решено ли на самом деле?", "дело вернут в работу",
		"https://otklik.example.ru/status ", "последние четыре цифры", "страница 1 из"}
	l := plain()
	has(t, "a message", flat(printed(t, l)), append(both, "Ответ на сообщение", "подайте обращение", "30 дней"), []string{"обжаловать", "Подпись", "рассмотрено", "□"})
	l.Appeal = true
	has(t, "an appeal", flat(printed(t, l)), append(both, "Ответ на обращение", "рассмотрено", "№ 59-ФЗ", "обжаловать", "статья 5", "Руководитель И. И. Учебный", "Подпись:"), []string{"подайте обращение", "Ответ на сообщение", "рассматривается"})
	l.Done, l.Head.Signed = false, ""
	has(t, "an appeal on which work goes on", flat(printed(t, l)), []string{"рассматривается", "Должность, фамилия"}, []string{"рассмотрено."})
}

func TestWordsThatAreGoneAreToldOf(t *testing.T) {
	t.Parallel()
	l := plain()
	l.To, l.Agency, l.Place, l.Status = "", "", "", ""
	l.Asked = []letter.Words{{Day: "3 ноября 2026 г.", Erased: "10 ноября 2026 г."}}
	l.Answers = []letter.Words{{Title: "Ответ", Day: "5 ноября 2026 г."}}
	has(t, "an erased one", flat(printed(t, l)), []string{"Слова стёрты по просьбе автора 10 ноября 2026 г.", "Слов нет"}, []string{"Кому:", "Отвечает:", "Где:", "Наведите камеру", "течёт"})
}

// Fifty pages break between lines and lose none.
func TestALongAnswerBreaksIntoPages(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	const sentences = 2600
	for k := range sentences {
		fmt.Fprintf(&b, "Пункт%d: работы по замене участка трубы выполнены. ", k)
		if k%7 == 0 {
			b.WriteByte('\n')
		}
	}
	l := plain()
	l.Answers[0].Text = b.String()
	pages := printed(t, l)
	if len(pages) < 40 || len(pages) > 80 {
		t.Fatalf("%d pages, want about fifty", len(pages))
	}
	text := flat(pages)
	for k := range sentences {
		if !strings.Contains(text, fmt.Sprintf("Пункт%d:", k)) {
			t.Fatalf("the sentence %d is lost", k)
		}
	}
	for k, p := range pages {
		if want := fmt.Sprintf("страница %d из %d", k+1, len(pages)); !strings.Contains(flat([]string{p}), want) {
			t.Errorf("page %d does not say %q", k+1, want)
		}
		if lines := strings.Count(p, "\n"); lines > 55 || lines < 3 {
			t.Errorf("page %d has %d lines", k+1, lines)
		}
	}
}

// Foreign letters and signs are shown by the empty box; what nobody sees goes.
func TestLettersThatTheFontLacks(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"Спасибо 😂!":                       "Спасибо □!",
		"семья 👨\u200d👩\u200d👧 дома":       "семья □□□ дома",
		"рука 👍🏽 вверх":                    "рука □ вверх",
		"水 нет":                            "□ нет",
		"Ёлка, йод, и\u0306од, е\u0308лка": "Ёлка, йод, йод, ёлка",
		"за\u0301мок":                      "замок",
		"Ұлы Әже, Ғ, ҥ, ӧ":                 "Ұлы Әже, Ғ, ҥ, ӧ",
		"тире — «ёлочки» „лапки“ № 5 ₽ … ½ °": "тире — «ёлочки» „лапки“ № 5 ₽ … ½ °",
		"кое\u2011что":                "кое-что",
		"нуль\x00\x07и\u200bпробел":   "нульипробел",
		"битый \xff\xfe байт":         "битый □ байт",
		"\u202eнаоборот":              "наоборот",
		"\u25a1":                      "□",
		"Tj ET (скобки) <<hex>> \\ %": "Tj ET (скобки) <<hex>> \\ %",
	} {
		l := plain()
		l.Answers[0].Text = in
		if got := flat(printed(t, l)); !strings.Contains(got, want) {
			t.Errorf("print(%q) lacks %q:\n%s", in, want, got)
		}
	}
}

// A word that is longer than the line is broken, whatever it is of.
func TestAWordLongerThanTheLine(t *testing.T) {
	t.Parallel()
	for _, word := range []string{strings.Repeat("Щ", 3000), "https://example.ru/" + strings.Repeat("q", 2500), strings.Repeat("😂", 900)} {
		l := plain()
		l.Answers[0].Text = word
		got := strings.ReplaceAll(strings.Join(printed(t, l), ""), "\n", "")
		want := strings.Map(func(r rune) rune {
			if r > 0xffff {
				return '□'
			}
			return r
		}, word)
		first, _ := utf8.DecodeRuneInString(want)
		if n := strings.Count(got, string(first)); n < strings.Count(want, string(first)) {
			t.Errorf("of %d letters %c are printed %d", strings.Count(want, string(first)), first, n)
		}
	}
}

func TestASlipBearsTheNumberAndNobodysName(t *testing.T) {
	t.Parallel()
	n := &letter.Slip{Head: head, Number: "932-193-22", Date: "24 ноября 2026 г.", Topic: "Прорыв трубы", Status: "https://otklik.example.ru/status?number=93219322"}
	file, err := n.PDF()
	if err != nil {
		t.Fatal(err)
	}
	pages := read(t, file)
	if len(pages) != 1 {
		t.Errorf("the slip has %d pages", len(pages))
	}
	has(t, "the slip", flat(pages), []string{"Памятка заявителю", "932-193-22", "8 (3902) 00-00-00", "последние четыре цифры", "https://otklik.example.ru/status", "линия отреза", "дело вернут в работу"}, []string{"□", "?number", ".."})
	n.Status, n.Head.Lines = "", nil
	if file, err = n.PDF(); err != nil {
		t.Fatal(err)
	}
	has(t, "the slip without pages", flat(read(t, file)), []string{"Назовите номер по телефону или на приёме."}, []string{"Наведите", "указаны выше"})
	n.Status = "https://otklik.example.ru/" + strings.Repeat("x", 4000) // no code holds it
	if file, err = n.PDF(); err != nil {
		t.Fatal(err)
	}
	read(t, file)
}

func FuzzLetter(f *testing.F) {
	f.Add("Спасибо 😂", "кв. 12")
	f.Add("\x00\xff\u202e\ufe0f", strings.Repeat("Щ", 400))
	f.Fuzz(func(t *testing.T, text, alone string) {
		l := plain()
		l.Answers[0].Text, l.Answers[0].Alone, l.To = text, alone, text
		file, err := l.PDF()
		if err != nil {
			t.Fatal(err)
		}
		read(t, file)
	})
}

func BenchmarkLetter(b *testing.B) {
	for b.Loop() {
		if _, err := plain().PDF(); err != nil {
			b.Fatal(err)
		}
	}
}
