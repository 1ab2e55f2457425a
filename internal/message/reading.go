package message

import "otklik/internal/topic"

// A Kind says what sort of message it is.
type Kind string

// Kinds, as `otklik read` prints them.
const (
	Complaint     Kind = "complaint"
	Question      Kind = "question"
	Proposal      Kind = "proposal"
	Thanks        Kind = "thanks"
	Rumour        Kind = "rumour"
	Advertisement Kind = "advertisement"
	Announcement  Kind = "announcement"
	Noise         Kind = "noise"
)

var kindWords = map[Kind]string{
	Complaint: "жалоба", Question: "вопрос", Proposal: "предложение", Thanks: "благодарность",
	Rumour: "слух", Advertisement: "реклама", Announcement: "объявление", Noise: "без содержания",
}

// Name returns the kind's Russian word.
func (k Kind) Name() string { return kindWords[k] }

// Opens reports whether a message of the kind opens an incident.
func (k Kind) Opens() bool { return k == Complaint || k == Question || k == Proposal }

// An Urgency says how fast somebody must look.
type Urgency string

// Urgencies.
const (
	Normal Urgency = "normal"
	High   Urgency = "high"
	Danger Urgency = "danger"
)

var urgencyWords = map[Urgency]string{Normal: "обычная", High: "повышенная", Danger: "опасность"}

// Name returns the urgency's Russian word.
func (u Urgency) Name() string { return urgencyWords[u] }

// Rank orders urgencies: 0 normal, 1 high, 2 danger.
func (u Urgency) Rank() int {
	switch u {
	case Danger:
		return 2
	case High:
		return 1
	}
	return 0
}

// What a reading can miss.
const (
	MissingTopic   = "topic"   // it is not clear what happened
	MissingPlace   = "place"   // it is not clear where
	MissingDecency = "decency" // obscene words
)

// A Reading is what the machine saw in a message, with evidence. Its spans are
// byte offsets into the message's text; it holds no words of the resident.
// The JSON form is what the store keeps; `otklik read` adds the texts.
type Reading struct {
	Concerns bool    `json:"concerns"`          // some watch says that it is ours
	Watch    string  `json:"watch,omitempty"`   // which one; the centre's own before the one that the product brings
	Queries  []int64 `json:"queries,omitempty"` // ids of the saved queries that caught it (standing.ID)
	Relevant float64 `json:"relevant"`          // score of that, 0 … 1
	Outside  bool    `json:"outside,omitempty"` // a plea outside any competence

	Kind      Kind    `json:"kind"`
	Complaint bool    `json:"complaint"`
	Urgency   Urgency `json:"urgency"`
	Obscene   bool    `json:"obscene"`

	Topics   []TopicGuess `json:"topics,omitempty"` // best first; empty when the machine refuses to guess
	Places   []PlaceFound `json:"places,omitempty"`
	Personal []Personal   `json:"personal,omitempty"`
	Evidence []Evidence   `json:"evidence,omitempty"`
	Missing  []string     `json:"missing,omitempty"`

	Model string `json:"model,omitempty"` // versions of rules and models that made it
	Index string `json:"-"`               // the lemma stream for search; goes into the erasable index only
}

// Concrete reports whether the message says what and where, decently.
func (r *Reading) Concrete() bool { return len(r.Missing) == 0 }

// Topic returns the likeliest topic, or topic.Undefined.
func (r *Reading) Topic() topic.Code {
	if len(r.Topics) == 0 {
		return topic.Undefined
	}
	return r.Topics[0].Code
}

// A TopicGuess is a topic with a calibrated score, 0 … 1.
type TopicGuess struct {
	Code  topic.Code `json:"code"`
	Score float64    `json:"score"`
}

// A PlaceFound is a place that the text names.
type PlaceFound struct {
	Start        int     `json:"start"`
	End          int     `json:"end"`
	Type         string  `json:"type"` // settlement, district, street, house, intersection, stretch, landmark, road, stop
	ID           string  `json:"id,omitempty"`
	Name         string  `json:"name,omitempty"`
	Region       string  `json:"region,omitempty"`        // OKTMO
	Municipality string  `json:"municipality,omitempty"`  // OKTMO
	Settlement   string  `json:"settlement,omitempty"`    // name
	SettlementID string  `json:"settlement_id,omitempty"` // OKTMO
	Village      bool    `json:"village,omitempty"`       // a settlement that is no city, or gardens
	Street       string  `json:"street,omitempty"`
	House        string  `json:"house,omitempty"`
	Relation     string  `json:"relation,omitempty"` // opposite, behind, near, between …
	Lat          float64 `json:"lat,omitempty"`
	Lon          float64 `json:"lon,omitempty"`
	Radius       int     `json:"radius,omitempty"` // metres around the point; 0 without one
	Score        float64 `json:"score"`
	Why          string  `json:"why,omitempty"`

	// Candidates are the gazetteer ids that the words fit, best first, at most five;
	// set when there is more than one.
	Candidates []string `json:"candidates,omitempty"`
}

// Exact reports whether somebody could go there: a city alone is too large, a
// village is small enough to find the spot.
func (p PlaceFound) Exact() bool {
	switch p.Type {
	case "settlement", "district":
		return p.Village
	}
	return true
}

// Unsettled reports whether the reading names a place and cannot say in which
// settlement it lies, or whose house it is: earlier messages may know.
func (r *Reading) Unsettled() bool {
	for k := range r.Places {
		p := &r.Places[k]
		if p.SettlementID == "" && p.Type != "district" && p.Type != "road" || p.Type == "house" && p.Street == "" || p.Type == "settlement" && len(p.Candidates) > 1 {
			return true
		}
	}
	return false
}

// A Personal is a span of personal data.
type Personal struct {
	Start int    `json:"start"`
	End   int    `json:"end"`
	Type  string `json:"type"` // phone, email, name, flat, document, card, plate, child
}

// An Evidence says which words made the machine think so.
type Evidence struct {
	Start int    `json:"start"`
	End   int    `json:"end"`
	For   string `json:"for"` // topic, kind, urgency, watch, outside, obscene
	Why   string `json:"why"` // rule or reason in Russian; never the resident's words
}
