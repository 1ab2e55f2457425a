package fetch

import (
	"errors"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"syscall"
	"time"
)

// errForbidden says that an address leads where the source keeps no files.
var errForbidden = errors.New("fetch: the address is not of the source")

type hostsKey struct{}

// allowed reports whether an address is one of the source's: over HTTPS, at one of its
// hosts or below it, at the usual port, without a name and password.
func allowed(u *url.URL, hosts []string, plain bool) bool {
	if u.User != nil || u.Scheme != "https" && !(plain && u.Scheme == "http") || u.Port() != "" && u.Port() != "443" && !plain {
		return false
	}
	host := strings.ToLower(strings.TrimSuffix(u.Hostname(), "."))
	for _, h := range hosts {
		if h != "" && (host == h || strings.HasSuffix(host, "."+h)) {
			return true
		}
	}
	return false
}

// ErrInner says that an address is of a private network or of nobody's.
var ErrInner = errors.New("fetch: the address is not of the open Internet")

// Dialer returns what connects to no address of a private network, whatever a name
// resolves to: for hosts that strangers name. plain lets everything through, for fakes.
func Dialer(plain bool) *net.Dialer {
	return &net.Dialer{Timeout: 10 * time.Second, Control: func(_, address string, _ syscall.RawConn) error {
		if at, err := netip.ParseAddrPort(address); err == nil && (plain || public(at.Addr())) {
			return nil
		}
		return ErrInner
	}}
}

// client returns a client that keeps to the hosts of the request's source on every
// redirect, takes no proxy from the environment, sends no cookies, and connects to no
// address of a private network, whatever a name resolves to.
func client(plain bool) *http.Client {
	return &http.Client{
		Transport: &http.Transport{
			DialContext: Dialer(plain).DialContext, TLSHandshakeTimeout: 10 * time.Second, ResponseHeaderTimeout: 20 * time.Second,
			MaxIdleConns: 4, IdleConnTimeout: 30 * time.Second, MaxResponseHeaderBytes: 64 << 10, DisableCompression: true, ForceAttemptHTTP2: true,
		},
		CheckRedirect: func(r *http.Request, via []*http.Request) error {
			hosts, _ := r.Context().Value(hostsKey{}).([]string)
			if len(via) > 3 || !allowed(r.URL, hosts, plain) {
				return errForbidden
			}
			return nil
		},
	}
}

// inner are networks that are nobody's on the Internet, or lead into such ones (IANA's
// special-purpose registries): beside what package net names private, loopback and link-local.
var inner = func() (list []netip.Prefix) {
	for _, p := range []string{"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4",
		"64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "5f00::/16"} {
		list = append(list, netip.MustParsePrefix(p))
	}
	return list
}()

// public reports whether an address is of the open Internet.
func public(a netip.Addr) bool {
	a = a.Unmap()
	if !a.IsGlobalUnicast() || a.IsPrivate() || a.IsLoopback() || a.IsLinkLocalUnicast() || a.Zone() != "" {
		return false
	}
	for _, p := range inner {
		if p.Contains(a) {
			return false
		}
	}
	return true
}
