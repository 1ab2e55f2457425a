package shield

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"otklik/internal/fault"
)

const trouble = "На улице Ленина возле дома 5 вторую неделю не горит фонарь, вечером идти страшно, дети боятся"

// A street is a shield with a clock.
type street struct {
	*Shield
	at time.Time
}

func newStreet(l Limits) *street {
	s := &street{at: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)}
	s.Shield = New(Options{Limits: l, Now: func() time.Time { return s.at }})
	return s
}

// solve does what the widget does.
func solve(t testing.TB, c Challenge) string {
	t.Helper()
	for n := range int64(c.MaxNumber) + 1 {
		if hashed(c.Salt, n) == c.Challenge {
			b, err := json.Marshal(solution{c.Algorithm, c.Challenge, n, c.Salt, c.Signature})
			if err != nil {
				t.Fatal(err)
			}
			return base64.StdEncoding.EncodeToString(b)
		}
	}
	t.Fatal("no number solves the challenge")
	return ""
}

func (s *street) check(t *testing.T, a Attempt) Decision {
	t.Helper()
	if a.Text == "" {
		a.Text = fmt.Sprint(trouble, s.at.UnixNano())
	}
	d, err := s.Check(a)
	if err != nil {
		t.Fatalf("Check(%+v) = %v", a, err)
	}
	return d
}

func TestATaskIsAskedForOnlyWhenTheRateDemandsIt(t *testing.T) {
	t.Parallel()
	s := newStreet(Limits{Address: 3, Contact: 100, Place: 100})
	me := Attempt{Address: "203.0.113.7"}
	for n := range 3 {
		if d := s.check(t, me); d.Ask != nil || len(d.Suspect) > 0 {
			t.Fatalf("report %d = %+v", n+1, d)
		}
	}
	d := s.check(t, me)
	if d.Ask == nil || d.Ask.Challenge.MaxNumber == 0 || d.Ask.Say == "" || !strings.Contains(d.Ask.Asked, "Сколько будет") {
		t.Fatalf("the fourth in an hour = %+v; want a task", d)
	}
	if other := s.check(t, Attempt{Address: "203.0.113.8"}); other.Ask != nil {
		t.Error("the neighbour pays for it")
	}
	solved := me
	solved.Solved = solve(t, d.Ask.Challenge)
	if d := s.check(t, solved); d.Ask != nil || len(d.Suspect) > 0 {
		t.Errorf("with the task done = %+v", d)
	}
	if d := s.check(t, solved); d.Ask == nil {
		t.Error("one solution opened the door twice")
	}
	s.at = s.at.Add(2 * time.Hour)
	if d := s.check(t, me); d.Ask != nil {
		t.Error("two hours later the hour is not over")
	}
}

func TestALateOrForeignSolutionIsNone(t *testing.T) {
	t.Parallel()
	s, other := newStreet(Limits{Address: 1}), newStreet(Limits{Address: 1})
	me := Attempt{Address: "2001:db8::1"}
	s.check(t, me)
	ask := s.check(t, Attempt{Address: "2001:db8::2"}).Ask // the same /64
	if ask == nil {
		t.Fatal("another address of the same /64 is another visitor")
	}
	good := solve(t, ask.Challenge)
	change := func(do func(*solution)) string {
		raw, _ := base64.StdEncoding.DecodeString(good)
		var p solution
		if err := json.Unmarshal(raw, &p); err != nil {
			t.Fatal(err)
		}
		do(&p)
		b, _ := json.Marshal(p)
		return base64.StdEncoding.EncodeToString(b)
	}
	foreign := solve(t, other.challenge(other.at, 1))
	number := func(p *solution) string { return fmt.Sprint(p.Number) }
	for name, payload := range map[string]string{
		"rubbish":              "?????",
		"no JSON":              base64.StdEncoding.EncodeToString([]byte("[")),
		"another number":       change(func(p *solution) { p.Number++ }),
		"another algorithm":    change(func(p *solution) { p.Algorithm = "SHA-1" }),
		"signed by another":    foreign,
		"without a signature":  change(func(p *solution) { p.Signature = "" }),
		"a longer life":        change(func(p *solution) { p.Salt = strings.Replace(p.Salt, "expires=1", "expires=9", 1) }),
		"a digit moved over":   change(func(p *solution) { d := number(p); p.Salt += d[:1]; p.Number = 0; fmt.Sscan(d[1:], &p.Number) }),
		"more than a solution": strings.Repeat("A", mostSolution+4),
	} {
		a := me
		a.Solved = payload
		if d := s.check(t, a); d.Ask == nil {
			t.Errorf("%s opened the door", name)
		}
	}
	s.at = s.at.Add(challengeLife + time.Second)
	if s.solved(s.at, good, 1) {
		t.Error("a solution that came too late opened the door")
	}
}

func TestWithoutJavaScript(t *testing.T) {
	t.Parallel()
	s := newStreet(Limits{Address: 1, Unchecked: 2})
	me := Attempt{Address: "203.0.113.7"}
	s.check(t, me)
	sum := func(a *Ask) (n int) {
		for word := range strings.FieldsSeq(strings.TrimSuffix(strings.TrimPrefix(strings.Split(a.Asked, "?")[0], "Сколько будет "), "?")) {
			if k := slices.Index(numbers, word); k > 0 {
				n += k
			}
		}
		return n
	}
	ask := s.check(t, me).Ask
	a := me
	a.Question, a.Answer = ask.Question, fmt.Sprint(sum(ask)+1)
	if d := s.check(t, a); d.Ask == nil {
		t.Error("a wrong answer opened the door")
	}
	a.Answer = fmt.Sprint(sum(ask))
	if d := s.check(t, a); d.Ask == nil {
		t.Error("a question takes answers until one fits")
	}
	ask = s.check(t, me).Ask
	a.Question, a.Answer = ask.Question, " "+fmt.Sprint(sum(ask))+" "
	if d := s.check(t, a); d.Ask != nil || len(d.Suspect) > 0 {
		t.Errorf("the right answer = %+v", d)
	}
	a = me
	a.Unchecked = true
	for range 2 {
		if d := s.check(t, a); d.Ask != nil || !slices.Contains(d.Suspect, NoTask) {
			t.Errorf("without any answer = %+v; want a person's look", d)
		}
	}
	if _, err := s.Check(a); !fault.Is(err, fault.Forbidden) || !strings.Contains(fault.Sentence(err), "осталось в форме") {
		t.Errorf("the third without an answer = %v", err)
	}
}

func TestWhatResemblesSpamIsLookedAt(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		a    Attempt
		want []Reason
	}{
		"a trouble":           {Attempt{Text: trouble}, nil},
		"a trouble and a map": {Attempt{Text: trouble + " https://yandex.ru/maps/1"}, nil},
		"short":               {Attempt{Text: "Яма"}, nil},
		"links":               {Attempt{Text: "Заработок http://a.example http://b.example http://c.example"}, []Reason{Links}},
		"a bare link":         {Attempt{Text: "смотри https://a.example"}, []Reason{Links}},
		"not Russian":         {Attempt{Text: "Dear website owner, we offer cheap backlinks and first page of the search results"}, []Reason{Foreign}},
		"a trap":              {Attempt{Text: trouble, Trap: "x"}, []Reason{Trapped}},
		"two seconds":         {Attempt{Text: strings.Repeat(trouble, 3), Seconds: 1}, []Reason{Hasty}},
		"an advertisement":    {Attempt{Text: trouble, Advert: true}, []Reason{AdvertIn}},
	} {
		s := newStreet(Limits{})
		c.a.Address = "203.0.113.7"
		if d := s.check(t, c.a); d.Ask != nil || !slices.Equal(d.Suspect, c.want) {
			t.Errorf("%s: suspect %v, want %v", name, d.Suspect, c.want)
		}
	}
	s := newStreet(Limits{})
	var last Decision
	for n := range mostCopies + 1 {
		last = s.check(t, Attempt{Address: fmt.Sprintf("203.0.113.%d", n+1), Text: fmt.Sprintf("%s!%d", trouble, n)})
	}
	if !slices.Contains(last.Suspect, Copies) {
		t.Errorf("the same words from %d addresses: %v", mostCopies+1, last.Suspect)
	}
	for r := range reasonWords {
		if r.Name() == "" {
			t.Errorf("%s has no words", r)
		}
	}
}

func TestReputationFollowsWhatPeopleSay(t *testing.T) {
	t.Parallel()
	s := newStreet(Limits{})
	me := Attempt{Address: "203.0.113.7", Contact: "8 (900) 123-45-67"}
	s.Filed(1, s.check(t, me))
	s.Judged(true, 1, 99)
	if d := s.check(t, Attempt{Address: "198.51.100.1", Contact: "+7 900 1234567"}); d.Ask == nil {
		t.Error("the contact of spam comes from elsewhere and is not asked")
	}
	s.Judged(false, 1)
	if d := s.check(t, me); d.Ask != nil {
		t.Error("our mistake is not taken back")
	}
	s.Judged(true, 1)
	s.at = s.at.Add(15 * 24 * time.Hour)
	if d := s.check(t, me); d.Ask != nil {
		t.Error("two weeks later it is not forgotten")
	}
}

// A house without heat: everybody writes about one place. A browser does the task unseen; nobody
// is called a spammer.
func TestAWholeStreetMayWrite(t *testing.T) {
	t.Parallel()
	s := newStreet(Limits{Place: 10})
	for n := range 200 {
		a := Attempt{Address: fmt.Sprintf("10.0.%d.%d", n/250, n%250), Place: "Абаза, Ленина", Text: fmt.Sprintf("В %d квартире дома на Ленина с ночи нет отопления и холодно", n)}
		d := s.check(t, a)
		if d.Ask != nil {
			if d.Ask.Challenge.MaxNumber > efforts[1] {
				t.Fatalf("report %d is asked for a dear task: %d", n, d.Ask.Challenge.MaxNumber)
			}
			a.Unchecked = true
			d = s.check(t, a)
		}
		if slices.Contains(d.Suspect, Flood) {
			t.Fatalf("report %d: %v", n, d.Suspect)
		}
	}
}

func TestMemoryIsBounded(t *testing.T) {
	t.Parallel()
	s := newStreet(Limits{Memory: 1000})
	for n := range 20_000 {
		d := s.check(t, Attempt{Address: fmt.Sprintf("10.%d.%d.%d", n>>16, n>>8&255, n&255), Contact: fmt.Sprintf("n%d@example.ru", n), Place: fmt.Sprint(n)})
		s.Filed(int64(n), d)
	}
	s.Filed(1, Decision{})
	for name, w := range map[string]*window{"address": s.address, "contact": s.contact, "place": s.place, "text": s.text} {
		if got := w.size(); got > 1000 {
			t.Errorf("%s holds %d keys, want 1000 at most", name, got)
		}
	}
	for n := range 2 * mostSenders {
		s.Filed(int64(n), Decision{})
	}
	if len(s.senders) > mostSenders || len(s.order) > mostSenders {
		t.Errorf("%d senders are remembered", len(s.senders))
	}
}

func TestFilesOfAnAddressAreBounded(t *testing.T) {
	t.Parallel()
	s := newStreet(Limits{Files: 100})
	if err := s.AdmitFile("203.0.113.7", 90); err != nil {
		t.Fatal(err)
	}
	if err := s.AdmitFile("203.0.113.7", 20); fault.Sentence(err) == "" {
		t.Error("beyond the bound it is taken")
	}
	if err := s.AdmitFile("203.0.113.8", 20); err != nil {
		t.Error(err)
	}
}

// Nothing that is kept tells an address or a contact.
func TestNoAddressIsKept(t *testing.T) {
	t.Parallel()
	s := newStreet(Limits{})
	s.Filed(7, s.check(t, Attempt{Address: "203.0.113.7", Contact: "anna@example.ru", Place: "Абаза"}))
	all := fmt.Sprintf("%v %v %v %v %v", s.address.young, s.contact.young, s.place.young, s.text.young, s.senders)
	for _, word := range []string{"203.0", "anna", "Абаза", "фонарь"} {
		if strings.Contains(all, word) {
			t.Errorf("memory holds %q", word)
		}
	}
	if s.key("address", "a") == s.key("contact", "a") || s.key("address", "a") == newStreet(Limits{}).key("address", "a") {
		t.Error("keys are not apart by what they are of and by the secret")
	}
}

func FuzzSolution(f *testing.F) {
	s := newStreet(Limits{})
	c := s.challenge(s.at, 1)
	f.Add("eyJhbGdvcml0aG0iOiJTSEEtMjU2In0=", "a.1.b.c", "7")
	b, _ := json.Marshal(solution{c.Algorithm, c.Challenge, 0, c.Salt, c.Signature})
	f.Add(base64.StdEncoding.EncodeToString(b), "", "")
	f.Fuzz(func(t *testing.T, payload, question, answer string) {
		if s.solved(s.at, payload, 3) || s.answered(s.at, question, answer) {
			t.Fatalf("%q, %q, %q opened the door", payload, question, answer)
		}
	})
}

// BenchmarkCheck is what the shield costs a submission that comes from an address of its own.
func BenchmarkCheck(b *testing.B) {
	s := newStreet(Limits{})
	text := strings.Repeat(trouble+" ", 4)
	n := 0
	b.ReportAllocs()
	for b.Loop() {
		n++
		if _, err := s.Check(Attempt{Address: fmt.Sprintf("10.%d.%d.%d", n>>16&255, n>>8&255, n&255), Contact: fmt.Sprintf("n%d@example.ru", n), Place: fmt.Sprint(n % 5000), Text: text}); err != nil {
			b.Fatal(err)
		}
	}
}

func TestAContactHasOneSpelling(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ a, b string }{
		{"8 (900) 123-45-67", "+7 900 1234567"},
		{"9001234567", "+79001234567"},
		{"Anna+1@Example.ru", "anna+2@example.ru"},
		{" anna@example.ru ", "anna@example.ru"},
		{"Аня", "аня"},
	} {
		if plain(c.a) != plain(c.b) {
			t.Errorf("plain(%q), plain(%q) = %q, %q, want one", c.a, c.b, plain(c.a), plain(c.b))
		}
	}
	if a, b := plain("8 900 123-45-67"), plain("8 900 123-45-68"); a == b {
		t.Errorf("two phones are one: %q", a)
	}
}

func TestAStampSaysHowLongAFormWasFilledIn(t *testing.T) {
	t.Parallel()
	s := newStreet(Limits{})
	made := s.Stamp()
	other := newStreet(Limits{}).Stamp()
	at, mac, _ := strings.Cut(made, ".")
	for _, c := range []struct {
		name, stamp string
		later       time.Duration
		want        int
	}{
		{"at once", made, 0, 1},
		{"two seconds", made, 2 * time.Second, 2},
		{"an hour", made, time.Hour, 3600},
		{"the clock went back", made, -time.Minute, 1},
		{"none", "", time.Second, 0},
		{"another process's", other, time.Second, 0},
		{"without its signature", at, time.Second, 0},
		{"another moment", "1" + at + "." + mac, time.Second, 0},
		{"noise", "\x00.\x00", time.Second, 0},
	} {
		s.at = newStreet(Limits{}).at.Add(c.later)
		if got := s.Since(c.stamp); got != c.want {
			t.Errorf("%s: Since(%q) = %d, want %d", c.name, c.stamp, got, c.want)
		}
	}
}

func TestReadingsOfUnfinishedFormsEnd(t *testing.T) {
	t.Parallel()
	s := newStreet(Limits{Steps: 3})
	for k := range 5 {
		if got := s.Understands("203.0.113.7"); got != (k < 3) {
			t.Errorf("reading %d: %t", k+1, got)
		}
	}
	if !s.Understands("203.0.113.8") {
		t.Error("a neighbour may not read")
	}
	if s.at = s.at.Add(2 * time.Hour); !s.Understands("203.0.113.7") {
		t.Error("nothing is read two hours later")
	}
}
