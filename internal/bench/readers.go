package bench

import (
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"otklik/internal/bench/rig"
	"otklik/internal/fault"
)

// filed is how many cases stand on the map that is read.
const filed = 2_000

// Readers measures the public list and map, read by many at once: whole pages, compressed, one
// after the other, while reports come in and make them anew. Times run from the moment at
// which a page was due; the generator shares the machine. The baseline of the same run is a
// plain server of net/http that answers with the same bytes.
func Readers(ctx context.Context, out io.Writer, bin string, p Pushes) error {
	dir, err := os.MkdirTemp("", "otklik-readers-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	c, err := rig.NewCentre(ctx, bin, filepath.Join(dir, "centre"), khakassia, "", rig.Portal)
	if err != nil {
		return err
	}
	base, pid, end, err := start(ctx, c, p.Profile)
	if err != nil {
		return err
	}
	defer end()
	texts := rig.Texts(26, filed)
	report := func(ctx context.Context, k int) (*http.Request, error) {
		return rig.ReportRequest(ctx, base, rig.FormKey(fmt.Sprint("readers", k)), texts[k%len(texts)].Text, k)
	}
	client := &http.Client{Timeout: time.Minute}
	for k := range filed {
		if status, err := one(ctx, client, k, report); err != nil || status != http.StatusOK {
			return fault.New(fault.Unavailable, "report %d of %d was answered by %d: %w", k, filed, status, err)
		}
	}
	time.Sleep(4 * time.Second) // pages rest for three before they are made anew
	paths := []string{"/list", "/map"}
	get := func(base string) func(ctx context.Context, k int) (*http.Request, error) {
		return func(ctx context.Context, k int) (*http.Request, error) {
			r, err := http.NewRequestWithContext(ctx, http.MethodGet, base+paths[k%len(paths)], nil)
			if err == nil {
				r.Header.Set("Accept-Encoding", "gzip")
			}
			return r, err
		}
	}
	bodies := map[string][]byte{}
	for k, path := range paths {
		r, err := get(base)(ctx, k)
		if err != nil {
			return err
		}
		bodies[path], err = packed(client, r)
		if err != nil {
			return fault.New(fault.Unavailable, "GET %s: %w", path, err)
		}
		fmt.Fprintf(out, "%s: %d bytes, compressed\n", path, len(bodies[path]))
	}
	bare, err := p.plainServer(ctx, bodies, get)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "baseline: a plain server of the same bytes: %.0f a second with %d callers; load %s\n", bare, p.Callers, loadAverage())
	used, began := cpuTime(pid), time.Now()
	stop, done := make(chan struct{}), make(chan int)
	go func() { // pages are made anew meanwhile
		n := 0
		for tick := time.NewTicker(100 * time.Millisecond); ; n++ {
			select {
			case <-stop:
				tick.Stop()
				done <- n
				return
			case <-tick.C:
				_, _ = one(ctx, client, filed+n, report)
			}
		}
	}()
	err = p.run(ctx, out, "pages read", bare, get(base))
	close(stop)
	n := <-done
	if err == nil && p.Profile == "" {
		fmt.Fprintf(out, "%d reports came meanwhile; the service used %.1f s of processor in %.1f s, and %d MB\n", n, (cpuTime(pid) - used).Seconds(), time.Since(began).Seconds(), residentMB(pid))
	}
	return err
}

// packed returns the body as it came, and proves that it is a compressed page.
func packed(client *http.Client, r *http.Request) ([]byte, error) {
	a, err := client.Do(r)
	if err != nil {
		return nil, err
	}
	defer a.Body.Close()
	body, err := io.ReadAll(a.Body)
	if err != nil || a.StatusCode != http.StatusOK || a.Header.Get("Content-Encoding") != "gzip" {
		return nil, fmt.Errorf("%s, encoding %q, %w", a.Status, a.Header.Get("Content-Encoding"), err)
	}
	z, err := gzip.NewReader(strings.NewReader(string(body)))
	if err != nil {
		return nil, err
	}
	page, err := io.ReadAll(z)
	if err == nil && !strings.Contains(string(page), "</html>") {
		err = fmt.Errorf("%d bytes are no page", len(page))
	}
	return body, err
}

// plainServer returns how many of the bodies a server that does nothing else hands out in a second.
func (p Pushes) plainServer(ctx context.Context, bodies map[string][]byte, get func(string) func(context.Context, int) (*http.Request, error)) (float64, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	srv := &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = w.Write(bodies[r.URL.Path])
	})}
	go func() { _ = srv.Serve(l) }()
	defer srv.Close()
	next := 0
	short := p
	short.Seconds = min(p.Seconds, 5)
	r, err := short.load(ctx, 0, &next, get("http://"+l.Addr().String()))
	if err != nil {
		return 0, err
	}
	return float64(len(r.times)) / r.took.Seconds(), nil
}
