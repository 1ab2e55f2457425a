package incident

import (
	"strings"

	"otklik/internal/message"
)

// A PastCase is an incident that came from another system.
type PastCase struct {
	ID   ID
	Key  string // of the case there (message.Past)
	Said string // what was said of it so far: digests, parted by blanks; "" where it was not remembered
}

// Knows reports whether the other system said this before.
func (c *PastCase) Knows(p *message.Past) bool { return strings.Contains(c.Said, p.Digest()) }
