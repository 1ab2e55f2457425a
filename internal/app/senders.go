package app

import (
	"context"
	"fmt"

	"otklik/internal/api"
	"otklik/internal/incident"
	"otklik/internal/message"
	"otklik/internal/roster"
	"otklik/internal/source"
	"otklik/internal/source/hook"
)

// hookKind opens systems that push messages to us by the signed call.
func hookKind() roster.Connector {
	return roster.Connector{
		Fields: hook.Fields, Set: hook.Set,
		Open: func(s source.Source, key, _ source.Key) (source.Connection, error) { return hook.Open(s, key) },
	}
}

// fixedSenders are those of the configuration's file.
func (a *App) fixedSenders() (list []roster.Fixed, err error) {
	for k, c := range a.Config.Hooks {
		key, err := c.Key()
		if err != nil {
			return nil, fmt.Errorf("hooks[%d].secret: %w", k, err)
		}
		s := source.Source{ID: hook.Prefix + c.Name, Kind: source.Hook, Channel: message.Hook, Name: c.Name, Territory: c.Territory}
		con := of(s)
		con.FileHosts, con.Sender = c.Files, &source.Sender{Key: key, Stream: c.Stream, Open311: c.Open311}
		if c.Open311 {
			con.Publisher = hook.Shown{}
		}
		list = append(list, roster.Fixed{Source: s, Connection: con})
	}
	return list, nil
}

// hooks answers what connected systems push.
func (a *App) hooks() *api.Hooks {
	return &api.Hooks{Senders: a.signers, Push: a.push, Refused: a.refusedPush, Confirm: a.Herald.Confirm, Outside: a.outside, Now: a.Now, Log: a.Log}
}

// signers are the systems that push by the signed call; the others file by Open311.
func (a *App) signers() []source.Sender { return a.sendersBy(false) }

func (a *App) sendersBy(open311 bool) (list []source.Sender) {
	for _, s := range a.Roster.Senders() {
		if s.Open311 == open311 {
			list = append(list, s)
		}
	}
	return list
}

// push stores what a system pushed, before the call is answered, with how the system fares.
func (a *App) push(ctx context.Context, id, call string, list []message.Message) (accepted int, err error) {
	s, ok := a.Roster.Of(id)
	if !ok { // it was removed a moment ago
		return a.Inbox.Push(ctx, id, call, list)
	}
	state, due := a.Intake.Called(id, of(s), nil)
	if !due {
		return a.Inbox.Push(ctx, id, call, list)
	}
	return a.Inbox.Bring(ctx, id, call, list, func(tx incident.Tx) error { return tx.Intake().Note(ctx, state) })
}

// refusedPush tells on the page of sources of a call that was refused.
func (a *App) refusedPush(id, sentence string) {
	if s, ok := a.Roster.Of(id); ok {
		a.Roster.Refuse(id, sentence)
		a.refusedCall(s, source.Fail(source.Person, sentence, "a push was refused"))
	}
}
