package talk

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// labelMost is how long a button may be, in characters: phones show no more.
const labelMost = 40

// question asks with buttons. Data of the rows is without the round.
func (t *turn) question(s Say, rows ...[]Choice) {
	s.Asks = true
	t.s.Shown = nil
	for _, row := range rows {
		if len(row) == 0 {
			continue
		}
		s.Buttons = append(s.Buttons, row)
		t.s.Shown = append(t.s.Shown, row...)
	}
	t.say(s)
}

// row makes one row of answers to the question that stands.
func (t *turn) row(list ...Choice) []Choice {
	for k := range list {
		list[k].Label, list[k].Data = cut(list[k].Label), Data(t.s.Round, list[k].Data)
	}
	return list
}

func cut(label string) string {
	if r := []rune(label); len(r) > labelMost {
		return string(r[:labelMost-1]) + "…"
	}
	return label
}

var cancelling = Choice{"Отменить", sayCancel}

// ask asks the question of the step.
func (t *turn) ask() {
	d := &t.s.Draft
	switch t.s.Step {
	case Idle:
		t.menu(KeyMenu)
	case Which:
		t.which()
	case What:
		t.question(Say{Key: KeyWhat}, t.row(cancelling))
	case Where:
		s, leave := Say{Key: KeyWhere, Point: true}, "Не знаю адреса"
		if d.Asked > 0 {
			s.Key, leave = KeyWhereAgain, "Оставить как написано"
		}
		if d.Town != "" {
			s.Key, s.Values = KeyWhereIn, map[string]string{VarPlace: d.Town}
		}
		t.question(s, t.row(Choice{leave, sayLeave}), t.row(cancelling))
	case Choose:
		var rows [][]Choice
		for k, spot := range d.Spots {
			rows = append(rows, t.row(Choice{spot.Name, saySpot + ":" + strconv.Itoa(k)}))
		}
		t.question(Say{Key: KeyChoose}, append(rows, t.row(Choice{"Другое место", sayOther}, Choice{"Не знаю", sayLeave}), t.row(cancelling))...)
	case Near:
		alike := t.f.Alike(*d)
		if len(alike) == 0 { // closed meanwhile
			d.Alone = true
			t.advance()
			return
		}
		var rows [][]Choice
		for _, c := range alike {
			rows = append(rows, t.row(Choice{strings.TrimSuffix("И у меня: "+c.Topic, ": "), fmt.Sprintf("%s:%d", sayMe, c.ID)}))
		}
		t.question(Say{Key: KeyNear, Values: alike[0].values()}, append(rows, t.row(Choice{"Нет, у меня другое", sayApart}), t.row(cancelling))...)
	case Photo:
		t.question(Say{Key: KeyPhoto}, t.row(Choice{"Без фото", sayNoPhoto}), t.row(cancelling))
	case Confirm:
		s := Say{Key: KeyConfirm, Values: map[string]string{VarPlace: d.where(), VarPhotos: photos(d.Files)}}
		if t.agree != "" && t.s.Agreed != t.agree {
			s.Also = KeyConsent
		}
		t.question(s, t.row(Choice{"Отправить", saySend}), t.row(Choice{"Другое место", sayMove}, cancelling))
	case Number:
		var rows [][]Choice
		for _, c := range t.f.Mine() {
			rows = append(rows, []Choice{{cut("№ " + c.Number + " " + c.Topic), fmt.Sprintf("%s:%d", sayCase, c.ID)}})
		}
		t.question(Say{Key: KeyNumber}, append(rows, t.row(cancelling))...)
	case Why:
		t.question(Say{Key: KeyWhy}, t.row(Choice{"Ничего не добавлять", sayCancel}))
	}
}

// which asks what the words are about.
func (t *turn) which() {
	key := KeyDoubt
	var rows [][]Choice
	for _, c := range t.f.Mine() {
		if len(rows) < 3 {
			rows = append(rows, t.row(Choice{"К № " + c.Number + " " + c.Topic, fmt.Sprintf("%s:%d", sayTo, c.ID)}))
		}
		key = KeyWhich
	}
	rows = append(rows, t.row(Choice{"Новое обращение", sayYes}), t.row(Choice{"Ничего не нужно", sayNo}))
	t.question(Say{Key: key}, rows...)
}

func photos(n int) string {
	switch {
	case n == 0:
		return "нет"
	case n%10 == 1 && n%100 != 11:
		return fmt.Sprintf("%d файл", n)
	case n%10 >= 2 && n%10 <= 4 && (n%100 < 12 || n%100 > 14):
		return fmt.Sprintf("%d файла", n)
	}
	return fmt.Sprintf("%d файлов", n)
}

var menuRows = [][]Choice{{{"Сообщить о проблеме", sayNew}}, {{"Узнать о своём обращении", sayStatus}}, {{"Помощь", sayHelp}, {"Связаться с оператором", sayPerson}}}

// menu offers what one can do.
func (t *turn) menu(key Key) {
	rows := make([][]Choice, len(menuRows))
	for k := range menuRows {
		rows[k] = slices.Clone(menuRows[k])
	}
	t.question(Say{Key: key}, rows...)
}

func (t *turn) greet() {
	t.s.Greeted = true
	t.menu(KeyGreeting)
}

func (t *turn) help() {
	if t.s.Step == Idle {
		t.menu(KeyHelp)
		return
	}
	t.say(Say{Key: KeyHelp})
	t.ask()
}

func (t *turn) person() {
	t.say(Say{Key: KeyPerson})
	if t.s.Step != Idle {
		t.ask()
	}
}

// Marks returns the buttons of a mark.
func Marks(incident int64) (row []Choice) {
	for n := 1; n <= 5; n++ {
		row = append(row, Choice{strconv.Itoa(n), fmt.Sprintf("%s:%d:%d", sayMark, incident, n)})
	}
	return row
}

// PlaceOf is the data of a button that says where an incident is, id naming the place.
func PlaceOf(incident int64, id string) string {
	return fmt.Sprintf("%s:%d:%s", sayPlace, incident, id)
}

// Placed returns the place that such a button names, "" for another button.
func Placed(pressed string) (id string) {
	if rest, ok := strings.CutPrefix(pressed, sayPlace+":"); ok {
		_, id, _ = strings.Cut(rest, ":")
	}
	return id
}

// tell says how an incident stands.
func (t *turn) tell(c Case) {
	s := Say{Key: KeyState, Values: c.values()}
	if c.Marks && t.s.Step == Idle {
		s.Also = KeyMark
		t.question(s, Marks(c.ID))
		return
	}
	t.say(s)
	if t.s.Step != Idle {
		t.ask()
	}
}

// status tells of the resident's incidents, or asks for a number.
func (t *turn) status() {
	mine := t.f.Mine()
	switch {
	case t.s.Step != Idle && t.s.Step != Number:
		for k := range mine[:min(len(mine), 3)] {
			t.say(Say{Key: KeyState, Values: mine[k].values()})
		}
		if len(mine) == 0 {
			t.say(Say{Key: KeyLater})
		}
		t.ask()
	case len(mine) == 1 && t.s.Step == Idle:
		t.tell(mine[0])
	default:
		if t.s.Step == Idle {
			t.begin()
		}
		t.to(Number)
	}
}

// silence ends what nobody went on with. Nothing that was told is lost: it goes on as it is.
func (t *turn) silence() {
	d := t.s.Draft
	switch {
	case t.s.Step == Idle:
		return
	case d.Opened, len(d.Messages) == 0:
	case d.Words && t.s.Step != Which:
		t.deed(Deed{Kind: Open, Messages: d.Messages, Spot: d.Spot})
		t.s.Sent++
		t.say(Say{Key: KeySilence, Values: map[string]string{VarNumber: "", VarPlace: d.where()}})
	case d.Words:
		t.deed(Deed{Kind: Return, Messages: d.Messages, Spot: d.Spot})
	default:
		t.letGo(Nothing, d.Messages...)
		t.say(Say{Key: KeySilenceNothing})
	}
	t.rest()
}

// commands are what is said to the bot and not to people, in small letters.
var commands = map[string]string{
	"/start": "start", "/menu": "start", "меню": "start", "начать": "start", "старт": "start",
	"/help": sayHelp, "помощь": sayHelp, "справка": sayHelp,
	"/cancel": sayCancel, "отмена": sayCancel, "отменить": sayCancel, "стоп": sayCancel, "/stop": sayCancel,
	"/new": sayNew, "сообщить о проблеме": sayNew, "начать заново": sayNew, "новое обращение": sayNew,
	"/status": sayStatus, "статус": sayStatus, "узнать о своём обращении": sayStatus,
	"/operator": sayPerson, "оператор": sayPerson, "позовите оператора": sayPerson, "связаться с оператором": sayPerson,
}

// command does what a command says, and reports whether there was one.
func (t *turn) command() bool {
	if t.in.Files > 0 || t.in.Point != nil {
		return false
	}
	text := strings.ToLower(strings.Trim(strings.TrimSpace(t.in.Text), ".!"))
	what, ok := commands[text]
	if first, _, more := strings.Cut(text, " "); !ok && more && first == "/start" { // with what a link brought
		what, ok = "start", true
	}
	if !ok {
		return false
	}
	t.letGo(Chatter, t.in.Message)
	switch what {
	case "start":
		if t.s.Step == Idle {
			t.greet()
			return true
		}
		t.question(Say{Key: KeyGoOn}, t.row(Choice{"Продолжить", sayGoOn}, Choice{"Начать заново", sayAnew}), t.row(cancelling))
	case sayHelp:
		t.help()
	case sayCancel:
		t.cancel()
	case sayNew:
		t.anew()
	case sayStatus:
		t.status()
	case sayPerson:
		t.person()
	}
	return true
}

var hellos = map[string]bool{"привет": true, "здравствуйте": true, "здравствуй": true, "добрый день": true, "добрый вечер": true, "доброе утро": true, "алло": true, "есть кто": true, "доброго времени суток": true, "тест": true}

func hello(text string) bool { return hellos[strings.ToLower(strings.Trim(text, " .!?,)\n"))] }
