package config

import (
	"fmt"
	"net/url"
	"strings"
	"unicode/utf8"

	"otklik/internal/fault"
)

// A Widget is a button on somebody's site by which residents report.
type Widget struct {
	Mark   string   `json:"mark"`             // in links and in the source of what comes by it: small Latin letters, digits, hyphens
	Agency string   `json:"agency,omitempty"` // whose site it is, by name: it is proposed to answer; "" = by the rules
	Sites  []string `json:"sites,omitempty"`  // that may show the form inside their pages: "https://example.ru", without a path
}

// markMost is how long a mark is at most; the portal drops longer ones.
const markMost = 40

func validateWidgets(list []Widget) error {
	seen := map[string]bool{}
	for k, w := range list {
		at := fmt.Sprintf("public.widgets[%d]", k)
		switch {
		case w.Mark == "" || len(w.Mark) > markMost || strings.Trim(w.Mark, "abcdefghijklmnopqrstuvwxyz0123456789-") != "":
			return fault.New(fault.Invalid, "%s.mark: is empty, longer than %d characters or has others than a-z, 0-9 and -", at, markMost).At(at + ".mark").Mend(`write a short word in small Latin letters, for instance "uk-sever"`)
		case seen[w.Mark]:
			return fault.New(fault.Invalid, "%s.mark: %q is there twice", at, w.Mark).At(at + ".mark").Mend("give each widget a mark of its own; one widget may have several sites")
		case utf8.RuneCountInString(w.Agency) > 200:
			return fault.New(fault.Invalid, "%s.agency: is longer than 200 characters", at).At(at + ".agency").Mend("write the agency as it is called on the page «Организации»")
		}
		seen[w.Mark] = true
		for n, s := range w.Sites {
			if !origin(s) {
				where := fmt.Sprintf("%s.sites[%d]", at, n)
				return fault.New(fault.Invalid, "%s: %q is no origin of a site", where, s).At(where).Mend(`write scheme and host alone, as in "https://uk-sever.example.ru"; http is for this machine only`)
			}
		}
	}
	return nil
}

// origin reports whether s is scheme, host and maybe port, as a browser writes an origin: it
// stands in a header, between blanks.
func origin(s string) bool {
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || u.Scheme+"://"+u.Host != s || strings.ContainsAny(s, " ;,*'\"<>\\") || strings.ContainsFunc(s, func(c rune) bool { return c <= ' ' || c > '~' }) {
		return false
	}
	name := u.Hostname()
	return u.Scheme == "https" || u.Scheme == "http" && (name == "localhost" || name == "127.0.0.1" || name == "::1")
}
