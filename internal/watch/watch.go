// Package watch asks all standing queries about a message at once: does it
// concern us, and by which rule?
//
// Start with Parse, which reads one query in the language of docs/watch.md,
// then NewSet, which compiles any number of queries, and Set.Match, which
// evaluates them over one russian.Text:
//
//	q, err := watch.Parse(analyzer, `(яма | выбоина) & "нет освещения"~5 & !продам`)
//	set := watch.NewSet([]*watch.Query{q})
//	var buf watch.Buffer
//	for _, hit := range set.Match(text, &buf) { … }
//
// A word of a query means any inflected form: it matches a word of the text
// when any lemma of the one equals any lemma of the other. A word that the
// dictionary does not know is compared by the lemma or stem that the analyzer
// gave it, numbers and links as written.
//
// Each query is indexed under its rarest required words only, and evaluated
// exactly when one of them stands in the message, so the cost of a message
// follows the queries that nearly match, not the queries there are.
//
// A Rule adds what stands outside the text: territory and kind of source.
// Default is the watch that the product ships with.
package watch

import "otklik/internal/russian"

// A Reader reads texts; *russian.Analyzer is one. The reader that parses the
// queries must be the one that reads the messages, or lemmas will not meet.
type Reader interface {
	Read(text string) *russian.Text
}

// counted reports whether a token takes a word position: punctuation, emoji
// and other signs do not, so «нет, воды» holds the phrase "нет воды".
func counted(t *russian.Token) bool {
	return t.Kind != russian.Punct && t.Kind != russian.Symbol
}

// bare is the norm of a token that has no readings: numbers, links, hashtags.
// A hashtag meets the word it is made of.
func bare(t *russian.Token) string {
	if t.Kind == russian.Hashtag && len(t.Norm) > 1 && t.Norm[0] == '#' {
		return t.Norm[1:]
	}
	return t.Norm
}
