package store

import (
	"context"
	"database/sql"
	"io/fs"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"otklik/internal/fault"
	"otklik/internal/store/migration"
)

// migrate brings the tables to the newest version. On PostgreSQL a lock of the
// server keeps two starting processes apart; on SQLite the file does.
func migrate(ctx context.Context, db *sql.DB, engine string) (err error) {
	defer fault.Wrap(&err, "store.migrate")
	files, dialect := fs.FS(migration.SQLite), goose.DialectSQLite3
	var opts []goose.ProviderOption
	if engine == "postgres" {
		files, dialect = migration.PostgreSQL, goose.DialectPostgres
		locker, err := lock.NewPostgresSessionLocker()
		if err != nil {
			return err
		}
		opts = append(opts, goose.WithSessionLocker(locker))
	}
	sub, err := fs.Sub(files, engine)
	if err != nil {
		return err
	}
	p, err := goose.NewProvider(dialect, db, sub, append(opts, goose.WithDisableGlobalRegistry(true))...)
	if err != nil {
		return err
	}
	current, target, err := p.GetVersions(ctx)
	if err != nil {
		return err
	}
	if current > target {
		return fault.New(fault.Unavailable, "the database is at version %d, this program knows %d", current, target).
			Say("База данных создана более новой версией программы.").Mend("start the newer version of otklik, or restore a backup of this one")
	}
	_, err = p.Up(ctx)
	return err
}
