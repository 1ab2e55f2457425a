package desk

import (
	"slices"
	"strings"

	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/message"
	"otklik/internal/publicface"
	"otklik/internal/reply"
)

// Heard returns the replies that the author of some of the messages may read: not those to
// what others told us alone, and no questions to others. author "" = of none of them.
func Heard(replies []reply.Reply, messages []*message.Message, author string) []reply.Reply {
	return slices.DeleteFunc(slices.Clone(replies), func(r reply.Reply) bool {
		return slices.ContainsFunc(messages, func(m *message.Message) bool {
			return int64(m.ID) == r.Message && (author == "" || m.Author != author) && (publicface.Alone(m) || r.Purpose == reply.Question)
		})
	})
}

// Retold says what a line of history means for a resident; "" for what does not concern them.
func Retold(e *incident.Entry, replies []reply.Reply, agency func(int64) string) (what, text string) {
	switch e.Action {
	case lifecycle.File:
		return "Получили сообщение", ""
	case lifecycle.Accept:
		return "Проверили: берёмся", ""
	case lifecycle.HandOver, lifecycle.Decide, lifecycle.Decline:
		if e.To != lifecycle.Assigned || e.Detail.Agency == 0 {
			return "", ""
		}
		return strings.TrimSuffix("Передали: "+agency(e.Detail.Agency), ": "), ""
	case lifecycle.Take:
		return "Исполнитель взялся за дело", ""
	case lifecycle.Publish:
		k := slices.IndexFunc(replies, func(r reply.Reply) bool { return int64(r.ID) == e.Detail.Reply })
		if k < 0 {
			return "", ""
		}
		switch replies[k].Purpose {
		case reply.Final:
			return "Ответили", replies[k].Text
		case reply.Interim:
			return "Сообщили, как идут дела", replies[k].Text
		case reply.Question:
			return "Спросили вас", replies[k].Text
		}
		return "Написали вам", replies[k].Text
	case lifecycle.Clarify:
		return "Вы уточнили", ""
	case lifecycle.Close:
		return "Завершили: " + lifecycle.Outcome(e.Detail.Now).Name(), ""
	case lifecycle.Reject:
		return "Не рассматриваем: " + e.Detail.Reason, ""
	case lifecycle.Reopen:
		return "Вернули на доработку", ""
	case lifecycle.Verify:
		return "Проверили: решено", ""
	case lifecycle.Extend:
		return "Продлили срок: " + e.Detail.Reason, ""
	case lifecycle.Withdraw:
		return "Автор отозвал обращение", ""
	}
	return "", ""
}
