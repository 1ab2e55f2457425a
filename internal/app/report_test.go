package app_test

import (
	"bytes"
	"fmt"
	"html"
	"image"
	"image/png"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"otklik/internal/account"
	"otklik/internal/agency"
	"otklik/internal/app"
	"otklik/internal/applicant"
	"otklik/internal/config"
	"otklik/internal/desk"
	"otklik/internal/feedback"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/message"
	"otklik/internal/regime"
	"otklik/internal/scope"
)

// A window is the portal as a resident's browser without scripts sees it.
type window struct {
	*centre
	handler http.Handler
	body    string
	code    int
}

func newWindow(t *testing.T, set ...func(*config.Config)) *window {
	t.Helper()
	w := &window{centre: &centre{}}
	w.clock.Store(time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC).Unix())
	c := config.Config{Region: khakassia, Title: "ЦУР", Store: "otklik.db", Site: "https://otklik.example.ru"}
	for _, f := range set {
		f(&c)
	}
	var err error
	w.App, err = app.Open(t.Context(), app.Options{Dir: t.TempDir(), Log: slog.New(slog.DiscardHandler), Now: w.now, Demo: &app.Demo{}, Config: c})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.Close() })
	if w.handler, err = app.Handler(w.App); err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *window) open(t *testing.T, method, path string, form url.Values) {
	t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(form.Encode()))
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	rec := httptest.NewRecorder()
	w.handler.ServeHTTP(rec, r)
	w.code, w.body = rec.Code, strings.ReplaceAll(rec.Body.String(), "\u00a0", " ")
	if w.code >= 500 {
		t.Errorf("%s %s = %d", method, path, w.code)
	}
}

var (
	inputs   = regexp.MustCompile(`<input[^>]*>`)
	named    = regexp.MustCompile(`name="([^"]*)"`)
	valued   = regexp.MustCompile(`value="([^"]*)"`)
	ticked   = regexp.MustCompile(`type="(?:radio|checkbox)"`)
	followed = regexp.MustCompile(`href="(/f/[a-z0-9]+)"`)
	numbered = regexp.MustCompile(`Номер (\d{3}-\d{3}-\d{2})`)
)

// fields returns what the form on the page would send as it stands.
func (w *window) fields() url.Values {
	v := url.Values{}
	for _, in := range inputs.FindAllString(w.body, -1) {
		name, value := named.FindStringSubmatch(in), valued.FindStringSubmatch(in)
		if name == nil || value == nil || ticked.MatchString(in) && !strings.Contains(in, " checked") {
			continue
		}
		v.Set(name[1], html.UnescapeString(value[1]))
	}
	return v
}

// next fills the form on the page and goes to a step.
func (w *window) next(t *testing.T, step string, more ...string) {
	t.Helper()
	v := w.fields()
	for k := 0; k < len(more); k += 2 {
		v.Set(more[k], more[k+1])
	}
	v.Set("go", step)
	w.open(t, "POST", "/report", v)
}

func (w *window) says(t *testing.T, want ...string) {
	t.Helper()
	for _, s := range want {
		if !strings.Contains(w.body, s) {
			t.Errorf("%d, the page does not say %q:\n%s", w.code, s, main(w.body))
		}
	}
}

func main(body string) string {
	_, body, _ = strings.Cut(body, "<main")
	body, _, _ = strings.Cut(body, "</main>")
	return body[:min(len(body), 3000)]
}

const pitText = "На улице Ленина в Абазе у дома 4 глубокая яма на дороге, машины объезжают по тротуару"

// report goes the whole way and returns number and link.
func (w *window) report(t *testing.T, text string, last ...string) (number, link string) {
	t.Helper()
	w.open(t, "GET", "/report", nil)
	w.next(t, "where", "text", text)
	w.next(t, "who")
	w.next(t, "file", last...)
	n, l := numbered.FindStringSubmatch(w.body), followed.FindStringSubmatch(w.body)
	if w.code != http.StatusOK || n == nil || l == nil {
		t.Fatalf("%d: no number or link:\n%s", w.code, main(w.body))
	}
	return n[1], l[1]
}

func (w *window) numbered(t *testing.T, spoken string) *incident.Incident {
	t.Helper()
	n, err := incident.ParseNumber(spoken)
	if err != nil {
		t.Fatal(err)
	}
	i, err := w.DB.Reader().Incidents().ByNumber(t.Context(), scope.All(), n)
	if err != nil {
		t.Fatal(err)
	}
	return i
}

// answer takes the incident through the house to a published reply.
func (w *window) answer(t *testing.T, id incident.ID, text string) {
	t.Helper()
	if _, err := w.Desk.Do(t.Context(), w.operator(), id, 0, desk.Submit{Text: text}); err != nil {
		t.Fatal(err)
	}
	replies, err := w.DB.Reader().Replies().OfIncident(t.Context(), scope.All(), int64(id))
	if err != nil || len(replies) == 0 {
		t.Fatalf("no reply: %v", err)
	}
	if _, err := w.Desk.Do(t.Context(), w.operator(), id, 0, desk.Approve{Reply: replies[len(replies)-1].ID, Override: "проверка"}); err != nil {
		t.Fatal(err)
	}
}

func TestAResidentReportsFollowsAndJudgesWithoutScripts(t *testing.T) {
	t.Parallel()
	w := newWindow(t)
	w.open(t, "GET", "/report", nil)
	w.says(t, "Шаг 1 из 3", "Что случилось?", "112")
	w.next(t, "where", "text", pitText)
	w.says(t, "Шаг 2 из 3", "Абаза, Ленина, 4", "Ямы")
	w.next(t, "who")
	w.says(t, "Шаг 3 из 3", "Согласие на обработку")
	w.next(t, "file", "contact", "8 900 123-45-67")
	if w.code != http.StatusUnprocessableEntity {
		t.Errorf("a contact without consent: %d", w.code)
	}
	w.says(t, "Отметьте согласие", `value="8 900 123-45-67"`)
	consent := regexp.MustCompile(`name="consent" value="([0-9a-f]+)"`).FindStringSubmatch(w.body)
	if consent == nil {
		t.Fatal("no version of the consent")
	}
	form := w.fields()
	w.next(t, "file", "contact", "8 900 123-45-67", "consent", consent[1])
	w.says(t, "Принято. Номер", "https://otklik.example.ru/f/", "Ответим до")
	number, link := numbered.FindStringSubmatch(w.body)[1], followed.FindStringSubmatch(w.body)[1]

	// The answer was lost, the form is sent again: the same number.
	form.Set("go", "file")
	form.Set("contact", "8 900 123-45-67")
	form.Set("consent", consent[1])
	w.open(t, "POST", "/report", form)
	if n := numbered.FindStringSubmatch(w.body); n == nil || n[1] != number {
		t.Errorf("sent twice: %v, want %s", n, number)
	}
	if n := len(w.queue(t)); n != 1 {
		t.Errorf("%d incidents, want 1", n)
	}

	i := w.numbered(t, number)
	m, err := w.DB.Reader().Messages().Message(t.Context(), scope.All(), i.First)
	if err != nil || m.Contact != "+79001234567" || m.Channel != message.Portal || m.Form != message.Post || i.Clock.Regime != "portal" || i.Address.House != "4" {
		t.Errorf("filed %+v as %+v, %v", m, i, err)
	}
	a, err := w.DB.Reader().Applicants().OfMessage(t.Context(), int64(m.ID))
	if err != nil || a.Consent != consent[1] || strings.Contains(fmt.Sprint(*a), "900123") {
		t.Errorf("applicant %+v, %v", a, err)
	}

	w.open(t, "GET", link, nil)
	w.says(t, number, "получено", "Получили сообщение", "Дописать", "Отозвать", "глубокая яма")
	if strings.Contains(w.body, "Решено ли на самом деле?") {
		t.Error("asked to judge where nothing was decided")
	}
	w.open(t, "POST", link+"/judge", url.Values{"solved": {"refuted"}})
	if w.code != http.StatusConflict {
		t.Errorf("judged before an answer: %d", w.code)
	}
	w.open(t, "POST", link+"/words", url.Values{"key": {desk.NewForm()}, "text": {"Сегодня там застряла скорая."}})
	w.says(t, "Добавили")
	if got := w.at(t, i.ID).Messages; got != 2 {
		t.Errorf("%d messages, want 2", got)
	}

	w.answer(t, i.ID, "Яму на улице Ленина у дома 4 засыпали щебнем 20 ноября, асфальт уложим до 1 декабря 2026 года.")
	w.open(t, "GET", link, nil)
	w.says(t, "ответ дан", "засыпали щебнем", "Решено ли на самом деле?", "никто не приезжал", "Обещали к 1 декабря")
	w.open(t, "POST", link+"/judge", url.Values{"solved": {"refuted"}, "mark": {"2"}, "reason": {"nobody_came", "forged"}, "text": {"Никого не было."}})
	w.says(t, "Возвращаем в работу", "Вернули на доработку")
	if got := w.at(t, i.ID); got.State != lifecycle.Rework || got.Reopened != 1 {
		t.Errorf("after a bad mark: %s, reopened %d", got.State, got.Reopened)
	}
	voices, err := w.DB.Reader().Feedback().OfIncident(t.Context(), scope.All(), int64(i.ID))
	if err != nil || len(voices) != 1 || voices[0].Mark != 2 || len(voices[0].Reasons) != 1 || voices[0].Reasons[0] != feedback.NobodyCame || voices[0].Speaker != feedback.Author {
		t.Errorf("voices %+v, %v", voices, err)
	}
	w.open(t, "POST", link+"/judge", url.Values{"mark": {"5"}})
	if w.code != http.StatusConflict {
		t.Errorf("judged while work goes on: %d", w.code)
	}
	w.answer(t, i.ID, "Яму на улице Ленина у дома 4 заасфальтировали 21 ноября, мастер участка Петров проверил.")
	w.open(t, "POST", link+"/judge", url.Values{"solved": {"confirmed"}, "mark": {"5"}})
	w.says(t, "Спасибо, записали", "решено, проверено")
	if got := w.at(t, i.ID); !got.Verified() {
		t.Error("the author's word verifies nothing")
	}
	w.open(t, "POST", link+"/judge", url.Values{"mark": {"1"}})
	if w.code != http.StatusConflict {
		t.Errorf("one answer judged twice: %d", w.code)
	}
}

func TestANumberNeedsThePhone(t *testing.T) {
	t.Parallel()
	w := newWindow(t)
	i, err := w.Desk.File(t.Context(), w.operator(), desk.Card{Text: pitText, Caller: "Анна Петрова", Phone: "8 (900) 123-45-67"})
	if err != nil {
		t.Fatal(err)
	}
	ask := func(number, digits string) {
		t.Helper()
		w.open(t, "POST", "/status", url.Values{"number": {number}, "digits": {digits}})
	}
	for typed, filled := range map[string]bool{i.Number: true, incident.Spoken(i.Number): true, "12345679": false, "%3Cb%3E": false, "": false} { // the QR code of a slip
		w.open(t, "GET", "/status?number="+typed, nil)
		if got := strings.Contains(w.body, `value="`+incident.Spoken(i.Number)+`"`); got != filled || strings.Contains(w.body, "глубокая яма") {
			t.Errorf("the form of number %q is filled: %t, want %t", typed, got, filled)
		}
	}
	ask(incident.Spoken(i.Number), "4567")
	w.says(t, "получено", incident.Spoken(i.Number))
	for _, secret := range []string{"глубокая яма", "Анна", "900", "Отозвать", "/f/"} {
		if strings.Contains(main(w.body), secret) {
			t.Errorf("the number alone shows %q", secret)
		}
	}
	ask("123-456-79", "4567")
	w.says(t, "ошибка: одна цифра")
	ask(incident.Spoken(i.Number), "4568")
	wrong := w.body
	ask(incident.Spoken(incident.Number(77)), "4567")
	if w.code != http.StatusUnprocessableEntity || strings.ReplaceAll(w.body, incident.Spoken(incident.Number(77)), "") != strings.ReplaceAll(wrong, incident.Spoken(i.Number), "") {
		t.Error("a wrong number and wrong digits are told apart")
	}
	for range 10 {
		ask(incident.Spoken(i.Number), "0000")
	}
	if w.code != http.StatusTooManyRequests {
		t.Errorf("the twelfth guess is answered by %d", w.code)
	}
	ask(incident.Spoken(i.Number), "4567")
	if w.code != http.StatusTooManyRequests {
		t.Errorf("the right digits after many guesses are answered by %d: they can be guessed", w.code)
	}
}

func TestAnAppealIsSignedAndPrivate(t *testing.T) {
	t.Parallel()
	w := newWindow(t)
	consent := w.consent(t)
	w.open(t, "GET", "/report", nil)
	w.next(t, "where", "text", pitText)
	w.next(t, "who")
	w.next(t, "file", "regime", "appeal", "consent", consent)
	w.says(t, "нужны фамилия и имя")
	w.next(t, "file", "regime", "appeal", "consent", consent, "name", "Петрова Анна")
	w.says(t, "куда ответить")
	w.next(t, "file", "regime", "appeal", "consent", consent, "name", "Петрова Анна", "contact", "anna@example.ru")
	i := w.numbered(t, numbered.FindStringSubmatch(w.body)[1])
	m, err := w.DB.Reader().Messages().Message(t.Context(), scope.All(), i.First)
	if err != nil || i.Clock.Regime != regime.Appeal || !i.Clock.ByHand || m.Form != message.Direct || m.AuthorName != "Петрова Анна" {
		t.Errorf("an appeal is %+v under %s, %v", m, i.Clock.Regime, err)
	}
}

func (w *window) consent(t *testing.T) string {
	t.Helper()
	w.open(t, "GET", "/report", nil)
	w.next(t, "where", "text", pitText)
	w.next(t, "who")
	return regexp.MustCompile(`name="consent" value="([0-9a-f]+)"`).FindStringSubmatch(w.body)[1]
}

func TestTheSameTroubleIsJoined(t *testing.T) {
	t.Parallel()
	w := newWindow(t)
	number, first := w.report(t, pitText)
	i := w.numbered(t, number)
	if _, err := w.Desk.Do(t.Context(), w.operator(), i.ID, 0, desk.Accept{}); err != nil {
		t.Fatal(err)
	}
	w.open(t, "GET", "/report", nil)
	w.next(t, "where", "text", "Абаза, Ленина 4: яма на дороге так и не заделана")
	w.says(t, "Об этом уже написали?", number)
	w.next(t, "who", "join", i.Number)
	w.next(t, "file")
	w.says(t, "Вы присоединились", number)
	link := followed.FindStringSubmatch(w.body)[1]
	if link == first || w.at(t, i.ID).Messages != 2 {
		t.Errorf("joined with link %s, %d messages", link, w.at(t, i.ID).Messages)
	}
	w.answer(t, i.ID, "Яму на улице Ленина у дома 4 заасфальтировали 21 ноября, мастер участка Петров проверил.")
	w.open(t, "GET", link, nil)
	w.says(t, "Решено ли на самом деле?")
	if strings.Contains(w.body, `name="mark"`) || strings.Contains(w.body, "тротуару") {
		t.Error("who joined may mark, or reads the words of others")
	}
	w.open(t, "POST", link+"/judge", url.Values{"solved": {"refuted"}})
	if got := w.at(t, i.ID); got.State != lifecycle.Answered {
		t.Errorf("one neighbour's word makes it %s", got.State)
	}
}

func TestWhatNobodyWorksOnIsTakenBack(t *testing.T) {
	t.Parallel()
	w := newWindow(t)
	number, link := w.report(t, pitText)
	w.open(t, "POST", link+"/withdraw", nil)
	if w.code != http.StatusUnprocessableEntity {
		t.Errorf("taken back unasked: %d", w.code)
	}
	w.open(t, "POST", link+"/withdraw", url.Values{"sure": {"1"}})
	w.says(t, "Отозвали. Работать над ним не будем.")
	if i := w.numbered(t, number); i.State != lifecycle.Closed || i.Outcome != lifecycle.Refused || i.OutcomeReason != desk.TakenBack {
		t.Errorf("taken back: %s, %s", i.State, i.Outcome)
	}
	w.open(t, "POST", link+"/words", url.Values{"key": {desk.NewForm()}, "text": {"Передумал."}})
	if w.code != http.StatusConflict {
		t.Errorf("added to what was taken back: %d", w.code)
	}

	number, link = w.report(t, pitText+". Второй раз пишу")
	i := w.numbered(t, number)
	if _, err := w.Desk.Do(t.Context(), w.operator(), i.ID, 0, desk.HandOver{Agency: w.someAgency(t)}); err != nil {
		t.Fatal(err)
	}
	w.open(t, "POST", link+"/withdraw", url.Values{"sure": {"1"}})
	w.says(t, "решать будут люди")
	if got := w.at(t, i.ID); got.State != lifecycle.Assigned {
		t.Errorf("what an agency has became %s", got.State)
	}
}

func (w *window) someAgency(t *testing.T) int64 {
	t.Helper()
	g := &agency.Agency{Name: "Дорожная служба Абазы", Short: "ДРСУ", Place: scope.Place{Region: khakassia}}
	if err := w.DB.Change(t.Context(), incident.People, func(tx incident.Tx) error { return tx.Agencies().SaveAgency(t.Context(), g) }); err != nil {
		t.Fatal(err)
	}
	return g.ID
}

func TestBadReportsAreRefusedWithASentence(t *testing.T) {
	t.Parallel()
	w := newWindow(t)
	for _, c := range []struct {
		name  string
		field string
		value string
		want  string
	}{
		{"nothing", "text", "", "Напишите, что случилось"},
		{"no letters", "text", "??? 123 🙂", "Напишите, что случилось"},
		{"two megabytes", "text", strings.Repeat("я", 1_100_000), "Форма пришла не целиком"},
		{"a flood of emoji", "text", strings.Repeat("🙂", 100_000), "Напишите, что случилось"},
		{"too long", "text", strings.Repeat("яма ", 3_000), "Слишком длинно"},
		{"no UTF-8", "text", "яма \xff\xfe", "знаки, которые не читаются"},
		{"zero bytes", "text", "яма \x00 тут", "знаки, которые не читаются"},
		{"a point off the earth", "lat", "95", "Точка на карте"},
		{"no point at all", "lat", "NaN", "Точка на карте"},
		{"a key made up", "key", "../../etc/passwd", "Форма устарела"},
		{"a mark made up", "mark", "<script>", "Ссылка, по которой вы пришли"},
		{"a long address", "address", strings.Repeat("у", 400), "Адрес длиннее"},
	} {
		w.open(t, "GET", "/report", nil)
		v := w.fields()
		v.Set("text", pitText)
		v.Set("lon", map[bool]string{true: "90"}[c.field == "lat"])
		v.Set(c.field, c.value)
		v.Set("go", "file")
		w.open(t, "POST", "/report", v)
		if w.code < 400 || w.code >= 500 {
			t.Errorf("%s: %d", c.name, w.code)
		}
		w.says(t, c.want)
	}
	if n := len(w.queue(t)); n != 0 {
		t.Errorf("%d incidents of what was refused", n)
	}
	hostile := `"><script>alert(1)</script>'; DROP TABLE message;-- яма на улице Ленина в Абазе`
	_, link := w.report(t, hostile, "name", `<b onclick="x">Анна</b> Петрова`, "contact", "anna@example.ru", "consent", w.consent(t))
	w.open(t, "GET", link, nil)
	if w.says(t, "&lt;script&gt;"); strings.Contains(w.body, "<script>alert") {
		t.Error("a resident's script runs")
	}
	for _, path := range []string{"/f/", "/f/aaaaaaaaaaaaaaaaaaaaaaaa", "/f/" + strings.ToUpper(strings.TrimPrefix(link, "/f/")), "/f/" + link[3:20]} {
		if w.open(t, "GET", path, nil); w.code != http.StatusNotFound {
			t.Errorf("GET %s = %d, want 404", path, w.code)
		}
	}
}

// Erased words take the link along.
func TestErasedWordsAreFollowedByNobody(t *testing.T) {
	t.Parallel()
	w := newWindow(t)
	number, link := w.report(t, pitText, "contact", "anna@example.ru", "consent", w.consent(t))
	i := w.numbered(t, number)
	curator := account.Actor{ID: w.account(lifecycle.Curator), Role: lifecycle.Curator, Scope: scope.OfRegion(khakassia)}
	if _, err := w.Desk.Do(t.Context(), curator, i.ID, 0, desk.Erase{Message: i.First}); err != nil {
		t.Fatal(err)
	}
	if w.open(t, "GET", link, nil); w.code != http.StatusNotFound {
		t.Errorf("the link of erased words: %d", w.code)
	}
	if list, err := w.DB.Reader().Applicants().OfContact(t.Context(), applicant.Key(w.Desk.Links).Digest("anna@example.ru"), 10); err != nil || len(list) != 0 {
		t.Errorf("applicants of an erased contact: %v, %v", list, err)
	}
}

// A photo goes with the form from step to step, becomes an attachment of the message, and says
// where it was taken no more than its author lets it.
func TestAPhotoGoesWithTheReport(t *testing.T) {
	t.Parallel()
	w := newWindow(t)
	w.open(t, "GET", "/report", nil)
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for name, v := range w.fields() {
		_ = form.WriteField(name, v[0])
	}
	_ = form.WriteField("text", pitText)
	_ = form.WriteField("go", "where")
	part, _ := form.CreateFormFile("file", "../../яма.png")
	if err := png.Encode(part, image.NewGray(image.Rect(0, 0, 40, 30))); err != nil {
		t.Fatal(err)
	}
	_ = form.Close()
	r := httptest.NewRequest(http.MethodPost, "/report", &body)
	r.Header.Set("Content-Type", form.FormDataContentType())
	rec := httptest.NewRecorder()
	w.handler.ServeHTTP(rec, r)
	w.code, w.body = rec.Code, rec.Body.String()
	w.says(t, "Шаг 2 из 3", `name="files"`)
	w.next(t, "who")
	w.next(t, "file")
	n := numbered.FindStringSubmatch(w.body)
	if n == nil {
		t.Fatalf("%d: no number: %s", w.code, main(w.body))
	}
	files, err := w.DB.Reader().Attachments().OfIncident(t.Context(), scope.All(), int64(w.numbered(t, n[1]).ID))
	if err != nil || len(files) != 1 || files[0].Message == 0 || strings.Contains(files[0].Title, "/") {
		t.Errorf("attachments %+v, %v", files, err)
	}
	sent := func() int {
		t.Helper()
		list, err := os.ReadDir(w.Uploads.Dir)
		if err != nil {
			t.Fatal(err)
		}
		return len(list)
	}
	if sent() == 0 {
		t.Fatal("what was sent is not here before it is drawn anew: the next line would say nothing")
	}
	if err := w.Forget(t.Context(), account.System(), "", fmt.Sprint(w.numbered(t, n[1]).First)); err != nil || sent() != 0 {
		t.Errorf("after the erasure %d files are left of what was sent, %v, want none", sent(), err)
	}
}
