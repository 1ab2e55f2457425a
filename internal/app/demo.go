package app

import "otklik/internal/site"

// Demo is what only the demo has.
type Demo struct {
	SignIns []site.DemoAccount
}
