package desk

// pressed notes how many different people write about the incident, when what this step
// attached may have raised the pressure on its clock by a rung.
func (s *step) pressed() (bool, error) {
	more := s.i.Messages - s.was.Messages
	if more <= 0 || len(s.trail) == 0 {
		return false, nil
	}
	r, ok := s.desk.Rules().Regime(s.i.Clock.Regime)
	if !ok || r.Pressure == nil || s.i.Messages < r.Pressure.Authors {
		return false, nil
	}
	n, err := s.tx.Clocks().Authors(s.ctx, s.i.ID)
	if err != nil || r.Pressure.Rungs(n) == r.Pressure.Rungs(n-more) { // each message brings one author at most
		return false, err
	}
	s.trail[len(s.trail)-1].Detail.Authors = n
	return true, nil
}
