package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/a-h/templ"
	"github.com/google/go-cmp/cmp"

	long "otklik/cmd/otklik-pages/testdata/long"
	short "otklik/cmd/otklik-pages/testdata/short"
)

var update = flag.Bool("update", false, "write testdata/short again")

const (
	longFile  = "testdata/long/shapes_templ.go" // as templ leaves it
	shortFile = "testdata/short/shapes.go"      // what we make of it
)

func TestShortenSaysWhatTemplSays(t *testing.T) {
	src, err := os.ReadFile(longFile)
	if err != nil {
		t.Fatal(err)
	}
	got, err := shorten(longFile, src)
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(shortFile, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(shortFile)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("shorten(%s) differs from %s, which the next test renders (-update writes it again):\n%s", longFile, shortFile, diff)
	}
	again, err := shorten(shortFile, got)
	if err != nil || !bytes.Equal(again, got) {
		t.Errorf("shorten of what it made: %v, the same = %t; want it untouched", err, bytes.Equal(again, got))
	}
}

// narrow takes a number of bytes and fails then.
type narrow struct {
	strings.Builder
	left int
}

var errFull = errors.New("the sheet is full")

func (n *narrow) Write(p []byte) (int, error) {
	if len(p) > n.left {
		p = p[:n.left]
		n.left = 0
		n.Builder.Write(p)
		return len(p), errFull
	}
	n.left -= len(p)
	return n.Builder.Write(p)
}

// TestBothFormsRenderTheSame renders every component in both forms: whole, into
// a place with little room, and for a visitor who has gone.
func TestBothFormsRenderTheSame(t *testing.T) {
	t.Parallel()
	awkward := long.Street{Name: `Ленина <"5" & '7'>`, URL: "javascript:alert(1)", Votes: 3, Grave: true}
	calm := long.Street{Name: "Мира", URL: "/streets/1?a=1&b=2", Votes: 1}
	many := make([]long.Street, 300) // more than one buffer
	for k := range many {
		many[k] = []long.Street{awkward, calm, {Name: "Лесная", Votes: k}}[k%3]
	}
	list := make([]short.Street, len(many))
	for k, s := range many {
		list[k] = short.Street(s)
	}
	gone, leave := context.WithCancel(t.Context())
	leave()
	for _, c := range []struct {
		name        string
		long, short templ.Component
		fails       bool
	}{
		{"plain", long.Plain(), short.Plain(), false},
		{"words", long.Words(awkward), short.Words(short.Street(awkward)), false},
		{"links", long.Links(calm), short.Links(short.Street(calm)), false},
		{"links that do harm", long.Links(awkward), short.Links(short.Street(awkward)), false},
		{"classes on", long.Classes(awkward), short.Classes(short.Street(awkward)), false},
		{"classes off", long.Classes(calm), short.Classes(short.Street(calm)), false},
		{"choices", long.Choices(many), short.Choices(list), false},
		{"no choice", long.Choices(nil), short.Choices(nil), false},
		{"nested", long.Nested(awkward), short.Nested(short.Street(awkward)), false},
		{"children from outside", templ.Join(long.Box("a"), long.Plain()), templ.Join(short.Box("a"), short.Plain()), false},
		{"failing", long.Failing(), short.Failing(), true},
		{"failing inside", long.FailingInside(), short.FailingInside(), true},
	} {
		var want, got strings.Builder
		wantErr, gotErr := c.long.Render(t.Context(), &want), c.short.Render(t.Context(), &got)
		if diff := cmp.Diff(want.String(), got.String()); diff != "" {
			t.Errorf("%s renders otherwise than templ's own form:\n%s", c.name, diff)
		}
		if (gotErr != nil) != c.fails || (wantErr != nil) != c.fails {
			t.Errorf("%s: errors %v and, of templ, %v; fails = %t", c.name, gotErr, wantErr, c.fails)
		}
		if want.Len() == 0 {
			t.Errorf("%s wrote nothing: this test sees nothing", c.name)
		}
		for _, room := range []int{0, 7, want.Len() - 1} {
			w, g := &narrow{left: room}, &narrow{left: room}
			wantErr, gotErr := c.long.Render(t.Context(), w), c.short.Render(t.Context(), g)
			if w.String() != g.String() || wantErr == nil || gotErr == nil || errors.Is(wantErr, errFull) != errors.Is(gotErr, errFull) {
				t.Errorf("%s into %d bytes = %q, %v; templ's own form %q, %v", c.name, room, g, gotErr, w, wantErr)
			}
		}
		if err := c.short.Render(gone, &got); c.name != "children from outside" && !errors.Is(err, context.Canceled) {
			t.Errorf("%s for a visitor who has gone = %v, want %v", c.name, err, context.Canceled)
		}
	}
}

func TestShortenRefusesWhatItDoesNotKnow(t *testing.T) {
	t.Parallel()
	src, err := os.ReadFile(longFile)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ old, new, want string }{
		"a file of somebody else":   {asTemplHas, "", "templ did not write it"},
		"no Go":                     {"package shapes", "package", "expected"},
		"a check that is missing":   {"\t\tif templ_7745c5c3_Err != nil {\n\t\t\treturn templ_7745c5c3_Err\n\t\t}\n\t\treturn nil", "\t\treturn nil", "does not know"},
		"another variable":          {"templ.EscapeString(templ_7745c5c3_Var3)", "templ.EscapeString(templ_7745c5c3_Var4)", "does not know"},
		"another kind of writing":   {"templ_7745c5c3_Buffer.WriteString(templ.EscapeString(", "templ_7745c5c3_Buffer.WriteString(templ.Quote(", "does not know"},
		"a return from the middle":  {"n += s.Votes", "if n > 3 {\nreturn nil\n}", "does not know"},
		"another head":              {"ctx = templ.InitializeContext(ctx)\n", "ctx = templ.Other(ctx)\n", "does not know"},
		"a head that lacks a line":  {"ctx = templ.ClearChildren(ctx)\n", "", "does not know"},
		"something beside the body": {"return templruntime.GeneratedTemplate(", "templruntime.Sit()\nreturn templruntime.GeneratedTemplate(", "does not know"},
		"a name of templ in a head": {"if s.Grave {", "if templ_7745c5c3_Err == nil {", "does not know"},
	} {
		changed := strings.Replace(string(src), c.old, c.new, 1)
		if changed == string(src) {
			t.Errorf("%s: %q is not in %s", name, c.old, longFile)
			continue
		}
		out, err := shorten("page_templ.go", []byte(changed))
		if err == nil || !strings.Contains(err.Error(), c.want) || out != nil {
			t.Errorf("%s: shorten = %d bytes, %v; want an error with %q", name, len(out), err, c.want)
		}
	}
}
