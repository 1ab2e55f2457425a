package site

import (
	"context"
	"crypto/rand"
	"net/http"
)

// CSP is the content security policy of every page.
const CSP = "default-src 'self'; object-src 'none'; base-uri 'none'; img-src 'self' data:; frame-ancestors 'none'"

// MapCSP adds what a page with a map needs: MapLibre's worker, the styles that
// it sets, and the host that the tiles come from ("" for our own).
func MapCSP(host string) string {
	if host != "" {
		host = " " + host
	}
	return "default-src 'self'; object-src 'none'; base-uri 'none'; img-src 'self' data: blob:" + host +
		"; connect-src 'self'" + host + "; worker-src 'self' blob:; style-src 'self' 'unsafe-inline'; frame-ancestors 'none'"
}

func headers(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		hd := w.Header()
		hd.Set("Content-Security-Policy", CSP)
		hd.Set("X-Content-Type-Options", "nosniff")
		hd.Set("Referrer-Policy", "same-origin")
		hd.Set("Cross-Origin-Opener-Policy", "same-origin")
		hd.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=(self)")
		h.ServeHTTP(w, r)
	})
}

type requestKey struct{}

// RequestID returns the id by which a request is found in the log.
func RequestID(ctx context.Context) string {
	id, _ := ctx.Value(requestKey{}).(string)
	return id
}

func (s *Site) identify(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := rand.Text()[:10]
		w.Header().Set("X-Request-Id", id)
		h.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), requestKey{}, id)))
	})
}
