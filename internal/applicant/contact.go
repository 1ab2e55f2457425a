package applicant

import (
	"net/mail"
	"strings"
	"unicode/utf8"

	"otklik/internal/fault"
	"otklik/internal/mailbox"
	"otklik/internal/message"
)

// A Way is how a contact reaches its owner.
type Way string

// Ways.
const (
	NoWay Way = ""
	Mail  Way = "mail"
	Phone Way = "phone"
)

// contactLimit is how long a contact may be, in bytes.
const contactLimit = 254

// ParseContact reads what somebody typed as their contact and returns its normal form: a
// phone as «+79001234567», a mailbox in small letters, its host as people write it. An empty one is no contact and no
// error; what is neither is Invalid.
func ParseContact(typed string) (way Way, normal string, err error) {
	typed = strings.TrimSpace(typed)
	if typed == "" {
		return NoWay, "", nil
	}
	wrong := func() (Way, string, error) {
		return NoWay, "", fault.New(fault.Invalid, "a contact that is neither phone nor mailbox").At("contact").
			Say("Не похоже ни на телефон, ни на почту. Телефон: +7 900 123-45-67, почта: imya@example.ru.")
	}
	if len(typed) > contactLimit || !utf8.ValidString(typed) {
		return wrong()
	}
	if strings.Contains(typed, "@") {
		a, err := mail.ParseAddress(typed)
		if err != nil || a.Address != typed || !strings.Contains(typed[strings.LastIndex(typed, "@"):], ".") {
			return wrong()
		}
		normal, err := mailbox.Normal(typed)
		if err != nil {
			return NoWay, "", fault.New(fault.Invalid, "a contact: %w", err).At("contact").Say(fault.Sentence(err))
		}
		return Mail, normal, nil
	}
	phone := message.Dialled(typed)
	if phone == "" {
		return wrong()
	}
	return Phone, phone, nil
}

// EndsWith reports whether the contact is a phone that ends with the four digits.
func EndsWith(contact, digits string) bool {
	return len(digits) == 4 && message.Ending(message.Dialled(contact)) == digits
}
