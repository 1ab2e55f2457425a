package vkfake

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Documented are the calls that VK allows a token in a day.
var Documented = map[string]int{"wall.get": 5000, "newsfeed.search": 1000, "wall.search": 1000}

// A Quota counts the calls of each token, over any number of communities that share it.
// Calls inside of execute count each. VK does not say when its day begins: Rolling takes the
// last 24 hours, else the day ends at midnight in Moscow.
type Quota struct {
	PerSecond int            // over it error 6; 0: no limit
	PerDay    map[string]int // by method, over it error 29; nil: no limit
	Rolling   bool
	Now       func() time.Time

	mu    sync.Mutex
	calls map[string][]time.Time // by token, of the last second
	day   map[string][]time.Time // by token and method
	over  map[int]int            // refused, by error
}

// Moscow needs no time zone database.
var moscow = time.FixedZone("MSK", 3*3600)

// take counts a call; it returns VK's error code where it is one too many. inner calls
// stand inside of an execute, which is one call of the second.
func (q *Quota) take(token, method string, inner bool) (code int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.calls == nil {
		q.calls, q.day, q.over = map[string][]time.Time{}, map[string][]time.Time{}, map[int]int{}
	}
	defer func() {
		if code != 0 {
			q.over[code]++
		}
	}()
	now := q.Now()
	if q.PerSecond > 0 && !inner {
		last := after(q.calls[token], now.Add(-time.Second))
		if q.calls[token] = last; len(last) >= q.PerSecond {
			return 6
		}
		q.calls[token] = append(last, now)
	}
	if most := q.PerDay[method]; most > 0 {
		key := token + " " + method
		done := after(q.day[key], q.from(now))
		if q.day[key] = done; len(done) >= most {
			return 29
		}
		q.day[key] = append(done, now)
	}
	return 0
}

// from is when the day began that is counted now.
func (q *Quota) from(now time.Time) time.Time {
	if q.Rolling {
		return now.Add(-24 * time.Hour)
	}
	y, m, d := now.In(moscow).Date()
	return time.Date(y, m, d, 0, 0, 0, -1, moscow)
}

func after(list []time.Time, from time.Time) []time.Time {
	for len(list) > 0 && !list[0].After(from) {
		list = list[1:]
	}
	return list
}

// Refused returns how many calls were met with an error of the quota, 6 or 29.
func (q *Quota) Refused(code int) int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.over[code]
}

// Used returns how many calls of a method count for a token now.
func (q *Quota) Used(token, method string) int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(after(q.day[token+" "+method], q.from(q.Now())))
}

var inside = regexp.MustCompile(`API\.([a-z]+\.[A-Za-z]+)\((\{[^}]*\})\)`)

// execute does the calls of a script, which are all that it understands: the answer is the
// list of theirs, with false for each that failed.
func (f *Fake) execute(p params, token string, kind int) (any, []map[string]any, int) {
	calls := inside.FindAllStringSubmatch(p.text("code"), -1)
	switch {
	case len(calls) == 0:
		return nil, nil, 12
	case len(calls) > 25:
		return nil, nil, 13
	}
	out, errs := []any{}, []map[string]any{}
	for _, c := range calls {
		var args map[string]any
		m, known := methods[c[1]]
		code := 0
		switch {
		case !known:
			code = 3
		case json.Unmarshal([]byte(c[2]), &args) != nil:
			return nil, nil, 12
		case m.tokens&kind == 0:
			code = wrongKind(kind)
		default:
			code = f.quota.take(token, c[1], true)
		}
		var answer any = false
		if code == 0 {
			form := url.Values{}
			for k, v := range args {
				if n, ok := v.(float64); ok {
					v = int64(n)
				}
				form.Set(k, fmt.Sprint(v))
			}
			answer, code = m.do(f, params{&http.Request{Form: form}})
		}
		if code != 0 {
			answer = false
			errs = append(errs, map[string]any{"method": c[1], "error_code": code, "error_msg": errorTexts[code]})
		}
		out = append(out, answer)
	}
	return out, errs, 0
}

func wrongKind(kind int) int {
	if kind == community {
		return 27
	}
	return 28
}

// Many serves the walls of several communities as one network. They share the Quota and the
// reading tokens of their options.
func Many(fakes ...*Fake) http.Handler {
	byOwner := make(map[string]*Fake, 2*len(fakes))
	for _, f := range fakes {
		byOwner[strconv.FormatInt(f.Owner(), 10)] = f
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, 1<<20)
		if len(fakes) == 0 || r.ParseForm() != nil {
			http.Error(w, "400 Bad Request", http.StatusBadRequest)
			return
		}
		if strings.HasSuffix(r.URL.Path, "/wall.getById") {
			manyByID(fakes[0], byOwner, w, r)
			return
		}
		if strings.HasSuffix(r.URL.Path, "/newsfeed.search") {
			manySearch(fakes, w, r)
			return
		}
		for _, owner := range []string{r.Form.Get("owner_id"), "-" + r.Form.Get("group_id")} {
			if f := byOwner[owner]; f != nil {
				f.ServeHTTP(w, r)
				return
			}
		}
		fakes[0].ServeHTTP(w, r)
	})
}

func manyByID(first *Fake, byOwner map[string]*Fake, w http.ResponseWriter, r *http.Request) {
	first.mu.Lock()
	first.counts["wall.getById"]++
	code := first.check("wall.getById", r)
	first.mu.Unlock()
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	if ids := strings.Count(r.Form.Get("posts"), ",") + 1; code == 0 && ids > 100 {
		code = 100
	}
	if code != 0 {
		_, _ = w.Write(encode(map[string]any{"error": refusal(code, "wall.getById", r)}))
		return
	}
	items := []any{}
	named := map[*Fake]bool{}
	for id := range strings.SplitSeq(r.Form.Get("posts"), ",") {
		owner, _, _ := strings.Cut(id, "_")
		f := byOwner[owner]
		if f == nil || named[f] {
			continue
		}
		named[f] = true
		f.mu.Lock()
		answer, _ := f.wallByID(params{r})
		f.mu.Unlock()
		items = append(items, answer.(map[string]any)["items"].([]any)...)
	}
	_, _ = w.Write(encode(map[string]any{"response": map[string]any{"items": items}}))
}
