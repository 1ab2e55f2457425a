// Package vk connects a VK community's wall: it reads posts and comments and
// writes replies as the community. Start with Wall, which is a source.Puller
// and a source.Publisher; FromUpdate and the other From… functions decode the
// same objects when they come as events or in a dump.
//
// Two tokens are needed, because VK gives reading and writing to different
// ones: an application's service key reads open walls, the community's token
// comments as the community. A wall of somebody else needs the first alone.
//
// Ids at the network, the same for polling, events and dumps:
//
//	wall-1001_10        a post
//	wall-1001_10_r12    a comment under it, of either level
//	topic-1001_5_r3     a post of a discussion (photo…, video…, market… alike)
//	im77_614            a private message: the peer and its number there
//
// Revisions: VK tells when a post or a private message was edited, so these are
// ordered by time. It never tells when a comment was edited or deleted; there a
// revision is a hash of the state and of the state before, so that a text which
// comes back after an edit is a new revision, and asking twice with one cursor
// gives the same revision twice.
//
// Facts about the API are those of version 5.199.
package vk

import (
	"fmt"
	"strconv"
	"strings"
)

// Version of the API that every call names.
const Version = "5.199"

// A Ref is a native id taken apart.
type Ref struct {
	Place   string // wall, topic, photo, video, market, im
	Owner   int64  // negative for a community; the peer of a private message
	Item    int64  // post, topic, photo …; the number of a private message
	Comment int64  // 0 for the post itself
}

// String returns the native id.
func (r Ref) String() string {
	s := r.Place + strconv.FormatInt(r.Owner, 10) + "_" + strconv.FormatInt(r.Item, 10)
	if r.Comment != 0 {
		s += "_r" + strconv.FormatInt(r.Comment, 10)
	}
	return s
}

// Root returns the ref of what the comment stands under.
func (r Ref) Root() Ref { r.Comment = 0; return r }

// ParseRef takes a native id apart.
func ParseRef(native string) (Ref, error) {
	bad := fmt.Errorf("vk: not a native id: %q", clip(native, 60))
	cut := strings.IndexFunc(native, func(c rune) bool { return c == '-' || c >= '0' && c <= '9' })
	if cut <= 0 {
		return Ref{}, bad
	}
	r := Ref{Place: native[:cut]}
	switch r.Place {
	case "wall", "topic", "photo", "video", "market", "im":
	default:
		return Ref{}, bad
	}
	parts := strings.Split(native[cut:], "_")
	if len(parts) != 2 && len(parts) != 3 {
		return Ref{}, bad
	}
	var err error
	if r.Owner, err = strconv.ParseInt(parts[0], 10, 64); err != nil {
		return Ref{}, bad
	}
	if r.Item, err = strconv.ParseInt(parts[1], 10, 64); err != nil {
		return Ref{}, bad
	}
	if len(parts) == 3 {
		n, ok := strings.CutPrefix(parts[2], "r")
		if !ok {
			return Ref{}, bad
		}
		if r.Comment, err = strconv.ParseInt(n, 10, 64); err != nil || r.Comment == 0 {
			return Ref{}, bad
		}
	}
	if r.String() != native {
		return Ref{}, bad
	}
	return r, nil
}

// Page is the address that links start with when nothing else is configured.
const Page = "https://vk.com/"

// Link returns the address of a post or comment for people. thread is the first
// level comment that a reply stands under, 0 for none. It is empty for private
// messages, which have no address.
func (r Ref) Link(page string, thread int64) string {
	if page == "" {
		page = Page
	}
	link := page + r.Root().String()
	switch {
	case r.Place == "im":
		return ""
	case r.Comment == 0:
		return link
	case r.Place == "topic":
		return link + "?post=" + strconv.FormatInt(r.Comment, 10)
	}
	link += "?reply=" + strconv.FormatInt(r.Comment, 10)
	if thread != 0 && thread != r.Comment {
		link += "&thread=" + strconv.FormatInt(thread, 10)
	}
	return link
}

// SourceID returns the source id of a community's wall, «vk:-1001».
func SourceID(owner int64) string { return "vk:" + strconv.FormatInt(owner, 10) }

func clip(s string, n int) string {
	if len(s) > n {
		return s[:n]
	}
	return s
}
