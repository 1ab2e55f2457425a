package plan

import (
	"math"
	"time"
)

// A Purse is what one token may do of one sort in a day, and has done. VK does not say when
// its day begins, so a purse never lets more than PerDay go in any 24 hours, and spreads
// them: each quarter of an hour has its share, by how busy the hour is. A call counts for
// a quarter longer than a day, because it may arrive at VK in the quarter after the one in
// which it was spent.
type Purse struct {
	PerDay int // 0 and less: no limit

	spent [slots]struct {
		slot int64 // number of the quarter since 1970
		n    int
	}
	pace   float64 // calls of this quarter in a mean hour
	paceOf int64   // the quarter that it holds for
}

const (
	quarter = 15 * 60
	slots   = 24*4 + 2

	// Day is for how many quarters of an hour a call counts.
	Day = slots
)

// Quarter returns the number of the quarter of an hour since 1970.
func Quarter(now time.Time) int64 { return now.Unix() / quarter }

// In returns how many calls went in a quarter of the last day.
func (p *Purse) In(quarter int64) int {
	if s := p.spent[quarter%slots]; s.slot == quarter {
		return s.n
	}
	return 0
}

// Recall adds calls of an earlier time to a quarter.
func (p *Purse) Recall(quarter int64, n int) {
	s := &p.spent[quarter%slots]
	if s.slot > quarter {
		return
	}
	if s.slot < quarter {
		s.slot, s.n = quarter, 0
	}
	s.n += n
	p.pace = 0
}

// Spend notes n calls.
func (p *Purse) Spend(now time.Time, n int) {
	slot := now.Unix() / quarter
	s := &p.spent[slot%slots]
	if s.slot != slot {
		s.slot, s.n = slot, 0
	}
	s.n += n
}

// Left returns how many calls the last 24 hours leave.
func (p *Purse) Left(now time.Time) int {
	if p.PerDay <= 0 {
		return math.MaxInt32
	}
	return max(p.PerDay-p.Used(now), 0)
}

// Used returns how many calls went in the last 24 hours.
func (p *Purse) Used(now time.Time) (n int) {
	slot := now.Unix() / quarter
	for _, s := range p.spent {
		if s.slot > slot-slots && s.slot <= slot {
			n += s.n
		}
	}
	return n
}

// Back returns when the first of the calls of the last 24 hours count no more; zero when there
// were none.
func (p *Purse) Back(now time.Time) time.Time {
	slot := now.Unix() / quarter
	for k := slot - slots + 1; k <= slot; k++ {
		if s := p.spent[k%slots]; s.slot == k && s.n > 0 {
			return time.Unix((k+slots)*quarter, 0)
		}
	}
	return time.Time{}
}

// Ready reports whether a call may go now, where busy is how busy this hour is against the
// mean one.
func (p *Purse) Ready(now time.Time, busy float64) bool {
	if p.PerDay <= 0 {
		return true
	}
	slot := now.Unix() / quarter
	if p.paceOf != slot || p.pace == 0 {
		p.paceOf, p.pace = slot, p.even(now)
	}
	done := 0
	if s := p.spent[slot%slots]; s.slot == slot {
		done = s.n
	}
	into := float64(now.Unix()%quarter+1) / quarter
	return float64(done) < p.pace*busy*into && p.Left(now) > 0
}

// even returns how many calls a quarter of an hour may have so that the same number can go in
// every quarter of the coming day: what is left, and what each quarter of yesterday gives
// back, must last at every moment.
func (p *Purse) even(now time.Time) float64 {
	slot := now.Unix() / quarter
	have, pace := float64(p.Left(now)), float64(p.PerDay)
	for k := int64(1); k <= slots; k++ {
		pace = min(pace, have/float64(k))
		if s := p.spent[(slot+k)%slots]; s.slot == slot+k-slots {
			have += float64(s.n)
		}
	}
	return max(pace, 1)
}

// Empty says that the network told that nothing is left, before our own count did: the rest
// of the day is taken for spent.
func (p *Purse) Empty(now time.Time) {
	if p.PerDay <= 0 {
		return
	}
	p.Spend(now, p.Left(now))
	p.pace = 0
}
