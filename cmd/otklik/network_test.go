package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"otklik/internal/source/vk/vkfake"
)

// storyPatience is how long a story waits for what the program does by itself; the race
// detector makes everything ten times slower.
const storyPatience = time.Minute

// A network is the fake VK of a story.
type network struct{ wall *vkfake.Fake }

type networkKey struct{}

func networkOf(ts *testscript.TestScript) *network {
	n, _ := ts.Value(networkKey{}).(*network)
	return n
}

func wallOf(ts *testscript.TestScript) *vkfake.Fake {
	f := networkOf(ts).wall
	if f == nil {
		ts.Fatalf("no network was opened: network DIR comes first")
	}
	return f
}

// network DIR starts a community of the fake VK and writes it into the centre's configuration.
func openNetwork(ts *testscript.TestScript, _ bool, args []string) {
	f, err := vkfake.New(vkfake.Options{Group: 1001, Name: "Наш Абакан", ServiceToken: "reads", CommunityToken: "writes"})
	ts.Check(err)
	srv := httptest.NewServer(f)
	ts.Defer(srv.Close)
	networkOf(ts).wall = f
	path := ts.MkAbs(args[0] + "/otklik.json")
	b, err := os.ReadFile(path)
	ts.Check(err)
	var c map[string]any
	ts.Check(json.Unmarshal(b, &c))
	c["vk"] = []any{map[string]any{"group": 1001, "name": "Наш Абакан", "service_token": "reads", "community_token": "writes", "territory": "95701000", "own": true,
		"every": "200ms", "settle": "1s", "per_second": 50, "reads_per_second": 200, "url": srv.URL + "/method/", "page": srv.URL + "/"}}
	b, err = json.Marshal(c)
	ts.Check(err)
	ts.Check(os.WriteFile(path, b, 0o600))
}

// post NAME TEXT writes a post; says NAME POST AUTHOR TEXT a comment under it; replies
// NAME POST COMMENT AUTHOR TEXT an answer to a comment. NAME becomes its number.
func post(ts *testscript.TestScript, _ bool, args []string) {
	f := wallOf(ts)
	ts.Setenv(args[0], fmt.Sprint(f.Post(f.Owner(), args[1])))
}

func says(ts *testscript.TestScript, _ bool, args []string) {
	comment(ts, args[0], args[1], "0", args[2], args[3])
}

func replies(ts *testscript.TestScript, _ bool, args []string) {
	comment(ts, args[0], args[1], args[2], args[3], args[4])
}

func comment(ts *testscript.TestScript, name, post, to, author, text string) {
	p, err := strconv.ParseInt(post, 10, 64)
	ts.Check(err)
	c, err := strconv.ParseInt(to, 10, 64)
	ts.Check(err)
	f := wallOf(ts)
	id, err := f.Comment(p, c, f.Person(author), text)
	ts.Check(err)
	ts.Setenv(name, fmt.Sprint(id))
}

// until asks until what is asked for has come.
func until(ts *testscript.TestScript, what string, has func() (bool, string)) {
	late, tick := time.After(storyPatience), time.NewTicker(50*time.Millisecond)
	defer tick.Stop()
	for {
		ok, last := has()
		if ok {
			return
		}
		select {
		case <-tick.C:
		case <-late:
			ts.Fatalf("%s has not come; there is:\n%s", what, last)
		}
	}
}

// thread POST COUNT PATTERN waits until exactly so many of our comments under a post
// match. What stands there is the standard output.
func thread(ts *testscript.TestScript, _ bool, args []string) {
	post, err := strconv.ParseInt(args[0], 10, 64)
	ts.Check(err)
	count, err := strconv.Atoi(args[1])
	ts.Check(err)
	pattern := regexp.MustCompile(args[2])
	var all []string
	until(ts, args[2], func() (bool, string) {
		n := 0
		all = wallOf(ts).Wrote(post)
		for _, text := range all {
			if pattern.MatchString(text) {
				n++
			}
		}
		return n == count, strings.Join(all, "\n")
	})
	_, err = fmt.Fprintln(ts.Stdout(), strings.Join(all, "\n"))
	ts.Check(err)
}

// await LOGIN PATH PATTERN asks for the path until the answer matches, and puts it on
// the standard output. No-break spaces count as spaces.
func await(ts *testscript.TestScript, _ bool, args []string) {
	c := visitOf(ts)[args[0]]
	if c == nil {
		ts.Fatalf("%s has not signed in", args[0])
	}
	pattern := regexp.MustCompile(args[2])
	var body string
	until(ts, args[2], func() (bool, string) {
		r, err := c.Get(origin(ts) + args[1])
		ts.Check(err)
		defer r.Body.Close()
		var b bytes.Buffer
		_, err = io.Copy(&b, r.Body)
		ts.Check(err)
		body = strings.ReplaceAll(b.String(), "\u00a0", " ")
		return r.StatusCode == http.StatusOK && pattern.MatchString(body), body
	})
	_, err := fmt.Fprintln(ts.Stdout(), body)
	ts.Check(err)
}

// day NAME DAYS puts the date so many days ahead, as the API takes it, into NAME, and
// as people write it into NAME_WORDS.
func day(ts *testscript.TestScript, _ bool, args []string) {
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	months := strings.Fields("января февраля марта апреля мая июня июля августа сентября октября ноября декабря")
	t := time.Now().In(time.FixedZone("", 7*3600)).AddDate(0, 0, n)
	ts.Setenv(args[0], t.Format(time.DateOnly))
	ts.Setenv(args[0]+"_WORDS", fmt.Sprintf("%d %s %d года", t.Day(), months[t.Month()-1], t.Year()))
	ts.Setenv(args[0]+"_SHOWN", fmt.Sprintf("%d %s", t.Day(), months[t.Month()-1]))
}

// hire LOGIN ROLE [AGENCY] makes an account, as the admin does, and signs in.
func hire(ts *testscript.TestScript, _ bool, args []string) {
	form := url.Values{"name": {"Сотрудник " + args[0]}, "login": {args[0]}, "role": {args[1]}}
	if len(args) > 2 {
		form.Set("agency", args[2])
	}
	at := origin(ts)
	r, err := http.NewRequest(http.MethodPost, at+"/desk/people", strings.NewReader(form.Encode()))
	ts.Check(err)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", at)
	a, err := visitOf(ts)["admin"].Do(r)
	ts.Check(err)
	defer a.Body.Close()
	b, err := io.ReadAll(a.Body)
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]+".html"), b, 0o600))
	signIn(ts, false, []string{args[0], "@" + args[0] + ".html"})
}
