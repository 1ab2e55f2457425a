package feedback

import "slices"

// A Reason says by a code what somebody found wrong with a result; people choose among them.
type Reason string

// Reasons.
const (
	NobodyCame Reason = "nobody_came"
	BadlyDone  Reason = "badly_done"
	CameBack   Reason = "came_back"
	OffTopic   Reason = "off_topic" // the answer is about something else
	NoAnswer   Reason = "no_answer" // the answer says nothing («отписка»)
	TooLate    Reason = "too_late"
)

// Reasons returns all reasons, as they are offered.
func Reasons() []Reason {
	return []Reason{NobodyCame, BadlyDone, CameBack, OffTopic, NoAnswer, TooLate}
}

var reasonWords = map[Reason]string{
	NobodyCame: "никто не приезжал", BadlyDone: "сделано плохо", CameBack: "сделали, но снова то же",
	OffTopic: "ответ не о том", NoAnswer: "ответ ничего не говорит", TooLate: "слишком долго",
}

// Name returns the reason's Russian words.
func (r Reason) Name() string { return reasonWords[r] }

// ParseReasons returns the reasons among codes, each once; a code that is none is passed over.
func ParseReasons(codes []string) (list []Reason) {
	for _, r := range Reasons() {
		if slices.Contains(codes, string(r)) {
			list = append(list, r)
		}
	}
	return list
}
