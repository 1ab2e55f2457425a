package max

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"otklik/internal/source"
)

const (
	askToken  = "MAX не принимает токен бота: выпустите новый в кабинете MAX для бизнеса и впишите его в ключ источника."
	askRights = "MAX не пускает бота: сделайте его администратором канала или группы с правами читать сообщения и писать."
	askSetup  = "MAX отклонил запрос из-за настроек подключения: проверьте адрес API в настройках источника."
	gone      = "Запись или сообщение больше недоступны в MAX: ответить там нельзя, сообщите заявителю другим путём."
	stopped   = "Житель не начинал диалог с ботом или остановил его: написать ему в MAX нельзя, ответьте другим путём."
	shut      = "Комментарии под этой записью в MAX выключены: включите их, и ответ уйдёт сам, или отзовите его и ответьте другим путём."
	tooLong   = "Ответ длиннее 4000 знаков, столько MAX не принимает: сократите его и отправьте снова."
	refused   = "MAX не принял ответ: ответьте на странице записи вручную."
)

// refuse returns the error of a refusal. The network's own words are not kept: they may
// quote a request.
func refuse(c call, status int, code, words string, after time.Duration) *source.Error {
	trouble, sentence := source.Permanent, refused
	switch {
	case status == http.StatusUnauthorized || code == "verify.token":
		trouble, sentence = source.Person, askToken
	case status == http.StatusTooManyRequests:
		trouble, sentence, after = source.Later, "Слишком частые запросы к MAX: отдыхаем и продолжим сами.", cmp.Or(after, time.Second)
		if c.write {
			trouble = source.Flood
		}
	case code == "attachment.not.ready":
		trouble, sentence, after = source.Later, "MAX ещё обрабатывает вложение: повторим через несколько секунд.", time.Second
	case strings.Contains(code+words, "dialog.suspended"), status == http.StatusForbidden && strings.HasPrefix(c.chat, talkPrefix):
		trouble, sentence = source.Permanent, stopped
	case status == http.StatusForbidden:
		trouble, sentence = source.Person, askRights
	case status == http.StatusNotFound, code == "proto.payload":
		trouble, sentence = source.Permanent, gone
	case status == http.StatusMethodNotAllowed:
		trouble, sentence = source.Person, askSetup
	case status >= 500 && c.write:
		trouble, sentence = source.Unclear, "Неизвестно, дошёл ли ответ до MAX: проверяем по ветке."
	case status >= 500:
		trouble, sentence, after = source.Later, "Внутренняя ошибка MAX: повторим через полминуты.", cmp.Or(after, 30*time.Second)
	case !c.write:
		trouble, sentence, after = source.Later, fmt.Sprintf("MAX отклонил запрос (код %d): повторим через пять минут.", status), 5*time.Minute
	}
	e := source.Fail(trouble, sentence, "max %s: HTTP %d %s", c.op, status, safe(code))
	e.After, e.Code = after, status
	return e
}

// safe returns a code that may stand in an error: codes are short words with dots.
func safe(code string) string {
	for _, r := range code {
		if (r < 'a' || r > 'z') && r != '.' && r != '_' {
			return "?"
		}
	}
	return clip(code, 40)
}

// status returns the HTTP status of a refusal, 0 for any other error.
func status(err error) int {
	var e *source.Error
	if errors.As(err, &e) {
		return e.Code
	}
	return 0
}

// denied reports whether err says that the bot does not see the place any more.
func denied(err error) bool {
	s := status(err)
	return s == http.StatusForbidden || s == http.StatusNotFound || s == http.StatusBadRequest
}
