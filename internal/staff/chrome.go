package staff

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/a-h/templ"

	"otklik/internal/account"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/site"
)

// Chrome is what stands around every staff page.
type Chrome struct {
	Who   *account.Account
	Area  string // queue, card, sources, aside, watches, rules, topics, lessons, people
	Theme string
	Here  string // this page's URL
	Said  *Said
	Nav   []NavItem

	Unread string // how many notes name the account and were not seen
}

// A NavItem is one entry of the main menu.
type NavItem struct {
	Area, Name, URL, Icon string
}

var menu = []struct {
	NavItem
	right lifecycle.Right
}{
	{NavItem{"queue", "Очередь", "/desk", "inbox"}, lifecycle.SeeQueue},
	{NavItem{"notices", "Вам", "/desk/notices", "message"}, lifecycle.SeeQueue},
	{NavItem{"shift", "Смена", "/desk/shift", "refresh"}, lifecycle.KeepShifts},
	{NavItem{"approvals", "Согласование", "/desk/approvals", "circle-check"}, lifecycle.SeeDrafts},
	{NavItem{"arbiter", "Арбитр", "/desk/arbiter", "user-question"}, lifecycle.Arbitrate},
	{NavItem{"checks", "Проверка", "/desk/checks", "eye"}, lifecycle.SeeQueue},
	{NavItem{"promises", "Обещания", "/desk/promises", "clock"}, lifecycle.SeeQueue},
	{NavItem{"control", "Контроль", "/desk/control", "clock"}, lifecycle.SeeControl},
	{NavItem{"work", "Моя работа", "/desk/work", "user-check"}, lifecycle.DoWork},
	{NavItem{"card", "Карточка", "/desk/cards/new", "phone-plus"}, lifecycle.FileCards},
	{NavItem{"sources", "Источники", "/desk/sources", "antenna"}, lifecycle.SeeSources},
	{NavItem{"aside", "Отложенное", "/desk/aside", "archive"}, lifecycle.SeeSources},
	{NavItem{"watches", "Наблюдение", "/desk/watches", "eye"}, lifecycle.SeeSources},
	{NavItem{"rules", "Маршруты", "/desk/rules", "route"}, lifecycle.EditRules},
	{NavItem{"agencies", "Организации", "/desk/agencies", "users"}, lifecycle.EditAgencies},
	{NavItem{"regimes", "Сроки", "/desk/regimes", "clock"}, lifecycle.EditRules},
	{NavItem{"topics", "Темы", "/desk/topics", "tags"}, lifecycle.EditRules},
	{NavItem{"lessons", "Обучение", "/desk/models", "bulb"}, lifecycle.Teach},
	{NavItem{"people", "Люди", "/desk/people", "users"}, lifecycle.ManagePeople},
}

// chrome builds the frame and takes what the page before left to be said.
func (s *Staff) chrome(w http.ResponseWriter, r *http.Request, area string) Chrome {
	c := Chrome{Who: who(r), Area: area, Theme: site.Theme(r), Here: r.URL.RequestURI(), Said: takeSaid(w, r)}
	c.Unread = s.unread(r.Context(), c.Who)
	if r.Method != http.MethodGet {
		c.Here = "/desk"
	}
	for _, m := range menu {
		if c.Who.Role.Holds(m.right) && (m.Area != "watches" || s.Lookout != nil) && (m.Area != "checks" || lifecycle.May(c.Who.Role, lifecycle.Weigh)) {
			c.Nav = append(c.Nav, m.NavItem)
		}
	}
	return c
}

// page answers with a staff page.
func (s *Staff) page(w http.ResponseWriter, r *http.Request, status int, title string, body templ.Component) error {
	return s.Site.Page(w, r, status, frame(title), body)
}

// frame is what every staff page loads.
func frame(title string) site.Doc {
	return site.Doc{Title: title, Body: "desk", Styles: []string{"desk.css"}, Scripts: []string{"htmx.js", "hx-sse.js", "desk.js"}}
}

// Said is what a page says once, about the deed that led to it: how many were
// done, which were not and why, and how to take it back. It travels in a
// cookie for one request and holds ids and our own words only.
type Said struct {
	Good   string            `json:"g,omitempty"`
	Bad    string            `json:"b,omitempty"`
	Failed []NotOne          `json:"f,omitempty"`
	Undo   string            `json:"u,omitempty"` // path to POST to
	UndoAs string            `json:"w,omitempty"` // word on the button
	With   map[string]string `json:"v,omitempty"` // fields that are sent with the undo
	Picked []string          `json:"p,omitempty"` // boxes of the queue that stay ticked: nothing was done
}

// NotOne is an incident for which a deed was not done, and why.
type NotOne struct {
	ID     incident.ID `json:"i"`
	Number string      `json:"n,omitempty"`
	Why    string      `json:"y"`
}

const (
	saidCookie = "said"
	saidLimit  = 3000 // bytes of JSON: a cookie holds 4096 after encoding
)

func say(w http.ResponseWriter, said Said) {
	data, err := json.Marshal(said)
	for err == nil && len(data) > saidLimit && len(said.Failed) > 0 {
		said.Failed = said.Failed[:len(said.Failed)-1]
		data, err = json.Marshal(said)
	}
	if err == nil && len(data) > saidLimit && said.Picked != nil {
		said.Picked = nil
		data, err = json.Marshal(said)
	}
	if err != nil || len(data) > saidLimit {
		return // the deed is done all the same
	}
	http.SetCookie(w, &http.Cookie{Name: saidCookie, Value: base64.RawURLEncoding.EncodeToString(data),
		Path: "/desk", MaxAge: 60, HttpOnly: true, SameSite: http.SameSiteLaxMode})
}

func takeSaid(w http.ResponseWriter, r *http.Request) *Said {
	c, err := r.Cookie(saidCookie)
	if err != nil || c.Value == "" {
		return nil
	}
	http.SetCookie(w, &http.Cookie{Name: saidCookie, Path: "/desk", MaxAge: -1, HttpOnly: true, SameSite: http.SameSiteLaxMode})
	data, err := base64.RawURLEncoding.DecodeString(c.Value)
	if err != nil {
		return nil
	}
	var said Said
	if json.Unmarshal(data, &said) != nil {
		return nil
	}
	return &said
}

func siteZone(name string) *time.Location { return site.Zone(name) }

func incidentURL(id incident.ID) string { return fmt.Sprintf("/desk/incidents/%d", id) }
