package ok

import (
	"errors"
	"fmt"
	"time"

	"otklik/internal/source"
)

// A refusal is what an error code means for a call.
type refusal struct {
	trouble  source.Trouble
	after    time.Duration
	sentence string
}

const (
	askToken  = "Одноклассники не принимают токен: выпустите новый под учётной записью администратора группы и впишите его в ключ источника."
	askRights = "У токена нет доступа к группе: его владелец должен быть её администратором, а приложение — иметь права VALUABLE_ACCESS и GROUP_CONTENT."
	askSetup  = "Одноклассники отклонили запрос из-за настроек: проверьте application_key, секрет и адрес API в настройках источника."
	askPerson = "Одноклассники ограничили учётную запись: войдите под ней, подтвердите вход и возобновите источник."
	gone      = "Тема или комментарий больше недоступны в Одноклассниках: ответить там нельзя, сообщите заявителю другим путём."
	byHand    = "Одноклассники не дают публиковать ответ программе: опубликуйте его вручную на странице темы, ветку мы проверим сами."
)

const (
	floodBlocked = 8
	limitReached = 11
)

// refusals by error code; the list stands in OK's documentation under «Ошибки».
var refusals = map[int]refusal{
	1:    {source.Later, 30 * time.Second, "Одноклассники ответили неизвестной ошибкой: повторим позже."},
	2:    {source.Later, time.Minute, "Сервис Одноклассников временно недоступен: повторим через минуту."},
	30:   {source.Later, time.Minute, "Сеть Одноклассников не отвечает: повторим через минуту."},
	31:   {source.Later, time.Minute, "Сеть Одноклассников не отвечает: повторим через минуту."},
	5000: {source.Later, time.Minute, "Одноклассники ответили непонятно: повторим через минуту."},
	9999: {source.Later, time.Minute, "Внутренняя ошибка Одноклассников: повторим через минуту."},

	floodBlocked: {source.Later, 5 * time.Minute, "Одноклассники ограничили однотипные действия: отдыхаем и продолжим сами, медленнее."},
	limitReached: {source.Later, 10 * time.Minute, "Исчерпан предел запросов к Одноклассникам: продолжим через десять минут."},
	26:           {source.Later, time.Hour, "Исчерпан общий предел запросов к Одноклассникам: продолжим через час."},

	7:   {source.Person, 0, askPerson},
	9:   {source.Person, 0, "Одноклассники не принимают запросы с этого IP-адреса: напишите в поддержку API."},
	511: {source.Person, 0, askPerson},
	514: {source.Person, 0, askPerson},

	101: {source.Person, 0, askSetup},
	102: {source.Person, 0, "Срок токена Одноклассников истёк: выпустите новый (вечный или с правом LONG_ACCESS_TOKEN) и впишите его в ключ источника."},
	103: {source.Person, 0, askToken},
	104: {source.Person, 0, "Одноклассники не принимают подпись: проверьте session_secret_key в ключе источника."},
	210: {source.Person, 0, "Приложение Одноклассников отключено: включите его в настройках разработчика."},
	453: {source.Person, 0, askToken},
	457: {source.Person, 0, askToken},

	3:   {source.Person, 0, askSetup},
	4:   {source.Person, 0, askSetup},
	10:  {source.Person, 0, askRights},
	24:  {source.Person, 0, askRights},
	50:  {source.Person, 0, askRights},
	200: {source.Person, 0, askRights},

	100: {source.Permanent, 0, gone},
	106: {source.Permanent, 0, gone},
	110: {source.Permanent, 0, gone},
	140: {source.Permanent, 0, gone},
	141: {source.Permanent, 0, gone},
	160: {source.Permanent, 0, "Группы с таким номером нет в Одноклассниках: проверьте номер в настройках источника."},
	300: {source.Permanent, 0, gone},
	454: {source.Permanent, 0, "Одноклассники не пропустили слова ответа: измените текст и отправьте снова."},
	455: {source.Permanent, 0, "Одноклассники не дают писать этому человеку: ответьте другим путём."},
	456: {source.Permanent, 0, "Группа Одноклассников закрыта для этой учётной записи: проверьте её права."},
	458: {source.Permanent, 0, "Одноклассники закрыли эту страницу: ответить там нельзя."},
	700: {source.Permanent, 0, gone},
	701: {source.Permanent, 0, gone},
	702: {source.Permanent, 0, gone},
}

// floods are the codes after which all writing with the token must rest.
var floods = map[int]bool{floodBlocked: true, limitReached: true, 26: true}

// unsettled are the codes after which a write may stand all the same.
var unsettled = map[int]bool{1: true, 2: true, 30: true, 31: true, 5000: true, 9999: true}

// withdrawn are the codes by which OK says that a program may not publish.
var withdrawn = map[int]bool{3: true, 10: true, 24: true, 50: true, 200: true}

// refuse returns the error of a code. The network's own words are not kept: they may
// quote a request.
func refuse(method string, code int, write bool) *source.Error {
	r, ok := refusals[code]
	switch {
	case !ok && write:
		r = refusal{source.Permanent, 0, fmt.Sprintf("Одноклассники не приняли ответ (ошибка %d): опубликуйте его вручную на странице темы.", code)}
	case !ok:
		r = refusal{source.Later, 5 * time.Minute, fmt.Sprintf("Одноклассники ответили ошибкой %d: повторим позже.", code)}
	case write && withdrawn[code]:
		r = refusal{source.Permanent, 0, byHand}
	case write && code == 458:
		r = refusal{source.Shut, 0, "Под этой темой в Одноклассниках писать нельзя: откройте её обсуждение, и ответ уйдёт сам, или отзовите его и ответьте другим путём."}
	case write && floods[code]:
		r.trouble = source.Flood
	case write && unsettled[code]:
		r.trouble, r.sentence = source.Unclear, "Неизвестно, дошёл ли ответ до Одноклассников: проверяем по ветке комментариев."
	}
	e := source.Fail(r.trouble, r.sentence, "ok %s: error %d", method, code)
	e.After, e.Code = r.after, code
	return e
}

// closed reports whether err concerns one discussion alone, so that the rest of the group
// can be read.
func closed(err error) bool {
	var e *source.Error
	return errors.As(err, &e) && e.Trouble == source.Permanent && e.Code != 160 && e.Code != 456
}
