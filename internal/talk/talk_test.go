package talk_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"otklik/internal/fault"
	"otklik/internal/message"
	"otklik/internal/talk"
)

// said returns what a walk heard in answer, by keys, and the deeds.
func said(out talk.Out) string {
	var b strings.Builder
	for _, s := range out.Says {
		fmt.Fprintf(&b, "%s ", s.Key)
		if s.Also != "" {
			fmt.Fprintf(&b, "+%s ", s.Also)
		}
	}
	for _, d := range out.Deeds {
		fmt.Fprintf(&b, "[%s %v", d.Kind, d.Messages)
		if d.Incident != 0 {
			fmt.Fprintf(&b, " to %d", d.Incident)
		}
		if d.Mark != 0 {
			fmt.Fprintf(&b, " mark %d", d.Mark)
		}
		if d.Spot != nil {
			fmt.Fprintf(&b, " at %s", d.Spot.Name)
		}
		if d.Why != "" {
			fmt.Fprintf(&b, " %s", d.Why)
		}
		b.WriteString("] ")
	}
	return strings.TrimSpace(b.String())
}

// TestConversations: what is said and done, line by line.
func TestConversations(t *testing.T) {
	t.Parallel()
	words := func(text string, spots ...talk.Spot) talk.Input {
		return talk.Input{Text: text, Opens: true, Spots: spots}
	}
	press := func(data string) talk.Input { return talk.Input{Pressed: data} }
	photo := talk.Input{Files: 1}
	silence := talk.Input{Silence: true}
	old := talk.Case{ID: 41, Number: "411", Marks: true}
	open := talk.Case{ID: 42, Number: "421", Open: true}
	type line struct {
		in   talk.Input
		want string
	}
	for _, c := range []struct {
		name  string
		town  town
		agree string
		lines []line
	}{
		{"without a start, step by step", town{}, "v1", []line{
			{words("яма"), "where"},
			{words("Ленина", lenina), "photo"},
			{photo, "confirm +consent"},
			{press("1:send"), "taken [agree [] v1] [open [1 2 3] at Абаза, улица Ленина]"},
			{press("1:send"), "stale"}, // pressed twice: nothing is sent twice
		}},
		{"everything in one message with a caption", town{}, "", []line{
			{talk.Input{Text: "яма на Ленина", Opens: true, Files: 2, Spots: []talk.Spot{lenina}}, "confirm"},
			{words("и ещё люк"), "confirm"}, // one more in a row: the same complaint
			{press("1:send"), "taken [open [1 2] at Абаза, улица Ленина]"},
		}},
		{"a picture first, then the words, then a point", town{}, "", []line{
			{photo, "what"},
			{words("мусор"), "where"},
			{talk.Input{Point: &message.Point{Lat: 1, Lon: 1}, Spots: []talk.Spot{abakan}}, "confirm"},
			{silence, "silence [open [1 2 3] at Абакан, улица Ленина]"},
		}},
		{"several places, by a number of the list", town{}, "", []line{
			{words("нет света на Ленина", lenina, abakan), "choose"},
			{talk.Input{Text: "2"}, "photo [let_go [2] talk]"},
			{press("1:nophoto"), "confirm"},
			{press("1:move"), "where"},
			{words("Зелёная"), "where_again"},
			{words("Зелёная за школой"), "confirm"},
			{press("1:send"), "taken [open [1 5 6]]"},
		}},
		{"the town first", town{}, "", []line{
			{words("мусор в Абазе", abaza), "where_in"},
			{words("в Абазе же", abaza), "where_in"},
			{words("да в Абазе", abaza), "photo"},
			{silence, "silence [open [1 2 3] at Абаза]"},
		}},
		{"neighbours wrote already", town{alike: []talk.Case{open}}, "", []line{
			{words("нет света", lenina), "near"},
			{press("1:me:42"), "joined [join [1] to 42]"},
		}},
		{"danger: at once, and the place afterwards", town{}, "", []line{
			{talk.Input{Text: "провод висит, дети рядом", Danger: true, Opens: true}, "danger where [open [1]]"},
			{words("Ленина", lenina), "photo [add [2] to 900] [place [] to 900 at Абаза, улица Ленина]"},
			{press("1:nophoto"), "opened_done"},
		}},
		{"no complaint, cancelled by a button", town{}, "", []line{
			{talk.Input{Text: "хм"}, "doubt"},
			{press("1:no"), "menu [let_go [1] talk]"},
			{talk.Input{Text: "здравствуйте!"}, "greeting [let_go [3] talk]"},
			{talk.Input{}, "voice menu [let_go [4] nothing]"},
			{talk.Input{Text: "отмена"}, "cancel_nothing [let_go [5] talk]"},
		}},
		{"more words about the incident of last week", town{mine: []talk.Case{open}}, "", []line{
			{words("и вторая яма"), "which"},
			{press("1:to:42"), "added [add [1] to 42]"},
			{words("другое"), "which"},
			{silence, "[return [3]]"},
		}},
		{"a bad mark asks why", town{mine: []talk.Case{old}}, "", []line{
			{press("mark:41:2"), "mark_bad +why [judge [] to 41 mark 2]"},
			{talk.Input{Text: "всё так же"}, "why_taken [add [2] to 41]"},
			{press("mark:41:5"), "mark_good [judge [] to 41 mark 5]"},
			{press("mark:7:5"), "mark_late"},
			{press("mark:41:9"), "mark_late"},
		}},
		{"by number", town{}, "", []line{
			{press("status"), "number"},
			{talk.Input{Text: "123-456-70"}, "number_bad number [let_go [2] talk]"},
			{talk.Input{Text: "876-543-21"}, "number_unknown number [let_go [3] talk]"},
			{talk.Input{Text: "123-456-78"}, "state [let_go [4] talk]"},
		}},
		{"start again in the middle", town{}, "", []line{
			{words("яма"), "where"},
			{talk.Input{Text: "/start"}, "go_on [let_go [2] talk]"},
			{press("1:goon"), "where"},
			{press("1:anew"), "what [let_go [1] cancelled]"},
			{words("люк", lenina), "photo"},
			{press("1:nophoto"), "stale photo"},
			{press("2:cancel"), "cancelled [let_go [5] cancelled]"},
		}},
	} {
		w := newWalk(c.town)
		w.agree = c.agree
		for k, l := range c.lines {
			if diff := cmp.Diff(l.want, said(w.hear(l.in))); diff != "" {
				t.Errorf("%s, line %d (-want +got):\n%s", c.name, k, diff)
			}
		}
	}
}

// TestTooMuch: one person is told once, and what is written stays.
func TestTooMuch(t *testing.T) {
	t.Parallel()
	w := newWalk(town{})
	told, kept := 0, 0
	for range 50 {
		out := w.hear(talk.Input{Text: "яма", Opens: true})
		for _, s := range out.Says {
			if s.Key == talk.KeyFlood {
				told++
			}
		}
	}
	for id := range w.wrote {
		for _, m := range w.state.Draft.Messages {
			if m == id {
				kept++
			}
		}
	}
	if told != 1 || kept != 50 {
		t.Errorf("told %d times, %d of 50 kept", told, kept)
	}
	w.at = w.at.Add(time.Hour)
	if out := w.hear(talk.Input{Text: "помощь"}); out.Says[0].Key != talk.KeyHelp {
		t.Errorf("an hour later: %s", said(out))
	}
	day := newWalk(town{})
	for range 12 {
		day.at = day.at.Add(10 * time.Minute)
		day.hear(talk.Input{Text: "яма", Opens: true, Files: 1, Spots: []talk.Spot{lenina}})
		day.hear(talk.Input{Text: "1"})
	}
	if day.opens != 10 {
		t.Errorf("%d incidents in a day", day.opens)
	}
}

func TestTexts(t *testing.T) {
	t.Parallel()
	for _, text := range talk.Texts() {
		if err := text.Check(text.Words); err != nil {
			t.Errorf("%s: %v", text.Key, err)
		}
		words := talk.Book{}.Words(text.Key, talk.Examples)
		if words == "" || strings.Contains(words, "{{") || text.Name == "" {
			t.Errorf("%s: %q", text.Key, words)
		}
	}
	taken, err := talk.Find(talk.KeyTaken)
	if err != nil {
		t.Fatal(err)
	}
	for words, want := range map[string]string{
		"": "Напишите текст", "Готово.": "{{номер}}", "{{номер}} {{имя}}": "имя", "{{номер}} {{впишите: что}}": "Впишите", strings.Repeat("д", 1001) + "{{номер}}": "длинно", "{{номер}": "без пары",
	} {
		if err := taken.Check(words); !fault.Is(err, fault.Invalid) || !strings.Contains(fault.Sentence(err), want) {
			t.Errorf("Check(%.20q) = %v, %q", words, err, fault.Sentence(err))
		}
	}
	if got := (talk.Book{talk.KeyTaken: "№ {{номер}}"}).Words(talk.KeyTaken, map[string]string{"номер": "1"}); got != "№ 1" {
		t.Errorf("own words: %q", got)
	}
	if _, err := talk.Find("nonsense"); !fault.Is(err, fault.NotFound) {
		t.Error(err)
	}
}

// TestTheDiagramIsTheTable: docs/talks.md draws the moves as they are. Run with
// OTKLIK_UPDATE=1 to draw them anew.
func TestTheDiagramIsTheTable(t *testing.T) {
	t.Parallel()
	const path, start, end = "../../docs/talks.md", "```mermaid\n", "```\n"
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, ok := strings.Cut(string(b), start)
	drawn, tail, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatalf("%s has no diagram", path)
	}
	if want := diagram(); drawn != want {
		if os.Getenv("OTKLIK_UPDATE") == "" {
			t.Fatalf("the diagram of %s is not the table; draw it with OTKLIK_UPDATE=1 go test ./internal/talk", path)
		}
		if err := os.WriteFile(path, []byte(head+start+want+end+tail), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// diagram draws the way of a complaint; that a button, a command and silence end every
// step, and a new matter begins at any, is said beside it.
func diagram() string {
	var b strings.Builder
	b.WriteString("stateDiagram-v2\n    [*] --> idle\n")
	by := map[[2]talk.Step][]string{}
	var order [][2]talk.Step
	for _, m := range talk.Table() {
		ends := m.To == talk.Idle && m.From != talk.Why
		anew := m.To == talk.What && m.From != talk.Idle && m.From != talk.Which
		if ends || anew || m.By == talk.ByCommand || m.By == talk.BySilence {
			continue
		}
		way := [2]talk.Step{m.From, m.To}
		if by[way] == nil {
			order = append(order, way)
		}
		by[way] = append(by[way], m.By)
	}
	for _, way := range order {
		fmt.Fprintf(&b, "    %s --> %s: %s\n", way[0], way[1], strings.Join(by[way], ", "))
	}
	b.WriteString("    confirm --> idle: button\n")
	return b.String()
}
