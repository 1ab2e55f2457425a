package app

import (
	"time"

	"otklik/internal/site"
)

// Demo is what only the demo has.
type Demo struct {
	SignIns    []site.DemoAccount
	Networks   string        // the page that names its fake networks
	LearnAfter time.Duration // how long after its start it learns for the first time; 0 = not by itself
}
