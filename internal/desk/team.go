package desk

import (
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"otklik/internal/account"
	"otklik/internal/checklist"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/scope"
	"otklik/internal/team"
)

// Join makes an agency, or a person of one, a co-executor: it sees the incident;
// who answers stays as it is. Leave ends that.
type Join struct {
	Agency  int64
	Account int64
}

// Leave ends what Join began; a co-executor may leave itself.
type Leave struct {
	Agency  int64
	Account int64
}

// Relate links the incident with another one, short of merging them. Unrelate takes that away.
type Relate struct {
	Other incident.ID
	Kind  incident.LinkKind // "" is Related; Cause: this one is the cause of the other
}

// Unrelate takes a link away.
type Unrelate struct{ Other incident.ID }

// Note tells colleagues something. «@Имя Фамилия» or «@логин» in the text, and the
// accounts named, are told of it. EraseNote takes its words away.
type Note struct {
	Text    string
	Mention []int64
}

// EraseNote takes the words of a note away: the writer's own, or a curator any.
type EraseNote struct{ Note int64 }

// Follow keeps an eye on the incident, or no longer.
type Follow struct{ Off bool }

// Todo adds a point to the checklist; without a text it adds what the template of
// the topic holds and the list does not.
type Todo struct {
	Text string
	Due  time.Time
}

// Tick marks a point as done, or not done.
type Tick struct {
	Item int64
	Off  bool
}

func (Join) Action() lifecycle.Action      { return lifecycle.Join }
func (Leave) Action() lifecycle.Action     { return lifecycle.Leave }
func (Relate) Action() lifecycle.Action    { return lifecycle.Relate }
func (Unrelate) Action() lifecycle.Action  { return lifecycle.Relate }
func (Note) Action() lifecycle.Action      { return lifecycle.Note }
func (EraseNote) Action() lifecycle.Action { return lifecycle.Note }
func (Follow) Action() lifecycle.Action    { return lifecycle.Follow }
func (Todo) Action() lifecycle.Action      { return lifecycle.Todo }
func (Tick) Action() lifecycle.Action      { return lifecycle.Todo }

// aside reports whether the change stands beside the incident: it raises no
// version and writes no history, so nobody's typing is disturbed by a note.
func aside(c Change) bool {
	switch c.(type) {
	case Note, EraseNote, Follow, Todo, Tick:
		return true
	}
	return false
}

// helping is Forbidden for what a co-executor may not do: its agency sees the
// incident, another one answers.
func (s *step) helping(c Change) error {
	if s.sees.Sees(s.i.Place) || aside(c) {
		return nil
	}
	if l, ok := c.(Leave); ok && l.Agency == s.who.Scope.Agency {
		return nil
	}
	if c.Action() == lifecycle.Photo {
		return nil
	}
	name := "другая организация"
	if a, err := s.tx.Agencies().Agency(s.ctx, s.i.Place.Agency); err == nil {
		name = a.Name
	}
	return fault.New(fault.Forbidden, "account %d only helps with incident %d", s.who.ID, s.i.ID).
		Say("Вы здесь соисполнитель: отвечает «" + name + "». Напишите заметку, отметьте пункт списка или приложите фото.")
}

// beyond makes a change of this file.
func (s *step) beyond(c Change) error {
	switch c := c.(type) {
	case Join:
		return s.join(c)
	case Leave:
		s.record(incident.Entry{Action: lifecycle.Leave, Detail: incident.Detail{Agency: c.Agency, Account: account.ID(c.Account)}})
		return s.tx.Team().Leave(s.ctx, int64(s.i.ID), c.Agency, account.ID(c.Account))
	case Relate:
		return s.relateTo(c)
	case Unrelate:
		return s.unrelate(c)
	case Note:
		return s.note(c)
	case EraseNote:
		return s.eraseNote(c)
	case Follow:
		if c.Off {
			return s.tx.Team().Unfollow(s.ctx, int64(s.i.ID), s.who.ID)
		}
		return s.tx.Team().Follow(s.ctx, team.Follow{Incident: int64(s.i.ID), Account: s.who.ID, At: s.now})
	case Todo:
		return s.todo(c)
	case Tick:
		return s.tick(c)
	case AddPhoto:
		return s.addPhoto(c)
	case SortPhoto:
		return s.sortPhoto(c)
	case RemovePhoto:
		return s.removePhoto(c)
	}
	return fault.New(fault.Invalid, "change %T is unknown", c)
}

func (s *step) join(c Join) error {
	if c.Account != 0 {
		a, err := s.tx.Accounts().Account(s.ctx, account.ID(c.Account))
		if err != nil {
			return err
		}
		if a.Disabled || a.Place.Region != "" && a.Place.Region != s.i.Place.Region {
			return fault.New(fault.Invalid, "account %d does not work here", c.Account).At("account").Say("Этот сотрудник здесь не работает. Выберите другого.")
		}
		c.Agency = a.Place.Agency
	}
	switch {
	case c.Agency == 0 && c.Account == 0:
		return fault.New(fault.Invalid, "a co-executor without a name").At("agency").Say("Выберите организацию или сотрудника, кто поможет.")
	case c.Agency == s.i.Place.Agency && c.Account == 0:
		return fault.New(fault.Conflict, "agency %d answers already", c.Agency).At("agency").Say("Эта организация и так отвечает.")
	case c.Agency != 0:
		if _, err := s.answering(c.Agency); err != nil {
			return err
		}
	}
	s.record(incident.Entry{Action: lifecycle.Join, Detail: incident.Detail{Agency: c.Agency, Account: account.ID(c.Account)}})
	return s.tx.Team().Join(s.ctx, &team.Member{Incident: int64(s.i.ID), Agency: c.Agency, Account: account.ID(c.Account), By: s.who.ID, At: s.now})
}

func (s *step) relateTo(c Relate) error {
	if c.Kind == "" {
		c.Kind = incident.Related
	}
	if c.Other == s.i.ID || c.Kind != incident.Related && c.Kind != incident.Cause {
		return fault.New(fault.Invalid, "link of %d with %d as %q", s.i.ID, c.Other, c.Kind).At("other").Say("Выберите другой инцидент.")
	}
	other, err := s.beside(c.Other)
	if err != nil {
		return err
	}
	if err := s.tx.Links().Link(s.ctx, &incident.Link{From: s.i.ID, To: c.Other, Kind: c.Kind, By: s.who.ID, At: s.now}); err != nil {
		return err
	}
	s.record(incident.Entry{Action: lifecycle.Relate, Detail: incident.Detail{Other: c.Other, Reason: other.i.Number, Now: string(c.Kind)}})
	other.record(incident.Entry{Action: lifecycle.Relate, Detail: incident.Detail{Other: s.i.ID, Reason: s.i.Number, Was: string(c.Kind)}})
	return s.stored(other)
}

func (s *step) unrelate(c Unrelate) error {
	other, err := s.beside(c.Other)
	if err != nil {
		return err
	}
	if err := s.tx.Links().Unlink(s.ctx, s.i.ID, c.Other); err != nil {
		return err
	}
	s.record(incident.Entry{Action: lifecycle.Relate, Detail: incident.Detail{Other: c.Other, Reason: other.i.Number}})
	other.record(incident.Entry{Action: lifecycle.Relate, Detail: incident.Detail{Other: s.i.ID, Reason: s.i.Number}})
	return s.stored(other)
}

// wordsLimit is how long a note or a point may be, in characters.
const wordsLimit = 2000

func words(text, sentence string) (string, error) {
	text = strings.TrimSpace(text)
	if n := utf8.RuneCountInString(text); n == 0 || n > wordsLimit {
		return "", fault.New(fault.Invalid, "%d characters, of 1 to %d", n, wordsLimit).At("text").Say(sentence)
	}
	return text, nil
}

// at finds «@Имя Фамилия» and «@логин»; an address of e-mail is none.
var at = regexp.MustCompile(`(?:^|[\s(«,])@([\p{L}\d._-]+)(?: ([\p{L}-]+))?`)

func (s *step) note(c Note) error {
	text, err := words(c.Text, "Напишите заметку, до 2000 знаков. Её увидят только сотрудники.")
	if err != nil {
		return err
	}
	colleagues, err := s.tx.Accounts().Accounts(s.ctx, scope.OfRegion(s.i.Place.Region))
	if err != nil {
		return err
	}
	told := make([]account.ID, 0, len(c.Mention))
	add := func(a *account.Account) error {
		if ok, err := s.seenBy(a); err != nil {
			return err
		} else if !ok {
			return fault.New(fault.Conflict, "account %d does not see incident %d", a.ID, s.i.ID).At("text").
				Say(a.Name + " не видит этот инцидент. Сначала добавьте соисполнителем.")
		}
		if !slices.Contains(told, a.ID) {
			told = append(told, a.ID)
		}
		return nil
	}
	for _, id := range c.Mention {
		k := slices.IndexFunc(colleagues, func(a account.Account) bool { return int64(a.ID) == id && !a.Disabled })
		if k < 0 {
			return fault.New(fault.Invalid, "account %d is nobody here", id).At("mention").Say("Такого сотрудника нет. Выберите из списка.")
		}
		if err := add(&colleagues[k]); err != nil {
			return err
		}
	}
	for _, m := range at.FindAllStringSubmatch(text, -1) {
		login, full := strings.TrimRight(m[1], ".-_"), m[1]+" "+m[2]
		k := slices.IndexFunc(colleagues, func(a account.Account) bool {
			return !a.Disabled && (strings.EqualFold(a.Login, login) || m[2] != "" && strings.EqualFold(a.Name, full))
		})
		if k < 0 {
			return fault.New(fault.Invalid, "nobody is called so").At("text").
				Say("Нет сотрудника «@" + m[1] + "». После @ пишут имя и фамилию, как в списке сотрудников, или логин.")
		}
		if err := add(&colleagues[k]); err != nil {
			return err
		}
	}
	n := &team.Note{Incident: int64(s.i.ID), Who: s.who.ID, At: s.now, Text: text, Mentions: told}
	if err := s.tx.Team().AddNote(s.ctx, n); err != nil {
		return err
	}
	cry := s.desk.crier(s.tx)
	err = cry.mention(s.ctx, n)
	s.events = append(s.events, cry.events()...)
	return err
}

// seenBy reports whether the account sees the incident, by its scope or as a co-executor.
func (s *step) seenBy(a *account.Account) (bool, error) {
	if a.Scope().Sees(s.i.Place) {
		return true, nil
	}
	members, err := s.tx.Team().Members(s.ctx, int64(s.i.ID))
	return slices.ContainsFunc(members, func(m team.Member) bool { return m.Agency != 0 && m.Agency == a.Place.Agency }), err
}

func (s *step) eraseNote(c EraseNote) error {
	notes, err := s.tx.Team().Notes(s.ctx, int64(s.i.ID))
	if err != nil {
		return err
	}
	k := slices.IndexFunc(notes, func(n team.Note) bool { return n.ID == c.Note })
	switch {
	case k < 0:
		return fault.New(fault.NotFound, "note %d is not of incident %d", c.Note, s.i.ID).Say("Такой заметки здесь нет.")
	case notes[k].Who != s.who.ID && s.who.Role != lifecycle.Curator:
		return fault.New(fault.Forbidden, "note %d is of account %d", c.Note, notes[k].Who).Say("Стереть заметку может тот, кто её написал, или куратор.")
	}
	return s.tx.Team().EraseNote(s.ctx, c.Note)
}

// listLimit is how many points a list may have.
const listLimit = 50

func (s *step) todo(c Todo) error {
	items, err := s.tx.Checklists().Items(s.ctx, int64(s.i.ID))
	if err != nil {
		return err
	}
	var add []string
	if strings.TrimSpace(c.Text) != "" {
		text, err := words(c.Text, "Пункт длиннее 2000 знаков. Сократите его.")
		if err != nil {
			return err
		}
		add = []string{text}
	} else {
		list, err := s.tx.Checklists().Templates(s.ctx, s.i.Place.Region)
		if err != nil {
			return err
		}
		t, ok := checklist.For(list, s.i.Topic, s.i.Group)
		if !ok {
			return fault.New(fault.NotFound, "no checklist for topic %s", s.i.Topic).Say("Для этой темы готового списка нет. Впишите пункт сами.")
		}
		for _, text := range t.Items {
			if !slices.ContainsFunc(items, func(i checklist.Item) bool { return i.Text == text }) {
				add = append(add, text)
			}
		}
		if len(add) == 0 {
			return fault.New(fault.Conflict, "the whole template is there").Say("Все пункты готового списка уже здесь.")
		}
	}
	if len(items)+len(add) > listLimit {
		return fault.New(fault.Conflict, "%d points", len(items)+len(add)).Say("В списке не больше 50 пунктов.")
	}
	for _, text := range add {
		if err := s.tx.Checklists().SaveItem(s.ctx, &checklist.Item{Incident: int64(s.i.ID), Text: text, By: s.who.ID, At: s.now, Due: c.Due}); err != nil {
			return err
		}
	}
	return nil
}

func (s *step) tick(c Tick) error {
	i, err := s.tx.Checklists().Item(s.ctx, c.Item)
	if err != nil {
		return err
	}
	if i.Incident != int64(s.i.ID) {
		return fault.New(fault.NotFound, "point %d is not of incident %d", c.Item, s.i.ID).Say("Такого пункта здесь нет.")
	}
	if i.Done() != c.Off {
		return fault.New(fault.Conflict, "point %d is so already", c.Item).Say("Этот пункт уже отметили.")
	}
	i.DoneAt, i.DoneBy = s.now, s.who.ID
	if c.Off {
		i.DoneAt, i.DoneBy = time.Time{}, 0
	}
	return s.tx.Checklists().SaveItem(s.ctx, i)
}
