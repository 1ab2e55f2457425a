package staff

import (
	"context"
	"fmt"
	"hash/fnv"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"otklik/internal/account"
	"otklik/internal/desk"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/reply"
	"otklik/internal/site"
)

// ReplyAllPage writes one reply to everybody who wrote about a mass incident, shows
// what each will read, and how far the replies to all have come.
type ReplyAllPage struct {
	*IncidentPage
	Declare    bool // the incident is not mass yet, and the account may say that it is
	Write      bool // a reply to all can be written now
	Start      bool // and sent without another's approval
	Draft      *ReplyView
	Form       url.Values // as typed
	Variables  [][2]string
	Preview    *PlanView
	Secrets    bool // the text holds what looks like personal data: it goes on with a reason only
	Ways       []FanoutWay
	Resting    []OutletView
	NotAllowed string // why nothing can be written now; "" when it can
}

// A PlanView is what a reply to all would do.
type PlanView struct {
	Threads, Hand, Missing, Gone, Again int
	Channels, Leaves                    string
	Texts                               []TextView
	More                                int    // wordings that are not shown
	Seen                                string // names exactly this plan
	Refused                             string // why it cannot be sent like this
	Stale                               bool   // it was to be sent, and is another one by now
}

// facts says in a few sentences where it goes.
func (v *PlanView) facts() string {
	s := site.Count(v.Threads, "ветка", "ветки", "веток")
	if v.Channels != "" {
		s += ": " + v.Channels
	}
	s += ". Уйдёт " + v.Leaves + "."
	if v.Hand > 0 {
		s += " Вручную: " + site.Number(v.Hand) + "."
	}
	if v.Again > 0 {
		s += " " + site.Count(v.Again, "повторное сообщение", "повторных сообщения", "повторных сообщений") + " тех же авторов: второй раз им не отвечаем."
	}
	if v.Gone > 0 {
		s += " " + site.Count(v.Gone, "сообщение удалено", "сообщения удалены", "сообщений удалено") + " автором: туда не отвечаем."
	}
	return s
}

// A TextView is one wording.
type TextView struct {
	Text, Where string
	Threads     int
	Hand        []string
	Missing     bool
}

// textsShown is how many wordings a preview shows unless all are asked for.
const textsShown = 30

func (s *Staff) replyAllRoutes() []site.Route {
	one := site.Access{Right: lifecycle.SeeQueue, Of: s.incidentOf()}
	with := func(a lifecycle.Action) site.Access { return site.Access{Right: one.Right, Of: one.Of, Action: a} }
	const page = "/desk/incidents/{id}/reply-all"
	return []site.Route{
		{Method: "GET", Pattern: page, Access: one, Handler: s.replyAll},
		{Method: "GET", Pattern: page + "/progress", Access: one, Handler: s.replyAllProgress},
		{Method: "POST", Pattern: page + "/preview", Access: with(lifecycle.Submit), Handler: s.previewAll},
		{Method: "POST", Pattern: page + "/submit", Access: with(lifecycle.Submit), Handler: s.submitAll},
		{Method: "POST", Pattern: page, Access: with(lifecycle.Deliver), Handler: s.startAll},
	}
}

func replyAllURL(id incident.ID) string { return incidentURL(id) + "/reply-all" }

func (s *Staff) replyAll(w http.ResponseWriter, r *http.Request) error {
	p, err := s.replyAllPage(r.Context(), who(r), loaded(r), nil)
	if err != nil {
		return err
	}
	return s.showReplyAll(w, r, http.StatusOK, p)
}

func (s *Staff) showReplyAll(w http.ResponseWriter, r *http.Request, status int, p *ReplyAllPage) error {
	p.Full, p.Chrome = true, s.chrome(w, r, "queue")
	p.Here = replyAllURL(p.ID)
	return s.page(w, r, status, "Ответ всем, №"+site.NBSP+p.Number, ReplyAll(p))
}

// replyAllPage gathers the page; form is what was typed, nil at first.
func (s *Staff) replyAllPage(ctx context.Context, me *account.Account, loaded *incident.Incident, form url.Values) (*ReplyAllPage, error) {
	i, err := s.Cases().Incidents().Incident(ctx, me.Scope(), loaded.ID) // as it stands now
	if err != nil {
		return nil, err
	}
	one, err := s.incidentPage(ctx, me, i)
	if err != nil {
		return nil, err
	}
	p := &ReplyAllPage{IncidentPage: one, Form: form, Variables: reply.Variables()}
	p.Back = replyAllURL(i.ID)
	if p.Ways, p.Resting, err = s.fanoutWays(ctx, me, i, one); err != nil {
		return nil, err
	}
	p.Declare = !p.Mass && p.Can[lifecycle.Mass]
	for k := range one.Replies {
		if one.Replies[k].State == reply.Draft {
			p.Draft = &one.Replies[k]
		}
	}
	switch {
	case !p.Mass:
		p.NotAllowed = "Инцидент не объявлен массовым: ответить всем можно, когда о нём пишут многие."
	case p.Sending:
		p.NotAllowed = "Ответ ещё отправляется. Новый можно написать, когда он дойдёт до всех или его отменят."
	case !p.Can[lifecycle.Approve] && !p.Can[lifecycle.Submit]:
		p.NotAllowed = "Сейчас ответ написать нельзя: " + p.Phrase + "."
	default:
		p.Write = true
		p.Start = p.Can[lifecycle.Approve] && p.Can[lifecycle.Deliver] && (p.Answers || p.Draft != nil)
	}
	if p.Form == nil {
		p.Form = url.Values{"text": {p.Offer}}
		if p.Draft != nil {
			p.Form = url.Values{"text": {p.Draft.Text}, "reply": {fmt.Sprint(p.Draft.ID)}}
		}
	}
	return p, nil
}

// planAll says what the form would do. What is wrong with it stands on the plan, in words.
func (s *Staff) planAll(r *http.Request, p *ReplyAllPage) error {
	ctx, me, i := r.Context(), who(r), loaded(r)
	text, due := field(r, "text"), field(r, "due")
	plan, err := s.Desk.Plan(ctx, s.Cases(), me.Scope(), i, text, due, nil)
	if err != nil {
		return err
	}
	at, late := s.later(r, i)
	v := &PlanView{Threads: len(plan.Targets), Hand: plan.ByHand(), Missing: plan.Missing(), Gone: plan.Gone, Again: plan.Again, Channels: channelCounts(plan.Channels()), Leaves: "сразу после утверждения"}
	if !at.IsZero() {
		v.Leaves = site.DateTime(at, s.Now(), s.zone(i.Place.Centre, i.Place.Region))
	}
	switch {
	case text == "":
		v.Refused = "Напишите ответ: пустой отправить нельзя."
	case late != nil:
		v.Refused = fault.Sentence(late)
	case !at.IsZero() && !at.After(s.Now()):
		v.Refused = "Время отправки уже прошло. Укажите будущее или оставьте поле пустым, чтобы отправить сразу."
	default:
		v.Refused = fault.Sentence(plan.Refuse(field(r, "skip") != ""))
	}
	texts := plan.Texts()
	if field(r, "show") != "all" && len(texts) > textsShown {
		v.More = len(texts) - textsShown
		texts = texts[:textsShown]
	}
	for _, t := range texts {
		one := TextView{Text: t.Text, Threads: t.Threads, Where: channelCounts(t.Channels), Missing: len(t.Missing) > 0}
		for _, h := range t.Hand {
			one.Hand = append(one.Hand, fmt.Sprintf("%s вручную. %s", site.Count(h.Threads, "ветка", "ветки", "веток"), h.Why))
		}
		v.Texts = append(v.Texts, one)
	}
	v.Seen = planName(&plan, r.PostForm)
	p.Preview = v
	if text != "" {
		p.Lint, err = s.opinion(r, i, plan.Sample(i.First), reply.Final)
	}
	return err
}

// planName tells one plan from another: what was looked at is what is sent.
func planName(p *desk.Plan, form url.Values) string {
	h := fnv.New64a()
	for _, name := range []string{"at", "skip", "auto", "reply"} {
		fmt.Fprintf(h, "%s\x00", form.Get(name))
	}
	for k := range p.Targets {
		fmt.Fprintf(h, "%d\x00%s\x00%s\x00", p.Targets[k].Message.ID, p.Targets[k].Text, p.Targets[k].Hand)
	}
	return fmt.Sprintf("%016x", h.Sum64())
}

func channelCounts(list []desk.ChannelCount) string {
	var parts []string
	for _, c := range list {
		parts = append(parts, fmt.Sprintf("%s — %d", c.Channel.Name(), c.Threads))
	}
	return strings.Join(parts, ", ")
}

func (s *Staff) previewAll(w http.ResponseWriter, r *http.Request) error {
	if err := form(w, r); err != nil {
		return err
	}
	return s.againAll(w, r, http.StatusOK, nil)
}

// againAll shows the page with what was typed, what it would do, and why it was refused.
func (s *Staff) againAll(w http.ResponseWriter, r *http.Request, status int, cause error) error {
	p, err := s.replyAllPage(r.Context(), who(r), loaded(r), r.PostForm)
	if err != nil {
		return err
	}
	if err := s.planAll(r, p); err != nil {
		return err
	}
	c, err := s.Desk.Discretion(r.Context(), s.Cases(), loaded(r), 0, field(r, "text"))
	if err != nil {
		return err
	}
	p.Problem, p.Secrets = fault.Sentence(cause), len(c.Found) > 0
	p.MustAccept = mustAccept(cause) || field(r, "accepted") != ""
	return s.showReplyAll(w, r, status, p)
}

// planned is the plan of what the form says.
func (s *Staff) planned(r *http.Request, i *incident.Incident) (desk.Plan, error) {
	return s.Desk.Plan(r.Context(), s.Cases(), who(r).Scope(), i, field(r, "text"), field(r, "due"), nil)
}

// startAll approves the reply and sends it to all: exactly what was looked at.
func (s *Staff) startAll(w http.ResponseWriter, r *http.Request) error {
	if err := form(w, r); err != nil {
		return err
	}
	i := loaded(r)
	plan, err := s.planned(r, i)
	if err != nil {
		return err
	}
	if planName(&plan, r.PostForm) != field(r, "seen") {
		return s.againAll(w, r, http.StatusOK, fault.New(fault.Conflict, "another plan").Say("Сначала посмотрите, что прочтут люди: текст или список тех, кто писал, изменились. Ничего не отправлено."))
	}
	at, err := s.later(r, i)
	if err == nil {
		_, err = s.Desk.Do(r.Context(), who(r).Actor(), i.ID, int(number(r, "version")), desk.FanOut{Text: field(r, "text"), Due: field(r, "due"), At: at,
			Reply: reply.ID(number(r, "reply")), Skip: field(r, "skip") != "", Auto: field(r, "auto") != "", Override: field(r, "override_reason"), Cleared: field(r, "cleared"), Accepted: field(r, "accepted") != ""})
	}
	switch fault.KindOf(err) {
	case "":
		said := Said{Good: "Ответ утверждён: " + site.Count(len(plan.Targets), "ветка", "ветки", "веток") + "."}
		said.Undo, said.UndoAs = incidentURL(i.ID)+"/undo", "Отменить отправку"
		said.With = map[string]string{"back": replyAllURL(i.ID)}
		say(w, said)
		http.Redirect(w, r, replyAllURL(i.ID), http.StatusSeeOther)
		return nil
	case fault.Conflict, fault.Invalid, fault.Forbidden:
		return s.againAll(w, r, site.Status(err), err)
	case fault.Unavailable:
		if fault.Sentence(err) != "" {
			return s.againAll(w, r, site.Status(err), err)
		}
	}
	return err
}

// submitAll sends the text for approval; the date is put into its words.
func (s *Staff) submitAll(w http.ResponseWriter, r *http.Request) error {
	if err := form(w, r); err != nil {
		return err
	}
	i := loaded(r)
	plan, err := s.planned(r, i)
	if err != nil {
		return err
	}
	if err = plan.Refuse(true); err == nil {
		_, err = s.Desk.Do(r.Context(), who(r).Actor(), i.ID, int(number(r, "version")),
			desk.Submit{Making: desk.Making{Accepted: field(r, "accepted") != ""}, Text: reply.Put(field(r, "text"), reply.VarDue, field(r, "due")), Override: field(r, "override_reason")})
	}
	switch fault.KindOf(err) {
	case "":
		say(w, Said{Good: "Ответ ждёт согласования."})
		http.Redirect(w, r, replyAllURL(i.ID), http.StatusSeeOther)
		return nil
	case fault.Conflict, fault.Invalid, fault.Forbidden:
		return s.againAll(w, r, site.Status(err), err)
	case fault.Unavailable:
		if fault.Sentence(err) != "" {
			return s.againAll(w, r, site.Status(err), err)
		}
	}
	return err
}

// A FanoutWay is one reply to all on its way, with what a person must see to.
type FanoutWay struct {
	FanoutView
	Text, Made   string
	Machine      string // that the text began as a machine's draft
	Hand, Failed int
	Waits, Done  int
	Under        bool // something of it is under way
	Later        *LaterView
	Reply        reply.ID
	Trouble      []TroubleView
	Left         int // of the trouble that is not shown
}

// A TroubleView is one thread that a person must see to.
type TroubleView struct {
	DeliveryView
	State      reply.JobState
	What       string
	Stands, Go bool // can be said to stand; can be sent again
}

// standsAs is the word on the button that says so.
func (t *TroubleView) standsAs() string {
	if t.State == reply.ByHand {
		return "Ответили"
	}
	return "Ответ там стоит"
}

// troubleShown is how many threads of a fan-out a page lists at once.
const troubleShown = 40

// trouble are the states that a person must see to, the worst first.
var trouble = []struct {
	state reply.JobState
	what  string
}{
	{reply.Unknown, "Неизвестно, отправлено ли: посмотрите по ссылке."},
	{reply.Dead, "Не отправлено."},
	{reply.ByHand, "Ответьте сами и отметьте."},
}

func (s *Staff) fanoutWays(ctx context.Context, me *account.Account, i *incident.Incident, p *IncidentPage) (out []FanoutWay, resting []OutletView, err error) {
	tx, now := s.Cases(), s.Now()
	zone := s.zone(i.Place.Centre, i.Place.Region)
	sum, err := desk.MassOf(ctx, tx, me.Scope(), i, now)
	if err != nil {
		return nil, nil, err
	}
	p.Mass = sum.Mass != nil
	for _, o := range sum.Resting {
		resting = append(resting, OutletView{Source: o.Source, Sentence: o.Sentence, Since: site.DateTime(o.Since, now, zone), Until: site.DateTime(o.RestUntil, now, zone), Waits: o.Waits})
	}
	urls := map[int64]string{}
	for k := range p.Messages {
		urls[int64(p.Messages[k].ID)] = p.Messages[k].URL
	}
	for k, f := range sum.Fanouts {
		g := f.Progress
		w := FanoutWay{FanoutView: fanoutView(&sum.Fanouts[k], now, zone), Made: site.DateTime(f.MadeAt, now, zone), Hand: g.Hand, Failed: g.Failed, Waits: g.Waiting + g.Held + g.Sending,
			Done: g.Sent, Under: g.Open() && f.State != reply.Paused, Reply: f.Reply}
		if n := slices.IndexFunc(p.Replies, func(r ReplyView) bool { return r.ID == f.Reply }); n >= 0 {
			w.Text, w.Machine = p.Replies[n].Text, p.Replies[n].Machine
		}
		if w.Next != "" && f.State == reply.Running && lifecycle.May(me.Role, lifecycle.Deliver) {
			w.Later = &LaterView{Now: true, Recall: g.Waiting == g.All-g.Hand}
		}
		for _, t := range trouble {
			list, err := tx.Fanouts().Jobs(ctx, reply.JobFilter{Incident: int64(i.ID), Fanout: f.ID, State: t.state, Limit: troubleShown - len(w.Trouble)})
			if err != nil {
				return nil, nil, err
			}
			for k := range list {
				j := &list[k]
				v := TroubleView{DeliveryView: DeliveryView{Job: j.ID, URL: webURL(j.URL), Text: j.Text, Note: j.Note}, State: t.state, What: t.what,
					Stands: t.state != reply.Dead, Go: t.state != reply.ByHand}
				if v.URL == "" {
					v.URL = urls[j.Message]
				}
				w.Trouble = append(w.Trouble, v)
			}
			if len(w.Trouble) >= troubleShown {
				break
			}
		}
		w.Left = g.Unknown + g.Failed + g.Hand - len(w.Trouble)
		out = append(out, w)
	}
	return out, resting, nil
}

// replyAllProgress answers with the replies on their way alone: the page asks for it
// again while something is under way.
func (s *Staff) replyAllProgress(w http.ResponseWriter, r *http.Request) error {
	i, me := loaded(r), who(r)
	one := &IncidentPage{ID: i.ID, Version: i.Version, Full: true, Back: replyAllURL(i.ID), Can: map[lifecycle.Action]bool{lifecycle.Deliver: lifecycle.May(me.Role, lifecycle.Deliver)}}
	messages, err := s.Cases().Messages().OfIncident(r.Context(), me.Scope(), int64(i.ID))
	if err != nil {
		return err
	}
	for _, m := range messages {
		one.Messages = append(one.Messages, MessageView{ID: m.ID, URL: webURL(m.URL)})
	}
	replies, err := s.Cases().Replies().OfIncident(r.Context(), me.Scope(), int64(i.ID))
	if err != nil {
		return err
	}
	for k := range replies {
		one.Replies = append(one.Replies, ReplyView{ID: replies[k].ID, Text: replies[k].Text, Machine: replies[k].Machine})
	}
	p := &ReplyAllPage{IncidentPage: one}
	if p.Ways, p.Resting, err = s.fanoutWays(r.Context(), me, i, one); err != nil {
		return err
	}
	return site.Write(w, r, http.StatusOK, fanoutProgress(p))
}

// underWay reports whether the page should look again by itself.
func (p *ReplyAllPage) underWay() bool {
	return slices.ContainsFunc(p.Ways, func(w FanoutWay) bool { return w.Under && w.Later == nil })
}

// fanoutView says how far a reply to all has come.
func fanoutView(f *desk.FanoutSummary, now time.Time, zone *time.Location) FanoutView {
	g := f.Progress
	v := FanoutView{ID: f.ID, State: f.State.Name(), All: g.All, Sent: g.Sent, Unknown: g.Unknown, Joined: f.Joined, Pause: f.State == reply.Running,
		Resume: f.State == reply.Paused, Cancel: f.State == reply.Running || f.State == reply.Paused, More: f.Joined > 0}
	v.Facts = fmt.Sprintf("из %d: стоит %d, из них доказано %d; ждёт %d; неизвестно %d; не отправлено %d", g.All, g.Sent, g.Proven, g.Waiting+g.Held+g.Sending, g.Unknown, g.Failed)
	if g.Hand > 0 {
		v.Facts += fmt.Sprintf("; вручную %d", g.Hand)
	}
	if !g.Next.IsZero() && g.Next.After(now) {
		v.Next = site.DateTime(g.Next, now, zone)
	}
	return v
}
