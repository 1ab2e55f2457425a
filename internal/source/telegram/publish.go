package telegram

import (
	"cmp"
	"context"
	"strings"
	"time"
	"unicode/utf16"

	"otklik/internal/reply"
	"otklik/internal/source"
)

// textLimit is how long a message may be, in UTF-16 units.
const textLimit = 4096

// sent is what Telegram tells of a message that it took.
type sent struct {
	ID     int64 `json:"message_id"`
	Date   int64 `json:"date"`
	Thread int64 `json:"message_thread_id"`
	Topic  bool  `json:"is_topic_message"`
	Chat   chat  `json:"chat"`
}

// Publish implements source.Publisher: it answers the message that job.Parent names, in
// its thread. Plain text, without a preview of links.
func (b *Bot) Publish(ctx context.Context, job reply.Job) (reply.Receipt, error) {
	ref, err := ParseRef(cmp.Or(job.Parent, job.Thread))
	if err != nil {
		return reply.Receipt{}, source.Fail(source.Permanent, "Не видно, на что отвечать в Telegram: ответьте вручную.", "telegram: job %d: %w", job.ID, err)
	}
	args := map[string]any{}
	if ref.Message != 0 {
		args["reply_parameters"] = map[string]any{"message_id": ref.Message, "allow_sending_without_reply": ref.Chat > 0}
	}
	out, err := b.send(ctx, ref.Chat, job.Text, args)
	if err != nil {
		return reply.Receipt{}, err
	}
	mine := reply.Receipt{Native: Ref{ref.Chat, out.ID}.String(), At: unix(out.Date)}
	if out.Chat.ID = ref.Chat; ref.Chat < 0 {
		mine.URL = b.link(&out.Chat, out.Thread, out.ID, out.Topic, nil)
	}
	if mine.At.IsZero() {
		mine.At = b.now()
	}
	return mine, nil
}

// send writes one message.
func (b *Bot) send(ctx context.Context, to int64, text string, args map[string]any) (*sent, error) {
	switch {
	case strings.TrimSpace(text) == "":
		return nil, source.Fail(source.Permanent, "Текст ответа пуст: напишите его и отправьте снова.", "telegram: no text")
	case len(utf16.Encode([]rune(text))) > textLimit:
		return nil, source.Fail(source.Permanent, tooLong, "telegram: a text over %d units", textLimit)
	}
	if err := b.limits().wait(ctx, to); err != nil {
		return nil, err // nothing was sent
	}
	args["chat_id"], args["text"], args["link_preview_options"] = to, text, map[string]bool{"is_disabled": true}
	var out sent
	if err := b.call(ctx, "sendMessage", true, args, &out); err != nil {
		return nil, err
	}
	if out.ID <= 0 {
		return nil, source.Fail(source.Unclear, "Telegram ответил непонятно: посмотрите в переписке, дошёл ли ответ.", "telegram sendMessage: no message_id")
	}
	return &out, nil
}

// Ability implements source.Publisher: there is neither a key nor a way to read back.
func (b *Bot) Ability() source.Ability {
	return source.Ability{PerSecond: groupPerMinute / time.Minute.Seconds()}
}

// Find implements source.Publisher. A bot cannot read what stands in a chat.
func (b *Bot) Find(context.Context, reply.Job) (reply.Receipt, bool, error) {
	return reply.Receipt{}, false, source.Fail(source.Unclear, "Telegram не даёт боту перечитать переписку: посмотрите сами, дошёл ли ответ.", "telegram: a bot cannot read back")
}
