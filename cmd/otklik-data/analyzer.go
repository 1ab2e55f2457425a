package main

import (
	"otklik/internal/gazetteer"
	"otklik/internal/russian"
)

// analyzer returns the reader of names.
func analyzer() (gazetteer.Analyzer, error) { return russian.New() }
