//go:build race

package main

import "time"

// mostSilence is how long an example that stays may take to name its address: under the
// race detector the demo writes its months for four minutes beside the other examples.
const mostSilence = 5 * time.Minute
