package demo

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"sync"

	"otklik/internal/account"
	"otklik/internal/attachment"
	"otklik/internal/desk"
	"otklik/internal/fault"
	"otklik/internal/message"
	"otklik/internal/scope"
)

// shots are the pictures of the history by their names: each is drawn and kept
// once, ahead of the history where a core is idle.
type shots map[string]func() (attachment.File, error)

// takeShots begins to draw all pictures; wait returns when that has ended.
func takeShots(ctx context.Context, keep func(context.Context, io.Reader, func(attachment.File) error) error) (s shots, wait func()) {
	s = shots{}
	var ahead sync.WaitGroup
	for _, scene := range slices.Sorted(maps.Keys(scenes)) {
		for variant := range variants {
			for _, part := range []attachment.Part{attachment.Before, attachment.After} {
				s[shotName(scene, variant, part)] = sync.OnceValues(func() (f attachment.File, err error) {
					b, err := snapshot(scene, variant, part)
					if err == nil {
						err = keep(ctx, bytes.NewReader(b), func(kept attachment.File) error { f = kept; return nil })
					}
					return f, err
				})
			}
		}
	}
	ahead.Go(func() {
		for _, name := range slices.Sorted(maps.Keys(s)) {
			if _, err := s[name](); err != nil {
				return // whoever wants it meets the error
			}
		}
	})
	return s, ahead.Wait
}

func shotName(scene string, variant int, part attachment.Part) string {
	return fmt.Sprintf("%s-%d-%s", scene, variant, part)
}

// withPhoto is of how many messages about a spot one comes with a picture.
const withPhoto = 5

// sent gives some residents a camera: their message comes with a picture.
func (h *history) sent(c *story) error {
	if !spots(c.key) || c.id%withPhoto != 0 {
		return nil
	}
	i, err := h.tx.Incidents().Incident(h.ctx, scope.All(), c.id)
	if err != nil {
		return err
	}
	m, err := h.tx.Messages().Message(h.ctx, scope.All(), i.First)
	if err != nil || m.Channel == message.Phone {
		return err
	}
	f, err := h.shot(sceneOf(c.key), int(c.id/withPhoto%variants), attachment.Before)
	if err != nil {
		return err
	}
	return h.tx.Attachments().Add(h.ctx, &attachment.Attachment{Message: int64(m.ID), Source: m.Source, Ref: attachment.Ref{Kind: attachment.Photo}, State: attachment.Kept, File: f, At: h.clock, Place: m.Place})
}

// shoot adds how it was and how it is to a case, once.
func (h *history) shoot(who account.Actor, c *story, parts ...attachment.Part) (ids []attachment.ID, err error) {
	all, err := h.tx.Attachments().OfIncident(h.ctx, scope.All(), int64(c.id))
	if err != nil {
		return nil, err
	}
	have := map[attachment.Part]attachment.ID{}
	for k := range all {
		have[all[k].Part] = all[k].ID
	}
	for _, part := range parts {
		id := have[part]
		if id == 0 {
			f, err := h.shot(sceneOf(c.key), int(c.id%variants), part)
			if err != nil {
				return nil, err
			}
			if _, err = h.desk.Do(h.ctx, who, c.id, 0, desk.AddPhoto{File: f, Part: part, ID: &id}); err != nil {
				return nil, err
			}
		}
		ids = append(ids, id)
	}
	return ids, nil
}

// shot returns the picture of a scene.
func (h *history) shot(scene string, variant int, part attachment.Part) (f attachment.File, err error) {
	defer fault.Wrap(&err, "demo.shot(%s)", scene)
	return h.shots[shotName(scene, variant, part)]()
}
