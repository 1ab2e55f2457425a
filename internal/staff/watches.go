package staff

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"otklik/internal/account"
	"otklik/internal/fault"
	"otklik/internal/lifecycle"
	"otklik/internal/lookout"
	"otklik/internal/message"
	"otklik/internal/site"
	"otklik/internal/standing"
)

// WatchesPage lists the saved standing queries.
type WatchesPage struct {
	Chrome
	Rows    []WatchRow
	Broken  int
	MayEdit bool
	Day     string // when the day of the counts begins, local time: «7:00»
}

// A WatchRow is one saved query in the list.
type WatchRow struct {
	*lookout.Watch
	URL, Owner, Where, Last, LastAt string
	Today, Week, All                string
	Of                              string // whose it is: «регион», «ваш центр» or the centre's name; "" where that goes without saying
	MayChange                       bool
}

// watchRoutes are the pages of saved queries. Everybody who may see the queue
// reads them; who may edit them changes those of the region, or of the own centre.
func (s *Staff) watchRoutes() []site.Route {
	if s.Lookout == nil {
		return nil
	}
	see, edit := site.Access{Right: lifecycle.SeeQueue}, site.Access{Right: lifecycle.EditWatches, Area: true}
	seeOne, editOne := see, edit
	seeOne.Of, editOne.Of = s.watchResource(false), s.watchResource(true)
	return []site.Route{
		{Method: "GET", Pattern: "/desk/watches", Access: see, Handler: s.watches},
		{Method: "GET", Pattern: "/desk/watches/new", Access: edit, Handler: s.newWatch},
		{Method: "GET", Pattern: "/desk/watches/{id}", Access: seeOne, Handler: s.watch},
		{Method: "POST", Pattern: "/desk/watches", Access: edit, Handler: s.saveWatch},
		{Method: "POST", Pattern: "/desk/watches/check", Access: edit, Handler: s.checkWatch},
		{Method: "POST", Pattern: "/desk/watches/{id}", Access: editOne, Handler: s.saveWatch},
		{Method: "POST", Pattern: "/desk/watches/{id}/{deed}", Access: editOne, Handler: s.watchDeed},
	}
}

type watchKey struct{}

// watchResource is a saved query in the scope; to be changed, or only to be read.
func (s *Staff) watchResource(change bool) *site.Resource {
	return &site.Resource{Name: "watch", Load: func(ctx context.Context, a *account.Account, id int64) (context.Context, error) {
		w, err := s.Lookout.One(ctx, a.Scope(), standing.ID(id))
		if err == nil && change {
			err = s.Lookout.Changeable(a.Actor(), w.Place)
		}
		return context.WithValue(ctx, watchKey{}, w), err
	}}
}

func loadedWatch(r *http.Request) *lookout.Watch {
	w, _ := r.Context().Value(watchKey{}).(*lookout.Watch)
	return w
}

func watchURL(id standing.ID) string { return "/desk/watches/" + strconv.FormatInt(int64(id), 10) }

func (s *Staff) watches(w http.ResponseWriter, r *http.Request) error {
	me, now := who(r), s.Now()
	list, err := s.Lookout.List(r.Context(), me.Scope())
	if err != nil {
		return err
	}
	people, err := s.colleagues(r.Context(), me)
	if err != nil {
		return err
	}
	zone := s.zone(me.Place.Centre, me.Place.Region)
	p := &WatchesPage{Chrome: s.chrome(w, r, "watches"), MayEdit: s.Lookout.MayEdit(me.Actor()), Day: dayBegins(now, zone)}
	for k := range list {
		q := &list[k]
		row := s.watchRow(me, q, people)
		if !q.LastHit.IsZero() {
			row.Last, row.LastAt = site.Ago(q.LastHit, now, zone), site.DateTime(q.LastHit, now, zone)
		}
		if q.Broken != "" {
			p.Broken++
		}
		p.Rows = append(p.Rows, row)
	}
	return s.page(w, r, http.StatusOK, "Наблюдение", Watches(p))
}

func (s *Staff) watchRow(me *account.Account, q *lookout.Watch, people *colleagueList) WatchRow {
	return WatchRow{Watch: q, URL: watchURL(q.ID), Owner: people.names[q.Owner], Where: s.whereListens(&q.Query), Last: "ещё ни разу",
		Today: count64(q.Today()), Week: count64(q.Week()), All: count64(q.Hits), Of: s.whose(me, q), MayChange: s.Lookout.MayChange(me.Actor(), q.Place)}
}

// whose says whose a query is, where somebody sees queries of several.
func (s *Staff) whose(me *account.Account, q *lookout.Watch) string {
	switch {
	case me.Place.Centre == "" && q.Place.Centre == "":
		return ""
	case q.Place.Centre == "":
		return "регион"
	case q.Place.Centre == me.Place.Centre:
		return "ваш центр"
	}
	return "центр: " + s.placeName(q.Place.Centre)
}

func count64(n int64) string { return site.Number(int(n)) }

// dayBegins says when a day of the counts begins on the clock of a place: counts
// are kept by days of UTC.
func dayBegins(now time.Time, zone *time.Location) string {
	return now.UTC().Truncate(24 * time.Hour).In(zone).Format("15:04")
}

// whereListens says in words where a query listens, "" for everywhere.
func (s *Staff) whereListens(q *standing.Query) string {
	var parts []string
	for _, t := range q.Territories {
		parts = append(parts, s.placeName(t))
	}
	if q.Unplaced {
		parts = append(parts, "без места")
	}
	for _, c := range q.Channels {
		parts = append(parts, message.Channel(c).Name())
	}
	return strings.Join(parts, ", ")
}

func (s *Staff) newWatch(w http.ResponseWriter, r *http.Request) error {
	return s.showWatch(w, r, http.StatusOK, &WatchPage{Form: WatchForm{On: true}})
}

// watch shows one query; ?version=N fills the form with an earlier version, to be
// looked at, tried and saved as a new one.
func (s *Staff) watch(w http.ResponseWriter, r *http.Request) error {
	q := loadedWatch(r)
	p := &WatchPage{Form: formOf(&q.Query, s.watchCentres(who(r), q))}
	if n, err := strconv.Atoi(r.URL.Query().Get("version")); err == nil && n != q.Version {
		draft, _, err := s.Lookout.At(r.Context(), &q.Query, n)
		if err != nil {
			return err
		}
		p.Form, p.Back = formOf(draft, s.watchCentres(who(r), q)), n
	}
	return s.showWatch(w, r, http.StatusOK, p)
}

// watchCentres are the territories that have a box in the form: none in a query of one centre.
func (s *Staff) watchCentres(me *account.Account, q *lookout.Watch) []Choice {
	if me.Place.Centre != "" || q != nil && q.Place.Centre != "" {
		return nil
	}
	return s.centres(me.Place.Region)
}

// saveWatch stores a new query or the next version of one.
func (s *Staff) saveWatch(w http.ResponseWriter, r *http.Request) error {
	f, err := s.watchForm(w, r)
	if err != nil {
		return err
	}
	anyway := r.PostForm.Get("anyway") != ""
	q := f.draft()
	err = s.Lookout.Save(r.Context(), who(r).Actor(), q, anyway)
	if err == nil {
		say(w, Said{Good: "Правило «" + q.Name + "» сохранено, версия " + strconv.Itoa(q.Version) + "."})
		http.Redirect(w, r, watchURL(q.ID), http.StatusSeeOther)
		return nil
	}
	p := &WatchPage{Form: f}
	if !s.refused(p, q, err) {
		return err
	}
	if fault.Is(err, fault.Conflict) {
		if err := s.showConflict(r, p); err != nil {
			return err
		}
	}
	return s.showWatch(w, r, site.Status(err), p)
}

// checkWatch tries a draft on its examples and on the last messages. A script
// gets the answer alone, who has none the whole page with it.
func (s *Staff) checkWatch(w http.ResponseWriter, r *http.Request) error {
	f, err := s.watchForm(w, r)
	if err != nil {
		return err
	}
	p, q := &WatchPage{Form: f}, f.draft()
	tried, err := s.Lookout.Try(r.Context(), who(r).Actor(), q)
	status := http.StatusOK
	switch {
	case err == nil:
		p.Failures = failuresOf(q, tried.Failures)
		p.Tried = s.triedOf(who(r), tried)
	case s.refused(p, q, err):
		status = site.Status(err)
	default:
		return err
	}
	if r.Header.Get("HX-Request") != "" {
		p.Alone = true
		return site.Write(w, r, http.StatusOK, WatchCheck(p))
	}
	return s.showWatch(w, r, status, p)
}

// watchDeed drops a query, turns it on or off, returns to an earlier version, or
// erases the examples of earlier ones.
func (s *Staff) watchDeed(w http.ResponseWriter, r *http.Request) error {
	if err := form(w, r); err != nil {
		return err
	}
	q, me := loadedWatch(r), who(r).Actor()
	version, _ := strconv.Atoi(r.Form.Get("version")) // in the query when a deed is taken back
	var err error
	said, to := Said{}, "/desk/watches"
	switch deed := r.PathValue("deed"); deed {
	case "drop":
		err = s.Lookout.Drop(r.Context(), me, q.ID, version)
		said.Good = "Правило «" + q.Name + "» удалено."
	case "on", "off":
		var now *standing.Query
		if now, err = s.Lookout.Switch(r.Context(), me, q.ID, version, deed == "on"); err != nil {
			break
		}
		back := "?version=" + strconv.Itoa(now.Version)
		if deed == "on" {
			said = Said{Good: "Правило «" + q.Name + "» включено.", Undo: watchURL(q.ID) + "/off" + back, UndoAs: "Выключить"}
		} else {
			said = Said{Good: "Правило «" + q.Name + "» выключено: новых сообщений оно не ловит.", Undo: watchURL(q.ID) + "/on" + back, UndoAs: "Включить"}
		}
	case "return":
		return s.returnWatch(w, r, q, version)
	case "forget":
		var n int64
		n, err = s.Lookout.Forget(r.Context(), me, q.ID)
		said.Good, to = "Стёрто из прежних версий: "+site.Count(int(n), "пример", "примера", "примеров")+".", watchURL(q.ID)
	default:
		return fault.New(fault.NotFound, "no such deed")
	}
	switch fault.KindOf(err) {
	case "":
	case fault.Invalid, fault.Conflict:
		said, to = Said{Bad: fault.Sentence(err)}, watchURL(q.ID)
	default:
		return err
	}
	say(w, said)
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

func (s *Staff) watchForm(w http.ResponseWriter, r *http.Request) (f WatchForm, err error) {
	r.Body = http.MaxBytesReader(w, r.Body, 1<<20) // fifty long examples
	if err := r.ParseForm(); err != nil {
		return f, fault.New(fault.Invalid, "form: %w", err).Say("Форма пришла не целиком или слишком велика. Сократите примеры и отправьте ещё раз.")
	}
	id := field(r, "watch")
	if in := r.PathValue("id"); in != "" {
		id = in
	}
	f.ID, _ = strconv.ParseInt(id, 10, 64)
	f.Version, _ = strconv.Atoi(field(r, "version"))
	f.Name, f.Text, f.Note = field(r, "name"), r.PostForm.Get("query"), field(r, "note")
	f.On, f.Unplaced = field(r, "on") != "", field(r, "unplaced") != ""
	f.Centres, f.Channels, f.Others = r.PostForm["territory"], r.PostForm["channel"], field(r, "others")
	f.Must, f.Not = r.PostForm.Get("must"), r.PostForm.Get("must_not")
	return f, nil
}
