package demo

import (
	"bytes"
	"fmt"

	"otklik/internal/account"
	"otklik/internal/attachment"
	"otklik/internal/desk"
	"otklik/internal/fault"
	"otklik/internal/message"
	"otklik/internal/scope"
)

// shots are the pictures of the history: each scene is drawn and kept once.
type shots map[string]attachment.File

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
	f, err := h.shot(sceneOf(c.key), int(c.id/withPhoto%3), attachment.Before)
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
			f, err := h.shot(sceneOf(c.key), int(c.id%3), part)
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

// shot returns the picture of a scene, drawn when it is first wanted.
func (h *history) shot(scene string, variant int, part attachment.Part) (f attachment.File, err error) {
	name := fmt.Sprintf("%s-%d-%s", scene, variant, part)
	if f, ok := h.shots[name]; ok {
		return f, nil
	}
	defer fault.Wrap(&err, "demo.shot(%s)", name)
	b, err := snapshot(scene, variant, part)
	if err != nil {
		return f, err
	}
	err = h.keep(h.ctx, bytes.NewReader(b), func(kept attachment.File) error {
		f, h.shots[name] = kept, kept
		return nil
	})
	return f, err
}
