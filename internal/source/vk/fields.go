package vk

import (
	"encoding/json"

	"otklik/internal/fault"
	"otklik/internal/source"
)

// Fields returns what people choose for a community.
func Fields(raw json.RawMessage) []source.Field {
	var set Settings
	_ = json.Unmarshal(raw, &set) // what cannot be read is shown as nothing chosen
	yes := func(b bool) string {
		if b {
			return "yes"
		}
		return ""
	}
	return []source.Field{
		{Name: "events", Label: "Как узнаём о новом", Value: set.Events, Hint: "События приходят за секунды. Для них нужен ключ сообщества: выберите его как ключ для ответов.", Choices: []source.Choice{
			{Value: "", Name: "читаем стену"}, {Value: LongPoll, Name: "ждём событий (Long Poll)"}, {Value: Callback, Name: "ВКонтакте вызывает нас (Callback)"},
		}},
		{Name: "boards", Label: "Обсуждения", Value: yes(set.Boards), Choices: []source.Choice{{Value: "", Name: "не читаем"}, {Value: "yes", Name: "читаем"}}},
		{Name: "talks", Label: "Личные сообщения сообществу", Value: yes(set.Talks), Hint: "По ключу сообщества; с событиями они приходят сами.", Choices: []source.Choice{{Value: "", Name: "не читаем"}, {Value: "yes", Name: "читаем"}}},
	}
}

// Set returns the settings with what people chose.
func Set(raw json.RawMessage, values map[string]string) (json.RawMessage, error) {
	var set Settings
	if err := json.Unmarshal(raw, &set); err != nil {
		return nil, fault.New(fault.Invalid, "vk: settings: %w", err).Say("Настройки сообщества записаны с ошибкой.")
	}
	for name, at := range map[string]*bool{"boards": &set.Boards, "talks": &set.Talks} {
		if v, ok := values[name]; ok {
			*at = v == "yes"
		}
	}
	if v, ok := values["events"]; ok {
		set.Events = v
	}
	return json.Marshal(set)
}
