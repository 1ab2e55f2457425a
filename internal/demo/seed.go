package demo

import (
	"container/heap"
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"time"

	"otklik/internal/account"
	"otklik/internal/app"
	"otklik/internal/cluster"
	"otklik/internal/desk"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/ingest"
	"otklik/internal/live"
	"otklik/internal/message"
	"otklik/internal/promise"
	"otklik/internal/scope"
	"otklik/internal/source/vk"
)

// days is how long the history is.
const days = 91

// Seed makes agencies, staff and three months of history before now in an
// empty store, and the threads on the networks that belong to it. It is one
// transaction: a store holds all of it or nothing. The same now gives the same
// history.
func Seed(ctx context.Context, a *app.App, s Stage, now time.Time) (err error) {
	defer fault.Wrap(&err, "demo.Seed")
	return a.DB.Change(ctx, incident.Machine, func(tx incident.Tx) error {
		return held(s.walls, func() error { return newHistory(ctx, tx, a, s, now).live(a) })
	})
}

// A Stage is where the history is lived: networks, whose clock follows it.
type Stage struct {
	walls  []*Wall
	others []*Network
	pages  http.Handler // of all of them
	clock  *timepiece
}

// held runs fn while the networks keep their snapshots back; these are written
// before the transaction is, so that a committed history has its threads.
func held(networks []*Wall, fn func() error) (err error) {
	if len(networks) == 0 {
		return fn()
	}
	networks[0].Fake.Seed(func() { err = held(networks[1:], fn) })
	return err
}

// inside is a store for desk and intake that works in a transaction under way.
// What fails is not undone alone, so the first error ends the whole.
type inside struct{ incident.Tx }

func (s inside) Change(_ context.Context, _ incident.Lane, fn func(incident.Tx) error) error {
	return fn(s.Tx)
}
func (s inside) Reader() incident.Tx { return s.Tx }

// A history is three months that are being lived.
type history struct {
	ctx      context.Context
	tx       incident.Tx
	networks []*Wall
	beside   []*stall // the networks beside VK
	stage    Stage
	now      time.Time // the end
	clock    time.Time // the moment that is being lived
	zone     *time.Location
	r        *rand.Rand
	voice    *voice
	desk     *desk.Desk
	intake   *ingest.Intake
	people   *people
	replies  replies
	agenda   agenda
	asked    int // how many things were planned
	cases    []*story
	opened   []incident.ID // by the last step
	rung     rung
	natives  int
	accepted int
	given    int
	gotten   int // how often an agency got a case, for who declines it
	speaks   *deck
	burst    *deck
	talk     map[string]*deck
	walls    map[*Wall][]wallPost
	stand    func(*message.Message, *message.Reading) (scope.Place, incident.Address)
	source   map[string]*Wall
	vowed    map[promise.ID]bool // promises whose end is planned
	shots    shots
}

// A wallPost is a post of a community that people comment on.
type wallPost struct {
	id int64
	at time.Time
}

// A plan is one thing that will happen.
type plan struct {
	at    time.Time
	order int
	do    func() error
}

type agenda []plan

func (a agenda) Len() int { return len(a) }
func (a agenda) Less(i, k int) bool {
	return a[i].at.Before(a[k].at) || a[i].at.Equal(a[k].at) && a[i].order < a[k].order
}
func (a agenda) Swap(i, k int) { a[i], a[k] = a[k], a[i] }
func (a *agenda) Push(x any)   { *a = append(*a, x.(plan)) }
func (a *agenda) Pop() any {
	last := (*a)[len(*a)-1]
	*a = (*a)[:len(*a)-1]
	return last
}

func newHistory(ctx context.Context, tx incident.Tx, a *app.App, s Stage, now time.Time) *history {
	r := rand.New(rand.NewPCG(19, 30)) // any two numbers: the same history every time
	h := &history{
		ctx: ctx, tx: tx, networks: s.walls, stage: s, now: now, zone: krasnoyarsk(), r: r, voice: &voice{r, towns()},
		replies: readReplies(), talk: map[string]*deck{}, walls: map[*Wall][]wallPost{}, source: map[string]*Wall{}, vowed: map[promise.ID]bool{},
	}
	for _, n := range s.walls {
		h.source[vk.SourceID(-n.group)] = n
	}
	all := readTexts("messages.txt")
	h.speaks = newDeck(r, all, func(key string) bool { return key != "burst" })
	h.speaks.limit = 2
	h.burst = newDeck(r, all, oneOf("burst"))
	for _, key := range []string{"thanks", "rumour", "spam", "chat", "more", "place", "again", "posts", "official"} {
		h.talk[key] = newDeck(r, readTexts("talk.txt"), oneOf(key))
	}
	clock := func() time.Time { return h.clock }
	tell := func(e live.Event) {
		if e.Opened {
			h.opened = append(h.opened, e.Incident)
		}
	}
	key := func(text string) cluster.Key { return cluster.KeyOf(a.Analyzer.Read(text)) }
	h.desk = desk.New(desk.Options{
		Store: inside{tx}, Read: a.Reader.Read, Topics: a.Topics, Places: a.Places,
		Publishes: func(source string) bool { return h.source[source] != nil || h.publisher(source) != nil }, Tell: tell, Now: clock, Region: Region, Key: key, Follow: a.Follow,
		Lint: a.Linter, Zone: func(scope.Place) *time.Location { return h.zone }, Site: a.Config.Site, PhotoProof: true,
	})
	h.stand, h.rung = h.desk.Stand, rung{}
	h.intake = ingest.New(ingest.Options{
		Store: inside{tx}, Desk: h.desk, Read: a.Reader.Keyed, Knowing: a.Reader.Knowing, Key: key, Tell: tell, Now: clock, Log: slog.New(slog.DiscardHandler),
	})
	return h
}

func krasnoyarsk() *time.Location {
	if l, err := time.LoadLocation("Asia/Krasnoyarsk"); err == nil {
		return l
	}
	return time.FixedZone("+07", 7*3600)
}

// plan puts something on the agenda. What lies behind the end does not happen,
// and a step of its own length must not reach behind it.
func (h *history) plan(at time.Time, do func() error) {
	if at.Before(h.now.Add(-90 * time.Second)) {
		h.asked++
		heap.Push(&h.agenda, plan{at.Truncate(time.Second), h.asked, do})
	}
}

// live lives through the three months.
func (h *history) live(a *app.App) error {
	h.clock = h.now.AddDate(0, 0, -days)
	var err error
	if h.people, err = settle(h.ctx, h.tx, Region); err != nil {
		return err
	}
	if err := h.listen(a); err != nil {
		return err
	}
	if err := h.settleBeside(a); err != nil {
		return err
	}
	defer h.stage.release()
	var drawn func()
	h.shots, drawn = takeShots(h.ctx, a.Vault.Keep)
	defer drawn()
	h.arrivals()
	for len(h.agenda) > 0 {
		p := heap.Pop(&h.agenda).(plan)
		if p.at.After(h.clock) { // a step may take longer than the pause to the next one
			h.clock = p.at
		}
		if err := h.ctx.Err(); err != nil {
			return err
		}
		if err := p.do(); err != nil {
			return fmt.Errorf("%s: %w", p.at.Format(time.DateTime), err)
		}
	}
	if err := h.judge(a); err != nil {
		return err
	}
	return h.noteSources()
}

// noteSources says when the sources that are not polled were last heard of.
func (h *history) noteSources() error {
	for _, s := range []message.SourceState{
		{ID: telegramSource, Channel: message.Telegram, Name: "Чат «Соседи Хакасии» (выгрузка)", Territory: Region},
		{ID: hookSource, Channel: message.Hook, Name: "Портал обращений (подключённая система)", Territory: Region},
	} {
		s.ReadAt, s.Place = h.now, scope.Place{Region: Region}
		if err := h.tx.Intake().Note(h.ctx, s); err != nil {
			return err
		}
	}
	return h.setAside()
}

// setAside leaves what intake could not take, for the page that shows it: a line
// cut off half-way, and a message that can be taken now.
func (h *history) setAside() error {
	at := h.now.Add(-26 * time.Hour)
	words := "В Черногорске на Калинина, 40 второй день не горит светофор у школы, дети перебегают дорогу."
	whole, err := message.Encode(&message.Message{
		Source: telegramSource, Channel: message.Telegram, Form: message.Comment, Native: "6999", Event: message.Written, Author: "user6999",
		AuthorName: "Вадим Степнов", Text: words, PublishedAt: at.UTC(), Revision: message.HashOf(words), Territory: Region, Addressed: true,
	})
	if err != nil {
		return err
	}
	for _, s := range []message.SetAside{
		{Source: telegramSource, Native: "6999", Reason: "failed", Error: "disk full", Payload: whole},
		{Source: hookSource, Native: "portal-40999", Reason: "unreadable", Error: "unexpected end of JSON input", Payload: whole[:len(whole)/2]},
	} {
		s.At, s.Place = at, scope.Place{Region: Region}
		if err := h.tx.Intake().SetAside(h.ctx, &s); err != nil {
			return err
		}
	}
	return nil
}

// hours is how much is written in each hour of a day, weekdays how much on each
// day from Sunday.
var (
	hours    = [24]int{3, 1, 1, 1, 1, 2, 6, 14, 19, 17, 15, 14, 14, 12, 12, 13, 15, 19, 22, 23, 21, 17, 11, 6}
	weekdays = [7]float64{0.75, 1.2, 1.1, 1.05, 1.0, 1.0, 0.8}
)

const perDay = 19 // messages on an ordinary day

// arrivals plans everything that residents write.
func (h *history) arrivals() {
	first := h.clock.In(h.zone)
	midnight := time.Date(first.Year(), first.Month(), first.Day(), 0, 0, 0, 0, h.zone)
	for d := range days + 1 {
		day := midnight.AddDate(0, 0, d)
		h.plan(day.Add(7*time.Hour+h.upTo(2*time.Hour)), func() error { return h.post(h.networks[0]) })
		if d%4 == 1 {
			h.plan(day.Add(10*time.Hour+h.upTo(2*time.Hour)), func() error { return h.post(h.networks[1]) })
		}
		n := int(perDay * weekdays[day.Weekday()] * (0.75 + h.r.Float64()/2) * (0.85 + 0.3*float64(d)/days))
		for range n {
			if at := day.Add(time.Duration(h.hour())*time.Hour + h.upTo(time.Hour)); at.After(h.clock) {
				h.plan(at, h.write)
			}
		}
	}
	accident := midnight.AddDate(0, 0, days-34).Add(13 * time.Hour)
	for range 52 {
		h.plan(accident.Add(h.upTo(2*time.Hour)+h.upTo(4*time.Hour)), h.writeOfAccident)
	}
	h.outageDay()
	h.plan(h.now.Add(-2*time.Hour), h.colleagues)
	for range 10 { // whenever the demo starts, somebody has just written
		h.plan(h.now.Add(-2*time.Minute-h.upTo(95*time.Minute)), h.write)
	}
}

func (h *history) upTo(d time.Duration) time.Duration { return time.Duration(h.r.Int64N(int64(d))) }

func (h *history) hour() int {
	sum := 0
	for _, n := range hours {
		sum += n
	}
	n := h.r.IntN(sum)
	for hour, share := range hours {
		if n -= share; n < 0 {
			return hour
		}
	}
	return 12
}

// chance is true in so many cases of a hundred.
func (h *history) chance(percent int) bool { return h.r.IntN(100) < percent }

// about returns a time around d, mostly shorter and sometimes much longer.
func (h *history) about(d time.Duration) time.Duration {
	return time.Duration(float64(d) * min(0.15+h.r.ExpFloat64(), 5))
}

// atWork returns the first moment from t on at which an office works.
func (h *history) atWork(t time.Time, weekends bool) time.Time {
	for {
		l := t.In(h.zone)
		morning := time.Date(l.Year(), l.Month(), l.Day(), 8, 20, 0, 0, h.zone).Add(h.upTo(80 * time.Minute))
		weekend := l.Weekday() == time.Saturday || l.Weekday() == time.Sunday
		switch {
		case weekend && !weekends, l.Hour() >= 20:
			t = time.Date(l.Year(), l.Month(), l.Day()+1, 0, 1, 0, 0, h.zone)
		case l.Hour() < 8 || l.Hour() == 8 && l.Minute() < 20:
			return morning
		default:
			return t
		}
	}
}

func (h *history) actor(role string) account.Actor { return h.people.byRole[roleOf(role)] }
