package talk_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"otklik/internal/message"
	"otklik/internal/talk"
)

var start = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

// A town answers what the machine asks.
type town struct{ alike, mine []talk.Case }

func (w town) Alike(talk.Draft) []talk.Case { return w.alike }
func (w town) Mine() []talk.Case            { return w.mine }
func (w town) Numbered(text string) (talk.Case, bool, bool) {
	switch text {
	case "123-456-78":
		return talk.Case{ID: 77, Number: text, Phrase: "в работе", Open: true}, true, true
	case "876-543-21":
		return talk.Case{}, true, false
	}
	return talk.Case{}, false, false
}

var (
	lenina = talk.Spot{Name: "Абаза, улица Ленина", Exact: true}
	abakan = talk.Spot{Name: "Абакан, улица Ленина", Exact: true}
	abaza  = talk.Spot{Name: "Абаза"}
)

// A walk is one talk with everything that became of its messages.
type walk struct {
	state talk.State
	town  town
	at    time.Time
	last  message.ID
	wrote map[message.ID]bool // words, pictures, points: not presses
	ended map[message.ID]string
	opens int
	agree string
}

func newWalk(w town) *walk {
	return &walk{town: w, at: start, wrote: map[message.ID]bool{}, ended: map[message.ID]string{}}
}

func (w *walk) hear(in talk.Input) talk.Out {
	w.at = w.at.Add(time.Second)
	in.At = w.at
	if !in.Silence {
		w.last++
		in.Message = w.last
		if in.Pressed == "" {
			w.wrote[w.last] = true
		}
	}
	out := talk.Next(w.state, in, w.town, w.agree)
	for _, d := range out.Deeds {
		if d.Kind == talk.Open {
			w.opens++
		}
		for _, id := range d.Messages {
			w.ended[id] += string(d.Kind) + " "
		}
	}
	w.state = out.State
	if w.state.Draft.Opened && w.state.Draft.Incident == 0 {
		w.state.Draft.Incident = 900
	}
	return out
}

func inputs(w *walk) *rapid.Generator[talk.Input] {
	return rapid.Custom(func(t *rapid.T) talk.Input {
		switch rapid.IntRange(0, 11).Draw(t, "sort") {
		case 0:
			return talk.Input{Text: rapid.SampledFrom([]string{"/start", "/help", "отмена", "/new", "статус", "оператор", "привет", "/start promo"}).Draw(t, "command")}
		case 1:
			return talk.Input{Text: rapid.SampledFrom([]string{"1", "2", "3", "123-456-78", "876-543-21", "123-456-70", "5 этаж"}).Draw(t, "digits")}
		case 2:
			return talk.Input{Silence: true}
		case 3:
			return talk.Input{} // a voice
		case 4:
			return talk.Input{Files: 1}
		case 5:
			return talk.Input{Point: &message.Point{Lat: 53, Lon: 91}, Spots: []talk.Spot{lenina}}
		case 6:
			return talk.Input{Text: "пожар, там люди", Danger: true, Opens: true}
		case 7:
			return talk.Input{Text: "спасибо", Thanks: true}
		case 8:
			return talk.Input{Text: "ничего не сделали", About: 41}
		}
		if len(w.state.Shown) > 0 && rapid.IntRange(0, 3).Draw(t, "press") > 0 {
			return talk.Input{Pressed: rapid.SampledFrom(w.state.Shown).Draw(t, "button").Data}
		}
		in := talk.Input{Text: "слова"}
		in.Opens, in.Files = rapid.Bool().Draw(t, "opens"), rapid.IntRange(0, 1).Draw(t, "files")
		in.Spots = rapid.SampledFrom([][]talk.Spot{nil, nil, {lenina}, {abaza}, {lenina, abakan}}).Draw(t, "spots")
		in.Pressed = rapid.SampledFrom([]string{"", "", "", "", "1:send", "mark:41:2", "mark:41:5", "mark:7:5", "case:41", "new", "status", "help", "person", "place:42:95", "nonsense", "2:me:41"}).Draw(t, "pressed")
		if in.Pressed != "" {
			in.Text, in.Spots, in.Files = "", nil, 0
		}
		return in
	})
}

func towns() *rapid.Generator[town] {
	return rapid.Custom(func(t *rapid.T) (w town) {
		if rapid.Bool().Draw(t, "alike") {
			w.alike = []talk.Case{{ID: 51, Number: "511", Topic: "Ямы", Open: true}}
		}
		if rapid.Bool().Draw(t, "finished") {
			w.mine = append(w.mine, talk.Case{ID: 41, Number: "411", Topic: "Свет", Marks: true})
		}
		if rapid.Bool().Draw(t, "open") {
			w.mine = append(w.mine, talk.Case{ID: 42, Number: "421", Open: true})
		}
		return w
	})
}

// TestWalks: whatever comes in whatever order, each state answers and offers a way out and
// help, the moves are those of the table, silence ends everything, and every message ends
// in a deed, once in an incident at most.
func TestWalks(t *testing.T) {
	t.Parallel()
	seen := map[talk.Move]bool{}
	rapid.Check(t, func(t *rapid.T) {
		w := newWalk(towns().Draw(t, "town"))
		w.agree = rapid.SampledFrom([]string{"", "v1"}).Draw(t, "consent")
		for range rapid.SampledFrom([]int{5, 25, 45}).Draw(t, "length") {
			in := inputs(w).Draw(t, "input")
			before := w.state
			if before.Step == "" {
				before.Step = talk.Idle
			}
			by := in.By(before)
			out := w.hear(in)
			if before.Step != out.State.Step {
				seen[talk.Move{From: before.Step, To: out.State.Step, By: by}] = true
			}
			if len(out.Says) == 0 && !in.Silence && out.State.Count <= 31 { // beyond it nobody is answered
				t.Fatalf("in %s to %+v nothing is said", before.Step, in)
			}
			for _, s := range out.Says {
				if _, err := talk.Find(s.Key); err != nil {
					t.Fatal(err)
				}
			}
			if out.State.Step != talk.Idle && out.State.Count <= 30 {
				if !slices.ContainsFunc(out.State.Shown, func(c talk.Choice) bool { return strings.Contains(c.Data, ":") }) {
					t.Fatalf("step %s shows no button", out.State.Step)
				}
				if o := talk.Next(out.State, talk.Input{At: w.at.Add(time.Hour), Message: 9999, Text: "помощь"}, w.town, ""); o.Says[0].Key != talk.KeyHelp {
					t.Fatalf("in %s help says %s", out.State.Step, o.Says[0].Key)
				}
				if o := talk.Next(out.State, talk.Input{At: w.at.Add(time.Hour), Message: 9999, Text: "отмена"}, w.town, ""); o.State.Step != talk.Idle {
					t.Fatalf("in %s there is no way out: %s", out.State.Step, o.State.Step)
				}
			}
		}
		w.hear(talk.Input{Silence: true})
		if w.state.Step != talk.Idle || len(w.state.Draft.Messages) > 0 {
			t.Fatalf("after a long silence the talk is in %s", w.state.Step)
		}
		for id := range w.wrote {
			ended := w.ended[id]
			number := strings.Count(ended, "open") + strings.Count(ended, "join") + strings.Count(ended, "add") + strings.Count(ended, "hear") + strings.Count(ended, "return")
			if ended == "" || number > 1 {
				t.Fatalf("message %d ended in %q", id, ended)
			}
		}
		if again := w.hear(talk.Input{Silence: true}); len(again.Says)+len(again.Deeds) > 0 {
			t.Fatalf("a second silence says %+v", again)
		}
	})
	table := map[talk.Move]bool{}
	for _, m := range talk.Table() {
		table[m] = true
	}
	for m := range seen {
		if !table[m] {
			t.Errorf("the move %+v is not in the table", m)
		}
	}
}

// TestTheTableIsWalked: each move of the table is made, on fixed walks.
func TestTheTableIsWalked(t *testing.T) {
	t.Parallel()
	left := map[talk.Move]bool{}
	for _, m := range talk.Table() {
		left[m] = true
	}
	for seed := 0; len(left) > 0 && seed < 20_000; seed++ {
		w := newWalk(towns().Example(seed))
		for k := range 15 {
			before := w.state
			if before.Step == "" {
				before.Step = talk.Idle
			}
			in := inputs(w).Example(seed*15 + k)
			delete(left, talk.Move{From: before.Step, To: w.hear(in).State.Step, By: in.By(before)})
		}
	}
	for m := range left {
		t.Errorf("no walk makes the move %+v", m)
	}
}
