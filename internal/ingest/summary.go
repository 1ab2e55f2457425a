package ingest

import (
	"maps"
	"time"
)

// A Summary accounts for records.
type Summary struct {
	Read                int64            `json:"read"`
	Duplicate           int64            `json:"duplicate"`
	NotOurs             int64            `json:"not_ours"`
	Kept                int64            `json:"kept"`
	Opened              int64            `json:"opened"`
	Attached            int64            `json:"attached"`
	KeptWithoutIncident int64            `json:"kept_without_incident"`
	Rejected            int64            `json:"rejected"`
	Renewed             int64            `json:"renewed,omitempty"` // of those attached: the other system says something new of a case that came from it
	Reasons             map[string]int64 `json:"reasons"`

	held time.Duration // see Held
}

// Held returns how long taking them in kept others from writing.
func (s *Summary) Held() time.Duration { return s.held }

func (s *Summary) hold(from time.Time) { s.held = time.Since(from) }

func (s *Summary) reject(reason string) {
	s.Read++
	s.Rejected++
	if s.Reasons == nil {
		s.Reasons = map[string]int64{}
	}
	s.Reasons[reason]++
}

// Add adds o to s.
func (s *Summary) Add(o Summary) {
	s.Read += o.Read
	s.Duplicate += o.Duplicate
	s.NotOurs += o.NotOurs
	s.Kept += o.Kept
	s.Opened += o.Opened
	s.Attached += o.Attached
	s.KeptWithoutIncident += o.KeptWithoutIncident
	s.Rejected += o.Rejected
	s.Renewed += o.Renewed
	s.held += o.held
	if s.Reasons == nil {
		s.Reasons = map[string]int64{}
	}
	for reason, n := range o.Reasons {
		s.Reasons[reason] += n
	}
}

// Holds reports whether the sums hold.
func (s *Summary) Holds() bool {
	var reasons int64
	for n := range maps.Values(s.Reasons) {
		reasons += n
	}
	return s.Read == s.Duplicate+s.NotOurs+s.Kept+s.Rejected &&
		s.Kept == s.Opened+s.Attached+s.KeptWithoutIncident && reasons == s.Rejected
}
