// Package lemmas holds the OpenCorpora dictionary of Russian word forms.
//
// Do not read it directly: package russian does. README.md in this folder
// names the source and the licence (CC BY-SA 3.0); `otklik-data lemmas`
// rebuilds the file.
package lemmas

import _ "embed"

// Dictionary is the dictionary file, read in place and never written to.
// Its layout is told at buildLemmas in cmd/otklik-data.
//
//go:embed opencorpora.dict
var Dictionary string
