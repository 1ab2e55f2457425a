package ingest_test

import (
	"testing"

	"otklik/internal/message"
	"otklik/internal/scope"
)

func TestLinksToOtherCommunitiesAreCountedWithoutWords(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	public := func(url string) func(*message.Message) { return func(m *message.Message) { m.URL = url } }
	first := msg("1", "яма, писали в vk.com/abakan_live и https://vk.com/abakan_live/", public("https://vk.example/wall-1_1"))
	b.take(t, first,
		msg("2", "погода хорошая, фото в t.me/abakan_foto", public("javascript:alert(1)")), // concerns nobody
		msg("3", "нет воды, см. vk.com/abakan_live", func(m *message.Message) { m.Form = message.Direct }),
		msg("4", "ответили в vk.com/abakan_live", func(m *message.Message) { m.Own = true }))
	b.take(t, first) // once more
	list, err := b.db.Reader().Sources().Mentioned(t.Context(), scope.All(), 1, 10)
	if err != nil || len(list) != 2 {
		t.Fatalf("%+v, %v", list, err)
	}
	for _, m := range list {
		switch m.Link {
		case "https://vk.com/abakan_live":
			if m.Count != 1 || m.Example != "https://vk.example/wall-1_1" {
				t.Errorf("%+v", m)
			}
		case "https://t.me/abakan_foto":
			if m.Count != 1 || m.Example != "" {
				t.Errorf("%+v", m)
			}
		default:
			t.Errorf("%+v", m)
		}
	}
}
