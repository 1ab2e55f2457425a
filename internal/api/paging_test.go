package api

import (
	"testing"

	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/message"
)

func TestACursorFitsItsOrderOnly(t *testing.T) {
	t.Parallel()
	c := incident.Cursor{Key: "17~x", ID: 42}
	s := formatCursor(incident.Urgent, c)
	if got, err := parseCursor(incident.Urgent, s); err != nil || got != c {
		t.Errorf("parseCursor(%q) = %+v, %v; want %+v", s, got, err, c)
	}
	if _, err := parseCursor(incident.Newest, s); !fault.Is(err, fault.Invalid) {
		t.Errorf("with another order = %v, want invalid", err)
	}
	if s := formatCursor(incident.Newest, incident.Cursor{}); s != "" {
		t.Errorf("after the last page = %q", s)
	}
}

func FuzzCursor(f *testing.F) {
	for _, s := range []string{"", "abc", "bmV3ZXN0fjF-Mg", formatCursor(incident.Newest, incident.Cursor{Key: "k", ID: 1})} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		c, err := parseCursor(incident.Newest, s)
		if err != nil {
			if !fault.Is(err, fault.Invalid) {
				t.Errorf("parseCursor(%q) = %v", s, err)
			}
			return
		}
		if again, err := parseCursor(incident.Newest, formatCursor(incident.Newest, c)); err != nil || again != c {
			t.Errorf("%+v becomes %+v, %v", c, again, err)
		}
	})
}

func TestWhatIsCoveredKeepsItsPlace(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text  string
		spans []message.Personal
		want  string
	}{
		{"Яма", nil, "Яма"},
		{"я Вера, яма", []message.Personal{{Start: 3, End: 11}}, "я ********, яма"},
		{"я Вера", []message.Personal{{Start: 4, End: 6}}, "я ****ра"}, // half letters are covered whole
		{"Вера", []message.Personal{{Start: -1, End: 3}, {Start: 8, End: 99}, {Start: 4, End: 4}}, "Вера"},
		{"я Вера", []message.Personal{{Start: 3, End: 99}}, "я ********"}, // the text is cut, the span with it
	} {
		got, covered := cover(c.text, c.spans)
		if got != c.want || len(got) != len(c.text) || covered != (got != c.text) {
			t.Errorf("cover(%q, %v) = %q, %t, want %q", c.text, c.spans, got, covered, c.want)
		}
	}
}
