package demo

import (
	"context"
	"net/http"

	"otklik/internal/account"
	"otklik/internal/herald"
	"otklik/internal/lifecycle"
	"otklik/internal/scope"
	"otklik/internal/source/pushfake"
	"otklik/internal/webhook"
)

// portalSystem is a program of somebody else: it pushes what its visitors write by signed
// calls, and is told of incidents and given replies by ours. The configuration names it as
// a sender; the history has its messages, but it remembers none of them.
func (d *Demo) portalSystem() *Network {
	return &Network{
		Name: "Портал обращений", Sort: "Чужая программа, подписанные вызовы", path: "portal",
		About: "Напишите обращение: программа передаст его в центр подписанным вызовом. Здесь же видны вызовы центра и ответ, который программа публикует сама.",
		make: func(n *Network, c circumstances) (fake, error) {
			f, err := pushfake.New(pushfake.Options{Name: n.Name, Centre: d.Address() + "/hooks/messages", Secret: HookSecret, HTTP: &http.Client{}, Now: c.now, Snapshot: c.snapshot})
			return system{f}, err
		},
	}
}

type system struct{ *pushfake.Fake }

func (s system) say(_ int, author, words string) error { return s.Write(author, words) }

func (system) post(string) {} // nobody talks there

// subscribe lets the portal's program be called, at the address that it has now.
func (d *Demo) subscribe(ctx context.Context) error {
	f, who := d.system.fake.(system), account.Actor{Role: lifecycle.Admin, Scope: scope.OfRegion(Region)}
	w := webhook.Webhook{Name: d.system.Name, URL: d.system.URL + "events", Source: hookSource, Events: []webhook.Event{
		webhook.Opened, webhook.HandedOut, webhook.Moved, webhook.Publish, webhook.Verified, webhook.Reopened, webhook.Marked,
	}}
	list, err := d.App.DB.Reader().Webhooks().Webhooks(ctx, who.Scope)
	if err != nil {
		return err
	}
	for k := range list {
		was := &list[k]
		if was.Name != w.Name {
			continue
		}
		if was.URL != w.URL {
			was.URL = w.URL
			if _, err := d.App.Herald.Save(ctx, who, was, "", 0); err != nil {
				return err
			}
		}
		if f.Trust("") != "" {
			return nil
		}
		secret, err := d.App.Herald.Do(ctx, who, was.ID, herald.Rotate, 0) // the program has forgotten it
		f.Trust(secret)
		return err
	}
	secret, err := d.App.Herald.Save(ctx, who, &w, "", 0)
	if err == nil {
		f.Trust(secret)
	}
	return err
}
