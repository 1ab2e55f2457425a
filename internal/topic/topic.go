// Package topic is the vocabulary of what residents write about: topics in
// groups, some of them on the fast track, in a versioned, editable taxonomy.
package topic

// A Code names a topic for ever; names may be corrected, codes never change.
type Code string

// Undefined is the honest answer «не определено»: the machine saw a complaint
// but no topic it would put its name to.
const Undefined Code = "undefined"

// A Topic is one line of the classifier.
type Topic struct {
	Code  Code   `json:"code"`
	Name  string `json:"name"`  // as on screen, without the star
	Group string `json:"group"` // name of the topic group
	Fast  bool   `json:"fast"`  // fast track (★): the short deadline of DOMAIN.md §4 applies
}

// A Taxonomy is one version of the list of topics, in the order of the classifier.
type Taxonomy struct {
	Name    string  `json:"name"`
	Version int     `json:"version"`
	Topics  []Topic `json:"topics"`
}
