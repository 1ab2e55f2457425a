package app

import (
	"context"
	"strings"

	"otklik/internal/classify"
	"otklik/internal/gazetteer"
	"otklik/internal/kind"
	"otklik/internal/message"
	"otklik/internal/reading"
	"otklik/internal/russian"
	"otklik/internal/topic"
	"otklik/internal/watch"
)

// A Microscope shows what the product reads in a text, without a store.
type Microscope struct {
	reader   *reading.Reader
	taxonomy *topic.Taxonomy
}

// OpenMicroscope opens the judges for a region (a name or an OKTMO code), or
// for all bundled territories when region is empty.
func OpenMicroscope(region string) (*Microscope, error) {
	analyzer, err := russian.New()
	if err != nil {
		return nil, err
	}
	var regions []string
	if region != "" && !strings.EqualFold(region, "all") {
		p, err := gazetteer.FindRegion(region)
		if err != nil {
			return nil, err
		}
		region, regions = p.ID, []string{p.ID}
	} else {
		region = ""
	}
	places, err := gazetteer.New(analyzer, regions...)
	if err != nil {
		return nil, err
	}
	if _, err := places.AddBundledStreets(context.Background(), nil); err != nil {
		return nil, err
	}
	topics, err := classify.Default(analyzer)
	if err != nil {
		return nil, err
	}
	judge, err := kind.New(analyzer)
	if err != nil {
		return nil, err
	}
	standard, err := watch.Default(analyzer)
	if err != nil {
		return nil, err
	}
	return &Microscope{
		reader:   reading.New(reading.Options{Analyzer: analyzer, Kind: judge, Places: places, Topics: topics, Default: standard, Region: region}),
		taxonomy: topic.Default(),
	}, nil
}

// A Look is one line of `otklik read`.
type Look struct {
	Text      string             `json:"text"`
	Kind      message.Kind       `json:"kind"`
	Complaint bool               `json:"complaint"`
	Concrete  bool               `json:"concrete"`
	Missing   []string           `json:"missing"`
	Urgency   message.Urgency    `json:"urgency"`
	Obscene   bool               `json:"obscene"`
	Concerns  bool               `json:"concerns"`
	Relevant  float64            `json:"relevant"`
	Outside   bool               `json:"outside"`
	Topics    []LookTopic        `json:"topics"`
	Places    []LookPlace        `json:"places"`
	Personal  []message.Personal `json:"personal"`
	Evidence  []message.Evidence `json:"evidence"`
}

// A LookTopic is a topic with its names.
type LookTopic struct {
	Code  topic.Code `json:"code"`
	Name  string     `json:"name"`
	Group string     `json:"group"`
	Score float64    `json:"score"`
}

// A LookPlace is a place with the words that name it.
type LookPlace struct {
	Start      int     `json:"start"`
	End        int     `json:"end"`
	Text       string  `json:"text"`
	Type       string  `json:"type"`
	ID         string  `json:"id"`
	Name       string  `json:"name"`
	Settlement string  `json:"settlement"`
	Street     string  `json:"street"`
	House      string  `json:"house"`
	Relation   string  `json:"relation,omitempty"`
	Lat        float64 `json:"lat"`
	Lon        float64 `json:"lon"`
	Score      float64 `json:"score"`
	Why        string  `json:"why,omitempty"`
}

// Look reads a text. Bytes that are no UTF-8 are replaced before reading, as the
// JSON of the answer would replace them after it: offsets point into what is printed.
func (m *Microscope) Look(text string) Look {
	text = strings.ToValidUTF8(text, "\uFFFD")
	r := m.reader.Full(&message.Message{Text: text, Channel: message.File, Form: message.Record})
	l := Look{
		Text: text, Kind: r.Kind, Complaint: r.Complaint, Concrete: r.Kind.Opens() && !r.Outside && r.Concrete(), Missing: orEmpty(r.Missing),
		Urgency: r.Urgency, Obscene: r.Obscene, Concerns: r.Concerns, Relevant: r.Relevant, Outside: r.Outside,
		Topics: []LookTopic{}, Places: []LookPlace{}, Personal: orEmpty(r.Personal), Evidence: orEmpty(r.Evidence),
	}
	for _, g := range r.Topics {
		t, _ := m.taxonomy.ByCode(g.Code)
		l.Topics = append(l.Topics, LookTopic{Code: g.Code, Name: t.Name, Group: t.Group, Score: g.Score})
	}
	for _, p := range r.Places {
		l.Places = append(l.Places, LookPlace{
			Start: p.Start, End: p.End, Text: text[p.Start:p.End], Type: p.Type, ID: p.ID, Name: p.Name, Settlement: p.Settlement,
			Street: p.Street, House: p.House, Relation: p.Relation, Lat: p.Lat, Lon: p.Lon, Score: p.Score, Why: p.Why,
		})
	}
	return l
}

func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
