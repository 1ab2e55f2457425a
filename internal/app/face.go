package app

import (
	"cmp"
	"slices"
	"strings"

	"otklik/internal/portal"
	"otklik/internal/publicface"
	"otklik/internal/regime"
)

// face is what the public pages of cases stand on.
func (a *App) face() *portal.Face {
	region := a.region()
	f := &portal.Face{
		Scope: a.publicScope(), Rule: func() publicface.Rule { return publicface.New(a.Book().Regimes()) }, Mask: a.masked, Events: a.Hub,
		Regimes: func() []regime.Regime { return a.Book().Regimes() }, Base: a.Config.Site, Open311: "/open311/discovery.json",
		Licence: portal.Licence{Name: cmp.Or(a.Config.Public.Licence, "CC BY 4.0"), URL: a.Config.Public.LicenceURL},
	}
	if a.Config.Public.Licence == "" {
		f.Licence.URL = "https://creativecommons.org/licenses/by/4.0/deed.ru"
	}
	if region == "" {
		return f
	}
	f.Outline = outline(region)
	for _, p := range centres(region) {
		f.Areas = append(f.Areas, portal.Area{Code: p.ID, Name: p.Name, People: p.Population})
	}
	slices.SortFunc(f.Areas, func(x, y portal.Area) int { return strings.Compare(x.Name, y.Name) })
	return f
}
