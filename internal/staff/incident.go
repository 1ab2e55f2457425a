package staff

// IncidentPage is one incident.
type IncidentPage struct{}
