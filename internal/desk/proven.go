package desk

import (
	"context"

	"otklik/internal/account"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/message"
	"otklik/internal/reply"
	"otklik/internal/scope"
)

// HowProven tells in the history that a reply published by hand was found in its thread.
const HowProven = "proven"

// Proven hears that a reply which a person published by hand was found in the thread: it
// gets its address, and its proof. job is one of reply.Store.ByHand.
func (d *Desk) Proven(ctx context.Context, job reply.Job, receipt reply.Receipt) (err error) {
	defer fault.Wrap(&err, "desk.Proven(reply %d)", job.Reply)
	if job.ID != 0 {
		return d.provenOne(ctx, job, receipt)
	}
	return d.alter(ctx, incident.Machine, func(tx incident.Tx) (*step, error) {
		s, err := d.find(ctx, tx, account.System(), incident.ID(job.Incident))
		if err != nil {
			return nil, err
		}
		r, err := tx.Replies().Reply(ctx, scope.All(), job.Reply)
		if err != nil || r.State != reply.Published || r.Native != "" { // somebody was quicker
			return nil, err
		}
		r.Native, r.URL = receipt.Native, receipt.URL
		s.record(incident.Entry{Action: lifecycle.Deliver, Detail: incident.Detail{Reply: int64(r.ID), Message: message.ID(job.Message), How: HowProven}})
		return s, tx.Replies().SaveReply(ctx, r)
	})
}

// provenOne settles a job of a fan-out that waited for a person.
func (d *Desk) provenOne(ctx context.Context, job reply.Job, receipt reply.Receipt) error {
	var now *reply.Job
	err := d.Store.Change(ctx, incident.Machine, func(tx incident.Tx) (err error) {
		now, err = tx.Replies().JobByID(ctx, scope.All(), job.ID)
		return err
	})
	if err != nil || now.State != reply.ByHand {
		return err
	}
	now.State, now.Error, now.Unclear, now.Note, now.Proof, now.SentAt = reply.Sent, "", false, "", reply.ByReadBack, receipt.At
	now.Native, now.URL = receipt.Native, receipt.URL
	return d.settleOne(ctx, now)
}
