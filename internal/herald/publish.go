package herald

import (
	"context"
	"time"

	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/reply"
	"otklik/internal/source"
	"otklik/internal/webhook"
)

// confirmTime is how long a receiver has to confirm a reply.
const confirmTime = 24 * time.Hour

// Publisher returns what publishes replies to the messages of a source by a webhook, nil
// where none does. Of one that is off it still tells what became of a reply.
func (h *Herald) Publisher(id string) source.Publisher {
	h.mu.Lock()
	defer h.mu.Unlock()
	if o, ok := h.answers[id]; ok {
		return &publisher{h, o}
	}
	return nil
}

// Publishes reports whether replies to the messages of a source leave by a webhook now.
func (h *Herald) Publishes(id string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.answers[id].open
}

// A publisher hands replies to a receiver. Its answer to the outbox is always the same: the
// end is not known yet. The outbox then looks (Find) once the receiver has confirmed.
type publisher struct {
	h  *Herald
	to outlet
}

func (p *publisher) Ability() source.Ability {
	return source.Ability{ReadBack: true, Settle: confirmTime}
}

func (p *publisher) Publish(ctx context.Context, job reply.Job) (reply.Receipt, error) {
	if !p.to.open {
		return reply.Receipt{}, source.Fail(source.Permanent, "Вызовы подключённой системе остановлены. Опубликуйте ответ вручную или возобновите их на странице «Исходящие вызовы».", "the webhook is off")
	}
	if err := p.owe(ctx, job); err != nil {
		return reply.Receipt{}, source.Fail(source.Later, "", "%w", err)
	}
	return reply.Receipt{}, source.Fail(source.Unclear, "Ответ передан получателю, он ещё не подтвердил публикацию.", "the receiver has not confirmed yet")
}

// owe queues the call of a job; a second time changes nothing.
func (p *publisher) owe(ctx context.Context, job reply.Job) error {
	now := p.h.Now()
	d := webhook.Delivery{Webhook: p.to.id, Event: webhook.Publish, Incident: job.Incident, Key: job.Key, Reply: int64(job.Reply), At: now, NextAt: now}
	err := p.h.Store.Change(ctx, incident.Machine, func(tx incident.Tx) error { return tx.Webhooks().Owe(ctx, &d) })
	p.h.Wake()
	return err
}

func (p *publisher) Find(ctx context.Context, job reply.Job) (r reply.Receipt, found bool, err error) {
	d, err := p.h.Store.Reader().Webhooks().OfJob(ctx, &job)
	switch a := d; {
	case fault.Is(err, fault.NotFound) && p.to.open: // a crash came before the call was queued: it must not wait for the network to settle
		return r, false, p.owe(ctx, job)
	case fault.Is(err, fault.NotFound):
		return r, false, nil
	case err != nil:
		return r, false, err
	case !a.Answer.At.IsZero() && a.Answer.Refusal == "":
		return reply.Receipt{Native: a.Answer.Native, URL: a.Answer.URL, At: a.Answer.At}, true, nil
	case !a.Answer.At.IsZero():
		return r, false, final(true, "Подключённая система не опубликовала ответ: "+a.Answer.Refusal)
	case a.State == webhook.Dead:
		return r, false, final(false, "Подключённая система не приняла ответ. "+a.Error)
	case p.h.Now().Sub(a.At) >= confirmTime:
		return r, false, final(false, "Подключённая система не подтвердила публикацию за сутки.")
	}
	return r, false, nil
}

// final is the end of a publication that the receiver did not confirm.
func final(never bool, sentence string) *source.Error {
	e := source.Fail(source.Permanent, sentence, "the receiver did not publish")
	e.Told, e.Never = true, never
	return e
}

// Confirm notes what a receiver says of a reply, and lets the outbox look at once. It is
// false for a key that was not sent for the source.
func (h *Herald) Confirm(ctx context.Context, from, key string, a webhook.Answer) (known bool, err error) {
	err = h.Store.Change(ctx, incident.Machine, func(tx incident.Tx) error {
		if known, err = tx.Webhooks().Answered(ctx, from, key, a); err != nil || !known {
			return err
		}
		_, err = tx.Webhooks().Hasten(ctx, h.Now())
		return err
	})
	if known && err == nil {
		h.Hurry()
	}
	return known, err
}
