// Package feed watches news: RSS, Atom and JSON feeds, sitemaps, the articles
// behind their items, and the comments below the articles where a recipe says
// how to find them. Start with Feed, which is a source.Puller; Reader reads one
// document and is what importing a file uses.
package feed
