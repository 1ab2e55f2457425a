package mailbox_test

import (
	"strings"
	"testing"

	"golang.org/x/net/idna"

	"otklik/internal/fault"
	"otklik/internal/mailbox"
)

func TestAddressesHaveOneSpelling(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		typed, normal, wire string
		foreign             bool
	}{
		{"Cur@Mail.RU", "cur@mail.ru", "cur@mail.ru", false},
		{"Почта@Абакан.РФ", "почта@абакан.рф", "почта@xn--80aaac0ct.xn--p1ai", true},
		{"почта@xn--80aaac0ct.xn--p1ai", "почта@абакан.рф", "почта@xn--80aaac0ct.xn--p1ai", true},
		{"cur@XN--80AAAC0CT.xn--P1AI", "cur@абакан.рф", "cur@xn--80aaac0ct.xn--p1ai", false},
		{"приё\u0301мная@почта.рф", "приё\u0301мная@почта.рф", "приё\u0301мная@xn--80a1acny.xn--p1ai", true},
		{"прие\u0308мная@куи\u0306бышев.рф", "приёмная@куйбышев.рф", "приёмная@xn--90acioe8cvbx.xn--p1ai", true},
		{"жкх-24@mail.ru", "жкх-24@mail.ru", "жкх-24@mail.ru", true},
		{"cur@server", "cur@server", "cur@server", false},
		{"cur@xn--zzzzzzzzzzz.ru", "cur@xn--zzzzzzzzzzz.ru", "cur@xn--zzzzzzzzzzz.ru", false},
	} {
		normal, err := mailbox.Normal(c.typed)
		if err != nil || normal != c.normal {
			t.Errorf("Normal(%q) = %q, %v; want %q", c.typed, normal, err, c.normal)
		}
		if wire := mailbox.Wire(normal); wire != c.wire || mailbox.Foreign(normal) != c.foreign {
			t.Errorf("Wire(%q) = %q, foreign %t; want %q, %t", normal, wire, mailbox.Foreign(normal), c.wire, c.foreign)
		}
	}
}

func TestWhatIsNoAddress(t *testing.T) {
	t.Parallel()
	for typed, said := range map[string]string{
		"": "не адрес", "почта": "не адрес", "@абакан.рф": "не адрес", "почта@": "не адрес", "по чта@абакан.рф": "не адрес", "почта@аба кан.рф": "не адрес", "а@б@в.рф": "не адрес",
		"почта\u202e@абакан.рф": "не адрес", "почта\u200b@абакан.рф": "не адрес", "почта@абакан.рф\r\nBcc: a": "не адрес", "по\xffчта@абакан.рф": "не адрес", "«почта»@абакан.рф": "не адрес", "cur@[10.0.0.1]": "не адрес",
		strings.Repeat("я", 33) + "@абакан.рф":     "не адрес",
		"почта@мaил.рф":                            "смешаны", // a Latin «a»
		"cur@gmаil.com":                            "смешаны", // a Russian «а»
		"cur@xn--gmil-63d.com":                     "смешаны", // the same, as the wire has it
		"почта@абакан..рф":                         "точки",
		"почта@абакан.рф.":                         "точки",
		"почта@-абакан.рф":                         "точки",
		"почта@" + strings.Repeat("щ", 64) + ".рф": "точки",
	} {
		normal, err := mailbox.Normal(typed)
		if !fault.Is(err, fault.Invalid) || !strings.Contains(fault.Sentence(err), said) {
			t.Errorf("Normal(%q) = %q, %v, %q; want a sentence with %q", typed, normal, err, fault.Sentence(err), said)
		}
	}
}

// Names of RFC 3492, section 7.1, and of the zone .рф.
func TestHosts(t *testing.T) {
	t.Parallel()
	for shown, wire := range map[string]string{
		"почемужеонинеговорятпорусски": "xn--b1abfaaepdrnnbgefbadotcwatmq2g4l",
		"他们为什么不说中文":                    "xn--ihqwcrb4cv8a8dqg056pqjye",
		"ليهمابتكلموشعربي؟":            "xn--egbpdaj6bu4bxfgehfvwxn",
		"pročprostěnemluvíčesky":       "xn--proprostnemluvesky-uyb24dma41a",
		"3年b組金八先生":                     "xn--3b-ww4c5e180e575a65lsy2b",
		"президент.рф":                 "xn--d1abbgf6aiiy.xn--p1ai",
		"imap.абакан.рф":               "imap.xn--80aaac0ct.xn--p1ai",
		"bücher.example":               "xn--bcher-kva.example",
		"10.0.0.5":                     "10.0.0.5",
	} {
		if got, ok := mailbox.Host(shown); !ok || got != wire {
			t.Errorf("Host(%q) = %q, %t; want %q", shown, got, ok, wire)
		}
		if strings.Contains(shown, "؟") { // a sign is in no name
			continue
		}
		if got := mailbox.Shown(wire); got != shown {
			t.Errorf("Shown(%q) = %q, want %q", wire, got, shown)
		}
	}
	for _, bad := range []string{"", ".", "a..b", "-a.ru", "a-.ru", strings.Repeat("a", 64), strings.Repeat("abcdefg.", 40) + "ru"} {
		if got, ok := mailbox.Host(bad); ok {
			t.Errorf("Host(%q) = %q", bad, got)
		}
	}
	for _, code := range []string{"xn--", "xn--a", "xn---", "xn--a-b", "xn--99999999999999999999999999", "xn--80aaac0ct!", "xn--\u0430"} {
		if got := mailbox.Shown(code); got != code {
			t.Errorf("Shown(%q) = %q", code, got)
		}
	}
}

// FuzzHost compares names in Russian with what golang.org/x/net/idna writes, which the
// program does not carry: it has 240 KB of tables.
func FuzzHost(f *testing.F) {
	for _, s := range []string{"абакан", "жкх-24", "приёмная", "куйбышев", "почта", "ъ", "яяя1яяя", "a"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		wire, ok := mailbox.Host(s)
		if again, fine := mailbox.Host(wire); ok && (!fine || again != wire) {
			t.Errorf("Host(%q) = %q, and that is called %q", s, wire, again)
		}
		if strings.Trim(s, "абвгдежзийклмнопрстуфхцчшщъыьэюя0123456789") != "" || s == "" {
			return
		}
		if want, err := idna.Lookup.ToASCII(s); err == nil && (!ok || wire != want) {
			t.Errorf("Host(%q) = %q, %t; want %q", s, wire, ok, want)
		}
		if ok && mailbox.Shown(wire) != s {
			t.Errorf("Shown(%q) = %q, want %q", wire, mailbox.Shown(wire), s)
		}
	})
}

func FuzzNormal(f *testing.F) {
	for _, s := range []string{"почта@абакан.рф", "a@xn--p1ai", "İ@İ.рф", "cur@xn--80aaac0ct.xn--p1ai", "й@и\u0306.рф"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		normal, err := mailbox.Normal(s)
		if err != nil {
			return
		}
		if again, err := mailbox.Normal(normal); err != nil || again != normal {
			t.Errorf("Normal(%q) = %q, and that is %q, %v", s, normal, again, err)
		}
		if wire := mailbox.Wire(normal); strings.ContainsAny(wire, "\r\n<> ") || mailbox.Foreign(normal) == (strings.IndexFunc(wire, func(r rune) bool { return r > '~' }) < 0) {
			t.Errorf("Wire(%q) = %q", normal, wire)
		}
		if back, err := mailbox.Normal(mailbox.Wire(normal)); err != nil || back != normal {
			t.Errorf("Normal(Wire(%q)) = %q, %v", normal, back, err)
		}
	})
}
