package vk

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"slices"
	"time"

	"otklik/internal/message"
	"otklik/internal/source"
)

// An inbox is how far the community's private messages are read.
type inbox struct {
	Last int64           `json:"l,omitempty"` // id of the newest message; all up to it are read
	Read int64           `json:"r,omitempty"` // when it was read to its end, Unix seconds
	Done map[int64]int64 `json:"d,omitempty"` // talks that are read further, while others wait: peer → id
}

// Bounds of reading private messages.
const (
	talkPage  = 200            // of VK's methods
	talkPages = 5              // of one list
	talkBack  = 24 * time.Hour // how old messages are taken when it is read for the first time
	chats     = 2_000_000_000  // peers from here on are chats of many
)

// A dialog is one talk in VK's list.
type dialog struct {
	Conversation struct {
		Peer struct {
			ID number `json:"id"`
		} `json:"peer"`
	} `json:"conversation"`
	Last item `json:"last_message"`
}

// letters reads the private messages that came since, oldest talk first. What it read when a
// call fails stays read.
func (w *Wall) letters(ctx context.Context, c *cursor, b *source.Batch) (err error) {
	if c.Inbox == nil {
		c.Inbox = &inbox{}
	}
	in := c.Inbox
	defer func() {
		var e *source.Error
		if errors.As(err, &e) && e.Trouble == source.Person && !w.Talks { // nobody asked for them
			w.mu.Lock()
			w.mute = w.now().Add(time.Hour)
			w.mu.Unlock()
			err = nil
		}
	}()
	talks, top, err := w.dialogs(ctx, in)
	if err != nil {
		return err
	}
	calls := max(w.Calls, 20)
	var found []message.Message
	defer func() {
		w.name(ctx, found)
		b.Messages = append(b.Messages, found...)
	}()
	for _, d := range talks {
		peer := int64(d.Conversation.Peer.ID)
		if calls--; calls < 0 {
			b.More = true
			return nil
		}
		list, err := w.talk(ctx, peer, max(in.Last, in.Done[peer]), in.Last == 0)
		if err != nil {
			return err
		}
		found = append(found, list...)
		if in.Done == nil {
			in.Done = map[int64]int64{}
		}
		in.Done[peer] = int64(d.Last.ID)
	}
	in.Last, in.Read, in.Done = max(in.Last, top, 1), w.now().Unix(), nil
	if c.Listen != nil && w.ServiceToken == "" {
		c.Listen.Read = in.Read
	}
	return nil
}

// dialogs returns the talks with people in which something is unread, oldest first, and the
// id of the newest message.
func (w *Wall) dialogs(ctx context.Context, in *inbox) (talks []dialog, top int64, err error) {
	for page := range talkPages {
		params := url.Values{"filter": {"all"}}
		set(params, "count", talkPage)
		set(params, "offset", int64(page*talkPage))
		var out struct {
			Items list `json:"items"`
		}
		if err := w.client().call(ctx, "messages.getConversations", w.CommunityToken, false, params, &out); err != nil {
			return nil, 0, unlettered(err)
		}
		known := false
		for _, raw := range out.Items {
			var d dialog
			if json.Unmarshal(raw, &d) != nil || d.Last.ID == 0 {
				continue
			}
			id, peer := int64(d.Last.ID), int64(d.Conversation.Peer.ID)
			top = max(top, id)
			old := in.Last == 0 && w.now().Sub(unix(d.Last.Date)) > talkBack
			if known = id <= in.Last || old; known {
				break
			}
			if peer > 0 && peer < chats && id > in.Done[peer] {
				talks = append(talks, d)
			}
		}
		if known || len(out.Items) < talkPage {
			break
		}
	}
	slices.Reverse(talks)
	return talks, top, nil
}

// talk returns the messages of one talk behind an id, oldest first; at first those of the
// last day.
func (w *Wall) talk(ctx context.Context, peer, after int64, first bool) (found []message.Message, err error) {
	f := w.frame(nil)
	for page := range talkPages {
		out, err := w.history(ctx, peer, page*talkPage)
		if err != nil {
			return nil, err
		}
		end := len(out.Items) < talkPage
		for _, raw := range out.Items {
			var it item
			if json.Unmarshal(raw, &it) != nil || it.ID == 0 {
				continue
			}
			if end = int64(it.ID) <= after || first && w.now().Sub(unix(it.Date)) > talkBack; end {
				break
			}
			if it.PeerID == 0 {
				it.PeerID = number(peer)
			}
			m, err := direct(&it, f)
			if err != nil {
				continue
			}
			m.SeenAt = w.now().UTC()
			found = append(found, m)
		}
		if end {
			break
		}
	}
	slices.Reverse(found)
	return found, nil
}

// history asks for a page of a talk, newest first.
func (w *Wall) history(ctx context.Context, peer int64, offset int) (page, error) {
	params := url.Values{"rev": {"0"}}
	set(params, "peer_id", peer)
	set(params, "count", talkPage)
	set(params, "offset", int64(offset))
	var out page
	err := w.client().call(ctx, "messages.getHistory", w.CommunityToken, false, params, &out)
	return out, unlettered(err)
}
