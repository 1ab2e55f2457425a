package page_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"otklik/internal/fault"
	"otklik/internal/source/page"
	"otklik/internal/source/page/pagefake"
)

// What the form shows of a recipe gives the same recipe when it is sent back.
func TestARecipeComesBackFromItsForm(t *testing.T) {
	t.Parallel()
	for name, recipe := range map[string]string{
		"of the fake forum": pagefake.Recipe,
		"with everything": `{"threads": {"row": "tr", "link": "a.title", "mark": ".last", "next": "a.older", "pages": 2},
			"posts": {"post": "div.post", "id": {"find": "a", "match": "#p(\\d+);?"}, "text": ".text", "omit": [".quote", {"find": "p", "match": "x(y)"}], "pages": 10}, "dates": "ДД.ММ.ГГГГ", "zone": "Asia/Krasnoyarsk"}`,
	} {
		raw := json.RawMessage(`{"url":"https://forum.example/","days":3,"recipe":` + recipe + `}`)
		values := map[string]string{}
		for _, f := range page.Fields(raw) {
			values[f.Name] = f.Value
			if f.Label == "" {
				t.Errorf("%s: %s is not called anything", name, f.Name)
			}
		}
		got, err := page.Set(raw, values)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var want, have any
		if json.Unmarshal(raw, &want) != nil || json.Unmarshal(got, &have) != nil {
			t.Fatal(name)
		}
		if diff := cmp.Diff(want, have); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	got, err := page.Set(nil, map[string]string{"url": " https://forum.example/t1 ", "posts.post": "div.post", "posts.text": ".text", "threads.row": " "})
	if want := `{"recipe":{"posts":{"post":"div.post","text":".text"}},"url":"https://forum.example/t1"}`; err != nil || string(got) != want {
		t.Errorf("a new forum = %s, %v", got, err)
	}
	for what, values := range map[string]map[string]string{
		"posts.text":   {"posts.post": "div.post"},
		"posts.author": {"posts.post": "div", "posts.text": ".t", "posts.author": "a[["},
		"скобки":       {"posts.post": "div", "posts.text": ".t", "posts.id": "{find"},
		"dates":        {"posts.post": "div", "posts.text": ".t", "dates": "вчера"},
	} {
		if _, err := page.Set(nil, values); !fault.Is(err, fault.Invalid) || !strings.Contains(fault.Sentence(err), what) {
			t.Errorf("without %s: %v %q", what, err, fault.Sentence(err))
		}
	}
}

func TestWhatARecipeFindsIsSaidInWords(t *testing.T) {
	t.Parallel()
	fake, board, _ := open(t, pagefake.Options{})
	topic, first := fake.Topic("Анна Петрова", "Освещение", "Не горит фонарь")
	if _, err := fake.Post(topic, "Олег", "И у нас", first); err != nil {
		t.Fatal(err)
	}
	got, err := board.Survey(t.Context())
	if err != nil || len(got.Wrong) != 0 {
		t.Fatalf("Survey = %+v, %v", got, err)
	}
	said := strings.Join(got.Found, "\n")
	for _, want := range []string{"Тем в списке: 1", "Сообщений на странице: 2", "Автор: у 2 из 2", "Текст в нём: у 2 из 2"} {
		if !strings.Contains(said, want) {
			t.Errorf("%q is not said:\n%s", want, said)
		}
	}
	board.Recipe = recipe(t, `{"posts": {"post": "div.nothing", "text": ".text"}}`)
	if got, err = board.Survey(t.Context()); err != nil || len(got.Wrong) == 0 {
		t.Errorf("a recipe that finds nothing = %+v, %v", got, err)
	}
}
