package feedback

import "cmp"

// A Quorum says how many authors of a mass incident must confirm before their words prove
// it solved: one of many speaks for oneself and, for the others, as a neighbour does. Of
// Authors and Percent of those who asked the higher number holds, and never more than asked.
// Zero fields have the shipped values.
type Quorum struct {
	Authors int // 3
	Percent int // 5
}

// Shipped values of a Quorum. No act names them: enough that it is no accident, and few
// enough to be reached, because of those who are answered few write again.
const (
	quorumAuthors = 3
	quorumPercent = 5
)

// Needed returns how many must confirm of so many who asked; one at least.
func (q Quorum) Needed(asked int) int {
	part := (asked*cmp.Or(q.Percent, quorumPercent) + 99) / 100
	return max(1, min(asked, max(cmp.Or(q.Authors, quorumAuthors), part)))
}

// A Crowd is what people say of the result of a mass incident since work on it began anew last.
type Crowd struct {
	Asked     int // authors of the incident
	Needed    int // that must confirm
	Confirmed int // authors whose last word is "solved"
	Against   int // authors whose last word is another, and neighbours' refutations that wait for a person
}

// Proven reports whether words alone prove it solved.
func (c *Crowd) Proven() bool { return c.Confirmed >= c.Needed && c.Against == 0 }

// Crowd counts voices, oldest first. who names the author of a voice, "" for one who is no
// author of the incident any more; highest is as for Bad. An author's last word holds; thanks,
// other matters, good marks and what nobody understood yet take nothing back.
func (q Quorum) Crowd(asked int, voices []Voice, who func(*Voice) string, highest int) *Crowd {
	c := &Crowd{Asked: asked, Needed: q.Needed(asked)}
	last := map[string]bool{} // by author: solved
	for k := range voices {
		v := &voices[k]
		against := v.Meaning == Refuted || v.Meaning == Partly || Bad(v.Mark, highest)
		if v.Speaker == Neighbour {
			if against && v.State == Waiting {
				c.Against++
			}
			continue
		}
		switch name := who(v); {
		case name == "":
		case against:
			last[name] = false
		case v.Meaning == Confirmed && v.State != Waiting:
			last[name] = true
		}
	}
	for _, solved := range last {
		if solved {
			c.Confirmed++
		} else {
			c.Against++
		}
	}
	return c
}
