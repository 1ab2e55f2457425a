package precedent_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"otklik/internal/precedent"
	"otklik/internal/russian"
	"otklik/internal/topic"
)

func TestTermsSayWhatATextIsAbout(t *testing.T) {
	t.Parallel()
	a, err := russian.New()
	if err != nil {
		t.Fatal(err)
	}
	terms := func(s string) map[int64]bool {
		out := map[int64]bool{}
		for _, n := range precedent.Terms(a.Read(s)) {
			out[n] = true
		}
		return out
	}
	same := func(x, y string) (n int) {
		p := terms(x)
		for k := range terms(y) {
			if p[k] {
				n++
			}
		}
		return n
	}
	if n := same("Во дворе прорвало трубу", "прорывало трубы во дворах"); n < 2 {
		t.Errorf("two forms of the same words share %d", n)
	}
	if n := same("яма на дороге", "не горит фонарь у школы"); n != 0 {
		t.Errorf("other words share %d", n)
	}
	for _, s := range []string{"", "и не на под 12345 !!!", "Мария Ивановна Петрова"} {
		if got := terms(s); len(got) != 0 {
			t.Errorf("Terms(%q) = %v, want none", s, got)
		}
	}
	long := ""
	for _, w := range []string{"дорога", "яма", "двор", "труба", "вода", "снег", "лёд", "мусор", "бак", "школа", "автобус", "свет", "лифт", "подъезд", "крыша"} {
		for _, x := range []string{"старый", "новый", "грязный", "сломанный"} {
			long += x + w + " " + w + " " + x + " "
		}
	}
	if n := len(precedent.Terms(a.Read(long))); n > 40 {
		t.Errorf("%d terms of a long text", n)
	}
}

func TestRank(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	q := precedent.Query{Not: 1, Topic: "roads.potholes", Settlement: "s", Street: "Мира", House: "5"}
	p := func(id int64, tp topic.Code, shared float64, change ...func(*precedent.Precedent)) precedent.Precedent {
		x := precedent.Precedent{Incident: id, Topic: tp, Shared: shared, At: now.AddDate(0, -1, 0)}
		for _, c := range change {
			c(&x)
		}
		return x
	}
	house := func(x *precedent.Precedent) { x.Settlement, x.Street, x.House = "s", "Мира", "5" }
	found := []precedent.Precedent{
		p(1, "roads.potholes", 1),          // itself
		p(2, "roads.potholes", 0.1),        //
		p(3, "roads.potholes", 0.1, house), // the same house
		p(4, "roads.potholes", 0.9),        // the same words
		p(5, "housing.lift", 0.2),          // neither
		p(6, "housing.lift", 0.9),          // the words alone
		p(7, "roads.potholes", 0.9, func(x *precedent.Precedent) { x.Verified, x.Mark = true, 5 }),
		p(8, "roads.potholes", 0.1, func(x *precedent.Precedent) { x.At = now.AddDate(-5, 0, 0) }),
	}
	var got []int64
	for _, x := range precedent.Rank(q, found, now, 20) {
		got = append(got, x.Incident)
	}
	if diff := cmp.Diff([]int64{7, 4, 6, 3, 2, 8}, got); diff != "" {
		t.Errorf("Rank differs:\n%s", diff)
	}
	if n := len(precedent.Rank(q, found, now, 2)); n != 2 {
		t.Errorf("Rank of at most 2 = %d", n)
	}
	if n := len(precedent.Rank(precedent.Query{}, []precedent.Precedent{p(9, "", 0)}, now, 5)); n != 0 {
		t.Errorf("without topic and words %d are found", n)
	}
}
