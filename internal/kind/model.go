package kind

import (
	_ "embed"
	"fmt"
	"math"
	"strconv"
	"strings"
)

//go:embed weights.txt
var weightsText string

// words.txt holds the weights of single words that are of no class of the lexicon.
//
//go:embed words.txt
var wordsText string

// A model is a weight for every feature and the score from which a message
// concerns us.
type model struct {
	weights   []float32 // feature → weight
	words     []float32 // word of the lexicon → what it adds to its class, or tells without one
	threshold float64   // as a probability
}

// readModel reads the table of weights: "name weight" a line, # for comments,
// and the line "threshold p". Every feature must have its line.
func readModel(text string, lex *lexicon) (*model, error) {
	features := lex.features()
	at := make(map[string]int, len(features))
	for i, f := range features {
		at[f] = i
	}
	m := &model{weights: make([]float32, len(features)), words: make([]float32, len(lex.words)), threshold: -1}
	seen := 0
	for i, line := range strings.Split(text, "\n") {
		f := strings.Fields(line)
		if len(f) == 0 || f[0][0] == '#' {
			continue
		}
		if len(f) != 2 {
			return nil, fmt.Errorf("kind: weights line %d: want \"name weight\"", i+1)
		}
		v, err := strconv.ParseFloat(f[1], 64)
		if err != nil {
			return nil, fmt.Errorf("kind: weights line %d: %w", i+1, err)
		}
		if f[0] == "threshold" {
			m.threshold = v
			continue
		}
		k, ok := at[f[0]]
		if !ok {
			return nil, fmt.Errorf("kind: weights line %d: no feature %q", i+1, f[0])
		}
		m.weights[k] = float32(v)
		seen++
	}
	if seen != len(features) || m.threshold <= 0 || m.threshold >= 1 {
		return nil, fmt.Errorf("kind: weights for %d of %d features, threshold %v", seen, len(features), m.threshold)
	}
	return m, nil
}

// readWords reads the table of words: "weight word word …" a line, the weight in
// hundredths; # for comments.
func readWords(text string) (words []string, weights []float32, err error) {
	for i, line := range strings.Split(text, "\n") {
		f := strings.Fields(line)
		if len(f) == 0 || f[0][0] == '#' {
			continue
		}
		v, err := strconv.Atoi(f[0])
		if err != nil {
			return nil, nil, fmt.Errorf("kind: words line %d: %w", i+1, err)
		}
		for _, w := range f[1:] {
			words = append(words, w)
			weights = append(weights, float32(v)/100)
		}
	}
	return words, weights, nil
}

// loosen gives loose words their weights.
func (m *model) loosen(lex *lexicon, words []string, weights []float32) {
	for i, w := range words {
		m.words[lex.wordID[w]] += weights[i]
	}
}

// score returns the probability that the text concerns us.
func (m *model) score(x []float32, seen []int32) float64 {
	var z float64
	for i, v := range x {
		if v != 0 {
			z += float64(v) * float64(m.weights[i])
		}
	}
	for _, k := range seen {
		z += float64(m.words[k])
	}
	return 1 / (1 + math.Exp(-z))
}
