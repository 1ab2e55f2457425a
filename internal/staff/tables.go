package staff

import (
	"cmp"
	"encoding/csv"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"otklik/internal/fault"
	"otklik/internal/mapping"
	"otklik/internal/scope"
	"otklik/internal/site"
	"otklik/internal/source"
	"otklik/internal/source/file"
	"otklik/internal/table"
	"otklik/internal/topic"
)

// TablesPage brings tables of other systems in.
type TablesPage struct {
	Chrome
	Uploads []TableRow
	Saved   []mapping.Mapping
	Problem string
}

// A TableRow is one uploaded table.
type TableRow struct{ Name, Page, State, When string }

// TablePage is one uploaded table: what its columns mean, ten rows, and its run.
type TablePage struct {
	Chrome
	Page      string
	Name      string
	Sheets    []Choice
	Sheet     string
	Saved     []Choice
	Map       string // the saved mapping that is shown, "" for a proposal
	SaveAs    string
	Line      int // of the header
	Own       bool
	Columns   []ColumnView
	Fields    []Choice
	Values    []ValueView
	States    []Choice
	Agencies  []Choice
	Lists     string // of topics
	Unknown   string
	Centres   []Choice
	Territory string
	Seen      []table.Seen
	Zone      *time.Location
	Doubt     string
	Problem   string
	Run       *TableRun // nil while it waits
}

// A ColumnView is one column with what it is taken for.
type ColumnView struct{ Name, Field, Why string }

// A ValueView is one value of the other system with what it stands for.
type ValueView struct {
	Field, Word, Name, Rows, Ours string
}

// A TableRun is how far a table is.
type TableRun struct {
	Going    bool
	Failed   string
	Lines    []string // what was read and taken
	Lost     []string
	Rejected []string // the first ones
	More     int      // rejected beside them
	Page     string
}

func (s *Staff) tableRoutes() []site.Route {
	if s.Tables == nil {
		return nil
	}
	a := site.Access{Right: table.Right, Whole: true}
	return []site.Route{
		{Method: "GET", Pattern: "/desk/tables", Access: a, Handler: s.tables},
		{Method: "POST", Pattern: "/desk/tables", Access: a, Handler: s.uploadTable},
		{Method: "POST", Pattern: "/desk/tables/forget", Access: a, Handler: s.forgetMapping},
		{Method: "GET", Pattern: "/desk/tables/{upload}", Access: a, Handler: s.table},
		{Method: "GET", Pattern: "/desk/tables/{upload}/run", Access: a, Handler: s.tableRun},
		{Method: "GET", Pattern: "/desk/tables/{upload}/rejected.csv", Access: a, Handler: s.rejectedCSV},
		{Method: "POST", Pattern: "/desk/tables/{upload}/{deed}", Access: a, Handler: s.doTable},
	}
}

var tableStates = map[table.State]string{table.Waiting: "ждёт запуска", table.Running: "загружается", table.Done: "загружена", table.Failed: "прервалась"}

func (s *Staff) tables(w http.ResponseWriter, r *http.Request) error {
	return s.showTables(w, r, http.StatusOK, "")
}

func (s *Staff) showTables(w http.ResponseWriter, r *http.Request, status int, problem string) error {
	me, now := who(r), s.Now()
	uploads, err := s.Tables.Uploads(me.Actor())
	if err != nil {
		return err
	}
	p := &TablesPage{Problem: problem}
	zone := s.zone(me.Place.Centre, me.Place.Region)
	for _, u := range uploads {
		p.Uploads = append(p.Uploads, TableRow{u.Name, "/desk/tables/" + u.ID, tableStates[u.State], site.DateTime(u.At, now, zone)})
	}
	if p.Saved, err = s.Tables.Mappings(r.Context()); err != nil {
		return err
	}
	p.Chrome = s.chrome(w, r, "tables")
	return s.page(w, r, status, "Загрузка таблицы", Tables(p))
}

func (s *Staff) uploadTable(w http.ResponseWriter, r *http.Request) error {
	done, err := site.Form(w, r, formLimit)
	if err != nil {
		return err
	}
	defer done()
	files, err := site.Sent(r, "file")
	if err == nil && len(files) == 0 {
		err = fault.New(fault.Invalid, "no file").Say("Выберите файл таблицы.")
	}
	var u table.Upload
	if err == nil {
		f, oerr := files[0].Open()
		if oerr != nil {
			return oerr
		}
		defer f.Close()
		u, err = s.Tables.Receive(who(r).Actor(), files[0].Filename, f)
	}
	if fault.Is(err, fault.Invalid) || fault.Is(err, fault.Unavailable) {
		return s.showTables(w, r, http.StatusUnprocessableEntity, fault.Sentence(err))
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, "/desk/tables/"+u.ID, http.StatusSeeOther)
	return nil
}

func (s *Staff) forgetMapping(w http.ResponseWriter, r *http.Request) error {
	if err := form(w, r); err != nil {
		return err
	}
	if err := s.Tables.Remove(r.Context(), who(r).Actor(), field(r, "name")); err != nil {
		return err
	}
	say(w, Said{Good: "Настройка удалена. Загруженное по ней остаётся."})
	http.Redirect(w, r, "/desk/tables", http.StatusSeeOther)
	return nil
}

func (s *Staff) table(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	p := &TablePage{Map: q.Get("map"), Sheet: q.Get("sheet"), Territory: q.Get("territory")}
	var m *mapping.Mapping
	if p.Map != "" {
		var err error
		if m, err = s.Tables.Mapping(r.Context(), p.Map); err != nil {
			return err
		}
	}
	return s.showTable(w, r, http.StatusOK, p, m)
}

// showTable shows an upload: its run, or what it would be read as by m (nil: proposed).
func (s *Staff) showTable(w http.ResponseWriter, r *http.Request, status int, p *TablePage, m *mapping.Mapping) error {
	ctx, me := r.Context(), who(r)
	u, err := s.Tables.Upload(me.Actor(), r.PathValue("upload"))
	if err != nil {
		return err
	}
	p.Page, p.Name, p.Zone = "/desk/tables/"+u.ID, u.Name, s.zone(cmp.Or(p.Territory, me.Place.Centre), me.Place.Region)
	p.Chrome = s.chrome(w, r, "tables")
	if u.State != table.Waiting {
		p.Run = s.runView(&u)
		return s.page(w, r, status, u.Name, Table(p))
	}
	look, seen, err := s.Tables.Look(ctx, me.Actor(), u.ID, m, p.Sheet, p.Territory)
	if sentence := fault.Sentence(err); err != nil && (!fault.Is(err, fault.Invalid) || sentence == "") {
		return err
	} else if err != nil {
		p.Problem, status = cmp.Or(p.Problem, sentence), max(status, http.StatusUnprocessableEntity)
	}
	p.Seen, p.Line, p.Own = seen, look.Layout.Line, err == nil && len(look.Mapping.Columns) == 0 && look.Sure
	if m == nil {
		p.Doubt = look.Doubt
	} else {
		p.SaveAs = m.Name
	}
	p.Unknown = look.Mapping.Unknown
	for _, g := range look.Guesses {
		p.Columns = append(p.Columns, ColumnView{g.Column, string(g.Field), g.Why})
	}
	for _, v := range look.Values {
		if len(p.Values) < 150 {
			p.Values = append(p.Values, ValueView{string(v.Field), v.Field.Name(), v.Name, site.Count(v.Rows, "строка", "строки", "строк"), s.valueOurs(v)})
		}
	}
	return s.fillTable(w, r, status, p, &u)
}

// valueOurs returns what the form shows for a value.
func (s *Staff) valueOurs(v mapping.Value) string {
	if v.Field == mapping.Topic && v.Ours != "" {
		return s.topicTitle(topic.Code(v.Ours))
	}
	return v.Ours
}

// fillTable fills the lists of the form and writes the page.
func (s *Staff) fillTable(w http.ResponseWriter, r *http.Request, status int, p *TablePage, u *table.Upload) error {
	me := who(r)
	for _, f := range mapping.Fields() {
		p.Fields = append(p.Fields, Choice{Value: string(f), Name: f.Name()})
	}
	for _, c := range mapping.Choices() {
		p.States = append(p.States, Choice{Value: c.Code, Name: c.Name})
	}
	for _, n := range u.Sheets {
		p.Sheets = append(p.Sheets, Choice{Value: n, Name: n})
	}
	saved, err := s.Tables.Mappings(r.Context())
	if err != nil {
		return err
	}
	for _, m := range saved {
		p.Saved = append(p.Saved, Choice{Value: m.Name, Name: m.Name})
	}
	list, err := s.Cases().Agencies().Agencies(r.Context(), scope.OfRegion(me.Place.Region))
	if err != nil {
		return err
	}
	for _, a := range list {
		p.Agencies = append(p.Agencies, Choice{Value: strconv.FormatInt(a.ID, 10), Name: a.Name})
	}
	p.Centres, p.Lists = s.centres(me.Place.Region), s.topicOptions()
	return s.page(w, r, status, u.Name, Table(p))
}

// doTable looks again at what the form says, saves it, runs it or drops the upload.
func (s *Staff) doTable(w http.ResponseWriter, r *http.Request) error {
	if err := form(w, r); err != nil {
		return err
	}
	me, id, deed := who(r), r.PathValue("upload"), r.PathValue("deed")
	p := &TablePage{Territory: field(r, "territory"), Sheet: field(r, "sheet")}
	m, err := s.mappingOf(r)
	if field(r, "own") != "" {
		m = nil
	}
	switch {
	case deed == "drop":
		if err := s.Tables.Drop(me.Actor(), id); err != nil {
			return err
		}
		say(w, Said{Good: "Таблица удалена. Взятое из неё раньше остаётся."})
		http.Redirect(w, r, "/desk/tables", http.StatusSeeOther)
		return nil
	case err == nil && m != nil:
		err = m.Validate()
	}
	switch {
	case err != nil:
	case deed == "look":
	case deed == "save":
		if err = s.Tables.Save(r.Context(), me.Actor(), me.Login, *m); err == nil {
			say(w, Said{Good: "Настройка «" + m.Name + "» сохранена."})
			http.Redirect(w, r, "/desk/tables/"+id+"?"+url.Values{"map": {m.Name}, "territory": {p.Territory}}.Encode(), http.StatusSeeOther)
			return nil
		}
	case deed == "run":
		if err = s.Tables.Start(r.Context(), me.Actor(), id, table.Run{Mapping: m, Territory: p.Territory}); err == nil {
			http.Redirect(w, r, "/desk/tables/"+id, http.StatusSeeOther)
			return nil
		}
	default:
		return fault.New(fault.NotFound, "deed %q", deed)
	}
	status := http.StatusOK
	if err != nil {
		if !fault.Is(err, fault.Invalid) {
			return err
		}
		p.Problem, status = fault.Sentence(err), http.StatusUnprocessableEntity
	}
	return s.showTable(w, r, status, p, m)
}

// mappingOf reads the mapping that the form says.
func (s *Staff) mappingOf(r *http.Request) (*mapping.Mapping, error) {
	m := &mapping.Mapping{Name: field(r, "name"), Sheet: field(r, "sheet"), Columns: map[mapping.Field]string{}, Unknown: field(r, "unknown"),
		Statuses: map[string]string{}, Topics: map[string]topic.Code{}, Agencies: map[string]int64{}, SkipHidden: field(r, "hidden") != ""}
	fields := r.PostForm["field"]
	for k, column := range r.PostForm["column"] {
		if k >= len(fields) || fields[k] == "" {
			continue
		}
		f := mapping.Field(fields[k])
		if other := m.Columns[f]; other != "" {
			return m, fault.New(fault.Invalid, "field %s is given twice", f).Say("Поле «" + f.Name() + "» выбрано дважды: для столбцов «" + other + "» и «" + column + "».")
		}
		m.Columns[f] = column
	}
	ours, names := r.PostForm["ours"], r.PostForm["value"]
	for k, f := range r.PostForm["of"] {
		if k >= len(ours) || k >= len(names) || ours[k] == "" {
			continue
		}
		switch mapping.Field(f) {
		case mapping.Status:
			m.Statuses[names[k]] = ours[k]
		case mapping.Topic:
			t, ok := s.Topics().ByName(ours[k])
			if !ok {
				return m, fault.New(fault.Invalid, "topic %q", ours[k]).Say("Темы «" + ours[k] + "» нет в классификаторе: выберите из подсказки или оставьте поле пустым.")
			}
			m.Topics[names[k]] = t.Code
		case mapping.Agency:
			m.Agencies[names[k]], _ = strconv.ParseInt(ours[k], 10, 64)
		}
	}
	return m, nil
}

var lostNames = []struct {
	what source.Loss
	says string
}{
	{source.LostDate, "дата не прочитана"}, {source.LostTerritory, "территория не нашлась"}, {source.LostNumber, "от номера остались не все цифры (1,2E+11)"},
	{source.LostStatus, "статус ничего нам не говорит"}, {source.LostTopic, "темы нет в классификаторе, она прочитана по тексту"}, {source.LostAgency, "организации у нас нет, имя сохранено словами"},
	{source.LostText, "второй столбец с текстом не взят"},
}

func (s *Staff) runView(u *table.Upload) *TableRun {
	sum := &u.Summary
	v := &TableRun{Going: u.State == table.Running, Failed: u.Error, Page: "/desk/tables/" + u.ID}
	count := func(n int64, words string) {
		if n > 0 {
			v.Lines = append(v.Lines, site.Number(int(n))+" "+words)
		}
	}
	v.Lines = []string{"Прочитано: " + site.Count(int(sum.Read), "строка", "строки", "строк")}
	count(sum.Opened, "стали инцидентами")
	count(sum.Attached-sum.Renewed, "присоединены к инцидентам")
	count(sum.Renewed, "сообщили новое о том, что уже здесь: статус, ответ или кто отвечает")
	count(sum.KeptWithoutIncident, "сохранены без инцидента")
	count(sum.Duplicate, "уже были здесь")
	count(sum.NotOurs, "не наши: правила наблюдения их не берут")
	count(sum.Rejected, "не взяты")
	for _, l := range lostNames {
		if n := u.Lost[l.what]; n > 0 {
			v.Lost = append(v.Lost, site.Count(n, "строка", "строки", "строк")+": "+l.says)
		}
	}
	for _, r := range u.Rejected[:min(10, len(u.Rejected))] {
		v.Rejected = append(v.Rejected, fmt.Sprintf("строка %d: %s", r.Line, r.Text))
	}
	v.More = int(sum.Rejected) - len(v.Rejected)
	return v
}

// poll asks again how far a run is.
func (v *TableRun) poll() templ.Attributes {
	if !v.Going {
		return nil
	}
	return templ.Attributes{"data-hx-get": v.Page + "/run", "data-hx-trigger": "every 2s", "data-hx-swap": "outerHTML"}
}

func (s *Staff) tableRun(w http.ResponseWriter, r *http.Request) error {
	u, err := s.Tables.Upload(who(r).Actor(), r.PathValue("upload"))
	if err != nil {
		return err
	}
	return Running(s.runView(&u)).Render(r.Context(), w)
}

func (s *Staff) rejectedCSV(w http.ResponseWriter, r *http.Request) error {
	u, err := s.Tables.Upload(who(r).Actor(), r.PathValue("upload"))
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="rejected.csv"`)
	if _, err := io.WriteString(w, "\ufeff"); err != nil {
		return err
	}
	out := csv.NewWriter(w)
	out.Comma = ';'
	if err := out.Write([]string{"Строка", "Почему не взята", "Код"}); err != nil {
		return err
	}
	for _, x := range u.Rejected {
		if err := out.Write([]string{strconv.Itoa(x.Line), file.Guard(x.Text), x.Reason}); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// seenAt is when a row was written, as people there tell time.
func (p *TablePage) seenAt(s *table.Seen) string {
	if s.Message.PublishedAt.IsZero() {
		return ""
	}
	return s.Message.PublishedAt.In(p.Zone).Format("02.01.2006 15:04")
}

// seenLine tells how a row is read.
func (p *TablePage) seenLine(s *table.Seen) string {
	parts := []string{"строка " + strconv.Itoa(s.Line), p.seenAt(s), s.State, s.Topic, s.Place, s.Agency}
	return strings.Join(slices.DeleteFunc(parts, func(x string) bool { return x == "" }), " · ")
}

// lost tells what of a row is not taken with it.
func lost(s *table.Seen) (out []string) {
	for _, l := range lostNames {
		if slices.Contains(s.Lost, l.what) {
			out = append(out, l.says)
		}
	}
	return out
}
