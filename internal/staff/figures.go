package staff

import (
	"cmp"
	"context"
	"encoding/csv"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"otklik/internal/account"
	"otklik/internal/incident"
	"otklik/internal/message"
	"otklik/internal/order"
	"otklik/internal/site"
)

// FiguresPage is the board of leaders: "answered in time" beside "verified solved", of
// what was opened in a week, a month or a quarter.
type FiguresPage struct {
	Chrome
	By              incident.Split
	Title           string   // «ноябрь 2026 года»
	Within          []string // what the board is narrowed to
	Whole           string   // URL without that; "" when it is not
	Splits, Periods []FigureLink
	Prev, Next, CSV string // URLs; Next is "" for the period that runs
	Rows            []FigureRow
	Total           FigureRow
	Before          string // «в октябре»: what the figures of before are of
}

// A FigureLink is a choice above the board.
type FigureLink struct {
	Name, URL string
	Now       bool
}

// A FigureRow is one line of the board.
type FigureRow struct {
	incident.Figures
	Name         string
	URL          string // the board narrowed to it; "" for what has no name
	Queue        func(result incident.Result) string
	Was          *incident.Figures // the period before; nil when nothing came then
	InTimeShare  string            // «90 %»
	CheckedShare string
	InTimeWas    string // «было 85 %»; "" when nothing is known
	CheckedWas   string

	// By channel alone.
	Part               string // of all that came
	AnswerIn, SolvedIn string // half of the people waited no longer: «2 ч 10 мин»; "" when nobody has one
}

// A figurePeriod is a stretch of whole days of the region's clock.
type figurePeriod struct {
	name        string // week, month, quarter
	from, until time.Time
}

// periodOf returns the period that holds the day.
func periodOf(name string, day time.Time) figurePeriod {
	y, m, d := day.Date()
	p := figurePeriod{name: name}
	switch name {
	case "week":
		p.from = time.Date(y, m, d-(int(day.Weekday())+6)%7, 0, 0, 0, 0, day.Location())
		p.until = p.from.AddDate(0, 0, 7)
	case "quarter":
		p.from = time.Date(y, m-(m-1)%3, 1, 0, 0, 0, 0, day.Location())
		p.until = p.from.AddDate(0, 3, 0)
	default:
		p.name, p.from = "month", time.Date(y, m, 1, 0, 0, 0, 0, day.Location())
		p.until = p.from.AddDate(0, 1, 0)
	}
	return p
}

func (p figurePeriod) before() figurePeriod { return periodOf(p.name, p.from.AddDate(0, 0, -1)) }

// title names the period: «16–22 ноября 2026», «ноябрь 2026», «4-й квартал 2026».
func (p figurePeriod) title() string {
	last := p.until.AddDate(0, 0, -1)
	switch p.name {
	case "week":
		never := time.Time{}
		if p.from.Month() == last.Month() {
			return fmt.Sprintf("%d–%s", p.from.Day(), site.Date(last, never, last.Location()))
		}
		return site.Date(p.from, p.from, p.from.Location()) + " — " + site.Date(last, never, last.Location())
	case "quarter":
		return fmt.Sprintf("%d-й квартал %d", (int(p.from.Month())+2)/3, p.from.Year())
	}
	return fmt.Sprintf("%s %d", monthNames[p.from.Month()-1], p.from.Year())
}

var monthNames = [...]string{"январь", "февраль", "март", "апрель", "май", "июнь", "июль", "август", "сентябрь", "октябрь", "ноябрь", "декабрь"}

var figureSplits = []FigureLink{{Name: "Организации", URL: string(incident.ByAgency)}, {Name: "Темы", URL: string(incident.ByGroup)}, {Name: "Муниципалитеты", URL: string(incident.ByCentre)}, {Name: "Каналы", URL: string(incident.ByChannel)}}

var figurePeriods = []FigureLink{{Name: "Неделя", URL: "week"}, {Name: "Месяц", URL: "month"}, {Name: "Квартал", URL: "quarter"}}

// A figureAsk is the board's URL, parsed; what makes no sense is dropped.
type figureAsk struct {
	by            incident.Split
	period        figurePeriod
	agency        int64
	group, centre string
	channel       message.Channel
}

func (s *Staff) figureAsk(v url.Values, me *account.Account, now time.Time) figureAsk {
	zone := s.zone(me.Place.Centre, me.Place.Region)
	day, err := time.ParseInLocation(time.DateOnly, v.Get("from"), zone)
	if err != nil || day.Year() < 2000 || day.Year() > 2100 {
		day = now.In(zone)
	}
	a := figureAsk{period: periodOf(v.Get("period"), day), group: searchText(v.Get("group")), centre: searchText(v.Get("centre"))}
	if c := message.Channel(v.Get("channel")); slices.Contains(message.Channels(), c) {
		a.channel = c
	}
	a.agency, _ = strconv.ParseInt(v.Get("agency"), 10, 64)
	if a.by, err = incident.ParseSplit(v.Get("by")); err != nil {
		a.by = incident.ByAgency
	}
	return a
}

// url returns the board's address, or that of the table as a file.
func (a figureAsk) url(path string) string {
	v := url.Values{"by": {string(a.by)}, "period": {a.period.name}, "from": {a.period.from.Format(time.DateOnly)}}
	a.narrow(v)
	return path + "?" + v.Encode()
}

func (a figureAsk) narrow(v url.Values) {
	if a.agency != 0 {
		v.Set("agency", strconv.FormatInt(a.agency, 10))
	}
	if a.group != "" {
		v.Set("group", a.group)
	}
	if a.centre != "" {
		v.Set("centre", a.centre)
	}
	if a.channel != "" {
		v.Set("channel", string(a.channel))
	}
}

// at returns the board narrowed to a line of it, split by something else.
func (a figureAsk) at(f *incident.Figures) figureAsk {
	switch a.by {
	case incident.ByAgency:
		a.agency, a.by = f.Agency, incident.ByGroup
	case incident.ByGroup:
		a.group, a.by = f.Group, incident.ByAgency
	case incident.ByCentre:
		a.centre, a.by = f.Centre, incident.ByAgency
	case incident.ByChannel:
		a.channel, a.by = f.Channel, incident.ByAgency
	}
	return a
}

// queue returns the incidents behind a number.
func (a figureAsk) queue(f *incident.Figures, r incident.Result) string {
	v := url.Values{"all": {"1"}, "result": {string(r)}, "since": {a.period.from.Format(time.DateOnly)}, "until": {a.period.until.AddDate(0, 0, -1).Format(time.DateOnly)}}
	a.narrow(v)
	switch {
	case f == nil:
	case a.by == incident.ByAgency && f.Agency == 0:
		v.Set("agency", "none")
	default:
		a.at(f).narrow(v)
	}
	return "/desk?" + v.Encode()
}

func (s *Staff) figures(w http.ResponseWriter, r *http.Request) error {
	p, err := s.figuresPage(r.Context(), who(r), r.URL.Query())
	if err != nil {
		return err
	}
	p.Chrome = s.chrome(w, r, "figures")
	return s.page(w, r, http.StatusOK, "Итоги", FiguresBoard(p))
}

func (s *Staff) figuresPage(ctx context.Context, me *account.Account, v url.Values) (*FiguresPage, error) {
	now := s.Now()
	a := s.figureAsk(v, me, now)
	agencies, err := s.regionAgencies(ctx, me)
	if err != nil {
		return nil, err
	}
	p := &FiguresPage{By: a.by, Title: a.period.title(), CSV: a.url("/desk/figures.csv"), Before: a.period.before().title()}
	ask := func(period figurePeriod) ([]incident.Figures, error) {
		return s.Cases().Clocks().Figures(ctx, me.Scope(), incident.FigureQuery{By: a.by, Since: period.from, Until: period.until, Now: now, Agency: a.agency, Group: a.group, Centre: a.centre, Channel: a.channel})
	}
	list, err := ask(a.period)
	if err != nil {
		return nil, err
	}
	earlier, err := ask(a.period.before())
	if err != nil {
		return nil, err
	}
	var sum, was incident.Figures
	for k := range earlier {
		was.Add(&earlier[k])
	}
	for k := range list {
		f := &list[k]
		sum.Add(f)
		row := figureRow(f, earlierOf(earlier, f))
		row.Name, row.URL = s.figureName(a.by, f, agencies), a.at(f).url("/desk/figures")
		row.Queue = func(r incident.Result) string { return a.queue(f, r) }
		if f.Agency == 0 && f.Group == "" && f.Centre == "" && f.Channel == "" {
			row.URL = ""
			if a.by != incident.ByAgency { // the queue has no filter for what has no name
				row.Queue = nil
			}
		}
		p.Rows = append(p.Rows, row)
	}
	order.By(p.Rows, func(x, y FigureRow) int { return cmp.Compare(y.Came, x.Came) })
	for k := range p.Rows {
		p.Rows[k].Part = share(p.Rows[k].Came, sum.Came)
	}
	p.Total = figureRow(&sum, &was)
	p.Total.Name, p.Total.Queue = "Всего", func(r incident.Result) string { return a.queue(nil, r) }
	s.figureLinks(p, a, agencies, now)
	return p, nil
}

func (s *Staff) figureLinks(p *FiguresPage, a figureAsk, agencies *agencyList, now time.Time) {
	for _, l := range figureSplits {
		b := a
		b.by = incident.Split(l.URL)
		p.Splits = append(p.Splits, FigureLink{l.Name, b.url("/desk/figures"), b.by == a.by})
	}
	for _, l := range figurePeriods {
		b := a
		b.period = periodOf(l.URL, a.period.from)
		if now.Before(a.period.until) { // the one that runs leads to the one that runs
			b.period = periodOf(l.URL, now.In(a.period.from.Location()))
		}
		p.Periods = append(p.Periods, FigureLink{l.Name, b.url("/desk/figures"), l.URL == a.period.name})
	}
	b := a
	b.period = a.period.before()
	p.Prev = b.url("/desk/figures")
	if !a.period.until.After(now) {
		b.period = periodOf(a.period.name, a.period.until)
		p.Next = b.url("/desk/figures")
	}
	if a.agency != 0 {
		p.Within = append(p.Within, agencies.name(a.agency))
	}
	if a.group != "" {
		p.Within = append(p.Within, a.group)
	}
	if a.centre != "" {
		p.Within = append(p.Within, s.placeName(a.centre))
	}
	if a.channel != "" {
		p.Within = append(p.Within, a.channel.Name())
	}
	if len(p.Within) > 0 {
		p.Whole = figureAsk{by: a.by, period: a.period}.url("/desk/figures")
	}
}

func (s *Staff) figureName(by incident.Split, f *incident.Figures, agencies *agencyList) string {
	switch by {
	case incident.ByGroup:
		return cmp.Or(f.Group, "Тема не определена")
	case incident.ByChannel:
		return cmp.Or(f.Channel.Name(), "Не записано")
	case incident.ByCentre:
		if f.Centre == "" {
			return "Место не определено"
		}
		return s.placeName(f.Centre)
	}
	if f.Agency == 0 {
		return "Не передано"
	}
	return cmp.Or(agencies.name(f.Agency), fmt.Sprintf("Организация %d", f.Agency))
}

func earlierOf(list []incident.Figures, f *incident.Figures) *incident.Figures {
	k := slices.IndexFunc(list, func(e incident.Figures) bool {
		return e.Agency == f.Agency && e.Group == f.Group && e.Centre == f.Centre && e.Channel == f.Channel
	})
	if k < 0 {
		return nil
	}
	return &list[k]
}

func figureRow(f, was *incident.Figures) FigureRow {
	r := FigureRow{Figures: *f, Was: was, InTimeShare: share(f.InTime, f.Judged), CheckedShare: share(f.Verified, f.Judged)}
	r.AnswerIn, r.SolvedIn = waited(f.FirstAnswer), waited(f.Solved)
	if was != nil && was.Judged > 0 {
		r.InTimeWas, r.CheckedWas = "было "+share(was.InTime, was.Judged), "было "+share(was.Verified, was.Judged)
	}
	return r
}

// waited returns a wait in words: «2 дня», «5 ч», «40 мин»; "" for none.
func waited(d time.Duration) string {
	switch {
	case d <= 0:
		return ""
	case d >= 48*time.Hour:
		return site.Count(int(d/(24*time.Hour)), "день", "дня", "дней")
	case d >= 2*time.Hour:
		return strconv.Itoa(int(d/time.Hour)) + site.NBSP + "ч"
	}
	return strconv.Itoa(max(int(d/time.Minute), 1)) + site.NBSP + "мин"
}

// share returns «90 %», never rounded up to all of them; "" of nothing.
func share(n, of int) string {
	if of == 0 {
		return ""
	}
	return strconv.Itoa(n*100/of) + site.NBSP + "%"
}

// figuresCSV answers with the board as a table: both shares with their numbers.
func (s *Staff) figuresCSV(w http.ResponseWriter, r *http.Request) error {
	p, err := s.figuresPage(r.Context(), who(r), r.URL.Query())
	if err != nil {
		return err
	}
	a := s.figureAsk(r.URL.Query(), who(r), s.Now())
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", fmt.Sprintf("attachment; filename=\"itogi-%s-%s.csv\"", a.by, a.period.from.Format(time.DateOnly)))
	if _, err := w.Write([]byte("\ufeff")); err != nil { // so that spreadsheets see UTF-8
		return err
	}
	t := csv.NewWriter(w)
	t.Comma = ';' // as Russian spreadsheets take it
	rows := [][]string{{"период с", "по", "кто", "поступило", "не рассматривалось", "ждут срока", "в знаменателе", "ответили в срок", "ответили в срок, %", "решение проверено", "решение проверено, %"}}
	if a.by == incident.ByChannel {
		rows[0] = append(rows[0], "доля поступивших, %", "первый ответ, половине за минут", "проверенное решение, половине за минут")
	}
	for _, row := range append(slices.Clone(p.Rows), p.Total) {
		rows = append(rows, []string{a.period.from.Format(time.DateOnly), a.period.until.AddDate(0, 0, -1).Format(time.DateOnly), cell(row.Name), strconv.Itoa(row.Came), strconv.Itoa(row.Refused),
			strconv.Itoa(row.Waits), strconv.Itoa(row.Judged), strconv.Itoa(row.InTime), wholePercent(row.InTime, row.Judged), strconv.Itoa(row.Verified), wholePercent(row.Verified, row.Judged)})
		if a.by == incident.ByChannel {
			last := len(rows) - 1
			rows[last] = append(rows[last], wholePercent(row.Came, p.Total.Came), wholeMinutes(row.FirstAnswer), wholeMinutes(row.Solved))
		}
	}
	return t.WriteAll(rows)
}

func wholePercent(n, of int) string {
	if of == 0 {
		return ""
	}
	return strconv.Itoa(n * 100 / of)
}

func wholeMinutes(d time.Duration) string {
	if d <= 0 {
		return ""
	}
	return strconv.Itoa(max(int(d/time.Minute), 1))
}

// cell keeps a spreadsheet from taking a name for a formula.
func cell(s string) string {
	if strings.HasPrefix(s, "=") || strings.HasPrefix(s, "+") || strings.HasPrefix(s, "-") || strings.HasPrefix(s, "@") {
		return "'" + s
	}
	return s
}
