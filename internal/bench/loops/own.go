package loops

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"otklik/internal/api"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/message"
	"otklik/internal/source"
	"otklik/internal/source/vk"
	"otklik/internal/source/vk/vkfake"
)

const hookHost = "https://otklik.test"

// hook is the address of a source from outside.
func hook(number int64) string { return fmt.Sprintf("%s/hooks/sources/%d", hookHost, number) }

// calls answers the events of communities, as the service does: stored before the answer.
func (c *Centre) calls() http.Handler {
	bring := func(ctx context.Context, s source.Source, r source.Received) error {
		if len(r.Messages) == 0 {
			return nil
		}
		c.Intake.Place(source.Connection{Name: s.Name, Channel: s.Channel, Own: s.Own}, r.Messages)
		_, err := c.Inbox.Bring(ctx, s.ID, r.ID, r.Messages, func(incident.Tx) error { return nil })
		return err
	}
	mux := http.NewServeMux()
	mux.Handle("/hooks/sources/{number}", &api.Calls{Receiver: c.Roster.Receiver, Bring: bring, Refused: func(source.Source, error) {}})
	return mux
}

// Own are many communities of ours that tell of their comments themselves.
type Own struct {
	Communities int
	Events      string        // vk.Callback or vk.LongPoll
	Comments    int           // in all
	Over        time.Duration // in which they are written, evenly at random
}

// Seen is how long after they were written comments stood in the database.
type Seen struct {
	Comments, Lost int
	Ready          time.Duration // until all communities told us of what happens
	P50, P99, Max  time.Duration
	Calls          int // of methods, after all were ready
}

func (s Seen) String() string {
	return fmt.Sprintf("%d comments, %d lost; p50 %s, p99 %s, max %s; %d calls of methods meanwhile, all ready after %s", s.Comments, s.Lost,
		s.P50.Round(time.Millisecond), s.P99.Round(time.Millisecond), s.Max.Round(time.Millisecond), s.Calls, s.Ready.Round(100*time.Millisecond))
}

// A town is communities at one address, told apart by the host.
type town struct {
	fakes []*vkfake.Fake
	posts []int64
	srv   *httptest.Server
}

func newTown(n int, token string) (*town, error) {
	t := &town{}
	for k := range n {
		f, err := vkfake.New(vkfake.Options{Group: int64(k + 1), Name: "Двор", ServiceToken: token, CommunityToken: fmt.Sprint("group-", k+1)})
		if err != nil {
			return nil, err
		}
		t.fakes, t.posts = append(t.fakes, f), append(t.posts, f.PostAt(f.Person("Анна"), "Новости двора", time.Now().Add(-time.Hour)))
	}
	t.srv = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var g int
		if _, err := fmt.Sscanf(r.Host, "g%d.vk.test", &g); err != nil || g < 1 || g > n {
			http.Error(w, "no such community", http.StatusNotFound)
			return
		}
		t.fakes[g-1].ServeHTTP(w, r)
	}))
	return t, nil
}

func (t *town) called(methods ...string) (n int) {
	for _, f := range t.fakes {
		for _, m := range methods {
			n += f.Called(m)
		}
	}
	return n
}

var reading = []string{"wall.get", "wall.getComments", "wall.getById", "groups.getLongPollServer", "groups.getCallbackServers", "groups.setLongPollSettings", "users.get"}

// Measure writes comments in the communities and tells how soon they stand in the database.
func (o Own) Measure(ctx context.Context) (Seen, error) {
	t, err := newTown(o.Communities, "reads")
	if err != nil {
		return Seen{}, err
	}
	dir, err := os.MkdirTemp("", "otklik-own-")
	if err != nil {
		return Seen{}, err
	}
	defer os.RemoveAll(dir)
	ctx, stop := context.WithCancel(ctx)
	begin := time.Now()
	c, err := Open(ctx, Options{Dir: dir, Dial: strings.TrimPrefix(t.srv.URL, "http://"), Walls: o.Communities, Tokens: []string{"reads"}, Events: o.Events, Begin: begin, Speed: 1})
	var wg sync.WaitGroup
	defer func() {
		stop()
		t.srv.CloseClientConnections()
		wg.Wait()
		t.srv.Close()
		c.Close()
	}()
	if err != nil {
		return Seen{}, err
	}
	wg.Go(func() { _ = c.Roster.Run(ctx) })
	wg.Go(func() {
		_ = c.Inbox.Run(ctx, func(ctx context.Context, list []message.Message, also func(incident.Tx) error) (time.Duration, error) {
			sum, err := c.Intake.Take(ctx, list, also)
			return sum.Held(), err
		})
	})
	deliver := func(context.Context, int) error { return nil }
	if o.Events == vk.Callback {
		srv := httptest.NewServer(c.calls())
		defer srv.Close()
		deliver = t.deliver(srv)
	}
	if err := t.ready(ctx, o, deliver); err != nil {
		return Seen{}, err
	}
	s, before := Seen{Ready: time.Since(begin)}, t.called(reading...)
	if err := o.write(ctx, t, c, deliver, &s); err != nil {
		return s, err
	}
	s.Calls = t.called(reading...) - before
	return s, nil
}

// deliver returns what makes VK call us with the events of a community, and waits for it.
func (t *town) deliver(srv *httptest.Server) func(context.Context, int) error {
	client := &http.Client{Transport: plain{srv.Listener.Addr().String()}, Timeout: 30 * time.Second}
	return func(ctx context.Context, k int) error {
		_, err := t.fakes[k].Deliver(ctx, client)
		return err
	}
}

// plain reaches an https address of ours without TLS, as behind a proxy.
type plain struct{ at string }

func (p plain) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.URL.Scheme, r.URL.Host = "http", p.at
	return http.DefaultTransport.RoundTrip(r)
}

// ready waits until every community tells us of what happens.
func (t *town) ready(ctx context.Context, o Own, deliver func(context.Context, int) error) error {
	for k, f := range t.fakes {
		for !f.Listened() {
			if o.Events == vk.Callback {
				_ = deliver(ctx, k) // a server that is there is confirmed
			}
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(20 * time.Millisecond):
			}
		}
	}
	return nil
}

// write writes the comments and waits for each.
func (o Own) write(ctx context.Context, t *town, c *Centre, deliver func(context.Context, int) error, s *Seen) error {
	r := rand.New(rand.NewPCG(5, uint64(o.Communities)))
	times := make([]time.Duration, o.Comments)
	for k := range times {
		times[k] = time.Duration(r.Int64N(int64(o.Over) + 1))
	}
	slices.Sort(times)
	var mu sync.Mutex
	var lags []time.Duration
	var errs []error
	var wg sync.WaitGroup
	begin := time.Now()
	for n, at := range times {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Until(begin.Add(at))):
		}
		k := r.IntN(len(t.fakes))
		f := t.fakes[k]
		wg.Go(func() {
			wrote := time.Now()
			id, err := f.Comment(t.posts[k], 0, f.Person("Пётр"), fmt.Sprint("Комментарий ", n))
			if err == nil {
				err = deliver(ctx, k)
			}
			ref := vk.Ref{Place: "wall", Owner: f.Owner(), Item: t.posts[k], Comment: id}
			for err == nil {
				if _, err = c.DB.Reader().Messages().ByNative(ctx, vk.SourceID(f.Owner()), ref.String()); !fault.Is(err, fault.NotFound) {
					break
				}
				select {
				case <-ctx.Done():
					err = ctx.Err()
				case <-time.After(20 * time.Millisecond):
					err = nil
				}
			}
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				errs = append(errs, err)
				return
			}
			lags = append(lags, time.Since(wrote))
		})
	}
	wg.Wait()
	slices.SortFunc(lags, cmp.Compare[time.Duration])
	s.Comments, s.Lost = len(times), len(times)-len(lags)
	if n := len(lags); n > 0 {
		s.P50, s.P99, s.Max = lags[n/2], lags[n*99/100], lags[n-1]
	}
	return errors.Join(errs...)
}
