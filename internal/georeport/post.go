package georeport

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"otklik/internal/attachment"
	"otklik/internal/clarify"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/message"
	"otklik/internal/scope"
	"otklik/internal/topic"
)

// descriptionLimit is how long a description may be, in characters (the specification).
const descriptionLimit = 4000

// file takes in a request. It is stored in the inbox before it is answered. The answer holds
// the number when intake has opened the incident within Wait, else a token: the specification
// allows either, never both.
func (s *Server) file(c *call) (document, int, *refusal) {
	if no := s.needsKey(c); no != nil {
		return document{}, 0, no
	}
	no := &refusal{}
	t, known := s.service(c.get("service_code"))
	switch {
	case c.get("service_code") == "":
		no.add("service_code", "Укажите service_code. Список: services.xml и services.json.")
	case !known:
		no.add("service_code", "Услуги с таким кодом нет. Список: services.xml и services.json.")
	}
	lat, lon, point := c.point(no)
	where := c.get("address_string")
	if !point && where == "" && !slices.ContainsFunc(no.list, func(f fail) bool { return f.code == "lat_long" }) {
		no.add("location", "Укажите место: lat и long или address_string. Номеров адресов (address_id) этот сервер не принимает.")
	}
	if point && s.Covers != nil && !s.Covers(lat, lon) {
		no.add("lat_long", "Это место не на нашей территории.")
	}
	words := s.words(c, no)
	asked := s.asked(c, t, no)
	s.person(c, no)
	media := s.media(c, no)
	if no.or() != nil {
		return document{}, 0, no
	}
	if words == "" {
		words = t.Name
	}
	if c.test {
		return posted("service_request_id", "test-"+strings.ToLower(rand.Text())[:8], "Проверочный адрес: запрос верен, но ничего не заведено.", c.get("account_id")), http.StatusOK, nil
	}
	now := s.Now().UTC()
	native := strings.ToLower(rand.Text())
	m := message.Message{
		Source: c.sender.Source, Channel: message.City, Form: message.Record, Native: native, Revision: message.Revision{Time: now}, Event: message.Written,
		Author: c.author(native), AuthorName: c.name(), Contact: c.contact(), Text: strings.Join(append([]string{words}, asked...), "\n"), PublishedAt: now, SeenAt: now,
		Territory: c.sender.Territory, Addressed: true, Attachments: media,
		Past: &message.Past{Key: c.sender.Source + "/" + native, Code: t.Code, Place: where, OpenedAt: now},
	}
	if point {
		m.Shared = &message.Point{Lat: lat, Lon: lon}
	}
	m.Attachments = append(m.Attachments, s.uploads(c, no)...)
	if no.or() != nil {
		return document{}, 0, no
	}
	if _, err := s.Push(c.Context(), m.Source, native, []message.Message{m}); err != nil {
		return document{}, 0, s.broken("post", err)
	}
	if id := s.await(c, m.Source, native); id != "" {
		return posted("service_request_id", id, notice, c.get("account_id")), http.StatusOK, nil
	}
	return posted("token", tokenOf(c.sender.Number, native), notice, c.get("account_id")), http.StatusOK, nil
}

const notice = "Обращение сохранено. Слова покажут всем после того, как их прочтёт сотрудник; личные данные будут скрыты."

func posted(what, id, notice, account string) document {
	return document{root: "service_requests", item: "request", list: []record{{text(what, id), text("service_notice", notice), text("account_id", account)}}}
}

// await looks for the incident of a message that was just pushed.
func (s *Server) await(c *call, source, native string) string {
	if s.Wait <= 0 {
		return ""
	}
	end := time.NewTimer(s.Wait)
	defer end.Stop()
	look := time.NewTicker(20 * time.Millisecond)
	defer look.Stop()
	for {
		select {
		case <-c.Context().Done():
			return ""
		case <-end.C:
			return ""
		case <-look.C:
			if number, err := s.number(c, source, native); err == nil && number != "" {
				return number
			}
		}
	}
}

// number returns that of the incident that a message belongs to, "" while there is none.
func (s *Server) number(c *call, source, native string) (string, error) {
	tx := s.Tx()
	m, err := tx.Messages().ByNative(c.Context(), source, native)
	if err != nil {
		return "", err
	}
	of, err := tx.Messages().Incident(c.Context(), m.ID)
	if err != nil || of == 0 {
		return "", err
	}
	i, err := tx.Incidents().Incident(c.Context(), scope.All(), incident.ID(of))
	if err != nil {
		return "", err
	}
	return i.Number, nil
}

// tokenOf names a message to whoever sent it: the number of its sender, and what nobody guesses.
func tokenOf(sender int64, native string) string {
	return strconv.FormatInt(sender, 10) + "-" + native
}

// token gives the number behind a token.
func (s *Server) token(c *call, token string) (document, *refusal) {
	none := &refusal{status: http.StatusNotFound, list: []fail{{"token", "Такого токена нет, или по нему ещё не завели обращения: спросите снова через минуту."}}}
	if c.test {
		return document{}, none
	}
	of, native, ok := strings.Cut(token, "-")
	number, err := strconv.ParseInt(of, 10, 64)
	if !ok || err != nil || len(native) < 20 || len(native) > 40 {
		return document{}, none
	}
	for _, sender := range s.Senders() {
		if sender.Number != number {
			continue
		}
		switch id, err := s.number(c, sender.Source, native); {
		case err != nil && !fault.Is(err, fault.NotFound):
			return document{}, s.broken("token", err)
		case err == nil && id != "":
			return document{root: "service_requests", item: "request", list: []record{{text("service_request_id", id), text("token", token)}}}, nil
		}
	}
	return document{}, none
}

// words reads the description: no HTML, at most 4000 characters.
func (s *Server) words(c *call, no *refusal) string {
	v := strings.ReplaceAll(c.get("description"), "\r\n", "\n")
	if n := utf8.RuneCountInString(v); n > descriptionLimit {
		no.add("description", fmt.Sprintf("Описание длиннее %d знаков: их %d.", descriptionLimit, n))
		return ""
	}
	for k := range v { // < before a letter, a slash or an exclamation mark begins a tag
		if v[k] == '<' && k+1 < len(v) && (v[k+1] == '/' || v[k+1] == '!' || v[k+1]|0x20 >= 'a' && v[k+1]|0x20 <= 'z') {
			no.add("description", "Описание — простой текст без HTML.")
			return ""
		}
	}
	return v
}

// asked reads the answers to what the service asks, as lines of text.
func (s *Server) asked(c *call, t topic.Topic, no *refusal) (lines []string) {
	for _, a := range clarify.Asks(t) {
		v := c.get("attribute[" + a.Code + "]")
		if v == "" {
			v = c.get("attribute[" + a.Code + "][]")
		}
		at := slices.IndexFunc(a.Choices, func(o clarify.Choice) bool { return o.Code == v })
		switch {
		case v == "" && a.Required:
			no.add("attribute["+a.Code+"]", "Нужен ответ: «"+a.Question+"».")
			continue
		case v == "":
			continue
		case len(a.Choices) > 0 && at < 0:
			no.add("attribute["+a.Code+"]", "Ответ не из списка: смотрите services/"+string(t.Code)+".")
			continue
		case len(a.Choices) > 0:
			v = a.Choices[at].Name
		case a.Moment:
			before := len(no.list)
			p := params{form: url.Values{a.Code: {v}}}
			day := p.when(a.Code, no)
			if len(no.list) > before {
				no.list[before].code = "attribute[" + a.Code + "]"
				continue
			}
			v = day.In(s.Zone(scope.Place{Region: s.Region})).Format("02.01.2006 15:04")
		case utf8.RuneCountInString(v) > 300 || strings.ContainsAny(v, "<>\n"):
			no.add("attribute["+a.Code+"]", "Ответ — одна строка до 300 знаков без HTML.")
			continue
		}
		lines = append(lines, strings.TrimSuffix(a.Question, "?")+": "+v+".")
	}
	return lines
}

// person checks what is told of who reports.
func (s *Server) person(c *call, no *refusal) {
	if v := c.get("email"); v != "" && (strings.Count(v, "@") != 1 || strings.HasPrefix(v, "@") || strings.HasSuffix(v, "@") || strings.ContainsAny(v, " <>\n") || len(v) > 254) {
		no.add("email", "Это не адрес почты.")
	}
	if v := c.get("phone"); v != "" && (len(v) > 60 || strings.IndexFunc(v, func(r rune) bool { return r >= '0' && r <= '9' }) < 0) {
		no.add("phone", "Это не номер телефона.")
	}
	for _, name := range []string{"first_name", "last_name", "account_id", "device_id"} {
		if utf8.RuneCountInString(c.get(name)) > 100 {
			no.add(name, "Длиннее 100 знаков.")
		}
	}
}

func (p params) name() string {
	return strings.TrimSpace(p.get("first_name") + " " + p.get("last_name"))
}

func (p params) contact() string {
	if v := p.get("phone"); v != "" {
		return v
	}
	return p.get("email")
}

// author names who reports without keeping what names the person where only ids stand.
func (p params) author(native string) string {
	for _, name := range []string{"account_id", "email", "phone", "device_id"} {
		if v := p.get(name); v != "" {
			sum := sha256.Sum256([]byte(name + ":" + strings.ToLower(v)))
			return hex.EncodeToString(sum[:12])
		}
	}
	return native
}

// media reads the address of a picture. Only one on a host that the administrator allows the
// sender is ever fetched; it is never shown to anybody as it came.
func (s *Server) media(c *call, no *refusal) []attachment.Ref {
	v := c.get("media_url")
	if v == "" {
		return nil
	}
	u, err := url.Parse(v)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil {
		no.add("media_url", "Нужен адрес снимка, который начинается с https://.")
		return nil
	}
	return []attachment.Ref{{Kind: attachment.Photo, URL: u.String()}}
}

// mostFiles is how many pictures one call may bring.
const mostFiles = 5

// uploads stores the pictures of a form. They are on the disk before the message is.
func (s *Server) uploads(c *call, no *refusal) (list []attachment.Ref) {
	if len(c.files) == 0 {
		return nil
	}
	if s.Upload == nil || len(c.files) > mostFiles {
		no.add("media", "Снимков в одном запросе может быть до "+strconv.Itoa(mostFiles)+".")
		return nil
	}
	for _, h := range c.files {
		name, err := s.upload(c, h)
		switch {
		case fault.Is(err, fault.Invalid):
			no.add("media", fault.Sentence(err))
		case err != nil:
			s.Log.Error("a picture could not be stored", "error", err)
			no.add("media", "Снимок не сохранён. Повторите запрос.")
		default:
			list = append(list, attachment.Ref{Kind: attachment.Photo, Name: name})
		}
	}
	return list
}

func (s *Server) upload(c *call, h *multipart.FileHeader) (string, error) {
	f, err := h.Open()
	if err != nil {
		return "", err
	}
	defer f.Close()
	return s.Upload(c.Context(), sourceOf(c.sender), f)
}
