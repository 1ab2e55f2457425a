package staff

import (
	"context"
	"net/http"
	"strings"

	"otklik/internal/account"
	"otklik/internal/site"
)

// A MentionView is a community that messages link to and nobody reads.
type MentionView struct{ Link, Name, Count, Example, Place string }

func (s *Staff) mentions(ctx context.Context, me *account.Account) (out []MentionView, err error) {
	list, err := s.Roster.Proposed(ctx, me.Actor())
	for _, m := range list {
		v := MentionView{Link: m.Link, Name: strings.TrimPrefix(m.Link, "https://"), Count: site.Count(m.Count, "сообщение", "сообщения", "сообщений"), Example: webURL(m.Example)}
		if m.Place.Centre != "" {
			v.Place = s.placeName(m.Place.Centre)
		}
		out = append(out, v)
	}
	return out, err
}

func (s *Staff) neverMention(w http.ResponseWriter, r *http.Request) error {
	if err := form(w, r); err != nil {
		return err
	}
	err := s.Roster.Never(r.Context(), who(r).Actor(), field(r, "link"))
	if sentence, ok := refusedSource(err); ok {
		say(w, Said{Bad: sentence})
	} else if err != nil {
		return err
	} else {
		say(w, Said{Good: "Больше не предложим."})
	}
	http.Redirect(w, r, "/desk/sources", http.StatusSeeOther)
	return nil
}
