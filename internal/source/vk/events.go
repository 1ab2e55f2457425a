package vk

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/url"
	"strconv"
	"strings"
	"time"

	"otklik/internal/message"
	"otklik/internal/source"
)

// How a community of ours tells of what happens in it, beside being read.
const (
	Callback = "callback" // VK calls our address (Callback API)
	LongPoll = "longpoll" // we wait at VK's (Bots Long Poll)
)

// Secret is what VK must show in each call. It is made of the community's token, so that
// nobody has to keep it, and a new token is a new secret. VK takes 50 characters at most.
func (w *Wall) Secret() string {
	mac := hmac.New(sha256.New, []byte(w.CommunityToken))
	mac.Write([]byte("otklik callback " + w.ID()))
	return hex.EncodeToString(mac.Sum(nil))[:48]
}

// remembered is how many comments' last events are kept in mind.
const remembered = 20_000

// Receive implements source.Receiver: one call of the Callback API. VK repeats an event with
// the same event_id until it is answered «ok», and keeps no order: the first words of a
// comment that come behind its edit or deletion bring nothing.
func (w *Wall) Receive(ctx context.Context, c source.Call) (source.Received, error) {
	var u struct {
		Type   words  `json:"type"`
		Group  number `json:"group_id"`
		ID     words  `json:"event_id"`
		Secret words  `json:"secret"`
	}
	if json.Unmarshal(c.Body, &u) != nil || u.Type == "" {
		return source.Received{}, source.Fail(source.Permanent, "Вызов не похож на событие ВКонтакте.", "vk call: %d bytes that are no event", len(c.Body))
	}
	call := u.Type != "confirmation" || u.Secret != "" // whether a confirmation shows the secret is not documented
	if w.CommunityToken == "" || call && !hmac.Equal([]byte(u.Secret), []byte(w.Secret())) {
		return source.Received{}, source.Fail(source.Person, "ВКонтакте вызывает нас с другим секретным ключом: уберите сервер Callback API в настройках сообщества, и он назначится заново.", "vk call: the secret is another one")
	}
	if int64(u.Group) != w.Group {
		return source.Received{}, source.Fail(source.Permanent, "Вызов пришёл от другого сообщества: проверьте адрес в его настройках Callback API.", "vk call: of the community %d", int64(u.Group))
	}
	if u.Type == "confirmation" { // the code changes when servers are edited: it is asked each time
		code, err := w.confirmation(ctx)
		return source.Received{Answer: code}, err
	}
	r := source.Received{ID: string(u.ID), Answer: "ok"}
	list, err := w.event(ctx, c.Body)
	r.Messages = list
	return r, err
}

// event decodes one event; one without a message gives none.
func (w *Wall) event(ctx context.Context, raw []byte) ([]message.Message, error) {
	list, err := FromUpdate(raw, w.frame(nil))
	switch {
	case errors.Is(err, ErrNoMessage):
		return nil, nil
	case err != nil:
		return nil, source.Fail(source.Permanent, "Событие ВКонтакте не читается.", "vk event: %w", err)
	}
	var u struct {
		Type words `json:"type"`
	}
	_ = json.Unmarshal(raw, &u) // FromUpdate has read it
	fresh := list[:0]
	for _, m := range list {
		if m.Form == message.Comment && w.overtaken(m.Native, strings.HasSuffix(string(u.Type), "_new")) {
			continue
		}
		m.SeenAt = w.now().UTC()
		fresh = append(fresh, m)
	}
	w.name(ctx, fresh)
	return fresh, nil
}

// overtaken reports whether the first words of a comment come behind a later event of it.
func (w *Wall) overtaken(native string, first bool) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if first {
		return w.later[native]
	}
	if w.later == nil || len(w.later) >= remembered {
		w.later = map[string]bool{}
	}
	w.later[native] = true
	return false
}

// nameWait is how long an event waits for its author's name.
const nameWait = 2 * time.Second

// name asks for the names of authors, which events do not tell. Without an answer the
// message comes without the name.
func (w *Wall) name(ctx context.Context, list []message.Message) {
	var ask []string
	w.mu.Lock()
	for k := range list {
		id, err := strconv.ParseInt(list[k].Author, 10, 64)
		if err != nil || id <= 0 {
			continue
		}
		if list[k].AuthorName = w.names[id]; list[k].AuthorName == "" {
			ask = append(ask, list[k].Author)
		}
	}
	w.mu.Unlock()
	if len(ask) == 0 || w.CommunityToken == "" {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, nameWait)
	defer cancel()
	var people []json.RawMessage
	if w.client().call(ctx, "users.get", w.CommunityToken, false, url.Values{"user_ids": {strings.Join(ask, ",")}}, &people) != nil {
		return
	}
	found := Names{}
	found.Add(people, nil)
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.names == nil || len(w.names) >= remembered {
		w.names = Names{}
	}
	for id, n := range found {
		w.names[id] = n
	}
	for k := range list {
		if id, err := strconv.ParseInt(list[k].Author, 10, 64); err == nil && list[k].AuthorName == "" {
			list[k].AuthorName = w.names[id]
		}
	}
}

// manage calls a method of the community's settings.
func (w *Wall) manage(ctx context.Context, method string, params url.Values, out any) error {
	set(params, "group_id", w.Group)
	err := w.client().call(ctx, method, w.CommunityToken, false, params, out)
	var e *source.Error
	if errors.As(err, &e) && (e.Code == 7 || e.Code == 15 || e.Code == 27) {
		return source.Fail(source.Person, "Ключ сообщества не даёт получать события: выпустите ключ с правом «Управление сообществом».", "vk %s: error %d", method, e.Code)
	}
	return err
}

// confirmation returns the code that proves to VK that the address is the community's. It is
// asked seldom, since anybody can pretend to be VK here; the code itself opens nothing.
func (w *Wall) confirmation(ctx context.Context) (string, error) {
	w.mu.Lock()
	code, since := w.code, w.now().Sub(w.coded)
	w.mu.Unlock()
	if code != "" && since >= 0 && since < 5*time.Second {
		return code, nil
	}
	var out struct {
		Code words `json:"code"`
	}
	if err := w.manage(ctx, "groups.getCallbackConfirmationCode", url.Values{}, &out); err != nil {
		return "", err
	}
	if out.Code == "" {
		return "", odd("groups.getCallbackConfirmationCode", false, "no code")
	}
	w.mu.Lock()
	w.code, w.coded = string(out.Code), w.now()
	w.mu.Unlock()
	return string(out.Code), nil
}

// Told are the events that we ask for.
var told = []string{
	"message_new", "message_edit", "message_reply", "wall_post_new", "wall_repost",
	"wall_reply_new", "wall_reply_edit", "wall_reply_restore", "wall_reply_delete",
	"board_post_new", "board_post_edit", "board_post_restore", "board_post_delete",
	"photo_comment_new", "photo_comment_edit", "photo_comment_restore", "photo_comment_delete",
	"video_comment_new", "video_comment_edit", "video_comment_restore", "video_comment_delete",
	"market_comment_new", "market_comment_edit", "market_comment_restore", "market_comment_delete",
}

func asked() url.Values {
	params := url.Values{"api_version": {Version}}
	for _, t := range told {
		params.Set(t, "1")
	}
	return params
}

// lookEvery is how often it is looked whether VK still calls us.
const lookEvery = time.Minute

// hooked sees that VK calls our address: a server that is lost is set anew, and one that VK
// holds for broken is a trouble for people. again says that events may have been lost.
func (w *Wall) hooked(ctx context.Context) (again bool, err error) {
	now := w.now()
	w.mu.Lock()
	since := now.Sub(w.looked)
	w.mu.Unlock()
	if since >= 0 && since < lookEvery {
		return false, nil
	}
	var out struct {
		Items []struct {
			ID     number `json:"id"`
			URL    words  `json:"url"`
			Secret words  `json:"secret_key"`
			Status words  `json:"status"`
		} `json:"items"`
	}
	if err := w.manage(ctx, "groups.getCallbackServers", url.Values{}, &out); err != nil {
		return false, err
	}
	for _, s := range out.Items {
		if string(s.URL) != w.Hook {
			continue
		}
		if s.Secret != "" && string(s.Secret) != w.Secret() { // of an older token
			p := url.Values{"url": {w.Hook}, "title": {title}, "secret_key": {w.Secret()}}
			set(p, "server_id", int64(s.ID))
			var done number
			if err := w.manage(ctx, "groups.editCallbackServer", p, &done); err != nil {
				return false, err
			}
			again = true
		} else if s.Status == "failed" {
			return false, source.Fail(source.Person, "ВКонтакте не может вызвать наш адрес: проверьте, открыт ли он из интернета, и подтвердите сервер в настройках Callback API сообщества.", "vk: the callback server has failed")
		}
		w.lookedAt(now)
		return again, nil
	}
	var server struct {
		ID number `json:"server_id"`
	}
	if err := w.manage(ctx, "groups.addCallbackServer", url.Values{"url": {w.Hook}, "title": {title}, "secret_key": {w.Secret()}}, &server); err != nil {
		return false, err
	}
	p := asked()
	set(p, "server_id", int64(server.ID))
	var done number
	if err := w.manage(ctx, "groups.setCallbackSettings", p, &done); err != nil {
		return false, err
	}
	w.lookedAt(now)
	return true, nil
}

// title of our server in the community's settings, at most 14 characters.
const title = "Otklik"

func (w *Wall) lookedAt(now time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.looked = now
}
