package demo

import (
	"embed"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

//go:embed texts/*.txt
var textFiles embed.FS

// A text is one message as somebody may write it, with slots for places.
type text struct {
	key  string // section: what it is about
	body string
}

var slot = regexp.MustCompile(`\{(\p{L}+)\}`)

// readTexts reads a file of sections.
func readTexts(name string) []text {
	b, err := textFiles.ReadFile("texts/" + name)
	if err != nil {
		panic("demo: " + err.Error()) // embedded: it is there
	}
	var list []text
	key := ""
	for line := range strings.Lines(string(b)) {
		line = strings.TrimSpace(line)
		switch {
		case line == "" || line[0] == '#':
		case line[0] == '[':
			key = strings.Trim(line, "[]")
		default:
			list = append(list, text{key, line})
		}
	}
	return list
}

// A deck deals texts so that each comes once before any comes again. Those
// without a slot are the same words each time; with limit set they come so often
// at most.
type deck struct {
	limit int
	r     *rand.Rand
	texts []text
	next  int
	dealt map[string]int
}

func newDeck(r *rand.Rand, texts []text, keep func(key string) bool) *deck {
	d := &deck{r: r, dealt: map[string]int{}}
	for _, t := range texts {
		if keep(t.key) {
			d.texts = append(d.texts, t)
		}
	}
	d.shuffle()
	return d
}

func (d *deck) shuffle() {
	d.r.Shuffle(len(d.texts), func(i, k int) { d.texts[i], d.texts[k] = d.texts[k], d.texts[i] })
	d.next = 0
}

// deal returns a text that fits the season; ok is false when none does.
func (d *deck) deal(at time.Time) (text, bool) {
	for range 2 * len(d.texts) {
		if d.next == len(d.texts) {
			d.shuffle()
		}
		t := d.texts[d.next]
		d.next++
		if !inSeason(t, at) || d.limit > 0 && d.dealt[t.body] >= d.limit && !slot.MatchString(t.body) {
			continue
		}
		d.dealt[t.body]++
		return t, true
	}
	return text{}, false
}

var summer = regexp.MustCompile(`(?i)трава|клещ|клумб|в жару|пыль|берег в бутылках|бурьян`)
var winter = regexp.MustCompile(`(?i)снег|снеж|сугроб|мороз|метел|каток|лёд|инее|минус двадцать|примерз`)

// inSeason reports whether a resident would write so on that day.
func inSeason(t text, at time.Time) bool {
	m := at.Month()
	switch {
	case t.key == "snow", winter.MatchString(t.body):
		return m >= time.November || m <= time.March
	case t.key == "heat", t.key == "burst":
		return m >= time.September || m <= time.May
	case summer.MatchString(t.body):
		return m >= time.May && m <= time.September
	}
	return true
}

// asides are the sections of talk.txt, which nobody writes to an administration.
var asides = oneOf("thanks", "rumour", "spam", "chat", "more", "place", "again")

// A voice turns a text into what one person writes.
type voice struct {
	r     *rand.Rand
	towns []*town
}

// write fills the slots for a town and roughens the words as people do. home is
// the town that the source speaks for: there nobody names it.
func (v *voice) write(t text, at *town, home string) string {
	s := v.fill(t, at, home)
	if asides(t.key) || utf8.RuneCountInString(s) < 25 {
		return s
	}
	n := v.r.IntN(100)
	switch {
	case n < 9 && !strings.HasPrefix(s, "Здравствуйте") && !strings.HasPrefix(s, "Добр"):
		s = pick(v.r, "Здравствуйте! ", "Добрый день! ", "Добрый вечер. ", "Уважаемая администрация! ", "Земляки! ") + s
	case n < 22:
		r, size := utf8.DecodeRuneInString(s)
		s = string(unicode.ToLower(r)) + s[size:]
	}
	switch n := v.r.IntN(100); {
	case n < 10 && t.key != "proposal":
		if !strings.ContainsAny(s[len(s)-1:], ".!?") {
			s += "."
		}
		s += pick(v.r, " Примите меры, пожалуйста.", " Когда сделают?", " Ждём ответа.", " Терпение кончилось.", " Прошу ответить здесь.", " Уже писали, без толку.", " Фото приложу в комментариях.")
	case n < 32:
		s = strings.TrimSuffix(s, ".")
	case n < 37:
		s = strings.TrimRight(s, ".!?") + "!!!"
	}
	if v.r.IntN(100) < 7 {
		s = v.typo(s)
	}
	return s
}

// outdoors are the sections whose trouble lies in the street: there «возле дома»
// says where, elsewhere the house itself is meant.
var outdoors = oneOf("roads", "snow", "light", "green", "dogs", "danger", "waste", "playground", "trade", "transit")

// fill puts places into the slots.
func (v *voice) fill(t text, at *town, home string) string {
	name := at.name != home || v.r.IntN(6) == 0
	return slot.ReplaceAllStringFunc(t.body, func(m string) string {
		key := m[len("{") : len(m)-len("}")]
		first, _ := utf8.DecodeRuneInString(key)
		s := v.place(strings.ToLower(key), at, name, outdoors(t.key))
		if unicode.IsUpper(first) {
			r, size := utf8.DecodeRuneInString(s)
			s = string(unicode.ToUpper(r)) + s[size:]
		}
		return s
	})
}

// typo swaps or drops a letter inside a long small word that is no name.
func (v *voice) typo(s string) string {
	words := strings.Split(s, " ")
	for range 8 {
		k := v.r.IntN(len(words))
		w := []rune(words[k])
		if len(w) < 7 || !unicode.IsLower(w[0]) || !unicode.IsLetter(w[len(w)-1]) {
			continue
		}
		n := 2 + v.r.IntN(len(w)-4)
		if v.r.IntN(2) == 0 {
			w[n], w[n+1] = w[n+1], w[n]
		} else {
			w = slices.Delete(w, n, n+1)
		}
		words[k] = string(w)
		break
	}
	return strings.Join(words, " ")
}

func pick[T any](r *rand.Rand, list ...T) T { return list[r.IntN(len(list))] }
