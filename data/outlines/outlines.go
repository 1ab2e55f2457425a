// Package outlines holds simplified outlines of the regions, for maps that are
// drawn on the server or in a browser. It holds files only; gazetteer.Outline
// reads them. README.md beside the files says from what they are made.
package outlines

import "embed"

// Files holds CODE.json.gz, one file a region, the code being its OKTMO of 8
// digits: the coordinates of a GeoJSON MultiPolygon.
//
//go:embed *.json.gz
var Files embed.FS
