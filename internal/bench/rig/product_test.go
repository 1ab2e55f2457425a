package rig_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/signal"
	"syscall"
	"time"

	"otklik/internal/app"
	"otklik/internal/config"
	"otklik/internal/reply"
	"otklik/internal/source"
)

// asProduct names the variable under which this test binary is the product, with networks
// that are not written yet: one with keys and one with nothing. Its value is where they are.
const asProduct = "OTKLIK_RIG_NETWORKS"

// asClock names the variable that makes the product's time run faster, see quick.
const asClock = "OTKLIK_RIG_CLOCK"

// A quick clock goes on from a moment, so many times as fast as the world's: pauses and
// leases of minutes pass in seconds, and all that happens is what happens in the product.
type quick struct {
	from   time.Time
	factor int
}

func (q quick) String() string { return fmt.Sprintf("%d %d", q.from.UnixMicro(), q.factor) }

func (q quick) now() time.Time {
	return q.from.Add(time.Since(q.from) * time.Duration(q.factor))
}

// clock returns the clock that the variable asks for, nil for the world's.
func clock() func() time.Time {
	var from int64
	var q quick
	if n, _ := fmt.Sscanf(os.Getenv(asClock), "%d %d", &from, &q.factor); n < 2 {
		return nil
	}
	q.from = time.UnixMicro(from)
	return q.now
}

// outlets are the publishers of the networks that stand in.
func outlets(at string) map[string]source.Publisher {
	return map[string]source.Publisher{
		"keyed:1": remote{at + "/send/keyed", source.Ability{Key: true}},
		"blind:1": remote{at + "/send/blind", source.Ability{}},
	}
}

// product does what `otklik serve --dir DIR` does.
func product(at string, args []string) error {
	dir := ""
	for k, a := range args {
		if a == "--dir" {
			dir = args[k+1]
		}
	}
	conf, err := config.Load(dir)
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	a, err := app.Open(ctx, app.Options{Dir: dir, Config: conf, Log: slog.New(slog.NewTextHandler(os.Stderr, nil)), Now: clock(), Alone: true, Publishers: outlets(at)})
	if err != nil {
		return err
	}
	defer a.Close()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Printf("product: http://%s\n", l.Addr())
	return a.Run(ctx, l)
}

// A remote publishes through a network that stands in.
type remote struct {
	url     string
	ability source.Ability
}

func (r remote) Ability() source.Ability { return r.ability }

func (r remote) Find(context.Context, reply.Job) (reply.Receipt, bool, error) {
	return reply.Receipt{}, false, source.Fail(source.Permanent, "Прочитать ветку нельзя.", "nothing can be read here")
}

func (r remote) Publish(ctx context.Context, job reply.Job) (reply.Receipt, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, r.url+"?"+url.Values{"parent": {job.Parent}, "key": {job.Key}, "text": {job.Text}}.Encode(), nil)
	if err != nil {
		return reply.Receipt{}, err
	}
	res, err := (&http.Client{Timeout: time.Second}).Do(req)
	if err != nil { // it may have been taken
		return reply.Receipt{}, source.Fail(source.Unclear, "", "publishing: %w", err)
	}
	defer res.Body.Close()
	switch res.StatusCode {
	case http.StatusOK:
	case http.StatusTooManyRequests:
		e := source.Fail(source.Flood, "Площадка просит слать реже.", "flood control")
		e.Code, e.After = 9, 200*time.Millisecond
		return reply.Receipt{}, e
	case http.StatusForbidden:
		e := source.Fail(source.Person, "Площадка просит ввести код с картинки.", "captcha")
		e.Code = 14
		return reply.Receipt{}, e
	default:
		return reply.Receipt{}, source.Fail(source.Later, "", "status %d", res.StatusCode)
	}
	var answer struct{ Native string }
	if err := json.NewDecoder(res.Body).Decode(&answer); err != nil {
		return reply.Receipt{}, source.Fail(source.Unclear, "", "answer: %w", err)
	}
	return reply.Receipt{Native: answer.Native, At: time.Now()}, nil
}
