package app_test

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"otklik/internal/account"
	"otklik/internal/fault"
	"otklik/internal/lifecycle"
	"otklik/internal/scope"
	"otklik/internal/source"
)

// «Почему мы это пропустили?» over a wall as it is read: what became an incident, what is not
// ours, what came after the last reading, what was deleted before we came.
func TestWhyAMessageIsMissed(t *testing.T) {
	t.Parallel()
	c := newCentre(t)
	page := c.Config.VK[0].Page
	ask := func(link string) source.Missed {
		t.Helper()
		m, err := c.Missed(t.Context(), c.operator(), link)
		if err != nil {
			t.Fatalf("%s: %v", link, err)
		}
		return m
	}
	want := func(link, code string, says ...string) {
		t.Helper()
		m := ask(link)
		all := m.Sentence + "\n" + strings.Join(m.Evidence, "\n")
		if m.Code != code || slices.ContainsFunc(says, func(s string) bool { return !strings.Contains(all, s) }) {
			t.Errorf("%s: %s, want %s saying %q:\n%s", link, m.Code, code, says, all)
		}
	}
	post := c.vk.PostAt(0, "Доброе утро, соседи", c.now().Add(-2*time.Hour))
	quiet := c.vk.PostAt(0, "Фотографии с прогулки", c.now().Add(-2*time.Hour))
	say := func(post int64, text string) string {
		t.Helper()
		id, err := c.vk.CommentAt(post, 0, c.vk.Person("Анна"), text, c.now())
		if err != nil {
			t.Fatal(err)
		}
		return page + "wall-1001_" + strconv.FormatInt(post, 10) + "?reply=" + strconv.FormatInt(id, 10)
	}
	pit, joke := say(post, "Почините яму на улице Ленина, 5, в Абакане, машины вязнут"), say(quiet, "Ха-ха, смешно")
	want(pit, "never", "ни разу", "По нынешним правилам")
	c.clock.Add(90)
	c.poll(t)
	want(pit, "found", "в инциденте ", "прошло 1")
	if m := ask(pit); m.Incident == 0 || m.Source != "vk:-1001" || m.Number == 0 {
		t.Errorf("what was found names nothing: %+v", m)
	}
	want(joke, "ours", "ни одно правило", "Комментарии под записью читали")
	want("https://vk.com/wall-1001_"+strconv.FormatInt(post, 10), "ours", "Опубликовано")
	want("https://vk.com/wall-77_5", "unknown", "Добавьте")
	c.clock.Add(60)
	late := say(quiet, "Опоздавшие слова")
	want(late, "waiting", "Прочитаем сами", "Стену читали")
	gone, err := c.vk.CommentAt(post, 0, c.vk.Person("Пётр"), "Это сотрут", c.now())
	if err != nil {
		t.Fatal(err)
	}
	if err := c.vk.Delete(gone); err != nil {
		t.Fatal(err)
	}
	want(page+"wall-1001_"+strconv.FormatInt(post, 10)+"?reply="+strconv.FormatInt(gone, 10), "deleted", "раньше, чем мы пришли")
	if err := c.Roster.Pause(t.Context(), account.Actor{ID: c.account(lifecycle.Admin), Role: lifecycle.Admin, Scope: scope.OfRegion(khakassia)}, ask(late).Number, true); err != nil {
		t.Fatal(err)
	}
	want(late, "paused", "на паузе")
	other := account.Actor{ID: 1, Role: lifecycle.Operator, Scope: scope.OfRegion("38000000")}
	if m, err := c.Missed(context.Background(), other, pit); err != nil || m.Code != "unknown" || m.Incident != 0 {
		t.Errorf("another region is told %+v, %v", m, err)
	}
	if _, err := c.Missed(t.Context(), c.operator(), "https://vk.com/abakan"); fault.Sentence(err) == "" {
		t.Errorf("a link to a community: %v", err)
	}
	if got, err := c.Allowance(t.Context(), c.operator()); err != nil || got.Walls != 0 {
		t.Errorf("an allowance without a pool: %+v %v", got, err)
	}
}
