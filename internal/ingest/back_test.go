package ingest_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"otklik/internal/incident"
	"otklik/internal/message"
	"otklik/internal/scope"
	"otklik/internal/source"
)

// archived is a source whose past is read.
type archived struct{}

func (archived) ID() string { return "vk:-1" }
func (archived) Poll(context.Context, []byte) (source.Batch, error) {
	return source.Batch{}, nil
}

func TestOldComplaintsOpenNoCrowd(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := source.Connection{Puller: archived{}, Channel: message.VK}
	m := func(native, text string, ago time.Duration) message.Message {
		return message.Message{Source: "vk:-1", Channel: message.VK, Form: message.Comment, Native: native, Thread: "t" + native, Revision: message.HashOf(text), Event: message.Written, Text: text, PublishedAt: noon.Add(-ago)}
	}
	live := m("live", "яма у школы, живое чтение", time.Hour)
	b.take(t, live)
	edited := live
	edited.Revision, edited.Text = message.HashOf("другое"), "яма у школы, как её видит прошлое"
	list := []message.Message{edited, m("fresh", "не горит фонарь на Лесной", 71*time.Hour), m("none", "погода завтра", 80*time.Hour)}
	undated := m("undated", "нет воды с утра", 0)
	undated.PublishedAt = time.Time{}
	list = append(list, undated)
	for k := range 40 {
		list = append(list, m(fmt.Sprint("old", k), fmt.Sprintf("старая беда номер %d у дома", k), 73*time.Hour+time.Duration(k)*time.Hour))
	}
	var counted int
	sum, err := b.Back(t.Context(), c, list, func(_ incident.Tx, kept int) error { counted = kept; return nil })
	if err != nil || !sum.Holds() {
		t.Fatalf("%+v, %v", sum, err)
	}
	if sum.Read != 44 || sum.Duplicate != 1 || sum.Opened != 1 || sum.KeptWithoutIncident != 41 || sum.NotOurs != 1 || counted != 42 {
		t.Errorf("%+v, counted %d", sum, counted)
	}
	if got, err := b.db.Reader().Messages().ByNative(t.Context(), "vk:-1", "live"); err != nil || got.Text != live.Text {
		t.Errorf("the past overwrote what the live reading knows: %+v, %v", got, err)
	}
	if hours, err := b.db.Reader().Sources().Hours(t.Context(), scope.All(), "vk:-1", noon.AddDate(0, 0, -30)); err != nil || len(hours["vk:-1"]) > 1 || len(hours["vk:-1"]) == 1 && hours["vk:-1"][0].Messages != 1 {
		t.Errorf("the past counts as news of the hour: %+v, %v", hours, err)
	}
	again, err := b.Back(t.Context(), c, list[1:2], func(incident.Tx, int) error { return nil })
	if err != nil || again.Duplicate != 1 || again.Opened != 0 {
		t.Errorf("again: %+v, %v", again, err)
	}
	dup := b.take(t, m("old3", "старая беда номер 3 у дома", 76*time.Hour)) // the live reading meets it, too
	if dup.Duplicate != 1 {
		t.Errorf("the live reading takes it a second time: %+v", dup)
	}
	// What cannot be noted is not taken in either: after a kill the step is read again.
	stopped := errors.New("stopped")
	if _, err := b.Back(t.Context(), c, []message.Message{m("late", "яма на Кирова", 100*time.Hour)}, func(incident.Tx, int) error { return stopped }); !errors.Is(err, stopped) {
		t.Errorf("a step that cannot be noted: %v", err)
	}
}
