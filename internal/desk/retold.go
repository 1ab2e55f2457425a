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

// A Reader is who reads how a case comes on: somebody who told us of it.
type Reader struct {
	First  *message.Message // what they wrote; more of them stands in its thread
	Joined bool             // to what somebody else told
}

// Heard returns the replies that the reader may read: not those to what others told us
// alone, and no questions to others.
func (r Reader) Heard(replies []reply.Reply, messages []*message.Message) []reply.Reply {
	return slices.DeleteFunc(slices.Clone(replies), func(one reply.Reply) bool {
		return slices.ContainsFunc(messages, func(m *message.Message) bool {
			return int64(m.ID) == one.Message && !Owned(r.First, m) && (publicface.Alone(m) || one.Purpose == reply.Question)
		})
	})
}

// Retold says what a line of history means for a resident; "" for what does not concern them.
func (r Reader) Retold(e *incident.Entry, replies []reply.Reply, agency func(int64) string) (what, text string) {
	because := func(what string) string {
		if r.Joined || e.Detail.Reason == "" { // official words to the author alone
			return what
		}
		return what + ": " + e.Detail.Reason
	}
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
		return "Получили уточнение", ""
	case lifecycle.Close:
		return "Завершили: " + lifecycle.Outcome(e.Detail.Now).Name(), ""
	case lifecycle.Reject:
		return because("Не рассматриваем"), ""
	case lifecycle.Reopen:
		return "Вернули на доработку", ""
	case lifecycle.Verify:
		return "Проверили: решено", ""
	case lifecycle.Extend:
		return because("Продлили срок"), ""
	case lifecycle.Withdraw:
		if e.Detail.Message == r.First.ID {
			return "Вы отозвали обращение", ""
		}
		return "Один из тех, кто писал, отозвал своё", ""
	}
	return "", ""
}
