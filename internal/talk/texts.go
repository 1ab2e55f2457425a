package talk

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"otklik/internal/fault"
	"otklik/internal/reply"
)

// A Key names one text of the talk.
type Key string

// Keys.
const (
	KeyGreeting       Key = "greeting"
	KeyMenu           Key = "menu"
	KeyHelp           Key = "help"
	KeyPerson         Key = "person"
	KeyDoubt          Key = "doubt"
	KeyWhich          Key = "which"
	KeyWhat           Key = "what"
	KeyWhere          Key = "where"
	KeyWhereAgain     Key = "where_again"
	KeyWhereIn        Key = "where_in"
	KeyChoose         Key = "choose"
	KeyNear           Key = "near"
	KeyPhoto          Key = "photo"
	KeyConfirm        Key = "confirm"
	KeyConsent        Key = "consent"
	KeyTaken          Key = "taken"
	KeyJoined         Key = "joined"
	KeyAdded          Key = "added"
	KeyCancelled      Key = "cancelled"
	KeyCancelNothing  Key = "cancel_nothing"
	KeyCancelOpened   Key = "cancel_opened"
	KeyGoOn           Key = "go_on"
	KeyDanger         Key = "danger"
	KeyOpenedDone     Key = "opened_done"
	KeyVoice          Key = "voice"
	KeyStale          Key = "stale"
	KeyThanks         Key = "thanks"
	KeyHeard          Key = "heard"
	KeyState          Key = "state"
	KeyNumber         Key = "number"
	KeyNumberBad      Key = "number_bad"
	KeyNumberUnknown  Key = "number_unknown"
	KeyLater          Key = "later"
	KeyHanded         Key = "handed"
	KeyAnswer         Key = "answer"
	KeyMark           Key = "mark"
	KeyMarkGood       Key = "mark_good"
	KeyMarkBad        Key = "mark_bad"
	KeyMarkLate       Key = "mark_late"
	KeyWhy            Key = "why"
	KeyWhyTaken       Key = "why_taken"
	KeyRefused        Key = "refused"
	KeyAgain          Key = "again"
	KeyPlaces         Key = "places"
	KeyPlaceTaken     Key = "place_taken"
	KeyFlood          Key = "flood"
	KeyLimit          Key = "limit"
	KeySilence        Key = "silence"
	KeySilenceNothing Key = "silence_nothing"
)

// Variables of the texts.
const (
	VarNumber  = "номер"
	VarTopic   = "тема"
	VarPlace   = "место"
	VarPhotos  = "фото"
	VarState   = "состояние"
	VarAgency  = "орган"
	VarDue     = "срок"
	VarMark    = "оценка"
	VarReason  = "причина"
	VarAnswer  = "ответ"
	VarContact = "контакт" // how an operator is reached
	VarConsent = "согласие"
	VarCentre  = "центр"
)

// Examples are values to preview a text with.
var Examples = map[string]string{
	VarNumber: "123-456-78", VarTopic: "Ямы на дорогах", VarPlace: "Абакан, улица Ленина, 5", VarPhotos: "2 файла", VarState: "в работе", VarAgency: "Администрация города",
	VarDue: "24 ноября", VarMark: "2", VarReason: "вопрос решает суд", VarAnswer: "Яму заделали 22 ноября.", VarContact: "8 800 000-00-00", VarConsent: "https://example.ru/consent", VarCentre: "Центр управления регионом",
}

// everywhere are the variables that every text may have.
var everywhere = []string{VarContact, VarCentre}

// A Text is one text of the talk as the product brings it.
type Text struct {
	Key   Key
	Name  string   // when it is said
	May   []string // variables that it may have
	Must  []string // variables without which it says nothing
	Words string
}

//go:embed texts.txt
var shipped string

var texts = parse(shipped)

// parse reads the file of texts: «# key | when it is said | variables, those that must
// stand with a star», then the words.
func parse(file string) (out []Text) {
	for _, part := range strings.Split("\n"+file, "\n# ")[1:] {
		head, words, _ := strings.Cut(part, "\n")
		cols := strings.Split(head, "|")
		t := Text{Key: Key(strings.TrimSpace(cols[0])), Name: strings.TrimSpace(cols[1]), Words: strings.TrimSpace(words)}
		if len(cols) > 2 {
			for _, v := range strings.Fields(cols[2]) {
				name, must := strings.CutSuffix(v, "*")
				if t.May = append(t.May, name); must {
					t.Must = append(t.Must, name)
				}
			}
		}
		out = append(out, t)
	}
	return out
}

// Texts returns the texts that the product brings, in the order of the talk.
func Texts() []Text { return slices.Clone(texts) }

// Find returns the text of a key.
func Find(key Key) (Text, error) {
	for _, t := range texts {
		if t.Key == key {
			return t, nil
		}
	}
	return Text{}, fault.New(fault.NotFound, "text %q of the talk is unknown", key).Say("Такого текста диалога нет.")
}

// wordsMost is how long a text may be, in characters: with its values it must fit into one
// message of any network.
const wordsMost = 1000

// Check returns why words cannot stand for a text; nil when they can.
func (t Text) Check(words string) error {
	words = strings.TrimSpace(words)
	may := t.Variables()
	wrong := func(format string, args ...any) error {
		return fault.New(fault.Invalid, "text %s of the talk", t.Key).At("text").Say(fmt.Sprintf(format, args...))
	}
	switch n := utf8.RuneCountInString(words); {
	case n == 0:
		return wrong("Напишите текст или верните исходный: без него диалог не продолжится.")
	case n > wordsMost:
		return wrong("Слишком длинно: %d знаков из %d.", n, wordsMost)
	case !utf8.ValidString(words):
		return wrong("Текст повреждён: наберите его ещё раз.")
	}
	f := reply.Fill(words, may, Examples)
	if len(f.Unknown) > 0 {
		return wrong("Переменной «%s» здесь нет. Можно: %s.", f.Unknown[0].Name, "{{"+strings.Join(may, "}}, {{")+"}}")
	}
	if len(f.Blanks) > 0 {
		return wrong("«Впишите» здесь некому: этот текст отправляет бот.")
	}
	for _, must := range t.Must {
		if !reply.Uses(words, must) {
			return wrong("Добавьте {{%s}}: без этого сообщение ничего не скажет жителю.", must)
		}
	}
	return nil
}

// Variables returns those that the text may have.
func (t Text) Variables() []string { return append(slices.Clone(t.May), everywhere...) }

// A Book holds the texts in force: those of the centre, else the shipped ones.
type Book map[Key]string

// Words returns a text filled with values. What has no value and no words in its place is
// left out.
func (b Book) Words(key Key, values map[string]string) string {
	t, err := Find(key)
	if err != nil {
		return ""
	}
	words := b[key]
	if words == "" {
		words = t.Words
	}
	known := t.Variables()
	f := reply.Fill(words, known, values)
	for _, name := range f.Missing {
		f.Text = reply.Put(f.Text, name.Name, "—")
	}
	return f.Text
}
