package api

import (
	"otklik/internal/desk"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
)

// Bodies of what agencies and the arbiter say about whose matter it is.
type (
	DeclineBody struct {
		Seen
		Reason  string `json:"reason" doc:"Why it is not this agency's matter"`
		Agency  int64  `json:"agency,omitempty" minimum:"0" doc:"Whose matter it is: the incident goes there. Absent: not known, and unknown says why"`
		Unknown string `json:"unknown,omitempty" doc:"Why nobody can be named"`
	}
	DecideBody struct {
		Seen
		Agency int64       `json:"agency" minimum:"1" doc:"Who answers; this agency may not decline"`
		Reason string      `json:"reason"`
		Rule   *RulingBody `json:"rule,omitempty" doc:"Make a routing rule of it"`
	}
	RulingBody struct {
		Group bool `json:"group,omitempty" doc:"For the whole group of topics, not the topic alone"`
		Wide  bool `json:"wide,omitempty" doc:"For the whole region, not the municipality alone"`
	}
)

func (b DeclineBody) change(plain, *API, *incident.Incident) (desk.Change, error) {
	return desk.Decline{Reason: b.Reason, To: b.Agency, Unknown: b.Unknown}, nil
}

func (b DecideBody) change(plain, *API, *incident.Incident) (desk.Change, error) {
	c := desk.Decide{Agency: b.Agency, Reason: b.Reason}
	if b.Rule != nil {
		c.Rule = &desk.Ruling{Group: b.Rule.Group, Wide: b.Rule.Wide}
	}
	return c, nil
}

func (a *API) addDeskActions() {
	a.addMany()
	a.addProposals()
	act[DeclineBody](a, "decline", lifecycle.Decline, "Say that it is not the agency's matter, and whose it is; the second time in a row an arbiter decides")
	act[DecideBody](a, "decide", lifecycle.Decide, "Say as the arbiter which agency answers")
}
