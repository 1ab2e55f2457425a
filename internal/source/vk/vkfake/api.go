package vkfake

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// Kinds of tokens.
const (
	service   = 1
	community = 2
	user      = 4
)

// A method answers a call. It returns a response, or VK's error code.
type method struct {
	tokens int // which kinds of tokens it takes
	do     func(f *Fake, p params) (any, int)
}

var methods = map[string]method{
	"wall.get":            {service | user, (*Fake).wallGet},
	"wall.getById":        {service | user, (*Fake).wallByID},
	"wall.getComments":    {service | user, (*Fake).wallComments},
	"wall.createComment":  {community, (*Fake).createComment},
	"board.getTopics":     {service | user, (*Fake).getTopics},
	"board.getComments":   {service | user, (*Fake).boardComments},
	"board.createComment": {user, (*Fake).boardCreate},
	"newsfeed.search":     {service | user, (*Fake).newsfeedSearch},
	"wall.search":         {service | user, (*Fake).wallSearch},
	"groups.getById":      {service | community | user, (*Fake).groups},
	"users.get":           {service | community | user, (*Fake).users},

	"messages.send":             {community, (*Fake).sendLetter},
	"messages.getHistory":       {community, (*Fake).history},
	"messages.getConversations": {community, (*Fake).conversations},

	"groups.getLongPollServer":           {community, (*Fake).longPollServer},
	"groups.setLongPollSettings":         {community, (*Fake).longPollSettings},
	"groups.getCallbackConfirmationCode": {community, (*Fake).confirmation},
	"groups.getCallbackServers":          {community, (*Fake).callbackServers},
	"groups.addCallbackServer":           {community, (*Fake).addServer},
	"groups.editCallbackServer":          {community, (*Fake).editServer},
	"groups.setCallbackSettings":         {community, (*Fake).callbackSettings},
}

// errorTexts are the error_msg of VK's errors, as far as we need them.
var errorTexts = map[int]string{
	1: "Unknown error occurred", 3: "Unknown method passed", 5: "User authorization failed: invalid access_token (4).",
	6: "Too many requests per second", 8: "Invalid request: v is required", 9: "Flood control", 10: "Internal server error",
	12: "Unable to compile code", 13: "Runtime error occurred during code invocation", 14: "Captcha needed", 15: "Access denied", 27: "Group authorization failed: method is unavailable with group auth.",
	28: "Application authorization failed: method is unavailable with service token.", 29: "Rate limit reached",
	100: "One of the parameters specified was missing or invalid: post_id is undefined", 212: "Access to post comments denied",
	213: "Access to status replies denied", 223: "Too many replies", 901: "Can't send messages for users without permission", 902: "Can't send messages to this user due to their privacy settings",
	911: "Keyboard format is invalid", 914: "Message is too long",
}

type params struct{ r *http.Request }

func (p params) text(key string) string { return p.r.Form.Get(key) }

func (p params) int(key string) int64 {
	n, _ := strconv.ParseInt(p.r.Form.Get(key), 10, 64)
	return n
}

func (p params) bounded(key string, def, top int) int {
	if p.r.Form.Get(key) == "" {
		return def
	}
	return int(min(max(p.int(key), 0), int64(top)))
}

// call answers a method call. API errors come with HTTP status 200, as at VK.
func (f *Fake) call(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("method")
	r.Body = http.MaxBytesReader(w, r.Body, 1<<20)
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	if err := r.ParseForm(); err != nil {
		http.Error(w, "413 Request Entity Too Large", http.StatusRequestEntityTooLarge)
		return
	}
	f.mu.Lock()
	f.counts[name]++
	t := f.troubles.Take(name)
	code := 0
	if t.Kind == Refuse {
		code = t.Code
	} else {
		code = f.check(name, r)
	}
	var captcha map[string]any
	if code == 0 {
		captcha = f.demanded(name, r)
	}
	f.mu.Unlock()
	if captcha != nil {
		w.Write(encode(map[string]any{"error": captcha}))
		return
	}
	if t.Before(w, odd) {
		return
	}
	var response any
	var inner []map[string]any // what failed inside of an execute
	if code == 0 {
		f.mu.Lock()
		if name == "execute" {
			token, kind := f.token(r)
			response, inner, code = f.execute(params{r}, token, kind)
		} else {
			response, code = methods[name].do(f, params{r})
		}
		f.mu.Unlock()
	}
	t.Spoil(r)
	if code != 0 {
		w.Write(encode(map[string]any{"error": refusal(code, name, r)}))
		return
	}
	answer := map[string]any{"response": response}
	if len(inner) > 0 {
		answer["execute_errors"] = inner
	}
	w.Write(encode(answer))
}

func encode(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic("vkfake: " + err.Error())
	}
	return b
}

func refusal(code int, name string, r *http.Request) map[string]any {
	text := errorTexts[code]
	if text == "" {
		text = "Error " + strconv.Itoa(code)
	}
	asked := []map[string]string{{"key": "method", "value": name}, {"key": "oauth", "value": "1"}}
	for _, key := range []string{"v", "owner_id", "post_id"} {
		if v := r.Form.Get(key); v != "" {
			asked = append(asked, map[string]string{"key": key, "value": v})
		}
	}
	e := map[string]any{"error_code": code, "error_msg": text, "request_params": asked}
	if code == 14 {
		e["captcha_sid"], e["captcha_img"], e["redirect_uri"] = "1", "about:blank", "about:blank"
	}
	return e
}

// check returns the error of a call that must not be done.
func (f *Fake) check(name string, r *http.Request) int {
	m, ok := methods[name]
	if name == "execute" {
		m, ok = method{tokens: user | community}, true
	}
	if !ok {
		return 3
	}
	if r.Form.Get("v") == "" {
		return 8
	}
	token, kind := f.token(r)
	switch {
	case kind == 0:
		return 5
	case m.tokens&kind == 0:
		return wrongKind(kind)
	}
	return f.quota.take(token, name, false)
}

// token returns the token of a call and its kind, 0 for one that is not known.
func (f *Fake) token(r *http.Request) (string, int) {
	token := r.Form.Get("access_token")
	if bearer, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		token = bearer
	}
	switch {
	case token == "":
	case token == f.opts.ServiceToken, slices.Contains(f.opts.ServiceTokens, token):
		return token, service
	case token == f.opts.CommunityToken:
		return token, community
	case token == f.opts.UserToken:
		return token, user
	}
	return token, 0
}

func (f *Fake) wallGet(p params) (any, int) {
	if p.int("owner_id") != f.Owner() && (f.opts.Screen == "" || p.text("domain") != f.opts.Screen) {
		return nil, 15
	}
	var shown []*post
	for _, q := range slices.Backward(f.state.Posts) {
		if !q.Deleted {
			shown = append(shown, q)
		}
	}
	slices.SortStableFunc(shown, func(a, b *post) int { return number(b.Pinned) - number(a.Pinned) })
	items := []any{}
	from := map[int64]bool{f.Owner(): true}
	for _, q := range part(shown, int(p.int("offset")), p.bounded("count", 20, 100)) {
		items = append(items, f.postJSON(q))
		from[q.From] = true
	}
	return f.extend(p, map[string]any{"count": len(shown), "items": items}, from), 0
}

func (f *Fake) wallByID(p params) (any, int) {
	items := []any{}
	from := map[int64]bool{f.Owner(): true}
	for id := range strings.SplitSeq(p.text("posts"), ",") {
		for _, s := range f.state.Strays {
			if !s.Deleted && id == strconv.FormatInt(s.Owner, 10)+"_"+strconv.FormatInt(s.ID, 10) {
				items = append(items, f.strayJSON(s))
				from[s.Owner] = true
			}
		}
		for _, q := range f.state.Posts {
			if !q.Deleted && id == strconv.FormatInt(f.Owner(), 10)+"_"+strconv.FormatInt(q.ID, 10) {
				items = append(items, f.postJSON(q))
				from[q.From] = true
			}
		}
	}
	return f.extend(p, map[string]any{"items": items}, from), 0
}

func (f *Fake) postJSON(q *post) map[string]any {
	m := map[string]any{
		"id": q.ID, "owner_id": f.Owner(), "from_id": q.From, "date": q.Date, "text": escaped.Replace(q.Text), "post_type": "post", "marked_as_ads": 0,
		"attachments": []any{}, "is_favorite": false, "likes": map[string]any{"count": 0, "user_likes": 0, "can_like": 0},
		"comments": map[string]any{"count": q.count(), "can_post": number(!q.Closed), "can_view": 1, "groups_can_post": !q.Closed},
	}
	if q.Edited != 0 {
		m["edited"] = q.Edited
	}
	if q.Pinned {
		m["is_pinned"] = 1
	}
	if len(q.Attached) > 0 {
		m["attachments"] = q.Attached
	}
	return m
}

func (q *post) count() int {
	n := 0
	for _, c := range q.Comments {
		if !c.Deleted {
			n++
		}
	}
	return n
}

func (f *Fake) wallComments(p params) (any, int) {
	if p.int("owner_id") != f.Owner() {
		return nil, 15
	}
	q := f.post(p.int("post_id"))
	if q == nil {
		return nil, 100
	}
	first := p.int("comment_id")
	if first != 0 && (q.comment(first) == nil || q.comment(first).First != 0) {
		return nil, 100
	}
	level := q.level(first)
	total := len(level)
	if p.text("sort") == "desc" {
		slices.Reverse(level)
	}
	if start := p.int("start_comment_id"); start != 0 { // an unknown one begins nowhere
		at := slices.IndexFunc(level, func(c *comment) bool { return c.ID == start })
		if at < 0 {
			at = len(level)
		}
		level = level[at:]
	}
	preview := 90
	if p.text("preview_length") != "" {
		preview = int(p.int("preview_length"))
	}
	from := map[int64]bool{}
	items := []any{}
	for _, c := range part(level, int(p.int("offset")), p.bounded("count", 10, 100)) {
		m := f.commentJSON(q, c, preview, from)
		if first == 0 {
			replies := q.level(c.ID)
			inner := []any{}
			for _, r := range part(replies, 0, p.bounded("thread_items_count", 0, 10)) {
				inner = append(inner, f.commentJSON(q, r, preview, from))
			}
			m["thread"] = map[string]any{"count": len(replies), "items": inner, "can_post": !q.Closed, "show_reply_button": !q.Closed, "groups_can_post": !q.Closed}
		}
		items = append(items, m)
	}
	return f.extend(p, map[string]any{
		"count": q.count(), "items": items, "current_level_count": total, "can_post": !q.Closed, "show_reply_button": !q.Closed,
		"groups_can_post": !q.Closed, "post_author_id": q.From,
	}, from), 0
}

func (f *Fake) commentJSON(q *post, c *comment, preview int, from map[int64]bool) map[string]any {
	stack := []int64{}
	if c.First != 0 {
		stack = append(stack, c.First)
	}
	if c.Deleted { // names neither author nor wall
		return map[string]any{"id": c.ID, "date": c.Date, "parents_stack": stack, "deleted": true}
	}
	from[c.From] = true
	text := c.Text
	if r := []rune(text); preview > 0 && len(r) > preview {
		text = string(r[:preview]) + "…"
	}
	m := map[string]any{"id": c.ID, "from_id": c.From, "post_id": q.ID, "owner_id": f.Owner(), "parents_stack": stack, "date": c.Date, "text": escaped.Replace(text)}
	if len(c.Attached) > 0 {
		m["attachments"] = c.Attached
	}
	if c.ReplyTo != 0 {
		m["reply_to_comment"] = c.ReplyTo
		if parent := q.comment(c.ReplyTo); parent != nil {
			m["reply_to_user"] = parent.From
		}
	}
	return m
}

func (f *Fake) createComment(p params) (any, int) {
	if p.int("owner_id") != f.Owner() {
		return nil, 15
	}
	text := strings.TrimSpace(p.text("message"))
	if text == "" || p.int("from_group") != f.opts.Group {
		return nil, 100
	}
	guid := p.text("guid")
	if id, seen := f.state.Guids[guid]; seen && guid != "" {
		switch f.opts.Guid {
		case GuidReturns:
			stack := []int64{}
			if q := f.post(p.int("post_id")); q != nil && q.comment(id) != nil && q.comment(id).First != 0 {
				stack = append(stack, q.comment(id).First)
			}
			return map[string]any{"comment_id": id, "parents_stack": stack}, 0
		case GuidRefuses:
			return nil, 100
		}
	}
	c, code, err := f.comment(p.int("post_id"), p.int("reply_to_comment"), f.Owner(), text, f.opts.Now())
	if err != nil {
		return nil, code
	}
	if guid != "" {
		f.state.Guids[guid] = c.ID
		f.save()
	}
	stack := []int64{}
	if c.First != 0 {
		stack = append(stack, c.First)
	}
	return map[string]any{"comment_id": c.ID, "parents_stack": stack}, 0
}

func (f *Fake) groups(p params) (any, int) {
	groups := []any{}
	if ids := p.text("group_id") + "," + p.text("group_ids"); slices.Contains(strings.Split(ids, ","), strconv.FormatInt(f.opts.Group, 10)) {
		groups = append(groups, f.groupJSON())
	}
	return map[string]any{"groups": groups, "profiles": []any{}}, 0
}

func (f *Fake) groupJSON() map[string]any {
	screen := f.opts.Screen
	if screen == "" {
		screen = "club" + strconv.FormatInt(f.opts.Group, 10)
	}
	return map[string]any{"id": f.opts.Group, "name": f.opts.Name, "screen_name": screen, "is_closed": 0, "type": "group"}
}

func (f *Fake) users(p params) (any, int) {
	users := []any{}
	for s := range strings.SplitSeq(p.text("user_ids"), ",") {
		id, _ := strconv.ParseInt(s, 10, 64)
		if f.state.People[id] != "" {
			users = append(users, f.userJSON(id))
		}
	}
	return users, 0
}

func (f *Fake) userJSON(id int64) map[string]any {
	first, last, _ := strings.Cut(f.name(id), " ")
	return map[string]any{"id": id, "first_name": first, "last_name": last, "is_closed": false, "can_access_closed": true}
}

// extend adds profiles and groups when they were asked for.
func (f *Fake) extend(p params, m map[string]any, from map[int64]bool) map[string]any {
	if p.text("extended") != "1" {
		return m
	}
	profiles, groups := []any{}, []any{}
	for id := range from {
		if id > 0 {
			profiles = append(profiles, f.userJSON(id))
		} else {
			groups = append(groups, f.groupJSON())
		}
	}
	m["profiles"], m["groups"] = profiles, groups
	return m
}

func part[T any](all []T, offset, count int) []T {
	offset = min(max(offset, 0), len(all))
	return all[offset:min(offset+count, len(all))]
}

func number(b bool) int {
	if b {
		return 1
	}
	return 0
}

// escaped writes texts as VK's answers have them.
var escaped = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;")
