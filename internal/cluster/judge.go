package cluster

import (
	"fmt"
	"math"
	"time"

	"otklik/internal/incident"
	"otklik/internal/topic"
)

// A Case is what of a case of work is compared: a text, and what is known about
// it by now, corrections of people included.
type Case struct {
	Key     Key
	Topic   topic.Code
	Group   string
	Centre  string // OKTMO of the municipality; "" = not known
	Town    string // OKTMO of the settlement; "" = not known
	Address incident.Address
	At      time.Time // when it was written
}

// A Verdict says what follows from a comparison.
type Verdict string

// Verdicts.
const (
	Apart   Verdict = "apart"   // two things
	Propose Verdict = "propose" // likely one thing: a person decides
	Attach  Verdict = "attach"  // the same text about the same place: nobody needs to look
)

// An Opinion is what the judge thinks of two cases, and why. The reasons are
// Russian phrases for the page; they hold no words of residents.
type Opinion struct {
	Verdict Verdict
	Score   float64 // 0 … 1
	Reasons []string
	Place   Agreement
	Text    Likeness
}

// Window is how far apart two messages about one thing may have been written.
const Window = 14 * 24 * time.Hour

// days is how long the same trouble in other words counts as the same one.
const days = 7 * 24 * time.Hour

const (
	attachFrom  = 0.85 // likeness of texts from which cases are joined without asking
	proposeFrom = 0.6  // score from which a person is asked
	// telling is the weight of a text that says enough to be recognised, six words
	// that carry meaning: «Спасибо большое!» is written by many about many things.
	telling = 12
)

// Judge compares two cases. It is symmetric, reads no clock and knows nothing
// but what it is given.
//
// Texts alone never join two cases: when both name places and the places differ,
// the cases are apart, however equal the words. Joining without asking takes
// near texts (no other number, no other word that carries meaning) and places
// that agree, or that are not named while both come from one municipality.
// Other words about the same trouble are proposed when the place is the same and
// the topic or its group is, within days.
func Judge(a, b *Case) Opinion {
	apart := a.At.Sub(b.At).Abs()
	o := Opinion{Verdict: Apart, Place: placesOf(a, b)}
	if apart > Window || o.Place == Elsewhere {
		return o
	}
	o.Text = Compare(&a.Key, &b.Key, Near)
	if o.Text.Score >= Near && min(a.Key.weight, b.Key.weight) >= telling {
		o.Score = o.Text.Score
		o.Reasons = append(o.Reasons, o.Text.words(), o.Place.words())
		switch changed := o.Text.Number || o.Text.Words; {
		case !changed && o.Text.Score >= attachFrom && (o.Place >= Town || a.Centre == b.Centre):
			o.Verdict = Attach
		case !changed || o.Place >= Street:
			o.Verdict = Propose
			o.Score = min(o.Score, 0.99)
		}
		return o
	}
	same := a.Topic != topic.Undefined && a.Topic == b.Topic
	group := a.Group != "" && a.Group == b.Group
	if apart > days || o.Place < Street || !same && !group {
		return o
	}
	common := overlap(a, b)
	o.Score = 0.25
	if o.Place == Spot {
		o.Score += 0.15
	}
	why := "тема близкая"
	o.Score += 0.1
	if same {
		why = "тема та же"
		o.Score += 0.1
	}
	o.Reasons = append(o.Reasons, o.Place.words(), why)
	if apart <= 24*time.Hour {
		o.Score += 0.1
	} else if apart <= 72*time.Hour {
		o.Score += 0.05
	}
	o.Reasons = append(o.Reasons, between(apart))
	o.Score += 0.3 * common.share
	if common.words > 0 {
		o.Reasons = append(o.Reasons, plural(common.words, "общее слово", "общих слова", "общих слов"))
	}
	o.Score = math.Round(o.Score*100) / 100
	if o.Score >= proposeFrom {
		o.Verdict = Propose
	}
	return o
}

// words says in Russian how near two texts are.
func (l Likeness) words() string {
	switch {
	case l.Edits == 0:
		return "текст тот же"
	case l.Number:
		return "текст почти тот же, но числа разные"
	}
	return "текст почти тот же: " + plural(l.Edits, "слово отличается", "слова отличаются", "слов отличаются")
}

func between(d time.Duration) string {
	switch h := int(d.Hours()); {
	case h < 1:
		return "в течение часа"
	case h < 48:
		return "с разницей в " + plural(h, "час", "часа", "часов")
	default:
		return "с разницей в " + plural(h/24, "день", "дня", "дней")
	}
}

func plural(n int, one, few, many string) string {
	form := many
	switch {
	case n%100 >= 11 && n%100 <= 14:
	case n%10 == 1:
		form = one
	case n%10 >= 2 && n%10 <= 4:
		form = few
	}
	return fmt.Sprintf("%d %s", n, form)
}
