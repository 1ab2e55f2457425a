package api

import (
	"cmp"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"otklik/internal/message"
	"otklik/internal/source"
)

// Calls answers /hooks/sources/{number}, which the networks call with what is new: by POST,
// some of them by GET to see whether the address is ours. What a call brought is on the disk
// before the answer goes out; nothing of it reaches a log.
type Calls struct {
	// Receiver returns the source of a number and what takes its calls: the zero Source for
	// a number that nobody has, nil for one that is not read now.
	Receiver func(number int64) (source.Source, source.Receiver)
	// Bring stores what a call brought, durably and once.
	Bring func(ctx context.Context, s source.Source, r source.Received) error
	// Refused is told of a call that was not taken, with the reason.
	Refused func(s source.Source, why error)
	Log     *slog.Logger

	// Patience is how long a network waits for its answer; 0 = 8 s. VK calls again after
	// some 18 s, Telegram after a minute.
	Patience time.Duration
	// Together is how many calls are under way at most; 0 = 512.
	Together int
	gate     gate
}

const (
	callLimit = 1 << 20 // bytes of one call; the networks' own events stay far below
	callID    = 256     // bytes of a call's id that are kept as they are
	pauseWait = 5 * time.Minute
)

// ServeHTTP implements http.Handler.
func (h *Calls) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	if r.Method != http.MethodPost && r.Method != http.MethodGet {
		w.Header().Set("Allow", "GET, POST")
		say(w, http.StatusMethodNotAllowed, "the networks call by POST")
		return
	}
	number, err := strconv.ParseInt(r.PathValue("number"), 10, 64)
	if err != nil || number <= 0 {
		say(w, http.StatusNotFound, "no such source")
		return
	}
	s, to := h.Receiver(number)
	switch {
	case s.ID == "":
		say(w, http.StatusNotFound, "no such source")
		return
	case to == nil:
		later(w, pauseWait, "the source is not read now")
		return
	}
	leave, ok := h.gate.enter(cmp.Or(h.Together, together))
	if !ok {
		later(w, busyWait, "too many calls at once")
		return
	}
	defer leave()
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, callLimit))
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		say(w, http.StatusRequestEntityTooLarge, "the body has more than "+strconv.Itoa(callLimit)+" bytes")
		return
	case err != nil:
		say(w, http.StatusBadRequest, "the body could not be read to its end")
		return
	}
	var got source.Received
	err = within(r.Context(), cmp.Or(h.Patience, patience), func(ctx context.Context) error {
		var err error
		if got, err = to.Receive(ctx, source.Call{Header: r.Header.Get, Query: r.URL.Query(), Body: body}); err != nil {
			return err
		}
		if len(got.ID) > callID {
			got.ID = message.HashOf(got.ID).Hash
		}
		if err := h.Bring(ctx, s, got); err != nil {
			return notStored{err}
		}
		return nil
	})
	if err != nil {
		h.refuse(w, s, err)
		return
	}
	_, _ = io.WriteString(w, got.Answer)
}

// notStored says that a call was understood and its words could not be kept.
type notStored struct{ error }

func (e notStored) Unwrap() error { return e.error }

// refuse answers a call that was not taken. Only what the network did is told of the
// source; that we could not store it is told in the log.
func (h *Calls) refuse(w http.ResponseWriter, s source.Source, err error) {
	var e *source.Error
	var lost notStored
	switch {
	case errors.As(err, &lost), errors.Is(err, context.DeadlineExceeded), !errors.As(err, &e):
		if h.gate.seldom() {
			h.Log.Error("a call of a network could not be stored", "source", s.ID, "error", err)
		}
		later(w, storeWait, "it could not be stored; call again later")
	case e.Trouble == source.Person:
		h.Refused(s, err)
		say(w, http.StatusForbidden, "the secret does not fit")
	case e.Trouble == source.Permanent:
		h.Refused(s, err)
		say(w, http.StatusBadRequest, "this is no call of the network")
	default:
		h.Refused(s, err)
		later(w, max(e.After, time.Second), "call again later")
	}
}

func say(w http.ResponseWriter, status int, reason string) {
	w.WriteHeader(status)
	_, _ = io.WriteString(w, reason+"\n")
}

func later(w http.ResponseWriter, after time.Duration, reason string) {
	w.Header().Set("Retry-After", strconv.Itoa(int((after+time.Second-1)/time.Second)))
	say(w, http.StatusServiceUnavailable, reason)
}
