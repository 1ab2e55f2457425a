package mapping_test

import (
	"fmt"
	"strings"
	"testing"

	"otklik/internal/mapping"
)

// value is what stands in a column of a field.
func value(f mapping.Field, k int) string {
	switch f {
	case mapping.Number:
		return fmt.Sprintf("%d-%d", 2026, 1000+k)
	case mapping.Text:
		return fmt.Sprintf("Во дворе дома номер %d третий день не горит ни один фонарь, дети идут из школы в темноте", k)
	case mapping.Published, mapping.Answered, mapping.Closed:
		return fmt.Sprintf("%02d.03.2026 10:15", 1+k%28)
	case mapping.Status:
		return []string{"В работе", "Решено", "Отклонено"}[k%3]
	case mapping.Answer:
		return fmt.Sprintf("Лампы заменили вечером того же дня, бригада выезжала %d раз.", k)
	case mapping.Topic:
		return []string{"Ямы во дворах", "Уборка территорий"}[k%2]
	case mapping.Agency:
		return []string{"МКУ «Горсвет»", "Администрация района"}[k%2]
	case mapping.Place:
		return fmt.Sprintf("г. Абакан, ул. Ленина, д. %d", k)
	case mapping.Territory:
		return []string{"Абакан", "Черногорск"}[k%2]
	case mapping.Link:
		return fmt.Sprintf("https://vk.com/wall-1_%d", k)
	case mapping.Author:
		return []string{"Примерова З. И.", "Образцов И. П."}[k%2]
	case mapping.Contact:
		return fmt.Sprintf("+7 900 000-%02d-11", k)
	case mapping.Files:
		return fmt.Sprintf("https://example.org/%d.jpg", k)
	}
	return []string{"ВКонтакте", "Telegram"}[k%2] // no field of ours
}

// A column is a name as exports write it and what it holds; "" stays out.
type column struct {
	name string
	of   mapping.Field
}

// headers are tables as such systems export them: names that public documentation, forms and
// open code for appeals use, rows of ours.
var headers = map[string][]column{
	"a monitoring of networks": {{"ID", mapping.Number}, {"Дата и время создания", mapping.Published}, {"Соцсеть", ""}, {"Ссылка", mapping.Link}, {"Автор", mapping.Author}, {"Сообщение", mapping.Text}, {"Тема", mapping.Topic},
		{"МО", mapping.Territory}, {"Исполнитель", mapping.Agency}, {"Статус", mapping.Status}, {"Ответ", mapping.Answer}, {"Дата и время ответа", mapping.Answered}, {"Плановый срок ответа", ""}},
	"incidents": {{"Номер инцидента", mapping.Number}, {"Дата публикации", mapping.Published}, {"Источник", ""}, {"URL сообщения", mapping.Link}, {"Текст инцидента", mapping.Text}, {"Категория инцидента", mapping.Topic},
		{"Муниципалитет", mapping.Territory}, {"Ответственный ОМСУ", mapping.Agency}, {"Состояние", mapping.Status}, {"Текст опубликованного ответа", mapping.Answer}, {"Дата публикации ответа", mapping.Answered}},
	"the platform of feedback": {{"Номер сообщения", mapping.Number}, {"Дата подачи", mapping.Published}, {"Категория", mapping.Topic}, {"Подкатегория", ""}, {"Описание", mapping.Text}, {"Адрес", mapping.Place},
		{"Муниципальное образование", mapping.Territory}, {"ЛКО", ""}, {"Организация", mapping.Agency}, {"Статус сообщения", mapping.Status}, {"Текст ответа", mapping.Answer}, {"Дата завершения", mapping.Closed}, {"Регламентный срок", ""}},
	"appeals": {{"Рег. номер", mapping.Number}, {"Дата регистрации обращения", mapping.Published}, {"ФИО заявителя", mapping.Author}, {"Телефон заявителя", mapping.Contact}, {"Адрес заявителя", mapping.Place},
		{"Содержание обращения", mapping.Text}, {"Тематика", mapping.Topic}, {"Ответственный исполнитель", mapping.Agency}, {"Срок исполнения", ""}, {"Фактическая дата исполнения", mapping.Closed}, {"Результат рассмотрения", mapping.Answer}},
	"a city's portal": {{"№ обращения", mapping.Number}, {"Дата поступления обращения", mapping.Published}, {"ФИО автора обращения", mapping.Author}, {"Почта автора", mapping.Contact}, {"Текст обращения", mapping.Text},
		{"Тема вопроса", mapping.Topic}, {"Местоположение", mapping.Place}, {"Фото", mapping.Files}, {"Служба", mapping.Agency}, {"Статус заявки", mapping.Status}, {"Комментарий исполнителя", mapping.Answer}},
	"a dispatcher": {{"№ заявки", mapping.Number}, {"Создана", mapping.Published}, {"Суть заявки", mapping.Text}, {"Адрес объекта", mapping.Place}, {"Вид работ", ""}, {"Исполняющая организация", mapping.Agency},
		{"Стадия", mapping.Status}, {"Принятые меры", mapping.Answer}, {"Дата закрытия заявки", mapping.Closed}, {"Контактный телефон", mapping.Contact}},
	"English": {{"number", mapping.Number}, {"created_at", mapping.Published}, {"message", mapping.Text}, {"address", mapping.Place}, {"topic", mapping.Topic}, {"agency", mapping.Agency}, {"status", mapping.Status}, {"answer", mapping.Answer}, {"url", mapping.Link}},
}

// TestNamesOfColumnsAsOthersWriteThem counts how many columns are taken for what they are
// without help.
func TestNamesOfColumnsAsOthersWriteThem(t *testing.T) {
	t.Parallel()
	r := reader(t)
	right, all, sure := 0, 0, 0
	for name, columns := range headers {
		var names []string
		for _, c := range columns {
			names = append(names, c.name)
		}
		lines := []string{strings.Join(names, "|")}
		for k := range 30 {
			var cells []string
			for _, c := range columns {
				cells = append(cells, value(c.of, k))
			}
			lines = append(lines, strings.Join(cells, "|"))
		}
		l, ok := mapping.Find(r, rows(lines...))
		if !ok || l.Line != 1 {
			t.Errorf("%s: the header is found %t, in row %d", name, ok, l.Line)
			continue
		}
		p := mapping.Propose(r, l, known)
		if p.Sure {
			sure++
		}
		for k, c := range columns {
			if all++; p.Guesses[k].Field == c.of {
				right++
			} else {
				t.Logf("%s: «%s» is taken for %q, not %q: %s", name, c.name, p.Guesses[k].Field, c.of, p.Guesses[k].Why)
			}
		}
	}
	t.Logf("%d of %d columns right, %d of %d tables without a doubt", right, all, sure, len(headers))
	if right < 76 || all != 78 || sure < len(headers) {
		t.Error("that is less than it was")
	}
}
