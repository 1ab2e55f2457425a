package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"strconv"

	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/scope"
)

// proposals implements incident.Proposals.
type proposals struct{ t *tx }

func proposalArgs(p *incident.Proposal) ([]any, error) {
	reasons, err := json.Marshal(p.Reasons)
	return []any{int64(min(p.Incident, p.Into)), int64(max(p.Incident, p.Into)), int64(p.Incident), int64(p.Into), p.Place.Region, p.Place.Centre, p.Place.Agency,
		string(p.Kind), p.Score, string(reasons), string(p.State), micros(p.CreatedAt), micros(p.DecidedAt), int64(p.DecidedBy)}, err
}

const proposalInsert = `INSERT INTO proposal (low, high, incident, into_id, region, centre, agency, kind, score, reasons, state, created_at, decided_at, decided_by) VALUES `

func (s proposals) Propose(ctx context.Context, p *incident.Proposal) (err error) {
	defer fault.Wrap(&err, "store.Propose(%d, %d)", p.Incident, p.Into)
	if p.Incident == p.Into {
		return fault.New(fault.Invalid, "incident %d is proposed to be itself", p.Into)
	}
	c := *p
	c.State = incident.Waiting
	args, err := proposalArgs(&c)
	if err != nil {
		return err
	}
	_, err = s.t.link.exec(ctx, proposalInsert+"("+marks(14)+`) ON CONFLICT (low, high) DO UPDATE SET
		kind = CASE WHEN excluded.kind = 'burst' THEN 'burst' ELSE proposal.kind END,
		reasons = CASE WHEN excluded.score > proposal.score THEN excluded.reasons ELSE proposal.reasons END,
		score = CASE WHEN excluded.score > proposal.score THEN excluded.score ELSE proposal.score END
		WHERE proposal.state = 'waiting'`, args...)
	return err
}

func (s proposals) ProposalsOf(ctx context.Context, sc scope.Scope, id incident.ID) (out []incident.Proposal, err error) {
	defer fault.Wrap(&err, "store.ProposalsOf(%d)", id)
	var w where
	w.and("(p.low = ? OR p.high = ?)", int64(id), int64(id))
	return s.waiting(ctx, &w, sc, " ORDER BY p.score DESC, p.low, p.high")
}

func (s proposals) Waiting(ctx context.Context, sc scope.Scope, kind incident.ProposalKind, limit int) (out []incident.Proposal, err error) {
	defer fault.Wrap(&err, "store.Waiting(%s)", kind)
	var w where
	if kind != "" {
		w.and("p.kind = ?", string(kind))
	}
	return s.waiting(ctx, &w, sc, " ORDER BY p.created_at DESC, p.low, p.high LIMIT "+strconv.Itoa(max(0, limit)))
}

// waiting returns proposals that wait about two open incidents which the scope sees.
func (s proposals) waiting(ctx context.Context, w *where, sc scope.Scope, tail string) (out []incident.Proposal, err error) {
	w.and("p.state = 'waiting' AND a.is_open = 1 AND b.is_open = 1")
	w.scope("a", sc)
	w.scope("b", sc)
	err = s.t.link.query(ctx, `SELECT p.incident, p.into_id, p.region, p.centre, p.agency, p.kind, p.score, p.reasons, p.state, p.created_at, p.decided_at, p.decided_by
		FROM proposal p JOIN incident a ON a.id = p.low JOIN incident b ON b.id = p.high`+w.String()+tail, w.args, func(rows *sql.Rows) error {
		var p incident.Proposal
		var reasons string
		if err := rows.Scan(&p.Incident, &p.Into, &p.Place.Region, &p.Place.Centre, &p.Place.Agency, &p.Kind, &p.Score, &reasons, &p.State,
			clock{&p.CreatedAt}, clock{&p.DecidedAt}, &p.DecidedBy); err != nil {
			return err
		}
		err := json.Unmarshal([]byte(reasons), &p.Reasons)
		out = append(out, p)
		return err
	})
	return out, err
}

func (s proposals) Decide(ctx context.Context, p *incident.Proposal) (err error) {
	defer fault.Wrap(&err, "store.Decide(%d, %d)", p.Incident, p.Into)
	c := *p
	if c.Kind == "" {
		c.Kind = incident.Same
	}
	args, err := proposalArgs(&c)
	if err != nil {
		return err
	}
	_, err = s.t.link.exec(ctx, proposalInsert+"("+marks(14)+`) ON CONFLICT (low, high) DO UPDATE SET
		state = excluded.state, decided_at = excluded.decided_at, decided_by = excluded.decided_by`, args...)
	return err
}
