package staff

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"otklik/internal/account"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/message"
	"otklik/internal/topic"
)

// pageRows is how many rows a page of the queue has.
const pageRows = 50

// A Query is the queue's URL, parsed: what a person asked for, as text, so that
// the form shows it again and the same URL gives the same page.
type Query struct {
	State   []string
	All     bool   // closed and answered too
	Topic   string // code
	Group   string
	Agency  string // id, or "none"
	Centre  string
	Urgency string
	Channel string
	Claimed string // me, free
	Missing bool
	Doubted bool   // a reply reads like a runaround
	Spam    bool   // what a resident sent looks like spam
	Since   string // 2006-01-02
	Until   string
	Due     string // overdue, soon, paused
	Result  string // how it stands in the figures of leaders
	Order   string
	Q       string
	After   string
	Crowd   int64 // what is proposed to be one trouble of many people: id of the oldest
	At      int64 // open item
}

// parseQuery reads the URL's values; what makes no sense is dropped.
func parseQuery(v url.Values) Query {
	q := Query{Topic: v.Get("topic"), Group: v.Get("group"), Agency: v.Get("agency"), Centre: v.Get("centre"),
		Urgency: v.Get("urgency"), Channel: v.Get("channel"), Claimed: v.Get("claimed"), Since: day(v.Get("since")), Until: day(v.Get("until")),
		Order: v.Get("sort"), Q: searchText(v.Get("q")), After: v.Get("after"), All: v.Get("all") != "", Missing: v.Get("missing") != "", Doubted: v.Get("suspicious") != "", Spam: v.Get("spam") != ""}
	if d := v.Get("due"); slices.ContainsFunc(dueChoices, func(c Choice) bool { return c.Value == d }) {
		q.Due = d
	}
	if r := v.Get("result"); slices.ContainsFunc(resultChoices, func(c Choice) bool { return c.Value == r }) {
		q.Result = r
	}
	for _, s := range v["state"] {
		if _, err := lifecycle.ParseState(s); err == nil && !slices.Contains(q.State, s) {
			q.State = append(q.State, s)
		}
	}
	if n, err := strconv.ParseInt(v.Get("crowd"), 10, 64); err == nil && n > 0 {
		q.Crowd = n
	}
	q.At, _ = strconv.ParseInt(v.Get("at"), 10, 64)
	return q
}

// searchLimit is how many letters of a search are looked at; a pasted page of text is cut.
const searchLimit = 200

// searchText returns what was typed into the search on one line, without control
// characters, no longer than searchLimit.
func searchText(s string) string {
	s = strings.Join(strings.FieldsFunc(strings.ToValidUTF8(s, ""), func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }), " ")
	if r := []rune(s); len(r) > searchLimit {
		s = strings.TrimSpace(string(r[:searchLimit]))
	}
	return s
}

func day(s string) string {
	if _, err := time.Parse(time.DateOnly, s); err != nil {
		return ""
	}
	return s
}

// Values returns the URL query, without the page and the open item.
func (q Query) Values() url.Values {
	v := url.Values{}
	set := func(name, value string) {
		if value != "" {
			v.Set(name, value)
		}
	}
	for _, s := range q.State {
		v.Add("state", s)
	}
	if q.All {
		v.Set("all", "1")
	}
	if q.Missing {
		v.Set("missing", "1")
	}
	if q.Doubted {
		v.Set("suspicious", "1")
	}
	if q.Spam {
		v.Set("spam", "1")
	}
	set("topic", q.Topic)
	set("group", q.Group)
	set("agency", q.Agency)
	set("centre", q.Centre)
	set("urgency", q.Urgency)
	set("channel", q.Channel)
	set("claimed", q.Claimed)
	set("due", q.Due)
	set("result", q.Result)
	set("since", q.Since)
	set("until", q.Until)
	set("sort", q.Order)
	set("q", q.Q)
	if q.Crowd != 0 {
		v.Set("crowd", strconv.FormatInt(q.Crowd, 10))
	}
	return v
}

// URL returns the queue's address with this query.
func (q Query) URL() string {
	v := q.Values()
	if q.After != "" {
		v.Set("after", q.After)
	}
	if len(v) == 0 {
		return "/desk"
	}
	return "/desk?" + v.Encode()
}

// with returns the URL of the queue with an open item.
func withItem(base string, id incident.ID) string {
	sep := "?"
	if strings.Contains(base, "?") {
		sep = "&"
	}
	return base + sep + "at=" + strconv.FormatInt(int64(id), 10)
}

// Filter returns the store's filter. Dates are days of the zone. Nothing asked
// for means open work; a search looks everywhere.
func (q Query) Filter(me account.ID, zone *time.Location, lemmas func(string) [][]string) incident.Filter {
	f := incident.Filter{Topic: topic.Code(q.Topic), Group: q.Group, Centre: q.Centre, Urgency: message.Urgency(q.Urgency),
		Channel: message.Channel(q.Channel), Missing: q.Missing, Doubted: q.Doubted, Suspect: q.Spam, Crowd: incident.ID(q.Crowd), Order: incident.Order(q.Order), Limit: pageRows}
	for _, s := range q.State {
		f.States = append(f.States, lifecycle.State(s))
	}
	f.Open = len(q.State) == 0 && !q.All && q.Q == "" && !q.Doubted && !q.Spam && q.Result == ""
	if q.Agency == "none" {
		f.NoAgency = true
	} else {
		f.Agency, _ = strconv.ParseInt(q.Agency, 10, 64)
	}
	switch q.Claimed {
	case "me":
		f.Claimed = me
	case "free":
		f.Free = true
	}
	if q.Q != "" && lemmas != nil {
		f.Words = lemmas(q.Q)
	}
	if t, err := time.ParseInLocation(time.DateOnly, q.Since, zone); err == nil {
		f.Since = t.UTC()
	}
	if t, err := time.ParseInLocation(time.DateOnly, q.Until, zone); err == nil {
		f.Until = t.AddDate(0, 0, 1).UTC() // the whole last day
	}
	switch f.Order {
	case incident.Newest, incident.Oldest, incident.Urgent, incident.Changed, incident.DueNext:
	default:
		f.Order = incident.Newest
	}
	f.After = parseCursor(q.After)
	return f
}

// A cursor in a URL is «ID~key».
func parseCursor(s string) incident.Cursor {
	id, key, ok := strings.Cut(s, "~")
	n, err := strconv.ParseInt(id, 10, 64)
	if !ok || err != nil || key == "" {
		return incident.Cursor{}
	}
	return incident.Cursor{Key: key, ID: incident.ID(n)}
}

func formatCursor(c incident.Cursor) string {
	if c.Key == "" {
		return ""
	}
	return strconv.FormatInt(int64(c.ID), 10) + "~" + c.Key
}

// dueChoices are what the filter by due time offers.
var dueChoices = []Choice{{"overdue", "просрочен"}, {"soon", "в ближайшие сутки"}, {"paused", "часы стоят"}}

// resultChoices are what the filter by result offers.
var resultChoices = []Choice{{string(incident.InTime), "ответили в срок"}, {string(incident.NotInTime), "не ответили в срок"}, {string(incident.Checked), "решение проверено"},
	{string(incident.NotChecked), "решение не проверено"}, {string(incident.Judged), "ответ дан или просрочен"}, {string(incident.Waits), "ждут срока"}}

// due puts what was asked about due times and results into the filter.
func (q Query) due(f *incident.Filter, now time.Time) {
	f.Result, f.At = incident.Result(q.Result), now
	switch q.Due {
	case "overdue":
		f.DueUntil, f.Open = now, true
	case "soon":
		f.DueSince, f.DueUntil, f.Open = now, now.Add(soonHours*time.Hour), true
	case "paused":
		f.Paused, f.Open = true, true
	}
}
