package desk

import (
	"context"
	"fmt"
	"slices"
	"time"

	"otklik/internal/account"
	"otklik/internal/call"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/live"
	"otklik/internal/notice"
	"otklik/internal/promise"
	"otklik/internal/regime"
	"otklik/internal/reply"
	"otklik/internal/scope"
	"otklik/internal/team"
)

// A crier writes notices inside the transaction of what causes them: each line of
// history tells whom it concerns, once. It remembers who works where, because a tick of
// the clock asks for hundreds of incidents.
type crier struct {
	desk   *Desk
	tx     incident.Tx
	roster map[string][]notice.Person
	told   []account.ID // whose page is to show it after the commit
}

func (d *Desk) crier(tx incident.Tx) *crier {
	return &crier{desk: d, tx: tx, roster: map[string][]notice.Person{}}
}

// events returns what open pages are told after the commit.
func (c *crier) events() []live.Event {
	if len(c.told) == 0 {
		return nil
	}
	slices.Sort(c.told)
	return []live.Event{{For: slices.Compact(c.told)}}
}

// anybody are the roles that are told of anything by their work, and not by their name.
var anybody = []lifecycle.Role{lifecycle.Operator, lifecycle.Curator, lifecycle.Centre, lifecycle.Phone, lifecycle.Coordinator, lifecycle.Executor, lifecycle.Approver, lifecycle.Leader}

// of returns who holds a role where the incident stands: inside its agency for the
// agency's roles, at the centre for the others.
func (c *crier) of(ctx context.Context, at scope.Place, role lifecycle.Role) (out []account.ID, err error) {
	key := fmt.Sprint(at)
	list, ok := c.roster[key]
	if !ok {
		if list, err = c.tx.Notices().Roster(ctx, at, anybody...); err != nil {
			return nil, err
		}
		c.roster[key] = list
	}
	inside := role == lifecycle.Coordinator || role == lifecycle.Approver || role == lifecycle.Executor
	for _, p := range list {
		if p.Role == role && (!inside || at.Agency != 0 && p.Agency == at.Agency) {
			out = append(out, p.ID)
		}
	}
	return out, nil
}

// first returns who holds the first of the roles that anybody holds there: a rung of the
// ladder on which nobody stands hands up.
func (c *crier) first(ctx context.Context, at scope.Place, roles ...lifecycle.Role) ([]account.ID, error) {
	for _, r := range roles {
		if list, err := c.of(ctx, at, r); err != nil || len(list) > 0 {
			return list, err
		}
	}
	return nil, nil
}

// all returns who holds any of the roles.
func (c *crier) all(ctx context.Context, at scope.Place, roles ...lifecycle.Role) (out []account.ID, err error) {
	for _, r := range roles {
		list, err := c.of(ctx, at, r)
		if err != nil {
			return nil, err
		}
		out = append(out, list...)
	}
	return out, nil
}

// doer returns who works on the incident, else who hands out the work there.
func (c *crier) doer(ctx context.Context, i *incident.Incident) ([]account.ID, error) {
	for _, id := range []account.ID{i.Executor, i.ClaimedBy} {
		if id != 0 {
			return []account.ID{id}, nil
		}
	}
	return c.first(ctx, i.Place, lifecycle.Coordinator, lifecycle.Approver, lifecycle.Centre, lifecycle.Operator, lifecycle.Curator)
}

// rung returns whom a rung of the ladder reaches.
func (c *crier) rung(ctx context.Context, i *incident.Incident, who regime.Who) ([]account.ID, error) {
	switch who {
	case regime.Executor:
		return c.doer(ctx, i)
	case regime.Coordinator:
		return c.first(ctx, i.Place, lifecycle.Coordinator, lifecycle.Approver, lifecycle.Curator, lifecycle.Centre, lifecycle.Operator)
	case regime.Head:
		return c.first(ctx, i.Place, lifecycle.Approver, lifecycle.Curator, lifecycle.Coordinator, lifecycle.Operator)
	case regime.Leader:
		return c.first(ctx, i.Place, lifecycle.Leader, lifecycle.Curator)
	}
	return nil, nil
}

// line tells whom a stored line of history concerns.
func (c *crier) line(ctx context.Context, i *incident.Incident, e *incident.Entry) error {
	n := notice.Notice{Incident: int64(i.ID), Cause: fmt.Sprintf("entry:%d", e.ID), At: e.At}
	var to []account.ID
	var err error
	switch e.Action {
	case lifecycle.Escalate:
		told := e.Detail.Told
		if told == nil {
			return nil
		}
		n.Kind, n.What, n.Step, n.Due = notice.Deadline, notice.Soon, told.Step, told.Due
		if !told.Due.IsZero() && !e.At.Before(told.Due) {
			n.What = notice.Overdue
		} else if told.Authors > 0 {
			n.What = notice.Pressed
		}
		to, err = c.rung(ctx, i, told.Who)
	case lifecycle.Remind:
		n.Kind, n.What = notice.Promise, notice.Soon
		if p, err := c.tx.Promises().Promise(ctx, scope.All(), promise.ID(e.Detail.Promise)); err == nil {
			n.Due = p.Until
		} else if !fault.Is(err, fault.NotFound) {
			return err
		}
		if to, err = c.doer(ctx, i); err == nil && e.Detail.Event == "promise_due" {
			n.What = notice.Overdue
			to, err = c.with(ctx, to, i.Place, lifecycle.Coordinator, lifecycle.Approver)
		}
	case lifecycle.BreakPromise:
		n.Kind, n.What = notice.Promise, notice.Unkept
		to, err = c.all(ctx, i.Place, lifecycle.Coordinator, lifecycle.Approver, lifecycle.Curator)
	case lifecycle.Submit:
		if i.State != lifecycle.Approval {
			return nil
		}
		n.Kind = notice.Approval
		to, err = c.first(ctx, i.Place, lifecycle.Approver, lifecycle.Coordinator, lifecycle.Curator)
	case lifecycle.Return:
		return c.returned(ctx, i, e, n)
	case lifecycle.Deliver:
		if e.Detail.How == HowBounced {
			return c.returned(ctx, i, e, n)
		}
	case lifecycle.HandOver, lifecycle.Decide:
		n.Kind = notice.Given
		if e.Detail.Account != 0 {
			to = []account.ID{e.Detail.Account}
		} else {
			to, err = c.first(ctx, i.Place, lifecycle.Coordinator, lifecycle.Approver)
		}
	case lifecycle.Decline:
		return c.declined(ctx, i, n, e.Who)
	case lifecycle.Reopen:
		n.Kind, n.What = notice.Reopened, notice.Check
		if e.Detail.Voice != 0 {
			n.What = notice.Author
		}
		if to, err = c.doer(ctx, i); err == nil {
			to, err = c.with(ctx, to, i.Place, lifecycle.Coordinator, lifecycle.Approver)
		}
	}
	if err != nil {
		return err
	}
	if err := c.write(ctx, n, to, e.Who); err != nil {
		return err
	}
	return c.followed(ctx, i, e, n)
}

func (c *crier) with(ctx context.Context, to []account.ID, at scope.Place, roles ...lifecycle.Role) ([]account.ID, error) {
	more, err := c.all(ctx, at, roles...)
	return append(slices.Clone(to), more...), err
}

// declined tells who must act now: the arbiter, the next agency, or the centre.
func (c *crier) declined(ctx context.Context, i *incident.Incident, n notice.Notice, by account.ID) error {
	history, err := c.tx.Incidents().History(ctx, scope.All(), i.ID)
	if err != nil {
		return err
	}
	var to []account.ID
	switch {
	case incident.Passed(history).Waiting:
		n.Kind = notice.Arbiter
		to, err = c.of(ctx, i.Place, lifecycle.Curator)
	case i.Place.Agency != 0:
		n.Kind = notice.Given
		to, err = c.first(ctx, i.Place, lifecycle.Coordinator, lifecycle.Approver)
	default:
		n.Kind, n.What = notice.Given, notice.Centre
		to, err = c.first(ctx, i.Place, lifecycle.Centre, lifecycle.Operator, lifecycle.Curator)
	}
	if err != nil {
		return err
	}
	return c.write(ctx, n, to, by)
}

// returned tells who wrote a reply, and who approved it when it was the network that
// did not take it.
func (c *crier) returned(ctx context.Context, i *incident.Incident, e *incident.Entry, n notice.Notice) error {
	r, err := c.tx.Replies().Reply(ctx, scope.All(), reply.ID(e.Detail.Reply))
	if fault.Is(err, fault.NotFound) {
		return nil
	} else if err != nil {
		return err
	}
	n.Kind, n.What = notice.Returned, notice.Back
	to := []account.ID{r.By}
	if e.Who == 0 {
		n.What, to = notice.Failed, append(to, r.ApprovedBy)
		if e.Detail.How == HowUnknown {
			n.What = notice.Unclear
		}
		doer, err := c.doer(ctx, i)
		if err != nil {
			return err
		}
		to = append(to, doer...)
	}
	return c.write(ctx, n, to, e.Who)
}

// news are the states whose coming is news for those who follow.
var news = map[lifecycle.State]string{lifecycle.Answered: notice.Answer, lifecycle.Closed: notice.Closing, lifecycle.Rework: notice.Again}

// followed tells those who keep an eye on the incident that it came on. Who is told of
// the same line for another reason is not told twice.
func (c *crier) followed(ctx context.Context, i *incident.Incident, e *incident.Entry, n notice.Notice) error {
	what, ok := news[e.To]
	if !ok || e.From == e.To || e.From == "" {
		return nil
	}
	to, err := c.tx.Team().Followers(ctx, int64(i.ID))
	if err != nil || len(to) == 0 {
		return err
	}
	n.Kind, n.What = notice.Followed, what
	return c.write(ctx, n, to, e.Who)
}

// call tells everybody who may ring that a call cannot wait.
func (c *crier) call(ctx context.Context, i *incident.Incident, task *call.Call) error {
	to, err := c.all(ctx, i.Place, lifecycle.Operator, lifecycle.Curator, lifecycle.Centre, lifecycle.Phone, lifecycle.Coordinator)
	if err != nil {
		return err
	}
	return c.write(ctx, notice.Notice{Kind: notice.Call, Incident: int64(i.ID), Cause: fmt.Sprintf("call:%d", task.ID), Subject: int64(task.ID), At: task.At}, to, 0)
}

// mention tells those whom a note names.
func (c *crier) mention(ctx context.Context, n *team.Note) error {
	return c.write(ctx, notice.Notice{Kind: notice.Mention, Incident: n.Incident, Cause: fmt.Sprintf("note:%d", n.ID), Subject: n.ID, At: n.At}, n.Mentions, n.Who)
}

// write stores a notice for each of those, but for who caused it.
func (c *crier) write(ctx context.Context, n notice.Notice, to []account.ID, by account.ID) error {
	var list []notice.Notice
	for _, id := range to {
		if id == 0 || id == by || slices.ContainsFunc(list, func(n notice.Notice) bool { return n.Account == id }) {
			continue
		}
		n.Account = id
		list = append(list, n)
		c.told = append(c.told, id)
	}
	if len(list) == 0 {
		return nil
	}
	return c.tx.Notices().Write(ctx, list)
}

// noticeKept is how long notices are kept.
const noticeKept = 90 * 24 * time.Hour

// ForgetNotices removes notices that nobody looks for any more.
func (d *Desk) ForgetNotices(ctx context.Context) error {
	return d.Store.Change(ctx, incident.Machine, func(tx incident.Tx) error { return tx.Notices().Forget(ctx, d.Now().Add(-noticeKept)) })
}
