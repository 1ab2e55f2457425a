package staff

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"otklik/internal/account"
	"otklik/internal/call"
	"otklik/internal/desk"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/site"
)

// A CallView is a call that must be made, or was.
type CallView struct {
	ID                      call.ID
	Incident                incident.ID
	Version                 int
	URL, Number, Where      string
	Excerpt, Why, Asked     string
	Waiting, Needless, Make bool
	Whom, Said, By, Made    string
	Contacts                []call.Contact
}

// CallsPage is what must be rung at once, then what was rung lately.
type CallsPage struct {
	Chrome
	Waiting []CallView
	Made    []CallView
}

const callsShown = 50

func (s *Staff) calls(w http.ResponseWriter, r *http.Request) error {
	ctx, me, tx := r.Context(), who(r), s.Cases()
	p := &CallsPage{}
	waiting, err := tx.Calls().Waiting(ctx, me.Scope(), callsShown)
	if err != nil {
		return err
	}
	made, err := tx.Calls().Latest(ctx, me.Scope(), callsShown)
	if err != nil {
		return err
	}
	people, err := s.colleagues(ctx, me)
	if err != nil {
		return err
	}
	book, err := tx.Calls().Book(ctx, me.Place.Region)
	if err != nil {
		return err
	}
	for _, part := range []struct {
		list []call.Call
		to   *[]CallView
	}{{waiting, &p.Waiting}, {made, &p.Made}} {
		for k := range part.list {
			c := &part.list[k]
			rows, err := tx.Incidents().Rows(ctx, me.Scope(), []incident.ID{incident.ID(c.Incident)})
			if err != nil {
				return err
			}
			if len(rows) == 0 {
				continue
			}
			if err := s.mask(ctx, me, rows); err != nil {
				return err
			}
			v := s.callView(c, book, me, people.names, s.zone(rows[0].Place.Centre, rows[0].Place.Region))
			v.Version, v.Number, v.Where, v.Excerpt = rows[0].Version, incident.Spoken(rows[0].Number), rows[0].Address.String(), rows[0].Excerpt
			*part.to = append(*part.to, v)
		}
	}
	p.Chrome = s.chrome(w, r, "calls")
	return s.page(w, r, http.StatusOK, "Звонки", Calls(p))
}

func (s *Staff) callView(c *call.Call, book []call.Contact, me *account.Account, people map[account.ID]string, zone *time.Location) CallView {
	now := s.Now()
	v := CallView{ID: c.ID, Incident: incident.ID(c.Incident), URL: incidentURL(incident.ID(c.Incident)), Why: c.Why, Asked: site.Ago(c.At, now, zone),
		Waiting: c.State == call.Waiting, Needless: c.State == call.Needless, Make: lifecycle.May(me.Role, lifecycle.Called), Whom: c.Whom, Said: c.Said,
		By: people[c.By], Made: site.DateTime(c.MadeAt, now, zone), Contacts: c.Contacts(book)}
	if !me.Role.Holds(lifecycle.SeePersonal) {
		v.Said = maskDigits(v.Said)
	}
	return v
}

// addCalls shows the calls about the incident.
func (s *Staff) addCalls(ctx context.Context, tx incident.Tx, me *account.Account, i *incident.Incident, p *IncidentPage, people map[account.ID]string, zone *time.Location) error {
	list, err := tx.Calls().OfIncident(ctx, me.Scope(), int64(i.ID))
	if err != nil || len(list) == 0 {
		return err
	}
	book, err := tx.Calls().Book(ctx, i.Place.Region)
	if err != nil {
		return err
	}
	for k := range list {
		v := s.callView(&list[k], book, me, people, zone)
		v.Version = i.Version
		p.Calls = append(p.Calls, v)
	}
	return nil
}

func (s *Staff) called(r *http.Request) (desk.Change, error) {
	return desk.Called{Call: call.ID(number(r, "call")), Whom: field(r, "whom"), Said: field(r, "said"), Needless: field(r, "needless") != ""}, nil
}

// urgentCalls counts the calls that wait, for the frame of every page.
func (s *Staff) urgentCalls(r *http.Request) string {
	if !lifecycle.May(who(r).Role, lifecycle.Called) {
		return ""
	}
	list, err := s.Cases().Calls().Waiting(r.Context(), who(r).Scope(), 10)
	if err != nil || len(list) == 0 {
		return ""
	}
	return fmt.Sprint(len(list))
}
