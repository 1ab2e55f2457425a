package classify

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"
	"testing"

	"otklik/data/topics"
	"otklik/internal/fault"
	"otklik/internal/topic"
)

// toy is a small training set of a foreign taxonomy.
func toy() []Example {
	var out []Example
	for i := range 12 {
		out = append(out,
			Example{Text: fmt.Sprintf("на улице %d яма и выбоина в асфальте", i), Label: "Дорога плохая"},
			Example{Text: fmt.Sprintf("в доме %d нет воды, трубы пустые", i), Label: "Вода"},
			Example{Text: fmt.Sprintf("автобус %d опять не пришел по расписанию", i), Label: "Транспорт"},
		)
	}
	return out
}

func TestTrainLearnsAnyLabels(t *testing.T) {
	t.Parallel()
	r := reader(t)
	m, err := Train(r, toy())
	if err != nil {
		t.Fatal(err)
	}
	c := New(topic.Default(), nil, m)
	for text, want := range map[string]string{
		"выбоины и ямы по всему городу":         "Дорога плохая",
		"воды в трубах нет":                     "Вода",
		"расписание автобусов кто нибудь видел": "Транспорт",
	} {
		got := c.Topics(r.Read(text))
		if len(got) == 0 || got[0].Topic.Name != want || got[0].Topic.Code != "" {
			t.Errorf("Topics(%q) = %v, want %q without a code", text, got, want)
		}
	}
}

func TestTrainingIsDeterministic(t *testing.T) {
	t.Parallel()
	r := reader(t)
	var files [2]bytes.Buffer
	for i := range files {
		m, err := Train(r, toy())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := m.WriteTo(&files[i]); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(files[0].Bytes(), files[1].Bytes()) {
		t.Error("the same examples gave two models")
	}
}

func TestTrainRefusesWhatTeachesNothing(t *testing.T) {
	t.Parallel()
	r := reader(t)
	for name, examples := range map[string][]Example{
		"no examples":  nil,
		"one label":    {{Text: "яма", Label: "а"}, {Text: "вода", Label: "а"}},
		"empty texts":  {{Label: "а"}, {Label: "б"}},
		"empty labels": {{Text: "яма"}, {Text: "вода"}},
	} {
		if _, err := Train(r, examples); !fault.Is(err, fault.Invalid) || fault.Sentence(err) == "" {
			t.Errorf("%s: Train = %v, want Invalid with a sentence for people", name, err)
		}
	}
}

func TestModelFileKeepsEveryAnswer(t *testing.T) {
	t.Parallel()
	r := reader(t)
	m, err := Train(r, toy())
	if err != nil {
		t.Fatal(err)
	}
	m.Source = "abc"
	var file bytes.Buffer
	if n, err := m.WriteTo(&file); err != nil || n != int64(file.Len()) {
		t.Fatalf("WriteTo = %d, %v, file of %d bytes", n, err, file.Len())
	}
	back, err := ReadModel(&file)
	if err != nil {
		t.Fatal(err)
	}
	if back.Source != m.Source || strings.Join(back.Labels, "|") != strings.Join(m.Labels, "|") {
		t.Errorf("ReadModel has labels %q and source %q", back.Labels, back.Source)
	}
	rules, err := ParseRules([]byte("@ roads.potholes\n3 яма|выбоина"), r, topic.Default())
	if err != nil {
		t.Fatal(err)
	}
	a, b := newScratch(rules, m), newScratch(rules, back)
	for _, e := range toy() {
		a.score(newLexicon(rules, m), r.Read(e.Text), nil)
		b.score(newLexicon(rules, back), r.Read(e.Text), nil)
		for l := range a.scores {
			if a.scores[l] != b.scores[l] {
				t.Fatalf("score of %q for %q: %v before, %v after", m.Labels[l], e.Text, a.scores[l], b.scores[l])
			}
		}
	}
}

func TestUnusableModelFiles(t *testing.T) {
	t.Parallel()
	whole := topics.Model
	spoil := func(do func(b []byte) []byte) []byte { return do(bytes.Clone(whole)) }
	tests := []struct {
		name, want string
		file       []byte
	}{
		{"empty", "no model", nil},
		{"foreign", "no model", []byte("id,text,topic\n1,яма,Дороги и ещё много другого текста, длиннее заголовка модели\n")},
		{"only the magic", "cut short", whole[:8]},
		{"cut in the header", "cut short", whole[:header-1]},
		{"cut in the body", "cut short", whole[:len(whole)/2]},
		{"one bit flipped", "checksum", spoil(func(b []byte) []byte { b[len(b)/2] ^= 1; return b })},
		{"newer format", "version 9", spoil(func(b []byte) []byte { binary.LittleEndian.PutUint32(b[8:], 9); return b })},
		{"absurd length", "past belief", spoil(func(b []byte) []byte { binary.LittleEndian.PutUint64(b[12:], 1<<60); return b })},
	}
	for _, tt := range tests {
		_, err := ReadModel(bytes.NewReader(tt.file))
		if !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), tt.want) || fault.Sentence(err) == "" {
			t.Errorf("%s: ReadModel = %v, want Invalid with %q", tt.name, err, tt.want)
		}
	}
}

// A body that lies must not be believed even under a right checksum.
func FuzzParseBody(f *testing.F) {
	m, err := Train(reader(f), toy())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(m.body(), m.format())
	small := &Model{Labels: []string{"а", "б"}, bias: []float32{0, 0}, words: 1, letters: 2, facts: 2, names: 2, hashes: []feature{7, 3}, idf: []float32{1, 1}, scale: []float32{1, 2},
		start: []uint32{0, 2, 3}, label: []uint16{0, 1, 1}, weight: []int8{5, -5, 100}}
	f.Add(small.body(), uint32(unnamed))
	small.names = 1 // of a letter, a name
	small.letters, small.facts = 1, 1
	f.Add(small.body(), uint32(version))
	f.Add([]byte{}, uint32(version))
	f.Add([]byte{0, 0xff, 0xff, 0xff, 0xff, 0x0f}, uint32(unnamed))
	text := reader(f).Read("яма на дороге")
	f.Fuzz(func(t *testing.T, b []byte, format uint32) {
		m, err := parseBody(b, format)
		if err != nil {
			return
		}
		m.index()
		rules := &Rules{}
		newScratch(rules, m).score(newLexicon(rules, m), text, []hint{{7, 1}})
		if _, err := parseBody(m.body(), m.format()); err != nil {
			t.Errorf("what was accepted does not survive a round trip: %v", err)
		}
	})
}

// `go generate ./internal/classify` must follow every edit of the data.
func TestShippedModelIsFresh(t *testing.T) {
	t.Parallel()
	m, err := ReadModel(bytes.NewReader(topics.Model))
	if err != nil {
		t.Fatal(err)
	}
	if m.Source != shippedSource() {
		t.Error("data/topics/topics.model is stale: run `go generate ./internal/classify`")
	}
	if len(topics.Model) > 4<<20 {
		t.Errorf("the model takes %d bytes, at most 4 MiB", len(topics.Model))
	}
}
