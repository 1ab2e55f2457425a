// Package topics holds the default classifier and what the shipped topic
// reader is built from, as files: people edit the files, packages topic and
// classify read them. See docs/topics.md for their syntax.
package topics

import _ "embed"

// Classifier is the default taxonomy, JSON as topic.Parse reads it: 195 topics
// in 26 groups. The names are those of an official classifier; the codes are
// ours, because the classifier has none.
//
//go:embed classifier.json
var Classifier []byte

// Rules are the keyword rules of the default taxonomy; their head says how
// they are written.
//
//go:embed rules.txt
var Rules []byte

// Examples are texts written for this project, under the code of their topic.
//
//go:embed examples.txt
var Examples []byte

// Model is what `go generate ./internal/classify` makes of the above.
//
//go:embed topics.model
var Model []byte

// Pinned are texts written for this project that no model learns from, with the
// topic that a person is sure of: versions are compared on them.
//
//go:embed pinned.csv
var Pinned []byte
