package mapping

import (
	"strings"

	"otklik/internal/fault"
	"otklik/internal/lifecycle"
	"otklik/internal/topic"
)

// A Choice is one state that a status of another system may stand for.
type Choice struct{ Code, Name string }

// Choices returns all of them, in the order of a page.
func Choices() []Choice {
	return []Choice{
		{"new", "новое"}, {"working", "в работе"}, {"answered", "ответ дан"}, {"closed", "закрыто"}, {"closed/solved", "закрыто: решено"}, {"closed/partly", "закрыто: решено частично"},
		{"closed/explained", "закрыто: разъяснено"}, {"closed/refused", "закрыто: не рассматривается"}, {"closed/duplicate", "закрыто: повтор"},
	}
}

// ParseState reads a choice's code.
func ParseState(code string) (lifecycle.State, lifecycle.Outcome, error) {
	for _, c := range Choices() {
		if c.Code == code {
			state, outcome, _ := strings.Cut(code, "/")
			return lifecycle.State(state), lifecycle.Outcome(outcome), nil
		}
	}
	return "", "", fault.New(fault.Invalid, "state %q", code)
}

// statusWords are beginnings of words of a status and what it stands for, the first that
// fits holds. A «не» before the word makes it another one.
var statusWords = []struct {
	code  string
	words []string
}{
	{"working", []string{"доработ", "на исполнении", "на рассмотрении", "на решении", "на согласовании", "на утвержд", "на модерац", "на проверке", "возвращ"}},
	{"closed/duplicate", []string{"дубл", "повтор", "присоедин", "объедин"}},
	{"closed/refused", []string{"отказ", "отклон", "не рассматр", "не подлеж", "не подтвержд", "не относ", "спам", "удален", "отозван", "отменен", "не принят"}},
	{"closed/partly", []string{"частич"}},
	{"closed/explained", []string{"разъясн", "дано разъяснение", "консульт"}},
	{"working", []string{"не решен", "не выполн", "не исполн", "не устран", "не закрыт", "не заверш", "просроч"}},
	{"new", []string{"не обработ", "не рассмотр", "не распредел", "не назнач", "не отвеч", "новое", "новая", "новый", "новые", "поступи", "получен", "зарегистр", "черновик", "ожида", "создан", "открыт"}},
	{"closed/solved", []string{"решен", "выполнен", "исполнен", "устранен", "сделан", "подтвержден"}},
	{"answered", []string{"ответ дан", "дан ответ", "ответ опубл", "ответ направл", "ответ отправ", "отвечен", "опубликован", "направлен ответ", "есть ответ"}},
	{"closed", []string{"закрыт", "заверш", "архив", "снят", "рассмотрен", "обработан", "готово"}},
	{"working", []string{"в работе", "работ", "назнач", "передан", "исполнени", "рассмотрени", "принят", "направл", "перенаправл", "отлож", "приостан", "продл", "подготов", "на контрол", "уточн", "распредел", "проверк"}},
}

// State reads the words of a status. ok is false where they say nothing.
func State(words string) (code string, ok bool) {
	folded, _ := topic.Fold(words)
	if folded == "" {
		return "", false
	}
	spaced := " " + folded
	for _, s := range statusWords {
		for _, w := range s.words {
			at := strings.Index(spaced, " "+w)
			if at < 0 || !strings.HasPrefix(w, "не ") && strings.HasSuffix(spaced[:at], " не") {
				continue
			}
			return s.code, true
		}
	}
	return "", false
}

// StateOf returns the state of a row: what its status stands for, and where that says nothing
// what Unknown says. unknown reports that it did not.
func (m *Mapping) StateOf(status string, finished bool) (state lifecycle.State, outcome lifecycle.Outcome, unknown bool) {
	code, ok := lookup(m.Statuses, status)
	if !ok {
		code, ok = State(status)
	}
	if !ok {
		unknown = strings.TrimSpace(status) != ""
		switch code = m.Unknown; {
		case code == "" && finished:
			code = "closed"
		case code == "":
			code = "new"
		}
	}
	state, outcome, _ = ParseState(code)
	return state, outcome, unknown
}

// lookup finds what a value stands for, by its words.
func lookup[T any](table map[string]T, value string) (found T, ok bool) {
	if found, ok = table[value]; ok || len(table) == 0 {
		return found, ok
	}
	want := plain(value)
	for k, v := range table {
		if plain(k) == want {
			return v, true
		}
	}
	return found, false
}

// TopicOf returns the topic that a value stands for, "" where the mapping does not say.
func (m *Mapping) TopicOf(value string) topic.Code { c, _ := lookup(m.Topics, value); return c }

// AgencyOf returns the agency that a value stands for; ok is false where the mapping does not say.
func (m *Mapping) AgencyOf(value string) (id int64, ok bool) { return lookup(m.Agencies, value) }
