package ok

import (
	"context"
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
)

// otherTypes are the discussions of a group beside its topics.
var otherTypes = []string{"GROUP_PHOTO", "GROUP_MOVIE"}

// A talked is a discussion beside the topics.
type talked struct {
	Type, ID string
	Count    int64 // of comments
}

func (d talked) root() string { return ref{Type: d.Type, ID: d.ID}.root() }

// listed is what an answer with a list has behind it.
type listed struct {
	Anchor words `json:"anchor"`
	More   *bool `json:"has_more"`
}

// next returns where to read on, "" where the list ends. An empty page with more behind it
// happens; an anchor that stands still ends the list.
func (l listed) next(anchor string) string {
	if l.More == nil || !*l.More || string(l.Anchor) == anchor {
		return ""
	}
	return string(l.Anchor)
}

// list reads a page of topics.
func (p *poll) list(ctx context.Context, anchor string, count int) (all []topic, next string, err error) {
	var out struct {
		listed
		Topics   []json.RawMessage `json:"media_topics"`
		Entities json.RawMessage   `json:"entities"`
	}
	params := url.Values{"gid": {p.Group.Group}, "count": {strconv.Itoa(min(count, pageSize))}, "fields": {"media_topic.*,user.uid,user.name,group.uid,group.name"}}
	if anchor != "" {
		params.Set("anchor", anchor)
	}
	p.calls--
	if err := p.call(ctx, "mediatopic.getTopics", false, params, &out); err != nil {
		return nil, "", err
	}
	if out.Topics == nil && out.More == nil {
		return nil, "", odd("mediatopic.getTopics", false, "no topics")
	}
	p.names.add(out.Entities)
	for _, raw := range out.Topics {
		var t topic
		if into(raw, &t) && sound(string(t.ID)) {
			all = append(all, t)
		}
	}
	return all, out.next(anchor), nil
}

// discussions reads a page of the group's discussions beside its topics.
func (p *poll) discussions(ctx context.Context, anchor string) (all []talked, next string, err error) {
	var out struct {
		listed
		Discussions []json.RawMessage `json:"discussions"`
	}
	params := url.Values{"category": {"GROUP"}, "count": {strconv.Itoa(pageSize)}, "fields": {"discussion.*"}}
	if anchor != "" {
		params.Set("anchor", anchor)
	}
	p.calls--
	if err := p.call(ctx, "discussions.getList", false, params, &out); err != nil {
		return nil, "", err
	}
	for _, raw := range out.Discussions {
		var d struct {
			ID    ident  `json:"object_id"`
			Type  ident  `json:"object_type"`
			Owner ident  `json:"owner_uid"`
			Count number `json:"total_comments_count"`
			Refs  []struct {
				ID   ident `json:"id"`
				Type words `json:"type"`
			} `json:"ref_objects"`
		}
		if !into(raw, &d) || !sound(string(d.ID)) || !slices.Contains(otherTypes, string(d.Type)) {
			continue
		}
		ours := string(d.Owner) == p.Group.Group
		for _, r := range d.Refs {
			ours = ours || r.Type == "GROUP" && string(r.ID) == p.Group.Group
		}
		if ours {
			all = append(all, talked{string(d.Type), string(d.ID), int64(d.Count)})
		}
	}
	return all, out.next(anchor), nil
}
