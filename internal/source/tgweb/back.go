package tgweb

import (
	"context"
	"strconv"
	"time"

	"otklik/internal/source"
)

var _ source.Historian = (*Channel)(nil)

// Earlier implements source.Historian: one page of older posts, without comments.
func (c *Channel) Earlier(ctx context.Context, since time.Time, position []byte) (source.Past, error) {
	before, _ := strconv.ParseInt(string(position), 10, 64)
	r := &round{Channel: c, cur: &cursor{}}
	page, err := r.page(ctx, max(before, 0))
	if err != nil {
		return source.Past{}, err
	}
	if before > 0 && page.Older >= before {
		return source.Past{}, trouble(changed("older posts that are none"))
	}
	out := source.Past{More: page.Older > 0 && len(page.Posts) > 0, Position: []byte(strconv.FormatInt(page.Older, 10))}
	for k := range page.Posts {
		if p := &page.Posts[k]; !p.At.Before(since) {
			r.see(*p)
		} else if !p.At.IsZero() {
			out.More = false
		}
	}
	if len(page.Posts) > 0 {
		out.Reached = page.Posts[0].At
	}
	out.Messages = r.messages
	return out, nil
}
