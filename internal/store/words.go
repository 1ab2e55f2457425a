package store

import (
	"context"
	"slices"
	"strings"

	"otklik/internal/incident"
)

// The full-text index holds one document an incident: every lemma of its
// messages, each once. Order and count of words say nothing to a filter, and so
// a mass incident with a thousand messages is indexed again only while new words
// come in.

// longest is how long a lemma may be in the index, in bytes; longer ones are cut,
// in documents and queries alike.
const longest = 64

// token returns the lemma as both engines keep it: in lower case, without bytes
// that mean something to either; "" when nothing is left.
func token(lemma string) string {
	lemma = strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '_':
			return r
		case r < 0x80, r == '\uFFFD':
			return '_'
		}
		return r
	}, strings.ToLower(strings.ToValidUTF8(lemma, "")))
	if len(lemma) > longest {
		lemma = strings.ToValidUTF8(lemma[:longest], "")
	}
	if strings.Trim(lemma, "_") == "" {
		return ""
	}
	return lemma
}

// vocabulary returns the different tokens of lemma streams, sorted, a blank before
// and behind each, so that " word " is found in it; "" for none.
func vocabulary(streams ...string) string {
	var all []string
	for _, s := range streams {
		for _, lemma := range strings.Fields(s) {
			if w := token(lemma); w != "" {
				all = append(all, w)
			}
		}
	}
	if len(all) == 0 {
		return ""
	}
	slices.Sort(all)
	return " " + strings.Join(slices.Compact(all), " ") + " "
}

// tokens returns a query's words as the index has them. A word of which nothing
// is left (a stray sign) asks for nothing.
func tokens(words [][]string) [][]string {
	var out [][]string
	for _, alternatives := range words {
		var kept []string
		for _, lemma := range alternatives {
			if w := token(lemma); w != "" && !slices.Contains(kept, w) {
				kept = append(kept, w)
			}
		}
		if len(kept) > 0 {
			out = append(out, kept)
		}
	}
	return out
}

// indexWords brings the search index of an incident up to what its messages say now.
func (t *tx) indexWords(ctx context.Context, id incident.ID) error {
	var streams []string
	err := t.link.query(ctx, `SELECT w.lemmas FROM message m JOIN message_words w ON w.message = m.id AND w.n = m.current
		WHERE m.incident = $1`, []any{int64(id)}, scanStrings(&streams))
	if err != nil {
		return err
	}
	lemmas := vocabulary(streams...)
	var key int64
	var region string
	var old *string
	ok, err := t.link.one(ctx, `SELECT i.opened_key, i.region, w.lemmas FROM incident i LEFT JOIN incident_words w ON w.incident = i.id
		WHERE i.id = $1`, []any{int64(id)}, &key, &region, &old)
	if err != nil || !ok || old != nil && *old == lemmas {
		return err
	}
	was := ""
	if old != nil {
		was = *old
		_, err = t.link.exec(ctx, "UPDATE incident_words SET lemmas = $1 WHERE incident = $2", lemmas, int64(id))
	} else {
		_, err = t.link.exec(ctx, "INSERT INTO incident_words (incident, region, lemmas) VALUES ($1, $2, $3)", int64(id), region, lemmas)
	}
	if err != nil {
		return err
	}
	return t.link.d.index(ctx, t.link, key, was, lemmas)
}
