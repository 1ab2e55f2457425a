package rig

import (
	"context"

	"otklik/internal/account"
	"otklik/internal/config"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/scope"
	"otklik/internal/site"
	"otklik/internal/store"
)

// Person is the password of everybody whom Hire makes.
const Person = "пароль для испытаний"

// Hire makes an account with the login and a role in the whole region. Nothing
// may run on the installation.
func (c *Centre) Hire(ctx context.Context, login string, role lifecycle.Role) error {
	conf, err := config.Load(c.Dir)
	if err != nil {
		return err
	}
	hash, err := site.HashPassword(Person)
	if err != nil {
		return err
	}
	db, err := store.Open(ctx, conf.StoreURL(c.Dir))
	if err != nil {
		return err
	}
	defer db.Close()
	where := scope.Place{Region: conf.Region}
	if conf.Region == "all" {
		where.Region = ""
	}
	return db.Change(ctx, incident.People, func(tx incident.Tx) error {
		return tx.Accounts().SaveAccount(ctx, &account.Account{Login: login, Name: "Ирина Соколова", Role: role, Hash: hash, Place: where})
	})
}
