package incident_test

import (
	"testing"

	"pgregory.net/rapid"

	"otklik/internal/fault"
	"otklik/internal/incident"
)

func TestNumbersDiffer(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, b := rapid.Int64Range(1, 9_999_999).Draw(t, "a"), rapid.Int64Range(1, 9_999_999).Draw(t, "b")
		x, y := incident.Number(a), incident.Number(b)
		if (a == b) != (x == y) {
			t.Fatalf("Number(%d) = %s, Number(%d) = %s", a, x, b, y)
		}
		if got, err := incident.ParseNumber(incident.Spoken(x)); err != nil || got != x {
			t.Fatalf("ParseNumber(%q) = %q, %v", incident.Spoken(x), got, err)
		}
	})
}

func TestASlipOfTheTongueIsNoticed(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := []byte(incident.Number(rapid.Int64Range(1, 9_999_999).Draw(t, "n")))
		at := rapid.IntRange(0, 7).Draw(t, "at")
		if rapid.Bool().Draw(t, "swap") && at < 7 {
			if n[at] == n[at+1] {
				return
			}
			n[at], n[at+1] = n[at+1], n[at]
		} else {
			n[at] = '0' + (n[at]-'0'+byte(rapid.IntRange(1, 9).Draw(t, "by")))%10
		}
		if got, err := incident.ParseNumber(string(n)); !fault.Is(err, fault.Invalid) || fault.Sentence(err) == "" {
			t.Fatalf("ParseNumber(%q) = %q, %v", n, got, err)
		}
	})
}

func TestParseNumberTakesWhatPeopleType(t *testing.T) {
	t.Parallel()
	good := incident.Number(42)
	for _, typed := range []string{good, good[:3] + " " + good[3:6] + " " + good[6:], " №\u00a0" + incident.Spoken(good) + " "} {
		if got, err := incident.ParseNumber(typed); err != nil || got != good {
			t.Errorf("ParseNumber(%q) = %q, %v", typed, got, err)
		}
	}
	for _, typed := range []string{"", "1234567", "123456789", "12345x78", good + "a"} {
		if got, err := incident.ParseNumber(typed); err == nil {
			t.Errorf("ParseNumber(%q) = %q", typed, got)
		}
	}
}

func TestAddressOnScreen(t *testing.T) {
	t.Parallel()
	a := incident.Address{Settlement: "Абакан", Street: "улица Чертыгашева", House: "33"}
	if got := a.String(); got != "Абакан, улица Чертыгашева, 33" {
		t.Errorf("String() = %q", got)
	}
	if got := (incident.Address{}).String(); got != "" {
		t.Errorf("empty String() = %q", got)
	}
}
