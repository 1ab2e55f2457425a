package staff_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"

	"otklik/internal/audit"
	"otklik/internal/desk"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/message"
	"otklik/internal/reply"
	"otklik/internal/staff"
	"otklik/internal/topic"
)

func TestIncidentShowsEvidenceOverTheVerbatimText(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.as(t, "operator").page("/desk/incidents/1")
	quote := all(p, ".message-text")[0]
	if got, want := strings.TrimSpace(plain(quote)), w.messages[1][0].Text; got != want {
		t.Errorf("the text is not verbatim:\n%s", cmp.Diff(want, got))
	}
	for sel, want := range map[string]string{
		".mark-place":    "улице Чертыгашева, 33",
		".mark-urgency":  "Дети идут в школу по льду",
		".mark-personal": "8 900 000-11-22",
		".mark-topic":    "течёт труба",
	} {
		if got := text(quote, "a"+sel); got != want {
			t.Errorf("marked as %s: %q, want %q", sel, got, want)
		}
	}
	ref := attr(quote, "a.mark-place", "href")
	if got := text(p, "li"+ref); !strings.Contains(got, "только в Абакане") {
		t.Errorf("the mark leads to %s, which says %q", ref, got)
	}
	if len(all(p, ".message-text b")) > 0 {
		t.Error("a resident's markup came through")
	}
	if got := text(p, ".history li:first-child"); !strings.Contains(got, "исправлено: срочность, было «обычная», стало «опасность»") || !strings.Contains(got, "22 ноября, 17:37") {
		t.Errorf("history = %q, want plain words in Abakan's time", got)
	}
	if got := attr(p, ".map svg", "aria-label"); !strings.Contains(got, "улица Чертыгашева") || !strings.Contains(got, "Черногорск") {
		t.Errorf("the map in words = %q", got)
	}
	if got := attr(p, ".reply a", "href"); got != "https://vk.example/wall-1_999" {
		t.Errorf("the receipt leads to %q", got)
	}
	for _, u := range all(p, "use") {
		if id := strings.TrimPrefix(u.Attr[0].Val, "#"); len(all(p, "symbol[id='"+id+"']")) != 1 {
			t.Errorf("no icon %q in the sprite", id)
		}
	}
}

func TestNameIsShownOnlyWhenAskedForAndNoted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.as(t, "operator")
	r := v.get("/desk/incidents/1")
	if b := text(parse(t, r), "body"); strings.Contains(b, "Житель Примерный") {
		t.Fatal("the author's name stands on the page unasked")
	}
	p := parse(t, v.post("/desk/messages/1/personal", nil))
	if got := text(p, "#author-1"); !strings.Contains(got, "Житель Примерный") || !strings.Contains(got, "8 900 000-11-22") {
		t.Errorf("asked for, the author is %q", got)
	}
	if got := text(p, "#author-901"); strings.Contains(got, "Соседка") {
		t.Error("another message's author is shown too")
	}
	last := w.audit[len(w.audit)-1]
	if last.Deed != audit.ReadPersonal || last.Subject != "message:1" || last.Who != 1 {
		t.Errorf("the audit says %+v", last)
	}
	p = w.as(t, "analyst").page("/desk/incidents/1")
	if got := text(p, "body"); strings.Contains(got, "000-11-22") {
		t.Error("a role without the right reads a phone in the text")
	}
	if got := text(p, ".message-text"); !strings.Contains(got, "[телефон]") {
		t.Errorf("the covered text = %q", got)
	}
}

func TestEachDeedReachesTheDesk(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.as(t, "curator")
	high, code, none := message.High, topic.Default().Topics[50].Code, ""
	for _, c := range []struct {
		path string
		form url.Values
		want desk.Change
	}{
		{"accept", url.Values{"hand": {"1"}}, desk.Accept{HandOver: true}},
		{"accept", nil, desk.Accept{}},
		{"reject", url.Values{"reason": {" не наше "}}, desk.Reject{Reason: "не наше"}},
		{"ask", url.Values{"text": {"Где?"}}, desk.Ask{Text: "Где?"}},
		{"handover", url.Values{"agency": {"абаканские тепловые сети"}, "reason": {"их труба"}}, desk.HandOver{Agency: 2, Reason: "их труба"}},
		{"take", nil, desk.Take{}},
		{"submit", url.Values{"text": {"Сделаем"}, "purpose": {"interim"}}, desk.Submit{Text: "Сделаем", Purpose: reply.Interim}},
		{"answer", url.Values{"text": {"Сделано"}, "to": {"901"}}, desk.Answer{Text: "Сделано", Purpose: reply.Final, To: 901}},
		{"approve", url.Values{"reply": {"1"}, "text": {"Иначе"}}, desk.Approve{Reply: 1, Text: "Иначе"}},
		{"return", url.Values{"reply": {"1"}, "reason": {"нет срока"}}, desk.Return{Reply: 1, Reason: "нет срока"}},
		{"close", url.Values{"outcome": {"partly"}, "reason": {"половина"}}, desk.Close{Outcome: lifecycle.Partly, Reason: "половина"}},
		{"verify", url.Values{"how": {"photo"}}, desk.Verify{How: "photo"}},
		{"reopen", url.Values{"reason": {"течёт"}}, desk.Reopen{Reason: "течёт"}},
		{"correct", url.Values{"topic": {topic.Default().Topics[50].Name}, "urgency": {"high"}, "centre": {""}}, desk.Correct{Topic: &code, Urgency: &high, Centre: &none}},
		{"claim", nil, desk.Claim{}},
		{"release", nil, desk.Release{}},
		{"attach", url.Values{"message": {"9"}}, desk.Attach{Message: 9}},
		{"detach", url.Values{"message": {"901"}}, desk.Detach{Message: 901}},
		{"merge", url.Values{"other": {"2", "x", "3"}}, desk.Merge{Others: []incident.ID{2, 3}}},
		{"split", url.Values{"other": {"2"}}, desk.Split{Other: 2}},
		{"dismiss", url.Values{"other": {"2"}}, desk.Dismiss{Others: []incident.ID{2}}},
	} {
		r := v.post("/desk/incidents/1/"+c.path, c.form)
		if r.StatusCode != 303 || r.Header.Get("Location") != "/desk/incidents/1" {
			t.Errorf("%s = %d %s", c.path, r.StatusCode, r.Header.Get("Location"))
		}
		if diff := cmp.Diff(c.want, w.desk.last()); diff != "" {
			t.Errorf("%s did another thing:\n%s", c.path, diff)
		}
	}
}

// Erasing stands on the page of who may, asks twice, and leaves a line that says so.
func TestErasingAsksTwiceAndSaysWhatIsLeft(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if n := len(all(w.as(t, "operator").page("/desk/incidents/1"), "form[action$='/erase']")); n != 0 {
		t.Error("an operator is offered to erase")
	}
	v := w.as(t, "curator")
	if n := len(all(v.page("/desk/incidents/1"), "form[action$='/erase'] input[name=sure][required]")); n != 2 {
		t.Errorf("%d forms of erasing for two messages", n)
	}
	r := v.post("/desk/incidents/1/erase", url.Values{"message": {"901"}})
	p := parse(t, r)
	if r.StatusCode != 422 || w.desk.last() != nil || len(all(p, ".erase[open] input[value='901']")) != 1 {
		t.Errorf("unconfirmed it is %d, did %#v", r.StatusCode, w.desk.last())
	}
	if r := v.post("/desk/incidents/1/erase", url.Values{"message": {"901"}, "sure": {"1"}}); r.StatusCode != 303 || w.desk.last() != (desk.Erase{Message: 901}) {
		t.Errorf("confirmed it is %d, did %#v", r.StatusCode, w.desk.last())
	}
	m := w.messages[1][0]
	m.Text, m.AuthorName, m.Contact, m.ErasedAt = "", "", "", clock
	p = v.page("/desk/incidents/1")
	if got := text(p, ".message-erased"); !strings.Contains(got, "22 ноября, 17:40") || len(all(p, "form[action$='/erase']")) != 1 || len(all(p, "blockquote")) != 1 {
		t.Errorf("an erased message says %q", got)
	}
}

func TestConflictKeepsWhatWasTyped(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.as(t, "curator")
	r := v.post("/desk/incidents/3/submit", url.Values{"version": {"2"}, "text": {"Контейнеры вывезут сегодня"}, "purpose": {"interim"}})
	if r.StatusCode != 409 {
		t.Fatalf("a stale version = %d, want 409", r.StatusCode)
	}
	p := parse(t, r)
	if got := text(p, "#reply-text"); got != "Контейнеры вывезут сегодня" {
		t.Errorf("the form kept %q", got)
	}
	if got := text(p, ".said-bad"); !strings.Contains(got, "изменил кто-то ещё") || !strings.Contains(got, "Всё равно сделать: отправить на согласование") {
		t.Errorf("the page says %q", got)
	}
	again := url.Values{} // one click: the same on the new version
	for _, n := range all(p, ".said-bad form input[type=hidden]") {
		again.Add(attrOf(n, "name"), attrOf(n, "value"))
	}
	if again.Get("version") != "3" || again.Get("text") != "Контейнеры вывезут сегодня" || again.Get("purpose") != "interim" {
		t.Errorf("one click would send %v", again)
	}
	if w.desk.last() != nil {
		t.Error("something was done all the same")
	}
	r = v.post("/desk/incidents/1/accept", url.Values{"version": {"2"}})
	if got := text(parse(t, r), ".said-bad"); !strings.Contains(got, "Анна Майнагашева: исправлено: срочность") {
		t.Errorf("what the other did is not told: %q", got)
	}
	r = v.post("/desk/incidents/1/handover", url.Values{"version": {"3"}, "agency": {"нет такой"}, "reason": {"почему бы и нет"}})
	p = parse(t, r)
	if r.StatusCode != 422 || attr(p, "#h-agency", "value") != "нет такой" || attr(p, "#h-reason", "value") != "почему бы и нет" {
		t.Errorf("an unknown agency = %d, kept %q %q", r.StatusCode, attr(p, "#h-agency", "value"), attr(p, "#h-reason", "value"))
	}
}

func TestCoordinatorHandsOverInsideTheAgency(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	inside := w.incidents[3].Place
	for _, a := range w.accounts {
		if a.Role == lifecycle.Coordinator || a.Role == lifecycle.Executor {
			a.Place.Agency = inside.Agency
		}
	}
	v := w.as(t, "coordinator")
	p := v.page("/desk/incidents/4")
	if got := attr(p, "#h-agency", "value"); got != "УКХТ Абакана" {
		t.Errorf("a coordinator is offered %q", got)
	}
	if got := text(p, "#h-executor"); !strings.Contains(got, "Пётр Кызласов") {
		t.Errorf("executors = %q", got)
	}
	v.post("/desk/incidents/4/handover", url.Values{"agency": {"УКХТ Абакана"}, "executor": {"4"}})
	if got, want := w.desk.last(), (desk.HandOver{Agency: 1, Executor: 4}); got != want {
		t.Errorf("did %#v, want %#v", got, want)
	}
}

func TestUndoStandsWhereTheLifecycleAllowsIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.as(t, "operator")
	v.post("/desk/incidents/1/reject", url.Values{"reason": {"не наше"}, "back": {"/desk?state=new"}})
	p := v.page("/desk?state=new")
	if got := attr(p, ".said form", "action"); got != "/desk/incidents/1/undo" {
		t.Fatalf("undo leads to %q", got)
	}
	v.post("/desk/incidents/1/undo", nil)
	if _, ok := w.desk.last().(desk.Undo); !ok {
		t.Errorf("undo did %#v", w.desk.last())
	}
	v.post("/desk/incidents/1/accept", url.Values{"back": {"https://evil.example/"}})
	if r := v.post("/desk/incidents/1/accept", url.Values{"back": {"//evil.example/"}}); r.Header.Get("Location") != "/desk/incidents/1" {
		t.Errorf("back led to %q", r.Header.Get("Location"))
	}
}

func TestButtonsAreThoseOfTheLifecycle(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, c := range []struct {
		login, incident string
		yes, no         string
	}{
		{"operator", "1", "form[action$='/accept'] button[name=hand]", "form[action$='/take']"},
		{"executor", "4", "form[action$='/take']", "form[action$='/reject']"},
		{"approver", "6", "form[action$='/return']", "form[action$='/accept']"},
		{"leader", "1", ".facts", ".case-side form"},
	} {
		p := w.as(t, c.login).page("/desk/incidents/" + c.incident)
		if len(all(p, c.yes)) == 0 {
			t.Errorf("%s on incident %s: no %s", c.login, c.incident, c.yes)
		}
		if len(all(p, c.no)) != 0 {
			t.Errorf("%s on incident %s: %s is there", c.login, c.incident, c.no)
		}
	}
}

func TestPhoneCardGetsItsNumberInTheSameRequest(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.as(t, "phone")
	p := parse(t, v.post("/desk/cards", url.Values{"text": {"Нет воды"}, "caller": {"Мария"}, "phone": {"8 900 000-22-33"}, "address": {"Абакан, Ленина 5"}}))
	if got := text(p, ".filed-number"); got != "902-769-60" {
		t.Errorf("number = %q, want it as it is spoken: 3-3-2", got)
	}
	want := desk.Card{Text: "Нет воды", Caller: "Мария", Phone: "8 900 000-22-33", Address: "Абакан, Ленина 5"}
	if diff := cmp.Diff(want, w.desk.cards[0]); diff != "" {
		t.Error(diff)
	}
	r := v.post("/desk/cards", url.Values{"text": {"Нет света"}, "topic": {"такой темы нет"}})
	p = parse(t, r)
	if r.StatusCode != 422 || text(p, "#k-text") != "Нет света" || !strings.Contains(text(p, "[role=alert]"), "темы нет") {
		t.Errorf("an unknown topic = %d, kept %q, said %q", r.StatusCode, text(p, "#k-text"), text(p, "[role=alert]"))
	}
}

// The page of an incident leads back to the queue that it was opened from, also
// after a form of it could not be done.
func TestIncidentLeadsBackToItsQueue(t *testing.T) {
	t.Parallel()
	v := newWorld(t).as(t, "operator")
	p := v.page("/desk/incidents/1?back=" + url.QueryEscape("/desk?state=new&urgency=danger"))
	const queue = "/desk?state=new&urgency=danger"
	if got := attr(p, ".case-back", "href"); got != queue {
		t.Errorf("back leads to %q, want %q", got, queue)
	}
	back := attr(p, "form[action$='/handover'] input[name=back]", "value")
	r := v.post("/desk/incidents/1/handover", url.Values{"version": {"1"}, "agency": {"нет такой"}, "back": {back}})
	if got := attr(parse(t, r), ".case-back", "href"); got != queue {
		t.Errorf("after a hand-over that failed back leads to %q, want %q", got, queue)
	}
	if got := attr(v.page("/desk/incidents/1?back=https://evil.example"), ".case-back", "href"); got != "/desk" {
		t.Errorf("a foreign way back leads to %q", got)
	}
}

// A duty officer reads one sentence, not the same word twice.
func TestWhatIsMissingIsOneSentence(t *testing.T) {
	t.Parallel()
	for want, list := range map[string][]string{
		"неясно, где":                               {message.MissingPlace},
		"неясно, что случилось и где":               {message.MissingTopic, message.MissingPlace},
		"неясно, что случилось и где; грубые слова": {message.MissingPlace, message.MissingDecency, message.MissingTopic},
		"": nil,
	} {
		if got := staff.MissingWords(list); got != want {
			t.Errorf("MissingWords(%q) = %q, want %q", list, got, want)
		}
	}
}

func TestWhatIsMissingIsSaidPlainly(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.incidents[0].Missing = []string{message.MissingPlace}
	if got := text(w.as(t, "operator").page("/desk/incidents/1"), ".said-warn"); got != "Неясно, где." {
		t.Errorf("the page says %q", got)
	}
}

// Who may sign in stands first: an old centre has more closed accounts than open ones.
func TestClosedAccountsStandLast(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.as(t, "admin")
	first := attr(v.page("/desk/people"), "form[action$='/disable']", "action")
	v.post(first, nil)
	p := v.page("/desk/people")
	forms := all(p, ".line-deeds form[action$='/disable'], .line-deeds form[action$='/enable']") // not the undo above
	if got := attr(p, "form[action$='/enable']", "action"); got != strings.Replace(first, "disable", "enable", 1) || len(forms) < 2 {
		t.Fatalf("the closed account's form is %q of %d", got, len(forms))
	}
	closed := false
	for _, f := range forms {
		now := slices.ContainsFunc(f.Attr, func(a html.Attribute) bool { return a.Key == "action" && strings.HasSuffix(a.Val, "/enable") })
		if closed && !now {
			t.Error("an open account stands below a closed one")
		}
		closed = now
	}
}

// TestTwinsAreShownWithTheirReason: what is likely the same is one click away,
// the younger one goes into the older one, a crowd comes at once, and what was
// joined can be parted.
func TestTwinsAreShownWithTheirReason(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.house.proposals = []incident.Proposal{
		{Incident: 2, Into: 1, Kind: incident.Same, Score: 0.78, Reasons: []string{"то же место", "тема та же"}},
		{Incident: 3, Into: 1, Kind: incident.Burst, Score: 0.8, Reasons: []string{"5 похожих за 3 часа"}},
	}
	w.house.history = append(w.house.history, incident.Entry{Incident: 1, Action: lifecycle.Merge, Detail: incident.Detail{Other: 4, Reason: incident.Number(4), Merged: &incident.Merged{}}})
	v := w.as(t, "curator")
	p := parse(t, v.get("/desk/incidents/1"))
	body := text(p, "article")
	for _, want := range []string{"то же место, тема та же", "78", "Объединить здесь", "Похоже на массовый случай: 2 инцидента", "5 похожих за 3 часа", "Разъединить", incident.Spoken(incident.Number(4))} {
		if !strings.Contains(body, want) {
			t.Errorf("the page of the older one does not say %q", want)
		}
	}
	young := parse(t, v.get("/desk/incidents/2"))
	if got := text(young, "form[action='/desk/incidents/1/merge']"); !strings.Contains(got, "Присоединить к") {
		t.Errorf("the younger one offers %q", got)
	}
}
