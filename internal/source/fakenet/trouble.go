package fakenet

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
	Status  Kind = "status"  // HTTP status Code with a page that is no answer of the network; nothing is done
	Refuse  Kind = "refuse"  // the network's own refusal, which its fake writes; nothing is done
	Garbage Kind = "garbage" // a 200 that is no JSON; nothing is done
	Huge    Kind = "huge"    // an answer of 64 MB; nothing is done
	Odd     Kind = "odd"     // JSON of another shape; nothing is done
)

// A Trouble is what goes wrong with one call. The zero Trouble is none.
type Trouble struct {
	Kind  Kind
	Code  int           // the HTTP status, or the network's own number of an error
	Word  string        // the network's own word for an error
	After time.Duration // how long the network asks to wait
}

// Troubles are the calls that will go wrong, in their order.
type Troubles []planned

type planned struct {
	op string
	Trouble
}

// Add makes the next call of op go wrong; "" is any call, and «GET /chats» all
// that begin with these words.
func (ts *Troubles) Add(op string, t Trouble) { *ts = append(*ts, planned{op, t}) }

// Take returns the trouble of a call, once; the zero Trouble when it goes well.
func (ts *Troubles) Take(op string) Trouble {
	for i, t := range *ts {
		rest, ok := strings.CutPrefix(op, t.op)
		if ok && (t.op == "" || rest == "" || rest[0] == ' ' || rest[0] == '/') {
			*ts = append((*ts)[:i:i], (*ts)[i+1:]...)
			return t.Trouble
		}
	}
	return Trouble{}
}

// Before answers a call that is not done; it reports whether it did. odd is
// JSON that has another shape than the network's.
func (t Trouble) Before(w http.ResponseWriter, odd string) bool {
	switch t.Kind {
	case Status:
		http.Error(w, "<html>Bad Gateway</html>", t.Code)
	case Garbage:
		_, _ = w.Write([]byte("<!doctype html><p>\x00\xff это не ответ API"))
	case Odd:
		_, _ = w.Write([]byte(odd))
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

// Spoil loses the answer to a call that is done, if that is its trouble: it does
// not return then.
func (t Trouble) Spoil(r *http.Request) {
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
}
