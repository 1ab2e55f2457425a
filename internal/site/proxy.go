package site

import (
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// Proxies says whose word about a visitor's address is taken. A header that
// comes from anybody else is what the visitor made up, and is not read.
type Proxies struct {
	Trusted []netip.Prefix // none: nobody's word
	Header  string         // «X-Forwarded-For», «X-Real-IP» …
}

// trusts reports whether the address is that of one of our proxies.
func (p Proxies) trusts(a netip.Addr) bool {
	return slices.ContainsFunc(p.Trusted, func(net netip.Prefix) bool { return net.Contains(a) })
}

// Visitor returns the visitor's network address, without the port: that of the
// connection, or, while the one who speaks is a proxy of ours, the last address
// that it wrote into the header. What stands left of the first address that is
// none of our proxies may be made up. An address that cannot be read ends the
// walk, so that rubbish counts against the proxy that let it through.
func (p Proxies) Visitor(r *http.Request) string {
	at, ok := address(r.RemoteAddr)
	if !ok {
		return r.RemoteAddr // a socket of the machine itself
	}
	list := strings.Split(strings.Join(r.Header.Values(p.Header), ","), ",")
	for n := len(list) - 1; n >= 0 && p.Header != "" && p.trusts(at); n-- {
		next, ok := address(strings.TrimSpace(list[n]))
		if !ok {
			break
		}
		at = next
	}
	return at.String()
}

// Visitor returns the network address of the request's visitor, as far as the proxies are trusted.
func (s *Site) Visitor(r *http.Request) string { return s.opt.Behind.Visitor(r) }

// address reads an address with or without a port.
func address(s string) (netip.Addr, bool) {
	if host, _, err := net.SplitHostPort(s); err == nil {
		s = host
	}
	a, err := netip.ParseAddr(strings.Trim(s, "[]"))
	return a.Unmap().WithZone(""), err == nil
}
