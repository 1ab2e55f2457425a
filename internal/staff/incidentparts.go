package staff

import (
	"context"
	"fmt"
	"strings"
	"time"

	"otklik/internal/account"
	"otklik/internal/agency"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/message"
	"otklik/internal/site"
	"otklik/internal/topic"
)

// The sections of an incident's page: its messages, what the machine read in them,
// where it would go, and what is like it.

// A MessageView is one message with its marks.
type MessageView struct {
	ID       message.ID
	First    bool
	Segments []Segment
	Whys     []Why
	Author   string // shown only after it was asked for
	Contact  string
	Known    bool // there is a name or contact to show
	Channel  string
	Icon     string
	URL      string
	When     string
	Seen     string
	Gone     bool
	Kind     string
	Detach   bool
	Erased   string // when its words were taken away; "" when they were not
	Erase    bool   // they may be
	Files    []PhotoView
}

// A Guess is a topic that the machine thought of.
type Guess struct {
	Name    string
	Percent int
	Now     bool // the topic in force
}

// A PlaceView is a place that the text names.
type PlaceView struct {
	Kind, Name, Why string
	Percent         int
}

// A SimilarRow is an incident about the same thing nearby.
type SimilarRow struct {
	ID                          incident.ID
	URL, Topic, Address, Phrase string
	Excerpt, Ago                string
	First                       message.ID
	Join                        bool // its message may be attached here
}

func (s *Staff) addMessages(ctx context.Context, tx incident.Tx, me *account.Account, i *incident.Incident, p *IncidentPage, now time.Time, zone *time.Location) error {
	messages, err := tx.Messages().OfIncident(ctx, me.Scope(), int64(i.ID))
	if err != nil {
		return err
	}
	seen := map[string]bool{}
	for n, m := range messages {
		r, err := tx.Messages().Reading(ctx, m.ID)
		if err != nil && !fault.Is(err, fault.NotFound) {
			return err
		}
		if r != nil {
			p.found = append(p.found, r.Places...)
		}
		v := MessageView{ID: m.ID, First: m.ID == i.First, Known: m.AuthorName != "" || m.Contact != "", Channel: m.Channel.Name(), Icon: channelIcon(m.Channel),
			URL: webURL(m.URL), When: site.DateTime(m.PublishedAt, now, zone), Gone: m.Gone, Detach: p.Can[lifecycle.Detach] && len(messages) > 1, Erase: p.Can[lifecycle.Erase] && m.ErasedAt.IsZero()}
		if !m.ErasedAt.IsZero() {
			v.Erased = site.DateTime(m.ErasedAt, now, zone)
		}
		if m.PublishedAt.IsZero() {
			v.When = site.DateTime(m.SeenAt, now, zone)
		}
		v.Segments, v.Whys = segments(m.Text, r, fmt.Sprintf("why-%d", n), p.SeesWho)
		for _, w := range v.Whys {
			if !seen[w.Class] {
				seen[w.Class] = true
				p.Legend = append(p.Legend, Choice{w.Class, w.Label})
			}
		}
		if r != nil {
			v.Kind = r.Kind.Name()
		}
		if r != nil && v.Erased == "" && (v.First || n == 0) && p.Guesses == nil {
			s.addReading(r, i, p)
		}
		p.Messages = append(p.Messages, v)
	}
	return nil
}

// webURL lets only http and https through: a message's address comes from outside.
func webURL(s string) string {
	if strings.HasPrefix(s, "https://") || strings.HasPrefix(s, "http://") {
		return s
	}
	return ""
}

func (s *Staff) addReading(r *message.Reading, i *incident.Incident, p *IncidentPage) {
	known := false
	for _, g := range r.Topics {
		p.Guesses = append(p.Guesses, Guess{Name: topicName(s.Topics(), g.Code), Percent: percent(g.Score), Now: g.Code == i.Topic})
		known = known || g.Code == i.Topic
		if len(p.Guesses) == 5 {
			break
		}
	}
	switch {
	case i.Topic != topic.Undefined && i.Topic != r.Topic():
		p.TopicWas = "Тему поставил человек."
	case len(r.Topics) == 0:
		p.TopicWas = "Машина не уверена ни в одной теме и честно её не назвала."
	}
	for _, f := range r.Places {
		name := f.Name
		if f.Settlement != "" && f.Settlement != f.Name {
			name = f.Settlement + ", " + name
		}
		p.Places = append(p.Places, PlaceView{Kind: placeWords[f.Type], Name: name, Why: f.Why, Percent: percent(f.Score)})
	}
}

func percent(score float64) int { return int(score*100 + .5) }

// addRouting says which agency answers, and which rule says so.
func (s *Staff) addRouting(ctx context.Context, tx incident.Tx, me *account.Account, i *incident.Incident, p *IncidentPage, agencies *agencyList) error {
	rules, err := tx.Agencies().Rules(ctx, i.Place.Region)
	if err != nil {
		return err
	}
	p.Proposed = agencies.name(i.Proposed)
	for n := range rules {
		if rules[n].ID == i.Rule && i.Rule != 0 {
			p.RuleWhy = s.why(&rules[n])
			if n > 0 {
				p.RuleTop = fmt.Sprintf("Это %d-е правило из %d: первые %d не подошли.", n+1, len(rules), n)
			}
		}
	}
	switch {
	case p.RuleWhy != "":
	case p.Proposed != "" && i.Rule == 0:
		p.RuleWhy = "сообщение пришло с её сайта или из её группы; правила не спрашивали"
	default:
		p.RuleWhy = "Ни одно правило не подошло: выберите организацию сами."
	}
	p.Act.Accept = "Принять"
	if p.Can[lifecycle.Accept] && lifecycle.May(me.Role, lifecycle.HandOver) && p.Proposed != "" && i.Place.Agency == 0 && len(i.Missing) == 0 {
		p.Act = Act{Accept: "Принять и передать: " + p.Proposed, Hand: true}
	}
	return nil
}

func (s *Staff) why(r *agency.Rule) string {
	territory := ""
	if r.Territory != "" {
		territory = s.placeName(r.Territory)
	}
	return r.Why(topicName(s.Topics(), r.Topic), territory)
}

func (s *Staff) addSimilar(ctx context.Context, tx incident.Tx, me *account.Account, i *incident.Incident, p *IncidentPage, now time.Time, zone *time.Location) error {
	if i.Topic == topic.Undefined || i.Settlement == "" && i.Address.Street == "" {
		return nil
	}
	rows, err := tx.Incidents().Near(ctx, me.Scope(), incident.Near{Topic: i.Topic, Settlement: i.Settlement, Street: i.Address.Street,
		Since: now.Add(-similarWindow), Not: i.ID, Limit: 5})
	if err != nil {
		return err
	}
	if err := s.mask(ctx, me, rows); err != nil {
		return err
	}
	for n := range rows {
		row := &rows[n]
		p.Similar = append(p.Similar, SimilarRow{ID: row.ID, URL: incidentURL(row.ID), Topic: s.topicTitle(row.Topic), Address: row.Address.String(),
			Phrase: row.Phrase(), Excerpt: row.Excerpt, Ago: site.Ago(row.OpenedAt, now, zone), First: row.First, Join: p.Can[lifecycle.Attach] && row.State.Open() && row.First != 0})
	}
	return nil
}
