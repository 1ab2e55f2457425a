package config

import "otklik/internal/fault"

// Talks says how the bots lead the dialogue with residents. Its texts are edited on screen.
type Talks struct {
	// Consent is where the consent to the use of personal data stands (152-ФЗ), or its
	// words; confirming a complaint gives it. "" = none is asked for.
	Consent  string   `json:"consent,omitempty"`
	Contact  string   `json:"contact,omitempty"`  // how residents reach an operator: «8 800 000-00-00»
	Patience Duration `json:"patience,omitempty"` // how long an unfinished talk waits; 0 = three hours
	Off      bool     `json:"off,omitempty"`      // direct messages are messages like any other
}

func (t Talks) check() error {
	switch {
	case t.Patience < 0:
		return fault.New(fault.Invalid, "%s: talks.patience is negative", Name).Mend(`write a duration such as "3h", or leave the line out`)
	case len([]rune(t.Consent)) > 500 || len([]rune(t.Contact)) > 500:
		return fault.New(fault.Invalid, "%s: talks.consent or talks.contact is longer than 500 characters", Name).Mend("write an address where the whole text stands")
	}
	return nil
}
