package staff

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"otklik/internal/live"
	"otklik/internal/site"
)

// heartbeat keeps proxies from closing a quiet stream, and is when a long one
// asks whether its session still stands: a sign-out in this process ends it at
// once, one in another process, or a disabled account, by the next beat.
const heartbeat = 20 * time.Second

// events streams what has changed inside the account's scope: ids and versions,
// never words.
func (s *Staff) events(w http.ResponseWriter, r *http.Request) error {
	ctl := http.NewResponseController(w)
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no") // nginx would hold events back
	w.WriteHeader(http.StatusOK)
	_ = ctl.SetWriteDeadline(time.Time{}) // not every writer has one
	if _, err := fmt.Fprint(w, "retry: 2000\n: открыто\n\n"); err != nil {
		return nil
	}
	_ = ctl.Flush()
	var changed <-chan live.Event
	if s.Events != nil {
		events, stop := s.Events.Listen(who(r).Scope())
		defer stop()
		changed = events
	}
	ended, forget := s.Site.Ended(r)
	defer forget()
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	for {
		select {
		case <-r.Context().Done():
			return nil
		case <-s.Closing:
			return nil
		case <-ended:
			site.SignedOut(w)
			return nil
		case <-beat.C:
			if !s.Site.Recheck(r) {
				site.SignedOut(w)
				return nil
			}
			if _, err := fmt.Fprint(w, ": .\n\n"); err != nil {
				return nil
			}
		case e, ok := <-changed:
			if !ok {
				return nil
			}
			data, err := json.Marshal(e)
			if err != nil {
				return nil
			}
			if _, err := fmt.Fprintf(w, "event: incident\ndata: %s\n\n", data); err != nil {
				return nil
			}
		}
		if ctl.Flush() != nil {
			return nil
		}
	}
}
