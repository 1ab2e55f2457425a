package open311

import (
	"cmp"
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"otklik/internal/neighbour"
	"otklik/internal/source"
)

var _ neighbour.Wire = (*City)(nil)

// file names a resource in the city's format.
func (c *City) file(name string) string {
	if c.XML {
		return name + ".xml"
	}
	return name + ".json"
}

// Services implements neighbour.Wire.
func (c *City) Services(ctx context.Context) ([]neighbour.Service, error) {
	type service struct {
		Code  word `json:"service_code" xml:"service_code"`
		Name  word `json:"service_name" xml:"service_name"`
		About word `json:"description" xml:"description"`
		Group word `json:"group" xml:"group"`
		Meta  word `json:"metadata" xml:"metadata"`
	}
	body, err := c.get(ctx, c.file("services"), url.Values{})
	if err != nil {
		return nil, err
	}
	list, err := listed[service](body, c.XML, "services")
	if err != nil {
		return nil, err
	}
	var out []neighbour.Service
	for _, s := range list {
		one := neighbour.Service{Code: clip(s.Code, 200), Name: clip(s.Name, 200), About: clip(s.About, 500), Group: clip(s.Group, 200), Asks: s.Meta == "true" || s.Meta == "1"}
		if one.Code != "" && len(out) < 2000 {
			one.Name = cmp.Or(one.Name, one.Code)
			out = append(out, one)
		}
	}
	return out, nil
}

// Attributes implements neighbour.Wire.
func (c *City) Attributes(ctx context.Context, service string) ([]neighbour.Attribute, error) {
	type value struct {
		Key  word `json:"key" xml:"key"`
		Name word `json:"name" xml:"name"`
	}
	type attribute struct {
		Variable word    `json:"variable" xml:"variable"`
		Code     word    `json:"code" xml:"code"`
		Type     word    `json:"datatype" xml:"datatype"`
		Required word    `json:"required" xml:"required"`
		Hint     word    `json:"datatype_description" xml:"datatype_description"`
		Name     word    `json:"description" xml:"description"`
		Values   []value `json:"values" xml:"values>value"`
	}
	var def struct {
		Attributes []attribute `json:"attributes" xml:"attributes>attribute"`
	}
	body, err := c.get(ctx, "services/"+c.file(url.PathEscape(service)), url.Values{})
	if err != nil {
		return nil, err
	}
	if c.XML {
		err = decoder(body).Decode(&def)
	} else {
		err = json.Unmarshal(body, &def)
	}
	if err != nil {
		return nil, noAnswer("no definition of a service")
	}
	var out []neighbour.Attribute
	for _, a := range def.Attributes {
		one := neighbour.Attribute{Code: clip(a.Code, 200), Name: clip(a.Name, 300), Hint: clip(a.Hint, 300), Type: string(a.Type), Required: a.Required == "true" || a.Required == "1", Told: a.Variable == "false" || a.Variable == "0"}
		for _, v := range a.Values {
			one.Values = append(one.Values, neighbour.Value{Key: clip(v.Key, 200), Name: cmp.Or(clip(v.Name, 200), clip(v.Key, 200))})
		}
		if one.Code != "" && len(out) < 100 {
			one.Name = cmp.Or(one.Name, one.Code)
			out = append(out, one)
		}
	}
	return out, nil
}

// An accepted is the answer to a post, or to the question after a token.
type accepted struct {
	ID     word `json:"service_request_id" xml:"service_request_id"`
	Token  word `json:"token" xml:"token"`
	Notice word `json:"service_notice" xml:"service_notice"`
}

// Post implements neighbour.Wire. A call that may have reached the city ends Unclear.
func (c *City) Post(ctx context.Context, r *neighbour.Request) (out neighbour.Receipt, err error) {
	w := &r.Words
	form := url.Values{"service_code": {r.Service}, "description": {w.Text}}
	set := func(name, value string) {
		if value != "" {
			form.Set(name, value)
		}
	}
	if w.Lat != 0 || w.Lon != 0 {
		form.Set("lat", strconv.FormatFloat(w.Lat, 'f', -1, 64))
		form.Set("long", strconv.FormatFloat(w.Lon, 'f', -1, 64))
	}
	set("address_string", w.Address)
	set("media_url", w.Media)
	set("first_name", w.First)
	set("last_name", w.Last)
	set("phone", w.Phone)
	set("email", w.Email)
	set("jurisdiction_id", c.Jurisdiction)
	set("api_key", c.Key)
	for code, values := range w.Asked {
		name := "attribute[" + code + "]"
		if code, many := strings.CutSuffix(code, "[]"); many {
			name = "attribute[" + code + "][]"
		}
		form[name] = values
	}
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	var left atomic.Bool // the request is on its way: from here on the city may have it
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteHeaders: func() { left.Store(true) }})
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.Endpoint.JoinPath(c.file("requests")).String(), strings.NewReader(form.Encode()))
	if err != nil {
		return out, source.Fail(source.Permanent, "Адрес города не годится.", "open311: the address is none")
	}
	req.GetBody = nil // sent once
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
	req.Header.Set("User-Agent", "Otklik (Open311)")
	once := *c.HTTP
	once.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	_, traced := once.Transport.(*http.Transport)
	res, err := once.Do(req)
	switch {
	case err != nil && (left.Load() || !traced):
		return out, source.Fail(source.Unclear, "Система города не ответила. Неизвестно, приняла ли она обращение.", "open311: no answer to a post")
	case err != nil:
		return out, unreached(ctx, err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, 1<<20))
	if res.StatusCode >= 300 {
		return out, c.unposted(res, body)
	}
	list, bad := listed[accepted](body, c.XML, "service_requests")
	if err != nil || bad != nil || len(list) == 0 {
		return out, source.Fail(source.Unclear, "Система города ответила без номера. Неизвестно, приняла ли она обращение.", "open311: a post without an id")
	}
	out = neighbour.Receipt{Number: clip(list[0].ID, 200), Token: clip(list[0].Token, 500), Notice: clip(list[0].Notice, 500)}
	if out.Number == "" && out.Token == "" {
		return out, source.Fail(source.Unclear, "Система города ответила без номера. Неизвестно, приняла ли она обращение.", "open311: a post without an id")
	}
	return out, nil
}

// unposted turns the refusal of a post into an error.
func (c *City) unposted(res *http.Response, body []byte) error {
	switch s := res.StatusCode; {
	case s < 400 || s == http.StatusNotFound || s == http.StatusGone || s == http.StatusUnauthorized || s == http.StatusForbidden:
		e := source.Fail(source.Person, "Система города не принимает обращения: ответила "+strconv.Itoa(s)+". Проверьте адрес, ключ (api_key) и код юрисдикции источника.", "open311: HTTP %d to a post", s)
		if why := c.says(body); why != "" {
			e.Sentence += " Она пишет: «" + why + "»."
		}
		e.Code = s
		return e
	case s == http.StatusTooManyRequests || s == http.StatusServiceUnavailable:
		e, _ := refused(res).(*source.Error)
		return e
	case s >= 500 || s == http.StatusRequestTimeout:
		e := source.Fail(source.Unclear, "У системы города сбой. Неизвестно, приняла ли она обращение.", "open311: HTTP %d to a post", s)
		e.Code = s
		return e
	}
	why := c.says(body)
	if why == "" {
		why = "ответ " + strconv.Itoa(res.StatusCode) + " без объяснения"
	}
	e := source.Fail(source.Permanent, "Город не принял обращение: «"+why+"».", "open311: HTTP %d to a post", res.StatusCode)
	e.Code = res.StatusCode
	return e
}

// says returns the city's own words of what is wrong, without our key.
func (c *City) says(body []byte) string {
	type trouble struct {
		About word `json:"description" xml:"description"`
	}
	list, err := listed[trouble](body, c.XML, "errors")
	if err != nil {
		return ""
	}
	var parts []string
	for _, t := range list[:min(5, len(list))] {
		text := string(t.About)
		if c.Key != "" {
			text = strings.ReplaceAll(text, c.Key, "…")
		}
		if text = clip(word(text), 300); text != "" {
			parts = append(parts, text)
		}
	}
	return strings.Join(parts, "; ")
}

// NumberOf implements neighbour.Wire. A city that does not know the token yet may answer 404.
func (c *City) NumberOf(ctx context.Context, token string) (string, error) {
	body, err := c.get(ctx, "tokens/"+c.file(url.PathEscape(token)), url.Values{})
	if nowhere(err) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	list, err := listed[accepted](body, c.XML, "service_requests")
	if err != nil || len(list) == 0 {
		return "", err
	}
	return clip(list[0].ID, 200), nil
}

// Seek implements neighbour.Wire.
func (c *City) Seek(ctx context.Context, key string, since time.Time) (string, error) {
	at := cursor{From: since.Add(-ahead).Unix(), End: c.Now().Add(ahead).Unix()}
	for n := 0; at.From < at.End; n++ {
		if n == 3*calls {
			return "", source.Fail(source.Later, "У города слишком много обращений за это время, чтобы найти среди них своё.", "open311: the window has no end")
		}
		list, err := c.page(ctx, &at)
		if err != nil {
			return "", err
		}
		for k := range list {
			if strings.Contains(string(list[k].Text), "("+key+")") {
				return clip(list[k].ID, 200), nil
			}
		}
	}
	return "", nil
}

// alone is how many requests are asked for one by one, of a server that does not know lists.
const alone = 5

// Standings implements neighbour.Wire.
func (c *City) Standings(ctx context.Context, numbers []string) (map[string]neighbour.Standing, error) {
	out := map[string]neighbour.Standing{}
	take := func(name string, q url.Values) error {
		body, err := c.get(ctx, name, q)
		if err != nil {
			return err
		}
		list, err := listed[request](body, c.XML, "service_requests")
		for k := range list {
			r := &list[k]
			status := "open"
			if strings.EqualFold(strings.TrimSpace(string(r.Status)), "closed") {
				status = "closed"
			}
			out[clip(r.ID, 200)] = neighbour.Standing{Status: status, Notes: clip(r.Notes, 4000), Agency: clip(r.Agency, 300), ExpectedAt: when(r.Expected, c.Zone), UpdatedAt: when(r.Updated, c.Zone), SeenAt: c.Now()}
		}
		return err
	}
	if err := take(c.file("requests"), url.Values{"service_request_id": {strings.Join(numbers, ",")}}); err != nil {
		return nil, err
	}
	asked := 0
	for _, n := range numbers {
		if _, ok := out[n]; ok || asked == alone || n == "" {
			continue
		}
		asked++
		err := take("requests/"+c.file(url.PathEscape(n)), url.Values{})
		if err != nil && !nowhere(err) {
			return nil, err
		}
	}
	delete(out, "")
	return out, nil
}

// nowhere reports whether the city answered that there is no such thing.
func nowhere(err error) bool {
	var e *source.Error
	return errors.As(err, &e) && (e.Code == http.StatusNotFound || e.Code == http.StatusGone)
}

func clip(w word, limit int) string {
	text := []rune(strings.ToValidUTF8(strings.TrimSpace(strings.ReplaceAll(string(w), "\x00", "")), "\uFFFD"))
	if len(text) > limit {
		text = append(text[:limit-1], '…')
	}
	return string(text)
}

// listed reads a list in either format.
func listed[T any](b []byte, asXML bool, root string) ([]T, error) {
	if asXML {
		var list struct {
			XMLName xml.Name
			All     []T `xml:",any"`
		}
		if err := decoder(b).Decode(&list); err != nil || list.XMLName.Local != root {
			return nil, noAnswer("no list of " + root + " in XML")
		}
		return list.All, nil
	}
	var list []T
	if err := json.Unmarshal(b, &list); err != nil {
		return nil, noAnswer("no list of " + root + " in JSON")
	}
	return list, nil
}
