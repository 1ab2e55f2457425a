package demo

import (
	"time"

	"otklik/internal/attachment"
	"otklik/internal/desk"
	"otklik/internal/lifecycle"
	"otklik/internal/reply"
	"otklik/internal/source/vk"
)

// after plans what follows a reply: the author's word, the end, the check.
func (h *history) after(c *story, kind rune) {
	c.rounds++
	unhappy := 4
	if kind == '~' {
		unhappy = 40
	}
	if c.rounds < 4 && h.chance(unhappy) {
		h.plan(h.clock.Add(time.Hour+h.about(30*time.Hour)), func() error { return h.complain(c) })
	}
	if h.chance(12) {
		return // answered, and nobody has closed it
	}
	h.plan(h.atWork(h.clock.Add(20*time.Hour+h.about(40*time.Hour)), false), func() error {
		if _, ok, err := h.is(c, lifecycle.Answered); !ok || err != nil {
			return err
		}
		outcome := lifecycle.Solved
		switch {
		case kind != '+':
			outcome = lifecycle.Explained
		case h.chance(14):
			outcome = lifecycle.Partly
		}
		who, how := h.actor("operator"), desk.NotKnown
		if h.chance(30) {
			who = h.actor("controller")
		}
		if outcome != lifecycle.Explained && h.chance(25) {
			how = pick(h.r, "photo", "photo", "inspector")
		}
		if how == desk.ByPhoto {
			if _, err := h.shoot(who, c, attachment.Before, attachment.After); err != nil {
				return err
			}
		}
		if err := h.do(who, c, desk.Close{Outcome: outcome, How: how}); err != nil {
			return err
		}
		if outcome != lifecycle.Explained && h.chance(48) {
			h.plan(h.atWork(h.clock.Add(h.about(40*time.Hour)), false), func() error { return h.verify(c) })
		}
		return nil
	})
}

func (h *history) verify(c *story) error {
	i, ok, err := h.is(c, lifecycle.Closed, lifecycle.Answered)
	if !ok || err != nil || i.Verified() {
		return err
	}
	how := pick(h.r, "photo", "photo", "author", "author", "inspector", "neighbour")
	if how == desk.ByPhoto {
		if _, err := h.shoot(h.actor("controller"), c, attachment.After); err != nil {
			return err
		}
	}
	return h.do(h.actor("controller"), c, desk.Verify{How: how})
}

// complain is an author who says that nothing has changed; the controller
// returns the incident.
func (h *history) complain(c *story) error {
	if _, ok, err := h.is(c, lifecycle.Answered, lifecycle.Closed); !ok || err != nil {
		return err
	}
	if c.writes != nil {
		w, ok := h.talk["again"].deal(h.clock)
		if !ok {
			return nil
		}
		if err := c.writes(h.voice.write(w, c.at, c.n.home)); err != nil {
			return err
		}
		if err := h.adopt(c); err != nil {
			return err
		}
		if _, ok, err := h.is(c, lifecycle.Rework); ok || err != nil { // the words were plain: nobody had to read them
			h.plan(h.atWork(h.clock.Add(h.about(6*time.Hour)), false), func() error { return h.work(c) })
			return err
		}
	}
	h.plan(h.atWork(h.clock.Add(h.about(5*time.Hour)), true), func() error {
		if _, ok, err := h.is(c, lifecycle.Answered, lifecycle.Closed); !ok || err != nil {
			return err
		}
		why := pick(h.r, "Автор сообщает, что проблема осталась.", "Выезд показал: работа не выполнена.", "На фото автора прежнее состояние.")
		if err := h.do(h.actor("controller"), c, desk.Reopen{Reason: why}); err != nil {
			return err
		}
		h.plan(h.atWork(h.clock.Add(h.about(6*time.Hour)), false), func() error { return h.work(c) })
		return nil
	})
	return nil
}

// publish is the outbox of the history: what was approved is written on the
// wall, and the receipt goes to the desk.
func (h *history) publish(c *story) error {
	if c.n == nil && !c.answers {
		return nil
	}
	_, err := h.publishDue()
	return err
}

// publishDue publishes ten of what is due, and returns how many it took.
func (h *history) publishDue() (int, error) {
	jobs, err := h.tx.Replies().Take(h.ctx, h.clock, 10)
	if err != nil {
		return 0, err
	}
	for _, job := range jobs {
		if p := h.publisher(job.Source); p != nil {
			if err := h.publishBeside(p, job); err != nil {
				return 0, err
			}
			continue
		}
		n := h.source[job.Source]
		ref, err := vk.ParseRef(job.Parent)
		if err != nil {
			return 0, err
		}
		h.clock = h.clock.Add(2 * time.Second)
		id, err := n.Fake.CommentAt(ref.Item, ref.Comment, 0, job.Text, h.clock)
		job.Tries++
		if err != nil { // the author has deleted the comment
			if err := h.desk.Unpublishable(h.ctx, job, "Комментарий удалён автором, ответить под ним нельзя."); err != nil {
				return 0, err
			}
			continue
		}
		job.Proof = reply.ByReceipt
		mine := ref
		mine.Comment = id
		if err := h.desk.Published(h.ctx, job, reply.Receipt{Native: mine.String(), URL: mine.Link(n.URL, ref.Comment), At: h.clock}); err != nil {
			return 0, err
		}
	}
	return len(jobs), nil
}
