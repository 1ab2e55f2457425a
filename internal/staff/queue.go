package staff

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"otklik/internal/account"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/message"
	"otklik/internal/site"
)

// countLimit is how far the queue counts; beyond it says «больше 100».
const countLimit = 100

// QueuePage is the queue.
type QueuePage struct {
	Chrome
	Query     Query
	TopicName string // of the filter
	Rows      []QueueRow
	Total     string // «48 инцидентов»
	Next      string // URL of the next page; "" on the last
	First     string // URL of the first page; "" on it
	Fresh     string // URL that says how many are new since this page was made
	Views     []ViewLink
	Applied   []Chip
	Choices   Choices
	Lists     string // datalists as HTML
	Bulk      []bulkDeed
	Executors []Choice // of the account's agency, whom much can be given to at once
	Bursts    []BurstRow
	Item      *IncidentPage // open item; nil for none
	Search    bool          // full-text search is there
	Export    *ExportForm   // nil: nothing can be downloaded
}

// A QueueRow is one row as shown.
type QueueRow struct {
	ID         incident.ID
	Key, Check string // id; id and version, so that a bulk deed does not overwrite what changed since
	URL        string
	Topic      string
	Excerpt    string
	Gone       bool
	Address    string
	Agency     string
	Proposed   string // agency that routing proposes, while none has it
	Claimer    string // «Ирина С.»
	Mine       bool
	State      lifecycle.State
	Phrase     string
	Urgency    message.Urgency
	Channel    string // icon
	ChannelAs  string
	Ago        string
	When       string
	Missing    string // «нет места»
	Messages   int
	Left       *TimeLeft
	Open       bool // the item that is open beside
	Picked     bool // still ticked: the deed before could not begin
}

// A ViewLink is a saved queue.
type ViewLink struct {
	ID   int64 // 0 for the ones everybody has
	Name string
	URL  string
	Here bool
}

// A Chip is a filter in force; its URL is the queue without it.
type Chip struct{ Name, URL string }

// Choices are what the filter form offers.
type Choices struct {
	States   []lifecycle.State
	Groups   []string
	Agencies []Choice
	Centres  []Choice
	Channels []message.Channel
}

// A Choice is an option of a select.
type Choice struct{ Value, Name string }

func (s *Staff) queue(w http.ResponseWriter, r *http.Request) error {
	q := s.asked(r)
	me := who(r)
	if number, err := incident.ParseNumber(q.Q); err == nil { // a number said on the phone opens its incident
		i, err := s.Cases().Incidents().ByNumber(r.Context(), me.Scope(), number)
		if err == nil {
			http.Redirect(w, r, incidentURL(i.ID), http.StatusSeeOther)
			return nil
		}
	}
	p, err := s.queuePage(r.Context(), me, q)
	if err != nil {
		return err
	}
	if q.At != 0 {
		i, err := s.Cases().Incidents().Incident(r.Context(), me.Scope(), incident.ID(q.At))
		switch {
		case fault.Is(err, fault.NotFound): // it has gone elsewhere: show the queue
		case err != nil:
			return err
		default:
			if p.Item, err = s.incidentPage(r.Context(), me, i); err != nil {
				return err
			}
			p.Item.Back = q.URL()
		}
	}
	p.exporting(s, me.Role.Holds(lifecycle.SeePersonal))
	p.Chrome = s.chrome(w, r, "queue")
	p.Stream = "" // the queue listens itself
	if p.Said != nil {
		for i := range p.Rows {
			p.Rows[i].Picked = slices.Contains(p.Said.Picked, p.Rows[i].Check)
		}
	}
	return s.page(w, r, http.StatusOK, "Очередь", Queue(p))
}

// asked reads the URL; a topic may be typed by name or given by code.
func (s *Staff) asked(r *http.Request) Query {
	q := parseQuery(r.URL.Query())
	if tp, ok := s.Topics().ByName(q.Topic); ok {
		q.Topic = string(tp.Code)
	}
	return q
}

func (s *Staff) queuePage(ctx context.Context, me *account.Account, q Query) (*QueuePage, error) {
	tx := s.Cases()
	zone := s.zone(me.Place.Centre, me.Place.Region)
	f := q.Filter(me.ID, zone, s.Lemmas)
	q.due(&f, s.Now())
	page, err := tx.Incidents().Queue(ctx, me.Scope(), f)
	if err != nil {
		return nil, err
	}
	if err := s.mask(ctx, me, page.Rows); err != nil {
		return nil, err
	}
	agencies, err := s.regionAgencies(ctx, me)
	if err != nil {
		return nil, err
	}
	now := s.Now()
	p := &QueuePage{Query: q, TopicName: topicName(s.Topics(), topicCode(q.Topic)), Search: s.Lemmas != nil, Total: s.total(ctx, me, f, page)}
	base := q.URL()
	p.Rows = s.rows(page.Rows, me, base, q.At, now, agencies)
	if page.Next.Key != "" {
		next := q
		next.After = formatCursor(page.Next)
		p.Next = next.URL()
	}
	first := q
	first.After = ""
	if q.After != "" {
		p.First = first.URL()
	}
	values := q.Values()
	values.Set("from", strconv.FormatInt(now.UnixMilli(), 10))
	p.Fresh = "/desk/fresh?" + values.Encode()
	if p.Bursts, err = s.bursts(ctx, tx, me, q); err != nil {
		return nil, err
	}
	if p.Views, err = s.views(ctx, me, q); err != nil {
		return nil, err
	}
	p.Applied = s.applied(q, agencies)
	p.Choices = s.choices(me, agencies)
	lists, err := s.agencyOptions(ctx, me)
	if err != nil {
		return nil, err
	}
	p.Lists = lists + s.topicOptions() + s.settlementOptions(me.Place.Region) + reasonOptions
	if me.Place.Agency != 0 {
		people, err := s.colleagues(ctx, me)
		if err != nil {
			return nil, err
		}
		p.Executors = people.executors(me.Place.Agency)
	}
	for _, b := range bulkDeeds {
		if lifecycle.May(me.Role, b.action) && (b.Ask != "executor" || len(p.Executors) > 0) {
			p.Bulk = append(p.Bulk, b)
		}
	}
	return p, nil
}

// total counts what the filter lets through; a page that is the whole list is its own count.
func (s *Staff) total(ctx context.Context, me *account.Account, f incident.Filter, page incident.Page) string {
	n := len(page.Rows)
	if page.Next.Key != "" || f.After.Key != "" {
		f.After = incident.Cursor{}
		var err error
		if n, err = s.Cases().Incidents().Count(ctx, me.Scope(), f, countLimit+1); err != nil {
			return ""
		}
		if n > countLimit {
			return "больше " + site.Count(countLimit, "инцидента", "инцидентов", "инцидентов")
		}
	}
	return site.Count(n, "инцидент", "инцидента", "инцидентов")
}

func (s *Staff) rows(from []incident.Row, me *account.Account, base string, open int64, now time.Time, agencies *agencyList) []QueueRow {
	rows := make([]QueueRow, len(from))
	at := withItem(base, 0)
	at = at[:len(at)-1]
	for i := range from {
		f := &from[i]
		zone := s.zone(f.Place.Centre, f.Place.Region)
		key := incidentNumber(f.ID)
		rows[i] = QueueRow{ID: f.ID, Key: key, Check: key + "." + strconv.Itoa(f.Version), URL: at + key, Topic: s.topicTitle(f.Topic), Excerpt: f.Excerpt, Gone: f.Gone,
			Address: f.Address.String(), Agency: f.Agency, Claimer: shortName(f.Claimer), Mine: f.ClaimedBy != 0 && f.ClaimedBy == me.ID,
			State: f.State, Phrase: f.Phrase(), Urgency: f.Urgency, Channel: channelIcon(f.Channel), ChannelAs: f.Channel.Name(),
			Ago: site.Ago(f.OpenedAt, now, zone), When: site.DateTime(f.OpenedAt, now, zone), Missing: missingWords(f.Missing),
			Messages: f.Messages, Open: int64(f.ID) == open, Left: timeLeft(&f.Clock, now, zone)}
		if f.Place.Agency == 0 && f.Proposed != 0 {
			rows[i].Proposed = agencies.name(f.Proposed)
		}
		if rows[i].Address == "" && f.Place.Centre != "" {
			rows[i].Address = s.placeName(f.Place.Centre)
		}
	}
	return rows
}

func channelIcon(c message.Channel) string {
	switch c {
	case message.VK:
		return "brand-vk"
	case message.Telegram:
		return "brand-telegram"
	case message.Counter:
		return "users"
	case message.Paper:
		return "file"
	case message.Phone:
		return "phone"
	case message.Mail:
		return "send"
	case message.Max, message.OK, message.Forum:
		return "messages"
	case message.News:
		return "antenna"
	case message.File:
		return "file"
	}
	return "plug"
}

var missing = map[string]string{
	message.MissingTopic: "неясно, что случилось", message.MissingPlace: "неясно, где", message.MissingDecency: "грубые слова",
}

func missingWords(list []string) string {
	if len(list) == 0 {
		return ""
	}
	if slices.Contains(list, message.MissingTopic) && slices.Contains(list, message.MissingPlace) {
		rest := slices.DeleteFunc(slices.Clone(list), func(m string) bool { return m == message.MissingTopic || m == message.MissingPlace })
		return strings.TrimSuffix("неясно, что случилось и где; "+missingWords(rest), "; ")
	}
	words := make([]string, len(list))
	for i, m := range list {
		words[i] = missing[m]
	}
	return strings.Join(words, ", ")
}

// sentenceCase puts a topic's name («ямы на дорогах») at the head of a line.
func sentenceCase(s string) string {
	for i, r := range s {
		if i == 0 {
			return strings.ToUpper(string(r)) + s[len(string(r)):]
		}
	}
	return s
}

// fresh answers how many incidents the queue has got since its page was made,
// as the quiet line that offers to take them in.
func (s *Staff) fresh(w http.ResponseWriter, r *http.Request) error {
	me := who(r)
	q := s.asked(r)
	f := q.Filter(me.ID, s.zone(me.Place.Centre, me.Place.Region), s.Lemmas)
	q.due(&f, s.Now())
	ms, err := strconv.ParseInt(r.URL.Query().Get("from"), 10, 64)
	if err != nil {
		return site.Write(w, r, http.StatusOK, Fresh(0, ""))
	}
	f.After, f.Since = incident.Cursor{}, time.UnixMilli(ms+1).UTC()
	n, err := s.Cases().Incidents().Count(r.Context(), me.Scope(), f, 100)
	if err != nil {
		return err
	}
	q.After, q.At = "", 0
	return site.Write(w, r, http.StatusOK, Fresh(n, q.URL()))
}

func incidentNumber(id incident.ID) string { return strconv.FormatInt(int64(id), 10) }

// reasonOptions are the usual reasons of a refusal, in plain words; any other may be typed.
const reasonOptions = `<datalist id="reasons"><option value="Это не относится к работе органов власти и их организаций"></option>` +
	`<option value="Повтор: об этом уже есть инцидент, он разбирается"></option><option value="Нет ни места, ни сути, автор на вопрос не ответил"></option>` +
	`<option value="Реклама или объявление"></option><option value="Решение принимает суд, органы власти вмешаться не могут"></option>` +
	`<option value="Другой регион"></option></datalist>`
