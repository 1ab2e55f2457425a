package incident

import (
	"otklik/internal/lifecycle"
	"otklik/internal/message"
	"otklik/internal/regime"
)

// Shown is what must hold for an incident's row to be shown to everybody. Package
// publicface makes the conditions and says what for; stores only ask by them.
type Shown struct {
	NotRegimes  []regime.Code
	NotOutcomes []lifecycle.Outcome
	Kinds       []message.Kind // one of them
	Unread      lifecycle.State
	PastRegime  regime.Code
	Published   message.Channel // the one whose cases may be Unread or of the PastRegime: another centre has looked, or publishes them
}
