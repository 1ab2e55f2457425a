package lookout

import (
	"otklik/internal/account"
	"otklik/internal/fault"
	"otklik/internal/lifecycle"
	"otklik/internal/place"
	"otklik/internal/scope"
	"otklik/internal/standing"
)

// MayEdit reports whether somebody may save queries at all: over the whole
// region, or for a municipal centre. Who works in one agency may not.
func (l *Lookout) MayEdit(who account.Actor) bool {
	return (who.Role == lifecycle.System || who.Role.Holds(lifecycle.EditWatches)) && who.Scope.Agency == 0 && who.Scope.Open()
}

// MayChange reports whether somebody may change a query that stands at a place:
// a municipal centre changes its own, and only reads those of the region.
func (l *Lookout) MayChange(who account.Actor, at scope.Place) bool {
	return l.MayEdit(who) && who.Scope.Sees(at)
}

func (l *Lookout) allowed(who account.Actor) error {
	if l.MayEdit(who) {
		return nil
	}
	return fault.New(fault.Forbidden, "account %d may not change standing queries", who.ID).
		Say("Правила наблюдения меняют то, что приходит всему центру. Менять их может аналитик, куратор или администратор региона, а муниципальный центр — свои.")
}

// Changeable is nil when somebody may change a query that stands at a place.
func (l *Lookout) Changeable(who account.Actor, at scope.Place) error {
	if err := l.allowed(who); err != nil {
		return err
	}
	if l.MayChange(who, at) {
		return nil
	}
	return fault.New(fault.Forbidden, "account %d of centre %s may not change what the region has saved", who.ID, who.Scope.Centre).
		Say("Это правило всего региона: ваш центр видит его, но не меняет. Сохраните своё правило для своей территории.")
}

// of is where a new query of somebody stands.
func (l *Lookout) of(who account.Actor) scope.Place {
	p := scope.Place{Region: who.Scope.Region, Centre: who.Scope.Centre}
	if p.Region == "" {
		p.Region = l.Region
	}
	return p
}

// inside reports whether a territory lies within what a query may listen to.
func inside(t *place.Place, at scope.Place) bool {
	switch {
	case at.Centre != "":
		return t.ID == at.Centre || t.Municipality == at.Centre
	case at.Region != "":
		return t.ID == at.Region || t.Region == at.Region
	}
	return true
}

// listens checks where a draft listens.
func (l *Lookout) listens(q *standing.Query) error {
	for _, code := range q.Territories {
		t, ok := l.Places.ByID(code)
		switch {
		case ok && inside(t, q.Place):
		case q.Place.Centre != "":
			return fault.New(fault.Invalid, "territory %s is not of centre %s", code, q.Place.Centre).At("territories").
				Say("Территория с кодом " + code + " не относится к муниципальному центру: он слушает только свою. Уберите код или укажите населённый пункт своего округа.")
		default:
			return fault.New(fault.Invalid, "territory %s is unknown here", code).At("territories").
				Say("Территории с кодом " + code + " в регионе нет. Проверьте код ОКТМО: 8 цифр района или города, 11 цифр населённого пункта.")
		}
	}
	if q.Unplaced && q.Place.Centre != "" {
		return fault.New(fault.Invalid, "a query of centre %s listens to what nobody knows the place of", q.Place.Centre).At("territories").
			Say("Сообщения без известного места разбирает регион. Правило муниципального центра ловит только то, что относится к его территории.")
	}
	return l.channels(q)
}
