package portal

import (
	"bufio"
	"context"
	"encoding/csv"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/publicface"
)

// mostData is how many cases one file of open data holds; atOnce how many files are written
// at one time, and downloadTime how long a reader may take for one: who reads by drops must
// not keep others from the data.
const (
	mostData     = 20_000
	atOnce       = 2
	downloadTime = 2 * time.Minute
)

// A dataColumn is one column of the open data. Its name does not change and columns are only added.
type dataColumn struct {
	Name, About string
	of          func(*names, *publicface.Face) string
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

var dataColumns = []dataColumn{
	{"number", "номер из восьми цифр", func(_ *names, f *publicface.Face) string { return f.Number }},
	{"opened_at", "когда сообщение увидели, время UTC", func(_ *names, f *publicface.Face) string { return stamp(f.OpenedAt) }},
	{"updated_at", "когда дело последний раз менялось", func(_ *names, f *publicface.Face) string { return stamp(f.UpdatedAt) }},
	{"closed_at", "когда завершили; пусто, пока идёт работа", func(_ *names, f *publicface.Face) string { return stamp(f.ClosedAt) }},
	{"expected_at", "до какого времени ждём ответ", func(_ *names, f *publicface.Face) string { return stamp(f.ExpectedAt) }},
	{"state", "состояние: new, triage, asked, assigned, working, approval, answered, rework, closed", func(_ *names, f *publicface.Face) string { return string(f.State) }},
	{"outcome", "чем кончилось: solved, partly, explained; пусто, пока не кончилось", func(_ *names, f *publicface.Face) string { return string(f.Outcome) }},
	{"verified", "true, если решение проверили", func(_ *names, f *publicface.Face) string { return strconv.FormatBool(f.Verified) }},
	{"topic", "код темы", func(_ *names, f *publicface.Face) string { return string(f.Topic) }},
	{"topic_name", "тема", func(n *names, f *publicface.Face) string { return n.topic(f) }},
	{"group", "группа тем", func(_ *names, f *publicface.Face) string { return f.Group }},
	{"agency", "кто отвечает", func(n *names, f *publicface.Face) string { return n.agency(f.Agency) }},
	{"municipality", "ОКТМО муниципалитета", func(_ *names, f *publicface.Face) string { return f.Centre }},
	{"settlement", "ОКТМО населённого пункта", func(_ *names, f *publicface.Face) string { return f.Settlement }},
	{"address", "место, не точнее, чем видно всем", func(_ *names, f *publicface.Face) string { return f.Address.String() }},
	{"lat", "широта, WGS 84; пусто, если точки нет", func(_ *names, f *publicface.Face) string { return degrees(f, f.Address.Lat) }},
	{"lon", "долгота", func(_ *names, f *publicface.Face) string { return degrees(f, f.Address.Lon) }},
}

func degrees(f *publicface.Face, v float64) string {
	if f.Address.Lat == 0 && f.Address.Lon == 0 {
		return ""
	}
	return strconv.FormatFloat(v, 'f', 5, 64)
}

func (p *Portal) openData(w http.ResponseWriter, r *http.Request) error {
	return p.shelf().serve(w, r, "/opendata", func(ctx context.Context) (string, []byte, error) {
		return p.html(ctx, "/opendata", "Открытые данные", dataPage(dataColumns, p.Face))
	})
}

// dataQuery is a list's query with the day from which cases were opened.
func (p *Portal) dataQuery(v url.Values) (incident.Filter, listQuery, error) {
	q, err := p.listed(v)
	if err != nil {
		return incident.Filter{}, q, err
	}
	f := q.Filter(p.Now())
	f.Limit = 500
	for _, one := range []struct {
		name string
		to   *time.Time
	}{{"since", &f.Since}, {"until", &f.Until}} {
		if day := v.Get(one.name); day != "" {
			if *one.to, err = time.ParseInLocation(time.DateOnly, day, p.zone()); err != nil {
				return f, q, fault.New(fault.Invalid, "%s is no day", one.name).At(one.name).Say("Дату пишите так: 2026-11-23. Ошибка в поле " + one.name + ".")
			}
		}
	}
	return f, q, nil
}

// each hands over public cases until mostData, and returns where the next file begins.
func (p *Portal) each(ctx context.Context, f incident.Filter, do func(*names, *publicface.Face) error) (next incident.Cursor, err error) {
	tx := p.Cases()
	n, err := p.names(ctx, tx)
	if err != nil {
		return next, err
	}
	rule := p.Face.Rule()
	for written := 0; ; {
		page, err := p.shown(ctx, tx, f)
		if err != nil {
			return next, err
		}
		for k := range page.Rows {
			if one, ok := p.coarse(rule, &page.Rows[k].Incident); ok {
				if err := do(n, &one); err != nil {
					return next, err
				}
				written++
			}
		}
		if page.Next.Key == "" || written >= mostData {
			return page.Next, nil
		}
		f.After = page.Next
	}
}

// download writes a file of open data piece by piece; begin and end stand around the rows.
func (p *Portal) download(w http.ResponseWriter, r *http.Request, kind, name string, write func(out *bufio.Writer, f incident.Filter) (incident.Cursor, error)) error {
	f, _, err := p.dataQuery(r.URL.Query())
	if err != nil {
		return err
	}
	select {
	case p.writing <- struct{}{}:
		defer func() { <-p.writing }()
	default:
		return fault.New(fault.Unavailable, "%d files of open data are being written", atOnce).Say("Сейчас данные берут другие. Повторите через минуту.")
	}
	h := w.Header()
	h.Set("Content-Type", kind)
	h.Set("Cache-Control", "public, max-age=300")
	h.Set("Content-Disposition", `attachment; filename="`+name+`"`)
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("Trailer", "Otklik-Next")
	if p.Face.Licence.URL != "" {
		h.Set("Link", "<"+p.Face.Licence.URL+`>; rel="license"`)
	}
	if r.Method == http.MethodHead {
		return nil
	}
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(downloadTime)) // a test's recorder has none
	out := bufio.NewWriterSize(w, 32<<10)
	next, err := write(out, f)
	if err == nil {
		err = out.Flush()
	}
	if err != nil {
		panic(http.ErrAbortHandler) // what has gone out looks whole: the connection says that it is not
	}
	if next.Key != "" {
		h.Set("Otklik-Next", listQuery{After: next}.Values().Get("after"))
	}
	return nil
}

func (p *Portal) casesCSV(w http.ResponseWriter, r *http.Request) error {
	return p.download(w, r, "text/csv; charset=utf-8", "cases.csv", func(out *bufio.Writer, f incident.Filter) (incident.Cursor, error) {
		table := csv.NewWriter(out)
		line := make([]string, len(dataColumns))
		for k := range dataColumns {
			line[k] = dataColumns[k].Name
		}
		if err := table.Write(line); err != nil {
			return incident.Cursor{}, err
		}
		next, err := p.each(r.Context(), f, func(n *names, one *publicface.Face) error {
			for k := range dataColumns {
				line[k] = harmless(dataColumns[k].of(n, one))
			}
			return table.Write(line)
		})
		table.Flush()
		return next, err
	})
}

// harmless keeps a spreadsheet from taking a cell for a formula. A number stays one.
func harmless(s string) string {
	if s == "" || !strings.ContainsRune("=+-@\t\r\n", rune(s[0])) {
		return s
	}
	if _, err := strconv.ParseFloat(s, 64); err == nil && s[0] == '-' && s[1] >= '0' && s[1] <= '9' {
		return s
	}
	return "'" + s
}

func (p *Portal) casesGeoJSON(w http.ResponseWriter, r *http.Request) error {
	return p.download(w, r, "application/geo+json", "cases.geojson", func(out *bufio.Writer, f incident.Filter) (incident.Cursor, error) {
		licence, _ := json.Marshal(p.Face.Licence.Name)
		if _, err := out.WriteString(`{"type":"FeatureCollection","licence":` + string(licence) + `,"features":[`); err != nil {
			return incident.Cursor{}, err
		}
		between := ""
		next, err := p.each(r.Context(), f, func(n *names, one *publicface.Face) error {
			props := map[string]string{}
			for k := range dataColumns {
				if c := &dataColumns[k]; c.Name != "lat" && c.Name != "lon" {
					props[c.Name] = c.of(n, one)
				}
			}
			var geometry any
			if a := &one.Address; a.Lat != 0 || a.Lon != 0 {
				geometry = map[string]any{"type": "Point", "coordinates": [2]float64{a.Lon, a.Lat}}
			}
			body, err := json.Marshal(map[string]any{"type": "Feature", "geometry": geometry, "properties": props})
			if err == nil {
				_, err = out.WriteString(between + string(body))
			}
			between = ",\n"
			return err
		})
		if err != nil {
			return next, err
		}
		_, err = out.WriteString("]}\n")
		return next, err
	})
}
