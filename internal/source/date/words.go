package date

import (
	"strings"
	"time"
)

// months by their names and short names, Russian and English.
var months = func() map[string]time.Month {
	m := map[string]time.Month{}
	for i, names := range []string{
		"январь января янв january jan", "февраль февраля фев февр february feb", "март марта мар march mar", "апрель апреля апр april apr",
		"май мая may", "июнь июня июн june jun", "июль июля июл july jul", "август августа авг august aug",
		"сентябрь сентября сен сент september sep sept", "октябрь октября окт october oct", "ноябрь ноября ноя нояб november nov", "декабрь декабря дек december dec",
	} {
		for _, name := range strings.Fields(names) {
			m[name] = time.Month(i + 1)
		}
	}
	return m
}()

// zones by their names: those of RFC 822 and those of Russia.
var zones = func() map[string]*time.Location {
	m := map[string]*time.Location{}
	for hours, names := range map[int]string{
		0: "z gmt utc ut", -4: "edt", -5: "est cdt", -6: "cst mdt", -7: "mst pdt", -8: "pst", 1: "cet", 2: "cest eet калт",
		3: "msk мск", 4: "msd samt", 5: "yekt екб", 6: "omst", 7: "krat novt", 8: "irkt", 9: "yakt", 10: "vlat", 11: "magt sakt sret", 12: "pett anat",
	} {
		for _, name := range strings.Fields(names) {
			m[name] = time.FixedZone("", hours*3600)
		}
	}
	return m
}()

// counts are numbers that are written as words, in halves.
var counts = map[string]int{
	"один": 2, "одну": 2, "полтора": 3, "полторы": 3, "два": 4, "две": 4, "пару": 4, "три": 6, "четыре": 8, "пять": 10, "шесть": 12, "семь": 14, "восемь": 16, "девять": 18, "десять": 20,
	"an": 2, "one": 2, "two": 4, "three": 6,
}

// unitOf reads a unit of time by its first letters.
func unitOf(w string) (time.Duration, bool) {
	for _, u := range []struct {
		stems string
		unit  time.Duration
	}{
		{"сек sec", time.Second}, {"мин min", time.Minute}, {"час ч hour", time.Hour}, {"день дня дней дн day", 24 * time.Hour}, {"недел week", 7 * 24 * time.Hour},
		{"месяц month", 30 * 24 * time.Hour}, {"год лет year", 365 * 24 * time.Hour},
	} {
		for _, stem := range strings.Fields(u.stems) {
			if strings.HasPrefix(w, stem) && (len(stem) > 2 || w == stem) {
				return u.unit, true
			}
		}
	}
	return 0, false
}
