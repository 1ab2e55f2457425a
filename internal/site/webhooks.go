package site

import (
	"context"

	"otklik/internal/account"
	"otklik/internal/herald"
	"otklik/internal/webhook"
)

// A WebhookKeeper keeps the programs that are called. herald.Herald is one.
type WebhookKeeper interface {
	// Save returns the secret of a new one, this once.
	Save(ctx context.Context, who account.Actor, w *webhook.Webhook, territory string, agency int64) (secret string, err error)
	// Do does a deed; call is that of herald.Again. It returns the secret that herald.Rotate made.
	Do(ctx context.Context, who account.Actor, id webhook.ID, deed herald.Deed, call int64) (secret string, err error)
}
