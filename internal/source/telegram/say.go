package telegram

import (
	"context"
	"net/url"
	"unicode/utf8"

	"otklik/internal/source"
)

// dataLimit is how long the data of a button may be, in bytes.
const dataLimit = 64

// Say implements source.Speaker. Buttons stand under the message. What is asked for by
// Telegram's own button (a place, a phone) stands in the keyboard below the input line, in
// place of the buttons; with both, the keyboard comes with a message of its own.
func (b *Bot) Say(ctx context.Context, talk string, s source.Speech) (string, error) {
	ref, err := ParseRef(talk)
	if err != nil || ref.Chat < 0 {
		return "", source.Fail(source.Permanent, "Переписка в Telegram не найдена.", "telegram: %q is no talk", clip(talk, 60))
	}
	inline, err := buttons(s.Buttons)
	if err != nil {
		return "", err
	}
	board := keyboard(s.Ask)
	args := map[string]any{}
	switch {
	case inline != nil:
		args["reply_markup"] = map[string]any{"inline_keyboard": inline}
	case board != nil:
		args["reply_markup"], board = board, nil
	default:
		args["reply_markup"] = map[string]any{"remove_keyboard": true} // of an earlier question
	}
	out, err := b.send(ctx, ref.Chat, s.Text, args)
	if err != nil {
		return "", err
	}
	if board != nil { // the question stands by now: without the keyboard it can be answered in words
		_, _ = b.send(ctx, ref.Chat, below[s.Ask], map[string]any{"reply_markup": board, "disable_notification": true})
	}
	return Ref{ref.Chat, out.ID}.String(), nil
}

var (
	below = map[source.Ask]string{
		source.AskPoint:   "Место можно отправить кнопкой внизу.",
		source.AskContact: "Телефон можно отправить кнопкой внизу.",
	}
	asks = map[source.Ask]map[string]any{
		source.AskPoint:   {"text": "Отправить место, где я сейчас", "request_location": true},
		source.AskContact: {"text": "Отправить мой телефон", "request_contact": true},
	}
)

// keyboard returns the markup of the button that asks, nil for none.
func keyboard(a source.Ask) map[string]any {
	if asks[a] == nil {
		return nil
	}
	return map[string]any{"keyboard": [][]any{{asks[a]}}, "resize_keyboard": true, "one_time_keyboard": true}
}

// buttons returns the markup of the buttons, nil for none.
func buttons(rows [][]source.Button) ([][]map[string]string, error) {
	var out [][]map[string]string
	for _, row := range rows {
		var line []map[string]string
		for _, b := range row {
			one := map[string]string{"text": b.Label, "callback_data": b.Data}
			bad := b.Data == "" || len(b.Data) > dataLimit || !utf8.ValidString(b.Data)
			if b.URL != "" {
				u, err := url.Parse(b.URL)
				bad = err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == ""
				one = map[string]string{"text": b.Label, "url": b.URL}
			}
			if bad || b.Label == "" {
				return nil, source.Fail(source.Permanent, "Кнопка составлена неверно: сообщите администратору.", "telegram: a button without label, or with %d bytes of data", len(b.Data))
			}
			line = append(line, one)
		}
		if len(line) > 0 {
			out = append(out, line)
		}
	}
	return out, nil
}
