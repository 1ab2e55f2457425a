package vk_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"otklik/internal/fault"
	"otklik/internal/source/vk"
	"otklik/internal/source/vk/plan"
)

func TestMissed(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	long := vk.Memory{Listed: noon, Post: true, Born: noon.Add(-2 * time.Hour), Oldest: noon.Add(-100 * time.Hour), Read: noon.Add(-time.Hour)}
	seen, gone := long, long
	seen.Comment, gone.Comment, gone.Gone = true, true, true
	for _, c := range []struct {
		native, code, says string
		known              vk.Known
	}{
		{"wall-1_2", "unknown", "Добавьте", vk.Known{}},
		{"wall-1_2_r3", "found", "26-1|прошло 37s", vk.Known{Wall: true, Came: true, Incident: "26-1", At: noon, SeenAt: noon.Add(37 * time.Second)}},
		{"wall-1_2_r3", "judged", "в нём нет просьбы", vk.Known{Wall: true, Came: true, Verdict: "в нём нет просьбы"}},
		{"photo-1_2_r3", "unread", "события", vk.Known{Wall: true, ReadAt: noon}},
		{"topic-1_2_r3", "unread", "boards", vk.Known{Wall: true, ReadAt: noon, Memory: vk.Remember([]byte(`{}`), vk.Ref{Place: "topic", Owner: -1, Item: 2, Comment: 3})}},
		{"topic-1_2_r3", "ours", "правило", vk.Known{Wall: true, ReadAt: noon, Memory: vk.Remember([]byte(`{"b":{"t":1772452800,"p":{"2":{"d":1772452700,"c":{"3":{"h":"x"}}}}}}`), vk.Ref{Place: "topic", Owner: -1, Item: 2, Comment: 3})}},
		{"wall-1_2_r3", "ours", "правило", vk.Known{Wall: true, ReadAt: noon, Memory: seen}},
		{"wall-1_2_r3", "deleted", "удалено", vk.Known{Wall: true, ReadAt: noon, Memory: gone}},
		{"wall-1_2", "paused", "паузе", vk.Known{Wall: true, Paused: true}},
		{"wall-1_2", "failing", "Токен отозван|Не читается с 10:00", vk.Known{Wall: true, Error: "Токен отозван.", Since: noon.Add(-2 * time.Hour), ReadAt: noon, At: noon.Add(time.Hour)}},
		{"wall-1_2", "never", "ни разу", vk.Known{Wall: true}},
		{"wall-1_2_r3", "deleted", "не показывает", vk.Known{Wall: true, ReadAt: noon, Memory: long, Looked: true}},
		{"wall-1_2_r3", "waiting", "Стену читали 12:00", vk.Known{Wall: true, ReadAt: noon, At: noon.Add(time.Minute)}},
		{"wall-1_2_r3", "waiting", "около 12:05|«один» исчерпал суточный запас списков (wall.get) с 11:00 до 13:00", vk.Known{
			Wall: true, ReadAt: noon, At: noon.Add(time.Minute), Memory: long, Pooled: true, Looked: true, Shown: true,
			Counts: plan.Visit{Last: noon, Next: noon.Add(5 * time.Minute)},
			Rests:  map[string][]vk.Rest{"один": {{Method: "wall.get", Health: vk.Resting, From: noon.Add(-time.Hour), Until: noon.Add(time.Hour)}}},
		}},
		{"wall-1_9", "waiting", "Следующий раз список спросим около 12:30", vk.Known{Wall: true, ReadAt: noon.Add(time.Hour), At: noon.Add(time.Minute), Memory: vk.Memory{Listed: noon, Oldest: long.Oldest}, Pooled: true, List: plan.Visit{Next: noon.Add(30 * time.Minute)}}},
		{"wall-1_2", "older", "старше", vk.Known{Wall: true, ReadAt: noon, At: noon.Add(-200 * time.Hour), Memory: vk.Memory{Oldest: noon.Add(-100 * time.Hour)}}},
		{"wall-1_2_r3", "older", "старше", vk.Known{Wall: true, ReadAt: noon, At: noon.Add(-time.Hour), Memory: vk.Memory{Oldest: noon.Add(-100 * time.Hour)}}},
		{"wall-1_2_r3", "lost", "заглядывали", vk.Known{Wall: true, ReadAt: noon, At: noon.Add(-time.Hour), Memory: long}},
	} {
		c.known.When = func(at time.Time) string { return at.Format("15:04") }
		c.known.Span = time.Duration.String
		ref, err := vk.ParseRef(c.native)
		if err != nil {
			t.Fatal(err)
		}
		m := vk.Missed(ref, c.known)
		all := m.Sentence + " " + strings.Join(m.Evidence, " ")
		says, found := strings.Split(c.says, "|"), 0
		for _, s := range says {
			if strings.Contains(all, s) {
				found++
			}
		}
		if m.Code != c.code || found < len(says) {
			t.Errorf("%s: %s, want %s with %q: %s", c.native, m.Code, c.code, says, all)
		}
	}
}

func TestParseLink(t *testing.T) {
	t.Parallel()
	for link, want := range map[string]string{
		"https://vk.com/wall-1001_10":                       "wall-1001_10",
		" vk.com/wall-1001_10?reply=12&thread=11 ":          "wall-1001_10_r12 11",
		"https://m.vk.ru/wall-1001_10?reply=12#reply12":     "wall-1001_10_r12",
		"https://vk.com/feed?w=wall-1001_10":                "wall-1001_10",
		"https://vk.com/abakan?w=wall-1001_10%3Freply%3D12": "wall-1001_10_r12",
		"https://vk.com/abakan?w=wall-1001_10_r12":          "wall-1001_10_r12",
		"https://vk.com/topic-1001_5?post=3":                "topic-1001_5_r3",
		"wall-1001_10_r12":                                  "wall-1001_10_r12",
		"http://fake.example:81/vk/wall-1001_10?reply=12":   "wall-1001_10_r12",
		"http://fake.example:81/ok/wall-1001_10?reply=12":   "не на ВКонтакте",
		"":                                    "Вставьте ссылку",
		"https://vk.com/abakan":               "не на запись",
		"https://vk.com/club1001":             "не на запись",
		"https://ok.ru/group/1":               "не на ВКонтакте",
		"https://vk.com.example.org/wall-1_2": "не на ВКонтакте",
		"https://user:pass@vk.com/wall-1_2":   "не адрес",
		"ftp://vk.com/wall-1_2":               "не адрес",
		"что это":                             "не адрес",
		"https://vk.com/wall-1_2?reply=x":     "не читается",
		"https://vk.com/wall-1_2?reply=-3":    "не читается",
		"https://vk.com/wall-1_2?reply=99999999999999999999999": "не читается",
		"https://vk.com/wall-99999999999999999999_1":            "не на запись",
	} {
		ref, thread, err := vk.ParseLink(link, "", "http://fake.example:81/vk/")
		got := ref.String()
		if thread != 0 {
			got += " " + strconv.FormatInt(thread, 10)
		}
		if err != nil {
			got = fault.Sentence(err)
		}
		if !strings.Contains(got, want) {
			t.Errorf("%q = %q, want %q", link, got, want)
		}
	}
}
