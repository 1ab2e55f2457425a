package outbox

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"otklik/internal/reply"
	"otklik/internal/source"
)

const tryTime = 30 * time.Second // for one try with its read-back

// notSettled says that a thread does not show the reply, and may show it yet.
var notSettled = source.Fail(source.Unclear, "", "the thread was read back before the network has settled")

func (o *Outbox) publish(ctx context.Context, l *lane, job reply.Job, out reply.Outlet) error {
	p := o.Publisher(job.Source)
	if p == nil {
		const gone = "Источник больше не подключён. Ответьте вручную по ссылке из сообщения."
		if job.Unclear && job.Fanout != 0 {
			return o.Desk.Uncertain(ctx, job, "Источник больше не подключён, проверить отправку нечем.")
		}
		return o.Desk.Unpublishable(ctx, job, gone)
	}
	can := p.Ability()
	if job.Unclear && !can.Sure() {
		return o.Desk.Uncertain(ctx, job, "Площадка не ответила, и спросить её, принят ли ответ, нельзя.")
	}
	wasShut := strings.HasPrefix(job.Error, string(source.Shut))
	job.Tries++
	job.Proof = reply.ByReceipt
	receipt, err := o.try(ctx, p, can, &job) // job.Text is what stands then, the words of an earlier try maybe
	if err == nil {
		if receipt.At.IsZero() {
			receipt.At = o.Now()
		}
		if err := o.Desk.Published(ctx, job, receipt); err != nil {
			return err
		}
		if wasShut {
			if err := o.opened(ctx, job); err != nil {
				return err
			}
		}
		return o.thrive(ctx, l, out)
	}
	job.Proof = ""
	if errors.Is(err, notSettled) { // no try of ours: it only looked too early
		job.Tries--
		job.State, job.NextAt = reply.Waiting, job.TriedAt.Add(can.Settle)
		return o.settle(ctx, &job)
	}
	var e *source.Error
	if !errors.As(err, &e) {
		e = source.Fail(source.Unclear, "", "%w", err)
	}
	o.Log.Warn("a reply was not published", "job", job.ID, "reply", job.Reply, "source", job.Source, "trouble", e.Trouble, "code", e.Code, "tries", job.Tries)
	return o.failed(ctx, l, can, job, out, e)
}

// failed settles a job that was not published, as far as is known.
func (o *Outbox) failed(ctx context.Context, l *lane, can source.Ability, job reply.Job, out reply.Outlet, e *source.Error) error {
	job.Error = fmt.Sprintf("%s, code %d", e.Trouble, e.Code)
	job.State = reply.Waiting
	switch e.Trouble {
	case source.Person, source.Flood: // the source waits, not this job: no try is counted against it
		job.Tries--
		job.NextAt = o.Now()
		if out.Place.Region == "" {
			out.Place.Region = job.Place.Region
		}
		if err := o.complain(ctx, l, can, out, e); err != nil {
			return err
		}
		return o.settle(ctx, &job)
	case source.Shut:
		if job.Fanout == 0 && !job.Unclear {
			job.Tries--
			return o.shut(ctx, job, e)
		}
		e.Trouble = source.Permanent // of one of many a person sees to it by hand
	case source.Unclear:
		if !job.Unclear { // from now on the network has its time to settle
			job.Unclear, job.TriedAt = true, o.Now()
		}
	}
	switch {
	case job.Unclear && !can.Sure():
		return o.Desk.Uncertain(ctx, job, "Площадка не ответила, и спросить её, принят ли ответ, нельзя.")
	case job.Unclear && job.Fanout != 0 && (e.Trouble == source.Permanent || job.Tries >= lastTry):
		return o.Desk.Uncertain(ctx, job, strings.TrimSpace(e.Sentence+" Проверить, принят ли ответ, не удалось."))
	case e.Trouble == source.Permanent:
		return o.Desk.Unpublishable(ctx, job, sentence(e, job.Unclear))
	case job.Tries >= lastTry:
		return o.Desk.Unpublishable(ctx, job, strings.TrimSpace("Площадка не отвечает уже сутки. "+sentence(e, job.Unclear)))
	}
	job.NextAt = o.Now().Add(backOff(job.Tries, e.After))
	return o.settle(ctx, &job)
}

// try publishes, or finds that an earlier try did.
func (o *Outbox) try(ctx context.Context, p source.Publisher, can source.Ability, job *reply.Job) (reply.Receipt, error) {
	ctx, cancel := context.WithTimeout(ctx, tryTime)
	defer cancel()
	if job.Unclear && can.ReadBack {
		for _, text := range append([]string{job.Text}, job.Tried...) {
			sought := *job
			sought.Text = text
			receipt, found, err := p.Find(ctx, sought)
			if e := ended(err); e != nil {
				job.Unclear = job.Unclear && !e.Never
				return reply.Receipt{}, e
			}
			if err != nil { // we still do not know; whatever the trouble was, nothing may be sent
				return reply.Receipt{}, unread(err)
			}
			if found {
				job.Text, job.Proof = text, reply.ByReadBack
				return receipt, nil
			}
		}
		if o.Now().Before(job.TriedAt.Add(can.Settle)) {
			return reply.Receipt{}, notSettled
		}
		job.Unclear = false
	}
	return p.Publish(ctx, *job)
}

// ended returns what a read-back says of a reply that never will be published, nil for all else.
func ended(err error) *source.Error {
	var e *source.Error
	if errors.As(err, &e) && e.Told && e.Trouble == source.Permanent {
		return e
	}
	return nil
}

// unread returns the error of a thread that cannot be read back.
func unread(err error) *source.Error {
	var e *source.Error
	if !errors.As(err, &e) {
		return source.Fail(source.Unclear, "", "read-back: %w", err)
	}
	trouble, words := source.Unclear, e.Sentence
	switch e.Trouble {
	case source.Permanent:
		trouble, words = source.Permanent, "Ветку больше нельзя прочитать."
	case source.Person:
		trouble = source.Person
	}
	out := source.Fail(trouble, words, "read-back: %w", err)
	out.After, out.Code = e.After, e.Code
	return out
}

// sentence says why a reply returns to the desk. Of one whose end is not known the
// desk says the rest: approved again, it is read back before anything is sent.
func sentence(e *source.Error, unclear bool) string {
	if e.Sentence != "" || unclear {
		return e.Sentence
	}
	return "Ответ не опубликован. Опубликуйте его вручную по ссылке из сообщения."
}

// lastTry with backOff spreads the tries over a day.
const lastTry = 24

func backOff(tries int, asked time.Duration) time.Duration {
	return jitter(max(time.Second<<min(tries, 12), asked)) // 2 s, 4 s … 68 min, and up to a fifth more
}
