package notify

import (
	"context"
	"strings"
	"unicode"
	"unicode/utf8"

	"otklik/internal/account"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/notice"
)

const browserName = 60 // characters of a browser's name at most

// browsers is what the channel of browsers can beside sending.
type browsers interface {
	PublicKey() string
	// Check is Invalid, with a sentence, for what no browser says of itself.
	Check(b notice.Browser) error
}

// PushKey returns the key that browsers subscribe with, "" when the channel is off.
func (n *Notifier) PushKey() string {
	if ch, ok := n.Channels[notice.Push].(browsers); ok {
		return ch.PublicKey()
	}
	return ""
}

// AddBrowser stores a browser that the person allowed to; its subscription is its proof.
// One that is linked to another account becomes this one's alone: who sits before it now
// is who is told there. old is the endpoint that it had before, "" when it tells none.
func (n *Notifier) AddBrowser(ctx context.Context, who account.ID, b notice.Browser, old, name string) (err error) {
	defer fault.Wrap(&err, "notify.AddBrowser(%d)", who)
	ch, ok := n.Channels[notice.Push].(browsers)
	if !ok {
		return off(notice.Push)
	}
	if err := ch.Check(b); err != nil {
		return err
	}
	b.Key = ch.PublicKey()
	a := notice.Address{Account: who, Channel: notice.Push, To: b.To(), Label: named(name), State: notice.Good, At: n.Now()}
	return n.Store.Change(ctx, incident.People, func(tx incident.Tx) error {
		a.ID = 0
		had, err := tx.Posts().ByTarget(ctx, notice.Push, a.To)
		if err != nil {
			return err
		}
		for _, o := range had {
			if o.Account == who {
				a.ID = o.ID
			} else if err := tx.Posts().DropAddress(ctx, o.ID); err != nil {
				return err
			}
		}
		list, err := tx.Posts().Addresses(ctx, who)
		if err != nil {
			return err
		}
		stand := 0
		for k := range list {
			if l := &list[k]; l.ID == a.ID {
				a.At = l.At // it stands since then
			} else if replaced(l, &a, old) {
				if err := tx.Posts().DropAddress(ctx, l.ID); err != nil {
					return err
				}
			} else {
				stand++
			}
		}
		if a.ID == 0 && stand >= addressMost {
			return fault.New(fault.Conflict, "%d addresses", stand).At("push").Say("Адресов уже десять. Уберите лишние.")
		}
		return tx.Posts().SaveAddress(ctx, &a)
	})
}

// replaced reports whether a new subscription takes the place of an address: one that
// ended in a browser of the same name, or that the browser says it had before.
func replaced(l, a *notice.Address, old string) bool {
	if l.Channel != notice.Push {
		return false
	}
	if l.To == "" {
		return l.Label == a.Label
	}
	b, err := notice.BrowserOf(l.To)
	return err == nil && old != "" && b.Endpoint == old
}

// named cuts what a browser calls itself to one short line.
func named(name string) string {
	name = strings.Join(strings.FieldsFunc(name, func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsPrint(r) }), " ")
	for utf8.RuneCountInString(name) > browserName {
		_, size := utf8.DecodeLastRuneInString(name)
		name = name[:len(name)-size]
	}
	if name == "" {
		return "браузер"
	}
	return name
}
