package staff

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
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
	Area  string // as in menu
	Theme string
	Here  string // this page's URL
	Said  *Said
	Nav   []NavItem // side by side
	More  []NavItem // under «Ещё»

	Unseen int    // notices; at most unseenShown
	Stream string // where this page hears what changes; "" = the page says it itself
}

// A NavItem is one entry of the main menu.
type NavItem struct {
	Area, Name, URL, Icon string
	Count                 string // how many wait there, for what cannot wait
}

// The menu, the most used first.
var menu = []struct {
	NavItem
	right   lifecycle.Right
	action  lifecycle.Action // besides, the role must be able to do it; "" asks for none
	setting bool             // one sets it up, one does not work through it: under «Ещё»
}{
	{NavItem: NavItem{Area: "queue", Name: "Очередь", URL: "/desk", Icon: "inbox"}, right: lifecycle.SeeQueue},
	{NavItem: NavItem{Area: "calls", Name: "Звонки", URL: "/desk/calls", Icon: "phone"}, right: lifecycle.SeeQueue},
	{NavItem: NavItem{Area: "card", Name: "Карточка", URL: "/desk/cards/new", Icon: "phone-plus"}, right: lifecycle.FileCards},
	{NavItem: NavItem{Area: "control", Name: "Контроль", URL: "/desk/control", Icon: "clock"}, right: lifecycle.SeeControl},
	{NavItem: NavItem{Area: "work", Name: "Моя работа", URL: "/desk/work", Icon: "user-check"}, right: lifecycle.DoWork},
	{NavItem: NavItem{Area: "approvals", Name: "Согласование", URL: "/desk/approvals", Icon: "circle-check"}, right: lifecycle.SeeDrafts},
	{NavItem: NavItem{Area: "checks", Name: "Проверка", URL: "/desk/checks", Icon: "eye"}, right: lifecycle.SeeQueue, action: lifecycle.Weigh},
	{NavItem: NavItem{Area: "shift", Name: "Смена", URL: "/desk/shift", Icon: "refresh"}, right: lifecycle.KeepShifts},
	{NavItem: NavItem{Area: "arbiter", Name: "Арбитр", URL: "/desk/arbiter", Icon: "user-question"}, right: lifecycle.Arbitrate},
	{NavItem: NavItem{Area: "promises", Name: "Обещания", URL: "/desk/promises", Icon: "clock"}, right: lifecycle.SeeQueue},
	{NavItem: NavItem{Area: "problems", Name: "Проблемы", URL: "/desk/problems", Icon: "refresh"}, right: lifecycle.SeeQueue},
	{NavItem: NavItem{Area: "figures", Name: "Итоги", URL: "/desk/figures", Icon: "circle-check"}, right: lifecycle.SeeControl},
	{NavItem: NavItem{Area: "sources", Name: "Источники", URL: "/desk/sources", Icon: "antenna"}, right: lifecycle.SeeSources, setting: true},
	{NavItem: NavItem{Area: "talks", Name: "Диалог", URL: "/desk/talks", Icon: "message"}, right: lifecycle.SeeSources, setting: true},
	{NavItem: NavItem{Area: "tables", Name: "Таблицы", URL: "/desk/tables", Icon: "file"}, right: lifecycle.EditRules, setting: true},
	{NavItem: NavItem{Area: "aside", Name: "Отложенное", URL: "/desk/aside", Icon: "archive"}, right: lifecycle.SeeSources, setting: true},
	{NavItem: NavItem{Area: "watches", Name: "Наблюдение", URL: "/desk/watches", Icon: "eye"}, right: lifecycle.SeeSources, setting: true},
	{NavItem: NavItem{Area: "rules", Name: "Маршруты", URL: "/desk/rules", Icon: "route"}, right: lifecycle.EditRules, setting: true},
	{NavItem: NavItem{Area: "agencies", Name: "Организации", URL: "/desk/agencies", Icon: "users"}, right: lifecycle.EditAgencies, setting: true},
	{NavItem: NavItem{Area: "templates", Name: "Шаблоны", URL: "/desk/templates", Icon: "file"}, right: lifecycle.SeeQueue, setting: true},
	{NavItem: NavItem{Area: "regimes", Name: "Сроки", URL: "/desk/regimes", Icon: "clock"}, right: lifecycle.EditRules, setting: true},
	{NavItem: NavItem{Area: "checklists", Name: "Списки", URL: "/desk/checklists", Icon: "check"}, right: lifecycle.EditRules, setting: true},
	{NavItem: NavItem{Area: "contacts", Name: "Службы", URL: "/desk/contacts", Icon: "phone"}, right: lifecycle.EditAgencies, setting: true},
	{NavItem: NavItem{Area: "topics", Name: "Темы", URL: "/desk/topics", Icon: "tags"}, right: lifecycle.EditRules, setting: true},
	{NavItem: NavItem{Area: "lessons", Name: "Обучение", URL: "/desk/models", Icon: "bulb"}, right: lifecycle.Teach, setting: true},
	{NavItem: NavItem{Area: "people", Name: "Люди", URL: "/desk/people", Icon: "users"}, right: lifecycle.ManagePeople, setting: true},
}

// across is how many entries stand side by side at 1280 px.
const across = 6

// chrome builds the frame and takes what the page before left to be said.
func (s *Staff) chrome(w http.ResponseWriter, r *http.Request, area string) Chrome {
	c := Chrome{Who: who(r), Area: area, Theme: site.Theme(r), Here: r.URL.RequestURI(), Said: takeSaid(w, r), Stream: "/desk/events"}
	c.Unseen = s.unseen(r.Context(), c.Who)
	if r.Method != http.MethodGet {
		c.Here = "/desk"
	}
	for _, m := range menu {
		switch {
		case !c.Who.Role.Holds(m.right), m.action != "" && !lifecycle.May(c.Who.Role, m.action), m.Area == "watches" && s.Lookout == nil, m.Area == "tables" && s.Tables == nil:
			continue
		case m.Area == "calls":
			if m.Count = s.urgentCalls(r); m.Count == "" && area != "calls" {
				continue // nobody looks for what is not there
			}
		}
		if m.setting {
			c.More = append(c.More, m.NavItem)
		} else {
			c.Nav = append(c.Nav, m.NavItem)
		}
	}
	if len(c.Nav) > across {
		c.More = slices.Concat(c.Nav[across:], c.More)
		c.Nav = c.Nav[:across]
	}
	if len(c.More) == 1 {
		c.Nav, c.More = append(c.Nav, c.More...), nil
	}
	return c
}

// moreName names the menu of settings, with the page that is open.
func (c *Chrome) moreName() string {
	for _, n := range c.More {
		if n.Area == c.Area {
			return n.Name
		}
	}
	return "Ещё"
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
