package desk

import (
	"context"
	"time"

	"otklik/internal/fault"
	"otklik/internal/feedback"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/scope"
)

// repeatTime is how soon after its closing a second message about the same thing at
// the same place says that it was not solved.
const repeatTime = 30 * 24 * time.Hour

// repeats marks closures that the incident just opened shows to be false: solved they
// said, of the same topic at the same house or landmark, not long ago.
func (o *Opener) repeats(ctx context.Context, i *incident.Incident) (err error) {
	defer fault.Wrap(&err, "desk.repeats(%d)", i.ID)
	if i.Group == "" || i.Settlement == "" || i.Address.House == "" && i.Address.Landmark == "" {
		return nil
	}
	within := o.desk.Repeats
	if within == 0 {
		within = repeatTime
	}
	rows, err := o.tx.Incidents().Near(ctx, scope.All(), incident.Near{Topic: i.Topic, Settlement: i.Settlement, Street: i.Address.Street, House: i.Address.House,
		Landmark: i.Address.Landmark, Since: i.OpenedAt.AddDate(-1, 0, 0), Not: i.ID, Limit: nearLimit})
	if err != nil {
		return err
	}
	for k := range rows {
		row := &rows[k]
		if row.State != lifecycle.Closed || row.Outcome != lifecycle.Solved && row.Outcome != lifecycle.Partly ||
			i.OpenedAt.Sub(row.ClosedAt) > within || written(i).Before(row.ClosedAt) {
			continue
		}
		err := o.touch(ctx, row.ID, lifecycle.Repeat, incident.Detail{Other: i.ID}, func(s *step) error { return s.untrueFor(feedback.Again, i.ID) })
		if err != nil {
			return err
		}
		err = o.tx.Incidents().Record(ctx, &incident.Entry{Incident: i.ID, Version: i.Version, At: i.OpenedAt, Who: o.who.ID, Action: lifecycle.Repeat,
			From: i.State, To: i.State, Detail: incident.Detail{Other: row.ID}})
		if err != nil {
			return err
		}
	}
	return nil
}
