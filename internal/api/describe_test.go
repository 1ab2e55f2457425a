package api_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"otklik/internal/lifecycle"
	"otklik/internal/message"
)

// The description is walked whole: every operation of the table stands in it,
// with what a program must know, and nothing else does.
func TestTheDescriptionIsWhole(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	doc := w.call("", "GET", "/api/openapi.json", nil)
	if doc.StatusCode != 200 || doc.Header.Get("Content-Type") != "application/openapi+json" {
		t.Fatalf("GET = %d %s", doc.StatusCode, doc.Header.Get("Content-Type"))
	}
	table := map[string]bool{}
	for _, op := range w.api.Operations() {
		table[strings.ToLower(op.Method)+" "+op.Path] = true
	}
	ids := map[string]bool{}
	for path, methods := range doc.json["paths"].(map[string]any) {
		for method, v := range methods.(map[string]any) {
			op, name := v.(map[string]any), method+" "+path
			if !table[name] {
				t.Errorf("%s is described and is not there", name)
			}
			delete(table, name)
			if s, _ := op["summary"].(string); s == "" {
				t.Errorf("%s has no summary", name)
			}
			id, _ := op["operationId"].(string)
			if id == "" || ids[id] {
				t.Errorf("%s has the operation id %q: empty or not its own", name, id)
			}
			ids[id] = true
			if security, _ := op["security"].([]any); len(security) != 2 {
				t.Errorf("%s has the security %v", name, op["security"])
			}
			responses := op["responses"].(map[string]any)
			if !slices.ContainsFunc([]string{"200", "201", "204"}, func(s string) bool { return responses[s] != nil }) {
				t.Errorf("%s does not say what it answers when all is well", name)
			}
			need := []string{"401", "403", "422", "500", "503"}
			if strings.Contains(path, "{") {
				need = append(need, "404")
			}
			if method == "post" {
				need = append(need, "400", "409", "413", "415")
			}
			for _, s := range need {
				r, _ := responses[s].(map[string]any)
				content, _ := r["content"].(map[string]any)
				if content["application/problem+json"] == nil {
					t.Errorf("%s does not describe its %s", name, s)
				}
			}
			for _, in := range regexp.MustCompile(`\{(\w+)\}`).FindAllStringSubmatch(path, -1) {
				if !slices.ContainsFunc(list(op["parameters"]), func(p any) bool { return p.(map[string]any)["name"] == in[1] }) {
					t.Errorf("%s does not describe {%s}", name, in[1])
				}
			}
		}
	}
	for name := range table {
		t.Errorf("%s is not described", name)
	}
	refs(t, doc.json, func(ref string) {
		if doc.field(strings.ReplaceAll(strings.TrimPrefix(ref, "#/"), "/", ".")) == nil {
			t.Errorf("%s leads nowhere", ref)
		}
	})
	for _, s := range []string{"token", "session"} {
		if doc.field("components.securitySchemes."+s) == nil {
			t.Errorf("there is no security scheme %s", s)
		}
	}
	if doc.field("components.schemas.ErrorModel") != nil {
		t.Error("the description holds a form of errors that nobody sends")
	}
}

func list(v any) []any { l, _ := v.([]any); return l }

func refs(t *testing.T, v any, visit func(string)) {
	switch x := v.(type) {
	case map[string]any:
		if ref, ok := x["$ref"].(string); ok {
			visit(ref)
		}
		for _, y := range x {
			refs(t, y, visit)
		}
	case []any:
		for _, y := range x {
			refs(t, y, visit)
		}
	}
}

// Tags cannot be made from constants: the lists in them are compared here.
func TestTheDescriptionNamesTheSameWords(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	doc := w.call("", "GET", "/api/openapi.json", nil)
	for path, want := range map[string][]string{
		"components.schemas.Incident.properties.state.enum":   names(lifecycle.States()),
		"components.schemas.Incident.properties.outcome.enum": names(lifecycle.Outcomes()),
		"components.schemas.Incident.properties.channel.enum": names(message.Channels()),
		"components.schemas.Incident.properties.urgency.enum": {string(message.Normal), string(message.High), string(message.Danger)},
	} {
		if got := fmt.Sprint(doc.field(path)); got != fmt.Sprint(want) {
			t.Errorf("%s = %s, want %s", path, got, want)
		}
	}
	seen := map[string][]string{}
	for _, p := range list(doc.field("paths./api/v1/incidents.get.parameters")) {
		p := p.(map[string]any)
		s := p["schema"].(map[string]any)
		enum := list(s["enum"])
		if items, ok := s["items"].(map[string]any); ok {
			enum = list(items["enum"])
		}
		for _, v := range enum {
			seen[p["name"].(string)] = append(seen[p["name"].(string)], v.(string))
		}
	}
	if !slices.Equal(seen["state"], names(lifecycle.States())) || !slices.Equal(seen["channel"], names(message.Channels())) {
		t.Errorf("the filter names %v", seen)
	}
	// Every action of the table that staff do is an operation; what only authors do, they do by a link of their own, without a token.
	for _, r := range lifecycle.Table() {
		if r.Action == lifecycle.File || !slices.ContainsFunc(r.By, func(by lifecycle.Role) bool { return by != lifecycle.System && by != lifecycle.Author }) {
			continue
		}
		if doc.field("paths./api/v1/incidents/{id}/actions/"+string(r.Action)) == nil {
			t.Errorf("there is no operation for %s", r.Action)
		}
	}
}

func names[T ~string](list []T) (out []string) {
	for _, v := range list {
		out = append(out, string(v))
	}
	return out
}
