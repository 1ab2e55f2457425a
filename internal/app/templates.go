package app

import (
	"context"
	"slices"

	"otklik/internal/incident"
	"otklik/internal/scope"
	"otklik/internal/template"
)

// bringTemplates stores the templates of the program that this centre has never had.
// What people changed or retired stays as they left it.
func (a *App) bringTemplates(ctx context.Context) error {
	list, err := template.Shipped(a.Topics())
	if err != nil {
		return err
	}
	have, err := a.DB.Reader().Templates().Templates(ctx, scope.OfRegion(a.region()))
	if err != nil {
		return err
	}
	list = slices.DeleteFunc(list, func(t template.Template) bool {
		return slices.ContainsFunc(have, func(h template.Template) bool { return h.Code == t.Code && h.Place.Region == a.region() })
	})
	if len(list) == 0 {
		return nil
	}
	return a.DB.Change(ctx, incident.Machine, func(tx incident.Tx) error {
		_, err := tx.Templates().Bring(ctx, a.region(), list, a.Now())
		return err
	})
}
