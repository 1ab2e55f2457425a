package page

import (
	"context"
	"fmt"
	"net/url"
	"time"

	"golang.org/x/net/html"

	"otklik/internal/source"
	"otklik/internal/source/web"
)

// A Trial says what a recipe finds on a live page, for whoever writes it.
type Trial struct {
	Threads *Found   // nil where the recipe has no list
	More    string   // address of the next page of the list; "" = none
	Page    string   // address of the thread that was read
	Posts   int      // found there
	Fields  []Found  // of the posts, in the recipe's order
	Next    string   // address of the next page; "" = none
	Last    string   // address of the last page; "" = none
	Sample  []Post   // the first posts as they would come in
	Wrong   []string // what does not work, in Russian; empty: the recipe is good
}

// A Found is what one field finds.
type Found struct {
	Field string   // «posts.author»
	Count int      // posts in which it says something, or threads
	First []string // what it says in the first ones
}

// sampled is how much of everything a trial shows.
const sampled = 3

// Try reads the address by the recipe: the list, its first thread, one page of
// it. An error is that of reading; what the recipe does not find is in Wrong.
func Try(ctx context.Context, c *web.Client, r *Recipe, at *url.URL, now time.Time) (*Trial, error) {
	out := &Trial{}
	if r.Threads != nil {
		doc, base, err := load(ctx, c, r, at)
		if err != nil {
			return nil, err
		}
		rows, next := r.threads(doc, base)
		f := Found{Field: "threads.link", Count: len(rows)}
		marks := 0
		for k, x := range rows {
			if k < sampled {
				f.First = append(f.First, x.Title+" · "+x.URL.String())
			}
			if x.Mark != "" {
				marks++
			}
		}
		out.Threads = &f
		switch {
		case len(rows) == 0:
			out.Wrong = append(out.Wrong, "threads.link: на странице не нашлось ни одной ссылки на тему этого сайта")
			return out, nil
		case r.Threads.Mark.Set() && marks == 0:
			out.Wrong = append(out.Wrong, "threads.mark: не нашлось ни у одной темы")
		}
		if next != nil {
			out.More = next.String()
		}
		at = rows[0].URL
	}
	doc, base, err := load(ctx, c, r, at)
	if err != nil {
		return nil, err
	}
	l := r.Look(doc, base, now, nil)
	out.Page, out.Posts = base.String(), len(l.Posts)
	if l.Next != nil {
		out.Next = l.Next.String()
	}
	if l.Last != nil {
		out.Last = l.Last.String()
	}
	if out.Posts == 0 {
		if !l.Area || !r.Posts.Area.Set() {
			out.Wrong = append(out.Wrong, "posts.post: на странице не нашлось ни одной записи")
		}
		return out, nil
	}
	dates := 0
	for k := range l.Posts {
		p := l.Posts[k]
		if !p.Date.IsZero() {
			dates++
		}
		if p.Text != "" && len(out.Sample) < sampled {
			p.Text = clip(p.Text, 300)
			out.Sample = append(out.Sample, p)
		}
	}
	for _, f := range []struct {
		name   string
		set    bool
		needed bool
		value  func(*Post) string
	}{
		{"posts.id", r.Posts.ID.Set(), true, func(p *Post) string { return p.ID }},
		{"posts.author", r.Posts.Author.Set(), true, func(p *Post) string { return p.Author }},
		{"posts.author_id", r.Posts.AuthorID.Set(), true, func(p *Post) string { return p.AuthorID }},
		{"posts.date", r.Posts.Date.Set(), true, func(p *Post) string {
			if p.Date.IsZero() {
				return ""
			}
			return p.Date.Format(time.RFC3339)
		}},
		{"posts.text", true, true, func(p *Post) string { return p.Text }},
		{"posts.link", r.Posts.Link.Set(), true, func(p *Post) string { return p.Link }},
		{"posts.parent", r.Posts.Parent.Set(), false, func(p *Post) string { return p.Parent }},
	} {
		if !f.set {
			continue
		}
		found := Found{Field: f.name}
		for k := range l.Posts {
			if v := f.value(&l.Posts[k]); v != "" {
				found.Count++
				if len(found.First) < sampled {
					found.First = append(found.First, clip(v, 120))
				}
			}
		}
		out.Fields = append(out.Fields, found)
		if f.needed && found.Count == 0 {
			out.Wrong = append(out.Wrong, f.name+": не нашлось ни у одной записи")
		}
	}
	if !r.Posts.Date.Set() || dates == 0 {
		out.Wrong = append(out.Wrong, "posts.date: время записей не читается, вместо него будет время чтения")
	}
	return out, nil
}

// load reads a page for a trial.
func load(ctx context.Context, c *web.Client, r *Recipe, at *url.URL) (doc *html.Node, base *url.URL, err error) {
	a, err := c.Get(ctx, web.Request{URL: at})
	if err != nil {
		return nil, nil, err
	}
	if a.Gone() {
		return nil, nil, source.Fail(source.Permanent, "Такой страницы нет: откройте адрес в браузере и исправьте.", "page: HTTP %d", a.Status)
	}
	if doc, err = r.Parse(a); err != nil {
		return nil, nil, unreadable(fmt.Errorf("trial: %w", err))
	}
	return doc, a.URL, nil
}
