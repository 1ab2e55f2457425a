package rig_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"math/rand/v2"
	"mime/quotedprintable"
	"net/http"
	"net/http/httptest"
	"net/mail"
	"strings"
	"sync"
	"testing"
	"time"

	"otklik/internal/notify/mail/mailtest"
)

const (
	botToken   = "1:NOTICES"
	noMailbox  = "nobody@example.ru" // the server says that there is no such mailbox
	closedChat = 999                 // its person has stopped the bot
)

// posts are the two ways out of the house, a mail server and a bot of Telegram, that
// behave badly: they are slow, fail at random, and are not heard after accepting. Both
// keep what they took.
type posts struct {
	mail *mailtest.Server
	bot  *httptest.Server

	mu       sync.Mutex
	rnd      *rand.Rand
	calm     bool
	tries    int
	chats    map[int64][]string
	troubles map[string]int
}

func newPosts(t *testing.T, seed uint64) *posts {
	t.Helper()
	p := &posts{rnd: rand.New(rand.NewPCG(seed, 0xab)), chats: map[int64][]string{}, troubles: map[string]int{}}
	var err error
	if p.mail, err = mailtest.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.mail.Close() })
	p.mail.Answer(p.answer)
	p.bot = httptest.NewUnstartedServer(http.HandlerFunc(p.hear))
	p.bot.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError) // connections break on purpose
	p.bot.Start()
	t.Cleanup(p.bot.Close)
	return p
}

// meet says how a try is met: the mood, and how long it takes before and after it is accepted.
func (p *posts) meet(way string) (m mood, before, after time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.tries++
	m = fine
	switch n := p.rnd.IntN(100); {
	case p.calm:
		return fine, 0, 0
	case n < 5:
		m = broken
	case n < 10:
		m = lost
	case n < 13:
		m = flood
	}
	p.troubles[way+": "+string(m)]++
	return m, time.Duration(p.rnd.Int64N(int64(25 * time.Millisecond))), time.Duration(p.rnd.Int64N(int64(25 * time.Millisecond)))
}

func (p *posts) quiet() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.calm = true
}

func (p *posts) tried() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.tries
}

// answer is the mail server's.
func (p *posts) answer(verb, arg string) string {
	switch {
	case verb == "RCPT" && strings.Contains(arg, noMailbox):
		return "550 no such mailbox"
	case verb != ".":
		return ""
	}
	m, before, after := p.meet("mail")
	time.Sleep(before + after) // a connection that ends meanwhile does not take the letter back
	switch m {
	case broken, flood:
		return "451 later"
	case lost:
		return "-"
	}
	return ""
}

// hear is the bot's API.
func (p *posts) hear(w http.ResponseWriter, r *http.Request) {
	method, ok := strings.CutPrefix(r.URL.Path, "/bot"+botToken+"/")
	if !ok {
		http.NotFound(w, r)
		return
	}
	switch method {
	case "getMe":
		fmt.Fprint(w, `{"ok":true,"result":{"id":1,"username":"otklik_bot"}}`)
	case "getUpdates":
		select { // nobody writes
		case <-r.Context().Done():
		case <-time.After(time.Second):
		}
		fmt.Fprint(w, `{"ok":true,"result":[]}`)
	case "sendMessage":
		p.take(w, r)
	}
}

func (p *posts) take(w http.ResponseWriter, r *http.Request) {
	var said struct {
		Chat int64  `json:"chat_id"`
		Text string `json:"text"`
	}
	if err := json.NewDecoder(r.Body).Decode(&said); err != nil {
		return
	}
	if said.Chat == closedChat {
		w.WriteHeader(http.StatusForbidden)
		fmt.Fprint(w, `{"ok":false,"error_code":403,"description":"Forbidden: bot was blocked by the user"}`)
		return
	}
	m, before, after := p.meet("telegram")
	time.Sleep(before)
	if m == fine || m == lost {
		p.mu.Lock()
		p.chats[said.Chat] = append(p.chats[said.Chat], said.Text)
		p.mu.Unlock()
	}
	time.Sleep(after)
	switch m {
	case lost:
		panic(http.ErrAbortHandler)
	case broken:
		w.WriteHeader(http.StatusInternalServerError)
		fmt.Fprint(w, `{"ok":false,"error_code":500,"description":"Internal Server Error"}`)
	case flood:
		w.WriteHeader(http.StatusTooManyRequests)
		fmt.Fprint(w, `{"ok":false,"error_code":429,"description":"Too Many Requests","parameters":{"retry_after":2}}`)
	default:
		fmt.Fprint(w, `{"ok":true,"result":{"message_id":5}}`)
	}
}

// A message is what came to somebody.
type arrived struct {
	name string // the Message-ID of a letter; "" in a chat
	text string
}

// letters returns what came to each mailbox.
func (p *posts) letters(t *testing.T) map[string][]arrived {
	t.Helper()
	out := map[string][]arrived{}
	for _, l := range p.mail.Letters() {
		m, err := mail.ReadMessage(bufio.NewReader(strings.NewReader(l.Data)))
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(quotedprintable.NewReader(m.Body))
		if err != nil {
			t.Fatal(err)
		}
		to := strings.Trim(strings.TrimPrefix(l.To, "TO:"), "<>")
		out[to] = append(out[to], arrived{m.Header.Get("Message-ID"), string(body)})
	}
	return out
}

// chat returns what stands in a chat.
func (p *posts) chat(id int64) (out []arrived) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, text := range p.chats[id] {
		out = append(out, arrived{text: text})
	}
	return out
}

func (p *posts) counted() map[string]int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return maps.Clone(p.troubles)
}
