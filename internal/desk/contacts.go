package desk

import (
	"context"
	"slices"

	"otklik/internal/account"
	"otklik/internal/audit"
	"otklik/internal/call"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/scope"
)

// SaveContacts stores whom to ring in each of the municipalities named; "" is the region
// itself, which the others inherit. Contacts of municipalities that are not named stay.
// Who sees one municipality alone edits that one.
func (d *Desk) SaveContacts(ctx context.Context, who account.Actor, centres []string, list []call.Contact) (err error) {
	defer fault.Wrap(&err, "desk.SaveContacts")
	if !who.Role.Holds(lifecycle.EditAgencies) || who.Scope.Agency != 0 {
		return fault.New(fault.Forbidden, "account %d does not edit contacts", who.ID).Say("Справочник телефонов правят куратор и администратор.")
	}
	for _, oktmo := range centres {
		if who.Scope.Centre != "" && oktmo != who.Scope.Centre {
			return fault.New(fault.Forbidden, "account %d sees centre %s alone", who.ID, who.Scope.Centre).At("centre").Say("Вы правите телефоны только своего муниципалитета.")
		}
		if p, ok := d.Places.ByID(oktmo); oktmo != "" && (!ok || who.Scope.Region != "" && p.Region != who.Scope.Region) {
			return fault.New(fault.Invalid, "municipality %q is not of this region", oktmo).At("centre").Say("Такого муниципалитета нет в этом регионе. Выберите из списка.")
		}
	}
	for k := range list {
		if !slices.Contains(centres, list[k].Centre) {
			return fault.New(fault.Invalid, "contact %d is of %q", k, list[k].Centre).At("centre").Say("Телефон записан не на ту территорию.")
		}
	}
	region := who.Scope.Region
	return d.Store.Change(ctx, incident.People, func(tx incident.Tx) error {
		had, err := tx.Calls().Book(ctx, region)
		if err != nil {
			return err
		}
		whole := slices.DeleteFunc(had, func(c call.Contact) bool { return slices.Contains(centres, c.Centre) })
		if err := call.CheckBook(append(whole, list...)); err != nil {
			return err
		}
		for _, oktmo := range centres {
			var own []call.Contact
			for k := range list {
				if list[k].Centre == oktmo {
					own = append(own, list[k])
				}
			}
			for k := range own {
				if err := own[k].Check(); err != nil { // puts it into its written form
					return err
				}
			}
			if err := tx.Calls().SaveBook(ctx, region, oktmo, own); err != nil {
				return err
			}
		}
		return tx.Audit().Record(ctx, audit.Entry{At: d.Now(), Who: who.ID, Deed: audit.Changed, Subject: "contacts:" + region, Place: scope.Place{Region: region}})
	})
}
