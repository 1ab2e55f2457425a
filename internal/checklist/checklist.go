// Package checklist is what is to be done on an incident, point by point, and the
// templates of such lists by topic.
package checklist

import (
	"context"
	"time"

	"otklik/internal/account"
	"otklik/internal/topic"
)

// An Item is one point of an incident's list.
type Item struct {
	ID       int64
	Incident int64
	Text     string // erasable
	By       account.ID
	At       time.Time
	Due      time.Time // zero = no term
	DoneAt   time.Time
	DoneBy   account.ID
}

// Done reports whether the point is done.
func (i *Item) Done() bool { return !i.DoneAt.IsZero() }

// A Template is the list that incidents of a topic, or of a group of topics, begin with.
type Template struct {
	Topic topic.Code
	Group string // when Topic is empty; both empty = for all
	Items []string
}

// For returns the template that fits best: the topic's, its group's, the one for all.
func For(list []Template, code topic.Code, group string) (Template, bool) {
	best, found := Template{}, -1
	for _, t := range list {
		rank := -1
		switch {
		case t.Topic != "" && t.Topic == code:
			rank = 2
		case t.Topic == "" && t.Group != "" && t.Group == group:
			rank = 1
		case t.Topic == "" && t.Group == "":
			rank = 0
		}
		if rank > found {
			best, found = t, rank
		}
	}
	return best, found >= 0
}

// A Store keeps lists and templates.
type Store interface {
	SaveItem(ctx context.Context, i *Item) error // inserts when ID is 0
	Item(ctx context.Context, id int64) (*Item, error)
	Items(ctx context.Context, incident int64) ([]Item, error) // in the order of adding
	Templates(ctx context.Context, region string) ([]Template, error)
	SaveTemplate(ctx context.Context, region string, t Template) error // without items: takes it away
}
