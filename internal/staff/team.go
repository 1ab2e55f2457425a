package staff

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"otklik/internal/account"
	"otklik/internal/checklist"
	"otklik/internal/desk"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/site"
)

// A TeamView is who works around the incident, and what they tell each other.
type TeamView struct {
	Helps     bool // the account's agency is a co-executor, another one answers
	Members   []MemberRow
	Notes     []NoteRow
	Items     []ItemRow
	Done      string // «2 из 5»
	Template  bool   // the topic has a list that is not all here
	Links     []LinkRow
	Followed  bool
	Followers string // «следят 3»
	People    []Choice
}

// A MemberRow is a co-executor.
type MemberRow struct {
	Agency, Account int64
	Name            string
	Leave           bool
}

// A NoteRow is a note of a colleague.
type NoteRow struct {
	ID                    int64
	Who, When, Text, Told string
	Erase                 bool
}

// An ItemRow is a point of the checklist.
type ItemRow struct {
	ID        int64
	Text, Due string
	Done      string // who, when; "" = not yet
	Late      bool
}

// A LinkRow is a linked incident.
type LinkRow struct {
	ID                       incident.ID
	URL, Kind, Topic, Phrase string
}

// addTeam gathers it, and takes away what a co-executor may not do.
func (s *Staff) addTeam(ctx context.Context, tx incident.Tx, me *account.Account, i *incident.Incident, p *IncidentPage, agencies *agencyList, people *colleagueList, now time.Time, zone *time.Location) error {
	v := &TeamView{Helps: !me.Scope().Sees(i.Place)}
	p.Team = v
	if v.Helps {
		for a := range p.Can {
			if a != lifecycle.Note && a != lifecycle.Todo && a != lifecycle.Follow {
				delete(p.Can, a)
			}
		}
	}
	members, err := tx.Team().Members(ctx, int64(i.ID))
	if err != nil {
		return err
	}
	for _, m := range members {
		row := MemberRow{Agency: m.Agency, Account: int64(m.Account), Name: agencies.name(m.Agency), Leave: p.Can[lifecycle.Join] || m.Agency != 0 && m.Agency == me.Place.Agency}
		if name := people.names[m.Account]; name != "" {
			row.Name = strings.TrimPrefix(row.Name+", "+name, ", ")
		}
		v.Members = append(v.Members, row)
	}
	notes, err := tx.Team().Notes(ctx, int64(i.ID))
	if err != nil {
		return err
	}
	for _, n := range notes {
		row := NoteRow{ID: n.ID, Who: orElse(people.names[n.Who], "Отклик"), When: site.DateTime(n.At, now, zone), Text: n.Text,
			Erase: n.Text != "" && (n.Who == me.ID || me.Role == lifecycle.Curator)}
		var told []string
		for _, id := range n.Mentions {
			told = append(told, people.names[id])
		}
		row.Told = strings.Join(told, ", ")
		v.Notes = append(v.Notes, row)
	}
	items, err := tx.Checklists().Items(ctx, int64(i.ID))
	if err != nil {
		return err
	}
	done := 0
	for k := range items {
		it := &items[k]
		row := ItemRow{ID: it.ID, Text: orElse(it.Text, "слова стёрты")}
		if !it.Due.IsZero() {
			row.Due, row.Late = site.Date(it.Due, now, zone), it.Due.Before(now) && !it.Done()
		}
		if it.Done() {
			done++
			row.Done = people.names[it.DoneBy] + ", " + site.DateTime(it.DoneAt, now, zone)
		}
		v.Items = append(v.Items, row)
	}
	if len(items) > 0 {
		v.Done = strconv.Itoa(done) + " из " + strconv.Itoa(len(items))
	}
	templates, err := tx.Checklists().Templates(ctx, i.Place.Region)
	if err != nil {
		return err
	}
	if t, ok := checklist.For(templates, i.Topic, i.Group); ok {
		v.Template = slices.ContainsFunc(t.Items, func(text string) bool {
			return !slices.ContainsFunc(items, func(i checklist.Item) bool { return i.Text == text })
		})
	}
	followers, err := tx.Team().Followers(ctx, int64(i.ID))
	if err != nil {
		return err
	}
	v.Followed = slices.Contains(followers, me.ID)
	if len(followers) > 0 {
		v.Followers = "следят: " + strconv.Itoa(len(followers))
	}
	for k := range people.all {
		a := &people.all[k]
		if helps := slices.ContainsFunc(v.Members, func(m MemberRow) bool { return m.Agency != 0 && m.Agency == a.Place.Agency }); !a.Disabled && a.ID != me.ID && (helps || a.Scope().Sees(i.Place)) {
			v.People = append(v.People, Choice{strconv.FormatInt(int64(a.ID), 10), a.Name})
		}
	}
	return s.addLinks(ctx, tx, me, i.ID, v)
}

func (s *Staff) addLinks(ctx context.Context, tx incident.Tx, me *account.Account, id incident.ID, v *TeamView) error {
	links, err := tx.Links().LinksOf(ctx, id)
	if err != nil || len(links) == 0 {
		return err
	}
	kinds := map[incident.ID]string{}
	var ids []incident.ID
	for _, l := range links {
		other, kind := l.To, "связан"
		if l.From != id {
			other = l.From
		}
		if l.Kind == incident.Cause {
			if kind = "следствие"; l.From != id {
				kind = "причина"
			}
		}
		kinds[other], ids = kind, append(ids, other)
	}
	rows, err := tx.Incidents().Rows(ctx, me.Scope(), ids)
	for k := range rows {
		r := &rows[k]
		v.Links = append(v.Links, LinkRow{ID: r.ID, URL: incidentURL(r.ID), Kind: kinds[r.ID], Topic: s.topicTitle(r.Topic) + ", №" + site.NBSP + incident.Spoken(r.Number), Phrase: r.Phrase()})
	}
	return err
}

// The forms of the team's part.
var teamDeeds = []deed{
	{"join", lifecycle.Join, "Соисполнитель добавлен", "", "", "", func(s *Staff, r *http.Request) (desk.Change, error) {
		a, err := s.typedAgency(r, field(r, "agency"))
		return desk.Join{Agency: a}, err
	}},
	{"leave", lifecycle.Leave, "Соисполнитель убран", "", "", "", func(_ *Staff, r *http.Request) (desk.Change, error) {
		return desk.Leave{Agency: number(r, "agency_id"), Account: number(r, "account")}, nil
	}},
	{"relate", lifecycle.Relate, "Инциденты связаны", "", "", "", (*Staff).related},
	{"unrelate", lifecycle.Relate, "Связь убрана", "", "", "", func(_ *Staff, r *http.Request) (desk.Change, error) {
		return desk.Unrelate{Other: incident.ID(number(r, "other"))}, nil
	}},
	{"note", lifecycle.Note, "Заметка записана", "", "", "", func(_ *Staff, r *http.Request) (desk.Change, error) {
		c := desk.Note{Text: field(r, "text")}
		for _, v := range r.PostForm["mention"] {
			if id, err := strconv.ParseInt(v, 10, 64); err == nil {
				c.Mention = append(c.Mention, id)
			}
		}
		return c, nil
	}},
	{"unnote", lifecycle.Note, "Заметка стёрта", "", "", "", func(_ *Staff, r *http.Request) (desk.Change, error) {
		return desk.EraseNote{Note: number(r, "note")}, nil
	}},
	{"follow", lifecycle.Follow, "Вы следите", "unfollow", "Не следить", "", func(*Staff, *http.Request) (desk.Change, error) { return desk.Follow{}, nil }},
	{"unfollow", lifecycle.Follow, "Вы больше не следите", "follow", "Следить снова", "", func(*Staff, *http.Request) (desk.Change, error) { return desk.Follow{Off: true}, nil }},
	{"todo", lifecycle.Todo, "Добавлено в список", "", "", "", func(s *Staff, r *http.Request) (desk.Change, error) {
		c := desk.Todo{Text: field(r, "text")}
		if raw := field(r, "due"); raw != "" {
			i := loaded(r)
			due, err := time.ParseInLocation(time.DateOnly, raw, s.zone(i.Place.Centre, i.Place.Region))
			if err != nil {
				return nil, fault.New(fault.Invalid, "due %q", raw).At("due").Say("Такой даты нет. Напишите её как 2026-12-01.")
			}
			c.Due = due.Add(24*time.Hour - time.Second).UTC()
		}
		return c, nil
	}},
	{"tick", lifecycle.Todo, "Отмечено", "", "", "", func(_ *Staff, r *http.Request) (desk.Change, error) {
		return desk.Tick{Item: number(r, "item"), Off: field(r, "off") == "1"}, nil
	}},
}

// related reads the number that people say.
func (s *Staff) related(r *http.Request) (desk.Change, error) {
	n, err := incident.ParseNumber(field(r, "which"))
	if err != nil {
		return nil, fault.New(fault.Invalid, "number: %w", err).At("which").Say("Такого номера не бывает: в нём восемь цифр, например 022-362-73.")
	}
	i, err := s.Cases().Incidents().ByNumber(r.Context(), who(r).Scope(), n)
	if err != nil {
		return nil, fault.New(fault.Invalid, "no incident of number %s", n).At("which").Say("Инцидента с таким номером нет или он вам не виден.")
	}
	c := desk.Relate{Other: i.ID}
	if field(r, "kind") == string(incident.Cause) {
		c.Kind = incident.Cause
	}
	return c, nil
}

func (s *Staff) shortRows(ctx context.Context, tx incident.Tx, me *account.Account, list []int64) (out []LinkRow, err error) {
	if len(list) == 0 {
		return nil, nil
	}
	ids := make([]incident.ID, len(list))
	for k := range list {
		ids[k] = incident.ID(list[k])
	}
	rows, err := tx.Incidents().Rows(ctx, me.Scope(), ids)
	now := s.Now()
	for k := range rows {
		r := &rows[k]
		out = append(out, LinkRow{ID: r.ID, URL: incidentURL(r.ID), Topic: s.topicTitle(r.Topic) + ", №" + site.NBSP + incident.Spoken(r.Number),
			Phrase: r.Phrase() + ", изменён " + site.Ago(r.UpdatedAt, now, s.zone(r.Place.Centre, r.Place.Region))})
	}
	return out, err
}
