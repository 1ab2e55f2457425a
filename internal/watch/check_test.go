package watch

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCheckSaysWhy(t *testing.T) {
	t.Parallel()
	q := mustParse(t, plain{}, `(яма | лужа) & "нет воды" & "свет двор"~2 & дорож* & длина>10 & !продам`)
	full := "яма, нет воды, свет двор, дорожка"
	for text, want := range map[string]string{
		full:                                  "",
		strings.Replace(full, "яма, ", "", 1): "Не подошло: нет ничего из «яма | лужа».",
		strings.Replace(full, "нет воды", "воды нет", 1): `Не подошло: слова "нет воды" есть, но не стоят рядом в этом порядке.`,
		strings.Replace(full, "нет воды", "воды", 1):     "Не подошло: нет слова «нет».",
		strings.Replace(full, "свет", "свет б в г", 1):   `Не подошло: слова "свет двор"~2 стоят слишком далеко друг от друга.`,
		strings.Replace(full, "дорожка", "продам", 1):    "Не подошло: нет слова, которое начинается с «дорож»; есть запрещённое «продам».",
	} {
		var want2 []Failure
		if want != "" {
			want2 = []Failure{{0, want}}
		}
		if d := cmp.Diff(want2, Check(plain{}, q, []Example{{Text: text, Match: true}})); d != "" {
			t.Errorf("Check(%s) (-want +got):\n%s", text, d)
		}
	}
	got := Check(plain{}, mustParse(t, plain{}, `яма & двор & длина>3`), []Example{
		{Text: "яма"}, {Text: "Двор, яма, яма"}, {Text: "яма, двор", Match: true}})
	if d := cmp.Diff([]Failure{{1, "Подошло, хотя не должно: по словам «Двор», «яма»."}}, got); d != "" {
		t.Errorf("Check of what must not match (-want +got):\n%s", d)
	}
}

func TestPreviewKeepsTheFirst(t *testing.T) {
	t.Parallel()
	q := mustParse(t, analyzer(), "яма & источник:вк")
	vk := Context{Source: "vk"}
	found, total := Preview(analyzer(), q, []Message{{"ям нет", vk}, {"яма", Context{}}, {"лужа", vk}, {"тут ямы", vk}}, 1)
	if total != 2 || len(found) != 1 || found[0].Message != 0 || len(found[0].Spans) != 1 || found[0].Spans[0].End != len("ям") {
		t.Errorf("Preview = %+v, %d", found, total)
	}
}
