package lifecycle

// The Russian words of the lifecycle, one for each, for staff and for residents.

var stateWords = map[State][2]string{ // staff, resident
	New:      {"новое", "получено"},
	Triage:   {"разбор", "проверяем"},
	Asked:    {"вопрос автору", "уточняем"},
	Assigned: {"передано", "передано"},
	Working:  {"в работе", "в работе"},
	Approval: {"на согласовании", "готовим ответ"},
	Answered: {"ответ опубликован", "ответ дан"},
	Rework:   {"доработка", "вернули на доработку"},
	Closed:   {"закрыто", "завершено"},
}

// Name returns the word that staff see.
func (s State) Name() string { return stateWords[s][0] }

// Public returns the word that residents see.
func (s State) Public() string { return stateWords[s][1] }

var outcomeWords = map[Outcome]string{
	Solved: "решено", Partly: "решено частично", Explained: "разъяснено",
	Refused: "не рассматривается", Duplicate: "присоединено к другому",
}

// Name returns the outcome's Russian word.
func (o Outcome) Name() string { return outcomeWords[o] }

var actionWords = map[Action]string{
	File: "завести карточку", Accept: "принять", Reject: "отказать", Ask: "спросить автора", Clarify: "учесть уточнение автора",
	HandOver: "передать", Join: "добавить соисполнителя", Leave: "убрать соисполнителя", Relate: "связать с другим инцидентом",
	Note: "написать заметку", Follow: "следить", Todo: "отметить пункт списка", Photo: "приложить фото", Decline: "отказаться: не наш вопрос", Decide: "решить, кто отвечает", Take: "взять в работу", Submit: "отправить на согласование",
	Approve: "утвердить ответ", Return: "вернуть ответ", Publish: "опубликовать ответ",
	Close: "закрыть", Reopen: "вернуть на доработку", Correct: "исправить", Claim: "взять себе",
	Release: "отпустить", Attach: "присоединить сообщение", Detach: "отсоединить сообщение",
	Verify: "подтвердить решение", Erase: "стереть слова автора",
	Merge: "объединить с другим инцидентом", Split: "разъединить инциденты", Dismiss: "отклонить сходство",
	Hear: "записать, что говорит житель", Weigh: "разобрать слова жителя", Survey: "спросить автора, решено ли", Check: "проверить закрытое", Repeat: "отметить повтор", Link: "связать с проблемой", Called: "отметить звонок",
	Extend: "продлить срок", Pause: "остановить часы", Resume: "пустить часы",
	Regime: "сменить регламент", Escalate: "сообщить о сроке", Recount: "пересчитать срок", Undo: "отменить действие",
	KeepPromise: "отметить обещание выполненным", BreakPromise: "отметить обещание невыполненным", MovePromise: "перенести обещание", DropPromise: "снять обещание", Remind: "напомнить об обещании",
	Mass: "объявить массовым", Deliver: "управлять отправкой ответа", Neighbour: "передать в другой город", Withdraw: "отозвать обращение",
}

// Name returns the action's Russian name, an infinitive.
func (a Action) Name() string { return actionWords[a] }

var roleWords = map[Role]string{
	Operator: "оператор", Curator: "куратор", Coordinator: "координатор", Executor: "исполнитель",
	Approver: "руководитель", Controller: "контролёр", Centre: "муниципальный центр",
	Analyst: "аналитик", Editor: "редактор", Trainer: "преподаватель", Phone: "телефонный оператор",
	Admin: "администратор", Leader: "наблюдатель", System: "система", Author: "автор",
}

// Name returns the role's Russian name.
func (r Role) Name() string { return roleWords[r] }

// Phrase returns the status that staff read, derived from state, outcome and verification.
func Phrase(s State, o Outcome, verified bool) string {
	if s == Closed || s == Answered {
		switch {
		case verified && (o == Solved || o == Partly):
			return "решение подтверждено"
		case s == Closed && o != NoOutcome:
			return o.Name()
		}
	}
	return s.Name()
}
