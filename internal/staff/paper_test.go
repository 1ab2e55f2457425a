package staff_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"otklik/internal/desk"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/letter"
	"otklik/internal/lifecycle"
	"otklik/internal/regime"
	"otklik/internal/reply"
	"otklik/internal/staff"
)

// paper reads a PDF that is downloaded and kept by nobody; what stands in it is read by the
// tests of package letter.
func paper(t *testing.T, r *http.Response, name string) []byte {
	t.Helper()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	for header, want := range map[string]string{"Content-Type": "application/pdf", "Cache-Control": "no-store", "Content-Disposition": `attachment; filename="` + name + `.pdf"`, "Content-Length": fmt.Sprint(len(b))} {
		if got := r.Header.Get(header); got != want {
			t.Errorf("%s: %s = %q, want %q", r.Request.URL, header, got, want)
		}
	}
	if r.StatusCode != http.StatusOK || !bytes.HasPrefix(b, []byte("%PDF-1.")) {
		t.Errorf("%s = %d, %.40q", r.Request.URL, r.StatusCode, b)
	}
	return b
}

func TestTheAnswerIsPrinted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.staff.Letterhead = staff.Letterhead{Head: letter.Head{Centre: "ЦУР"}, Site: "https://otklik.example.ru"}
	v := w.as(t, "operator")
	number := w.incidents[0].Number
	before := paper(t, v.get("/desk/incidents/1/letter.pdf"), "otvet-"+number)
	if got := w.desk.printed; len(got) != 1 || got[0] != (printing{1, 1}) {
		t.Errorf("noted are %v", got)
	}
	w.replies[1].Text = strings.Repeat(w.replies[1].Text+" ", 900)
	if after := paper(t, v.get("/desk/incidents/1/letter.pdf"), "otvet-"+number); len(after) < len(before)+3000 {
		t.Errorf("a long answer takes %d bytes, a short one %d", len(after), len(before))
	}
	paper(t, v.get("/desk/incidents/1/letter.pdf?message=901"), "otvet-"+number)
	if got := w.desk.printed; len(got) != 3 || got[2] != (printing{1, 901}) {
		t.Errorf("noted are %v", got)
	}

	for path, says := range map[string]string{
		"/desk/incidents/4/letter.pdf":               "Печатать нечего: ответа ещё нет",
		"/desk/incidents/1/letter.pdf?message=4":     "Такого сообщения в этом инциденте нет",
		"/desk/incidents/1/letter.pdf?message=99999": "Такого сообщения в этом инциденте нет",
	} {
		r := v.get(path)
		at := r.Header.Get("Location")
		if r.StatusCode != http.StatusSeeOther || !strings.HasPrefix(at, "/desk/incidents/") {
			t.Errorf("%s = %d to %q", path, r.StatusCode, at)
			continue
		}
		if got := text(v.page(at), ".said-bad"); !strings.Contains(got, says) {
			t.Errorf("%s says %q, want %q", path, got, says)
		}
	}
	for _, bad := range []string{"x", "0", "-1", "99999999999999999999"} {
		if r := v.get("/desk/incidents/1/letter.pdf?message=" + bad); r.StatusCode != http.StatusUnprocessableEntity && r.StatusCode != http.StatusBadRequest {
			t.Errorf("message %q = %d", bad, r.StatusCode)
		}
	}
	w.desk.fail = fault.New(fault.Unavailable, "the store is away").Say("Сейчас не записать.")
	if r := v.get("/desk/incidents/1/letter.pdf"); r.StatusCode != http.StatusServiceUnavailable || r.Header.Get("Content-Type") == "application/pdf" {
		t.Errorf("a letter that nobody noted = %d %s", r.StatusCode, r.Header.Get("Content-Type"))
	}
	if n := len(w.desk.printed); n != 3 {
		t.Errorf("%d printings are noted", n)
	}
}

// Who may not see names prints neither, and is offered neither.
func TestPaperIsForThoseWhoSeeNames(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, role := range lifecycle.Roles() {
		v := w.as(t, string(role))
		want := http.StatusForbidden
		if role.Holds(lifecycle.SeePersonal) {
			want = http.StatusOK
		}
		for _, path := range []string{"/desk/incidents/1/letter.pdf", "/desk/incidents/1/slip.pdf"} {
			if got := v.get(path).StatusCode; got != want {
				t.Errorf("%s as %s = %d, want %d", path, role, got, want)
			}
		}
		if v.get("/desk/incidents/1").StatusCode != http.StatusOK {
			continue // this role reads no incidents
		}
		offered := 0
		if want == http.StatusOK {
			offered = 1
		}
		p := v.page("/desk/incidents/1")
		if letters, slips := len(all(p, "a[href='/desk/incidents/1/letter.pdf?message=901']")), len(all(p, "a[href='/desk/incidents/1/slip.pdf']")); letters != offered || slips != offered {
			t.Errorf("%s is offered %d letters and %d slips, want %d", role, letters, slips, offered)
		}
	}
	if n := len(all(w.as(t, "operator").page("/desk/incidents/2"), "a[href*='letter.pdf']")); n != 0 {
		t.Error("a letter is offered where nothing was answered")
	}
}

func TestTheSlipIsPrintedWithTheNumber(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.as(t, "phone")
	paper(t, v.get("/desk/incidents/4/slip.pdf"), "pamyatka-"+w.incidents[3].Number)
	if len(w.desk.printed) != 0 {
		t.Error("a slip, on which no name stands, is noted as a letter")
	}
	p := parse(t, v.post("/desk/cards", url.Values{"channel": {"counter"}, "text": {"яма"}}))
	if got := attr(p, ".filed a[download]", "href"); got != "/desk/incidents/77/slip.pdf" {
		t.Errorf("the answer to a card leads to the slip %q", got)
	}
}

// An appeal and a message, erased words, and an answer that was in part for somebody alone
// are printed; the history tells of it.
func TestTheKindsOfLetters(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.as(t, "operator")
	path := "/desk/incidents/1/letter.pdf"
	name := "otvet-" + w.incidents[0].Number
	message := paper(t, v.get(path), name)
	w.incidents[0].Clock.Regime = regime.Appeal
	appeal := paper(t, v.get(path), name)
	if len(appeal) <= len(message) {
		t.Errorf("an appeal with its signature takes %d bytes, a message %d", len(appeal), len(message))
	}
	m := w.messages[1][0]
	m.Text, m.AuthorName, m.Contact, m.ErasedAt = "", "", "", clock
	paper(t, v.get(path), name)
	w.replies[1].Purpose = reply.Survey
	if r := v.get(path); r.StatusCode != http.StatusSeeOther {
		t.Errorf("a question whether it is solved is printed as an answer: %d", r.StatusCode)
	}
	w.history = append(w.history, incident.Entry{ID: 60, Incident: 1, Version: 4, At: clock, Who: 1, Action: lifecycle.Deliver, Detail: incident.Detail{Message: 1, How: desk.HowPrinted}})
	if got := text(v.page("/desk/incidents/1"), ".history"); !strings.Contains(got, "напечатан ответ для заявителя") {
		t.Errorf("the history says %q", got)
	}
}
