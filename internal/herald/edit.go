package herald

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"otklik/internal/account"
	"otklik/internal/audit"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/scope"
	"otklik/internal/webhook"
)

const nameLimit, urlLimit = 200, 2000

// MayEdit reports whether somebody keeps webhooks at all.
func (h *Herald) MayEdit(who account.Actor) bool {
	return who.Role.Holds(lifecycle.EditSources) && who.Scope.Agency == 0
}

func (h *Herald) allowed(who account.Actor, at scope.Place) error {
	if h.MayEdit(who) && who.Scope.Sees(at) {
		return nil
	}
	return fault.New(fault.Forbidden, "account %d may not keep webhooks of %s %s", who.ID, at.Region, at.Centre).
		Say("Исходящие вызовы настраивает администратор или руководитель муниципального центра, и только в своей области видимости.")
}

// Save checks and stores a webhook. territory names what it is told of ("" = all that who
// sees), agency one agency of it (0 = any). The secret of a new one is returned, this once.
func (h *Herald) Save(ctx context.Context, who account.Actor, w *webhook.Webhook, territory string, agency int64) (secret string, err error) {
	if err := h.check(ctx, who, w, territory, agency); err != nil {
		return "", err
	}
	return secret, h.change(ctx, who, w, func(tx incident.Tx) error {
		if w.Version == 0 {
			w.State, w.Tag, w.AddedAt = webhook.On, "evt_"+strings.ToLower(rand.Text()[:16]), h.Now()
			secret = webhook.NewSecret()
			w.Sealed = h.Box.Seal(sealName(w), secret)
		} else {
			was, err := tx.Webhooks().Webhook(ctx, who.Scope, w.ID)
			if err != nil {
				return err
			}
			next := *was
			next.Version, next.Name, next.URL, next.Events, next.Source, next.Place, next.Personal = w.Version, w.Name, w.URL, w.Events, w.Source, w.Place, w.Personal
			*w = next
		}
		return tx.Webhooks().SaveWebhook(ctx, w)
	})
}

// check says what is wrong with what a person wrote, and fills the place.
func (h *Herald) check(ctx context.Context, who account.Actor, w *webhook.Webhook, territory string, agency int64) error {
	bad := func(field, sentence string) error {
		return fault.New(fault.Invalid, "webhook.%s is wrong", field).At(field).Say(sentence)
	}
	w.Name, w.URL = strings.Join(strings.Fields(w.Name), " "), strings.TrimSpace(w.URL)
	u, err := url.Parse(w.URL)
	switch {
	case w.Name == "" || utf8.RuneCountInString(w.Name) > nameLimit:
		return bad("name", fmt.Sprintf("Назовите получателя, например «Портал города»: до %d знаков.", nameLimit))
	case err != nil || u.Host == "" || u.Scheme != "https" && (u.Scheme != "http" || !h.Plain) || len(w.URL) > urlLimit || u.Fragment != "":
		return bad("url", "Впишите полный адрес, который начинается с https://.")
	case u.User != nil:
		return bad("url", "Уберите из адреса имя и пароль: вызов узнают по подписи.")
	case len(w.Events) == 0:
		return bad("events", "Отметьте, о чём сообщать.")
	case w.Wants(webhook.Publish) && w.Source == "":
		return bad("source", "Выберите источник, ответы которого получатель публикует у себя.")
	}
	for _, e := range w.Events {
		if !e.Known() {
			return bad("events", "Такого события нет: "+string(e))
		}
	}
	slices.SortFunc(w.Events, func(a, b webhook.Event) int {
		return slices.Index(webhook.Events(), a) - slices.Index(webhook.Events(), b)
	})
	w.Events = slices.Compact(w.Events)
	w.Place = scope.Place{Region: who.Scope.Region, Centre: who.Scope.Centre}
	if territory != "" {
		if w.Place = h.Stand(territory); w.Place.Region == "" {
			return bad("territory", "Территории с кодом "+territory+" нет. Выберите её из списка.")
		}
	}
	tx := h.Store.Reader()
	if agency != 0 {
		a, err := tx.Agencies().Agency(ctx, agency)
		if err != nil && !fault.Is(err, fault.NotFound) {
			return err
		}
		if err != nil || a.Place.Region != "" && who.Scope.Region != "" && a.Place.Region != who.Scope.Region {
			return bad("agency", "Такой службы нет.")
		}
		w.Place.Agency = a.ID
	}
	if err := h.allowed(who, w.Place); err != nil {
		return err
	}
	if !w.Wants(webhook.Publish) {
		return nil
	}
	all, err := tx.Webhooks().Webhooks(ctx, scope.All())
	if err != nil {
		return err
	}
	for k := range all {
		if o := &all[k]; o.ID != w.ID && o.Source == w.Source && o.State != webhook.Off && o.Wants(webhook.Publish) {
			return bad("source", "Ответы этого источника уже публикует другой получатель.")
		}
	}
	return nil
}

// change makes a change with its line of audit, and puts it in force.
func (h *Herald) change(ctx context.Context, who account.Actor, w *webhook.Webhook, do func(incident.Tx) error) error {
	version := w.Version
	err := h.Store.Change(ctx, incident.People, func(tx incident.Tx) error {
		w.Version = version // when the database asks for a second run
		if err := do(tx); err != nil {
			return err
		}
		return tx.Audit().Record(ctx, audit.Entry{At: h.Now(), Who: who.ID, Deed: audit.Changed, Subject: fmt.Sprintf("webhook:%d", w.ID), Place: w.Place})
	})
	if err != nil {
		return err
	}
	h.rest(w.ID, false, h.Now())
	if err := h.Load(ctx); err != nil {
		return err
	}
	h.Wake()
	return nil
}

// A Deed is what a person does to a webhook beside changing its fields.
type Deed string

// Deeds.
const (
	Pause  Deed = "pause"
	Resume Deed = "resume"
	Remove Deed = "remove"
	Rotate Deed = "rotate" // a new secret; the old one signs beside it for a day
	Test   Deed = "test"
	Again  Deed = "again" // one call once more
)

// Deeds returns all deeds.
func Deeds() []Deed { return []Deed{Pause, Resume, Remove, Rotate, Test, Again} }

// Do does a deed; delivery is that of Again. The secret that Rotate made is returned, this once.
func (h *Herald) Do(ctx context.Context, who account.Actor, id webhook.ID, deed Deed, delivery int64) (secret string, err error) {
	w, err := h.Store.Reader().Webhooks().Webhook(ctx, who.Scope, id)
	if err != nil {
		return "", err
	}
	if err := h.allowed(who, w.Place); err != nil {
		return "", err
	}
	return secret, h.change(ctx, who, w, func(tx incident.Tx) error {
		one, err := tx.Webhooks().Webhook(ctx, who.Scope, id)
		if err != nil {
			return err
		}
		*w = *one
		now := h.Now()
		switch deed {
		case Pause:
			w.State = webhook.Paused
		case Resume:
			w.State, w.Why, w.FailingSince = webhook.On, "", time.Time{}
		case Remove:
			return tx.Webhooks().RemoveWebhook(ctx, id)
		case Rotate:
			secret = webhook.NewSecret()
			w.Was, w.WasUntil, w.Sealed = w.Sealed, now.Add(wasTime), h.Box.Seal(sealName(w), secret)
		case Test:
			if w.State != webhook.On {
				return fault.New(fault.Conflict, "webhook %d is %s", id, w.State).Say("Вызовы остановлены. Сначала возобновите их.")
			}
			return tx.Webhooks().Owe(ctx, &webhook.Delivery{Webhook: id, Event: webhook.Test, At: now, NextAt: now})
		case Again:
			list, err := tx.Webhooks().Owed(ctx, id, delivery+1, 1)
			if err != nil {
				return err
			}
			if len(list) == 0 || list[0].ID != delivery {
				return fault.New(fault.NotFound, "delivery %d of webhook %d", delivery, id).Say("Этого вызова больше нет: записи хранятся месяц.")
			}
			d := &list[0]
			d.State, d.Tries, d.NextAt, d.Error = webhook.Waiting, 0, now, ""
			return tx.Webhooks().Settle(ctx, d)
		default:
			return fault.New(fault.Invalid, "deed %q is unknown", deed).At("deed").Say("Такого действия нет.")
		}
		return tx.Webhooks().SaveWebhook(ctx, w)
	})
}
