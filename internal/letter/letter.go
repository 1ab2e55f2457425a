// Package letter prints for people who have no Internet: the answer as a letter, and the
// slip with the number that is handed out at the counter. Both are PDF, A4, with text that
// can be selected and read aloud.
//
// Start with Letter.PDF and Slip.PDF: they take words and give bytes, and know nothing of
// incidents. What a letter may hold is decided where it is gathered (desk.Paper).
package letter

// A Head is who writes.
type Head struct {
	Centre string   // «ЦУР Республики Хакасия»
	Lines  []string // address, telephone, hours: how residents reach us
	Signed string   // post and name of who signs answers to appeals; "" leaves room to write them
}

// A Letter is an answer on paper.
type Letter struct {
	Head   Head
	Number string // «123-456-78»
	Date   string // of the printing: «24 ноября 2026 г.»
	To     string // name of who asked; "" = it is not known or was erased

	Appeal bool   // under 59-ФЗ: other words, other rights, a signature
	Done   bool   // a final answer is among the answers
	Came   string // day on which it came: «3 ноября 2026 г.»
	Agency string // who answers; "" = the centre
	Topic  string
	Place  string // "" = unknown

	Asked   []Words // in the order in which they came
	Answers []Words // in the order in which they were given; not empty

	Status string // address of the page that shows how it stands; "" = no page will show it
}

// Words are what somebody said.
type Words struct {
	Title  string // «Ответ», «Промежуточный ответ»; "" of what a resident said
	Day    string
	Text   string
	Alone  string // what of an answer is for its reader alone
	Erased string // day on which the words were taken away; then there is no Text
}

// A Slip is what somebody takes home from the counter. It names nobody.
type Slip struct {
	Head   Head
	Number string
	Date   string // of the printing
	Topic  string
	Status string // as of a Letter
}

// law is the Federal law on citizens' appeals.
const law = "Федеральный закон от 2 мая 2006 г. № 59-ФЗ «О порядке рассмотрения обращений граждан Российской Федерации»"

// PDF prints the letter.
func (l *Letter) PDF() ([]byte, error) {
	s, err := newSheet()
	if err != nil {
		return nil, err
	}
	s.head(&l.Head)
	s.say(body, "№ "+l.Number+" от "+l.Date)
	if l.To != "" {
		s.say(body, "Кому: "+l.To)
	}
	s.skip(10)
	s.say(title, l.heading())
	s.say(body, l.opening())
	s.skip(6)
	s.say(body, "О чём: "+l.Topic+".")
	if l.Place != "" {
		s.say(body, "Где: "+l.Place+".")
	}
	s.titled("Что вы сообщили")
	for k := range l.Asked {
		s.words(&l.Asked[k])
	}
	for k := range l.Answers {
		s.titled(l.Answers[k].Title)
		s.words(&l.Answers[k])
	}
	l.rights(s)
	s.status(l.Number, l.Status)
	if l.Appeal {
		s.signature(l.Head.Signed)
	}
	return s.pdf("Ответ № "+l.Number, "№ "+l.Number)
}

func (l *Letter) heading() string {
	if l.Appeal {
		return "Ответ на обращение"
	}
	return "Ответ на сообщение"
}

func (l *Letter) opening() string {
	text := "Мы получили ваше сообщение " + l.Came + " и отвечаем на него."
	if l.Appeal {
		text = "Ваше обращение поступило " + l.Came + " и рассматривается. Порядок установил " + law + "."
		if l.Done {
			text = "Ваше обращение, которое поступило " + l.Came + ", рассмотрено. Порядок установил " + law + "."
		}
	}
	if l.Agency != "" {
		text += " Отвечает: " + l.Agency + "."
	}
	return text
}

// rights says how to judge the answer, how the work begins anew and what else one may do:
// of an appeal the complaint of article 5 of 59-ФЗ, of a message the appeal itself, which
// is answered within thirty days after its registration (article 12).
func (l *Letter) rights(s *sheet) {
	s.titled("Решено ли на самом деле?")
	s.say(body, "Скажите нам: решено, решено не всё или не решено. Если не решено, дело вернут в работу. Оценить ответ можно от 1 (плохо) до 5 (хорошо). Назовите номер "+l.Number+" по телефону, на приёме или в письме."+l.Head.reach())
	if l.Appeal {
		s.say(body, "Если вы не согласны с ответом, вы вправе обжаловать решение, действие или бездействие в административном и (или) судебном порядке (статья 5 закона № 59-ФЗ).")
		return
	}
	s.say(body, "Это ответ на сообщение. Если нужен официальный ответ по закону № 59-ФЗ, подайте обращение: назовите фамилию, имя и куда ответить. На него отвечают в течение 30 дней со дня регистрации.")
}

// reach says where to look how we are found, as the end of a paragraph.
func (h *Head) reach() string {
	if len(h.Lines) == 0 {
		return ""
	}
	return " Адрес и телефон указаны выше."
}

// PDF prints the slip: the upper half of a page, and a line to cut along.
func (n *Slip) PDF() ([]byte, error) {
	s, err := newSheet()
	if err != nil {
		return nil, err
	}
	s.head(&n.Head)
	s.say(title, "Памятка заявителю")
	s.say(body, "Ваш номер:")
	s.say(huge, n.Number)
	s.say(body, n.Topic+". Памятка выдана "+n.Date)
	s.titled("Как узнать, что сделано")
	s.say(body, "Назовите номер по телефону или на приёме."+n.Head.reach()+" Если вы оставили телефон, спросят его последние четыре цифры: так о деле не узнает чужой.")
	s.status(n.Number, n.Status)
	s.titled("Если ответ не помог")
	s.say(body, "Скажите об этом тем же путём и назовите номер: дело вернут в работу. Номер не меняется.")
	s.cut()
	return s.pdf("Памятка № "+n.Number, "")
}
