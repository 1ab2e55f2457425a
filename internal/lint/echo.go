package lint

import (
	"slices"
	"strings"

	"otklik/internal/cluster"
	"otklik/internal/russian"
)

// A thing is what a text speaks of.
type thing struct {
	objects uint64          // of objects.txt
	words   []russian.Print // words that carry meaning and that not everybody writes
	known   bool
}

// thingOf reads what the complaint, with its topic and place, or the reply speaks of.
func (k *check) thingOf(a *russian.Analyzer, complaint bool) (t thing) {
	add := func(text *russian.Text, notes []note) {
		for i := range text.Tokens {
			tok := &text.Tokens[i]
			if tok.Kind != russian.Word && tok.Kind != russian.Mixed && tok.Kind != russian.Number && tok.Kind != russian.Hashtag {
				continue
			}
			var c class
			var objects uint64
			if notes != nil {
				if notes[i].phrase&(greeting|thanks) != 0 {
					continue
				}
				c, objects = notes[i].class, notes[i].objects
			} else {
				c, objects = k.book.look(tok)
			}
			t.objects |= objects
			t.known = true
			p := tok.Print()
			if c&generic != 0 || p.Class() != russian.Content || tok.Kind != russian.Word || !tok.Forms[0].Gram.Any(russian.Noun|russian.Adj|russian.Verb|russian.Infn|russian.Participle) {
				continue
			}
			if tok.Forms[0].Gram.Any(russian.Verb|russian.Infn|russian.Participle) && (c&(idle|support) != 0) {
				continue
			}
			t.words = append(t.words, p)
		}
	}
	if !complaint {
		add(k.text, k.notes)
		return t
	}
	if k.Complaint != nil {
		add(k.Complaint, nil)
	}
	for _, more := range []string{k.Topic, k.Place} {
		if more != "" {
			add(a.Read(more), nil)
		}
	}
	return t
}

// echo asks whether the reply speaks of what was complained about.
func (k *check) echo(all deed) {
	if !k.asked.known || len(k.asked.words) == 0 && k.asked.objects == 0 {
		return
	}
	shared := false
	for _, w := range k.told.words {
		if slices.ContainsFunc(k.asked.words, w.Same) {
			shared = true
			break
		}
	}
	switch {
	case shared || k.asked.objects&k.told.objects != 0:
		return
	case k.told.objects != 0 && k.asked.objects != 0 && all&(done|ongoing|planned|explains) != 0:
		cost, sev := 50, Grave
		if k.particular(all) {
			cost, sev = 25, Minor
		}
		k.find(OtherThing, k.first(), russian.Span{}, cost, sev, "Похоже, ответ о другом: того, о чём писали, в нём нет.", "Ответьте о том, на что пожаловались, и назовите место.")
	default:
		cost, sev := 42, Grave
		if k.particular(all) {
			cost, sev = 15, Minor
		}
		k.find(NoEcho, k.first(), russian.Span{}, cost, sev, "Не названо ни место, ни предмет: такой ответ подошёл бы к любому сообщению.", "Назовите, о чём речь и где: улицу, дом, двор, остановку.")
	}
}

// particular reports whether a reply fits one message only, though it repeats no
// word of it. It stands below the message: «Отогрели, снова работает.» says enough. Else
// it tells of a deed and names days or figures, and things of its own beside
// «недостатки» and «работы».
func (k *check) particular(all deed) bool {
	if all&(done|planned|ongoing|explains) == 0 {
		return false
	}
	words, nouns, things := 0, 0, 0
	for n := range k.sentences {
		s := &k.sentences[n]
		if s.phrases&empty != 0 {
			return false
		}
		for i := s.first; i < s.next; i++ {
			t, n := &k.tok[i], k.notes[i]
			if t.Kind == russian.Word {
				words++
			}
			if t.Kind != russian.Word || !t.Forms[0].Gram.Any(russian.Noun) || isCalendar(t.Lemma()) || n.phrase&(greeting|thanks) != 0 {
				continue
			}
			nouns++
			if s.phrases&bureau == 0 && n.class&(generic|work|contact) == 0 {
				things++
			}
		}
	}
	return all&done != 0 && nouns == 0 && words > 2 || k.days() > 0 && things > 1 || k.facts() > 2 && things > 2
}

// first returns the first sentence that says something.
func (k *check) first() int {
	for n := range k.sentences {
		if s := &k.sentences[n]; s.words > 1 {
			return n
		}
	}
	return 0
}

// telling is how many words a reply must have to be recognised as a copy: short
// ones are alike by nature.
const telling = 9

// copies finds a reply that was given to others nearly word by word.
func (k *check) copies() {
	if len(k.Recent) == 0 {
		return
	}
	key := cluster.KeyOf(k.text)
	if key.Words() < telling {
		return
	}
	n := 0
	for i := range k.Recent {
		if cluster.Compare(&key, &k.Recent[i], cluster.Near).Score >= cluster.Near {
			n++
		}
	}
	if n == 0 {
		return
	}
	cost, sev := 42, Grave
	if n == 1 && k.named() {
		cost, sev = 15, Minor
	}
	k.find(Copy, k.first(), russian.Span{}, cost, sev, "Почти те же слова этот орган уже писал о другом.", "Напишите об этом случае: что нашли на месте, что сделали, когда.")
}

// named reports whether the reply names the place of the complaint.
func (k *check) named() bool {
	for word := range strings.FieldsSeq(strings.ReplaceAll(k.Place, ",", " ")) {
		if len(word) > 6 && strings.Contains(k.text.Source, word) {
			return true
		}
	}
	return false
}
