package desk

import (
	"context"
	"strings"

	"otklik/internal/account"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/message"
	"otklik/internal/reply"
)

// Bounced hears that a reply which had its receipt did not arrive: a mail server said so
// later. The reply has failed, with the sentence, and those who answer for it are told; the
// incident stays as it is, because what was done was done. A reply to many stands for the
// others: its history says that one of them did not get it. fault.NotFound when no reply has
// that receipt; a second time changes nothing.
func (d *Desk) Bounced(ctx context.Context, source, native, sentence string) (err error) {
	defer fault.Wrap(&err, "desk.Bounced(%s)", source)
	return d.alter(ctx, incident.Machine, func(tx incident.Tx) (*step, error) {
		r, err := tx.Replies().ByReceipt(ctx, source, native)
		if err != nil {
			return nil, err
		}
		s, err := d.find(ctx, tx, account.System(), incident.ID(r.Incident))
		if err != nil {
			return nil, err
		}
		entry := incident.Entry{Action: lifecycle.Deliver, Detail: incident.Detail{Reply: int64(r.ID), Message: message.ID(r.Message), Reason: sentence, How: HowBounced}}
		if _, err := tx.Fanouts().OfReply(ctx, r.ID); err == nil {
			return d.bouncedOne(ctx, s, entry, source, native, sentence)
		} else if !fault.Is(err, fault.NotFound) {
			return nil, err
		}
		if r.State != reply.Published {
			return nil, nil //nolint:nilnil // nothing changes
		}
		r.State, r.Reason = reply.Failed, strings.TrimSpace(sentence+" Проверьте адрес или свяжитесь с автором иначе.")
		if err := tx.Replies().SaveReply(ctx, r); err != nil {
			return nil, err
		}
		s.record(entry)
		return s, nil
	})
}

// bouncedOne notes it at the one job of a fan-out.
func (d *Desk) bouncedOne(ctx context.Context, s *step, entry incident.Entry, source, native, sentence string) (*step, error) {
	const page = 500
	for after := int64(0); ; {
		jobs, err := s.tx.Fanouts().Jobs(ctx, reply.JobFilter{Incident: int64(s.i.ID), State: reply.Sent, After: after, Limit: page})
		if err != nil {
			return nil, err
		}
		for k := range jobs {
			j := &jobs[k]
			after = j.ID
			if j.Source != source || j.Native != native {
				continue
			}
			j.State, j.Note, j.Proof = reply.Dead, sentence, ""
			if err := s.tx.Replies().Settle(ctx, j); err != nil {
				return nil, err
			}
			entry.Detail.Message = message.ID(j.Message)
			s.record(entry)
			return s, nil
		}
		if len(jobs) < page {
			return nil, nil //nolint:nilnil // it was noted before
		}
	}
}
