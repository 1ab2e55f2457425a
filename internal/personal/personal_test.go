package personal_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"otklik/internal/personal"
	"otklik/internal/russian"
)

func analyzer(t testing.TB) *russian.Analyzer {
	t.Helper()
	a, err := russian.New()
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// mark writes what is found as {type:text} inside the text.
func mark(text string, found []personal.Found) string {
	var b strings.Builder
	at := 0
	for _, f := range found {
		b.WriteString(text[at:f.Span.Start] + "{" + string(f.Type) + ":" + text[f.Span.Start:f.Span.End] + "}")
		at = f.Span.End
	}
	return b.String() + text[at:]
}

// All numbers here are made up; where a check digit is needed it was computed.
func TestFind(t *testing.T) {
	t.Parallel()
	a := analyzer(t)
	for _, want := range []string{
		// phones
		"Звоните {phone:+7 (900) 000-11-22}",
		"мой номер {phone:8-900-000-11-22}, жду",
		"{phone:89000001122} Ольга",
		"{phone:8(900)0001122}",
		"тел. {phone:23-45-67}",
		"телефон {phone:2-34-56} не отвечает",
		"{phone:9000001122}",
		"{phone:89000001122} {phone:89000003344}",
		"телефоны ({phone:23-45-67} и {phone:23-45-68})",
		// not phones
		"показания счётчика 00012345",
		"с 10-00 до 18-00",
		"лицевой счёт 1234567890",
		"маршрут 112, дом 89",
		"22-11-26 отключили воду",
		"20.12.2020 и 21.12.2020",
		// e-mail
		"пишите на {email:someone@example.ru}",
		"сайт https://example.ru/a@b и @example",
		"пишите на {email:petr собака example.ru}, жду",
		"почта {email:petr.ivanov собака яндекс ру}",
		"{email:petr точка ivanov (собака) example точка ru}",
		"{email:petr [at] mail.example.com}",
		"{email:petr собака майл.ру}!",
		"бегает собака example.ru",
		"во дворе собака без поводка. ru",
		"у Rex собака злая",
		"meet at example.com",
		// cards and documents
		"карта {card:4000 0000 0000 0002}",
		"4000 0000 0000 0001 не карта",
		"на карту {card:4000 0000 0000 0001}",
		"паспорт {document:95 12 345678} выдан",
		"паспорт серия {document:9512 № 345678}",
		"СНИЛС {document:112-233-445 95}",
		"{document:112-233-445 95}",
		"112-233-445 96",
		"ИНН {document:500100732259}",
		"{document:500100732259}",
		"500100732250",
		// plates
		"машина {plate:А123ВС77} стоит на газоне",
		"{plate:а 123 вс 177}",
		"{plate:x777xx99} паркуется",
		"к 100 см снега",
		"школа А123",
		// flats
		"Мира 5, {flat:кв. 12}",
		"в {flat:квартире № 7} течёт",
		"дом 12-{flat:45} по Мира",
		"живу: Мира 12-{flat:7}",
		"Советская, 3-{flat:120}, нет света",
		"дома 12-18 по Мира",
		"Мира 12-18 без света",
		"подождите 5-7 минут",
		"квартира 45 метров",
		"квартира 12 лет без ремонта",
		// names
		"Я, {name:Иванова Мария Петровна}, прошу",
		"врач {name:Петров И. И.} отказал",
		"с уважением, {name:Ольга Сергеевна}",
		"обращение {name:Николаю Сидорову}",
		"{name:И. И. Петров} не пришёл",
		"{name:Романова Анна Юрьевна} 01.02.2003",
		"{name:Бурлыка Игнат Львович}, 13 лет",
		"Уважаемый {name:Пётр Львович}!",
		"Карла Маркса 5",
		"{name:Анна Олеговна} пишет",
		"улица Карла Маркса",
		"на Карла Маркса яма",
		"школа имени Юрия Гагарина",
		"Иванов не пришёл",
		"Город Владимир большой",
		"я, {name:петрова мария ивановна}, жду третий месяц",
		"{name:олег васильевич}, помогите",
		"с уважением {name:сидоров пётр кузьмич}",
		"роман о любви и вера в людей",
		"надежда есть, Иванович обещал",
		// dates of birth
		"{name:Иванова Мария Петровна}, {document:12.03.1985} г.р.",
		"дата рождения: {document:01.02.1960}",
		"родилась {document:5 мая 1948} года",
		"мужчина, {document:1972} года рождения",
		"обещали до 12.03.2026 г. решить",
		"в 2019 году строили",
		"загранпаспорт {document:75 1234567}",
		// children
		"{child:сын Миша} болеет",
		"{child:дочке 5 лет}",
		"ребёнок болеет",
		"дочь 36 лет",
	} {
		text := want
		for _, typ := range []personal.Type{personal.Phone, personal.Email, personal.Name, personal.Flat, personal.Document, personal.Card, personal.Plate, personal.Child} {
			text = strings.ReplaceAll(text, "{"+string(typ)+":", "")
		}
		text = strings.ReplaceAll(text, "}", "")
		if got := mark(text, personal.Find(a.Read(text))); got != want {
			t.Errorf("Find(%q)\n got %s\nwant %s", text, got, want)
		}
	}
}

func TestMask(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text  string
		spans []russian.Span
		want  string
	}{
		{"звоните 123, жду", []russian.Span{{Start: 15, End: 18}}, "звоните [скрыто], жду"},
		{"ab cd", []russian.Span{{Start: 3, End: 5}, {Start: 0, End: 2}}, "[скрыто] [скрыто]"},
		{"abcd", []russian.Span{{Start: 0, End: 3}, {Start: 1, End: 2}, {Start: 3, End: 4}}, "[скрыто]"},
		{"abcd", []russian.Span{{Start: -5, End: 1}, {Start: 3, End: 99}, {Start: 2, End: 2}}, "[скрыто]bc[скрыто]"},
		{"abcd", nil, "abcd"},
	} {
		if d := cmp.Diff(c.want, personal.Mask(c.text, c.spans)); d != "" {
			t.Errorf("Mask(%q, %v) (-want +got):\n%s", c.text, c.spans, d)
		}
	}
}

func FuzzFind(f *testing.F) {
	for _, s := range []string{
		"+7 (900) 000-11-22", "кв.", "кв № ", "паспорт 95 12", "А123ВС", "Иванов И.", "И. И.", "сын ", "дочь Маша, 5", "8 900", "+", "(", "a@b.c", "\xff8900",
		"4000 0000 0000 0002 4000", "12-45 А", "Ольга\nСергеевна",
	} {
		f.Add(s)
	}
	a := analyzer(f)
	f.Fuzz(func(t *testing.T, s string) {
		end := 0
		var spans []russian.Span
		open := "" // what nobody asked to be masked
		for _, p := range personal.Find(a.Read(s)) {
			if p.Span.Start < end || p.Span.End > len(s) || p.Span.Start >= p.Span.End {
				t.Fatalf("span %v of a text of %d bytes, the last one ended at %d", p.Span, len(s), end)
			}
			open += s[end:p.Span.Start]
			end = p.Span.End
			spans = append(spans, p.Span)
		}
		open += s[end:]
		masked := personal.Mask(s, spans)
		if len(spans) > 0 && !strings.Contains(masked, "[скрыто]") {
			t.Errorf("nothing is masked for %d spans", len(spans))
		}
		if !strings.Contains(s, "[скрыто]") && strings.ReplaceAll(masked, "[скрыто]", "") != open {
			t.Errorf("Mask leaves something readable of %d spans, or hides what is open", len(spans))
		}
	})
}
