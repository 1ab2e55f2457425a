package topic

import (
	"slices"
	"strconv"
	"strings"
)

// Changes says in words, one sentence a topic, what became different since the
// version before: «Добавлена тема «Пыль»». It is what a list of versions shows.
func (t *Taxonomy) Changes(since *Taxonomy) []string {
	var said []string
	renamed := map[Code]bool{}
	for _, now := range t.Topics {
		was, ok := since.ByCode(now.Code)
		switch {
		case !ok:
			said = append(said, "Добавлена тема «"+now.Name+"» в группу «"+now.Group+"»")
			continue
		case was == now:
			continue
		case now.Retired && !was.Retired:
			said = append(said, "Тема «"+was.Name+"» выведена")
		case was.Retired && !now.Retired:
			said = append(said, "Тема «"+now.Name+"» возвращена")
		}
		if was.Name != now.Name {
			said = append(said, "Тема «"+was.Name+"» переименована в «"+now.Name+"»")
		}
		if was.GroupCode != now.GroupCode {
			said = append(said, "Тема «"+now.Name+"» перенесена в группу «"+now.Group+"»")
		}
		if was.GroupCode == now.GroupCode && was.Group != now.Group && !renamed[now.GroupCode] {
			renamed[now.GroupCode] = true
			said = append(said, "Группа «"+was.Group+"» переименована в «"+now.Group+"»")
		}
		if now.Fast != was.Fast {
			word := ": больше не короткий срок"
			if now.Fast {
				word = ": короткий срок"
			}
			said = append(said, "Тема «"+now.Name+"»"+word)
		}
	}
	return append(said, t.moved(since)...)
}

// moved says which group stands elsewhere among those that both versions have: the
// one that, left out, leaves the others in their order, else that many did.
func (t *Taxonomy) moved(since *Taxonomy) []string {
	var now, was []Group
	for _, g := range t.Groups() {
		if slices.ContainsFunc(since.Groups(), func(o Group) bool { return o.Code == g.Code }) {
			now = append(now, g)
		}
	}
	for _, g := range since.Groups() {
		if slices.ContainsFunc(now, func(o Group) bool { return o.Code == g.Code }) {
			was = append(was, g)
		}
	}
	same := func(without Code) bool {
		rest := func(list []Group) (out []Code) {
			for _, g := range list {
				if g.Code != without {
					out = append(out, g.Code)
				}
			}
			return out
		}
		return slices.Equal(rest(now), rest(was))
	}
	if same("") {
		return nil
	}
	for _, g := range now {
		if same(g.Code) {
			return []string{"Группа «" + g.Name + "» стоит на другом месте"}
		}
	}
	return []string{"Порядок групп изменён"}
}

// latin is how codes write Russian letters; hard and soft signs are left out.
var latin = map[rune]string{
	'а': "a", 'б': "b", 'в': "v", 'г': "g", 'д': "d", 'е': "e", 'ж': "zh", 'з': "z", 'и': "i", 'й': "y", 'к': "k",
	'л': "l", 'м': "m", 'н': "n", 'о': "o", 'п': "p", 'р': "r", 'с': "s", 'т': "t", 'у': "u", 'ф': "f", 'х': "kh",
	'ц': "ts", 'ч': "ch", 'ш': "sh", 'щ': "sch", 'ъ': "", 'ы': "y", 'ь': "", 'э': "e", 'ю': "yu", 'я': "ya",
}

// longestSlug is how long the part of a code may be that a name gives, in letters.
const longestSlug = 40

// NewCode makes a code for a new topic of a group from its name, in Latin
// letters; a code that was ever used gets a number. An empty group makes the
// code of a new group. A name without a letter
// becomes "topic".
func (t *Taxonomy) NewCode(group Code, name string) Code {
	base := slug(name)
	if base == "" {
		base = "topic"
	}
	if group != "" {
		base = string(group) + "." + base
	}
	taken := map[Code]bool{Undefined: true}
	for _, tp := range t.Topics {
		taken[tp.Code], taken[tp.GroupCode] = true, true
	}
	code := Code(base)
	for n := 2; taken[code]; n++ {
		code = Code(base + "_" + strconv.Itoa(n))
	}
	return code
}

func slug(name string) string {
	folded, _ := Fold(name)
	var b strings.Builder
	for _, r := range folded {
		if b.Len() >= longestSlug {
			break
		}
		switch l, known := latin[r]; {
		case known:
			b.WriteString(l)
		case r == ' ' && b.Len() > 0:
			b.WriteByte('_')
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9' && b.Len() > 0:
			b.WriteRune(r)
		}
	}
	return strings.TrimRight(b.String(), "_")
}
