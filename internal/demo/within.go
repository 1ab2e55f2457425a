package demo

import (
	"bytes"
	"io"
	"net/http"
	"time"

	"otklik/internal/source/page"
	"otklik/internal/source/web"
)

// Within is what connectors of the history read the fakes with: no port is open yet, and
// the clock is the history's.
type within struct {
	client *http.Client
	now    func() time.Time
}

func (w within) site() page.Options {
	return page.Options{Web: &web.Client{HTTP: w.client, Inner: true, Gap: -1, Now: w.now}, Now: w.now, Eager: true}
}

// A straight asks a handler of this process.
type straight struct{ http.Handler }

// RoundTrip implements http.RoundTripper.
func (s straight) RoundTrip(r *http.Request) (*http.Response, error) {
	in := r.Clone(r.Context())
	if in.Body == nil {
		in.Body = http.NoBody
	}
	in.RequestURI, in.RemoteAddr, in.Host = r.URL.RequestURI(), "127.0.0.1:1", r.URL.Host
	a := &answered{header: http.Header{}}
	s.ServeHTTP(a, in)
	if a.status == 0 {
		a.status = http.StatusOK
	}
	return &http.Response{
		StatusCode: a.status, Status: http.StatusText(a.status), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: a.header, Body: io.NopCloser(&a.body), ContentLength: int64(a.body.Len()), Request: r,
	}, nil
}

type answered struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (a *answered) Header() http.Header { return a.header }
func (a *answered) WriteHeader(status int) {
	if a.status == 0 {
		a.status = status
	}
}
func (a *answered) Write(b []byte) (int, error) { return a.body.Write(b) }

func clientOf(pages http.Handler) *http.Client { return &http.Client{Transport: straight{pages}} }
