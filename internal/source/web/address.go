package web

import (
	"net/url"
	"slices"
	"strings"
)

// counters are parameters that tell a site where its reader came from, or who he
// is: the page is the same without them.
var counters = []string{"yclid", "gclid", "fbclid", "ysclid", "_openstat", "phpsessid"}

// Canonical returns the address of a page without what does not name it: mark,
// counters, default port.
func Canonical(u *url.URL) *url.URL {
	c := *u
	c.Fragment, c.RawFragment, c.User = "", "", nil
	c.Scheme, c.Host = strings.ToLower(c.Scheme), strings.ToLower(c.Host)
	if p := c.Port(); p == "80" && c.Scheme == "http" || p == "443" && c.Scheme == "https" {
		c.Host = strings.TrimSuffix(c.Host, ":"+p)
	}
	if c.Path == "" {
		c.Path = "/"
	}
	if c.RawQuery != "" {
		kept := strings.FieldsFunc(c.RawQuery, func(r rune) bool { return r == '&' || r == ';' })
		kept = slices.DeleteFunc(kept, func(pair string) bool {
			name, value, _ := strings.Cut(strings.ToLower(pair), "=")
			session := (name == "s" || name == "sid") && len(value) >= 16 // ?s=12 may be a section
			return session || strings.HasPrefix(name, "utm_") || slices.Contains(counters, name)
		})
		c.RawQuery = strings.Join(kept, "&")
	}
	return &c
}

// Name returns an address as a name: the same for http and https, with www and
// without.
func Name(u *url.URL) string {
	c := Canonical(u)
	s := strings.TrimPrefix(c.Host, "www.") + c.EscapedPath()
	if c.RawQuery != "" {
		s += "?" + c.RawQuery
	}
	return s
}

// Address returns the absolute address of a link on a page; nil for one that
// leads nowhere on the web.
func Address(page *url.URL, link string) *url.URL {
	link = strings.TrimSpace(link)
	if link == "" || len(link) > 2000 || strings.HasPrefix(link, "#") {
		return nil
	}
	u, err := url.Parse(link)
	if err != nil {
		return nil
	}
	if page != nil {
		u = page.ResolveReference(u)
	}
	if u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" {
		return nil
	}
	return u
}
