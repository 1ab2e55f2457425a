package vk

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"otklik/internal/message"
	"otklik/internal/reply"
	"otklik/internal/source"
)

// What a private message may hold. The schema allows 9,000 characters, VK takes 4,096.
const (
	letterLimit  = 4000 // characters
	labelLimit   = 40   // characters of a button
	payloadLimit = 255  // characters of JSON
	inlineMost   = 10   // buttons under a message
	inlineWide   = 5    // in a row
)

// talkID names a direct talk: «im77».
func talkID(peer int64) string { return "im" + strconv.FormatInt(peer, 10) }

// talkOf returns the person of the talk that a reply belongs to; false where it belongs
// elsewhere.
func talkOf(job reply.Job) (peer int64, ok bool) {
	for _, native := range []string{job.Parent, job.Thread} {
		if peer, ok := peerOf(native); ok {
			return peer, true
		}
	}
	return 0, false
}

// peerOf reads «im77» and «im77_614».
func peerOf(native string) (int64, bool) {
	s, ok := strings.CutPrefix(native, "im")
	if !ok {
		return 0, false
	}
	s, _, _ = strings.Cut(s, "_")
	peer, err := strconv.ParseInt(s, 10, 64)
	return peer, err == nil && peer > 0
}

// Say implements source.Speaker: it writes to the person as the community.
func (w *Wall) Say(ctx context.Context, talk string, s source.Speech) (string, error) {
	peer, ok := peerOf(talk)
	if !ok {
		return "", source.Fail(source.Permanent, "Этой переписки во ВКонтакте нет: ответьте заявителю другим путём.", "vk: %q is no talk", clip(talk, 40))
	}
	board, text, err := keyboard(s)
	if err != nil {
		return "", err
	}
	key := s.Key
	if key == "" {
		key = rand.Text()
	}
	return w.write(ctx, peer, key, text, board)
}

// tell writes a reply into a talk. Its key is VK's random_id, so that a second try writes
// nothing twice.
func (w *Wall) tell(ctx context.Context, peer int64, job reply.Job) (reply.Receipt, error) {
	native, err := w.write(ctx, peer, job.Key, job.Text, "")
	if err != nil {
		return reply.Receipt{}, w.rested(err)
	}
	return reply.Receipt{Native: native, URL: w.talkLink(peer), At: w.now().UTC()}, nil
}

// talkLink is where the community's people see a talk.
func (w *Wall) talkLink(peer int64) string {
	page := w.PageURL
	if page == "" {
		page = Page
	}
	return page + "gim" + strconv.FormatInt(w.Group, 10) + "?sel=" + strconv.FormatInt(peer, 10)
}

// write sends a text, a long one as several messages with the keyboard under the last. It
// returns the native id of the last.
func (w *Wall) write(ctx context.Context, peer int64, key, text, board string) (native string, err error) {
	if strings.TrimSpace(text) == "" {
		return "", source.Fail(source.Permanent, "Текст ответа пуст: напишите его и отправьте снова.", "vk: nothing to say")
	}
	parts := pieces(text, letterLimit)
	for k, part := range parts {
		params := url.Values{"message": {part}, "dont_parse_links": {"1"}}
		set(params, "peer_ids", peer) // with the plural VK tells the number in the talk
		set(params, "random_id", randomID(key, k, part))
		if k == len(parts)-1 && board != "" {
			params.Set("keyboard", board)
		}
		var out []struct {
			ID     number `json:"message_id"`
			Number number `json:"conversation_message_id"`
			Error  *struct {
				Code number `json:"code"`
			} `json:"error"`
		}
		if err := w.client().call(ctx, "messages.send", w.CommunityToken, true, params, &out); err != nil {
			return native, unlettered(err)
		}
		switch {
		case len(out) == 0:
			return native, odd("messages.send", true, "no receipt")
		case out[0].Error != nil:
			return native, unlettered(refuse("messages.send", int(out[0].Error.Code), true))
		case out[0].Number == 0 && out[0].ID == 0:
			return native, odd("messages.send", true, "no message_id")
		}
		n := int64(out[0].Number)
		if n == 0 { // a repeat may tell the message's own id alone
			if found, ok, err := w.sent(ctx, peer, func(it *item) bool { return it.ID == out[0].ID }); err == nil && ok {
				n = found.number()
			}
		}
		native = Ref{Place: "im", Owner: peer, Item: or(n, int64(out[0].ID))}.String()
	}
	return native, nil
}

// unlettered says which right a token lacks that may not read or write messages.
func unlettered(err error) error {
	var e *source.Error
	if errors.As(err, &e) && (e.Code == 7 || e.Code == 15 || e.Code == 27 || e.Code == 28) {
		return source.Fail(source.Person, "Ключ сообщества не даёт читать и писать сообщения: выпустите ключ с правом «Сообщения сообщества» и впишите его.", "vk messages: error %d", e.Code)
	}
	return err
}

// number is the message's number in its talk.
func (it *item) number() int64 { return or(int64(it.Conversation), int64(it.ID)) }

// randomID makes VK's key of ours: 63 bits, never 0, which would switch the check off. Other
// words under one key are another message: a reply may be reworded between two tries.
func randomID(key string, part int, text string) int64 {
	sum := sha256.Sum256([]byte(key + "\x00" + strconv.Itoa(part) + "\x00" + text))
	return max(int64(binary.BigEndian.Uint64(sum[:8])>>1), 1)
}

// told looks for a reply in its talk: a message of ours with its random_id, or with the same
// words since the try.
func (w *Wall) told(ctx context.Context, peer int64, job reply.Job) (reply.Receipt, bool, error) {
	parts := pieces(job.Text, letterLimit)
	last := len(parts) - 1
	since := time.Time{}
	if !job.TriedAt.IsZero() {
		since = job.TriedAt.Add(-time.Minute)
	}
	it, ok, err := w.sent(ctx, peer, func(it *item) bool {
		if it.RandomID != 0 {
			return int64(it.RandomID) == randomID(job.Key, last, parts[last])
		}
		return same(string(it.Text)) == same(parts[last]) && !unix(it.Date).Before(since)
	})
	if err != nil || !ok {
		return reply.Receipt{}, false, err
	}
	return reply.Receipt{Native: Ref{Place: "im", Owner: peer, Item: it.number()}.String(), URL: w.talkLink(peer), At: unix(it.Date)}, true, nil
}

// sentPages bounds how far back a talk is read for what we wrote.
const sentPages = 5

// sent returns the newest message of ours in a talk that fits.
func (w *Wall) sent(ctx context.Context, peer int64, fits func(*item) bool) (*item, bool, error) {
	for page := range sentPages {
		out, err := w.history(ctx, peer, page*talkPage)
		if err != nil {
			return nil, false, err
		}
		for _, raw := range out.Items {
			var it item
			if json.Unmarshal(raw, &it) == nil && (bool(it.Out) || it.FromID < 0) && it.number() != 0 && fits(&it) {
				return &it, true, nil
			}
		}
		if len(out.Items) == 0 || len(out.Items) < talkPage {
			return nil, false, nil
		}
	}
	return nil, false, nil
}

// keyboard writes the buttons as VK wants them, under the message. More than fit there are
// written as a numbered list, and a number answers like a press.
func keyboard(s source.Speech) (board, text string, err error) {
	type action map[string]string
	var rows [][]map[string]any
	count := 0
	for _, row := range s.Buttons {
		var line []map[string]any
		for _, b := range row {
			a := action{"type": "text", "label": label(b.Label)}
			if b.URL != "" {
				a["type"], a["link"] = "open_link", b.URL
			} else {
				data, _ := json.Marshal(map[string]string{"b": b.Data})
				if a["payload"] = string(data); b.Data == "" || utf8.RuneCountInString(a["payload"]) > payloadLimit {
					return "", "", source.Fail(source.Permanent, "Кнопка составлена неверно: сообщите администратору.", "vk: a button with %d bytes of data", len(b.Data))
				}
			}
			if a["label"] == "" {
				return "", "", source.Fail(source.Permanent, "Кнопка составлена неверно: сообщите администратору.", "vk: a button without a label")
			}
			if len(line) == inlineWide {
				rows, line = append(rows, line), nil
			}
			line = append(line, map[string]any{"action": a})
			count++
		}
		if len(line) > 0 {
			rows = append(rows, line)
		}
	}
	if s.Ask == source.AskPoint {
		rows = append(rows, []map[string]any{{"action": action{"type": "location", "payload": "{}"}}})
		count++
	}
	text = s.Text
	if s.Ask == source.AskContact {
		text += "\n\nНапишите номер телефона в ответ."
	}
	if count > inlineMost {
		return "", text + listed(s.Buttons), nil
	}
	if count == 0 {
		return "", text, nil
	}
	b, err := json.Marshal(map[string]any{"inline": true, "buttons": rows})
	return string(b), text, err
}

// listed writes buttons in words.
func listed(rows [][]source.Button) string {
	var b strings.Builder
	n := 0
	for _, row := range rows {
		for _, k := range row {
			n++
			b.WriteString("\n" + strconv.Itoa(n) + ". " + k.Label)
			if k.URL != "" {
				b.WriteString(": " + k.URL)
			}
		}
	}
	return "\n" + b.String()
}

// label shortens what VK would refuse.
func label(s string) string {
	r := []rune(strings.TrimSpace(s))
	if len(r) > labelLimit {
		r = append(r[:labelLimit-1], '…')
	}
	return string(r)
}

// pressed returns the data of our button that a person pressed, "" where the message is
// written by hand.
func (it *item) pressed() string {
	var p struct {
		Data string `json:"b"`
	}
	if it.Payload != "" {
		_ = json.Unmarshal([]byte(it.Payload), &p)
	}
	return p.Data
}

// started reports whether VK's own button «Начать» was pressed, which opens a talk.
func (it *item) started() bool {
	var p struct {
		Command string `json:"command"`
	}
	return it.Payload != "" && json.Unmarshal([]byte(it.Payload), &p) == nil && p.Command == "start"
}

// point returns where the person stands, as VK's button told.
func (it *item) point() *message.Point {
	var g struct {
		At struct {
			Lat float64 `json:"latitude"`
			Lon float64 `json:"longitude"`
		} `json:"coordinates"`
	}
	if !it.Geo.into(&g) || g.At.Lat == 0 && g.At.Lon == 0 || g.At.Lat < -90 || g.At.Lat > 90 || g.At.Lon < -180 || g.At.Lon > 180 {
		return nil
	}
	return &message.Point{Lat: g.At.Lat, Lon: g.At.Lon}
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
