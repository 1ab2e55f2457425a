package app

import (
	"context"
	"io"
	"strings"

	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/mailbox"
	"otklik/internal/roster"
	"otklik/internal/scope"
	"otklik/internal/source"
	"otklik/internal/source/mail"
)

// mailKind opens mailboxes.
func (a *App) mailKind() roster.Connector {
	o := mail.Options{Now: a.Now, Wait: longPoll, Plain: a.Demo != nil, Numbered: a.firstLetter, NumberOf: a.publicNumber, Renewed: a.renewed}
	return roster.Connector{
		Keyed:     true,
		Recognise: mail.Recogniser{Options: o},
		Fields:    mail.Fields,
		Set:       mail.Set,
		Open: func(s source.Source, key, _ source.Key) (source.Connection, error) {
			mine := o
			mine.Key = a.Roster.Box.Derive("mail")
			_, c, err := mail.Open(s, key, mine)
			return c, err
		},
	}
}

// Saved returns the mailbox that letters of files are read as: authors are named as those of
// the live mailboxes are, and answers to replies of ours are known. source may be that of
// one: letters from its address are ours.
func (a *App) Saved(source string) *mail.Box {
	b := &mail.Box{Source: source, Now: a.Now, Key: a.Roster.Box.Derive("mail")}
	if address, ok := strings.CutPrefix(source, "mail:"); ok {
		b.Address = address
		if normal, err := mailbox.Normal(address); err == nil {
			b.Address = normal
		}
	}
	return b
}

// firstLetter returns the native id of the first message of a source in the incident of a
// public number, "" for none.
func (a *App) firstLetter(ctx context.Context, id, number string) (string, error) {
	i, err := a.DB.Reader().Incidents().ByNumber(ctx, scope.All(), number)
	if fault.Is(err, fault.NotFound) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	list, err := a.DB.Reader().Messages().OfIncident(ctx, scope.All(), int64(i.ID))
	for _, m := range list {
		if m.Source == id {
			return m.Native, err
		}
	}
	return "", err
}

// renewed keeps the secret of a key that the network changed itself.
func (a *App) renewed(ctx context.Context, name, was, secret string) error {
	return a.Roster.Renew(ctx, name, was, secret)
}

// publicNumber returns the number that an incident is known by to residents.
func (a *App) publicNumber(ctx context.Context, id int64) (string, error) {
	i, err := a.DB.Reader().Incidents().Incident(ctx, scope.All(), incident.ID(id))
	if err != nil {
		return "", err
	}
	return i.Number, nil
}

// fileBytes returns what came with a letter; nil for sources whose files have addresses.
func (a *App) fileBytes(ctx context.Context, id, name string) (io.ReadCloser, error) {
	if f, ours, err := a.uploaded(id, name); ours {
		return f, err
	}
	for _, c := range a.Roster.Connections() {
		if b, ok := c.Puller.(*mail.Box); ok && b.ID() == id {
			return b.File(ctx, name)
		}
	}
	return nil, nil //nolint:nilnil // another network
}
