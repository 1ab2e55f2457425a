package store

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"otklik/internal/account"
	"otklik/internal/agency"
	"otklik/internal/applicant"
	"otklik/internal/attachment"
	"otklik/internal/audit"
	"otklik/internal/call"
	"otklik/internal/checklist"
	"otklik/internal/feedback"
	"otklik/internal/incident"
	"otklik/internal/lesson"
	"otklik/internal/message"
	"otklik/internal/neighbour"
	"otklik/internal/notice"
	"otklik/internal/precedent"
	"otklik/internal/problem"
	"otklik/internal/promise"
	"otklik/internal/reply"
	"otklik/internal/scope"
	"otklik/internal/shift"
	"otklik/internal/source"
	"otklik/internal/standing"
	"otklik/internal/talk"
	"otklik/internal/team"
	"otklik/internal/template"
	"otklik/internal/webhook"
)

// A tx is one transaction's view, or the pool's.
type tx struct {
	db    *DB
	link  *link
	dirty []incident.ID // their words must be indexed before the transaction ends
}

func (t *tx) Applicants() applicant.Store     { return applicants{t} }
func (t *tx) Incidents() incident.Store       { return incidents{t} }
func (t *tx) Messages() message.Store         { return messages{t} }
func (t *tx) Intake() message.Intake          { return intake{t} }
func (t *tx) Ring() message.Ring              { return ring{t} }
func (t *tx) Replies() reply.Store            { return replies{t} }
func (t *tx) Agencies() agency.Store          { return agencies{t} }
func (t *tx) Accounts() account.Store         { return accounts{t} }
func (t *tx) Audit() audit.Store              { return trail{t} }
func (t *tx) Proposals() incident.Proposals   { return proposals{t} }
func (t *tx) Links() incident.Links           { return links{t} }
func (t *tx) Team() team.Store                { return teams{t} }
func (t *tx) Checklists() checklist.Store     { return checklists{t} }
func (t *tx) Shifts() shift.Store             { return shifts{t} }
func (t *tx) Disputes() incident.Disputes     { return disputes{t} }
func (t *tx) Standing() standing.Store        { return queries{t} }
func (t *tx) Lessons() lesson.Store           { return lessons{t} }
func (t *tx) Feedback() feedback.Store        { return voices{t} }
func (t *tx) Clocks() incident.Clocks         { return clocks{t} }
func (t *tx) Promises() promise.Store         { return promises{t} }
func (t *tx) Fanouts() reply.Fanouts          { return fanouts{t} }
func (t *tx) Problems() problem.Store         { return problems{t} }
func (t *tx) Calls() call.Store               { return calls{t} }
func (t *tx) Machines() reply.Machines        { return machines{t} }
func (t *tx) Templates() template.Store       { return templates{t} }
func (t *tx) Notices() notice.Store           { return notices{t} }
func (t *tx) Posts() notice.Posts             { return posts{t} }
func (t *tx) Precedents() precedent.Store     { return precedents{t} }
func (t *tx) Sources() source.Store           { return sources{t} }
func (t *tx) Attachments() attachment.Store   { return files{t} }
func (t *tx) Webhooks() webhook.Store         { return webhooks{t} }
func (t *tx) Talks() talk.Store               { return talks{t} }
func (t *tx) Neighbours() neighbour.Store     { return neighbours{t} }
func (t *tx) Uploads() attachment.Uploads     { return uploads{t} }
func (t *tx) Suspicions() incident.Suspicions { return suspicions{t} }

// flush indexes what the transaction changed.
func (t *tx) flush(ctx context.Context) error {
	dirty := t.dirty
	t.dirty = nil
	slices.Sort(dirty)
	for _, id := range slices.Compact(dirty) {
		if err := t.indexWords(ctx, id); err != nil {
			return err
		}
	}
	return nil
}

// A where collects conditions and their arguments.
type where struct {
	parts    []string
	args     []any
	searched bool // the search index leads
}

// arg adds an argument and returns its placeholder.
func (w *where) arg(v any) string {
	w.args = append(w.args, v)
	return "$" + strconv.Itoa(len(w.args))
}

// and adds a condition; each ? in it stands for one of args.
func (w *where) and(cond string, args ...any) {
	for _, a := range args {
		cond = strings.Replace(cond, "?", w.arg(a), 1)
	}
	w.parts = append(w.parts, cond)
}

// in adds "column IN (…)".
func (w *where) in(column string, args ...any) {
	marks := make([]string, len(args))
	for i, a := range args {
		marks[i] = w.arg(a)
	}
	w.parts = append(w.parts, column+" IN ("+strings.Join(marks, ", ")+")")
}

// values are the arguments that a list makes.
func values[T int64 | string](list []T) []any {
	out := make([]any, len(list))
	for k, v := range list {
		out[k] = v
	}
	return out
}

// scope lets through what sc sees; alias is that of the table with the scope columns.
func (w *where) scope(alias string, sc scope.Scope) {
	if !sc.Open() {
		w.parts = append(w.parts, "1 = 0")
		return
	}
	if sc.Region != "" {
		w.and(alias+".region = ?", sc.Region)
	}
	if sc.Centre != "" {
		w.and(alias+".centre = ?", sc.Centre)
	}
	if sc.Agency != 0 {
		w.and(alias+".agency = ?", sc.Agency)
	}
}

// helped is scope for one incident: an agency also sees what it helps with.
func (w *where) helped(alias string, sc scope.Scope) {
	if sc.Agency == 0 {
		w.scope(alias, sc)
		return
	}
	agency := sc.Agency
	sc.Agency = 0
	w.scope(alias, sc)
	w.and("("+alias+".agency = ? OR EXISTS (SELECT 1 FROM member h WHERE h.incident = "+alias+".id AND h.agency = ?))", agency, agency)
}

// String returns " WHERE …", or nothing.
func (w *where) String() string {
	if len(w.parts) == 0 {
		return ""
	}
	return " WHERE " + strings.Join(w.parts, " AND ")
}

// marks returns "$1, $2, …, $n".
func marks(n int) string {
	var b strings.Builder
	for i := 1; i <= n; i++ {
		if i > 1 {
			b.WriteString(", ")
		}
		b.WriteByte('$')
		b.WriteString(strconv.Itoa(i))
	}
	return b.String()
}
