package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"regexp"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// visitors are who has signed in to the service of a story, by login.
type visitors map[string]*http.Client

type visitorsKey struct{}

// visitOf returns the visitors of a story.
func visitOf(ts *testscript.TestScript) visitors {
	v, _ := ts.Value(visitorsKey{}).(visitors)
	return v
}

// origin waits for the address that the service prints into FILE.
func origin(ts *testscript.TestScript) string {
	address := regexp.MustCompile(`http://[0-9.:]+`)
	late, tick := time.After(30*time.Second), time.NewTicker(50*time.Millisecond)
	defer tick.Stop()
	for {
		b, _ := os.ReadFile(ts.MkAbs("address"))
		if at := address.Find(b); at != nil {
			return string(at)
		}
		select {
		case <-tick.C:
		case <-late:
			ts.Fatalf("the service has not said its address")
		}
	}
}

// signin LOGIN PASSWORD opens a session; a PASSWORD of @FILE stands in that file
// behind «пароль».
func signIn(ts *testscript.TestScript, _ bool, args []string) {
	password := args[1]
	if name, ok := strings.CutPrefix(password, "@"); ok {
		b, err := os.ReadFile(ts.MkAbs(name))
		ts.Check(err)
		m := regexp.MustCompile(`пароль:? (?:<strong[^>]*>)?([a-z0-9-]+)`).FindSubmatch(b)
		if m == nil {
			ts.Fatalf("%s holds no password", name)
		}
		password = string(m[1])
	}
	jar, err := cookiejar.New(nil)
	ts.Check(err)
	c := &http.Client{Jar: jar, Timeout: time.Minute, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	r, err := c.PostForm(origin(ts)+"/signin", url.Values{"login": {args[0]}, "password": {password}})
	ts.Check(err)
	defer r.Body.Close()
	if r.StatusCode != http.StatusSeeOther {
		ts.Fatalf("sign-in as %s = %d", args[0], r.StatusCode)
	}
	visitOf(ts)[args[0]] = c
}

// call LOGIN METHOD PATH [BODY] sends JSON; form LOGIN PATH NAME=VALUE… a form. The
// answer is the standard output, its status the first line; "! call" wants a refusal.
func call(ts *testscript.TestScript, neg bool, args []string) {
	var body io.Reader
	if len(args) > 3 {
		body = strings.NewReader(args[3])
	}
	r, err := http.NewRequest(args[1], origin(ts)+args[2], body)
	ts.Check(err)
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	send(ts, neg, args[0], r)
}

func postForm(ts *testscript.TestScript, neg bool, args []string) {
	form := url.Values{}
	for _, pair := range args[2:] {
		name, value, _ := strings.Cut(pair, "=")
		form.Add(name, value)
	}
	r, err := http.NewRequest(http.MethodPost, origin(ts)+args[1], strings.NewReader(form.Encode()))
	ts.Check(err)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	send(ts, neg, args[0], r)
}

func send(ts *testscript.TestScript, neg bool, login string, r *http.Request) {
	c := visitOf(ts)[login]
	if c == nil {
		ts.Fatalf("%s has not signed in", login)
	}
	r.Header.Set("Origin", r.URL.Scheme+"://"+r.URL.Host)
	a, err := c.Do(r)
	ts.Check(err)
	defer a.Body.Close()
	var b bytes.Buffer
	_, err = io.Copy(&b, a.Body)
	ts.Check(err)
	fmt.Fprintf(ts.Stdout(), "%d\n%s\n", a.StatusCode, b.String())
	if refused := a.StatusCode >= 400; refused != neg {
		ts.Fatalf("%s %s as %s = %d, refused: %t\n%s", r.Method, r.URL.Path, login, a.StatusCode, refused, b.String())
	}
}

// number FILE FIELD NAME puts a number of the JSON in FILE into the variable NAME.
func numberOf(ts *testscript.TestScript, _ bool, args []string) {
	b, err := os.ReadFile(ts.MkAbs(args[0]))
	ts.Check(err)
	m := regexp.MustCompile(`"` + regexp.QuoteMeta(args[1]) + `":(\d+)`).FindSubmatch(b)
	if m == nil {
		ts.Fatalf("%s has no number %s", args[0], args[1])
	}
	ts.Setenv(args[2], string(m[1]))
}
