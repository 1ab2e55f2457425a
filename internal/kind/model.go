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

// A model is a weight for every feature and the score from which a message
// concerns us.
type model struct {
	weights   []float32 // feature → weight
	words     []float32 // word of the lexicon → what it adds to its class
	threshold float64   // as a probability
}

// readModel reads the table of weights: "name weight" a line, # for comments,
// and the line "threshold p". Every feature must have its line; "word:…" is a
// word of the lexicon, and words without a line add nothing to their class.
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
		if w, ok := strings.CutPrefix(f[0], "word:"); ok {
			k, ok := lex.wordID[w]
			if !ok {
				return nil, fmt.Errorf("kind: weights line %d: no word %q in the lexicon", i+1, w)
			}
			m.words[k] = float32(v)
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
