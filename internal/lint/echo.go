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
		k.find(OtherThing, k.first(), russian.Span{}, 50, Grave, "Похоже, ответ о другом: того, о чём писали, в нём нет.", "Ответьте о том, на что пожаловались, и назовите место.")
	default:
		k.find(NoEcho, k.first(), russian.Span{}, 42, Grave, "Не названо ни место, ни предмет: такой ответ подошёл бы к любому сообщению.", "Назовите, о чём речь и где: улицу, дом, двор, остановку.")
	}
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
