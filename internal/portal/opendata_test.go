package portal

import (
	"testing"

	"otklik/internal/incident"
)

func TestNoCellIsAFormula(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ in, want string }{
		{"", ""},
		{"Ямы во дворах", "Ямы во дворах"},
		{"-12.34567", "-12.34567"},
		{"91.44290", "91.44290"},
		{"=1+1", "'=1+1"},
		{"+7", "'+7"},
		{"@SUM(A1)", "'@SUM(A1)"},
		{"-", "'-"},
		{"-2+3", "'-2+3"},
		{"-Inf", "'-Inf"},
		{"-1e5+cmd", "'-1e5+cmd"},
		{"\t=1", "'\t=1"},
		{"\n=1", "'\n=1"},
	} {
		if got := harmless(c.in); got != c.want {
			t.Errorf("harmless(%q) = %q, want %q", c.in, got, c.want)
		}
	}
}

func TestMadeUpAddressesCrowdNothingOut(t *testing.T) {
	t.Parallel()
	p := New(Options{Face: &Face{}})
	for _, c := range []struct {
		name  string
		q     listQuery
		stack bool
	}{
		{"the first page", listQuery{}, false},
		{"a territory", listQuery{Centre: "95701000"}, false},
		{"a cursor", listQuery{After: incident.Cursor{Key: "1", ID: 1}}, true},
		{"an agency", listQuery{Agency: 77}, true},
	} {
		if got := p.shelfOf(c.q) == p.stack(); got != c.stack {
			t.Errorf("%s: among the pages that addresses name one by one: %t, want %t", c.name, got, c.stack)
		}
	}
	if p.shelf() == p.stack() {
		t.Error("they are one")
	}
}
