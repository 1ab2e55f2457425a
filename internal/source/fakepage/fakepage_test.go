package fakepage_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"otklik/internal/source/fakepage"
)

type line struct {
	ID   int64
	Text string
	Own  bool
	In   []line
}

type view struct {
	Name, Link string
	Lines      []line
	Nobody     *line
	Style      fakepage.CSS
	Markup     fakepage.HTML
}

func (view) Method() string { return "a method is not seen" }

func page(t *testing.T, text string, v any) (string, error) {
	t.Helper()
	p, err := fakepage.Parse(fstest.MapFS{"page/a.html": {Data: []byte(text)}, "page/b.html": {Data: []byte(`{{define "line"}}[{{.ID}}]{{range .In}}{{template "line" .}}{{end}}{{end}}`)}},
		"page/*.html", fakepage.Funcs{"loud": strings.ToUpper, "add": func(a, b int64) int64 { return a + b }})
	if err != nil {
		return "", err
	}
	var b strings.Builder
	err = p.Execute(&b, "a.html", v)
	return b.String(), err
}

var shown = view{Name: `Яма & <b>"`, Link: "javascript:alert(1)", Lines: []line{{ID: 1, Text: "раз", Own: true}, {ID: 2, In: []line{{ID: 3}, {ID: 4}}}},
	Style: "background:url('x')", Markup: "<i>жив</i>"}

func TestTemplatesShowWhatTheyName(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`{{range .Lines}}{{.ID}}{{if .Own}}!{{else}}?{{end}}{{else}}none{{end}}`:                      "1!2?",
		`{{range .Nobody}}x{{else}}none{{end}}`:                                                       "none",
		`{{range .Lines}}{{template "line" .}}{{end}}`:                                                "[1][2][3][4]",
		`{{with .Nobody}}x{{else}}nobody{{end}}{{with .Lines}}{{len .}}{{end}}`:                       "nobody2",
		`{{$v := .}}{{range $l := .Lines}}{{$l.ID}}{{len $v.Lines}}{{$.Link}};{{end}}`:                "12javascript:alert(1);22javascript:alert(1);",
		`{{if or .Nobody .Lines}}a{{end}}{{if and .Nobody .Lines}}b{{end}}{{if not .Nobody}}c{{end}}`: "ac",
		`{{range .Lines}}{{if eq .ID 2}}two{{end}}{{if not (eq .ID 2)}}other{{end}}{{end}}`:           "othertwo",
		`{{loud "а"}}{{range .Lines}}{{add .ID .ID}}{{end}}`:                                          "А24",
		`{{if .Lines}}{{$x := "in"}}{{$x}}{{end}}`:                                                    "in",
		`{{/* nothing */}}{{.Nobody}}-`:                                                               "-",
	} {
		if got, err := page(t, text, shown); err != nil || got != want {
			t.Errorf("%s: %q, %v; not %q", text, got, err, want)
		}
	}
}

func TestValuesAreEscapedByWhereTheyStand(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`<p>{{.Name}}</p>`:                       `<p>Яма &amp; &lt;b&gt;&#34;</p>`,
		`<p title="{{.Name}}">`:                  `<p title="Яма &amp; &lt;b&gt;&#34;">`,
		`<a href="{{.Link}}">`:                   `<a href="#blocked">`,
		`<a href="./{{.Link}}">`:                 `<a href="./javascript:alert(1)">`,
		`<a href="x?a=1&amp;as={{.Name}}#last">`: `<a href="x?a=1&amp;as=%D0%AF%D0%BC%D0%B0%20%26%20%3Cb%3E%22#last">`,
		`<a href="x/{{.Name}}">`:                 `<a href="x/%D0%AF%D0%BC%D0%B0%20&amp;%20%3Cb%3E%22">`,
		`<p style="{{.Style}}">{{.Markup}}`:      `<p style="background:url(&#39;x&#39;)"><i>жив</i>`,
		`<input value="{{.Name}}"{{if .Name}} id="i{{len .Lines}}"{{end}}>`: `<input value="Яма &amp; &lt;b&gt;&#34;" id="i2">`,
	} {
		if got, err := page(t, text, shown); err != nil || got != want {
			t.Errorf("%s: %s, %v; not %s", text, got, err, want)
		}
	}
	for link, want := range map[string]string{
		"JavaScript:x": "#blocked", " javascript:x": "#blocked", "java\tscript:x": "#blocked", "data:text/html,x": "#blocked", "https://a.example/б?x=1": "https://a.example/%D0%B1?x=1",
		"a/b:c": "a/b:c", "?x=javascript:y": "?x=javascript:y", "mailto:a@b.example": "mailto:a@b.example", "//a.example": "//a.example",
	} {
		if got, err := page(t, `<a href="{{.Link}}">`, view{Link: link}); err != nil || got != `<a href="`+want+`">` {
			t.Errorf("%q: %s, %v", link, got, err)
		}
	}
}

func TestWhatATemplateMustNotDoFails(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`{{.Method}}`:                       "no field Method",
		`{{.Missing}}`:                      "no field Missing",
		`{{.Name.Missing}}`:                 "field Missing",
		`{{.Lines}}`:                        "cannot be shown",
		`{{range .Name}}{{end}}`:            "no list",
		`{{template "none" .}}`:             `no template "none"`,
		`{{template "a.html" .}}`:           "calls itself",
		`{{loud .Lines}}`:                   "argument 1",
		`{{loud}}`:                          "takes 1",
		`{{.Name | loud}}`:                  "only one value",
		`<p {{.Name}}>`:                     "outside of an attribute",
		`<p title='{{.Name}}'>`:             "outside of an attribute",
		`<p title={{.Name}}>`:               "outside of an attribute",
		`<p onclick="{{.Name}}">`:           "onclick",
		`<p style="{{.Name}}">`:             "make it a CSS",
		`<p title="{{.Markup}}">`:           "markup",
		`<p>{{.Style}}`:                     "style",
		`<script>x = {{.Name}}</script>`:    "<script>",
		`<style>{{.Name}}</style>`:          "<style>",
		`{{range $i, $l := .Lines}}{{end}}`: "no index",
		`{{nobody .}}`:                      "not defined",
		`{{if}}`:                            "missing value",
	} {
		if got, err := page(t, text, shown); err == nil || !strings.Contains(err.Error(), want) || got != "" {
			t.Errorf("%s: %q, %v", text, got, err)
		}
	}
	if _, err := fakepage.Parse(fstest.MapFS{}, "page/*.html", nil); err == nil {
		t.Error("no file is a page")
	}
	twice := fstest.MapFS{"a.html": {Data: []byte(`{{define "x"}}1{{end}}`)}, "b.html": {Data: []byte(`{{define "x"}}2{{end}}`)}}
	if _, err := fakepage.Parse(twice, "*.html", nil); err == nil {
		t.Error("two templates have one name")
	}
}
