package app

import (
	"strings"

	"otklik/internal/fault"
	"otklik/internal/gazetteer"
	"otklik/internal/place"
)

// Territory returns the OKTMO code of a territory that somebody named: a code,
// a region, a municipality or a settlement of this centre. "" stays "".
func (a *App) Territory(name string) (string, error) {
	if name == "" {
		return "", nil
	}
	if _, ok := a.Places.ByID(name); ok {
		return name, nil
	}
	if p, err := gazetteer.FindRegion(name); err == nil {
		return p.ID, nil
	}
	var words []string
	for _, t := range a.Analyzer.Read(name).Tokens {
		if len(t.Forms) > 0 {
			words = append(words, t.Forms[0].Lemma)
		}
	}
	var best *place.Place
	for _, p := range a.Places.Named(strings.Join(words, " ")) {
		if p.Level != place.Settlement && p.Level != place.Municipality {
			continue
		}
		if best == nil || p.Population > best.Population {
			best = p
		}
	}
	if best == nil {
		return "", fault.New(fault.Invalid, "territory %q is not known", name).At("territory").
			Mend("write a name as in the classifier («Абакан», «Хакасия») or an OKTMO code")
	}
	return best.ID, nil
}
