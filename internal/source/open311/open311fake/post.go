package open311fake

import (
	"encoding/json"
	"encoding/xml"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"otklik/internal/fault"
)

type service struct {
	XMLName xml.Name `json:"-" xml:"service"`
	Code    string   `json:"service_code" xml:"service_code"`
	Name    string   `json:"service_name" xml:"service_name"`
	About   string   `json:"description" xml:"description"`
	Meta    bool     `json:"metadata" xml:"metadata"`
	Type    string   `json:"type" xml:"type"`
	Group   string   `json:"group" xml:"group"`
}

// Roads is the service that asks something: where the hole is, and how deep.
const Roads = "015"

var services = []service{
	{Code: "007", Name: "Уличное освещение", About: "Не горит фонарь", Type: "realtime", Group: "Благоустройство"},
	{Code: "010", Name: "Вывоз мусора", About: "Не вывозят мусор, свалки", Type: "realtime", Group: "Мусор"},
	{Code: Roads, Name: "Ямы на дорогах", About: "Ямы, выбоины, люки", Meta: true, Type: "realtime", Group: "Дороги"},
	{Code: "020", Name: "Уборка снега", About: "Снег и гололёд", Type: "realtime", Group: "Дороги"},
	{Code: "030", Name: "Водоснабжение", About: "Нет воды, утечки", Type: "realtime", Group: "ЖКХ"},
	{Code: "099", Name: "Другое", About: "Всё остальное", Type: "realtime", Group: "Другое"},
}

type value struct {
	Key  string `json:"key" xml:"key"`
	Name string `json:"name" xml:"name"`
}

type attribute struct {
	Variable bool    `json:"variable" xml:"variable"`
	Code     string  `json:"code" xml:"code"`
	Type     string  `json:"datatype" xml:"datatype"`
	Required bool    `json:"required" xml:"required"`
	Hint     string  `json:"datatype_description" xml:"datatype_description"`
	Order    int     `json:"order" xml:"order"`
	Name     string  `json:"description" xml:"description"`
	Values   []value `json:"values,omitempty" xml:"values>value,omitempty"`
}

type definition struct {
	XMLName xml.Name    `json:"-" xml:"service_definition"`
	Code    string      `json:"service_code" xml:"service_code"`
	All     []attribute `json:"attributes" xml:"attributes>attribute"`
}

var asked = definition{Code: Roads, All: []attribute{
	{Variable: true, Code: "WHERE", Type: "singlevaluelist", Required: true, Order: 1, Name: "Где яма", Values: []value{{"road", "на проезжей части"}, {"walk", "на тротуаре"}, {"yard", "во дворе"}}},
	{Variable: true, Code: "DEEP", Type: "number", Order: 2, Name: "Глубина, см", Hint: "примерно"},
}}

func (f *Fake) definition(w http.ResponseWriter, name string) {
	code, format, _ := strings.Cut(name, ".")
	switch {
	case code != Roads:
		f.refuse(w, format == "xml", http.StatusNotFound, "У услуги нет определения")
	case format == "xml":
		w.Header().Set("Content-Type", "text/xml; charset=utf-8")
		_ = xml.NewEncoder(w).Encode(asked)
	default:
		f.json(w, asked)
	}
}

type mistake struct {
	XMLName xml.Name `json:"-" xml:"error"`
	Code    int      `json:"code" xml:"code"`
	About   string   `json:"description" xml:"description"`
}

func (f *Fake) refuse(w http.ResponseWriter, asXML bool, status int, about string) {
	if asXML {
		w.Header().Set("Content-Type", "text/xml; charset=utf-8")
	} else {
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
	}
	w.WriteHeader(status)
	f.write(w, asXML, "errors", []mistake{{Code: status, About: about}})
}

// FailPost spoils the next post.
func (f *Fake) FailPost(t Trouble) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.ill = t
}

// Posted returns how many posts were taken.
func (f *Fake) Posted() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.got
}

// All returns what was reported, the oldest first.
func (f *Fake) All() []Request {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.all)
}

// Sender returns the name and contact that came with a request.
func (r *Request) Sender() string { return r.sender }

// post takes a request as the specification has it.
func (f *Fake) post(w http.ResponseWriter, r *http.Request, asXML bool) {
	r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
	key := f.o.Token
	if key == "" {
		key = f.o.Key
	}
	f.mu.Lock()
	ill := f.ill
	f.ill = ""
	f.mu.Unlock()
	bad := ""
	k := slices.IndexFunc(services, func(s service) bool { return s.Code == r.PostFormValue("service_code") })
	switch where := r.PostForm; {
	case key != "" && r.PostFormValue("api_key") != key || ill == Closed:
		f.refuse(w, asXML, http.StatusForbidden, "Ключ не подходит")
		return
	case ill == Gone:
		f.refuse(w, asXML, http.StatusNotFound, "Нет такой юрисдикции")
		return
	case ill == Busy:
		w.Header().Set("Retry-After", "30")
		w.WriteHeader(http.StatusTooManyRequests)
		return
	case ill == Bad:
		bad = "Такие обращения принимаются только по телефону"
	case k < 0:
		bad = "Нет услуги с таким кодом"
	case (where.Get("lat") == "" || where.Get("long") == "") && where.Get("address_string") == "":
		bad = "Не указано место"
	case utf8.RuneCountInString(where.Get("description")) > 4000:
		bad = "Описание длиннее 4000 знаков"
	case services[k].Meta && where.Get("attribute[WHERE]") == "":
		bad = "Не указано, где яма"
	}
	if bad != "" {
		f.refuse(w, asXML, http.StatusBadRequest, bad)
		return
	}
	form, now := r.PostForm, f.o.Now()
	f.mu.Lock()
	id := strconv.Itoa(1000 + len(f.all))
	one := Request{ID: id, Status: "open", Service: services[k].Name, Code: services[k].Code, Text: form.Get("description"), Address: form.Get("address_string"), Media: form.Get("media_url"), at: now, updated: now,
		sender: strings.Join(strings.Fields(strings.Join([]string{form.Get("first_name"), form.Get("last_name"), form.Get("phone"), form.Get("email")}, " ")), " ")}
	if form.Get("lat") != "" {
		one.Lat, one.Long = form.Get("lat"), form.Get("long")
	}
	one.Expects = f.stamp(now.AddDate(0, 0, 10))
	if f.o.Tokens {
		one.token = "token-" + id
	}
	f.all = append(f.all, one)
	f.got++
	f.save()
	f.mu.Unlock()
	switch ill {
	case Lost:
		panic(http.ErrAbortHandler)
	case Gateway:
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	f.receipt(w, asXML, http.StatusCreated, id, one.token)
}

func (f *Fake) receipt(w http.ResponseWriter, asXML bool, status int, id, token string) {
	type receipt struct {
		XMLName xml.Name `json:"-" xml:"request"`
		ID      string   `json:"service_request_id,omitempty" xml:"service_request_id,omitempty"`
		Token   string   `json:"token,omitempty" xml:"token,omitempty"`
	}
	one := receipt{ID: id}
	if token != "" && status == http.StatusCreated {
		one = receipt{Token: token}
	}
	f.write(w, asXML, "service_requests", []receipt{one})
}

// Settle gives all that wait by a token their numbers.
func (f *Fake) Settle() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for k := range f.all {
		f.all[k].token = ""
	}
	f.save()
}

// ticket answers the question after a token; before Settle nobody knows it.
func (f *Fake) ticket(w http.ResponseWriter, r *http.Request, name string) {
	token, format, _ := strings.Cut(name, ".")
	id := strings.TrimPrefix(token, "token-")
	f.mu.Lock()
	known := slices.ContainsFunc(f.all, func(one Request) bool { return one.ID == id && one.token == "" })
	f.mu.Unlock()
	if !known {
		f.refuse(w, format == "xml", http.StatusNotFound, "Номера ещё нет")
		return
	}
	f.receipt(w, format == "xml", http.StatusOK, id, token)
}

// one answers with a single request.
func (f *Fake) one(w http.ResponseWriter, r *http.Request, name string) {
	id, format, _ := strings.Cut(name, ".")
	list := f.those(func(one *Request) bool { return one.ID == id })
	if len(list) == 0 {
		f.refuse(w, format == "xml", http.StatusNotFound, "Такого обращения нет")
		return
	}
	f.write(w, format == "xml", "service_requests", list)
}

// A kept is a request in the snapshot.
type kept struct {
	Request
	Made, Moved   time.Time
	Hidden        bool
	Ticket, Asked string
}

// save writes the snapshot; the mutex is held. A fake that cannot write goes on.
func (f *Fake) save() {
	if f.o.Snapshot == "" {
		return
	}
	list := []kept{}
	for _, r := range f.all {
		list = append(list, kept{r, r.at, r.updated, r.hidden, r.token, r.sender})
	}
	b, err := json.Marshal(list)
	if err == nil && os.WriteFile(f.o.Snapshot+".new", b, 0o600) == nil {
		_ = os.Rename(f.o.Snapshot+".new", f.o.Snapshot)
	}
}

func (f *Fake) load() error {
	if f.o.Snapshot == "" {
		return nil
	}
	b, err := os.ReadFile(f.o.Snapshot)
	if os.IsNotExist(err) {
		return nil
	}
	var list []kept
	if err == nil {
		err = json.Unmarshal(b, &list)
	}
	if err != nil {
		return fault.New(fault.Invalid, "open311fake: the snapshot %s is broken: %w", f.o.Snapshot, err).Mend("remove the file; the city begins anew")
	}
	for _, k := range list {
		k.Request.at, k.Request.updated, k.Request.hidden, k.Request.token, k.Request.sender = k.Made, k.Moved, k.Hidden, k.Ticket, k.Asked
		f.all = append(f.all, k.Request)
	}
	return nil
}
