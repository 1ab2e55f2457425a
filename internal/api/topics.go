package api

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"otklik/internal/lifecycle"
	"otklik/internal/site"
	"otklik/internal/topic"
)

// A TopicsBody is an edit of the classifier; topic.Edit says what each part does.
type TopicsBody struct {
	Version int               `json:"version" minimum:"1" doc:"The version that you read. When another is in force, nothing is done and the answer is 409"`
	Put     []TopicBody       `json:"put,omitempty" maxItems:"1000" doc:"New topics, and known ones changed whole"`
	Retire  []string          `json:"retire,omitempty" maxItems:"1000" doc:"Codes: new incidents do not get them, old ones keep them"`
	Restore []string          `json:"restore,omitempty" maxItems:"1000" doc:"Codes of retired topics"`
	Rename  map[string]string `json:"rename,omitempty" doc:"New names of groups by their codes"`
	Move    []string          `json:"move,omitempty" maxItems:"1000" doc:"Codes of groups: they stand first, in this order"`
}

// A TopicBody is one topic as it is to be.
type TopicBody struct {
	Code  string `json:"code,omitempty" maxLength:"200" doc:"Absent: made from the name"`
	Name  string `json:"name" minLength:"1" maxLength:"150"`
	Group string `json:"group" minLength:"1" maxLength:"150" doc:"Name or code of a group; an unknown name makes one"`
	Fast  bool   `json:"fast,omitempty"`
}

// A TopicVersion is one version of the classifier.
type TopicVersion struct {
	Version int        `json:"version"`
	At      *time.Time `json:"at,omitempty" doc:"Absent for the one that the program brought"`
	Who     int64      `json:"who,omitempty" doc:"Account; absent for the command line"`
	Changes []string   `json:"changes" doc:"In Russian, for people"`
}

func (a *API) taxonomy(t *topic.Taxonomy) Taxonomy {
	out := Taxonomy{Name: t.Name, Version: t.Version, Topics: []Topic{}}
	for _, tp := range t.Topics {
		out.Topics = append(out.Topics, topicOf(t, tp.Code))
	}
	return out
}

func (a *API) addTopics() {
	access := site.Access{Right: lifecycle.EditRules, Whole: true}
	edit := huma.Operation{Method: http.MethodPost, Path: "/topics", Summary: "Edit the classifier: the answer is the version in force", Tags: []string{"reference"},
		Description: "An edit that changes nothing makes no version. Codes never change.", MaxBodyBytes: textBody}
	edit.Responses = notFound(a)
	add(a, edit, access, func(ctx context.Context, me *Caller, in *body[TopicsBody]) (*body[Taxonomy], error) {
		t, err := a.Editor.EditTopics(ctx, me.Actor(), in.Body.Version, in.Body.edit(a.Topics()))
		if err != nil {
			return nil, err
		}
		return &body[Taxonomy]{a.taxonomy(t)}, nil
	})
	versions := huma.Operation{Method: http.MethodGet, Path: "/topics/versions", Summary: "Who changed the classifier, when and how, newest first", Tags: []string{"reference"}}
	add(a, versions, access, func(ctx context.Context, _ *Caller, _ *nothing) (*body[[]TopicVersion], error) {
		list, err := a.Editor.TopicVersions(ctx)
		out := &body[[]TopicVersion]{[]TopicVersion{}}
		for _, v := range list {
			out.Body = append(out.Body, TopicVersion{v.Version, at(v.At), int64(v.Who), orEmpty(v.Changes)})
		}
		return out, err
	})
}

// edit reads the body against the taxonomy in force.
func (b *TopicsBody) edit(t *topic.Taxonomy) (e topic.Edit) {
	made := &topic.Taxonomy{Topics: append([]topic.Topic{}, t.Topics...)} // so that two new topics get two codes
	for _, p := range b.Put {
		tp := topic.Topic{Code: topic.Code(p.Code), Name: plainName(p.Name), Group: plainName(p.Group), Fast: p.Fast}
		for _, o := range made.Topics {
			if string(o.GroupCode) == p.Group || topic.SameName(o.Group, tp.Group) {
				tp.Group, tp.GroupCode = o.Group, o.GroupCode
				break
			}
		}
		if tp.GroupCode == "" {
			tp.GroupCode = made.NewCode("", tp.Group)
		}
		if tp.Code == "" {
			tp.Code = made.NewCode(tp.GroupCode, tp.Name)
		} else if old, known := t.ByCode(tp.Code); known {
			tp.Retired = old.Retired
		}
		made.Topics = append(made.Topics, tp)
		e.Put = append(e.Put, tp)
	}
	for _, c := range b.Retire {
		e.Retire = append(e.Retire, topic.Code(c))
	}
	for _, c := range b.Restore {
		e.Restore = append(e.Restore, topic.Code(c))
	}
	for code, name := range b.Rename {
		if e.Rename == nil {
			e.Rename = map[topic.Code]string{}
		}
		e.Rename[topic.Code(code)] = plainName(name)
	}
	for _, c := range b.Move {
		e.Move = append(e.Move, topic.Code(c))
	}
	return e
}

// plainName is a name on one line, without the star, which is a mark of its own.
func plainName(s string) string { return strings.Join(strings.Fields(strings.Trim(s, "★ ")), " ") }
