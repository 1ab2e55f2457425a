package maxfake

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// A refusal is MAX's status and code.
type refusal struct {
	Status int
	Code   string
}

var (
	notFound = refusal{404, "not.found"}
	payload  = refusal{400, "proto.payload"}
	denied   = refusal{403, "chat.denied"}
)

// An answer is what a method answers: a body, or a refusal.
type method func(f *Fake, r *http.Request) (any, refusal)

var methods = map[string]method{
	"GET /me":                            (*Fake).getMe,
	"GET /updates":                       (*Fake).getUpdates,
	"GET /subscriptions":                 (*Fake).getSubs,
	"POST /subscriptions":                (*Fake).subscribe,
	"DELETE /subscriptions":              (*Fake).unsubscribe,
	"GET /chats/{chat}":                  (*Fake).getChat,
	"GET /messages":                      (*Fake).getMessages,
	"POST /messages":                     (*Fake).send,
	"GET /messages/{mid}":                (*Fake).getMessage,
	"GET /messages/{mid}/comments":       (*Fake).getComments,
	"POST /messages/{mid}/comments":      (*Fake).postComment,
	"GET /messages/{mid}/comments/{cid}": (*Fake).getComment,
	"POST /answers":                      (*Fake).answer,
	"GET /chats/{chat}/members/me":       (*Fake).membership,
}

// api builds the handler of the methods.
func (f *Fake) api() http.Handler {
	mux := http.NewServeMux()
	for op, do := range methods {
		verb, path, _ := strings.Cut(op, " ")
		mux.HandleFunc(verb+" /api"+path, func(w http.ResponseWriter, r *http.Request) { f.call(w, r, op, do) })
	}
	mux.HandleFunc("/api/", func(w http.ResponseWriter, _ *http.Request) { refuse(w, refusal{405, "method.not.allowed"}, 0) })
	return mux
}

// call answers one call.
func (f *Fake) call(w http.ResponseWriter, r *http.Request, op string, do method) {
	r.Body = http.MaxBytesReader(w, r.Body, 1<<20)
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	f.mu.Lock()
	f.counts[op]++
	t := f.troubles.Take(op)
	var no refusal
	var out any
	switch {
	case t.Kind == Refuse:
		no = refusal{t.Code, t.Word}
	case r.Header.Get("Authorization") != f.opts.Token:
		no = refusal{401, "verify.token"}
	case f.crowded():
		no = refusal{429, "too.many.requests"}
	}
	f.mu.Unlock()
	if t.Before(w, odd) {
		return
	}
	if no.Status == 0 {
		f.mu.Lock()
		out, no = do(f, r)
		f.mu.Unlock()
	}
	t.Spoil(r)
	if no.Status != 0 {
		refuse(w, no, t.After)
		return
	}
	w.Write(encode(out))
}

// crowded reports whether too many calls came in this second.
func (f *Fake) crowded() bool {
	if f.opts.PerSecond <= 0 {
		return false
	}
	now := f.opts.Now()
	f.calls = slices.DeleteFunc(f.calls, func(t time.Time) bool { return now.Sub(t) >= time.Second })
	if len(f.calls) >= f.opts.PerSecond {
		return true
	}
	f.calls = append(f.calls, now)
	return false
}

func refuse(w http.ResponseWriter, no refusal, after time.Duration) {
	if after > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(after/time.Second)))
	}
	w.WriteHeader(no.Status)
	if no.Status == http.StatusOK { // an action that did not succeed
		w.Write(encode(map[string]any{"success": false, "message": no.Code}))
		return
	}
	w.Write(encode(map[string]any{"code": no.Code, "message": "Refused: " + no.Code}))
}

func encode(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic("maxfake: " + err.Error())
	}
	return b
}

func number(q url.Values, key string) int64 {
	n, _ := strconv.ParseInt(q.Get(key), 10, 64)
	return n
}

// count returns how many are asked for.
func count(q url.Values) int {
	if !q.Has("count") {
		return 50
	}
	return int(min(max(number(q, "count"), 1), 100))
}

func (f *Fake) getMe(*http.Request) (any, refusal) {
	u := f.userJSON(f.opts.Bot)
	u["username"] = f.opts.Username
	return u, refusal{}
}

func (f *Fake) userJSON(id int64) map[string]any {
	name := f.name(id)
	first, last, _ := strings.Cut(name, " ")
	return map[string]any{"user_id": id, "first_name": first, "last_name": last, "name": name, "is_bot": id == f.opts.Bot, "last_activity_time": f.ms()}
}

// getUpdates gives the events from the marker on; those before it are confirmed.
func (f *Fake) getUpdates(r *http.Request) (any, refusal) {
	q := r.URL.Query()
	updates := []json.RawMessage{}
	if len(f.state.Subs) > 0 { // the webhook has them
		return map[string]any{"updates": updates, "marker": f.state.Next + 1}, refusal{}
	}
	waiting := f.state.Events
	if q.Has("marker") {
		from := number(q, "marker")
		waiting = slices.DeleteFunc(waiting, func(e event) bool { return e.N < from })
		f.state.Events = waiting
	} else if !f.opts.All && len(waiting) > 1 {
		waiting = waiting[len(waiting)-1:]
	}
	limit := int(min(max(number(q, "limit"), 1), 1000))
	next := f.state.Next + 1
	if len(waiting) > limit {
		waiting, next = waiting[:limit], waiting[limit].N
	}
	types := strings.Split(q.Get("types"), ",")
	for _, e := range waiting {
		var u struct {
			Type string `json:"update_type"`
		}
		if _ = json.Unmarshal(e.JSON, &u); types[0] == "" || slices.Contains(types, u.Type) {
			updates = append(updates, e.JSON)
		}
	}
	return map[string]any{"updates": updates, "marker": next}, refusal{}
}

func (f *Fake) getSubs(*http.Request) (any, refusal) {
	out := []any{}
	for _, s := range f.state.Subs {
		out = append(out, map[string]any{"url": s.URL, "time": f.ms(), "update_types": s.Types})
	}
	return map[string]any{"subscriptions": out}, refusal{}
}

func (f *Fake) subscribe(r *http.Request) (any, refusal) {
	var s sub
	if json.NewDecoder(r.Body).Decode(&s) != nil || !strings.HasPrefix(s.URL, "http") || len(s.Secret) < 5 || len(s.Secret) > 256 {
		return nil, refusal{200, "bad subscription"}
	}
	f.state.Subs = append(slices.DeleteFunc(f.state.Subs, func(k sub) bool { return k.URL == s.URL }), s)
	f.save()
	return map[string]any{"success": true}, refusal{}
}

func (f *Fake) unsubscribe(r *http.Request) (any, refusal) {
	address := r.URL.Query().Get("url")
	f.state.Subs = slices.DeleteFunc(f.state.Subs, func(k sub) bool { return k.URL == address })
	f.save()
	return map[string]any{"success": true}, refusal{}
}

func (f *Fake) getChat(r *http.Request) (any, refusal) {
	id, _ := strconv.ParseInt(r.PathValue("chat"), 10, 64)
	c := f.chat(id)
	switch {
	case c == nil:
		return nil, notFound
	case c.Shut:
		return nil, denied
	}
	return map[string]any{"chat_id": c.ID, "type": c.Type, "status": "active", "title": c.Title, "is_public": false, "link": nil, "participants_count": len(f.state.People), "last_event_time": f.ms()}, refusal{}
}

func (f *Fake) membership(r *http.Request) (any, refusal) {
	if _, no := f.getChat(r); no.Status != 0 {
		return nil, no
	}
	u := f.userJSON(f.opts.Bot)
	u["is_admin"], u["permissions"] = true, []string{"read_all_messages", "write", "edit", "delete"}
	return u, refusal{}
}

// part returns the newest messages first, between the times that were asked for.
func (f *Fake) part(c *chat, p *message, all []*message, q url.Values) any {
	out := []any{}
	for _, m := range slices.Backward(all) {
		before, after := number(q, "before"), number(q, "after")
		if m.Deleted || before != 0 && m.At >= before || after != 0 && m.At <= after {
			continue
		}
		if out = append(out, f.json(c, p, m)); len(out) == count(q) {
			break
		}
	}
	return map[string]any{"messages": out}
}

func (f *Fake) getMessages(r *http.Request) (any, refusal) {
	q := r.URL.Query()
	c := f.chat(number(q, "chat_id"))
	switch {
	case c == nil:
		return nil, notFound
	case c.Shut:
		return nil, denied
	}
	return f.part(c, nil, c.Messages, q), refusal{}
}

// post returns the message that the address names.
func (f *Fake) post(r *http.Request) (*chat, *message, refusal) {
	id := r.PathValue("mid")
	if !strings.HasPrefix(id, "mid.") {
		return nil, nil, payload
	}
	c, above, m := f.find(id)
	switch {
	case m == nil || above != nil || m.Deleted:
		return nil, nil, notFound
	case c.Shut:
		return nil, nil, denied
	}
	return c, m, refusal{}
}

func (f *Fake) getMessage(r *http.Request) (any, refusal) {
	c, m, no := f.post(r)
	if no.Status != 0 {
		return nil, no
	}
	return f.json(c, nil, m), no
}

func (f *Fake) getComments(r *http.Request) (any, refusal) {
	c, p, no := f.post(r)
	switch {
	case no.Status != 0:
		return nil, no
	case p.Off || c.Type != "channel":
		return nil, refusal{500, "internal.error"}
	}
	return f.part(c, p, p.Comments, r.URL.Query()), no
}

func (f *Fake) getComment(r *http.Request) (any, refusal) {
	c, p, no := f.post(r)
	if no.Status != 0 {
		return nil, no
	}
	_, above, m := f.find(r.PathValue("cid"))
	if m == nil || above != p || m.Deleted {
		return nil, notFound
	}
	return f.json(c, p, m), no
}

// A draft is what a writing call sends.
type draft struct {
	Text string `json:"text"`
	Link *struct {
		Type string `json:"type"`
		MID  string `json:"mid"`
	} `json:"link"`
	Attachments []any `json:"attachments"`
}

func (f *Fake) draft(r *http.Request) (d draft, reply string, no refusal) {
	if json.NewDecoder(r.Body).Decode(&d) != nil || strings.TrimSpace(d.Text) == "" || utf8.RuneCountInString(d.Text) > maxText {
		return d, "", refusal{400, "proto.payload"}
	}
	if d.Link != nil {
		if d.Link.Type != "reply" {
			return d, "", payload
		}
		reply = d.Link.MID
	}
	return d, reply, refusal{}
}

func (f *Fake) postComment(r *http.Request) (any, refusal) {
	c, p, no := f.post(r)
	if no.Status != 0 {
		return nil, no
	}
	d, reply, no := f.draft(r)
	if no.Status != 0 || len(d.Attachments) > 0 {
		return nil, payload
	}
	m, no, err := f.comment(p.ID, reply, f.opts.Bot, d.Text)
	if err != nil {
		return nil, no
	}
	return map[string]any{"message": f.json(c, p, m)}, refusal{}
}

func (f *Fake) send(r *http.Request) (any, refusal) {
	q := r.URL.Query()
	c := f.chat(number(q, "chat_id"))
	if user := number(q, "user_id"); user != 0 {
		if c = f.chat(user); c != nil && !c.Open {
			c = nil
		}
	}
	d, reply, no := f.draft(r)
	switch {
	case no.Status != 0:
		return nil, no
	case c == nil:
		return nil, denied
	case c.Shut && c.Type == "dialog":
		return nil, refusal{403, "error.dialog.suspended"}
	case c.Shut:
		return nil, denied
	}
	if reply != "" {
		if at, _, m := f.find(reply); m == nil || at != c || m.Deleted {
			return nil, notFound
		}
	}
	return map[string]any{"message": f.json(c, nil, f.write(c, f.opts.Bot, reply, d.Text, d.Attachments))}, refusal{}
}

func (f *Fake) answer(r *http.Request) (any, refusal) {
	id := r.URL.Query().Get("callback_id")
	if !strings.HasPrefix(id, "cb") || slices.Contains(f.answered, id) {
		return nil, refusal{200, "callback is unknown"}
	}
	f.answered = append(f.answered, id)
	return map[string]any{"success": true}, refusal{}
}

// json is a message in MAX's shape.
func (f *Fake) json(c *chat, post, m *message) map[string]any {
	seq, _ := strconv.ParseUint(m.ID[len(m.ID)-16:], 16, 64)
	body := map[string]any{"mid": m.ID, "seq": int64(seq), "text": m.Text}
	if len(m.Extra) > 0 {
		body["attachments"] = m.Extra
	}
	to := map[string]any{"chat_id": c.ID, "chat_type": c.Type}
	out := map[string]any{"recipient": to, "timestamp": m.At, "body": body, "sender": nil}
	if c.Type == "dialog" {
		to["user_id"] = f.opts.Bot
	}
	if m.From != 0 && !(post != nil && f.opts.Nameless) {
		out["sender"] = f.userJSON(m.From)
	}
	if post != nil {
		to["post_id"] = post.ID
	} else if c.Type == "channel" {
		out["stat"] = map[string]any{"views": 100}
		if f.opts.Page != "" {
			out["url"] = f.opts.Page + address(c.ID, m.ID)
		}
	}
	if m.Reply != "" {
		inner := map[string]any{"mid": m.Reply}
		if _, _, to := f.find(m.Reply); to != nil {
			inner["text"] = to.Text
		}
		out["link"] = map[string]any{"type": "reply", "message": inner, "chat_id": c.ID}
	}
	return out
}
