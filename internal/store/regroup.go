package store

import (
	"context"

	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/topic"
)

// Regroup follows a change of the taxonomy, in its transaction: incidents and
// routing rules bear the names of groups. region "" is all regions. The version of
// an incident stays: nobody worked on it.
func Regroup(ctx context.Context, h incident.Tx, region string, was, next *topic.Taxonomy) (err error) {
	defer fault.Wrap(&err, "store.Regroup")
	l := h.(*tx).link
	change := func(table, set, by string, now, key string) error {
		var w where
		w.args = []any{now}
		w.and(by+" = ?", key)
		if region != "" {
			w.and("region = ?", region)
		}
		_, err := l.exec(ctx, "UPDATE "+table+" SET "+set+" = $1"+w.String(), w.args...)
		return err
	}
	renamed := map[string]string{}
	for _, now := range next.Topics {
		old, known := was.ByCode(now.Code)
		if !known || old.Group == now.Group {
			continue
		}
		if err := change("incident", "topic_group", "topic", now.Group, string(now.Code)); err != nil {
			return err
		}
		if old.GroupCode == now.GroupCode {
			renamed[old.Group] = now.Group
		}
	}
	for old, now := range renamed {
		if err := change("rule", "topic_group", "topic_group", now, old); err != nil {
			return err
		}
	}
	return nil
}
