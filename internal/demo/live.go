package demo

import (
	"context"
	"math/rand/v2"
	"net"
	"time"
)

// A doorbell is the demo's listener: it rings when somebody comes.
type doorbell struct {
	net.Listener
	rung chan struct{}
}

func (l *doorbell) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err == nil {
		select {
		case l.rung <- struct{}{}:
		default:
		}
	}
	return c, err
}

// A trickle goes on writing on the fake networks while the demo runs.
type trickle struct {
	d        *Demo
	r        *rand.Rand
	voice    *voice
	speaks   *deck
	aside    *deck // thanks, rumours, spam, chat
	posts    *deck
	official *deck
	rung     <-chan struct{}
	written  []said
	count    int
}

// A said is a comment that the trickle wrote and may still change.
type said struct {
	n    *Network
	post int64
	id   int64
	text string
	from int64
}

func newTrickle(d *Demo, rung <-chan struct{}) *trickle {
	r := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 1))
	talk := readTexts("talk.txt")
	return &trickle{
		d: d, r: r, voice: &voice{r, towns()}, rung: rung,
		speaks:   newDeck(r, readTexts("live.txt"), func(string) bool { return true }),
		aside:    newDeck(r, talk, oneOf("thanks", "rumour", "spam", "chat")),
		posts:    newDeck(r, talk, oneOf("posts")),
		official: newDeck(r, talk, oneOf("official")),
	}
}

func oneOf(keys ...string) func(string) bool {
	return func(key string) bool {
		for _, k := range keys {
			if k == key {
				return true
			}
		}
		return false
	}
}

// Rhythm of the trickle. Whoever comes after a quiet time sees something happen
// within greet, however long the next pause was going to be.
const (
	firstComment = 4 * time.Second
	shortest     = 15 * time.Second
	longest      = 40 * time.Second
	greet        = 6 * time.Second
	quiet        = time.Minute
)

func (t *trickle) run(ctx context.Context) {
	pause := t.d.opts.First
	if pause == 0 {
		pause = firstComment
	}
	next := time.Now().Add(pause)
	visit := time.Now()
	for {
		timer := time.NewTimer(time.Until(next))
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-t.rung:
			timer.Stop()
			now := time.Now()
			if now.Sub(visit) > quiet && next.Sub(now) > greet {
				next = now.Add(greet)
			}
			visit = now
		case <-timer.C:
			t.step()
			next = time.Now().Add(shortest + time.Duration(t.r.Int64N(int64(longest-shortest))))
		}
	}
}

// step does one thing that a resident may do. The first is always a complaint.
func (t *trickle) step() {
	t.count++
	n := t.r.IntN(100)
	switch {
	case t.count == 1:
		t.complain(t.d.Networks[0])
	case t.count%12 == 0:
		t.post(pick(t.r, t.d.Networks...))
	case n < 8:
		t.say(pick(t.r, t.d.Networks...), 0, t.talk())
	case n < 13 && len(t.written) > 0:
		s := &t.written[t.r.IntN(len(t.written))]
		s.text += pick(t.r, "\nUPD: до сих пор никого.", "\nДополню: фото сделал, могу прислать.", "\nP.S. Соседи говорят, так уже неделю.")
		_ = s.n.Fake.Edit(s.id, s.text)
	case n < 16 && len(t.written) > 3:
		k := t.r.IntN(len(t.written))
		_ = t.written[k].n.Fake.Delete(t.written[k].id)
		t.written = append(t.written[:k], t.written[k+1:]...)
	case n < 22 && len(t.written) > 0:
		s := t.written[t.r.IntN(len(t.written))]
		more := newDeck(t.r, readTexts("talk.txt"), oneOf("more"))
		if w, ok := more.deal(time.Now()); ok {
			_, _ = s.n.Fake.Comment(s.post, s.id, s.n.Fake.Person(person(t.r)), t.voice.write(w, draw(t.r, t.voice.towns), s.n.home))
		}
	default:
		at := t.d.Networks[0]
		if t.r.IntN(3) == 0 {
			at = t.d.Networks[1]
		}
		t.complain(at)
	}
}

func (t *trickle) complain(n *Network) {
	what := t.speaks
	w, ok := what.deal(time.Now())
	for ok && t.count == 1 && !slot.MatchString(w.body) { // the first shows a place
		w, ok = what.deal(time.Now())
	}
	if !ok {
		return
	}
	at := draw(t.r, t.voice.towns)
	if n.home != "" && t.r.IntN(10) < 8 {
		at = t.voice.towns[0]
	}
	t.say(n, 0, t.voice.write(w, at, n.home))
}

func (t *trickle) talk() string {
	w, _ := t.aside.deal(time.Now())
	return t.voice.write(w, draw(t.r, t.voice.towns), "")
}

// say writes a comment under one of the newest posts, most of all the newest.
func (t *trickle) say(n *Network, replyTo int64, words string) {
	if words == "" {
		return
	}
	if len(n.Fake.Posts()) == 0 || t.r.IntN(60) == 0 {
		t.post(n)
	}
	posts := n.Fake.Posts()
	post := posts[min(t.r.IntN(3), len(posts)-1)] // the newest first
	from := n.Fake.Person(person(t.r))
	id, err := n.Fake.Comment(post, replyTo, from, words)
	if err != nil {
		return // the post is full or gone; the next step writes elsewhere
	}
	t.written = append(t.written, said{n, post, id, words, from})
	if len(t.written) > 40 {
		t.written = t.written[1:]
	}
}

func (t *trickle) post(n *Network) {
	deck := t.posts
	if n.official {
		deck = t.official
	}
	words := "Пишите, что нужно исправить."
	if w, ok := deck.deal(time.Now()); ok {
		words = w.body
	}
	n.Fake.Post(0, words)
}

var (
	womenFirst = []string{"Анна", "Мария", "Елена", "Ольга", "Наталья", "Татьяна", "Юлия", "Айана", "Вера", "Зоя", "Лидия", "Полина", "Дарья", "Сайана", "Кристина", "Надежда"}
	menFirst   = []string{"Алексей", "Дмитрий", "Сергей", "Николай", "Арчын", "Олег", "Виталий", "Андрей", "Максим", "Геннадий", "Тимур", "Вадим", "Степан", "Роман", "Игнат", "Юрий"}
	surnames   = []string{"Берёзов", "Кедров", "Полынин", "Ковылёв", "Речкин", "Долгов", "Снежков", "Ручьёв", "Степнов", "Тропин", "Родников", "Ветров", "Лугов", "Курганов", "Осинин", "Таволгин", "Беляков", "Каменцев", "Звонарёв", "Морозко", "Зимин", "Рябинин", "Солонцов", "Чебаков"}
)

// person invents a resident.
func person(r *rand.Rand) string {
	last := pick(r, surnames...)
	if r.IntN(2) == 0 {
		return pick(r, menFirst...) + " " + last
	}
	if last != "Морозко" {
		last += "а"
	}
	return pick(r, womenFirst...) + " " + last
}
