package staff

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"otklik/internal/calendar"
	"otklik/internal/fault"
	"otklik/internal/regime"
	"otklik/internal/site"
)

// RegimesPage is where regimes and calendars are seen and edited.
type RegimesPage struct {
	Chrome
	Version   int
	Regimes   []RegimeView
	Calendars []CalendarView
	Places    []Choice // territories for a new calendar
	Versions  []Line
	Units     []Choice
	Problem   string
	Preview   *site.RulesPreview
	Kept      url.Values // what was typed, when it could not be done or was only tried
	KeptFor   string     // code of the regime, or "calendar:" and the territory
}

// A RegimeView is one regime as it is edited.
type RegimeView struct {
	Code, Name, Act, Check, For string
	Retired                     bool
	Steps                       []RegimeStep
	Notes                       []string
	Authors, Pressure           string // so many raise a case by a rung, "" none; what that means
	JSON                        string
}

// A RegimeStep is a step with its field.
type RegimeStep struct {
	Kind, Name, From, Check, More string
	N                             int
	Unit                          string
}

// A CalendarView is one calendar.
type CalendarView struct {
	Territory, Name, Zone, Hours, JSON string
	Years                              []string
	Days                               []string
}

func (s *Staff) regimes(w http.ResponseWriter, r *http.Request) error {
	return s.showRegimes(w, r, http.StatusOK, &RegimesPage{})
}

func (s *Staff) showRegimes(w http.ResponseWriter, r *http.Request, status int, p *RegimesPage) error {
	me, now := who(r), s.Now()
	rules := s.Keeper.Rules()
	p.Version = rules.Version
	for k := range rules.Regimes {
		p.Regimes = append(p.Regimes, regimeView(&rules.Regimes[k]))
	}
	for k := range rules.Calendars {
		p.Calendars = append(p.Calendars, s.calendarView(&rules.Calendars[k]))
	}
	for _, u := range calendar.Units() {
		p.Units = append(p.Units, Choice{string(u), regime.UnitName(u)})
	}
	own := func(t string) bool {
		return slices.ContainsFunc(rules.Calendars, func(d calendar.Document) bool { return d.Territory == t })
	}
	if t := me.Place.Region; t != "" && !own(t) {
		p.Places = append(p.Places, Choice{t, s.placeName(t)})
	}
	for _, c := range s.centres(me.Place.Region) {
		if !own(c.Value) {
			p.Places = append(p.Places, c)
		}
	}
	versions, err := s.Keeper.RulesVersions(r.Context())
	if err != nil {
		return err
	}
	people, err := s.colleagues(r.Context(), me)
	if err != nil {
		return err
	}
	zone := s.zone(me.Place.Centre, me.Place.Region)
	for _, v := range versions {
		l := Line{What: "Версия " + strconv.Itoa(v.Version), Who: people.names[v.Who], When: site.DateTime(v.At, now, zone)}
		if v.At.IsZero() {
			l.When, l.Note = "", "пришла с программой"
		}
		for _, c := range v.Changes {
			l.Note += c + ". "
		}
		p.Versions = append(p.Versions, l)
	}
	p.Chrome = s.chrome(w, r, "regimes")
	p.Here = "/desk/regimes"
	return s.page(w, r, status, "Сроки", Regimes(p))
}

func regimeView(r *regime.Regime) RegimeView {
	v := RegimeView{Code: string(r.Code), Name: r.Name, Act: r.Act, Check: r.Check, Retired: r.Retired}
	switch {
	case r.For.ByHand:
		v.For = "выбирает куратор"
	case len(r.For.Channels) == 0 && !r.For.Fast:
		v.For = "все остальные"
	default:
		v.For = "по каналу"
		if r.For.Fast {
			v.For += ", темы ★"
		}
	}
	for _, s := range r.Steps {
		st := RegimeStep{Kind: string(s.Kind), Name: sentenceCase(s.Kind.Name()), From: s.From.Name(), Check: s.Check, N: s.Within.N, Unit: string(s.Within.Unit)}
		if s.Heightened != nil {
			st.More = "при повышенной важности " + regime.AmountWords(*s.Heightened)
		}
		v.Steps = append(v.Steps, st)
	}
	if r.Extension != nil {
		v.Notes = append(v.Notes, "Продление: не больше чем на "+regime.AmountWords(r.Extension.Most))
	}
	if r.Pause.Author || r.Pause.ByHand {
		note := "Часы стоят, пока ждём автора"
		if r.Pause.Most != nil {
			note += ", не дольше чем " + regime.AmountWords(*r.Pause.Most)
		}
		v.Notes = append(v.Notes, note)
	}
	if v.Pressure = r.Pressure.Sentence(); r.Pressure != nil {
		v.Authors = strconv.Itoa(r.Pressure.Authors)
		v.Pressure += checked(r.Pressure.Check)
	}
	if b, err := json.MarshalIndent(r, "", "  "); err == nil {
		v.JSON = string(b)
	}
	return v
}

func (s *Staff) calendarView(d *calendar.Document) CalendarView {
	v := CalendarView{Territory: d.Territory, Name: d.Name}
	c := s.Keeper.Book().Calendar(d.Territory, "")
	v.Zone, v.Hours = c.Location().String(), c.HoursText()
	for _, y := range d.Years {
		line := strconv.Itoa(y.Year) + ": " + y.Act
		if y.Check != "" {
			line += "; проверьте: " + y.Check
		}
		v.Years = append(v.Years, line)
	}
	for _, h := range d.Holidays {
		if d.Territory != calendar.Country {
			v.Days = append(v.Days, h.On+", каждый год: "+h.Name+checked(h.Check))
		}
	}
	for _, x := range d.Days {
		v.Days = append(v.Days, x.Date+": "+x.Name+" ("+kindWords[x.Kind]+")"+checked(x.Check))
	}
	if b, err := json.MarshalIndent(d, "", "  "); err == nil {
		v.JSON = string(b)
	}
	return v
}

var kindWords = map[calendar.Kind]string{calendar.Off: "выходной", calendar.Work: "рабочий", calendar.Short: "короткий"}

func checked(check string) string {
	if check == "" {
		return ""
	}
	return "; " + check
}

// editRegimes changes a regime or a calendar, or says what a change would do.
func (s *Staff) editRegimes(w http.ResponseWriter, r *http.Request) error {
	if err := form(w, r); err != nil {
		return err
	}
	p := &RegimesPage{Kept: r.PostForm, KeptFor: r.PostForm.Get("of")}
	e, err := s.regimeEdit(r, r.PathValue("deed"))
	if err == nil && r.PostForm.Get("try") != "" {
		var preview site.RulesPreview
		if preview, err = s.Keeper.PreviewRegimes(r.Context(), who(r).Actor(), e); err == nil {
			p.Preview = &preview
			return s.showRegimes(w, r, http.StatusOK, p)
		}
	}
	if err == nil {
		_, err = s.Keeper.EditRegimes(r.Context(), who(r).Actor(), int(number(r, "version")), e)
	}
	switch fault.KindOf(err) {
	case "":
		say(w, Said{Good: "Сохранено. Сроки открытых инцидентов пересчитываются; о каждом сдвиге будет запись в истории."})
		http.Redirect(w, r, "/desk/regimes", http.StatusSeeOther)
		return nil
	case fault.Conflict, fault.Invalid, fault.Forbidden, fault.NotFound:
		p.Problem = orElse(fault.Sentence(err), "Это не получилось.")
		return s.showRegimes(w, r, site.Status(err), p)
	}
	return err
}

func (s *Staff) regimeEdit(r *http.Request, deed string) (e regime.Edit, err error) {
	switch deed {
	case "limits":
		e.Regime, err = s.limits(r)
	case "regime":
		var one regime.Regime
		one, err = regime.Parse([]byte(field(r, "json")))
		e.Regime = &one
	case "calendar":
		var d calendar.Document
		d, err = calendar.ParseDocument([]byte(field(r, "json")))
		e.Calendar = &d
	case "day", "ical":
		e.Calendar, err = s.withDays(r, deed)
	case "drop":
		e.Drop = field(r, "territory")
	default:
		err = fault.New(fault.NotFound, "deed %q", deed).Say("Такого действия нет.")
	}
	return e, err
}

// limits reads the numbers of a regime's steps.
func (s *Staff) limits(r *http.Request) (_ *regime.Regime, err error) {
	now, ok := s.Keeper.Book().Regime(regime.Code(field(r, "of")))
	if !ok {
		return nil, fault.New(fault.NotFound, "regime").Say("Такого регламента нет.")
	}
	next := *now
	next.Steps = slices.Clone(now.Steps)
	for k := range next.Steps {
		kind := string(next.Steps[k].Kind)
		n, err := strconv.Atoi(field(r, "n-"+kind))
		if err != nil {
			return nil, fault.New(fault.Invalid, "no number").At("n-" + kind).Say("Срок шага «" + next.Steps[k].Kind.Name() + "» — не число.")
		}
		next.Steps[k].Within = calendar.Amount{N: n, Unit: calendar.Unit(field(r, "unit-"+kind))}
	}
	next.Retired = field(r, "retired") != ""
	if r.PostForm.Has("pressure") {
		if next.Pressure, err = pressure(field(r, "pressure"), now.Pressure); err != nil {
			return nil, err
		}
	}
	return &next, next.Valid()
}

// pressure reads the number of authors that raise a case by a rung; "" is none.
func pressure(typed string, was *regime.Pressure) (*regime.Pressure, error) {
	if typed == "" {
		return nil, nil
	}
	n, err := strconv.Atoi(typed)
	if err != nil {
		return nil, fault.New(fault.Invalid, "no number").At("pressure").Say("Давление: число разных авторов, от 2 до 1000. Пусто — о сроке говорят по времени, сколько бы людей ни писало.")
	}
	next := &regime.Pressure{}
	if was != nil {
		*next = *was
	}
	next.Authors = n
	return next, nil
}

// withDays adds a day, or those of an iCal file, to a territory's calendar.
func (s *Staff) withDays(r *http.Request, deed string) (*calendar.Document, error) {
	territory := field(r, "territory")
	d := calendar.Document{Territory: territory, Name: s.placeName(territory)}
	for _, o := range s.Keeper.Rules().Calendars {
		if o.Territory == territory {
			d = o
		}
	}
	if deed == "ical" {
		got, err := calendar.ParseICal([]byte(r.PostForm.Get("file")))
		if err != nil {
			return nil, err
		}
		d = d.With(got.Days, got.Holidays)
		return &d, nil
	}
	d = d.With([]calendar.Day{{Date: field(r, "date"), Kind: calendar.Kind(field(r, "kind")), Name: field(r, "name")}}, nil)
	return &d, nil
}

// KeptIn returns what was typed into a field of the form of a regime or calendar.
func (p *RegimesPage) KeptIn(of, name, otherwise string) string {
	if p.KeptFor == of && p.Kept.Has(name) {
		return p.Kept.Get(name)
	}
	return otherwise
}
