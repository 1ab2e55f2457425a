package watch

import (
	"testing"

	"otklik/internal/fault"
)

func TestConditions(t *testing.T) {
	t.Parallel()
	of := Context{Region: "95000000", Municipality: "95701000", Settlement: "95701000001", Source: "vk", Author: "Иван Петров"}
	for _, c := range []struct {
		query, text string
		want        bool
	}{
		{"яма & длина>5", "яма тут", true},
		{"яма & длина>7", "яма тут", false},
		{"яма длина<8 длина>=7 length<=7", "яма тут", true},
		{"яма & источник:ВК", "яма", true},
		{"яма & !source:vk", "яма", false},
		{"яма & территория:95701000", "яма", true},
		{"яма & территория:57000000", "яма", false},
		{`яма & автор:"иван петров"`, "яма", true},
		{`яма & автор:«Пётр»`, "яма", false},
		{"яма & язык:русский", "яма", true},
		{"яма & язык:кириллица", "яма, чоон ӱчӱн", true},
		{"яма & язык:латиница", "яма is a hole", true},
		{"яма & мат:да", "яма", false},
		{"яма | (лужа & мат:нет)", "лужа", true},
	} {
		q := mustParse(t, analyzer(), c.query)
		s := NewSet([]*Query{q})
		var b Buffer
		text := analyzer().Read(c.text)
		hits := s.MatchIn(text, of, &b)
		if got := len(hits) == 1; got != c.want {
			t.Errorf("MatchIn(%s, %s) = %v, want %v", c.query, c.text, got, c.want)
		}
		if c.want && len(s.Spans(hits[0], text, &b, nil)) == 0 {
			t.Errorf("MatchIn(%s, %s) has no evidence", c.query, c.text)
		}
		if again := mustParse(t, analyzer(), q.String()).String(); again != q.String() {
			t.Errorf("%s reads again as %s", q, again)
		}
	}
}

func TestNamedQueries(t *testing.T) {
	t.Parallel()
	names := Names{"дороги": "яма | выбоина", "двор": "@дороги & двор", "круг": "яма @дуга", "дуга": "@круг", "плохой": "(яма"}
	q, err := ParseWith(plain{}, "@Двор & !продам", names)
	if err != nil || q.String() != "(яма | выбоина) & двор & !продам" {
		t.Errorf("ParseWith = %v, %v", q, err)
	}
	for query, want := range map[string]string{
		"яма @круг":          "Столбец 5: в наборе @круг ошибка. Столбец 5: в наборе @дуга ошибка. Столбец 1: набор @круг ссылается сам на себя: @круг → @дуга → @круг.",
		"яма | @нету":        "Столбец 7: набора @нету нет: проверьте имя или создайте такой запрос.",
		"@плохой":            "Столбец 1: в наборе @плохой ошибка. Столбец 1: скобка не закрыта.",
		"яма @":              "Столбец 5: после @ ждём имя набора: @дороги.",
		"яма длина:5":        "Столбец 5: длину сравнивают с числом знаков: длина>200 или длина<50.",
		"яма мат:ага":        "Столбец 5: после «мат:» ждём да или нет.",
		"яма источник:":      "Столбец 5: после «источник:» нет значения.",
		"яма источник>5":     "Столбец 5: у условия «источник» значение пишут после двоеточия.",
		`яма автор:"а`:       "Столбец 11: кавычка не закрыта.",
		"яма территория:957": "Столбец 5: территорию пишут кодом ОКТМО: 8 цифр района или города, 11 цифр населённого пункта.",
		"длина>5":            "Столбец 1: такой запрос подойдёт почти к любому сообщению: добавьте слово, которое обязано в нём быть.",
	} {
		_, err := ParseWith(plain{}, query, names)
		if got := fault.Sentence(err); got != want {
			t.Errorf("ParseWith(%s) says %s, want %s", query, got, want)
		}
	}
	bomb := Names{"а": "@б @б @б @б", "б": "@в @в @в @в", "в": "@г @г @г @г", "г": "@д @д @д @д", "д": "@е @е @е @е", "е": "яма | лужа"}
	if _, err := ParseWith(plain{}, "@а", bomb); fault.KindOf(err) != fault.Invalid {
		t.Errorf("ParseWith of 1,024 copies: %v, want invalid", err)
	}
}
