package staff

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"otklik/internal/account"
	"otklik/internal/desk"
	"otklik/internal/feedback"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/message"
	"otklik/internal/site"
)

// A Line is one line of history, in plain words.
type Line struct {
	When string // in the place's own time
	Who  string // «Отклик» for the machine
	What string
	Note string // a reason, in official words
	Icon string
}

var actionIcons = map[lifecycle.Action]string{
	lifecycle.File: "inbox", lifecycle.Accept: "check", lifecycle.Reject: "x", lifecycle.Withdraw: "arrow-back-up", lifecycle.Ask: "user-question", lifecycle.HandOver: "send", lifecycle.Decline: "arrow-back-up", lifecycle.Join: "users", lifecycle.Leave: "users", lifecycle.Relate: "route", lifecycle.Decide: "circle-check",
	lifecycle.Take: "user-check", lifecycle.Submit: "pencil", lifecycle.Approve: "circle-check", lifecycle.Return: "arrow-back-up",
	lifecycle.Publish: "message", lifecycle.Close: "lock", lifecycle.Reopen: "refresh", lifecycle.Verify: "eye", lifecycle.Correct: "pencil",
	lifecycle.Claim: "hand-grab", lifecycle.Release: "hand-stop", lifecycle.Attach: "plus", lifecycle.Detach: "messages",
	lifecycle.Hear: "message", lifecycle.Weigh: "check", lifecycle.Survey: "user-question", lifecycle.Check: "eye", lifecycle.Repeat: "refresh", lifecycle.Link: "bookmark", lifecycle.Called: "phone",
	lifecycle.Merge: "plus", lifecycle.Split: "messages", lifecycle.Dismiss: "x",
	lifecycle.Extend: "clock", lifecycle.Pause: "hand-stop", lifecycle.Resume: "clock", lifecycle.Regime: "pencil", lifecycle.Escalate: "alert-triangle", lifecycle.Recount: "refresh",
	lifecycle.Mass: "messages", lifecycle.Deliver: "send",
	lifecycle.Erase: "trash", lifecycle.Undo: "arrow-back-up", lifecycle.Clarify: "message",
	lifecycle.KeepPromise: "circle-check", lifecycle.BreakPromise: "x", lifecycle.MovePromise: "clock", lifecycle.DropPromise: "trash", lifecycle.Remind: "clock",
	lifecycle.Note: "message", lifecycle.Follow: "eye", lifecycle.Todo: "check", lifecycle.Photo: "photo", lifecycle.Neighbour: "route",
}

var verifyWords = map[string]string{"photo": "по фото", "author": "подтвердил автор", "inspector": "выезд на место", "neighbour": "подтвердил сосед", desk.HowPast: "по данным прежней системы"}

var eventWords = map[string]string{"edited": "автор изменил сообщение", "deleted": "автор удалил сообщение", "restored": "автор вернул сообщение", desk.EventElsewhere: "в другой системе сменились статус, ответ или исполнитель"}

var fieldWords = map[string]string{"topic": "тема", "urgency": "срочность", "centre": "муниципалитет", "address": "место"}

// lines tells the history, newest first.
func (s *Staff) lines(history []incident.Entry, agencies *agencyList, people map[account.ID]string, now time.Time, zone *time.Location) []Line {
	lines := make([]Line, 0, len(history))
	for i := len(history) - 1; i >= 0; i-- {
		e := &history[i]
		l := Line{When: site.DateTime(e.At, now, zone), Who: e.Name, Icon: actionIcons[e.Action]}
		if l.Who == "" {
			l.Who = people[e.Who]
		}
		if e.Who == 0 {
			l.Who = "Отклик"
		}
		if l.What, l.Note = s.tellClock(e, agencies, now, zone); l.What == "" {
			l.What, l.Note = s.tell(e, agencies, people)
		}
		if m := movedDue(e.Detail.Due, now, zone); m != "" {
			l.Note = strings.TrimSpace(l.Note + " " + m)
		}
		lines = append(lines, l)
	}
	return lines
}

// tell puts an entry into words: what was done, and the note beside it.
func (s *Staff) tell(e *incident.Entry, agencies *agencyList, people map[account.ID]string) (what, note string) {
	d := &e.Detail
	note = d.Reason
	if d.Override != "" {
		note = strings.TrimSpace(note + " Похож на отписку; отправлен, потому что: " + d.Override)
	}
	if d.Cleared != "" {
		note = strings.TrimSpace(note + " Похоже на личные данные; можно, потому что: " + d.Cleared)
	}
	if w := machineWords[d.Machine]; w != "" {
		note = strings.TrimSpace(note + " " + w)
	}
	if d.Private {
		note = strings.TrimSpace(note + " Часть ответа только для автора.")
	}
	if w := eventWords[d.Event]; w != "" {
		return w, note
	}
	switch e.Action {
	case lifecycle.File:
		if d.How == desk.HowPast {
			return "взят из другой системы уже законченным", note
		}
		if e.Who == 0 {
			return "открыт инцидент по сообщению", note
		}
		return "заведена карточка", note
	case lifecycle.Accept:
		return "принято в работу", note
	case lifecycle.Reject:
		return "отказано", note
	case lifecycle.Withdraw:
		return "автор отозвал обращение", note
	case lifecycle.Ask:
		return "автору задан вопрос", note
	case lifecycle.Clarify:
		return "автор ответил на вопрос", note
	case lifecycle.HandOver:
		what = "передано"
		if name := agencies.name(d.Agency); name != "" {
			what += ": " + name
		}
		if name := people[d.Account]; name != "" {
			what += ", исполнитель " + name
		}
		if d.Rule != 0 {
			what += " (по правилу)"
		}
		return what, note
	case lifecycle.Join, lifecycle.Leave:
		if what = "добавлен соисполнитель: "; e.Action == lifecycle.Leave {
			what = "убран соисполнитель: "
		}
		return what + strings.Join(slices.DeleteFunc([]string{agencies.name(d.Agency), people[d.Account]}, func(s string) bool { return s == "" }), ", "), note
	case lifecycle.Relate:
		what = "убрана связь с инцидентом"
		switch {
		case d.Now == string(incident.Cause):
			what = "это причина инцидента"
		case d.Was == string(incident.Cause):
			what = "это следствие инцидента"
		case d.Now != "" || d.Was != "":
			what = "связан с инцидентом"
		}
		return what, "№\u00a0" + incident.Spoken(d.Reason)
	case lifecycle.Decline:
		what = "отказ: не наш вопрос"
		if name := agencies.name(d.Agency); name != "" {
			what += "; назван ответственный: " + name
		}
		if d.Unknown != "" {
			note += " Кто отвечает, неизвестно: " + d.Unknown
		}
		return what, note
	case lifecycle.Decide:
		what = "арбитр решил: отвечает " + agencies.name(d.Agency)
		if d.Rule != 0 {
			what += "; впредь так же, по правилу"
		}
		return what, note
	case lifecycle.Take:
		return "взято в работу", note
	case lifecycle.Submit:
		return "ответ отправлен на согласование", note
	case lifecycle.Approve:
		if words := deliverWords[d.How]; words != "" {
			return words, note
		}
		return "ответ утверждён и отправляется", note
	case lifecycle.Deliver:
		if d.How == desk.HowMore {
			return "ответ отправлен присоединившимся", "новых веток: " + note
		}
		return deliverWords[d.How], note
	case lifecycle.Mass:
		if d.Now == "" {
			return "больше не массовый", note
		}
		return "объявлен массовым", massWords[d.How]
	case lifecycle.Return:
		if d.How == desk.HowUnknown {
			return "неизвестно, отправлен ли ответ", note
		}
		return "ответ возвращён на доработку", note
	case lifecycle.Publish:
		return "ответ опубликован", note
	case lifecycle.Close:
		what = "закрыто"
		if o := lifecycle.Outcome(d.Now); o.Name() != "" {
			what += ": " + o.Name()
		}
		if lifecycle.Outcome(d.Now) == lifecycle.Duplicate {
			return what, "№\u00a0" + incident.Spoken(d.Reason)
		}
		return what, note
	case lifecycle.Reopen:
		return "возвращено на доработку", note
	case lifecycle.Hear, lifecycle.Weigh:
		return tellVoice(e), note
	case lifecycle.Survey:
		if d.How == "link" {
			return "сделана ссылка, чтобы автор оценил результат", note
		}
		return "автора спросили, решено ли", note
	case lifecycle.Check:
		if d.Now == "solved" {
			return strings.TrimSpace("контролёр проверил, решено: " + verifyWords[d.How]), note
		}
		return "контролёр проверил: не решено", note
	case lifecycle.Link:
		if d.Problem == 0 {
			return "отвязано от давней проблемы", note
		}
		return "связано с давней проблемой", note
	case lifecycle.Called:
		if d.Now == "needless" {
			return "срочный звонок не понадобился", note
		}
		return "сделан срочный звонок: " + d.How, note
	case lifecycle.Repeat:
		if e.From.Open() {
			return "о том же месте недавно писали: там закрыли как решённое", note
		}
		return "снова написали о том же месте: закрытие не подтвердилось", note
	case lifecycle.Verify:
		if d.Now == desk.Withdrawn {
			return "проверка решения снята: слов одного жителя мало", note
		}
		return strings.TrimSpace("решение проверено: " + verifyWords[d.How]), note
	case lifecycle.Correct:
		if e.Who == 0 {
			return s.tellCorrection(d), "из слов автора"
		}
		return s.tellCorrection(d), note
	case lifecycle.Claim:
		return "взято себе", note
	case lifecycle.Release:
		return "отпущено", note
	case lifecycle.Attach:
		return "присоединено сообщение", note
	case lifecycle.Detach:
		return "отсоединено сообщение", note
	case lifecycle.Merge:
		if d.Merged == nil {
			return "присоединено к другому инциденту", "№\u00a0" + incident.Spoken(d.Reason)
		}
		return "присоединён другой инцидент", "№\u00a0" + incident.Spoken(d.Reason)
	case lifecycle.Split:
		return "инциденты разъединены", "№\u00a0" + incident.Spoken(d.Reason)
	case lifecycle.Dismiss:
		return "решено: это другое дело", "№\u00a0" + incident.Spoken(d.Reason)
	case lifecycle.KeepPromise:
		return "обещанное сделано", note
	case lifecycle.BreakPromise:
		return "обещанное не сделано", note
	case lifecycle.MovePromise:
		return "обещание перенесено", note
	case lifecycle.DropPromise:
		return "снято: это не обещание", note
	case lifecycle.Remind:
		if d.Event == "promise_due" {
			return "пришёл день, к которому обещали: сделано ли?", note
		}
		return "скоро день, к которому обещали", note
	case lifecycle.Undo:
		return "отменено: " + lifecycle.Action(d.Field).Name(), note
	case lifecycle.Neighbour:
		return tellNeighbour(d), note
	case lifecycle.Photo:
		return tellPhoto(d), note
	case lifecycle.Erase:
		return "слова автора стёрты по его просьбе", note
	}
	return e.Action.Name(), note
}

// tellVoice tells what a resident said: «автор: не решено», «сосед: решено», «автор: оценка 2».
func tellVoice(e *incident.Entry) string {
	what := feedback.Speaker(e.Detail.How).Name() + ": " + feedback.Meaning(e.Detail.Now).Name()
	if e.Detail.Mark > 0 {
		what += fmt.Sprintf(", оценка %d", e.Detail.Mark)
	}
	if e.Action == lifecycle.Weigh {
		return "разобраны слова жителя — " + what
	}
	return what
}

func (s *Staff) tellCorrection(d *incident.Detail) string {
	what := "исправлено"
	if f := fieldWords[d.Field]; f != "" {
		what += ": " + f
	}
	was, now := s.codeName(d.Field, d.Was), s.codeName(d.Field, d.Now)
	if was == "" && now == "" || d.Field == "address" {
		return what
	}
	if was == "" {
		was = "нет"
	}
	if now == "" {
		now = "нет"
	}
	return what + ", было «" + was + "», стало «" + now + "»"
}

func (s *Staff) codeName(field, code string) string {
	switch field {
	case "topic":
		if tp, ok := s.Topics().ByCode(topicCode(code)); ok {
			return tp.Name
		}
	case "urgency":
		return message.Urgency(code).Name()
	case "centre":
		return s.placeName(code)
	}
	return code
}
