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
	if p, ok := a.Places.ByID(name); ok {
		return name, a.ours(p, name)
	}
	if p, err := gazetteer.FindRegion(name); err == nil {
		return p.ID, a.ours(&p, name)
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
	return best.ID, a.ours(best, name)
}

// ours refuses a territory of another region: nobody in this centre would see
// what stands there.
func (a *App) ours(p *place.Place, name string) error {
	region := a.region()
	if region == "" || p.Region == region {
		return nil
	}
	own, other := region, p.Region
	if r, err := gazetteer.FindRegion(region); err == nil {
		own = r.Name
	}
	if r, err := gazetteer.FindRegion(p.Region); err == nil {
		other = r.Name
	}
	return fault.New(fault.Invalid, "territory %q is of %s, and this centre of %s", name, other, own).At("territory").
		Say("Территория «" + name + "» не относится к этому центру: он работает с регионом " + own + ".").
		Mend("name a territory of " + own + ", or make an installation for the other region: otklik init --region " + other)
}
