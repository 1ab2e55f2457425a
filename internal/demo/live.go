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
	more     *deck // that it is so elsewhere too
	posts    *deck
	official *deck
	beside   map[*Network]*deck // posts of the networks beside VK
	rung     <-chan struct{}
	written  []said
	count    int
	watched  bool // somebody came since the last step
}

// A said is a comment that the trickle wrote and may still change.
type said struct {
	n    *Wall
	post int64
	id   int64
	text string
}

func newTrickle(d *Demo, rung <-chan struct{}) *trickle {
	r := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 1))
	talk := readTexts("talk.txt")
	beside, places := map[*Network]*deck{}, readTexts("places.txt")
	for _, n := range d.others {
		beside[n] = newDeck(r, places, oneOf(n.path+" now"))
		beside[n].limit = 1
	}
	return &trickle{
		d: d, beside: beside, r: r, voice: &voice{r, towns()}, rung: rung,
		speaks:   newDeck(r, readTexts("live.txt"), func(string) bool { return true }),
		aside:    newDeck(r, talk, oneOf("thanks", "rumour", "spam", "chat")),
		more:     newDeck(r, talk, oneOf("more")),
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

// Rhythm of the trickle. Whoever comes sees a complaint arrive within patience,
// however long the next pause was going to be, and within greet after a quiet
// time.
const (
	firstComment = 4 * time.Second
	shortest     = 15 * time.Second
	longest      = 40 * time.Second
	greet        = 6 * time.Second
	patience     = 20 * time.Second
	quiet        = time.Minute
)

func (t *trickle) run(ctx context.Context) {
	pause := t.d.opts.First
	if pause == 0 {
		pause = firstComment
	}
	next := time.Now().Add(pause)
	var visit time.Time
	for {
		timer := time.NewTimer(time.Until(next))
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-t.rung:
			timer.Stop()
			now := time.Now()
			next, t.watched = sooner(next, now, visit), true
			visit = now
		case <-timer.C:
			t.step()
			next = time.Now().Add(shortest + time.Duration(t.r.Int64N(int64(longest-shortest))))
		}
	}
}

// sooner returns when the next thing happens now that somebody has come.
func sooner(next, now, visit time.Time) time.Time {
	by := now.Add(patience)
	if now.Sub(visit) > quiet {
		by = now.Add(greet)
	}
	if next.After(by) {
		return by
	}
	return next
}

// step does what residents may do. The first, and the one after somebody came,
// is a complaint whatever else happens.
func (t *trickle) step() {
	t.count++
	must := t.count == 1 || t.watched
	t.watched = false
	if must {
		t.complain(t.d.walls[0])
	}
	n := t.r.IntN(100)
	switch {
	case t.count%12 == 0:
		t.post(pick(t.r, t.d.walls...))
	case t.count%12 == 6 && len(t.d.others) > 0:
		t.postBeside(pick(t.r, t.d.others...))
	case n < 22:
		t.other(n)
	case n < 60 && len(t.d.others) > 0: // whatever was said on a wall already
		t.complainBeside(pick(t.r, t.d.others...))
	case !must:
		t.complain(t.d.walls[min(t.r.IntN(3), 1)])
	}
}

// other is what is written beside complaints, and what becomes of them.
func (t *trickle) other(n int) {
	switch {
	case n < 8 || len(t.written) == 0:
		t.say(pick(t.r, t.d.walls...), t.talk())
	case n < 13:
		s := &t.written[t.r.IntN(len(t.written))]
		s.text += pick(t.r, "\nUPD: до сих пор никого.", "\nДополню: фото сделал, могу прислать.", "\nP.S. Соседи говорят, так уже неделю.")
		_ = s.n.Fake.Edit(s.id, s.text) // a visitor may have emptied the wall
	case n < 16 && len(t.written) > 3:
		k := t.r.IntN(len(t.written))
		_ = t.written[k].n.Fake.Delete(t.written[k].id)
		t.written = append(t.written[:k], t.written[k+1:]...)
	default:
		s := t.written[t.r.IntN(len(t.written))]
		if w, ok := t.more.deal(time.Now()); ok {
			_, _ = s.n.Fake.Comment(s.post, s.id, s.n.Fake.Person(person(t.r)), t.voice.write(w, draw(t.r, t.voice.towns), s.n.home))
		}
	}
}

func (t *trickle) complain(n *Wall) {
	w, ok := t.speaks.deal(time.Now())
	for ok && t.count == 1 && !slot.MatchString(w.body) { // the first shows a place
		w, ok = t.speaks.deal(time.Now())
	}
	if !ok {
		return
	}
	at := draw(t.r, t.voice.towns)
	if n.home != "" && t.r.IntN(10) < 8 {
		at = t.voice.towns[0]
	}
	t.say(n, t.voice.write(w, at, n.home))
}

// complainBeside writes a complaint on a network beside VK.
func (t *trickle) complainBeside(n *Network) {
	w, ok := t.speaks.deal(time.Now())
	if !ok {
		return
	}
	at := draw(t.r, t.voice.towns)
	for _, home := range t.voice.towns {
		if home.name == n.home && t.r.IntN(10) < 8 {
			at = home
		}
	}
	words := t.voice.write(w, at, n.home)
	if n.fake.say(t.r.IntN(3), person(t.r), words) != nil { // nothing stands there yet
		t.postBeside(n)
		_ = n.fake.say(0, person(t.r), words) // a full one takes no more
	}
}

func (t *trickle) postBeside(n *Network) {
	if w, ok := t.beside[n].deal(time.Now()); ok {
		n.fake.post(w.body)
	}
}

func (t *trickle) talk() string {
	w, _ := t.aside.deal(time.Now())
	return t.voice.write(w, draw(t.r, t.voice.towns), "")
}

// say writes a comment under one of the newest posts, most of all the newest.
func (t *trickle) say(n *Wall, words string) {
	if words == "" {
		return
	}
	if len(n.Fake.Posts()) == 0 || t.r.IntN(60) == 0 {
		t.post(n)
	}
	posts := n.Fake.Posts()
	post := posts[min(t.r.IntN(3), len(posts)-1)] // the newest first
	id, err := n.Fake.Comment(post, 0, n.Fake.Person(person(t.r)), words)
	if err != nil {
		return // the post is full or gone; the next step writes elsewhere
	}
	t.written = append(t.written, said{n, post, id, words})
	if len(t.written) > 40 {
		t.written = t.written[1:]
	}
}

func (t *trickle) post(n *Wall) {
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
