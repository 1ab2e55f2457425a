package max

import (
	"errors"

	"otklik/internal/message"
)

// ErrNoMessage says that a record is well formed and carries nobody's words.
var ErrNoMessage = errors.New("max: no message")

// FromDump decodes one saved object: an update as GET /updates and webhooks carry it, or
// a message as GET /messages answers it. talks is the source of direct talks, whose bot
// a dump does not name. Native ids and revisions are those of the live source.
func FromDump(raw []byte, talks string) (message.Message, error) {
	b := &Bot{Source: talks}
	var u update
	if !into(raw, &u) {
		return message.Message{}, ErrNoMessage
	}
	switch u.Type {
	case "message_callback", "bot_started": // a button is pressed, a talk begins: nothing is said
		return message.Message{}, ErrNoMessage
	case "":
		var l letter
		if !into(raw, &l) || !sound(string(l.Body.ID)) {
			if u.Message.V == nil || !sound(string(u.Message.V.Body.ID)) { // {"message": …}, the answer to a publication
				return message.Message{}, ErrNoMessage
			}
			l = *u.Message.V
		}
		return b.letterOf(&l)
	}
	e, ok := b.decode(raw)
	if !ok || e.Message.Native == "" {
		return message.Message{}, ErrNoMessage
	}
	return e.Message, nil
}

// letterOf decodes a message that no event told of.
func (b *Bot) letterOf(l *letter) (message.Message, error) {
	if l.dialog() {
		if m := b.direct(l); m.Author != "" {
			return m, nil
		}
		return message.Message{}, ErrNoMessage
	}
	var e event
	if !e.place(b, l) {
		return message.Message{}, ErrNoMessage
	}
	return e.Message, nil
}
