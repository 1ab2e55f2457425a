package staff

import (
	"otklik/internal/desk"
	"otklik/internal/incident"
)

var cityWords = map[string]string{
	desk.CityGiven: "передаётся в другой город", desk.CityNumber: "другой город принял обращение", desk.CityTaken: "другой город принял обращение, номер придёт позже",
	desk.CityRefused: "другой город не принял обращение", desk.CityLost: "неизвестно, дошло ли обращение до другого города", desk.CityStatus: "новости из другого города",
	desk.CityClosed: "в другом городе обращение закрыто", desk.CityReopened: "в другом городе обращение снова открыто",
	desk.CityDrop: "передача в другой город отменена", desk.CityAgain: "передача в другой город повторяется", desk.CityFound: "обращение нашли в системе другого города",
}

// tellNeighbour says what a line of history tells of another city.
func tellNeighbour(d *incident.Detail) string {
	what := cityWords[d.Field]
	if d.How != "" {
		what += ": " + d.How
	}
	if d.Now != "" {
		what += ", № " + d.Now
	}
	return what
}
