package main

// Time zones by the federal law on the calculation of time (107-ФЗ) and the
// IANA database.

// offsetZones are the zones by distance from UTC where no region's own applies.
var offsetZones = map[string]string{
	"UTC+2": "Europe/Kaliningrad", "UTC+3": "Europe/Moscow", "UTC+4": "Europe/Samara", "UTC+5": "Asia/Yekaterinburg",
	"UTC+6": "Asia/Omsk", "UTC+7": "Asia/Krasnoyarsk", "UTC+8": "Asia/Irkutsk", "UTC+9": "Asia/Yakutsk",
	"UTC+10": "Asia/Vladivostok", "UTC+11": "Asia/Magadan", "UTC+12": "Asia/Kamchatka",
}

// regionZones are the zones of regions whose clock has a history of its own in
// the IANA database, for the distance from UTC that the region keeps.
var regionZones = map[string]struct{ offset, zone string }{
	"33000000": {"UTC+3", "Europe/Kirov"},
	"18000000": {"UTC+3", "Europe/Volgograd"},
	"35000000": {"UTC+3", "Europe/Simferopol"},
	"67000000": {"UTC+3", "Europe/Simferopol"},
	"12000000": {"UTC+4", "Europe/Astrakhan"},
	"63000000": {"UTC+4", "Europe/Saratov"},
	"73000000": {"UTC+4", "Europe/Ulyanovsk"},
	"55000000": {"UTC+5", "Asia/Qyzylorda"},
	"50000000": {"UTC+7", "Asia/Novosibirsk"},
	"01000000": {"UTC+7", "Asia/Barnaul"},
	"84000000": {"UTC+7", "Asia/Barnaul"},
	"69000000": {"UTC+7", "Asia/Tomsk"},
	"32000000": {"UTC+7", "Asia/Novokuznetsk"},
	"76000000": {"UTC+9", "Asia/Chita"},
	"64000000": {"UTC+11", "Asia/Sakhalin"},
	"98000000": {"UTC+11", "Asia/Srednekolymsk"},
	"77000000": {"UTC+12", "Asia/Anadyr"},
}

// districtZones are the zones of districts of Якутия without a city in the list
// of cities that keep another time than Якутск.
var districtZones = map[string]string{
	"98000000 Оймяконский":     "Asia/Ust-Nera",
	"98000000 Усть-Янский":     "Asia/Vladivostok",
	"98000000 Абыйский":        "Asia/Srednekolymsk",
	"98000000 Аллаиховский":    "Asia/Srednekolymsk",
	"98000000 Верхнеколымский": "Asia/Srednekolymsk",
	"98000000 Момский":         "Asia/Srednekolymsk",
	"98000000 Нижнеколымский":  "Asia/Srednekolymsk",
}

// zone returns the IANA time zone of a region where clocks show the offset.
func zone(region, offset string) string {
	if z, ok := regionZones[region]; ok && z.offset == offset {
		return z.zone
	}
	return offsetZones[offset]
}
