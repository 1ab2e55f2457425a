package site

import (
	"bytes"
	"crypto/sha256"
	"io"
	"net/http"
	"sync"
	"time"
)

// A form sent twice (a double click, a key that sticks, a browser that sends
// again) does its deed once: the same words to the same address, from the same
// session, with nothing sent between them and within this time, get the answer
// of the first. Whoever means it twice has seen the first answer, and then the
// form carries another version, or seconds have gone by.
const onceTime = 5 * time.Second

// onceLimit is how large a form is that is compared, in bytes; a larger one is refused by its page.
const onceLimit = 512 << 10

// A once remembers the last form of each session.
type once struct {
	now  func() time.Time
	mu   sync.Mutex
	last map[string]*sent
}

// sent is a form with its answer.
type sent struct {
	form  [sha256.Size]byte
	ready chan struct{} // closed when the answer is known
	end   time.Time     // of its memory, set with the answer
	good  bool          // the deed was done: 2xx and 3xx; what failed may be tried again
	recording
}

// do answers the form of the session by h, or as h answered it just now.
func (o *once) do(session string, w http.ResponseWriter, r *http.Request, h http.HandlerFunc) {
	body, err := io.ReadAll(io.LimitReader(r.Body, onceLimit+1))
	rest := r.Body
	r.Body = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(body), rest), rest}
	if err != nil || len(body) > onceLimit {
		h(w, r) // the page says what is wrong with it
		return
	}
	sum := sha256.New()
	sum.Write([]byte(r.URL.RequestURI() + "\x00" + r.Header.Get("HX-Request") + "\x00"))
	sum.Write(body)
	me := &sent{form: [sha256.Size]byte(sum.Sum(nil)), ready: make(chan struct{})}
	for {
		before := o.begin(session, me)
		if before == nil {
			break
		}
		select {
		case <-before.ready:
		case <-r.Context().Done():
			return
		}
		if before.good {
			before.write(w)
			return
		}
	}
	defer func() {
		o.mu.Lock()
		me.end, me.good = o.now().Add(onceTime), me.status >= 200 && me.status < 400
		o.mu.Unlock()
		close(me.ready)
	}()
	me.recording = recording{header: w.Header().Clone()}
	h(&me.recording, r)
	me.write(w)
}

// begin returns the same form when the session has just sent it, else notes me as its last.
func (o *once) begin(session string, me *sent) *sent {
	o.mu.Lock()
	defer o.mu.Unlock()
	now := o.now()
	if s := o.last[session]; s != nil && s.form == me.form && (s.end.IsZero() || s.good && now.Before(s.end)) {
		return s
	}
	for k, s := range o.last { // few: those of the last seconds
		if !s.end.IsZero() && !now.Before(s.end) {
			delete(o.last, k)
		}
	}
	o.last[session] = me
	return nil
}

// A recording is an answer that can be given twice.
type recording struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (a *recording) Header() http.Header { return a.header }

func (a *recording) WriteHeader(status int) {
	if a.status == 0 {
		a.status = status
	}
}

func (a *recording) Write(b []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	return a.body.Write(b)
}

func (a *recording) write(w http.ResponseWriter) {
	for name, values := range a.header {
		if name != "X-Request-Id" {
			w.Header()[name] = values
		}
	}
	if a.status != 0 {
		w.WriteHeader(a.status)
	}
	_, _ = w.Write(a.body.Bytes()) // the visitor may have left
}
