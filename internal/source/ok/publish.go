package ok

import (
	"cmp"
	"context"
	"encoding/json"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"otklik/internal/reply"
	"otklik/internal/source"
)

const longest = 3000 // characters of a comment

// findPages bounds what Find reads: about 20,000 comments newer than the answered one.
const findPages = 200

// Publish writes the reply as the group, by a method that today's documentation does not
// name any more. Without Automatic it refuses: a person publishes.
func (g *Group) Publish(ctx context.Context, job reply.Job) (reply.Receipt, error) {
	r, err := g.target(job)
	if err != nil {
		return reply.Receipt{}, err
	}
	if !g.Automatic {
		return reply.Receipt{}, source.Fail(source.Permanent, byHand, "ok: automatic publication is switched off")
	}
	if utf8.RuneCountInString(job.Text) > longest {
		return reply.Receipt{}, source.Fail(source.Permanent, "Ответ длиннее 3000 знаков, столько Одноклассники не принимают: сократите его и отправьте снова.", "ok: job %d has more than %d characters", job.ID, longest)
	}
	params := url.Values{"entityId": {r.ID}, "entityType": {r.Type}, "comment": {job.Text}, "as_admin": {"true"}}
	if r.Comment != "" {
		params.Set("reply_to_comment_id", r.Comment)
	}
	const method = "discussions.addDiscussionComment"
	var raw json.RawMessage
	if err := g.call(ctx, method, true, params, &raw); err != nil {
		return reply.Receipt{}, err
	}
	var id ident
	if _ = json.Unmarshal(raw, &id); id == "" {
		var o struct {
			ID      ident `json:"id"`
			Comment ident `json:"comment_id"`
		}
		into(raw, &o)
		id = cmp.Or(o.Comment, o.ID)
	}
	if sound(string(id)) {
		mine := ref{r.Type, r.ID, string(id)}
		return reply.Receipt{Native: mine.String(), URL: g.link(r), At: g.now().UTC()}, nil
	}
	// What the method answers is not documented; the thread tells.
	if back, found, err := g.Find(ctx, job); err == nil && found {
		return back, nil
	}
	return reply.Receipt{}, odd(method, true, "no id of the comment")
}

// Ability implements source.Publisher.
func (g *Group) Ability() source.Ability {
	a := source.Ability{ReadBack: true, Settle: cmp.Or(g.Settle, time.Minute), PerSecond: cmp.Or(g.PerSecond, 0.2), PerDay: g.PerDay}
	a.PerSecond = max(a.PerSecond, 0)
	return a
}

// target returns where a job's reply belongs.
func (g *Group) target(job reply.Job) (ref, error) {
	if strings.TrimSpace(job.Text) == "" {
		return ref{}, source.Fail(source.Permanent, "Текст ответа пуст: напишите его и отправьте снова.", "ok: job %d has no text", job.ID)
	}
	r, err := parseRef(cmp.Or(job.Parent, job.Thread))
	if err != nil {
		return ref{}, source.Fail(source.Permanent, "Ответить отсюда можно только под темой группы: ответьте заявителю вручную.", "ok: job %d answers %q", job.ID, clip(job.Parent, 60))
	}
	return r, nil
}

// Find looks for the reply: a comment of the group with the same words in answer to the
// same comment. One that a person published by hand may stand anywhere in the discussion:
// whoever copies a text does not always press «Ответить». The newest are read first, down
// to the answered comment; no clock takes part.
func (g *Group) Find(ctx context.Context, job reply.Job) (reply.Receipt, bool, error) {
	r, err := g.target(job)
	if err != nil {
		return reply.Receipt{}, false, err
	}
	anchor, reached := "LAST", false
	for range findPages {
		out, err := g.comments(ctx, r, anchor, true)
		if err != nil {
			return reply.Receipt{}, false, err
		}
		all, asked := decoded(out.Comments), time.Time{}
		for _, c := range all {
			if r.Comment != "" && string(c.ID) == r.Comment {
				asked, reached = c.at(), true
			}
		}
		for _, c := range all {
			at := c.at()
			if !c.stands() || !g.own(&c) || same(string(c.Text)) != same(job.Text) || at.Before(asked) || g.Automatic && string(c.ReplyTo) != r.Comment {
				continue
			}
			if at.IsZero() {
				at = g.now().UTC()
			}
			return reply.Receipt{Native: ref{r.Type, r.ID, string(c.ID)}.String(), URL: g.link(r), At: at}, true, nil
		}
		if anchor = out.next(anchor); reached || anchor == "" {
			return reply.Receipt{}, false, nil
		}
	}
	return reply.Receipt{}, false, source.Fail(source.Unclear, "Ветка слишком длинная, чтобы проверить её автоматически: посмотрите на странице темы, опубликован ли ответ.", "ok: %s is longer than %d pages", r.root(), findPages)
}
