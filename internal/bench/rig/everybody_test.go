package rig_test

import (
	"net/http"
	"strings"
	"testing"

	"otklik/internal/incident"
)

// TestOneReplyReachesEverybodyWithTheirOwnWords goes the whole way through the real process:
// people write, the incident becomes mass, two more are joined to it, one reply goes to all,
// is paused and resumed, and in each thread stands the reply with the number that its author
// was told and the place that the author named.
func TestOneReplyReachesEverybodyWithTheirOwnWords(t *testing.T) {
	t.Parallel()
	f := newFanoutRig(t, seed(t), "", 24,
		"На улице Пушкина, дом 40, в Абакане третий день нет света, диспетчер не отвечает",
		"На улице Щетинкина, дом 7, в Абакане третий день нет света, диспетчер не отвечает")
	f.quiet(true)
	f.start(t)
	type seen struct {
		Number string
		State  string
	}
	var first, second, third seen
	for path, to := range map[string]*seen{"/incidents/1": &first, "/incidents/2": &second, "/incidents/3": &third} {
		f.ask(t, http.MethodGet, path, nil, to)
	}
	if code := f.ask(t, http.MethodPost, "/incidents/1/actions/merge", map[string]any{"others": []int{2, 3}}, nil); code != http.StatusOK {
		t.Fatalf("merge: %d", code)
	}
	const text = "Аварию по адресу {{адрес}} устраняют до {{срок}}. Обращение {{номер}}."
	if code := f.ask(t, http.MethodPost, "/incidents/1/fanouts", map[string]any{"text": text, "due": "24 ноября", "override_reason": "авария одна на всех"}, nil); code != http.StatusOK {
		t.Fatalf("the fan-out began with %d", code)
	}
	f.pauseOverAKill(t)
	await(t, "everybody has the reply", func() bool { return f.over(t) })
	var texts []string
	for _, post := range f.wall.Posts() {
		texts = append(texts, f.wall.Wrote(post)...)
	}
	count := func(house, number string) (n int) {
		for _, s := range texts {
			if strings.Contains(s, house) && strings.Contains(s, incident.Spoken(number)) && strings.Contains(s, "24 ноября") && !strings.Contains(s, "{{") {
				n++
			}
		}
		return n
	}
	if got := [3]int{count("Пушкина, 12", first.Number), count("Пушкина, 40", second.Number), count("Щетинкина, 7", third.Number)}; got != [3]int{12, 1, 1} || len(texts) != 14 {
		t.Errorf("on the wall stand %v of %d replies with their own words, want 12, 1 and 1:\n%s", got, len(texts), strings.Join(texts, "\n"))
	}
	f.judge(t, 1, 26)
	if err := f.service.Stop(); err != nil {
		t.Error(err)
	}
}
