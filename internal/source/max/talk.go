package max

import (
	"context"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"otklik/internal/source"
)

// Say implements source.Speaker. A long text becomes several messages, the buttons stand
// under the last one. A press that waits for its answer gets it first, so that the button
// stops turning.
func (b *Bot) Say(ctx context.Context, talk string, s source.Speech) (native string, err error) {
	user, err := strconv.ParseInt(strings.TrimPrefix(talk, talkPrefix), 10, 64)
	if err != nil || user <= 0 || !strings.HasPrefix(talk, talkPrefix) {
		return "", source.Fail(source.Permanent, "Этого диалога в MAX нет: ответьте заявителю другим путём.", "max: %q is no talk", clip(talk, 40))
	}
	if strings.TrimSpace(s.Text) == "" {
		return "", source.Fail(source.Permanent, "Текст ответа пуст: напишите его и отправьте снова.", "max: nothing to say")
	}
	b.settlePress(ctx, user)
	parts := pieces(s.Text, longest)
	for k, part := range parts {
		body := map[string]any{"text": part}
		if k == len(parts)-1 {
			if rows := keyboard(s); len(rows) > 0 {
				body["attachments"] = []any{map[string]any{"type": "inline_keyboard", "payload": map[string]any{"buttons": rows}}}
			}
		}
		q := url.Values{"user_id": {strconv.FormatInt(user, 10)}}
		l, err := b.send(ctx, call{op: "POST /messages", path: "/messages", query: q, body: body, write: true, chat: talk})
		if err != nil {
			return native, err
		}
		native = string(l.Body.ID)
	}
	return native, nil
}

// keyboard returns the rows of buttons as MAX wants them.
func keyboard(s source.Speech) (rows [][]map[string]any) {
	for _, row := range s.Buttons {
		var out []map[string]any
		for _, k := range row {
			if k.URL != "" {
				out = append(out, map[string]any{"type": "link", "text": k.Label, "url": k.URL})
			} else {
				out = append(out, map[string]any{"type": "callback", "text": k.Label, "payload": k.Data})
			}
		}
		if len(out) > 0 {
			rows = append(rows, out)
		}
	}
	switch s.Ask {
	case source.AskPoint:
		rows = append(rows, []map[string]any{{"type": "request_geo_location", "text": "Отправить место, где я стою"}})
	case source.AskContact:
		rows = append(rows, []map[string]any{{"type": "request_contact", "text": "Отправить мой телефон"}})
	}
	return rows
}

// pieces cuts a text into parts of at most n characters, at line ends or blanks where it can.
func pieces(text string, n int) (out []string) {
	for utf8.RuneCountInString(text) > n {
		cut, count := len(text), 0
		for at := range text {
			if count == n {
				cut = at
				break
			}
			count++
		}
		head := text[:cut]
		if at := strings.LastIndexByte(head, '\n'); at > cut/2 {
			head = head[:at]
		} else if at := strings.LastIndexByte(head, ' '); at > cut/2 {
			head = head[:at]
		}
		out = append(out, strings.TrimSpace(head))
		text = strings.TrimSpace(text[len(head):])
	}
	return append(out, text)
}

const pressesMost = 1000

// pressed notes a press that waits for its answer.
func (b *Bot) pressed(user int64, callback string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.presses == nil || len(b.presses) >= pressesMost {
		b.presses = map[int64]string{}
	}
	b.presses[user] = callback
}

// settlePress answers the last press of a person. That it cannot be answered any more
// hurts nobody: a button turns until the application gives up.
func (b *Bot) settlePress(ctx context.Context, user int64) {
	b.mu.Lock()
	callback, ok := b.presses[user]
	delete(b.presses, user)
	b.mu.Unlock()
	if ok {
		_ = b.do(ctx, call{op: "POST /answers", path: "/answers", query: url.Values{"callback_id": {callback}}, body: map[string]any{"notification": "Принято"}, write: true, chat: talkID(user)}, nil)
	}
}

// answerPresses answers the presses that nobody has spoken to since the Poll before.
func (p *poll) answerPresses(ctx context.Context) {
	p.mu.Lock()
	users := make([]int64, 0, len(p.presses))
	for user := range p.presses {
		users = append(users, user)
	}
	p.mu.Unlock()
	for _, user := range users[:min(len(users), 5)] {
		p.settlePress(ctx, user)
	}
}
