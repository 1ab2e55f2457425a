package sms

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// An end is what became of one try.
type end int

const (
	unclear end = iota // it may have left
	sent
	wait
	refused
	denied
)

const (
	mostAnswer = 64 << 10 // bytes; a longer answer is none of a gateway
	mostID     = 64
)

// read says what an answer means. What it does not say is unclear, for a message may
// have been paid for; only a status that comes before any work says that nothing left.
func (a *Answer) read(status int, data []byte) (end, string) {
	good := status >= 200 && status < 300
	if v, ok := parse(data); ok {
		code, id := at(v, a.Code), at(v, a.ID)
		if len(id) > mostID || strings.ContainsFunc(id, func(r rune) bool { return r <= ' ' || r >= 0x7f }) {
			id = ""
		}
		switch {
		case code == "":
			// Some gateways name a code in errors alone. Where codes of success are
			// known, their absence says nothing.
			if good && id != "" && len(a.OK) == 0 {
				return sent, id
			}
		case slices.Contains(a.OK, code):
			if good {
				return sent, id
			}
			return unclear, ""
		case slices.Contains(a.Wait, code):
			return wait, ""
		case slices.Contains(a.Refused, code):
			return refused, ""
		case slices.Contains(a.Denied, code):
			return denied, ""
		}
	}
	switch {
	case status == http.StatusTooManyRequests:
		return wait, ""
	case status == http.StatusRequestTimeout, status == http.StatusConflict:
		return unclear, "" // a part of it was read; it is known already
	case status >= 300 && status < 500:
		return denied, ""
	}
	return unclear, ""
}

// parse reads one JSON value; numbers keep all their digits, as ids need.
func parse(data []byte) (v any, ok bool) {
	if len(data) > mostAnswer || !json.Valid(data) {
		return nil, false
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	err := d.Decode(&v)
	return v, err == nil
}

// at returns the string or number at a path; "" for anything else, null and zero-length
// included.
func at(v any, path string) string {
	if path == "" {
		return ""
	}
	for step := range strings.SplitSeq(path, ".") {
		switch x := v.(type) {
		case map[string]any:
			if step != "*" {
				v = x[step]
				continue
			}
			if len(x) != 1 {
				return ""
			}
			for _, only := range x {
				v = only
			}
		case []any:
			k, err := strconv.Atoi(step)
			if step == "*" && len(x) == 1 {
				k, err = 0, nil
			}
			if err != nil || k < 0 || k >= len(x) {
				return ""
			}
			v = x[k]
		default:
			return ""
		}
	}
	switch x := v.(type) {
	case string:
		return x
	case json.Number:
		return x.String()
	}
	return ""
}
