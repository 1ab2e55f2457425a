package message_test

import (
	"strings"
	"testing"

	"otklik/internal/message"
)

func TestANumberIsWrittenAsItIsDialled(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"8 (923) 000-11-22": "+79230001122", "+7 923 000 11 22": "+79230001122", "79230001122": "+79230001122", "923 000 11 22": "+79230001122",
		"8(3902)22-33-44": "+73902223344", "+1 212 555 0100": "+12125550100", "+8 923 000 11 22": "+89230001122", // with a plus the country is said
		"": "", "112": "", "22-33-44": "", "а@example.ru": "", "8 923 000 11 22 доб. 5": "", "+7 923": "", "8 923 000 1": "", "+0 123 456 78 90": "", "8+9230001122": "",
		strings.Repeat("9", 40): "",
	} {
		if got := message.Dialled(in); got != want {
			t.Errorf("Dialled(%q) = %q, want %q", in, got, want)
		}
	}
	if got := message.Ending(message.Dialled("8 923 000-11-22")); got != "1122" {
		t.Errorf("Ending = %q", got)
	}
	if got := message.Ending(""); got != "" {
		t.Errorf("Ending of nothing = %q", got)
	}
}

func TestNamesOfCallersAreCompared(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"Иванова Мария": "иванова мария", " мария   ИВАНОВА ": "иванова мария", "Пётр": "петр", "Петров А.Б.": "а б петров", "": "", " . ": "",
	} {
		if got := message.CallerKey(in); got != want {
			t.Errorf("CallerKey(%q) = %q, want %q", in, got, want)
		}
	}
}

func FuzzDialled(f *testing.F) {
	f.Add("+7 (923) 000-11-22")
	f.Add("доб. 5")
	f.Fuzz(func(t *testing.T, s string) {
		got := message.Dialled(s)
		if got != "" && message.Dialled(got) != got {
			t.Errorf("Dialled(%q) = %q, which is dialled as %q", s, got, message.Dialled(got))
		}
	})
}
