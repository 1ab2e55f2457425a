package main

import (
	"context"
	"fmt"
	"log/slog"

	"otklik/internal/app"
)

type initCommand struct {
	Region string `required:"" help:"Region: a name or an OKTMO code, or all." placeholder:"NAME"`
	Dir    string `required:"" help:"Folder to make the installation in." placeholder:"DIR"`
	Store  string `help:"postgres:// URL of an empty database; without it a SQLite file in the folder." placeholder:"URL"`
}

func (initCommand) Help() string {
	return `Makes a ready configuration and store for any bundled region, with an agency for
every municipality, and prints the password of the first administrator once.

Example:
  otklik init --region Хакасия --dir centre && otklik serve --dir centre`
}

// Run makes the installation.
func (c initCommand) Run(ctx context.Context, w world) error {
	s, err := app.Init(ctx, c.Region, c.Dir, c.Store, w.logger(slog.LevelWarn))
	if err != nil {
		return err
	}
	fmt.Fprintf(w.out, "Готово: %s, папка %s, организаций: %d.\n", s.Region, c.Dir, s.Agencies)
	fmt.Fprintf(w.out, "Вход: %s, пароль: %s (он нигде больше не записан).\n", s.Login, s.Password)
	fmt.Fprintf(w.out, "Дальше: otklik serve --dir %s\n", c.Dir)
	return nil
}
