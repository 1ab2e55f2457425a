package demo

import (
	"context"
	"encoding/json"
	"strings"

	"otklik/internal/account"
	"otklik/internal/agency"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/message"
	"otklik/internal/neighbour"
	"otklik/internal/scope"
	"otklik/internal/source"
	"otklik/internal/source/open311"
	"otklik/internal/source/open311/open311fake"
)

// neighbourCity is the system of another city, to which incidents are handed and whose
// requests are read. It has no part in the history.
func neighbourCity() *Network {
	const key = "demo-city-key"
	return &Network{
		Name: "Город Заречный", Sort: "Другой город, Open311", path: "zarechny",
		About:  "Система соседнего города. На странице инцидента передайте его сюда, здесь закройте, и ответ города придёт в инцидент на согласование. Можно и сообщить о чём-то здесь: центр это прочитает.",
		source: source.Source{ID: "open311:zarechny.demo", Kind: source.City, Channel: message.City, Name: "Город Заречный", Territory: Region, Key: "Ключ Заречного", Every: pollEvery},
		secret: key,
		make: func(n *Network, c circumstances) (fake, error) {
			f, err := open311fake.New(open311fake.Options{Name: n.Name, Base: n.URL, Token: key, Now: c.now, Snapshot: c.snapshot})
			return elsewhere{f}, err
		},
		settings: func(n *Network) map[string]any {
			return map[string]any{"endpoint": strings.TrimSuffix(n.URL, "/") + "/open311/v2", "zone": "Asia/Krasnoyarsk"}
		},
	}
}

type elsewhere struct{ *open311fake.Fake }

func (t elsewhere) say(_ int, _, words string) error {
	t.Report(words)
	return nil
}

func (elsewhere) post(string) {} // nobody talks there

// befriend lets incidents be handed to the city: it has an agency here, and its services are
// known before anybody can be asked for them.
func (d *Demo) befriend(ctx context.Context) error {
	s, err := d.city.kept(d.App)
	if err != nil {
		return err
	}
	known, err := d.App.Envoy.City(ctx, s.ID)
	if err != nil || known.Agency != 0 {
		return err
	}
	con, err := open311.Open(s, source.Key{}, open311.Options{HTTP: clientOf(d.networkPages()), Now: d.clock.now, Inner: true})
	if err != nil {
		return err
	}
	c := neighbour.City{Source: s.ID, Version: 1, AskedAt: d.clock.now()}
	if c.Services, err = con.Puller.(neighbour.Wire).Services(ctx); err != nil {
		return err
	}
	c.Topics, c.Groups = d.App.Envoy.Propose(&c)
	err = d.App.DB.Change(ctx, incident.Machine, func(tx incident.Tx) error {
		const name = "Администрация города Заречного"
		list, err := tx.Agencies().Agencies(ctx, scope.OfRegion(Region))
		if c.Agency = agency.Named(list, name); err != nil || c.Agency != 0 {
			return err
		}
		a := &agency.Agency{Name: name, Short: "Заречный", Place: scope.Place{Region: Region}}
		err = tx.Agencies().SaveAgency(ctx, a)
		c.Agency = a.ID
		return err
	})
	if err != nil {
		return err
	}
	return d.App.Envoy.Edit(ctx, account.Actor{Role: lifecycle.Admin, Scope: scope.OfRegion(Region)}, func(raw []byte) ([]byte, error) {
		cities := map[string]*neighbour.City{}
		if err := json.Unmarshal(raw, &cities); len(raw) > 0 && err != nil {
			return nil, fault.New(fault.Invalid, "demo: cities: %w", err)
		}
		cities[s.ID] = &c
		return json.Marshal(cities)
	})
}
