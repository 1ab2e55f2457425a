package main

import "otklik/internal/gazetteer"

// analyzer returns the reader of names.
func analyzer() (gazetteer.Analyzer, error) { return nil, nil }
