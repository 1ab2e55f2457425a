package notice

import (
	"fmt"
	"regexp"
	"strings"
	"time"
)

var kindWords = map[Kind]string{
	Call: "Звонок, который не ждёт", Deadline: "Сроки", Reopened: "Вернули на доработку", Arbiter: "Решает арбитр", Approval: "Ждёт согласования",
	Returned: "Ответ вернули или не отправили", Promise: "Обещания", Given: "Вам передали", Mention: "Вас назвали", Followed: "За чем вы следите", System: "Каналы уведомлений",
}

// Name returns the kind's Russian name: «Сроки».
func (k Kind) Name() string { return kindWords[k] }

var about = map[Kind]string{
	Call:     "кто-то в опасности; приходит и в тихие часы",
	Deadline: "срок подходит или прошёл: исполнителю, потом координатору, руководителю, руководству региона",
	Reopened: "автор или контролёр пишет, что не решено",
	Arbiter:  "от инцидента отказались две организации подряд",
	Approval: "черновик ответа ждёт вашей подписи",
	Returned: "черновик вернули, ответ не ушёл или неизвестно, ушёл ли",
	Promise:  "подходит день обещанного, прошёл или обещание не сдержали",
	Given:    "инцидент передали вам или вашей организации",
	Mention:  "коллега назвал вас в заметке",
	Followed: "ответ дан, закрыто, вернули",
	System:   "уведомления не доходят",
}

// About says what the kind is for, in Russian.
func (k Kind) About() string { return about[k] }

// Codes that refine kinds.
const (
	Soon    = "soon"    // of a deadline or a promise
	Overdue = "overdue" // the due time has passed
	Pressed = "pressed" // many people write: told earlier than the time asks for
	Unkept  = "broken"  // of a promise
	Back    = "returned"
	Failed  = "failed"  // a reply cannot be published
	Unclear = "unclear" // nobody knows whether it stands
	Centre  = "centre"  // given back to the centre
	Author  = "author"  // the author is not satisfied
	Check   = "check"   // one of us found it unsolved
	Answer  = "answered"
	Closing = "closed"
	Again   = "reopened"
	Webhook = "webhook" // of System: Subject is the webhook that is called no longer
)

var titles = map[Kind]map[string]string{
	Call:     {"": "Нужно позвонить сейчас: люди в опасности"},
	Deadline: {Soon: "Подходит срок", Overdue: "Срок прошёл", Pressed: "Пишут многие, срок подходит", "": "Срок"},
	Reopened: {Author: "Автор пишет: не решено", Check: "Проверка: не решено", "": "Вернули на доработку"},
	Arbiter:  {"": "Нужно решение арбитра: отказались две организации подряд"},
	Approval: {"": "Ответ ждёт согласования"},
	Returned: {Back: "Черновик вернули", Failed: "Ответ не опубликован", Unclear: "Неизвестно, опубликован ли ответ", "": "Ответ вернулся"},
	Promise:  {Soon: "Подходит день обещанного", Overdue: "День обещанного прошёл: сделано ли?", Unkept: "Обещание не сдержали", "": "Обещание"},
	Given:    {Centre: "Организация отказалась, отвечающего нет", "": "Вам передали инцидент"},
	Mention:  {"": "Вас назвали в заметке"},
	Followed: {Answer: "Дан ответ", Closing: "Закрыто", Again: "Вернули на доработку", "": "Есть новости"},
	System:   {"": "Уведомления не доходят", Webhook: "Исходящие вызовы остановлены: получатель не отвечает"},
}

// Title says what a notice is about in a few words.
func (n *Notice) Title() string {
	if n.Kind == Digest {
		var late, today, mine int
		if _, err := fmt.Sscanf(n.What, "%d.%d.%d", &late, &today, &mine); err == nil {
			return fmt.Sprintf("Сводка: просрочено %d, срок сегодня %d, ждёт вас %d", late, today, mine)
		}
		return "Сводка"
	}
	t := titles[n.Kind]
	if s, ok := t[n.What]; ok {
		return s + n.step()
	}
	if n.Kind == System {
		return "Не доходят уведомления: " + Channel(n.What).Name()
	}
	return t[""] + n.step()
}

func (n *Notice) step() string {
	if n.Step == "" {
		return ""
	}
	return ": " + n.Step.Name()
}

// Facts are what may be said of an incident outside of the product.
type Facts struct {
	Number string // as spoken: «022-362-73»
	Topic  string
	Place  string // cut by Flatless
	Due    string // «до 17:40» in the place's own time; "" for none
}

// Line is a notice in one line, for what leaves the product.
func (n *Notice) Line(f Facts) string { return f.Line(n.Title()) }

// Line puts words and facts into one line.
func (f Facts) Line(words ...string) string {
	var parts []string
	if f.Number != "" {
		parts = append(parts, "№ "+f.Number)
	}
	for _, s := range append(words, f.Due, f.Topic, f.Place) {
		if s != "" {
			parts = append(parts, s)
		}
	}
	return strings.Join(parts, ". ") + "."
}

// When returns a moment as what leaves the product names it: «22.11 в 17:40».
func When(t time.Time, zone *time.Location) string {
	return t.In(zone).Format("02.01 в 15:04")
}

// flat begins what an address says of a dwelling. People type it into the field of the house.
var flat = regexp.MustCompile(`(?i)(^|[\s,.;(/])(кв|квартир\p{L}*|комн|комнат\p{L}*|оф|офис\p{L}*|подъезд\p{L}*|под-д|этаж\p{L}*|домофон\p{L}*|п)[\s.№#-]*\d.*$|(^|[\s,])\d+\s*-?\s*(й|ый|ой)?\s*(подъезд|этаж).*$`)

// phone is a run of digits that no address has.
var phone = regexp.MustCompile(`[+]?\d[\d\s()-]{8,}\d`)

// Flatless returns a place without flat, entrance and phone: what may leave the product.
func Flatless(place string) string {
	place = phone.ReplaceAllString(place, "")
	place = flat.ReplaceAllString(place, "")
	return strings.Trim(place, " ,.;(")
}
