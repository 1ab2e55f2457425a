// Package reading is the machine's whole reading of one message: it analyses
// the text once and asks every judge about the same analysis: does it concern
// us (watch, kind), where is it (locate), what is it (classify), how urgent,
// what is personal, and what is missing to act on it.
//
// `otklik read` prints what Reader.Read returns; intake stores it.
package reading

import (
	"cmp"
	"slices"
	"sync"
	"sync/atomic"

	"otklik/internal/classify"
	"otklik/internal/cluster"
	"otklik/internal/kind"
	"otklik/internal/locate"
	"otklik/internal/message"
	"otklik/internal/personal"
	"otklik/internal/place"
	"otklik/internal/russian"
	"otklik/internal/watch"
)

// Options connects the judges. Analyzer, Kind, Places and Topics are required.
type Options struct {
	Analyzer *russian.Analyzer
	Kind     *kind.Judge
	Places   place.Names
	Topics   *classify.Classifier
	Default  []watch.Rule // the watch that the product ships with (watch.Default): words that residents' troubles have
	Watches  []watch.Rule // the centre's own watches, of its configuration; Listen adds the saved ones
	Region   string       // OKTMO of this centre; "" for all regions
}

// A Reader reads messages. It is safe for concurrent use.
type Reader struct {
	Options
	locator *locate.Locator
	topical atomic.Pointer[classify.Classifier]
	ears    atomic.Pointer[ears]
	room    sync.Pool
}

// ears are the rules in force, compiled. Hits are places in rules.
type ears struct {
	rules []watch.Rule // Default, then Watches, then saved ones
	saved int          // place of the first saved one
	set   *watch.Set
}

type scratch struct {
	text russian.Text
	hits watch.Buffer
}

// New returns a reader.
func New(o Options) *Reader {
	r := &Reader{Options: o, locator: locate.New(o.Places)}
	r.Listen(nil)
	r.topical.Store(o.Topics)
	r.room.New = func() any { return new(scratch) }
	return r
}

// Judge makes c the classifier of all readings that begin from now on, after an
// edit of the taxonomy. Options.Topics stays what the reader began with.
func (r *Reader) Judge(c *classify.Classifier) { r.topical.Store(c) }

// Listen makes the saved queries, beside the rules that the reader began with,
// the rules of all readings that begin from now on. Their IDs are what
// message.Reading.Queries names.
func (r *Reader) Listen(saved []watch.Rule) {
	e := &ears{rules: slices.Concat(r.Default, r.Watches, saved), saved: len(r.Default) + len(r.Watches)}
	e.set = watch.NewSet(watch.Queries(e.rules))
	r.ears.Store(e)
}

// Of returns what a rule is told of a message besides its words.
func (r *Reader) Of(m *message.Message) watch.Context { return around(r.hint(m), m) }

func around(hint locate.Context, m *message.Message) watch.Context {
	return watch.Context{Region: hint.Region, Municipality: hint.Municipality, Settlement: hint.Settlement, Source: string(m.Channel), Author: m.AuthorName}
}

// Read reads a message as far as intake needs it: what concerns nobody is not
// searched for places and topics, and most of a public stream concerns nobody.
func (r *Reader) Read(m *message.Message) message.Reading {
	return r.read(m, message.Known{}, false, nil)
}

// Keyed reads a message as Read does, and makes of the same analysis the key by
// which the text is compared with earlier ones; nil for one that is not read whole.
func (r *Reader) Keyed(m *message.Message) (message.Reading, *cluster.Key) {
	return r.keyed(m, false)
}

func (r *Reader) keyed(m *message.Message, full bool) (out message.Reading, key *cluster.Key) {
	out = r.read(m, message.Known{}, full, func(t *russian.Text) {
		k := cluster.KeyOf(t)
		key = &k
	})
	return out, key
}

// Knowing reads a message as Read does, and decides among places of one name by
// what its thread and its author said before.
func (r *Reader) Knowing(m *message.Message, known message.Known) message.Reading {
	return r.read(m, known, false, nil)
}

// Full reads a message whole, whether it concerns us or not.
func (r *Reader) Full(m *message.Message) message.Reading {
	return r.read(m, message.Known{}, true, nil)
}

// FullKeyed reads a message as Full does, with the key of Keyed.
func (r *Reader) FullKeyed(m *message.Message) (message.Reading, *cluster.Key) {
	return r.keyed(m, true)
}

func (r *Reader) read(m *message.Message, known message.Known, full bool, also func(*russian.Text)) message.Reading {
	s := r.room.Get().(*scratch)
	defer r.room.Put(s)
	r.Analyzer.ReadInto(&s.text, m.Text)
	t := &s.text
	d := r.Kind.Decide(t, kind.Context{Voice: voice(m), Ours: m.Addressed})
	out := message.Reading{
		Concerns: d.Concerns, Relevant: d.Score, Outside: d.Outside,
		Kind: d.Kind, Complaint: d.Complaint, Urgency: d.Urgency,
	}
	for _, e := range d.Evidence {
		out.Evidence = append(out.Evidence, message.Evidence{Start: e.Start, End: e.End, For: e.For, Why: e.Why})
	}
	hint := r.hint(m)
	hint.Thread, hint.Author = known.Thread, known.Author
	r.watches(&out, s, hint, m)
	if out.Concerns || m.Addressed || full {
		r.places(&out, t, hint)
		r.topics(&out, t)
		r.personal(&out, t)
		out.Index = t.Index()
		if also != nil {
			also(t)
		}
	}
	for _, sp := range t.Obscene() {
		out.Obscene = true
		out.Evidence = append(out.Evidence, message.Evidence{Start: sp.Start, End: sp.End, For: "obscene", Why: "нецензурное слово"})
	}
	r.silence(&out, t)
	out.Missing = missing(&out)
	slices.SortStableFunc(out.Evidence, func(a, b message.Evidence) int { return cmp.Compare(a.Start, b.Start) })
	return out
}

func voice(m *message.Message) kind.Voice {
	switch {
	case m.Form == message.Comment, m.Form == message.Direct, m.Form == message.Card:
		return kind.Resident
	}
	return kind.AnyVoice
}

// hint says where the message's source is at home.
func (r *Reader) hint(m *message.Message) locate.Context {
	c := locate.Context{Region: r.Region}
	p, ok := r.Places.ByID(m.Territory)
	if m.Territory == "" || !ok {
		return c
	}
	c.Region = p.Region
	switch p.Level {
	case place.Municipality:
		c.Municipality = p.ID
		// A city that is a municipality of its own: who speaks for the one speaks for the
		// other. The classifier gives such a city the municipality's code and 001.
		if city, ok := r.Places.ByID(p.ID + "001"); ok && city.Level == place.Settlement && city.Name == p.Name {
			c.Settlement = city.ID
		}
	case place.Settlement:
		c.Municipality, c.Settlement = p.Municipality, p.ID
	}
	return c
}

// watches asks the standing queries. The default watch says that a message has
// words of residents' troubles, and Kind that a resident speaks in it: both must
// agree. A watch of the centre's own says by itself that a message is ours. The
// first of the centre's own that caught it explains why, else the first default
// one; every saved query that caught it is named and leaves its evidence.
func (r *Reader) watches(out *message.Reading, s *scratch, hint locate.Context, m *message.Message) {
	voiced := out.Concerns
	out.Concerns = out.Outside // a plea outside any competence is kept, whatever its words
	c, e := around(hint, m), r.ears.Load()
	hits, own := e.set.MatchIn(&s.text, c, &s.hits), func(h watch.Hit) bool { return int(h.Query) >= len(r.Default) }
	first := watch.Hit{Query: -1}
	var tell []watch.Hit // those that leave evidence
	for _, h := range hits {
		if !own(h) && !voiced || !e.rules[h.Query].Admits(c) {
			continue
		}
		if int(h.Query) >= e.saved {
			tell = append(tell, h)
			out.Queries = append(out.Queries, e.rules[h.Query].ID)
		}
		if first.Query < 0 || own(h) && !own(first) {
			first = h
		}
	}
	if first.Query < 0 {
		return
	}
	if !out.Concerns {
		out.Concerns, out.Watch = true, e.rules[first.Query].Name
		if int(first.Query) < e.saved {
			tell = append(tell, first)
		}
	}
	for _, h := range tell {
		for _, sp := range e.set.Spans(h, &s.text, &s.hits, nil) {
			out.Evidence = append(out.Evidence, message.Evidence{Start: sp.Start, End: sp.End, For: "watch", Why: "правило наблюдения «" + e.rules[h.Query].Name + "»"})
		}
	}
	slices.Sort(out.Queries)
}

// silence takes out words that a watch or a topic was caught by and that tell a
// person nothing («добрый вечер», «мой»), where something else speaks.
func (r *Reader) silence(out *message.Reading, t *russian.Text) {
	spoken := func(e message.Evidence) bool {
		return e.For != "watch" && e.For != "topic" || !r.Kind.Empty(t, e.Start, e.End)
	}
	if slices.ContainsFunc(out.Evidence, spoken) {
		out.Evidence = slices.DeleteFunc(out.Evidence, func(e message.Evidence) bool { return !spoken(e) })
	}
}

func (r *Reader) places(out *message.Reading, t *russian.Text, hint locate.Context) {
	for _, f := range r.locator.Find(t, hint) {
		p := message.PlaceFound{
			Start: f.Span.Start, End: f.Span.End, Type: string(f.Type), ID: f.ID, Name: f.Name,
			Settlement: f.Settlement, SettlementID: f.SettlementID, Street: f.Street, House: f.House,
			Relation: string(f.Relation), Lat: f.Lat, Lon: f.Lon, Radius: int(f.Radius), Score: f.Score, Why: f.Why,
		}
		if len(f.Candidates) > 1 {
			for _, c := range f.Candidates {
				p.Candidates = append(p.Candidates, c.Place.ID)
			}
		}
		p.Village = f.Type == locate.District && f.Kind == locate.Gardens
		for _, id := range []string{f.ID, f.SettlementID} {
			if at, ok := r.Places.ByID(id); ok && id != "" {
				p.Region, p.Municipality = at.Region, at.Municipality
				if at.Level == place.Municipality {
					p.Municipality = at.ID
				}
				p.Village = p.Village || f.Type == locate.Settlement && at.Type != "город"
				break
			}
		}
		out.Places = append(out.Places, p)
	}
	crossings(out.Places)
}

// crossings gives an intersection or stretch the settlement of the streets that
// it names, when they agree on one.
func crossings(places []message.PlaceFound) {
	for k := range places {
		c := &places[k]
		if c.SettlementID != "" || c.Type != string(locate.Intersection) && c.Type != string(locate.Stretch) {
			continue
		}
		var of *message.PlaceFound
		for n := range places {
			s := &places[n]
			if s.Type != string(locate.Street) || s.Start < c.Start || s.End > c.End {
				continue
			}
			if s.SettlementID == "" || of != nil && of.SettlementID != s.SettlementID {
				of = nil
				break
			}
			of = s
		}
		if of != nil {
			c.Settlement, c.SettlementID, c.Region, c.Municipality = of.Settlement, of.SettlementID, of.Region, of.Municipality
		}
	}
}

func (r *Reader) topics(out *message.Reading, t *russian.Text) {
	for n, g := range r.topical.Load().Topics(t) {
		if g.Topic.Code == "" {
			continue // a label of a model that the taxonomy does not know
		}
		out.Topics = append(out.Topics, message.TopicGuess{Code: g.Topic.Code, Score: g.Score})
		if n > 0 {
			continue // the page explains the topic that was chosen
		}
		for _, e := range g.Evidence {
			out.Evidence = append(out.Evidence, message.Evidence{Start: e.Span.Start, End: e.Span.End, For: "topic", Why: e.Why})
		}
	}
}

func (r *Reader) personal(out *message.Reading, t *russian.Text) {
	for _, f := range personal.Find(t) {
		out.Personal = append(out.Personal, message.Personal{Start: f.Span.Start, End: f.Span.End, Type: string(f.Type)})
	}
}

// missing says what must be asked before somebody can act: what happened, where
// exactly, and decent words (DOMAIN.md: concreteness).
func missing(r *message.Reading) []string {
	if !r.Kind.Opens() || r.Outside {
		return nil
	}
	var list []string
	if len(r.Topics) == 0 {
		list = append(list, message.MissingTopic)
	}
	if !slices.ContainsFunc(r.Places, message.PlaceFound.Exact) {
		list = append(list, message.MissingPlace)
	}
	if r.Obscene {
		list = append(list, message.MissingDecency)
	}
	return list
}
