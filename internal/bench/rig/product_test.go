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
	a, err := app.Open(ctx, app.Options{Dir: dir, Config: conf, Log: slog.New(slog.NewTextHandler(os.Stderr, nil)), Alone: true, Publishers: outlets(at)})
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
