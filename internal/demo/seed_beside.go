package demo

import (
	"errors"
	"strings"
	"time"

	"otklik/internal/app"
	"otklik/internal/reply"
	"otklik/internal/source"
)

// A stall is a network beside VK as the history uses it: residents write on the fake, and
// the connector reads it as it will read it afterwards, with one cursor.
type stall struct {
	*Network
	conn  source.Connection
	posts *deck
	last  time.Time // when it got its newest post
}

const (
	besideDays  = 12 // before the end these networks were connected
	besideShare = 45 // of a hundred messages that would be written on walls of VK
)

// settleBeside opens the networks beside VK.
func (h *history) settleBeside(a *app.App) error {
	places := readTexts("places.txt")
	for _, n := range h.stage.others {
		s, err := n.kept(a)
		if err != nil {
			return err
		}
		in := within{client: clientOf(h.stage.pages), now: h.stage.clock.now}
		c, err := n.open(s, source.Key{Name: s.Key, Kind: s.Kind, Secret: n.secret}, in)
		if err != nil {
			return err
		}
		stall := &stall{Network: n, conn: c, posts: newDeck(h.r, places, oneOf(n.path))}
		stall.posts.limit = 1
		h.beside = append(h.beside, stall)
	}
	return nil
}

// release lets the clock of the fakes show the present again.
func (s Stage) release() {
	if s.clock != nil {
		s.clock.release()
	}
}

// elsewhere returns where somebody writes instead of a wall of VK, nil for nowhere. n is
// the lot that chose the channel.
func (h *history) elsewhere(n int) *stall {
	if len(h.beside) == 0 || n >= 66 || h.now.Sub(h.clock) > besideDays*24*time.Hour || !h.chance(besideShare) {
		return nil
	}
	return pick(h.r, h.beside...)
}

// publisher returns what publishes replies to messages of a source beside VK, nil where
// none does: the bot for its own talks and for the places that it found.
func (h *history) publisher(id string) source.Publisher {
	for _, s := range h.beside {
		if s.conn.Publisher != nil && (id == s.source.ID || strings.HasPrefix(id, string(s.source.Kind)+":-")) {
			return s.conn.Publisher
		}
	}
	return nil
}

// writeBeside writes a message beside VK, and reads it.
func (h *history) writeBeside(s *stall, w text, at *town) error {
	if h.clock.Sub(s.last) > 40*time.Hour {
		if t, ok := s.posts.deal(h.clock); ok {
			h.stage.clock.set(h.clock.Add(-time.Minute))
			s.fake.post(t.body)
			s.last = h.clock
		}
	}
	if s.home != "" && h.chance(80) {
		for _, t := range h.voice.towns {
			if t.name == s.home {
				at = t
			}
		}
	}
	words := h.voice.write(w, at, s.home)
	h.stage.clock.set(h.clock)
	if err := s.fake.say(h.r.IntN(3), person(h.r), words); err != nil {
		return err
	}
	h.clock = h.clock.Add(2*time.Second + h.upTo(4*time.Second))
	h.stage.clock.set(h.clock)
	if err := h.readBeside(s); err != nil {
		return err
	}
	for _, id := range h.opened {
		if err := h.begin(&story{id: id, words: w.body, key: w.key, at: at, answers: s.conn.Publisher != nil}); err != nil {
			return err
		}
	}
	return nil
}

// readBeside reads a network until nothing new is there; h.opened holds what it opened.
func (h *history) readBeside(s *stall) error {
	h.opened = h.opened[:0]
	for more := true; more; {
		var err error
		if more, err = h.intake.PollOnce(h.ctx, s.conn); err != nil {
			return err
		}
	}
	return h.ring()
}

// publishBeside publishes one reply beside VK.
func (h *history) publishBeside(p source.Publisher, job reply.Job) error {
	h.clock = h.clock.Add(2 * time.Second)
	h.stage.clock.set(h.clock)
	job.Tries++
	r, err := p.Publish(h.ctx, job)
	var e *source.Error
	if errors.As(err, &e) {
		return h.desk.Unpublishable(h.ctx, job, e.Sentence)
	}
	if err != nil {
		return err
	}
	job.Proof = reply.ByReceipt
	return h.desk.Published(h.ctx, job, r)
}
