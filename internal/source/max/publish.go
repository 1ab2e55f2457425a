package max

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"otklik/internal/reply"
	"otklik/internal/source"
)

const longest = 4000 // characters of a text

// A place where a reply belongs.
type target struct {
	ref  ref
	talk int64 // user of a direct talk, 0 for none
}

// Publish writes the reply under the post or the comment that job.Parent names, in answer
// to the message of a group, or into the direct talk. MAX knows no key of a publication:
// an Unclear end is settled by Find.
func (b *Bot) Publish(ctx context.Context, job reply.Job) (reply.Receipt, error) {
	t, err := b.target(job)
	if err != nil {
		return reply.Receipt{}, err
	}
	if utf8.RuneCountInString(job.Text) > longest {
		return reply.Receipt{}, source.Fail(source.Permanent, tooLong, "max: job %d has more than %d characters", job.ID, longest)
	}
	switch {
	case t.talk != 0:
		return b.write(ctx, url.Values{"user_id": {strconv.FormatInt(t.talk, 10)}}, talkID(t.talk), job.Text, t.ref.Message)
	case t.ref.Comment != "":
		return b.answer(ctx, job, t.ref.Message, t.ref.Comment)
	}
	root, err := b.root(ctx, t.ref.Message)
	if err != nil {
		return reply.Receipt{}, err
	}
	if root.Recipient.Type == "channel" {
		return b.answer(ctx, job, t.ref.Message, "")
	}
	chat := strconv.FormatInt(int64(root.Recipient.Chat), 10)
	r, err := b.write(ctx, url.Values{"chat_id": {chat}}, chat, job.Text, t.ref.Message)
	if err == nil && sound(job.Thread) { // who answers us goes on in the same thread
		b.begins(r.Native, job.Thread)
	}
	return r, err
}

// answer writes a comment under a post, in answer to another one where to is not "".
func (b *Bot) answer(ctx context.Context, job reply.Job, post, to string) (reply.Receipt, error) {
	body := map[string]any{"text": job.Text, "link": nil}
	parent := ""
	if to != "" {
		body["link"], parent = map[string]string{"type": "reply", "mid": to}, ref{post, to}.String()
	}
	b.tried(post, parent, job.Text)
	c := call{op: "POST /messages/…/comments", path: "/messages/" + url.PathEscape(post) + "/comments", body: body, write: true, chat: cmp.Or(job.Source, post)}
	l, err := b.send(ctx, c)
	if status(err) == http.StatusInternalServerError && b.closed(ctx, post) {
		return reply.Receipt{}, source.Fail(source.Shut, shut, "max %s: comments are off", c.op)
	}
	if err != nil {
		return reply.Receipt{}, err
	}
	return b.receipt(l, post), nil
}

// closed reports whether the comments of a post are off: then MAX fails to list them, too,
// though the post stands.
func (b *Bot) closed(ctx context.Context, post string) bool {
	_, err := b.page(ctx, "GET /messages/…/comments", "/messages/"+url.PathEscape(post)+"/comments", url.Values{"count": {"1"}})
	if status(err) != http.StatusInternalServerError {
		return false
	}
	_, err = b.root(ctx, post)
	return err == nil
}

// write writes a message into a group or a talk, in answer to another one.
func (b *Bot) write(ctx context.Context, where url.Values, chat, text, to string) (reply.Receipt, error) {
	body := map[string]any{"text": text}
	if to != "" {
		body["link"] = map[string]string{"type": "reply", "mid": to}
	}
	l, err := b.send(ctx, call{op: "POST /messages", path: "/messages", query: where, body: body, write: true, chat: chat})
	if err != nil {
		return reply.Receipt{}, err
	}
	return b.receipt(l, ""), nil
}

// notReady are the pauses after which MAX may have taken an attachment in.
var notReady = []time.Duration{time.Second, 2 * time.Second, 4 * time.Second}

// send makes a writing call that answers with the message.
func (b *Bot) send(ctx context.Context, c call) (*letter, error) {
	var out struct {
		Message opt[letter] `json:"message"`
	}
	err := b.do(ctx, c, &out)
	for _, pause := range notReady {
		if err == nil || !strings.HasSuffix(err.Error(), "attachment.not.ready") {
			break
		}
		if err := sleep(ctx, pause); err != nil {
			return nil, err
		}
		err = b.do(ctx, c, &out)
	}
	if err != nil {
		return nil, err
	}
	if out.Message.V == nil || !sound(string(out.Message.V.Body.ID)) {
		return nil, odd(c, "no message")
	}
	return out.Message.V, nil
}

// receipt says where a message stands that was written or found.
func (b *Bot) receipt(l *letter, post string) reply.Receipt {
	id, chat := string(l.Body.ID), int64(l.Recipient.Chat)
	r := reply.Receipt{Native: id, At: ms(l.Timestamp)}
	switch {
	case post != "":
		r.Native, r.URL = ref{post, id}.String(), b.link(chat, post, "")
	case !l.dialog():
		r.URL = b.link(chat, id, string(l.URL))
	}
	if r.At.IsZero() {
		r.At = b.now().UTC()
	}
	b.note("native " + r.Native)
	return r
}

// root reads the message itself.
func (b *Bot) root(ctx context.Context, id string) (*letter, error) {
	var l letter
	c := call{op: "GET /messages/…", path: "/messages/" + url.PathEscape(id)}
	if err := b.do(ctx, c, &l); err != nil {
		return nil, err
	}
	if !sound(string(l.Body.ID)) {
		return nil, odd(c, "no message")
	}
	return &l, nil
}

// Ability implements source.Publisher.
func (b *Bot) Ability() source.Ability {
	a := source.Ability{ReadBack: true, Settle: cmp.Or(b.Settle, time.Minute), PerSecond: cmp.Or(b.PerSecond, 1), PerDay: b.PerDay}
	a.PerSecond = max(a.PerSecond, 0)
	return a
}

// target returns where a job's reply belongs.
func (b *Bot) target(job reply.Job) (t target, err error) {
	if strings.TrimSpace(job.Text) == "" {
		return t, source.Fail(source.Permanent, "Текст ответа пуст: напишите его и отправьте снова.", "max: job %d has no text", job.ID)
	}
	nowhere := source.Fail(source.Permanent, "Ответить отсюда в MAX некуда: ответьте заявителю другим путём.", "max: job %d answers %q", job.ID, clip(job.Parent, 60))
	if user, ok := strings.CutPrefix(job.Thread, talkPrefix); ok {
		if t.talk, err = strconv.ParseInt(user, 10, 64); err != nil || t.talk <= 0 {
			return t, nowhere
		}
		if sound(job.Parent) { // a press or a start is nothing to link to
			t.ref.Message = job.Parent
		}
		return t, nil
	}
	if t.ref, err = parseRef(cmp.Or(job.Parent, job.Thread)); err != nil {
		return t, nowhere
	}
	return t, nil
}

// findPages bounds what Find reads: about 20,000 messages newer than the answered one.
const findPages = 200

// Find looks for the reply: a message of ours with the same words, in answer to the same
// message. It reads the newest first, down to the time of the answered message, which the
// network tells itself: no clock of ours takes part.
func (b *Bot) Find(ctx context.Context, job reply.Job) (reply.Receipt, bool, error) {
	t, err := b.target(job)
	if err != nil {
		return reply.Receipt{}, false, err
	}
	if err := b.know(ctx); err != nil {
		return reply.Receipt{}, false, err
	}
	if t.talk != 0 && t.ref.Message == "" {
		return reply.Receipt{}, false, source.Fail(source.Permanent, "Прочитать этот диалог в MAX нечем: спросите заявителя, дошёл ли ответ.", "max: job %d answers a press", job.ID)
	}
	root, err := b.root(ctx, t.ref.Message)
	if err != nil {
		return reply.Receipt{}, false, err
	}
	if t.ref.Comment == "" && root.Recipient.Type != "channel" { // a group or a talk
		q := url.Values{"chat_id": {strconv.FormatInt(int64(root.Recipient.Chat), 10)}}
		return b.seek(ctx, "GET /messages", "/messages", q, int64(root.Timestamp), func(l *letter) bool {
			return l.sender() == b.self() && l.reply() == t.ref.Message && same(l.text()) == same(job.Text)
		}, "")
	}
	path, since := "/messages/"+url.PathEscape(t.ref.Message)+"/comments", int64(root.Timestamp)
	if t.ref.Comment != "" {
		var l letter
		switch err := b.do(ctx, call{op: "GET /messages/…/comments/…", path: path + "/" + url.PathEscape(t.ref.Comment)}, &l); {
		case status(err) == http.StatusNotFound: // the answered comment is gone; the answer may stand
		case err != nil:
			return reply.Receipt{}, false, err
		default:
			since = max(since, int64(l.Timestamp))
		}
	}
	return b.seek(ctx, "GET /messages/…/comments", path, url.Values{}, since, func(l *letter) bool {
		to := l.reply()
		if to == t.ref.Message {
			to = ""
		}
		// A comment in the channel's name has no sender, and neither has ours where MAX tells none.
		return (l.sender() == 0 || l.sender() == b.self()) && to == t.ref.Comment && same(l.text()) == same(job.Text)
	}, t.ref.Message)
}

// seek reads messages, newest first, until one fits or all are older than since (Unix ms).
func (b *Bot) seek(ctx context.Context, op, path string, q url.Values, since int64, fits func(*letter) bool, post string) (reply.Receipt, bool, error) {
	q.Set("count", strconv.Itoa(pageSize))
	before := int64(0)
	for range findPages {
		raw, err := b.page(ctx, op, path, q)
		if err != nil {
			return reply.Receipt{}, false, err
		}
		oldest := int64(0)
		for _, l := range letters(raw) {
			if fits(&l) {
				return b.receipt(&l, post), true, nil
			}
			if at := int64(l.Timestamp); oldest == 0 || at < oldest {
				oldest = at
			}
		}
		if oldest == 0 || oldest < since || before != 0 && oldest+1 >= before {
			return reply.Receipt{}, false, nil
		}
		before = oldest + 1
		q.Set("before", strconv.FormatInt(before, 10))
	}
	return reply.Receipt{}, false, source.Fail(source.Unclear, "Ветка слишком длинная, чтобы проверить её автоматически: посмотрите на странице записи, опубликован ли ответ.", "max: more than %d pages", findPages)
}

// same returns a text as the network may give it back: spaces and line ends are not kept
// reliably.
func same(text string) string { return strings.Join(strings.Fields(text), " ") }

// tried notes words that we may have written, so that a comment without a sender is known
// as ours.
func (b *Bot) tried(post, parent, text string) {
	b.note(fmt.Sprintf("try %s %s %s", post, parent, hashed(same(text))))
}

func (b *Bot) note(key string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.attempts == nil || len(b.attempts) >= heardMost {
		b.attempts = map[string]bool{}
	}
	b.attempts[key] = true
}

// mine reports whether a comment without a sender is one that we wrote, or tried to write.
func (b *Bot) mine(post, native, parent, text string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.attempts["native "+native] || b.attempts[fmt.Sprintf("try %s %s %s", post, parent, hashed(same(text)))]
}
