// Package clarify asks the author of a message for just what is missing: what
// happened, where, or decent words (DOMAIN.md §2, concreteness). Where the words
// fit several places, the question names them and a screen can offer them to tap.
package clarify

import (
	"slices"
	"strings"

	"otklik/internal/incident"
	"otklik/internal/message"
	"otklik/internal/place"
)

// An Option is a settlement that the author may mean.
type Option struct {
	ID   string // OKTMO, 11 digits
	Name string // «Абаза»; «село Калинино» where it is no city
}

// A Question is what to ask.
type Question struct {
	Text    string   // for the thread: whole sentences with a greeting
	Options []Option // best first, at most five; empty when nothing can be offered
}

// A Case is what is known of an incident when somebody wants to ask.
type Case struct {
	Missing []string             // message.MissingTopic and others
	Address incident.Address     // as far as it is known
	Places  []message.PlaceFound // what the reading found
}

// A Known returns the place with an id; ok is false when there is none.
type Known func(id string) (p *place.Place, ok bool)

// Ask returns the question for a case. known gives the options their names; nil: none are offered.
func Ask(c Case, known Known) Question {
	q := Question{Options: options(c, known)}
	var parts []string
	if slices.Contains(c.Missing, message.MissingTopic) {
		parts = append(parts, "что именно случилось")
	}
	switch where := where(c, q.Options); {
	case where != "" && (len(q.Options) > 0 || slices.Contains(c.Missing, message.MissingPlace)):
		parts = append(parts, where)
	}
	q.Text = "Здравствуйте! Спасибо, что написали."
	if len(parts) > 0 {
		q.Text += " Чтобы передать вопрос тем, кто его решает, уточните, пожалуйста, " + strings.Join(parts, " и ") + "."
	} else if !slices.Contains(c.Missing, message.MissingDecency) {
		q.Text += " Уточните, пожалуйста: "
	}
	if slices.Contains(c.Missing, message.MissingDecency) {
		q.Text += " И, пожалуйста, без грубых слов: так мы сможем передать ваше сообщение дальше."
	}
	return q
}

// Aloud returns the same question as one asks it on the telephone, «Что именно случилось и
// где это?»; "" when nothing is missing.
func Aloud(c Case, known Known) string {
	var parts []string
	if slices.Contains(c.Missing, message.MissingTopic) {
		parts = append(parts, "что именно случилось")
	}
	list := options(c, known)
	if len(list) > 1 || slices.Contains(c.Missing, message.MissingPlace) {
		parts = append(parts, where(c, list))
	}
	if len(parts) == 0 {
		return ""
	}
	r := []rune(strings.Join(parts, " и "))
	return strings.ToUpper(string(r[:1])) + string(r[1:]) + "?"
}

// where asks for the part of the place that is not known.
func where(c Case, options []Option) string {
	a := c.Address
	if len(options) > 1 {
		names := make([]string, len(options))
		for i, o := range options {
			names[i] = o.Name
		}
		last := len(names) - 1
		list := strings.Join(names[:last], ", ") + " или " + names[last]
		if a.Street != "" {
			return "в каком населённом пункте " + a.Street + ": " + list
		}
		return "о каком населённом пункте речь: " + list
	}
	switch {
	case a.Settlement != "" && a.Street == "":
		return "где именно (" + a.Settlement + "): улица и дом или ориентир рядом"
	case a.Street != "" && a.Settlement == "":
		return "в каком городе или селе " + a.Street
	}
	return "где это: город или село, улица, дом или ориентир"
}

// options returns the settlements among which the reading could not decide.
func options(c Case, known Known) []Option {
	if known == nil {
		return nil
	}
	if c.Address.Settlement != "" && c.Address.PlaceID != "" {
		return nil
	}
	var out []Option
	seen := map[string]bool{}
	for _, p := range c.Places {
		if p.SettlementID != "" {
			continue
		}
		for _, id := range p.Candidates {
			at, ok := known(id)
			if ok && at.Level != place.Settlement {
				at, ok = known(at.Settlement)
			}
			if !ok || at.Level != place.Settlement || seen[at.ID] {
				continue
			}
			seen[at.ID] = true
			out = append(out, Option{ID: at.ID, Name: title(at)})
		}
	}
	if len(out) > 5 {
		out = out[:5]
	}
	return out
}

// title names a settlement so that it can be told from a street or a city.
func title(p *place.Place) string {
	if p.Type == "" || p.Type == "город" {
		return p.Name
	}
	return p.Type + " " + p.Name
}
