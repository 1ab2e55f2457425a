// Package ok connects a group of Odnoklassniki: its topics and discussions with their
// comments. Start with Open or Group, which is a source.Puller and, where it is switched
// on, a source.Publisher.
//
// Everything is read by asking: OK tells a program of no comment, of no edit and of no
// deletion. Newest comments are looked for where the count of a topic has grown; all of
// them are read anew every so often, which shows edits and deletions (package wall).
//
// Publishing a comment is not in today's documentation. By default a person publishes the
// reply on OK's page, and Find proves it by reading the thread. With Automatic the method
// of 2017 is called, and what it does is read back, too.
//
// Ids at the network:
//
//	GROUP_TOPIC/15400…        a topic
//	GROUP_TOPIC/15400…/MTY…   a comment under it
//	GROUP_PHOTO/87…           another discussion of the group, of which we read comments alone
//
// Facts about the API are those of 2026; docs/channels/ok.md says what to check against
// the live network.
package ok

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"otklik/internal/source"
)

// Where OK is when nothing else is configured.
const (
	API  = "https://api.ok.ru/fb.do"
	Page = "https://ok.ru/"
)

// A Group is one group of OK. ID, AppKey, Token and Secret are required.
type Group struct {
	Group  string // number
	Name   string
	AppKey string // application_key, public
	Token  string // access_token of an administrator of the group
	Secret string // session_secret_key; with AppSecret the application's own
	// AppSecret says that Secret is application_secret_key: then the secret of a call is
	// made of it and the token.
	AppSecret bool

	BaseURL string // empty: API
	PageURL string // beginning of links; empty: Page
	HTTP    *http.Client
	Limits  *Limits // shared by groups with one token; nil: one for the process
	Now     func() time.Time

	Topics int           // newest topics that are watched; 0: 30
	Others bool          // read comments under photos and videos, as the token's owner is told of them
	Reread time.Duration // how often all comments of a topic are read anew; 0: 10 min; negative: at each Poll
	Calls  int           // calls in one Poll; 0: 20

	Automatic bool // publish by the method that is no longer documented
	PerSecond float64
	PerDay    int
	Settle    time.Duration // how long a comment may take to be seen; 0: a minute
}

// ID implements source.Puller.
func (g *Group) ID() string { return SourceID(g.Group) }

// SourceID returns the source id of a group, «ok:5300».
func SourceID(group string) string { return "ok:" + group }

func (g *Group) now() time.Time {
	if g.Now != nil {
		return g.Now()
	}
	return time.Now()
}

// Topic is the type of a group's topic among the discussions.
const Topic = "GROUP_TOPIC"

// A ref is a native id taken apart.
type ref struct {
	Type    string // of the discussion
	ID      string
	Comment string // "" for the discussion itself
}

func (r ref) root() string { return r.Type + "/" + r.ID }

func (r ref) String() string {
	if r.Comment == "" {
		return r.root()
	}
	return r.root() + "/" + r.Comment
}

func parseRef(native string) (ref, error) {
	parts := strings.Split(native, "/")
	if len(parts) == 2 {
		parts = append(parts, "")
	}
	if len(parts) != 3 || !sound(parts[0]) || !sound(parts[1]) || parts[2] != "" && !sound(parts[2]) || strings.HasSuffix(native, "/") {
		return ref{}, fmt.Errorf("ok: not a native id: %q", clip(native, 60))
	}
	return ref{parts[0], parts[1], parts[2]}, nil
}

// sound reports whether an id of the network can stand in a native id: they are opaque.
func sound(id string) bool {
	return id != "" && len(id) <= 120 && !strings.ContainsFunc(id, func(c rune) bool { return c <= ' ' || c > '~' || c == '/' })
}

// link returns where people see a discussion. No address of a comment is known.
func (g *Group) link(r ref) string {
	page := g.PageURL
	if page == "" {
		page = Page
	}
	page += "group/" + g.Group
	if r.Type == Topic {
		return page + "/topic/" + r.ID
	}
	return page
}

func clip(s string, n int) string {
	if len(s) > n {
		return s[:n]
	}
	return s
}

// same returns a text as the network may give it back: spaces and line ends are not kept
// reliably.
func same(text string) string { return strings.Join(strings.Fields(text), " ") }

var (
	_ source.Puller    = (*Group)(nil)
	_ source.Publisher = (*Group)(nil)
)
