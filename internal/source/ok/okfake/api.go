package okfake

import (
	"crypto/md5" //nolint:gosec // OK's signature is made of it
	"encoding/hex"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// errorTexts are the error_msg of OK's errors, as far as we need them.
var errorTexts = map[int]string{
	3: "METHOD : Method does not exist", 8: "FLOOD_BLOCKED : Flood blocked", 10: "PERMISSION_DENIED : Permission denied", 11: "LIMIT_REACHED : Limit reached",
	100: "PARAM : Invalid or missing parameter", 101: "PARAM_API_KEY : Unknown application", 102: "PARAM_SESSION_EXPIRED : Session expired",
	103: "PARAM_SESSION_KEY : Invalid session key", 104: "PARAM_SIGNATURE : Invalid signature", 160: "PARAM_GROUP_ID : Invalid group id", 300: "NOT_FOUND : The requested resource could not be found",
}

var methods = map[string]func(*Fake, url.Values) (any, int){
	"mediatopic.getTopics":             (*Fake).topics,
	"discussions.getComments":          (*Fake).comments,
	"discussions.getList":              (*Fake).discussions,
	"discussions.addDiscussionComment": (*Fake).publish,
	"group.getInfo":                    (*Fake).info,
	"url.getInfo":                      (*Fake).resolve,
}

// call answers a method call. Errors come with HTTP status 200 and a header.
func (f *Fake) call(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 1<<20)
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	if err := r.ParseForm(); err != nil {
		http.Error(w, "413", http.StatusRequestEntityTooLarge)
		return
	}
	q, name := r.Form, r.Form.Get("method")
	f.mu.Lock()
	f.counts[name]++
	t := f.troubles.Take(name)
	code := f.check(q)
	if t.Kind == Refuse {
		code = t.Code
	}
	f.mu.Unlock()
	if t.Before(w, odd) {
		return
	}
	var out any
	if code == 0 {
		f.mu.Lock()
		out, code = methods[name](f, q)
		f.mu.Unlock()
	}
	t.Spoil(r)
	if code != 0 {
		w.Header().Set("Invocation-Error", strconv.Itoa(code))
		out = map[string]any{"error_code": code, "error_msg": errorTexts[code], "error_data": nil}
	}
	w.Write(encode(out))
}

func encode(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic("okfake: " + err.Error())
	}
	return b
}

// check returns the error of a call that must not be done.
func (f *Fake) check(q url.Values) int {
	switch {
	case methods[q.Get("method")] == nil:
		return 3
	case q.Get("application_key") != f.opts.AppKey:
		return 101
	case f.expired:
		return 102
	case q.Get("access_token") != f.opts.Token:
		return 103
	case q.Get("sig") != signature(q, f.opts.Secret):
		return 104
	case f.opts.PerSecond <= 0:
		return 0
	}
	now := f.opts.Now()
	f.calls = slices.DeleteFunc(f.calls, func(t time.Time) bool { return now.Sub(t) >= time.Second })
	if len(f.calls) >= f.opts.PerSecond {
		return 11
	}
	f.calls = append(f.calls, now)
	return 0
}

// signature is written anew here, so that a mistake in the client shows.
func signature(q url.Values, secret string) string {
	line := ""
	for _, key := range slices.Sorted(maps.Keys(q)) {
		if key != "sig" && key != "access_token" && key != "session_key" {
			line += key + "=" + q.Get(key)
		}
	}
	h := md5.Sum([]byte(line + secret)) //nolint:gosec // as OK asks
	return hex.EncodeToString(h[:])
}

func number(q url.Values, key string, def, most int) int {
	n, err := strconv.Atoi(q.Get(key))
	if err != nil || n <= 0 {
		n = def
	}
	return min(n, most)
}

// entities are the people and the group that an answer speaks of.
func (f *Fake) entities(ids map[int64]bool) any {
	users := []any{}
	for id := range ids {
		if id != 0 {
			users = append(users, map[string]any{"uid": strconv.FormatInt(id, 10), "name": f.name(id), "ref": "user:" + strconv.FormatInt(id, 10)})
		}
	}
	return map[string]any{"users": users, "groups": []any{map[string]any{"uid": f.opts.Group, "name": f.opts.Name, "ref": "group:" + f.opts.Group}}}
}

func (f *Fake) ref(id int64) string {
	if id == 0 {
		return "group:" + f.opts.Group
	}
	return "user:" + strconv.FormatInt(id, 10)
}

func (f *Fake) topics(q url.Values) (any, int) {
	if q.Get("gid") != f.opts.Group {
		return nil, 160
	}
	count, skip := number(q, "count", 10, 100), number(q, "anchor", 0, 1<<30)
	out, ids, n := []any{}, map[int64]bool{}, 0
	more := false
	for _, t := range slices.Backward(f.state.Topics) {
		if t.Deleted || t.Type != "GROUP_TOPIC" {
			continue
		}
		if n++; n <= skip {
			continue
		}
		if len(out) == count {
			more = true
			break
		}
		ids[t.From] = true
		out = append(out, map[string]any{
			"id": t.ID, "created_ms": t.At, "author_ref": f.ref(t.From), "owner_ref": "group:" + f.opts.Group, "is_commenting_denied": t.Closed,
			"media":              []any{map[string]any{"type": "text", "text": t.Text}},
			"discussion_summary": map[string]any{"discussion_type": t.Type, "discussion_id": t.ID, "comments_count": standing(t)},
		})
	}
	return map[string]any{"media_topics": out, "entities": f.entities(ids), "anchor": strconv.Itoa(skip + len(out)), "has_more": more}, 0
}

func standing(t *topic) (n int) {
	for _, c := range t.Comments {
		if !c.Deleted {
			n++
		}
	}
	return n
}

// comments gives a page. Anchors are FIRST, LAST, and places in the list, which shift when
// something before them is deleted.
func (f *Fake) comments(q url.Values) (any, int) {
	t, _ := f.find(q.Get("discussionId"))
	if t == nil || t.Deleted || t.Type != q.Get("discussionType") {
		return nil, 300
	}
	var shown []*comment
	for _, c := range t.Comments {
		if !c.Deleted || f.opts.Removed {
			shown = append(shown, c)
		}
	}
	back := q.Get("direction") == "BACKWARD"
	if back {
		slices.Reverse(shown)
	}
	count := number(q, "count", 20, f.opts.Most)
	from, gap := 0, false
	if place, ok := strings.CutPrefix(q.Get("anchor"), "at:"); ok {
		place, gap = strings.CutSuffix(place, ":gap")
		from, _ = strconv.Atoi(place)
	}
	from = min(from, len(shown))
	to := min(from+count, len(shown))
	anchor := "at:" + strconv.Itoa(to)
	if f.opts.Gaps && !gap && from > 0 && to == len(shown) && from < to { // a page with nothing on it
		to, anchor = from, "at:"+strconv.Itoa(from)+":gap"
	}
	out, ids := []any{}, map[int64]bool{}
	for _, c := range shown[from:to] {
		ids[c.From] = true
		out = append(out, f.json(t, c))
	}
	return map[string]any{
		"comments": out, "entities": f.entities(ids), "anchor": anchor, "has_more": to < len(shown), "discussionId": t.ID, "discussionType": t.Type,
	}, 0
}

func (f *Fake) json(t *topic, c *comment) map[string]any {
	m := map[string]any{
		"id": c.ID, "author_id": strconv.FormatInt(c.From, 10), "author_name": f.name(c.From), "author_ref": f.ref(c.From), "author_type": "USER",
		"text": c.Text, "date": time.UnixMilli(c.At).In(time.FixedZone("MSK", 3*3600)).Format(time.DateTime), "date_ms": c.At, "type": "ACTIVE_MESSAGE", "like_count": 0,
	}
	if c.From == 0 {
		m["author_id"], m["author_type"] = f.opts.Group, "GROUP"
	}
	if f.opts.Dates {
		delete(m, "date_ms")
	}
	if c.Deleted {
		m["type"], m["text"] = "REMOVED_MESSAGE", ""
	}
	if c.Reply != "" {
		m["reply_to_comment_id"] = c.Reply
		for _, k := range t.Comments {
			if k.ID == c.Reply {
				m["reply_to_id"], m["reply_to_name"] = strconv.FormatInt(k.From, 10), f.name(k.From)
			}
		}
	}
	return m
}

// discussions gives what the token's owner is told of.
func (f *Fake) discussions(url.Values) (any, int) {
	out := []any{map[string]any{"object_id": "999", "object_type": "GROUP_PHOTO", "owner_uid": "1", "total_comments_count": 5, "ref_objects": []any{map[string]any{"id": "1", "type": "GROUP"}}}}
	for _, t := range slices.Backward(f.state.Topics) {
		if !t.Deleted && len(t.Comments) > 0 {
			out = append(out, map[string]any{
				"object_id": t.ID, "object_type": t.Type, "title": t.Text, "owner_uid": f.opts.Group, "total_comments_count": standing(t),
				"ref_objects": []any{map[string]any{"id": f.opts.Group, "type": "GROUP"}},
			})
		}
	}
	return map[string]any{"discussions": out, "anchor": "", "has_more": false}, 0
}

func (f *Fake) publish(q url.Values) (any, int) {
	switch f.opts.Publishing {
	case Withdrawn:
		return nil, 3
	case Denied:
		return nil, 10
	}
	text := strings.TrimSpace(q.Get("comment"))
	if text == "" || utf8.RuneCountInString(text) > maxText || q.Get("as_admin") != "true" {
		return nil, 100
	}
	if t, _ := f.find(q.Get("entityId")); t == nil || t.Type != q.Get("entityType") {
		return nil, 300
	}
	c, code, err := f.comment(q.Get("entityId"), q.Get("reply_to_comment_id"), 0, text)
	if err != nil {
		return nil, code
	}
	if f.opts.Publishing == Silent {
		return nil, 0
	}
	return c.ID, 0
}

func (f *Fake) info(q url.Values) (any, int) {
	groups := []any{}
	if slices.Contains(strings.Split(q.Get("uids"), ","), f.opts.Group) {
		groups = append(groups, map[string]any{"uid": f.opts.Group, "name": f.opts.Name, "access_type": "OPEN"})
	}
	if f.opts.Bare {
		return groups, 0
	}
	return map[string]any{"groups": groups}, 0
}

func (f *Fake) resolve(q url.Values) (any, int) {
	if strings.HasSuffix(q.Get("url"), "/dvor") {
		return map[string]any{"type": "GROUP", "objectId": 5300, "objectIdStr": f.opts.Group}, 0
	}
	return map[string]any{"type": "UNKNOWN"}, 0
}
