package max

import (
	"context"
	"strings"

	"otklik/internal/message"
)

// deepest is how many answers above a message are asked for one by one.
const deepest = 8

// rooted puts a message of a group under what began its thread: MAX tells of an answer
// only which message it answers. What is not known is asked; where it cannot be, the
// answered message counts as the beginning.
func (b *Bot) rooted(ctx context.Context, m *message.Message) {
	if m.Parent == "" || m.Form != message.Comment || strings.Contains(m.Native, "/") {
		return
	}
	at, path := m.Parent, []string{m.Native}
	for range deepest {
		b.mu.Lock()
		root := b.roots[at]
		b.mu.Unlock()
		if root != "" {
			at = root
			break
		}
		l, err := b.root(ctx, at)
		if err != nil {
			break
		}
		path = append(path, at)
		if up := l.reply(); sound(up) && up != at {
			at = up
			continue
		}
		break
	}
	m.Thread = at
	for _, id := range path {
		b.begins(id, at)
	}
}

// begins notes what began the thread of a message.
func (b *Bot) begins(id, root string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.roots == nil || len(b.roots) >= heardMost {
		b.roots = map[string]string{}
	}
	b.roots[id] = root
}
