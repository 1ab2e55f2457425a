package staff

import (
	"net/http"
	"strings"

	"otklik/internal/account"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/reply"
	"otklik/internal/site"
)

// ApprovalsPage is the stack of drafts that wait for approval, the oldest on top.
type ApprovalsPage struct {
	Chrome
	Rows []DraftRow
	More bool // there are more than the page shows
}

// A DraftRow is one draft with what it answers.
type DraftRow struct {
	ID                    reply.ID
	Incident              incident.ID
	Version               int
	URL, Number, Topic    string
	Where, Excerpt        string
	Agency, By, Waiting   string
	Purpose, Text         string
	Lint                  *LintView
	Private, Cleared      string     // for the author alone; why personal data may stand
	Machine               string     // that it began as a machine's draft
	Diff                  []DiffPart // to the version that was returned; nil for a first one
	Returned              string     // what was asked for then
	Files                 []PhotoView
	All                   string // where it is approved, when it goes to all who wrote
	Approve, Return, Mine bool   // Mine: written by who looks, and the agency wants another pair of eyes
}

const draftsShown = 50

func (s *Staff) approvals(w http.ResponseWriter, r *http.Request) error {
	p := &ApprovalsPage{}
	var err error
	if p.Rows, p.More, err = s.drafts(r); err != nil {
		return err
	}
	p.Chrome = s.chrome(w, r, "approvals")
	return s.page(w, r, http.StatusOK, "На согласовании", Approvals(p))
}

func (s *Staff) drafts(r *http.Request) (out []DraftRow, more bool, err error) {
	ctx, me, tx, now := r.Context(), who(r), s.Cases(), s.Now()
	list, err := tx.Replies().Drafts(ctx, me.Scope(), draftsShown+1)
	if err != nil || len(list) == 0 {
		return nil, false, err
	}
	if more = len(list) > draftsShown; more {
		list = list[:draftsShown]
	}
	agencies, err := s.regionAgencies(ctx, me)
	if err != nil {
		return nil, false, err
	}
	people, err := s.colleagues(ctx, me)
	if err != nil {
		return nil, false, err
	}
	for k := range list {
		d := &list[k]
		rows, err := tx.Incidents().Rows(ctx, me.Scope(), []incident.ID{incident.ID(d.Incident)})
		if err != nil {
			return nil, false, err
		}
		if len(rows) == 0 || rows[0].State != lifecycle.Approval {
			continue
		}
		if err := s.mask(ctx, me, rows); err != nil {
			return nil, false, err
		}
		i := &rows[0]
		row := DraftRow{ID: d.ID, Incident: i.ID, Version: i.Version, URL: incidentURL(i.ID), Number: incident.Spoken(i.Number), Topic: s.topicTitle(i.Topic),
			Where: i.Address.String(), Excerpt: i.Excerpt, Agency: agencies.name(i.Place.Agency), By: people.names[d.By], Waiting: site.Duration(now.Sub(d.CreatedAt)),
			Purpose: purposeWords[d.Purpose], Text: d.Text, Lint: lintOf(d), Private: d.Private, Cleared: d.Cleared, Machine: d.Machine,
			Approve: lifecycle.May(me.Role, lifecycle.Approve) && me.Role != lifecycle.Executor, Return: lifecycle.May(me.Role, lifecycle.Return)}
		if a := agencies.byID[i.Place.Agency]; a != nil && d.By == me.ID && a.Approval && !a.OwnApproval && me.Place.Agency == a.ID {
			row.Approve, row.Mine = false, true
		}
		if strings.Contains(d.Text, "{{") || d.Message == 0 {
			row.All, row.Approve = replyAllURL(i.ID), false
		}
		earlier, err := tx.Replies().OfIncident(ctx, me.Scope(), d.Incident)
		if err != nil {
			return nil, false, err
		}
		if last := before(earlier, d); last != nil {
			row.Diff, row.Returned = wordDiff(last.Text, d.Text), last.Reason
		}
		if row.Files, err = s.goesWith(ctx, tx, d); err != nil {
			return nil, false, err
		}
		out = append(out, row)
	}
	return out, more, nil
}

// before returns the last version of the draft that was returned, nil for none.
func before(list []reply.Reply, d *reply.Reply) (last *reply.Reply) {
	for k := range list {
		if r := &list[k]; r.ID < d.ID && r.State == reply.Returned && r.Message == d.Message && r.Text != "" {
			last = r
		}
	}
	return last
}

// mayAnswer says whether the account writes to the author without another's approval.
func mayAnswer(me *account.Account, agencies *agencyList, holder int64) bool {
	a := agencies.byID[holder]
	if a == nil || me.Place.Agency != a.ID || !a.Approval {
		return true
	}
	return a.OwnApproval && me.Role != lifecycle.Executor
}
