package georeport

import (
	"net/http"
	"strconv"
	"strings"

	"otklik/internal/clarify"
	"otklik/internal/topic"
)

// services lists the topics in force. With a point that is not ours the list is empty.
func (s *Server) services(c *call, _ string) (document, *refusal) {
	d := document{root: "services", item: "service", list: []record{}}
	no := &refusal{}
	lat, lon, given := c.point(no)
	if no.or() != nil {
		return d, no
	}
	if given && s.Covers != nil && !s.Covers(lat, lon) {
		return d, nil
	}
	for _, t := range s.Topics().Active() {
		d.list = append(d.list, record{
			text("service_code", string(t.Code)), text("service_name", t.Name), text("description", about(&t)), truth("metadata", len(clarify.Asks(t)) > 0),
			text("type", "realtime"), text("keywords", keywords(&t)), text("group", t.Group),
		})
	}
	return d, nil
}

func about(t *topic.Topic) string {
	s := t.Group + ": " + t.Name + "."
	if t.Fast {
		s += " Тема ускоренного срока."
	}
	return s
}

// keywords are a list with commas: a comma within a name would part it.
func keywords(t *topic.Topic) string {
	words := strings.FieldsFunc(strings.ToLower(t.Group), func(c rune) bool { return c == '/' || c == ',' })
	for k := range words {
		words[k] = strings.TrimSpace(words[k])
	}
	return strings.Join(words, ",")
}

// definition says what is asked of one service.
func (s *Server) definition(_ *call, code string) (document, *refusal) {
	t, ok := s.service(code)
	if !ok {
		return document{}, &refusal{status: http.StatusNotFound, list: []fail{{"service_code", "Такой услуги нет. Список: services.xml и services.json."}}}
	}
	list := []record{}
	for k, a := range clarify.Asks(t) {
		kind, values := "string", []record{}
		switch {
		case a.Moment:
			kind = "datetime"
		case len(a.Choices) > 0:
			kind = "singlevaluelist"
		}
		for _, v := range a.Choices {
			values = append(values, record{text("key", v.Code), text("name", v.Name)})
		}
		list = append(list, record{
			truth("variable", true), text("code", a.Code), text("datatype", kind), truth("required", a.Required), text("datatype_description", a.Hint),
			{name: "order", text: strconv.Itoa(k + 1), raw: true}, text("description", a.Question), {name: "values", item: "value", list: values},
		})
	}
	return document{root: "service_definition", one: record{text("service_code", string(t.Code)), {name: "attributes", item: "attribute", list: list}}}, nil
}

// service returns a topic that is in force.
func (s *Server) service(code string) (topic.Topic, bool) {
	t, ok := s.Topics().ByCode(topic.Code(code))
	return t, ok && !t.Retired && t.Code != topic.Undefined
}
