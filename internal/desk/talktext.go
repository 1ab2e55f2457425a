package desk

import (
	"context"
	"strings"

	"otklik/internal/account"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/talk"
)

// SaveTalkText makes the next version of a text of the talk for the region of the account;
// words that are empty or the shipped ones bring those back.
func (d *Desk) SaveTalkText(ctx context.Context, who account.Actor, key talk.Key, words string) (err error) {
	defer fault.Wrap(&err, "desk.SaveTalkText(%s)", key)
	if !who.Role.Holds(lifecycle.EditSources) || who.Scope.Centre != "" || who.Scope.Agency != 0 {
		return fault.New(fault.Forbidden, "account %d does not edit talks", who.ID).Say("Тексты диалога правит администратор, который видит весь регион.")
	}
	t, err := talk.Find(key)
	if err != nil {
		return err
	}
	words = strings.TrimSpace(strings.ReplaceAll(words, "\r\n", "\n"))
	if words == t.Words {
		words = ""
	}
	if words != "" {
		if err := t.Check(words); err != nil {
			return err
		}
	}
	region := who.Scope.Region
	if region == "" {
		region = d.Region
	}
	return d.Store.Change(ctx, incident.People, func(tx incident.Tx) error {
		book, err := tx.Talks().Book(ctx, region)
		if err != nil || book[key] == words {
			return err
		}
		return tx.Talks().SaveEdit(ctx, &talk.Edit{Region: region, Key: key, Words: words, By: who.ID, At: d.Now()})
	})
}
