package kind

import "math"

// logistic fits weights by Newton's method with a ridge.
func logistic(ex []example, use func(*example) bool, ridge []float64) []float64 {
	n := len(ex[0].x)
	w := make([]float64, n)
	for range 12 {
		grad := make([]float64, n)
		hess := make([]float64, n*n)
		for i := range n {
			r := ridge[i]
			grad[i] = -r * w[i]
			hess[i*n+i] = r
		}
		var on []int
		for e := range ex {
			if !use(&ex[e]) {
				continue
			}
			on = on[:0]
			z := 0.0
			for i, v := range ex[e].x {
				if v != 0 {
					on = append(on, i)
					z += w[i] * float64(v)
				}
			}
			p := 1 / (1 + math.Exp(-z))
			y := 0.0
			if ex[e].y {
				y = 1
			}
			d, h := ex[e].weight*(y-p), ex[e].weight*p*(1-p)
			for _, i := range on {
				xi := float64(ex[e].x[i])
				grad[i] += d * xi
				for _, j := range on {
					if j > i {
						break
					}
					hess[i*n+j] += h * xi * float64(ex[e].x[j])
				}
			}
		}
		step := solve(hess, grad, n)
		for i := range w {
			w[i] += step[i]
		}
	}
	return w
}

// words adds to weights of the features a little weight for every word of the
// lexicon, by coordinate-wise Newton steps with a ridge of its own: most words
// stay where their class is, the telling ones move.
func words(ex []example, use func(*example) bool, w []float64, n int, ridge float64) []float64 {
	var on []*example
	for e := range ex {
		if use(&ex[e]) {
			on = append(on, &ex[e])
		}
	}
	z := make([]float64, len(on))
	holds := make([][]int32, n)
	for e, x := range on {
		z[e] = score(w, x.x)
		for _, k := range x.seen {
			holds[k] = append(holds[k], int32(e))
		}
	}
	v := make([]float64, n)
	for range 15 {
		for k, list := range holds {
			if len(list) < 4 {
				continue
			}
			g, h := -ridge*v[k], ridge
			for _, e := range list {
				p := 1 / (1 + math.Exp(-z[e]))
				y := 0.0
				if on[e].y {
					y = 1
				}
				g += on[e].weight * (y - p)
				h += on[e].weight * p * (1 - p)
			}
			step := max(-0.5, min(0.5, g/h))
			v[k] += step
			for _, e := range list {
				z[e] += step
			}
		}
	}
	return v
}

// solve solves the symmetric positive system (lower triangle given) by Cholesky.
func solve(a, b []float64, n int) []float64 {
	for j := range n {
		for k := range j {
			for i := j; i < n; i++ {
				a[i*n+j] -= a[i*n+k] * a[j*n+k]
			}
		}
		d := math.Sqrt(math.Max(a[j*n+j], 1e-9))
		for i := j; i < n; i++ {
			a[i*n+j] /= d
		}
	}
	x := append([]float64(nil), b...)
	for i := range n {
		for k := range i {
			x[i] -= a[i*n+k] * x[k]
		}
		x[i] /= a[i*n+i]
	}
	for i := n - 1; i >= 0; i-- {
		for k := i + 1; k < n; k++ {
			x[i] -= a[k*n+i] * x[k]
		}
		x[i] /= a[i*n+i]
	}
	return x
}

func sum(v []float64, seen []int32) float64 {
	s := 0.0
	for _, k := range seen {
		s += v[k]
	}
	return s
}

func score(w []float64, x []float32) float64 {
	z := 0.0
	for i, v := range x {
		if v != 0 {
			z += w[i] * float64(v)
		}
	}
	return z
}
