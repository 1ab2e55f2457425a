package classify

import "time"

// A Card is what people want to know of a model before they trust it. It stands
// in the model file.
type Card struct {
	Version     int       `json:"version,omitempty"`     // of the one who keeps models; 0 for a model outside of any row
	Made        time.Time `json:"made,omitzero"`         // given by the caller
	Examples    int       `json:"examples,omitempty"`    // learnt from, the shipped ones included
	Own         int       `json:"own,omitempty"`         // of them the caller's
	Corrections int       `json:"corrections,omitempty"` // of them given instead of a wrong guess
	Left        int       `json:"left,omitempty"`        // left out: no text, no label, or a topic that the taxonomy does not give
	Data        string    `json:"data,omitempty"`        // hexadecimal SHA-256 of the caller's examples and the taxonomy
	Base        string    `json:"base,omitempty"`        // the same of the shipped data that was learnt too
	Held        Held      `json:"held,omitzero"`
}

// Held is how models of parts of the examples did on the other parts.
type Held struct {
	N    int     `json:"n"`
	Top1 float64 `json:"top1"`
	Top3 float64 `json:"top3"`
	ECE  float64 `json:"ece"` // expected calibration error of the first guess
}
