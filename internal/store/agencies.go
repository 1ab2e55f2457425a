package store

import (
	"context"
	"database/sql"

	"otklik/internal/agency"
	"otklik/internal/fault"
	"otklik/internal/scope"
)

// agencies implements agency.Store.
type agencies struct{ t *tx }

func (s agencies) find(ctx context.Context, w *where, tail string) (out []agency.Agency, err error) {
	err = s.t.link.query(ctx, "SELECT a.id, a.name, a.short, a.contact, a.approval, a.own_approval, a.disabled, a.lint_bar, a.region, a.centre, a.agency FROM agency a"+w.String()+tail, w.args,
		func(rows *sql.Rows) error {
			var a agency.Agency
			err := rows.Scan(&a.ID, &a.Name, &a.Short, &a.Contact, &a.Approval, &a.OwnApproval, &a.Disabled, &a.LintBar, &a.Place.Region, &a.Place.Centre, &a.Place.Agency)
			out = append(out, a)
			return err
		})
	return out, err
}

// Agencies implements agency.Store. The list is a directory that hand-over needs,
// and public: everybody of a region sees the region's agencies, but a centre not
// those of other centres.
func (s agencies) Agencies(ctx context.Context, sc scope.Scope) (_ []agency.Agency, err error) {
	defer fault.Wrap(&err, "store.Agencies")
	var w where
	w.directory("a", sc)
	return s.find(ctx, &w, " ORDER BY a.name, a.id")
}

func (s agencies) Agency(ctx context.Context, id int64) (_ *agency.Agency, err error) {
	defer fault.Wrap(&err, "store.Agency(%d)", id)
	var w where
	w.and("a.id = ?", id)
	return singleValue(s.find(ctx, &w, ""))
}

func (s agencies) SaveAgency(ctx context.Context, a *agency.Agency) (err error) {
	defer fault.Wrap(&err, "store.SaveAgency(%d)", a.ID)
	args := []any{a.Name, a.Short, a.Contact, flag(a.Approval), a.Place.Region, a.Place.Centre, a.Place.Agency, flag(a.OwnApproval), flag(a.Disabled), a.LintBar}
	if a.ID == 0 {
		_, err = s.t.link.returning(ctx, "INSERT INTO agency (name, short, contact, approval, region, centre, agency, own_approval, disabled, lint_bar) VALUES ("+marks(10)+") RETURNING id", args, &a.ID)
		return err
	}
	n, err := s.t.link.exec(ctx, "UPDATE agency SET name = $1, short = $2, contact = $3, approval = $4, region = $5, centre = $6, agency = $7, own_approval = $8, disabled = $9, lint_bar = $10 WHERE id = $11", append(args, a.ID)...)
	if err == nil && n == 0 {
		err = missing("agency %d is not here", a.ID)
	}
	return err
}

func (s agencies) Rules(ctx context.Context, region string) (out []agency.Rule, err error) {
	defer fault.Wrap(&err, "store.Rules(%s)", region)
	err = s.t.link.query(ctx, `SELECT id, place, topic, topic_group, territory, answers, region, centre, agency FROM rule WHERE region = $1 ORDER BY place, id`, []any{region},
		func(rows *sql.Rows) error {
			var r agency.Rule
			err := rows.Scan(&r.ID, &r.Order, &r.Topic, &r.Group, &r.Territory, &r.Agency, &r.Place.Region, &r.Place.Centre, &r.Place.Agency)
			out = append(out, r)
			return err
		})
	return out, err
}

// SaveRules implements agency.Store. Rules keep their ids, new ones (ID 0) get
// one that no rule had before; Order becomes the place in the list, from 1.
func (s agencies) SaveRules(ctx context.Context, region string, rules []agency.Rule) (err error) {
	defer fault.Wrap(&err, "store.SaveRules(%s)", region)
	had, err := s.Rules(ctx, region)
	if err != nil {
		return err
	}
	ours := map[int64]bool{}
	for _, r := range had {
		ours[r.ID] = true
	}
	if _, err := s.t.link.exec(ctx, "DELETE FROM rule WHERE region = $1", region); err != nil {
		return err
	}
	for i := range rules {
		r := &rules[i]
		r.Order, r.Place.Region = i+1, region
		args := []any{region, r.Place.Centre, r.Place.Agency, r.Order, string(r.Topic), r.Group, r.Territory, r.Agency}
		if r.ID != 0 {
			if !ours[r.ID] {
				return fault.New(fault.Invalid, "rule %d is no rule of the region, or stands in the list twice", r.ID)
			}
			delete(ours, r.ID)
			_, err = s.t.link.exec(ctx, "INSERT INTO rule (region, centre, agency, place, topic, topic_group, territory, answers, id) VALUES ("+marks(9)+")", append(args, r.ID)...)
		} else {
			_, err = s.t.link.returning(ctx, "INSERT INTO rule (region, centre, agency, place, topic, topic_group, territory, answers) VALUES ("+marks(8)+") RETURNING id", args, &r.ID)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
