// Package migration holds the numbered, forward-only migrations of the store:
// twin files for SQLite and PostgreSQL that make the same tables with the same
// columns. A file that has been released is never edited; the next one is added.
package migration

import "embed"

// SQLite and PostgreSQL hold the files "sqlite/NNNN_name.sql" and "postgres/NNNN_name.sql".
var (
	//go:embed sqlite/*.sql
	SQLite embed.FS
	//go:embed postgres/*.sql
	PostgreSQL embed.FS
)
