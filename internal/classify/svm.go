package classify

import (
	"math"
	"runtime"
	"sync"
)

// sparse is a row: feature numbers, ascending, and their values.
type sparse struct {
	index []int32
	value []float32
}

// A problem is the rows that bear labels.
type problem struct {
	rows    []sparse
	label   []int
	weight  []float64
	offsets [][]offset
}

// separators learns one linear separator a label: which rows bear it. The
// labels are spread over the processors; the result does not depend on how.
func (p *problem) separators(labels, features int, o options) [][]float32 {
	norms := make([]float64, len(p.rows))
	for i, r := range p.rows {
		for _, v := range r.value {
			norms[i] += float64(v * v)
		}
	}
	out := make([][]float32, labels)
	work := make(chan int)
	var wg sync.WaitGroup
	for range min(labels, runtime.GOMAXPROCS(0)) {
		wg.Go(func() {
			s := &solver{problem: *p, norms: norms, options: o,
				alpha: make([]float64, len(p.rows)), order: make([]int32, len(p.rows))}
			for l := range work {
				out[l] = make([]float32, features)
				s.solve(l, out[l])
			}
		})
	}
	for l := range labels {
		work <- l
	}
	close(work)
	wg.Wait()
	return out
}

// A solver solves the dual of the L2-regularised squared-hinge support vector
// machine by coordinate descent with shrinking (Hsieh and others, A Dual
// Coordinate Descent Method for Large-scale Linear SVM, ICML 2008).
type solver struct {
	problem
	options
	norms []float64
	alpha []float64 // by row: how much it supports the separator
	order []int32
}

// solve fills w, which must be zero, with one weight a feature. Products are
// converted before they are added, so that no processor fuses the two steps
// and every machine learns the same model.
func (s *solver) solve(label int, w []float32) {
	n := len(s.rows)
	clear(s.alpha)
	positive := 0
	for i := range s.order {
		s.order[i] = int32(i)
		if s.label[i] == label {
			positive++
		}
	}
	up := math.Pow(float64(n-positive)/float64(max(1, positive)), s.classPower)
	random := uint64(label+1) * 0x9e3779b97f4a7c15
	active, bound := n, math.Inf(1)
	for range s.epochs {
		worst, least := math.Inf(-1), math.Inf(1)
		for k := range active {
			random ^= random << 13
			random ^= random >> 7
			random ^= random << 17
			j := k + int(random%uint64(active-k))
			s.order[k], s.order[j] = s.order[j], s.order[k]
		}
		for k := 0; k < active; k++ {
			i := s.order[k]
			y, c := -1.0, s.cost*s.weight[i]
			if s.label[i] == label {
				y, c = 1, float64(c*up)
			}
			diagonal := 0.5 / c
			var dot float32
			r := &s.rows[i]
			value := r.value[:len(r.index)]
			for m, f := range r.index {
				dot += float32(w[f] * value[m])
			}
			for _, o := range s.offsets[i] {
				if o.label == label {
					dot += o.by
				}
			}
			slope := float64(y*float64(dot)) - 1 + float64(s.alpha[i]*diagonal)
			projected := slope
			if s.alpha[i] == 0 {
				if slope > bound { // surely no support: not looked at for a while
					active--
					s.order[k], s.order[active] = s.order[active], s.order[k]
					k--
					continue
				}
				projected = min(slope, 0)
			}
			worst, least = max(worst, projected), min(least, projected)
			if math.Abs(projected) > 1e-12 {
				old := s.alpha[i]
				s.alpha[i] = max(old-slope/(s.norms[i]+diagonal), 0)
				step := float32((s.alpha[i] - old) * y)
				for m, f := range r.index {
					w[f] += float32(step * value[m])
				}
			}
		}
		if worst-least <= s.epsilon {
			if active == n {
				return
			}
			active, bound = n, math.Inf(1) // look at all rows again
			continue
		}
		if bound = worst; bound <= 0 {
			bound = math.Inf(1)
		}
	}
}
