package maxfake

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
)

// tell queues an event for the bot.
func (f *Fake) tell(u map[string]any) {
	at := f.ms()
	u["timestamp"] = at
	f.state.Next++
	f.state.Events = append(f.state.Events, event{N: f.state.Next, At: at, JSON: encode(u)})
	f.state.Events = slices.DeleteFunc(f.state.Events, func(e event) bool { return at-e.At > eventsAge.Milliseconds() })
	f.save()
}

// Forget loses the events that wait.
func (f *Fake) Forget() { f.events(func([]event) []event { return nil }) }

// Repeat makes the events that wait come twice.
func (f *Fake) Repeat() { f.events(func(all []event) []event { return append(all, all...) }) }

// Reverse makes the events that wait come last one first.
func (f *Fake) Reverse() { f.events(func(all []event) []event { slices.Reverse(all); return all }) }

// events rearranges what waits; its numbers stay in order.
func (f *Fake) events(do func([]event) []event) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.state.Events = do(slices.Clone(f.state.Events))
	for k := range f.state.Events {
		f.state.Next++
		f.state.Events[k].N = f.state.Next
	}
}

// Subscribed returns the addresses that are called.
func (f *Fake) Subscribed() (out []string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, s := range f.state.Subs {
		out = append(out, s.URL)
	}
	return out
}

// Unsubscribe drops all subscriptions, as MAX does after eight hours without a success.
func (f *Fake) Unsubscribe() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.state.Subs = nil
}

// Deliver calls the subscribed address with the events that wait, one by one. It stops at
// one that is not answered with 200: that and the following stay.
func (f *Fake) Deliver(ctx context.Context, client *http.Client) (n int, err error) {
	for {
		f.mu.Lock()
		if len(f.state.Subs) == 0 || len(f.state.Events) == 0 {
			f.mu.Unlock()
			return n, nil
		}
		s, e := f.state.Subs[0], f.state.Events[0]
		f.mu.Unlock()
		var u struct {
			Type string `json:"update_type"`
		}
		if json.Unmarshal(e.JSON, &u) != nil || len(s.Types) == 0 || slices.Contains(s.Types, u.Type) {
			req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.URL, bytes.NewReader(e.JSON))
			if err != nil {
				return n, err
			}
			req.Header.Set("Content-Type", "application/json")
			req.Header.Set("X-Max-Bot-Api-Secret", s.Secret)
			resp, err := client.Do(req)
			if err != nil {
				return n, err
			}
			resp.Body.Close()
			if resp.StatusCode != http.StatusOK {
				return n, fmt.Errorf("maxfake: the address answered %d", resp.StatusCode)
			}
			n++
		}
		f.mu.Lock()
		f.state.Events = slices.DeleteFunc(f.state.Events, func(k event) bool { return k.N == e.N })
		f.save()
		f.mu.Unlock()
	}
}
