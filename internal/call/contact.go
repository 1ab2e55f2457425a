package call

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"otklik/internal/fault"
)

// A Contact is whom to ring.
type Contact struct {
	Name   string
	Phone  string
	Danger Danger // of which it takes calls; "" = of any
	Centre string // OKTMO of the municipality that has it; "" = the whole region
}

// A Danger is a sort of danger that has its own service.
type Danger string

// Dangers.
const (
	Gas      Danger = "gas"
	Power    Danger = "power"
	Fire     Danger = "fire"
	Lift     Danger = "lift"
	Heat     Danger = "heat"
	Manhole  Danger = "manhole"
	Collapse Danger = "collapse"
	Dogs     Danger = "dogs"
	Children Danger = "children"
	Violence Danger = "violence" // and a person who is lost: the police's
)

// Dangers returns all of them.
func Dangers() []Danger {
	return []Danger{Gas, Power, Fire, Lift, Heat, Manhole, Collapse, Dogs, Children, Violence}
}

var dangerWords = map[Danger]struct {
	name string
	why  []string // parts of what the machine calls it (kind/urgency.go)
}{
	Gas: {"газ", []string{"газ"}}, Power: {"электричество", []string{"провод", "током", "бьёт ток"}}, Fire: {"пожар", []string{"пожар", "дым"}},
	Lift: {"лифт", []string{"лифт"}}, Heat: {"тепло", []string{"нет тепла"}}, Manhole: {"люки, провалы", []string{"люк"}},
	Collapse: {"обрушение, падение", []string{"обруш", "падает", "упадёт"}}, Dogs: {"животные", []string{"собак", "зверь"}}, Children: {"дети", []string{"дети", "детям", "ребён"}},
	Violence: {"насилие, пропал человек", []string{"насилие", "бьют", "пристают", "пропал"}},
}

// Name returns the danger's Russian name; «любая опасность» for none.
func (d Danger) Name() string {
	if d == "" {
		return "любая опасность"
	}
	return dangerWords[d].name
}

// of reports whether the danger is what the machine names so.
func (d Danger) of(why string) bool {
	return d != "" && slices.ContainsFunc(dangerWords[d].why, func(w string) bool { return strings.Contains(why, w) })
}

// always are known in all of Russia.
var always = []Contact{{Name: "Газовая служба", Phone: "104", Danger: Gas}, {Name: "Полиция", Phone: "102", Danger: Violence}, {Name: "Экстренные службы", Phone: "112"}}

// Whom returns whom to ring about a danger at a place: services for just that danger
// first, the municipality's own before the region's; 112 takes every call in Russia and
// is never missing.
func Whom(book []Contact, centre, why string) []Contact {
	var out []Contact
	add := func(list []Contact, exact bool, at string) {
		for _, c := range list {
			fits := c.Danger.of(why) == exact && (exact || c.Danger == "")
			if fits && c.Centre == at && !slices.ContainsFunc(out, func(o Contact) bool { return o.Phone == c.Phone }) {
				out = append(out, c)
			}
		}
	}
	for _, exact := range []bool{true, false} {
		if centre != "" {
			add(book, exact, centre)
		}
		add(book, exact, "")
		if !exact || len(out) == 0 {
			add(always, exact, "")
		}
	}
	return out
}

// Contacts returns whom to ring by the book of the region.
func (c *Call) Contacts(book []Contact) []Contact { return Whom(book, c.Scope.Centre, c.Why) }

const (
	nameLimit = 100
	bookLimit = 500 // contacts of a region
)

var number = regexp.MustCompile(`^[+]?[0-9][0-9 ()-]{1,24}$`)

// Check is Invalid for a contact that nobody can ring, with the field.
func (c *Contact) Check() error {
	c.Name, c.Phone = strings.Join(strings.Fields(c.Name), " "), strings.TrimSpace(c.Phone)
	switch n := utf8.RuneCountInString(c.Name); {
	case n == 0 || n > nameLimit:
		return fault.New(fault.Invalid, "a name of %d characters", n).At("name").Say("Напишите, кто отвечает по этому телефону: до 100 знаков, например «ЕДДС Абакана».")
	case !number.MatchString(c.Phone):
		return fault.New(fault.Invalid, "no telephone number").At("phone").Say("Телефон пишут цифрами, например 8 (3902) 22-33-44 или 112.")
	case c.Danger != "" && !slices.Contains(Dangers(), c.Danger):
		return fault.New(fault.Invalid, "danger %q is unknown", c.Danger).At("danger").Say("Такой опасности в списке нет. Оставьте поле пустым, если звонят по любой.")
	}
	return nil
}

// CheckBook checks all contacts of a region.
func CheckBook(book []Contact) error {
	if len(book) > bookLimit {
		return fault.New(fault.Invalid, "%d contacts", len(book)).Say("В справочнике не больше 500 телефонов.")
	}
	for k := range book {
		if err := book[k].Check(); err != nil {
			return err
		}
		for _, o := range book[:k] {
			if o.Centre == book[k].Centre && o.Phone == book[k].Phone && o.Danger == book[k].Danger {
				return fault.New(fault.Invalid, "a telephone stands twice").At("phone").Say("Телефон " + o.Phone + " на этой территории уже записан: " + o.Name + ".")
			}
		}
	}
	return nil
}

// ReadCSV reads lines «территория;название;телефон;опасность» (semicolons, commas or
// tabs; the head line may be there; the territory is a code or a name that find knows,
// empty for the region; the danger is a code or a name of ours, may be empty).
func ReadCSV(text string, find func(name string) (oktmo string, ok bool)) (out []Contact, err error) {
	if !utf8.ValidString(text) {
		return nil, fault.New(fault.Invalid, "the table is not UTF-8").At("csv").Say("Таблица не в кодировке UTF-8. Сохраните её как CSV UTF-8.")
	}
	r := csv.NewReader(strings.NewReader(strings.TrimPrefix(text, "\ufeff")))
	r.FieldsPerRecord, r.LazyQuotes, r.Comma = -1, true, ';'
	if first, _, _ := strings.Cut(strings.TrimLeft(text, "\ufeff\r\n"), "\n"); !strings.Contains(first, ";") {
		if r.Comma = ','; strings.Contains(first, "\t") {
			r.Comma = '\t'
		}
	}
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		line, _ := r.FieldPos(0)
		bad := func(format string, args ...any) error {
			return fault.New(fault.Invalid, "line %d cannot be read", line).At("csv").Say(fmt.Sprintf("Строка %d: ", line) + fmt.Sprintf(format, args...))
		}
		if err != nil {
			return nil, fault.New(fault.Invalid, "the table: %w", err).At("csv").Say("Таблица не читается: проверьте кавычки. Строка: территория;название;телефон;опасность.")
		}
		for k := range row {
			row[k] = strings.TrimSpace(row[k])
		}
		switch {
		case len(row) == 1 && row[0] == "", len(out) == 0 && strings.EqualFold(row[0], "территория"):
			continue
		case len(row) < 3:
			return nil, bad("нужны территория, название и телефон.")
		}
		c := Contact{Name: row[1], Phone: row[2]}
		if row[0] != "" {
			oktmo, ok := find(row[0])
			if !ok {
				return nil, bad("территории «%s» в регионе нет.", clip(row[0]))
			}
			c.Centre = oktmo
		}
		if len(row) > 3 && row[3] != "" && !strings.EqualFold(row[3], Danger("").Name()) {
			k := slices.IndexFunc(Dangers(), func(d Danger) bool { return string(d) == row[3] || strings.EqualFold(d.Name(), row[3]) })
			if k < 0 {
				return nil, bad("опасности «%s» в списке нет.", clip(row[3]))
			}
			c.Danger = Dangers()[k]
		}
		if err := c.Check(); err != nil {
			return nil, bad("%s", fault.Sentence(err))
		}
		if out = append(out, c); len(out) > bookLimit {
			return nil, bad("телефонов больше 500.")
		}
	}
}

func clip(s string) string {
	if r := []rune(s); len(r) > 60 {
		return string(r[:60]) + "…"
	}
	return s
}
