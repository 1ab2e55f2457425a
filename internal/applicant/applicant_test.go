package applicant_test

import (
	"strings"
	"testing"

	"otklik/internal/applicant"
)

func TestContacts(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		typed, normal string
		way           applicant.Way
		bad           bool
	}{
		{typed: ""},
		{typed: "  "},
		{typed: "8 (900) 123-45-67", normal: "+79001234567", way: applicant.Phone},
		{typed: "+7 900 123 45 67", normal: "+79001234567", way: applicant.Phone},
		{typed: "9001234567", normal: "+79001234567", way: applicant.Phone},
		{typed: "+375 29 123-45-67", normal: "+375291234567", way: applicant.Phone},
		{typed: "Anna.Petrova@Example.RU", normal: "anna.petrova@example.ru", way: applicant.Mail},
		{typed: "Почта@Абакан.РФ", normal: "почта@абакан.рф", way: applicant.Mail},
		{typed: "почта@xn--80aaac0ct.xn--p1ai", normal: "почта@абакан.рф", way: applicant.Mail},
		{typed: "anna@абакан.рф", normal: "anna@абакан.рф", way: applicant.Mail},
		{typed: "anna@mаil.ru", bad: true}, // a Russian «а» in a Latin word
		{typed: "анна\u202e@абакан.рф", bad: true},
		{typed: "почта@абакан", bad: true},
		{typed: "12345", bad: true},
		{typed: "+7 900 123 45 6", bad: true},
		{typed: "0001234567", bad: true},
		{typed: "Анна <anna@example.ru>", bad: true},
		{typed: "anna@localhost", bad: true},
		{typed: "anna@", bad: true},
		{typed: "телефон", bad: true},
		{typed: "a@b.ru\r\nBcc: c@d.ru", bad: true},
		{typed: strings.Repeat("a", 300) + "@example.ru", bad: true},
		{typed: "8900123\xff4567", bad: true},
	} {
		way, normal, err := applicant.ParseContact(c.typed)
		if way != c.way || normal != c.normal || (err != nil) != c.bad {
			t.Errorf("ParseContact(%q) = %q, %q, %v; want %q, %q, bad %t", c.typed, way, normal, err, c.way, c.normal, c.bad)
		}
	}
}

func TestALinkNeedsTheKey(t *testing.T) {
	t.Parallel()
	one, other := applicant.Key("one"), applicant.Key("other")
	n := applicant.Nonce()
	if a, b := one.Secret(n), other.Secret(n); a == b || len(a) != 24 || a != one.Secret(n) || strings.ToLower(a) != a {
		t.Errorf("Secret(%q) = %q and %q; want 24 letters that the key decides", n, a, b)
	}
	if one.Secret(n) == one.Secret(applicant.Nonce()) {
		t.Error("two nonces give one link")
	}
	if one.Digest("") != "" || one.Digest("+79001234567") == other.Digest("+79001234567") || one.Digest("a@b.ru") == one.Digest("c@b.ru") {
		t.Error("a digest names a contact without the key, or two contacts are one")
	}
	if one.Digest(n) == one.Secret(n) {
		t.Error("a digest is a link")
	}
}

func TestTheLastDigitsOfAPhone(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		contact, digits string
		want            bool
	}{
		{"8 900 123-45-67", "4567", true}, {"+79001234567", "4568", false}, {"anna4567@example.ru", "4567", false}, {"+79001234567", "567", false}, {"", "", false},
	} {
		if got := applicant.EndsWith(c.contact, c.digits); got != c.want {
			t.Errorf("EndsWith(%q, %q) = %t", c.contact, c.digits, got)
		}
	}
}

func FuzzParseContact(f *testing.F) {
	for _, s := range []string{"8 900 123-45-67", "anna@example.ru", "+7", "@", "\u00a0"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		way, normal, err := applicant.ParseContact(s)
		if err != nil || normal == "" {
			return
		}
		again, same, err := applicant.ParseContact(normal)
		if err != nil || again != way || same != normal {
			t.Errorf("ParseContact(%q) = %q, and that is read as %q, %v", s, normal, same, err)
		}
		if strings.ContainsAny(normal, "\r\n\x00") {
			t.Errorf("ParseContact(%q) = %q", s, normal)
		}
	})
}
