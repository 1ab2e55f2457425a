package staff

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"otklik/internal/account"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/live"
	"otklik/internal/notice"
	"otklik/internal/site"
	"otklik/internal/webhook"
)

// NoticesPage is what concerns one person: what they were told of, what they follow,
// what their agency helps with.
type NoticesPage struct {
	Chrome
	Kinds    []NoticeFilter
	Rows     []NoticeRow
	Empty    string
	Next     string // URL of older ones
	First    bool   // nothing newer stands before these
	Followed []LinkRow
	Helping  []LinkRow
}

// A NoticeFilter is one choice of what is shown.
type NoticeFilter struct {
	Name, URL string
	On        bool
}

// A NoticeRow is one notice.
type NoticeRow struct {
	ID                 notice.ID
	Title, URL         string
	Number, Topic      string
	Where, When, Due   string
	Text, Who          string // of a note that names the reader
	New, Pressing, Out bool   // Out: the incident is not to be seen any more
}

const noticesShown = 50

func (s *Staff) notices(w http.ResponseWriter, r *http.Request) error {
	ctx, me, tx := r.Context(), who(r), s.Cases()
	q := r.URL.Query()
	f := notice.Filter{Unseen: q.Get("new") != "", Kind: notice.Kind(q.Get("kind")), Limit: noticesShown + 1}
	if !slices.Contains(notice.Kinds(), f.Kind) {
		f.Kind = ""
	}
	after, _ := strconv.ParseInt(q.Get("after"), 10, 64)
	f.After = notice.ID(max(after, 0))
	p := &NoticesPage{First: after <= 0, Empty: "Уведомлений пока нет. Они приходят, когда подходит срок, ждёт черновик, недоволен автор или вас назвал коллега."}
	if f.Unseen || f.Kind != "" {
		p.Empty = "Здесь таких нет."
	}
	list, err := tx.Notices().Notices(ctx, me.ID, f)
	if err != nil {
		return err
	}
	if len(list) > noticesShown {
		list = list[:noticesShown]
		next := url.Values{"after": {fmt.Sprint(list[noticesShown-1].ID)}}
		for _, k := range []string{"new", "kind"} {
			if q.Has(k) {
				next.Set(k, q.Get(k))
			}
		}
		p.Next = "/desk/notices?" + next.Encode()
	}
	if p.Rows, err = s.noticeRows(ctx, tx, me, list); err != nil {
		return err
	}
	p.Kinds = []NoticeFilter{{"Все", "/desk/notices", !f.Unseen && f.Kind == ""}, {"Новые", "/desk/notices?new=1", f.Unseen}}
	for _, k := range notice.Kinds() {
		p.Kinds = append(p.Kinds, NoticeFilter{k.Name(), "/desk/notices?kind=" + string(k), f.Kind == k})
	}
	if p.First {
		followed, err := tx.Team().Followed(ctx, me.ID, noticesShown)
		if err != nil {
			return err
		}
		if p.Followed, err = s.shortRows(ctx, tx, me, followed); err != nil {
			return err
		}
	}
	if p.First && me.Place.Agency != 0 {
		helping, err := tx.Team().Joined(ctx, me.Place.Agency, noticesShown)
		if err != nil {
			return err
		}
		if p.Helping, err = s.shortRows(ctx, tx, me, helping); err != nil {
			return err
		}
	}
	p.Chrome = s.chrome(w, r, "notices")
	return s.page(w, r, http.StatusOK, "Уведомления", Notices(p))
}

// pressing are the kinds whose rows stand out.
var pressing = []notice.Kind{notice.Call, notice.Arbiter, notice.Reopened}

func (s *Staff) noticeRows(ctx context.Context, tx incident.Tx, me *account.Account, list []notice.Notice) (out []NoticeRow, err error) {
	var ids []incident.ID
	named := false
	for k := range list {
		if id := incident.ID(list[k].Incident); id != 0 && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
		named = named || list[k].Kind == notice.Mention
	}
	rows := map[incident.ID]*incident.Row{}
	if len(ids) > 0 {
		seen, err := tx.Incidents().Rows(ctx, me.Scope(), ids)
		if err != nil {
			return nil, err
		}
		for k := range seen {
			rows[seen[k].ID] = &seen[k]
		}
	}
	notes := map[int64]string{}
	authors := map[int64]account.ID{}
	people, err := s.colleagues(ctx, me)
	if err != nil {
		return nil, err
	}
	if named {
		naming, err := tx.Team().Naming(ctx, me.ID, 2*noticesShown)
		if err != nil {
			return nil, err
		}
		for _, n := range naming {
			notes[n.ID], authors[n.ID] = orElse(n.Text, "Заметка стёрта."), n.Who
		}
	}
	now, zone := s.Now(), s.zone(me.Place.Centre, me.Place.Region)
	for k := range list {
		n := &list[k]
		v := NoticeRow{ID: n.ID, Title: n.Title(), When: site.Ago(n.At, now, zone), New: n.SeenAt.IsZero(), Pressing: slices.Contains(pressing, n.Kind) || n.What == notice.Overdue}
		if i := rows[incident.ID(n.Incident)]; i != nil {
			v.URL, v.Number, v.Topic, v.Where = incidentURL(i.ID), incident.Spoken(i.Number), s.topicTitle(i.Topic), i.Address.String()
			if n.Kind == notice.Mention {
				v.Text, v.Who = notes[n.Subject], people.names[authors[n.Subject]]
			}
			if !n.Due.IsZero() {
				v.Due = "до " + site.DateTime(n.Due, now, s.zone(i.Place.Centre, i.Place.Region))
			}
		} else if n.Incident != 0 {
			v.Out = true
		}
		if n.Kind == notice.Digest {
			v.URL = "/desk/control"
			if me.Role.Holds(lifecycle.DoWork) {
				v.URL = "/desk/work"
			}
		}
		if n.Kind == notice.System && n.What == notice.Webhook {
			v.URL = webhookURL(webhook.ID(n.Subject))
		} else if n.Kind == notice.System {
			v.URL, v.Who = "/desk/notices/settings", people.names[account.ID(n.Subject)]
		}
		out = append(out, v)
	}
	return out, nil
}

func (s *Staff) seeNotices(w http.ResponseWriter, r *http.Request) error {
	if err := s.see(r, 0); err != nil {
		return err
	}
	say(w, Said{Good: "Прочитано."})
	http.Redirect(w, r, "/desk/notices", http.StatusSeeOther)
	return nil
}

// seenAbout marks what told the reader of an incident as seen: it is open now.
func (s *Staff) seenAbout(r *http.Request, id incident.ID) error {
	list, err := s.Cases().Notices().Notices(r.Context(), who(r).ID, notice.Filter{Unseen: true, About: int64(id), Limit: 1})
	if err != nil || len(list) == 0 {
		return err
	}
	return s.see(r, int64(id))
}

func (s *Staff) see(r *http.Request, about int64) error {
	ctx, me := r.Context(), who(r)
	err := s.Writer.Change(ctx, incident.People, func(tx incident.Tx) error {
		_, err := tx.Notices().See(ctx, me.ID, about, s.Now())
		return err
	})
	if err == nil && s.Events != nil {
		s.Events.Publish(live.Event{For: []account.ID{me.ID}}) // the bells of all tabs
	}
	return err
}

// unseenShown is how far the bell counts.
const unseenShown = 100

// unseen counts the account's new notices, for the bell of every page.
func (s *Staff) unseen(ctx context.Context, me *account.Account) int {
	if !me.Role.Holds(lifecycle.SeeQueue) {
		return 0
	}
	n, err := s.Cases().Notices().Unseen(ctx, me.ID, unseenShown)
	if err != nil {
		return 0 // the page goes on without it
	}
	return n
}

func unseenWords(n int) string {
	if n >= unseenShown {
		return strconv.Itoa(unseenShown-1) + "+"
	}
	return strconv.Itoa(n)
}

// streamURL is where the page hears what changes: the server knows by it which
// incident is open.
func (p *IncidentPage) streamURL() string { return "/desk/events?at=" + incidentNumber(p.ID) }

func (p *QueuePage) streamURL() string {
	if p.Item != nil {
		return p.Item.streamURL()
	}
	return "/desk/events"
}
