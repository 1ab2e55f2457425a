package staff

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"otklik/internal/account"
	"otklik/internal/fault"
	"otklik/internal/site"
	"otklik/internal/topic"
)

// TopicEditor stands in site, because the API edits too.
type TopicEditor = site.TopicEditor

// longestTopic is how long a name of a topic or a group may be, in letters.
const longestTopic = 150

// TopicsPage is the classifier with its versions.
type TopicsPage struct {
	Chrome
	Version   int
	Total     int // topics in use
	MayEdit   bool
	Groups    []TopicGroup
	Retired   []topic.Topic
	Open      topic.Code // the topic that is being changed
	Group     topic.Code // the group whose list stands open
	Versions  []VersionRow
	More      int // older versions that are not shown
	Kept      url.Values
	Problem   string // of the whole page
	Field     string // or of one field of the form that was sent
	FieldSays string
}

// A TopicGroup is a group of topics on the page.
type TopicGroup struct {
	topic.Group
	Fast        int // how many of its topics have the short deadline
	Open        bool
	First, Last bool
}

// A VersionRow is one version in words.
type VersionRow struct {
	N         int
	When, Who string
	Changes   []string
	Now       bool
}

// shownVersions is how many versions the page lists.
const shownVersions = 20

// Value returns what was typed into a field.
func (p *TopicsPage) Value(name string) string { return p.Kept.Get(name) }

// NewName returns what was typed as the name of a new topic; the form of a known
// topic has a field of the same name.
func (p *TopicsPage) NewName() string {
	if p.Open != "" {
		return ""
	}
	return p.Value("name")
}

// Wrong reports whether the field of a form must say what is wrong with it. open
// is the topic that the form changes, "" for a new one.
func (p *TopicsPage) Wrong(open topic.Code, field string) bool {
	return p.Field == field && p.Open == open
}

// NameOf returns the name in the form of a topic: as typed, else as it is.
func (p *TopicsPage) NameOf(t *topic.Topic) string {
	if p.Kept.Has("name") {
		return p.Value("name")
	}
	return t.Name
}

// GroupOf is NameOf for the group.
func (p *TopicsPage) GroupOf(t *topic.Topic) topic.Code {
	if p.Kept.Has("group") {
		return topicCode(p.Value("group"))
	}
	return t.GroupCode
}

// GroupName is the name in the form of a group: as typed, else as it is.
func (p *TopicsPage) GroupName(g *topic.Group) string {
	if p.Kept.Has("group_name") && topicCode(p.Value("group")) == g.Code {
		return p.Value("group_name")
	}
	return g.Name
}

// WrongGroup reports whether the form of a group must say what is wrong with its name.
func (p *TopicsPage) WrongGroup(g topic.Code) bool { return p.Field == "group_name" && p.Group == g }

// FastOf is NameOf for the short deadline.
func (p *TopicsPage) FastOf(t *topic.Topic) bool {
	if p.Kept.Has("name") {
		return p.Value("fast") != ""
	}
	return t.Fast
}

func (s *Staff) topics(w http.ResponseWriter, r *http.Request) error {
	return s.showTopics(w, r, http.StatusOK, &TopicsPage{Open: topicCode(r.URL.Query().Get("topic")), Group: topicCode(r.URL.Query().Get("group"))})
}

func (s *Staff) showTopics(w http.ResponseWriter, r *http.Request, status int, p *TopicsPage) error {
	me := who(r)
	if s.Editor != nil {
		p.MayEdit = s.Editor.MayEditTopics(me.Actor())
		list, err := s.Editor.TopicVersions(r.Context())
		if err != nil {
			return err
		}
		if p.Versions, err = s.versionRows(r, me, list[:min(len(list), shownVersions)]); err != nil {
			return err
		}
		p.More = max(0, len(list)-shownVersions)
	}
	t := s.Topics()
	p.Version = t.Version
	if tp, ok := t.ByCode(p.Open); ok && p.MayEdit && !tp.Retired && tp.GroupCode != "" {
		p.Group = tp.GroupCode
	} else {
		p.Open = ""
	}
	for _, g := range t.Groups() {
		row := TopicGroup{Group: g, Open: g.Code == p.Group}
		for _, tp := range g.Topics {
			if tp.Fast {
				row.Fast++
			}
		}
		p.Total += len(g.Topics)
		p.Groups = append(p.Groups, row)
	}
	if len(p.Groups) > 0 {
		p.Groups[0].First, p.Groups[len(p.Groups)-1].Last = true, true
	}
	for _, tp := range t.Topics {
		if tp.Retired {
			p.Retired = append(p.Retired, tp)
		}
	}
	for n := range p.Versions {
		p.Versions[n].Now = p.Versions[n].N == p.Version
	}
	p.Chrome = s.chrome(w, r, "topics")
	p.Here = "/desk/topics"
	return s.page(w, r, status, "Темы", Topics(p))
}

func (s *Staff) versionRows(r *http.Request, me *account.Account, list []site.Version) ([]VersionRow, error) {
	people, err := s.colleagues(r.Context(), me)
	if err != nil {
		return nil, err
	}
	zone := s.zone(me.Place.Centre, me.Place.Region)
	var rows []VersionRow
	for _, v := range list {
		row := VersionRow{N: v.Version, Changes: v.Changes, When: "с самого начала", Who: "пришла с программой"}
		if !v.At.IsZero() {
			row.When = site.DateTime(v.At, s.Now(), zone)
			switch row.Who = people.names[v.Who]; {
			case v.Who == 0:
				row.Who = "из командной строки"
			case row.Who == "":
				row.Who = "работник другого региона"
			}
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// editTopics adds, changes, retires or restores one topic.
func (s *Staff) editTopics(w http.ResponseWriter, r *http.Request) error {
	if err := form(w, r); err != nil {
		return err
	}
	if s.Editor == nil {
		return fault.New(fault.Forbidden, "the taxonomy is not edited here").Say("Здесь классификатор только показывают.")
	}
	edit, at, said, err := s.topicEdit(r)
	var next *topic.Taxonomy
	if err == nil {
		version, _ := strconv.Atoi(r.Form.Get("taxonomy")) // the query has it when a deed is taken back
		next, err = s.Editor.EditTopics(r.Context(), who(r).Actor(), version, edit)
	}
	switch fault.KindOf(err) {
	case "":
		if said.Undo != "" {
			said.Undo += "&taxonomy=" + strconv.Itoa(next.Version)
		}
		say(w, said)
		anchor := "#t-" + url.QueryEscape(string(at.Code))
		if at.Code == "" {
			anchor = "#g-" + url.QueryEscape(string(at.GroupCode))
		}
		http.Redirect(w, r, "/desk/topics?group="+url.QueryEscape(string(at.GroupCode))+anchor, http.StatusSeeOther)
		return nil
	case fault.Invalid, fault.Conflict:
		p := &TopicsPage{Kept: r.PostForm, Group: at.GroupCode}
		if r.PathValue("deed") == "change" {
			p.Open = topicCode(field(r, "code"))
		}
		var f *fault.Error
		if errors.As(err, &f) && f.Kind == fault.Invalid && f.Field != "" && f.Field != "topics" {
			p.Field, p.FieldSays = f.Field, f.Sentence
		} else {
			p.Problem = fault.Sentence(err)
		}
		return s.showTopics(w, r, site.Status(err), p)
	}
	return err
}

// topicEdit reads the form: the edit, the topic it is about, and what to say when
// it is done. at is set as far as it is known when the form is wrong.
func (s *Staff) topicEdit(r *http.Request) (e topic.Edit, at topic.Topic, said Said, err error) {
	t := s.Topics()
	if r.PathValue("deed") == "add" {
		at, err = s.newTopic(r, t)
		return topic.Edit{Put: []topic.Topic{at}}, at, Said{Good: "Тема «" + at.Name + "» добавлена."}, err
	}
	if deed := r.PathValue("deed"); deed == "rename" || deed == "up" || deed == "down" {
		return s.groupEdit(r, t)
	}
	code := topicCode(strings.TrimSpace(r.Form.Get("code")))
	at, ok := t.ByCode(code)
	if !ok || code == topic.Undefined {
		return e, at, said, fault.New(fault.Conflict, "no topic %q", code).Say("Такой темы в классификаторе нет. Посмотрите, каким он стал.")
	}
	back := "?code=" + url.QueryEscape(string(code))
	switch r.PathValue("deed") {
	case "change":
		at.Fast = field(r, "fast") != ""
		if at.Name, err = topicWords(r, "name", "Напишите название темы."); err != nil {
			return e, at, said, err
		}
		if to := topicCode(field(r, "group")); to != "" && to != at.GroupCode {
			g, ok := groupOf(t, to)
			if !ok {
				return e, at, said, fault.New(fault.Invalid, "no group %q", to).At("group").Say("Такой группы нет. Выберите из списка.")
			}
			at.Group, at.GroupCode = g.Name, g.Code
		}
		return topic.Edit{Put: []topic.Topic{at}}, at, Said{Good: "Тема «" + at.Name + "» сохранена."}, nil
	case "retire":
		return topic.Edit{Retire: []topic.Code{code}}, at, Said{Good: "Тема «" + at.Name + "» выведена: новые инциденты её не получат, у прежних она останется.",
			Undo: "/desk/topics/restore" + back, UndoAs: "Вернуть тему"}, nil
	case "restore":
		return topic.Edit{Restore: []topic.Code{code}}, at, Said{Good: "Тема «" + at.Name + "» снова в классификаторе.",
			Undo: "/desk/topics/retire" + back, UndoAs: "Вывести тему"}, nil
	}
	return e, at, said, fault.New(fault.NotFound, "no such deed")
}

func groupOf(t *topic.Taxonomy, code topic.Code) (topic.Group, bool) {
	groups := t.Groups()
	n := slices.IndexFunc(groups, func(g topic.Group) bool { return g.Code == code })
	if n < 0 {
		return topic.Group{}, false
	}
	return groups[n], true
}

// groupEdit reads the forms of a group: another name, or one place up or down. at
// says which group stands open after it.
func (s *Staff) groupEdit(r *http.Request, t *topic.Taxonomy) (e topic.Edit, at topic.Topic, said Said, err error) {
	at.GroupCode = topicCode(strings.TrimSpace(r.Form.Get("group")))
	g, ok := groupOf(t, at.GroupCode)
	if !ok {
		return e, at, said, fault.New(fault.Conflict, "no group %q", at.GroupCode).Say("Такой группы в классификаторе нет. Посмотрите, каким он стал.")
	}
	if r.PathValue("deed") == "rename" {
		name, err := topicWords(r, "group_name", "Напишите название группы.")
		return topic.Edit{Rename: map[topic.Code]string{g.Code: name}}, at, Said{Good: "Группа теперь называется «" + name + "»."}, err
	}
	var order []topic.Code
	for _, o := range t.Groups() {
		order = append(order, o.Code)
	}
	from := slices.Index(order, g.Code)
	to, word, back := from-1, "выше", "down"
	if r.PathValue("deed") == "down" {
		to, word, back = from+1, "ниже", "up"
	}
	if to < 0 || to == len(order) {
		return e, at, said, fault.New(fault.Conflict, "group %q is at the end", g.Code).Say("Дальше двигать некуда: группа стоит с краю.")
	}
	order[from], order[to] = order[to], order[from]
	return topic.Edit{Move: order}, at, Said{Good: "Группа «" + g.Name + "» стоит " + word + ".",
		Undo: "/desk/topics/" + back + "?group=" + url.QueryEscape(string(g.Code)), UndoAs: "Вернуть на место"}, nil
}

// newTopic reads the form of a new topic. Its code is made from its name.
func (s *Staff) newTopic(r *http.Request, t *topic.Taxonomy) (tp topic.Topic, err error) {
	groups := t.Groups()
	tp.GroupCode = topicCode(field(r, "group"))
	tp.Fast = field(r, "fast") != ""
	named := field(r, "new_group")
	for _, g := range groups {
		if g.Code == tp.GroupCode && named == "" || named != "" && topic.SameName(g.Name, named) {
			tp.GroupCode, tp.Group = g.Code, g.Name
		}
	}
	if tp.Name, err = topicWords(r, "name", "Напишите название темы."); err != nil {
		return tp, err
	}
	if named != "" && tp.Group == "" {
		if tp.Group, err = topicWords(r, "new_group", "Напишите название группы."); err != nil {
			return tp, err
		}
		tp.GroupCode = t.NewCode("", tp.Group)
	}
	if tp.Group == "" {
		return tp, fault.New(fault.Invalid, "no group %q", tp.GroupCode).At("group").Say("Выберите группу или назовите новую.")
	}
	tp.Code = t.NewCode(tp.GroupCode, tp.Name)
	return tp, nil
}

// topicWords reads the name of a topic or a group: without the star, which is a
// mark of its own.
func topicWords(r *http.Request, name, empty string) (string, error) {
	v := strings.Join(strings.Fields(strings.Trim(field(r, name), "★ ")), " ")
	switch n := utf8.RuneCountInString(v); {
	case n == 0:
		return v, fault.New(fault.Invalid, "%s is empty", name).At(name).Say(empty)
	case n > longestTopic:
		return v, fault.New(fault.Invalid, "%s has %d letters", name, n).At(name).Say("Слишком длинно: не больше " + strconv.Itoa(longestTopic) + " знаков.")
	}
	return v, nil
}
