package envoy

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"unicode/utf8"

	"otklik/internal/account"
	"otklik/internal/fault"
	"otklik/internal/lifecycle"
	"otklik/internal/neighbour"
	"otklik/internal/scope"
	"otklik/internal/source"
	"otklik/internal/topic"
)

// Cities returns the sources that may take incidents, with what is kept of them; those that
// nobody has set up have no Agency.
func (e *Envoy) Cities(ctx context.Context) (names []source.Source, cities map[string]*neighbour.City, err error) {
	defer fault.Wrap(&err, "envoy.Cities")
	raw, err := e.Load(ctx)
	if err == nil {
		cities, err = parse(raw)
	}
	for _, s := range e.Sources() {
		if s.Kind == source.City {
			names = append(names, s)
			if cities[s.ID] == nil && cities != nil {
				cities[s.ID] = &neighbour.City{Source: s.ID}
			}
		}
	}
	return names, cities, err
}

func parse(raw []byte) (map[string]*neighbour.City, error) {
	cities := map[string]*neighbour.City{}
	if len(raw) == 0 {
		return cities, nil
	}
	return cities, json.Unmarshal(raw, &cities)
}

// City returns the city of a source.
func (e *Envoy) City(ctx context.Context, id string) (*neighbour.City, error) {
	_, cities, err := e.Cities(ctx)
	if err == nil && cities[id] == nil {
		err = fault.New(fault.NotFound, "source %s is no city", id).Say("Этот источник не умеет принимать инциденты: так умеют только системы Open311.")
	}
	return cities[id], err
}

func (e *Envoy) wire(id string) (neighbour.Wire, error) {
	if w := e.Wire(id); w != nil {
		return w, nil
	}
	return nil, fault.New(fault.Unavailable, "source %s is not connected", id).Say("Источник этого города не подключён: посмотрите, что о нём говорит страница источников.")
}

// Explained gives an error of a city its sentence for people.
func Explained(err error) error {
	if err == nil || fault.Sentence(err) != "" {
		return err
	}
	return source.Explained(err)
}

// Ask asks a city for its services and keeps them.
func (e *Envoy) Ask(ctx context.Context, who account.Actor, id string) (err error) {
	defer fault.Wrap(&err, "envoy.Ask(%s)", id)
	if err := mayEdit(who); err != nil {
		return err
	}
	w, err := e.wire(id)
	if err != nil {
		return err
	}
	list, err := w.Services(ctx)
	if err != nil {
		return Explained(err)
	}
	return e.change(ctx, who, id, 0, func(c *neighbour.City) error {
		c.Services, c.AskedAt = list, e.Now()
		return nil
	})
}

func mayEdit(who account.Actor) error {
	if !who.Role.Holds(lifecycle.EditSources) {
		return fault.New(fault.Forbidden, "%s may not edit sources", who.Role).Say("Соседние города настраивает администратор или муниципальный центр.")
	}
	return nil
}

// change changes a city at a version, 0 = whatever is kept.
func (e *Envoy) change(ctx context.Context, who account.Actor, id string, version int, do func(*neighbour.City) error) error {
	return e.Edit(ctx, who, func(raw []byte) ([]byte, error) {
		cities, err := parse(raw)
		if err != nil {
			return nil, err
		}
		c := cities[id]
		if c == nil {
			c = &neighbour.City{Source: id}
			cities[id] = c
		}
		if version != 0 && c.Version != version {
			return nil, fault.New(fault.Conflict, "city %s is at version %d, not %d", id, c.Version, version).Say("Настройки этого города тем временем изменили. Откройте страницу снова и повторите.")
		}
		if err := do(c); err != nil {
			return nil, err
		}
		c.Version++
		return json.Marshal(cities)
	})
}

// Save keeps which agency stands for a city and which of its services our topics are. An
// agency of 0 hands nothing there any more.
func (e *Envoy) Save(ctx context.Context, who account.Actor, c *neighbour.City) (err error) {
	defer fault.Wrap(&err, "envoy.Save(%s)", c.Source)
	if err := mayEdit(who); err != nil {
		return err
	}
	if _, err := e.City(ctx, c.Source); err != nil {
		return err
	}
	if c.Agency != 0 {
		if _, err := e.agency(ctx, c.Agency); err != nil {
			return err
		}
	}
	return e.change(ctx, who, c.Source, c.Version, func(kept *neighbour.City) error {
		groups := map[string]bool{}
		for _, t := range e.Topics().Topics {
			groups[t.Group] = true
		}
		unknown := func(code string) error {
			if kept.Service(code) != nil {
				return nil
			}
			return fault.New(fault.Invalid, "the city has no service %q", code).At("service").Say("У города нет услуги с кодом «" + code + "». Обновите список услуг или выберите из подсказки.")
		}
		kept.Topics, kept.Groups = map[topic.Code]string{}, map[string]string{}
		for code, s := range c.Topics {
			if _, ok := e.Topics().ByCode(code); !ok {
				return fault.New(fault.Invalid, "topic %q", code).At("topics").Say("Темы с кодом «" + string(code) + "» нет в классификаторе.")
			}
			if err := unknown(s); s != "" && err != nil {
				return err
			} else if s != "" {
				kept.Topics[code] = s
			}
		}
		for g, s := range c.Groups {
			if !groups[g] {
				return fault.New(fault.Invalid, "group %q", g).At("groups").Say("Группы тем «" + g + "» нет в классификаторе.")
			}
			if err := unknown(s); s != "" && err != nil {
				return err
			} else if s != "" {
				kept.Groups[g] = s
			}
		}
		kept.Agency = c.Agency
		return nil
	})
}

func (e *Envoy) agency(ctx context.Context, id int64) (string, error) {
	a, err := e.Store.Reader().Agencies().Agency(ctx, id)
	if fault.Is(err, fault.NotFound) {
		return "", fault.New(fault.Invalid, "agency %d", id).At("agency").Say("Такой организации нет. Выберите из списка ту, что отвечает за этот город.")
	}
	if err != nil {
		return "", err
	}
	return a.Name, nil
}

// Propose returns the services that our topics and groups are likely called there, by their
// names; where nothing is alike there is none. People check it before it is kept.
func (e *Envoy) Propose(c *neighbour.City) (topics map[topic.Code]string, groups map[string]string) {
	topics, groups = map[topic.Code]string{}, map[string]string{}
	services, seen := make([][][]string, len(c.Services)), map[string]bool{}
	for k, s := range c.Services {
		services[k] = e.words(s.Name)
	}
	best := func(name string) string {
		words, top, code := e.words(name), 0.5, "" // half of the words of both must be the same
		for k := range services {
			if like := alike(words, services[k]); like >= top && (like > top || code == "") {
				top, code = like, c.Services[k].Code
			}
		}
		return code
	}
	for _, t := range e.Topics().Topics {
		if t.Retired || t.Code == topic.Undefined {
			continue
		}
		if s := best(t.Name); s != "" {
			topics[t.Code] = s
		}
		if !seen[t.Group] {
			if s := best(t.Group); s != "" {
				groups[t.Group] = s
			}
		}
		seen[t.Group] = true
	}
	return topics, groups
}

// words returns the words of a name that mean something.
func (e *Envoy) words(name string) [][]string {
	return slices.DeleteFunc(e.Lemmas(name), func(w []string) bool {
		return !slices.ContainsFunc(w, func(s string) bool { return utf8.RuneCountInString(s) > 2 })
	})
}

// alike returns how many words two names have in common, 0 … 1.
func alike(a, b [][]string) float64 {
	common := 0
	for _, w := range a {
		if slices.ContainsFunc(b, func(v []string) bool {
			return slices.ContainsFunc(v, func(s string) bool { return slices.Contains(w, strings.ToLower(s)) })
		}) {
			common++
		}
	}
	if len(a)+len(b) == 0 {
		return 0
	}
	return 2 * float64(common) / float64(len(a)+len(b))
}

// Handed returns the last requests to a city.
func (e *Envoy) Handed(ctx context.Context, sc scope.Scope, id string, limit int) ([]neighbour.Request, error) {
	return e.Store.Reader().Neighbours().OfSource(ctx, sc, id, limit)
}
