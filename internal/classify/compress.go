package classify

import (
	"math"
	"slices"
)

// measure finds the unit of the lanes: the word that says most fills a lane.
func (m *Model) measure(s *set) {
	sums := make([]float32, len(m.Labels))
	var most float32
	for _, w := range s.known {
		clear(sums)
		for _, h := range w.pieces {
			if f, ok := m.find(h); ok && m.block(f) == charBlock {
				m.add(sums, f, m.idf[f])
			}
		}
		for _, v := range sums {
			most = max(most, abs(v))
		}
	}
	m.unit = most / mostUnits
}

// compress stores the weights. The mean over labels is taken off each feature:
// it moves all scores of a text alike. What remains near zero is left out, so
// a feature keeps only the labels for which it speaks, in eight bits each.
func (m *Model) compress(w [][]float32, keep int) {
	column := make([]float32, len(m.Labels))
	kept := make([]int, 0, keep)
	m.label, m.weight = nil, nil
	for f := range m.hashes {
		var mean float64
		for l := range column {
			mean += float64(w[l][f])
		}
		mean /= float64(len(column))
		var top float32
		for l := range column {
			column[l] = w[l][f] - float32(mean)
			top = max(top, abs(column[l]))
		}
		kept = strongest(kept[:0], column, keep)
		slices.Sort(kept)
		m.scale[f] = top / 127
		m.start[f] = uint32(len(m.label))
		for _, l := range kept {
			if top == 0 {
				break
			}
			if q := math.Round(float64(column[l]) / float64(top) * 127); q != 0 && math.Abs(q) >= 2 {
				m.label = append(m.label, uint16(l))
				m.weight = append(m.weight, int8(q))
			}
		}
	}
	m.start[len(m.hashes)] = uint32(len(m.label))
}

// strongest appends the numbers of the n values that are farthest from zero; of
// equals the first.
func strongest(list []int, values []float32, n int) []int {
	for l, v := range values {
		v = abs(v)
		if len(list) == n {
			if v <= abs(values[list[n-1]]) {
				continue
			}
			list = list[:n-1]
		}
		at := len(list)
		list = append(list, l)
		for ; at > 0 && abs(values[list[at-1]]) < v; at-- {
			list[at] = list[at-1]
		}
		list[at] = l
	}
	return list
}

func abs(x float32) float32 {
	if x < 0 {
		return -x
	}
	return x
}
