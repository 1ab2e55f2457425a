package template

import "otklik/internal/reply"

// Variables beside those of a reply to many (reply.Variables).
const (
	VarGreeting = "приветствие"
	VarContact  = "контакт"
	VarToday    = "сегодня"
)

// Variables returns what may stand in braces, and what each stands for, in Russian.
func Variables() [][2]string {
	return [][2]string{
		{VarGreeting, "«Здравствуйте!»; в личной переписке — с именем автора"},
		{reply.VarAddress, "место инцидента"},
		{reply.VarTopic, "тема инцидента"},
		{reply.VarNumber, "номер обращения"},
		{reply.VarAgency, "кто отвечает"},
		{VarContact, "телефон или почта того, кто отвечает, из его карточки"},
		{reply.VarDue, "день, до которого нужно ответить или закончить"},
		{VarToday, "сегодняшнее число"},
	}
}

func known() []string {
	var list []string
	for _, v := range Variables() {
		list = append(list, v[0])
	}
	return list
}

// why says what is to be done where a variable has no value.
var why = map[string]string{
	VarGreeting:      "не с чем поздороваться",
	reply.VarAddress: "место неизвестно, укажите его в инциденте",
	reply.VarTopic:   "тема не определена, поставьте её",
	reply.VarNumber:  "у инцидента нет номера",
	reply.VarAgency:  "инцидент никому не передан",
	VarContact:       "в карточке организации нет контакта",
	reply.VarDue:     "срок не назначен",
	VarToday:         "неизвестно, какое сегодня число",
}
