package staff_test

import (
	"encoding/csv"
	"io"
	"net/http"
	"strings"
	"testing"

	"otklik/internal/audit"
	"otklik/internal/lifecycle"
	"otklik/internal/message"
	"otklik/internal/source/file"
)

// exportedRows are the rows of a CSV that was downloaded, the first message of each incident by its number.
func exportedRows(t *testing.T, r *http.Response) (header []string, rows map[string]map[string]string) {
	t.Helper()
	if r.StatusCode != http.StatusOK || !strings.HasPrefix(r.Header.Get("Content-Disposition"), `attachment; filename="incidents-20`) {
		t.Fatalf("%s: %d, %q", r.Request.URL, r.StatusCode, r.Header.Get("Content-Disposition"))
	}
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	all, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(string(b), "\ufeff"))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	rows = map[string]map[string]string{}
	for _, cells := range all[1:] {
		row := map[string]string{}
		for k, c := range cells {
			row[all[0][k]] = c
		}
		if rows[row["number"]] == nil {
			rows[row["number"]] = row
		}
	}
	return all[0], rows
}

// The queue goes out as it is filtered, as far as its reader sees it; names and open words only
// to those who may see them, with a line of audit for each message.
func TestTheQueueGoesOutAsATable(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	number := w.incidents[0].Number
	const phone = "8 900 000-11-22"
	said := "=Зоя пишет, звоните " + phone
	w.messages[1][0].Text, w.messages[1][0].AuthorName, w.messages[1][0].Contact = said, "Зоя Примерова", "+7 900 000-11-23"
	w.readings[1] = &message.Reading{}
	for _, role := range lifecycle.Roles() {
		v := w.as(t, string(role))
		header, rows := exportedRows(t, v.get("/desk/export?format=csv"))
		row := rows[number]
		if row == nil { // it is not of this agency
			continue
		}
		if text := file.Unguard(row["text"]); strings.Contains(text, phone) || !strings.HasPrefix(row["text"], "'=Зоя пишет") || len(header) != 23 {
			t.Errorf("%s reads %q in %v", role, row["text"], header)
		}
		before := w.noted(audit.ReadPersonal)
		open := v.get("/desk/export?format=csv&personal=1")
		form := v.page("/desk")
		if has := len(all(form, "form[action='/desk/export'] input[name=personal]")) == 1; has != role.Holds(lifecycle.SeePersonal) {
			t.Errorf("%s is offered names: %t", role, has)
		}
		if !role.Holds(lifecycle.SeePersonal) {
			if open.StatusCode != http.StatusForbidden || w.noted(audit.ReadPersonal) != before {
				t.Errorf("%s gets names: %d", role, open.StatusCode)
			}
			continue
		}
		_, rows = exportedRows(t, open)
		if row = rows[number]; file.Unguard(row["text"]) != said || row["author_name"] != "Зоя Примерова" || row["contact"] != "'+7 900 000-11-23" {
			t.Errorf("%s reads %v", role, row)
		}
		if w.noted(audit.ReadPersonal) == before {
			t.Errorf("the look of %s is not noted", role)
		}
	}
	v := w.as(t, "operator")
	_, whole := exportedRows(t, v.get("/desk/export?format=csv"))
	_, some := exportedRows(t, v.get("/desk/export?format=csv&claimed=me"))
	if len(some) == 0 || len(some) >= len(whole) || len(whole) <= 50 {
		t.Errorf("of %d incidents %d are one's own", len(whole), len(some))
	}
	r := v.get("/desk/export")
	if b, err := io.ReadAll(r.Body); err != nil || !strings.HasPrefix(string(b), "PK") || !strings.HasSuffix(r.Header.Get("Content-Disposition"), `.xlsx"`) {
		t.Errorf("a workbook: %d bytes, %v, %q", len(b), err, r.Header.Get("Content-Disposition"))
	}
	if r = v.get("/desk/export?format=doc"); r.StatusCode != http.StatusUnprocessableEntity && r.StatusCode != http.StatusBadRequest {
		t.Errorf("an unknown format = %d", r.StatusCode)
	}
}

// noted counts lines of audit.
func (h *house) noted(deed audit.Deed) (n int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, e := range h.audit {
		if e.Deed == deed {
			n++
		}
	}
	return n
}
