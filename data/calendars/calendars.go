// Package calendars holds the bundled working calendars as files: people edit the
// files, package calendar reads them. README.md beside them says where each fact
// comes from.
package calendars

import _ "embed"

// Country is the production calendar of Russia, JSON of a calendar.Document.
//
//go:embed ru.json
var Country []byte

// Regions are regional holidays, JSON list of calendar.Document; zones come from
// data/territories.
//
//go:embed regions.json
var Regions []byte
