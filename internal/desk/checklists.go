package desk

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"otklik/internal/account"
	"otklik/internal/audit"
	"otklik/internal/checklist"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/scope"
	"otklik/internal/topic"
)

// SaveChecklist stores the list with which incidents of a topic, a group or the whole
// region may begin; without points it is taken away.
func (d *Desk) SaveChecklist(ctx context.Context, who account.Actor, t checklist.Template) (err error) {
	defer fault.Wrap(&err, "desk.SaveChecklist")
	if !who.Role.Holds(lifecycle.EditRules) || who.Scope.Centre != "" || who.Scope.Agency != 0 {
		return fault.New(fault.Forbidden, "account %d does not edit checklists", who.ID).Say("Готовые списки правит тот, кто видит весь регион.")
	}
	list := d.Topics()
	if t.Topic != "" {
		found, ok := list.ByCode(t.Topic)
		if !ok || t.Topic == topic.Undefined {
			return fault.New(fault.Invalid, "topic %q is not in the taxonomy", t.Topic).At("topic").Say("Такой темы нет в классификаторе. Выберите из списка.")
		}
		t.Group = found.Group
	} else if t.Group != "" && !slices.ContainsFunc(list.Topics, func(o topic.Topic) bool { return o.Group == t.Group }) {
		return fault.New(fault.Invalid, "group %q is not in the taxonomy", t.Group).At("group").Say("Такой группы тем нет. Выберите из списка.")
	}
	var items []string
	for _, item := range t.Items {
		if item = strings.TrimSpace(item); item == "" {
			continue
		}
		if item, err = words(item, "Пункт длиннее 2000 знаков. Сократите его."); err != nil {
			return err
		}
		if slices.Contains(items, item) {
			return fault.New(fault.Invalid, "a point stands twice").At("items").Say("Один пункт записан дважды.")
		}
		items = append(items, item)
	}
	if len(items) > listLimit {
		return fault.New(fault.Invalid, "%d points", len(items)).At("items").Say("В списке не больше 50 пунктов.")
	}
	t.Items = items
	if t.Topic != "" {
		t.Group = ""
	}
	region := who.Scope.Region
	return d.Store.Change(ctx, incident.People, func(tx incident.Tx) error {
		if err := tx.Checklists().SaveTemplate(ctx, region, t); err != nil {
			return err
		}
		return tx.Audit().Record(ctx, audit.Entry{At: d.Now(), Who: who.ID, Deed: audit.Changed, Subject: fmt.Sprintf("checklist:%s%s", t.Topic, t.Group), Place: scope.Place{Region: region}})
	})
}
