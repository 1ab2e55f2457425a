package bench

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"otklik/internal/bench/rig"
	"otklik/internal/fault"
)

// different is how many photos differ from each other.
const different = 16

// Photos measures the last step of the residents' form with a photo of two megabytes that was
// uploaded before, at the rate alone: pictures are drawn anew beside it. The baseline of the
// same run is the same form without photos. Times run from the moment at which a form was due;
// the generator shares the machine.
func Photos(ctx context.Context, out io.Writer, bin string, p Pushes) error {
	dir, err := os.MkdirTemp("", "otklik-photos-")
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
	var pictures [][]byte
	for n := range different {
		one, err := rig.Photo(uint64(n))
		if err != nil {
			end()
			return err
		}
		pictures = append(pictures, one)
	}
	client := &http.Client{Timeout: time.Minute}
	texts := rig.Texts(27, 20_000)
	next := 0
	plain, err := p.load(ctx, p.Rate, &next, func(ctx context.Context, k int) (*http.Request, error) {
		return rig.ReportRequest(ctx, base, rig.FormKey(fmt.Sprint("plain", k)), texts[k%len(texts)].Text, k)
	})
	if err != nil {
		end()
		return err
	}
	fmt.Fprintf(out, "baseline: %.0f a second without photos: %s; load %s\n", p.Rate, plain, loadAverage())
	first, began := next, time.Now()
	var tokens []string
	for k := range int(p.Rate*p.Seconds*1.5) + 50 { // gaps are exponential: some more than the rate says
		token, err := rig.Upload(ctx, client, base, pictures[k%different], k)
		if err != nil {
			end()
			return fault.New(fault.Unavailable, "photo %d: %w", k, err)
		}
		tokens = append(tokens, token)
	}
	fmt.Fprintf(out, "%d photos of %d bytes were uploaded one after the other in %.1f s\n", len(tokens), len(pictures[0]), time.Since(began).Seconds())
	used := cpuTime(pid)
	r, err := p.load(ctx, p.Rate, &next, func(ctx context.Context, k int) (*http.Request, error) {
		if k-first >= len(tokens) {
			return nil, fault.New(fault.Unavailable, "more forms than photos")
		}
		return rig.PhotoReportRequest(ctx, base, rig.FormKey(fmt.Sprint("photo", k)), texts[k%len(texts)].Text, tokens[k-first], k)
	})
	if err != nil {
		end()
		return err
	}
	fmt.Fprintf(out, "reports with a photo, %.0f due a second (bar: %s): %s; p99 %.1f times that without photos; load %s\np99 of those due in each second, ms: %s\n",
		p.Rate, p.Bar, r, float64(r.quantile(0.99))/float64(plain.quantile(0.99)), loadAverage(), r.bySecond())
	if p.Profile == "" {
		fmt.Fprintf(out, "the service used %.1f s of processor, drawing included, and %d MB\n", (cpuTime(pid) - used).Seconds(), residentMB(pid))
	}
	end()
	got, err := rig.TakeCensus(ctx, c.Store())
	if err == nil {
		fmt.Fprintf(out, "%d forms were sent, the store holds %d messages in %d incidents\n", next, len(got.Messages), len(got.Incidents))
	}
	return err
}
