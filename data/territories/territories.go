// Package territories holds the bundled territories of Russia: regions,
// municipalities and settlements of the official classifier (OKTMO). It holds
// files only; package gazetteer reads them.
//
// The files are made by "go run ./cmd/otklik-data territories"; README.md beside
// them says from what, and under which licence each part stands.
package territories

import "embed"

// Files holds regions.tsv (one line a region), aliases.tsv (names that residents
// use, edited by hand) and regions/CODE.tsv.gz (one file a region, the code
// being its OKTMO of 8 digits).
//
//go:embed regions.tsv aliases.tsv regions
var Files embed.FS
