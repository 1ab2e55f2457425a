package roster

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"otklik/internal/account"
	"otklik/internal/audit"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/message"
	"otklik/internal/scope"
	"otklik/internal/source"
)

// Bounds of what people write about a source.
const (
	nameLimit   = 200
	secretLimit = 4096
	// Rhythms that a person may choose; 0 is the connector's own.
	Quickest = 5 * time.Second
	Slowest  = 24 * time.Hour
)

// MayEdit reports whether somebody may add and change sources at all: over the region, or
// those of a municipal centre.
func (r *Roster) MayEdit(who account.Actor) bool {
	return who.Role.Holds(lifecycle.EditSources) && who.Scope.Agency == 0
}

// allowed reports whether somebody may change what stands at a place.
func (r *Roster) allowed(who account.Actor, at scope.Place) error {
	if r.MayEdit(who) && who.Scope.Sees(at) {
		return nil
	}
	return fault.New(fault.Forbidden, "account %d may not change sources of %s %s", who.ID, at.Region, at.Centre).
		Say("Источники меняет администратор или руководитель муниципального центра, и только в своей области видимости.")
}

// Save checks and stores a source and puts it in force. A new one (version 0) must have
// been recognised: its id, kind and channel are those of a Guess.
func (r *Roster) Save(ctx context.Context, who account.Actor, s *source.Source) error {
	if s.Kind == source.Hook { // its key is ours, and it is read in no rhythm
		s.Key, s.Answer, s.Own, s.Every = s.ID, "", false, 0
	}
	if err := r.check(who, s); err != nil {
		return err
	}
	if err := r.opens(ctx, *s); err != nil {
		return err
	}
	proposed := s.Version == 0 && r.adopt(s)
	err := r.change(ctx, who, "source:"+s.ID, s.Place, func(tx incident.Tx) error {
		if s.Version > 0 && !proposed {
			was, err := tx.Sources().Source(ctx, who.Scope, s.Number)
			if err != nil {
				return err
			}
			if err := changeable(was); err != nil {
				return err
			}
			s.ID, s.Kind, s.Channel, s.Via, s.AddedAt, s.Fixed, s.Paused = was.ID, was.Kind, was.Channel, was.Via, was.AddedAt, false, was.Paused
		} else {
			s.AddedAt, s.Fixed, s.Via = r.Now(), false, ""
		}
		return tx.Sources().SaveSource(ctx, s)
	})
	if err != nil {
		return err
	}
	return r.Load(ctx)
}

// adopt gives a source that is added the place of the proposal that a search made of it.
func (r *Roster) adopt(s *source.Source) bool {
	was, known := r.Of(s.ID)
	if !known || !was.Proposed() {
		return false
	}
	s.Number, s.Version = was.Number, was.Version
	return true
}

// check says what is wrong with what a person wrote, and fills the place.
func (r *Roster) check(who account.Actor, s *source.Source) error {
	bad := func(field, sentence string) error {
		return fault.New(fault.Invalid, "source.%s is wrong", field).At(field).Say(sentence)
	}
	s.Name, s.URL = strings.Join(strings.Fields(s.Name), " "), strings.TrimSpace(s.URL)
	_, known := r.Kinds[s.Kind]
	switch {
	case s.ID == "" || !known && s.Version == 0:
		return bad("url", "По этой ссылке источник не узнать. Вставьте ссылку на сообщество, канал, ленту или сайт.")
	case s.Name == "":
		return bad("name", "Назовите источник, например «Подслушано Абакан».")
	case utf8.RuneCountInString(s.Name) > nameLimit:
		return bad("name", fmt.Sprintf("Название длиннее %d знаков. Сократите его.", nameLimit))
	case s.Every != 0 && (s.Every < Quickest || s.Every > Slowest):
		return bad("every", "Читать можно от раза в 5 секунд до раза в сутки. Пустое поле — как удобно сети.")
	case s.Key == "" && known && r.Kinds[s.Kind].Keyed && s.Via == "" && s.Version == 0:
		return bad("key", "Выберите ключ: без него эту сеть не прочитать. Если ключа нет, сначала добавьте его.")
	}
	if s.Territory != "" {
		if _, ok := r.Places.ByID(s.Territory); !ok {
			return bad("territory", "Территории с кодом "+s.Territory+" нет. Выберите её из списка.")
		}
	}
	s.Place = r.Stand(s.Territory)
	if s.Place.Centre == "" && who.Scope.Centre != "" {
		return bad("territory", "Выберите территорию своего муниципалитета.")
	}
	return r.allowed(who, s.Place)
}

// opens reports what a connector finds wrong with the settings of a source, before they are
// kept: one that cannot be opened would not be read any more.
func (r *Roster) opens(ctx context.Context, s source.Source) error {
	if s.Fixed || s.Via != "" || len(s.Settings) == 0 {
		return nil
	}
	keys, err := r.keys(ctx)
	if err != nil {
		return err
	}
	if _, err = r.open(s, keys); fault.Is(err, fault.Invalid) {
		return err
	}
	return nil // what else is in its way stands in its place on the page
}

func changeable(s *source.Source) error {
	if s.Fixed {
		return fault.New(fault.Conflict, "source %s stands in the configuration", s.ID).
			Say("Этот источник записан в файле настроек центра. Измените его там и перезапустите программу. Остановить его можно здесь.")
	}
	return nil
}

// Pause stops the reading of a source, or lets it go on.
func (r *Roster) Pause(ctx context.Context, who account.Actor, number int64, paused bool) error {
	return r.one(ctx, who, number, func(tx incident.Tx, s *source.Source) error {
		s.Paused = paused
		return tx.Sources().SaveSource(ctx, s)
	})
}

// Remove takes a source out of what is read. What came from it stays.
func (r *Roster) Remove(ctx context.Context, who account.Actor, number int64) error {
	return r.one(ctx, who, number, func(tx incident.Tx, s *source.Source) error {
		if err := changeable(s); err != nil {
			return err
		}
		if err := tx.Sources().RemoveSource(ctx, s.Number); err != nil {
			return err
		}
		return dropKey(ctx, tx, s)
	})
}

// one changes a source that is there.
func (r *Roster) one(ctx context.Context, who account.Actor, number int64, do func(incident.Tx, *source.Source) error) error {
	s, err := r.Store.Reader().Sources().Source(ctx, who.Scope, number)
	if err != nil {
		return err
	}
	if err := r.allowed(who, s.Place); err != nil {
		return err
	}
	err = r.change(ctx, who, "source:"+s.ID, s.Place, func(tx incident.Tx) error {
		if s, err = tx.Sources().Source(ctx, who.Scope, number); err != nil {
			return err
		}
		return do(tx, s)
	})
	if err != nil {
		return err
	}
	return r.Load(ctx)
}

// change makes a change with its line of audit.
func (r *Roster) change(ctx context.Context, who account.Actor, subject string, at scope.Place, fn func(incident.Tx) error) error {
	return r.Store.Change(ctx, incident.People, func(tx incident.Tx) error {
		if err := fn(tx); err != nil {
			return err
		}
		return tx.Audit().Record(ctx, audit.Entry{At: r.Now(), Who: who.ID, Deed: audit.Changed, Subject: subject, Place: at})
	})
}

// SaveKey seals and stores a key; one of the same name and network gets the new secret.
func (r *Roster) SaveKey(ctx context.Context, who account.Actor, k *source.Key) error {
	bad := func(field, sentence string) error {
		return fault.New(fault.Invalid, "key.%s is wrong", field).At(field).Say(sentence)
	}
	k.Name, k.Secret = strings.Join(strings.Fields(k.Name), " "), strings.TrimSpace(k.Secret)
	c, known := r.Kinds[k.Kind]
	switch {
	case !known || k.Kind == source.Hook || !c.Keyed && c.Open == nil || k.Kind.Keys() != k.Kind:
		return bad("kind", "Выберите сеть, от которой ключ.")
	case k.Name == "" || utf8.RuneCountInString(k.Name) > nameLimit:
		return bad("name", "Назовите ключ коротко, чтобы узнавать его в списке.")
	case k.Secret == "":
		return bad("secret", "Вставьте сам ключ.")
	case len(k.Secret) > secretLimit || strings.ContainsFunc(k.Secret, func(c rune) bool { return c < ' ' }):
		return bad("secret", "Это не похоже на ключ: он должен быть одной строкой.")
	}
	k.Place = r.Stand("")
	k.Place.Centre = who.Scope.Centre
	if err := r.allowed(who, k.Place); err != nil {
		return err
	}
	k.Sealed, k.AddedAt = r.Box.Seal(k.Name, k.Secret), r.Now()
	if err := r.change(ctx, who, "key:"+k.Name, k.Place, func(tx incident.Tx) error { return tx.Sources().SaveKey(ctx, k) }); err != nil {
		return err
	}
	return r.Load(ctx)
}

// RemoveKey forgets a key that nothing uses.
func (r *Roster) RemoveKey(ctx context.Context, who account.Actor, number int64) error {
	list, err := r.Store.Reader().Sources().Keys(ctx, who.Scope)
	if err != nil {
		return err
	}
	k := slices.IndexFunc(list, func(k source.Key) bool { return k.Number == number })
	if k < 0 {
		return fault.New(fault.NotFound, "key %d is outside of the scope", number).Say("Такого ключа нет.")
	}
	if err := r.allowed(who, list[k].Place); err != nil {
		return err
	}
	return r.change(ctx, who, "key:"+list[k].Name, list[k].Place, func(tx incident.Tx) error { return tx.Sources().RemoveKey(ctx, number) })
}

// state is what the page of sources shows of a source that cannot be opened.
func state(s source.Source, sentence string, now time.Time) message.SourceState {
	return message.SourceState{ID: s.ID, Channel: s.Channel, Name: s.Name, URL: s.URL, Territory: s.Territory, Error: sentence, Since: now, Place: s.Place}
}
