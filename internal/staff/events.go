package staff

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"otklik/internal/incident"
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
		events, id, stop := s.Events.Attend(s.visitor(r))
		defer stop()
		changed = events
		if _, err := fmt.Fprintf(w, "event: stream\ndata: {\"stream\":%q}\n\n", id); err != nil {
			return nil
		}
		_ = ctl.Flush()
	}
	var bell <-chan time.Time // a burst of notices rings once
	unseen := s.unseen(r.Context(), who(r))
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
			if len(e.For) > 0 {
				if bell == nil {
					bell = time.After(bellPause)
				}
				continue
			}
			if !s.event(w, r, e) {
				return nil
			}
		case <-bell:
			bell = nil
			n := s.unseen(r.Context(), who(r))
			more := n > unseen
			unseen = n
			if _, err := fmt.Fprintf(w, "event: notice\ndata: {\"unseen\":%d,\"text\":%q,\"more\":%v}\n\n", n, unseenWords(n), more); err != nil {
				return nil
			}
		}
		if ctl.Flush() != nil {
			return nil
		}
	}
}

// bellPause is how long a stream waits for more notices before it tells of them.
const bellPause = 300 * time.Millisecond

// visitor is who listens, and which incident is open there.
func (s *Staff) visitor(r *http.Request) live.Visitor {
	me := who(r)
	v := live.Visitor{Account: me.ID, Name: me.Name, Sees: me.Scope()}
	if n, err := strconv.ParseInt(r.URL.Query().Get("at"), 10, 64); err == nil && n > 0 {
		at := incident.ID(n)
		if _, err := s.Cases().Incidents().Incident(r.Context(), me.Scope(), at); err == nil {
			v.At = at
		}
	}
	return v
}

// event writes what changed: ids and versions, and names of colleagues.
func (s *Staff) event(w http.ResponseWriter, r *http.Request, e live.Event) bool {
	name, body := "incident", any(e)
	if e.Look != 0 {
		name, body = "presence", struct {
			Incident incident.ID `json:"incident"`
			Text     string      `json:"text"`
		}{e.Look, lookingWords(s.Events.Looking(e.Look, who(r).ID))}
	}
	data, err := json.Marshal(body)
	if err == nil {
		_, err = fmt.Fprintf(w, "event: %s\ndata: %s\n\n", name, data)
	}
	return err == nil
}

// lookingShown is how many names of lookers are told; the rest is counted.
const lookingShown = 3

// lookingWords says who else looks: «Смотрит: Ирина Соколова».
func lookingWords(names []string) string {
	switch n := len(names); {
	case n == 0:
		return ""
	case n == 1:
		return "Смотрит: " + names[0]
	case n <= lookingShown:
		return "Смотрят: " + strings.Join(names, ", ")
	default:
		return fmt.Sprintf("Смотрят: %s и ещё %d", strings.Join(names[:lookingShown], ", "), n-lookingShown)
	}
}
