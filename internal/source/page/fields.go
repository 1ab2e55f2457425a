package page

import (
	"encoding/json"
	"fmt"
	"strings"

	"otklik/internal/fault"
	"otklik/internal/source"
)

// asked are the fields of a recipe that people fill in, in their order: where they stand in
// the recipe, and what they are called.
var asked = []source.Field{
	{Name: "posts.post", Label: "Сообщение: селектор блока", Hint: "div.post"},
	{Name: "posts.text", Label: "Текст в нём", Hint: ".text"},
	{Name: "posts.author", Label: "Автор", Hint: ".author"},
	{Name: "posts.author_id", Label: "Ссылка на автора", Hint: ".author@href"},
	{Name: "posts.date", Label: "Дата", Hint: ".date"},
	{Name: "posts.id", Label: "Номер сообщения", Hint: "@id"},
	{Name: "posts.link", Label: "Ссылка на сообщение", Hint: "a.self"},
	{Name: "posts.parent", Label: "На что отвечает", Hint: "a.answers@href"},
	{Name: "posts.omit", Label: "Не брать (цитаты), через точку с запятой", Hint: ".quote; .signature"},
	{Name: "posts.next", Label: "Следующая страница темы", Hint: "a.next"},
	{Name: "posts.last", Label: "Последняя страница темы", Hint: "a.last"},
	{Name: "threads.row", Label: "Список тем: строка", Hint: "пусто, если это одна тема"},
	{Name: "threads.link", Label: "Ссылка на тему в строке", Hint: "a.title"},
	{Name: "threads.mark", Label: "Что меняется, когда в теме пишут", Hint: ".last"},
	{Name: "threads.next", Label: "Следующая страница списка", Hint: "a.older"},
	{Name: "dates", Label: "Вид даты, если она читается неверно", Hint: "ДД.ММ.ГГГГ, чч:мм"},
	{Name: "zone", Label: "Часовой пояс сайта", Hint: "Asia/Krasnoyarsk; пусто — московский"},
	{Name: "encoding", Label: "Кодировка, если сайт говорит неверно", Hint: "windows-1251"},
}

// omitted parts the selectors of posts.omit in a form.
const omitted = "; "

// Fields returns the recipe as a form.
func Fields(raw json.RawMessage) []source.Field {
	var set struct {
		URL    string         `json:"url"`
		Recipe map[string]any `json:"recipe"`
	}
	_ = json.Unmarshal(raw, &set) // what cannot be read is shown as nothing written
	out := []source.Field{{Name: "url", Label: "Адрес списка тем или темы", Value: set.URL, Hint: "https://forum.example/viewforum.php?f=1"}}
	for _, f := range asked {
		part, name := placeOf(set.Recipe, f.Name)
		f.Value = written(part[name])
		out = append(out, f)
	}
	return out
}

// Set returns the settings with what people wrote. What the form does not ask stays.
func Set(raw json.RawMessage, values map[string]string) (json.RawMessage, error) {
	set := map[string]any{}
	if len(raw) > 0 {
		if err := json.Unmarshal(raw, &set); err != nil {
			return nil, fault.New(fault.Invalid, "page: settings: %w", err).Say("Настройки форума записаны с ошибкой.")
		}
	}
	if v, ok := values["url"]; ok {
		set["url"] = strings.TrimSpace(v)
	}
	recipe, _ := set["recipe"].(map[string]any)
	if recipe == nil {
		recipe = map[string]any{}
	}
	for _, f := range asked {
		v, ok := values[f.Name]
		if !ok {
			continue
		}
		part, name := placeOf(recipe, f.Name)
		switch v = strings.TrimSpace(v); {
		case v == "" && part != nil:
			delete(part, name)
		case v == "":
		default:
			if head, _, nested := strings.Cut(f.Name, "."); nested && part == nil {
				part = map[string]any{}
				recipe[head] = part
			}
			value, err := understood(f, v)
			if err != nil {
				return nil, err
			}
			part[name] = value
		}
	}
	for _, head := range []string{"threads", "posts"} {
		if part, ok := recipe[head].(map[string]any); ok && len(part) == 0 {
			delete(recipe, head)
		}
	}
	set["recipe"] = recipe
	text, err := json.Marshal(recipe)
	if err != nil {
		return nil, err
	}
	if _, err := ParseRecipe(text); err != nil {
		return nil, err
	}
	return json.Marshal(set)
}

// placeOf returns the object of a recipe in which a field stands, nil where there is none yet.
func placeOf(recipe map[string]any, path string) (part map[string]any, name string) {
	head, name, nested := strings.Cut(path, ".")
	if !nested {
		return recipe, head
	}
	part, _ = recipe[head].(map[string]any)
	return part, name
}

// written shows a value of the recipe in one line.
func written(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case []any:
		parts := make([]string, len(v))
		for k := range v {
			parts[k] = written(v[k])
		}
		return strings.Join(parts, omitted)
	}
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(b)
}

// understood reads what written shows: an object is JSON.
func understood(f source.Field, text string) (any, error) {
	if f.Name != "posts.omit" && strings.HasPrefix(text, "{") {
		var v map[string]any
		if err := json.Unmarshal([]byte(text), &v); err != nil {
			return nil, fault.New(fault.Invalid, "recipe: %s is no JSON: %w", f.Name, err).At(f.Name).
				Say("«" + f.Label + "»: то, что начинается с фигурной скобки, должно быть записано как {\"find\": \"селектор\", \"match\": \"выражение\"}.")
		}
		return v, nil
	}
	if f.Name != "posts.omit" {
		return text, nil
	}
	var list []any
	for part := range strings.SplitSeq(text, strings.TrimSpace(omitted)) {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		v, err := understood(source.Field{Name: "posts.omit.", Label: f.Label}, part)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	return list, nil
}
