// Package streets holds streets and landmarks that come with the product: those
// of the demo region. It holds files only; gazetteer.Index.AddBundledStreets
// reads them. Everything else is imported by the operator.
package streets

import "embed"

// Files holds CODE.csv, one file a region, the code being its OKTMO of 8 digits;
// the columns are those of docs/gazetteer.md.
//
//go:embed *.csv
var Files embed.FS
