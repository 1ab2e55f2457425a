package app_test

import (
	"encoding/json"
	"testing"

	"otklik/internal/app"
)

// A client finds the words of a span in the text that was printed beside it.
func TestOffsetsPointIntoWhatIsPrinted(t *testing.T) {
	t.Parallel()
	m, err := app.OpenMicroscope("Хакасия")
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{
		"Яма на улице Ленина 5 в Абакане, звоните 8 913 555-01-02",
		"\xff\xfe\xd0 Яма на \xd0улице Ленина 5 в Абакане, звоните 8 913 555-01-02",
		"\xf0\x9f яма\x00 на улице Ленина 5 в \xed\xa0\xbdАбакане, звоните 8 913 555-01-02",
	} {
		printed, err := json.Marshal(m.Look(text))
		if err != nil {
			t.Fatal(err)
		}
		var l app.Look
		if err := json.Unmarshal(printed, &l); err != nil {
			t.Fatal(err)
		}
		if len(l.Places) == 0 || len(l.Personal) == 0 {
			t.Errorf("%q: places %v, personal %v", text, l.Places, l.Personal)
		}
		for _, p := range l.Places {
			if p.End > len(l.Text) || l.Text[p.Start:p.End] != p.Text {
				t.Errorf("%q: the place %q does not stand at %d:%d of the printed text", text, p.Text, p.Start, p.End)
			}
		}
		for _, p := range l.Personal {
			if p.End > len(l.Text) || l.Text[p.Start:p.End] != "8 913 555-01-02" {
				t.Errorf("%q: no phone at %d:%d of the printed text", text, p.Start, p.End)
			}
		}
	}
}
