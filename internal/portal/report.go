package portal

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"otklik/internal/desk"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/message"
	"otklik/internal/publicface"
	"otklik/internal/reply"
	"otklik/internal/scope"
	"otklik/internal/shield"
	"otklik/internal/site"
	"otklik/internal/topic"
	"otklik/internal/upload"
)

// A Counter takes what residents tell us, and what they do by the link that they got.
// desk.Desk is one.
type Counter interface {
	Report(ctx context.Context, r desk.Report) (desk.Filed, error)
	Before(ctx context.Context, tx incident.Tx, r desk.Report) (f desk.Filed, filed bool, err error)
	Follows(ctx context.Context, tx incident.Tx, secret string) (desk.Followed, error)
	Judges(ctx context.Context, tx incident.Tx, f desk.Followed, now time.Time) (*reply.Reply, error)
	JudgedBy(ctx context.Context, secret string, v desk.Verdict, files Files) (again bool, err error)
	AddWords(ctx context.Context, secret, form, text string, files Files) error
	Added(ctx context.Context, tx incident.Tx, secret, form string) (bool, error)
	Withdraw(ctx context.Context, secret string) (ended bool, err error)
	News(ctx context.Context, secret string, on bool) error
}

// Files hand what was uploaded to a message, inside the transaction that stores it; nil: nothing.
type Files = func(ctx context.Context, tx incident.Tx, m *message.Message) error

// A Hearer is what the form asks while a resident fills it in.
type Hearer interface {
	// Read reads a text as intake will.
	Read(ctx context.Context, text string) (*message.Reading, error)
	// Around returns what stands at a point of the map.
	Around(at message.Point) []message.PlaceFound
	// Stand puts what a text names into one address.
	Stand(r *message.Reading) (scope.Place, incident.Address)
	// Public is the rule of what everybody may see.
	Public() publicface.Rule
}

// Consent is the text by which residents agree to the use of what they tell of themselves
// (152-ФЗ); its version is stored with each report. A changed text needs another version.
type Consent struct{ Version, Text string }

// Steps of the form.
const (
	stepWhat  = "what"
	stepWhere = "where"
	stepWho   = "who"
	stepFile  = "file"
)

// reportMost is how long a text may be, for the browser.
var reportMost = strconv.Itoa(desk.ReportLimit)

// kept are the fields that go from step to step, hidden; files do, too.
var kept = []string{"key", "made", "mark", "text", "address", "lat", "lon", "topic", "join", "photo", "name", "contact", "news", "private", "regime", "consent"}

// A ReportPage is one step of the form, or what became of it.
type ReportPage struct {
	Title   string
	Step    string
	Kept    url.Values
	Problem string
	Field   string // that the problem is of

	// of the second step
	Topics  []ReportTopic
	Place   string // that the words name; "" = none
	Ask     string // what is missing, in a question
	Alike   []ReportAlike
	Danger  bool
	Obscene bool

	PhotoAt string // where the camera was, in words; "" = unknown
	PhotoIs string // the same for the form

	Files   []upload.File
	Refused []upload.Refusal
	Most    int // files of one report; 0 = none are taken
	Task    *shield.Ask

	Widget *Widget // whose frame shows the form; nil = a page of its own

	Letters bool // a mailbox can be told how it comes on
	Consent Consent
	Filed   *ReportFiled
}

// A ReportTopic is a topic that may be meant.
type ReportTopic struct{ Code, Name string }

// A ReportAlike is an open incident that may be the same.
type ReportAlike struct{ Number, Spoken, Topic, Where, Since string }

// ReportFiled is what became of a report.
type ReportFiled struct {
	Number  string // «123-456-78»
	Link    string // whole, to be kept
	Path    string
	Joined  bool
	Obscene bool
	Due     string
	News    bool // a letter with the link is on its way
}

// Value returns what was typed into a field.
func (v *ReportPage) Value(name string) string { return v.Kept.Get(name) }

// Hidden returns the fields of other steps than this one, with their values.
func (v *ReportPage) Hidden() (out [][2]string) {
	here := map[string][]string{stepWhat: {"text"}, stepWhere: {"address", "lat", "lon", "topic", "join", "photo"}, stepWho: {"name", "contact", "news", "private", "regime", "consent"}}[v.Step]
	for _, name := range kept {
		if s := v.Kept.Get(name); s != "" && !slices.Contains(here, name) {
			out = append(out, [2]string{name, s})
		}
	}
	return out
}

func (p *Portal) reportRoutes() []site.Route {
	if p.Counter == nil || p.Hearer == nil {
		return nil
	}
	open := site.Access{Open: true}
	return []site.Route{
		{Method: "GET", Pattern: "/report", Access: open, Handler: p.report},
		{Method: "POST", Pattern: "/report", Access: open, Handler: p.reported},
	}
}

// report shows an empty form. A mark says which page led here (?from=, of an agency's site
// or an official page); a text or an address may come along, too.
func (p *Portal) report(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	v := p.newReport(r)
	v.Kept.Set("mark", mark(q.Get("from")))
	v.Kept.Set("join", clip(q.Get("join"), 12))
	return p.showReport(w, r, http.StatusOK, v)
}

// newReport returns an empty form, inside of the widget that the path names.
func (p *Portal) newReport(r *http.Request) *ReportPage {
	v := &ReportPage{Step: stepWhat, Kept: url.Values{"key": {desk.NewForm()}}, Widget: p.widget(r.PathValue("mark"))}
	if v.Widget != nil {
		v.Kept.Set("mark", v.Widget.Mark)
	}
	if p.Shield != nil {
		v.Kept.Set("made", p.Shield.Stamp())
	}
	return v
}

// mark returns a mark of a link, "" for what is none: who comes by a broken link reports all the same.
func mark(s string) string {
	if len(s) > 40 || strings.ContainsFunc(s, func(c rune) bool { return !(c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-') }) {
		return ""
	}
	return s
}

func clip(s string, most int) string {
	if len(s) > most {
		return ""
	}
	return s
}

func (p *Portal) showReport(w http.ResponseWriter, r *http.Request, status int, v *ReportPage) error {
	v.Title, v.Consent, v.Letters = p.Title, p.Agreement, p.Letters
	scripts := []string{"report.js"}
	if p.Uploads != nil {
		if v.Most = p.Uploads.Limits.Files; v.Step == stepWhat {
			scripts = append(scripts, "upload.js")
		}
	}
	if v.Task != nil {
		scripts = append(scripts, "proof.js")
	}
	title := map[string]string{stepWhat: "Что случилось?", stepWhere: "Где это?", stepWho: "Куда ответить?"}[v.Step]
	if v.Filed != nil {
		title = "Принято"
	}
	if v.Problem != "" {
		title = "Ошибка: " + title
	}
	hide(w)
	if v.Widget != nil {
		return p.Site.Page(w, r, status, site.Doc{Title: title, Styles: []string{"portal.css"}, Scripts: append(scripts, "frame.js"), Body: "portal portal-framed", Plain: true}, reportPage(v))
	}
	return p.show(w, r, status, site.Doc{Title: title, Scripts: scripts}, reportPage(v))
}

// reported leads from step to step; all that was typed goes along in the form itself, so
// that nothing is kept here of who changes their mind.
func (p *Portal) reported(w http.ResponseWriter, r *http.Request) error {
	files, refused, err := p.TakeFiles(w, r)
	if err != nil {
		return err
	}
	v := &ReportPage{Step: r.PostForm.Get("go"), Kept: url.Values{}, Files: files, Refused: refused, Widget: p.widget(r.PathValue("mark"))}
	if r.PostForm.Get("unchecked") != "" {
		v.Step = stepFile
	}
	for _, name := range kept {
		if s := strings.TrimSpace(r.PostForm.Get(name)); s != "" {
			v.Kept.Set(name, s)
		}
	}
	if v.Step == stepFile { // the answer may have been lost: then its files are no uploads any more
		if report, err := p.reportOf(r.Context(), v); err == nil {
			if f, filed, err := p.Counter.Before(r.Context(), p.Cases(), report); err == nil && filed {
				return p.showFiled(w, r, v, f)
			}
		}
	}
	if len(refused) > 0 { // what was refused is told where files are attached
		v.Step = stepWhat
	}
	switch v.Step {
	case stepWhat:
		return p.showReport(w, r, http.StatusOK, v)
	case stepWhere, stepWho:
		return p.step(w, r, v)
	case stepFile:
		return p.fileReport(w, r, v)
	}
	return fault.New(fault.Invalid, "step %q is unknown", v.Step).At("go").Say("Такого шага у формы нет. Откройте её заново.")
}

// step shows the step that was asked for, or the one before it with what is wrong there.
func (p *Portal) step(w http.ResponseWriter, r *http.Request, v *ReportPage) error {
	report, err := p.reportOf(r.Context(), v)
	if err == nil {
		soFar := report
		soFar.Appeal, soFar.Name, soFar.Contact = false, "", "" // asked for at the last step
		err = soFar.Check()
	}
	if err != nil {
		return p.refuse(w, r, v, err)
	}
	if v.Step == stepWhere {
		if err := p.understand(r, v, &report); err != nil {
			return err
		}
	}
	return p.showReport(w, r, http.StatusOK, v)
}

// refuse shows the step at which something is wrong.
func (p *Portal) refuse(w http.ResponseWriter, r *http.Request, v *ReportPage, err error) error {
	k := fault.KindOf(err)
	if k != fault.Invalid && k != fault.Conflict && k != fault.Unavailable && k != fault.TooLarge {
		return err
	}
	v.Problem, v.Field = fault.Sentence(err), fault.FieldOf(err)
	if v.Problem == "" {
		v.Problem = "Сейчас не получилось сохранить. Всё, что вы набрали, осталось в форме: отправьте ещё раз через минуту."
	}
	switch v.Field {
	case "text", "key", "mark":
		v.Step = stepWhat
	case "address", "point", "topic", "join":
		v.Step = stepWhere
	default:
		v.Step = stepWho
	}
	if v.Field == "mark" {
		v.Kept.Del("mark")
	}
	if v.Field == "key" {
		v.Kept.Set("key", desk.NewForm())
	}
	if v.Step == stepWhere {
		if report, err := p.reportOf(r.Context(), v); err == nil {
			if err := p.understand(r, v, &report); err != nil {
				return err
			}
		}
	}
	return p.showReport(w, r, site.Status(err), v)
}

// reportOf reads the report out of the fields.
func (p *Portal) reportOf(ctx context.Context, v *ReportPage) (report desk.Report, err error) {
	report = desk.Report{
		Key: v.Value("key"), Text: v.Value("text"), Address: v.Value("address"), Topic: topic.Code(v.Value("topic")), Name: v.Value("name"), Contact: v.Value("contact"),
		News: p.Letters && v.Value("news") != "", Private: v.Value("private") != "", Appeal: v.Value("regime") == "appeal", Mark: v.Value("mark"),
	}
	if b := p.widget(report.Mark); b != nil {
		report.Agency = b.Agency
	}
	if lat, lon, ok := strings.Cut(v.Value("photo"), ","); ok && v.Value("lat") == "" && v.Value("lon") == "" {
		v.Kept.Set("lat", lat)
		v.Kept.Set("lon", lon)
	}
	if v.Value("lat") != "" || v.Value("lon") != "" {
		lat, wrong1 := strconv.ParseFloat(v.Value("lat"), 64)
		lon, wrong2 := strconv.ParseFloat(v.Value("lon"), 64)
		if wrong1 != nil || wrong2 != nil {
			v.Kept.Del("lat")
			v.Kept.Del("lon")
			return report, fault.New(fault.Invalid, "no point").At("point").Say("Точка на карте не читается. Поставьте её заново или напишите адрес словами.")
		}
		report.Point = &message.Point{Lat: lat, Lon: lon}
		report.Spot = p.Hearer.Around(*report.Point)
	}
	if n := v.Value("join"); n != "" {
		i, err := p.joinable(ctx, n)
		if err != nil {
			return report, err
		}
		if report.Join = i; i == 0 {
			v.Kept.Del("join")
		}
	}
	return report, nil
}

// joinable returns the open public incident of a number, 0 when there is none: whoever
// guesses numbers learns nothing by joining.
func (p *Portal) joinable(ctx context.Context, number string) (incident.ID, error) {
	n, err := incident.ParseNumber(number)
	if err != nil {
		return 0, nil
	}
	i, err := p.Cases().Incidents().ByNumber(ctx, scope.All(), n)
	if fault.Is(err, fault.NotFound) {
		return 0, nil
	}
	if err != nil || !i.State.Open() || p.Hearer.Public().Hidden(i) != publicface.Shown {
		return 0, err
	}
	return i.ID, nil
}

// How many topics and incidents are proposed, and how old the incidents may be.
const (
	topicsMost = 4
	alikeMost  = 3
	alikeTime  = 30 * 24 * time.Hour
)

// understand says what was understood of the words: the second step shows it. Who asks too
// often goes on without.
func (p *Portal) understand(r *http.Request, v *ReportPage, report *desk.Report) error {
	if p.Shield != nil && !p.Shield.Understands(p.Site.Visitor(r)) {
		v.Ask = "Подсказки сейчас не покажем: с вашего адреса их просят слишком часто. Напишите адрес и идите дальше, сообщение примем и так."
		return nil
	}
	ctx := r.Context()
	text := report.Text
	if report.Address != "" {
		text += "\n" + report.Address
	}
	read, err := p.Hearer.Read(ctx, text)
	if err != nil {
		return err
	}
	v.Danger, v.Obscene = read.Urgency == message.Danger, read.Obscene
	if len(report.Spot) > 0 && !slices.ContainsFunc(read.Places, message.PlaceFound.Exact) {
		read.Places = report.Spot
	}
	for _, g := range read.Topics {
		if t, ok := p.Topics().ByCode(g.Code); ok && !t.Retired && g.Code != topic.Undefined && len(v.Topics) < topicsMost {
			v.Topics = append(v.Topics, ReportTopic{string(g.Code), t.Name})
		}
	}
	at, a := p.Hearer.Stand(read)
	v.Place = a.String()
	switch {
	case !slices.Contains(read.Missing, message.MissingPlace):
	case v.Place != "":
		v.Ask, v.Place = "Мы поняли только, что это "+v.Place+". Напишите точнее.", ""
	default:
		v.Ask = "Из текста не видно, где это."
	}
	if lat, lon, ok := Hinted(v.Files); ok && report.Point == nil {
		spot := p.Hearer.Around(message.Point{Lat: lat, Lon: lon})
		_, there := p.Hearer.Stand(&message.Reading{Places: spot})
		v.PhotoAt, v.PhotoIs = there.String(), fmt.Sprintf("%.6f,%.6f", lat, lon)
	}
	return p.alike(ctx, v, read, at, a)
}

// alike finds open incidents of the topic at the place that everybody may see.
func (p *Portal) alike(ctx context.Context, v *ReportPage, read *message.Reading, at scope.Place, a incident.Address) error {
	near := incident.Near{Topic: read.Topic(), Street: a.Street, House: a.House, Landmark: a.Landmark, Since: p.Now().Add(-alikeTime), OnlyOpen: true, Limit: 4 * alikeMost}
	for _, f := range read.Places {
		if near.Settlement == "" {
			near.Settlement = f.SettlementID
		}
	}
	if near.Topic == topic.Undefined || near.Settlement == "" || near.Street == "" && near.Landmark == "" || strings.HasPrefix(near.Landmark, desk.OnTheMap) {
		return nil
	}
	rows, err := p.Cases().Incidents().Near(ctx, scope.OfRegion(at.Region), near)
	if err != nil {
		return err
	}
	rule := p.Hearer.Public()
	for k := range rows {
		i := &rows[k].Incident
		if rule.Hidden(i) != publicface.Shown || len(v.Alike) == alikeMost {
			continue
		}
		face := publicface.Of(&publicface.Case{Incident: *i}, func(s string) string { return s })
		one := ReportAlike{Number: i.Number, Spoken: incident.Spoken(i.Number), Where: face.Address.String(), Since: site.Date(i.OpenedAt, p.Now(), p.zone())}
		if t, ok := p.Topics().ByCode(i.Topic); ok {
			one.Topic = t.Name
		}
		v.Alike = append(v.Alike, one)
	}
	return nil
}

// fileReport files it and shows the number in the same answer: a redirect may be lost, and
// the form sent again files nothing anew.
func (p *Portal) fileReport(w http.ResponseWriter, r *http.Request, v *ReportPage) error {
	report, err := p.reportOf(r.Context(), v)
	if err != nil {
		return p.refuse(w, r, v, err)
	}
	if p.Agreement.Text != "" && (report.Contact != "" || report.Name != "") {
		if v.Value("consent") != p.Agreement.Version {
			return p.refuse(w, r, v, fault.New(fault.Invalid, "no consent to version %s", p.Agreement.Version).At("consent").
				Say("Вы оставили имя или контакт. Отметьте согласие на обработку персональных данных или сотрите их: сообщение примем и так."))
		}
		report.Consent = p.Agreement.Version
	}
	decided, err := p.guard(r, v, &report)
	switch {
	case err != nil && fault.Is(err, fault.Forbidden):
		v.Step, v.Problem = stepWho, fault.Sentence(err)
		return p.showReport(w, r, http.StatusTooManyRequests, v)
	case err != nil:
		return p.refuse(w, r, v, err)
	case decided.Ask != nil:
		v.Step, v.Task = stepWho, decided.Ask
		return p.showReport(w, r, http.StatusOK, v)
	}
	report.Files = func(ctx context.Context, tx incident.Tx, m *message.Message) error {
		return p.taken(ctx, tx, m, v.Files, decided)
	}
	f, err := p.Counter.Report(r.Context(), report)
	if err != nil {
		return p.refuse(w, r, v, err)
	}
	p.after(f, decided)
	return p.showFiled(w, r, v, f)
}

func (p *Portal) showFiled(w http.ResponseWriter, r *http.Request, v *ReportPage, f desk.Filed) error {
	path := FollowPath + f.Secret
	v.Filed = &ReportFiled{Number: incident.Spoken(f.Incident.Number), Path: path, Link: p.Address + path, Joined: f.Joined, Obscene: f.Obscene, News: f.News}
	if due := f.Incident.Clock.AnswerDue; !due.IsZero() && f.Incident.State != lifecycle.Closed {
		v.Filed.Due = site.Date(due, p.Now(), p.zone())
	}
	return p.showReport(w, r, http.StatusOK, v)
}

// guard asks whether the report may be filed at once. What is wrong with the report itself is
// said before: nobody solves a task for a form that is refused.
func (p *Portal) guard(r *http.Request, v *ReportPage, report *desk.Report) (shield.Decision, error) {
	if err := report.Check(); err != nil || p.Shield == nil {
		return shield.Decision{}, err
	}
	read, err := p.Hearer.Read(r.Context(), report.Text)
	if err != nil {
		return shield.Decision{}, err
	}
	a := p.Attempt(r)
	a.Contact, a.Text, a.Advert = report.Contact, report.Text, read.Kind == message.Advertisement
	if _, at := p.Hearer.Stand(read); at.Street != "" {
		a.Place = at.String()
	}
	return p.Shield.Check(a)
}

// taken gives what was uploaded to the message, and notes what resembles spam.
func (p *Portal) taken(ctx context.Context, tx incident.Tx, m *message.Message, files []upload.File, decided shield.Decision) error {
	if len(files) > 0 {
		if err := p.Uploads.Claim(ctx, tx, m, Tokens(files)); err != nil {
			return err
		}
	}
	if len(decided.Suspect) == 0 {
		return nil
	}
	s := &incident.Suspicion{Message: int64(m.ID), At: m.SeenAt, Place: m.Place}
	for _, why := range decided.Suspect {
		s.Reasons = append(s.Reasons, string(why))
	}
	return tx.Suspicions().Suspect(ctx, s)
}

// after tells the neighbours that a report was filed.
func (p *Portal) after(f desk.Filed, decided shield.Decision) {
	if p.Uploads != nil {
		p.Uploads.Wake()
	}
	if p.Shield != nil {
		p.Shield.Filed(int64(f.Message), decided)
	}
}

// stepOf says which of three a step is.
func stepOf(step string) string {
	return fmt.Sprintf("Шаг %d из 3", 1+slices.Index([]string{stepWhat, stepWhere, stepWho}, step))
}
