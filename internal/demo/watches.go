package demo

import (
	"time"

	"otklik/internal/app"
	"otklik/internal/scope"
	"otklik/internal/standing"
)

// watches are the standing queries that the demo's analyst and curator have
// saved before its history begins, so that their hits are those of the history.
var watches = []standing.Query{
	{Name: "Дороги", Text: `яма | выбоина | колея | "разбитая дорога"~3 | асфальт & (провал* | разруш*)`, On: true, Note: "Ямы и разбитый асфальт; из него собраны другие правила",
		Examples: []standing.Example{{Text: "На въезде в посёлок яма на яме", Must: true}, {Text: "после зимы асфальт разрушился", Must: true}, {Text: "Спасибо, дорогу посыпали песком"}}},
	{Name: "Разбитые дороги и машины", Text: `@дороги & (машина | колесо | авария | объезд | обочина)`, On: true, Note: "Куратор смотрит каждое утро",
		Examples: []standing.Example{{Text: "Яма у школы, машины вылетают на встречку", Must: true}, {Text: "Яма во дворе"}}},
	{Name: "Вода", Text: `"нет воды"~3 | "ржавая вода"~2 | "слабый напор"~2 | прорвать & труба`, On: true,
		Examples: []standing.Example{{Text: "С утра нет холодной воды", Must: true}, {Text: "Из крана идёт ржавая вода", Must: true}, {Text: "Купили фильтр для воды"}}},
	{Name: "Снег и лёд", Text: `снег | сугроб | гололёд | наледь`, On: true, Note: "На время зимы",
		Examples: []standing.Example{{Text: "На остановке сплошная наледь", Must: true}, {Text: "Автобус ушёл раньше времени"}}},
	{Name: "Абакан без света", Text: `фонарь | освещение | темно & (двор | улица)`, On: true, Territories: []string{"95701000"}, Unplaced: true,
		Examples: []standing.Example{{Text: "Во дворе темно, хоть глаз выколи", Must: true}, {Text: "Тёмное пиво в наличии"}}},
	{Name: "Паводок", Text: `паводок | подтопление | "вода поднялась"~3`, Note: "Включим в апреле",
		Examples: []standing.Example{{Text: "Вода поднялась к огородам", Must: true}}},
}

// listen saves the queries and puts them in force for the history.
func (h *history) listen(a *app.App) error {
	for k := range watches {
		q := watches[k]
		who := h.actor("analyst")
		if q.Name == "Снег и лёд" {
			who = h.actor("curator")
		}
		q.Owner, q.ChangedBy, q.ChangedAt, q.Place = who.ID, who.ID, h.clock.Add(time.Duration(k)*7*time.Minute).UTC(), scope.Place{Region: Region}
		whole := q.Text
		if q.Name == "Дороги" { // as it was at first
			q.Text, q.Note = "яма | выбоина", ""
		}
		if err := h.tx.Standing().SaveQuery(h.ctx, &q); err != nil {
			return err
		}
		if q.Text == whole {
			continue
		}
		q.Text, q.Note, q.ChangedAt = whole, watches[k].Note, q.ChangedAt.Add(4*time.Hour)
		if err := h.tx.Standing().SaveQuery(h.ctx, &q); err != nil {
			return err
		}
	}
	list, err := h.tx.Standing().Queries(h.ctx, scope.All())
	if err != nil {
		return err
	}
	a.Lookout.Adopt(list)
	return nil
}
