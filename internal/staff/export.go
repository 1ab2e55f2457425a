package staff

import (
	"cmp"
	"io"
	"maps"
	"net/http"
	"slices"

	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/site"
	"otklik/internal/table"
)

// An ExportForm downloads what the queue shows, whole.
type ExportForm struct {
	Query   Query
	SeesWho bool
}

// filters are the queue's filters, name and value.
func (p *ExportForm) filters() (out []Choice) {
	values := p.Query.Values()
	for _, name := range slices.Sorted(maps.Keys(values)) {
		for _, v := range values[name] {
			out = append(out, Choice{Value: name, Name: v})
		}
	}
	return out
}

func (s *Staff) exportRoutes() []site.Route {
	if s.Tables == nil {
		return nil
	}
	return []site.Route{{Method: "GET", Pattern: "/desk/export", Access: site.Access{Right: lifecycle.SeeQueue}, Handler: s.export}}
}

// exporting puts the form on the page, where something can be downloaded.
func (p *QueuePage) exporting(s *Staff, seesWho bool) {
	if s.Tables != nil {
		p.Export = &ExportForm{p.Query, seesWho}
	}
}

// export streams what the filter of the queue lets through. A file that cannot be brought to
// its end is cut off, so that nobody takes it for a whole one.
func (s *Staff) export(w http.ResponseWriter, r *http.Request) error {
	me, q := who(r), s.asked(r)
	f := q.Filter(me.ID, s.zone(me.Place.Centre, me.Place.Region), s.Lemmas)
	f.After = incident.Cursor{}
	q.due(&f, s.Now())
	kind, begun := table.Kind(cmp.Or(r.URL.Query().Get("format"), string(table.XLSX))), false
	err := s.Tables.Export(r.Context(), w, table.Export{Who: me.Actor(), Filter: f, Kind: kind, Personal: r.URL.Query().Get("personal") != ""}, func() {
		begun = true
		h := w.Header()
		h.Set("Content-Type", kind.MIME())
		h.Set("Content-Disposition", `attachment; filename="incidents-`+s.Now().In(s.zone(me.Place.Centre, me.Place.Region)).Format("2006-01-02")+`.`+string(kind)+`"`)
		h.Set("Cache-Control", "no-store")
		if kind == table.CSV {
			_, _ = io.WriteString(w, "\ufeff") // else spreadsheets take it for windows-1251; who left hears nothing
		}
	})
	if err == nil || !begun {
		return err
	}
	if r.Context().Err() == nil {
		s.Log.Warn("an export was not brought to its end", "kind", fault.KindOf(err), "error", err)
	}
	panic(http.ErrAbortHandler)
}
