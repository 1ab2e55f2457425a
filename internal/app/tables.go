package app

import (
	"context"
	"path/filepath"
	"time"

	"otklik/internal/account"
	"otklik/internal/agency"
	"otklik/internal/audit"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/scope"
	"otklik/internal/store"
	"otklik/internal/table"
)

// tableMappings is the setting that keeps what columns of other systems' tables mean.
const tableMappings = "table:mappings"

func (a *App) openTables() {
	load, edit := a.setting(tableMappings)
	a.Tables = table.New(table.Options{
		Intake: a.Intake, Store: a.DB, Personal: a.personal, Desk: a.Desk, Read: a.Reader.Read, Words: a.Analyzer, Topics: a.Topics, Territory: a.Territory, Now: a.Now, Log: a.Log,
		Agencies: func(ctx context.Context) ([]agency.Agency, error) {
			return a.DB.Reader().Agencies().Agencies(ctx, scope.OfRegion(a.region()))
		},
		Zone: func(territory string) *time.Location { return a.zoneOf(scope.Place{Centre: territory}) },
		Load: load, Edit: edit,
		Region: a.region(), Dir: filepath.Join(a.Dir, "uploads"),
	})
	a.teardown = append(a.teardown, a.Tables.Close)
}

// setting returns what reads and changes a setting of the region; who changed it is noted.
func (a *App) setting(key string) (load func(context.Context) ([]byte, error), edit func(context.Context, account.Actor, func([]byte) ([]byte, error)) error) {
	load = func(ctx context.Context) ([]byte, error) { return unset(a.DB.Setting(ctx, a.region(), key)) }
	return load, func(ctx context.Context, who account.Actor, change func([]byte) ([]byte, error)) error {
		return a.DB.Change(ctx, incident.People, func(tx incident.Tx) error {
			b, err := unset(store.SettingsOf(tx).Value(ctx, a.region(), key))
			if err == nil {
				b, err = change(b)
			}
			if err == nil {
				err = store.SettingsOf(tx).Save(ctx, a.region(), key, b)
			}
			if err != nil {
				return err
			}
			return tx.Audit().Record(ctx, audit.Entry{At: a.Now(), Who: who.ID, Deed: audit.Changed, Subject: key, Place: scope.Place{Region: a.region()}})
		})
	}
}

// unset returns nothing where nothing is set.
func unset(b []byte, err error) ([]byte, error) {
	if fault.Is(err, fault.NotFound) {
		return nil, nil
	}
	return b, err
}
