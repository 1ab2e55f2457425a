package telegram

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"time"

	"otklik/internal/botapi"
	"otklik/internal/source"
)

const (
	askToken = "Telegram не принимает токен бота: возьмите действующий у @BotFather и впишите его в ключ источника."
	askWhy   = "Telegram не принял ответ: проверьте, открыта ли переписка, и ответьте вручную."
)

// A refusal is what a refusal means, told by its description where the code alone does not.
// The descriptions are no contract: what none of them fits falls back on the code.
type refusal struct {
	says     string // in small letters; "" fits all
	trouble  source.Trouble
	after    time.Duration
	sentence string
}

// writing are the refusals of what we wrote, by code.
var writing = map[int][]refusal{
	http.StatusBadRequest: {
		{"message to be replied not found", source.Permanent, 0, "Сообщение, на которое дан ответ, удалено: ответьте другим путём."},
		{"message to reply not found", source.Permanent, 0, "Сообщение, на которое дан ответ, удалено: ответьте другим путём."},
		{"message thread not found", source.Permanent, 0, "Тема закрыта или удалена: ответьте другим путём."},
		{"topic_closed", source.Shut, 0, "Тема закрыта: откройте её в Telegram, и ответ уйдёт сам, или отзовите его и ответьте другим путём."},
		{"chat not found", source.Permanent, 0, "Telegram не находит этот чат: бота в нём нет, или человек ему ещё не писал."},
		{"message is too long", source.Permanent, 0, tooLong},
		{"not enough rights", source.Person, 0, "У бота нет права писать в этом чате: разрешите ему отправлять сообщения и возобновите отправку."},
		{"have no rights", source.Person, 0, "У бота нет права писать в этом чате: разрешите ему отправлять сообщения и возобновите отправку."},
		{"chat_write_forbidden", source.Person, 0, "В этом чате писать запрещено: разрешите боту отправлять сообщения и возобновите отправку."},
		{"peer_id_invalid", source.Permanent, 0, "Telegram не находит этого человека: ответьте другим путём."},
		{"", source.Permanent, 0, askWhy},
	},
	http.StatusForbidden: {
		{"blocked by the user", source.Permanent, 0, "Человек остановил бота: написать ему в Telegram нельзя, ответьте другим путём."},
		{"can't initiate", source.Permanent, 0, "Бот не может написать первым: человек должен сам начать переписку."},
		{"deactivated", source.Permanent, 0, "Человек удалил свой Telegram: ответьте другим путём."},
		{"kicked", source.Person, 0, "Бота удалили из этого чата: верните его туда и возобновите отправку."},
		{"not a member", source.Person, 0, "Бота нет в этом чате: добавьте его туда и возобновите отправку."},
		{"", source.Permanent, 0, "Telegram не разрешает боту писать в этот чат: проверьте его права или ответьте другим путём."},
	},
	http.StatusRequestEntityTooLarge: {{"", source.Permanent, 0, tooLong}},
}

const tooLong = "Ответ длиннее 4096 знаков, которые принимает Telegram: сократите его и отправьте снова."

// anyway are the refusals of every call, by code.
var anyway = map[int][]refusal{
	http.StatusUnauthorized: {{"", source.Person, 0, askToken}},
	http.StatusNotFound:     {{"", source.Person, 0, askToken}}, // of a token that is none
	http.StatusConflict: {
		{"webhook", source.Person, 0, "У бота включён вебхук, поэтому опрос невозможен: выберите в настройках источника «вебхук» или снимите его методом deleteWebhook."},
		{"", source.Later, time.Minute, "Этого бота слушает ещё одна программа: остановите её или заведите для Отклика отдельного бота. Повторим через минуту."},
	},
}

// troubled tells the failures of a call apart. Telegram's own words stay behind: they may
// quote what was sent.
func troubled(method string, write bool, err error) error {
	if err == nil {
		return nil
	}
	var refused *botapi.Error
	if errors.As(err, &refused) {
		return refuse(method, write, refused)
	}
	var unknown x509.UnknownAuthorityError
	var name x509.HostnameError
	var record tls.RecordHeaderError
	switch {
	case errors.As(err, &unknown) || errors.As(err, &name) || errors.As(err, &record):
		return source.Fail(source.Person, "Сертификат сервера Telegram не проходит проверку: проверьте адрес API и доверенные сертификаты.", "telegram %s: %w", method, err)
	case errors.Is(err, botapi.ErrOdd) && !write:
		return later(time.Minute, "Telegram отвечает непонятно: проверьте адрес API; повторим через минуту.", method, err)
	case write && !errors.Is(err, botapi.ErrNotMade):
		return source.Fail(source.Unclear, "Связь с Telegram оборвалась во время отправки: посмотрите в переписке, дошёл ли ответ.", "telegram %s: %w", method, err)
	case errors.Is(err, context.Canceled):
		return err
	}
	return later(30*time.Second, "Telegram не отвечает: проверьте доступ в интернет; повторим сами.", method, err)
}

func later(after time.Duration, sentence, method string, err error) error {
	e := source.Fail(source.Later, sentence, "telegram %s: %w", method, err)
	e.After = after
	return e
}

func refuse(method string, write bool, refused *botapi.Error) error {
	r := meaning(write, refused)
	e := source.Fail(r.trouble, r.sentence, "telegram %s: %w", method, refused)
	e.Code, e.After = refused.Code, r.after
	return e
}

func meaning(write bool, refused *botapi.Error) refusal {
	code := refused.Code
	switch {
	case code == http.StatusTooManyRequests && write:
		return refusal{trouble: source.Flood, after: max(refused.RetryAfter, time.Second), sentence: "Слишком частые сообщения для Telegram: отдыхаем, сколько он просит, и продолжим сами."}
	case code == http.StatusTooManyRequests:
		return refusal{trouble: source.Later, after: max(refused.RetryAfter, time.Second), sentence: "Слишком частые запросы к Telegram: повторим, когда он разрешит."}
	case code >= 500 && write:
		return refusal{trouble: source.Unclear, sentence: "Сбой на стороне Telegram во время отправки: посмотрите в переписке, дошёл ли ответ."}
	case code >= 500:
		return refusal{trouble: source.Later, after: 30 * time.Second, sentence: "Сбой на стороне Telegram: повторим сами."}
	case write && refused.MigrateTo != 0:
		return refusal{trouble: source.Permanent, sentence: "Группа стала супергруппой, и сообщения в ней получили новые номера: ответьте в новой группе вручную."}
	}
	for _, list := range [][]refusal{anyway[code], writing[code]} {
		for _, r := range list {
			if (write || len(anyway[code]) > 0) && (r.says == "" || refused.Says(r.says)) {
				return r
			}
		}
	}
	if write {
		return refusal{trouble: source.Permanent, sentence: fmt.Sprintf("Telegram не принял ответ (ошибка %d): ответьте вручную.", code)}
	}
	return refusal{trouble: source.Later, after: 5 * time.Minute, sentence: fmt.Sprintf("Telegram отклоняет запросы (ошибка %d): проверьте настройки источника; повторим позже.", code)}
}

// refusedFile returns the error of a file that Telegram does not give (too big for a bot,
// gone), nil where the call failed for another reason or not at all.
func refusedFile(err error) error {
	var refused *botapi.Error
	if errors.As(err, &refused) && refused.Code == http.StatusBadRequest {
		return source.Fail(source.Permanent, "Telegram не отдаёт боту этот файл: он больше 20 МБ или удалён.", "telegram getFile: %w", refused)
	}
	return nil
}
