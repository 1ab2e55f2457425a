package app

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"path/filepath"

	"otklik/internal/desk"
	"otklik/internal/incident"
	"otklik/internal/message"
	"otklik/internal/portal"
	"otklik/internal/publicface"
	"otklik/internal/scope"
	"otklik/internal/seal"
	"otklik/internal/site"
)

// portal is what residents see.
func (a *App) portal(s *site.Site, practice string) *portal.Portal {
	return portal.New(portal.Options{
		Site: s, Title: a.Config.Title, Address: a.Config.Site, Contact: a.Config.Public.Contact, Practice: practice, Zone: a.ownZone(), Now: a.Now,
		Watched: a.watched(), Towns: a.towns(), Cases: a.DB.Reader, Topics: a.Topics, Files: a.Vault,
		Judge: a.Desk, Counter: a.counter(), Hearer: hearer{a}, Agreement: a.agreement(), Letters: a.Courier != nil,
		Uploads: a.Uploads, Shield: a.Shield, Widgets: a.widgets(), Face: a.face(),
	})
}

// A hearer is what the residents' form asks while it is filled in.
type hearer struct{ a *App }

func (h hearer) Read(ctx context.Context, text string) (*message.Reading, error) {
	r := h.a.Reader.Full(&message.Message{Text: text, Channel: message.Portal, Form: message.Post, Addressed: true, Territory: h.a.region()})
	return &r, nil
}

func (h hearer) Around(at message.Point) []message.PlaceFound {
	return desk.Around(h.a.Places, h.a.region(), at)
}

func (h hearer) Stand(r *message.Reading) (scope.Place, incident.Address) {
	return h.a.Desk.Stand(&message.Message{Territory: h.a.region()}, r)
}

func (h hearer) Public() publicface.Rule { return publicface.New(h.a.Book().Regimes()) }

// openLinks reads the key of the links by which residents follow what they told us.
func (a *App) openLinks() error {
	box, err := seal.Keyed(filepath.Join(a.Dir, seal.Name))
	if err != nil {
		return err
	}
	a.Desk.Links = box.Derive("applicant")
	return nil
}

// counter takes reports, unless this centre takes none on its portal.
func (a *App) counter() portal.Counter {
	if a.Config.Public.Closed {
		return nil
	}
	return a.Desk
}

// agreement is the consent that residents give who leave a name or a contact. Its version is a
// digest of its words, so that other words cannot pass as the same consent.
func (a *App) agreement() portal.Consent {
	text := a.Config.Public.Consent
	if text == "" {
		text = "Я разрешаю, чтобы " + a.Config.Title + " и те, кому передадут моё сообщение, использовали имя и контакт, которые я здесь оставляю, только чтобы рассмотреть сообщение, ответить на него и узнать, решено ли. " +
			"Хранить их можно, пока это нужно, чтобы ответить и проверить, что решено; если я попрошу стереть, их сотрут раньше. Попросить можно у центра (152-ФЗ)."
	}
	sum := sha256.Sum256([]byte(text))
	return portal.Consent{Version: hex.EncodeToString(sum[:4]), Text: text}
}

// widgets are the buttons on sites of others.
func (a *App) widgets() (list []portal.Widget) {
	for _, w := range a.Config.Public.Widgets {
		list = append(list, portal.Widget(w))
	}
	return list
}
