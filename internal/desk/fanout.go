package desk

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"otklik/internal/account"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/message"
	"otklik/internal/reply"
	"otklik/internal/scope"
)

// FanOut approves one reply to everybody who wrote about a mass incident: a job
// for each thread is written in this transaction.
type FanOut struct {
	Text  string // with variables, see reply.Variables
	Due   string // what {{срок}} stands for
	At    time.Time
	Reply reply.ID // the draft that it is made of; 0 = none
	// Skip leaves messages for which a variable has no value to a person. Without it
	// they are a refusal.
	Skip bool
	Auto bool // who joins later gets it too

	Override string // as of Submit
}

// More sends the last reply to all to who joined the incident since.
type More struct{ Fanout reply.FanoutID }

// Halt pauses a fan-out, resumes it, or cancels what of it has not left.
type Halt struct {
	Fanout reply.FanoutID
	How    string // HowPause, HowResume, HowCancel
}

func (FanOut) Action() lifecycle.Action { return lifecycle.Approve }
func (More) Action() lifecycle.Action   { return lifecycle.Deliver }
func (Halt) Action() lifecycle.Action   { return lifecycle.Deliver }

func (s *step) fanOut(c FanOut) error {
	if !lifecycle.May(s.who.Role, lifecycle.Deliver) { // who approves own replies alone does not speak to a thousand
		return fault.New(fault.Forbidden, "%s may not answer everybody", s.who.Role).
			Say("Ответ всем утверждает руководитель, координатор или куратор. Отправьте свой текст на согласование.")
	}
	if _, err := s.tx.Fanouts().Mass(s.ctx, int64(s.i.ID)); fault.Is(err, fault.NotFound) {
		return fault.New(fault.Conflict, "incident %d is not mass", s.i.ID).
			Say("Ответить всем можно в массовом инциденте. Сначала объявите его массовым.")
	} else if err != nil {
		return err
	}
	running, err := s.running()
	if err != nil {
		return err
	}
	if running != nil {
		return fault.New(fault.Conflict, "fan-out %d is %s", running.ID, running.State).
			Say("Прошлый ответ ещё рассылается. Дождитесь конца рассылки или отмените её.")
	}
	text, err := replyText(c.Text)
	if err != nil {
		return err
	}
	due := clip(c.Due, 100)
	plan, err := s.desk.Plan(s.ctx, s.tx, s.who.Scope, s.i, text, due, nil)
	if err != nil {
		return err
	}
	if err := plan.refuse(c.Skip); err != nil {
		return err
	}
	r, err := s.template(c.Reply, text)
	if err != nil {
		return err
	}
	if err := s.approving(r.By); err != nil {
		return err
	}
	if err := s.lint(r, c.Override, reply.Lint{}); err != nil {
		return err
	}
	if err := s.tx.Replies().SaveReply(s.ctx, r); err != nil {
		return err
	}
	if s.i.AcceptedAt.IsZero() {
		s.i.AcceptedAt = s.now
	}
	f := &reply.Fanout{Incident: int64(s.i.ID), Reply: r.ID, State: reply.Running, Auto: c.Auto, Due: due, MadeAt: s.now, MadeBy: s.who.ID, Place: s.i.Place}
	if err := s.tx.Fanouts().SaveFanout(s.ctx, f); err != nil {
		return err
	}
	s.record(incident.Entry{Action: lifecycle.Approve, Detail: incident.Detail{Reply: int64(r.ID), How: HowAll, Reason: plan.words(), Before: s.before()}})
	s.at = c.At
	if _, err := s.enqueue(f, plan); err != nil {
		return err
	}
	return s.ended(f.ID) // when all of it goes by hand
}

// template is the reply with its variables, approved. It answers no single message.
func (s *step) template(draft reply.ID, text string) (*reply.Reply, error) {
	r := &reply.Reply{Incident: int64(s.i.ID), Purpose: reply.Final, By: s.who.ID, CreatedAt: s.now, Place: s.i.Place}
	if draft != 0 {
		var err error
		if r, err = s.reply(draft); err != nil {
			return nil, err
		}
		if r.State != reply.Draft && r.State != reply.Returned && r.State != reply.Failed {
			return nil, fault.New(fault.Conflict, "reply %d is %s", r.ID, r.State).Say("Этот ответ уже утверждён.")
		}
	}
	r.Message, r.Text, r.State, r.ApprovedBy, r.ApprovedAt, r.Reason, r.Tried = 0, text, reply.Approved, s.who.ID, s.now, "", nil
	return r, s.tx.Replies().SaveReply(s.ctx, r)
}

// enqueue writes the jobs of a plan.
func (s *step) enqueue(f *reply.Fanout, plan Plan) (int, error) {
	jobs := make([]reply.Job, 0, len(plan.Targets))
	for k := range plan.Targets {
		t := &plan.Targets[k]
		j := reply.Job{Reply: f.Reply, Fanout: f.ID, Incident: f.Incident, Message: int64(t.Message.ID), Source: t.Message.Source, Thread: t.Message.Thread, Parent: t.Message.Native,
			Key: fmt.Sprintf("otklik-f%d-%d-%d", f.ID, t.Message.ID, f.MadeAt.UnixMicro()), Turn: reply.FanoutTurn, State: reply.Waiting, Text: t.Text, Place: s.i.Place}
		if j.Thread == "" {
			j.Thread = j.Parent
		}
		if err := s.leaves(&j); err != nil {
			return 0, err
		}
		if t.Hand != "" {
			j.State, j.Note = reply.ByHand, t.Hand
		}
		jobs = append(jobs, j)
	}
	return s.tx.Fanouts().EnqueueAll(s.ctx, jobs)
}

// running returns the fan-out of the incident that still has something to send.
func (s *step) running() (*reply.Fanout, error) {
	list, err := s.tx.Fanouts().FanoutsOf(s.ctx, scope.All(), int64(s.i.ID))
	for k := range list {
		if list[k].State == reply.Running || list[k].State == reply.Paused {
			return &list[k], err
		}
	}
	return nil, err
}

// fanout returns a fan-out of this incident.
func (s *step) fanout(id reply.FanoutID) (*reply.Fanout, error) {
	f, err := s.tx.Fanouts().Fanout(s.ctx, s.who.Scope, id)
	if err == nil && f.Incident != int64(s.i.ID) {
		err = fault.New(fault.NotFound, "fan-out %d is not of incident %d", id, s.i.ID).Say("Такой рассылки у этого инцидента нет.")
	}
	return f, err
}

func (s *step) more(c More) error {
	f, err := s.fanout(c.Fanout)
	if err != nil {
		return err
	}
	if f.State == reply.Cancelled {
		return fault.New(fault.Conflict, "fan-out %d is cancelled", f.ID).Say("Рассылка отменена. Начните новую.")
	}
	n, err := s.widen(f)
	if err != nil {
		return err
	}
	if n == 0 {
		return fault.New(fault.Conflict, "nobody has joined since fan-out %d", f.ID).Say("Новых сообщений с тех пор нет: ответ отправлен всем.")
	}
	s.record(incident.Entry{Action: lifecycle.Deliver, Detail: incident.Detail{Reply: int64(f.Reply), How: HowMore, Reason: fmt.Sprint(n)}})
	return nil
}

// widen writes jobs for the messages that have none.
func (s *step) widen(f *reply.Fanout) (int, error) {
	r, err := s.tx.Replies().Reply(s.ctx, scope.All(), f.Reply)
	if err != nil || r.Text == "" {
		return 0, err
	}
	covered, err := s.tx.Fanouts().Covered(s.ctx, f.ID)
	if err != nil {
		return 0, err
	}
	plan, err := s.desk.Plan(s.ctx, s.tx, scope.All(), s.i, r.Text, f.Due, covered)
	if err != nil {
		return 0, err
	}
	n, err := s.enqueue(f, plan)
	if err != nil || n == 0 || f.State != reply.Ended {
		return n, err
	}
	return n, s.reviveFanout(f.ID)
}

// reviveFanout makes an ended fan-out run again: something of it is to leave.
func (s *step) reviveFanout(id reply.FanoutID) error {
	f, err := s.tx.Fanouts().Fanout(s.ctx, scope.All(), id)
	if err != nil || f.State == reply.Running || f.State == reply.Paused {
		return err
	}
	f.State, f.EndedAt = reply.Running, time.Time{}
	if err := s.tx.Fanouts().SaveFanout(s.ctx, f); err != nil {
		return err
	}
	return s.ended(id)
}

func (s *step) halt(c Halt) error {
	f, err := s.fanout(c.Fanout)
	if err != nil {
		return err
	}
	fans := s.tx.Fanouts()
	switch {
	case c.How == HowPause && f.State == reply.Running:
		f.State = reply.Paused
		_, err = fans.Shift(s.ctx, f.ID, reply.Waiting, reply.Held, time.Time{}, false)
	case c.How == HowResume && f.State == reply.Paused:
		f.State = reply.Running
		_, err = fans.Shift(s.ctx, f.ID, reply.Held, reply.Waiting, time.Time{}, false)
	case c.How == HowCancel && (f.State == reply.Running || f.State == reply.Paused):
		f.State = reply.Cancelled
		for _, from := range []reply.JobState{reply.Waiting, reply.Held} {
			if _, err = fans.Drop(s.ctx, f.ID, from); err != nil {
				return err
			}
		}
	case c.How != HowPause && c.How != HowResume && c.How != HowCancel:
		return fault.New(fault.Invalid, "a fan-out cannot %q", c.How).At("how").Say("Рассылку можно приостановить, возобновить или отменить.")
	default:
		return fault.New(fault.Conflict, "fan-out %d is %s, it cannot %s", f.ID, f.State, c.How).
			Say("Рассылка уже " + f.State.Name() + ". Обновите страницу.")
	}
	if err != nil {
		return err
	}
	if err := fans.SaveFanout(s.ctx, f); err != nil {
		return err
	}
	s.record(incident.Entry{Action: lifecycle.Deliver, Detail: incident.Detail{Reply: int64(f.Reply), How: c.How}})
	return s.ended(f.ID)
}

// settleOne stores what became of one job of a fan-out, and ends the fan-out with
// its last one.
func (d *Desk) settleOne(ctx context.Context, job *reply.Job) error {
	return d.alter(ctx, incident.Machine, func(tx incident.Tx) (*step, error) {
		if _, err := tx.Fanouts().Fanout(ctx, scope.All(), job.Fanout); err != nil { // and lock it
			return nil, err
		}
		if err := tx.Replies().Settle(ctx, job); err != nil {
			return nil, err
		}
		if left, err := tx.Fanouts().Left(ctx, job.Fanout); err != nil || left {
			return nil, err
		}
		s, err := d.find(ctx, tx, account.System(), incident.ID(job.Incident))
		if err != nil {
			return nil, err
		}
		return s, s.ended(job.Fanout)
	})
}

// Withdrawn is called by the outbox for a job that was taken while its fan-out
// does not run: it waits for the pause to end, or never leaves.
func (d *Desk) Withdrawn(ctx context.Context, job reply.Job, state reply.FanoutState) (err error) {
	defer fault.Wrap(&err, "desk.Withdrawn(job %d)", job.ID)
	switch {
	case state == reply.Paused:
		job.State = reply.Held
	case job.Unclear:
		job.State, job.Note = reply.Unknown, "Рассылка отменена, когда ответ уже отправлялся."
	default:
		job.State = reply.Dropped
	}
	return d.settleOne(ctx, &job)
}

// ended ends a fan-out of which nothing is left to leave: the reply stands, or
// returns to the desk when it stands nowhere.
func (s *step) ended(id reply.FanoutID) error {
	left, err := s.tx.Fanouts().Left(s.ctx, id)
	if err != nil || left {
		return err
	}
	f, err := s.tx.Fanouts().Fanout(s.ctx, scope.All(), id)
	if err != nil {
		return err
	}
	p, err := s.tx.Fanouts().Progress(s.ctx, id)
	if err != nil {
		return err
	}
	if f.State != reply.Cancelled {
		f.State = reply.Ended
	}
	f.EndedAt = s.now
	if err := s.tx.Fanouts().SaveFanout(s.ctx, f); err != nil {
		return err
	}
	r, err := s.tx.Replies().Reply(s.ctx, scope.All(), f.Reply)
	if err != nil || r.State == reply.Published {
		return err
	}
	was, from := r.State, s.i.State
	words := progressWords(p)
	if p.Sent > 0 || p.Hand > 0 && p.Unknown+p.Failed+p.Cancelled == 0 {
		r.State, r.PublishedAt, r.Reason = reply.Published, s.now, ""
		if p.Sent+p.Hand < p.All {
			r.Reason = words
		}
		if s.i.State == lifecycle.Approval || was == reply.Failed && s.i.State == lifecycle.Rework {
			s.i.State = lifecycle.Answered
		}
		if s.i.AnsweredAt.IsZero() {
			s.i.AnsweredAt = s.now
		}
		s.record(incident.Entry{Action: lifecycle.Publish, From: from, Detail: incident.Detail{Reply: int64(r.ID), Reason: words}})
		return s.tx.Replies().SaveReply(s.ctx, r)
	}
	if was == reply.Failed {
		return nil
	}
	r.State, r.Reason = reply.Failed, words
	if s.i.State == lifecycle.Approval {
		s.i.State = lifecycle.Rework
	}
	s.record(incident.Entry{Action: lifecycle.Return, From: from, Detail: incident.Detail{Reply: int64(r.ID), Reason: words}})
	return s.tx.Replies().SaveReply(s.ctx, r)
}

// progressWords says in one sentence what became of a fan-out.
func progressWords(p reply.Progress) string {
	parts := []string{fmt.Sprintf("ответ стоит в %d из %d", p.Sent, p.All)}
	for _, c := range []struct {
		n    int
		what string
	}{{p.Hand, "вручную"}, {p.Unknown, "неизвестно, отправлено ли"}, {p.Failed, "не отправлено"}, {p.Cancelled, "отменено"}} {
		if c.n > 0 {
			parts = append(parts, fmt.Sprintf("%s: %d", c.what, c.n))
		}
	}
	return strings.Join(parts, "; ")
}

// A PlannedReply is one thread that a reply to all goes to.
type PlannedReply struct {
	Message *message.Message // that is answered
	Text    string           // as its author will read it
	Missing []string         // variables without a value
	Hand    string           // why a person must answer; "" when it leaves by itself
}

// A Plan says what a reply to all will do.
type Plan struct {
	Targets []PlannedReply
	Unknown []string // what stands in braces and is no variable
	Long    int      // texts that are too long with their values
	Gone    int      // messages that their authors deleted or had erased: not answered
	Again   int      // further messages of an author in the same thread: answered with the first
}

// Missing counts the targets for which a variable has no value.
func (p *Plan) Missing() (n int) {
	for k := range p.Targets {
		if len(p.Targets[k].Missing) > 0 {
			n++
		}
	}
	return n
}

// ByHand counts the targets that a person must answer.
func (p *Plan) ByHand() (n int) {
	for k := range p.Targets {
		if p.Targets[k].Hand != "" {
			n++
		}
	}
	return n
}

func (p *Plan) words() string {
	if hand := p.ByHand(); hand > 0 {
		return fmt.Sprintf("всем: %d, из них вручную %d", len(p.Targets), hand)
	}
	return fmt.Sprintf("всем: %d", len(p.Targets))
}

func (p *Plan) refuse(skip bool) error {
	switch missing := p.Missing(); {
	case slices.Contains(p.Unknown, "имя"):
		return fault.New(fault.Invalid, "the author's name in a public thread").At("text").
			Say("Имени автора в рассылке нет: ветки открытые. Уберите {{имя}}.")
	case len(p.Unknown) > 0:
		return fault.New(fault.Invalid, "unknown variables %q", p.Unknown).At("text").
			Say("Такой переменной нет: " + strings.Join(p.Unknown, ", ") + ". Есть: адрес, номер, тема, орган, срок.")
	case p.Long > 0:
		return fault.New(fault.Invalid, "%d texts are too long", p.Long).At("text").
			Say(fmt.Sprintf("С подставленными значениями ответ длиннее %d знаков. Сократите его.", replyLimit))
	case len(p.Targets) == 0:
		return fault.New(fault.Conflict, "nobody to answer").Say("Отвечать некому: все сообщения удалены авторами.")
	case missing > 0 && !skip:
		return fault.New(fault.Invalid, "%d messages lack a variable", missing).At("skip").
			Say(fmt.Sprintf("Для %d из %d сообщений нечего подставить. Добавьте запасные слова, например {{адрес|ваш адрес}}, или отметьте, что этим ответят вручную.", missing, len(p.Targets)))
	}
	return nil
}

// Plan says whom a reply to all would go to, and in which words. covered are the
// jobs of the fan-out that exist: they are left out.
func (d *Desk) Plan(ctx context.Context, tx incident.Tx, sc scope.Scope, i *incident.Incident, text, due string, covered []reply.Job) (p Plan, err error) {
	defer fault.Wrap(&err, "desk.Plan(%d)", i.ID)
	messages, err := tx.Messages().OfIncident(ctx, sc, int64(i.ID))
	if err != nil {
		return p, err
	}
	numbers, err := toldNumbers(ctx, tx, sc, i)
	if err != nil {
		return p, err
	}
	values := map[string]string{reply.VarDue: due}
	if t, ok := d.Topics().ByCode(i.Topic); ok {
		values[reply.VarTopic] = t.Name
	}
	if i.Place.Agency != 0 {
		a, err := tx.Agencies().Agency(ctx, i.Place.Agency)
		if err != nil {
			return p, err
		}
		values[reply.VarAgency] = a.Name
	}
	where := reply.Uses(text, reply.VarAddress)
	for _, m := range uncovered(messages, covered, &p) {
		values[reply.VarNumber] = incident.Spoken(i.Number)
		if n := numbers[m.ID]; n != "" {
			values[reply.VarNumber] = incident.Spoken(n)
		}
		if where {
			if values[reply.VarAddress], err = whereabouts(ctx, tx, i, m); err != nil {
				return p, err
			}
		}
		t := PlannedReply{Message: m}
		t.Text, t.Missing, p.Unknown = reply.Render(text, values)
		switch {
		case !d.Publishes(m.Source):
			t.Hand = "Отсюда ответы уходят вручную: " + m.Channel.Name() + "."
		case len(t.Missing) > 0:
			t.Hand = "Нечего подставить: " + strings.Join(t.Missing, ", ") + "."
		}
		if utf8.RuneCountInString(t.Text) > replyLimit {
			p.Long++
		}
		p.Targets = append(p.Targets, t)
	}
	return p, nil
}

// uncovered returns the messages that a reply to all goes to: the first of each
// author in each thread, without those that jobs cover. p counts the rest; it may
// be nil.
func uncovered(messages []*message.Message, covered []reply.Job, p *Plan) (out []*message.Message) {
	if p == nil {
		p = &Plan{}
	}
	has := map[int64]bool{}
	for _, j := range covered {
		has[j.Message] = true
	}
	done := map[string]bool{}
	for _, m := range messages {
		if has[int64(m.ID)] {
			done[authorInThread(m)] = true
		}
	}
	for _, m := range messages {
		key := authorInThread(m)
		switch {
		case has[int64(m.ID)] || m.Own:
		case m.Gone || !m.ErasedAt.IsZero():
			p.Gone++
		case done[key]:
			p.Again++
		default:
			done[key] = true
			out = append(out, m)
		}
	}
	return out
}

// authorInThread names who gets one reply, however often they wrote there.
func authorInThread(m *message.Message) string {
	if m.Author == "" || m.Thread == "" {
		return fmt.Sprint(m.ID)
	}
	return m.Source + "\x00" + m.Thread + "\x00" + m.Author
}

// toldNumbers returns the numbers under which messages came that were merged here:
// their authors were told these.
func toldNumbers(ctx context.Context, tx incident.Tx, sc scope.Scope, i *incident.Incident) (map[message.ID]string, error) {
	history, err := tx.Incidents().History(ctx, sc, i.ID)
	out := map[message.ID]string{}
	for _, e := range history {
		if e.Action == lifecycle.Merge && e.Detail.Merged != nil {
			for _, m := range e.Detail.Merged.Messages {
				out[m] = e.Detail.Reason
			}
		}
	}
	return out, err
}

// whereabouts is the place that the message names, else the incident's.
func whereabouts(ctx context.Context, tx incident.Tx, i *incident.Incident, m *message.Message) (string, error) {
	r, err := tx.Messages().Reading(ctx, m.ID)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return "", err
	}
	if r != nil {
		if a, _ := address(r.Places); a.Street != "" || a.Landmark != "" {
			return a.With(incident.Address{Settlement: i.Address.Settlement}).String(), nil
		}
	}
	return i.Address.String(), nil
}
