package applicant

import (
	"net/mail"
	"strings"
	"unicode/utf8"

	"otklik/internal/fault"
	"otklik/internal/mailbox"
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
	phone, ok := ParsePhone(typed)
	if !ok {
		return wrong()
	}
	return Phone, phone, nil
}

// ParsePhone returns a phone as «+79001234567»: Russian numbers with 8, 7, +7 or ten digits
// alone, others with their plus.
func ParsePhone(typed string) (normal string, ok bool) {
	var digits strings.Builder
	plus := false
	for k, c := range strings.TrimSpace(typed) {
		switch {
		case c >= '0' && c <= '9':
			digits.WriteRune(c)
		case c == '+' && k == 0:
			plus = true
		case strings.ContainsRune(" ()-.\u00a0\u2011–", c):
		default:
			return "", false
		}
	}
	d := digits.String()
	switch {
	case !plus && len(d) == 10 && d[0] != '0':
		return "+7" + d, true
	case !plus && len(d) == 11 && (d[0] == '8' || d[0] == '7'):
		return "+7" + d[1:], true
	case plus && len(d) >= 8 && len(d) <= 15 && d[0] != '0' && (d[0] != '7' || len(d) == 11):
		return "+" + d, true
	}
	return "", false
}

// EndsWith reports whether the contact is a phone that ends with the four digits.
func EndsWith(contact, digits string) bool {
	way, normal, err := ParseContact(contact)
	return err == nil && way == Phone && len(digits) == 4 && strings.HasSuffix(normal, digits)
}
