package vk

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
	askToken  = "ВКонтакте не принимает токен: выпустите новый в настройках сообщества или приложения и впишите его в настройки источника."
	askRights = "У токена нет нужного права: проверьте вид токена и его права («стена» для ответов) в настройках источника."
	askSetup  = "ВКонтакте отклонила запрос из-за настроек подключения: проверьте приложение, адрес API и вид токена."
	gone      = "Запись или комментарий больше недоступны во ВКонтакте: ответить там нельзя, сообщите заявителю другим путём."
)

// refusals by error code; the list of codes stands in VK's documentation under
// «Errors».
var refusals = map[int]refusal{
	1:  {source.Later, 30 * time.Second, "ВКонтакте ответила неизвестной ошибкой: повторим позже."},
	6:  {source.Later, time.Second, "Слишком частые запросы к ВКонтакте: повторим через секунду."},
	9:  {source.Later, 5 * time.Minute, "ВКонтакте ограничила однотипные действия: отдыхаем и продолжим сами, медленнее."},
	10: {source.Later, time.Minute, "Внутренняя ошибка ВКонтакте: повторим через минуту."},
	29: {source.Later, 6 * time.Hour, "Исчерпан суточный предел запросов к ВКонтакте: следующая попытка через шесть часов."},
	36: {source.Later, time.Minute, "ВКонтакте не успела выполнить запрос: повторим через минуту."},
	43: {source.Later, 30 * time.Minute, "Раздел ВКонтакте временно закрыт: повторим через полчаса."},

	5:    {source.Person, 0, askToken},
	14:   {source.Person, 0, "ВКонтакте просит ввести код с картинки: откройте этот источник на странице «Источники», там картинка и поле для кода."},
	17:   {source.Person, 0, "ВКонтакте просит подтвердить вход: откройте её под учётной записью сообщества и подтвердите."},
	24:   {source.Person, 0, "ВКонтакте просит подтвердить действие: откройте её под учётной записью сообщества и подтвердите."},
	1117: {source.Person, 0, askToken},
	2:    {source.Person, 0, "Приложение ВКонтакте отключено: включите его в настройках разработчика."},
	3:    {source.Person, 0, askSetup},
	4:    {source.Person, 0, askSetup},
	7:    {source.Person, 0, askRights},
	8:    {source.Person, 0, askSetup},
	16:   {source.Person, 0, askSetup},
	20:   {source.Person, 0, askSetup},
	23:   {source.Person, 0, askSetup},
	27:   {source.Person, 0, "Здесь нужен другой токен: стену читает сервисный ключ приложения, токен сообщества для этого не подходит."},
	28:   {source.Person, 0, "Здесь нужен другой токен: отвечает от имени сообщества токен сообщества, сервисный ключ для этого не подходит."},
	42:   {source.Person, 0, "ВКонтакте не принимает запросы с этого IP-адреса: добавьте его в настройках приложения."},

	15:  {source.Permanent, 0, "Нет доступа к этой стене или записи ВКонтакте: проверьте, открыта ли она."},
	18:  {source.Permanent, 0, "Страница ВКонтакте удалена или заблокирована: ответить там нельзя."},
	19:  {source.Permanent, 0, gone},
	30:  {source.Permanent, 0, "Профиль ВКонтакте закрыт: ответить там нельзя."},
	37:  {source.Permanent, 0, "Пользователь ВКонтакте заблокирован: ответить ему нельзя."},
	100: {source.Permanent, 0, gone},
	104: {source.Permanent, 0, gone},
	125: {source.Permanent, 0, "Сообщества с таким номером нет во ВКонтакте: проверьте номер в настройках источника."},
	183: {source.Permanent, 0, gone},
	203: {source.Permanent, 0, "Нет доступа к сообществу ВКонтакте: проверьте, открыто ли оно."},
	210: {source.Permanent, 0, gone},
	211: {source.Permanent, 0, gone},
	212: {source.Permanent, 0, gone},
	213: {source.Permanent, 0, "Комментарии под этой записью закрыты: откройте их, и ответ уйдёт сам, или отзовите его и ответьте другим путём."},
	214: {source.Permanent, 0, "ВКонтакте не разрешает писать на этой стене: включите комментарии в настройках сообщества, и ответ уйдёт сам."},
	222: {source.Permanent, 0, "Ссылки в комментариях здесь запрещены: уберите ссылку из ответа и отправьте снова."},
	223: {source.Permanent, 0, "Под этой записью слишком много ответов: ответьте другим путём."},
	900: {source.Permanent, 0, "Человек заблокировал сообщения сообщества: ответьте ему другим путём."},
	901: {source.Permanent, 0, "Человек не разрешил сообществу писать ему: он должен написать первым. Ответьте другим путём."},
	902: {source.Permanent, 0, "Настройки приватности человека не дают ему написать: ответьте другим путём."},
	911: {source.Permanent, 0, "Кнопка составлена неверно: сообщите администратору."},
	912: {source.Person, 0, "Кнопки в сообщениях выключены: включите «Возможности ботов» в настройках сообщений сообщества."},
	914: {source.Permanent, 0, "Ответ слишком длинный для ВКонтакте: сократите его и отправьте снова."},
	917: {source.Permanent, 0, "Нет доступа к этой переписке ВКонтакте: ответьте другим путём."},
	936: {source.Permanent, 0, "Собеседник во ВКонтакте не найден: ответьте другим путём."},
	945: {source.Permanent, 0, "Переписка во ВКонтакте закрыта: ответьте другим путём."},
	946: {source.Permanent, 0, "В такую переписку ВКонтакте не пускает сообщество: ответьте другим путём."},
	950: {source.Permanent, 0, "Срок, когда сообщество может ответить в этой переписке, прошёл: ответьте другим путём."},
}

// floods are the codes after which all writing with the token must rest.
var floods = map[int]bool{6: true, 9: true, 29: true}

// unsettled are the codes after which a write may stand all the same.
var unsettled = map[int]bool{1: true, 10: true, 36: true}

// refuse returns the error of a code. The network's own words are not kept:
// they may quote a request.
func refuse(method string, code int, write bool) *source.Error {
	r, ok := refusals[code]
	if !ok {
		r = refusal{source.Later, 5 * time.Minute, fmt.Sprintf("ВКонтакте ответила ошибкой %d: повторим позже.", code)}
		if write {
			r = refusal{source.Permanent, 0, fmt.Sprintf("ВКонтакте не приняла ответ (ошибка %d): ответьте на странице записи вручную.", code)}
		}
	}
	if write && (code == 213 || code == 214) {
		r.trouble = source.Shut
	}
	if write && floods[code] {
		r.trouble = source.Flood
	}
	if write && unsettled[code] {
		r.trouble, r.sentence = source.Unclear, "Неизвестно, дошёл ли ответ до ВКонтакте: проверяем по ветке комментариев."
	}
	e := source.Fail(r.trouble, r.sentence, "vk %s: error %d", method, code)
	e.After, e.Code = r.after, code
	return e
}

// closed reports whether err concerns one post alone, so that the rest of the
// wall can be read.
func closed(err error) bool {
	var e *source.Error
	return errors.As(err, &e) && e.Trouble == source.Permanent && e.Code != 125 && e.Code != 203
}
