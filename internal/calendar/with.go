package calendar

import (
	"slices"
	"strings"
)

// With returns the document with days and holidays put in the place of those of the same
// date, or added; days stand in their order. The document itself stays as it is.
func (d Document) With(days []Day, holidays []Holiday) Document {
	d.Days, d.Holidays = slices.Clone(d.Days), slices.Clone(d.Holidays)
	for _, h := range holidays {
		d.Holidays = append(slices.DeleteFunc(d.Holidays, func(o Holiday) bool { return o.On == h.On }), h)
	}
	for _, x := range days {
		d.Days = append(slices.DeleteFunc(d.Days, func(o Day) bool { return o.Date == x.Date }), x)
	}
	slices.SortStableFunc(d.Days, func(a, b Day) int { return strings.Compare(a.Date, b.Date) })
	return d
}
