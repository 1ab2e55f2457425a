package maxfake

import (
	"net/http"
	"strings"
	"time"
)

// A Kind is a way in which a call can go wrong.
type Kind string

// Kinds.
const (
	Lost    Kind = "lost"    // the call is done and the connection breaks before the answer
	Late    Kind = "late"    // the call is done and the answer comes only when the caller has gone
	Refuse  Kind = "refuse"  // MAX's refusal: Status, Code and perhaps After; nothing is done
	Broken  Kind = "broken"  // Status with a page that is no answer of MAX; nothing is done
	Garbage Kind = "garbage" // a 200 that is no JSON; nothing is done
	Huge    Kind = "huge"    // an answer of 64 MB; nothing is done
	Odd     Kind = "odd"     // JSON of another shape; nothing is done
)

// A Trouble is what goes wrong with one call.
type Trouble struct {
	Kind   Kind
	Status int
	Code   string
	After  time.Duration // Retry-After
}

type trouble struct {
	op string
	Trouble
}

// Fail makes the next call go wrong whose op («GET /messages/{mid}/comments») begins with
// the given one; "" is any call.
func (f *Fake) Fail(op string, t Trouble) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.troubles = append(f.troubles, trouble{op, t})
}

// trouble takes the next trouble of the call.
func (f *Fake) trouble(op string) Trouble {
	for i, t := range f.troubles {
		if strings.HasPrefix(op, t.op) {
			f.troubles = append(f.troubles[:i:i], f.troubles[i+1:]...)
			return t.Trouble
		}
	}
	return Trouble{}
}

// before makes a call go wrong that is not done; it reports whether it did.
func (t Trouble) before(w http.ResponseWriter) bool {
	switch t.Kind {
	case Broken:
		http.Error(w, "<html>Bad Gateway</html>", t.Status)
	case Garbage:
		w.Write([]byte("<!doctype html><p>\x00\xff это не ответ API"))
	case Odd:
		w.Write([]byte(`{"messages":{"count":"много"},"message":[1e400],"updates":7,"chat_id":{}}`))
	case Huge:
		chunk := []byte(strings.Repeat(" ", 1<<20))
		for range 64 {
			if _, err := w.Write(chunk); err != nil {
				return true
			}
		}
	default:
		return false
	}
	return true
}

// after makes the answer of a done call get lost; it reports whether it did.
func (t Trouble) after(r *http.Request) bool {
	switch t.Kind {
	case Late:
		select {
		case <-r.Context().Done():
		case <-time.After(time.Minute):
		}
		fallthrough
	case Lost:
		panic(http.ErrAbortHandler)
	}
	return false
}
