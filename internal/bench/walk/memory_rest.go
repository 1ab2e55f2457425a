package walk

import (
	"context"
	"slices"
	"time"

	"otklik/internal/account"
	"otklik/internal/agency"
	"otklik/internal/attachment"
	"otklik/internal/audit"
	"otklik/internal/call"
	"otklik/internal/checklist"
	"otklik/internal/fault"
	"otklik/internal/feedback"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/notice"
	"otklik/internal/precedent"
	"otklik/internal/problem"
	"otklik/internal/promise"
	"otklik/internal/scope"
	"otklik/internal/team"
)

type agencies struct {
	agency.Store
	m *Memory
}

func (s agencies) Agency(_ context.Context, id int64) (*agency.Agency, error) {
	return one(s.m.agencies, id, "agency")
}

func (s agencies) SaveAgency(_ context.Context, a *agency.Agency) error {
	return put(&s.m.agencies, a, &a.ID)
}

func (s agencies) Rules(context.Context, string) ([]agency.Rule, error) {
	return slices.Clone(s.m.rules), nil
}

func (s agencies) SaveRules(_ context.Context, _ string, rules []agency.Rule) error {
	for k := range rules {
		rules[k].ID, rules[k].Order = int64(k+1), k+1
	}
	s.m.rules = rules
	return nil
}

type accounts struct {
	account.Store
	m *Memory
}

func (s accounts) Account(_ context.Context, id account.ID) (*account.Account, error) {
	return one(s.m.accounts, id, "account")
}

func (s accounts) SaveAccount(_ context.Context, a *account.Account) error {
	a.ID = account.ID(len(s.m.accounts) + 1)
	s.m.accounts = append(s.m.accounts, *a)
	return nil
}

func (s accounts) Accounts(context.Context, scope.Scope) ([]account.Account, error) {
	return s.m.accounts, nil
}

type audits struct{ audit.Store }

func (audits) Record(context.Context, audit.Entry) error { return nil }

type proposals struct{ incident.Proposals }

func (proposals) Decide(context.Context, *incident.Proposal) error { return nil }

func (proposals) ProposalsOf(context.Context, scope.Scope, incident.ID) ([]incident.Proposal, error) {
	return nil, nil
}

type (
	anyDisputes = incident.Disputes // a field of its name would hide the method
	disputes    struct{ anyDisputes }
)

func (disputes) SaveDispute(context.Context, *incident.Dispute) error { return nil }

type checklists struct{ checklist.Store }

func (checklists) Items(context.Context, int64) ([]checklist.Item, error)          { return nil, nil }
func (checklists) SaveItem(context.Context, *checklist.Item) error                 { return nil }
func (checklists) Templates(context.Context, string) ([]checklist.Template, error) { return nil, nil }

type teams struct {
	team.Store
	m *Memory
}

func (s teams) Join(_ context.Context, m *team.Member) error {
	if slices.ContainsFunc(s.m.members, func(o team.Member) bool {
		return o.Incident == m.Incident && o.Agency == m.Agency && o.Account == m.Account
	}) {
		return fault.New(fault.Conflict, "helps already").Say("Уже помогает.")
	}
	s.m.members = append(s.m.members, *m)
	return nil
}

func (s teams) Leave(_ context.Context, id, agency int64, who account.ID) error {
	n := len(s.m.members)
	s.m.members = slices.DeleteFunc(s.m.members, func(o team.Member) bool { return o.Incident == id && o.Agency == agency && o.Account == who })
	if len(s.m.members) == n {
		return fault.New(fault.NotFound, "does not help").Say("Не помогает.")
	}
	return nil
}

func (s teams) Members(_ context.Context, id int64) ([]team.Member, error) {
	return those(s.m.members, func(o *team.Member) bool { return o.Incident == id }), nil
}

func (teams) Follow(context.Context, team.Follow) error         { return nil }
func (teams) Unfollow(context.Context, int64, account.ID) error { return nil }
func (teams) AddNote(context.Context, *team.Note) error         { return nil }
func (teams) Notes(context.Context, int64) ([]team.Note, error) { return nil, nil }

type voices struct {
	feedback.Store
	m *Memory
}

func (s voices) Hear(_ context.Context, v *feedback.Voice) error {
	return put(&s.m.voices, v, &v.ID)
}

func (s voices) Voice(_ context.Context, _ scope.Scope, id feedback.ID) (*feedback.Voice, error) {
	return one(s.m.voices, id, "voice")
}

func (s voices) ByMessage(_ context.Context, id int64) (*feedback.Voice, error) {
	for _, v := range s.m.voices {
		if v.Message == id {
			return &v, nil
		}
	}
	return nil, fault.New(fault.NotFound, "message %d is no voice", id)
}

func (s voices) Close(_ context.Context, c *feedback.Closure) error {
	return put(&s.m.closures, c, &c.ID)
}

func (s voices) LastClosure(_ context.Context, id int64) (*feedback.Closure, error) {
	for _, c := range slices.Backward(s.m.closures) {
		if c.Incident == id {
			return &c, nil
		}
	}
	return nil, fault.New(fault.NotFound, "incident %d was never closed", id)
}

func (voices) Issue(context.Context, string, *feedback.Ticket) error { return nil }

type promises struct {
	promise.Store
	m *Memory
}

func (s promises) SavePromise(_ context.Context, p *promise.Promise) error {
	return put(&s.m.promises, p, &p.ID)
}

func (s promises) Promise(_ context.Context, _ scope.Scope, id promise.ID) (*promise.Promise, error) {
	return one(s.m.promises, id, "promise")
}

func (s promises) OfIncident(_ context.Context, _ scope.Scope, id int64) ([]promise.Promise, error) {
	return those(s.m.promises, func(p *promise.Promise) bool { return p.Incident == id }), nil
}

func (s promises) Due(_ context.Context, now time.Time, limit int) (out []promise.Promise, err error) {
	for _, p := range s.m.promises {
		soon := !p.Reminded && !p.RemindAt.IsZero() && !p.RemindAt.After(now)
		over := !p.Checked && !p.Until.IsZero() && p.Until.Before(now)
		if p.State == promise.Open && (soon || over) && len(out) < limit {
			out = append(out, p)
		}
	}
	return out, nil
}

type problems struct {
	problem.Store
	m *Memory
}

func (s problems) Find(_ context.Context, _, group string, at problem.Place) (*problem.Problem, error) {
	for _, p := range s.m.problems {
		if p.Group == group && p.At == at {
			return &p, nil
		}
	}
	return nil, fault.New(fault.NotFound, "no problem there")
}

func (s problems) Save(_ context.Context, p *problem.Problem) error {
	return put(&s.m.problems, p, &p.ID)
}

func (s problems) Problem(_ context.Context, _ scope.Scope, id problem.ID) (*problem.Problem, error) {
	return one(s.m.problems, id, "problem")
}

func (s problems) Link(_ context.Context, id problem.ID, i int64, _ time.Time) error {
	s.m.ofProblem[i-1] = id
	return nil
}

func (s problems) Of(_ context.Context, i int64) (problem.ID, error) { return s.m.ofProblem[i-1], nil }

type calls struct {
	call.Store
	m *Memory
}

func (s calls) Save(_ context.Context, c *call.Call) error {
	if c.ID != 0 {
		s.m.calls[c.ID-1] = *c
		return nil
	}
	if slices.ContainsFunc(s.m.calls, func(o call.Call) bool { return o.Message == c.Message }) {
		return nil
	}
	c.ID = call.ID(len(s.m.calls) + 1)
	s.m.calls = append(s.m.calls, *c)
	return nil
}

func (s calls) Call(_ context.Context, _ scope.Scope, id call.ID) (*call.Call, error) {
	return one(s.m.calls, id, "call")
}

func (s voices) OfIncident(_ context.Context, _ scope.Scope, id int64) ([]feedback.Voice, error) {
	return those(s.m.voices, func(v *feedback.Voice) bool { return v.Incident == id }), nil
}

func (s calls) OfIncident(_ context.Context, _ scope.Scope, id int64) ([]call.Call, error) {
	return those(s.m.calls, func(c *call.Call) bool { return c.Incident == id }), nil
}

func (teams) Followers(context.Context, int64) ([]account.ID, error) { return nil, nil }

type (
	anyNotices = notice.Store // a field of its name would hide the method
	notices    struct {
		anyNotices
		m *Memory
	}
)

func (s notices) Roster(_ context.Context, at scope.Place, roles ...lifecycle.Role) (out []notice.Person, err error) {
	for k := range s.m.accounts {
		a := &s.m.accounts[k]
		if slices.Contains(roles, a.Role) && (a.Place.Agency == 0 || a.Place.Agency == at.Agency) && (a.Place.Centre == "" || a.Place.Centre == at.Centre || a.Place.Agency != 0) {
			out = append(out, notice.Person{ID: a.ID, Role: a.Role, Agency: a.Place.Agency})
		}
	}
	return out, nil
}

func (notices) Write(context.Context, []notice.Notice) error { return nil }

type precedents struct{ precedent.Store }

func (precedents) Keep(context.Context, precedent.Precedent, []int64) error { return nil }
func (precedents) Forget(context.Context, int64) error                      { return nil }

type attachments struct{ attachment.Store }

func (attachments) Enclose(context.Context, int64, string, []attachment.ID) error { return nil }
func (attachments) Enclosed(context.Context, int64) (map[int64][]attachment.Attachment, error) {
	return nil, nil
}
func (attachments) OfIncident(context.Context, scope.Scope, int64) ([]attachment.Attachment, error) {
	return nil, nil
}
