package page

import (
	"context"
	"fmt"
	"strings"

	"otklik/internal/source"
)

// Survey implements source.Surveyor: what the recipe finds at its address, and what it misses.
func (b *Board) Survey(ctx context.Context) (*source.Survey, error) {
	t, err := Try(ctx, b.Web, b.Recipe, b.URL, b.now())
	if err != nil {
		return nil, err
	}
	out := &source.Survey{Wrong: t.Wrong}
	say := func(format string, args ...any) { out.Found = append(out.Found, fmt.Sprintf(format, args...)) }
	if t.Threads != nil {
		say("Тем в списке: %d. Первые: %s", t.Threads.Count, strings.Join(t.Threads.First, " | "))
	}
	if t.More != "" {
		say("У списка есть следующая страница: %s", t.More)
	}
	if t.Page != "" {
		say("Прочитана тема: %s. Сообщений на странице: %d", t.Page, t.Posts)
	}
	names := map[string]string{}
	for _, f := range asked {
		names[f.Name] = f.Label
	}
	for _, f := range t.Fields {
		said := fmt.Sprintf("%s: у %d из %d", names[f.Field], f.Count, t.Posts)
		if len(f.First) > 0 {
			said += ", первое: " + f.First[0]
		}
		out.Found = append(out.Found, said)
	}
	if t.Next != "" {
		say("У темы есть следующая страница: %s", t.Next)
	}
	return out, nil
}
