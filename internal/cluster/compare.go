package cluster

import "otklik/internal/russian"

// What an edit costs, in the unit of weight. A slip of the pen costs as much as a filler; another
// word in the place of one costs both, because nobody who repeats a text does it.
const slipCost = 1

// A Likeness says how near two texts are and what differs.
type Likeness struct {
	Score  float64 // 1 for the same words in the same order, 0 for nothing in common
	Edits  int     // words that differ
	Slips  int     // of them misspelt ones
	Number bool    // a number is another one, or stands in one of the texts only
	Words  bool    // a word that carries meaning was replaced by another
}

// Near is the score from which two texts count as the same with small edits.
const Near = 0.72

// drift is how many words the places of one word may lie apart in two texts.
const drift = 12

// Compare says how near two texts are. Below floor it may stop early and
// returns the zero Likeness. Compare(a, b) and Compare(b, a) are equal.
func Compare(a, b *Key, floor float64) Likeness {
	total := max(a.weight, b.weight)
	if len(a.words) == 0 || len(b.words) == 0 || float64(min(a.weight, b.weight)) < floor*float64(total) {
		return Likeness{}
	}
	if a.whole == b.whole {
		return Likeness{Score: 1}
	}
	budget := int((1 - floor) * float64(total))
	x, y := a.words, b.words
	for len(x) > 0 && len(y) > 0 && x[0].Same(y[0]) {
		x, y = x[1:], y[1:]
	}
	for len(x) > 0 && len(y) > 0 && x[len(x)-1].Same(y[len(y)-1]) {
		x, y = x[:len(x)-1], y[:len(y)-1]
	}
	if len(x) > len(y) {
		x, y = y, x
	}
	if len(y)-len(x) > drift {
		return Likeness{}
	}
	cost := distance(x, y, budget)
	if cost > budget {
		return Likeness{}
	}
	l := differences(x, y)
	l.Score = 1 - float64(cost)/float64(total)
	return l
}

// distance returns what it costs at least to turn x into y, the longer of the
// two, when words are dropped, added and misspelt; more than budget when it
// costs more than that. It looks at a band of places at most drift apart.
func distance(x, y []russian.Print, budget int) int {
	const width = 2*drift + 1
	const far = 1 << 30
	var row [width + 1]int // row[j-i+drift] is the cost of x[:i] to y[:j]; one more for the edge
	for d := range row {
		row[d] = far
	}
	row[drift] = 0
	for j := 1; j <= min(drift, len(y)); j++ {
		row[drift+j] = row[drift+j-1] + weight(y[j-1])
	}
	for i := 1; i <= len(x); i++ {
		w := x[i-1]
		drop, least := weight(w), far
		left := far
		from := max(0, drift-i)
		for d := range from {
			row[d] = far
		}
		for d := from; d < width; d++ {
			j := i + d - drift
			if j > len(y) {
				row[d] = far
				continue
			}
			cost := row[d+1] + drop // x[i-1] stands in x only
			if j > 0 {
				v := y[j-1]
				cost = min(cost, left+weight(v))
				switch {
				case w.Same(v):
					cost = min(cost, row[d])
				case row[d]+slipCost < cost && w.Slip(v):
					cost = row[d] + slipCost
				}
			}
			row[d], left = cost, cost
			least = min(least, cost)
		}
		if least > budget {
			return least
		}
	}
	return row[len(y)-len(x)+drift]
}

// differences says what stands in one of two texts only, wherever it stands.
func differences(x, y []russian.Print) (l Likeness) {
	var taken [longest]bool
	var dropped, added [3]int // by class
	numbers := [2][]russian.Print{}
	for _, v := range y {
		added[v.Class()]++
		if v.Class() == russian.Digits {
			numbers[1] = append(numbers[1], v)
		}
	}
	var rest []russian.Print
	for _, w := range x {
		if w.Class() == russian.Digits {
			numbers[0] = append(numbers[0], w)
		}
		if j := partner(y, &taken, w, russian.Print.Same); j >= 0 {
			taken[j] = true
			added[y[j].Class()]--
			continue
		}
		rest = append(rest, w)
	}
	for _, w := range rest {
		if j := partner(y, &taken, w, russian.Print.Slip); j >= 0 {
			taken[j] = true
			added[y[j].Class()]--
			l.Slips++
			continue
		}
		dropped[w.Class()]++
	}
	lost, gained := dropped[0]+dropped[1]+dropped[2], added[0]+added[1]+added[2]
	l.Edits = l.Slips + max(lost, gained)
	l.Words = dropped[russian.Content] > 0 && added[russian.Content] > 0
	l.Number = len(numbers[0]) != len(numbers[1])
	for i := 0; i < len(numbers[0]) && !l.Number; i++ {
		l.Number = !numbers[0][i].Same(numbers[1][i])
	}
	return l
}

func partner(y []russian.Print, taken *[longest]bool, w russian.Print, alike func(russian.Print, russian.Print) bool) int {
	for j, v := range y {
		if !taken[j] && alike(w, v) {
			return j
		}
	}
	return -1
}
