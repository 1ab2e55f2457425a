package telegramfake

import (
	"net/http"
	"strings"
	"time"
)

// A Trouble is a way in which a call can go wrong.
type Trouble string

// Troubles.
const (
	Lost    Trouble = "lost"    // the call is done and the connection breaks before the answer
	Late    Trouble = "late"    // the call is done and the answer comes only when the caller has gone
	Status  Trouble = "status"  // HTTP status Code, nothing is done
	Refuse  Trouble = "refuse"  // Telegram's error_code, nothing is done
	Garbage Trouble = "garbage" // an answer that is no JSON, nothing is done
	Huge    Trouble = "huge"    // an answer of 64 MB, nothing is done
	Odd     Trouble = "odd"     // JSON of another shape, nothing is done
)

type trouble struct {
	method string
	kind   Trouble
	code   int
}

// Fail makes the next call of the method (any method when empty) go wrong. Each
// Fail spoils one call; code is the HTTP status or Telegram's error_code.
func (f *Fake) Fail(method string, t Trouble, code int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.troubles = append(f.troubles, trouble{method, t, code})
}

// trouble takes the next trouble of the method.
func (f *Fake) trouble(method string) (trouble, bool) {
	for i, t := range f.troubles {
		if t.method == "" || t.method == method {
			f.troubles = append(f.troubles[:i:i], f.troubles[i+1:]...)
			return t, true
		}
	}
	return trouble{}, false
}

// before makes a call go wrong that is not done; it reports whether it did.
func (t trouble) before(w http.ResponseWriter) bool {
	switch t.kind {
	case Status:
		http.Error(w, "<html>502 Bad Gateway</html>", t.code)
	case Garbage:
		_, _ = w.Write([]byte("<!doctype html><p>\x00\xff это не ответ API"))
	case Odd:
		_, _ = w.Write([]byte(`{"ok":true,"result":{"много":[1e400,null]}}`))
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
func (t trouble) after(r *http.Request) bool {
	switch t.kind {
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
