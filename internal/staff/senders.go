package staff

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"

	"otklik/internal/fault"
	"otklik/internal/site"
	"otklik/internal/source"
)

// ConnectPage is the form by which a system is connected that pushes messages to us.
type ConnectPage struct {
	Chrome
	Name, Code, Territory string
	Fields                []source.Field
	Centres               []Choice
	OwnCentre             bool
	Problem               string
}

// A SenderView is what the page of a source says of a system that pushes messages to us.
type SenderView struct {
	Open311 bool   // it files by Open311: the secret is its api_key
	Secret  string // shown once
	Until   string // how long the one before is good; "" = there is none
	Address string
	Command string // that sends an example
	Refused string // the last call that was not taken; "" = none
	When    string
	Count   string // of all refused ones
}

func (s *Staff) senderKeeper() (site.SenderKeeper, error) {
	if k, ok := s.Roster.(site.SenderKeeper); ok {
		return k, nil
	}
	return nil, fault.New(fault.NotFound, "no senders are kept here")
}

func (s *Staff) connect(w http.ResponseWriter, r *http.Request) error {
	return s.showConnect(w, r, http.StatusOK, &ConnectPage{Territory: who(r).Place.Centre})
}

func (s *Staff) showConnect(w http.ResponseWriter, r *http.Request, status int, p *ConnectPage) error {
	me := who(r)
	p.OwnCentre = me.Place.Centre != ""
	for _, c := range s.centres(me.Place.Region) {
		if !p.OwnCentre || c.Value == me.Place.Centre {
			p.Centres = append(p.Centres, c)
		}
	}
	p.Fields = typed(r, s.fields(&source.Source{Kind: source.Hook}))
	p.Chrome = s.chrome(w, r, "sources")
	return s.page(w, r, status, "Подключить систему", Connect(p))
}

// addSender connects a system. Its secret is shown by the answer itself, never behind a
// redirect: it must stand in no address and no cookie.
func (s *Staff) addSender(w http.ResponseWriter, r *http.Request) error {
	keeper, err := s.senderKeeper()
	if err == nil {
		err = form(w, r)
	}
	if err != nil {
		return err
	}
	p := &ConnectPage{Name: field(r, "name"), Code: field(r, "code"), Territory: field(r, "territory")}
	one := &source.Source{Kind: source.Hook, Name: p.Name, Territory: p.Territory}
	secret := ""
	if err = s.writeFields(r, one); err == nil {
		secret, err = keeper.Connect(r.Context(), who(r).Actor(), one, p.Code)
	}
	if sentence, ok := refusedSource(err); ok {
		p.Problem = sentence
		return s.showConnect(w, r, site.Status(err), p)
	} else if err != nil {
		return err
	}
	return s.showSource(w, r, http.StatusOK, &SourcePage{Form: formOfSource(one), Sender: &SenderView{Secret: secret}}, one)
}

// newSecret gives a system a new secret; the deed says whether the one before ends at once.
func (s *Staff) newSecret(w http.ResponseWriter, r *http.Request, one *source.Source) error {
	keeper, err := s.senderKeeper()
	if err != nil {
		return err
	}
	p := &SourcePage{Form: formOfSource(one), Sender: &SenderView{}}
	p.Sender.Secret, err = keeper.Rotate(r.Context(), who(r).Actor(), one.Number, r.PathValue("deed") == "secret-now")
	status := http.StatusOK
	if sentence, ok := refusedSource(err); ok {
		p.Problem, status = sentence, site.Status(err)
	} else if err != nil {
		return err
	} else if now, err := s.Cases().Sources().Source(r.Context(), who(r).Scope(), one.Number); err == nil {
		one, p.Form = now, formOfSource(now)
	}
	return s.showSource(w, r, status, p, one)
}

// sender fills in what the page of a source says of a system that pushes to us.
func (p *SourcePage) sender(s *Staff, r *http.Request, one *source.Source) {
	if one.Kind != source.Hook || one.Number == 0 {
		return
	}
	if p.Sender == nil {
		p.Sender = &SenderView{}
	}
	p.Sender.Address = fmt.Sprintf("%s/hooks/messages/%d", origin(r), one.Number)
	p.Sender.Command = tryCommand(p.Sender.Address, s.Now().UTC().Format("2006-01-02T15:04:05Z"))
	if p.Sender.Open311 = slices.ContainsFunc(s.fields(one), func(f source.Field) bool { return f.Name == "way" && f.Value == "open311" }); p.Sender.Open311 {
		p.Sender.Address = origin(r) + "/open311/v2/requests.json"
		p.Sender.Command = tryOpen311(origin(r) + "/open311/test/requests.json")
	}
	keeper, err := s.senderKeeper()
	if err != nil {
		return
	}
	now, zone := s.Now(), s.zone(who(r).Place.Centre, who(r).Place.Region)
	if until := keeper.Until(one.ID); !until.IsZero() {
		p.Sender.Until = site.DateTime(until, now, zone)
	}
	if no := keeper.Refused(one.ID); no.Count > 0 {
		p.Sender.Refused, p.Sender.When, p.Sender.Count = no.Sentence, site.DateTime(no.At, now, zone), site.Count(no.Count, "вызов", "вызова", "вызовов")
	}
}

// origin is where the reader reached us.
func origin(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.Host)
	if err != nil {
		host = r.Host
	}
	if ip := net.ParseIP(strings.Trim(host, "[]")); host == "localhost" || ip != nil && ip.IsLoopback() {
		return "http://" + r.Host
	}
	return "https://" + r.Host
}

// tryCommand is a call that can be made by hand. The secret is asked for: it stands in no
// history of commands, and in no address.
func tryCommand(address, at string) string {
	body, _ := json.Marshal(map[string]any{"messages": []map[string]string{{ // strings alone: it does not fail
		"id": "proba-1", "text": "Проверка связи: яма у дома 5 на улице Мира", "author": "Проверка", "published_at": at,
	}}})
	return `read -rsp 'Секрет (whsec_…): ' secret; echo
body='` + string(body) + `'
id=proba-$(date +%s) at=$(date +%s)
key=$(printf %s "${secret#whsec_}" | openssl base64 -d -A | od -An -v -tx1 | tr -d ' \n')
sig=$(printf '%s.%s.%s' "$id" "$at" "$body" | openssl dgst -sha256 -mac HMAC -macopt "hexkey:$key" -binary | openssl base64 -A)
curl -H "webhook-id: $id" -H "webhook-timestamp: $at" -H "webhook-signature: v1,$sig" -H 'content-type: application/json' -d "$body" ` + address
}

// tryOpen311 asks the test endpoint, which files nothing.
func tryOpen311(address string) string {
	return `read -rsp 'Ключ (whsec_…): ' key; echo
curl ` + address + ` --data-urlencode "api_key=$key" -d service_code=roads.potholes -d 'address_string=улица Мира, 5' --data-urlencode 'description=Проверка связи'`
}
