// Package regimes holds the bundled sets of limits as a file: people edit them on
// screen, package regime reads them. README.md beside it says where each comes from.
package regimes

import _ "embed"

// Shipped is a JSON list of regime.Regime, in the order in which they are tried.
//
//go:embed regimes.json
var Shipped []byte
