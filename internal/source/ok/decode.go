package ok

import (
	"encoding/json"
	"slices"
	"strings"

	"otklik/internal/attachment"
	"otklik/internal/message"
)

// names maps entity references («user:5») to what is shown for them.
type names map[string]string

// add reads the entities of an answer.
func (n names) add(raw json.RawMessage) {
	var e struct {
		Users  list `json:"users"`
		Groups list `json:"groups"`
	}
	if !into(raw, &e) {
		return
	}
	for kind, all := range map[string]list{"user:": e.Users, "group:": e.Groups} {
		for _, one := range all {
			var o struct {
				UID  ident `json:"uid"`
				Ref  ident `json:"ref"`
				Name words `json:"name"`
			}
			if into(one, &o) && o.Name != "" {
				ref := string(o.Ref)
				if ref == "" {
					ref = kind + string(o.UID)
				}
				n[ref] = string(o.Name)
			}
		}
	}
}

// post decodes a topic.
func (g *Group) post(t *topic, n names) message.Message {
	r := ref{Type: Topic, ID: string(t.ID)}
	m := message.Message{
		Source: g.ID(), Channel: message.OK, Form: message.Post, Native: r.String(), Event: message.Written, URL: g.link(r),
		PublishedAt: ms(t.Created), AuthorName: n[string(t.Author)],
	}
	if id, ok := strings.CutPrefix(string(t.Author), "user:"); ok {
		m.Author = id
	}
	var texts []string
	for _, raw := range t.Media {
		var o struct {
			Type   words `json:"type"`
			Text   words `json:"text"`
			URL    words `json:"url"`
			Title  words `json:"title"`
			Photos list  `json:"photos"`
		}
		if !into(raw, &o) {
			continue
		}
		switch o.Type {
		case "text":
			texts = append(texts, string(o.Text))
		case "link":
			m.Attachments = append(m.Attachments, attachment.Ref{Kind: attachment.Link, URL: string(o.URL), Title: string(o.Title)})
		case "photo":
			for _, p := range o.Photos {
				m.Attachments = append(m.Attachments, photo(p))
			}
		}
	}
	m.Text, m.Attachments = strings.Join(texts, "\n"), attachment.Tidy(m.Attachments)
	m.Revision = message.HashOf(m.Text)
	return m
}

// comment decodes a comment of a discussion.
func (g *Group) comment(c *comment, root ref, n names) message.Message {
	r := ref{root.Type, root.ID, string(c.ID)}
	m := message.Message{
		Source: g.ID(), Channel: message.OK, Form: message.Comment, Native: r.String(), Thread: root.root(), Event: message.Written, URL: g.link(root),
		Author: string(c.Author), AuthorName: string(c.AuthorName), Text: string(c.Text), PublishedAt: c.at(), Own: g.own(c),
	}
	if m.AuthorName == "" {
		m.AuthorName = n[string(c.AuthorRef)]
	}
	if m.Author == "" {
		if _, id, ok := strings.Cut(string(c.AuthorRef), ":"); ok {
			m.Author = id
		}
	}
	if to := string(c.ReplyTo); sound(to) && to != string(c.ID) {
		m.Parent = ref{root.Type, root.ID, to}.String()
	}
	for _, raw := range c.Attachments {
		var o struct {
			Type words `json:"type"`
			URL  words `json:"url"`
			Link words `json:"link"`
		}
		if !into(raw, &o) {
			continue
		}
		switch {
		case strings.Contains(string(o.Type), "PHOTO"):
			m.Attachments = append(m.Attachments, photo(raw))
		case o.URL+o.Link != "":
			address := o.URL
			if address == "" {
				address = o.Link
			}
			m.Attachments = append(m.Attachments, attachment.Ref{Kind: attachment.Link, URL: string(address)})
		}
	}
	m.Attachments = attachment.Tidy(m.Attachments)
	m.Revision = message.HashOf(m.Text)
	return m
}

// own reports whether the group itself wrote the comment. An administrator who writes as
// a person is a person.
func (g *Group) own(c *comment) bool {
	if c.AuthorType != "GROUP" && !strings.HasPrefix(string(c.AuthorRef), "group:") {
		return false
	}
	return c.AuthorRef == "" || c.AuthorRef == ident("group:"+g.Group)
}

// photo reads a picture: its address is that of the largest size, «pic_max» or the
// greatest «pic640x480».
func photo(raw json.RawMessage) attachment.Ref {
	var fields map[string]json.RawMessage
	if json.Unmarshal(raw, &fields) != nil {
		return attachment.Ref{}
	}
	var id ident
	_ = json.Unmarshal(fields["id"], &id)
	r := attachment.Ref{Kind: attachment.Photo, Name: clip("photo"+string(id), 100)}
	if id == "" {
		r.Name = ""
	}
	var keys []string
	for key := range fields {
		if strings.HasPrefix(key, "pic") {
			keys = append(keys, key)
		}
	}
	slices.SortFunc(keys, func(a, b string) int { return size(a) - size(b) })
	for _, key := range keys {
		var address words
		if _ = json.Unmarshal(fields[key], &address); address != "" {
			r.URL = string(address)
		}
	}
	return r
}

// size orders the names of sizes.
func size(key string) int {
	if key == "pic_max" {
		return 1 << 20
	}
	n := 0
	for _, c := range strings.TrimLeft(key, "pic_") {
		if c < '0' || c > '9' {
			break
		}
		n = min(n*10+int(c-'0'), 1<<19)
	}
	return n
}

// FileHosts are where OK keeps pictures.
var FileHosts = []string{"mycdn.me", "okcdn.ru", "odkl.ru"}
