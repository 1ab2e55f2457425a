// Package precedent finds solved incidents whose replies may serve for another:
// about the same topic, near the same place, in like words, and known to have
// helped, because somebody verified them or the author marked them well.
//
// Terms reads what is compared; Rank orders what a Store found. Of a resident's
// words hashes of lemmas are kept, erased with the message.
package precedent

import (
	"cmp"
	"context"
	"math"
	"slices"
	"time"

	"otklik/internal/order"
	"otklik/internal/russian"
	"otklik/internal/scope"
	"otklik/internal/topic"
)

// Good is the mean mark from which a reply may serve, of 5.
const Good = 4.0

// A Precedent is a finished incident with the reply that ended it.
type Precedent struct {
	Incident   int64
	Reply      int64
	Topic      topic.Code
	Settlement string
	Street     string
	House      string
	Verified   bool
	Mark       float64 // mean, 0 = none
	At         time.Time
	Place      scope.Place

	Shared float64 // weight of the words shared with what was asked for, 0 … 1
	Score  float64 // by Rank
}

// A Query asks for precedents of an incident.
type Query struct {
	Not        int64 // the incident itself
	Region     string
	Topic      topic.Code // "" for none
	Settlement string
	Street     string
	House      string
	Terms      []int64
}

// mostTerms is how many words of a complaint are compared, at most.
const mostTerms = 40

// Terms returns the lemmas that say what a text is about, each once, as numbers:
// nouns, adjectives and verbs, all lemmas of an ambiguous form, without names of
// people, numbers and what joins words.
func Terms(t *russian.Text) []int64 {
	var out []int64
	for i := range t.Tokens {
		tok := &t.Tokens[i]
		if tok.Kind != russian.Word && tok.Kind != russian.Hashtag || tok.Print().Class() != russian.Content || tok.Obscene {
			continue
		}
		if len(tok.Forms) > 0 && (!tok.Forms[0].Gram.Any(russian.Noun|russian.Adj|russian.Verb|russian.Infn|russian.Participle) || tok.Forms[0].Gram.Any(russian.Name|russian.Surn|russian.Patr)) {
			continue
		}
		for _, term := range tok.Terms() {
			if n := int64(term); !slices.Contains(out, n) {
				out = append(out, n)
			}
		}
		if len(out) >= mostTerms {
			return out[:mostTerms]
		}
	}
	return out
}

// Weight is how much it says that two texts share a word which of all precedents so
// many have.
func Weight(of, all int) float64 {
	return math.Log(1 + float64(max(all, of)+1)/float64(of+1))
}

// Rank scores what was found and returns the best, at most limit. Words count most,
// then topic and place; of equal ones a verified and a fresh one goes first. What
// shares neither topic nor words that tell is left out.
func Rank(q Query, found []Precedent, now time.Time, limit int) []Precedent {
	var out []Precedent
	for _, p := range found {
		same := q.Topic != "" && p.Topic == q.Topic
		if p.Incident == q.Not || !same && p.Shared < 0.35 {
			continue
		}
		p.Score = 0.5 * p.Shared
		if same {
			p.Score += 0.25
		}
		switch {
		case q.Street != "" && p.Settlement == q.Settlement && p.Street == q.Street && q.House != "" && p.House == q.House:
			p.Score += 0.15
		case q.Street != "" && p.Settlement == q.Settlement && p.Street == q.Street:
			p.Score += 0.1
		case q.Settlement != "" && p.Settlement == q.Settlement:
			p.Score += 0.04
		}
		if p.Verified {
			p.Score += 0.04
		}
		p.Score += 0.01 * p.Mark
		p.Score += 0.03 / (1 + math.Max(0, now.Sub(p.At).Hours())/(24*180)) // half of it after half a year
		out = append(out, p)
	}
	order.By(out, func(a, b Precedent) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(b.Incident, a.Incident))
	})
	return out[:min(limit, len(out))]
}

// A Store keeps precedents.
type Store interface {
	// Keep stores or replaces that of an incident with its terms.
	Keep(ctx context.Context, p Precedent, terms []int64) error
	Forget(ctx context.Context, incident int64) error
	// Candidates returns at most a few hundred inside the scope: those that share the
	// rarest words, the newest of the topic at the settlement, the newest of the topic.
	Candidates(ctx context.Context, sc scope.Scope, q Query) ([]Precedent, error)
	// Unknown returns finished incidents behind the id that look like precedents and are
	// not kept as such, in the order of ids.
	Unknown(ctx context.Context, after int64, limit int) ([]int64, error)
}
