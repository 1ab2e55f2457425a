package app

import (
	"context"
	"io"

	"otklik/internal/account"
	"otklik/internal/table"
)

// An ExportFormat is a shape of export.
type ExportFormat = table.Kind

// Formats of export.
const (
	CSV   = table.CSV
	XLSX  = table.XLSX
	JSONL = table.JSONL
)

// Export writes all incidents, oldest first, one line a message.
func (a *App) Export(ctx context.Context, w io.Writer, format ExportFormat) error {
	return a.Tables.Export(ctx, w, table.Export{Who: account.System(), Kind: format}, nil)
}
