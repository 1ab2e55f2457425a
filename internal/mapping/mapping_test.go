package mapping_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"otklik/internal/fault"
	"otklik/internal/lifecycle"
	"otklik/internal/mapping"
	"otklik/internal/russian"
	"otklik/internal/topic"
)

func reader(t testing.TB) mapping.Reader {
	t.Helper()
	a, err := russian.New()
	if err != nil {
		t.Fatal(err)
	}
	return a
}

var known = mapping.Known{
	Topic: func(name string) (topic.Code, bool) { t, ok := topic.Default().ByName(name); return t.Code, ok },
	Agency: func(name string) (int64, bool) {
		return 7, strings.Contains(name, "Горсвет")
	},
	Territory: func(name string) bool { return strings.Contains(name, "Абакан") },
	Date: func(s string) bool {
		for _, l := range []string{"02.01.2006 15:04", "02.01.2006", "2006-01-02", "2006-01-02 15:04:05"} {
			if _, err := time.Parse(l, s); err == nil {
				return true
			}
		}
		return false
	},
}

func rows(lines ...string) (out []mapping.Row) {
	for k, l := range lines {
		if l != "" {
			out = append(out, mapping.Row{Line: k + 1, Cells: strings.Split(l, "|")})
		}
	}
	return out
}

func TestTablesOfOtherSystemsAreUnderstood(t *testing.T) {
	t.Parallel()
	r := reader(t)
	for name, c := range map[string]struct {
		rows []mapping.Row
		line int
		want map[mapping.Field]string
		sure bool
	}{
		"an export of a monitoring system": {rows(
			"Отчёт по инцидентам за март 2026",
			"",
			"№ инцидента|Дата создания|Соцсеть|Ссылка на сообщение|Текст сообщения|Тема|Муниципальное образование|Ответственный ОИВ|Срок ответа|Статус|Текст ответа|Дата ответа",
			"1001|01.03.2026 10:15|ВКонтакте|https://vk.com/wall-1_5|Во дворе дома не горит ни один фонарь, дети идут из школы в темноте|Ямы во дворах|Абакан|Горсвет|02.03.2026|Решено|Лампы заменили вечером того же дня, свет есть|01.03.2026 18:00",
			"1002|02.03.2026 11:00|ВКонтакте|https://vk.com/wall-1_6|Когда уберут снег с тротуара у поликлиники, пройти нельзя|Уборка снега|Абакан|Мэрия|03.03.2026|В работе||",
			"1003|02.03.2026 12:00|Одноклассники|https://ok.ru/1|Почему не ходит автобус номер пять по выходным дням|Ямы во дворах|Черногорск|Мэрия|03.03.2026|Решено|Автобус выходит на линию с субботы по новому расписанию|02.03.2026 13:00",
		), 3, map[mapping.Field]string{
			"number": "№ инцидента", "published": "Дата создания", "link": "Ссылка на сообщение", "text": "Текст сообщения", "topic": "Тема", "territory": "Муниципальное образование",
			"agency": "Ответственный ОИВ", "status": "Статус", "answer": "Текст ответа", "answered": "Дата ответа",
		}, true},
		"a portal, two rows of header": {rows(
			"Номер сообщения|Дата поступления|Заявитель||Адрес|Категория|Описание проблемы|Исполнитель|Статус|Ответ заявителю|Дата закрытия",
			"||ФИО|Телефон|||||||",
			"77-1|01.03.2026|Иванова А. Б.|+7 900 111-22-33|г. Абакан, ул. Ленина, д. 5|Дороги|У подъезда огромная яма, машина проваливается по ось|Мэрия|Выполнено|Яму засыпали щебнем, работы приняты комиссией|05.03.2026",
			"77-2|02.03.2026|Петров В. Г.|8 900 222-33-44|г. Абакан, ул. Мира, д. 8|Дороги|На перекрёстке второй день не работает светофор, опасно|Мэрия|Отклонено||06.03.2026",
		), 2, map[mapping.Field]string{
			"number": "Номер сообщения", "published": "Дата поступления", "author": "Заявитель: ФИО", "contact": "Заявитель: Телефон", "place": "Адрес", "topic": "Категория",
			"text": "Описание проблемы", "agency": "Исполнитель", "status": "Статус", "answer": "Ответ заявителю", "closed": "Дата закрытия",
		}, true},
		"no text": {rows("Номер|Дата|Статус", "1|01.03.2026|Решено", "2|02.03.2026|Решено"), 1,
			map[mapping.Field]string{"number": "Номер", "published": "Дата", "status": "Статус"}, false},
		"names that say nothing": {rows("Поле А|Сообщение жителя|Поле Б", "https://vk.com/1|Во дворе не горит фонарь третий день подряд|01.03.2026", "https://vk.com/2|Снег с тротуара у школы никто не убирает|02.03.2026"), 1,
			map[mapping.Field]string{"link": "Поле А", "text": "Сообщение жителя", "published": "Поле Б"}, true},
	} {
		l, ok := mapping.Find(r, c.rows)
		if !ok || l.Line != c.line {
			t.Errorf("%s: header found %t in row %d, want %d", name, ok, l.Line, c.line)
			continue
		}
		p := mapping.Propose(r, l, known)
		if diff := cmp.Diff(c.want, p.Mapping.Columns); diff != "" || p.Sure != c.sure {
			t.Errorf("%s: sure %t, doubt %q, differs (-want +got):\n%s\n%+v", name, p.Sure, p.Doubt, diff, p.Guesses)
		}
		if c.sure && p.Mapping.Validate() != nil {
			t.Errorf("%s: %v", name, p.Mapping.Validate())
		}
		for _, g := range p.Guesses {
			if g.Why == "" {
				t.Errorf("%s: column %q has no reason", name, g.Column)
			}
		}
	}
	if _, ok := mapping.Find(r, rows("1|2|3", "Во дворе дома не горит ни один фонарь, дети идут из школы в темноте и боятся|5")); ok {
		t.Error("a header was found where none is")
	}
}

func TestStatusesByTheirWords(t *testing.T) {
	t.Parallel()
	for words, want := range map[string]string{
		"Решено": "closed/solved", "Проблема решена": "closed/solved", "НЕ РЕШЕНО": "working", "Решено частично": "closed/partly", "Разъяснено": "closed/explained",
		"Отклонено модератором": "closed/refused", "Закрыто": "closed", "Ответ дан": "answered", "Ответ опубликован": "answered", "Новое": "new", "Зарегистрировано": "new",
		"В работе": "working", "На доработке": "working", "Не обработано": "new", "Обработано": "closed", "Дубль": "closed/duplicate", "Назначен исполнитель": "working", "Не рассматривается": "closed/refused",
		"Синий": "", "": "", "Не исполнено": "working", "Исполнено": "closed/solved", "На исполнении": "working", "Перенаправлено": "working",
	} {
		if got, ok := mapping.State(words); got != want || ok != (want != "") {
			t.Errorf("State(%q) = %q, %t, want %q", words, got, ok, want)
		}
	}
	m := mapping.Mapping{Statuses: map[string]string{"Синий": "answered"}}
	for _, c := range []struct {
		status   string
		finished bool
		state    lifecycle.State
		unknown  bool
	}{{"синий", false, lifecycle.Answered, false}, {"Жёлтый", true, lifecycle.Closed, true}, {"Жёлтый", false, lifecycle.New, true}, {"", true, lifecycle.Closed, false}} {
		if s, _, unknown := m.StateOf(c.status, c.finished); s != c.state || unknown != c.unknown {
			t.Errorf("StateOf(%q, %t) = %s, %t", c.status, c.finished, s, unknown)
		}
	}
	for _, c := range mapping.Choices() {
		if _, _, err := mapping.ParseState(c.Code); err != nil || c.Name == "" {
			t.Errorf("choice %+v: %v", c, err)
		}
	}
}

func TestValuesAreCountedAndProposed(t *testing.T) {
	t.Parallel()
	r := reader(t)
	l, _ := mapping.Find(r, rows("Текст|Статус|Исполнитель|Тема", "Не горит фонарь у дома, темно и страшно|Решено|Горсвет|Ямы во дворах",
		"Не горит фонарь у школы, темно и страшно|Синий|Никто|Прочее", "Не горит фонарь в парке, темно и страшно|Синий|Никто|Прочее"))
	p := mapping.Propose(r, l, known)
	var got []string
	for _, v := range p.Values {
		got = append(got, string(v.Field)+" "+v.Name+" "+v.Ours)
	}
	code, _ := known.Topic("Ямы во дворах")
	want := []string{"status Синий ", "status Решено closed/solved", "topic Прочее ", "topic Ямы во дворах " + string(code), "agency Никто ", "agency Горсвет 7"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("values differ (-want +got):\n%s", diff)
	}
	p.Mapping.Statuses, p.Mapping.Agencies = map[string]string{"СИНИЙ": "working"}, map[string]int64{"никто": 3}
	if v := mapping.Ours(&p.Mapping, l, known); v[0].Ours != "working" || v[4].Ours != "3" {
		t.Errorf("Ours = %+v", v)
	}
}

func TestWrongMappingsAreNamed(t *testing.T) {
	t.Parallel()
	good := func() mapping.Mapping {
		return mapping.Mapping{Name: "Инцидент", Columns: map[mapping.Field]string{"text": "Текст"}, Zone: "+07:00"}
	}
	for field, spoil := range map[string]func(*mapping.Mapping){
		"name":    func(m *mapping.Mapping) { m.Name = "a/b" },
		"columns": func(m *mapping.Mapping) { m.Columns = nil },
		"values": func(m *mapping.Mapping) {
			m.Topics = map[string]topic.Code{}
			for k := range 2001 {
				m.Topics[strings.Repeat("a", k)] = "x"
			}
		},
		"statuses":       func(m *mapping.Mapping) { m.Statuses = map[string]string{"a": "b"} },
		"unknown_status": func(m *mapping.Mapping) { m.Unknown = "b" },
		"zone":           func(m *mapping.Mapping) { m.Zone = "Москва" },
	} {
		m := good()
		spoil(&m)
		if err := m.Validate(); !fault.Is(err, fault.Invalid) || fault.Sentence(err) == "" || fault.Hint(err) == "" {
			t.Errorf("%s: %v", field, err)
		}
	}
	m := good()
	m.Columns["date"] = "Текст"
	if err := m.Validate(); !strings.Contains(fault.Sentence(err), "Поля «date» нет") {
		t.Errorf("an unknown field: %v", err)
	}
	delete(m.Columns, "date")
	m.Columns["answer"] = "текст"
	if err := m.Validate(); !strings.Contains(fault.Sentence(err), "дважды") {
		t.Errorf("a column used twice: %v", err)
	}
	m = good()
	at, missing := m.Places([]string{"№", "ТЕКСТ"})
	if err := m.Validate(); err != nil || at["text"] != 1 || missing != nil {
		t.Errorf("a good one: %v, at %v, missing %v", err, at, missing)
	}
	m.Columns["answer"] = "Ответ"
	if _, missing := m.Places([]string{"Текст"}); !slices.Equal(missing, []string{"Ответ"}) || !m.Cases() {
		t.Errorf("missing = %v", missing)
	}
	if got := mapping.Names([]string{"Дата", "дата", "", "№"}); !slices.Equal(got, []string{"Дата", "дата (2)", "Столбец 3", "№"}) {
		t.Errorf("Names = %q", got)
	}
	for f := range maps.Keys(at) {
		if f.Name() == "" {
			t.Errorf("field %s has no name", f)
		}
	}
}
