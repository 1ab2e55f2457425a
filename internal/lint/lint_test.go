package lint

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"otklik/internal/cluster"
	"otklik/internal/lifecycle"
	"otklik/internal/promise"
	"otklik/internal/reply"
	"otklik/internal/russian"
)

func TestRuleFires(t *testing.T) {
	t.Parallel()
	l, a := linter(t)
	const pit = "Яма на Мира 12, пробил колесо"
	for _, c := range []struct {
		rule                     Rule
		complaint, reply, points string // points: how the sentence that the finding points at begins
		purpose                  reply.Purpose
	}{
		{NoAction, pit, "Здравствуйте! Яма на Мира находится на контроле.", "Яма", ""},
		{NoDate, pit, "Здравствуйте! Яму на Мира, 12 заделаем.", "Яму", ""},
		{NoDate, pit, "Здравствуйте! Яму на Мира, 12 заделаем в ближайшее время.", "Яму", ""},
		{NoDate, pit, "Яму оградили, работаем. Бригада ищет асфальт.", "Яму", reply.Interim},
		{NoEcho, pit, "Здравствуйте! Недостаток устранён 20 ноября.", "Недостаток", ""},
		{Redirect, pit, "По вопросу ямы рекомендуем обратиться в дорожную службу.", "По вопросу", ""},
		{NotOurs, pit, "Дорога на Мира на балансе города не состоит.", "Дорога", ""},
		{NotFound, pit, "Выезжали на Мира, повреждений не обнаружено.", "Выезжали", ""},
		{Personal, pit, "Яму на Мира заделали 20 ноября. Вам перезвонят на 8-913-000-12-12.", "Вам", ""},
		{Personal, pit, "Яму на Мира заделали 20 ноября. Заявитель Сидорова, 22-31-08, извещена.", "Заявитель", ""},
		{Officialese, pit, "Яму заделали 20 ноября. В соответствии с вышеизложенным вопрос закрыт.", "В соответствии", ""},
		{FullNames, pit, "Яму заделали 20 ноября. Согласно Федеральному закону от 08.11.2007 № 257-ФЗ это делает город.", "Согласно", ""},
		{ThanksOnly, pit, "Здравствуйте! Спасибо за ваше обращение.", "Здравствуйте", ""},
		{AsksMark, pit, "Яма на Мира на контроле. Просим оценить наш ответ.", "Просим", ""},
		{EmptyWords, pit, "Яма на Мира, 12. Меры будут приняты.", "Меры", ""},
		{OtherThing, pit, "Собак у школы отловили 20 ноября, стаю увезли в приют.", "Собак", ""},
		{Rude, pit, "Яму на Мира заделали 20 ноября. Сами виноваты, надо смотреть на дорогу.", "Сами", ""},
		{Rude, pit, "Яму на Мира заделали 20 ноября. ХВАТИТ СЮДА ПИСАТЬ ОДНО И ТО ЖЕ.", "ХВАТИТ", ""},
		{Personal, pit, "Яму на Мира заделали 20 ноября. Петрова Мария Ивановна получила ответ.", "Петрова", ""},
		{Personal, pit, "Яму на Мира, 12, кв. 7 заделали 20 ноября.", "Яму", ""},
		{NoQuestion, pit, "Здравствуйте! Данных мало.", "Здравствуйте", reply.Question},
		{DayPassed, pit, "Яма на Мира, 12 будет заделана до 31 ноября.", "Яма", ""},
		{Evasive, pit, "Яму на Мира знаем, вчера посмотрели. Качество дорог и безопасность — наш приоритет!", "Качество", ""},
		{DayPassed, pit, "Яма на Мира, 12 будет заделана до 19 ноября.", "Яма", ""},
		{TooLong, pit, "Яму на Мира заделали 20 ноября. " + strings.Repeat("Асфальт уложили в два слоя. ", 60), "Асфальт", ""},
	} {
		text := a.Read(c.reply)
		r := l.Check(Case{Reply: text, Complaint: a.Read(c.complaint), Purpose: c.purpose, When: promise.Options{At: written}})
		n := slices.IndexFunc(r.Findings, func(f Finding) bool { return f.Rule == c.rule })
		if n < 0 {
			t.Errorf("%q: rules %v, want %s", c.reply, r.Rules(), c.rule)
			continue
		}
		f := r.Findings[n]
		if s := c.reply[f.Span.Start:f.Span.End]; !strings.HasPrefix(s, c.points) {
			t.Errorf("%q: %s points at %q, want %q", c.reply, c.rule, s, c.points)
		}
		if f.What == "" || f.Mend == "" || f.Cost <= 0 {
			t.Errorf("%q: finding %+v says nothing", c.reply, f)
		}
	}
}

func TestGoodReplyIsClean(t *testing.T) {
	t.Parallel()
	l, a := linter(t)
	text := "Здравствуйте! Яму на Мира, 12 залили асфальтом 20 ноября. Если просядет, звоните мастеру: 2-14-30."
	r := l.Check(Case{Reply: a.Read(text), Complaint: a.Read("Яма на Мира 12"), When: promise.Options{At: written}})
	if r.Score != 100 || len(r.Findings) != 0 {
		t.Errorf("%q: %d %+v, want 100 and nothing", text, r.Score, r.Findings)
	}
}

// TestPeopleOfTheOfficeAreNoSecret: whom to call is what a reply is for.
func TestPeopleOfTheOfficeAreNoSecret(t *testing.T) {
	t.Parallel()
	l, a := linter(t)
	for _, more := range []string{
		"Если просядет, звоните: 22-31-08.", "Ваш инспектор О. Лесная, 22-31-08.", "О сроках расскажет Галина Сергеевна, 22-31-08, по будням с 9 до 17.",
		"Фото присылайте на dorogi@okno.example.", "Мастер участка Павел Лесной, 22-31-08.",
		"Смотритель Павел Андреевич Лесной на месте каждый день.", "За участок отвечает Галина Лесная, дорожный отдел.",
		"Мастер участка — Павел Андреевич Горин. Павел Андреевич приедет завтра.", "Подтвердите заявку у Светланы Гориной, комната 7 управы, или позвоните ей: 22-31-08.",
	} {
		r := l.Check(Case{Reply: a.Read("Яму на Мира, 12 залили асфальтом 20 ноября. " + more), Complaint: a.Read("Яма на Мира 12"), When: promise.Options{At: written}})
		if slices.Contains(r.Rules(), Personal) {
			t.Errorf("%q: rules %v", more, r.Rules())
		}
	}
}

// TestShortRepliesBelowTheMessage: a reply stands in the thread and need not say everything again.
func TestShortRepliesBelowTheMessage(t *testing.T) {
	t.Parallel()
	l, a := linter(t)
	for reply, suspicious := range map[string]bool{
		"Залили, теперь ровно.": false, "Устранено.": true, "Недостатки устранены.": true, "Работы выполнены 20 ноября.": true, "Заявка исполнена.": true,
	} {
		r := l.Check(Case{Reply: a.Read(reply), Complaint: a.Read("Яма на Мира 12"), When: promise.Options{At: written}})
		if r.Suspicious() != suspicious {
			t.Errorf("%q: %d %v", reply, r.Score, r.Rules())
		}
	}
}

// TestPeopleOfTheStreetStaySecret: a resident's name is no less one for the words of an office beside it.
func TestPeopleOfTheStreetStaySecret(t *testing.T) {
	t.Parallel()
	l, a := linter(t)
	for _, more := range []string{"На это жаловалась Светлана Андреевна Горина.", "Соседка, Светлана Андреевна Горина, сообщила вам неверно.", "Светлана Андреевна Горина отвечает за долг.",
		"Вы проживаете: Мира, 12, комната 7, обратитесь к коменданту."} {
		r := l.Check(Case{Reply: a.Read("Яму на Мира, 12 залили асфальтом 20 ноября. " + more), Complaint: a.Read("Яма на Мира 12"), When: promise.Options{At: written}})
		if !slices.Contains(r.Rules(), Personal) {
			t.Errorf("%q: rules %v, want personal", more, r.Rules())
		}
	}
}

// TestQuestionInTheImperative: «скажите» asks without a question mark.
func TestQuestionInTheImperative(t *testing.T) {
	t.Parallel()
	l, a := linter(t)
	for _, text := range []string{"Скажите, какой это дом.", "Пришлите личным сообщением номер заявки."} {
		r := l.Check(Case{Reply: a.Read(text), Complaint: a.Read("Яма"), Purpose: reply.Question, When: promise.Options{At: written}})
		if slices.Contains(r.Rules(), NoQuestion) {
			t.Errorf("%q: rules %v", text, r.Rules())
		}
	}
}

// TestSignsNeverReachTheBar: a sum of traits doubts a reply, it does not ask for a
// reason; and a doubt by it says what is missing, in no words of the reply.
func TestSignsNeverReachTheBar(t *testing.T) {
	t.Parallel()
	l, a := linter(t)
	seen := 0
	for _, path := range []string{"testdata/dev.jsonl", "testdata/hard.jsonl"} {
		for _, s := range samples(t, path) {
			r := s.check(l, a)
			rest := 0
			for _, f := range r.Findings {
				if f.Rule != Evasive {
					rest += f.Cost
					continue
				}
				seen++
				if _, why, ok := strings.Cut(f.What, ": "); !ok || len(why) < 20 {
					t.Errorf("%q: %q", s.Reply, f.What)
				}
				if f.Span.End == 0 {
					t.Errorf("%q: points at nothing", s.Reply)
				}
			}
			if slices.Contains(r.Rules(), Evasive) && r.Score < Bar && rest <= 100-Bar-20 {
				t.Errorf("%q: %d with %d of other rules", s.Reply, r.Score, rest)
			}
		}
	}
	if seen < 40 {
		t.Errorf("%d replies are evasive, want more", seen)
	}
}

// TestQuestionThatTheMessageAnswers: who asks for what stands in the message has not read it.
func TestQuestionThatTheMessageAnswers(t *testing.T) {
	t.Parallel()
	l, a := linter(t)
	for _, c := range []struct {
		complaint, text string
		rule            Rule // "" is none
	}{
		{"На Мира, 12 не вывозят мусор", "Уточните, пожалуйста, адрес, где не вывозят мусор.", NoQuestion},
		{"Опять не вывозят мусор", "Уточните, пожалуйста, адрес, где не вывозят мусор.", ""},
		{"На Мира, 12 течёт крыша", "Подскажите, с чем связан ваш вопрос?", NoQuestion},
		{"На Мира, 12 течёт крыша", "Подскажите, в каком подъезде течёт?", ""},
		{"Сняли субсидию", "Напишите в комментариях ФИО и паспортные данные.", Personal},
		{"Сняли субсидию", "Напишите личным сообщением ФИО и номер СНИЛС.", ""},
	} {
		r := l.Check(Case{Reply: a.Read(c.text), Complaint: a.Read(c.complaint), Purpose: reply.Question, When: promise.Options{At: written}})
		if got := r.Rules(); len(got) > 1 || c.rule == "" && len(got) > 0 || c.rule != "" && (len(got) == 0 || got[0] != c.rule || !r.Suspicious()) {
			t.Errorf("%q to %q: %v, want %q", c.text, c.complaint, got, c.rule)
		}
	}
}

func TestSolvedMustSayWhatWasDone(t *testing.T) {
	t.Parallel()
	l, a := linter(t)
	c := Case{Reply: a.Read("Яму на Мира, 12 заделаем до 5 декабря."), Complaint: a.Read("Яма на Мира 12"), When: promise.Options{At: written}}
	if r := l.Check(c); len(r.Findings) != 0 {
		t.Fatalf("without an outcome: %+v, want nothing", r.Findings)
	}
	c.Outcome = lifecycle.Solved
	if r := l.Check(c); !slices.Contains(r.Rules(), NoAction) {
		t.Errorf("outcome solved: %v, want no_action", r.Rules())
	}
}

func TestCopyOfAnEarlierReply(t *testing.T) {
	t.Parallel()
	l, a := linter(t)
	earlier := cluster.KeyOf(a.Read("Здравствуйте! Выезд специалистов состоялся 3 ноября, покрытие дороги восстановлено горячим асфальтом, участок принят комиссией."))
	c := Case{Reply: a.Read("Здравствуйте! Выезд специалистов состоялся 20 ноября, покрытие дороги восстановлено горячим асфальтом, участок принят комиссией."),
		Complaint: a.Read("Яма на дороге"), When: promise.Options{At: written}}
	if r := l.Check(c); slices.Contains(r.Rules(), Copy) {
		t.Fatalf("nothing came before, and yet %v", r.Rules())
	}
	c.Recent = []cluster.Key{earlier}
	if r := l.Check(c); !slices.Contains(r.Rules(), Copy) || !r.Suspicious() {
		t.Errorf("rules %v, score %d, want copy and suspicious", r.Rules(), r.Score)
	}
	c.Reply = a.Read("Яму на Мира, 12 залили асфальтом, бордюр вернули на место, лужу откачали и поставили знак.")
	if r := l.Check(c); slices.Contains(r.Rules(), Copy) {
		t.Errorf("other words, and yet %v", r.Rules())
	}
}

func TestPrivateReplyMayHoldPersonalData(t *testing.T) {
	t.Parallel()
	l, a := linter(t)
	c := Case{Reply: a.Read("Яму у дома Мира, 12, кв. 7 заделали 20 ноября."), When: promise.Options{At: written}, Private: true}
	if r := l.Check(c); slices.Contains(r.Rules(), Personal) {
		t.Errorf("private: %v", r.Rules())
	}
}

// TestMoreFaultsNeverRaiseTheScore: a reply does not get better by officialese.
func TestMoreFaultsNeverRaiseTheScore(t *testing.T) {
	t.Parallel()
	l, a := linter(t)
	for _, s := range samples(t, "testdata/dev.jsonl") {
		before := s.check(l, a).Score
		s.Reply += " Осуществляется контроль в рамках полномочий."
		if after := s.check(l, a).Score; after > before {
			t.Errorf("%d became %d: %s", before, after, s.Reply)
		}
	}
}

func FuzzCheck(f *testing.F) {
	for _, s := range []string{"Здравствуйте!", "Яму заделали 20 ноября.", "Обратитесь в…", "", "…", "тел. 8", "КРИК КРИК КРИК КРИК", "по мере", "\xff\xfe", "ул. Мира, 12. кв. 7"} {
		f.Add(s, "Яма на Мира 12")
	}
	l, a := linter(f)
	f.Fuzz(func(t *testing.T, s, complaint string) {
		for _, p := range []reply.Purpose{reply.Final, reply.Interim, reply.Question} {
			text := a.Read(s)
			r := l.Check(Case{Reply: text, Complaint: a.Read(complaint), Purpose: p, When: promise.Options{At: written}})
			if r.Score < 0 || r.Score > 100 {
				t.Fatalf("score %d", r.Score)
			}
			cost := 0
			for _, x := range r.Findings {
				cost += x.Cost
				for _, sp := range []russian.Span{x.Span, x.Words} {
					if sp.Start < 0 || sp.End > len(s) || sp.Start > sp.End || utf8.ValidString(s) && !utf8.ValidString(s[sp.Start:sp.End]) {
						t.Fatalf("%s: span %v of %d bytes", x.Rule, sp, len(s))
					}
				}
				if strings.TrimSpace(x.What) == "" || x.Mend == "" {
					t.Fatalf("%s says nothing", x.Rule)
				}
			}
			if r.Score != max(0, 100-cost) {
				t.Fatalf("score %d, costs %d", r.Score, cost)
			}
		}
	})
}

func BenchmarkCheck(b *testing.B) {
	l, a := linter(b)
	text := a.Read("Здравствуйте! Яму на улице Мира отфрезеровали и заделали литым асфальтом 20 ноября. Остальной участок включён в ямочный ремонт, бригада выйдет до 5 декабря, а разметку нанесут в течение десяти рабочих дней. В настоящее время осуществляется контроль. По гарантии звоните в диспетчерскую: 8 (390) 22-14-30. Спасибо, что сообщили!")
	complaint := a.Read("По улице Мира в районе бани огромная яма, вчера пробил колесо, когда уже сделают дорогу? Писали много раз, толку нет.")
	var recent []cluster.Key
	for _, s := range samples(b, "testdata/dev.jsonl") {
		recent = append(recent, cluster.KeyOf(a.Read(s.Reply)))
	}
	b.ReportAllocs()
	for b.Loop() {
		l.Check(Case{Reply: text, Complaint: complaint, Topic: "Ямы на дорогах", Place: "Абаза, улица Мира", Recent: recent, When: promise.Options{At: written}})
	}
}
