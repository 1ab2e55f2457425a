package portal

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"otklik/internal/order"
	"otklik/internal/site"
)

// A Watched is a public place that the centre reads, as residents may know of it.
type Watched struct {
	Name, URL string
	Network   string // «ВКонтакте»
	Town      string // the municipality that it speaks for; "" = the whole region
	Since     time.Time
	Own       bool // a page of ours
}

// A WatchedPage says what is read, by municipality.
type WatchedPage struct {
	Title   string // of the centre
	Count   string // «12 открытых источников»
	Region  []WatchedLine
	Towns   []WatchedTown
	Silent  []string // municipalities that nothing of speaks of alone
	Contact string
}

// A WatchedTown is a municipality with what is read there.
type WatchedTown struct {
	Name  string
	Lines []WatchedLine
}

// A WatchedLine is one place that is read.
type WatchedLine struct {
	Name, URL string
	Note      string // «ВКонтакте, читаем с 3 ноября»
}

func (p *Portal) watchedRoutes() []site.Route {
	if p.Watched == nil {
		return nil
	}
	return []site.Route{{Method: "GET", Pattern: "/sources", Access: site.Access{Open: true}, Handler: p.watched}}
}

func (p *Portal) watched(w http.ResponseWriter, r *http.Request) error {
	list := p.public()
	v := &WatchedPage{Title: p.Title, Contact: p.Contact, Count: site.Count(len(list), "открытый источник", "открытых источника", "открытых источников")}
	towns := map[string][]WatchedLine{}
	for _, one := range list {
		line := WatchedLine{Name: one.Name, URL: one.URL, Note: one.Network}
		if !one.Since.IsZero() {
			line.Note += ", читаем с " + site.Date(one.Since, p.Now(), p.zone())
		}
		if one.Own {
			line.Note += ", наша страница"
		}
		towns[one.Town] = append(towns[one.Town], line)
	}
	v.Region = towns[""]
	delete(towns, "")
	for _, name := range p.Towns {
		if lines := towns[name]; len(lines) > 0 {
			v.Towns = append(v.Towns, WatchedTown{name, lines})
			delete(towns, name)
		} else {
			v.Silent = append(v.Silent, name)
		}
	}
	for name, lines := range towns { // of another region
		v.Towns = append(v.Towns, WatchedTown{name, lines})
	}
	order.By(v.Towns, func(a, b WatchedTown) int { return strings.Compare(a.Name, b.Name) })
	return p.show(w, r, http.StatusOK, site.Doc{Title: "Что мы читаем"}, watchedPage(v))
}

// public returns what is read and can be opened by everybody: what has no public page (a
// closed chat that let our bot in, a mailbox) is not told.
func (p *Portal) public() []Watched {
	return slices.DeleteFunc(p.Watched(), func(w Watched) bool {
		return !strings.HasPrefix(w.URL, "https://") && !strings.HasPrefix(w.URL, "http://")
	})
}

func (p *Portal) zone() *time.Location {
	if p.Zone == nil {
		return time.UTC
	}
	return p.Zone
}
