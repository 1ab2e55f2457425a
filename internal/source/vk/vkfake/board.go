package vkfake

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"otklik/internal/fault"
)

// A topic is a discussion of the community; its first comment opens it.
type topic struct {
	ID       int64      `json:"id"`
	Title    string     `json:"title"`
	By       int64      `json:"by"`
	Created  int64      `json:"created"`
	Updated  int64      `json:"updated"`
	Closed   bool       `json:"closed,omitempty"`
	Deleted  bool       `json:"deleted,omitempty"`
	Comments []*comment `json:"comments"` // oldest first
}

// Topic opens a discussion; from is a person, or 0 for the community. It returns its id and
// that of its first comment.
func (f *Fake) Topic(from int64, title, text string) (id, first int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if from == 0 {
		from = f.Owner()
	}
	now := f.opts.Now().Unix()
	t := &topic{ID: int64(len(f.state.Topics) + 1), Title: title, By: from, Created: now}
	f.state.Topics = append(f.state.Topics, t)
	return t.ID, f.discuss(t, from, text).ID
}

// Discuss writes into a discussion. from is a person, or 0 for the community.
func (f *Fake) Discuss(topic, from int64, text string) (id int64, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	t := f.topic(topic)
	if t == nil || t.Closed {
		return 0, fault.New(fault.Forbidden, "vkfake: nobody may write into topic %d", topic)
	}
	if from == 0 {
		from = f.Owner()
	}
	return f.discuss(t, from, text).ID, nil
}

func (f *Fake) discuss(t *topic, from int64, text string) *comment {
	f.state.Last++
	c := &comment{ID: f.state.Last, From: from, Date: f.opts.Now().Unix(), Text: text}
	if t.Comments = append(t.Comments, c); len(t.Comments) > maxComments {
		t.Comments = t.Comments[1:]
	}
	t.Updated = c.Date
	f.tell("board_post_new", f.boardEvent(t, c))
	f.save()
	return c
}

// CloseTopic closes or opens a discussion; DeleteTopic takes it away.
func (f *Fake) CloseTopic(id int64, closed bool) { f.onTopic(id, func(t *topic) { t.Closed = closed }) }

// DeleteTopic deletes a discussion with all that stands there, or brings it back.
func (f *Fake) DeleteTopic(id int64, deleted bool) {
	f.onTopic(id, func(t *topic) { t.Deleted = deleted })
}

func (f *Fake) onTopic(id int64, do func(*topic)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, t := range f.state.Topics {
		if t.ID == id {
			do(t)
		}
	}
	f.save()
}

// Discussed returns the texts that the community wrote into a discussion, oldest first.
func (f *Fake) Discussed(id int64) (texts []string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if t := f.topic(id); t != nil {
		for _, c := range t.shown() {
			if c.From == f.Owner() {
				texts = append(texts, c.Text)
			}
		}
	}
	return texts
}

// topic returns one that is shown, or nil.
func (f *Fake) topic(id int64) *topic {
	for _, t := range f.state.Topics {
		if t.ID == id && !t.Deleted {
			return t
		}
	}
	return nil
}

func (t *topic) shown() (out []*comment) {
	for _, c := range t.Comments {
		if !c.Deleted {
			out = append(out, c)
		}
	}
	return out
}

// ofBoard finds a comment of a discussion by its id.
func (f *Fake) ofBoard(id int64) (*topic, *comment) {
	for _, t := range f.state.Topics {
		for _, c := range t.Comments {
			if c.ID == id {
				return t, c
			}
		}
	}
	return nil, nil
}

// changedOnBoard tells what happened to a comment of a discussion; event is that of a wall.
func (f *Fake) changedOnBoard(t *topic, c *comment, event string) {
	if event == "wall_reply_delete" {
		f.tell("board_post_delete", map[string]any{"topic_owner_id": f.Owner(), "topic_id": t.ID, "id": c.ID})
	} else if event != "" {
		f.tell(strings.Replace(event, "wall_reply", "board_post", 1), f.boardEvent(t, c))
	}
	f.save()
}

func (f *Fake) boardEvent(t *topic, c *comment) map[string]any {
	m := f.boardJSON(c)
	m["topic_owner_id"], m["topic_id"] = f.Owner(), t.ID
	return m
}

func (f *Fake) boardJSON(c *comment) map[string]any {
	m := map[string]any{"id": c.ID, "from_id": c.From, "date": c.Date, "text": escaped.Replace(c.Text), "can_edit": 0, "likes": map[string]any{"count": 0, "user_likes": 0, "can_like": 0}}
	if len(c.Attached) > 0 {
		m["attachments"] = c.Attached
	}
	return m
}

// getTopics is board.getTopics; the order is by the newest comment unless it asks for the
// date of creation (2).
func (f *Fake) getTopics(p params) (any, int) {
	if p.int("group_id") != f.opts.Group {
		return nil, 15
	}
	var list []*topic
	for _, t := range f.state.Topics {
		if !t.Deleted {
			list = append(list, t)
		}
	}
	slices.SortStableFunc(list, func(a, b *topic) int {
		if p.text("order") == "2" {
			return cmp.Compare(b.Created, a.Created)
		}
		return cmp.Or(cmp.Compare(b.Updated, a.Updated), cmp.Compare(b.ID, a.ID))
	})
	items := []any{}
	for _, t := range part(list, int(p.int("offset")), p.bounded("count", 40, 100)) {
		items = append(items, map[string]any{"id": t.ID, "title": t.Title, "created": t.Created, "created_by": t.By, "updated": t.Updated, "updated_by": t.By, "is_closed": number(t.Closed), "is_fixed": 0, "comments": len(t.shown())})
	}
	return map[string]any{"count": len(list), "items": items, "default_order": 1, "can_add_topics": 0}, 0
}

// boardComments is board.getComments, a flat list.
func (f *Fake) boardComments(p params) (any, int) {
	t := f.topic(p.int("topic_id"))
	switch {
	case p.int("group_id") != f.opts.Group:
		return nil, 15
	case t == nil:
		return nil, 100
	}
	list := t.shown()
	if p.text("sort") == "desc" {
		slices.Reverse(list)
	}
	items := []any{}
	from := map[int64]bool{}
	for _, c := range part(list, int(p.int("offset")), p.bounded("count", 20, 100)) {
		items = append(items, f.boardJSON(c))
		from[c.From] = true
	}
	return f.extend(p, map[string]any{"count": len(list), "items": items}, from), 0
}

// boardCreate is board.createComment: a user's token alone, from_group writes as the
// community. A repeated guid does what Options.Guid says.
func (f *Fake) boardCreate(p params) (any, int) {
	t := f.topic(p.int("topic_id"))
	text, guid := strings.TrimSpace(p.text("message")), "board "+p.text("guid")
	switch {
	case p.int("group_id") != f.opts.Group || t == nil || text == "" || p.text("from_group") != "1":
		return nil, 100
	case t.Closed:
		return nil, 15
	}
	if id, seen := f.state.Guids[guid]; seen && p.text("guid") != "" {
		switch f.opts.Guid {
		case GuidReturns:
			return id, 0
		case GuidRefuses:
			return nil, 100
		}
	}
	c := f.discuss(t, f.Owner(), text)
	f.state.Guids[guid] = c.ID
	f.save()
	return c.ID, 0
}

type (
	boardView struct {
		Name, Club, Letter string
		Topics             []topicView
	}
	topicView struct {
		Name, Club, Letter string
		ID                 int64
		Title, Link, Count string
		Closed, Shown      bool
		Comments           []commentView
		Author, Text       string
		Problem            string
		MaxText, MaxAuthor int
		Target             int64
	}
)

func (f *Fake) boardRoutes(mux *http.ServeMux) {
	mux.HandleFunc("GET /board", f.boardPage)
	mux.Handle("POST /discuss", http.NewCrossOriginProtection().Handler(http.HandlerFunc(f.writeTopic)))
}

func (f *Fake) boardPage(w http.ResponseWriter, _ *http.Request) {
	f.mu.Lock()
	v := boardView{Name: f.opts.Name, Club: f.club(), Letter: letter(f.opts.Name)}
	for _, t := range slices.Backward(f.state.Topics) {
		if !t.Deleted {
			v.Topics = append(v.Topics, topicView{ID: t.ID, Title: t.Title, Link: f.topicLink(t.ID), Count: comments(len(t.shown())), Closed: t.Closed})
		}
	}
	f.mu.Unlock()
	f.show(w, http.StatusOK, "board.html", v)
}

func (f *Fake) topicLink(id int64) string { return fmt.Sprintf("topic%d_%d", f.Owner(), id) }

// topicPage shows a discussion; it reports false where the name is of none.
func (f *Fake) topicPage(w http.ResponseWriter, r *http.Request) bool {
	rest, ok := strings.CutPrefix(r.PathValue("post"), fmt.Sprintf("topic%d_", f.Owner()))
	if !ok {
		return false
	}
	v := topicView{}
	v.ID, _ = strconv.ParseInt(rest, 10, 64)
	v.Target, _ = strconv.ParseInt(r.URL.Query().Get("post"), 10, 64)
	f.showTopic(w, http.StatusOK, v)
	return true
}

func (f *Fake) showTopic(w http.ResponseWriter, status int, v topicView) {
	f.mu.Lock()
	v.Name, v.Club, v.Letter = f.opts.Name, f.club(), letter(f.opts.Name)
	t := f.topic(v.ID)
	if t != nil {
		v.Title, v.Link, v.Count, v.Closed = t.Title, f.topicLink(t.ID), comments(len(t.shown())), t.Closed
		v.Shown, v.MaxText, v.MaxAuthor = !f.opts.ReadOnlyPage && !t.Closed, maxText, maxName
		for _, c := range t.shown() {
			v.Comments = append(v.Comments, f.commentView(&post{}, c, v.Target))
		}
	}
	f.mu.Unlock()
	if t == nil {
		f.show(w, http.StatusNotFound, "gone.html", wallView{Name: v.Name, Club: v.Club, Letter: v.Letter})
		return
	}
	f.show(w, status, "topic.html", v)
}

// writeTopic takes a visitor's comment in a discussion.
func (f *Fake) writeTopic(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
	if err := r.ParseForm(); err != nil {
		http.Error(w, "Слишком длинный комментарий.", http.StatusRequestEntityTooLarge)
		return
	}
	v := topicView{Author: strings.TrimSpace(r.PostForm.Get("author")), Text: strings.TrimSpace(r.PostForm.Get("text"))}
	v.ID, _ = strconv.ParseInt(r.PostForm.Get("topic"), 10, 64)
	switch {
	case f.opts.ReadOnlyPage:
		v.Problem = "Здесь можно только читать."
	case v.Text == "":
		v.Problem = "Напишите текст комментария."
	case !utf8.ValidString(v.Text + v.Author):
		v.Problem = "Текст повреждён: наберите его ещё раз."
	case utf8.RuneCountInString(v.Text) > maxText, utf8.RuneCountInString(v.Author) > maxName:
		v.Problem = fmt.Sprintf("Слишком длинно: комментарий до %d знаков, имя до %d.", maxText, maxName)
	}
	if v.Problem != "" {
		f.showTopic(w, http.StatusUnprocessableEntity, v)
		return
	}
	id, err := f.Discuss(v.ID, f.Person(cmp.Or(v.Author, "Гость")), v.Text)
	if err != nil {
		v.Problem = "Комментарий не принят: обсуждение закрыто или удалено."
		f.showTopic(w, http.StatusUnprocessableEntity, v)
		return
	}
	w.Header().Set("Location", fmt.Sprintf("%s?post=%d#c%d", f.topicLink(v.ID), id, id)) // relative: see write
	w.WriteHeader(http.StatusSeeOther)
}
