//go:build !race

package main

import "time"

// mostSilence is how long an example that stays may take to name its address.
const mostSilence = 2 * time.Minute
