package walk

import (
	"cmp"
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
	"otklik/internal/message"
	"otklik/internal/notice"
	"otklik/internal/precedent"
	"otklik/internal/problem"
	"otklik/internal/promise"
	"otklik/internal/reply"
	"otklik/internal/scope"
	"otklik/internal/team"
)

// A Memory is a store of one small centre in memory, as far as the desk asks of one. It is
// some hundred times faster than a database, so that ten million histories run in an hour.
// A change that fails leaves nothing behind.
type Memory struct {
	incident.Tx // what the memory lacks: an empty store, which nobody can write
	tables
}

// tables are rows by id, from 1; what a failed change did to them is forgotten.
type tables struct {
	agencies  []agency.Agency
	accounts  []account.Account
	rules     []agency.Rule
	incidents []incident.Incident
	histories [][]incident.Entry // of each incident
	last      int64              // id of the last entry
	messages  []kept
	replies   []reply.Reply
	jobs      []reply.Job
	fanouts   []reply.Fanout
	mass      []reply.Mass
	voices    []feedback.Voice
	closures  []feedback.Closure
	promises  []promise.Promise
	problems  []problem.Problem
	ofProblem []problem.ID // of each incident
	calls     []call.Call
	members   []team.Member
	links     []incident.Link
}

type kept struct {
	message.Message
	reading  *message.Reading
	incident int64
	texts    []string // of all revisions
}

func (t *tables) clone() tables {
	c := *t
	c.rules = slices.Clone(t.rules)
	c.agencies = slices.Clone(t.agencies)
	c.incidents = slices.Clone(t.incidents)
	c.histories = slices.Clone(t.histories)
	c.messages = slices.Clone(t.messages)
	c.replies = slices.Clone(t.replies)
	c.jobs = slices.Clone(t.jobs)
	c.fanouts = slices.Clone(t.fanouts)
	c.mass = slices.Clone(t.mass)
	c.voices = slices.Clone(t.voices)
	c.closures = slices.Clone(t.closures)
	c.promises = slices.Clone(t.promises)
	c.problems = slices.Clone(t.problems)
	c.ofProblem = slices.Clone(t.ofProblem)
	c.calls = slices.Clone(t.calls)
	c.members = slices.Clone(t.members)
	c.links = slices.Clone(t.links)
	return c
}

// Change runs fn; when it fails, all is as it was.
func (m *Memory) Change(_ context.Context, _ incident.Lane, fn func(incident.Tx) error) error {
	was := m.clone()
	if err := fn(m); err != nil {
		m.tables = was
		return err
	}
	return nil
}

// View runs fn, which changes nothing.
func (m *Memory) View(fn func(incident.Tx) error) error { return fn(m) }

func (m *Memory) Incidents() incident.Store     { return incidents{m.Tx.Incidents(), m} }
func (m *Memory) Messages() message.Store       { return messages{m.Tx.Messages(), m} }
func (m *Memory) Replies() reply.Store          { return replies{m.Tx.Replies(), m} }
func (m *Memory) Agencies() agency.Store        { return agencies{m.Tx.Agencies(), m} }
func (m *Memory) Accounts() account.Store       { return accounts{m.Tx.Accounts(), m} }
func (m *Memory) Audit() audit.Store            { return audits{m.Tx.Audit()} }
func (m *Memory) Proposals() incident.Proposals { return proposals{m.Tx.Proposals()} }
func (m *Memory) Disputes() incident.Disputes   { return disputes{m.Tx.Disputes()} }
func (m *Memory) Links() incident.Links         { return links{m.Tx.Links(), m} }
func (m *Memory) Team() team.Store              { return teams{m.Tx.Team(), m} }
func (m *Memory) Checklists() checklist.Store   { return checklists{m.Tx.Checklists()} }
func (m *Memory) Feedback() feedback.Store      { return voices{m.Tx.Feedback(), m} }
func (m *Memory) Clocks() incident.Clocks       { return clocks{m.Tx.Clocks(), m} }
func (m *Memory) Promises() promise.Store       { return promises{m.Tx.Promises(), m} }
func (m *Memory) Fanouts() reply.Fanouts        { return fanouts{m.Tx.Fanouts(), m} }
func (m *Memory) Problems() problem.Store       { return problems{m.Tx.Problems(), m} }
func (m *Memory) Notices() notice.Store         { return notices{m.Tx.Notices(), m} }
func (m *Memory) Precedents() precedent.Store   { return precedents{m.Tx.Precedents()} }
func (m *Memory) Attachments() attachment.Store { return attachments{m.Tx.Attachments()} }
func (m *Memory) Calls() call.Store             { return calls{m.Tx.Calls(), m} }

// at returns the row of an id.
func at[T any, I ~int64](list []T, id I, what string) (*T, error) {
	if id < 1 || int(id) > len(list) {
		return nil, fault.New(fault.NotFound, "no %s %d", what, id).Say("Такого здесь нет.")
	}
	return &list[id-1], nil
}

// one returns a copy of the row of an id.
func one[T any, I ~int64](list []T, id I, what string) (*T, error) {
	row, err := at(list, id, what)
	if err != nil {
		return nil, err
	}
	copied := *row
	return &copied, nil
}

// put stores a row under its id, or under the next one when it has none.
func put[T any, I ~int64](list *[]T, row *T, id *I) error {
	if *id == 0 {
		*id = I(len(*list) + 1)
		*list = append(*list, *row)
		return nil
	}
	(*list)[*id-1] = *row
	return nil
}

// those returns the rows that ok lets through.
func those[T any](list []T, ok func(*T) bool) (out []T) {
	for k := range list {
		if ok(&list[k]) {
			out = append(out, list[k])
		}
	}
	return out
}

type incidents struct {
	incident.Store
	m *Memory
}

func (s incidents) Open(_ context.Context, i *incident.Incident) error {
	i.ID, i.Version = incident.ID(len(s.m.incidents)+1), 1
	i.Number = incident.Number(int64(i.ID))
	s.m.incidents = append(s.m.incidents, *i)
	s.m.incidents[i.ID-1].Messages = 0
	s.m.histories = append(s.m.histories, nil)
	s.m.ofProblem = append(s.m.ofProblem, 0)
	return nil
}

func (s incidents) Save(_ context.Context, i *incident.Incident) error {
	row, err := at(s.m.incidents, i.ID, "incident")
	if err != nil {
		return err
	}
	if row.Version != i.Version {
		return fault.New(fault.Conflict, "incident %d is at version %d", i.ID, row.Version)
	}
	i.Version++
	messages := row.Messages
	*row = *i
	row.Messages = messages // Attach and Detach count
	return nil
}

func (s incidents) Incident(_ context.Context, sc scope.Scope, id incident.ID) (*incident.Incident, error) {
	row, err := at(s.m.incidents, id, "incident")
	if err != nil {
		return nil, err
	}
	if !sc.Sees(row.Place) && !s.m.helps(sc, id) {
		return nil, fault.New(fault.NotFound, "incident %d is outside of the scope", id).Say("Такого инцидента нет.")
	}
	i := *row
	return &i, nil
}

func (m *Memory) helps(sc scope.Scope, id incident.ID) bool {
	return sc.Agency != 0 && slices.ContainsFunc(m.members, func(o team.Member) bool { return o.Incident == int64(id) && o.Agency == sc.Agency })
}

func (s incidents) Attach(_ context.Context, id incident.ID, m message.ID) error {
	return s.own(m, 0, int64(id), id, 1)
}

func (s incidents) Detach(_ context.Context, id incident.ID, m message.ID) error {
	return s.own(m, int64(id), 0, id, -1)
}

func (s incidents) own(id message.ID, from, to int64, counted incident.ID, by int) error {
	k, err := at(s.m.messages, id, "message")
	if err != nil {
		return err
	}
	if k.incident != from {
		return fault.New(fault.Conflict, "message %d is of incident %d", id, k.incident)
	}
	k.incident = to
	s.m.incidents[counted-1].Messages += by
	return nil
}

func (s incidents) Record(_ context.Context, e *incident.Entry) error {
	s.m.last++
	e.ID = s.m.last
	s.m.histories[e.Incident-1] = append(s.m.histories[e.Incident-1], *e)
	return nil
}

func (s incidents) History(_ context.Context, _ scope.Scope, id incident.ID) ([]incident.Entry, error) {
	return s.m.histories[id-1], nil
}

func (s incidents) Near(_ context.Context, _ scope.Scope, n incident.Near) (out []incident.Row, err error) {
	for k := len(s.m.incidents) - 1; k >= 0 && len(out) < n.Limit; k-- {
		i := &s.m.incidents[k]
		if i.ID == n.Not || i.OpenedAt.Before(n.Since) || n.Topic != "" && i.Topic != n.Topic || i.Settlement != n.Settlement || n.OnlyOpen && !i.State.Open() ||
			n.Street != "" && i.Address.Street != n.Street || n.House != "" && i.Address.House != n.House || n.Landmark != "" && i.Address.Landmark != n.Landmark {
			continue
		}
		out = append(out, incident.Row{Incident: *i})
	}
	return out, nil
}

type clocks struct {
	incident.Clocks
	m *Memory
}

func (s clocks) Ringing(_ context.Context, now time.Time, limit int) (out []incident.Incident, err error) {
	for k := range s.m.incidents {
		if c := s.m.incidents[k].Clock; !c.Alarm.IsZero() && !c.Alarm.After(now) {
			out = append(out, s.m.incidents[k])
		}
	}
	slices.SortStableFunc(out, func(a, b incident.Incident) int {
		return cmp.Or(b.Urgency.Rank()-a.Urgency.Rank(), a.Clock.Due.Compare(b.Clock.Due))
	})
	return out[:min(limit, len(out))], nil
}

func (s clocks) SaveClock(_ context.Context, i *incident.Incident, alarm time.Time) (bool, error) {
	row := &s.m.incidents[i.ID-1]
	if row.Version != i.Version || !row.Clock.Alarm.Equal(alarm) {
		return false, nil
	}
	row.Clock = i.Clock
	return true, nil
}

func (s clocks) Histories(_ context.Context, ids []incident.ID) (map[incident.ID][]incident.Entry, error) {
	out := make(map[incident.ID][]incident.Entry, len(ids))
	for _, id := range ids {
		out[id] = slices.Clip(s.m.histories[id-1])
	}
	return out, nil
}

func (s clocks) OpenAfter(_ context.Context, after incident.ID, limit int) (out []incident.Incident, err error) {
	for k := int(after); k < len(s.m.incidents) && len(out) < limit; k++ {
		if s.m.incidents[k].State.Open() {
			out = append(out, s.m.incidents[k])
		}
	}
	return out, nil
}
