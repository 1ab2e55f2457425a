package topic

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"sync"

	"otklik/data/topics"
	"otklik/internal/fault"
)

// Default returns the taxonomy that the product ships: the official classifier
// of 195 topics in 26 groups. It is shared; never write to it.
var Default = sync.OnceValue(func() *Taxonomy {
	t, err := Parse(topics.Classifier)
	if err != nil {
		panic("topic: the embedded classifier: " + err.Error()) // a broken build, caught by any test
	}
	return t
})

// Parse reads a taxonomy from JSON and validates it. Taxonomy marshals to the
// same JSON.
func Parse(data []byte) (*Taxonomy, error) {
	var t Taxonomy
	if err := json.Unmarshal(data, &t); err != nil {
		return nil, fault.New(fault.Invalid, "topic: taxonomy is no JSON: %w", err).
			Say("Файл классификатора не читается: это не JSON нужного вида.").
			Mend("compare it with data/topics/classifier.json")
	}
	if err := t.Validate(); err != nil {
		return nil, err
	}
	return &t, nil
}

var codeForm = regexp.MustCompile(`^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$`)

// Validate reports the first thing that makes the taxonomy unusable: no name or
// version, no topic in use, a code malformed, reserved or given twice, a name
// missing or borne by two topics in use, or one group code with two names.
func (t *Taxonomy) Validate() error {
	if t.Name == "" {
		return invalid("name", "У классификатора нет названия.", "taxonomy has no name")
	}
	if t.Version < 1 {
		return invalid("version", "Номер версии классификатора начинается с 1.", "taxonomy version %d is below 1", t.Version)
	}
	codes := map[Code]bool{}
	names := map[string]Code{}
	groups := map[Code]string{}
	active := 0
	for i, tp := range t.Topics {
		switch folded, _ := Fold(tp.Name); {
		case !codeForm.MatchString(string(tp.Code)) || tp.Code == Undefined:
			return invalid("code", "Код темы пишется латиницей, например roads.potholes.", "topic %d: code %q is malformed or reserved", i+1, tp.Code)
		case codes[tp.Code]:
			return invalid("code", "Код темы встречается дважды.", "topic %d: code %q is given twice", i+1, tp.Code)
		case folded == "":
			return invalid("name", "У темы нет названия.", "topic %q has no name", tp.Code)
		case !codeForm.MatchString(string(tp.GroupCode)):
			return invalid("group_code", "Код группы пишется латиницей, например roads.", "topic %q: group code %q is malformed", tp.Code, tp.GroupCode)
		case tp.Group == "":
			return invalid("group", "У группы тем нет названия.", "topic %q: group has no name", tp.Code)
		case groups[tp.GroupCode] != "" && groups[tp.GroupCode] != tp.Group:
			return invalid("group", "У одной группы два названия.", "topic %q: group %q has two names", tp.Code, tp.GroupCode)
		case !tp.Retired && names[folded] != "":
			return invalid("name", "Две темы носят одно название.", "topics %q and %q bear one name", names[folded], tp.Code)
		case !tp.Retired:
			names[folded] = tp.Code
			active++
		}
		codes[tp.Code] = true
		groups[tp.GroupCode] = tp.Group
	}
	if active == 0 {
		return invalid("topics", "В классификаторе нет ни одной действующей темы.", "taxonomy has no topic in use")
	}
	return nil
}

func invalid(field, sentence, format string, args ...any) error {
	return fault.New(fault.Invalid, "topic: "+format, args...).At(field).Say(sentence)
}

// An Edit is a change of a taxonomy.
type Edit struct {
	// Put holds new topics, and known codes with a new name, group or fast
	// flag. New topics go behind the last topic of their group. A group gets a
	// new name when all its topics in use are put with it.
	Put []Topic
	// Retire takes topics out of use; their codes stay.
	Retire []Code
	// Restore brings retired topics back.
	Restore []Code
	// Rename gives groups new names, by their codes.
	Rename map[Code]string
	// Move puts groups into another order: those named stand first, in this order,
	// the others behind them as they stood.
	Move []Code
}

// With returns the next version of the taxonomy: the edit applied and
// validated. t itself is not changed. Retiring or restoring an unknown code is
// NotFound; an edit that changes nothing returns t.
func (t *Taxonomy) With(e Edit) (*Taxonomy, error) {
	next := &Taxonomy{Name: t.Name, Version: t.Version + 1, Topics: slices.Clone(t.Topics)}
	for _, tp := range e.Put {
		next.put(tp)
	}
	for _, c := range e.Retire {
		if err := next.flag(c, true); err != nil {
			return nil, err
		}
	}
	for _, c := range e.Restore {
		if err := next.flag(c, false); err != nil {
			return nil, err
		}
	}
	for _, c := range slices.Sorted(maps.Keys(e.Rename)) {
		if err := next.rename(c, e.Rename[c]); err != nil {
			return nil, err
		}
	}
	if err := next.move(e.Move); err != nil {
		return nil, err
	}
	if slices.Equal(next.Topics, t.Topics) {
		return t, nil
	}
	next.alignRetired()
	if err := next.Validate(); err != nil {
		return nil, err
	}
	return next, nil
}

func (t *Taxonomy) put(tp Topic) {
	last := -1
	for i := range t.Topics {
		if t.Topics[i].Code == tp.Code {
			t.Topics[i] = tp
			return
		}
		if t.Topics[i].GroupCode == tp.GroupCode {
			last = i
		}
	}
	if last < 0 {
		last = len(t.Topics) - 1
	}
	t.Topics = slices.Insert(t.Topics, last+1, tp)
}

func (t *Taxonomy) flag(c Code, retired bool) error {
	for i := range t.Topics {
		if t.Topics[i].Code == c {
			t.Topics[i].Retired = retired
			return nil
		}
	}
	return fault.New(fault.NotFound, "topic: no topic %q", c).At("code").Say("Такой темы в классификаторе нет.")
}

// rename gives a group another name; that of another group is refused, because
// rules and filters know groups by their names.
func (t *Taxonomy) rename(c Code, name string) error {
	found := false
	for i := range t.Topics {
		switch tp := &t.Topics[i]; {
		case tp.GroupCode == c:
			tp.Group, found = name, true
		case SameName(tp.Group, name):
			return invalid("group_name", "Такая группа уже есть. Перенесите темы в неё или назовите группу иначе.", "groups %q and %q would bear one name", c, tp.GroupCode)
		}
	}
	if !found {
		return unknownGroup(c)
	}
	return nil
}

func unknownGroup(c Code) error {
	return fault.New(fault.NotFound, "topic: no group %q", c).At("group").Say("Такой группы в классификаторе нет.")
}

func (t *Taxonomy) move(order []Code) error {
	place := map[Code]int{}
	for n, c := range order {
		if _, twice := place[c]; twice {
			return invalid("move", "Группа названа дважды.", "group %q is named twice", c)
		}
		if !slices.ContainsFunc(t.Topics, func(tp Topic) bool { return tp.GroupCode == c }) {
			return unknownGroup(c)
		}
		place[c] = n
	}
	if len(order) == 0 {
		return nil
	}
	for _, tp := range t.Topics { // the others, in the order in which the list first names them
		if _, known := place[tp.GroupCode]; !known {
			place[tp.GroupCode] = len(place)
		}
	}
	slices.SortStableFunc(t.Topics, func(a, b Topic) int { return place[a.GroupCode] - place[b.GroupCode] })
	return nil
}

// alignRetired gives retired topics the name that their group bears now.
func (t *Taxonomy) alignRetired() {
	names := map[Code]string{}
	for _, tp := range t.Topics {
		if !tp.Retired {
			names[tp.GroupCode] = tp.Group
		}
	}
	for i := range t.Topics {
		if n := names[t.Topics[i].GroupCode]; n != "" && t.Topics[i].Retired {
			t.Topics[i].Group = n
		}
	}
}
