package staff

import (
	"cmp"
	"context"
	"net/http"
	"time"

	"otklik/internal/account"
	"otklik/internal/desk"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/reply"
	"otklik/internal/scope"
	"otklik/internal/site"
)

// A DeliveryView is a publication whose end nobody knows: a person looks and says.
type DeliveryView struct {
	Job             int64
	URL, Text, Note string
}

// A FanoutView is one reply on its way to everybody who wrote.
type FanoutView struct {
	ID                  reply.FanoutID
	State, Facts, Next  string
	Pause, Resume, More bool
	Cancel              bool
	All, Sent, Unknown  int
	Joined              int
}

// unknownShown is how many publications of unknown end a page shows at once.
const unknownShown = 20

// addDeliveries shows publications that wait for a person and replies to all.
func (s *Staff) addDeliveries(ctx context.Context, tx incident.Tx, me *account.Account, i *incident.Incident, p *IncidentPage, now time.Time, zone *time.Location) error {
	jobs, err := tx.Fanouts().Jobs(ctx, reply.JobFilter{Incident: int64(i.ID), State: reply.Unknown, Limit: unknownShown})
	if err != nil {
		return err
	}
	for k := range jobs {
		v := DeliveryView{Job: jobs[k].ID, URL: webURL(jobs[k].URL), Text: jobs[k].Text, Note: jobs[k].Note}
		if v.URL == "" {
			for n := range p.Messages { // where the resident wrote
				if v.URL = p.Messages[n].URL; v.URL != "" {
					break
				}
			}
		}
		p.Unclear = append(p.Unclear, v)
	}
	sum, err := desk.MassOf(ctx, tx, me.Scope(), i, now)
	if err != nil {
		return err
	}
	p.Mass = sum.Mass != nil
	for k := range sum.Fanouts {
		p.Fanouts = append(p.Fanouts, fanoutView(&sum.Fanouts[k], now, zone))
	}
	return nil
}

// deliveryDeeds see to replies on their way.
var deliveryDeeds = []deed{
	{"deliver", lifecycle.Deliver, "Записано", "", "", "", func(_ *Staff, r *http.Request) (desk.Change, error) {
		return desk.Delivery(field(r, "do"), reply.ID(number(r, "reply")), number(r, "job"), reply.FanoutID(number(r, "fanout")), field(r, "reason"))
	}},
	{"mass", lifecycle.Mass, "Записано", "", "", "", func(_ *Staff, r *http.Request) (desk.Change, error) {
		return desk.Mass{Off: field(r, "off") != ""}, nil
	}},
}

// An OutletView is a source whose replies do not leave until a person has seen to it.
type OutletView struct {
	Source, Sentence, Since, Until string
	Name                           string // of the source
	Waits                          bool
	Thread                         bool // one thread of it alone, which is closed
}

func (s *Staff) outlets(ctx context.Context, me *account.Account, now time.Time, zone *time.Location) (out []OutletView, err error) {
	list, err := s.Cases().Fanouts().Outlets(ctx, scope.OfRegion(me.Place.Region))
	if err != nil || len(list) == 0 {
		return nil, err
	}
	names := map[string]string{}
	kept, err := s.Cases().Sources().Sources(ctx, me.Scope())
	for k := range kept {
		names[kept[k].ID] = kept[k].Name
	}
	for _, o := range list {
		if o.Waits || o.RestUntil.After(now) {
			id, thread := o.Of()
			v := OutletView{Source: o.Source, Name: cmp.Or(names[id], id), Sentence: o.Sentence, Since: site.DateTime(o.Since, now, zone), Until: site.DateTime(o.RestUntil, now, zone), Waits: o.Waits, Thread: thread != ""}
			out = append(out, v)
		}
	}
	return out, err
}

// release lets the replies of a source leave again.
func (s *Staff) release(w http.ResponseWriter, r *http.Request) error {
	if err := form(w, r); err != nil {
		return err
	}
	err := s.Resume(r.Context(), who(r).Actor(), field(r, "source"))
	switch {
	case err == nil:
		say(w, Said{Good: "Ответы снова отправляются."})
	case fault.Is(err, fault.Conflict), fault.Is(err, fault.NotFound):
		say(w, Said{Bad: fault.Sentence(err)})
	default:
		return err
	}
	http.Redirect(w, r, "/desk/sources", http.StatusSeeOther)
	return nil
}
