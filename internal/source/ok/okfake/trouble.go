package okfake

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
	Refuse  Kind = "refuse"  // OK's error Code in a 200; nothing is done
	Broken  Kind = "broken"  // HTTP status Code with a page that is no answer of OK; nothing is done
	Garbage Kind = "garbage" // a 200 that is no JSON; nothing is done
	Huge    Kind = "huge"    // an answer of 64 MB; nothing is done
	Odd     Kind = "odd"     // JSON of another shape; nothing is done
)

// A Trouble is what goes wrong with one call.
type Trouble struct {
	Kind Kind
	Code int
}

type trouble struct {
	method string
	Trouble
}

// Fail makes the next call of the method go wrong; "" is any call.
func (f *Fake) Fail(method string, t Trouble) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.troubles = append(f.troubles, trouble{method, t})
}

// trouble takes the next trouble of the call.
func (f *Fake) trouble(method string) Trouble {
	for i, t := range f.troubles {
		if t.method == "" || t.method == method {
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
		http.Error(w, "<html>Bad Gateway</html>", t.Code)
	case Garbage:
		w.Write([]byte("<!doctype html><p>\x00\xff это не ответ API"))
	case Odd:
		w.Write([]byte(`{"media_topics":{"count":"много"},"comments":7,"has_more":"да","anchor":[1e400]}`))
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
